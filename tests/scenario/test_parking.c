/* Parking after a charge, and what of it is none: the site itself held the car. With the store. */
#include "offrig.h"

#include "pauses.h"

/* Seconds in which the gun reads so. */
static void stands(struct offrig *f, enum gun_state state, int seconds)
{
	for (int k = 0; k < seconds; k++) {
		pass(&f->o, 1000);
		read_gun(&f->o, B11, state, 0, 5060);
	}
	off_keep(f);
}

static void charged(struct offrig *f)
{
	plug(&f->o, B11, 5000);
	assert_int_equal(off_order(f, "O1", B11, 1000), 0);
	for (int k = 1; k <= 30; k++) {
		pass(&f->o, 1000);
		read_gun(&f->o, B11, GUN_CHARGING, 7000, 5000 + 2 * k);
	}
	stands(f, GUN_FINISHED, 2);
	assert_string_equal(order_of_id(&f->o, "O1")->state, "ended");
}

/* The car leaves: minutes of parking on its bill, after the 5 that are free. */
static int64_t minutes(struct offrig *f)
{
	int64_t fen;

	stands(f, GUN_IDLE, 2);
	fen = off_int(f, "SELECT coalesce(sum(parking_fen), 0) FROM bill WHERE kind = 'parking'");
	assert_int_equal(off_payer(f).balance_fen, 2000 - 6 - fen);
	assert_int_equal(fen % 50, 0);
	return fen / 50;
}

static void a_car_that_is_left_parks(void **state)
{
	struct offrig *f = *state;

	charged(f);
	stands(f, GUN_FINISHED, 20 * 60);
	assert_int_equal(minutes(f), 15);
}

static void a_gun_in_fault_holds_the_car(void **state)
{
	struct offrig *f = *state;

	charged(f);
	stands(f, GUN_FINISHED, 10 * 60);
	stands(f, GUN_FAULT, 10 * 60);
	stands(f, GUN_FINISHED, 5 * 60);
	assert_int_equal(minutes(f), 10);
}

static void a_pile_without_power_holds_the_car(void **state)
{
	struct offrig *f = *state;

	charged(f);
	stands(f, GUN_FINISHED, 10 * 60);
	rig_link(&f->o.r, TGT_PILE, 1, false);
	for (int k = 0; k < 600; k++) {
		pass(&f->o, 1000);
	}
	rig_link(&f->o.r, TGT_PILE, 1, true);
	stands(f, GUN_FINISHED, 5 * 60);
	assert_int_equal(minutes(f), 10);
}

static void a_pause_goes_on_over_a_restart(void **state)
{
	struct offrig *f = *state;

	charged(f);
	stands(f, GUN_FINISHED, 10 * 60);
	stands(f, GUN_FAULT, 60);
	off_restart(f, 500, "boot-1");
	stands(f, GUN_FAULT, 40);
	stands(f, GUN_FINISHED, 5 * 60);
	assert_int_equal(minutes(f), 10);
}

static void input(struct offrig *f, int64_t bits)
{
	rig_add(&f->o.r, TGT_METER, 0, PT_INPUT, bits);
	rig_send(&f->o.r);
}

static void an_emergency_input_holds_the_car(void **state)
{
	static const struct stop_cfg fire = {.id = "fire",
		.unit = {TGT_METER, 0},
		.group = {TGT_SITE, 0},
		.active = 1,
		.silence = SILENCE_ALARM};
	struct offrig *f = *state;
	struct event e = {.kind = EV_COMMAND};

	f->o.stop = &fire;
	order_site(&f->o, UNPAID_REFUSE);
	input(f, 0);
	charged(f);
	for (int k = 0; k < 21; k++) {
		stands(f, GUN_FINISHED, 30);
		input(f, k == 20);
	}
	for (int k = 0; k < 20; k++) {
		stands(f, GUN_FINISHED, 30);
		input(f, k < 19);
	}
	e.command.verb = VERB_RELEASE;
	e.command.target.kind = TGT_SITE;
	e.command.by = "wang";
	e.command.reason = "no fire";
	rig_event(&f->o.r, &e);
	for (int k = 0; k < 10; k++) {
		stands(f, GUN_FINISHED, 30);
		input(f, 0);
	}
	assert_in_range(minutes(f), 10, 11);
}

/* In the line for a second charge that never begins. */
static void the_line_holds_the_car(void **state)
{
	struct offrig *f = *state;

	f->o.load = (struct load_cfg){.managed = true,
		.admission = true,
		.fair = true,
		.target_pm = 900,
		.half_pm = 500,
		.stop_pm = 800,
		.share_pm = 500,
		.hysteresis_pm = 50,
		.worst_va = 600000};
	charged(f);
	f->o.cfg.load = f->o.load;
	off_restart(f, 1, "boot-1"); /* now with load management: no meter, so nothing may start */
	stands(f, GUN_FINISHED, 10 * 60);
	assert_int_equal(off_order(f, "O2", B11, 100), 0);
	stands(f, GUN_FINISHED, 10 * 60);
	assert_string_equal(gun_now(&f->o, B11).order, "O2");
	wanted(&f->o, "O2", B11);
	give_order(&f->o, true);
	assert_int_equal(
		off_money(f, (struct money_op){.kind = MONEY_RELEASE, .ref = "O2"}).err, 0);
	stands(f, GUN_FINISHED, 5 * 60);
	assert_int_equal(minutes(f), 10);
}

static void lists_are_read_as_they_are_written(void **state)
{
	static const char *const wrong[] = {
		"1", "-", "5-3", "1-5 4-6", "1-2 ", "1- 3-4", "a-b", "1-2-3", "1-99999999999999"};
	struct parking_pause some[PAUSES_MAX], back[PAUSES_MAX];
	char text[PAUSES_TEXT];
	int64_t open_ms;

	(void)state;
	for (int k = 0; k < PAUSES_MAX; k++) {
		some[k].from.ms = RIG_START_MS + k * 1000;
		some[k].to.ms = some[k].from.ms + 500;
	}
	pauses_write(some, PAUSES_MAX, 0, text);
	assert_int_equal(pauses_read(text, back, &open_ms), PAUSES_MAX);
	assert_memory_equal(some, back, sizeof back);
	assert_int_equal(open_ms, 0);
	pauses_write(some, 2, RIG_START_MS + 9000, text);
	assert_int_equal(pauses_read(text, back, &open_ms), 2);
	assert_int_equal(open_ms, RIG_START_MS + 9000);
	assert_int_equal(pauses_read("", back, &open_ms), 0);
	for (size_t k = 0; k < sizeof wrong / sizeof wrong[0]; k++) {
		assert_int_equal(pauses_read(wrong[k], back, &open_ms), ERR_INVAL);
	}
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, off_setup, off_teardown)
	const struct CMUnitTest tests[] = {
		T(a_car_that_is_left_parks),
		T(a_gun_in_fault_holds_the_car),
		T(a_pile_without_power_holds_the_car),
		T(a_pause_goes_on_over_a_restart),
		T(an_emergency_input_holds_the_car),
		T(the_line_holds_the_car),
		cmocka_unit_test(lists_are_read_as_they_are_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
