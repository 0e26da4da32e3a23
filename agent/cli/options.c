/* From words to a subcommand: its options and arguments, its connection, its complaints. */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "cli.h"
#include "guard.h"
#include "phrase.h"
#include "remote.h"
#include "text.h"

#define SAID_MAX    512
#define LETTER_BASE 1000 /* getopt's value of option i is LETTER_BASE + i */

/* ---- The table ---- */

const struct cli_command *cli_find(const char *first, const char *second, int *words)
{
	char two[64];

	if (second != NULL) {
		snprintf(two, sizeof two, "%s %s", first, second);
		for (const struct cli_command *c = cli_commands; c->name != NULL; c++) {
			if (strcmp(c->name, two) == 0) {
				*words = 2;
				return c;
			}
		}
	}
	for (const struct cli_command *c = cli_commands; c->name != NULL; c++) {
		if (strcmp(c->name, first) == 0) {
			*words = 1;
			return c;
		}
	}
	return NULL;
}

static size_t globals_count(void)
{
	size_t n = 0;

	while (cli_globals[n].name != NULL) {
		n++;
	}
	return n;
}

/* Option i of a command: the global ones come first. NULL past the end. */
static const struct cli_option *option_at(const struct cli_command *command, size_t i)
{
	size_t globals = globals_count();
	const struct cli_option *o;

	if (i < globals) {
		return &cli_globals[i];
	}
	if (command == NULL || command->options == NULL) {
		return NULL;
	}
	o = command->options;
	for (i -= globals; i > 0 && o->name != NULL; i--) {
		o++;
	}
	return o->name == NULL ? NULL : o;
}

const struct cli_option *cli_option_at(const struct cli_command *command, int i)
{
	return option_at(command, (size_t)i);
}

const char *cli_option(const struct cli *cli, const char *name)
{
	const struct cli_option *o;

	for (size_t i = 0; (o = option_at(cli->command, i)) != NULL; i++) {
		if (strcmp(o->name, name) == 0) {
			return cli->values[i];
		}
	}
	return NULL;
}

const char *cli_option_nth(const struct cli *cli, const char *name, int n)
{
	for (int i = 0; i < cli->given_count; i++) {
		const struct cli_option *o = option_at(cli->command, (size_t)cli->given[i].option);

		if (strcmp(o->name, name) == 0 && n-- == 0) {
			return cli->given[i].value;
		}
	}
	return NULL;
}

int cli_option_int(const struct cli *cli, const char *name, int64_t min, int64_t max,
	int64_t fallback, int64_t *out)
{
	const char *text = cli_option(cli, name);

	if (text == NULL) {
		*out = fallback;
		return 0;
	}
	if (text_int(text, min, max, out) != 0) {
		return cli_fail(cli, CLI_USAGE, _("--%s: \"%s\" is not a number from %lld to %lld"),
			name, text, (long long)min, (long long)max);
	}
	return 0;
}

/* ---- Complaints ---- */

int cli_fail(const struct cli *cli, int code, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "piled%s%s: ", cli->command == NULL ? "" : " ",
		cli->command == NULL ? "" : cli->command->name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return code;
}

static int exit_of(int err)
{
	switch (err) {
	case ERR_CLOSED:
	case ERR_TIMEOUT:
		return CLI_UNREACHABLE;
	case ERR_EXPIRED:
		return CLI_TIMEOUT;
	case ERR_INVAL:
		return CLI_USAGE;
	default:
		return CLI_FAILED;
	}
}

static const char *text_of(const cJSON *object, const char *key)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(object, key);

	return cJSON_IsString(v) ? v->valuestring : "?";
}

/* What is missing, and how to get it. */
static int fail_denied(const struct cli *cli, const cJSON *data, const char *role)
{
	int rc = cli_fail(cli, CLI_FAILED, _("%s: it needs the role %s, yours is %s"),
		_(err_text(ERR_DENIED)), role, text_of(data, "have"));

	fprintf(stderr, _("An administrator gives it: adduser %s %s; then log in again.\n"),
		text_of(data, "person"), text_of(data, "group"));
	return rc;
}

