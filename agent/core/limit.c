#include "limit.h"

#include <stdlib.h>
#include <string.h>

#include "laxity.h"
#include "room.h"

/* Places in the order of minimums: on and within its minimum time, waiting for too long (the
 * longest first), in turn, off and resting. */
#define RANK_KEEP 0
#define RANK_LONG 100000
#define RANK_TURN 200000
#define RANK_REST 1000000
#define TURN_BONUS                                                                    \
	100 /* per mille of served time: who is on stays on until it is clearly ahead \
	     */
#define DEAD_BAND_US (120 * US_PER_S) /* a grant that stood for longer has a smaller dead band */
#define FLICKER_PART 4                /* of the part of a limit above its target */
#define ROUNDING_VA  4 /* by which sums of rounded loads differ from what alloc.h counts with */

#define AGE_US      (3600 * US_PER_S)
#define AGE_STEPS   8
#define AGE_PERCENT 33 /* of the weight, a step */

/* An index with what it is sorted by. */
struct keyed {
	int64_t key;
	int32_t index;
};

struct limit_work {
	struct alloc *alloc;
	struct alloc_node *nodes;
	struct alloc_gun *guns;
	struct keyed *order;
	int64_t (*spare_mva)[ALLOC_LIMITS]; /* by node: what rounding left */
	struct slack_car *cars;
	int32_t *car_order;
};

int limit_work_new(size_t nodes, size_t guns, struct limit_work **out)
{
	struct limit_work *w = calloc(1, sizeof *w);

	if (w == NULL) {
		return ERR_NOMEM;
	}
	w->nodes = calloc(nodes + 1, sizeof *w->nodes);
	w->guns = calloc(guns + 1, sizeof *w->guns);
	w->order = calloc(guns + 1, sizeof *w->order);
	w->spare_mva = calloc(nodes + 1, sizeof *w->spare_mva);
	w->cars = calloc(guns + 1, sizeof *w->cars);
	w->car_order = calloc(2 * guns + 1, sizeof *w->car_order);
	if (w->nodes == NULL || w->guns == NULL || w->order == NULL || w->spare_mva == NULL ||
		w->cars == NULL || w->car_order == NULL || alloc_new(nodes, guns, &w->alloc) != 0) {
		limit_work_free(w);
		return ERR_NOMEM;
	}
	*out = w;
	return 0;
}

void limit_work_free(struct limit_work *w)
{
	if (w == NULL) {
		return;
	}
	alloc_free(w->alloc);
	free(w->nodes);
	free(w->guns);
	free(w->order);
	free(w->spare_mva);
	free(w->cars);
	free(w->car_order);
	free(w);
}

void limit_defaults(struct limit_policy *p)
{
	*p = (struct limit_policy){
		.admission = true,
		.fair = true,
		.half_pm = 500,
		.stop_pm = 800,
		.share_pm = 500,
		.hysteresis_pm = 50,
		.target_pm = 900,
		.dead_band_pm = 20,
		.up_pm = 0,
		.up_us = 30 * US_PER_S,
		.dwell_us = 30 * US_PER_S,
		.reclaim_us = 90 * US_PER_S,
		.min_on_us = 900 * US_PER_S,
		.min_off_us = 300 * US_PER_S,
		.wait_us = 3600 * US_PER_S,
		.fresh_us = 3 * US_PER_S,
		.lost_us = 30 * US_PER_S,
		.safe_us = 300 * US_PER_S,
	};
}

/* The transformer's load as admission sees it: the meter's, and what has been granted a moment ago
 * and is not drawn yet. Without a fresh reading: the other load and all that counts. */
static int64_t load_va(const struct limit *l, struct mono now)
{
	int64_t load = l->meter.va[ALLOC_SUM] * 1000;

	if (l->state.stage != STAGE_FRESH) {
		return l->nodes[0].other_va[ALLOC_SUM] + l->nodes[0].counted_va[ALLOC_SUM];
	}
	for (size_t i = 0; i < l->gun_count; i++) {
		const struct limit_gun *g = &l->guns[i];

		if (g->grant_w > 0 && mono_diff_us(now, g->changed) < 2 * g->lag_us &&
			g->counted_w > g->low_w) {
			load += limit_load_mva(g, ALLOC_SUM, g->counted_w - g->low_w);
		}
	}
	return load / 1000;
}

