#ifndef PILED_EFFECT_H
#define PILED_EFFECT_H
/* What a command needs, and how its effect shows: see command.h. */
#include "emit.h"

/* Is it possible now? Sets what is to be written where. 0, or ERR_* with the reason. */
int effect_check(const struct core *c, struct command *cmd, char *why, size_t size);

/* Does the read-back say what was asked? A limit may read lower by 5 % (steps of the device). */
bool effect_reads_as(const struct command *cmd, int64_t value);

/* The same of a bare value. */
bool effect_same_limit(int64_t want, int64_t value);

/* The device took it, as far as it can be read. */
bool effect_taken(const struct core *c, const struct command *cmd);
/* Notes that; a limit is in force from here. */
void effect_read_back(struct core *c, struct command *cmd);

/* The effect is there. */
bool effect_seen(const struct core *c, const struct command *cmd);
/* It did not come in time: raises what is to be raised. */
void effect_missed(struct core *c, const struct command *cmd);

#endif
