#include "gun.h"

#include "alarm.h"
#include "day.h"
#include "energy.h"
#include "halt.h"
#include "order.h"
#include "reserve.h"
#include "session.h"
#include "standing.h"
#include "watch.h"

static enum gun_state occupied(enum gun_state state, const struct gun_evidence *e)
{
	if (e->in_session) {
		return e->stop_asked || state == GUN_FAULT || state == GUN_FINISHED ? GUN_FINISHED
										    : GUN_SUSPENDED;
	}
	return e->had_session ? GUN_FINISHED : GUN_PLUGGED;
}

/* For devices that give no state, or none that can be read. */
static enum gun_state derived(enum gun_state state, const struct gun_evidence *e)
{
	if (e->plugged == 0) {
		return GUN_IDLE;
	}
	if (e->flows == 1) {
		return GUN_CHARGING;
	}
	if (e->plugged == 1) {
		return occupied(state, e);
	}
	if (e->flows == 0 &&
		(state == GUN_UNKNOWN || state == GUN_OFFLINE || state == GUN_CHARGING)) {
		return e->in_session ? GUN_SUSPENDED : GUN_IDLE;
	}
	return state == GUN_OFFLINE ? GUN_UNKNOWN : state;
}

static enum gun_state by_device(enum gun_state state, const struct gun_evidence *e)
{
	switch (e->device) {
	case GUN_IDLE:
		return e->plugged == 1 ? occupied(state, e) : GUN_IDLE;
	case GUN_PLUGGED:
		return e->plugged == 0 ? GUN_IDLE : occupied(state, e);
	case GUN_SUSPENDED:
		if (e->plugged == 0) {
			return GUN_IDLE;
		}
		return e->stop_asked ? GUN_FINISHED : GUN_SUSPENDED;
	case GUN_FINISHED:
		return e->plugged == 0 ? GUN_IDLE : GUN_FINISHED;
	case GUN_CHARGING:
	case GUN_RESERVED:
	case GUN_OFFLINE:
	case GUN_FAULT:
		return e->device;
	case GUN_UNKNOWN:
	case GUN_COUNT_:
		break;
	}
	return derived(state, e);
}

enum gun_state gun_next(enum gun_state state, const struct gun_evidence *e)
{
	enum gun_state next;

	if (e->silent) {
		return GUN_OFFLINE;
	}
	if (!e->seen) {
		return state;
	}
	next = by_device(state, e);
	if (e->faulted && next != GUN_CHARGING && next != GUN_SUSPENDED && next != GUN_OFFLINE) {
		return GUN_FAULT;
	}
	return next;
}

int gun_flows(const struct core *c, uint16_t i)
{
	const struct gun *g = gun_of(c->site, i);
	int64_t w;

	if (!cells_good(&g->cells, PT_POWER, &w) ||
		c->now.mono.us - g->cells.cell[PT_POWER].at_us > c->site->cfg.stale_us) {
		return -1;
	}
	return w > power_noise_w(gun_cfg(c->site, i)) ? 1 : 0;
}

static bool severe(int64_t code)
{
	const struct fault_info *info = fault_info((int)code);

	return code != FAULT_NONE && (info == NULL || info->severity <= SEVERITY_EQUIPMENT);
}

