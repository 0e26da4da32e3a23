/* From the configuration to what the core and the buses take. */
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "zone.h"

static enum energy_source source_of(const struct config_pile *p)
{
	return p->meter >= 0 ? ESRC_METER
			     : (enum energy_source)profile_info(p->profile)->energy_source;
}

/* The commands and settings that a device takes, as bits from PT_START on. */
static uint64_t writable(const struct profile *profile)
{
	uint64_t bits = 0;

	for (int p = PT_START; p < PT_COUNT_ && p - PT_START < 64; p++) {
		if (profile_writes(profile, (enum point)p)) {
			bits |= UINT64_C(1) << (p - PT_START);
		}
	}
	return bits;
}

static void fill_gun(const struct config *c, const struct config_pile *p, uint16_t pile, int number)
{
	const struct profile_info *info = profile_info(p->profile);
	struct gun_cfg *gun = &c->more->site_guns[p->first_gun + number - 1];

	snprintf(gun->id, sizeof gun->id, "%.15s.%u", p->id, (unsigned)(uint8_t)number);
	gun->pile = pile;
	gun->number = (uint16_t)number;
	gun->max_w = p->max_w;
	gun->min_w = p->min_w;
	gun->phases = p->phases;
	gun->phase_of_l1 = p->phase_of_l1;
	gun->priority = p->priority[number - 1];
	gun->source = source_of(p);
	gun->wrap_wh = info->wrap_wh;
	gun->resolution_wh = info->resolution_wh;
	gun->poll_us = p->fast_us;
	gun->has_session_no = profile_reads(p->profile, PT_SESSION_NO);
	gun->has_plug_no = profile_reads(p->profile, PT_PLUG_NO);
	gun->has_session_wh = profile_reads(p->profile, PT_SESSION_WH);
	gun->has_plugged = profile_reads(p->profile, PT_PLUGGED);
	if (p->meter >= 0) {
		const struct profile_info *meter = profile_info(c->meters[p->meter].profile);

		gun->meter = (uint16_t)p->meter;
		gun->wrap_wh = meter->wrap_wh;
		gun->resolution_wh = meter->resolution_wh;
	}
}

static void fill_pile(const struct config *c, uint16_t index)
{
	const struct config_pile *p = &c->piles[index];
	struct pile_cfg *out = &c->more->site_piles[index];
	bool per_gun_w = profile_writes_gun(p->profile, 1, PT_LIMIT_W);
	bool per_gun_ma = profile_writes_gun(p->profile, 1, PT_LIMIT_MA);

	snprintf(out->id, sizeof out->id, "%s", p->id);
	out->dc = profile_info(p->profile)->kind == DEVICE_DC_PILE;
	out->rated_w = p->rated_w;
	out->first_gun = p->first_gun;
	out->gun_count = (uint16_t)p->guns;
	out->feeder = p->feeder;
	out->bus = p->bus;
	out->writable = writable(p->profile);
	out->limit_w = profile_writes(p->profile, PT_LIMIT_W);
	out->limit_ma = profile_writes(p->profile, PT_LIMIT_MA);
	snprintf(out->tariff, sizeof out->tariff, "%s", p->tariff);
	out->on_loss = p->loss.kind;
	out->watchdog_fixed = !profile_writes(p->profile, PT_WATCHDOG_S);
	out->watchdog_of_gun = !profile_writes_gun(p->profile, 0, PT_WATCHDOG_S);
	out->failsafe_of_gun = !profile_writes_gun(p->profile, 0, p->loss.point);
	out->lease_read = (out->watchdog_fixed || profile_reads(p->profile, PT_WATCHDOG_S)) &&
			  profile_reads(p->profile, p->loss.point);
	out->watchdog_s = p->loss.watchdog_s;
	out->failsafe_w = p->loss.failsafe_w;
	out->failsafe_value = p->loss.value;
	out->failsafe_ma = p->loss.point == PT_FAILSAFE_MA;
	out->limit_per_pile = (out->limit_w || out->limit_ma) && !per_gun_w && !per_gun_ma;
	for (int n = 1; n <= p->guns; n++) {
		fill_gun(c, p, index, n);
	}
}

