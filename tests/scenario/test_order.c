/* Orders: started, limited, stopped in time, ended; what nobody gave an order for. */
#include "orderrig.h"

#include "bill.h"
#include "rng.h"

/* A car of A1.1 that obeys a stop after a while: ends with what flowed until then, Wh. */
struct car {
	int64_t w, ws;         /* power; energy of the register's life */
	int64_t stop_after_ms; /* from the write of the stop to the end of flow */
	int64_t silent_at_ms;  /* from the begin on: no readings any more; 0 = never */
	int64_t deaf_until;    /* stops before the n-th have no effect */
};

static int64_t drive(struct orderrig *o, const char *id, struct car *car, int64_t most_s)
{
	int64_t start_ws = car->ws, stop_us = 0, begun_us = o->r.now.mono.us;
	size_t from = o->r.count;

	for (int64_t k = 0; k < most_s * 4; k++) {
		bool flows =
			stop_us == 0 || o->r.now.mono.us - stop_us < car->stop_after_ms * US_PER_MS;
		bool silent = car->silent_at_ms != 0 &&
			      o->r.now.mono.us - begun_us > car->silent_at_ms * US_PER_MS;

		if (stop_us == 0 && writes_of(o, PT_STOP, from) > car->deaf_until) {
			stop_us = o->r.now.mono.us;
		}
		if (flows) {
			car->ws += car->w / 4;
		}
		pass(o, 250);
		if (k % 4 == 3 && !silent) {
			read_gun(o, A11, flows ? GUN_CHARGING : GUN_FINISHED, flows ? car->w : 0,
				car->ws / 3600);
		}
		if (!flows && (silent || strcmp(order_of_id(o, id)->state, "ended") == 0)) {
			break;
		}
	}
	assert_true(stop_us != 0);
	return (car->ws - start_ws) / 3600;
}

static void an_amount_is_never_exceeded(void **state)
{
	static const struct car cars[] = {
		{.w = 120000, .stop_after_ms = 100},
		{.w = 120000, .stop_after_ms = 4000}, /* lag and time-out at their worst */
		{.w = 7000, .stop_after_ms = 4000},
		{.w = 60000, .stop_after_ms = 1000},
	};

	(void)state;
	for (size_t k = 0; k < sizeof cars / sizeof cars[0]; k++) {
		struct orderrig *o = NULL;
		struct car car = cars[k];
		int64_t wh, margin;
		const struct view_order *v;

		order_setup((void **)&o);
		for (int s = 0; s < CAL_SLOTS; s++) {
			o->tariff.schedule[0][s] = PERIOD_VALLEY;
		}
		know_tariff(o);
		car.ws = INT64_C(5000) * 3600;
		plug(o, A11, 5000);
		wanted(o, "O1", A11);
		give_order(o, false);
		v = order_of_id(o, "O1");
		assert_string_equal(v->state, "starting");
		assert_int_equal(writes_of(o, PT_START, 0), 1);
		wh = drive(o, "O1", &car, 7200);
		v = order_of_id(o, "O1");
		assert_string_equal(v->state, "ended");
		assert_string_equal(v->stop_cause, "amount");
		/* 5 yuan buy 5 kWh; what the margin left over is what may flow in 6 s. */
		margin = car.w * 6 / 3600 + 2;
		assert_true(wh <= 5000);
		assert_true(wh >= 5000 - 2 * margin);
		assert_string_equal(rig_session(&o->r, A11, "closed", 0)->order, "O1");
		assert_false(rig_flag(rig_session(&o->r, A11, "closed", 0), "unasked"));
		order_teardown((void **)&o);
	}
}

static void a_silent_pile_is_stopped_in_time(void **state)
{
	struct orderrig *o = *state;
	struct car car = {.w = 120000,
		.stop_after_ms = 1000,
		.silent_at_ms = 60000,
		.ws = INT64_C(5000) * 3600};

	plug(o, A11, 5000);
	wanted(o, "O1", A11);
	give_order(o, false);
	assert_true(drive(o, "O1", &car, 7200) <= 5000);
	assert_true(car.ws / 3600 > 5000 + 4000); /* not at once, either */
}

static void a_stop_without_effect_is_given_again(void **state)
{
	struct orderrig *o = *state;
	struct car car = {
		.w = 60000, .stop_after_ms = 500, .deaf_until = 2, .ws = INT64_C(5000) * 3600};

	plug(o, A11, 5000);
	wanted(o, "O1", A11);
	give_order(o, false);
	assert_true(drive(o, "O1", &car, 7200) > 5000); /* the debt of a pile that is deaf */
	assert_true(writes_of(o, PT_STOP, 0) >= 3);
	assert_string_equal(order_of_id(o, "O1")->stop_cause, "amount");
}

