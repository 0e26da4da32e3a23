#include "garage.h"

#include <stdlib.h>
#include <string.h>

#include "rng.h"
#include "view.h"

#define DOWN_LAG_S 10
#define UP_LAG_S   20
#define PIECES     40 /* of a dead meter's time */
#define WS_PER_WH  3600

struct session_state {
	int64_t got_ws;
	int64_t admitted_s; /* -1 = never */
};

struct gun_state {
	size_t row,
		end; /* rows of the station: the one that is there or comes next, and the last */
	bool there;
	int64_t left_ws;
	int64_t draw_w, to_w, at_s; /* the car follows: to_w from at_s on */
};

struct garage {
	const struct garage_cfg *cfg;
	struct garage_result *out;
	struct limit limit;
	struct limit_work *work;
	struct limit_node root;
	struct limit_gun guns[GARAGE_GUNS];
	struct gun_state state[GARAGE_GUNS];
	struct session_state *sessions;
	struct rng rng;
	int64_t now_s, other_w, other_since_s, dead_until_s, dead_from_s;
};

void garage_other(const int32_t *hour_w, size_t hours, int64_t peak_w, int64_t step_s,
	uint64_t seed, int32_t *other_w, size_t count)
{
	struct rng rng = rng_stream(seed, 1);
	size_t per_hour = (size_t)(3600 / step_s);
	int64_t top = 1;

	for (size_t h = 0; h < hours; h++) {
		top = hour_w[h] > top ? hour_w[h] : top;
	}
	for (size_t h = 0; hours > 0 && h * per_hour < count; h++) {
		int64_t base = hour_w[h % hours] * peak_w / top;
		size_t step_at = (size_t)rng_range(&rng, 0, 59) * per_hour / 60;
		int64_t stepped = base * (rng_range(&rng, 0, 1) ? 110 : 90) / 100;

		for (size_t k = 0; k < per_hour && h * per_hour + k < count; k++) {
			other_w[h * per_hour + k] = (int32_t)(k < step_at ? base : stepped);
		}
	}
}

static void set_policy(struct garage *g)
{
	const struct garage_cfg *cfg = g->cfg;
	struct limit_policy *p = &g->limit.policy;

	limit_defaults(p);
	p->target_pm = cfg->target_pm > 0 ? cfg->target_pm : 1000;
	p->admission = cfg->policy == GARAGE_ADMISSION || cfg->policy == GARAGE_FAIR_ADMISSION;
	p->fair = cfg->policy != GARAGE_ADMISSION;
	p->laxity = cfg->policy == GARAGE_LAXITY;
	p->fresh_us = 2 * cfg->step_s * US_PER_S;
	if (cfg->one_limit || cfg->ideal) {
		p->dwell_us = 0;
		p->dead_band_pm = 0;
	}
	if (cfg->one_limit) {
		p->min_on_us = 0;
		p->min_off_us = 0;
	}
}

static void set_limits(struct garage *g)
{
	const struct garage_cfg *cfg = g->cfg;

	g->root.parent = -1;
	for (int l = 0; l < ALLOC_LIMITS; l++) {
		g->root.outside_va[l] = INT64_MAX;
		g->root.limit_va[l] = l == ALLOC_SUM ? cfg->rated_va : cfg->rated_va / 3;
		g->limit.meter.worst_va[l] = l == ALLOC_SUM ? cfg->worst_va : cfg->worst_va / 3;
		/* Admission alone knows no limits but its thresholds. */
		if (cfg->policy == GARAGE_ADMISSION || (cfg->one_limit && l != ALLOC_SUM)) {
			g->root.limit_va[l] = INT64_MAX;
		}
	}
	g->limit.rated_va = cfg->rated_va;
	g->limit.nodes = &g->root;
	g->limit.node_count = 1;
	g->limit.guns = g->guns;
}

static int set_guns(struct garage *g)
{
	const struct session_rows *rows = g->cfg->rows;
	size_t n = 0;

	for (size_t i = 0, end; i < rows->count; i = end, n++) {
		if (n == GARAGE_GUNS) {
			return ERR_FULL;
		}
		sessions_of(rows, rows->rows[i].station, &end);
		g->state[n] = (struct gun_state){.row = i, .end = end};
		g->guns[n] = (struct limit_gun){
			.phases = g->cfg->three_phase ? 7 : (uint8_t)(1 << n % 3),
			.va_pm = 1000,
			.weight = 100,
			.min_w = g->cfg->min_w,
			.max_w = g->cfg->gun_w,
			.step_w = g->cfg->one_limit     ? 1
				  : g->cfg->three_phase ? 69
							: 23,
			.lag_us = g->cfg->one_limit ? 0 : UP_LAG_S * US_PER_S,
			.safe_w = g->cfg->min_w,
			.by_node = -1};
		if (g->cfg->fit != NULL) {
			g->cfg->fit(g->cfg->fit_arg, rows->rows[i].station, &g->guns[n]);
		}
	}
	g->limit.gun_count = n;
	g->out->guns = n;
	return 0;
}