static struct config_profile *profile_slot(const struct config *c, const struct profile *profile)
{
	for (size_t i = 0; i < c->more->profile_count; i++) {
		if (c->more->profiles[i].profile == profile) {
			return &c->more->profiles[i];
		}
	}
	return NULL;
}

static void add_unit(const struct config *c, size_t *n, struct config_unit unit, int64_t fast_us,
	int64_t slow_us)
{
	const struct profile_info *info = profile_info(unit.profile);
	const struct config_profile *slot = profile_slot(c, unit.profile);

	c->more->units[*n] = unit;
	c->more->plan_units[*n] = (struct plan_unit_cfg){.unit = unit.unit,
		.ranges = slot->ranges,
		.range_count = slot->range_count,
		.max_read = info->max_read,
		.max_gap = info->max_gap,
		.single = info->single,
		.fast_us = fast_us,
		.slow_us = slow_us,
		.pause_us = info->pause_us};
	(*n)++;
}

static void fill_units(const struct config *c, size_t bus, size_t *n)
{
	for (size_t i = 0; i < c->pile_count; i++) {
		const struct config_pile *p = &c->piles[i];
		bool each = profile_info(p->profile)->unit_each;

		for (int k = 0; p->bus == bus && k < (each ? p->guns : 1); k++) {
			add_unit(c, n,
				(struct config_unit){.profile = p->profile,
					.index = (uint16_t)i,
					.unit = (uint8_t)(p->unit + k),
					.gun = (uint8_t)(each ? k + 1 : 0)},
				p->fast_us, p->slow_us);
		}
	}
	for (size_t i = 0; i < c->meter_count; i++) {
		const struct config_meter *m = &c->meters[i];

		if (m->bus == bus) {
			add_unit(c, n,
				(struct config_unit){.profile = m->profile,
					.meter = true,
					.index = (uint16_t)i,
					.unit = m->unit},
				m->fast_us, m->slow_us);
		}
	}
}

int config_tabulate(struct config *c)
{
	struct config_more *m = c->more;
	size_t units = c->gun_count + c->pile_count + c->meter_count + 1, n = 0;

	m->site_piles = calloc(c->pile_count + 1, sizeof *m->site_piles);
	m->site_guns = calloc(c->gun_count + 1, sizeof *m->site_guns);
	m->site_meters = calloc(c->meter_count + 1, sizeof *m->site_meters);
	m->site_buses = calloc(c->bus_count + 1, sizeof *m->site_buses);
	m->site_feeders = calloc(c->feeder_count + 1, sizeof *m->site_feeders);
	m->units = calloc(units, sizeof *m->units);
	m->plan_units = calloc(units, sizeof *m->plan_units);
	m->bus_first = calloc(c->bus_count + 1, sizeof *m->bus_first);
	if (m->site_piles == NULL || m->site_guns == NULL || m->site_meters == NULL ||
		m->site_feeders == NULL || m->site_buses == NULL || m->units == NULL ||
		m->plan_units == NULL || m->bus_first == NULL) {
		return ERR_NOMEM;
	}
	for (size_t i = 0; i < c->pile_count; i++) {
		fill_pile(c, (uint16_t)i);
	}
	for (size_t i = 0; i < c->meter_count; i++) {
		snprintf(m->site_meters[i].id, sizeof m->site_meters[i].id, "%s", c->meters[i].id);
		m->site_meters[i].role = c->meters[i].role;
		m->site_meters[i].feeder = c->meters[i].feeder;
		m->site_meters[i].bus = c->meters[i].bus;
		m->site_meters[i].poll_us = c->meters[i].fast_us;
	}
	for (size_t i = 0; i < c->feeder_count; i++) {
		snprintf(m->site_feeders[i].id, sizeof m->site_feeders[i].id, "%s",
			c->feeders[i].id);
		m->site_feeders[i].limit_ma = c->feeders[i].limit_ma;
		m->site_feeders[i].worst_va = c->feeders[i].worst_va;
	}
	for (size_t bus = 0; bus < c->bus_count; bus++) {
		snprintf(m->site_buses[bus].id, sizeof m->site_buses[bus].id, "bus:%s",
			c->buses[bus].id);
		m->bus_first[bus] = n;
		fill_units(c, bus, &n);
	}
	m->bus_first[c->bus_count] = n;
	return 0;
}

