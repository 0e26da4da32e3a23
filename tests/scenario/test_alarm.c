/* Alarms in virtual time: delays, acknowledging, latching, shelves, chatter, floods, folding. */
#include "rig.h"

static const struct site_bus_cfg buses[] = {{.id = "bus:one"}, {.id = "bus:two"}};

static void begin(struct rig *r, const struct alarm_rule *rules, size_t count)
{
	struct pile_cfg piles[3];
	struct site_cfg cfg = rig_cfg;

	memcpy(piles, rig_piles, sizeof piles);
	piles[2].bus = 1;
	cfg.piles = piles;
	cfg.buses = buses;
	cfg.bus_count = 2;
	cfg.rules = rules;
	cfg.rule_count = (uint16_t)count;
	site_free(r->site);
	assert_int_equal(site_new(&cfg, &r->site), 0);
	r->count = 0;
}

/* Everything answers and nothing is wrong. */
static void calm(struct rig *r)
{
	for (int gun = 0; gun < RIG_GUNS; gun++) {
		rig_gun(r, gun, PT_STATE, GUN_IDLE);
	}
	rig_add(r, TGT_METER, 0, PT_POWER, 1000 + r->now.wall.ms % 1000);
	rig_send(r);
}

/* Time passes while all but those of the mask answer. */
static void live(struct rig *r, int seconds)
{
	for (int s = 0; s < seconds; s++) {
		calm(r);
		rig_wait(r, 1000);
	}
}

static void set_fault(struct rig *r, int gun, int64_t code)
{
	rig_gun(r, gun, PT_FAULT, code);
	rig_send(r);
}

static struct view_alarm *find(const struct rig *r, const char *target, int64_t code)
{
	static struct view_alarm a;

	for (size_t i = 0; site_view_alarm(r->site, i, &a); i++) {
		if (a.code == code && strcmp(a.target, target) == 0) {
			return &a;
		}
	}
	return NULL;
}

static const char *state_of(const struct rig *r, const char *target, int64_t code)
{
	const struct view_alarm *a = find(r, target, code);

	return a == NULL ? "none" : a->state;
}

static void person(struct rig *r, enum alarm_op op, const char *id, int64_t until_ms)
{
	struct event e = {.kind = EV_ALARM};

	e.alarm.op = op;
	e.alarm.id = id;
	e.alarm.by = "alice";
	e.alarm.reason = "known";
	e.alarm.until_ms = until_ms;
	rig_event(r, &e);
}

static void on(struct rig *r, enum alarm_op op, const char *target, int64_t code)
{
	char id[64];

	assert_non_null(find(r, target, code));
	memcpy(id, find(r, target, code)->id, sizeof id);
	person(r, op, id, r->now.wall.ms + 3600 * MS_PER_S);
}

/* Records of raisings: rows with different ids. */
static int raisings(const struct rig *r, int64_t code)
{
	int n = 0;

	for (size_t i = 0; i < r->count; i++) {
		bool seen = r->kept[i].kind != ACT_ALARM || r->kept[i].alarm.code != code;

		for (size_t k = 0; k < i && !seen; k++) {
			seen = r->kept[k].kind == ACT_ALARM &&
			       strcmp(r->kept[k].alarm.id, r->kept[i].alarm.id) == 0;
		}
		n += !seen;
	}
	return n;
}

/* The last record of the alarm that was raised last. */
static const struct view_alarm *last_record(const struct rig *r, int64_t code)
{
	for (size_t i = r->count; i-- > 0;) {
		if (r->kept[i].kind == ACT_ALARM && r->kept[i].alarm.code == code) {
			return &r->kept[i].alarm;
		}
	}
	return NULL;
}

