/* Counters of a bus: quantiles to a sixteenth, the last seconds of line use. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "bus/stats.h"
#include "err.h"

static void quantiles_are_near(void **state)
{
	(void)state;
	for (int64_t scale = 1; scale <= 100000; scale *= 10) {
		struct latency latency = {0};

		for (int64_t i = 1; i <= 1000; i++) {
			latency_add(&latency, i * scale);
		}
		assert_in_range(latency_quantile(&latency, 500), 500 * scale * 15 / 16,
			500 * scale * 17 / 16);
		assert_in_range(latency_quantile(&latency, 990), 990 * scale * 15 / 16,
			990 * scale * 17 / 16);
	}
}

static void extremes_do_no_harm(void **state)
{
	struct latency latency = {0};

	(void)state;
	assert_true(latency_quantile(&latency, 500) == VALUE_NONE);
	latency_add(&latency, -5);
	assert_int_equal(latency_quantile(&latency, 500), 0);
	for (int i = 0; i < 100000; i++) {
		latency_add(&latency, INT64_MAX);
	}
	assert_true(latency_quantile(&latency, 990) > 200 * US_PER_S);
	assert_in_range(latency.count, 1, 10000);
}

static void line_use_is_of_the_last_seconds(void **state)
{
	struct bus_use use;
	struct mono t = {1000 * US_PER_S + 300};

	(void)state;
	memset(&use, 0, sizeof use);
	assert_int_equal(bus_use_pm(&use, t), 0);
	for (int i = 0; i < 200; i++) {
		bus_use_add(&use, t, mono_add_us(t, 70 * US_PER_MS));
		t = mono_add_us(t, 100 * US_PER_MS);
	}
	assert_in_range(bus_use_pm(&use, t), 690, 710);
	assert_int_equal(bus_use_pm(&use, mono_add_us(t, 20 * US_PER_S)), 0);
	/* A transaction that spans seconds. */
	bus_use_add(&use, t, mono_add_us(t, 5 * US_PER_S));
	assert_true(bus_use_pm(&use, mono_add_us(t, 5 * US_PER_S)) <= 1000);
}

static void errors_go_by_kind(void **state)
{
	static const int errors[] = {
		0, ERR_TIMEOUT, ERR_CRC, ERR_FRAME, ERR_FOREIGN, ERR_EXCEPTION, ERR_IO};
	struct bus_stats stats = {0};

	(void)state;
	for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
		struct bus_reply reply = {
			.err = errors[i], .late = 1, .took_us = 10, .at = {(int64_t)i}};

		bus_stats_add(&stats, &reply);
	}
	assert_int_equal(stats.transactions, 7);
	assert_int_equal(stats.timeouts, 1);
	assert_int_equal(stats.crc, 1);
	assert_int_equal(stats.frames, 1);
	assert_int_equal(stats.foreign, 1);
	assert_int_equal(stats.exceptions, 1);
	assert_int_equal(stats.other, 1);
	assert_int_equal(stats.late, 6); /* the foreign one is in its own column */
	assert_true(stats.any_good && stats.last_good.us == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quantiles_are_near),
		cmocka_unit_test(extremes_do_no_harm),
		cmocka_unit_test(line_use_is_of_the_last_seconds),
		cmocka_unit_test(errors_go_by_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
