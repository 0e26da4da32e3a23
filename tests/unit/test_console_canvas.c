/* The canvas: nothing hostile gets in, wide characters keep their columns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "canvas.h"
#include "gauge.h"
#include "i18n.h"

static struct canvas c;

static int setup(void **state)
{
	(void)state;
	return canvas_init(&c, 4, 20);
}

static int teardown(void **state)
{
	(void)state;
	canvas_free(&c);
	return 0;
}

static void expect(int y, const char *text)
{
	char line[256];

	canvas_line(&c, y, line, sizeof line);
	assert_string_equal(line, text);
}

static void control_characters_become_marks(void **state)
{
	(void)state;
	canvas_text(&c, 0, 0, 20, INK_NORMAL, "a\x1b[2Jb\x07\r\n\x7f");
	expect(0, "a?[2Jb????");
	canvas_text(&c, 1, 0, 20, INK_NORMAL,
		"\xc2\x9b"
		"31m\xe2\x80\xae"
		"x\xff\xc0\x80");
	expect(1, "?31m?x???");
}

static void wide_text_is_cut_at_a_character(void **state)
{
	(void)state;
	assert_int_equal(canvas_text(&c, 0, 0, 6, INK_NORMAL, "充电桩"), 6);
	expect(0, "充电桩");
	assert_int_equal(canvas_text(&c, 1, 0, 5, INK_NORMAL, "充电桩"), 5);
	expect(1, "充电…");
	assert_int_equal(canvas_text(&c, 2, 0, 4, INK_NORMAL, "充电桩"), 3);
	expect(2, "充…");
}

static void half_a_wide_character_does_not_stay(void **state)
{
	(void)state;
	canvas_text(&c, 0, 0, 20, INK_NORMAL, "充电桩");
	canvas_text(&c, 0, 1, 1, INK_NORMAL, "x");
	expect(0, " x电桩");
	canvas_text(&c, 0, 4, 1, INK_NORMAL, "y");
	expect(0, " x电y");
	assert_int_equal(canvas_at(&c, 0, 5)->columns, 1);
}

static void outside_is_not_drawn(void **state)
{
	(void)state;
	canvas_text(&c, -1, 0, 20, INK_NORMAL, "x");
	canvas_text(&c, 4, 0, 20, INK_NORMAL, "x");
	canvas_text(&c, 0, 18, 20, INK_NORMAL, "a充");
	canvas_repeat(&c, 1, -5, 100, INK_NORMAL, "-");
	canvas_field(&c, 2, 15, 50, TEXT_RIGHT, INK_NORMAL, "far");
	canvas_ink(&c, 3, -3, 100, INK_ALARM);
	canvas_reverse(&c, 9, -3, 100);
	expect(0, "                  a");
	expect(1, "--------------------");
	assert_null(canvas_at(&c, 0, 20));
}

static void combining_marks_stay_with_their_base(void **state)
{
	(void)state;
	assert_int_equal(canvas_text(&c, 0, 0, 20, INK_NORMAL, "e\xcc\x81x"), 2);
	expect(0, "e\xcc\x81x");
	/* A mark without a base, and more than fit, are left out. */
	canvas_text(&c, 1, 0, 20, INK_NORMAL,
		"\xcc\x81"
		"a\xcc\x81\xcc\x82\xcc\x83\xcc\x84");
	assert_true(strlen(canvas_at(&c, 1, 0)->ch) < sizeof c.cells[0].ch);
}

static void bars_of_any_value(void **state)
{
	const struct glyphs *g = glyph_set(GLYPH_ASCII);

	(void)state;
	gauge_bar(&c, g, 0, 0, 10, INK_BAR, 55, 100, 80);
	expect(0, "#####=..|.");
	gauge_bar(&c, g, 1, 0, 10, INK_BAR, INT64_MAX, 100, VALUE_NONE);
	expect(1, "##########");
	gauge_bar(&c, g, 2, 0, 10, INK_BAR, -5, 100, -1);
	expect(2, "..........");
	gauge_bar(&c, g, 3, 0, 10, INK_BAR, VALUE_NONE, 0, INT64_MAX);
	expect(3, "..........");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(control_characters_become_marks, setup, teardown),
		cmocka_unit_test_setup_teardown(wide_text_is_cut_at_a_character, setup, teardown),
		cmocka_unit_test_setup_teardown(
			half_a_wide_character_does_not_stay, setup, teardown),
		cmocka_unit_test_setup_teardown(outside_is_not_drawn, setup, teardown),
		cmocka_unit_test_setup_teardown(
			combining_marks_stay_with_their_base, setup, teardown),
		cmocka_unit_test_setup_teardown(bars_of_any_value, setup, teardown),
	};

	i18n_init("en");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