static void raised_acknowledged_gone(void **state)
{
	struct rig *r = *state;

	begin(r, NULL, 0);
	live(r, 3);
	set_fault(r, A11, FAULT_AC_BREAKER); /* no on-delay, 10 s off-delay */
	assert_string_equal(state_of(r, "A1.1", FAULT_AC_BREAKER), "unack");
	on(r, ALARMOP_ACK, "A1.1", FAULT_AC_BREAKER);
	assert_string_equal(state_of(r, "A1.1", FAULT_AC_BREAKER), "acked");
	assert_string_equal(find(r, "A1.1", FAULT_AC_BREAKER)->acked_by, "alice");
	set_fault(r, A11, 0);
	live(r, 9);
	assert_string_equal(state_of(r, "A1.1", FAULT_AC_BREAKER), "acked");
	live(r, 3);
	assert_string_equal(state_of(r, "A1.1", FAULT_AC_BREAKER), "none");
	assert_string_equal(last_record(r, FAULT_AC_BREAKER)->state, "normal");
	assert_true(last_record(r, FAULT_AC_BREAKER)->ended != VALUE_NONE);
	assert_true(last_record(r, FAULT_AC_BREAKER)->returned != VALUE_NONE);
	assert_string_equal(last_record(r, FAULT_AC_BREAKER)->acked_by, "alice");
	assert_int_equal(raisings(r, FAULT_AC_BREAKER), 1);
}

/* Gone before anybody looked: it stays until somebody has; a second raising is a second record. */
static void returned_waits_for_a_person(void **state)
{
	struct rig *r = *state;

	begin(r, NULL, 0);
	live(r, 3);
	set_fault(r, A11, FAULT_AC_BREAKER);
	set_fault(r, A11, 0);
	live(r, 15);
	assert_string_equal(state_of(r, "A1.1", FAULT_AC_BREAKER), "returned");
	set_fault(r, A11, FAULT_AC_BREAKER);
	assert_string_equal(state_of(r, "A1.1", FAULT_AC_BREAKER), "unack");
	assert_int_equal(raisings(r, FAULT_AC_BREAKER), 2);
	set_fault(r, A11, 0);
	live(r, 15);
	on(r, ALARMOP_ACK, "A1.1", FAULT_AC_BREAKER);
	assert_string_equal(state_of(r, "A1.1", FAULT_AC_BREAKER), "none");
	for (size_t i = 0; i < r->count; i++) {
		/* The first raising's record is over, too. */
		if (r->kept[i].kind == ACT_ALARM) {
			bool over = false;

			for (size_t k = i; k < r->count; k++) {
				over = over || (r->kept[k].kind == ACT_ALARM &&
						       strcmp(r->kept[k].alarm.id,
							       r->kept[i].alarm.id) == 0 &&
						       r->kept[k].alarm.ended != VALUE_NONE);
			}
			assert_true(over);
		}
	}
}

static void what_is_short_is_no_alarm(void **state)
{
	struct rig *r = *state;

	begin(r, NULL, 0);
	live(r, 3);
	set_fault(r, A11, FAULT_LOCK); /* 5 s */
	live(r, 3);
	assert_string_equal(state_of(r, "A1.1", FAULT_LOCK), "none");
	assert_true(rig_fault(r, "A1.1", FAULT_LOCK)); /* the fault's record is there at once */
	set_fault(r, A11, 0);
	live(r, 10);
	assert_int_equal(raisings(r, FAULT_LOCK), 0);
	set_fault(r, A11, FAULT_LOCK);
	live(r, 6);
	assert_string_equal(state_of(r, "A1.1", FAULT_LOCK), "unack");
}

static void the_configuration_overrides_by_code(void **state)
{
	static const struct alarm_rule rules[] = {
		{.code = FAULT_LOCK, .on_us = 0, .off_us = 0, .latching = true}};
	struct rig *r = *state;

	begin(r, rules, 1);
	live(r, 3);
	set_fault(r, A11, FAULT_LOCK);
	assert_string_equal(state_of(r, "A1.1", FAULT_LOCK), "unack");
	set_fault(r, A11, 0);
	assert_string_equal(state_of(r, "A1.1", FAULT_LOCK), "latched");
}

