#ifndef PILED_LIMITWORLD_H
#define PILED_LIMITWORLD_H
/*
 * A random site for tests of limit.h: piles that take their set-points late, cars that come and go,
 * another load that moves, and a meter that fails in every way. The piles are kept as they are, not
 * as the controller sees them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "limit.h"

#define NODES   12
#define GUNS    24
#define STEPS   4000
#define STEP_US US_PER_S

static uint64_t rng;

static inline uint64_t next(void)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return rng;
}

static inline int64_t pick(int64_t low, int64_t high)
{
	return low + (int64_t)(next() % (uint64_t)(high - low + 1));
}

static inline bool chance(int64_t one_in)
{
	return pick(1, one_in) == 1;
}

/* The pile as it is, not as the controller sees it. */
struct pile {
	int64_t set_w;          /* set-point in force in the pile */
	int64_t coming_w;       /* written, in force at coming_us */
	int64_t coming_us;      /* 0 = nothing under way */
	int64_t draw_w, drew_w; /* now and at the step before */
	int64_t car_w;          /* what the car accepts */
	int64_t silent_us;      /* until */
	int64_t silent_from;
};

enum meter_fault {
	METER_GOOD,
	METER_DEAD,       /* no reply */
	METER_FROZEN,     /* replies, but its values stand: not believed */
	METER_IMPOSSIBLE, /* less than the guns take: not believed */
	METER_LATE,       /* what it reads is a step old */
	METER_FAULTS
};

/* The other load as it must be counted: between these, by the last good reading and its time. */
struct book {
	bool any;
	int64_t at_us;
	int64_t least_va[ALLOC_LIMITS], most_va[ALLOC_LIMITS];
};

struct world {
	struct limit limit;
	struct limit_node nodes[NODES];
	struct limit_gun guns[GUNS];
	struct pile piles[GUNS];
	int64_t other_va[ALLOC_LIMITS];  /* negative: more is fed back than taken */
	int64_t before_va[ALLOC_LIMITS]; /* the meter's values at the step before */
	enum meter_fault fault;
	int64_t fault_us; /* until */
	struct book book;
	int64_t now_us;
};

static inline uint64_t first_seed(void)
{
	const char *seed = getenv("PILED_SEED");

	rng = seed != NULL ? strtoull(seed, NULL, 10) : 88172645463325252ULL;
	print_message("# seed %llu\n", (unsigned long long)rng);
	return rng;
}

static inline void random_world(struct world *w)
{
	struct limit *l = &w->limit;

	memset(w, 0, sizeof *w);
	limit_defaults(&l->policy);
	l->policy.admission = chance(2);
	l->policy.laxity = chance(4);
	l->policy.target_pm = chance(2) ? 1000 : 900;
	l->policy.up_pm = chance(2) ? 0 : 30;
	l->nodes = w->nodes;
	l->guns = w->guns;
	l->node_count = (size_t)pick(1, NODES);
	l->gun_count = (size_t)pick(1, GUNS);
	l->rated_va = pick(30, 200) * 1000;
	for (size_t n = 0; n < l->node_count; n++) {
		int parent = (int)n - 1;

		while (parent > 0 && chance(2)) {
			parent = w->nodes[parent].parent;
		}
		w->nodes[n].parent = (int16_t)parent;
		for (int p = 0; p < ALLOC_LIMITS; p++) {
			w->nodes[n].limit_va[p] = chance(3) ? INT64_MAX : pick(5, 60) * 1000;
			w->nodes[n].outside_va[p] = INT64_MAX;
		}
	}
	for (int p = 0; p < ALLOC_LIMITS; p++) {
		w->nodes[0].limit_va[p] = p == ALLOC_SUM ? l->rated_va : l->rated_va / 3;
		l->meter.worst_va[p] = w->nodes[0].limit_va[p] / 2;
		w->other_va[p] = w->nodes[0].limit_va[p] / 4;
	}
	for (size_t i = 0; i < l->gun_count; i++) {
		bool three = chance(2);

		w->guns[i] = (struct limit_gun){.node = (int16_t)(i * l->node_count / l->gun_count),
			.phases = three ? 7 : (uint8_t)(1 << pick(0, 2)),
			.va_pm = 1020,
			.weight = chance(4) ? (int32_t)pick(50, 300) : 100,
			.min_w = three ? 4140 : 1380,
			.max_w = three ? 22000 : 7000,
			.step_w = 23,
			.lag_us = 10 * US_PER_S,
			.safe_w = three ? 4140 : 1380,
			.watchdog_us = chance(2) ? 60 * US_PER_S : 0,
			.remaining_wh = 10000};
	}
}

/* What gun i could take at most from now on without another write. */
static inline int64_t most_w(const struct world *w, size_t i)
{
	const struct pile *p = &w->piles[i];
	int64_t most = p->set_w > p->draw_w ? p->set_w : p->draw_w;

	return p->coming_us != 0 && p->coming_w > most ? p->coming_w : most;
}

static inline int64_t load_va(const struct limit_gun *g, int limit, int64_t power_w)
{
	int k = (g->phases & 1) + (g->phases >> 1 & 1) + (g->phases >> 2 & 1);

	if (limit == ALLOC_SUM) {
		return power_w * g->va_pm / 1000;
	}
	return g->phases >> limit & 1 ? power_w * g->va_pm / 1000 / k : 0;
}

static inline bool under(const struct world *w, int gun_node, int node)
{
	while (gun_node > node) {
		gun_node = w->nodes[gun_node].parent;
	}
	return gun_node == node;
}