/* ---- Admission. ---- */

static int by_key(const void *x, const void *y)
{
	const struct keyed *a = x, *b = y;

	if (a->key != b->key) {
		return a->key < b->key ? -1 : 1;
	}
	return (a->index > b->index) - (a->index < b->index);
}

static void admit(struct limit *l, struct limit_work *w, struct mono now)
{
	const struct limit_policy *p = &l->policy;
	int64_t rated = l->rated_va > 0 ? l->rated_va : 1;
	int64_t load = load_va(l, now);
	size_t waiting = 0;

	l->state.load_pm = load * 1000 / rated;
	for (size_t i = 0; i < l->gun_count; i++) {
		struct limit_gun *g = &l->guns[i];

		g->place = 0;
		if (!g->asks) {
			g->admission = ADMIT_NONE;
		} else if (!p->admission) {
			g->admission = ADMIT_FULL;
		} else if (g->admission == ADMIT_NONE || g->admission == ADMIT_WAITING) {
			g->admission = ADMIT_WAITING;
			w->order[waiting++] = (struct keyed){g->asked.us, (int32_t)i};
		} else if (g->admission == ADMIT_HALF && !p->half_for_session &&
			   l->state.stage == STAGE_FRESH &&
			   l->state.load_pm < p->half_pm - p->hysteresis_pm) {
			g->admission = ADMIT_FULL;
		}
	}
	qsort(w->order, waiting, sizeof *w->order, by_key);
	l->state.waiting = 0;
	for (size_t i = 0; i < waiting; i++) {
		struct limit_gun *g = &l->guns[w->order[i].index];
		int64_t load_pm = load * 1000 / rated;

		if (l->state.waiting == 0 && load_pm <= p->stop_pm) {
			g->admission = load_pm > p->half_pm ? ADMIT_HALF : ADMIT_FULL;
			/* The next in line sees what this one will take at least. */
			load += limit_load_mva(g, ALLOC_SUM, g->min_w) / 1000;
		} else {
			g->place = ++l->state.waiting;
		}
	}
}

/* ---- What each gun can use. ---- */

static void learn_want(struct limit *l, struct limit_gun *g, struct mono now)
{
	int64_t slack = g->max_w / 20 > 300 ? g->max_w / 20 : 300;

	if (!g->asks) {
		g->want_w = g->max_w;
		g->below.us = 0;
		return;
	}
	if (g->want_w <= 0 || g->want_w < g->min_w || g->want_w > g->max_w) {
		g->want_w = g->max_w;
	}
	if (!g->measured || g->grant_w == 0 || l->policy.reclaim_us == 0) {
		return;
	}
	if (g->power_w + 2 * slack < g->grant_w) {
		if (g->below.us == 0) {
			g->below = now;
		} else if (mono_diff_us(now, g->below) >= l->policy.reclaim_us) {
			int64_t want = g->power_w + g->power_w / 10 + slack;

			g->want_w = want < g->min_w ? g->min_w : want > g->max_w ? g->max_w : want;
		}
		return;
	}
	g->below.us = 0;
	if (g->power_w + slack / 2 >= g->grant_w) {
		g->want_w = g->max_w; /* it uses what it has: it may want more */
	}
}

int64_t limit_half_w(const struct limit *l, const struct limit_gun *g)
{
	int64_t rated_w = g->rated_w > 0 ? g->rated_w : g->max_w;
	int64_t half = rated_w * l->policy.share_pm / 1000;

	/* Half of the rated power may lie below the least that the pile can do. */
	return half < g->min_w ? g->min_w : half;
}

static int64_t want_of(const struct limit *l, const struct limit_gun *g)
{
	int64_t want = g->want_w;

	if (!g->asks || g->stopped || g->disobeys || g->silent.us != 0 ||
		g->admission == ADMIT_WAITING) {
		return 0;
	}
	if (g->admission == ADMIT_HALF) {
		int64_t half = limit_half_w(l, g);

		want = want < half ? want : half;
	}
	if (l->state.stage == STAGE_SAFE) {
		want = want < g->safe_w ? want : g->safe_w;
	}
	return want;
}

