/*
 * Load management decided over random sites, loads and faults: what the guns could take at most,
 * kept by a model of its own, never exceeds a limit by more than the other load moved.
 * PILED_SEED repeats a run.
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

static uint64_t next(void)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return rng;
}

static int64_t pick(int64_t low, int64_t high)
{
	return low + (int64_t)(next() % (uint64_t)(high - low + 1));
}

static bool chance(int64_t one_in)
{
	return pick(1, one_in) == 1;
}

/* The pile as it is, not as the controller sees it. */
struct pile {
	int64_t set_w;     /* set-point in force in the pile */
	int64_t coming_w;  /* written, in force at coming_us */
	int64_t coming_us; /* 0 = nothing under way */
	int64_t draw_w;
	int64_t car_w;     /* what the car accepts */
	int64_t silent_us; /* until */
	int64_t silent_from;
};

struct world {
	struct limit limit;
	struct limit_node nodes[NODES];
	struct limit_gun guns[GUNS];
	struct pile piles[GUNS];
	int64_t other_va[ALLOC_LIMITS];
	int64_t meter_off_us;
	int64_t now_us;
};

static void random_world(struct world *w)
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
static int64_t most_w(const struct world *w, size_t i)
{
	const struct pile *p = &w->piles[i];
	int64_t most = p->set_w > p->draw_w ? p->set_w : p->draw_w;

	return p->coming_us != 0 && p->coming_w > most ? p->coming_w : most;
}

static int64_t load_va(const struct limit_gun *g, int limit, int64_t power_w)
{
	int k = (g->phases & 1) + (g->phases >> 1 & 1) + (g->phases >> 2 & 1);

	if (limit == ALLOC_SUM) {
		return power_w * g->va_pm / 1000;
	}
	return g->phases >> limit & 1 ? power_w * g->va_pm / 1000 / k : 0;
}

static bool under(const struct world *w, int gun_node, int node)
{
	while (gun_node > node) {
		gun_node = w->nodes[gun_node].parent;
	}
	return gun_node == node;
}

static int64_t sum_va(const struct world *w, int node, int limit, bool drawn)
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
static void live(struct world *w)
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
		p->draw_w = p->car_w < p->set_w ? p->car_w : p->set_w;
	}
	if (chance(300)) {
		for (int p = 0; p < ALLOC_LIMITS; p++) {
			int64_t limit = w->nodes[0].limit_va[p] / 2;

			w->other_va[p] = pick(0, limit);
		}
	}
	if (w->meter_off_us == 0 && chance(1500)) {
		w->meter_off_us = w->now_us + pick(2, 600) * US_PER_S;
	}
	if (w->meter_off_us != 0 && w->now_us >= w->meter_off_us) {
		w->meter_off_us = 0;
	}
}

static void read_inputs(struct world *w)
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
			g->low_w = p->draw_w;
		}
		if (answers && p->coming_us == 0 && p->set_w == g->grant_w) {
			g->confirmed = true;
		}
	}
	if (w->meter_off_us == 0 && !chance(10)) {
		l->meter.known = true;
		l->meter.believed = true;
		l->meter.at.us = w->now_us;
		for (int p = 0; p < ALLOC_LIMITS; p++) {
			l->meter.va[p] = w->other_va[p] + sum_va(w, 0, p, true);
		}
	}
}

static void write_grants(struct world *w)
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

/* Where a gun may take more by this decision, what may be taken at most stays under the limit, with
 * the other load as it was read last (or the worst case, where it was not). */
static void rises_fit(const struct world *w, const int64_t *before)
{
	const struct limit *l = &w->limit;

	for (size_t i = 0; i < l->gun_count; i++) {
		if (!w->guns[i].write || w->guns[i].grant_w <= before[i]) {
			continue;
		}
		for (int n = w->guns[i].node; n >= 0; n = w->nodes[n].parent) {
			for (int p = 0; p < ALLOC_LIMITS; p++) {
				int64_t limit = w->nodes[n].limit_va[p];

				if (limit == INT64_MAX || load_va(&w->guns[i], p, 1000) == 0) {
					continue;
				}
				assert_true(sum_va(w, n, p, false) + w->nodes[n].other_va[p] <=
					    limit + (int64_t)l->gun_count * 2);
			}
		}
	}
}

static void grants_are_in_range(const struct world *w)
{
	for (size_t i = 0; i < w->limit.gun_count; i++) {
		const struct limit_gun *g = &w->guns[i];

		assert_true(g->grant_w == 0 || g->grant_w >= g->min_w);
		assert_true(g->grant_w <= g->max_w);
		assert_true(!g->stopped || g->grant_w == 0);
	}
}

/* With all limits as decided with, no limit is exceeded by the grants of guns that obey, unless
 * only guns that nobody can reach are left. */
static void over_means_nothing_left(const struct world *w)
{
	const struct limit *l = &w->limit;

	for (size_t n = 0; n < l->node_count; n++) {
		for (int p = 0; p < ALLOC_LIMITS; p++) {
			int64_t limit = w->nodes[n].limit_va[p], granted = 0, fixed = 0;

			for (size_t i = 0; i < l->gun_count; i++) {
				const struct limit_gun *g = &w->guns[i];

				if (!under(w, g->node, (int)n)) {
					continue;
				}
				if (g->silent.us != 0) {
					fixed += load_va(g, p, g->counted_w);
				} else {
					granted += load_va(g, p, g->grant_w);
				}
			}
			if (limit != INT64_MAX && granted > 0) {
				assert_true(granted + fixed + w->nodes[n].other_va[p] <=
					    limit + (int64_t)l->gun_count * 2);
			}
		}
	}
}

static void random_sites(void **state)
{
	const char *seed = getenv("PILED_SEED");
	struct limit_work *work;
	static struct world w;

	(void)state;
	rng = seed != NULL ? strtoull(seed, NULL, 10) : 88172645463325252ULL;
	print_message("# seed %llu\n", (unsigned long long)rng);
	assert_int_equal(limit_work_new(NODES, GUNS, &work), 0);
	for (int site = 0; site < 60; site++) {
		random_world(&w);
		for (int step = 0; step < STEPS; step++) {
			int64_t before[GUNS];

			live(&w);
			read_inputs(&w);
			for (size_t i = 0; i < w.limit.gun_count; i++) {
				before[i] = most_w(&w, i);
			}
			assert_int_equal(limit_decide(&w.limit, work, (struct mono){w.now_us}), 0);
			write_grants(&w);
			grants_are_in_range(&w);
			rises_fit(&w, before);
			over_means_nothing_left(&w);
		}
	}
	limit_work_free(work);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_sites),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