/* Cars leave and come. */
static void move_cars(struct garage *g)
{
	const struct session_row *rows = g->cfg->rows->rows;
	int64_t t = g->cfg->from_s + g->now_s;

	for (size_t i = 0; i < g->limit.gun_count; i++) {
		struct gun_state *s = &g->state[i];

		if (s->there && rows[s->row].unplug_s <= t) {
			s->there = false;
			s->row++;
		}
		if (!s->there && s->row < s->end && rows[s->row].plug_s <= t) {
			s->there = true;
			s->left_ws = rows[s->row].energy_wh * WS_PER_WH;
		}
		if (!s->there || s->left_ws <= 0) {
			s->draw_w = 0;
			s->to_w = 0;
		} else if (s->draw_w != s->to_w && g->now_s >= s->at_s) {
			s->draw_w = s->to_w;
		}
	}
}

static void sum_up(struct garage *g, int64_t va[ALLOC_LIMITS])
{
	size_t index = (size_t)(g->now_s / g->cfg->step_s);
	int64_t other = g->cfg->other_w != NULL ? g->cfg->other_w[index] : 0;

	if (other != g->other_w) {
		g->other_w = other;
		g->other_since_s = g->now_s;
	}
	va[ALLOC_SUM] = other;
	for (int l = 0; l < ALLOC_PHASES; l++) {
		va[l] = other / 3;
	}
	for (size_t i = 0; i < g->limit.gun_count; i++) {
		int64_t w = g->state[i].draw_w;

		va[ALLOC_SUM] += w;
		for (int l = 0; l < ALLOC_PHASES; l++) {
			if (g->guns[i].phases >> l & 1) {
				va[l] += g->cfg->three_phase ? w / 3 : w;
			}
		}
	}
}

/* Rounding of watts to phases is not an overload. */
static void count_over(struct garage *g, const int64_t va[ALLOC_LIMITS])
{
	const struct garage_cfg *cfg = g->cfg;
	bool over = va[ALLOC_SUM] > cfg->rated_va + (int64_t)g->limit.gun_count;
	bool phase = false;

	for (int l = 0; l < ALLOC_PHASES && !cfg->one_limit; l++) {
		phase = phase || va[l] > cfg->rated_va / 3 + (int64_t)g->limit.gun_count;
	}
	if (va[ALLOC_SUM] > g->out->peak_va) {
		g->out->peak_va = va[ALLOC_SUM];
	}
	if (g->now_s - g->other_since_s < GARAGE_CURE_S) {
		return;
	}
	g->out->over_s += over ? cfg->step_s : 0;
	g->out->over_phase_s += phase ? cfg->step_s : 0;
	if ((over || phase) && g->now_s < g->dead_until_s &&
		g->now_s - g->dead_from_s > g->limit.policy.lost_us / US_PER_S + GARAGE_CURE_S) {
		g->out->over_dead_s += cfg->step_s;
	}
}

static void read_meter(struct garage *g, struct mono now, const int64_t va[ALLOC_LIMITS])
{
	const struct garage_cfg *cfg = g->cfg;
	int64_t steps = cfg->days * 86400 / cfg->step_s;

	if (cfg->dead_minutes > 0 && g->now_s >= g->dead_until_s &&
		rng_range(&g->rng, 1, steps) <= PIECES) {
		g->dead_from_s = g->now_s;
		g->dead_until_s = g->now_s + cfg->dead_minutes * 60 / PIECES;
	}
	if (g->now_s < g->dead_until_s) {
		return;
	}
	g->limit.meter.known = 1;
	g->limit.meter.believed = 1;
	g->limit.meter.at = now;
	memcpy(g->limit.meter.va, va, sizeof g->limit.meter.va);
}

static void read_guns(struct garage *g, struct mono now)
{
	const struct session_row *rows = g->cfg->rows->rows;

	for (size_t i = 0; i < g->limit.gun_count; i++) {
		struct limit_gun *gun = &g->guns[i];
		const struct gun_state *s = &g->state[i];
		bool asks = s->there && s->left_ws > 0;

		if (asks && !gun->asks) {
			gun->asked = now;
		}
		gun->asks = asks;
		gun->measured = 1;
		gun->confirmed = 1;
		gun->power_w = s->draw_w;
		gun->low_w = s->draw_w;
		gun->high_w = s->draw_w;
		gun->remaining_wh = s->left_ws / WS_PER_WH;
		gun->departs.us =
			s->there ? (rows[s->row].unplug_s - g->cfg->from_s) * US_PER_S : 0;
	}
}

