/* From registers and a tariff to money. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bill.h"
#include "money.h"
#include "random.h"

#define HALF_MS (S_PER_SLOT * MS_PER_S)
/* 2026-03-01 00:00 in Shanghai. */
#define DAY_MS INT64_C(1772294400000)

/* Valley to 08:00, peak 08-12 and 16-20, else flat. */
static struct tariff plain(void)
{
	static const struct price price[PERIOD_COUNT_] = {[PERIOD_PEAK] = {119000, 40000},
		[PERIOD_FLAT] = {70000, 40000},
		[PERIOD_VALLEY] = {21000, 40000}};
	struct tariff t = {.id = "t", .version = 1, .schedules = 1, .from_ms = DAY_MS};

	t.zone = (struct zone_rules){1, {{0, 8 * 3600}}};
	for (int c = 0; c < CLASS_COUNT_; c++) {
		memcpy(t.price[0][c], price, sizeof price);
		t.price[0][c][PERIOD_FLAT].service_e5 /= c == CLASS_MEMBER ? 2 : 1;
	}
	for (int s = 0; s < CAL_SLOTS; s++) {
		bool peak = (s >= 16 && s < 24) || (s >= 32 && s < 40);

		t.schedule[0][s] = s < 16 ? PERIOD_VALLEY : peak ? PERIOD_PEAK : PERIOD_FLAT;
	}
	return t;
}

static struct bill_point point(int64_t hour_pm, int64_t wh)
{
	return (struct bill_point){{DAY_MS + hour_pm * 3600}, wh, Q_GOOD};
}

static void a_day_with_two_peaks_has_two_peak_lines(void **state)
{
	struct tariff t = plain();
	const struct tariff *versions[] = {&t};
	/* 07:30 .. 17:15; a mark at each price border and one between. */
	const struct bill_point points[] = {point(7500, 1000), point(8000, 4001),
		point(10000, 9000), point(12000, 20003), point(16000, 20003), point(17250, 27777)};
	const struct bill_input in = {versions, 1, CLASS_MEMBER, points, 6};
	struct bill_line lines[8];
	struct bill_sum sum;

	(void)state;
	assert_int_equal(bill_compute(&in, lines, 8, &sum), 4);
	assert_int_equal(lines[0].period, PERIOD_VALLEY);
	assert_int_equal(lines[0].wh, 3001);
	assert_int_equal(lines[0].elec_fen, 63);     /* 63.021 */
	assert_int_equal(lines[0].service_fen, 120); /* 120.04 */
	assert_int_equal(lines[1].period, PERIOD_PEAK);
	assert_int_equal(lines[1].wh, 16002);
	assert_int_equal(lines[1].elec_fen, 1904); /* 1904.238 */
	assert_int_equal(lines[2].period, PERIOD_FLAT);
	assert_int_equal(lines[2].wh, 0);
	assert_int_equal(lines[3].period, PERIOD_PEAK);
	assert_int_equal(lines[3].wh, 7774);
	assert_int_equal(lines[3].elec_fen, 925); /* 925.106 */
	assert_int_equal(sum.wh, 26777);
	assert_int_equal(sum.elec_fen, 63 + 1904 + 925);
	assert_int_equal(sum.service_fen, 120 + 640 + 311);
	for (int i = 0; i < 4; i++) {
		assert_false(lines[i].substitute);
	}
}

