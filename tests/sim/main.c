/*
 * pilesim: a simulated charging site. See pilesim(1).
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "i18n.h"
#include "live.h"
#include "simfault.h"
#include "simopt.h"
#include "simrun.h"
#include "text.h"
#include "version.h"

static int complain(const char *text)
{
	fprintf(stderr, "pilesim: %s\n", text);
	return SIMRUN_USAGE;
}

static void default_dir(char *dir, size_t size)
{
	const char *own = getenv("PILESIM_DIR");
	const char *state = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME");

	if (own && *own) {
		snprintf(dir, size, "%s", own);
	} else if (state && *state) {
		snprintf(dir, size, "%s/piled/demo/sim", state);
	} else {
		snprintf(dir, size, "%s/.local/state/piled/demo/sim", home ? home : "");
	}
}

/* Sends a command to the running site and prints its reply. */
static int tell(int argc, const char *const *argv, const char *dir)
{
	char path[256], line[1024], reply[4096];
	size_t used = 0;
	bool first = true, failed = true;
	ssize_t got;
	int fd;

	snprintf(path, sizeof path, "%.230s/pilesim.sock", dir);
	for (int i = 0; i < argc; i++) {
		if (strpbrk(argv[i], "\t\n") ||
			text_append(line, sizeof line, &used, "%s%s", i ? "\t" : "", argv[i]) < 0) {
			return complain("the command is too long");
		}
	}
	if (text_append(line, sizeof line, &used, "\n") < 0) {
		return complain("the command is too long");
	}
	fd = control_connect(path);
	if (fd < 0) {
		fprintf(stderr, "pilesim: no site runs in %s; see pilesim run, --dir\n", dir);
		return EXIT_FAILURE;
	}
	if (write(fd, line, used) != (ssize_t)used) {
		close(fd);
		return complain("the running site does not take the command");
	}
	while ((got = read(fd, reply, sizeof reply)) > 0) {
		size_t from = 0;

		if (first) {
			failed = got < 3 || memcmp(reply, "ok\n", 3) != 0;
			from = failed ? (got > 6 ? 6 : 0) : 3;
			fputs(failed ? "pilesim: " : "", stderr);
			first = false;
		}
		fwrite(reply + from, 1, (size_t)got - from, failed ? stderr : stdout);
	}
	close(fd);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	const char *const *args = (const char *const *)argv;
	struct simopts o;
	char dir[256], why[200];

	i18n_init("en");
	if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0 ||
				strcmp(argv[argc - 1], "--help") == 0)) {
		simopt_help(stdout);
		return EXIT_SUCCESS;
	}
	if (argc > 1 && strcmp(argv[1], "--version") == 0) {
		puts("pilesim " PILED_VERSION);
		return EXIT_SUCCESS;
	}
	if (simopt_parse(argc - 1, args + 1, &o, why, sizeof why) < 0) {
		return complain(why);
	}
	default_dir(dir, sizeof dir);
	if (o.command == SC_FAULT && o.value[SO_LIST]) {
		sim_fault_list(stdout);
		return EXIT_SUCCESS;
	}
	if (o.command == SC_RUN) {
		return simrun(&o, o.value[SO_DIR] ? o.value[SO_DIR] : dir);
	}
	return tell(argc - 1, args + 1, o.value[SO_DIR] ? o.value[SO_DIR] : dir);
}
