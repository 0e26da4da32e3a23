/* Fire and emergency-stop inputs: what they name stops at once, and stays so until released. */
#include "rig.h"

static const struct stop_cfg stops[] = {
	{.id = "fire", .unit = {TGT_METER, 0}, .group = {TGT_SITE, 0}, .bit = 2, .active = 0},
	{.id = "button", .unit = {TGT_PILE, 0}, .group = {TGT_FEEDER, 0}, .bit = 0, .active = 1},
};

static uint8_t silence = SILENCE_STOP;

static void new_site(struct rig *r)
{
	struct site_cfg cfg = rig_cfg;
	struct stop_cfg both[] = {stops[0], stops[1]};

	both[0].silence = both[1].silence = silence;
	cfg.stops = both;
	cfg.stop_count = 2;
	cfg.load = (struct load_cfg){.managed = true,
		.fair = true,
		.target_pm = 900,
		.half_pm = 500,
		.stop_pm = 800,
		.share_pm = 500,
		.hysteresis_pm = 50,
		.worst_va = 100000};
	assert_int_equal(site_new(&cfg, &r->site), 0);
}

static int setup(void **state)
{
	struct rig *r = calloc(1, sizeof *r);

	if (r == NULL) {
		return -1;
	}
	r->now = (struct moment){{RIG_START_US}, {RIG_START_MS}};
	silence = SILENCE_STOP;
	new_site(r);
	*state = r;
	return 0;
}

/* A reading of the transformer's meter that leaves room for all. */
static void meter(struct rig *r)
{
	for (int l = 0; l < 3; l++) {
		rig_add(r, TGT_METER, 0, (enum point)(PT_APPARENT_L1 + l), 10000);
	}
	rig_add(r, TGT_METER, 0, PT_APPARENT, 30000);
	rig_send(r);
}

/* Two guns charge, one of them on feeder F1. */
static void charge(struct rig *r)
{
	static const int guns[] = {A11, B11};

	/* until its limit is known the other gun of the pile may take all */
	rig_gun(r, A12, PT_LIMIT_W, 0);
	rig_read(r, A12, GUN_IDLE, 0, 0);
	for (size_t i = 0; i < sizeof guns / sizeof guns[0]; i++) {
		rig_read(r, guns[i], GUN_PLUGGED, 0, 1000);
		rig_wait(r, 1000);
		rig_read(r, guns[i], GUN_CHARGING, 5000, 1000);
		rig_gun(r, guns[i], guns[i] == A11 ? PT_LIMIT_W : PT_LIMIT_MA,
			guns[i] == A11 ? 60000 : 30000);
		rig_send(r);
		rig_wait(r, 1000);
		rig_read(r, guns[i], GUN_CHARGING, 5000, 1001);
		meter(r);
	}
}

static void input(struct rig *r, enum target_kind kind, int64_t bits)
{
	rig_add(r, kind, 0, PT_INPUT, bits);
	rig_send(r);
}

/* Writes of a point to a gun since `from`; the value of the last. */
static int writes(const struct rig *r, size_t from, int gun, enum point p, int64_t *value)
{
	int n = 0;

	for (size_t i = from; i < r->count; i++) {
		const struct action *a = &r->kept[i];

		if (a->kind == ACT_WRITE && a->write.target.kind == TGT_GUN &&
			a->write.target.index == gun && a->write.point == p) {
			*value = a->write.value;
			n++;
		}
	}
	return n;
}

static void command(struct rig *r, enum verb verb, enum target_kind kind, const char *reason)
{
	struct event e = {.kind = EV_COMMAND};

	e.command.verb = verb;
	e.command.target = (struct target){(uint16_t)kind, 0};
	e.command.by = "wang";
	e.command.reason = reason;
	rig_event(r, &e);
}

static bool tagged(const struct rig *r, const char *target)
{
	struct view_tag t;

	for (size_t i = 0; site_view_tag(r->site, i, &t); i++) {
		if (strcmp(t.target, target) == 0) {
			return true;
		}
	}
	return false;
}

