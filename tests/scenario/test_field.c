/*
 * What fails in the field: silence, restarts, cars changed between polls, registers that wrap,
 * reset, jump and stand still, reboots, clocks.
 */
#include "rig.h"

#define WITH(test) cmocka_unit_test_setup_teardown(test, rig_setup, rig_teardown)

/* A1.1 with all its counters, in one reply. */
static void read_all(struct rig *r, enum gun_state s, int64_t w, int64_t wh, int64_t session_wh,
	int64_t session_no, int64_t plug_no)
{
	rig_gun(r, A11, PT_STATE, s);
	rig_gun(r, A11, PT_PLUGGED, s != GUN_IDLE);
	rig_gun(r, A11, PT_POWER, w);
	rig_gun(r, A11, PT_ENERGY, wh);
	rig_gun(r, A11, PT_SESSION_WH, session_wh);
	rig_gun(r, A11, PT_SESSION_NO, session_no);
	rig_gun(r, A11, PT_PLUG_NO, plug_no);
	rig_send(r);
	rig_wait(r, 1000);
}

/* Ten seconds of charging at 36 kW: 100 Wh. Returns the register. */
static int64_t charge_all(struct rig *r, int64_t wh, int64_t session_wh, int64_t no, int64_t plug)
{
	for (int k = 1; k <= 10; k++) {
		read_all(r, GUN_CHARGING, 36000, wh + 10 * k, session_wh + 10 * k, no, plug);
	}
	return wh + 100;
}

static int64_t begin_all(struct rig *r, int64_t wh)
{
	read_all(r, GUN_IDLE, 0, wh, 0, 4, 7);
	read_all(r, GUN_PLUGGED, 0, wh, 0, 4, 8);
	return charge_all(r, wh, 0, 5, 8);
}

/* Another agent: a new site that gets from the store what the old one had told it. */
static void restart(struct rig *r, int64_t away_ms)
{
	struct view_session session;
	struct view_visit visit;
	bool has_session[RIG_GUNS], has_visit[RIG_GUNS];
	struct view_session sessions[RIG_GUNS];
	struct view_visit visits[RIG_GUNS];

	for (int i = 0; i < RIG_GUNS; i++) {
		has_session[i] = site_open_session(r->site, (uint16_t)i, &session);
		sessions[i] = session;
		has_visit[i] = site_open_visit(r->site, (uint16_t)i, &visit);
		visits[i] = visit;
	}
	site_free(r->site);
	assert_int_equal(site_new(&rig_cfg, &r->site), 0);
	r->now.mono.us += away_ms * US_PER_MS;
	r->now.wall.ms += away_ms;
	for (int i = 0; i < RIG_GUNS; i++) {
		if (has_visit[i]) {
			rig_resume(r, VIEW_visit, &visits[i]);
		}
		if (has_session[i]) {
			rig_resume(r, VIEW_session, &sessions[i]);
		}
	}
}

/* Row 15: a register of 939 kWh is no session of 939 kWh, after a restart either. */
static void a_lifetime_register_is_no_session(void **state)
{
	struct rig *r = *state;
	const struct view_session *s;

	rig_read(r, B11, GUN_CHARGING, 7000, 939000); /* the agent comes late */
	rig_wait(r, 1000);
	rig_read(r, B11, GUN_CHARGING, 7000, 939002);
	restart(r, 5000);
	rig_read(r, B11, GUN_CHARGING, 7000, 939012);
	rig_wait(r, 1000);
	rig_read(r, B11, GUN_FINISHED, 0, 939014);
	s = rig_session(r, B11, "closed", 0);
	assert_non_null(s);
	assert_int_equal(s->energy_wh, 14);
	assert_true(rig_flag(s, "late_start"));
	assert_true(rig_flag(s, "restart"));
}