static void latching_needs_a_reset(void **state)
{
	struct rig *r = *state;

	begin(r, NULL, 0);
	live(r, 3);
	set_fault(r, A11, FAULT_SMOKE);
	set_fault(r, A11, 0);
	live(r, 30);
	assert_string_equal(state_of(r, "A1.1", FAULT_SMOKE), "latched");
	on(r, ALARMOP_RESET, "A1.1", FAULT_SMOKE);
	assert_string_equal(state_of(r, "A1.1", FAULT_SMOKE), "latched");
	on(r, ALARMOP_ACK, "A1.1", FAULT_SMOKE);
	assert_string_equal(state_of(r, "A1.1", FAULT_SMOKE), "held");
	on(r, ALARMOP_RESET, "A1.1", FAULT_SMOKE);
	assert_string_equal(state_of(r, "A1.1", FAULT_SMOKE), "none");
}

static void a_shelf_ends_by_itself(void **state)
{
	struct rig *r = *state;
	struct view_alarm *a;

	begin(r, NULL, 0);
	live(r, 3);
	set_fault(r, A11, FAULT_AC_BREAKER);
	a = find(r, "A1.1", FAULT_AC_BREAKER);
	person(r, ALARMOP_SHELVE, a->id, r->now.wall.ms + 30 * MS_PER_S);
	a = find(r, "A1.1", FAULT_AC_BREAKER);
	assert_string_equal(a->state, "shelved");
	assert_string_equal(a->shelved_by, "alice");
	assert_string_equal(a->reason, "known");
	live(r, 28);
	assert_string_equal(state_of(r, "A1.1", FAULT_AC_BREAKER), "shelved");
	live(r, 4);
	a = find(r, "A1.1", FAULT_AC_BREAKER);
	assert_string_equal(a->state, "unack");
	assert_int_equal(a->shelved_until, VALUE_NONE);
	/* What is gone when the shelf ends needs nobody. */
	person(r, ALARMOP_SHELVE, a->id, r->now.wall.ms + 30 * MS_PER_S);
	set_fault(r, A11, 0);
	live(r, 20);
	assert_string_equal(state_of(r, "A1.1", FAULT_AC_BREAKER), "shelved_idle");
	live(r, 15);
	assert_string_equal(state_of(r, "A1.1", FAULT_AC_BREAKER), "none");
	assert_int_equal(raisings(r, FAULT_AC_BREAKER), 1);
}

static void a_shelf_has_its_bounds(void **state)
{
	struct rig *r = *state;
	char id[64];

	begin(r, NULL, 0);
	live(r, 3);
	set_fault(r, A11, FAULT_SMOKE);
	memcpy(id, find(r, "A1.1", FAULT_SMOKE)->id, sizeof id);
	person(r, ALARMOP_SHELVE, id, r->now.wall.ms + 9 * 3600 * MS_PER_S);
	assert_string_equal(state_of(r, "A1.1", FAULT_SMOKE), "unack");
	person(r, ALARMOP_SHELVE, id, r->now.wall.ms - 1);
	assert_string_equal(state_of(r, "A1.1", FAULT_SMOKE), "unack");
	person(r, ALARMOP_SHELVE, "nothing-1-1", r->now.wall.ms + 1000);
	person(r, ALARMOP_SHELVE, id, r->now.wall.ms + 8 * 3600 * MS_PER_S);
	assert_string_equal(state_of(r, "A1.1", FAULT_SMOKE), "shelved");
	person(r, ALARMOP_UNSHELVE, id, 0);
	assert_string_equal(state_of(r, "A1.1", FAULT_SMOKE), "unack");
}

/* Coming and going is one alarm that is said to chatter, until it has been quiet. */
static void chatter_is_one_alarm(void **state)
{
	struct rig *r = *state;

	begin(r, NULL, 0);
	live(r, 3);
	for (int i = 0; i < 8; i++) {
		set_fault(r, A11, FAULT_AC_BREAKER);
		live(r, 2);
		set_fault(r, A11, 0);
		live(r, 2);
	}
	assert_int_equal(raisings(r, FAULT_AC_BREAKER), 1);
	assert_int_equal(find(r, "A1.1", FAULT_AC_BREAKER)->chatter, 1);
	assert_int_equal(find(r, "A1.1", FAULT_AC_BREAKER)->count, 8);
	live(r, 40); /* longer than its off-delay, not longer than chatter is waited for */
	assert_string_equal(state_of(r, "A1.1", FAULT_AC_BREAKER), "unack");
	live(r, 30);
	assert_string_equal(state_of(r, "A1.1", FAULT_AC_BREAKER), "returned");
	/* The next raising does not. */
	set_fault(r, A11, FAULT_AC_BREAKER);
	assert_int_equal(find(r, "A1.1", FAULT_AC_BREAKER)->chatter, 0);
}

