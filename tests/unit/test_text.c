/* Text for terminals, values for people: widths, cells, cleaning, strict numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fmt.h"
#include "i18n.h"
#include "text.h"

static void widths(void **state)
{
	(void)state;
	assert_int_equal(text_width("充电桩 A1"), 9);
	assert_int_equal(text_width("e\xCC\x81"), 1);
	assert_int_equal(text_width("\xFF\xFE"), 2);
	for (uint32_t cp = 0; cp < 0x110000; cp++) {
		assert_in_range(text_columns_of(cp), 0, 2);
	}
}

static void cells_have_exactly_their_columns(void **state)
{
	static const char *const words[] = {"", "a", "A1.2", "充电", "充电中a", "abcdefghij", "充"};
	char buf[128];

	(void)state;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		for (int columns = 0; columns < 12; columns++) {
			for (int align = 0; align < 3; align++) {
				text_cell(
					buf, sizeof buf, words[i], columns, (enum text_align)align);
				assert_int_equal(text_width(buf), columns);
			}
		}
	}
	text_cell(buf, sizeof buf, "充电中", 5, TEXT_LEFT);
	assert_string_equal(buf, "充电…");
	text_cell(buf, sizeof buf, "充电中", 4, TEXT_LEFT);
	assert_string_equal(buf, "充… ");
	text_cell(buf, 5, "充电中", 6, TEXT_LEFT);
	assert_string_equal(buf, "充");
}

static void nothing_unsafe_passes(void **state)
{
	char buf[64];

	(void)state;
	text_clean(buf, sizeof buf, "a\x1B[2J\x7F\xC2\x9B\xE2\x80\xAE\xFFz");
	assert_string_equal(buf, "a?[2J????z");
	text_clean(buf, 4, "充电");
	assert_string_equal(buf, "充");
}

static void integers_are_strict(void **state)
{
	static const char *const bad[] = {
		"", " 1", "1 ", "0x10", "1.0", "+1", "-", "9223372036854775808"};
	int64_t v = 7;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		assert_int_not_equal(text_int(bad[i], INT64_MIN, INT64_MAX, &v), 0);
		assert_int_equal(v, 7);
	}
	assert_int_equal(text_int("-42", -42, 0, &v), 0);
	assert_int_equal(v, -42);
	assert_int_equal(text_int("-43", -42, 0, &v), ERR_RANGE);
}

static void nearest_word(void **state)
{
	static const char *const list[] = {"guns", "gun", "sessions", "status", NULL};

	(void)state;
	assert_string_equal(text_nearest("sesions", list), "sessions");
	assert_string_equal(text_nearest("statsu", list), "status");
	assert_null(text_nearest("quux", list));
}

static void values_for_people(void **state)
{
	static const struct {
		enum unit unit;
		int64_t value;
		const char *text;
	} rows[] = {
		{UNIT_W, 11049, "11.0 kW"},
		{UNIT_W, 11050, "11.1 kW"},
		{UNIT_W, -49, "0.0 kW"},
		{UNIT_W, -50, "-0.1 kW"},
		{UNIT_W, VALUE_NONE, "-"},
		{UNIT_WH, 12345, "12.345 kWh"},
		{UNIT_MV, 230100, "230.1 V"},
		{UNIT_PM, 805, "80.5 %"},
		{UNIT_S, 5025, "1:23:45"},
		{UNIT_MC, 41499, "41 °C"},
		{UNIT_FEN, 1234, "12.34 yuan"},
		{UNIT_NONE, 7, "7"},
	};
	char buf[64];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		fmt_value(buf, sizeof buf, rows[i].unit, rows[i].value, true);
		assert_string_equal(buf, rows[i].text);
	}
}

static void quantities_are_exact_or_refused(void **state)
{
	static const struct {
		const char *text;
		enum unit unit;
		int rc;
		int64_t value;
	} rows[] = {
		{"60kW", UNIT_W, 0, 60000},
		{"6.6 kW", UNIT_W, 0, 6600},
		{"0.0001 kW", UNIT_W, ERR_RANGE, 0},
		{"60", UNIT_W, ERR_SYNTAX, 0},
		{"60 kVA", UNIT_W, ERR_SYNTAX, 0},
		{"1. kW", UNIT_W, ERR_SYNTAX, 0},
		{".5 kW", UNIT_W, ERR_SYNTAX, 0},
		{"1e3 W", UNIT_W, ERR_SYNTAX, 0},
		{"-1 kW", UNIT_W, ERR_RANGE, 0},
		{"9600", UNIT_NONE, 0, 9600},
		{"9600 x", UNIT_NONE, ERR_SYNTAX, 0},
		{"2.50 s", UNIT_MS, 0, 2500},
		{"99999999999999999999 W", UNIT_W, ERR_RANGE, 0},
		{"90 %", UNIT_PM, 0, 900},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		int64_t v = 0;

		assert_int_equal(
			fmt_parse(rows[i].text, rows[i].unit, 0, INT64_MAX, &v), rows[i].rc);
		assert_int_equal(v, rows[i].value);
	}
}

static void times_are_shown_in_the_zone_of_the_site(void **state)
{
	static const char *const bad[] = {
		"", "/etc/passwd", "Mars/Base", ":UTC", "A\x1B[2J", "../etc"};
	char buf[32];

	(void)state;
	assert_int_equal(fmt_zone("+08:00"), 0);
	fmt_wall(buf, sizeof buf, (struct wall){0});
	assert_string_equal(buf, "1970-01-01 08:00:00");
	assert_int_equal(fmt_zone("-03:30"), 0);
	fmt_wall(buf, sizeof buf, (struct wall){0});
	assert_string_equal(buf, "1969-12-31 20:30:00");
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		assert_int_equal(fmt_zone(bad[i]), ERR_NOTFOUND);
	}
	fmt_wall(buf, sizeof buf, (struct wall){0});
	assert_string_equal(buf, "1969-12-31 20:30:00");
	assert_int_equal(fmt_zone("UTC"), 0);
	fmt_wall(buf, sizeof buf, (struct wall){0});
	assert_string_equal(buf, "1970-01-01 00:00:00");
}

static void what_tells_who_somebody_is_is_hidden(void **state)
{
	static const char *const ends[][2] = {{"04A1B2C3", "****B2C3"}, {"", ""},
		{"LSIM0000000000017", "****0017"}, {"A1B2", "A***"}, {"12345", "*2345"},
		{"****B2C3", "****B2C3"}};
	char buf[40];

	(void)state;
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		text_mask_end(buf, sizeof buf, ends[i][0]);
		assert_string_equal(buf, ends[i][1]);
	}
	snprintf(buf, sizeof buf, "13812341234");
	text_mask(buf, sizeof buf, 3, 4);
	assert_string_equal(buf, "138****1234");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_are_shown_in_the_zone_of_the_site),
		cmocka_unit_test(widths),
		cmocka_unit_test(cells_have_exactly_their_columns),
		cmocka_unit_test(nothing_unsafe_passes),
		cmocka_unit_test(integers_are_strict),
		cmocka_unit_test(nearest_word),
		cmocka_unit_test(values_for_people),
		cmocka_unit_test(quantities_are_exact_or_refused),
		cmocka_unit_test(what_tells_who_somebody_is_is_hidden),
	};

	i18n_init("en");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
