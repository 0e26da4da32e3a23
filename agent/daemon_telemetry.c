#include "daemon_int.h"

#include <stdlib.h>

/* The series of the store: guns, then meters, in the order of the configuration. */
int daemon_series(struct daemon *d, const char *const **ids)
{
	struct site_cfg cfg;
	size_t count = d->config->gun_count + d->config->meter_count;
	const char **names = calloc(count + 1, sizeof *names);
	struct series *series = calloc(count + 1, sizeof *series);
	size_t n = 0;

	config_site_cfg(d->config, wall_now(), &cfg);
	if (names == NULL || series == NULL) {
		free(names);
		free(series);
		return ERR_NOMEM;
	}
	for (uint16_t i = 0; i < cfg.gun_count; i++) {
		names[n] = cfg.guns[i].id;
		series[n++].target = (struct target){TGT_GUN, i};
	}
	for (uint16_t i = 0; i < cfg.meter_count; i++) {
		names[n] = cfg.meters[i].id;
		series[n++].target = (struct target){TGT_METER, i};
	}
	free(d->series);
	d->series = series;
	d->series_count = n;
	*ids = names;
	return 0;
}

/* A row's time is the whole second in which it is taken: times on a grid cost nothing on disk,
 * and each series is polled at most once a second or so. */
static void store_row(struct daemon *d, size_t i, struct moment now)
{
	struct series *s = &d->series[i];
	struct store_value values[FIELD_TELEMETRY];
	int64_t sec = now.wall.ms / MS_PER_S;
	int64_t newest_us = s->last_us;
	size_t count;
	const enum point *points = field_telemetry_points(s->target.kind, &count);

	if (sec <= s->last_sec) {
		return;
	}
	for (size_t p = 0; p < count; p++) {
		struct reading r = site_reading(d->site, s->target, points[p]);

		values[p] = (struct store_value){(uint16_t)points[p], (uint16_t)r.quality, r.value};
		if (r.quality != Q_NONE && r.at.us > newest_us) {
			newest_us = r.at.us;
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

void daemon_telemetry(struct daemon *d, struct moment now)
{
	for (size_t i = 0; i < d->series_count; i++) {
		store_row(d, i, now);
	}
}
