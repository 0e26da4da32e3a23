/* Cards and VINs: when they are asked about, what comes of the answer. */
#include "orderrig.h"

/* What the register of a gun's card or VIN shows. */
static void show(struct orderrig *o, int gun, enum point point, const char *text)
{
	struct event e = {.kind = EV_TEXT};

	e.text.target = (struct target){TGT_GUN, (uint16_t)gun};
	e.text.point = point;
	e.text.text = text;
	e.text.at = o->r.now.mono;
	order_event(o, &e);
}

static void present_card(struct orderrig *o, int gun, const char *card)
{
	show(o, gun, PT_CARD, "");
	show(o, gun, PT_CARD, card);
}

static int auths(const struct orderrig *o, int gun, const char *card)
{
	int n = 0;

	for (size_t i = 0; i < o->r.count; i++) {
		const struct action *a = &o->r.kept[i];

		n += a->kind == ACT_AUTH && a->auth.gun == gun && strcmp(a->auth.token, card) == 0;
	}
	return n;
}

static void a_card_is_asked_about(void **state)
{
	struct orderrig *o = *state;

	plug(o, B11, 5000);
	present_card(o, B11, "04A1");
	pass(o, 1000);
	read_gun(o, B11, GUN_PLUGGED, 0, 5000);
	pass(o, 1000);
	assert_int_equal(auths(o, B11, "04A1"), 1); /* once */
	wanted(o, "O1", B11);
	VIEW_SET(&o->wanted, card, "04A1");
	give_order(o, false);
	assert_string_equal(order_of_id(o, "O1")->state, "starting");
	assert_string_equal(order_of_id(o, "O1")->card, "04A1");
}

/* The pile starts by itself when it reads a card; the answer comes a little later. */
static void a_card_may_be_read_as_it_starts(void **state)
{
	struct orderrig *o = *state;

	plug(o, B11, 5000);
	present_card(o, B11, "04A1");
	pass(o, 1000);
	read_gun(o, B11, GUN_CHARGING, 7000, 5002);
	pass(o, 1000);
	read_gun(o, B11, GUN_CHARGING, 7000, 5004);
	assert_int_equal(writes_of(o, PT_STOP, 0), 0);
	wanted(o, "O1", B11);
	give_order(o, false);
	assert_string_equal(order_of_id(o, "O1")->state, "charging");
	assert_int_equal(writes_of(o, PT_START, 0), 0);
	pass(o, 1000);
	read_gun(o, B11, GUN_FINISHED, 0, 5006);
	assert_string_equal(rig_session(&o->r, B11, "closed", 0)->order, "O1");
	/* No answer: after a while it is nobody's. */
	plug(o, B11, 5006);
	present_card(o, B11, "04A2");
	for (int k = 1; k < 20; k++) {
		pass(o, 1000);
		read_gun(o, B11, GUN_CHARGING, 7000, 5006 + 2 * k);
	}
	assert_int_equal(writes_of(o, PT_STOP, 0), 1);
	assert_string_equal(gun_now(o, B11).order_kind, "unknown");
}

static int asked_in_all(const struct orderrig *o)
{
	int n = 0;

	for (size_t i = 0; i < o->r.count; i++) {
		n += o->r.kept[i].kind == ACT_AUTH;
	}
	return n;
}

/* Whose it was nobody knows: it may be that of the driver before. */
static void what_was_there_before_counts_for_nothing(void **state)
{
	struct orderrig *o = *state;

	plug(o, A11, 5000);
	show(o, A11, PT_CARD, "04A1");
	show(o, A11, PT_VIN, "LSIM0001");
	pass(o, 1000);
	read_gun(o, A11, GUN_PLUGGED, 0, 5000);
	show(o, A11, PT_CARD, "04A1");
	pass(o, 1000);
	assert_int_equal(asked_in_all(o), 0);
	/* The same card goes away and comes again: it is held to the reader. */
	show(o, A11, PT_CARD, "0000");
	show(o, A11, PT_CARD, "04A1");
	pass(o, 1000);
	assert_int_equal(auths(o, A11, "04A1"), 1);
	/* Silent for longer than a card lasts: as at the first time. */
	for (int k = 0; k < 130; k++) {
		pass(o, 1000);
	}
	read_gun(o, A11, GUN_PLUGGED, 0, 5000);
	show(o, A11, PT_CARD, "04A2");
	pass(o, 1000);
	assert_int_equal(asked_in_all(o), 1);
}

