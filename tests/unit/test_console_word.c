/* Which word, rank and colour a gun has in the lists. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app.h"
#include "fault.h"
#include "word.h"

static struct view_gun faulty(void)
{
	struct view_gun g;

	view_clear(VIEW_gun, &g);
	VIEW_SET(&g, id, "A1.1");
	VIEW_SET(&g, state, "fault");
	g.fault = FAULT_LOCK;
	g.faults = 1;
	return g;
}

static void tag(struct view_gun *g, const char *by)
{
	VIEW_SET(g, tag, "cable cut");
	VIEW_SET(g, tag_by, by);
}

static void a_fault_is_an_alarm(void **state)
{
	struct view_gun g = faulty();
	char text[160];
	enum ink ink;

	(void)state;
	assert_in_range(word_gun_rank(&g), 0, 1);
	word_gun_state(&g, text, sizeof text, &ink);
	assert_int_equal(ink, INK_ALARM);
	assert_string_equal(text, "! fault");
}

/* As on the page of alarms: there, put aside, and told to nobody. */
static void what_is_out_of_service_shows_no_alarm(void **state)
{
	static struct app app;
	struct view_gun g = faulty();
	char text[160];
	enum ink ink;

	(void)state;
	tag(&g, "li");
	assert_int_equal(word_gun_rank(&g), 4);
	word_gun_state(&g, text, sizeof text, &ink);
	assert_int_equal(ink, INK_NOTICE);
	assert_string_equal(text, "# out of use");
	word_gun_remark(&app, &g, text, sizeof text, &ink);
	assert_int_equal(ink, INK_NOTICE);
	assert_string_equal(text, "cable cut (li), . connector lock fault");
}

static void an_input_silences_nothing(void **state)
{
	struct view_gun g = faulty();
	char text[160];
	enum ink ink;

	(void)state;
	tag(&g, "input fire");
	assert_in_range(word_gun_rank(&g), 0, 1);
	word_gun_state(&g, text, sizeof text, &ink);
	assert_string_equal(text, "! fault");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fault_is_an_alarm),
		cmocka_unit_test(what_is_out_of_service_shows_no_alarm),
		cmocka_unit_test(an_input_silences_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
