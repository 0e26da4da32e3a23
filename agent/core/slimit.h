#ifndef PILED_SLIMIT_H
#define PILED_SLIMIT_H
/*
 * Limits from outside: for a time, on the site, a feeder, a pile or a gun; several at once, the
 * least holds. A limit begins to act SLIMIT_LEAD_MS before its time, so that the cars have come
 * down when it counts. For agent/core only; without load management there are none.
 */
#include "emit.h"
#include "limit.h"

#define SLIMIT_LEAD_MS (30 * MS_PER_S)

/* Is this a window that a contract demand may have: 15, 30 or 60 minutes? */
bool slimit_window(int64_t window_s);

/* Takes EV_SLIMIT: adds one, or cancels it by its id. What makes no sense, or has no place, is
 * counted and ignored; a known id changes nothing. */
void slimit_take(struct core *c, const struct event *e);
bool slimit_resume(struct core *c, const struct view_slimit *view);

/* Begins and ends limits by the clock and sets limit_node.outside_va. Before each decision. */
void slimit_step(struct core *c);

/* The least limit on the gun itself now, watts; INT64_MAX = none. */
int64_t slimit_on_gun(const struct site *site, uint16_t gun);

/* The limit that is least on this target now; NULL = none. */
const struct slimit *slimit_least(const struct site *site, struct target target);

#endif
