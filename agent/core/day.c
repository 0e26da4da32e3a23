#include "day.h"

#include "energy.h"
#include "gun.h"

#define S_PER_DAY INT64_C(86400)
/* More than a gun can give in a day: registers so far apart have nothing to do with each other. */
#define DAY_MOST_WH INT64_C(100000000)

int64_t day_of(const struct site *site, struct wall wall)
{
	int64_t s = wall.ms / MS_PER_S + zone_offset_s(&site->cfg.zone, wall);

	return s >= 0 ? s / S_PER_DAY : -((-s + S_PER_DAY - 1) / S_PER_DAY);
}

void day_count(struct core *c, uint16_t i)
{
	struct gun *g = gun_of(c->site, i);
	int64_t us = c->now.mono.us - g->counted_us;

	if (g->day < c->site->h.day) {
		g->day = c->site->h.day;
		g->today_wh = 0;
		g->today_sessions = 0;
		g->today_us = 0;
	}
	if (g->state == GUN_CHARGING && g->counted_us != 0 && us > 0) {
		g->today_us += us;
	}
	g->counted_us = c->now.mono.us;
}

/* The register as it stood when the last session ended. What it moved since then is seen by the
 * first reading. */
static void resume_register(struct core *c, struct gun *g, const struct view_gun *view)
{
	struct latch *n = &g->track.now;

	if (n->known || view->energy_wh < 0 || view->energy_wh > ENERGY_MAX_WH) {
		return;
	}
	n->known = 1;
	n->acc_wh = view->energy_wh;
	n->raw_wh = view->energy_wh;
	n->at_ms = view->seen;
	n->at_us = c->now.mono.us - (c->now.wall.ms - view->seen) * US_PER_MS;
	n->quality = Q_GOOD;
	g->track.moved_us = n->at_us;
	g->track.base_wh = view->energy_wh;
	g->track.resumed = 1;
	g->rest = *n;
}

static void resume_sums(struct gun *g, const struct view_gun *view)
{
	int64_t ahead = 0;

	/* The sums may know more or less than the register from which counting goes on. */
	if (g->track.now.known && view->energy_wh != VALUE_NONE) {
		ahead = view->energy_wh - g->track.now.raw_wh;
	}
	g->today_wh = view->today_wh;
	if (ahead < g->today_wh && ahead > -DAY_MOST_WH) {
		g->today_wh -= ahead;
	}
	if (view->today_sessions != VALUE_NONE) {
		g->today_sessions = view->today_sessions;
	}
	if (view->today_s != VALUE_NONE) {
		g->today_us = view->today_s * US_PER_S;
	}
}

bool day_resume(struct core *c, const struct view_gun *view)
{
	struct target target;
	struct gun *g;

	if (site_find(c->site, view->id, &target) != 0 || target.kind != TGT_GUN) {
		return false;
	}
	g = gun_of(c->site, target.index);
	day_count(c, target.index);
	if (view->seen != VALUE_NONE) {
		resume_register(c, g, view);
	}
	if (view->today_wh != VALUE_NONE) {
		resume_sums(g, view);
	}
	return true;
}
