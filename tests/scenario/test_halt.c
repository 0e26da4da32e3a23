/* A stop of a pile, a feeder or the site, and what is out of service: nothing begins behind it
 * until a person says so. */
#include "orderrig.h"

#include "why.h"

static void ask_of(
	struct orderrig *o, enum verb verb, enum target_kind kind, int index, const char *reason)
{
	struct event e = {.kind = EV_COMMAND};

	e.command.verb = verb;
	e.command.target = (struct target){(uint16_t)kind, (uint16_t)index};
	e.command.value = VALUE_NONE;
	e.command.by = "li";
	e.command.origin = "local";
	e.command.reason = reason;
	order_event(o, &e);
	answer(o);
}

static void stop_site(struct orderrig *o)
{
	ask_of(o, VERB_STOP, TGT_SITE, 0, "fire drill");
}

static const struct view_command *newest(const struct orderrig *o, const char *verb)
{
	for (size_t i = o->r.count; i-- > 0;) {
		const struct view_command *c = &o->r.kept[i].command;

		if (o->r.kept[i].kind == ACT_COMMAND && strcmp(c->verb, verb) == 0) {
			return c;
		}
	}
	return NULL;
}

static const struct view_standing *standing(const struct orderrig *o, int gun)
{
	for (size_t i = o->r.count; i-- > 0;) {
		const struct view_standing *s = &o->r.kept[i].standing;

		if (o->r.kept[i].kind == ACT_STANDING && strcmp(s->gun, rig_guns[gun].id) == 0) {
			return s;
		}
	}
	return NULL;
}

static bool held(const struct orderrig *o, int gun)
{
	return strcmp(gun_now(o, gun).halt_by, "li") == 0;
}

/* The gun charges: seen for so many seconds. */
static void charges(struct orderrig *o, int gun, int seconds)
{
	for (int k = 0; k < seconds; k++) {
		pass(o, 1000);
		read_gun(o, gun, GUN_CHARGING, 6000, 5000 + k);
	}
}

static void an_order_that_waits_is_cancelled(void **state)
{
	struct orderrig *o = *state;
	size_t from;

	plug(o, A11, 5000);
	wanted(o, "O1", A11);
	give_order(o, false);
	assert_string_equal(order_of_id(o, "O1")->state, "starting");
	from = o->r.count;
	stop_site(o);
	pass(o, 1000);
	assert_string_equal(order_of_id(o, "O1")->state, "cancelled");
	assert_string_equal(order_of_id(o, "O1")->stop_cause, "person");
	assert_non_null(strstr(order_of_id(o, "O1")->reason, "stopped by li: fire drill"));
	assert_true(order_of_id(o, "O1")->ended != VALUE_NONE);
	/* its start is under way at the pile */
	assert_int_equal(writes_of(o, PT_STOP, from), 1);
	for (int k = 0; k < 120; k++) {
		pass(o, 1000);
		read_gun(o, A11, GUN_PLUGGED, 0, 5000);
	}
	assert_int_equal(writes_of(o, PT_START, from), 0);
	assert_string_equal(newest(o, "stop")->state, "verified");
}

/* A start that waits behind something else is void as well. */
static void a_start_that_was_not_sent_is_void(void **state)
{
	struct orderrig *o = *state;
	size_t from = o->r.count;

	order_site(o, UNPAID_FREE);
	plug(o, A11, 5000);
	o->mute = true;
	ask_of(o, VERB_UNLOCK, TGT_GUN, A11, "");
	ask_of(o, VERB_START, TGT_GUN, A11, "");
	assert_string_equal(newest(o, "start")->state, "queued");
	stop_site(o);
	o->mute = false;
	answer(o);
	pass(o, 60000);
	assert_string_equal(newest(o, "start")->state, "failed");
	assert_int_equal(writes_of(o, PT_START, from), 0);
}

static void what_begins_by_itself_is_stopped(void **state)
{
	struct orderrig *o = *state;
	size_t from;

	order_site(o, UNPAID_FREE);
	plug(o, A11, 5000);
	stop_site(o);
	assert_true(held(o, A11));
	from = o->r.count;
	pass(o, 60000);
	assert_int_equal(writes_of(o, PT_STOP, from), 0); /* it only stands there */
	charges(o, A11, 2);
	assert_int_equal(writes_of(o, PT_STOP, from), 1);
	assert_string_equal(newest(o, "stop")->by, "li");
	/* a pile that is deaf is told again */
	charges(o, A11, 120);
	assert_in_range(writes_of(o, PT_STOP, from), 3, 10);
	/* the next car is no person of the site */
	pass(o, 1000);
	read_gun(o, A11, GUN_FINISHED, 0, 5200);
	plug(o, A11, 5000);
	from = o->r.count;
	charges(o, A11, 2);
	assert_int_equal(writes_of(o, PT_STOP, from), 1);
}

