/* What is chosen, repeated and drawn from recorded sessions before they run. */
#include "store_fixture.h"
#include "whatif.h"
#include "whatif_site.h"

#define HOUR_S 3600

/* Two stations: one of two cars, one of a single one. */
static struct session_rows site(void)
{
	static const struct session_row cars[] = {{"A", 8 * HOUR_S, 10 * HOUR_S, 5000, 0},
		{"A", 10 * HOUR_S + 60, 12 * HOUR_S, 5000, 0},
		{"B", 8 * HOUR_S, 9 * HOUR_S, 20000, 3000}};
	struct session_rows rows = {malloc(sizeof cars), sizeof cars / sizeof cars[0]};

	assert_non_null(rows.rows);
	memcpy(rows.rows, cars, sizeof cars);
	return rows;
}

static struct garage_cfg garage(const struct session_rows *rows)
{
	return (struct garage_cfg){.rows = rows,
		.days = whatif_days(rows, 0),
		.step_s = WHATIF_STEP_S,
		.rated_va = 30000,
		.gun_w = 6600,
		.min_w = 1380,
		.policy = GARAGE_FAIR,
		.seed = 1};
}

static void added_guns_repeat_cars_that_never_overlap(void **state)
{
	struct session_rows rows = site();

	(void)state;
	assert_int_equal(whatif_add_guns(&rows, 5, 7), 0);
	assert_int_equal(rows.count, 3 + 3 * 2 + 2 * 1);
	for (size_t i = 1; i < rows.count; i++) {
		const struct session_row *row = &rows.rows[i], *last = row - 1;

		assert_true(row->unplug_s > row->plug_s);
		assert_true(
			strcmp(row->station, last->station) != 0 || row->plug_s > last->unplug_s);
	}
	assert_int_equal(whatif_add_guns(&rows, GARAGE_GUNS, 7), ERR_FULL);
	sessions_clear(&rows);
}

static void nothing_is_repeated_of_nothing(void **state)
{
	struct session_rows rows = {0};

	(void)state;
	assert_int_equal(whatif_add_guns(&rows, 1, 7), ERR_INVAL);
}

static void days_are_cut_by_the_begin(void **state)
{
	struct session_rows rows = site();

	(void)state;
	whatif_between(&rows, 8 * HOUR_S, 10 * HOUR_S);
	assert_int_equal(rows.count, 2);
	assert_string_equal(rows.rows[1].station, "B");
	sessions_clear(&rows);
}

static void the_other_load_keeps_its_greatest_hour(void **state)
{
	static int32_t hours[24] = {[12] = 5000};
	int32_t *other = NULL;
	int64_t top = 0;

	(void)state;
	assert_int_equal(whatif_other(hours, 24, 0, 1, 0, &other, &top), 0);
	assert_int_equal(other[12 * 360], 5000);
	assert_true(top >= 5000 && top <= 5500);
	free(other);
	assert_int_equal(whatif_other(hours, 24, 0, 1, 20000, &other, &top), 0);
	assert_int_equal(other[12 * 360], 20000);
	free(other);
}

/* The same run twice, and a car that takes no more than it can. */
static void a_run_is_repeatable_and_cars_have_a_greatest_power(void **state)
{
	struct session_rows rows = site();
	struct garage_cfg cfg = garage(&rows);
	struct garage_result one, two;
	struct whatif_curve curve, again;

	(void)state;
	assert_int_equal(whatif_run(&cfg, &one, &curve), 0);
	assert_int_equal(whatif_run(&cfg, &two, &again), 0);
	assert_memory_equal(&one, &two, sizeof one);
	assert_memory_equal(&curve, &again, sizeof curve);
	assert_int_equal(one.sessions, 3);
	assert_int_equal(one.over_s, 0);
	/* B asks 20 kWh and can take 3 kW for an hour. */
	assert_true(one.energy_wh <= 10000 + 3000 && one.energy_wh > 10000 + 2800);
	assert_true(curve.total_va[8 * HOUR_S / WHATIF_SLOT_S] >= 3000);
	assert_int_equal(curve.total_va[20 * HOUR_S / WHATIF_SLOT_S], 0);
	sessions_clear(&rows);
}

/* Two ended sessions, one of a car that stood longer than it charged; an open one does not count.
 */
