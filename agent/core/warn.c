#include "warn.h"

#include "alarm.h"

static const struct {
	const char *unit; /* of a thousand */
	bool rising;
	int64_t limit, from;
	int64_t code;
} warns[WARN_COUNT_] = {
#define UNIT_MC  "C"
#define UNIT_MV  "V"
#define UNIT_OHM "kohm"
#define WARN(sym, key, unit, rising, limit, from, fault) \
	[WARN_##sym] = {unit, rising, limit, from, FAULT_##fault},
#include "warn.def"
#undef WARN
#undef UNIT_MC
#undef UNIT_MV
#undef UNIT_OHM
};

static int64_t dead_of(const struct site *site, int64_t code, int64_t limit)
{
	int64_t pm = WARN_DEAD_PM;

	for (uint16_t i = 0; i < site->cfg.rule_count; i++) {
		if (alarm_rule(site, i)->code == code && alarm_rule(site, i)->dead_pm > 0) {
			pm = alarm_rule(site, i)->dead_pm;
		}
	}
	return limit * pm / 1000;
}

/* `x` is beyond `y` on the way to the limit. */
static bool beyond(bool rising, int64_t x, int64_t y)
{
	return rising ? x >= y : x <= y;
}

static bool warns_now(const struct core *c, enum warn w, const struct trend *t, bool already,
	char *detail, size_t size)
{
	const struct alarm_cfg *cfg = &c->site->cfg.alarms;
	int64_t limit = cfg->warn[w].limit != 0 ? cfg->warn[w].limit : warns[w].limit;
	int64_t from = cfg->warn[w].from != 0 ? cfg->warn[w].from : warns[w].from;
	int64_t horizon_s = (cfg->horizon_us > 0 ? cfg->horizon_us : WARN_HORIZON_US) / US_PER_S;
	int64_t dead = dead_of(c->site, warns[w].code, limit), level, per_hour, left_s;
	bool rising = warns[w].rising;

	if (!trend_line(t, c->now.mono.us / US_PER_S, &level, &per_hour)) {
		return false;
	}
	left_s = trend_left_s(level, per_hour, limit, rising);
	if (already) {
		from += rising ? -dead : dead;
		horizon_s *= 2;
	}
	if (!beyond(rising, level, from) || left_s > horizon_s) {
		return false;
	}
	core_text(detail, size, "%lld %s, limit %lld, %+lld an hour: in %lld min",
		(long long)(level / 1000), warns[w].unit, (long long)(limit / 1000),
		(long long)(per_hour / 1000), (long long)((left_s + 59) / 60));
	return true;
}

static void judge(struct core *c, struct target target, enum warn w, const struct trend *t)
{
	int slot = alarm_slot((enum target_kind)target.kind, warns[w].code);
	size_t count;
	const struct fault *f = alarm_slots(c->site, target, &count);
	char detail[80];
	bool on;

	if (!core_room(c, GUN_ROOM)) {
		return;
	}
	on = warns_now(c, w, t, f[slot].code != FAULT_NONE, detail, sizeof detail);
	alarm_target(c, target, slot, on ? warns[w].code : FAULT_NONE, on ? detail : "");
}

/* Takes the value of several points that is nearest to the limit. */
static void take(struct core *c, const struct cells *cells, const enum point *points, size_t count,
	bool rising, struct trend *t)
{
	int64_t worst = 0, at_us = 0, v;
	bool known = false;

	for (size_t i = 0; i < count; i++) {
		if (!cells_good(cells, points[i], &v) ||
			c->now.mono.us - cells->cell[points[i]].at_us > c->site->cfg.stale_us) {
			continue;
		}
		if (!known || beyond(rising, v, worst)) {
			worst = v;
			at_us = cells->cell[points[i]].at_us;
		}
		known = true;
	}
	if (known) {
		trend_take(t, at_us / US_PER_S, worst);
	}
}

void warn_gun(struct core *c, uint16_t i)
{
	static const enum point temps[] = {PT_TEMP, PT_TEMP2, PT_TEMP3};
	static const enum point insulation[] = {PT_INSULATION};
	struct gun *g = gun_of(c->site, i);
	struct target target = {TGT_GUN, i};

	take(c, &g->cells, temps, 3, true, &g->temp);
	judge(c, target, WARN_GUN_TEMP, &g->temp);
	take(c, &g->cells, insulation, 1, false, &g->insulation);
	judge(c, target, WARN_INSULATION, &g->insulation);
}

void warn_pile(struct core *c, uint16_t i)
{
	static const enum point temps[] = {PT_TEMP, PT_TEMP2, PT_TEMP3};
	struct dev *u = pile_of(c->site, i);

	take(c, &u->cells, temps, 3, true, &u->temp);
	judge(c, (struct target){TGT_PILE, i}, WARN_PILE_TEMP, &u->temp);
}

void warn_meter(struct core *c, uint16_t i)
{
	static const enum point temps[] = {PT_TEMP, PT_TEMP2, PT_TEMP3, PT_TEMP4};
	static const enum point volts[] = {PT_VOLTAGE_L1, PT_VOLTAGE_L2, PT_VOLTAGE_L3};
	enum meter_role role = meter_cfg(c->site, i)->role;
	struct dev *u = meter_of(c->site, i);
	struct target target = {TGT_METER, i};

	if (role == METER_TRANSFORMER) {
		take(c, &u->cells, temps, 4, true, &u->temp);
		judge(c, target, WARN_TRANSFORMER_TEMP, &u->temp);
	}
	if (role == METER_TRANSFORMER || role == METER_FEEDER) {
		take(c, &u->cells, volts, 3, true, &u->high);
		judge(c, target, WARN_VOLTAGE_HIGH, &u->high);
		take(c, &u->cells, volts, 3, false, &u->low);
		judge(c, target, WARN_VOLTAGE_LOW, &u->low);
	}
}