/* The weight grows with the time since the car asks: nobody is overtaken for ever. */
static int32_t aged_weight(const struct limit_gun *g, struct mono now)
{
	int64_t steps = g->asks ? mono_diff_us(now, g->asked) / AGE_US : 0;
	int64_t weight;

	steps = steps < 0 ? 0 : steps > AGE_STEPS ? AGE_STEPS : steps;
	weight = g->weight * (100 + AGE_PERCENT * steps) / 100;
	return (int32_t)(weight > 10000 ? 10000 : weight);
}

/* How long it has been at 0 though it asks. */
static int64_t off_us(const struct limit_gun *g, struct mono now)
{
	int64_t asked_us = mono_diff_us(now, g->asked), turned_us = mono_diff_us(now, g->turned);

	return asked_us < turned_us ? asked_us : turned_us;
}

static bool waits_long(const struct limit *l, const struct limit_gun *g, struct mono now)
{
	return g->asks && g->grant_w == 0 && off_us(g, now) >= l->policy.wait_us;
}

static int32_t rank_of(const struct limit *l, const struct limit_gun *g, struct mono now)
{
	const struct limit_policy *p = &l->policy;
	int64_t turned_us = mono_diff_us(now, g->turned);
	int64_t asked_ms = mono_diff_us(now, g->asked) / 1000;
	int64_t served_pm;

	if (p->laxity) {
		return laxity_rank(g, now);
	}
	if (g->grant_w > 0 && turned_us < p->min_on_us) {
		return RANK_KEEP;
	}
	if (g->grant_w == 0 && g->before_w > 0 && turned_us < p->min_off_us) {
		return RANK_REST;
	}
	if (waits_long(l, g, now)) {
		int64_t s = off_us(g, now) / US_PER_S;

		return (int32_t)(RANK_LONG - (s < RANK_LONG - 1 ? s : RANK_LONG - 1));
	}
	served_pm = asked_ms > 0 ? g->served_ms * 1000 / asked_ms : 0;
	if (g->grant_w > 0) {
		served_pm -= TURN_BONUS;
	}
	return (int32_t)(RANK_TURN + served_pm * 100 / g->weight);
}

/* ---- Targets. ---- */

static bool controlled(const struct limit_gun *g)
{
	return !g->disobeys && g->silent.us == 0;
}

/* Grants are in steps of the set-point. What rounding down leaves of a limit goes to the guns that
 * the same limit holds, a step at a time. */
static void round_targets(struct limit *l, struct limit_work *w)
{
	memset(w->spare_mva, 0, l->node_count * sizeof *w->spare_mva);
	for (size_t i = 0; i < l->gun_count; i++) {
		struct limit_gun *g = &l->guns[i];
		const struct alloc_gun *a = &w->guns[i];
		int64_t step = g->step_w > 0 ? g->step_w : 1;
		int64_t *spare, per_step;

		if (!controlled(g)) {
			g->target_w = g->grant_w;
			continue;
		}
		g->target_w = a->grant_w / step * step;
		if (g->target_w < g->min_w) {
			g->target_w = 0;
		}
		if (a->by_node == ALLOC_BY_WANT || g->target_w == 0) {
			continue;
		}
		spare = &w->spare_mva[a->by_node][a->by_limit];
		*spare += limit_load_mva(g, a->by_limit, a->grant_w - g->target_w);
		per_step = limit_load_mva(g, a->by_limit, step);
		if (*spare >= per_step && g->target_w + step <= a->want_w) {
			*spare -= per_step;
			g->target_w += step;
		}
	}
}

/* The least that the gun can be given: its minimum, as a set-point. */
static int64_t least_step_w(const struct limit_gun *g)
{
	int64_t step = g->step_w > 0 ? g->step_w : 1;
	int64_t w = (g->min_w + step - 1) / step * step;

	return w > g->max_w ? g->min_w : w;
}

