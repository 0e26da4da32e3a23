/*
 * Which cars can be served whole (slack.h) and who comes first (laxity.h): examples with an answer
 * that one can see, and properties over random cars against what each set of them
 * can take at most. PILED_SEED repeats a run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "laxity.h"
#include "rng.h"
#include "view.h"

#define CARS   8
#define CAR_VA 7000
/* The plan counts in whole seconds, of each car in each stretch of time. */
#define SECONDS (CARS * CARS)

static const int64_t free_room[ALLOC_LIMITS] = {INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX};

/* A car that loads the sum, and one phase or (phase 3) all. */
static struct slack_car car(int64_t need_s, int64_t left_s, int phase)
{
	struct slack_car c = {.need_s = need_s, .left_s = left_s, .wh = need_s * 7 / 4};

	for (int l = 0; l < ALLOC_PHASES; l++) {
		c.va[l] = phase == 3 ? CAR_VA / 3 : phase == l ? CAR_VA : 0;
	}
	c.va[ALLOC_SUM] = CAR_VA;
	return c;
}

static void plan(struct slack_car *cars, size_t n, int64_t sum_va, int64_t phase_va)
{
	const int64_t room[ALLOC_LIMITS] = {phase_va, phase_va, phase_va, sum_va};
	int32_t order[2 * CARS];

	slack_plan(cars, order, n, room, true);
}

static void what_fits_is_planned_whole(void **state)
{
	struct slack_car cars[] = {car(3600, 7200, 0), car(3600, 7200, 0)};

	(void)state;
	plan(cars, 2, CAR_VA, INT64_MAX); /* one after the other */
	assert_int_equal(cars[0].plan_s, 3600);
	assert_int_equal(cars[1].plan_s, 3600);
}

/* Two that leave at once share what there is: the one that needs less is served whole. */
static void who_needs_least_is_served_whole(void **state)
{
	struct slack_car cars[] = {car(3600, 3600, 0), car(1800, 3600, 0)};

	(void)state;
	plan(cars, 2, CAR_VA, INT64_MAX);
	assert_int_equal(cars[1].plan_s, 1800);
	assert_in_range(cars[0].plan_s, 1790, 1800);
}

/* Who leaves too soon for what it wants gets none of what serves another whole. */
static void who_cannot_be_served_comes_last(void **state)
{
	struct slack_car cars[] = {car(9000, 3600, 0), car(3600, 3600, 0)};

	(void)state;
	plan(cars, 2, CAR_VA, INT64_MAX);
	assert_int_equal(cars[1].plan_s, 3600);
	assert_int_equal(cars[0].plan_s, 0);
	plan(cars, 2, 2 * CAR_VA, INT64_MAX);
	assert_int_equal(cars[0].plan_s, 3600); /* all that it can take until it leaves */
}

/* A full phase is another's free one. */
static void a_full_phase_holds_its_own_cars_only(void **state)
{
	struct slack_car cars[] = {car(3600, 3600, 0), car(3600, 3600, 0), car(3600, 3600, 1)};

	(void)state;
	plan(cars, 3, INT64_MAX, CAR_VA);
	assert_int_equal(cars[2].plan_s, 3600);
	assert_in_range(cars[0].plan_s + cars[1].plan_s, 3590, 3600);
}

static void without_room_nothing_is_planned(void **state)
{
	struct slack_car cars[] = {car(3600, 7200, 0), car(60, 0, 0), car(0, 7200, 0)};
	int32_t order[2 * CARS];

	(void)state;
	plan(cars, 3, 0, INT64_MAX);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(cars[i].plan_s, 0);
	}
	plan(cars, 3, -5000, -5000);
	assert_int_equal(cars[0].plan_s, 0);
	slack_plan(cars, order, 3, free_room, true);
	assert_int_equal(cars[0].plan_s, 3600);
	assert_int_equal(cars[1].plan_s, 0); /* it has left */
	/* Without choosing each is planned as if it were alone. */
	slack_plan(cars, order, 3, (const int64_t[]){0, 0, 0, 0}, false);
	assert_int_equal(cars[0].plan_s, 3600);
}

