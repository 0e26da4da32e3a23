/* Reservations in virtual time: kept, nobody came, the site failed, others kept out. */
#include "orderrig.h"

#define MIN_MS (60 * MS_PER_S)

static int reserve_setup(void **state)
{
	struct orderrig *o;

	order_setup(state);
	o = *state;
	site_free(o->r.site);
	o->cfg.billing.reserve_lead_us = 15 * 60 * US_PER_S;
	assert_int_equal(site_new(&o->cfg, &o->r.site), 0);
	know_tariff(o);
	return 0;
}

/* Time passes at a gun that answers: every 5 s with the same state. */
static void stand(struct orderrig *o, enum gun_state s, int64_t minutes)
{
	for (int64_t k = 0; k < minutes * 12; k++) {
		pass(o, 5000);
		read_gun(o, B11, s, s == GUN_CHARGING ? 7000 : 0,
			s == GUN_CHARGING ? 5000 + k * 10 : 5000);
	}
}

static void give_reserve(
	struct orderrig *o, const struct view_reservation *v, bool cancel, bool waive)
{
	struct event e = {.kind = EV_RESERVE};

	e.reserve.view = v;
	e.reserve.cancel = cancel;
	e.reserve.waive = waive;
	order_event(o, &e);
	answer(o);
}

/* Of B1.1 for C000001, from `in_min` minutes from now on for an hour; held for 15 minutes. */
static void reserve(struct orderrig *o, const char *id, int64_t in_min)
{
	struct view_reservation v;

	view_clear(VIEW_reservation, &v);
	VIEW_SET(&v, id, id);
	VIEW_SET(&v, gun, "B1.1");
	VIEW_SET(&v, account, "C000001");
	VIEW_SET(&v, by, "li");
	v.asked = o->r.now.wall.ms;
	v.from = v.asked + in_min * MIN_MS;
	v.until = v.from + 60 * MIN_MS;
	v.held_until = v.from + 15 * MIN_MS;
	v.fee_fen = 200;
	give_reserve(o, &v, false, false);
}

static void cancel(struct orderrig *o, const char *id, bool waive)
{
	struct view_reservation v;

	view_clear(VIEW_reservation, &v);
	VIEW_SET(&v, id, id);
	VIEW_SET(&v, ended_by, "wang");
	VIEW_SET(&v, reason, "called");
	give_reserve(o, &v, true, waive);
}

/* The newest record of a reservation. */
static const struct view_reservation *record(const struct orderrig *o, const char *id)
{
	for (size_t i = o->r.count; i-- > 0;) {
		if (o->r.kept[i].kind == ACT_RESERVE && strcmp(o->r.kept[i].reserve.id, id) == 0) {
			return &o->r.kept[i].reserve;
		}
	}
	return NULL;
}

static void assert_is(
	const struct orderrig *o, const char *id, const char *state, const char *cause)
{
	const struct view_reservation *r = record(o, id);

	assert_non_null(r);
	assert_string_equal(r->state, state);
	assert_string_equal(r->cause, cause);
}

static void who_comes_has_the_gun(void **state)
{
	struct orderrig *o = *state;

	stand(o, GUN_IDLE, 1);
	reserve(o, "R1", 30);
	assert_is(o, "R1", "planned", "");
	assert_string_equal(gun_now(o, B11).reservation, "R1");
	assert_string_equal(gun_now(o, B11).reserved_for, "C000001");
	stand(o, GUN_IDLE, 31);
	assert_is(o, "R1", "active", "");
	stand(o, GUN_PLUGGED, 1);
	wanted(o, "O1", B11);
	give_order(o, false);
	assert_string_equal(order_of_id(o, "O1")->state, "starting");
	stand(o, GUN_CHARGING, 1);
	assert_is(o, "R1", "kept", "");
	assert_string_equal(record(o, "R1")->order, "O1");
	assert_true(record(o, "R1")->ended != VALUE_NONE);
	assert_string_equal(gun_now(o, B11).reservation, "");
}

static void nobody_comes(void **state)
{
	struct orderrig *o = *state;

	stand(o, GUN_IDLE, 1);
	reserve(o, "R1", 0);
	stand(o, GUN_IDLE, 14);
	assert_is(o, "R1", "active", "");
	stand(o, GUN_IDLE, 2);
	assert_is(o, "R1", "lapsed", "no_show");
	/* The gun is anybody's again. */
	stand(o, GUN_PLUGGED, 1);
	wanted(o, "O1", B11);
	VIEW_SET(&o->wanted, account, "C000002");
	give_order(o, false);
	assert_string_equal(order_of_id(o, "O1")->state, "starting");
}