static void energy_and_time_are_limits_too(void **state)
{
	struct orderrig *o = *state;
	struct car car = {.w = 60000, .stop_after_ms = 1000, .ws = INT64_C(5000) * 3600};
	int64_t wh, begun_ms;

	plug(o, A11, 5000);
	wanted(o, "O1", A11);
	VIEW_SET(&o->wanted, limit, "energy");
	o->wanted.limit_value = 3000;
	give_order(o, false);
	wh = drive(o, "O1", &car, 7200);
	assert_true(wh >= 2900 && wh <= 3000);
	assert_string_equal(order_of_id(o, "O1")->stop_cause, "limit");
	read_gun(o, A11, GUN_IDLE, 0, car.ws / 3600);
	plug(o, A11, car.ws / 3600);
	wanted(o, "O2", A11);
	VIEW_SET(&o->wanted, limit, "time");
	o->wanted.limit_value = 120;
	give_order(o, false);
	begun_ms = o->r.now.wall.ms;
	drive(o, "O2", &car, 7200);
	assert_string_equal(order_of_id(o, "O2")->stop_cause, "limit");
	assert_true(o->r.now.wall.ms - begun_ms >= 120000 && o->r.now.wall.ms - begun_ms < 130000);
}

static void a_start_that_fails_ends_the_order(void **state)
{
	struct orderrig *o = *state;

	plug(o, B11, 5000);
	o->write_rc = ERR_EXCEPTION;
	wanted(o, "O1", B11);
	give_order(o, false);
	pass(o, 1000);
	assert_string_equal(order_of_id(o, "O1")->state, "failed");
	assert_string_equal(order_of_id(o, "O1")->error, "exception");
	assert_true(order_of_id(o, "O1")->ended != VALUE_NONE);
	assert_string_equal(gun_now(o, B11).order, "");

	/* Not answered: it may start yet, so it is told to stop. */
	o->write_rc = 0;
	o->mute = true;
	wanted(o, "O2", B11);
	give_order(o, false);
	for (int k = 0; k < 40; k++) {
		pass(o, 1000);
		read_gun(o, B11, GUN_PLUGGED, 0, 5000);
	}
	assert_string_equal(order_of_id(o, "O2")->state, "failed");
	assert_string_equal(order_of_id(o, "O2")->error, "timeout");
	assert_int_equal(writes_of(o, PT_STOP, 0), 1);
}

static void what_cannot_begin_is_refused(void **state)
{
	struct orderrig *o = *state;

	read_gun(o, B11, GUN_IDLE, 0, 5000);
	wanted(o, "O1", B11);
	give_order(o, false);
	pass(o, 1000);
	assert_string_equal(order_of_id(o, "O1")->state, "failed"); /* no car */
	assert_string_equal(order_of_id(o, "O1")->error, "wrong_state");
	plug(o, B11, 5000);
	wanted(o, "O2", B11);
	VIEW_SET(&o->wanted, tariff, "other");
	give_order(o, false);
	assert_string_equal(order_of_id(o, "O2")->error, "not_found");
	wanted(o, "O3", B11);
	give_order(o, false);
	wanted(o, "O4", B11);
	give_order(o, false);
	assert_string_equal(order_of_id(o, "O4")->error, "busy");
	assert_string_equal(order_of_id(o, "O3")->state, "starting");
	assert_int_equal(writes_of(o, PT_START, 0), 1);
	/* The same again: its record, nothing else. */
	wanted(o, "O3", B11);
	give_order(o, false);
	assert_string_equal(order_of_id(o, "O3")->state, "starting");
	assert_int_equal(writes_of(o, PT_START, 0), 1);
}

static void an_order_can_be_cancelled(void **state)
{
	struct orderrig *o = *state;

	plug(o, B11, 5000);
	wanted(o, "O1", B11);
	give_order(o, false);
	give_order(o, true);
	assert_string_equal(order_of_id(o, "O1")->state, "cancelled");
	assert_string_equal(order_of_id(o, "O1")->session, "");
	assert_int_equal(writes_of(o, PT_STOP, 0), 1);
	wanted(o, "O2", B11);
	give_order(o, false);
	for (int k = 1; k < 10; k++) {
		pass(o, 1000);
		read_gun(o, B11, GUN_CHARGING, 7000, 5000 + 2 * k);
	}
	assert_string_equal(order_of_id(o, "O2")->state, "charging");
	give_order(o, true);
	pass(o, 1000);
	read_gun(o, B11, GUN_FINISHED, 0, 5020);
	assert_string_equal(order_of_id(o, "O2")->state, "ended");
	assert_string_equal(order_of_id(o, "O2")->stop_cause, "person");
	assert_string_equal(rig_session(&o->r, B11, "closed", 0)->order, "O2");
}