/* Row 17: a restart resumes the session and creates none. */
static void a_restart_resumes_the_session(void **state)
{
	struct rig *r = *state;
	const struct view_session *s;
	char id[40];
	int64_t wh = begin_all(r, 50000);

	memcpy(id, rig_session(r, A11, "open", 0)->id, sizeof id);
	restart(r, 20000);
	wh = charge_all(r, wh + 200, 300, 5, 8); /* charged on while we were away */
	read_all(r, GUN_FINISHED, 0, wh, 400, 5, 8);
	assert_int_equal(rig_closed(r, A11), 1);
	s = rig_session(r, A11, "closed", 0);
	assert_string_equal(s->id, id);
	assert_int_equal(s->energy_wh, wh - 50000);
	assert_int_equal(s->start_wh, 50000);
	assert_true(rig_flag(s, "restart"));
	assert_false(rig_flag(s, "replug"));
	assert_int_equal(s->duration_s, 40);
}

/* The car left while the agent was away, and another one came. */
static void a_restart_finds_another_car(void **state)
{
	struct rig *r = *state;
	const struct view_session *a, *b;
	int64_t wh = begin_all(r, 50000);

	restart(r, 600000);
	/* 80 Wh more for the first car, 500 Wh for the second until now. */
	wh += 580;
	read_all(r, GUN_CHARGING, 36000, wh, 500, 6, 9);
	read_all(r, GUN_CHARGING, 36000, wh + 10, 510, 6, 9);
	read_all(r, GUN_FINISHED, 0, wh + 20, 520, 6, 9);
	assert_int_equal(rig_closed(r, A11), 2);
	a = rig_session(r, A11, "closed", 1);
	b = rig_session(r, A11, "closed", 0);
	assert_int_equal(a->energy_wh, 180);
	assert_int_equal(a->end_wh, 50180);
	assert_true(rig_flag(a, "restart"));
	assert_int_equal(b->start_wh, 50180);
	assert_int_equal(b->energy_wh, 520);
	assert_int_equal(b->device_no, 6);
}

/* The same where the device counts neither plugs nor sessions: register - session_wh tells. */
static void another_car_by_its_session_energy(void **state)
{
	struct rig *r = *state;

	for (int k = 0; k < 13; k++) {
		if (k == 3) {
			restart(r, 600000);
		}
		rig_gun(r, A11, PT_STATE, GUN_CHARGING);
		rig_gun(r, A11, PT_SESSION_WH, k < 3 ? 10 * k : 490 + 10 * k);
		rig_gun(r, A11, PT_ENERGY, k < 3 ? 50000 + 10 * k : 50600 + 10 * k);
		rig_send(r);
		rig_wait(r, 1000);
	}
	rig_gun(r, A11, PT_STATE, GUN_IDLE);
	rig_gun(r, A11, PT_SESSION_WH, 610);
	rig_gun(r, A11, PT_ENERGY, 50720);
	rig_send(r);
	assert_int_equal(rig_closed(r, A11), 2);
	assert_int_equal(rig_session(r, A11, "closed", 1)->energy_wh, 110);
	assert_true(rig_flag(rig_session(r, A11, "closed", 1), "replug"));
	assert_int_equal(rig_session(r, A11, "closed", 0)->energy_wh, 610);
}

/* The car left while the agent was away. */
static void a_restart_finds_an_idle_gun(void **state)
{
	struct rig *r = *state;
	const struct view_session *s;

	rig_read(r, B11, GUN_PLUGGED, 0, 5000);
	rig_wait(r, 1000);
	rig_read(r, B11, GUN_CHARGING, 7000, 5001);
	restart(r, 600000);
	rig_read(r, B11, GUN_IDLE, 0, 5900);
	s = rig_session(r, B11, "closed", 0);
	assert_non_null(s);
	assert_int_equal(s->energy_wh, 900);
	assert_true(rig_flag(s, "restart"));
	assert_true(rig_flag(s, "gap"));
	assert_true(rig_flag(s, "late_end"));
	assert_int_equal(rig_closed(r, B11), 1);
}

/* The register as the store knew it: what flowed while the agent was away is a session, and today's
 * sums go on. */
