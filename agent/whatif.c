#include "whatif.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "rng.h"

#define SHIFT_S 1800 /* of a repeated car */

void whatif_between(struct session_rows *rows, int64_t from_s, int64_t to_s)
{
	size_t n = 0;

	for (size_t i = 0; i < rows->count; i++) {
		if (rows->rows[i].plug_s >= from_s && rows->rows[i].plug_s < to_s) {
			rows->rows[n++] = rows->rows[i];
		}
	}
	rows->count = n;
}

/* The first rows of the stations; returns how many there are. */
static size_t stations(const struct session_rows *rows, size_t *first, size_t room)
{
	size_t n = 0;

	for (size_t i = 0; i < rows->count; i++) {
		if (i == 0 || strcmp(rows->rows[i].station, rows->rows[i - 1].station) != 0) {
			if (n < room) {
				first[n] = i;
			}
			n++;
		}
	}
	return n;
}

/* Repeats the sessions of a station under another name; moved as a whole, they keep their order and
 * their gaps. */
static void repeat(struct session_rows *rows, size_t first, uint16_t gun, struct rng *rng)
{
	const char *station = rows->rows[first].station;
	int64_t left = 0;

	for (size_t i = first; strcmp(rows->rows[i].station, station) == 0; i++) {
		struct session_row *row = &rows->rows[rows->count++];
		int64_t shift = rng_range(rng, -SHIFT_S, SHIFT_S);

		*row = rows->rows[i];
		snprintf(row->station, sizeof row->station, "~%u", (unsigned)gun);
		if (row->plug_s + shift < left) {
			shift = left - row->plug_s;
		}
		row->plug_s += shift;
		row->unplug_s += shift;
		left = row->unplug_s + GAP_MIN_S;
	}
}

int whatif_add_guns(struct session_rows *rows, size_t guns, uint64_t seed)
{
	size_t first[GARAGE_GUNS];
	struct rng rng = rng_stream(seed, 0x6164);
	size_t count = stations(rows, first, GARAGE_GUNS), room = rows->count;
	struct session_row *grown;

	if (count == 0) {
		return ERR_INVAL;
	}
	if (count + guns > GARAGE_GUNS) {
		return ERR_FULL;
	}
	for (size_t i = 0; i < guns; i++) {
		size_t k = i % count;

		room += (k + 1 < count ? first[k + 1] : rows->count) - first[k];
	}
	/* One more: it ends the last station's rows. */
	grown = realloc(rows->rows, (room + 1) * sizeof *grown);
	if (grown == NULL) {
		return ERR_NOMEM;
	}
	memset(grown + rows->count, 0, (room + 1 - rows->count) * sizeof *grown);
	rows->rows = grown;
	for (size_t i = 0; i < guns; i++) {
		repeat(rows, first[i % count], (uint16_t)(i + 1), &rng);
	}
	return 0;
}

int64_t whatif_days(const struct session_rows *rows, int64_t from_s)
{
	int64_t last = from_s;

	for (size_t i = 0; i < rows->count; i++) {
		last = rows->rows[i].unplug_s > last ? rows->rows[i].unplug_s : last;
	}
	return (last - from_s) / 86400 + 1;
}

int whatif_other(const int32_t *hour_w, size_t hours, size_t begin, int64_t days, int64_t peak_w,
	int32_t **out, int64_t *top_w)
{
	size_t length = (size_t)days * 24, steps = (size_t)(days * 86400 / WHATIF_STEP_S);
	int32_t *part = calloc(length, sizeof *part), *other = calloc(steps, sizeof *other);
	int64_t top = 0;

	if (part == NULL || other == NULL) {
		free(part);
		free(other);
		return ERR_NOMEM;
	}
	for (size_t h = 0; h < length; h++) {
		part[h] = hour_w[(begin + h) % hours];
		top = part[h] > top ? part[h] : top;
	}
	garage_other(part, length, peak_w > 0 ? peak_w : top, WHATIF_STEP_S, 42, other, steps);
	*top_w = 0;
	for (size_t i = 0; i < steps; i++) {
		*top_w = other[i] > *top_w ? other[i] : *top_w;
	}
	free(part);
	*out = other;
	return 0;
}

/* ---- The busiest day ---- */

struct watch {
	struct whatif_curve *days;
	int64_t *taken; /* by the guns, VA x steps, by day */
};

static void see(void *arg, int64_t now_s, const int64_t va[ALLOC_LIMITS], int64_t other_w)
{
	struct watch *w = arg;
	struct whatif_curve *day = &w->days[now_s / 86400];
	size_t slot = (size_t)(now_s % 86400 / WHATIF_SLOT_S);

	w->taken[now_s / 86400] += va[ALLOC_SUM] - other_w;
	if (va[ALLOC_SUM] >= day->total_va[slot]) {
		day->total_va[slot] = va[ALLOC_SUM];
		day->other_va[slot] = other_w;
	}
}

int whatif_run(
	const struct garage_cfg *cfg, struct garage_result *result, struct whatif_curve *curve)
{
	struct garage_cfg run = *cfg;
	struct watch watch = {calloc((size_t)cfg->days + 1, sizeof *watch.days),
		calloc((size_t)cfg->days + 1, sizeof *watch.taken)};
	size_t busiest = 0;
	int rc = ERR_NOMEM;

	if (watch.days != NULL && watch.taken != NULL) {
		run.seen = see;
		run.seen_arg = &watch;
		rc = garage_run(&run, result);
	}
	for (size_t d = 1; rc == 0 && d < (size_t)cfg->days; d++) {
		busiest = watch.taken[d] > watch.taken[busiest] ? d : busiest;
	}
	if (rc == 0) {
		*curve = watch.days[busiest];
		curve->day_s = cfg->from_s + (int64_t)busiest * 86400;
	}
	free(watch.days);
	free(watch.taken);
	return rc;
}