static void others_are_kept_out(void **state)
{
	struct orderrig *o = *state;
	struct event e = {.kind = EV_COMMAND};

	stand(o, GUN_IDLE, 1);
	reserve(o, "R1", 60);
	stand(o, GUN_PLUGGED, 44);
	/* Before the lead anybody may. */
	wanted(o, "O1", B11);
	VIEW_SET(&o->wanted, account, "C000002");
	give_order(o, false);
	assert_string_equal(order_of_id(o, "O1")->state, "starting");
	give_order(o, true);
	stand(o, GUN_PLUGGED, 2);
	wanted(o, "O2", B11);
	VIEW_SET(&o->wanted, account, "C000002");
	give_order(o, false);
	assert_string_equal(order_of_id(o, "O2")->state, "failed");
	assert_string_equal(order_of_id(o, "O2")->error, "reserved");
	wanted(o, "O3", B11);
	VIEW_SET(&o->wanted, account, "");
	VIEW_SET(&o->wanted, kind, "maintenance");
	give_order(o, false);
	assert_string_equal(order_of_id(o, "O3")->error, "reserved");
	e.command.verb = VERB_START;
	e.command.target = (struct target){TGT_GUN, B11};
	e.command.id = "c1";
	order_event(o, &e);
	for (size_t i = 0; i < o->r.count; i++) {
		if (o->r.kept[i].kind == ACT_COMMAND &&
			strcmp(o->r.kept[i].command.id, "c1") == 0) {
			assert_string_equal(o->r.kept[i].command.error, "reserved");
			assert_non_null(strstr(o->r.kept[i].command.reason, "R1"));
			return;
		}
	}
	fail_msg("no record of the command");
}

/* A car that starts by itself is stopped, whatever becomes of others. */
static void a_car_that_starts_by_itself_is_stopped(void **state)
{
	struct orderrig *o = *state;
	const struct view_session *s;

	o->cfg.billing.unpaid = UNPAID_FREE;
	site_free(o->r.site);
	assert_int_equal(site_new(&o->cfg, &o->r.site), 0);
	know_tariff(o);
	stand(o, GUN_IDLE, 1);
	reserve(o, "R1", 0);
	stand(o, GUN_IDLE, 1);
	stand(o, GUN_PLUGGED, 1);
	read_gun(o, B11, GUN_CHARGING, 7000, 5001);
	pass(o, 1000);
	read_gun(o, B11, GUN_CHARGING, 7000, 5003);
	assert_int_equal(writes_of(o, PT_STOP, 0), 1);
	pass(o, 1000);
	read_gun(o, B11, GUN_FINISHED, 0, 5004);
	stand(o, GUN_FINISHED, 1);
	s = rig_session(&o->r, B11, "closed", 0);
	assert_string_equal(order_of_id(o, s->order)->kind, "unknown");
	assert_string_equal(order_of_id(o, s->order)->stop_cause, "reserved");
	assert_non_null(strstr(order_of_id(o, s->order)->reason, "R1"));
	/* It stood there: whoever reserved could not come. */
	stand(o, GUN_IDLE, 14);
	assert_is(o, "R1", "blocked", "plugged");
}

static void what_runs_is_not_cut(void **state)
{
	struct orderrig *o = *state;

	stand(o, GUN_PLUGGED, 1);
	wanted(o, "O1", B11);
	VIEW_SET(&o->wanted, account, "C000002");
	o->wanted.hold_fen = o->wanted.limit_value = 100000;
	give_order(o, false);
	stand(o, GUN_CHARGING, 1);
	reserve(o, "R1", 20);
	stand(o, GUN_CHARGING, 21);
	assert_is(o, "R1", "blocked", "charging");
	assert_int_equal(writes_of(o, PT_STOP, 0), 0);
	assert_string_equal(order_of_id(o, "O1")->state, "charging");
}

/* The same where it runs for nobody, since before. */
static void what_runs_without_an_order_is_not_cut(void **state)
{
	struct orderrig *o = *state;

	o->cfg.billing.unpaid = UNPAID_FREE;
	site_free(o->r.site);
	assert_int_equal(site_new(&o->cfg, &o->r.site), 0);
	know_tariff(o);
	stand(o, GUN_PLUGGED, 1);
	stand(o, GUN_CHARGING, 1);
	reserve(o, "R1", 0);
	stand(o, GUN_CHARGING, 1);
	assert_is(o, "R1", "blocked", "charging");
	assert_int_equal(writes_of(o, PT_STOP, 0), 0);
}

