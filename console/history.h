#ifndef PILETOP_HISTORY_H
#define PILETOP_HISTORY_H
/*
 * The last hour of one quantity in slots of ten seconds; a slot holds the greatest value seen.
 * What was never seen is VALUE_NONE.
 */
#include <stddef.h>
#include <stdint.h>

#include "reading.h"

#define HISTORY_SLOTS   360
#define HISTORY_STEP_MS 10000

struct history {
	int64_t last; /* number of the newest slot: wall ms / HISTORY_STEP_MS */
	int64_t value[HISTORY_SLOTS];
};

void history_clear(struct history *h);

/* A value at a wall time; older than the window or VALUE_NONE: ignored. A time beyond `last` moves
 * the window; slots skipped over stay VALUE_NONE. */
void history_put(struct history *h, int64_t at_ms, int64_t value);

/* The value `back` slots before the newest; VALUE_NONE outside. */
int64_t history_get(const struct history *h, size_t back);

/* The greatest value of the slots that column `col` of `cols` covers when the whole window is
 * `cols` wide, oldest first, up to the slot of `now_ms`. */
int64_t history_column(const struct history *h, int64_t now_ms, size_t col, size_t cols);

#endif