static void a_border_that_nobody_latched_is_interpolated_and_marked(void **state)
{
	struct tariff t = plain();
	const struct tariff *versions[] = {&t};
	struct bill_point points[] = {point(7000, 1000), point(10000, 4001), point(13000, 4001)};
	const struct bill_input in = {versions, 1, CLASS_ORDINARY, points, 3};
	struct bill_line lines[8];
	struct bill_sum sum;

	(void)state;
	assert_int_equal(bill_compute(&in, lines, 8, &sum), 3);
	assert_int_equal(lines[0].to_wh, 2000); /* 1000 + 3001/3 = 2000.33 */
	assert_true(lines[0].substitute && lines[1].substitute && lines[2].substitute);
	points[0].wh = 1001;
	points[1].at.ms = DAY_MS + 8 * 3600 * 1000;
	assert_int_equal(bill_compute(&in, lines, 8, &sum), 3);
	assert_false(lines[0].substitute);
	assert_true(lines[1].substitute);
	points[1].quality = Q_SUBSTITUTE;
	assert_int_equal(bill_compute(&in, lines, 8, &sum), 3);
	assert_true(lines[0].substitute);
	assert_int_equal(bill_interpolate(&points[0], &points[1], points[0].at), 1001);
	assert_int_equal(bill_interpolate(&points[0], &points[1], (struct wall){0}), 1001);
	/* Half up, and no overflow at the ends of what is allowed. */
	points[0] = (struct bill_point){{0}, 0, Q_GOOD};
	points[1] = (struct bill_point){{4000000000000}, 100000000000, Q_GOOD};
	assert_int_equal(bill_interpolate(&points[0], &points[1], (struct wall){20}), 1);
	assert_int_equal(bill_interpolate(&points[0], &points[1], (struct wall){19}), 0);
	assert_int_equal(bill_interpolate(&points[0], &points[1], (struct wall){3999999999999}),
		100000000000);
}

static void versions_change_at_their_date(void **state)
{
	struct tariff old = plain(), new = plain();
	const struct tariff *versions[] = {&old, &new};
	const struct bill_point points[] = {
		point(20000, 0), point(24000, 4000), point(28000, 9000)};
	const struct bill_input in = {versions, 2, 0, points, 3};
	struct bill_input early = in;
	struct bill_line lines[8];
	struct bill_sum sum;

	(void)state;
	new.version = 2;
	new.from_ms = DAY_MS + 24 * 3600 * 1000;
	assert_int_equal(bill_compute(&in, lines, 8, &sum), 2);
	assert_int_equal(lines[0].version, 1);
	assert_int_equal(lines[0].wh, 4000);
	assert_int_equal(lines[1].version, 2);
	assert_int_equal(lines[1].wh, 5000);
	early.versions = versions + 1;
	early.version_count = 1;
	assert_int_equal(bill_compute(&early, lines, 8, &sum), ERR_NOTFOUND);
}

static void what_is_no_session_is_refused(void **state)
{
	struct tariff t = plain();
	const struct tariff *versions[] = {&t};
	struct bill_point points[3];
	struct bill_input in = {versions, 1, 0, points, 2};
	struct bill_line lines[8];
	struct bill_sum sum;

	(void)state;
	points[0] = point(7000, 1000);
	points[1] = point(9000, 999);
	assert_int_equal(bill_compute(&in, lines, 8, &sum), ERR_INVAL);
	points[1] = point(6999, 1000);
	assert_int_equal(bill_compute(&in, lines, 8, &sum), ERR_INVAL);
	points[1] = point(9000, INT64_C(100000000001));
	assert_int_equal(bill_compute(&in, lines, 8, &sum), ERR_INVAL);
	points[1] = point(7000, 1001);
	assert_int_equal(bill_compute(&in, lines, 8, &sum), ERR_INVAL);
	in.point_count = 1;
	assert_int_equal(bill_compute(&in, lines, 8, &sum), ERR_INVAL);
	in.point_count = 2;
	points[1] = point(7000, 1000);
	assert_int_equal(bill_compute(&in, lines, 8, &sum), 1);
	assert_int_equal(sum.wh + sum.elec_fen + sum.service_fen, 0);
	points[1] = point(23000, 2000);
	assert_int_equal(bill_compute(&in, lines, 4, &sum), ERR_FULL);
	assert_int_equal(bill_compute(&in, lines, 5, &sum), 5);
}

