#include "mains.h"

#include "command.h"
#include "watch.h"

bool mains_fresh(const struct core *c, const struct cells *cells, enum point p)
{
	int64_t v;

	return cells_good(cells, p, &v) &&
	       c->now.mono.us - cells->cell[p].at_us <= c->site->cfg.stale_us;
}

/* Apparent power is negative when it flows back: the sign is that of the active power. */
static int64_t signed_va(const struct cells *cells, enum point power, int64_t va)
{
	int64_t w = 0;

	va = va < 0 ? -va : va;
	return cells_good(cells, power, &w) && w < 0 ? -va : va;
}

/* Apparent power of a phase, with its sign. */
static bool phase_va(const struct core *c, const struct cells *cells, int l, int64_t *va)
{
	static const enum point s[] = {PT_APPARENT_L1, PT_APPARENT_L2, PT_APPARENT_L3};
	static const enum point p[] = {PT_POWER_L1, PT_POWER_L2, PT_POWER_L3};
	static const enum point v[] = {PT_VOLTAGE_L1, PT_VOLTAGE_L2, PT_VOLTAGE_L3};
	static const enum point i[] = {PT_CURRENT_L1, PT_CURRENT_L2, PT_CURRENT_L3};

	if (mains_fresh(c, cells, s[l])) {
		*va = cells->cell[s[l]].value;
	} else if (mains_fresh(c, cells, v[l]) && mains_fresh(c, cells, i[l])) {
		*va = cells->cell[v[l]].value / 100 * (cells->cell[i[l]].value / 10) / 1000;
	} else {
		return false;
	}
	*va = signed_va(cells, p[l], *va);
	return true;
}

/* What the guns under a feeder take surely; under all of them: -1. */
static int64_t guns_va(const struct site *site, int feeder)
{
	int64_t sum = 0;

	for (uint16_t i = 0; i < site->cfg.gun_count; i++) {
		const struct limit_gun *g = grant_of(site, i);

		if (g->measured &&
			(feeder < 0 || pile_cfg(site, gun_cfg(site, i)->pile)->feeder == feeder)) {
			sum += g->low_w * g->va_pm / 1000;
		}
	}
	return sum;
}

int64_t mains_slack_va(const struct site *site, int feeder)
{
	return feeder < 0 ? watch_slack_va(site)
			  : ALLOC_PHASES * feeder_cfg(site, (size_t)feeder)->limit_ma * NOMINAL_V /
					    1000 / 50 +
				    500;
}

/* A meter that stands still while its guns move is not believed, nor one that reads less than they
 * take (unless a plant may feed back), nor exactly 0 on all phases where there is other load: its
 * current transformers are off. */
static bool believable(const struct core *c, const struct limit_meter *meter,
	const int64_t va[ALLOC_LIMITS], int feeder)
{
	bool zero = va[0] == 0 && va[1] == 0 && va[2] == 0;

	if ((feeder < 0 ? c->site->h.still.on : feeder_of(c->site, (size_t)feeder)->still.on) ||
		(zero && meter->worst_va[ALLOC_SUM] > 0)) {
		return false;
	}
	return c->site->cfg.load.generation ||
	       va[ALLOC_SUM] + mains_slack_va(c->site, feeder) >= guns_va(c->site, feeder);
}

static void read_meter(struct core *c, uint16_t i, struct limit_meter *meter, int feeder)
{
	const struct cells *cells = &meter_of(c->site, i)->cells;
	int64_t va[ALLOC_LIMITS] = {0}, at_us = meter_of(c->site, i)->seen_us;
	bool whole = true;

	for (int l = 0; l < ALLOC_PHASES; l++) {
		whole = phase_va(c, cells, l, &va[l]) && whole;
		va[ALLOC_SUM] += va[l];
	}
	if (mains_fresh(c, cells, PT_APPARENT)) {
		va[ALLOC_SUM] = signed_va(cells, PT_POWER, cells->cell[PT_APPARENT].value);
		at_us = cells->cell[PT_APPARENT].at_us;
	}
	if (!whole || at_us == meter->at.us) {
		return;
	}
	meter->known = 1;
	meter->believed = believable(c, meter, va, feeder);
	meter->at.us = at_us;
	memcpy(meter->va, va, sizeof meter->va);
}

void mains_read(struct core *c)
{
	bool root = false;

	for (uint16_t i = 0; i < c->site->cfg.meter_count; i++) {
		const struct meter_cfg *cfg = meter_cfg(c->site, i);

		if (cfg->role == METER_TRANSFORMER && !root) {
			read_meter(c, i, &c->site->h.meter, -1);
			root = true;
		} else if (cfg->role == METER_FEEDER && cfg->feeder >= 0) {
			read_meter(c, i, &feeds_of(c->site)[cfg->feeder].meter, cfg->feeder);
		}
	}
}