/* Also where nothing holds it back: from the fifth raising on it is one. */
static void chatter_without_delay_is_held(void **state)
{
	static const struct alarm_rule rules[] = {{.code = FAULT_AC_BREAKER}};
	struct rig *r = *state;

	begin(r, rules, 1);
	live(r, 3);
	for (int i = 0; i < 9; i++) {
		set_fault(r, A11, FAULT_AC_BREAKER);
		live(r, 2);
		set_fault(r, A11, 0);
		live(r, 2);
	}
	assert_int_equal(find(r, "A1.1", FAULT_AC_BREAKER)->chatter, 1);
	assert_int_equal(raisings(r, FAULT_AC_BREAKER), 5);
}

static void a_flood_is_said_so(void **state)
{
	static const struct alarm_rule rules[] = {{.code = FAULT_AC_BREAKER, .off_us = 0}};
	struct rig *r = *state;

	begin(r, rules, 1);
	live(r, 3);
	for (int i = 0; i < 12; i++) {
		set_fault(r, i % 4, FAULT_AC_BREAKER);
		set_fault(r, i % 4, 0);
		assert_string_equal(state_of(r, "rig", FAULT_FLOOD), i < 10    ? "none"
								     : i == 10 ? "none"
									       : "unack");
		live(r, 20);
	}
	assert_int_equal(raisings(r, FAULT_AC_BREAKER), 12);
	assert_true(rig_fault(r, "rig", FAULT_FLOOD));
	live(r, 700);
	assert_false(rig_fault(r, "rig", FAULT_FLOOD));
}

/* Ten alarms of one cause are one: the devices of a bus that is down. */
static void a_bus_folds_its_devices(void **state)
{
	struct rig *r = *state;

	begin(r, NULL, 0);
	live(r, 3);
	rig_link(r, TGT_PILE, 0, false);
	rig_link(r, TGT_PILE, 1, false);
	rig_link(r, TGT_METER, 0, false);
	for (int s = 0; s < 40; s++) { /* C1 is on the other bus */
		rig_gun(r, C11, PT_STATE, GUN_IDLE);
		rig_send(r);
		rig_wait(r, 1000);
	}
	assert_string_equal(state_of(r, "bus:one", FAULT_BUS_DOWN), "unack");
	assert_string_equal(state_of(r, "A1", FAULT_SILENT), "folded");
	assert_string_equal(find(r, "A1", FAULT_SILENT)->parent, "bus:one");
	assert_string_equal(state_of(r, "B1", FAULT_SILENT), "folded");
	assert_string_equal(state_of(r, "T1", FAULT_METER_DEAD), "folded");
	assert_string_equal(state_of(r, "C1", FAULT_SILENT), "none");
	assert_true(rig_fault(r, "A1", FAULT_SILENT)); /* the faults are all there */
	/* All but one device come back: that one has an alarm of its own, after a while. */
	rig_link(r, TGT_PILE, 0, true);
	rig_link(r, TGT_METER, 0, true);
	for (int s = 0; s < 40; s++) {
		for (int gun = 0; gun < RIG_GUNS; gun++) {
			if (gun != B11) {
				rig_gun(r, gun, PT_STATE, GUN_IDLE);
			}
		}
		rig_add(r, TGT_METER, 0, PT_POWER, 1000 + s);
		rig_send(r);
		rig_wait(r, 1000);
		if (s == 5) {
			assert_string_equal(state_of(r, "B1", FAULT_SILENT), "folded");
		}
	}
	assert_string_equal(state_of(r, "bus:one", FAULT_BUS_DOWN), "returned");
	assert_string_equal(state_of(r, "A1", FAULT_SILENT), "none");
	for (int s = 0; s < 40; s++) {
		rig_gun(r, A11, PT_STATE, GUN_IDLE);
		rig_gun(r, C11, PT_STATE, GUN_IDLE);
		rig_add(r, TGT_METER, 0, PT_POWER, 1000 + s);
		rig_send(r);
		rig_wait(r, 1000);
	}
	assert_string_equal(state_of(r, "B1", FAULT_SILENT), "unack");
}

