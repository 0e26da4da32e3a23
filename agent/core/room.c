#include "room.h"

#include <string.h>

#define FLICKER_PART 4 /* of the part of a limit above its target */

/* ---- Loads. ---- */

/* Apparent power that the gun puts on a limit, in mVA; 1/k of it on each of k phases. */
int64_t limit_load_mva(const struct limit_gun *g, int limit, int64_t power_w)
{
	int k = (g->phases & 1) + (g->phases >> 1 & 1) + (g->phases >> 2 & 1);

	if (limit == ALLOC_SUM) {
		return power_w * g->va_pm;
	}
	return g->phases >> limit & 1 ? (power_w * g->va_pm + k - 1) / k : 0;
}

bool limit_fell(const struct limit_gun *g, struct mono now)
{
	return g->silent.us != 0 && g->watchdog_us > 0 &&
	       mono_diff_us(now, g->silent) >= g->watchdog_us + g->lag_us;
}

static int64_t counted_w(const struct limit_gun *g, struct mono now)
{
	int64_t w = g->grant_w;

	if (g->disobeys) {
		return g->measured ? (g->power_w > w ? g->power_w : w) : g->max_w;
	}
	if (g->silent.us != 0) {
		w = g->before_w > w ? g->before_w : w;
		return g->watchdog_us > 0 && g->failsafe_w > w ? g->failsafe_w : w;
	}
	if (g->before_w > w) {
		bool seen =
			g->confirmed && (g->measured || mono_diff_us(now, g->changed) >= g->lag_us);

		if (!seen) {
			w = g->before_w;
		}
	}
	return g->measured && g->power_w > w ? g->power_w : w;
}

void room_count(struct limit *l, struct mono now)
{
	for (size_t n = 0; n < l->node_count; n++) {
		memset(l->nodes[n].counted_va, 0, sizeof l->nodes[n].counted_va);
	}
	for (size_t i = 0; i < l->gun_count; i++) {
		struct limit_gun *g = &l->guns[i];

		g->counted_w = counted_w(g, now);
		for (int n = g->node; n >= 0; n = l->nodes[n].parent) {
			for (int p = 0; p < ALLOC_LIMITS; p++) {
				l->nodes[n].counted_va[p] += limit_load_mva(g, p, g->counted_w);
			}
		}
	}
	for (size_t n = 0; n < l->node_count; n++) {
		for (int p = 0; p < ALLOC_LIMITS; p++) {
			l->nodes[n].counted_va[p] = (l->nodes[n].counted_va[p] + 999) / 1000;
		}
	}
}

/* ---- The meter: which stage of the ladder, and the other load. ---- */

static bool under(const struct limit *l, int gun_node, int node)
{
	while (gun_node > node) {
		gun_node = l->nodes[gun_node].parent;
	}
	return gun_node == node;
}

/* What the guns of a node took when its meter was read: at least, at most. */
static void guns_va(
	const struct limit *l, int node, int64_t low[ALLOC_LIMITS], int64_t high[ALLOC_LIMITS])
{
	memset(low, 0, ALLOC_LIMITS * sizeof *low);
	memset(high, 0, ALLOC_LIMITS * sizeof *high);
	for (size_t i = 0; i < l->gun_count; i++) {
		const struct limit_gun *g = &l->guns[i];
		int64_t top = g->high_w > g->low_w ? g->high_w : g->low_w;

		if (!g->measured || !under(l, g->node, node)) {
			continue;
		}
		for (int p = 0; p < ALLOC_LIMITS; p++) {
			low[p] += limit_load_mva(g, p, g->low_w);
			high[p] += limit_load_mva(g, p, top);
		}
	}
	for (int p = 0; p < ALLOC_LIMITS; p++) {
		low[p] /= 1000;
		high[p] /= 1000;
	}
}

/* Takes a new reading of the node's meter, where there is one to be believed. */
static void take_reading(struct limit *l, int node, const struct limit_meter *meter,
	struct mono *good, uint8_t *any_good)
{
	int64_t low[ALLOC_LIMITS], high[ALLOC_LIMITS];

