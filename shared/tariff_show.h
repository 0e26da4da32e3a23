#ifndef PILED_TARIFF_SHOW_H
#define PILED_TARIFF_SHOW_H
/*
 * A tariff for people and scripts: the prices of a day, the parking fee, and what differs between
 * two tariffs, in words.
 */
#include <stdio.h>

#include "tariff.h"
#include "view.h"

#define TARIFF_STRETCHES 56

/* The stretches of a local day with one period and price each, in order; at most `room`. */
size_t tariff_day(
	const struct tariff *t, int64_t day, unsigned class, struct view_price *rows, size_t room);

/* {"kind": "workday", "class": ..., "prices": [...], "free_min": ..., "cap_fen": ...,
 * "no_show_fen":
 * ..., "windows": [...]} of a day. The caller's; NULL without memory. */
struct cJSON;
struct cJSON *tariff_day_json(const struct tariff *t, int64_t day, unsigned class);

/* Calls `each` with each difference from a to b, a line in the present language; the number of
 * them. */
int tariff_diff(const struct tariff *a, const struct tariff *b,
	void (*each)(void *arg, const char *line), void *arg);

#endif