static void a_person_starts_it_anew(void **state)
{
	struct orderrig *o = *state;
	size_t from;

	order_site(o, UNPAID_FREE);
	plug(o, A11, 5000);
	plug(o, B11, 5000);
	stop_site(o);
	assert_string_equal(standing(o, A11)->halt_by, "li");
	ask_of(o, VERB_START, TGT_GUN, A11, "");
	assert_false(held(o, A11));
	assert_true(held(o, B11)); /* of this gun only */
	assert_string_equal(standing(o, A11)->halt_by, "");
	from = o->r.count;
	charges(o, A11, 60);
	assert_int_equal(writes_of(o, PT_STOP, from), 0);
	assert_string_equal(newest(o, "start")->state, "verified");
}

static void an_order_of_a_person_is_a_start_a_card_is_not(void **state)
{
	struct orderrig *o = *state;

	plug(o, A11, 5000);
	stop_site(o);
	wanted(o, "O1", A11);
	VIEW_SET(&o->wanted, by, "card 04aabb");
	VIEW_SET(&o->wanted, origin, "pile");
	give_order(o, false);
	assert_string_equal(order_of_id(o, "O1")->state, "failed");
	assert_string_equal(order_of_id(o, "O1")->error, "wrong_state");
	assert_true(held(o, A11));
	assert_int_equal(writes_of(o, PT_START, 0), 0);
	wanted(o, "O2", A11);
	give_order(o, false);
	assert_string_equal(order_of_id(o, "O2")->state, "starting");
	assert_false(held(o, A11));
	assert_int_equal(writes_of(o, PT_START, 0), 1);
}

static void a_release_lets_all_begin(void **state)
{
	struct orderrig *o = *state;
	size_t from;

	order_site(o, UNPAID_FREE);
	plug(o, A11, 5000);
	ask_of(o, VERB_RELEASE, TGT_SITE, 0, "drill over");
	assert_string_equal(newest(o, "release")->state, "failed"); /* nothing is held */
	stop_site(o);
	ask_of(o, VERB_RELEASE, TGT_SITE, 0, "");
	assert_string_equal(newest(o, "release")->error, "invalid");
	ask_of(o, VERB_RELEASE, TGT_SITE, 0, "drill over");
	assert_string_equal(newest(o, "release")->state, "verified");
	for (int gun = 0; gun < RIG_GUNS; gun++) {
		assert_false(held(o, gun));
	}
	from = o->r.count;
	charges(o, A11, 30);
	assert_int_equal(writes_of(o, PT_STOP, from), 0);
}

static void a_stop_of_a_pile_holds_its_guns_only(void **state)
{
	struct orderrig *o = *state;

	plug(o, A11, 5000);
	ask_of(o, VERB_STOP, TGT_PILE, 0, "");
	assert_true(held(o, A11) && held(o, A12));
	assert_false(held(o, B11));
	ask_of(o, VERB_STOP, TGT_PILE, 1, ""); /* that of one gun, too */
	assert_true(held(o, B11));
	assert_false(held(o, C11));
	ask_of(o, VERB_STOP, TGT_GUN, C11, ""); /* a gun is stopped, not held */
	assert_false(held(o, C11));
}

static void it_outlives_a_restart(void **state)
{
	struct orderrig *o = *state;
	struct view_standing kept, seen;
	size_t from;

	order_site(o, UNPAID_FREE);
	plug(o, A11, 5000);
	stop_site(o);
	kept = *standing(o, A11);
	order_site(o, UNPAID_FREE);
	o->seen = o->r.count;
	rig_resume(&o->r, VIEW_standing, &kept);
	assert_true(held(o, A11));
	assert_int_equal(gun_now(o, A11).halted, kept.halted);
	assert_true(site_view_standing(o->r.site, A11, &seen));
	assert_string_equal(seen.halt, "fire drill");
	assert_false(site_view_standing(o->r.site, B11, &seen));
	from = o->r.count;
	charges(o, A11, 2);
	assert_int_equal(writes_of(o, PT_STOP, from), 1);
}