/* A restart: the store gives back alarms and faults; what is gone since then returns. */
static void a_restart_goes_on(void **state)
{
	struct rig *r = *state;
	struct view_alarm acked, shelved, gone, odd;
	struct view_fault fault;

	begin(r, NULL, 0);
	live(r, 3);
	set_fault(r, A11, FAULT_AC_BREAKER);
	on(r, ALARMOP_ACK, "A1.1", FAULT_AC_BREAKER);
	set_fault(r, A12, FAULT_DC_FUSE);
	on(r, ALARMOP_SHELVE, "A1.2", FAULT_DC_FUSE);
	set_fault(r, B11, FAULT_AC_BREAKER);
	acked = *find(r, "A1.1", FAULT_AC_BREAKER);
	shelved = *find(r, "A1.2", FAULT_DC_FUSE);
	gone = *find(r, "B1.1", FAULT_AC_BREAKER);
	odd = gone;
	VIEW_SET(&odd, state, "strange");
	VIEW_SET(&odd, target, "C1.1");
	begin(r, NULL, 0);
	rig_resume(r, VIEW_alarm, &acked);
	rig_resume(r, VIEW_alarm, &shelved);
	rig_resume(r, VIEW_alarm, &gone);
	rig_resume(r, VIEW_alarm, &odd);
	for (int i = 0; i < 2; i++) {
		view_clear(VIEW_fault, &fault);
		snprintf(fault.id, sizeof fault.id, "f%d", i);
		VIEW_SET(&fault, target, i == 0 ? "A1.1" : "A1.2");
		fault.code = i == 0 ? FAULT_AC_BREAKER : FAULT_DC_FUSE;
		fault.raised = r->now.wall.ms;
		rig_resume(r, VIEW_fault, &fault);
	}
	live(r, 3);
	assert_string_equal(state_of(r, "A1.1", FAULT_AC_BREAKER), "acked");
	assert_string_equal(find(r, "A1.1", FAULT_AC_BREAKER)->id, acked.id);
	assert_string_equal(find(r, "A1.1", FAULT_AC_BREAKER)->acked_by, "alice");
	assert_string_equal(state_of(r, "A1.2", FAULT_DC_FUSE), "shelved");
	assert_int_equal(find(r, "A1.2", FAULT_DC_FUSE)->shelved_until, shelved.shelved_until);
	assert_string_equal(state_of(r, "C1.1", FAULT_AC_BREAKER), "none");
	live(r, 15);
	assert_string_equal(state_of(r, "B1.1", FAULT_AC_BREAKER), "returned");
	live(r, 3600);
	assert_string_equal(state_of(r, "A1.2", FAULT_DC_FUSE), "unack");
}

/* A fault that the store knew, but no alarm of it (an older agent, a kill between the two). */
static void a_fault_without_alarm_gets_one(void **state)
{
	struct rig *r = *state;
	struct view_fault fault;

	begin(r, NULL, 0);
	view_clear(VIEW_fault, &fault);
	VIEW_SET(&fault, id, "f");
	VIEW_SET(&fault, target, "A1.1");
	fault.code = FAULT_AC_BREAKER;
	fault.raised = r->now.wall.ms;
	rig_resume(r, VIEW_fault, &fault);
	live(r, 2);
	assert_string_equal(state_of(r, "A1.1", FAULT_AC_BREAKER), "unack");
}