static void a_gun_that_fails_costs_nothing(void **state)
{
	struct orderrig *o = *state;

	stand(o, GUN_IDLE, 1);
	reserve(o, "R1", 0);
	stand(o, GUN_IDLE, 5);
	stand(o, GUN_FAULT, 1);
	stand(o, GUN_IDLE, 10);
	assert_is(o, "R1", "blocked", "unready");
}

static void it_can_be_cancelled(void **state)
{
	struct orderrig *o = *state;

	stand(o, GUN_IDLE, 1);
	reserve(o, "R1", 30);
	cancel(o, "R1", false);
	assert_is(o, "R1", "cancelled", "person");
	assert_string_equal(record(o, "R1")->ended_by, "wang");
	reserve(o, "R2", 0);
	stand(o, GUN_IDLE, 1);
	cancel(o, "R2", false);
	assert_is(o, "R2", "lapsed", "late");
	reserve(o, "R3", 0);
	stand(o, GUN_IDLE, 1);
	cancel(o, "R3", true);
	assert_is(o, "R3", "cancelled", "waived");
	/* Late, but the gun was not in order: nothing is due. */
	reserve(o, "R4", 0);
	stand(o, GUN_FAULT, 1);
	cancel(o, "R4", false);
	assert_is(o, "R4", "blocked", "unready");
	assert_string_equal(gun_now(o, B11).reservation, "");
}

static void times_do_not_overlap(void **state)
{
	struct orderrig *o = *state;

	stand(o, GUN_IDLE, 1);
	reserve(o, "R1", 30);
	reserve(o, "R2", 60);
	assert_is(o, "R2", "cancelled", "taken");
	reserve(o, "R3", 90); /* one begins where the other ends */
	assert_is(o, "R3", "planned", "");
	reserve(o, "R1", 30); /* asked again: its record comes again */
	assert_is(o, "R1", "planned", "");
	assert_string_equal(gun_now(o, B11).reservation, "R1");
	for (int k = 0; k < 200; k++) {
		char id[16];

		snprintf(id, sizeof id, "X%d", k);
		reserve(o, id, 200 + 60 * k);
	}
	assert_is(o, "X100", "planned", "");
	assert_is(o, "X199", "cancelled", "full");
}

/* The agent is restarted in the middle, with what the store has. */
static void restart(struct orderrig *o, const char *id, int64_t gone_min)
{
	struct view_reservation open = *record(o, id);

	site_free(o->r.site);
	o->r.now.mono.us += gone_min * 60 * US_PER_S;
	o->r.now.wall.ms += gone_min * MIN_MS;
	assert_int_equal(site_new(&o->cfg, &o->r.site), 0);
	know_tariff(o);
	rig_resume(&o->r, VIEW_reservation, &open);
}

static void a_restart_goes_on_with_it(void **state)
{
	struct orderrig *o = *state;

	stand(o, GUN_IDLE, 1);
	reserve(o, "R1", 0);
	stand(o, GUN_IDLE, 5);
	restart(o, "R1", 1);
	stand(o, GUN_IDLE, 5);
	assert_is(o, "R1", "active", "");
	assert_string_equal(gun_now(o, B11).reservation, "R1");
	stand(o, GUN_IDLE, 5);
	assert_is(o, "R1", "lapsed", "no_show");
	/* What stood in the way is known after it too. */
	reserve(o, "R2", 0);
	stand(o, GUN_FAULT, 1);
	assert_is(o, "R2", "active", "unready");
	restart(o, "R2", 1);
	stand(o, GUN_IDLE, 14);
	assert_is(o, "R2", "blocked", "unready");
	/* Nobody saw whether somebody came. */
	reserve(o, "R3", 10);
	restart(o, "R3", 30);
	stand(o, GUN_IDLE, 1);
	assert_is(o, "R3", "blocked", "agent");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, reserve_setup, order_teardown)
	const struct CMUnitTest tests[] = {
		T(who_comes_has_the_gun),
		T(nobody_comes),
		T(others_are_kept_out),
		T(a_car_that_starts_by_itself_is_stopped),
		T(what_runs_is_not_cut),
		T(what_runs_without_an_order_is_not_cut),
		T(a_gun_that_fails_costs_nothing),
		T(it_can_be_cancelled),
		T(times_do_not_overlap),
		T(a_restart_goes_on_with_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
