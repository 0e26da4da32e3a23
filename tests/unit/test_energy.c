/* What a new reading of an energy register means. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "energy.h"

static const struct gun_cfg dc = {.max_w = 120000, .resolution_wh = 10, .wrap_wh = 1000000};
static const struct gun_cfg ac = {.max_w = 7000, .resolution_wh = 1};

static void classes(void **state)
{
	static const struct {
		const struct gun_cfg *cfg;
		int64_t from, to, dt_s;
		enum energy_class class;
		int64_t delta;
	} rows[] = {
		{&ac, 1000, 1000, 1, ENERGY_SAME, 0},
		{&ac, 1000, 1002, 1, ENERGY_NORMAL, 2},
		{&ac, 1000, 999, 1, ENERGY_SAME, 0},      /* rounding */
		{&ac, 1000, 1102, 0, ENERGY_NORMAL, 102}, /* within the slack */
		{&ac, 1000, 1200, 1, ENERGY_JUMP, 0},
		{&ac, 1000, 8000, 3600, ENERGY_NORMAL, 7000},
		{&ac, 1000, 10900, 3600, ENERGY_JUMP, 0},
		{&ac, 1000, 0, 1, ENERGY_RESET, 0},
		{&ac, 900000, 5000, 3600, ENERGY_RESET, 0},
		{&ac, 900000, 5000, 1, ENERGY_SWAP, 0},
		{&ac, 900000, 899000, 1, ENERGY_SWAP, 0},
		{&dc, 999990, 20, 1, ENERGY_WRAP, 30},
		{&dc, 999990, 600, 1, ENERGY_SWAP, 0},
		{&dc, 500000, 20, 1, ENERGY_RESET, 0},
		{&dc, 1000000, 20, 1, ENERGY_RESET, 0}, /* beyond its end: no wrap */
		{&dc, 0, 90000, 3600, ENERGY_NORMAL, 90000},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		int64_t delta = -1;

		if (energy_classify(rows[i].cfg, rows[i].from, rows[i].to, rows[i].dt_s * US_PER_S,
			    &delta) != rows[i].class
			|| delta != rows[i].delta) {
			fail_msg("row %zu: delta %lld", i, (long long)delta);
		}
	}
}

/* No value and no time overflows, and a movement is never negative nor more than deliverable. */
static void extremes(void **state)
{
	static const int64_t values[] = {0, 1, 999999, 1000000, ENERGY_MAX_WH - 1, ENERGY_MAX_WH};
	static const int64_t times[] = {INT64_MIN, -1, 0, 1, INT64_MAX};

	(void)state;
	for (size_t a = 0; a < 6; a++) {
		for (size_t b = 0; b < 6; b++) {
			for (size_t t = 0; t < 5; t++) {
				int64_t delta = -1;

				energy_classify(&dc, values[a], values[b], times[t], &delta);
				assert_true(delta >= 0);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(classes),
		cmocka_unit_test(extremes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
