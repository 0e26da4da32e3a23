/* What is measured, into the history: a series for each gun, meter, pile with several guns, and the
 * site. */
#include "internal.h"

#include <stdlib.h>

/* The series of the store: guns, then meters, in the order of the configuration; then the power of
 * the guns of each pile that has several, and of all: their peaks cannot be told from the guns'. */
int plant_series(struct plant *plant)
{
	size_t count = plant->config->gun_count + plant->config->meter_count +
		       plant->config->pile_count + 1;
	struct site_cfg cfg;
	size_t n = 0;

	config_site_cfg(plant->config, &cfg);
	plant->series_ids = calloc(count + 1, sizeof *plant->series_ids);
	plant->series = calloc(count + 1, sizeof *plant->series);
	if (plant->series_ids == NULL || plant->series == NULL) {
		return ERR_NOMEM;
	}
	for (uint16_t i = 0; i < cfg.gun_count; i++, n++) {
		plant->series_ids[n] = cfg.guns[i].id;
		plant->series[n].target = (struct target){TGT_GUN, i};
	}
	for (uint16_t i = 0; i < cfg.meter_count; i++, n++) {
		plant->series_ids[n] = cfg.meters[i].id;
		plant->series[n].target = (struct target){TGT_METER, i};
	}
	for (uint16_t i = 0; i < cfg.pile_count; i++) {
		if (cfg.piles[i].gun_count > 1) {
			plant->series_ids[n] = cfg.piles[i].id;
			plant->series[n++].target = (struct target){TGT_PILE, i};
		}
	}
	plant->series_ids[n] = "site";
	plant->series[n++].target = (struct target){TGT_SITE, 0};
	plant->series_count = n;
	return 0;
}

/* The load of the transformer is kept as it is shown, also of a meter without a register for it. */
static void fill_load(struct daemon *d, const struct series *s, struct moment now,
	const struct reading *r, struct store_value *value)
{
	struct view_site site;

	if (r->quality != Q_NONE || s->target.kind != TGT_METER ||
		d->plant.config->meters[s->target.index].role != METER_TRANSFORMER) {
		return;
	}
	site_view(d->plant.site, now, &site);
	if (site.load_va != VALUE_NONE) {
		value->quality = Q_SUBSTITUTE;
		value->value = site.load_va;
	}
}

/* A row's time is the whole second in which it is taken: times on a grid cost nothing on disk,
 * and each series is polled at most once a second or so. */
static void store_row(struct daemon *d, size_t i, struct moment now)
{
	struct series *s = &d->plant.series[i];
	struct store_value values[FIELD_TELEMETRY];
	int64_t sec = now.wall.ms / MS_PER_S;
	int64_t newest_us = s->last_us;
	size_t count;
	const enum point *points = field_telemetry_points(s->target.kind, &count);

	if (sec <= s->last_sec) {
		return;
	}
	for (size_t p = 0; p < count; p++) {
		struct reading r = site_reading(d->plant.site, s->target, points[p]);

		values[p] = (struct store_value){(uint16_t)points[p], (uint16_t)r.quality, r.value};
		if (r.quality != Q_NONE && r.at.us > newest_us) {
			newest_us = r.at.us;
		}
		if (points[p] == PT_APPARENT) {
			fill_load(d, s, now, &r, &values[p]);
		}
	}
	if (newest_us == s->last_us) {
		return; /* nothing was read since the last row */
	}
	if (store_telemetry(d->store, i, (struct wall){sec * MS_PER_S}, values, count) == 0) {
		s->last_us = newest_us;
		s->last_sec = sec;
	}
}

static void store_power(struct daemon *d, size_t i, struct moment now)
{
	struct series *s = &d->plant.series[i];
	struct store_value power = {PT_POWER, Q_GOOD, VALUE_NONE};
	int64_t sec = now.wall.ms / MS_PER_S;

	if (s->target.kind == TGT_PILE) {
		struct view_pile pile;

		site_view_pile(d->plant.site, s->target.index, now, &pile);
		power.value = pile.power_w;
	} else {
		struct view_site site;

		site_view(d->plant.site, now, &site);
		power.value = site.guns_w;
	}
	if (sec > s->last_sec && power.value != VALUE_NONE &&
		store_telemetry(d->store, i, (struct wall){sec * MS_PER_S}, &power, 1) == 0) {
		s->last_sec = sec;
	}
}

void daemon_telemetry(struct daemon *d, struct moment now)
{
	for (size_t i = 0; i < d->plant.series_count; i++) {
		uint16_t kind = d->plant.series[i].target.kind;

		if (kind == TGT_PILE || kind == TGT_SITE) {
			store_power(d, i, now);
		} else {
			store_row(d, i, now);
		}
	}
}