static void a_charge_while_the_agent_was_away(void **state)
{
	struct rig *r = *state;
	const struct view_session *s;
	struct view_gun v;

	view_clear(VIEW_gun, &v);
	VIEW_SET(&v, id, "B1.1");
	v.energy_wh = 100000;
	v.seen = r->now.wall.ms - 3600000;
	rig_resume(r, VIEW_gun, &v);
	v.seen = VALUE_NONE;
	v.today_wh = 5000;
	v.today_sessions = 2;
	v.today_s = 1000;
	v.energy_wh = 100010; /* a little more than the last session's end */
	rig_resume(r, VIEW_gun, &v);
	for (int k = 0; k < 100; k++) {
		rig_read(r, B11, GUN_IDLE, 0, 103000);
		rig_wait(r, 1000);
	}
	s = rig_session(r, B11, "closed", 0);
	assert_non_null(s);
	assert_int_equal(s->energy_wh, 3000);
	assert_true(rig_flag(s, "gap"));
	site_view_gun(r->site, B11, r->now, &v);
	assert_int_equal(v.today_wh, 7990);
	assert_int_equal(v.today_sessions, 3);
}

/* A meter that was exchanged while the agent was away concerns no session. */
static void a_register_exchanged_while_away(void **state)
{
	struct rig *r = *state;
	struct view_gun v;

	view_clear(VIEW_gun, &v);
	VIEW_SET(&v, id, "B1.1");
	v.energy_wh = 100000;
	v.seen = r->now.wall.ms - 3600000;
	rig_resume(r, VIEW_gun, &v);
	rig_read(r, B11, GUN_PLUGGED, 0, 7);
	rig_wait(r, 1000);
	rig_read(r, B11, GUN_CHARGING, 7000, 9);
	rig_wait(r, 1000);
	rig_read(r, B11, GUN_FINISHED, 0, 10);
	assert_int_equal(rig_session(r, B11, "closed", 0)->start_wh, 7);
	assert_int_equal(rig_session(r, B11, "closed", 0)->energy_wh, 3);
	assert_false(rig_fault(r, "B1.1", FAULT_REGISTER_RESET));
}

/* Row 18: car changed between two polls: both bills are right to the watt-hour. */
static void a_car_changed_between_two_polls(void **state)
{
	struct rig *r = *state;
	const struct view_session *a, *b;
	int64_t wh = begin_all(r, 50000);

	/* 7 Wh for the first car, unplug, plug, 5 Wh for the second: one poll later. */
	read_all(r, GUN_CHARGING, 36000, wh + 12, 5, 6, 9);
	read_all(r, GUN_CHARGING, 36000, wh + 22, 15, 6, 9);
	read_all(r, GUN_FINISHED, 0, wh + 32, 25, 6, 9);
	assert_int_equal(rig_closed(r, A11), 2);
	a = rig_session(r, A11, "closed", 1);
	b = rig_session(r, A11, "closed", 0);
	assert_int_equal(a->energy_wh, 107);
	assert_int_equal(b->energy_wh, 25);
	assert_int_equal(a->end_wh, b->start_wh);
	assert_true(rig_flag(a, "replug"));
	assert_string_not_equal(a->visit, b->visit);
	assert_string_not_equal(a->id, b->id);
}

/* The same where the state is read in another reply than the counters, before them. */
static void a_car_changed_seen_by_counters_first(void **state)
{
	struct rig *r = *state;
	int64_t wh = begin_all(r, 50000);

	rig_gun(r, A11, PT_ENERGY, wh + 12);
	rig_gun(r, A11, PT_SESSION_WH, 5);
	rig_gun(r, A11, PT_SESSION_NO, 6);
	rig_send(r);
	rig_wait(r, 200);
	rig_gun(r, A11, PT_STATE, GUN_CHARGING);
	rig_send(r);
	rig_wait(r, 800);
	read_all(r, GUN_IDLE, 0, wh + 22, 15, 6, 9);
	assert_int_equal(rig_closed(r, A11), 2);
	assert_int_equal(rig_session(r, A11, "closed", 1)->energy_wh, 107);
	assert_int_equal(rig_session(r, A11, "closed", 0)->energy_wh, 15);
}