static void a_vin_counts_once_with_its_plugging(void **state)
{
	struct orderrig *o = *state;

	show(o, A11, PT_VIN, "");
	plug(o, A11, 5000);
	show(o, A11, PT_VIN, "LSIM0001");
	pass(o, 1000);
	assert_int_equal(auths(o, A11, "LSIM0001"), 1);
	wanted(o, "O1", A11);
	VIEW_SET(&o->wanted, card, "LSIM0001");
	give_order(o, false);
	assert_string_equal(order_of_id(o, "O1")->state, "starting");
	for (int k = 1; k < 10; k++) {
		pass(o, 1000);
		read_gun(o, A11, GUN_CHARGING, 36000, 5000 + 10 * k);
	}
	/* With an order under way it says nothing new, and what was stopped does not begin again.
	 */
	show(o, A11, PT_VIN, "");
	show(o, A11, PT_VIN, "LSIM0001");
	pass(o, 1000);
	give_order(o, true);
	read_gun(o, A11, GUN_FINISHED, 0, 5100);
	pass(o, 1000);
	assert_string_equal(order_of_id(o, "O1")->state, "ended");
	show(o, A11, PT_VIN, "");
	show(o, A11, PT_VIN, "LSIM0001");
	pass(o, 1000);
	read_gun(o, A11, GUN_FINISHED, 0, 5100);
	assert_int_equal(asked_in_all(o), 1);
	/* The next car is another one. */
	show(o, A11, PT_VIN, "");
	read_gun(o, A11, GUN_IDLE, 0, 5100);
	show(o, A11, PT_VIN, "LSIM0002"); /* read a little before the plug */
	pass(o, 1000);
	read_gun(o, A11, GUN_PLUGGED, 0, 5100);
	pass(o, 1000);
	assert_int_equal(auths(o, A11, "LSIM0002"), 1);
}

static struct view_order *refused(struct orderrig *o, const char *id, const char *token, int err)
{
	struct view_order *v = wanted(o, id, A11);

	VIEW_SET(v, card, token);
	VIEW_SET(v, state, "failed");
	VIEW_SET(v, error, err_token(err));
	VIEW_SET(v, reason, "no account has this card");
	v->hold_fen = 0;
	v->ended = v->asked;
	give_order(o, false);
	return v;
}

static void a_refusal_is_on_record(void **state)
{
	struct orderrig *o = *state;

	plug(o, A11, 5000);
	present_card(o, A11, "04A9");
	pass(o, 1000);
	refused(o, "O1", "04A9", ERR_NOTFOUND);
	assert_string_equal(order_of_id(o, "O1")->state, "failed");
	assert_string_equal(order_of_id(o, "O1")->error, "not_found");
	assert_string_equal(gun_now(o, A11).order, "");
	assert_int_equal(writes_of(o, PT_START, 0), 0);
	/* A car that nobody registered is no refusal; one whose payer may not charge is. */
	read_gun(o, A11, GUN_IDLE, 0, 5000);
	show(o, A11, PT_VIN, "");
	plug(o, A11, 5000);
	show(o, A11, PT_VIN, "LSIM0009");
	pass(o, 1000);
	refused(o, "O2", "LSIM0009", ERR_NOTFOUND);
	assert_null(order_of_id(o, "O2"));
	read_gun(o, A11, GUN_IDLE, 0, 5000);
	show(o, A11, PT_VIN, "");
	plug(o, A11, 5000);
	show(o, A11, PT_VIN, "LSIM0008");
	pass(o, 1000);
	refused(o, "O3", "LSIM0008", ERR_FROZEN);
	assert_string_equal(order_of_id(o, "O3")->error, "frozen");
}

/* Who was turned away does not go on charging while an answer is waited for. */
static void a_refusal_ends_the_wait(void **state)
{
	struct orderrig *o = *state;

	plug(o, A11, 5000);
	present_card(o, A11, "04A9");
	pass(o, 1000);
	read_gun(o, A11, GUN_CHARGING, 36000, 5010);
	pass(o, 1000);
	read_gun(o, A11, GUN_CHARGING, 36000, 5020);
	assert_int_equal(writes_of(o, PT_STOP, 0), 0);
	refused(o, "O1", "04A9", ERR_FROZEN);
	pass(o, 1000);
	read_gun(o, A11, GUN_CHARGING, 36000, 5030);
	assert_int_equal(writes_of(o, PT_STOP, 0), 1);
	assert_string_equal(gun_now(o, A11).order_kind, "unknown");
}