static int set_targets(struct limit *l, struct limit_work *w, struct mono now)
{
	int rc;

	for (size_t n = 0; n < l->node_count; n++) {
		w->nodes[n].parent = l->nodes[n].parent;
		for (int p = 0; p < ALLOC_LIMITS; p++) {
			int64_t room = room_va(l, n, p);

			w->nodes[n].room_va[p] = room == INT64_MAX ? room : room - ROUNDING_VA;
		}
	}
	if (l->policy.laxity) {
		laxity_plan(l, w->cars, w->car_order, w->nodes[0].room_va, now);
	}
	for (size_t i = 0; i < l->gun_count; i++) {
		struct limit_gun *g = &l->guns[i];

		w->guns[i] = (struct alloc_gun){.node = g->node,
			.phases = g->phases,
			.va_pm = g->va_pm,
			.weight = aged_weight(g, now),
			.rank = rank_of(l, g, now),
			.keep = waits_long(l, g, now),
			.min_w = least_step_w(g),
			.want_w = want_of(l, g)};
		if (controlled(g)) {
			continue;
		}
		for (int n = g->node; n >= 0; n = l->nodes[n].parent) {
			for (int p = 0; p < ALLOC_LIMITS; p++) {
				if (w->nodes[n].room_va[p] != INT64_MAX) {
					w->nodes[n].room_va[p] -=
						(limit_load_mva(g, p, g->counted_w) + 999) / 1000;
				}
			}
		}
	}
	rc = l->policy.laxity
		     ? alloc_in_order(w->alloc, w->nodes, l->node_count, w->guns, l->gun_count)
		     : alloc_share(w->alloc, w->nodes, l->node_count, w->guns, l->gun_count);
	if (rc == 0) {
		round_targets(l, w);
	}
	return rc;
}

/* ---- From targets to grants. ---- */

static void set_grant(struct limit_gun *g, int64_t grant_w, struct mono now)
{
	if (grant_w == g->grant_w) {
		return;
	}
	if ((grant_w > 0) != (g->grant_w > 0)) {
		g->turned = now;
	}
	/* An old grant whose end was not seen goes on to count. */
	if (g->confirmed || g->before_w < g->grant_w) {
		g->before_w = g->grant_w;
	}
	if (g->before_w <= grant_w) {
		g->before_w = 0;
	}
	g->grant_w = grant_w;
	g->changed = now;
	g->confirmed = false;
	g->write = true;
}

/* The longer a grant has stood, the smaller a change is worth a write. */
static int64_t dead_band_w(const struct limit *l, const struct limit_gun *g, struct mono now)
{
	int64_t band = g->max_w * l->policy.dead_band_pm / 1000;
	int64_t stood_us = mono_diff_us(now, g->changed);

	return stood_us > DEAD_BAND_US ? band * DEAD_BAND_US / stood_us : band;
}

static bool overcommitted(const struct limit *l, const struct limit_gun *g)
{
	if (!l->state.any_good && l->state.stage == STAGE_HOLD) {
		return false; /* just begun: the meter's first reading will tell */
	}
	for (int n = g->node; n >= 0; n = l->nodes[n].parent) {
		for (int p = 0; p < ALLOC_LIMITS; p++) {
			int64_t room = room_va(l, (size_t)n, p);

			if (limit_load_mva(g, p, 1) > 0 && room != INT64_MAX &&
				l->nodes[n].counted_va[p] >
					room + room_flicker_va(l, (size_t)n, p)) {
				return true;
			}
		}
	}
	return false;
}

static bool dwelt(const struct limit *l, const struct limit_gun *g, struct mono now)
{
	return mono_diff_us(now, g->changed) >= l->policy.dwell_us;
}

/* Down at once where a limit needs it or nobody may have it; else only for somebody who goes
 * short, in steps that are worth a write. */
static void go_down(struct limit *l, struct mono now)
{
	bool hungry = false, starts = false;

	for (size_t i = 0; i < l->gun_count; i++) {
		const struct limit_gun *g = &l->guns[i];

		starts = starts || (g->grant_w == 0 && g->target_w > 0);
		if (g->target_w > g->grant_w + dead_band_w(l, g, now)) {
			hungry = true;
		}
	}
	for (size_t i = 0; i < l->gun_count; i++) {
		struct limit_gun *g = &l->guns[i];

		if (g->target_w >= g->grant_w) {
			continue;
		}
		if (!g->asks || g->stopped || g->grant_w > g->max_w ||
			l->state.stage == STAGE_SAFE || overcommitted(l, g) ||
			(hungry && dwelt(l, g, now) &&
				(starts || g->grant_w - g->target_w > dead_band_w(l, g, now)))) {
			set_grant(g, g->target_w, now);
		}
	}
}