/* Two sessions in one visit are two sessions of one visit. */
static void two_sessions_in_one_visit(void **state)
{
	struct rig *r = *state;
	int64_t wh = begin_all(r, 50000);

	read_all(r, GUN_FINISHED, 0, wh, 100, 5, 8);
	rig_wait(r, 5000);
	wh = charge_all(r, wh, 0, 6, 8);
	read_all(r, GUN_IDLE, 0, wh, 100, 6, 8);
	assert_int_equal(rig_closed(r, A11), 2);
	assert_string_equal(
		rig_session(r, A11, "closed", 0)->visit, rig_session(r, A11, "closed", 1)->visit);
	for (size_t i = r->count; i-- > 0;) {
		if (r->kept[i].kind == ACT_VISIT) {
			assert_int_equal(r->kept[i].visit.sessions, 2);
			assert_true(r->kept[i].visit.unplugged != VALUE_NONE);
			break;
		}
	}
}

/* A pause does not end a session. */
static void suspended_is_no_end(void **state)
{
	struct rig *r = *state;

	rig_read(r, B11, GUN_PLUGGED, 0, 100);
	rig_wait(r, 1000);
	rig_read(r, B11, GUN_CHARGING, 7000, 100);
	for (int k = 0; k < 100; k++) {
		rig_wait(r, 1000);
		rig_read(r, B11, k % 2 ? GUN_SUSPENDED : GUN_PLUGGED, 0, 102);
		assert_string_equal(rig_state(r, B11), "suspended");
	}
	rig_wait(r, 1000);
	rig_read(r, B11, GUN_CHARGING, 7000, 103);
	rig_wait(r, 1000);
	rig_read(r, B11, GUN_IDLE, 0, 104);
	assert_int_equal(rig_closed(r, B11), 1);
	assert_int_equal(rig_session(r, B11, "closed", 0)->energy_wh, 4);
}

/* Row 16: a register that wraps, resets, is exchanged or jumps never gives a negative or an
 * invented energy. */
static void register_wraps(void **state)
{
	struct rig *r = *state;
	const struct view_session *s;

	rig_read(r, A12, GUN_PLUGGED, 0, 9999980);
	for (int k = 1; k <= 5; k++) {
		rig_wait(r, 1000);
		rig_read(r, A12, GUN_CHARGING, 36000, (9999980 + 10 * k) % 10000000);
	}
	rig_wait(r, 1000);
	rig_read(r, A12, GUN_FINISHED, 0, 30);
	s = rig_session(r, A12, "closed", 0);
	assert_int_equal(s->energy_wh, 50);
	assert_true(rig_flag(s, "wrap"));
	assert_false(rig_flag(s, "reset"));
	assert_false(rig_fault(r, "A1.2", FAULT_REGISTER_RESET));
}

static const struct view_session *register_goes(struct rig *r, int64_t to, int64_t then)
{
	rig_read(r, A12, GUN_PLUGGED, 0, 500000);
	rig_wait(r, 1000);
	rig_read(r, A12, GUN_CHARGING, 36000, 500010);
	rig_wait(r, 1000);
	rig_read(r, A12, GUN_CHARGING, 36000, to);
	rig_wait(r, 1000);
	rig_read(r, A12, GUN_CHARGING, 36000, then);
	rig_wait(r, 1000);
	rig_read(r, A12, GUN_CHARGING, 36000, then + 10);
	rig_wait(r, 1000);
	rig_read(r, A12, GUN_FINISHED, 0, then + 20);
	return rig_session(r, A12, "closed", 0);
}

static void register_resets(void **state)
{
	struct rig *r = *state;
	const struct view_session *s = register_goes(r, 0, 10);

	assert_int_equal(s->energy_wh, 10 + 30);
	assert_true(rig_flag(s, "reset"));
	assert_true(rig_fault(r, "A1.2", FAULT_REGISTER_RESET));
}

static void register_is_exchanged(void **state)
{
	struct rig *r = *state;
	const struct view_session *s = register_goes(r, 77000, 77010);

	assert_int_equal(s->energy_wh, 10 + 30);
	assert_true(rig_flag(s, "reset"));
	assert_true(rig_fault(r, "A1.2", FAULT_REGISTER_RESET));
}

