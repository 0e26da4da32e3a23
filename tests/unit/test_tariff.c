/* The text of a tariff and what it says of any time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "money.h"
#include "tariff_edit.h"
#include "tariff_file.h"
#include "text.h"
#include "zone.h"

static const struct zone_rules shanghai = {1, {{0, 8 * 3600}}};

static struct yaml_errors errors;

static int parse(const char *text, struct tariff *t)
{
	yaml_errors_free(&errors);
	return tariff_parse("t.yaml", text, strlen(text), &shanghai, &errors, t);
}

static struct wall at(const struct tariff *t, const char *date, int minute)
{
	int64_t day;

	assert_int_equal(cal_parse_day(date, &day), 0);
	return (struct wall){cal_day_begin(&t->zone, day).ms + minute * 60000};
}

/* The periods of a day as one letter each half hour: S P F V D. */
static void day_text(const struct tariff *t, const char *date, char dst[CAL_SLOTS + 1])
{
	for (int s = 0; s < CAL_SLOTS; s++) {
		struct tariff_slot slot;

		tariff_at(t, at(t, date, s * 30), CLASS_ORDINARY, &slot);
		dst[s] = "SPFVD"[slot.period];
	}
	dst[CAL_SLOTS] = '\0';
}

static void load_example(struct tariff *t)
{
	static char text[TARIFF_TEXT_MAX];
	FILE *file = fopen("agent/examples/shandong-2026.yaml", "r");

	assert_non_null(file);
	text[fread(text, 1, sizeof text - 1, file)] = '\0';
	fclose(file);
	if (parse(text, t) != 0) {
		fail_msg("%s", errors.kept > 0 ? errors.lines[0] : "not valid");
	}
}

/* The table of the published schedule, by half hours. */
static void the_shandong_schedule(void **state)
{
	static const struct {
		int month;
		const char *slots;
	} rows[] = {
		{1, "FFFFVVVVVVVVFFPPPPFFVVDDDDDDVVFFSSSSSSPPPPFFFFFF"},
		{2, "FFFFVVVVVVVVFFPPPPFFVVDDDDDDVVFFSSSSSSPPPPFFFFFF"},
		{3, "FFFFFFFFFFFFFFFFFFFFVVDDDDDDVVFFFFSSSSSSPPPPFFFF"},
		{4, "FFFFFFFFFFFFFFFFFFFFVVDDDDDDVVFFFFSSSSSSPPPPFFFF"},
		{5, "FFFFFFFFFFFFFFFFFFFFVVDDDDDDVVFFFFSSSSSSPPPPFFFF"},
		{6, "FFFFFFFFFFFFFFVVVVVVVVVVFFFFFFFFPPSSSSSSSSSSPPFF"},
		{7, "FFVVVVVVVVVVFFFFFFFFFFFFFFFFFFFFPPSSSSSSSSSSPPFF"},
		{8, "FFVVVVVVVVVVFFFFFFFFFFFFFFFFFFFFPPSSSSSSSSSSPPFF"},
		{9, "FFFFFFFFFFFFFFFFFFFFVVDDDDDDVVFFPPSSSSPPPPFFFFFF"},
		{10, "FFFFFFFFFFFFFFFFFFFFVVDDDDDDVVFFPPSSSSPPPPFFFFFF"},
		{11, "FFFFFFFFFFFFFFFFFFFFVVDDDDDDVVFFPPSSSSPPPPFFFFFF"},
		{12, "FFFFVVVVVVVVFFPPPPFFVVDDDDDDVVFFSSSSSSPPPPFFFFFF"},
	};
	static const int32_t elec[PERIOD_COUNT_] = {140000, 119000, 70000, 21000, 7000};
	struct tariff t;

	(void)state;
	load_example(&t);
	assert_string_equal(t.id, "shandong");
	assert_int_equal(t.from_ms, INT64_C(1767196800000)); /* 2025-12-31 16:00 UTC */
	for (size_t i = 0; i < 12; i++) {
		char date[32], slots[CAL_SLOTS + 1];

		for (int mday = 1; mday <= cal_month_days(2026, rows[i].month); mday++) {
			snprintf(date, sizeof date, "2026-%02d-%02d", rows[i].month, mday);
			day_text(&t, date, slots);
			assert_string_equal(slots, rows[i].slots);
		}
	}
	for (int p = 0; p < PERIOD_COUNT_; p++) {
		assert_int_equal(t.price[0][CLASS_ORDINARY][p].elec_e5, elec[p]);
		assert_int_equal(t.price[0][CLASS_ORDINARY][p].service_e5, 40000);
		assert_int_equal(t.price[0][CLASS_MEMBER][p].service_e5, 32000);
		assert_int_equal(price_total_e5(t.price[0][CLASS_STAFF][p]), 0);
		assert_int_equal(price_total_e5(t.price[0][CLASS_WHITE][p]), 0);
	}
	assert_int_equal(t.free_min, 15);
	assert_int_equal(t.cap_fen, 3000);
}