static void charge_alone(struct orderrig *o)
{
	plug(o, B11, 5000);
	for (int k = 1; k < 10; k++) {
		pass(o, 1000);
		read_gun(o, B11, GUN_CHARGING, 7000, 5000 + 2 * k);
	}
}

static void nobody_charges_in_silence(void **state)
{
	struct orderrig *o = *state;
	const struct view_session *s;
	const struct view_order *v;

	charge_alone(o); /* refused */
	assert_int_equal(writes_of(o, PT_STOP, 0), 1);
	assert_true(rig_fault(&o->r, "B1.1", FAULT_UNPAID));
	pass(o, 1000);
	read_gun(o, B11, GUN_FINISHED, 0, 5018);
	s = rig_session(&o->r, B11, "closed", 0);
	v = order_of_id(o, s->order);
	assert_string_equal(v->kind, "unknown");
	assert_string_equal(v->state, "ended");
	assert_string_equal(v->stop_cause, "refused");
	assert_string_equal(v->session, s->id);
	assert_false(rig_fault(&o->r, "B1.1", FAULT_UNPAID));

	order_site(o, UNPAID_UNKNOWN);
	o->r.count = o->seen = 0;
	charge_alone(o);
	assert_int_equal(writes_of(o, PT_STOP, 0), 0);
	assert_true(rig_fault(&o->r, "B1.1", FAULT_UNPAID));
	assert_string_equal(gun_now(o, B11).order_kind, "unknown");

	order_site(o, UNPAID_FREE);
	o->r.count = o->seen = 0;
	charge_alone(o);
	assert_false(rig_fault(&o->r, "B1.1", FAULT_UNPAID));
	assert_string_equal(gun_now(o, B11).order_kind, "free");
	assert_int_equal(gun_now(o, B11).cost_fen, 2);
}

static void another_car_never_charges_on_it(void **state)
{
	struct orderrig *o = *state;
	const struct view_session *first, *second;

	rig_gun(&o->r, A11, PT_SESSION_NO, 7);
	rig_gun(&o->r, A11, PT_PLUG_NO, 3);
	plug(o, A11, 5000);
	wanted(o, "O1", A11);
	give_order(o, false);
	for (int k = 1; k < 40; k++) {
		pass(o, 1000);
		rig_gun(&o->r, A11, PT_SESSION_NO, k < 20 ? 8 : 9);
		rig_gun(&o->r, A11, PT_PLUG_NO, k < 20 ? 3 : 4);
		rig_gun(&o->r, A11, PT_SESSION_WH, k < 20 ? k * 10 : (k - 19) * 10);
		read_gun(o, A11, GUN_CHARGING, 36000, 5000 + k * 10);
	}
	first = rig_session(&o->r, A11, "closed", 0);
	assert_non_null(first);
	assert_string_equal(first->order, "O1");
	assert_string_equal(order_of_id(o, "O1")->state, "ended");
	second = rig_session(&o->r, A11, "open", 0);
	assert_string_not_equal(second->order, "O1");
	assert_string_equal(order_of_id(o, second->order)->kind, "unknown");
}

static void a_restart_goes_on_with_it(void **state)
{
	struct orderrig *o = *state;
	int64_t wh = 5000, before;

	plug(o, B11, wh);
	wanted(o, "O1", B11);
	o->wanted.hold_fen = 100000;
	o->wanted.limit_value = 100000;
	give_order(o, false);
	for (int k = 0; k < 1300; k++) { /* over 06:30, where it gets dearer */
		pass(o, 1000);
		read_gun(o, B11, GUN_CHARGING, 7000, wh += 2);
	}
	before = gun_now(o, B11).cost_fen;
	assert_true(before > 1300 * 2 * FEN_PER_KWH / 1000);
	order_restart(o);
	pass(o, 1000);
	read_gun(o, B11, GUN_CHARGING, 7000, wh);
	pass(o, 1000);
	read_gun(o, B11, GUN_CHARGING, 7000, wh);
	assert_string_equal(gun_now(o, B11).order, "O1");
	assert_int_equal(gun_now(o, B11).cost_fen, before);
	read_gun(o, B11, GUN_FINISHED, 0, wh);
	assert_string_equal(order_of_id(o, "O1")->state, "ended");
	assert_string_equal(rig_session(&o->r, B11, "closed", 0)->order, "O1");
}

