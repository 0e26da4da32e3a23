#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "commands.h"
#include "config.h"
#include "daemon.h"

#define CONFIG_DEFAULT "/etc/piled/piled.yaml"

static const char *config_path(const struct cli *cli)
{
	const char *path = cli_option(cli, "config");

	return path != NULL ? path : CONFIG_DEFAULT;
}

int cmd_run(struct cli *cli)
{
	struct daemon_cfg cfg = {.config = config_path(cli),
		.data = cli_option(cli, "data"),
		.socket = cli_option(cli, "socket"),
		.verbose = cli_option(cli, "verbose") != NULL};
	int rc = daemon_run(&cfg);

	/* A wrong configuration does not mend itself: the unit file does not restart on 2. */
	if (rc == ERR_SYNTAX || rc == ERR_NOTFOUND) {
		return CLI_USAGE;
	}
	return rc == 0 ? CLI_OK : CLI_FAILED;
}

static void print_remark(void *arg, const char *line)
{
	(void)arg;
	fprintf(stderr, "%s\n", line);
}

int cmd_check(struct cli *cli)
{
	struct yaml_errors errors = {0};
	struct config *config = NULL;
	int rc = config_load(config_path(cli), NULL, &errors, &config);

	for (size_t i = 0; i < errors.kept; i++) {
		fprintf(stderr, "%s\n", errors.lines[i]);
	}
	if (rc != 0) {
		cli_fail(cli, CLI_FAILED, _("%s: %zu errors"), config_path(cli), errors.count);
	} else if (cli_option(cli, "print") != NULL) {
		config_print(config, stdout);
	} else {
		config_remarks(config, print_remark, NULL);
		printf(_("%s: good: %zu guns, %zu piles, %zu meters, %zu buses\n"),
			config_path(cli), config->gun_count, config->pile_count,
			config->meter_count, config->bus_count);
	}
	yaml_errors_free(&errors);
	config_free(config);
	return rc == 0 ? CLI_OK : CLI_FAILED;
}

/* ---- attach ---- */

static int write_all(int fd, const char *bytes, size_t size)
{
	while (size > 0) {
		ssize_t n = write(fd, bytes, size);

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			return ERR_CLOSED;
		}
		bytes += n;
		size -= (size_t)n;
	}
	return 0;
}

/* Passes on what can be read; 1 when `from` has ended. */
static int pass(int from, int to)
{
	char buf[16384];
	ssize_t n = read(from, buf, sizeof buf);

	if (n < 0) {
		return errno == EINTR ? 0 : ERR_CLOSED;
	}
	return n == 0 ? 1 : write_all(to, buf, (size_t)n);
}

/* Until either side ends. What the agent still has to say after our input ended is passed on. */
static int bridge(int fd)
{
	struct pollfd p[2] = {{STDIN_FILENO, POLLIN, 0}, {fd, POLLIN, 0}};
	int rc = 0;

	while (rc == 0) {
		if (poll(p, 2, -1) < 0) {
			rc = errno == EINTR ? 0 : ERR_IO;
			continue;
		}
		if (p[1].revents != 0) {
			rc = pass(fd, STDOUT_FILENO);
		}
		if (rc == 0 && p[0].revents != 0) {
			rc = pass(STDIN_FILENO, fd);
			if (rc == 1) {
				shutdown(fd, SHUT_WR);
				p[0].fd = -1;
				rc = 0;
			}
		}
	}
	return rc == 1 ? 0 : rc;
}

int cmd_attach(struct cli *cli)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd, rc;

	if (strlen(cli->socket) >= sizeof address.sun_path) {
		return cli_fail(cli, CLI_USAGE, "%s: %s", cli->socket, _(err_text(ERR_TOOLONG)));
	}
	memcpy(address.sun_path, cli->socket, strlen(cli->socket));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
		rc = cli_fail(cli, CLI_UNREACHABLE, _("no agent at %s: %s"), cli->socket,
			strerror(errno));
	} else {
		rc = bridge(fd) == 0 ? CLI_OK : CLI_UNREACHABLE;
	}
	if (fd >= 0) {
		close(fd);
	}
	return rc;
}