int cli_fail_call(const struct cli *cli, int err)
{
	const char *message = link_error(cli->link);
	const cJSON *data = link_error_data(cli->link);
	const cJSON *role = cJSON_GetObjectItemCaseSensitive(data, "role");
	const cJSON *line;
	char said[SAID_MAX];

	cJSON_ArrayForEach(line, cJSON_GetObjectItemCaseSensitive(data, "errors"))
	{
		if (cJSON_IsString(line)) {
			fprintf(stderr, "%s\n", line->valuestring);
		}
	}
	if (cJSON_IsString(role)) {
		return fail_denied(cli, data, role->valuestring);
	}
	if (err == ERR_NOTFOUND && cli->arg_count > 0 &&
		(message == NULL || strcmp(message, err_text(err)) == 0)) {
		return cli_fail(cli, CLI_FAILED, "%s: %s", cli->args[0], _(err_text(err)));
	}
	phrase_say(said, sizeof said, _(message != NULL ? message : err_text(err)));
	/* What the agent itself answered is its refusal, not a broken link. */
	return cli_fail(cli,
		message != NULL && exit_of(err) == CLI_UNREACHABLE ? CLI_FAILED : exit_of(err),
		"%s", said);
}

/* ---- Parsing ---- */

/* The commands of a group like `profile`; false where the word begins none. */
static bool list_group(const char *word)
{
	size_t len = strlen(word);
	bool any = false;

	for (const struct cli_command *c = cli_commands; c->name != NULL; c++) {
		if (strncmp(c->name, word, len) == 0 && c->name[len] == ' ') {
			fprintf(stderr, "%s piled %s%s%s\n", any ? "      " : _("usage:"), c->name,
				c->args[0] != '\0' ? " " : "", c->args);
			any = true;
		}
	}
	return any;
}

static int unknown_command(const char *word)
{
	const char *names[64] = {NULL};
	size_t n = 0;
	const char *near;

	if (list_group(word)) {
		return CLI_USAGE;
	}
	for (const struct cli_command *c = cli_commands; c->name != NULL && n < 63; c++) {
		names[n++] = c->name;
	}
	near = text_nearest(word, names);
	fprintf(stderr, _("piled: no command \"%s\""), word);
	if (near != NULL) {
		fprintf(stderr, _("; did you mean \"%s\"?"), near);
	}
	fprintf(stderr, "\n%s\n", _("`piled help` lists the commands."));
	return CLI_USAGE;
}

static int unknown_option(const struct cli *cli, const char *word)
{
	const char *names[CLI_OPTIONS_MAX + 1] = {NULL};
	const struct cli_option *o;
	char bare[64];
	const char *near;

	snprintf(bare, sizeof bare, "%.*s", (int)strcspn(word, "="), word);
	for (size_t i = 0; (o = option_at(cli->command, i)) != NULL; i++) {
		names[i] = o->name;
	}
	near = text_nearest(bare + strspn(bare, "-"), names);
	if (near != NULL) {
		return cli_fail(cli, CLI_USAGE, _("no option %s; did you mean --%s?"), bare, near);
	}
	return cli_fail(cli, CLI_USAGE, _("no option %s; see --help"), bare);
}

/* Builds getopt's description of the command's options. */
static void describe(const struct cli_command *command, struct option *longs, char *shorts)
{
	const struct cli_option *o;
	size_t i, s = 0;

	shorts[s++] = ':';
	for (i = 0; (o = option_at(command, i)) != NULL && i < CLI_OPTIONS_MAX; i++) {
		longs[i] =
			(struct option){o->name, o->value != NULL ? required_argument : no_argument,
				NULL, LETTER_BASE + (int)i};
		if (o->letter != 0) {
			shorts[s++] = o->letter;
			if (o->value != NULL) {
				shorts[s++] = ':';
			}
		}
	}
	longs[i] = (struct option){0};
	shorts[s] = '\0';
}

