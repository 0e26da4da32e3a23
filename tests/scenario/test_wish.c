/* What a driver says of departure and energy: kept with the visit, planned with, lost with the car;
 * and priority classes. */
#include "loadsite.h"

static const char *command(
	struct run *r, enum verb verb, const char *gun, int64_t value, const char *id)
{
	static struct view_command c;
	struct event e = {.kind = EV_COMMAND};

	assert_int_equal(site_find(vsite_site(r->v), gun, &e.command.target), 0);
	e.command.verb = verb;
	e.command.value = value;
	e.command.id = id;
	e.command.by = "li";
	e.command.origin = "local";
	e.command.reason = "";
	vsite_apply(r->v, &e);
	live(r, 1);
	for (size_t i = 0; site_view_command(vsite_site(r->v), i, &c); i++) {
		if (strcmp(c.id, id) == 0) {
			return c.state[0] == 'v' ? "verified" : c.error;
		}
	}
	return "";
}

static void plug(struct run *r, const char *gun, int64_t asked_wh)
{
	struct car_order order = car_any();

	order.asked_wh = asked_wh;
	order.stay_s = 0;
	order.max_w = 90000;
	sim_unplug(r->sim, gun);
	assert_int_equal(sim_plug(r->sim, gun, &order), 0);
}

/* All alike, and too much for the limit: who leaves first comes first. */
static void who_leaves_first_comes_first(void **state)
{
	static const char *const guns[] = {"A1.1", "A2.1", "A3.1", "A5.1"};
	int64_t now_ms, first_w, others_w = 0;
	struct run r;

	(void)state;
	begin(&r, "200 kVA", 200000, "[laxity]");
	inject_arg(&r, "other-load", "T1", 30000, 0);
	for (size_t i = 0; i < 4; i++) {
		plug(&r, guns[i], 80000);
	}
	live(&r, 120);
	assert_int_equal(gun_seen(&r, "A3.1").departs, VALUE_NONE);
	assert_int_equal(gun_seen(&r, "A3.1").remaining_wh, VALUE_NONE);
	now_ms = vsite_now(r.v).wall.ms;
	for (size_t i = 0; i < 4; i++) {
		char id[16];

		snprintf(id, sizeof id, "d%zu", i);
		assert_string_equal(command(&r, VERB_DEPART, guns[i],
					    now_ms + (i == 2 ? 2 : 10) * 3600 * MS_PER_S, id),
			"verified");
		snprintf(id, sizeof id, "w%zu", i);
		assert_string_equal(command(&r, VERB_WANT, guns[i], 80000, id), "verified");
	}
	live(&r, 1500);
	assert_int_equal(r.over_s, 0);
	assert_int_equal(gun_seen(&r, "A3.1").departs, now_ms + 2 * 3600 * MS_PER_S);
	assert_int_equal(gun_seen(&r, "A3.1").wants_wh, 80000);
	assert_int_equal(
		gun_seen(&r, "A3.1").remaining_wh, 80000 - gun_seen(&r, "A3.1").session_wh);
	first_w = gun_seen(&r, "A3.1").grant_w;
	for (size_t i = 0; i < 4; i++) {
		int64_t w = gun_seen(&r, guns[i]).grant_w;

		others_w = i != 2 && w > others_w ? w : others_w;
	}
	assert_true(first_w > others_w);
	end(&r);
}

/* The state of charge tells what is wanted where the size of the battery is known. */
static void state_of_charge_and_battery_tell_the_rest(void **state)
{
	struct view_gun g;
	struct run r;

	(void)state;
	begin(&r, "200 kVA", 200000, "[laxity], battery: 60 kWh");
	plug(&r, "A1.1", 0);
	live(&r, 60);
	g = gun_seen(&r, "A1.1");
	assert_int_not_equal(g.soc_pm, VALUE_NONE);
	assert_int_equal(g.remaining_wh, 60000 * (1000 - g.soc_pm) / 1000);
	/* What is said counts, as far as it fits into the battery. */
	assert_string_equal(command(&r, VERB_WANT, "A1.1", 5000, "w1"), "verified");
	g = gun_seen(&r, "A1.1");
	assert_int_equal(g.remaining_wh, 5000 - (g.session_wh == VALUE_NONE ? 0 : g.session_wh));
	assert_string_equal(command(&r, VERB_WANT, "A1.1", 900000, "w2"), "verified");
	assert_true(gun_seen(&r, "A1.1").remaining_wh <= 60000);
	assert_string_equal(command(&r, VERB_WANT, "A1.1", VALUE_NONE, "w3"), "verified");
	assert_int_equal(gun_seen(&r, "A1.1").wants_wh, VALUE_NONE);
	end(&r);
}