static struct view_gun gun(const struct rig *r, int i)
{
	struct view_gun v;

	site_view_gun(r->site, (uint16_t)i, r->now, &v);
	return v;
}

static void an_input_stops_its_group_at_once(void **state)
{
	struct rig *r = *state;
	int64_t value = -1;
	size_t from;

	input(r, TGT_PILE, 0);
	charge(r);
	from = r->count;
	assert_true(gun(r, A11).grant_w > 0);
	assert_string_equal(rig_state(r, A11), "charging");
	input(r, TGT_PILE, 1);
	/* with that very reply: stop, no power, and the reason */
	assert_int_equal(writes(r, from, A11, PT_STOP, &value), 1);
	assert_int_equal(writes(r, from, A11, PT_LIMIT_W, &value), 1);
	assert_int_equal(value, 0);
	assert_string_equal(gun(r, A11).rule, "stopped");
	assert_int_equal(gun(r, A11).grant_w, 0);
	assert_true(rig_fault(r, "A1", FAULT_INPUT_STOP));
	assert_true(tagged(r, "F1"));
	/* others go on */
	assert_int_equal(writes(r, from, B11, PT_STOP, &value), 0);
	assert_string_not_equal(gun(r, B11).rule, "stopped");
}

static void it_holds_until_a_person_releases_it(void **state)
{
	struct rig *r = *state;

	charge(r);
	input(r, TGT_PILE, 1);
	rig_read(r, A11, GUN_FINISHED, 0, 1002);
	command(r, VERB_RELEASE, TGT_FEEDER, "looked at it");
	assert_true(tagged(r, "F1")); /* active still */
	command(r, VERB_UNTAG, TGT_FEEDER, "looked at it");
	assert_true(tagged(r, "F1"));
	input(r, TGT_PILE, 0);
	for (int k = 0; k < 6; k++) {
		rig_wait(r, 10000);
		input(r, TGT_METER, 4);
		input(r, TGT_PILE, 0);
	}
	assert_true(tagged(r, "F1"));
	assert_true(rig_fault(r, "A1", FAULT_INPUT_STOP));
	command(r, VERB_UNTAG, TGT_FEEDER, "not the way");
	command(r, VERB_RELEASE, TGT_FEEDER, "");
	assert_true(tagged(r, "F1"));
	command(r, VERB_RELEASE, TGT_FEEDER, "button was pressed by a child");
	assert_false(tagged(r, "F1"));
	assert_false(rig_fault(r, "A1", FAULT_INPUT_STOP));
	rig_wait(r, 5000);
	assert_false(tagged(r, "F1"));
	assert_string_not_equal(gun(r, A11).rule, "stopped");
}

/* A contact that opens; everything stops; and it is known after a restart. */
static void a_fire_stops_the_site_and_outlives_a_restart(void **state)
{
	struct rig *r = *state;
	struct view_tag tag;
	size_t from;
	int64_t value;

	input(r, TGT_METER, 4);
	charge(r);
	assert_false(tagged(r, "rig"));
	from = r->count;
	input(r, TGT_METER, 0);
	assert_int_equal(writes(r, from, A11, PT_STOP, &value), 1);
	assert_int_equal(writes(r, from, B11, PT_STOP, &value), 1);
	assert_true(rig_fault(r, "T1", FAULT_INPUT_STOP));
	assert_true(site_view_tag(r->site, 0, &tag));
	assert_string_equal(tag.target, "rig");
	assert_string_equal(tag.by, "input fire");
	site_free(r->site);
	new_site(r);
	rig_resume(r, VIEW_tag, &tag);
	input(r, TGT_METER, 4);
	rig_wait(r, 2000);
	assert_true(tagged(r, "rig"));
	assert_true(rig_fault(r, "T1", FAULT_INPUT_STOP));
	command(r, VERB_RELEASE, TGT_SITE, "false alarm");
	assert_false(tagged(r, "rig"));
}

/* A unit that says nothing stops what it watches, and an alarm tells; where the configuration says
 * so the last value holds. */