static int index_of(const struct cli_command *command, int value)
{
	const struct cli_option *o;

	if (value >= LETTER_BASE) {
		return value - LETTER_BASE;
	}
	for (int i = 0; (o = option_at(command, (size_t)i)) != NULL; i++) {
		if (o->letter == value) {
			return i;
		}
	}
	return -1;
}

static int parse(struct cli *cli, int argc, char **argv)
{
	struct option longs[CLI_OPTIONS_MAX + 1];
	char shorts[2 * CLI_OPTIONS_MAX + 2];
	int value;

	describe(cli->command, longs, shorts);
	opterr = 0;
	optind = 1;
	while ((value = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		int i = index_of(cli->command, value);

		if (value == ':') {
			return cli_fail(cli, CLI_USAGE, _("%s needs a value"), argv[optind - 1]);
		}
		if (value == '?' && optopt > 0 && optopt < LETTER_BASE) {
			/* of "-5kW" getopt has only read the 5 */
			return cli_fail(cli, CLI_USAGE, _("no option %s; see --help"),
				(const char[]){'-', (char)optopt, '\0'});
		}
		if (value == '?' || i < 0) {
			return unknown_option(cli, argv[optind - 1]);
		}
		if (cli->given_count == CLI_GIVEN_MAX) {
			return cli_fail(cli, CLI_USAGE, _("too many options"));
		}
		cli->values[i] = optarg != NULL ? optarg : "";
		cli->given[cli->given_count].option = i;
		cli->given[cli->given_count++].value = cli->values[i];
	}
	for (; optind < argc; optind++) {
		if (cli->arg_count == CLI_ARGS_MAX) {
			return cli_fail(cli, CLI_USAGE, _("too many arguments"));
		}
		cli->args[cli->arg_count++] = argv[optind];
	}
	return 0;
}

static int check_args(const struct cli *cli)
{
	if (cli->arg_count >= cli->command->min_args && cli->arg_count <= cli->command->max_args) {
		return 0;
	}
	fprintf(stderr, "%s piled %s%s%s\n", _("usage:"), cli->command->name,
		cli->command->args[0] != '\0' ? " " : "", cli->command->args);
	return CLI_USAGE;
}

/* ---- Running ---- */

int cli_connect(struct cli *cli)
{
	const char *host = cli_option(cli, "host");
	int rc;

	if (host != NULL) {
		return remote_connect(cli, host, &cli->link);
	}
	rc = link_open(cli->socket, &cli->link);

	switch (rc) {
	case 0:
		return 0;
	case ERR_NOTFOUND:
	case ERR_CLOSED:
		return cli_fail(cli, CLI_UNREACHABLE,
			_("no agent at %s; is `piled run` running? (--socket, $PILED_SOCKET)"),
			cli->socket);
	case ERR_DENIED:
		return cli_fail(cli, CLI_FAILED, _("%s: you may not use this socket"), cli->socket);
	default:
		return cli_fail(cli, CLI_UNREACHABLE, "%s: %s", cli->socket, _(err_text(rc)));
	}
}

/* Does the option name something of this machine, or another machine? */
static bool reaches_out(const struct cli_option *o)
{
	static const char *const what[] = {
		"PATH", "FILE", "FOLDER", "DEVICE", "HOST", "HOST:PORT", NULL};

	for (int i = 0; o->value != NULL && what[i] != NULL; i++) {
		if (strcmp(o->value, what[i]) == 0) {
			return true;
		}
	}
	return false;
}

static int check_confined(const struct cli *cli)
{
	const struct cli_command *c = cli->command;

	if (c->lock != CLI_SOCKET && c->lock != CLI_EITHER && strcmp(c->name, "attach") != 0 &&
		strcmp(c->name, "version") != 0) {
		return cli_fail(
			cli, CLI_FAILED, "%s", _("this account may only talk to the agent"));
	}
	for (int i = 0; i < cli->given_count; i++) {
		const struct cli_option *o = option_at(c, (size_t)cli->given[i].option);

		if (reaches_out(o)) {
			return cli_fail(cli, CLI_FAILED,
				_("--%s: this account may only talk to the agent"), o->name);
		}
	}
	return 0;
}

/* What can look at a file (--db) and is not told to asks the agent. */
static bool asks_agent(const struct cli *cli)
{
	const struct cli_option *o = cli->command->options;

	while (o != NULL && o->name != NULL && strcmp(o->name, "db") != 0) {
		o++;
	}
	return cli->command->lock == CLI_SOCKET ||
	       (o != NULL && o->name != NULL && cli_option(cli, "db") == NULL);
}

static int run(struct cli *cli)
{
	int rc = cli->confined ? check_confined(cli) : 0;

	if (rc != 0) {
		return rc;
	}
	if (cli_option(cli, "help") != NULL) {
		cli_help_command(cli->command);
		return CLI_OK;
	}
	rc = check_args(cli);
	if (rc != 0) {
		return rc;
	}
	cli->json = cli_option(cli, "json") != NULL;
	cli->socket = link_path(cli_option(cli, "socket"));
	cli->tty = isatty(STDOUT_FILENO) != 0;
	if (cli_option(cli, "host") != NULL && !asks_agent(cli)) {
		return remote_run(cli, cli_option(cli, "host"));
	}
	if (cli->command->lock == CLI_SOCKET) {
		rc = cli_connect(cli);
	}
	if (rc == 0) {
		rc = cli->command->run(cli);
	}
	link_close(cli->link);
	remote_end();
	if (fflush(stdout) != 0 || ferror(stdout)) {
		return rc == 0 ? CLI_FAILED : rc;
	}
	return rc;
}

/* The language is wanted before anything is printed, so it is looked for first. */
static const char *early_lang(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--lang") == 0 && i + 1 < argc) {
			return argv[i + 1];
		}
		if (strncmp(argv[i], "--lang=", 7) == 0) {
			return argv[i] + 7;
		}
	}
	return NULL;
}

