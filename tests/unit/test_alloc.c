/* Sharing over a tree of limits, fair and in order: properties over random trees. PILED_SEED
 * repeats a run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alloc.h"

#define NODES 40
#define GUNS  120

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

struct tree {
	struct alloc_node nodes[NODES];
	struct alloc_gun guns[GUNS];
	size_t node_count, gun_count;
};

static void random_tree(struct tree *t)
{
	memset(t, 0, sizeof *t);
	t->node_count = (size_t)pick(1, NODES);
	t->gun_count = (size_t)pick(0, GUNS);
	for (size_t i = 0; i < t->node_count; i++) {
		/* Depth first: the parent is on the path of the node before. */
		int parent = (int)i - 1;

		while (parent > 0 && next() % 2) {
			parent = t->nodes[parent].parent;
		}
		t->nodes[i].parent = (int16_t)parent;
		for (int l = 0; l < ALLOC_LIMITS; l++) {
			t->nodes[i].room_va[l] = next() % 4 == 0
							 ? INT64_MAX
							 : pick(-20000, i == 0 ? 900000 : 150000);
		}
	}
	for (size_t i = 0; i < t->gun_count; i++) {
		struct alloc_gun *g = &t->guns[i];

		g->node = (int16_t)(i * t->node_count / t->gun_count);
		g->phases = (uint8_t)pick(1, 7);
		g->va_pm = (int32_t)pick(1000, 1100);
		g->weight = (int32_t)(next() % 2 ? 100 : pick(1, 10000));
		g->keep = next() % 4 == 0;
		g->rank = (int32_t)pick(0, 10);
		g->min_w = next() % 3 ? 1380 : pick(0, 20000);
		g->want_w = next() % 8 ? pick(0, 120000) : 0;
		g->grant_w = -1;
	}
}

static int64_t share_va6(const struct alloc_gun *g, int limit, int64_t w)
{
	int k = (g->phases & 1) + (g->phases >> 1 & 1) + (g->phases >> 2 & 1);

	if (limit == ALLOC_SUM) {
		return w * g->va_pm * 6;
	}
	return g->phases >> limit & 1 ? w * g->va_pm * 6 / k : 0;
}

/* Use of a limit in VA x 6000. */
static int64_t use(const struct tree *t, int node, int limit)
{
	int64_t sum = 0;

	for (size_t i = 0; i < t->gun_count; i++) {
		int n = t->guns[i].node;

		while (n > node) {
			n = t->nodes[n].parent;
		}
		if (n == node) {
			sum += share_va6(&t->guns[i], limit, t->guns[i].grant_w);
		}
	}
	return sum;
}

static void no_limit_is_exceeded(const struct tree *t)
{
	for (size_t n = 0; n < t->node_count; n++) {
		for (int l = 0; l < ALLOC_LIMITS; l++) {
			int64_t u = use(t, (int)n, l);

			if (u > 0 && t->nodes[n].room_va[l] != INT64_MAX) {
				assert_true(u <= t->nodes[n].room_va[l] * 6000);
			}
		}
	}
}

static void grants_are_in_range(const struct tree *t)
{
	for (size_t i = 0; i < t->gun_count; i++) {
		const struct alloc_gun *g = &t->guns[i];

		assert_true(g->grant_w == 0 || g->grant_w >= g->min_w);
		assert_true(g->grant_w <= g->want_w);
		if (g->by_node == ALLOC_BY_WANT) {
			assert_true(g->grant_w == g->want_w || g->want_w < g->min_w);
		}
	}
}

/* Max-min fairness: a gun that is held below what it wants is held by a full limit, under which
 * no gun above its minimum stands on a higher level. */
static void held_guns_are_held_fairly(const struct tree *t)
{
	for (size_t i = 0; i < t->gun_count; i++) {
		const struct alloc_gun *g = &t->guns[i];
		double level = (double)g->grant_w / g->weight;
		int64_t left;

		if (g->by_node == ALLOC_BY_WANT || g->grant_w == 0) {
			continue;
		}
		left = t->nodes[g->by_node].room_va[g->by_limit] * 6000 -
		       use(t, g->by_node, g->by_limit);
		/* What rounding leaves: 12 W a gun at the greatest weight. */
		assert_true(left <= (int64_t)GUNS * 36 * 1100 * 6);
		for (size_t j = 0; j < t->gun_count; j++) {
			const struct alloc_gun *o = &t->guns[j];
			int n = o->node;

			while (n > g->by_node) {
				n = t->nodes[n].parent;
			}
			if (n == g->by_node && share_va6(o, g->by_limit, 1) > 0 &&
				o->grant_w > o->min_w) {
				assert_true((double)o->grant_w / o->weight <=
					    level + 0.01 + 12.0 / o->weight + 12.0 / g->weight);
			}
		}
	}
}