static void register_jumps(void **state)
{
	struct rig *r = *state;
	const struct view_session *s = register_goes(r, 700000, 700010);

	assert_int_equal(s->energy_wh, 10 + 30);
	assert_true(rig_flag(s, "jump"));
	assert_true(rig_fault(r, "A1.2", FAULT_REGISTER_JUMP));
}

/* One wrong value that does not come again changes nothing. */
static void one_wrong_register_value_is_nothing(void **state)
{
	struct rig *r = *state;
	const struct view_session *s = register_goes(r, 0, 500030);

	assert_int_equal(s->energy_wh, 50);
	assert_string_equal(s->flags, "unasked");
	assert_false(rig_fault(r, "A1.2", FAULT_REGISTER_RESET));
}

/* Row 19: nothing is closed without evidence; silence keeps the session and says so. */
static void silence_keeps_the_session(void **state)
{
	struct rig *r = *state;
	const struct view_session *s;

	rig_read(r, B11, GUN_PLUGGED, 0, 100);
	rig_wait(r, 1000);
	rig_read(r, B11, GUN_CHARGING, 7000, 101);
	rig_link(r, TGT_PILE, 1, false);
	assert_string_equal(rig_state(r, B11), "offline");
	assert_false(rig_fault(r, "B1", FAULT_SILENT)); /* not at the first failure */
	rig_wait(r, 3600 * 1000);
	assert_true(rig_fault(r, "B1", FAULT_SILENT));
	assert_false(rig_fault(r, "B1.1", FAULT_SILENT)); /* one fault, not two */
	assert_int_equal(rig_closed(r, B11), 0);
	rig_link(r, TGT_PILE, 1, true);
	rig_read(r, B11, GUN_CHARGING, 7000, 7101);
	rig_wait(r, 1000);
	assert_false(rig_fault(r, "B1", FAULT_SILENT));
	rig_read(r, B11, GUN_FINISHED, 0, 7103);
	s = rig_session(r, B11, "closed", 0);
	assert_int_equal(s->energy_wh, 7003);
	assert_true(rig_flag(s, "gap"));
	assert_false(rig_flag(s, "jump"));
}

/* The pile's own registers are read before its guns': they are not at fault meanwhile. */
static void a_pile_is_back_before_its_guns(void **state)
{
	struct rig *r = *state;

	rig_read(r, B11, GUN_CHARGING, 7000, 100);
	rig_link(r, TGT_PILE, 1, false);
	rig_wait(r, 60 * 1000);
	assert_true(rig_fault(r, "B1", FAULT_SILENT));
	rig_link(r, TGT_PILE, 1, true);
	rig_wait(r, 1000);
	assert_false(rig_fault(r, "B1.1", FAULT_SILENT));
	rig_read(r, B11, GUN_CHARGING, 7000, 217);
	assert_false(rig_fault(r, "B1.1", FAULT_SILENT));
	rig_link(r, TGT_PILE, 1, true);
	rig_wait(r, 60 * 1000);
	assert_true(rig_fault(r, "B1.1", FAULT_SILENT)); /* the gun alone is not read */
}

/* A whole charge while the device was silent is not lost. */
static void a_charge_during_silence_is_a_session(void **state)
{
	struct rig *r = *state;
	const struct view_session *s;

	rig_read(r, B11, GUN_IDLE, 0, 100);
	rig_link(r, TGT_PILE, 1, false);
	rig_wait(r, 3600 * 1000);
	rig_link(r, TGT_PILE, 1, true);
	for (int k = 0; k < 100; k++) {
		rig_read(r, B11, GUN_IDLE, 0, 5100);
		rig_wait(r, 1000);
	}
	assert_int_equal(rig_closed(r, B11), 1);
	s = rig_session(r, B11, "closed", 0);
	assert_int_equal(s->start_wh, 100);
	assert_int_equal(s->energy_wh, 5000);
	assert_true(rig_flag(s, "gap"));
	assert_true(rig_flag(s, "late_start"));
	assert_true(rig_flag(s, "late_end"));
}

