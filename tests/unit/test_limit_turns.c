/*
 * Fair: everybody is served in bounded time, over random sites that are far too small, however cars
 * come and go. The bound: after policy.wait_us a gun at 0 is next but for those that wait longer,
 * and each of these has to wait at most until the guns that are on have had their minimum time:
 *     wait_us + guns x (min_on_us + a few lags).
 * PILED_SEED repeats a run.
 */
#include "limitworld.h"

#define TICK_US   (10 * US_PER_S)
#define HOURS     30
#define SETTLE_US (120 * US_PER_S)

struct crowd {
	struct world w;
	int64_t off_us[GUNS]; /* since when it asks and has nothing; 0 = it has, or does not ask */
	int64_t worst_us;     /* the longest of these times */
	int64_t first_us[GUNS]; /* when its first car comes */
	int64_t stay_us[GUNS];
	bool leaves_when_served; /* the worst for the others: the next one has had nothing yet */
};

static int64_t bound_us(const struct limit *l)
{
	return l->policy.wait_us + (int64_t)l->gun_count * (l->policy.min_on_us + SETTLE_US);
}

static void random_crowd(struct crowd *c)
{
	struct limit *l = &c->w.limit;
	int64_t least_va = 0;

	memset(c, 0, sizeof *c);
	random_world(&c->w);
	l->policy.admission = false;
	l->policy.laxity = false;
	l->policy.up_pm = 0;
	c->leaves_when_served = chance(2);
	for (size_t i = 0; i < l->gun_count; i++) {
		struct limit_gun *g = &c->w.guns[i];

		g->watchdog_us = 0;
		g->min_w = chance(3) ? pick(1, 6) * 1000 : g->min_w;
		g->confirmed = true;
		least_va = load_va(g, ALLOC_SUM, g->min_w) > least_va
				   ? load_va(g, ALLOC_SUM, g->min_w)
				   : least_va;
	}
	/* Any one of them fits alone, on one phase too; often not even two. */
	for (size_t n = 0; n < l->node_count; n++) {
		for (int p = 0; p < ALLOC_LIMITS; p++) {
			c->w.nodes[n].limit_va[p] =
				n > 0 && chance(2)
					? INT64_MAX
					: least_va * 115 / 100 + 100 + pick(0, least_va * 3);
		}
	}
	l->rated_va = c->w.nodes[0].limit_va[ALLOC_SUM];
	memset(c->w.other_va, 0, sizeof c->w.other_va);
}

static void cars_come_and_go(struct crowd *c)
{
	struct world *w = &c->w;

	for (size_t i = 0; i < w->limit.gun_count; i++) {
		struct limit_gun *g = &w->guns[i];
		bool enough = c->leaves_when_served && g->grant_w > 0 &&
			      w->now_us - g->turned.us >= w->limit.policy.min_on_us;

		if (g->asks && (enough || w->now_us >= c->stay_us[i])) {
			g->asks = false;
		} else if (!g->asks && w->now_us >= c->first_us[i]) {
			g->asks = true;
			g->asked.us = w->now_us;
			c->stay_us[i] = w->now_us + pick(1, 40) * 3600 * US_PER_S;
			w->piles[i].car_w = pick(g->min_w, g->max_w);
		}
	}
}

static void tick(struct crowd *c, struct limit_work *work)
{
	struct world *w = &c->w;

	w->now_us += TICK_US;
	cars_come_and_go(c);
	for (size_t i = 0; i < w->limit.gun_count; i++) {
		struct pile *p = &w->piles[i];
		struct limit_gun *g = &w->guns[i];

		p->draw_w = !g->asks ? 0 : p->car_w < p->set_w ? p->car_w : p->set_w;
		p->drew_w = p->draw_w;
		g->measured = true;
		g->confirmed = true;
		g->power_w = p->draw_w;
		g->low_w = p->draw_w;
	}
	read_meter(w);
	assert_int_equal(limit_decide(&w->limit, work, (struct mono){w->now_us}), 0);
	for (size_t i = 0; i < w->limit.gun_count; i++) {
		struct limit_gun *g = &w->guns[i];

		w->piles[i].set_w = g->grant_w;
		if (!g->asks || g->grant_w > 0) {
			c->off_us[i] = 0;
		} else if (c->off_us[i] == 0) {
			c->off_us[i] = w->now_us;
		} else if (w->now_us - c->off_us[i] > c->worst_us) {
			c->worst_us = w->now_us - c->off_us[i];
		}
	}
}

static void every_waiting_gun_is_served(void **state)
{
	static struct crowd c;
	struct limit_work *work;
	int64_t most_pm = 0;

	(void)state;
	first_seed();
	assert_int_equal(limit_work_new(NODES, GUNS, &work), 0);
	for (int site = 0; site < 40; site++) {
		random_crowd(&c);
		for (int k = 0; k < HOURS * 360; k++) {
			tick(&c, work);
			if (c.worst_us > bound_us(&c.w.limit)) {
				print_message("# site %d, %zu guns: a gun waited %lld s\n", site,
					c.w.limit.gun_count, (long long)(c.worst_us / US_PER_S));
			}
			assert_true(c.worst_us <= bound_us(&c.w.limit));
		}
		if (c.worst_us * 1000 / bound_us(&c.w.limit) > most_pm) {
			most_pm = c.worst_us * 1000 / bound_us(&c.w.limit);
		}
	}
	print_message("# the longest wait took %lld per mille of its bound\n", (long long)most_pm);
	limit_work_free(work);
}

/* A gun with a great minimum among small ones: the room that they leave one after another is kept
 * for it. */
static void a_great_minimum_is_not_overtaken_for_ever(void **state)
{
	static struct crowd c;
	struct limit_work *work;
	struct limit *l = &c.w.limit;

	(void)state;
	rng = 1;
	random_crowd(&c);
	assert_int_equal(limit_work_new(NODES, GUNS, &work), 0);
	l->node_count = 1;
	l->gun_count = 9;
	c.leaves_when_served = true;
	for (int p = 0; p < ALLOC_LIMITS; p++) {
		c.w.nodes[0].limit_va[p] = p == ALLOC_SUM ? 15000 : INT64_MAX;
	}
	for (size_t i = 0; i < l->gun_count; i++) {
		c.w.guns[i] = (struct limit_gun){.phases = 7,
			.va_pm = 1020,
			.weight = 100,
			.min_w = i == 8 ? 10000 : 1380,
			.max_w = i == 8 ? 20000 : 2000,
			.step_w = 23,
			.lag_us = 10 * US_PER_S};
		c.first_us[i] = (int64_t)i * 110 * US_PER_S;
	}
	/* The small ones begin one after another, so that never two end at once. */
	for (int k = 0; k < HOURS * 360; k++) {
		tick(&c, work);
		assert_true(c.worst_us <= bound_us(l));
	}
	limit_work_free(work);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_waiting_gun_is_served),
		cmocka_unit_test(a_great_minimum_is_not_overtaken_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