static inline int64_t sum_va(const struct world *w, int node, int limit, bool drawn)
{
	int64_t sum = 0;

	for (size_t i = 0; i < w->limit.gun_count; i++) {
		if (under(w, w->guns[i].node, node)) {
			sum += load_va(
				&w->guns[i], limit, drawn ? w->piles[i].draw_w : most_w(w, i));
		}
	}
	return sum;
}

/* Cars come and go, piles take their set-points, the other load moves, things break. */
static inline void live(struct world *w)
{
	w->now_us += STEP_US;
	for (size_t i = 0; i < w->limit.gun_count; i++) {
		struct pile *p = &w->piles[i];
		struct limit_gun *g = &w->guns[i];

		if (chance(600)) {
			g->asks = !g->asks;
			g->asked.us = w->now_us;
			g->departs.us = w->now_us + pick(600, 30000) * US_PER_S;
			p->car_w = g->asks ? pick(g->min_w, g->max_w) : 0;
		}
		if (chance(2000) && p->silent_us == 0) {
			p->silent_us = w->now_us + pick(5, 200) * US_PER_S;
			p->silent_from = w->now_us;
		}
		if (p->silent_us != 0 && w->now_us >= p->silent_us) {
			p->silent_us = 0;
		}
		if (p->coming_us != 0 && w->now_us >= p->coming_us) {
			p->set_w = p->coming_w;
			p->coming_us = 0;
		}
		if (p->silent_us != 0 && g->watchdog_us > 0 &&
			w->now_us - p->silent_from >= g->watchdog_us) {
			p->set_w = g->failsafe_w;
		}
		p->drew_w = p->draw_w;
		p->draw_w = p->car_w < p->set_w ? p->car_w : p->set_w;
	}
	if (chance(300)) {
		for (int p = 0; p < ALLOC_LIMITS; p++) {
			int64_t limit = w->nodes[0].limit_va[p];

			w->other_va[p] = pick(chance(4) ? -limit / 3 : 0, limit / 2);
		}
	}
	if (w->fault == METER_GOOD && chance(1500)) {
		w->fault = (enum meter_fault)pick(METER_DEAD, METER_FAULTS - 1);
		w->fault_us = w->now_us + pick(2, 600) * US_PER_S;
	}
	if (w->now_us >= w->fault_us) {
		w->fault = METER_GOOD;
	}
}

static inline void read_meter(struct world *w)
{
	struct limit_meter *m = &w->limit.meter;
	int64_t va[ALLOC_LIMITS];

	for (int p = 0; p < ALLOC_LIMITS; p++) {
		int64_t now_va = w->other_va[p] + sum_va(w, 0, p, true);

		va[p] = w->fault == METER_LATE ? w->before_va[p] : now_va;
		w->before_va[p] = now_va;
	}
	if (w->fault == METER_DEAD || chance(10)) {
		return;
	}
	m->known = true;
	m->believed = w->fault != METER_FROZEN && w->fault != METER_IMPOSSIBLE;
	m->at.us = w->now_us - (w->fault == METER_LATE ? STEP_US : 0);
	for (int p = 0; p < ALLOC_LIMITS; p++) {
		m->va[p] = w->fault == METER_FROZEN       ? m->va[p]
			   : w->fault == METER_IMPOSSIBLE ? 0
							  : va[p];
	}
	if (!m->believed || (w->book.any && m->at.us <= w->book.at_us)) {
		return;
	}
	w->book.any = true;
	w->book.at_us = m->at.us;
	for (int p = 0; p < ALLOC_LIMITS; p++) {
		int64_t low = 0, high = 0;

		for (size_t i = 0; i < w->limit.gun_count; i++) {
			const struct limit_gun *g = &w->guns[i];

			low += g->measured ? load_va(g, p, g->low_w) : 0;
			high += g->measured ? load_va(g, p, g->high_w) : 0;
		}
		w->book.least_va[p] = m->va[p] > high ? m->va[p] - high : 0;
		w->book.most_va[p] = m->va[p] > low ? m->va[p] - low : 0;
	}
}

static inline void read_inputs(struct world *w)
{
	struct limit *l = &w->limit;

	for (size_t i = 0; i < l->gun_count; i++) {
		struct limit_gun *g = &w->guns[i];
		struct pile *p = &w->piles[i];
		bool answers = p->silent_us == 0;

		g->silent.us = answers ? 0 : p->silent_from;
		g->measured = answers && !chance(20);
		if (g->measured) {
			g->power_w = p->draw_w;
			g->low_w = p->draw_w < p->drew_w ? p->draw_w : p->drew_w;
			g->high_w = p->draw_w > p->drew_w ? p->draw_w : p->drew_w;
		}
		if (answers && p->coming_us == 0 && p->set_w == g->grant_w) {
			g->confirmed = true;
		}
	}
	read_meter(w);
}

static inline void write_grants(struct world *w)
{
	for (size_t i = 0; i < w->limit.gun_count; i++) {
		struct pile *p = &w->piles[i];
		struct limit_gun *g = &w->guns[i];

		/* A write to a silent pile is lost; the agent repeats what was not read back. */
		if (p->silent_us != 0 ||
			(p->coming_us != 0 ? p->coming_w : p->set_w) == g->grant_w) {
			continue;
		}
		p->coming_w = g->grant_w;
		p->coming_us = w->now_us + pick(1, g->lag_us / 2);
	}
}

#endif
