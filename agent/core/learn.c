#include "learn.h"

#include "gun.h"

/* Towards a shorter lag it goes by an eighth, to a longer one at once. */
#define SLOWLY 8

static int64_t slack_w(const struct limit_gun *g)
{
	return g->max_w / 50 > 150 ? g->max_w / 50 : 150;
}

void learn_written(struct core *c, uint16_t gun)
{
	struct managed *m = managed_of(c->site, gun);
	const struct limit_gun *g = grant_of(c->site, gun);
	int64_t slack = slack_w(g), before_w = m->written_w;
	bool down = m->power_w > g->grant_w + slack;
	/* A rise tells something only of a car that takes what it may. */
	bool up =
		before_w > 0 && g->grant_w > before_w + 2 * slack && m->power_w + slack >= before_w;

	if (m->lag_from_us != 0 && before_w == g->grant_w) {
		return; /* the same once more */
	}
	m->written_w = g->grant_w;
	m->lag_from_us = g->measured && gun_of(c->site, gun)->state == GUN_CHARGING && (down || up)
				 ? c->now.mono.us
				 : 0;
	m->lag_down = down;
}

void learn_power(const struct site *site, uint16_t gun)
{
	struct managed *m = managed_of(site, gun);
	struct limit_gun *g = grant_of(site, gun);
	int64_t took_us = m->power_at_us - m->lag_from_us, slack = slack_w(g);
	bool there =
		m->lag_down ? m->power_w <= g->grant_w + slack : m->power_w + slack >= g->grant_w;

	if (m->lag_from_us == 0 || took_us <= 0) {
		return;
	}
	if (took_us > LEARN_LAG_MAX_US || gun_of(site, gun)->state != GUN_CHARGING) {
		m->lag_from_us = 0; /* of another cause than the set-point */
		return;
	}
	if (!there) {
		return;
	}
	m->lag_from_us = 0;
	g->lag_us = took_us > g->lag_us ? took_us : g->lag_us - (g->lag_us - took_us) / SLOWLY;
	g->lag_us = g->lag_us < LEARN_LAG_MIN_US ? LEARN_LAG_MIN_US : g->lag_us;
}