static void what_makes_no_sense_is_refused_and_leaves_with_the_car(void **state)
{
	int64_t now_ms;
	struct run r;

	(void)state;
	begin(&r, "200 kVA", 200000, "[laxity]");
	sim_unplug(r.sim, "A1.1");
	live(&r, 30);
	now_ms = vsite_now(r.v).wall.ms;
	assert_string_equal(
		command(&r, VERB_DEPART, "A1.1", now_ms + 3600 * MS_PER_S, "a"), "wrong_state");
	plug(&r, "A1.1", 80000);
	live(&r, 30);
	assert_string_equal(command(&r, VERB_DEPART, "A1.1", now_ms - 1, "b"), "out_of_range");
	assert_string_equal(
		command(&r, VERB_DEPART, "A1.1", now_ms + INT64_C(40) * 86400 * MS_PER_S, "c"),
		"out_of_range");
	assert_string_equal(command(&r, VERB_WANT, "A1.1", 0, "d"), "out_of_range");
	assert_string_equal(
		command(&r, VERB_DEPART, "A1.1", now_ms + 600 * MS_PER_S, "e"), "verified");
	assert_int_equal(gun_seen(&r, "A1.1").departs, now_ms + 600 * MS_PER_S);
	live(&r, 700); /* it stays longer than it said: as if nothing had been said */
	assert_int_equal(r.over_s, 0);
	sim_unplug(r.sim, "A1.1");
	live(&r, 30);
	plug(&r, "A1.1", 80000);
	live(&r, 30);
	assert_int_equal(gun_seen(&r, "A1.1").departs, VALUE_NONE);
	end(&r);
}

/* What the visit's record keeps of it, the next agent knows. */
static void it_outlives_a_restart(void **state)
{
	struct view_visit kept;
	struct event e = {.kind = EV_RESUME};
	struct view_gun g;
	struct target t;
	struct run r;

	(void)state;
	begin(&r, "200 kVA", 200000, "[laxity]");
	view_clear(VIEW_visit, &kept);
	VIEW_SET(&kept, id, "A1.1-v1");
	VIEW_SET(&kept, gun, "A1.1");
	kept.plugged = vsite_now(r.v).wall.ms - 600 * MS_PER_S;
	kept.sessions = 1;
	kept.departs = vsite_now(r.v).wall.ms + 3600 * MS_PER_S;
	kept.wants_wh = 20000;
	e.resume.kind = VIEW_visit;
	e.resume.view = &kept;
	vsite_apply(r.v, &e);
	assert_int_equal(site_find(vsite_site(r.v), "A1.1", &t), 0);
	site_view_gun(vsite_site(r.v), t.index, vsite_now(r.v), &g);
	assert_int_equal(g.departs, kept.departs);
	assert_int_equal(g.wants_wh, 20000);
	assert_int_equal(g.remaining_wh, 20000);
	end(&r);
}

/* Guns share by weight: twice the weight, twice the power, as far as neither is at its end. */
static void priority_shares_by_weight(void **state)
{
	struct view_gun fleet, normal;
	char text[WHY_MAX];
	struct run r;

	(void)state;
	begin_with(&r, "200 kVA", 200000, "[fair]", ", gun: {priority: [fleet, normal]}");
	inject_arg(&r, "other-load", "T1", 60000, 0);
	plug_all(&r);
	plug(&r, "A2.1", 80000);
	plug(&r, "A6.1", 80000);
	live(&r, 900);
	assert_int_equal(r.over_s, 0);
	fleet = gun_seen(&r, "A6.1");
	normal = gun_seen(&r, "A2.1");
	assert_string_equal(fleet.priority, "fleet");
	assert_string_equal(gun_seen(&r, "A6.2").priority, "normal");
	assert_string_equal(normal.priority, "normal");
	assert_string_equal(fleet.rule, "limit");
	assert_in_range(fleet.grant_w, normal.grant_w * 17 / 10, normal.grant_w * 23 / 10);
	why_gun(text, sizeof text, &fleet, vsite_now(r.v).wall);
	assert_non_null(strstr(text, "; priority fleet"));
	why_gun(text, sizeof text, &normal, vsite_now(r.v).wall);
	assert_null(strstr(text, "priority"));
	end(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_leaves_first_comes_first),
		cmocka_unit_test(state_of_charge_and_battery_tell_the_rest),
		cmocka_unit_test(what_makes_no_sense_is_refused_and_leaves_with_the_car),
		cmocka_unit_test(it_outlives_a_restart),
		cmocka_unit_test(priority_shares_by_weight),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
