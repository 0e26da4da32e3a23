#include "learn.h"

#include "gun.h"

/* Towards a shorter lag it goes by an eighth, to a longer one at once. */
#define SLOWLY 8

/* Of the ratio: moments further apart tell of the building; a lesser move tells nothing; what does
 * not fit by more than this part of the move is of another cause; of the rest so much is taken. */
#define APART_US   (180 * US_PER_S)
#define MOVE_W     5000
#define MOVE_MAX_W (50 * 1000 * 1000)
#define FIT_PART   4
#define TAKE_PART  8
#define SETTLED_US (5 * US_PER_S)

/* A record is given out not more often, and where it differs by so much. */
#define TELL_US  (600 * US_PER_S)
#define TELL_PPM 2000

static int64_t slack_w(const struct limit_gun *g)
{
	return g->max_w / 50 > 150 ? g->max_w / 50 : 150;
}

static void note(const struct site *site, struct managed *m)
{
	m->learnt_ms = m->learnt_ms != 0 ? m->learnt_ms : site->h.now_ms;
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
	note(site, m);
}

/* ---- Apparent power per watt. ---- */

int32_t learn_ratio_pm(const struct pile_cfg *pile)
{
	return pile->dc ? VA_PM_DC : VA_PM_AC;
}

static bool stands(const struct core *c, uint16_t gun)
{
	const struct managed *m = managed_of(c->site, gun);
	const struct limit_gun *g = grant_of(c->site, gun);
	int64_t moved = m->power_w - m->power_before_w;

	if (!g->asks && m->power_w == 0 && m->power_before_w == 0) {
		return true;
	}
	return g->measured && m->power_w <= 2 * g->max_w && moved < slack_w(g) &&
	       moved > -slack_w(g) &&
	       mono_diff_us(c->now.mono, g->changed) > g->lag_us + SETTLED_US;
}

static bool all_stand(const struct core *c)
{
	const struct limit_meter *meter = &c->site->h.meter;

	if (!meter->known || !meter->believed || c->now.mono.us - meter->at.us > SETTLED_US) {
		return false;
	}
	for (uint16_t i = 0; i < c->site->cfg.gun_count; i++) {
		if (!stands(c, i)) {
			return false;
		}
	}
	return true;
}

static void take_ratio(struct core *c, int64_t moved_va)
{
	int64_t square = 0, sum = 0, expected_mva = 0, rest_mva;

	for (uint16_t i = 0; i < c->site->cfg.gun_count; i++) {
		int64_t w = managed_of(c->site, i)->power_w - managed_of(c->site, i)->stood_w;

		sum += w < 0 ? -w : w;
		square += w * w / 1000;
		expected_mva += w * managed_of(c->site, i)->ratio_ppm / 1000;
	}
	rest_mva = moved_va * 1000 - expected_mva;
	if (sum < MOVE_W || sum > MOVE_MAX_W || square == 0 || rest_mva > sum * 1000 / FIT_PART ||
		rest_mva < -sum * 1000 / FIT_PART) {
		return;
	}
	for (uint16_t i = 0; i < c->site->cfg.gun_count; i++) {
		struct managed *m = managed_of(c->site, i);
		struct limit_gun *g = grant_of(c->site, i);
		int64_t start = learn_ratio_pm(pile_cfg(c->site, gun_cfg(c->site, i)->pile));
		int64_t least = start - LEARN_RATIO_PM, most = start + LEARN_RATIO_PM;
		int64_t ppm =
			m->ratio_ppm + rest_mva * (m->power_w - m->stood_w) / square / TAKE_PART;

		least = (least < 1000 ? 1000 : least) * 1000;
		m->ratio_ppm = (int32_t)(ppm < least         ? least
					 : ppm > most * 1000 ? most * 1000
							     : ppm);
		g->va_pm = m->ratio_ppm / 1000;
		if (m->power_w != m->stood_w) {
			note(c->site, m);
		}
	}
}

void learn_ratios(struct core *c)
{
	struct site_head *h = &c->site->h;

	if (h->meter.at.us == h->stood_us || !all_stand(c)) {
		return;
	}
	if (h->stood_us != 0 && h->meter.at.us - h->stood_us <= APART_US) {
		take_ratio(c, h->meter.va[ALLOC_SUM] - h->stood_va);
	}
	h->stood_us = h->meter.at.us;
	h->stood_va = h->meter.va[ALLOC_SUM];
	for (uint16_t i = 0; i < c->site->cfg.gun_count; i++) {
		managed_of(c->site, i)->stood_w = managed_of(c->site, i)->power_w;
	}
}

/* ---- Over a restart. ---- */

void learn_show(const struct site *site, uint16_t gun, struct view_standing *out)
{
	const struct managed *m = managed_of(site, gun);

	if (!site->cfg.load.managed || m->learnt_ms == 0) {
		return;
	}
	out->lag_us = grant_of(site, gun)->lag_us;
	out->ratio_ppm = m->ratio_ppm;
	out->learnt = m->learnt_ms;
}

bool learn_changed(const struct core *c, uint16_t gun)
{
	const struct managed *m = managed_of(c->site, gun);
	int64_t lag_us, moved_us;
	int32_t moved_ppm;

	if (!c->site->cfg.load.managed || m->learnt_ms == 0 ||
		(m->told_learn_us != 0 && c->now.mono.us - m->told_learn_us < TELL_US)) {
		return false;
	}
	lag_us = grant_of(c->site, gun)->lag_us;
	moved_us = lag_us - m->told_lag_us;
	moved_ppm = m->ratio_ppm - m->told_ppm;
	return moved_us > lag_us / 10 || moved_us < -lag_us / 10 || moved_ppm > TELL_PPM ||
	       moved_ppm < -TELL_PPM;
}

void learn_told(struct core *c, uint16_t gun)
{
	struct managed *m = managed_of(c->site, gun);

	if (c->site->cfg.load.managed) {
		m->told_lag_us = grant_of(c->site, gun)->lag_us;
		m->told_ppm = m->ratio_ppm;
		m->told_learn_us = c->now.mono.us;
	}
}

bool learn_resume(struct core *c, uint16_t gun, const struct view_standing *view)
{
	struct managed *m = managed_of(c->site, gun);
	int64_t start = learn_ratio_pm(pile_cfg(c->site, gun_cfg(c->site, gun)->pile));
	int64_t least = start - LEARN_RATIO_PM, most = start + LEARN_RATIO_PM;
	struct limit_gun *g;

	least = least < 1000 ? 1000 : least;
	if (!c->site->cfg.load.managed || view->learnt == VALUE_NONE || view->learnt <= 0 ||
		view->lag_us < LEARN_LAG_MIN_US || view->lag_us > LEARN_LAG_MAX_US ||
		view->ratio_ppm < least * 1000 || view->ratio_ppm > most * 1000) {
		return false;
	}
	g = grant_of(c->site, gun);
	g->lag_us = view->lag_us;
	m->ratio_ppm = (int32_t)view->ratio_ppm;
	g->va_pm = m->ratio_ppm / 1000;
	m->learnt_ms = view->learnt;
	learn_told(c, gun);
	return true;
}