static void follow(struct garage *g)
{
	for (size_t i = 0; i < g->limit.gun_count; i++) {
		struct gun_state *s = &g->state[i];
		struct limit_gun *gun = &g->guns[i];
		struct session_state *session = &g->sessions[s->row];
		const struct session_row *row = &g->cfg->rows->rows[s->row];
		int64_t to, ws;

		if (!gun->asks) {
			continue;
		}
		to = g->cfg->policy == GARAGE_NONE ? gun->max_w : gun->grant_w;
		g->out->writes += gun->write;
		if (session->admitted_s < 0 && to > 0) {
			session->admitted_s = g->cfg->from_s + g->now_s - row->plug_s;
		}
		if (row->max_w > 0 && row->max_w < to) {
			to = row->max_w;
		}
		if (g->cfg->one_limit || g->cfg->ideal) {
			s->draw_w = to;
			s->to_w = to;
		} else if (to != s->to_w) {
			s->to_w = to;
			s->at_s = g->now_s + (to < s->draw_w ? DOWN_LAG_S : UP_LAG_S);
		}
		ws = s->draw_w * g->cfg->step_s;
		ws = ws < s->left_ws ? ws : s->left_ws;
		s->left_ws -= ws;
		session->got_ws += ws;
	}
}

static int by_value(const void *x, const void *y)
{
	int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;

	return (a > b) - (a < b);
}

static int sum_sessions(struct garage *g)
{
	const struct session_rows *rows = g->cfg->rows;
	int64_t *waits = calloc(rows->count + 1, sizeof *waits);
	size_t n = 0;

	if (waits == NULL) {
		return ERR_NOMEM;
	}
	for (size_t i = 0; i < rows->count; i++) {
		const struct session_state *s = &g->sessions[i];
		int64_t asked = rows->rows[i].energy_wh, got = s->got_ws / WS_PER_WH;

		g->out->sessions++;
		g->out->asked_wh += asked;
		g->out->energy_wh += got;
		g->out->served += got * 100 >= asked * 95;
		g->out->starved += got * 2 < asked;
		if (s->admitted_s < 0) {
			g->out->never++;
		} else {
			waits[n++] = s->admitted_s;
		}
	}
	qsort(waits, n, sizeof *waits, by_value);
	g->out->wait_p95_s = n > 0 ? waits[n * 95 / 100] : 0;
	free(waits);
	return 0;
}

/*
 * Without any lag the reductions are seen at once, and what they free is given in the same step. A
 * step of the literature's table, which this is for (garage_cfg.one_limit), stands for ten seconds
 * in which the agent decides at least ten times. Nobody is given what another one still takes, so
 * the first decision only takes away and the second gives that on; without it fair delivers a
 * thousandth less, a third changes nothing (a week of the Caltech month at 10 to 40 kVA). With lag
 * and ramp, as in all else, a step has one decision.
 */
static int decide_again(struct garage *g, struct mono now)
{
	int64_t va[ALLOC_LIMITS];

	for (size_t i = 0; i < g->limit.gun_count; i++) {
		int64_t grant_w = g->guns[i].grant_w;

		g->state[i].draw_w = grant_w < g->state[i].draw_w ? grant_w : g->state[i].draw_w;
	}
	sum_up(g, va);
	now.us++;
	read_meter(g, now, va);
	read_guns(g, now);
	return limit_decide(&g->limit, g->work, now);
}

static int step(struct garage *g)
{
	struct mono now = {(g->now_s + 1) * US_PER_S};
	int64_t va[ALLOC_LIMITS];
	bool busy = false;
	int rc = 0;

	move_cars(g);
	sum_up(g, va);
	count_over(g, va);
	if (g->cfg->seen != NULL) {
		g->cfg->seen(g->cfg->seen_arg, g->now_s, va, g->other_w);
	}
	read_meter(g, now, va);
	read_guns(g, now);
	for (size_t i = 0; i < g->limit.gun_count; i++) {
		busy = busy || g->state[i].there || g->guns[i].grant_w > 0;
	}
	if (busy && g->cfg->policy != GARAGE_NONE) {
		rc = limit_decide(&g->limit, g->work, now);
	}
	if (rc == 0 && busy && g->cfg->one_limit) {
		rc = decide_again(g, now);
	}
	follow(g);
	return rc;
}

int garage_run(const struct garage_cfg *cfg, struct garage_result *out)
{
	struct garage *g = calloc(1, sizeof *g);
	int rc = g == NULL ? ERR_NOMEM : 0;

	memset(out, 0, sizeof *out);
	if (rc == 0) {
		g->cfg = cfg;
		g->out = out;
		g->rng = rng_stream(cfg->seed, 2);
		g->other_since_s = -GARAGE_CURE_S;
		g->sessions = calloc(cfg->rows->count + 1, sizeof *g->sessions);
		rc = g->sessions == NULL ? ERR_NOMEM : set_guns(g);
	}
	for (size_t i = 0; rc == 0 && i < cfg->rows->count; i++) {
		g->sessions[i].admitted_s = -1;
	}
	if (rc == 0) {
		set_policy(g);
		set_limits(g);
		rc = limit_work_new(1, g->limit.gun_count, &g->work);
	}
	for (int64_t t = 0; rc == 0 && t < cfg->days * 86400; t += cfg->step_s) {
		g->now_s = t;
		rc = step(g);
	}
	if (rc == 0) {
		rc = sum_sessions(g);
	}
	if (g != NULL) {
		limit_work_free(g->work);
		free(g->sessions);
	}
	free(g);
	return rc;
}
