#ifndef PILED_CLOCKWATCH_H
#define PILED_CLOCKWATCH_H
/*
 * Watches the wall clock against boot time: a jump, and whether the kernel says that the clock is
 * synchronised (adjtimex(2)).
 */
#include <stdbool.h>

#include "timex.h"

/* Less is drift or slewing, not a jump. */
#define CLOCK_STEP_MS 500

struct clockwatch {
	int64_t offset_ms; /* wall minus boot time when last looked */
	bool synced;
	bool started;
};

/* Looks once; true when the core is to be told, with the step (0: only `synced` changed). The
 * first look always tells. */
bool clockwatch_look(struct clockwatch *watch, struct moment now, bool synced, int64_t *step_ms);

/* Does the kernel call the clock synchronised? */
bool clockwatch_synced(void);

#endif
