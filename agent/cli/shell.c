#include "shell.h"

#include <stdio.h>
#include <string.h>

#include "cli.h"

#define WORDS_MAX   32
#define COMMAND_MAX 4096

bool shell_called(const char *name)
{
	const char *slash = strrchr(name, '/');

	name = slash != NULL ? slash + 1 : name;
	return strcmp(name, "piled-shell") == 0 || strcmp(name, "-piled-shell") == 0;
}

/* Splits in place at blanks; quotes hold words together, nothing else has a meaning. The number of
 * words, or -1: an open quote, too many. */
static int split(char *line, char **words)
{
	char *to = line;
	int n = 0;

	for (;;) {
		char quote = '\0';

		line += strspn(line, " \t");
		if (*line == '\0') {
			words[n] = NULL;
			return n;
		}
		if (n == WORDS_MAX) {
			return -1;
		}
		words[n++] = to;
		for (; *line != '\0' && (quote != '\0' || strchr(" \t", *line) == NULL); line++) {
			if (*line == quote) {
				quote = '\0';
			} else if (quote == '\0' && (*line == '\'' || *line == '"')) {
				quote = *line;
			} else {
				*to++ = *line;
			}
		}
		if (quote != '\0') {
			return -1;
		}
		line += *line != '\0';
		*to++ = '\0';
	}
}

/* This program, under whatever path. */
static bool is_piled(const char *word)
{
	const char *slash = strrchr(word, '/');

	return strcmp(slash != NULL ? slash + 1 : word, "piled") == 0;
}

int shell_main(int argc, char **argv)
{
	char line[COMMAND_MAX], *words[WORDS_MAX + 1];
	int count = -1;

	if (argc == 3 && strcmp(argv[1], "-c") == 0 && strlen(argv[2]) < sizeof line) {
		memcpy(line, argv[2], strlen(argv[2]) + 1);
		count = split(line, words);
	}
	if (count < 2 || !is_piled(words[0])) {
		fprintf(stderr,
			"piled-shell: this account may only talk to the agent: piled attach, piled "
			"guns ...\n");
		return CLI_FAILED;
	}
	return cli_main_confined(count, words);
}