static void the_agents_own(void **state)
{
	struct rig *r = *state;
	struct event e = {.kind = EV_AGENT};
	struct view_site site;

	begin(r, NULL, 0);
	live(r, 3);
	e.agent.code = FAULT_STORE;
	e.agent.up = true;
	e.agent.detail = "full";
	rig_event(r, &e);
	live(r, 6);
	assert_string_equal(state_of(r, "rig", FAULT_STORE), "unack");
	assert_string_equal(find(r, "rig", FAULT_STORE)->detail, "full");
	site_view(r->site, r->now, &site);
	assert_int_equal(site.alarms_active, 1);
	assert_int_equal(site.alarms_unack, 1);
	assert_int_equal(site.alarms_worst, SEVERITY_EQUIPMENT);
	e.agent.up = false;
	rig_event(r, &e);
	live(r, 12);
	assert_string_equal(state_of(r, "rig", FAULT_STORE), "returned");
	e.agent.code = FAULT_SMOKE; /* none of the agent's */
	e.agent.up = true;
	rig_event(r, &e);
	assert_string_equal(state_of(r, "rig", FAULT_SMOKE), "none");
}

/* More that is gone than there is room for: the oldest is closed, nothing that is there is lost. */
static void a_full_table_loses_nothing(void **state)
{
	struct alarm_rule rules[FAULT_BATTERY_OVERCURRENT + 1];
	size_t count = 0;
	struct rig *r = *state;

	for (size_t i = 0; fault_at(i) != NULL && fault_at(i)->code < 1000; i++) {
		rules[count++] = (struct alarm_rule){.code = (uint16_t)fault_at(i)->code};
	}
	begin(r, rules, count);
	live(r, 3);
	for (int gun = 0; gun < RIG_GUNS; gun++) {
		for (size_t i = 0; i < count; i++) {
			set_fault(r, gun, rules[i].code);
			assert_string_equal(state_of(r, rig_guns[gun].id, rules[i].code), "unack");
			r->count = 0;
			if (i % 50 == 49) { /* none is lost in between, either */
				rig_wait(r, 1000);
			}
		}
	}
}

/* A gun that warms by 3 degrees a minute is told of before it is too hot, one that is merely warm
 * is not, and the warning ends when it cools down. */
static void heat_is_seen_coming(void **state)
{
	struct rig *r = *state;
	int64_t mc = 40000;
	int warned_mc = 0;

	begin(r, NULL, 0);
	for (int s = 0; s < 900 && warned_mc == 0; s++) {
		rig_gun(r, A11, PT_TEMP, mc);
		rig_gun(r, A11, PT_TEMP2, mc - 2000);
		rig_gun(r, A12, PT_TEMP, 70000 + s % 3 * 100); /* warm, and stays so */
		calm(r);
		rig_wait(r, 1000);
		mc += 50;
		if (find(r, "A1.1", FAULT_GUN_WARMING) != NULL) {
			warned_mc = (int)mc;
		}
	}
	assert_in_range(warned_mc, 65000, 69000); /* `from`, and its on-delay */
	assert_non_null(strstr(find(r, "A1.1", FAULT_GUN_WARMING)->detail, "limit 90"));
	assert_string_equal(state_of(r, "A1.2", FAULT_GUN_WARMING), "none");
	for (int s = 0; s < 900; s++) {
		rig_gun(r, A11, PT_TEMP, mc);
		rig_gun(r, A12, PT_TEMP, 70000);
		calm(r);
		rig_wait(r, 1000);
		mc -= mc > 30000 ? 50 : 0;
	}
	assert_false(rig_fault(r, "A1.1", FAULT_GUN_WARMING));
	assert_string_equal(state_of(r, "A1.1", FAULT_GUN_WARMING), "returned");
}

static void supply_and_insulation_are_seen_going(void **state)
{
	struct rig *r = *state;

	begin(r, NULL, 0);
	for (int s = 0; s < 500; s++) {
		rig_gun(r, A11, PT_INSULATION, 900000 - 1500 * s);
		rig_add(r, TGT_METER, 0, PT_VOLTAGE_L1, 231000 - s % 2);
		rig_add(r, TGT_METER, 0, PT_VOLTAGE_L2, 208000 - 15 * s);
		rig_add(r, TGT_METER, 0, PT_VOLTAGE_L3, 220000);
		calm(r);
		rig_wait(r, 1000);
	}
	assert_string_equal(state_of(r, "A1.1", FAULT_INSULATION_FALLING), "unack");
	assert_string_equal(state_of(r, "T1", FAULT_VOLTAGE_FALLING), "unack");
	assert_string_equal(state_of(r, "T1", FAULT_VOLTAGE_RISING), "none"); /* high, but steady */
}

