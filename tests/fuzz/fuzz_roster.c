/* sites.conf and the words of the command line: the first line is the words, the rest is the file.
 * Any bytes give sites that can be shown and connected to, or an error. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "roster.h"
#include "ssh_address.h"
#include "text.h"

#define WORDS_MAX 8

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Errors are many and of no interest; the fuzzer has its own stream. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	stderr = fopen("/dev/null", "w");
	return stderr == NULL;
}

static void check(const struct station_cfg *s)
{
	struct ssh_address address;
	char clean[sizeof s->name];

	text_clean(clean, sizeof clean, s->name);
	if (strcmp(clean, s->name) != 0 || s->address[0] == '\0') {
		abort();
	}
	if (s->ssh && (ssh_address_read(s->address, &address) != 0 || address.host[0] == '-' ||
			      address.host[0] == '\0' || address.user[0] == '-')) {
		abort();
	}
}

static void read_sites(char *const *words, size_t count, const char *conf)
{
	struct roster roster;

	if (roster_read(words, count, "/run/piled/piled.sock", conf, &roster) == 0) {
		if (roster.count > ROSTER_MAX) {
			abort();
		}
		for (size_t i = 0; i < roster.count; i++) {
			check(&roster.list[i]);
		}
		roster_free(&roster);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = size == 0 ? NULL : memchr(data, '\n', size);
	char line[512] = "", path[64], *words[WORDS_MAX], all[] = "all", *one = all, *rest = line;
	size_t count = 0;
	int fd;

	if (end == NULL || (size_t)(end - data) >= sizeof line) {
		return 0;
	}
	memcpy(line, data, (size_t)(end - data));
	while (count < WORDS_MAX && rest != NULL) {
		words[count++] = strsep(&rest, " ");
	}
	fd = memfd_create("sites.conf", 0);
	if (fd < 0) {
		return 0;
	}
	if (write(fd, end + 1, size - (size_t)(end + 1 - data)) >= 0) {
		snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
		read_sites(words, count, path);
		read_sites(&one, 1, path);
	}
	close(fd);
	return 0;
}