#define HEAD   "tariff: t\nfrom: 2026-01-01\n"
#define PRICES "prices: {electricity: 0.7, service: 0.4}\n"
#define DAYS   "days:\n  - periods: {flat: rest}\n"

static void each_error_has_its_line(void **state)
{
	static const struct {
		const char *text, *error;
	} rows[] = {
		{HEAD PRICES "days:\n  - periods: {flat: [00:00-10:00, 11:00-24:00]}\n",
			"t.yaml:5: 10:00-11:00 has no period"},
		{HEAD PRICES "days:\n  - periods:\n      flat: rest\n      peak: 08:00-12:00\n"
			     "      valley: [11:00-13:30]\n",
			"t.yaml:8: 11:00-12:00 is peak already, given in line 7"},
		{HEAD PRICES "days:\n  - periods: {valley: 23:00-07:00, peak: 06:30-08:00, flat: "
			     "rest}\n",
			"t.yaml:5: 06:30-07:00 is valley already, given in line 5"},
		{HEAD PRICES "days:\n  - periods: {valley: rest,\n     flat: rest}\n",
			"t.yaml:6: only one period can be the rest, in line 5 it is valley"},
		{HEAD PRICES "days:\n  - periods: {peak: 08:00-12:00, flat: rest}\n"
			     "    inside: {sharp: 11:30-12:30}\n",
			"t.yaml:6: 12:00-12:30 is not inside a peak"},
		{HEAD PRICES "days:\n  - periods: {peak: 08:00-12:00, flat: rest}\n"
			     "    inside: {deep: 08:00-09:00}\n",
			"t.yaml:6: 08:00-09:00 is not inside a valley"},
		{HEAD PRICES "days:\n  - periods: {peak: 08:15-12:00, flat: rest}\n",
			"t.yaml:5: read '08:15-12:00', allowed is a time such as 07:00-08:30, in "
			"half "
			"hours"},
		{HEAD PRICES "days:\n  - periods: {peak: 8-12, flat: rest}\n",
			"t.yaml:5: read '8-12', allowed is a time such as 07:00-08:30, in half "
			"hours"},
		{HEAD PRICES "days:\n  - periods: {peak: 24:00-02:00, flat: rest}\n",
			"t.yaml:5: read '24:00-02:00', allowed is a time such as 07:00-08:30, in "
			"half "
			"hours"},
		{HEAD PRICES "days:\n  - periods: {peek: 08:00-12:00, flat: rest}\n",
			"t.yaml:5: unknown key 'peek', did you mean 'peak'?"},
		{HEAD PRICES "days:\n  - months: 1-6\n    periods: {flat: rest}\n",
			"t.yaml:5: month 7, workday: has no schedule"},
		{HEAD PRICES "days:\n  - months: 1-6\n    periods: {flat: rest}\n"
			     "  - months: [6, 7-12]\n    periods: {flat: rest}\n",
			"t.yaml:7: month 6, workday: is given twice, first in line 5"},
		{HEAD PRICES "days:\n  - kinds: [workday, weekend]\n    periods: {flat: rest}\n",
			"t.yaml:5: month 1, holiday: has no schedule"},
		{HEAD PRICES "days:\n  - {kinds: sunday, periods: {flat: rest}}\n",
			"t.yaml:5: 'kinds': read 'sunday', allowed are: workday, weekend, holiday"},
		{HEAD PRICES "days:\n  - {months: 0-3, periods: {flat: rest}}\n",
			"t.yaml:5: 'months': read '0-3', allowed are 1 to 12 and 3-5"},
		{HEAD PRICES "days:\n  - {months: 11-2, periods: {flat: rest}}\n",
			"t.yaml:5: 'months': read '11-2', allowed are 1 to 12 and 3-5"},
		{HEAD PRICES,
			"t.yaml:1: 'days' must be a list of schedules for months and kinds of "
			"days"},
		{HEAD "prices: {electricity: 0.712345, service: 0.4}\n" DAYS,
			"t.yaml:3: 'electricity': read '0.712345', allowed is 0 to 100 yuan with "
			"up to "
			"5 decimals: more decimals than are allowed"},
		{HEAD "prices: {electricity: 100.5, service: 0.4}\n" DAYS,
			"t.yaml:3: 'electricity': read '100.5', allowed is 0 to 100 yuan with up "
			"to 5 "
			"decimals"},
		{HEAD "prices:\n  electricity: {flat: 0.7}\n  service: 0.4\n"
		      "days:\n  - periods: {peak: 08:00-12:00, flat: rest}\n",
			"t.yaml:4: 'peak' has no electricity price, month 1 needs it"},
		{HEAD "prices:\n  electricity: {peak: +70 %}\n  service: 0.4\n" DAYS,
			"t.yaml:4: 'peak': '+70 %' needs a flat price to be a share of"},
		{HEAD "prices:\n  electricity: {flat: 0.7, deep: -101 %}\n  service: 0.4\n" DAYS,
			"t.yaml:4: 'deep': read '-101 %', allowed is a share of the flat price "
			"such as "
			"+70 % or -90 %"},
		{HEAD "prices: {electricity: 0.7}\n" DAYS, "t.yaml:3: 'service' is missing"},
		{HEAD "prices:\n  - {months: 1-6, electricity: 1, service: 1}\n"
		      "  - {months: 6-11, electricity: 1, service: 1}\n" DAYS,
			"t.yaml:5: month 6 has prices already, given in line 4"},
		{HEAD "prices:\n  - {months: 1-11, electricity: 1, service: 1}\n" DAYS,
			"t.yaml:4: month 12 has no prices"},
		{"tariff: T 1\nfrom: 2026-01-01\n" PRICES DAYS,
			"t.yaml:1: 'tariff': read 'T 1', allowed are a-z, 0-9 and -"},
		{"tariff: t\nfrom: 2026-02-30\n" PRICES DAYS,
			"t.yaml:2: 'from': read '2026-02-30', allowed is a date such as "
			"2026-01-01"},
		{"tariff: t\n" PRICES DAYS, "t.yaml:1: 'from' is missing"},
		{HEAD "price: 1\n" PRICES DAYS,
			"t.yaml:3: unknown key 'price', did you mean 'prices'?"},
		{HEAD PRICES DAYS "holidays: [2026-05-01 to 2026-05-05,\n  2026-05-03]\n",
			"t.yaml:7: 'holidays': 2026-05-03 is given twice"},
		{HEAD PRICES DAYS "holidays: [2026-05-05 to 2026-05-01]\n",
			"t.yaml:6: 'holidays': read '2026-05-05 to 2026-05-01', allowed are "
			"2026-05-01 "
			"and 2026-05-01 to 2026-05-05"},
		{HEAD PRICES DAYS "workdays: [2026-05-06]\n",
			"t.yaml:6: 'workdays': 2026-05-06 is no weekend"},
		{HEAD PRICES DAYS "holidays: [2026-05-09]\nworkdays: [2026-05-09]\n",
			"t.yaml:7: 'workdays': 2026-05-09 is a holiday too"},
		{HEAD PRICES DAYS "parking: {free: 15 min}\n",
			"t.yaml:6: needs either 'per_minute' or 'windows'"},
		{HEAD PRICES DAYS "parking: {free: 90 s, per_minute: 0.1}\n",
			"t.yaml:6: 'free' must be whole minutes"},
		{HEAD PRICES DAYS "parking: {cap: 30.001, per_minute: 0.1}\n",
			"t.yaml:6: 'cap': read '30.001', allowed is an amount such as 30.00: more "
			"decimals than are allowed"},
		{HEAD PRICES DAYS
			"parking:\n  windows:\n    - {time: 22:00-07:00, per_minute: 0.1}\n"
			"    - {time: 06:59-22:00, per_minute: 0.1}\n",
			"t.yaml:9: 06:59 is in a window before already"},
		{HEAD PRICES DAYS "classes: {vip: {service: 50 %}}\n",
			"t.yaml:6: unknown key 'vip'"},
		{HEAD PRICES DAYS "classes: {ordinary: {service: 50 %}}\n",
			"t.yaml:6: 'ordinary' is what the prices are given for"},
		{HEAD PRICES DAYS "classes: {member: {service: 101 %}}\n",
			"t.yaml:6: 'service': read '101 %', allowed is 0 ‰ to 1000 ‰ in whole ‰"},
		{HEAD PRICES DAYS "reservation: {}\n", "t.yaml:6: 'no_show' is missing"},
	};
	struct tariff t;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		bool found = false;

		if (parse(rows[i].text, &t) != ERR_SYNTAX) {
			fail_msg("taken: %s", rows[i].text);
		}
		for (size_t k = 0; k < errors.kept; k++) {
			found = found || strcmp(errors.lines[k], rows[i].error) == 0;
		}
		if (!found || errors.kept != 1) {
			fail_msg("%zu errors, '%s' instead of '%s'", errors.kept, errors.lines[0],
				rows[i].error);
		}
	}
}

