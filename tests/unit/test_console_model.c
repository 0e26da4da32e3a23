/* The console's copy of the site: snapshot, deltas, gaps, and what a hostile agent may send. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <cjson/cJSON.h>

#include "model.h"

static const struct mono at = {1000000};

static int tell(struct model *m, const char *method, const char *params)
{
	cJSON *json = cJSON_Parse(params);
	int rc;

	assert_non_null(json);
	rc = model_notify(m, method, json, at);
	cJSON_Delete(json);
	return rc;
}

static int setup(void **state)
{
	static struct model m;

	model_init(&m);
	model_begin(&m);
	tell(&m, "snapshot",
		"{\"view\":\"gun\",\"rows\":[{\"id\":\"A1.1\",\"power_w\":100},{\"id\":\"A1.2\"}]"
		"}");
	tell(&m, "synced", "{\"seq\":7,\"now\":1772359500000}");
	*state = &m;
	return 0;
}

static int teardown(void **state)
{
	model_free(*state);
	return 0;
}

static void snapshot_and_delta(void **state)
{
	struct model *m = *state;
	const struct view_gun *gun;

	assert_int_equal(model_count(m, VIEW_gun), 2);
	assert_int_equal(tell(m, "delta",
				 "{\"seq\":8,\"now\":1772359501000,\"gun\":[{\"id\":\"A1.2\","
				 "\"soc_pm\":805},{\"id\":\"A1.3\"}]}"),
		MODEL_CHANGED);
	gun = model_find(m, VIEW_gun, "A1.2");
	assert_non_null(gun);
	assert_int_equal(gun->soc_pm, 805);
	assert_int_equal(model_count(m, VIEW_gun), 3);
	gun = model_find(m, VIEW_gun, "A1.1");
	assert_int_equal(gun->power_w, 100);
	assert_true(gun->voltage_mv == VALUE_NONE);
}

static void gone_rows_leave(void **state)
{
	struct model *m = *state;

	tell(m, "delta", "{\"seq\":8,\"now\":1,\"gone\":{\"gun\":[\"A1.1\",\"no such\"]}}");
	assert_int_equal(model_count(m, VIEW_gun), 1);
	assert_null(model_find(m, VIEW_gun, "A1.1"));
}

static void a_gap_asks_for_a_snapshot(void **state)
{
	struct model *m = *state;

	assert_int_equal(tell(m, "delta", "{\"seq\":9,\"now\":1}"), MODEL_RESUBSCRIBE);
	model_begin(m);
	/* What is still under way from before is not taken. */
	assert_int_equal(tell(m, "delta", "{\"seq\":10,\"gun\":[{\"id\":\"Z\"}]}"), MODEL_NOTHING);
	assert_null(model_find(m, VIEW_gun, "Z"));
	tell(m, "snapshot", "{\"view\":\"gun\",\"rows\":[{\"id\":\"A1.1\"}]}");
	/* Until it is complete, the old rows stay. */
	assert_int_equal(model_count(m, VIEW_gun), 2);
	assert_int_equal(tell(m, "synced", "{\"seq\":10,\"now\":2}"), MODEL_SYNCED);
	assert_int_equal(model_count(m, VIEW_gun), 1);
	/* A row of the new snapshot keeps nothing of the old one. */
	assert_true(((const struct view_gun *)model_at(m, VIEW_gun, 0))->power_w == VALUE_NONE);
}

static void hostile_messages_change_nothing(void **state)
{
	static const char *const bad[][2] = {
		{"delta", "{\"seq\":8,\"gun\":[{\"id\":\"A1.1\",\"power_w\":\"x\"}]}"},
		{"delta", "{\"seq\":9,\"gun\":{\"id\":\"A1.1\"}}"},
		{"delta", "{\"seq\":10,\"gun\":[7,null,{\"id\":5}]}"},
		{"delta", "{\"seq\":11,\"gun\":[{\"power_w\":5}]}"},
		{"delta", "{\"seq\":\"12\"}"},
		{"delta", "{\"seq\":1e300}"},
		{"delta", "{\"seq\":12,\"gone\":{\"gun\":[5]}}"},
		{"delta", "{\"seq\":13,\"gone\":[[\"A1.1\"]]}"},
		{"delta", "[]"},
		{"delta", "7"},
		{"synced", "{}"},
		{"hello", "{\"protocol\":\"one\"}"},
		{"snapshot", "{\"rows\":[]}"},
	};
	struct model *m = *state;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		int rc = tell(m, bad[i][0], bad[i][1]);

		assert_true(rc < 0 || rc == MODEL_RESUBSCRIBE || rc == MODEL_CHANGED);
	}
	assert_int_equal(model_notify(m, "delta", NULL, at), ERR_SYNTAX);
	assert_int_equal(model_count(m, VIEW_gun), 2);
	assert_int_equal(((const struct view_gun *)model_find(m, VIEW_gun, "A1.1"))->power_w, 100);
	assert_true(m->malformed >= 10);
}

static void rows_are_bounded(void **state)
{
	struct model *m = *state;
	char text[256];

	for (int i = 0; i < MODEL_ROWS_MAX + 50; i++) {
		snprintf(text, sizeof text, "{\"seq\":%d,\"now\":1,\"fault\":[{\"id\":\"f%d\"}]}",
			8 + i, i);
		assert_int_equal(tell(m, "delta", text), MODEL_CHANGED);
	}
	assert_int_equal(model_count(m, VIEW_fault), MODEL_ROWS_MAX);
	assert_int_equal(m->dropped, 50);
}

static void history_keeps_an_hour(void **state)
{
	struct history h;
	int64_t now = 1772359500000;

	(void)state;
	history_clear(&h);
	for (int64_t t = now - 2 * 3600000; t <= now; t += 1000) {
		history_put(&h, t, t == now - 1800000 ? 900 : 500);
	}
	assert_int_equal(history_get(&h, 0), 500);
	assert_int_equal(history_column(&h, now, 0, 60), 500);
	assert_int_equal(history_column(&h, now, 29, 60), 900);
	/* An hour later nothing of it is in the window; a time far back is ignored. */
	assert_true(history_column(&h, now + 3600001, 0, 60) == VALUE_NONE);
	history_put(&h, 5, 1);
	assert_int_equal(history_get(&h, 0), 500);
	history_put(&h, now + 30000, 600);
	assert_true(history_get(&h, 1) == VALUE_NONE);
	assert_int_equal(history_get(&h, 0), 600);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(snapshot_and_delta, setup, teardown),
		cmocka_unit_test_setup_teardown(gone_rows_leave, setup, teardown),
		cmocka_unit_test_setup_teardown(a_gap_asks_for_a_snapshot, setup, teardown),
		cmocka_unit_test_setup_teardown(hostile_messages_change_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(rows_are_bounded, setup, teardown),
		cmocka_unit_test(history_keeps_an_hour),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
