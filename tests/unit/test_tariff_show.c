/* A tariff for people: the stretches of a day, the band, what differs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "band.h"
#include "fmt.h"
#include "i18n.h"
#include "tariff_file.h"
#include "tariff_show.h"

#define PRICES                                                                                     \
	"prices: {electricity: {sharp: 2, peak: 1.5, flat: 1, valley: 0.5, deep: 0.25}, service: " \
	"0}\n"
#define TEXT                                                                         \
	"tariff: t\nfrom: 2026-01-01\n" PRICES                                       \
	"days:\n  - periods: {valley: 00:00-06:00, peak: 16:00-21:00, flat: rest}\n" \
	"    inside: {deep: 02:00-03:00, sharp: 17:30-18:00}\n"

static struct tariff parse(const char *text, const struct zone_rules *zone)
{
	struct yaml_errors errors = {0};
	struct tariff t;

	if (tariff_parse("t", text, strlen(text), zone, &errors, &t) != 0) {
		fail_msg("%s", errors.lines[0]);
	}
	return t;
}

static void band(const struct tariff *t, int64_t day, struct band *out)
{
	struct view_price rows[TARIFF_STRETCHES];

	band_of(rows, tariff_day(t, day, CLASS_ORDINARY, rows, TARIFF_STRETCHES), out);
}

static void a_day_as_a_band(void **state)
{
	const struct zone_rules shanghai = {1, {{0, 28800}}};
	struct tariff t = parse(TEXT, &shanghai);
	char row[BAND_ROW(2)];
	struct band b;

	(void)state;
	assert_int_equal(fmt_zone("Asia/Shanghai"), 0);
	band(&t, cal_day(2026, 3, 1), &b);
	assert_int_equal(b.count, 48);
	band_levels(&b, 1, true, row, sizeof row);
	assert_string_equal(row, "----..------====================+++#++++++======");
	band_levels(&b, 1, false, row, sizeof row);
	assert_string_equal(row, "▂▂▂▂▁▁▂▂▂▂▂▂▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▆▆▆█▆▆▆▆▆▆▄▄▄▄▄▄");
	band_names(&b, 1, row, sizeof row);
	assert_string_equal(row, "v   d v     f                   p  sp     f");
	band_hours(&b, 1, row, sizeof row);
	assert_string_equal(row, "0     3     6     9     12    15    18    21");
	band_levels(&b, 2, true, row, sizeof row);
	assert_int_equal(strlen(row), 96);
	assert_int_equal(band_column(&b, 1, (struct wall){b.at_ms[0]}), 0);
	assert_int_equal(band_column(&b, 2, (struct wall){b.at_ms[20] + 900000}), 41);
	assert_int_equal(band_column(&b, 1, (struct wall){b.end_ms - 1}), 47);
	assert_int_equal(band_column(&b, 1, (struct wall){b.end_ms}), -1);
	assert_int_equal(band_column(&b, 1, (struct wall){b.at_ms[0] - 1}), -1);
}

/* A day that lacks an hour, and one that has it twice. */
static void days_of_23_and_25_hours(void **state)
{
	const struct zone_rules berlin = {
		3, {{0, 3600}, {1774746000000, 7200}, {1792890000000, 3600}}};
	struct tariff t = parse(TEXT, &berlin);
	char row[BAND_ROW(1)];
	struct band b;

	(void)state;
	assert_int_equal(fmt_zone("Europe/Berlin"), 0);
	band(&t, cal_day(2026, 3, 29), &b);
	band_levels(&b, 1, true, row, sizeof row);
	assert_string_equal(row, "----------====================+++#++++++======");
	band_hours(&b, 1, row, sizeof row);
	assert_string_equal(row, "0   3     6     9     12    15    18    21");
	band(&t, cal_day(2026, 10, 25), &b);
	band_levels(&b, 1, true, row, sizeof row);
	assert_string_equal(row, "----....------====================+++#++++++======");
}