static void kinds_of_days_and_sets_of_prices(void **state)
{
	static const char text[] = HEAD
		"prices:\n"
		"  - {months: [1-6, 9-12], electricity: {flat: 0.7, valley: 0.2}, service: 0.4}\n"
		"  - {months: 7-8, electricity: {flat: 0.8, valley: 0.3}, service: {flat: 0.5, "
		"valley: 0.1}}\n"
		"days:\n"
		"  - {kinds: workday, periods: {valley: 23:00-07:00, flat: rest}}\n"
		"  - {kinds: [weekend, holiday], periods: {valley: rest}}\n"
		"holidays: [2026-10-01 to 2026-10-03]\n"
		"workdays: [2026-10-10]\n"
		"parking: {free: 1 h, windows: [{time: 22:00-07:00, per_minute: 0.00333}]}\n"
		"reservation: {no_show: 5}\n"
		"classes:\n"
		"  member: {service: 33.3 %, parking: 50 %}\n"
		"  staff: {electricity: 0 %, service: 0 %, parking: 0 %}\n"
		"  discount: {prices: {electricity: 0.5, service: 0}}\n";
	struct tariff_slot slot;
	struct tariff t;

	(void)state;
	assert_int_equal(parse(text, &t), 0);
	assert_int_equal(tariff_day_kind(&t, cal_day(2026, 10, 1)), DAY_HOLIDAY);
	assert_int_equal(tariff_day_kind(&t, cal_day(2026, 10, 4)), DAY_WEEKEND);
	assert_int_equal(tariff_day_kind(&t, cal_day(2026, 10, 10)), DAY_WORKDAY);
	tariff_at(&t, at(&t, "2026-10-02", 12 * 60), 0, &slot);
	assert_int_equal(slot.period, PERIOD_VALLEY);
	tariff_at(&t, at(&t, "2026-07-01", 12 * 60), 0, &slot);
	assert_int_equal(slot.price.elec_e5, 80000);
	tariff_at(&t, at(&t, "2026-07-01", 12 * 60), CLASS_MEMBER, &slot);
	assert_int_equal(slot.price.service_e5, 16650);
	tariff_at(&t, at(&t, "2026-07-01", 12 * 60), CLASS_STAFF, &slot);
	assert_int_equal(slot.price.elec_e5 + slot.price.service_e5, 0);
	tariff_at(&t, at(&t, "2026-07-01", 23 * 60 + 1), CLASS_DISCOUNT, &slot);
	assert_int_equal(slot.price.elec_e5, 50000);
	assert_int_equal(slot.period, PERIOD_VALLEY);
	assert_int_equal(slot.end.ms - slot.begin.ms, 1800000);
	tariff_at(&t, at(&t, "2026-07-01", 0), CLASS_COUNT_ + 3, &slot);
	assert_int_equal(slot.price.service_e5, 10000);
	assert_int_equal(t.window[0].per_min_e5[CLASS_ORDINARY], 333);
	assert_int_equal(t.window[0].per_min_e5[CLASS_MEMBER], 167);
	assert_int_equal(t.free_min, 60);
	assert_int_equal(t.no_show_fen, 500);
	/* Friday evening, to Monday morning with the weekend all valley. */
	assert_true(tariff_next_change(&t, at(&t, "2026-03-06", 23 * 60), 0, 8, &slot));
	assert_int_equal(slot.begin.ms, at(&t, "2026-03-09", 7 * 60).ms);
	assert_false(tariff_next_change(&t, at(&t, "2026-03-06", 23 * 60), 0, 2, &slot));
}

