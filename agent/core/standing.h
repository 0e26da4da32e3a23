#ifndef PILED_STANDING_H
#define PILED_STANDING_H
/*
 * What stands at a gun over a restart of the agent besides its session, visit and order: the stop
 * that holds it (halt.h), and what load management learnt of it (learn.h). One record a gun; what
 * was learnt is given out when it has changed by much, not more often than each ten minutes. For
 * agent/core only.
 */
#include "emit.h"

/* The gun's record changed. */
void standing_touch(struct site *site, uint16_t gun);

/* Gives it out where it changed. Call with room for one action. */
void standing_flush(struct core *c, uint16_t gun);

/* Takes a record that the store knew; what cannot be is left out. False where all of it is. */
bool standing_resume(struct core *c, const struct view_standing *view);

#endif