/* No reading is not 0: a gun whose values go stale is offline, not idle. */
static void stale_is_offline(void **state)
{
	struct rig *r = *state;
	struct view_gun v;

	rig_read(r, B11, GUN_CHARGING, 7000, 100);
	rig_wait(r, 9000);
	assert_string_equal(rig_state(r, B11), "charging");
	rig_wait(r, 2000);
	assert_string_equal(rig_state(r, B11), "offline");
	site_view_gun(r->site, B11, r->now, &v);
	assert_int_equal(v.stale, 1);
	assert_int_equal(v.power_w, 7000); /* the last one, marked as stale */
	site_view_gun(r->site, C11, r->now, &v);
	assert_true(v.power_w == VALUE_NONE);
}

/* A pile that reboots in mid-charge and forgets its counters: the same session. */
static void a_reboot_in_mid_charge(void **state)
{
	struct rig *r = *state;
	const struct view_session *s;
	int64_t wh;

	rig_add(r, TGT_PILE, 0, PT_UPTIME, 1000);
	rig_send(r);
	wh = begin_all(r, 50000);
	read_all(r, GUN_CHARGING, 36000, wh, 0, 0, 8);
	assert_int_equal(rig_closed(r, A11), 0);
	rig_add(r, TGT_PILE, 0, PT_UPTIME, 3);
	rig_send(r);
	wh = charge_all(r, wh, 0, 0, 8);
	read_all(r, GUN_FINISHED, 0, wh, 100, 0, 8);
	assert_int_equal(rig_closed(r, A11), 1);
	s = rig_session(r, A11, "closed", 0);
	assert_int_equal(s->energy_wh, 200);
	assert_true(rig_flag(s, "reboot"));
}

/* Row 21: durations come from boot time, a clock that jumps only marks them. */
static void a_clock_jump_is_an_event(void **state)
{
	struct rig *r = *state;
	const struct view_session *s;
	struct event e = {.kind = EV_CLOCK};

	rig_read(r, B11, GUN_PLUGGED, 0, 100);
	rig_wait(r, 1000);
	rig_read(r, B11, GUN_CHARGING, 7000, 100);
	rig_wait(r, 5000);
	r->now.wall.ms = 5000; /* 1970 */
	e.clock.step_ms = 5000 - RIG_START_MS;
	rig_event(r, &e);
	rig_read(r, B11, GUN_CHARGING, 7000, 110);
	rig_wait(r, 5000);
	rig_read(r, B11, GUN_FINISHED, 0, 120);
	s = rig_session(r, B11, "closed", 0);
	assert_int_equal(s->duration_s, 10);
	assert_int_equal(s->energy_wh, 20);
	assert_true(rig_flag(s, "clock"));
}

/* Power is reported and the register stands still. */
static void frozen_register(void **state)
{
	struct rig *r = *state;

	rig_read(r, B11, GUN_PLUGGED, 0, 100);
	for (int k = 0; k < 120; k++) {
		rig_wait(r, 1000);
		rig_read(r, B11, GUN_CHARGING, 7000, 100);
	}
	assert_true(rig_fault(r, "B1.1", FAULT_FROZEN));
	rig_wait(r, 1000);
	rig_read(r, B11, GUN_CHARGING, 7000, 105);
	assert_false(rig_fault(r, "B1.1", FAULT_FROZEN));
}

static void read_meter(struct rig *r, int64_t ma)
{
	for (int l = 0; l < 3; l++) {
		rig_add(r, TGT_METER, 0, (enum point)(PT_VOLTAGE_L1 + l), 230000);
		rig_add(r, TGT_METER, 0, (enum point)(PT_CURRENT_L1 + l), ma);
	}
	rig_send(r);
}

/* The transformer's meter answers, but with the same values whatever the guns take. */
static void frozen_meter(void **state)
{
	struct rig *r = *state;
	int64_t wh = 1000;

	for (int k = 0; k < 240; k++) {
		rig_wait(r, 1000);
		wh += 20;
		rig_read(r, A11, GUN_CHARGING, k < 120 ? 60000 : 90000, wh);
		read_meter(r, 100000);
		/* A steady load is no evidence. */
		assert_true(k >= 120 || !rig_fault(r, "T1", FAULT_FROZEN));
	}
	assert_true(rig_fault(r, "T1", FAULT_FROZEN));
	assert_false(rig_fault(r, "T1", FAULT_METER_DEAD));
	read_meter(r, 100100);
	rig_wait(r, 1000);
	assert_false(rig_fault(r, "T1", FAULT_FROZEN));
}