static void versions_are_in_force_from_their_date(void **state)
{
	struct tariff a, b;
	const struct tariff *const versions[] = {&a, &b};

	(void)state;
	assert_int_equal(parse(HEAD PRICES DAYS, &a), 0);
	b = a;
	b.from_ms = at(&a, "2026-02-01", 0).ms;
	assert_int_equal(tariff_in_force(versions, 2, (struct wall){a.from_ms - 1}), -1);
	assert_int_equal(tariff_in_force(versions, 2, (struct wall){a.from_ms}), 0);
	assert_int_equal(tariff_in_force(versions, 2, (struct wall){b.from_ms - 1}), 0);
	assert_int_equal(tariff_in_force(versions, 2, (struct wall){b.from_ms}), 1);
	assert_int_equal(tariff_in_force(versions, 0, (struct wall){b.from_ms}), -1);
}

/* The rules of a zone travel with the tariff; a day of 23 hours lacks the half hours from 02:00 to
 * 03:00, a day of 25 hours has them twice. */
static void summer_time(void **state)
{
	static const char text[] = HEAD PRICES
		"days:\n  - periods: {valley: 00:00-02:00, peak: 02:00-03:00, flat: rest}\n";
	static const struct {
		const char *date;
		int peak_slots, slots;
	} rows[] = {{"2026-03-28", 2, 48}, {"2026-03-29", 0, 46}, {"2026-03-30", 2, 48},
		{"2026-10-25", 4, 50}};
	struct zone_rules berlin;
	struct tariff t;

	(void)state;
	assert_int_equal(zone_read("Europe/Berlin", &berlin), 0);
	assert_int_equal(tariff_parse("t", text, strlen(text), &berlin, &errors, &t), 0);
	assert_memory_equal(&t.zone, &berlin, sizeof berlin);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct tariff_slot slot = {.end = at(&t, rows[i].date, 0)};
		int peak = 0, slots = 0;
		int64_t day = cal_at(&t.zone, slot.end).day;

		while (cal_at(&t.zone, slot.end).day == day) {
			tariff_at(&t, slot.end, 0, &slot);
			peak += slot.period == PERIOD_PEAK;
			slots++;
		}
		assert_int_equal(peak, rows[i].peak_slots);
		assert_int_equal(slots, rows[i].slots);
	}
}

