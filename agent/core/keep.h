#ifndef PILED_KEEP_H
#define PILED_KEEP_H
/*
 * Limits by command where nobody manages the load: they stay in force over a restart of the agent,
 * a reload, and a reboot of the pile. A limit is written again where the device reads otherwise
 * and, where it cannot be read, when the device is back; after a write that does not help each
 * further one waits longer. Under load management the grants are written, and a limit by command
 * bounds them. For agent/core only.
 */
#include "emit.h"

/* Looks at the limits of a pile and its guns, at each tick. Call with GUN_ROOM. */
void keep_step(struct core *c, uint16_t pile);

/* Takes the answer of one of its writes; false when the token is another's. */
bool keep_written(struct core *c, const struct event *e);

/* A limit by command that was in force before, or was lifted (no value). False where it has no
 * place. */
bool keep_resume(struct core *c, const struct view_command *view);

#endif