static void parking_has_free_minutes_windows_and_a_cap(void **state)
{
	struct tariff t = plain();
	struct parking_line lines[TARIFF_WINDOWS];
	struct wall from = {DAY_MS + 21 * 3600 * 1000}, to = {DAY_MS + 31 * 3600 * 1000};
	struct parking_pause pause = {{from.ms + 600000}, {from.ms + 1200000}};
	int64_t fen;

	(void)state;
	t.free_min = 15;
	assert_int_equal(parking_compute(&t, 0, from, to, NULL, 0, lines, &fen), 0);
	assert_int_equal(fen, 0);
	/* 07:00-22:00 at 0.33333, the night 22:00-07:00 at 0.1. */
	t.windows = 2;
	t.window[0] = (struct parking_window){420, 1320, {33333, 0}};
	t.window[1] = (struct parking_window){1320, 420, {10000, 10000}};
	assert_int_equal(parking_compute(&t, 0, from, to, NULL, 0, lines, &fen), 2);
	assert_int_equal(lines[0].minutes, 45);
	assert_int_equal(lines[0].fen, 1500); /* 1499.985 */
	assert_int_equal(lines[1].minutes, 540);
	assert_int_equal(fen, 1500 + 5400);
	t.cap_fen = 2000;
	parking_compute(&t, 0, from, to, NULL, 0, lines, &fen);
	assert_int_equal(fen, 2000);
	assert_int_equal(parking_compute(&t, CLASS_MEMBER, from, to, NULL, 0, lines, &fen), 2);
	assert_int_equal(lines[0].fen, 0);
	/* Free minutes do not run in a pause; a minute that is not whole costs nothing. */
	t.cap_fen = 0;
	to.ms = from.ms + 25 * 60000 + 59999;
	parking_compute(&t, 0, from, to, NULL, 0, lines, &fen);
	assert_int_equal(lines[0].minutes, 10);
	assert_int_equal(parking_compute(&t, 0, from, to, &pause, 1, lines, &fen), 0);
	to.ms += 1;
	assert_int_equal(parking_compute(&t, 0, from, to, &pause, 1, lines, &fen), 1);
	assert_int_equal(lines[0].minutes, 1);
	assert_int_equal(parking_compute(&t, 0, to, from, NULL, 0, lines, &fen), ERR_INVAL);
}

static void the_canonical_text_is_stable(void **state)
{
	struct tariff t = plain();
	const struct tariff *versions[] = {&t};
	const struct bill_point points[] = {
		point(7000, 1000), point(8000, 4001), point(9000, 5000)};
	const struct bill_input in = {versions, 1, 0, points, 3};
	struct bill bill = {.id = "b1",
		.kind = "session",
		.session = "s1",
		.gun = "A1.2",
		.class = "ordinary",
		.tariff = "t",
		.start = points[0],
		.end = points[2],
		.total_fen = 293,
		.sealed_ms = 5};
	struct bill_line lines[8];
	char text[BILL_TEXT_MAX(8)];
	int n = bill_compute(&in, lines, 8, &bill.sum);

	(void)state;
	assert_int_equal(n, 2);
	assert_true(bill_text(&bill, lines, 2, NULL, 0, text, sizeof text) > 0);
	assert_string_equal(text,
		"piled-bill 1\nid b1\nkind session\nsession s1\nvisit \ngun A1.2\norder \naccount "
		"\n"
		"class ordinary\ntariff t\nstart 1772319600000 1000 good\n"
		"end 1772326800000 5000 good\n"
		"line 1 1 valley 1772319600000 1772323200000 1000 4001 3001 21000 40000 63 120 "
		"good\n"
		"line 2 1 peak 1772323200000 1772326800000 4001 5000 999 119000 40000 119 40 good\n"
		"energy 4000\nelectricity 182\nservice 160\nparking_fee 0\ntotal 293\nsealed 5\n");
	assert_int_equal(bill_text(&bill, lines, 2, NULL, 0, text, 100), ERR_TOOLONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_day_with_two_peaks_has_two_peak_lines),
		cmocka_unit_test(a_border_that_nobody_latched_is_interpolated_and_marked),
		cmocka_unit_test(versions_change_at_their_date),
		cmocka_unit_test(what_is_no_session_is_refused),
		cmocka_unit_test(parking_has_free_minutes_windows_and_a_cap),
		cmocka_unit_test(the_canonical_text_is_stable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
