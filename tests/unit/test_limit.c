/*
 * Load management decided over random sites, loads and faults: what the guns could take at most,
 * kept by a model of its own, never exceeds a limit by more than the other load moved; the other
 * load is by the book whatever the meter does; and the same input gives the same grants.
 * PILED_SEED repeats a run.
 */
#include "limitworld.h"

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

/* A meter's good reading is gone by for so long, then its worst case holds: whether it does not
 * answer, stands still, or reads what cannot be. */
static void other_load_is_by_the_book(const struct world *w)
{
	const struct limit *l = &w->limit;
	bool lost = !w->book.any || w->now_us - w->book.at_us > l->policy.lost_us;

	for (int p = 0; p < ALLOC_LIMITS; p++) {
		int64_t worst = l->meter.worst_va[p], other = w->nodes[0].other_va[p];
		int64_t n = (int64_t)l->gun_count; /* rounding */

		assert_true(other >= (lost ? worst : w->book.least_va[p] - n));
		assert_true(other <= (lost ? worst : w->book.most_va[p] + n));
	}
}

/* Without a fresh reading nobody gets more than the decision before gave. */
static void no_rise_is_blind(const struct world *w)
{
	const struct limit *l = &w->limit;

	if (w->book.any && w->now_us - w->book.at_us <= l->policy.fresh_us) {
		return;
	}
	for (size_t i = 0; i < l->gun_count; i++) {
		const struct limit_gun *g = &w->guns[i];

		assert_true(!g->write || g->before_w > g->grant_w || g->grant_w == 0);
	}
}

static void random_sites(void **state)
{
	struct limit_work *work;
	static struct world w;

	(void)state;
	first_seed();
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
			other_load_is_by_the_book(&w);
			no_rise_is_blind(&w);
		}
	}
	limit_work_free(work);
}

static uint64_t hash(uint64_t sum, const void *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		sum = (sum ^ ((const unsigned char *)bytes)[i]) * 1099511628211ULL;
	}
	return sum;
}

/* All that was decided in one life of a random site. */
static uint64_t one_life(uint64_t seed, struct limit_work *work)
{
	static struct world w;
	uint64_t sum = 14695981039346656037ULL;

	rng = seed;
	random_world(&w);
	for (int step = 0; step < STEPS; step++) {
		live(&w);
		read_inputs(&w);
		assert_int_equal(limit_decide(&w.limit, work, (struct mono){w.now_us}), 0);
		write_grants(&w);
		sum = hash(sum, w.guns, sizeof w.guns);
		sum = hash(sum, w.nodes, sizeof w.nodes);
		sum = hash(sum, &w.limit.state, sizeof w.limit.state);
	}
	return sum;
}

/* The same input gives the same grants, bit for bit, whatever the working memory saw before. */
static void same_input_same_grants(void **state)
{
	struct limit_work *worn, *fresh;
	uint64_t seed;

	(void)state;
	seed = first_seed();
	assert_int_equal(limit_work_new(NODES, GUNS, &worn), 0);
	for (uint64_t site = 0; site < 12; site++) {
		uint64_t a = one_life(seed + site, worn), b;

		assert_int_equal(limit_work_new(NODES, GUNS, &fresh), 0);
		b = one_life(seed + site, fresh);
		limit_work_free(fresh);
		assert_true(a == b);
		assert_true(a != one_life(seed + site + 1000, worn));
	}
	limit_work_free(worn);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_sites),
		cmocka_unit_test(same_input_same_grants),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
