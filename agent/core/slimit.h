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

/* The limit of a site or feeder by command: one at a target, of the source "command", until another
 * comes. May it be given (VALUE_NONE: lifted)? 0, or ERR_* with the reason. */
int slimit_check(
	const struct site *site, struct target target, int64_t value, char *why, size_t size);
/* Gives or lifts it in the name of a command. */
void slimit_command(struct core *c, struct target target, const struct command *cmd);
/* The one in force, watts; VALUE_NONE = none. */
int64_t slimit_commanded(const struct site *site, struct target target);
/* Does what flows there obey what may flow, as far as the guns can help it? */
bool slimit_obeyed(const struct site *site, struct target target);

/* Begins and ends limits by the clock and sets limit_node.outside_va. Before each decision. */
void slimit_step(struct core *c);

/* The least limit on the gun itself now, watts; INT64_MAX = none. */
int64_t slimit_on_gun(const struct site *site, uint16_t gun);

/* The limit that is least on this target now; NULL = none. */
const struct slimit *slimit_least(const struct site *site, struct target target);

#endif
