#ifndef PILED_CLI_H
#define PILED_CLI_H
/*
 * The command line of `piled`: one table of subcommands with their options; parsing, help, man
 * page test and completion come from it.
 */
#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "i18n.h"
#include "link.h"

/* Exit codes; EXITS in table.c has their words. */
enum cli_exit {
	CLI_OK = 0,
	CLI_FAILED = 1,      /* refused or failed */
	CLI_USAGE = 2,       /* the command line is wrong */
	CLI_UNREACHABLE = 3, /* no agent answers at the socket */
	CLI_TIMEOUT = 4      /* the effect was not seen in time */
};

struct cli_exit_text {
	int code;
	const char *text; /* message id */
};
extern const struct cli_exit_text cli_exits[]; /* ends with text NULL */

/* What a command needs. */
enum cli_lock {
	CLI_NONE,   /* nothing */
	CLI_SOCKET, /* a running agent; cli.link is connected */
	CLI_EITHER, /* a running agent, or what an option names in its place: connects by itself */
	CLI_OFFLINE /* it takes the line or database for itself: no agent may have it */
};

struct cli_option {
	const char *name;  /* without dashes */
	char letter;       /* 0 = none */
	const char *value; /* what it takes ("PATH"), NULL = a switch */
	const char *help;  /* message id */
};

struct cli;

struct cli_command {
	const char *name;                 /* may be two words: "bus scan" */
	const char *args;                 /* "GUN POWER|off"; "" = none */
	const char *help;                 /* message id, one line */
	const char *text;                 /* message id, more of it; NULL = none */
	const struct cli_option *options; /* ends with name NULL; NULL = none */
	int min_args, max_args;
	enum cli_lock lock;
	int (*run)(struct cli *cli); /* returns enum cli_exit */
};

/* The table, ends with name NULL. */
extern const struct cli_command cli_commands[];
/* Options of every command. */
extern const struct cli_option cli_globals[];

#define CLI_OPTIONS_MAX 24
#define CLI_ARGS_MAX    16
#define CLI_GIVEN_MAX   32

struct cli {
	const struct cli_command *command;
	const char *args[CLI_ARGS_MAX];
	int arg_count;
	const char
		*values[CLI_OPTIONS_MAX]; /* in order of globals, then options; "" = a switch set */
	struct {
		int option;
		const char *value;
	} given[CLI_GIVEN_MAX]; /* as they came */
	int given_count;
	const char *socket;
	bool json;
	bool tty;      /* standard output is a terminal */
	bool confined; /* for who may only talk to the agent (shell.h): names no file, no host */
	struct link *link;
};

/* Parses, connects where the command needs it, runs. The process's exit code. */
int cli_main(int argc, char **argv);

/* The same for who may only talk to the agent: a command that does anything else, an option that
 * names a file, a line or a host, and a file in place of a text are refused; "-" is standard input
 * still. */
int cli_main_confined(int argc, char **argv);

/* Connects cli->link, for a command that only sometimes needs it; prints what is wrong. */
int cli_connect(struct cli *cli);

/* The value of an option; NULL where it was not given. The name must be of the table. */
const char *cli_option(const struct cli *cli, const char *name);

/* Option i of a command, the global ones first; NULL past the last. */
const struct cli_option *cli_option_at(const struct cli_command *command, int i);

/* The value that an option was given for the n-th time, from 0; NULL past the last. */
const char *cli_option_nth(const struct cli *cli, const char *name, int n);

/* Reads an option's integer; `fallback` where absent. Prints and returns CLI_USAGE when wrong. */
int cli_option_int(const struct cli *cli, const char *name, int64_t min, int64_t max,
	int64_t fallback, int64_t *out);

/* Prints "piled COMMAND: message" to standard error; returns `code`. */
int cli_fail(const struct cli *cli, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Prints what a call's error was; its exit code. */
int cli_fail_call(const struct cli *cli, int err);

void cli_help(void);
void cli_help_command(const struct cli_command *command);

/* Finds a command by one or two words; *words says how many were taken. NULL: none. */
const struct cli_command *cli_find(const char *first, const char *second, int *words);

#endif