static void a_site_tells_its_own_past(void **state)
{
	struct fixture *f = *state;
	const int64_t at = INT64_C(1772359200000);
	struct whatif_past past = {.folder = f->folder,
		.utc_offset_s = 8 * HOUR_S,
		.from_s = at / 1000 + 8 * HOUR_S,
		.to_s = at / 1000 + 8 * HOUR_S + 86400};
	struct view_session s = a_session("s1", "A1.1", at);
	struct view_visit v;
	struct session_rows rows = {0};
	struct store *store = NULL;
	int32_t hours[24];

	assert_int_equal(store_open(&f->cfg, &store), 0);
	assert_int_equal(store_put(store, VIEW_session, &s), 0);
	VIEW_SET(&s, id, "s2");
	VIEW_SET(&s, state, "ended");
	s.end = at + HOUR_S * 1000;
	s.energy_wh = 7000;
	s.peak_w = 7100;
	assert_int_equal(store_put(store, VIEW_session, &s), 0);
	VIEW_SET(&s, id, "s3");
	VIEW_SET(&s, gun, "A1.2");
	assert_int_equal(store_put(store, VIEW_session, &s), 0);
	view_clear(VIEW_visit, &v);
	VIEW_SET(&v, id, "v3");
	VIEW_SET(&v, gun, "A1.2");
	v.plugged = at - 60000;
	v.unplugged = at + 2 * HOUR_S * 1000;
	v.sessions = 1;
	assert_int_equal(store_put(store, VIEW_visit, &v), 0);
	assert_int_equal(store_flush(store), 0);
	store_close(store);

	assert_int_equal(whatif_past_sessions(&past, &rows), 0);
	assert_int_equal(rows.count, 2);
	assert_string_equal(rows.rows[0].station, "A1.1");
	assert_int_equal(rows.rows[0].plug_s, at / 1000 + 8 * HOUR_S);
	assert_int_equal(rows.rows[0].energy_wh, 7000);
	assert_int_equal(rows.rows[0].max_w, 7100);
	assert_int_equal(rows.rows[1].plug_s, at / 1000 + 8 * HOUR_S - 60);
	assert_int_equal(rows.rows[1].unplug_s, at / 1000 + 10 * HOUR_S);
	sessions_clear(&rows);
	past.meter = "tm";
	assert_int_equal(whatif_past_load(&past, hours, 24), 0);
	assert_int_equal(hours[0], 0);
	past.to_s = past.from_s;
	past.from_s -= 86400;
	assert_int_equal(whatif_past_sessions(&past, &rows), ERR_NOTFOUND);
}

static void put_session(struct store *store, const char *id, const char *gun, int64_t from_s,
	int64_t to_s, int64_t wh)
{
	struct view_session s = a_session(id, gun, from_s * 1000);

	if (to_s > 0) {
		VIEW_SET(&s, state, "ended");
		s.end = to_s * 1000;
		s.energy_wh = wh;
	}
	assert_int_equal(store_put(store, VIEW_session, &s), 0);
}

static void put_visit(
	struct store *store, const char *gun, int64_t from_s, int64_t to_s, int64_t sessions)
{
	struct view_visit v;

	view_clear(VIEW_visit, &v);
	snprintf(v.id, sizeof v.id, "%s-%lld", gun, (long long)from_s);
	VIEW_SET(&v, gun, gun);
	v.plugged = from_s * 1000;
	v.unplugged = to_s > 0 ? to_s * 1000 : VALUE_NONE;
	v.sessions = sessions;
	assert_int_equal(store_put(store, VIEW_visit, &v), 0);
}

