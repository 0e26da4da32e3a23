#include "equip.h"

#include <stdlib.h>
#include <string.h>

/* The longest form of each entry in bytes, generously. */
#define ENTRY_MAX 256

static void pack_pile(struct pack *p, struct pile_cfg *c)
{
	uint8_t on_loss = (uint8_t)c->on_loss;

	pack_text(p, c->id, sizeof c->id);
	pack_bool(p, &c->dc);
	pack_int(p, &c->rated_w);
	pack_u16(p, &c->first_gun);
	pack_u16(p, &c->gun_count);
	pack_i16(p, &c->feeder);
	pack_u16(p, &c->bus);
	pack_u64(p, &c->writable);
	pack_bool(p, &c->limit_w);
	pack_bool(p, &c->limit_ma);
	pack_bool(p, &c->limit_per_pile);
	pack_u8(p, &on_loss);
	c->on_loss = (enum agent_loss)on_loss;
	pack_bool(p, &c->watchdog_fixed);
	pack_bool(p, &c->watchdog_of_gun);
	pack_bool(p, &c->failsafe_of_gun);
	pack_bool(p, &c->lease_read);
	pack_int(p, &c->watchdog_s);
	pack_int(p, &c->failsafe_w);
	pack_int(p, &c->failsafe_value);
	pack_bool(p, &c->failsafe_ma);
	pack_text(p, c->tariff, sizeof c->tariff);
}

static void pack_gun(struct pack *p, struct gun_cfg *c)
{
	uint8_t source = (uint8_t)c->source;

	pack_text(p, c->id, sizeof c->id);
	pack_u16(p, &c->pile);
	pack_u16(p, &c->number);
	pack_int(p, &c->max_w);
	pack_int(p, &c->min_w);
	pack_u8(p, &c->phases);
	pack_u8(p, &c->phase_of_l1);
	pack_u8(p, &c->priority);
	pack_u8(p, &source);
	c->source = (enum energy_source)source;
	pack_int(p, &c->wrap_wh);
	pack_int(p, &c->resolution_wh);
	pack_int(p, &c->poll_us);
	pack_bool(p, &c->has_session_no);
	pack_bool(p, &c->has_plug_no);
	pack_bool(p, &c->has_session_wh);
	pack_bool(p, &c->has_plugged);
	pack_u16(p, &c->meter);
}

static void pack_meter(struct pack *p, struct meter_cfg *c)
{
	uint8_t role = (uint8_t)c->role;

	pack_text(p, c->id, sizeof c->id);
	pack_u8(p, &role);
	c->role = (enum meter_role)role;
	pack_i16(p, &c->feeder);
	pack_u16(p, &c->bus);
	pack_int(p, &c->poll_us);
}

static void pack_feeder(struct pack *p, struct feeder_cfg *c)
{
	pack_text(p, c->id, sizeof c->id);
	pack_int(p, &c->limit_ma);
	pack_int(p, &c->worst_va);
}

static void pack_target(struct pack *p, struct target *t)
{
	pack_u16(p, &t->kind);
	pack_u16(p, &t->index);
}

static void pack_stop(struct pack *p, struct stop_cfg *c)
{
	pack_text(p, c->id, sizeof c->id);
	pack_target(p, &c->unit);
	pack_target(p, &c->group);
	pack_u8(p, &c->bit);
	pack_u8(p, &c->active);
	pack_u8(p, &c->silence);
}

static void pack_i32(struct pack *p, int32_t *value)
{
	int64_t v = *value;

	pack_int(p, &v);
	*value = (int32_t)v;
}

static void pack_load(struct pack *p, struct load_cfg *c)
{
	pack_bool(p, &c->managed);
	pack_bool(p, &c->admission);
	pack_bool(p, &c->fair);
	pack_bool(p, &c->laxity);
	pack_bool(p, &c->half_for_session);
	pack_bool(p, &c->generation);
	pack_i32(p, &c->target_pm);
	pack_i32(p, &c->half_pm);
	pack_i32(p, &c->stop_pm);
	pack_i32(p, &c->share_pm);
	pack_i32(p, &c->hysteresis_pm);
	pack_int(p, &c->worst_va);
	pack_int(p, &c->battery_wh);
}

static void pack_bus(struct pack *p, struct site_bus_cfg *c)
{
	pack_text(p, c->id, sizeof c->id);
}

static void pack_rule(struct pack *p, struct alarm_rule *c)
{
	pack_u16(p, &c->code);
	pack_bool(p, &c->latching);
	pack_i32(p, &c->dead_pm);
	pack_int(p, &c->on_us);
	pack_int(p, &c->off_us);
}

static void pack_alarms(struct pack *p, struct alarm_cfg *c)
{
	pack_i32(p, &c->chatter_count);
	pack_int(p, &c->chatter_us);
	pack_i32(p, &c->flood_count);
	for (int i = 0; i < WARN_COUNT_; i++) {
		pack_int(p, &c->warn[i].limit);
		pack_int(p, &c->warn[i].from);
	}
	pack_int(p, &c->horizon_us);
}