static void a_start_is_given_again_after_a_restart(void **state)
{
	struct orderrig *o = *state;

	plug(o, B11, 5000);
	o->mute = true;
	wanted(o, "O1", B11);
	give_order(o, false);
	order_restart(o);
	assert_int_equal(writes_of(o, PT_START, 0), 0);
	pass(o, 1000);
	read_gun(o, B11, GUN_PLUGGED, 0, 5000);
	pass(o, 1000);
	assert_int_equal(writes_of(o, PT_START, 0), 1);
	pass(o, 1000);
	read_gun(o, B11, GUN_CHARGING, 7000, 5002);
	assert_string_equal(order_of_id(o, "O1")->state, "charging");
}

/* What ran while the agent was gone and is over. */
static void a_charge_that_ended_meanwhile_ends_the_order(void **state)
{
	struct orderrig *o = *state;

	plug(o, B11, 5000);
	wanted(o, "O1", B11);
	give_order(o, false);
	for (int k = 1; k < 70; k++) {
		pass(o, 1000);
		read_gun(o, B11, GUN_CHARGING, 7000, 5000 + 2 * k);
	}
	order_restart(o);
	o->r.now.mono.us += 3600 * US_PER_S;
	o->r.now.wall.ms += 3600 * MS_PER_S;
	pass(o, 1000);
	for (int k = 0; k < 4; k++) {
		pass(o, 1000);
		read_gun(o, B11, GUN_IDLE, 0, 7000);
	}
	assert_string_equal(order_of_id(o, "O1")->state, "ended");
	assert_int_equal(rig_session(&o->r, B11, "closed", 0)->energy_wh, 2000);
	assert_string_equal(rig_session(&o->r, B11, "closed", 0)->order, "O1");
}

/* The running cost at the end is what bill.h makes of the same registers. */
static void the_running_cost_is_the_bill(void **state)
{
	struct orderrig *o = *state;
	uint64_t seed = getenv("SEED") != NULL ? strtoull(getenv("SEED"), NULL, 10)
					       : (uint64_t)wall_now().ms;
	struct rng rng = rng_stream(seed, 1);

	print_message("# seed %llu\n", (unsigned long long)seed);
	for (int round = 0; round < 30; round++) {
		struct bill_point points[200];
		struct bill_line lines[200];
		struct bill_sum sum;
		const struct tariff *t = &o->tariff;
		struct bill_input in = {.versions = &t,
			.version_count = 1,
			.class = CLASS_ORDINARY,
			.points = points};
		int64_t wh = rng_range(&rng, 0, 100000), last_fen;
		const struct view_session *s;

		order_site(o, UNPAID_UNKNOWN);
		o->r.count = o->seen = 0;
		for (int k = 0; k < CAL_SLOTS; k++) {
			o->tariff.schedule[0][k] =
				(uint8_t)rng_range(&rng, 0, 1) ? PERIOD_VALLEY : PERIOD_PEAK;
		}
		o->tariff.price[0][0][PERIOD_PEAK].elec_e5 = (int32_t)rng_range(&rng, 0, 300000);
		know_tariff(o);
		plug(o, B11, wh);
		for (int64_t k = rng_range(&rng, 100, 2500); k > 0; k--) {
			pass(o, 10000 - 10000 % 1000);
			read_gun(o, B11, GUN_CHARGING, 7000, wh += rng_range(&rng, 0, 19));
			o->r.count -= o->r.kept[o->r.count - 1].kind == ACT_LOG;
		}
		last_fen = gun_now(o, B11).cost_fen;
		read_gun(o, B11, GUN_FINISHED, 0, wh);
		s = rig_session(&o->r, B11, "closed", 0);
		points[in.point_count++] = (struct bill_point){{s->start}, s->start_wh, Q_GOOD};
		for (size_t i = 0; i < o->r.count; i++) {
			const struct view_mark *m = &o->r.kept[i].mark;

			if (o->r.kept[i].kind == ACT_MARK) {
				points[in.point_count++] =
					(struct bill_point){{m->at}, m->wh, Q_GOOD};
			}
		}
		points[in.point_count++] =
			(struct bill_point){{s->end}, s->start_wh + s->energy_wh, Q_GOOD};
		assert_true(bill_compute(&in, lines, 200, &sum) > 0);
		assert_int_equal(last_fen, sum.elec_fen + sum.service_fen);
	}
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, order_setup, order_teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_amount_is_never_exceeded),
		T(a_silent_pile_is_stopped_in_time),
		T(a_stop_without_effect_is_given_again),
		T(energy_and_time_are_limits_too),
		T(a_start_that_fails_ends_the_order),
		T(what_cannot_begin_is_refused),
		T(an_order_can_be_cancelled),
		T(nobody_charges_in_silence),
		T(another_car_never_charges_on_it),
		T(a_restart_goes_on_with_it),
		T(a_start_is_given_again_after_a_restart),
		T(a_charge_that_ended_meanwhile_ends_the_order),
		T(the_running_cost_is_the_bill),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