/* What counts as a car of the past, and from when to when. */
static void only_what_has_ended_with_energy_is_a_car(void **state)
{
	struct fixture *f = *state;
	const int64_t day = INT64_C(1772323200); /* 2026-03-01 08:00 in China */
	struct whatif_past past = {.folder = f->folder,
		.utc_offset_s = 8 * HOUR_S,
		.from_s = day + 8 * HOUR_S,
		.to_s = day + 8 * HOUR_S + 86400};
	struct session_rows rows = {0};
	struct store *store = NULL;

	assert_int_equal(store_open(&f->cfg, &store), 0);
	put_session(store, "before", "A1.1", day - 1, day + 100, 5000);
	put_session(store, "first", "A1.1", day, day + 3600, 5000);
	put_session(store, "nothing", "A1.2", day + 10, day + 3600, 0);
	put_session(store, "open", "A2.1", day + 10, 0, 0);
	put_session(store, "no-time", "A2.2", day + 10, day + 10, 3000);
	put_session(store, "twice-1", "B1.1", day + 100, day + 200, 1000);
	put_session(store, "twice-2", "B1.1", day + 300, day + 400, 2000);
	put_session(store, "still-there", "B2.1", day + 100, day + 200, 3000);
	put_session(store, "last", "B3.1", day + 86399, day + 90000, 4000);
	put_session(store, "after", "B3.1", day + 86400 + 10000, day + 100000, 4000);
	put_visit(store, "A1.1", day - 3600, day + 7200, 1);
	put_visit(store, "B1.1", day, day + 3600, 2); /* which of them stood there is not known */
	put_visit(store, "B2.1", day, 0, 1);          /* not left yet */
	put_visit(store, "B3.2", day + 80000, day + 100000, 1);
	assert_int_equal(store_flush(store), 0);
	store_close(store);

	assert_int_equal(whatif_past_sessions(&past, &rows), 0);
	assert_int_equal(rows.count, 5);
	for (size_t i = 0; i < rows.count; i++) {
		const struct session_row *row = &rows.rows[i];
		int64_t from = row->plug_s - 8 * HOUR_S - day,
			to = row->unplug_s - 8 * HOUR_S - day;

		if (strcmp(row->station, "A1.1") == 0) {
			/* it stood there before and after */
			assert_int_equal(from, -3600);
			assert_int_equal(to, 7200);
		} else if (strcmp(row->station, "B1.1") == 0) {
			assert_int_equal(to - from, 100);
		} else if (strcmp(row->station, "B2.1") == 0) {
			assert_int_equal(from, 100);
			assert_int_equal(to, 200);
		} else {
			assert_string_equal(row->station, "B3.1");
			assert_int_equal(from, 86399);
		}
	}
	sessions_clear(&rows);
}

/* The meter's energy of each hour less that of the guns; hours without a record have none. */
static void the_other_load_is_what_the_guns_did_not_take(void **state)
{
	static const char *const series[] = {"T1", "A1.1"};
	struct fixture *f = *state;
	const int64_t day = INT64_C(1772323200);
	struct whatif_past past = {
		.folder = f->folder, .meter = "T1", .utc_offset_s = 0, .from_s = day};
	/* Wh a quarter of an hour: the guns take 3 of 10 kW, then more than is metered. */
	static const int64_t meter[] = {2500, 2500, 2500, 2500, 500, 500, 500, 500};
	static const int64_t gun[] = {750, 750, 750, 750, 600, 600, 600, 600};
	int64_t all = 100000, guns = 5000;
	struct store *store = NULL;
	int32_t hours[4] = {-1, -1, -1, -1};

	f->cfg.series = series;
	f->cfg.series_count = 2;
	assert_int_equal(store_open(&f->cfg, &store), 0);
	for (size_t q = 0; q <= 8; q++) {
		struct store_value v = {PT_ENERGY, Q_GOOD, all};
		/* the last second of each quarter */
		struct wall at = {(day + (q == 0 ? 0 : (int64_t)q * 900 - 1)) * 1000};

		assert_int_equal(store_telemetry(store, 0, at, &v, 1), 0);
		v.value = guns;
		assert_int_equal(store_telemetry(store, 1, at, &v, 1), 0);
		all += q < 8 ? meter[q] : 0;
		guns += q < 8 ? gun[q] : 0;
	}
	assert_int_equal(store_flush(store), 0);
	store_close(store);

	assert_int_equal(whatif_past_load(&past, hours, 4), 0);
	assert_in_range(hours[0], 6900, 7100);
	assert_int_equal(hours[1], 0);
	assert_int_equal(hours[2], 0);
	assert_int_equal(hours[3], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(added_guns_repeat_cars_that_never_overlap),
		cmocka_unit_test(nothing_is_repeated_of_nothing),
		cmocka_unit_test(days_are_cut_by_the_begin),
		cmocka_unit_test(the_other_load_keeps_its_greatest_hour),
		cmocka_unit_test(a_run_is_repeatable_and_cars_have_a_greatest_power),
		cmocka_unit_test_setup_teardown(
			a_site_tells_its_own_past, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(
			only_what_has_ended_with_energy_is_a_car, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(
			the_other_load_is_what_the_guns_did_not_take, fixture_make, fixture_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