/* Global options may stand before the command: they are moved behind it. */
static int command_at(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		const struct cli_option *o = cli_globals;

		if (argv[i][0] != '-') {
			return i;
		}
		for (; o->name != NULL; o++) {
			if (strncmp(argv[i], "--", 2) == 0 && strcmp(argv[i] + 2, o->name) == 0 &&
				o->value != NULL) {
				i++;
			}
		}
	}
	return argc;
}

static bool given(int argc, char **argv, const char *word)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], word) == 0) {
			return true;
		}
	}
	return false;
}

static int without_command(int argc, char **argv)
{
	struct cli version = {.json = given(argc, argv, "--json")};
	int words;

	if (given(argc, argv, "--version")) {
		version.command = cli_find("version", NULL, &words);
		return version.command->run(&version);
	}
	if (given(argc, argv, "--help") || given(argc, argv, "-h")) {
		cli_help();
		return CLI_OK;
	}
	fprintf(stderr, "%s\n%s\n", _("usage: piled COMMAND [OPTION]... [ARGUMENT]..."),
		_("`piled help` lists the commands."));
	return CLI_USAGE;
}

static int main_with(int argc, char **argv, bool confined)
{
	struct cli cli = {.confined = confined};
	char *rest[64];
	int at = command_at(argc, argv);
	int words, n = 0;

	guard_open();
	i18n_init(early_lang(argc, argv));
	if (at >= argc) {
		return without_command(argc, argv);
	}
	cli.command = cli_find(argv[at], at + 1 < argc ? argv[at + 1] : NULL, &words);
	if (cli.command == NULL) {
		return unknown_command(argv[at]);
	}
	if (argc >= (int)(sizeof rest / sizeof rest[0])) {
		return cli_fail(&cli, CLI_USAGE, _("too many arguments"));
	}
	for (int i = 0; i < argc; i++) {
		if (i < at || i >= at + words) {
			rest[n++] = argv[i];
		}
	}
	rest[n] = NULL;
	n = parse(&cli, n, rest);
	return n != 0 ? n : run(&cli);
}

int cli_main(int argc, char **argv)
{
	return main_with(argc, argv, false);
}

int cli_main_confined(int argc, char **argv)
{
	return main_with(argc, argv, true);
}