/* Entries of one array, each through a copy: what is written may be constant. Reading stops at
 * the room that `count` says. */
#define PACK_ARRAY(p, cfg, array, count, type, pack_entry)                                      \
	do {                                                                                    \
		uint16_t n_ = (cfg)->count;                                                     \
		pack_u16(p, &n_);                                                               \
		if (n_ > (cfg)->count) {                                                        \
			(p)->bad = true;                                                        \
			n_ = 0;                                                                 \
		}                                                                               \
		(cfg)->count = n_;                                                              \
		for (uint16_t i_ = 0; i_ < n_; i_++) {                                          \
			type e_;                                                                \
                                                                                                \
			memcpy(&e_, &(cfg)->array[i_], sizeof e_);                              \
			pack_entry(p, &e_);                                                     \
			if ((p)->reading) {                                                     \
				memcpy((void *)(uintptr_t) & (cfg)->array[i_], &e_, sizeof e_); \
			}                                                                       \
		}                                                                               \
	} while (0)

static void pack_billing(struct pack *p, struct billing_cfg *c)
{
	pack_bool(p, &c->on);
	pack_u8(p, &c->unpaid);
	pack_text(p, c->tariff, sizeof c->tariff);
	pack_int(p, &c->stop_lag_us);
	pack_int(p, &c->timeout_us);
	pack_int(p, &c->reserve_lead_us);
}

static void pack_zone(struct pack *p, struct zone_rules *z)
{
	pack_int(p, &z->count);
	if (p->reading && (z->count < 0 || z->count > ZONE_RULES_MAX)) {
		p->bad = true;
		z->count = 0;
	}
	for (int64_t i = 0; i < z->count; i++) {
		pack_int(p, &z->rule[i].from_ms);
		pack_int(p, &z->rule[i].offset_s);
	}
}

void equip_pack(struct pack *p, struct site_cfg *cfg)
{
	pack_text(p, cfg->id, sizeof cfg->id);
	pack_text(p, cfg->name, sizeof cfg->name);
	pack_int(p, &cfg->rated_va);
	pack_int(p, &cfg->limit_va);
	pack_zone(p, &cfg->zone);
	pack_int(p, &cfg->command_timeout_us);
	pack_int(p, &cfg->stale_us);
	pack_load(p, &cfg->load);
	pack_billing(p, &cfg->billing);
	pack_text(p, cfg->boot_id, sizeof cfg->boot_id);
	PACK_ARRAY(p, cfg, piles, pile_count, struct pile_cfg, pack_pile);
	PACK_ARRAY(p, cfg, guns, gun_count, struct gun_cfg, pack_gun);
	PACK_ARRAY(p, cfg, meters, meter_count, struct meter_cfg, pack_meter);
	PACK_ARRAY(p, cfg, feeders, feeder_count, struct feeder_cfg, pack_feeder);
	PACK_ARRAY(p, cfg, stops, stop_count, struct stop_cfg, pack_stop);
	PACK_ARRAY(p, cfg, buses, bus_count, struct site_bus_cfg, pack_bus);
	PACK_ARRAY(p, cfg, rules, rule_count, struct alarm_rule, pack_rule);
	pack_alarms(p, &cfg->alarms);
}

static bool target_fits(const struct site_cfg *cfg, struct target t)
{
	switch ((enum target_kind)t.kind) {
	case TGT_SITE:
		return t.index == 0;
	case TGT_PILE:
		return t.index < cfg->pile_count;
	case TGT_GUN:
		return t.index < cfg->gun_count;
	case TGT_METER:
		return t.index < cfg->meter_count;
	case TGT_FEEDER:
		return t.index < cfg->feeder_count;
	case TGT_BUS:
		break;
	}
	return false;
}

static bool billing_fits(const struct billing_cfg *c)
{
	return c->unpaid <= UNPAID_UNKNOWN && c->stop_lag_us >= 0 &&
	       c->stop_lag_us <= 600 * US_PER_S && c->timeout_us >= 0 &&
	       c->timeout_us <= 600 * US_PER_S && c->reserve_lead_us >= 0 &&
	       c->reserve_lead_us <= INT64_C(86400) * US_PER_S;
}

