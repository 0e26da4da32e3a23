#ifndef PILESIM_SIMCMDS_H
#define PILESIM_SIMCMDS_H
/*
 * What a running site can be told and asked: the commands of pilesim other than run.
 */
#include "sim.h"

/* Carries out a command; the reply begins with the line "ok" or "error TEXT". True: stop. */
bool simcmd_run(struct sim *sim, int argc, const char *const *argv, FILE *out);

#endif