/* The most that the cars of a set can take together: as many at a time as there are places. */
static int64_t most_of_set(const struct slack_car *cars, size_t n, unsigned set, int64_t places)
{
	int64_t sum = 0, from = 0;

	for (;;) {
		int64_t next_s = INT64_MAX, there = 0;

		for (size_t i = 0; i < n; i++) {
			if ((set >> i & 1) != 0 && cars[i].left_s > from) {
				there++;
				next_s = cars[i].left_s < next_s ? cars[i].left_s : next_s;
			}
		}
		if (there == 0) {
			return sum;
		}
		sum += (there < places ? there : places) * (next_s - from);
		from = next_s;
	}
}

static int64_t planned(const struct slack_car *cars, size_t n, unsigned set)
{
	int64_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		sum += (set >> i & 1) != 0 ? cars[i].plan_s : 0;
	}
	return sum;
}

/* No set is planned more than it can take; and who is planned short is so because some set that it
 * belongs to is full. */
static void random_plans_can_be_done_and_are_full(void **state)
{
	const char *text = getenv("PILED_SEED");
	uint64_t seed = text != NULL ? strtoull(text, NULL, 10) : 42;
	struct rng rng = rng_stream(seed, 1);
	size_t shorted = 0;

	(void)state;
	print_message("# seed %llu\n", (unsigned long long)seed);
	for (int round = 0; round < 3000; round++) {
		struct slack_car cars[CARS] = {{0}}, again[CARS];
		size_t n = (size_t)rng_range(&rng, 1, CARS);
		int64_t places = rng_range(&rng, 1, 4);
		unsigned full = 0;

		for (size_t i = 0; i < n; i++) {
			cars[i] = car(rng_range(&rng, 0, 14400), rng_range(&rng, 0, 14400), 3);
		}
		memcpy(again, cars, sizeof cars);
		plan(cars, n, places * CAR_VA, INT64_MAX);
		plan(again, n, places * CAR_VA, INT64_MAX);
		for (size_t i = 0; i < n; i++) {
			int64_t most =
				cars[i].need_s < cars[i].left_s ? cars[i].need_s : cars[i].left_s;

			assert_in_range(cars[i].plan_s, 0, most);
			assert_int_equal(cars[i].plan_s, again[i].plan_s);
		}
		for (unsigned set = 1; set < 1U << n; set++) {
			int64_t left = most_of_set(cars, n, set, places) - planned(cars, n, set);

			assert_true(left >= -SECONDS);
			full |= left <= SECONDS ? set : 0;
		}
		for (size_t i = 0; i < n; i++) {
			int64_t most =
				cars[i].need_s < cars[i].left_s ? cars[i].need_s : cars[i].left_s;

			if (most - cars[i].plan_s > SECONDS) {
				shorted++;
				assert_true((full >> i & 1) != 0);
			}
		}
	}
	assert_true(shorted > 1000);
}

/* ---- The order of service. ---- */

static struct limit_gun asks(int64_t remaining_wh, int64_t left_s)
{
	return (struct limit_gun){.phases = 7,
		.va_pm = 1000,
		.weight = 100,
		.max_w = CAR_VA,
		.asks = true,
		.remaining_wh = remaining_wh,
		.departs.us = left_s * US_PER_S};
}