static void charge_on(struct orderrig *o, int64_t *wh, int seconds)
{
	for (int k = 0; k < seconds; k++) {
		pass(o, 1000);
		read_gun(o, B11, GUN_CHARGING, 7000, *wh += 2);
	}
}

/* An account takes over what an unknown payer would have to pay: all of it, at its own prices. */
static void a_card_takes_over_what_nobody_pays(void **state)
{
	struct orderrig *o = *state;
	char first[40];
	int64_t wh = 5000;

	order_site(o, UNPAID_UNKNOWN);
	o->tariff.price[0][CLASS_STAFF][PERIOD_VALLEY] = (struct price){30000, 0};
	o->tariff.price[0][CLASS_STAFF][PERIOD_PEAK] = (struct price){50000, 0};
	know_tariff(o);
	plug(o, B11, wh);
	charge_on(o, &wh, 1300); /* over 06:30, where it gets dearer */
	memcpy(first, gun_now(o, B11).order, sizeof gun_now(o, B11).order);
	assert_string_equal(gun_now(o, B11).order_kind, "unknown");
	assert_true(site_unclaimed(o->r.site, B11));
	assert_true(rig_fault(&o->r, "B1.1", FAULT_UNPAID));
	/* as it was before 06:30 and since then: 0.3 and 0.5 yuan a kWh */
	present_card(o, B11, "04A1");
	pass(o, 1000);
	assert_int_equal(auths(o, B11, "04A1"), 1);
	wanted(o, "O1", B11);
	VIEW_SET(&o->wanted, card, "04A1");
	VIEW_SET(&o->wanted, class, "staff");
	give_order(o, false);
	assert_string_equal(order_of_id(o, first)->state, "cancelled");
	assert_string_equal(order_of_id(o, "O1")->state, "charging");
	assert_string_equal(gun_now(o, B11).order, "O1");
	assert_false(site_unclaimed(o->r.site, B11));
	assert_false(rig_fault(&o->r, "B1.1", FAULT_UNPAID));
	assert_int_equal(writes_of(o, PT_STOP, 0), 0);
	{
		int64_t fen = gun_now(o, B11).cost_fen;
		const struct view_mark *m = NULL;

		for (size_t i = 0; i < o->r.count; i++) {
			m = o->r.kept[i].kind == ACT_MARK ? &o->r.kept[i].mark : m;
		}
		assert_non_null(m);
		assert_int_equal(
			fen, ((m->wh - 5000) * 30 + 500) / 1000 + ((wh - m->wh) * 50 + 500) / 1000);
	}
	/* Nobody else takes it from there, and its payer's charge is one session. */
	wanted(o, "O2", B11);
	VIEW_SET(&o->wanted, account, "C000002");
	give_order(o, false);
	assert_string_equal(order_of_id(o, "O2")->state, "failed");
	assert_string_equal(order_of_id(o, "O2")->error, "busy");
	read_gun(o, B11, GUN_FINISHED, 0, wh);
	assert_string_equal(rig_session(&o->r, B11, "closed", 0)->order, "O1");
	assert_string_equal(order_of_id(o, "O1")->state, "ended");
}

/* What is free by the site's setting stays so; what is being stopped is stopped. */
static void nothing_else_is_taken_over(void **state)
{
	static const enum unpaid rules[] = {UNPAID_FREE, UNPAID_REFUSE};
	struct orderrig *o = *state;

	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
		int64_t wh = 5000;

		order_site(o, rules[i]);
		o->r.count = o->seen = 0;
		plug(o, B11, wh);
		charge_on(o, &wh, 30);
		assert_false(site_unclaimed(o->r.site, B11));
		wanted(o, "O1", B11);
		give_order(o, false);
		assert_string_equal(order_of_id(o, "O1")->error, "busy");
		assert_string_not_equal(gun_now(o, B11).order, "O1");
	}
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, order_setup, order_teardown)
	const struct CMUnitTest tests[] = {
		T(a_card_is_asked_about),
		T(a_card_may_be_read_as_it_starts),
		T(what_was_there_before_counts_for_nothing),
		T(a_vin_counts_once_with_its_plugging),
		T(a_refusal_is_on_record),
		T(a_refusal_ends_the_wait),
		T(a_card_takes_over_what_nobody_pays),
		T(nothing_else_is_taken_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