static void silence_is_not_safety(void **state)
{
	static const struct {
		uint8_t silence;
		bool stops;
	} cases[] = {{SILENCE_STOP, true}, {SILENCE_ALARM, false}};
	struct rig *r = *state;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		silence = cases[i].silence;
		site_free(r->site);
		new_site(r);
		input(r, TGT_METER, 4);
		input(r, TGT_PILE, 0);
		for (int k = 0; k < 40; k++) {
			rig_wait(r, 1000);
			input(r, TGT_METER, 4);
		}
		/* the button's unit was silent for longer than that, the other was not */
		assert_true(rig_fault(r, "A1", FAULT_INPUT_SILENT));
		assert_int_equal(tagged(r, "F1"), cases[i].stops);
		assert_int_equal(rig_fault(r, "A1", FAULT_INPUT_STOP), cases[i].stops);
		assert_false(rig_fault(r, "T1", FAULT_INPUT_SILENT));
		assert_false(tagged(r, "rig"));
		command(r, VERB_RELEASE, TGT_FEEDER, "nobody is in danger");
		assert_int_equal(tagged(r, "F1"), cases[i].stops); /* nobody knows */
		input(r, TGT_PILE, 0);
		rig_wait(r, 6000);
		assert_false(rig_fault(r, "A1", FAULT_INPUT_SILENT));
		assert_int_equal(tagged(r, "F1"), cases[i].stops); /* latched */
		command(r, VERB_RELEASE, TGT_FEEDER, "the wire is mended");
		assert_false(tagged(r, "F1"));
	}
}

/* What was never read since the start has as long to appear. */
static void an_input_that_never_appears_stops(void **state)
{
	struct rig *r = *state;

	rig_wait(r, 1000);
	rig_wait(r, 20000);
	assert_false(tagged(r, "F1"));
	rig_wait(r, 20000);
	assert_true(tagged(r, "F1"));
	assert_true(tagged(r, "rig"));
}

/* What a person took out of service stays so when the input is released. */
static void a_tag_of_a_person_stays(void **state)
{
	struct rig *r = *state;

	input(r, TGT_PILE, 0);
	command(r, VERB_TAG, TGT_FEEDER, "cable is being changed");
	input(r, TGT_PILE, 1);
	rig_wait(r, 2000);
	command(r, VERB_UNTAG, TGT_FEEDER, "done");
	assert_true(tagged(r, "F1"));
	input(r, TGT_PILE, 0);
	command(r, VERB_RELEASE, TGT_FEEDER, "safe");
	assert_true(tagged(r, "F1"));
	command(r, VERB_UNTAG, TGT_FEEDER, "done");
	assert_false(tagged(r, "F1"));
}

/* A gun that charges on is told again. */
static void a_gun_that_charges_on_is_told_again(void **state)
{
	struct rig *r = *state;
	int64_t value;
	size_t from;

	charge(r);
	from = r->count;
	input(r, TGT_PILE, 1);
	for (int k = 0; k < 60; k++) {
		rig_read(r, A11, GUN_CHARGING, 5000, 1002 + k);
		input(r, TGT_METER, 4);
		rig_wait(r, 1000);
	}
	assert_in_range(writes(r, from, A11, PT_STOP, &value), 2, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			an_input_stops_its_group_at_once, setup, rig_teardown),
		cmocka_unit_test_setup_teardown(
			it_holds_until_a_person_releases_it, setup, rig_teardown),
		cmocka_unit_test_setup_teardown(
			a_fire_stops_the_site_and_outlives_a_restart, setup, rig_teardown),
		cmocka_unit_test_setup_teardown(silence_is_not_safety, setup, rig_teardown),
		cmocka_unit_test_setup_teardown(
			an_input_that_never_appears_stops, setup, rig_teardown),
		cmocka_unit_test_setup_teardown(a_tag_of_a_person_stays, setup, rig_teardown),
		cmocka_unit_test_setup_teardown(
			a_gun_that_charges_on_is_told_again, setup, rig_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
