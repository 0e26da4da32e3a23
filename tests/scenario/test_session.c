/* Sessions and visits: opened and closed by evidence, energy by the register. */
#include "rig.h"

static void a_plain_charge(void **state)
{
	struct rig *r = *state;
	const struct view_session *s;

	rig_read(r, B11, GUN_IDLE, 0, 5000);
	rig_wait(r, 1000);
	rig_read(r, B11, GUN_PLUGGED, 0, 5000);
	assert_string_equal(rig_state(r, B11), "plugged");
	assert_int_equal(rig_count(r, ACT_VISIT), 1);
	for (int k = 0; k < 3600; k++) {
		rig_wait(r, 1000);
		rig_read(r, B11, GUN_CHARGING, 7000, 5000 + (k + 1) * 7000 / 3600);
	}
	assert_string_equal(rig_state(r, B11), "charging");
	rig_wait(r, 1000);
	rig_read(r, B11, GUN_FINISHED, 0, 12000);
	s = rig_session(r, B11, "closed", 0);
	assert_non_null(s);
	assert_int_equal(s->start_wh, 5000);
	assert_int_equal(s->end_wh, 12000);
	assert_int_equal(s->energy_wh, 7000);
	assert_int_equal(s->duration_s, 3600);
	assert_string_equal(s->flags, "unasked");
	rig_wait(r, 1000);
	rig_read(r, B11, GUN_IDLE, 0, 12000);
	assert_int_equal(rig_closed(r, B11), 1);
}

/* The state comes in one reply, the register in another, in any order. */
static void register_and_state_in_separate_replies(void **state)
{
	struct rig *r = *state;
	const struct view_session *s;

	rig_gun(r, B11, PT_ENERGY, 5000);
	rig_send(r);
	rig_gun(r, B11, PT_STATE, GUN_PLUGGED);
	rig_send(r);
	rig_wait(r, 1000);
	rig_gun(r, B11, PT_ENERGY, 5002); /* flows already, the state is not read yet */
	rig_send(r);
	rig_wait(r, 300);
	rig_gun(r, B11, PT_STATE, GUN_CHARGING);
	rig_send(r);
	rig_wait(r, 1000);
	rig_gun(r, B11, PT_ENERGY, 5004);
	rig_send(r);
	rig_wait(r, 300);
	rig_gun(r, B11, PT_STATE, GUN_FINISHED);
	rig_send(r);
	assert_null(rig_session(r, B11, "closed", 0)); /* its last reading is from before */
	rig_wait(r, 700);
	rig_gun(r, B11, PT_ENERGY, 5005);
	rig_send(r);
	s = rig_session(r, B11, "closed", 0);
	assert_non_null(s);
	assert_int_equal(s->start_wh, 5000);
	assert_int_equal(s->end_wh, 5005);
	assert_int_equal(s->energy_wh, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_plain_charge, rig_setup, rig_teardown),
		cmocka_unit_test_setup_teardown(
			register_and_state_in_separate_replies, rig_setup, rig_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
