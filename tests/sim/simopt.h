#ifndef PILESIM_SIMOPT_H
#define PILESIM_SIMOPT_H
/*
 * The command line of pilesim, read by the tables simcmd.def and simopt.def; both ends of the
 * control socket use it.
 */
#include <stddef.h>
#include <stdio.h>

enum simcmd {
#define SIMCMD(sym, name, args, least, most, help) SC_##sym,
#include "simcmd.def"
#undef SIMCMD
	SC_COUNT_
};

enum simopt {
#define SIMOPT(sym, name, arg, command, help) SO_##sym,
#include "simopt.def"
#undef SIMOPT
	SO_COUNT_
};

#define SIMOPT_WORDS 4

struct simopts {
	enum simcmd command;
	const char *value[SO_COUNT_]; /* NULL = not given; "" for one without argument */
	const char *words[SIMOPT_WORDS];
	size_t count; /* of words */
};

/* Reads `COMMAND [options and words]`. ERR_SYNTAX with `why`; strings are borrowed from argv. */
int simopt_parse(int argc, const char *const *argv, struct simopts *out, char *why, size_t size);

void simopt_help(FILE *to);

#endif
