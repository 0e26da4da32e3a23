#ifndef PILED_TRIAL_H
#define PILED_TRIAL_H
/*
 * Commands on trial: a limit, a tag or its lifting that is undone by itself unless somebody
 * confirms it in time, whoever is connected then. What was before is kept with it, also in the
 * store, so that a restart changes nothing; the deadline is monotonic while the core runs and the
 * wall clock's across a restart.
 *
 *  waiting -> confirmed | superseded (another command of that kind at the same target) | reverting
 *  reverting -> reverted (what was before is in force again) | failed (not after TRIAL_TRIES)
 *
 * For agent/core only.
 */
#include "emit.h"

#define TRIALS_MAX  32
#define TRIAL_TRIES 20

/* May this command be on trial? 0, or ERR_* with the reason. */
int trial_check(const struct core *c, const struct command *cmd, char *why, size_t size);

/* The command is about to be carried out: ends trials that it makes void; with `confirm_us` > 0 it
 * is on trial itself. */
void trial_begin(struct core *c, const struct command *cmd, int64_t confirm_us);

/* Takes EV_CONFIRM. */
void trial_confirm(struct core *c, const struct event *e);

/* Undoes what was not confirmed in time. */
void trial_step(struct core *c);

bool trial_resume(struct core *c, const struct view_trial *view);

#endif
