#include "watch.h"

#include "alarm.h"
#include "gun.h"
#include "mains.h"
#include "manage.h"

#define US_WH (INT64_C(3600) * US_PER_S)

/* Power that was seen while the register stood still. */
static void watch_frozen(struct core *c, uint16_t i, uint16_t fresh)
{
	const struct gun_cfg *cfg = gun_cfg(c->site, i);
	struct gun *g = gun_of(c->site, i);
	struct track *t = &g->track;
	int64_t at = g->cells.cell[PT_POWER].at_us, dt = at - g->power_us, w;
	int64_t need = energy_slack_wh(cfg) + 2 * cfg->resolution_wh;
	char detail[64];

	if ((fresh & FRESH_POWER) == 0 || !cells_good(&g->cells, PT_POWER, &w)) {
		return;
	}
	if (g->power_us != 0 && dt > 0 && dt <= c->site->cfg.stale_us && w <= 4 * cfg->max_w &&
		w > power_noise_w(cfg) && g->state == GUN_CHARGING && t->flow_uws < INT64_MAX / 4) {
		t->flow_uws += w * dt;
	}
	g->power_us = at;
	if (cfg->source == ESRC_NONE || !t->now.known || t->flow_uws < need * US_WH ||
		at - t->moved_us < FROZEN_US) {
		return;
	}
	core_text(detail, sizeof detail, "register stands at %lld Wh, power %lld W",
		(long long)t->now.raw_wh, (long long)w);
	alarm_gun(c, i, FROZEN_FAULT, FAULT_FROZEN, detail);
}

static void watch_limit(struct core *c, uint16_t i)
{
	struct gun *g = gun_of(c->site, i);
	int64_t w, at = g->cells.cell[PT_POWER].at_us;
	int64_t limit = manage_bound_w(c->site, i, c->now.mono);
	char detail[64];

	if (g->limit_w != VALUE_NONE && g->limit_w < limit) {
		limit = g->limit_w;
	}
	if (limit == INT64_MAX || !cells_good(&g->cells, PT_POWER, &w) ||
		w <= limit + OBEY_SLACK_W(limit)) {
		g->over_us = 0;
		if (g->faults[OBEY_FAULT].code != FAULT_NONE && gun_flows(c, i) >= 0 &&
			!g->stop_asked) {
			alarm_gun(c, i, OBEY_FAULT, FAULT_NONE, "");
		}
		return;
	}
	if (g->over_us == 0) {
		g->over_us = at;
	} else if (at - g->over_us >= OBEY_US) {
		core_text(detail, sizeof detail, "limit %lld W, power %lld W", (long long)limit,
			(long long)w);
		alarm_gun(c, i, OBEY_FAULT, FAULT_NOT_OBEYING, detail);
	}
}

static void watch_silence(struct core *c, uint16_t i)
{
	struct gun *g = gun_of(c->site, i);
	const struct dev *pile = pile_of(c->site, gun_cfg(c->site, i)->pile);
	bool whole = pile->link_up == 0; /* then the fault is the pile's */
	int64_t stale_us = c->site->cfg.stale_us;

	if (g->state != GUN_OFFLINE || whole) {
		if (!whole || pile->faults[SILENT_FAULT].code != FAULT_NONE) {
			alarm_gun(c, i, SILENT_FAULT, FAULT_NONE, "");
		}
		return;
	}
	/* The guns of a pile that answers again are read one after another. */
	if (c->now.mono.us - pile->up_us < stale_us) {
		return;
	}
	if (g->silent_us != 0 && c->now.mono.us - g->silent_us >= stale_us &&
		(g->link_up == 0 || c->now.mono.us - g->seen_us > stale_us)) {
		alarm_gun(c, i, SILENT_FAULT, FAULT_SILENT, "");
	}
}

void watch_gun(struct core *c, uint16_t i, uint16_t fresh)
{
	struct gun *g = gun_of(c->site, i);

	watch_frozen(c, i, fresh);
	if (fresh & FRESH_POWER) {
		watch_limit(c, i);
	}
	watch_silence(c, i);
	if (g->track.incident_us != 0 && c->now.mono.us - g->track.incident_us > INCIDENT_US) {
		alarm_gun(c, i, RESET_FAULT, FAULT_NONE, "");
		alarm_gun(c, i, JUMP_FAULT, FAULT_NONE, "");
		g->track.incident_us = 0;
	}
}

