#include <stdbool.h>
#include <string.h>

#include "err.h"
#include "simopt.h"
#include "text.h"

static const struct {
	const char *name, *args;
	size_t least, most;
	const char *help;
} COMMANDS[] = {
#define SIMCMD(sym, name, args, least, most, help) {name, args, least, most, help},
#include "simcmd.def"
#undef SIMCMD
};

static const struct {
	const char *name, *arg, *command, *help;
} OPTIONS[] = {
#define SIMOPT(sym, name, arg, command, help) {name, arg, command, help},
#include "simopt.def"
#undef SIMOPT
};

static int find_command(const char *name)
{
	for (int i = 0; i < SC_COUNT_; i++) {
		if (strcmp(COMMANDS[i].name, name) == 0) {
			return i;
		}
	}
	return -1;
}

static int find_option(const char *command, const char *name, size_t length)
{
	for (int i = 0; i < SO_COUNT_; i++) {
		bool here = !OPTIONS[i].command || strcmp(OPTIONS[i].command, command) == 0;

		if (here && strlen(OPTIONS[i].name) == length &&
			strncmp(OPTIONS[i].name, name, length) == 0) {
			return i;
		}
	}
	return -1;
}

/* Takes the option at argv[*i]: "--name", "--name value" or "--name=value". */
static int take_option(
	int argc, const char *const *argv, int *i, struct simopts *out, char *why, size_t size)
{
	const char *command = COMMANDS[out->command].name;
	const char *name = argv[*i] + 2;
	const char *equals = strchr(name, '=');
	size_t length = equals ? (size_t)(equals - name) : strlen(name);
	int option = find_option(command, name, length);

	if (option < 0) {
		snprintf(why, size, "%s: no option %.60s; see pilesim --help", command, argv[*i]);
		return ERR_SYNTAX;
	}
	if (!OPTIONS[option].arg) {
		if (equals) {
			snprintf(why, size, "%s: --%s takes no value", command,
				OPTIONS[option].name);
			return ERR_SYNTAX;
		}
		out->value[option] = "";
		return 0;
	}
	if (!equals && *i + 1 >= argc) {
		snprintf(why, size, "%s: --%s needs a value, %s", command, OPTIONS[option].name,
			OPTIONS[option].arg);
		return ERR_SYNTAX;
	}
	out->value[option] = equals ? equals + 1 : argv[++*i];
	return 0;
}

int simopt_parse(int argc, const char *const *argv, struct simopts *out, char *why, size_t size)
{
	const char *names[SC_COUNT_ + 1] = {NULL};
	int command = argc > 0 ? find_command(argv[0]) : -1;

	*out = (struct simopts){0};
	if (argc < 1) {
		snprintf(why, size, "a command is needed; see pilesim --help");
		return ERR_SYNTAX;
	}
	if (command < 0) {
		for (int i = 0; i < SC_COUNT_; i++) {
			names[i] = COMMANDS[i].name;
		}
		const char *near = text_nearest(argv[0], names);

		snprintf(why, size, "no command \"%.40s\"%s%s%s; see pilesim --help", argv[0],
			near ? ", did you mean \"" : "", near ? near : "", near ? "\"?" : "");
		return ERR_SYNTAX;
	}
	out->command = (enum simcmd)command;
	for (int i = 1; i < argc; i++) {
		if (strncmp(argv[i], "--", 2) == 0) {
			int err = take_option(argc, argv, &i, out, why, size);

			if (err) {
				return err;
			}
		} else if (out->count < COMMANDS[command].most) {
			out->words[out->count++] = argv[i];
		} else {
			snprintf(why, size, "%s: \"%.60s\" is too much", argv[0], argv[i]);
			return ERR_SYNTAX;
		}
	}
	if (out->count < COMMANDS[command].least) {
		snprintf(why, size, "%s needs %s", argv[0], COMMANDS[command].args);
		return ERR_SYNTAX;
	}
	return 0;
}

/* Prints text in lines of at most 96 columns, indented. */
static void wrap(FILE *to, const char *text, size_t indent)
{
	size_t column = indent;

	while (*text) {
		size_t word = strcspn(text, " ");

		if (column > indent && column + 1 + word > 96) {
			fprintf(to, "\n%*s", (int)indent, "");
			column = indent;
		} else if (column > indent) {
			fputc(' ', to);
			column++;
		}
		fwrite(text, 1, word, to);
		column += word;
		text += word;
		text += strspn(text, " ");
	}
	fputc('\n', to);
}

static void print_options(FILE *to, const char *command)
{
	for (int i = 0; i < SO_COUNT_; i++) {
		bool here = command ? OPTIONS[i].command && strcmp(OPTIONS[i].command, command) == 0
				    : !OPTIONS[i].command;
		char head[40];

		if (here) {
			snprintf(head, sizeof head, "--%s %s", OPTIONS[i].name,
				OPTIONS[i].arg ? OPTIONS[i].arg : "");
			fprintf(to, "      %-20s ", head);
			wrap(to, OPTIONS[i].help, 27);
		}
	}
}

void simopt_help(FILE *to)
{
	fputs("pilesim: a simulated charging site that speaks Modbus\n\n", to);
	fputs("usage: pilesim COMMAND [OPTIONS]\n       pilesim --help | --version\n\n", to);
	for (int i = 0; i < SC_COUNT_; i++) {
		char head[48];

		snprintf(head, sizeof head, "%s %s", COMMANDS[i].name, COMMANDS[i].args);
		fprintf(to, "  %-30s %s\n", head, COMMANDS[i].help);
		print_options(to, COMMANDS[i].name);
	}
	fputs("\nevery command:\n", to);
	print_options(to, NULL);
}
