#ifndef PILED_STOP_H
#define PILED_STOP_H
/*
 * Fire and emergency-stop inputs: a bit of any unit stops the group that the configuration names,
 * at once. The group is taken out of service in the name of the input: its guns are stopped, get
 * no power and start nothing, until a person releases it, after the input is back. The fault is
 * raised at the unit that gave the input. A unit that gives no reading for STOP_SILENT_US raises a
 * fault of its own and, where the configuration does not say otherwise, stops the group too. For
 * agent/core only.
 */
#include "emit.h"

/* Looks at all inputs; true when one has just stopped its group. Call with GUN_ROOM. */
bool stop_step(struct core *c);

/* Is the target held by an input? `why`: by which, and whether it is active still. */
bool stop_holds(const struct site *site, struct target target, bool *active, const char **id);

/* Is the gun in a group that an input holds? */
bool stop_on_gun(const struct site *site, uint16_t gun);

/* A person releases what inputs hold at the target. */
void stop_release(struct core *c, struct target target);

/* Did an input set this tag, not a person? */
bool stop_signed(const struct tag *tag);

/* A tag that the store knew: an input set it and holds its group on. */
void stop_resume(struct core *c, struct target target, const char *by);

#endif