static void gather(const struct core *c, uint16_t i, struct gun_evidence *e)
{
	const struct site *site = c->site;
	const struct gun_cfg *cfg = gun_cfg(site, i);
	const struct gun *g = gun_of(site, i);
	const struct dev *pile = pile_of(site, cfg->pile);
	bool has_state = g->state_us != 0;
	int64_t last = has_state ? g->state_us : g->seen_us;
	int64_t v;

	*e = (struct gun_evidence){.plugged = -1, .flows = (int8_t)gun_flows(c, i)};
	e->seen = last != 0;
	if (!e->seen) {
		last = site->h.started_us;
	}
	e->silent =
		g->link_up == 0 || pile->link_up == 0 || c->now.mono.us - last > site->cfg.stale_us;
	if (cells_good(&g->cells, PT_STATE, &v) && v >= 0 && v < GUN_COUNT_) {
		e->device = (enum gun_state)v;
	}
	if (cells_good(&pile->cells, PT_STATE, &v) && v == GUN_FAULT) {
		e->device = GUN_FAULT;
	}
	if (cells_good(&g->cells, PT_PLUGGED, &v)) {
		e->plugged = v != 0;
	}
	e->faulted =
		severe(g->faults[DEVICE_FAULT].code) || severe(pile->faults[DEVICE_FAULT].code);
	e->in_session = g->session.phase == SESSION_OPEN;
	e->had_session = g->visit.open && g->visit.had_session;
	e->stop_asked = g->stop_asked != 0;
}

static const char *cause_of(const struct gun_evidence *e)
{
	if (e->silent) {
		return "no answer";
	}
	if (e->device != GUN_UNKNOWN) {
		return state_info(e->device)->token;
	}
	return "by plug and power";
}

/* Everything that follows from a new state. */
static void gun_enter(struct core *c, uint16_t i, enum gun_state new, const char *cause)
{
	struct gun *g = gun_of(c->site, i);
	enum gun_state old = (enum gun_state)g->state;

	core_log(c, new == GUN_FAULT || new == GUN_OFFLINE ? LOG_WARNING : LOG_NOTICE,
		"gun %s: %s -> %s, device says %s", gun_cfg(c->site, i)->id, state_info(old)->token,
		state_info(new)->token, cause);
	g->state = (uint8_t) new;
	g->since_us = c->now.mono.us;
	g->since_ms = c->now.wall.ms;
	g->silent_us = new == GUN_OFFLINE ? c->now.mono.us : 0;
	g->fault_us = new == GUN_FAULT ? c->now.mono.us : 0;
	if (new == GUN_CHARGING || new == GUN_IDLE) {
		g->stop_asked = g->stop_asked && new == GUN_CHARGING &&old == GUN_CHARGING;
		core_poll(c, TGT_GUN, i);
	}
	session_state(c, i, old, new);
}

static void device_fault(struct core *c, uint16_t i)
{
	const struct gun *g = gun_of(c->site, i);
	char detail[48] = "";
	int64_t code, mapped;

	if (!cells_good(&g->cells, PT_FAULT, &code)) {
		return;
	}
	mapped = alarm_device_code(code);
	if (mapped == FAULT_DEVICE_OTHER) {
		core_text(detail, sizeof detail, "device code %lld", (long long)code);
	}
	alarm_gun(c, i, DEVICE_FAULT, mapped, detail);
}

void gun_evaluate(struct core *c, uint16_t i)
{
	struct gun *g = gun_of(c->site, i);
	uint16_t fresh = g->fresh;
	struct gun_evidence e;
	enum gun_state next;

	g->fresh = 0;
	day_count(c, i);
	if ((fresh & FRESH_FAULT) != 0) {
		device_fault(c, i);
	}
	if ((fresh & (FRESH_ENERGY | FRESH_SESSION_WH)) != 0) {
		energy_take(c, i);
	}
	session_counters(c, i, fresh);
	gather(c, i, &e);
	next = gun_next((enum gun_state)g->state, &e);
	if (next != (enum gun_state)g->state) {
		gun_enter(c, i, next, cause_of(&e));
	}
	session_step(c, i, fresh);
	order_step(c, i);
	halt_step(c, i);
	reserve_step(c, i);
	watch_gun(c, i, fresh);
	order_flush(c, i);
	session_flush(c, i);
	standing_flush(c, i);
}

void gun_touch(struct site *site, uint16_t i)
{
	struct gun *g = gun_of(site, i);
	uint16_t *pending = site_at(site, site->h.pending);

	if (!g->touched) {
		g->touched = 1;
		pending[site->h.pending_count++] = i;
	}
}