static void what_is_no_tariff_is_told(void **state)
{
	struct tariff good, t;

	(void)state;
	load_example(&good);
	assert_int_equal(tariff_valid(&good), 0);
#define BAD(change)                                              \
	do {                                                     \
		t = good;                                        \
		change;                                          \
		assert_int_equal(tariff_valid(&t), ERR_CORRUPT); \
	} while (0)
	BAD(memset(t.id, 'x', sizeof t.id));
	BAD(t.id[0] = '\0');
	BAD(t.version = 0);
	BAD(t.zone.count = 65);
	BAD(t.price[3][4][4].elec_e5 = -1);
	BAD(t.price[0][0][0].service_e5 = (int32_t)PRICE_MAX_E5 + 1);
	BAD(t.windows = TARIFF_WINDOWS + 1);
	BAD(t.window[0].to_min = 1441);
	BAD(t.window[0].per_min_e5[0] = -1);
	BAD(t.holidays = TARIFF_HOLIDAYS + 1);
	BAD((t.holidays = 2, t.holiday[0] = 5, t.holiday[1] = 5));
	BAD(t.schedules = TARIFF_SCHEDULES + 1);
	BAD(t.schedule_of[11][2] = (uint8_t)t.schedules);
	BAD(t.set_of[3] = TARIFF_SETS);
	BAD(t.schedule[4][47] = PERIOD_COUNT_);
	BAD(t.cap_fen = -1);
	BAD(t.free_min = 1441);
}

