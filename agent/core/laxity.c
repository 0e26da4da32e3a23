#include "laxity.h"

#define PLAN_US       (60 * US_PER_S)
#define PLAN_CARS     64 /* the plan costs n^3 */
#define PLAN_LEAST_S  60
#define SHORT_S       3600
#define FAR_S         (7 * 86400) /* nothing is planned further ahead */
#define LAXITY_STEP_S 900 /* laxity is compared in steps, so that equals do not swap places */

static bool known(const struct limit_gun *g)
{
	return g->departs.us != 0 && g->remaining_wh >= 0 && g->max_w > 0;
}

static int64_t left_s(const struct limit_gun *g, struct mono now)
{
	int64_t left = mono_diff_us(g->departs, now) / US_PER_S;

	return left < 0 ? 0 : left > FAR_S ? FAR_S : left;
}

static int64_t need_s(const struct limit_gun *g)
{
	int64_t wh = g->remaining_wh < INT32_MAX ? g->remaining_wh : INT32_MAX;
	int64_t need = wh * 3600 / g->max_w;

	return need > FAR_S ? FAR_S : need;
}

/* Seconds that the car could wait and still get all that it wants by its departure. */
static int64_t laxity_s(const struct limit_gun *g, struct mono now)
{
	return left_s(g, now) - need_s(g);
}

int32_t laxity_rank(const struct limit_gun *g, struct mono now)
{
	int64_t lax = known(g) ? laxity_s(g, now) : FAR_S;

	if (known(g) && g->plan_s >= PLAN_LEAST_S) {
		lax = left_s(g, now) - g->plan_s * 7 / 10;
	} else {
		lax = (lax > 0 ? lax : 0) + SHORT_S;
	}
	lax = lax / LAXITY_STEP_S * 2;
	return (int32_t)(g->grant_w > 0 ? lax - 2 : lax + 1);
}

/* The greatest laxity that at most PLAN_CARS cars are below. */
static int64_t plan_below_s(const struct slack_car *cars, size_t n)
{
	int64_t low = -2 * FAR_S, high = 2 * FAR_S;

	while (high - low > 1) {
		int64_t mid = (low + high) / 2;
		size_t below = 0;

		for (size_t i = 0; i < n; i++) {
			below += cars[i].need_s > 0 && cars[i].left_s - cars[i].need_s < mid;
		}
		if (below <= PLAN_CARS) {
			low = mid;
		} else {
			high = mid;
		}
	}
	return low;
}

/* Takes those out of the plan that can wait longest, until it has PLAN_CARS: each counts with what
 * it could get alone. */
static void set_aside(struct limit *l, struct slack_car *cars)
{
	int64_t below_s = plan_below_s(cars, l->gun_count);
	size_t places = PLAN_CARS;

	for (size_t i = 0; i < l->gun_count; i++) {
		places -= cars[i].need_s > 0 && cars[i].left_s - cars[i].need_s < below_s;
	}
	for (size_t i = 0; i < l->gun_count; i++) {
		struct slack_car *c = &cars[i];
		int64_t lax = c->left_s - c->need_s;

		if (c->need_s <= 0 || lax < below_s) {
			continue;
		}
		if (lax == below_s && places > 0) {
			places--;
			continue;
		}
		l->guns[i].plan_s = c->need_s < c->left_s ? c->need_s : c->left_s;
		*c = (struct slack_car){0};
	}
}

void laxity_plan(struct limit *l, struct slack_car *cars, int32_t *order,
	const int64_t room_va[ALLOC_LIMITS], struct mono now)
{
	size_t count = 0;

	if (l->state.planned.us != 0 && mono_diff_us(now, l->state.planned) < PLAN_US) {
		return;
	}
	l->state.planned = now;
	for (size_t i = 0; i < l->gun_count; i++) {
		struct limit_gun *g = &l->guns[i];
		struct slack_car *c = &cars[i];

		*c = (struct slack_car){0};
		g->plan_s = 0;
		if (!g->asks || !known(g)) {
			continue;
		}
		/* A tenth more than it needs: the room will not stay as it is. */
		c->need_s = need_s(g) * 11 / 10;
		c->left_s = left_s(g, now);
		c->wh = g->remaining_wh;
		for (int p = 0; p < ALLOC_LIMITS; p++) {
			c->va[p] = limit_load_mva(g, p, g->max_w) / 1000;
		}
		count++;
	}
	if (count > PLAN_CARS) {
		set_aside(l, cars);
	}
	slack_plan(cars, order, l->gun_count, room_va, true);
	for (size_t i = 0; i < l->gun_count; i++) {
		l->guns[i].plan_s += cars[i].plan_s;
	}
}