/* A session counter only: carried into a virtual register, marked, and it survives a restart. */
static void session_counter_only(void **state)
{
	struct rig *r = *state;
	const struct view_session *s;

	for (int round = 0; round < 2; round++) {
		rig_gun(r, C11, PT_STATE, GUN_PLUGGED);
		rig_gun(r, C11, PT_SESSION_WH, 0);
		rig_send(r);
		for (int k = 1; k <= 50; k++) {
			rig_wait(r, 1000);
			rig_gun(r, C11, PT_STATE, GUN_CHARGING);
			rig_gun(r, C11, PT_POWER, 7000);
			rig_gun(r, C11, PT_SESSION_WH, 2 * k);
			rig_send(r);
			if (round == 1 && k == 25) {
				restart(r, 1000);
			}
		}
		rig_wait(r, 1000);
		rig_gun(r, C11, PT_STATE, GUN_IDLE);
		rig_gun(r, C11, PT_POWER, 0);
		rig_gun(r, C11, PT_SESSION_WH, 100);
		rig_send(r);
		rig_wait(r, 1000);
		s = rig_session(r, C11, "closed", 0);
		assert_int_equal(rig_closed(r, C11), round + 1);
		assert_int_equal(s->energy_wh, 100);
		assert_true(rig_flag(s, "substitute"));
		assert_string_equal(s->start_quality, "substitute");
	}
	assert_int_equal(s->start_wh, 100); /* it goes on where the first one ended */
	assert_true(rig_flag(s, "restart"));
}

/* Nonsense from the device: its points say so, nothing else changes. */
static void bad_readings_change_nothing(void **state)
{
	struct rig *r = *state;
	struct view_gun before, after;

	rig_read(r, B11, GUN_PLUGGED, 0, 100);
	rig_wait(r, 1000);
	rig_read(r, B11, GUN_CHARGING, 7000, 101);
	site_view_gun(r->site, B11, r->now, &before);
	rig_gun(r, B11, PT_STATE, 99);
	rig_gun(r, B11, PT_ENERGY, -5);
	rig_gun(r, B11, PT_POWER, INT64_MAX);
	r->samples[0].quality = Q_IMPOSSIBLE;
	r->samples[1].quality = Q_INVALID;
	r->samples[2].quality = Q_INVALID;
	rig_send(r);
	site_view_gun(r->site, B11, r->now, &after);
	assert_string_equal(after.state, before.state);
	assert_string_equal(after.session, before.session);
	assert_int_equal(after.energy_wh, before.energy_wh);
	assert_true(after.power_w == VALUE_NONE);
	assert_int_equal(
		site_reading(r->site, (struct target){TGT_GUN, B11}, PT_POWER).quality, Q_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(a_lifetime_register_is_no_session),
		WITH(a_restart_resumes_the_session),
		WITH(a_restart_finds_another_car),
		WITH(another_car_by_its_session_energy),
		WITH(a_restart_finds_an_idle_gun),
		WITH(a_charge_while_the_agent_was_away),
		WITH(a_register_exchanged_while_away),
		WITH(a_car_changed_between_two_polls),
		WITH(a_car_changed_seen_by_counters_first),
		WITH(two_sessions_in_one_visit),
		WITH(suspended_is_no_end),
		WITH(register_wraps),
		WITH(register_resets),
		WITH(register_is_exchanged),
		WITH(register_jumps),
		WITH(one_wrong_register_value_is_nothing),
		WITH(silence_keeps_the_session),
		WITH(a_pile_is_back_before_its_guns),
		WITH(a_charge_during_silence_is_a_session),
		WITH(stale_is_offline),
		WITH(a_reboot_in_mid_charge),
		WITH(a_clock_jump_is_an_event),
		WITH(frozen_register),
		WITH(frozen_meter),
		WITH(session_counter_only),
		WITH(bad_readings_change_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