static void a_price_is_changed_in_the_text(void **state)
{
	static const char text[] =
		"from: 2026-01-01  # flat: 1\n"
		"tariff: x\n"
		"prices:\n"
		"- months: 1-6\n"
		"  electricity: {flat: 0.7, deep: -90 %, sharp: '+70 %'}\n"
		"  service: 0.4\n"
		"- {months: 7-12, electricity: 0.7, service: {flat: 0.4, deep: 0.4}}\n";
	struct tariff_spot s[TARIFF_SPOTS];
	char out[sizeof text + 32], most[40];

	(void)state;
	assert_int_equal(tariff_spots(text, s, TARIFF_SPOTS), 7);
	assert_string_equal(s[0].part, "electricity");
	assert_string_equal(s[0].period, "flat");
	assert_int_equal(s[0].map, 1);
	assert_string_equal(s[2].period, "sharp");
	assert_string_equal(s[2].value, "+70 %");
	assert_string_equal(s[3].part, "service");
	assert_string_equal(s[3].period, "");
	assert_int_equal(s[4].map, 2);
	assert_string_equal(s[6].period, "deep");
	assert_int_equal(tariff_edit(text, &s[1], "-80 %", "2026-07-01", out, sizeof out), 0);
	assert_non_null(strstr(out, "from: 2026-07-01  # flat: 1\n"));
	assert_non_null(strstr(out, "{flat: 0.7, deep: -80 %, sharp: '+70 %'}\n"));
	assert_non_null(strstr(out, "service: {flat: 0.4, deep: 0.4}}\n"));
	assert_int_equal(tariff_edit(text, &s[6], "1.25", "2026-07-01", out, sizeof out), 0);
	assert_non_null(strstr(out, "service: {flat: 0.4, deep: 1.25}}\n"));
	assert_non_null(strstr(out, "deep: -90 %"));
	assert_int_equal(
		tariff_edit(text, &s[0], "1", "2026-07-01", most, sizeof most), ERR_TOOLONG);
	assert_int_equal(
		tariff_edit("a: 1\n", NULL, "", "2026-07-01", out, sizeof out), ERR_SYNTAX);
	assert_int_equal(tariff_spots("[", s, TARIFF_SPOTS), 0);
	assert_int_equal(tariff_spots(text, s, 2), 2);
}

static int tidy(void **state)
{
	(void)state;
	yaml_errors_free(&errors);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_shandong_schedule),
		cmocka_unit_test(each_error_has_its_line),
		cmocka_unit_test(kinds_of_days_and_sets_of_prices),
		cmocka_unit_test(versions_are_in_force_from_their_date),
		cmocka_unit_test(summer_time),
		cmocka_unit_test(what_is_no_tariff_is_told),
		cmocka_unit_test(a_price_is_changed_in_the_text),
	};

	return cmocka_run_group_tests(tests, NULL, tidy);
}