void config_site_cfg(const struct config *c, struct site_cfg *out)
{
	memset(out, 0, sizeof *out);
	snprintf(out->id, sizeof out->id, "%s", c->id);
	snprintf(out->name, sizeof out->name, "%s", c->name);
	out->rated_va = c->rated_va;
	out->limit_va = c->limit_va;
	out->load = c->load;
	out->billing = c->billing.core;
	out->zone = c->zone;
	out->command_timeout_us = c->command_timeout_us;
	out->stale_us = c->stale_us;
	out->piles = c->more->site_piles;
	out->guns = c->more->site_guns;
	out->meters = c->more->site_meters;
	out->feeders = c->more->site_feeders;
	out->stops = c->inputs;
	out->buses = c->more->site_buses;
	out->bus_count = (uint16_t)c->bus_count;
	out->rules = c->rules;
	out->rule_count = (uint16_t)c->rule_count;
	out->alarms = c->alarms;
	out->stop_count = (uint16_t)c->input_count;
	out->pile_count = (uint16_t)c->pile_count;
	out->gun_count = (uint16_t)c->gun_count;
	out->meter_count = (uint16_t)c->meter_count;
	out->feeder_count = (uint16_t)c->feeder_count;
}

size_t config_bus_plan(
	const struct config *c, size_t bus, struct plan_cfg *plan, const struct config_unit **units)
{
	const struct config_more *m = c->more;
	size_t first = m->bus_first[bus], count = m->bus_first[bus + 1] - first;

	memset(plan, 0, sizeof *plan);
	plan->units = m->plan_units + first;
	plan->unit_count = count;
	plan->timeout_us = c->buses[bus].timeout_us;
	plan->backoff_max_us = 60 * US_PER_S;
	*units = m->units + first;
	return count;
}

struct target config_target(const struct config *c, const struct config_unit *unit, int gun)
{
	const struct config_pile *p;

	if (unit->meter) {
		return (struct target){TGT_METER, unit->index};
	}
	p = &c->piles[unit->index];
	if (gun == 0) {
		return (struct target){TGT_PILE, unit->index};
	}
	return (struct target){
		TGT_GUN, (uint16_t)(p->first_gun + (unit->gun > 0 ? unit->gun : gun) - 1)};
}

/* The unit of a pile (of its gun) in the order of the plan of its bus. */
static int find_unit(const struct config *c, uint16_t pile, int gun, uint16_t *bus, uint16_t *unit)
{
	const struct config_more *m = c->more;

	*bus = c->piles[pile].bus;
	for (size_t i = m->bus_first[*bus]; i < m->bus_first[*bus + 1]; i++) {
		if (!m->units[i].meter && m->units[i].index == pile &&
			(m->units[i].gun == 0 || gun == 0 || m->units[i].gun == gun)) {
			*unit = (uint16_t)(i - m->bus_first[*bus]);
			return 0;
		}
	}
	return ERR_NOTFOUND;
}

int config_route(const struct config *c, struct target target, enum point p, uint16_t *bus,
	uint16_t *unit, int *gun)
{
	const struct gun_cfg *site_gun;
	const struct config_pile *pile;
	uint16_t index;
	int number = 0;

	if (target.kind == TGT_GUN && target.index < c->gun_count) {
		site_gun = &c->more->site_guns[target.index];
		index = site_gun->pile;
		number = site_gun->number;
	} else if (target.kind == TGT_PILE && target.index < c->pile_count) {
		index = target.index;
	} else {
		return ERR_NOTFOUND;
	}
	pile = &c->piles[index];
	*gun = profile_info(pile->profile)->unit_each && number > 0 ? 1 : number;
	if (!profile_writes_gun(pile->profile, *gun, p)) {
		if (*gun == 0 && pile->guns == 1 && profile_writes_gun(pile->profile, 1, p)) {
			*gun = 1; /* a pile of one gun is its gun */
		} else if (*gun > 0 && profile_writes_gun(pile->profile, 0, p)) {
			*gun = 0;
		} else {
			return ERR_UNSUPPORTED;
		}
	}
	return find_unit(c, index, number, bus, unit);
}
