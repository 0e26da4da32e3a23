/* Views: the field table, JSON in and out, deltas. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <cjson/cJSON.h>

#include "view.h"
#include "wire.h"

static void round_trip(void **state)
{
	struct view_gun a, b;
	cJSON *json;

	(void)state;
	view_clear(VIEW_gun, &a);
	view_clear(VIEW_gun, &b);
	VIEW_SET(&a, id, "A1.2");
	a.power_w = 6600;
	json = view_to_json(VIEW_gun, &a, NULL);
	assert_non_null(json);
	assert_int_equal(view_from_json(VIEW_gun, &b, json), 0);
	assert_false(view_differs(VIEW_gun, &a, &b));
	assert_true(b.voltage_mv == VALUE_NONE);
	cJSON_Delete(json);
}

static void delta_holds_key_and_changes_only(void **state)
{
	struct view_gun a, b;
	cJSON *json;

	(void)state;
	view_clear(VIEW_gun, &a);
	VIEW_SET(&a, id, "A1.2");
	b = a;
	assert_null(view_to_json(VIEW_gun, &b, &a));
	b.soc_pm = 805;
	json = view_to_json(VIEW_gun, &b, &a);
	assert_int_equal(cJSON_GetArraySize(json), 2);
	assert_non_null(cJSON_GetObjectItemCaseSensitive(json, "id"));
	assert_non_null(cJSON_GetObjectItemCaseSensitive(json, "soc_pm"));
	cJSON_Delete(json);
}

static void bad_members_leave_the_view_untouched(void **state)
{
	static const char *const bad[] = {"{\"power_w\":\"x\"}", "{\"soc_pm\":1,\"power_w\":1.5}",
		"{\"power_w\":1e16}", "{\"id\":7}", "[1]"};
	struct view_gun a, b;

	(void)state;
	view_clear(VIEW_gun, &a);
	b = a;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		cJSON *json = cJSON_Parse(bad[i]);

		assert_non_null(json);
		assert_int_equal(view_from_json(VIEW_gun, &a, json), ERR_SYNTAX);
		assert_false(view_differs(VIEW_gun, &a, &b));
		cJSON_Delete(json);
	}
}

static void text_is_cut_at_a_character(void **state)
{
	char buf[8];

	(void)state;
	assert_int_equal(view_set_text(buf, sizeof buf, "充电桩"), ERR_TOOLONG);
	assert_string_equal(buf, "充电");
}

static void an_integer_of_anybodys_message_is_bounded(void **state)
{
	cJSON *o = cJSON_Parse(
		"{\"n\":-12,\"far\":1e300,\"low\":-1e300,\"edge\":1e15,\"word\":\"7\"}");

	(void)state;
	assert_non_null(o);
	assert_int_equal(wire_int(o, "n", 5), -12);
	assert_int_equal(wire_int(o, "far", 5), 5);
	assert_int_equal(wire_int(o, "low", 5), 5);
	assert_int_equal(wire_int(o, "edge", 5), 5);
	assert_int_equal(wire_int(o, "word", 5), 5);
	assert_int_equal(wire_int(o, "none", 5), 5);
	assert_int_equal(wire_int(NULL, "n", 5), 5);
	cJSON_Delete(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),
		cmocka_unit_test(delta_holds_key_and_changes_only),
		cmocka_unit_test(bad_members_leave_the_view_untouched),
		cmocka_unit_test(text_is_cut_at_a_character),
		cmocka_unit_test(an_integer_of_anybodys_message_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