static void random_trees(void **state)
{
	const char *seed = getenv("PILED_SEED");
	struct alloc *a;
	struct tree t, again;

	(void)state;
	rng = seed != NULL ? strtoull(seed, NULL, 10) : 88172645463325252ULL;
	print_message("# seed %llu\n", (unsigned long long)rng);
	assert_int_equal(alloc_new(NODES, GUNS, &a), 0);
	for (int i = 0; i < 20000; i++) {
		random_tree(&t);
		again = t;
		assert_int_equal(alloc_share(a, t.nodes, t.node_count, t.guns, t.gun_count), 0);
		no_limit_is_exceeded(&t);
		grants_are_in_range(&t);
		held_guns_are_held_fairly(&t);
		alloc_share(a, again.nodes, again.node_count, again.guns, again.gun_count);
		assert_memory_equal(&t, &again, sizeof t);
	}
	alloc_free(a);
}

/* ---- One after the other, in order of rank. ---- */

/* What the gun could have more of each limit above it, as far as it wants. */
static int64_t could_rise_w(const struct tree *t, const struct alloc_gun *g)
{
	int64_t least = g->want_w - g->grant_w;

	for (int n = g->node; n >= 0; n = t->nodes[n].parent) {
		for (int l = 0; l < ALLOC_LIMITS; l++) {
			int64_t left, w;

			if (share_va6(g, l, 1) == 0 || t->nodes[n].room_va[l] == INT64_MAX) {
				continue;
			}
			left = t->nodes[n].room_va[l] * 6000 - use(t, n, l);
			w = left < 0 ? -1 : left / share_va6(g, l, 1);
			least = w < least ? w : least;
		}
	}
	return least;
}

/* Nobody who is served could have more: what those of a better rank do not take is used. Not so
 * where somebody gave way for another's minimum: that may leave room that is not its own. */
static void nothing_is_left_over(const struct tree *t, bool minimums)
{
	for (size_t i = 0; i < t->gun_count; i++) {
		const struct alloc_gun *g = &t->guns[i];

		if (g->grant_w > 0 && g->by_node == ALLOC_BY_WANT) {
			assert_int_equal(g->grant_w, g->want_w);
		}
		/* What holds it is a limit that it loads. */
		assert_true(g->by_node == ALLOC_BY_WANT || share_va6(g, g->by_limit, 1) > 0);
		if (!minimums) {
			assert_true(could_rise_w(t, g) <= 0);
		}
	}
}

static void random_orders(void **state)
{
	const char *seed = getenv("PILED_SEED");
	struct tree t, again;
	size_t first = 0;
	struct alloc *a;

	(void)state;
	rng = seed != NULL ? strtoull(seed, NULL, 10) : 88172645463325252ULL;
	print_message("# seed %llu\n", (unsigned long long)rng);
	assert_int_equal(alloc_new(NODES, GUNS, &a), 0);
	for (int i = 0; i < 10000; i++) {
		const struct alloc_gun *best = NULL;
		bool minimums = i % 2 == 0;

		random_tree(&t);
		for (size_t k = 0; k < t.gun_count; k++) {
			t.guns[k].min_w = minimums ? t.guns[k].min_w : 0;
			t.guns[k].rank = (int32_t)(t.gun_count - k); /* the last first, no equals */
		}
		again = t;
		assert_int_equal(alloc_in_order(a, t.nodes, t.node_count, t.guns, t.gun_count), 0);
		no_limit_is_exceeded(&t);
		grants_are_in_range(&t);
		nothing_is_left_over(&t, minimums);
		alloc_in_order(a, again.nodes, again.node_count, again.guns, again.gun_count);
		assert_memory_equal(&t, &again, sizeof t);
		/* Who is first has at least its minimum, where that fits, whoever else is there. */
		if (t.gun_count > 0) {
			struct tree alone = t;

			best = &t.guns[t.gun_count - 1];
			for (size_t k = 0; k < t.gun_count; k++) {
				alone.guns[k].grant_w = 0;
			}
			if (could_rise_w(&alone, &alone.guns[t.gun_count - 1]) >= best->min_w &&
				best->want_w > 0) {
				first++;
				assert_true(best->grant_w >= best->min_w);
			}
		}
	}
	assert_true(first > 1000);
	alloc_free(a);
}