static void the_json_of_a_day(void **state)
{
	const struct zone_rules shanghai = {1, {{0, 28800}}};
	struct tariff t = parse(TEXT "holidays: [2026-05-01]\nparking: {per_minute: 0.2, cap: 3}\n"
				     "classes: {member: {parking: 50 %}}\n",
		&shanghai);
	cJSON *o = tariff_day_json(&t, cal_day(2026, 5, 1), CLASS_MEMBER);
	char *text = cJSON_PrintUnformatted(o);

	(void)state;
	assert_non_null(strstr(text, "{\"kind\":\"holiday\",\"class\":\"member\",\"prices\":["
				     "{\"id\":\"1\",\"period\":\"valley\","));
	assert_non_null(strstr(text,
		"\"free_min\":0,\"cap_fen\":300,\"no_show_fen\":0,\"windows\":[{\"from_min\":0,"
		"\"to_min\":1440,\"per_min_e5\":10000}]}"));
	free(text);
	cJSON_Delete(o);
}

struct said {
	char text[2000];
};

static void keep(void *arg, const char *line)
{
	struct said *said = arg;

	snprintf(said->text + strlen(said->text), sizeof said->text - strlen(said->text), "%s\n",
		line);
}

static void differences(void **state)
{
	const struct zone_rules utc = {0};
	struct tariff a = parse(TEXT "holidays: [2026-05-01, 2026-05-02]\n", &utc), b;
	struct said said = {""};

	(void)state;
	assert_int_equal(tariff_diff(&a, &a, keep, &said), 0);
	b = parse("tariff: t\nfrom: 2026-02-01\n"
		  "prices: {electricity: {sharp: 2, peak: 1.6, flat: 1, valley: 0.5, deep: 0.25}, "
		  "service: 0}\n"
		  "days:\n"
		  "  - months: [1-3, 7-12]\n"
		  "    periods: {valley: 00:00-06:00, peak: 16:00-21:00, flat: rest}\n"
		  "    inside: {deep: 02:00-03:00, sharp: 17:30-18:00}\n"
		  "  - months: 4-5\n"
		  "    periods: {valley: 00:00-05:00, peak: 16:00-21:00, flat: rest}\n"
		  "    inside: {deep: 02:00-03:00, sharp: 17:30-18:00}\n"
		  "  - {months: 6, kinds: [workday, weekend], periods: {flat: rest}}\n"
		  "  - months: 6\n"
		  "    kinds: holiday\n"
		  "    periods: {valley: 00:00-06:00, peak: 16:00-21:00, flat: rest}\n"
		  "    inside: {deep: 02:00-03:00, sharp: 17:30-18:00}\n"
		  "holidays: [2026-05-02, 2026-05-03]\nparking: {free: 5 min, per_minute: 1, cap: "
		  "2}\n"
		  "classes: {staff: {electricity: 0 %}}\n",
		&utc);
	tariff_diff(&a, &b, keep, &said);
	assert_string_equal(said.text, "ordinary, peak, electricity: 1.5000 -> 1.6000\n"
				       "staff, sharp, electricity: 2.0000 -> 0.0000\n"
				       "staff, peak, electricity: 1.5000 -> 0.0000\n"
				       "staff, flat, electricity: 1.0000 -> 0.0000\n"
				       "staff, valley, electricity: 0.5000 -> 0.0000\n"
				       "staff, deep valley, electricity: 0.2500 -> 0.0000\n"
				       "months 4-5, 05:00-06:00: valley -> flat\n"
				       "month 6, workday, 00:00-02:00: valley -> flat\n"
				       "month 6, workday, 02:00-03:00: deep valley -> flat\n"
				       "month 6, workday, 03:00-06:00: valley -> flat\n"
				       "month 6, workday, 16:00-17:30: peak -> flat\n"
				       "month 6, workday, 17:30-18:00: sharp -> flat\n"
				       "month 6, workday, 18:00-21:00: peak -> flat\n"
				       "month 6, weekend, 00:00-02:00: valley -> flat\n"
				       "month 6, weekend, 02:00-03:00: deep valley -> flat\n"
				       "month 6, weekend, 03:00-06:00: valley -> flat\n"
				       "month 6, weekend, 16:00-17:30: peak -> flat\n"
				       "month 6, weekend, 17:30-18:00: sharp -> flat\n"
				       "month 6, weekend, 18:00-21:00: peak -> flat\n"
				       "holiday 2026-05-01: no more\n"
				       "holiday 2026-05-03: new\n"
				       "parking, free minutes: 0 -> 5\n"
				       "parking, at most: 0.00 -> 2.00\n"
				       "parking a minute, 00:00-24:00, ordinary: - -> 1.0000\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_day_as_a_band),
		cmocka_unit_test(days_of_23_and_25_hours),
		cmocka_unit_test(the_json_of_a_day),
		cmocka_unit_test(differences),
	};

	i18n_init("en");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