/* The most that the gun may rise with all that counts now. */
static int64_t rise_w(const struct limit *l, const struct limit_gun *g)
{
	int64_t least = g->target_w - g->counted_w;

	for (int n = g->node; n >= 0; n = l->nodes[n].parent) {
		if (l->nodes[n].stale) {
			return 0;
		}
		for (int p = 0; p < ALLOC_LIMITS; p++) {
			int64_t room = room_va(l, (size_t)n, p);
			int64_t per_kw = limit_load_mva(g, p, 1000);

			if (room == INT64_MAX || per_kw == 0) {
				continue;
			}
			room = (room - l->nodes[n].counted_va[p]) * 1000 * 1000 / per_kw;
			least = room < least ? room : least;
		}
	}
	return least;
}

static void add_counted(struct limit *l, struct limit_gun *g, int64_t rise)
{
	for (int n = g->node; n >= 0; n = l->nodes[n].parent) {
		for (int p = 0; p < ALLOC_LIMITS; p++) {
			l->nodes[n].counted_va[p] += (limit_load_mva(g, p, rise) + 999) / 1000;
		}
	}
	g->counted_w += rise;
}

static int64_t ramp_left_va(struct limit *l, struct mono now)
{
	struct limit_state *s = &l->state;
	int64_t limit = l->nodes[0].limit_va[ALLOC_SUM];

	if (l->policy.up_pm == 0 || limit == INT64_MAX) {
		return INT64_MAX;
	}
	if (mono_diff_us(now, s->up_from) >= l->policy.up_us) {
		s->up_from = now;
		s->up_used_va = 0;
	}
	return limit / 1000 * l->policy.up_pm - s->up_used_va;
}

static void go_up(struct limit *l, struct limit_work *w, struct mono now)
{
	size_t n = 0;
	int64_t ramp = ramp_left_va(l, now);

	if (l->state.stage != STAGE_FRESH) {
		return;
	}
	for (size_t i = 0; i < l->gun_count; i++) {
		const struct limit_gun *g = &l->guns[i];

		if (g->target_w > g->grant_w) {
			/* Those at 0 first, in order of rank; then who has least. */
			w->order[n++] = (struct keyed){
				g->grant_w == 0 ? w->guns[i].rank - (INT64_C(1) << 40)
						: g->grant_w * 1000 / g->weight,
				(int32_t)i};
		}
	}
	qsort(w->order, n, sizeof *w->order, by_key);
	for (size_t k = 0; k < n; k++) {
		struct limit_gun *g = &l->guns[w->order[k].index];
		int64_t step = g->step_w > 0 ? g->step_w : 1;
		int64_t rise = rise_w(l, g), va, to;
		bool starts = g->grant_w == 0;

		if (!starts && !dwelt(l, g, now)) {
			continue;
		}
		/* A start is never held up by the ramp: its minimum was waited for already. */
		va = limit_load_mva(g, ALLOC_SUM, rise) / 1000;
		if (va > ramp) {
			rise = ramp > 0 ? ramp * 1000 / g->va_pm : 0;
			rise = starts && rise < g->min_w ? g->min_w : rise;
			rise = rise < rise_w(l, g) ? rise : rise_w(l, g);
		}
		to = (g->counted_w + rise) / step * step;
		to = to > g->target_w ? g->target_w : to;
		if (to <= g->grant_w || to < g->min_w ||
			(!starts && to < g->target_w && to - g->grant_w < dead_band_w(l, g, now)) ||
			(!starts && to == g->target_w && to < g->want_w &&
				to - g->grant_w < dead_band_w(l, g, now))) {
			continue;
		}
		rise = to - g->counted_w > 0 ? to - g->counted_w : 0;
		ramp -= ramp == INT64_MAX ? 0 : limit_load_mva(g, ALLOC_SUM, rise) / 1000;
		l->state.up_used_va += limit_load_mva(g, ALLOC_SUM, rise) / 1000;
		add_counted(l, g, rise);
		set_grant(g, to, now);
	}
}

/* ---- Why. ---- */

