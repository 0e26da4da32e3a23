/* Local days and half hours, against the C library where it knows better. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "calendar.h"
#include "err.h"
#include "random.h"

#define HOUR_MS (3600 * MS_PER_S)

/* Berlin 2026: summer time from March 29th, 01:00 UTC, to October 25th, 01:00 UTC. */
static const struct zone_rules berlin = {
	3, {{0, 3600}, {1774746000000, 7200}, {1792890000000, 3600}}};
static const struct zone_rules shanghai = {1, {{0, 8 * 3600}}};

static void dates_are_the_c_librarys(void **state)
{
	int32_t year, month, mday;

	(void)state;
	for (int64_t day = -200000; day < 200000; day++) {
		time_t t = day * S_PER_DAY;
		struct tm tm;

		gmtime_r(&t, &tm);
		cal_date(day, &year, &month, &mday);
		if (year != tm.tm_year + 1900 || month != tm.tm_mon + 1 || mday != tm.tm_mday ||
			cal_day(year, month, mday) != day ||
			cal_weekday(day) != (tm.tm_wday + 6) % 7) {
			fail_msg("day %lld", (long long)day);
		}
	}
	assert_int_equal(cal_month_days(2026, 12), 31);
	assert_int_equal(cal_month_days(2028, 2), 29);
	assert_int_equal(cal_month_days(2100, 2), 28);
}

static void days_of_23_and_25_hours(void **state)
{
	static const struct {
		int64_t month, mday, hours;
	} rows[] = {
		{3, 28, 24}, {3, 29, 23}, {3, 30, 24}, {10, 24, 24}, {10, 25, 25}, {10, 26, 24}};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		int64_t day = cal_day(2026, rows[i].month, rows[i].mday);
		struct wall begin = cal_day_begin(&berlin, day), end;
		int64_t next = cal_day_begin(&berlin, day + 1).ms, slots = 0;

		assert_int_equal(next - begin.ms, rows[i].hours * HOUR_MS);
		assert_int_equal(cal_at(&berlin, begin).second, 0);
		for (struct wall at = begin; at.ms < next; at = end, slots++) {
			cal_slot(&berlin, at, &begin, &end);
			assert_int_equal(begin.ms, at.ms);
		}
		assert_int_equal(slots, rows[i].hours * 2);
	}
}

/* Every instant is in exactly one slot, slots touch, and a slot's whole time has one local half
 * hour. */
static void slots_part_time(void **state)
{
	uint64_t seed = random_seed();

	(void)state;
	for (int i = 0; i < 200000; i++) {
		const struct zone_rules *zone = i % 2 ? &berlin : &shanghai;
		struct wall at = {1767225600000 + random_below(&seed, 366 * S_PER_DAY * MS_PER_S)};
		struct wall begin, end, b, e;

		cal_slot(zone, at, &begin, &end);
		assert_true(begin.ms <= at.ms && at.ms < end.ms);
		cal_slot(zone, end, &b, &e);
		assert_int_equal(b.ms, end.ms);
		cal_slot(zone, (struct wall){end.ms - 1}, &b, &e);
		assert_int_equal(b.ms, begin.ms);
		assert_int_equal(cal_at(zone, begin).second / S_PER_SLOT,
			cal_at(zone, (struct wall){end.ms - 1}).second / S_PER_SLOT);
	}
}

/* A zone that moves within a half hour, and one with a quarter: slots are cut, never lost. */
static void odd_zones(void **state)
{
	const struct zone_rules odd = {2, {{0, 5 * 3600 + 2700}, {1774746900000, 6 * 3600}}};
	struct wall begin, end, at = {1774746900000 - 1};

	(void)state;
	cal_slot(&odd, at, &begin, &end);
	assert_int_equal(begin.ms % (900 * MS_PER_S), 0);
	assert_int_equal(end.ms, 1774746900000);
	cal_slot(&odd, end, &begin, &end);
	assert_int_equal(begin.ms, 1774746900000);
	assert_int_equal(end.ms % (1800 * MS_PER_S), 0);
}

static void dates_are_read_strictly(void **state)
{
	static const char *const bad[] = {"", "2026-1-01", "2026-01-1", "26-01-01", "2026-13-01",
		"2026-00-10", "2026-02-29", "2026-04-31", "2026-01-00", "2026/01/01", "2026-01-01 ",
		"-026-01-01", "2026--1-01"};
	int64_t day = 5;

	(void)state;
	assert_int_equal(cal_parse_day("2026-03-01", &day), 0);
	assert_int_equal(day, cal_day(2026, 3, 1));
	assert_int_equal(cal_parse_day("2028-02-29", &day), 0);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		day = 5;
		assert_true(cal_parse_day(bad[i], &day) < 0);
		assert_int_equal(day, 5);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dates_are_the_c_librarys),
		cmocka_unit_test(days_of_23_and_25_hours),
		cmocka_unit_test(slots_part_time),
		cmocka_unit_test(odd_zones),
		cmocka_unit_test(dates_are_read_strictly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