	if (!meter->known || !meter->believed || (*any_good && meter->at.us <= good->us)) {
		return;
	}
	guns_va(l, node, low, high);
	for (int p = 0; p < ALLOC_LIMITS; p++) {
		int64_t least = meter->va[p] - high[p], most = meter->va[p] - low[p];
		int64_t other = l->nodes[node].other_va[p];

		other = other < least ? least : other > most ? most : other;
		l->nodes[node].other_va[p] = other > 0 ? other : 0;
	}
	*good = meter->at;
	*any_good = true;
}

static void set_worst(struct limit *l, int node, const struct limit_meter *meter)
{
	memcpy(l->nodes[node].other_va, meter->worst_va, sizeof meter->worst_va);
}

static void judge_feeds(struct limit *l, struct mono now)
{
	for (size_t i = 0; i < l->feed_count; i++) {
		struct limit_feed *f = &l->feeds[i];
		int64_t age;

		if (!f->metered) {
			set_worst(l, f->node, &f->meter);
			continue;
		}
		if (!f->any_good && f->good.us == 0) {
			f->good = now;
			set_worst(l, f->node, &f->meter);
		}
		take_reading(l, f->node, &f->meter, &f->good, &f->any_good);
		age = mono_diff_us(now, f->good);
		if (age > l->policy.lost_us) {
			set_worst(l, f->node, &f->meter);
		}
		/* Once it counts with its worst case, nothing worse can come. */
		l->nodes[f->node].stale = age > l->policy.fresh_us && age <= l->policy.lost_us;
	}
}

void room_judge_meter(struct limit *l, struct mono now)
{
	struct limit_state *s = &l->state;
	int64_t age;

	if (!s->any_good && s->good.us == 0) {
		/* From the start on it has as long to appear as it has to come back later. */
		s->good = now;
		set_worst(l, 0, &l->meter);
	}
	take_reading(l, 0, &l->meter, &s->good, &s->any_good);
	age = mono_diff_us(now, s->good);
	s->stage = s->any_good && age <= l->policy.fresh_us ? STAGE_FRESH
		   : age <= l->policy.lost_us               ? STAGE_HOLD
		   : age <= l->policy.safe_us               ? STAGE_LOST
							    : STAGE_SAFE;
	if (s->stage >= STAGE_LOST) {
		set_worst(l, 0, &l->meter);
	}
	judge_feeds(l, now);
}

/* ---- What may be used. ---- */

static int64_t in_force_va(const struct limit *l, size_t n, int p)
{
	const struct limit_node *node = &l->nodes[n];

	return node->outside_va[p] < node->limit_va[p] ? node->outside_va[p] : node->limit_va[p];
}

static int64_t target_va(const struct limit *l, size_t n, int p)
{
	int32_t own_pm = l->nodes[n].target_pm;
	int64_t limit = in_force_va(l, n, p), target_pm = own_pm > 0 ? own_pm : l->policy.target_pm;

	return limit == INT64_MAX ? limit
				  : limit / 1000 * target_pm + limit % 1000 * target_pm / 1000;
}

int64_t limit_usable_va(const struct limit *l, size_t n, int p)
{
	int64_t limit = target_va(l, n, p);

	if (n == 0 && p == ALLOC_SUM && l->state.waiting > 0 && l->policy.fair) {
		/* While a start waits, make room for it under the threshold of admission. */
		int64_t just_under = l->rated_va * (l->policy.stop_pm - 10) / 1000;

		limit = limit < just_under ? limit : just_under;
	}
	return limit;
}

int64_t room_va(const struct limit *l, size_t n, int p)
{
	int64_t limit = limit_usable_va(l, n, p);

	return limit == INT64_MAX ? limit : limit - l->nodes[n].other_va[p];
}

int64_t room_flicker_va(const struct limit *l, size_t n, int p)
{
	return (in_force_va(l, n, p) - target_va(l, n, p)) / FLICKER_PART;
}