static enum limit_rule rule_of(
	const struct limit *l, const struct limit_gun *g, const struct alloc_gun *a, bool ramping)
{
	if (g->stopped) {
		return RULE_STOPPED;
	}
	if (g->disobeys) {
		return RULE_DISOBEYS;
	}
	if (g->silent.us != 0) {
		return RULE_SILENT;
	}
	if (!g->asks) {
		return RULE_IDLE;
	}
	if (g->admission == ADMIT_WAITING) {
		return RULE_WAIT;
	}
	if (l->state.stage == STAGE_SAFE) {
		return RULE_SAFE;
	}
	if (g->target_w > g->grant_w && l->state.stage != STAGE_FRESH) {
		return RULE_HOLD;
	}
	if (ramping) {
		/* Whatever will hold it then does not yet. */
		return RULE_RAMP;
	}
	if (a->by_node != ALLOC_BY_WANT) {
		return g->target_w == 0 ? RULE_TURN : RULE_NODE;
	}
	return g->admission == ADMIT_HALF ? RULE_HALF : RULE_WANT;
}

/* Enters the gun among those that take most of the limits above it. */
static void enter_most(struct limit *l, size_t gun)
{
	const struct limit_gun *g = &l->guns[gun];

	if (g->grant_w <= 0 || !controlled(g)) {
		return;
	}
	for (int n = g->node; n >= 0; n = l->nodes[n].parent) {
		struct limit_node *node = &l->nodes[n];

		for (int p = 0; p < ALLOC_LIMITS; p++) {
			if (limit_load_mva(g, p, 1000) == 0) {
				continue;
			}
			if (node->most[p] < 0 || g->grant_w > l->guns[node->most[p]].grant_w) {
				node->next[p] = node->most[p];
				node->most[p] = (int16_t)gun;
			} else if (node->next[p] < 0 ||
				   g->grant_w > l->guns[node->next[p]].grant_w) {
				node->next[p] = (int16_t)gun;
			}
		}
	}
}

static void explain(struct limit *l, const struct limit_work *w, struct mono now)
{
	for (size_t n = 0; n < l->node_count; n++) {
		for (int p = 0; p < ALLOC_LIMITS; p++) {
			l->nodes[n].most[p] = l->nodes[n].next[p] = -1;
		}
	}
	for (size_t i = 0; i < l->gun_count; i++) {
		struct limit_gun *g = &l->guns[i];
		const struct alloc_gun *a = &w->guns[i];
		enum limit_rule rule =
			rule_of(l, g, a, g->target_w > g->grant_w + dead_band_w(l, g, now));

		g->by_node = a->by_node == ALLOC_BY_WANT ? -1 : (int16_t)a->by_node;
		g->by_limit = (uint8_t)a->by_limit;
		enter_most(l, i);
		if (rule != g->rule || g->since.us == 0) {
			g->rule = (uint8_t)rule;
			g->since = now;
		}
	}
}

static void keep_times(struct limit *l, struct mono now)
{
	int64_t ms = l->state.last.us == 0 ? 0 : mono_diff_us(now, l->state.last) / 1000;

	for (size_t i = 0; i < l->gun_count; i++) {
		struct limit_gun *g = &l->guns[i];

		g->write = false;
		if (limit_fell(g, now)) {
			/* What it had is gone: when it is back, it starts from here. */
			g->confirmed = g->confirmed && g->grant_w == g->failsafe_w;
			g->grant_w = g->failsafe_w;
			g->before_w = 0;
		}
		if (!g->asks) {
			g->served_ms = 0;
		} else if (g->grant_w > 0) {
			g->served_ms += ms;
		}
		if (g->confirmed && mono_diff_us(now, g->changed) >= g->lag_us && g->grant_w > 0) {
			g->before_w = 0;
		}
	}
	l->state.last = now;
}

int limit_decide(struct limit *l, struct limit_work *w, struct mono now)
{
	int rc;

	keep_times(l, now);
	room_judge_meter(l, now);
	room_count(l, now);
	admit(l, w, now);
	for (size_t i = 0; i < l->gun_count; i++) {
		learn_want(l, &l->guns[i], now);
	}
	rc = set_targets(l, w, now);
	if (rc != 0) {
		return rc;
	}
	go_down(l, now);
	room_count(l, now);
	go_up(l, w, now);
	explain(l, w, now);
	return 0;
}