int equip_check(const struct site_cfg *cfg)
{
	if (cfg->pile_count > SITE_PILES_MAX || cfg->gun_count > SITE_GUNS_MAX ||
		cfg->meter_count > SITE_METERS_MAX || cfg->feeder_count > SITE_FEEDERS_MAX ||
		cfg->stop_count > SITE_STOPS_MAX || cfg->bus_count > SITE_BUSES_MAX ||
		cfg->rule_count > SITE_RULES_MAX || !zone_rules_good(&cfg->zone) ||
		!billing_fits(&cfg->billing) || cfg->stale_us < 0 || cfg->command_timeout_us < 0) {
		return ERR_INVAL;
	}
	for (uint16_t i = 0; i < cfg->pile_count; i++) {
		const struct pile_cfg *p = &cfg->piles[i];

		if (p->first_gun + p->gun_count > cfg->gun_count || p->feeder < -1 ||
			p->feeder >= (int)cfg->feeder_count ||
			(cfg->bus_count > 0 && p->bus >= cfg->bus_count) ||
			p->on_loss > LOSS_HOLD || p->watchdog_s < 0 ||
			p->watchdog_s > SITE_WATCHDOG_MAX_S || p->failsafe_w < 0 ||
			p->failsafe_w > SITE_POWER_MAX_W) {
			return ERR_INVAL;
		}
	}
	for (uint16_t i = 0; i < cfg->gun_count; i++) {
		const struct gun_cfg *g = &cfg->guns[i];

		if (g->pile >= cfg->pile_count || g->priority >= PRIO_COUNT_ ||
			g->source > ESRC_NONE || g->max_w < 0 || g->max_w > SITE_POWER_MAX_W ||
			g->resolution_wh < 0 || g->wrap_wh < 0 ||
			(g->source == ESRC_METER && g->meter >= cfg->meter_count)) {
			return ERR_INVAL;
		}
	}
	for (uint16_t i = 0; i < cfg->meter_count; i++) {
		if (cfg->meters[i].role > METER_OTHER ||
			(cfg->bus_count > 0 && cfg->meters[i].bus >= cfg->bus_count)) {
			return ERR_INVAL;
		}
	}
	for (uint16_t i = 0; i < cfg->stop_count; i++) {
		const struct stop_cfg *s = &cfg->stops[i];

		if ((s->unit.kind != TGT_METER && s->unit.kind != TGT_PILE) ||
			s->group.kind == TGT_METER || !target_fits(cfg, s->unit) ||
			!target_fits(cfg, s->group) || s->bit > 62 || s->active > 1 ||
			s->silence > SILENCE_ALARM) {
			return ERR_INVAL;
		}
	}
	for (uint16_t i = 0; i < cfg->rule_count; i++) {
		if (cfg->rules[i].on_us < 0 || cfg->rules[i].off_us < 0 ||
			cfg->rules[i].dead_pm < 0 || cfg->rules[i].dead_pm > 1000) {
			return ERR_INVAL;
		}
	}
	return 0;
}

int equip_bytes(const struct site_cfg *cfg, void **bytes, size_t *size)
{
	size_t cap =
		(12 + (size_t)cfg->pile_count + cfg->gun_count + cfg->meter_count +
			cfg->feeder_count + cfg->stop_count + cfg->bus_count + cfg->rule_count) *
		ENTRY_MAX;
	struct site_cfg copy = *cfg;
	struct pack p = pack_writer(malloc(cap), cap);

	if (p.bytes == NULL) {
		return ERR_NOMEM;
	}
	equip_pack(&p, &copy);
	if (p.bad) {
		free(p.bytes);
		return ERR_INVAL;
	}
	*bytes = p.bytes;
	*size = p.len;
	return 0;
}

int equip_from_bytes(const void *bytes, size_t size, struct site_cfg **out)
{
	struct {
		struct site_cfg cfg;
		struct pile_cfg piles[SITE_PILES_MAX];
		struct gun_cfg guns[SITE_GUNS_MAX];
		struct meter_cfg meters[SITE_METERS_MAX];
		struct feeder_cfg feeders[SITE_FEEDERS_MAX];
		struct stop_cfg stops[SITE_STOPS_MAX];
		struct site_bus_cfg buses[SITE_BUSES_MAX];
		struct alarm_rule rules[SITE_RULES_MAX];
	} *all = calloc(1, sizeof *all);
	struct pack p = pack_reader(bytes, size);

	if (all == NULL) {
		return ERR_NOMEM;
	}
	all->cfg.piles = all->piles;
	all->cfg.guns = all->guns;
	all->cfg.meters = all->meters;
	all->cfg.feeders = all->feeders;
	all->cfg.stops = all->stops;
	all->cfg.buses = all->buses;
	all->cfg.rules = all->rules;
	all->cfg.pile_count = SITE_PILES_MAX;
	all->cfg.gun_count = SITE_GUNS_MAX;
	all->cfg.meter_count = SITE_METERS_MAX;
	all->cfg.feeder_count = SITE_FEEDERS_MAX;
	all->cfg.stop_count = SITE_STOPS_MAX;
	all->cfg.bus_count = SITE_BUSES_MAX;
	all->cfg.rule_count = SITE_RULES_MAX;
	equip_pack(&p, &all->cfg);
	if (p.bad || equip_check(&all->cfg) != 0) {
		free(all);
		return ERR_CORRUPT;
	}
	*out = &all->cfg;
	return 0;
}
