/* Trends: lines through readings, and when they meet a limit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "random.h"
#include "trend.h"

static int64_t range(uint64_t *rng, int64_t lo, int64_t hi)
{
	return lo + random_below(rng, hi - lo + 1);
}

/* Any straight line is found again, whatever its height and slope, also with readings left out. */
static void a_line_is_found(void **state)
{
	uint64_t rng = random_seed();

	(void)state;
	for (int n = 0; n < 2000; n++) {
		struct trend t = {.count = 0};
		int64_t slope = range(&rng, -200000, 200000); /* an hour */
		int64_t at = range(&rng, 0, 1000000), value = range(&rng, -50000, 500000);
		int64_t level, per_hour, last = 0;
		int points = (int)range(&rng, TREND_LEAST, 3 * TREND_POINTS);

		for (int i = 0; i < points; i++) {
			last = at;
			trend_take(&t, at, value + slope * at / 3600);
			at += range(&rng, TREND_STEP_S, 2 * TREND_STEP_S);
		}
		assert_true(trend_line(&t, last, &level, &per_hour));
		assert_in_range(per_hour - slope + 200, 0, 400);
		assert_in_range(level - (value + slope * last / 3600) + 30, 0, 60);
	}
}

static void too_little_says_nothing(void **state)
{
	struct trend t = {.count = 0};
	int64_t level, per_hour;

	(void)state;
	for (int i = 0; i < 100; i++) { /* 10 s apart: every third counts */
		trend_take(&t, i * 10, 20000 + i);
		assert_int_equal(
			trend_line(&t, i * 10, &level, &per_hour), i >= 3 * (TREND_LEAST - 1));
	}
	/* Old readings say nothing, and after a gap it begins anew. */
	assert_false(trend_line(&t, 2000, &level, &per_hour));
	trend_take(&t, 2000, 50000);
	assert_int_equal(t.count, 1);
	trend_take(&t, 1500, 50000); /* back in time */
	assert_int_equal(t.count, 1);
	trend_take(&t, 1600, INT64_MAX);
	assert_int_equal(t.count, 1);
}

static void time_to_the_limit(void **state)
{
	(void)state;
	assert_int_equal(trend_left_s(60000, 60000, 90000, true), 1800);
	assert_int_equal(trend_left_s(60000, -60000, 90000, true), INT64_MAX);
	assert_int_equal(trend_left_s(60000, 0, 90000, true), INT64_MAX);
	assert_int_equal(trend_left_s(90000, -60000, 90000, true), 0);
	assert_int_equal(trend_left_s(205000, -7000, 198000, false), 3600);
	assert_int_equal(trend_left_s(205000, 7000, 198000, false), INT64_MAX);
	assert_int_equal(trend_left_s(190000, 7000, 198000, false), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_found),
		cmocka_unit_test(too_little_says_nothing),
		cmocka_unit_test(time_to_the_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