static void set_link(struct core *c, struct dev *u, bool up)
{
	if (up) {
		u->up_us = u->link_up ? u->up_us : c->now.mono.us;
		u->down_us = 0;
	} else if (u->down_us == 0) {
		u->down_us = c->now.mono.us;
	}
	u->link_up = up;
}

void watch_link(struct core *c, struct target target, bool up)
{
	const struct pile_cfg *pile;
	struct gun *g;

	switch ((enum target_kind)target.kind) {
	case TGT_PILE:
		pile = pile_cfg(c->site, target.index);
		set_link(c, pile_of(c->site, target.index), up);
		for (uint16_t k = 0; k < pile->gun_count; k++) {
			gun_touch(c->site, (uint16_t)(pile->first_gun + k));
		}
		break;
	case TGT_GUN:
		g = gun_of(c->site, target.index);
		g->link_up = up;
		g->down_us = up ? 0 : c->now.mono.us;
		gun_touch(c->site, target.index);
		break;
	case TGT_METER:
		set_link(c, meter_of(c->site, target.index), up);
		break;
	case TGT_SITE:
	case TGT_FEEDER:
	case TGT_BUS:
		break;
	}
}

void watch_answer(struct core *c, uint16_t i, int64_t at_us)
{
	struct gun *g = gun_of(c->site, i);
	struct dev *pile = pile_of(c->site, gun_cfg(c->site, i)->pile);

	if (g->link_up == 0 && at_us > g->down_us) {
		g->link_up = 1;
		g->down_us = 0;
	}
	if (pile->link_up == 0 && at_us > pile->down_us) {
		watch_link(c, (struct target){TGT_PILE, gun_cfg(c->site, i)->pile}, true);
	}
}

static bool dead(const struct core *c, const struct dev *u)
{
	return u->down_us != 0 && c->now.mono.us - u->down_us >= c->site->cfg.stale_us;
}

void watch_pile(struct core *c, uint16_t i)
{
	struct dev *u = pile_of(c->site, i);

	if (u->link_up == 0 && !dead(c, u)) {
		return; /* not long enough to be called a fault */
	}
	alarm_pile(c, i, SILENT_FAULT, u->link_up == 0 ? FAULT_SILENT : FAULT_NONE, "");
}

/* Every gun of a pile whose guns have addresses of their own, or the pile itself. */
static bool pile_silent(const struct site *site, uint16_t i)
{
	const struct pile_cfg *cfg = pile_cfg(site, i);
	bool silent = cfg->gun_count > 0;

	for (uint16_t k = 0; k < cfg->gun_count; k++) {
		silent = silent &&
			 gun_of(site, cfg->first_gun + k)->faults[SILENT_FAULT].code != FAULT_NONE;
	}
	return silent || pile_of(site, i)->faults[SILENT_FAULT].code != FAULT_NONE;
}

void watch_bus(struct core *c, uint16_t i)
{
	const struct site *site = c->site;
	struct site_bus *bus = bus_of(site, i);
	unsigned devices = 0, silent = 0;
	char detail[64];

	for (uint16_t k = 0; k < site->cfg.pile_count; k++) {
		devices += pile_cfg(site, k)->bus == i;
		silent += pile_cfg(site, k)->bus == i && pile_silent(site, k);
	}
	for (uint16_t k = 0; k < site->cfg.meter_count; k++) {
		devices += meter_cfg(site, k)->bus == i;
		silent += meter_cfg(site, k)->bus == i &&
			  meter_of(site, k)->faults[SILENT_FAULT].code != FAULT_NONE;
	}
	if (devices > 1 && silent == devices) {
		core_text(detail, sizeof detail, "%u devices", devices);
		alarm_bus(c, i, FAULT_BUS_DOWN, detail);
	} else if (bus->fault.code != FAULT_NONE && silent < devices) {
		bus->up_us = c->now.mono.us;
		alarm_bus(c, i, FAULT_NONE, "");
	}
}