static void who_can_wait_least_comes_first(void **state)
{
	struct limit_node root = {.parent = -1};
	struct limit_gun guns[] = {
		asks(7000, 3600 * 8), /* an hour of charging, eight to go */
		asks(7000, 3600 * 2), asks(21000, 3600 * 4),
		asks(7000, 3600 * 2),       /* its departure is not known */
		asks(VALUE_NONE, 3600 * 2), /* what it wants is not known */
		asks(700, 3600 * 2),        /* leaves soon, but needs minutes only */
	};
	struct limit l = {.nodes = &root, .guns = guns, .node_count = 1, .gun_count = 6};
	struct slack_car cars[6];
	int32_t order[12];
	struct mono now = {US_PER_S};

	(void)state;
	guns[3].departs.us = 0;
	laxity_plan(&l, cars, order, free_room, now);
	assert_in_range(guns[1].plan_s, 3600, 3600 * 12 / 10);
	assert_int_equal(guns[3].plan_s, 0);
	assert_int_equal(guns[4].plan_s, 0);
	/* both have an hour of slack; but who leaves first is finished first */
	assert_true(laxity_rank(&guns[1], now) < laxity_rank(&guns[2], now));
	assert_true(laxity_rank(&guns[2], now) < laxity_rank(&guns[5], now));
	assert_true(laxity_rank(&guns[5], now) < laxity_rank(&guns[0], now));
	assert_true(laxity_rank(&guns[0], now) < laxity_rank(&guns[3], now));
	assert_int_equal(laxity_rank(&guns[3], now), laxity_rank(&guns[4], now));
	/* who charges keeps its place among equals */
	guns[4].grant_w = 2000;
	assert_true(laxity_rank(&guns[4], now) < laxity_rank(&guns[3], now));
	/* a plan stands for a minute */
	guns[0].remaining_wh = 70000;
	laxity_plan(&l, cars, order, free_room, (struct mono){30 * US_PER_S});
	assert_in_range(guns[0].plan_s, 3600, 3600 * 12 / 10);
	laxity_plan(&l, cars, order, free_room, (struct mono){62 * US_PER_S});
	assert_true(guns[0].plan_s > 3600 * 7);
}

/* More cars than can be planned: those that can wait least are, the others count with what they
 * could get alone; a site that grows by one car does not lose its plan. */
static void the_65th_car_leaves_the_plan_of_the_others(void **state)
{
	enum { MANY = 1000, PLANNED = 64 };
	const int64_t room[ALLOC_LIMITS] = {INT64_MAX, INT64_MAX, INT64_MAX, 8 * CAR_VA};
	static const size_t counts[] = {PLANNED, PLANNED + 1, MANY};
	struct limit_gun *guns = calloc(MANY, sizeof *guns);
	struct slack_car *cars = calloc(MANY, sizeof *cars);
	int32_t *order = calloc(2 * MANY, sizeof *order);

	(void)state;
	assert_non_null(guns);
	assert_non_null(cars);
	assert_non_null(order);
	for (size_t k = 0; k < sizeof counts / sizeof counts[0]; k++) {
		struct limit l = {.guns = guns, .gun_count = counts[k]};
		const struct mono now = {US_PER_S};
		size_t whole = 0, pressed = 0, alone = 0;

		/* The last 64 leave in two hours and want an hour of each: 16 can have it. The
		 * others have all day. */
		for (size_t i = 0; i < counts[k]; i++) {
			bool soon = i + PLANNED >= counts[k];

			guns[i] = (struct limit_gun){.max_w = CAR_VA,
				.va_pm = 1000,
				.phases = 7,
				.asks = 1,
				.remaining_wh = CAR_VA,
				.departs = mono_add_us(now, (soon ? 7200 : 86400) * US_PER_S)};
		}
		laxity_plan(&l, cars, order, room, now);
		for (size_t i = 0; i < counts[k]; i++) {
			bool soon = i + PLANNED >= counts[k];

			whole += soon && guns[i].plan_s >= 3600;
			pressed += soon && guns[i].plan_s < 60;
			alone += !soon && guns[i].plan_s == 3600 * 11 / 10;
		}
		assert_in_range(whole, 13, 16);
		assert_in_range(pressed, 40, 51);
		assert_int_equal(alone, counts[k] - PLANNED);
	}
	free(guns);
	free(cars);
	free(order);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_fits_is_planned_whole),
		cmocka_unit_test(who_needs_least_is_served_whole),
		cmocka_unit_test(who_cannot_be_served_comes_last),
		cmocka_unit_test(a_full_phase_holds_its_own_cars_only),
		cmocka_unit_test(without_room_nothing_is_planned),
		cmocka_unit_test(random_plans_can_be_done_and_are_full),
		cmocka_unit_test(who_can_wait_least_comes_first),
		cmocka_unit_test(the_65th_car_leaves_the_plan_of_the_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
