#ifndef PILED_DECISION_H
#define PILED_DECISION_H
/*
 * The log of decisions: each change of what a gun may take, or of the reason, is given out with
 * the numbers behind it, so that the past can be explained in the words of the present. For
 * agent/core only.
 */
#include "core.h"

/* Gives out what changed since it was last called; what finds no room waits for the next call.
 * A binding limit that changes while grant and rule stay is told once a minute at most. */
void decision_tell(struct core *c);

#endif
