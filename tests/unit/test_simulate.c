/* Past sessions of a store under another tariff. */
#include "store_fixture.h"

#include "simulate.h"
#include "tariff_file.h"

/* 2026-03-01 00:00 UTC */
#define DAY_MS  INT64_C(1772323200000)
#define HOUR_MS INT64_C(3600000)

static const char text[] = "tariff: t\nfrom: 2090-01-01\n"
			   "prices: {electricity: {peak: 2, flat: 1}, service: 0.5}\n"
			   "days: [{periods: {peak: 08:00-12:00, flat: rest}}]\n";

static void put_session(struct store *store, const char *id, int64_t begin_h, int64_t end_h,
	int64_t start_wh, int64_t wh)
{
	struct view_session s;

	view_clear(VIEW_session, &s);
	VIEW_SET(&s, id, id);
	VIEW_SET(&s, gun, "A1.1");
	VIEW_SET(&s, state, "closed");
	s.start = DAY_MS + begin_h * HOUR_MS;
	s.end = end_h == VALUE_NONE ? VALUE_NONE : DAY_MS + end_h * HOUR_MS;
	s.start_wh = start_wh;
	s.end_wh = start_wh + wh;
	s.energy_wh = wh;
	VIEW_SET(&s, start_quality, "good");
	VIEW_SET(&s, end_quality, "good");
	assert_int_equal(store_put(store, VIEW_session, &s), 0);
}

static void put_mark(struct store *store, const char *id, int64_t hour, int64_t wh)
{
	struct view_mark m;

	view_clear(VIEW_mark, &m);
	VIEW_SET(&m, session, id);
	m.at = m.read_at = DAY_MS + hour * HOUR_MS;
	m.wh = wh;
	VIEW_SET(&m, quality, "good");
	assert_int_equal(store_put(store, VIEW_mark, &m), 0);
}

static void sums_by_period(void **state)
{
	const struct zone_rules utc = {0};
	struct yaml_errors errors = {0};
	struct fixture *f = *state;
	struct store_reader *reader;
	struct simulated s;
	struct store *store;
	struct tariff t;

	assert_int_equal(tariff_parse("t", text, strlen(text), &utc, &errors, &t), 0);
	assert_int_equal(store_open(&f->cfg, &store), 0);
	put_session(store, "marked", 6, 10, 1000, 10000);
	put_mark(store, "marked", 8, 4000);
	put_mark(store, "marked", 9, 5000);
	put_session(store, "plain", 11, 13, 20000, 9001);
	put_session(store, "open", 11, VALUE_NONE, 20000, 9000);
	put_session(store, "other day", 30, 31, 20000, 9000);
	put_session(store, "odd", 15, 14, 20000, 9000);
	assert_int_equal(store_flush(store), 0);
	assert_int_equal(store_reader_open(f->folder, &reader), 0);
	assert_int_equal(store_simulate(reader, &t, (struct wall){DAY_MS},
				 (struct wall){DAY_MS + 24 * HOUR_MS}, &s),
		0);
	assert_int_equal(s.sessions, 2);
	assert_int_equal(s.unbilled, 2);
	assert_int_equal(s.substitutes, 1);
	assert_int_equal(s.skipped, 1);
	/* 3000 Wh until 08:00, and half of what flowed from 11 to 13 */
	assert_int_equal(s.period[PERIOD_FLAT].wh, 3000 + 4500);
	assert_int_equal(s.period[PERIOD_PEAK].wh, 7000 + 4501);
	assert_int_equal(s.period[PERIOD_FLAT].elec_fen, 300 + 450);
	assert_int_equal(s.period[PERIOD_PEAK].elec_fen, 1400 + 900);
	assert_int_equal(s.period[PERIOD_PEAK].service_fen, 350 + 225);
	assert_int_equal(s.period[PERIOD_PEAK].billed_wh, 0);
	store_reader_close(reader);
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(sums_by_period, fixture_make, fixture_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