/* Under load management it gets nothing either, and `why` tells who stopped it. */
static void it_gets_no_power(void **state)
{
	struct orderrig *o = *state;
	struct view_gun g;
	char text[WHY_MAX];

	o->cfg.load = (struct load_cfg){.managed = true, .fair = true, .target_pm = 900};
	site_free(o->r.site);
	o->cfg.billing.on = false;
	assert_int_equal(site_new(&o->cfg, &o->r.site), 0);
	plug(o, A11, 5000);
	for (int k = 0; k < 90; k++) {
		if (k == 60) {
			assert_true(gun_now(o, A11).grant_w > 0);
			stop_site(o);
		}
		for (int l = 0; l < 3; l++) {
			rig_add(&o->r, TGT_METER, 0, (enum point)(PT_APPARENT_L1 + l), 10000 + k);
		}
		rig_gun(&o->r, A11, PT_LIMIT_W, 60000);
		rig_gun(&o->r, A12, PT_LIMIT_W, 0);
		rig_send(&o->r);
		charges(o, A11, 1);
	}
	g = gun_now(o, A11);
	assert_int_equal(g.grant_w, 0);
	assert_string_equal(g.rule, "stopped");
	why_gun(text, sizeof text, &g, o->r.now.wall);
	assert_non_null(strstr(text, "stopped by li, fire drill"));
}

/* Out of service holds as a stop does, for everybody, until it is put back. */
static void what_is_out_of_service_is_stopped_again(void **state)
{
	struct orderrig *o = *state;
	struct view_tag kept;
	size_t from;

	order_site(o, UNPAID_FREE);
	plug(o, A11, 5000);
	ask_of(o, VERB_TAG, TGT_PILE, 0, "repair");
	from = o->r.count;
	pass(o, 60000);
	assert_int_equal(writes_of(o, PT_STOP, from), 0); /* it only stands there */
	charges(o, A11, 2);
	assert_int_equal(writes_of(o, PT_STOP, from), 1);
	assert_string_equal(newest(o, "stop")->by, "li");
	assert_string_equal(newest(o, "stop")->target, "A1.1");
	assert_non_null(strstr(newest(o, "stop")->reason, "out of service"));
	charges(o, A11, 120);
	assert_in_range(writes_of(o, PT_STOP, from), 3, 10);
	/* over a restart */
	assert_true(site_view_tag(o->r.site, 0, &kept));
	order_site(o, UNPAID_FREE);
	o->seen = o->r.count;
	rig_resume(&o->r, VIEW_tag, &kept);
	from = o->r.count;
	charges(o, A11, 2);
	assert_int_equal(writes_of(o, PT_STOP, from), 1);
	/* and no longer */
	ask_of(o, VERB_UNTAG, TGT_PILE, 0, "repaired");
	read_gun(o, A11, GUN_FINISHED, 0, 5200);
	from = o->r.count;
	charges(o, A11, 60);
	assert_int_equal(writes_of(o, PT_STOP, from), 0);
}

static void out_of_service_cancels_an_order_that_waits(void **state)
{
	struct orderrig *o = *state;
	size_t from;

	plug(o, A11, 5000);
	wanted(o, "O1", A11);
	give_order(o, false);
	assert_string_equal(order_of_id(o, "O1")->state, "starting");
	from = o->r.count;
	ask_of(o, VERB_TAG, TGT_GUN, A11, "repair");
	pass(o, 1000);
	assert_string_equal(order_of_id(o, "O1")->state, "cancelled");
	assert_non_null(strstr(order_of_id(o, "O1")->reason, "out of service by li: repair"));
	assert_int_equal(writes_of(o, PT_STOP, from), 1); /* its start is under way */
	pass(o, 120000);
	assert_int_equal(writes_of(o, PT_START, from), 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, order_setup, order_teardown)
	const struct CMUnitTest tests[] = {
		T(an_order_that_waits_is_cancelled),
		T(a_start_that_was_not_sent_is_void),
		T(what_begins_by_itself_is_stopped),
		T(a_person_starts_it_anew),
		T(an_order_of_a_person_is_a_start_a_card_is_not),
		T(a_release_lets_all_begin),
		T(a_stop_of_a_pile_holds_its_guns_only),
		T(it_outlives_a_restart),
		T(it_gets_no_power),
		T(what_is_out_of_service_is_stopped_again),
		T(out_of_service_cancels_an_order_that_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
