/* The line of those who wait for room at the transformer: an order keeps its place. */
#include "orderrig.h"

#define FULL_VA 560000
#define FREE_VA 30000

static int setup(void **state)
{
	int rc = order_setup(state);
	struct orderrig *o = *state;

	o->load = (struct load_cfg){.managed = true,
		.admission = true,
		.fair = true,
		.target_pm = 900,
		.half_pm = 500,
		.stop_pm = 800,
		.share_pm = 500,
		.hysteresis_pm = 50,
		.worst_va = 100000};
	order_site(o, UNPAID_REFUSE);
	return rc;
}

/* A second with the other load of the transformer; what stands at the guns is read. */
static void second(struct orderrig *o, int64_t va)
{
	static const int guns[] = {A11, A12, B11};

	pass(o, 1000);
	for (size_t i = 0; i < sizeof guns / sizeof guns[0]; i++) {
		struct view_gun g = gun_now(o, guns[i]);

		rig_gun(&o->r, guns[i], guns[i] == B11 ? PT_LIMIT_MA : PT_LIMIT_W,
			guns[i] == B11 ? g.grant_w * 1000 / 230 : g.grant_w);
		read_gun(o, guns[i], GUN_PLUGGED, 0, 5000);
	}
	for (int l = 0; l < 3; l++) {
		rig_add(&o->r, TGT_METER, 0, (enum point)(PT_APPARENT_L1 + l), va / 3);
	}
	rig_add(&o->r, TGT_METER, 0, PT_APPARENT, va);
	rig_send(&o->r);
	answer(o);
}

static void seconds(struct orderrig *o, int n, int64_t va)
{
	while (n-- > 0) {
		second(o, va);
	}
}

static void order_at(struct orderrig *o, const char *id, int gun)
{
	wanted(o, id, gun);
	give_order(o, false);
	seconds(o, 10, FULL_VA);
}

static void places(const struct orderrig *o, int64_t a11, int64_t a12, int64_t b11)
{
	assert_int_equal(gun_now(o, A11).place, a11);
	assert_int_equal(gun_now(o, A12).place, a12);
	assert_int_equal(gun_now(o, B11).place, b11);
}

/* Their order is not that of the guns. */
static void three_wait(struct orderrig *o)
{
	seconds(o, 5, FULL_VA);
	order_at(o, "O1", B11);
	order_at(o, "O2", A12);
	order_at(o, "O3", A11);
	places(o, 3, 2, 1);
}

static void a_restart_leaves_the_line_as_it_was(void **state)
{
	struct orderrig *o = *state;

	three_wait(o);
	order_restart(o);
	o->r.now.mono.us += 20 * US_PER_S;
	o->r.now.wall.ms += 20 * MS_PER_S;
	seconds(o, 10, FULL_VA);
	places(o, 3, 2, 1);
	/* Who comes after it is behind it. */
	wanted(o, "O4", A11);
	give_order(o, true);
	wanted(o, "O3", A11);
	give_order(o, true);
	seconds(o, 5, FULL_VA);
	order_at(o, "O5", A11);
	places(o, 3, 2, 1);
}

static void a_refusal_behind_changes_nothing(void **state)
{
	struct orderrig *o = *state;

	three_wait(o);
	order_at(o, "O4", A11); /* busy */
	assert_string_equal(order_of_id(o, "O4")->state, "failed");
	places(o, 3, 2, 1);
	/* Refused by the core, and taken back by its driver. */
	wanted(o, "O3", A11);
	give_order(o, true);
	wanted(o, "O5", A11);
	VIEW_SET(&o->wanted, tariff, "other");
	give_order(o, false);
	assert_string_equal(order_of_id(o, "O5")->state, "failed");
	seconds(o, 5, FULL_VA);
	places(o, VALUE_NONE, 2, 1);
	/* There is room: the first begins, and the others move up. */
	seconds(o, 1, FREE_VA);
	assert_int_equal(gun_now(o, B11).place, VALUE_NONE);
	assert_string_equal(order_of_id(o, "O1")->state, "starting");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, order_teardown)
	const struct CMUnitTest tests[] = {
		T(a_restart_leaves_the_line_as_it_was),
		T(a_refusal_behind_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