/* Of the guns under a feeder; -1: of all. */
static int64_t guns_w(const struct core *c, int feeder)
{
	int64_t sum = 0, w;

	for (uint16_t i = 0; i < c->site->cfg.gun_count; i++) {
		const struct cells *cells = &gun_of(c->site, i)->cells;
		const struct pile_cfg *pile = pile_cfg(c->site, gun_cfg(c->site, i)->pile);

		if ((feeder < 0 || pile->feeder == feeder) && cells_good(cells, PT_POWER, &w) &&
			w > 0 && w <= 4 * gun_cfg(c->site, i)->max_w &&
			c->now.mono.us - cells->cell[PT_POWER].at_us <= c->site->cfg.stale_us) {
			sum += w;
		}
	}
	return sum;
}

/* A meter whose values stand still while its guns move tells nothing of the load. */
static void watch_still(struct core *c, uint16_t i)
{
	static const enum point points[STILL_POINTS] = {PT_POWER, PT_APPARENT, PT_VOLTAGE_L1,
		PT_VOLTAGE_L2, PT_VOLTAGE_L3, PT_CURRENT_L1, PT_CURRENT_L2, PT_CURRENT_L3,
		PT_APPARENT_L1, PT_APPARENT_L2, PT_APPARENT_L3};
	int feeder =
		meter_cfg(c->site, i)->role == METER_FEEDER ? meter_cfg(c->site, i)->feeder : -1;
	struct still *s =
		feeder < 0 ? &c->site->h.still : &feeder_of(c->site, (size_t)feeder)->still;
	const struct limit_meter *meter = feeder < 0 || !c->site->cfg.load.managed
						  ? &c->site->h.meter
						  : &feeds_of(c->site)[feeder].meter;
	int64_t value[STILL_POINTS], guns = guns_w(c, feeder), moved = guns - s->guns_w;
	int64_t slack = mains_slack_va(c->site, feeder);
	char detail[64];

	core_text(detail, sizeof detail, "reads %lld VA, its guns take %lld W",
		(long long)meter->va[ALLOC_SUM], (long long)guns);
	for (size_t k = 0; k < STILL_POINTS; k++) {
		value[k] = cells_value(&meter_of(c->site, i)->cells, points[k]);
	}
	if (memcmp(s->value, value, sizeof value) != 0 || s->since_us == 0) {
		memcpy(s->value, value, sizeof value);
		s->since_us = c->now.mono.us;
		s->guns_w = guns;
		s->on = 0;
		alarm_meter(c, i, STILL_FAULT, s->odd ? FAULT_METER_ODD : FAULT_NONE, detail);
	} else if (s->odd && !s->on) {
		alarm_meter(c, i, STILL_FAULT, FAULT_METER_ODD, detail);
	} else if (!s->on && c->now.mono.us - s->since_us > STILL_US &&
		   (moved > slack || moved < -slack)) {
		s->on = 1; /* until it moves again */
		core_text(detail, sizeof detail, "stands still, its guns moved by %lld W",
			(long long)moved);
		alarm_meter(c, i, STILL_FAULT, FAULT_FROZEN, detail);
	}
}

/* The one that load management goes by: the first of the transformer, or of its feeder. */
static bool first_of_its_kind(const struct site *site, uint16_t i)
{
	const struct meter_cfg *m = meter_cfg(site, i);

	for (uint16_t k = 0; k < i; k++) {
		if (meter_cfg(site, k)->role == m->role &&
			(m->role == METER_TRANSFORMER || meter_cfg(site, k)->feeder == m->feeder)) {
			return false;
		}
	}
	return m->role == METER_TRANSFORMER || (m->role == METER_FEEDER && m->feeder >= 0);
}

void watch_meter(struct core *c, uint16_t i)
{
	struct dev *u = meter_of(c->site, i);
	int64_t code =
		meter_cfg(c->site, i)->role == METER_TRANSFORMER ? FAULT_METER_DEAD : FAULT_SILENT;
	int64_t last = u->seen_us != 0 ? u->seen_us : c->site->h.started_us;
	bool silent = dead(c, u) || c->now.mono.us - last > 2 * c->site->cfg.stale_us;

	if (!silent && (u->link_up == 0 || u->seen_us == 0)) {
		return;
	}
	if (!silent && first_of_its_kind(c->site, i)) {
		watch_still(c, i);
	}
	alarm_meter(c, i, SILENT_FAULT, silent ? code : FAULT_NONE, "");
}
