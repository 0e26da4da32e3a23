#ifndef PILESIM_SIMRUN_H
#define PILESIM_SIMRUN_H
/*
 * `pilesim run`: from options to a site that lives.
 */
#include "simopt.h"

#define SIMRUN_USAGE 2

/* Runs until a signal, a stop command or --for. The exit status: 0, 1 when something could not be
 * opened, SIMRUN_USAGE when an option or file is wrong; the reason is on stderr. */
int simrun(const struct simopts *o, const char *dir);

#endif