static void tag(struct rig *r, enum verb verb, enum target_kind kind, const char *by)
{
	struct event e = {.kind = EV_COMMAND};

	e.command.verb = verb;
	e.command.target = (struct target){(uint16_t)kind, 0};
	e.command.by = by;
	e.command.reason = "repair";
	rig_event(r, &e);
}

static int64_t unacked(const struct rig *r)
{
	struct view_site v;

	site_view(r->site, r->now, &v);
	return v.alarms_unack;
}

/* Of a gun that is out of service alarms are shown as suppressed and told to nobody. */
static void what_is_out_of_service_is_suppressed(void **state)
{
	struct rig *r = *state;

	begin(r, NULL, 0);
	live(r, 5);
	set_fault(r, A11, FAULT_LOCK);
	set_fault(r, B11, FAULT_LOCK);
	live(r, 30);
	assert_string_equal(state_of(r, "A1.1", FAULT_LOCK), "unack");
	assert_int_equal(unacked(r), 2);
	tag(r, VERB_TAG, TGT_GUN, "li");
	live(r, 2);
	assert_string_equal(state_of(r, "A1.1", FAULT_LOCK), "out_of_service");
	assert_string_equal(find(r, "A1.1", FAULT_LOCK)->parent, "A1.1");
	assert_string_equal(state_of(r, "B1.1", FAULT_LOCK), "unack");
	assert_int_equal(unacked(r), 1);
	/* what comes meanwhile is not announced, and goes without a word */
	set_fault(r, A11, FAULT_NONE);
	live(r, 60);
	set_fault(r, A11, FAULT_MODULE);
	live(r, 60);
	assert_string_equal(state_of(r, "A1.1", FAULT_MODULE), "out_of_service");
	assert_int_equal(unacked(r), 1);
	/* what stands when it is back is news */
	tag(r, VERB_UNTAG, TGT_GUN, "li");
	live(r, 2);
	assert_string_equal(state_of(r, "A1.1", FAULT_MODULE), "unack");
	assert_string_equal(find(r, "A1.1", FAULT_MODULE)->parent, "");
	/* so it is with the tag of the pile and of the site */
	tag(r, VERB_TAG, TGT_PILE, "li");
	live(r, 2);
	assert_string_equal(state_of(r, "A1.1", FAULT_MODULE), "out_of_service");
	assert_string_equal(find(r, "A1.1", FAULT_MODULE)->parent, "A1");
	tag(r, VERB_UNTAG, TGT_PILE, "li");
	tag(r, VERB_TAG, TGT_SITE, "li");
	live(r, 2);
	assert_string_equal(state_of(r, "B1.1", FAULT_LOCK), "out_of_service");
	assert_int_equal(unacked(r), 0);
	tag(r, VERB_UNTAG, TGT_SITE, "li");
	/* an input's tag silences nothing */
	tag(r, VERB_TAG, TGT_SITE, "input fire");
	live(r, 2);
	assert_string_equal(state_of(r, "B1.1", FAULT_LOCK), "unack");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
		TEST(raised_acknowledged_gone),
		TEST(returned_waits_for_a_person),
		TEST(what_is_short_is_no_alarm),
		TEST(the_configuration_overrides_by_code),
		TEST(latching_needs_a_reset),
		TEST(a_shelf_ends_by_itself),
		TEST(a_shelf_has_its_bounds),
		TEST(chatter_is_one_alarm),
		TEST(chatter_without_delay_is_held),
		TEST(a_flood_is_said_so),
		TEST(a_bus_folds_its_devices),
		TEST(a_restart_goes_on),
		TEST(a_fault_without_alarm_gets_one),
		TEST(the_agents_own),
		TEST(a_full_table_loses_nothing),
		TEST(what_is_out_of_service_is_suppressed),
		TEST(heat_is_seen_coming),
		TEST(supply_and_insulation_are_seen_going),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