static void who_is_first_gets_all(void **state)
{
	struct alloc_node nodes[] = {{-1, {INT64_MAX, INT64_MAX, INT64_MAX, 9000}}};
	struct alloc_gun guns[] = {
		{.phases = 7, .va_pm = 1000, .weight = 100, .min_w = 1000, .want_w = 7000},
		{.phases = 7, .va_pm = 1000, .weight = 100, .min_w = 1000, .want_w = 7000},
		{.phases = 7, .va_pm = 1000, .weight = 100, .min_w = 3000, .want_w = 7000},
	};
	struct alloc *a;

	(void)state;
	assert_int_equal(alloc_new(1, 3, &a), 0);
	guns[0].rank = 2;
	guns[1].rank = 1;
	guns[2].rank = 3;
	assert_int_equal(alloc_in_order(a, nodes, 1, guns, 3), 0);
	assert_int_equal(guns[1].grant_w, 7000);
	assert_int_equal(guns[0].grant_w, 2000);
	assert_int_equal(guns[2].grant_w, 0);
	/* The third's minimum nearly fits: who comes before gives what it lacks, the last first. */
	nodes[0].room_va[ALLOC_SUM] = 9900;
	guns[0].want_w = 2000;
	assert_int_equal(alloc_in_order(a, nodes, 1, guns, 3), 0);
	assert_int_equal(guns[2].grant_w, 3000);
	assert_int_equal(guns[0].grant_w, 1000); /* not below its minimum */
	assert_int_equal(guns[1].grant_w, 5900);
	assert_int_equal(guns[1].by_node, 0);
	/* Where all that they have above their minimums is not enough, nobody gives. */
	guns[2].min_w = 9000;
	guns[2].want_w = 9000;
	assert_int_equal(alloc_in_order(a, nodes, 1, guns, 3), 0);
	assert_int_equal(guns[1].grant_w, 7000);
	assert_int_equal(guns[0].grant_w, 2000);
	assert_int_equal(guns[2].grant_w, 0);
	alloc_free(a);
}

/* The room that a gun's minimum lacks is kept for it, but not if it could never fit. */
static void room_is_kept_for_a_great_minimum(void **state)
{
	struct alloc_node nodes[] = {{-1, {INT64_MAX, INT64_MAX, INT64_MAX, 9000}}};
	struct alloc_gun guns[] = {
		{.rank = 1,
			.phases = 7,
			.va_pm = 1000,
			.weight = 100,
			.min_w = 2000,
			.want_w = 3000},
		{.rank = 2,
			.phases = 7,
			.va_pm = 1000,
			.weight = 100,
			.min_w = 8000,
			.want_w = 8000},
		{.rank = 3,
			.phases = 7,
			.va_pm = 1000,
			.weight = 100,
			.min_w = 2000,
			.want_w = 2000},
	};
	struct alloc *a;

	(void)state;
	assert_int_equal(alloc_new(1, 3, &a), 0);
	assert_int_equal(alloc_share(a, nodes, 1, guns, 3), 0);
	assert_int_equal(guns[2].grant_w, 2000);
	guns[1].keep = 1;
	assert_int_equal(alloc_share(a, nodes, 1, guns, 3), 0);
	assert_int_equal(guns[0].grant_w, 3000); /* who is served may use it meanwhile */
	assert_int_equal(guns[1].grant_w, 0);
	assert_int_equal(guns[2].grant_w, 0);
	guns[1].min_w = 9001;
	guns[1].want_w = 9001;
	assert_int_equal(alloc_share(a, nodes, 1, guns, 3), 0);
	assert_int_equal(guns[2].grant_w, 2000);
	alloc_free(a);
}

static void example(void **state)
{
	struct alloc_node nodes[] = {
		{-1, {10000, 10000, 10000, 25000}},
		{0, {7000, 7000, 7000, INT64_MAX}},
	};
	struct alloc_gun guns[] = {
		{.node = 0,
			.phases = 1,
			.va_pm = 1000,
			.weight = 100,
			.min_w = 1380,
			.want_w = 7000},
		{.node = 1,
			.phases = 1,
			.va_pm = 1000,
			.weight = 100,
			.min_w = 1380,
			.want_w = 7000},
		{.node = 1,
			.phases = 7,
			.va_pm = 1000,
			.weight = 100,
			.min_w = 4140,
			.want_w = 22000},
	};
	struct alloc *a;

	(void)state;
	assert_int_equal(alloc_new(2, 3, &a), 0);
	assert_int_equal(alloc_share(a, nodes, 2, guns, 3), 0);
	/* L1 of the root: 10 kVA for x + y + z/3; x = y = z = 4285. Then x and y are held there,
	 * and so is z, whose third loads L1 too. */
	assert_in_range(guns[0].grant_w, 4283, 4286);
	assert_in_range(guns[1].grant_w, 4283, 4286);
	assert_in_range(guns[2].grant_w, 4283, 4286);
	assert_int_equal(guns[0].by_node, 0);
	assert_int_equal(guns[0].by_limit, 0);
	guns[0].want_w = 2000;
	assert_int_equal(alloc_share(a, nodes, 2, guns, 3), 0);
	assert_int_equal(guns[0].grant_w, 2000);
	/* Now L1 of the inner node: 7 kVA for y + z/3: y = z = 5250. */
	assert_in_range(guns[1].grant_w, 5248, 5250);
	assert_int_equal(guns[1].by_node, 1);
	nodes[1].parent = 1;
	assert_int_equal(alloc_share(a, nodes, 2, guns, 3), ERR_INVAL);
	alloc_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(example),
		cmocka_unit_test(random_trees),
		cmocka_unit_test(random_orders),
		cmocka_unit_test(who_is_first_gets_all),
		cmocka_unit_test(room_is_kept_for_a_great_minimum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
