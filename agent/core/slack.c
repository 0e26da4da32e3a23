#include "slack.h"

static bool leaves_later(const struct slack_car *a, const struct slack_car *b)
{
	return a->left_s > b->left_s;
}

static bool whole(const struct slack_car *c)
{
	return c->need_s <= c->left_s;
}

static bool comes_first(const struct slack_car *a, const struct slack_car *b)
{
	if (whole(a) != whole(b)) {
		return whole(a);
	}
	return a->wh < b->wh;
}

static void sort(const struct slack_car *cars, int32_t *order, size_t n,
	bool (*before)(const struct slack_car *a, const struct slack_car *b))
{
	for (size_t i = 1; i < n; i++) {
		int32_t moving = order[i];
		size_t at = i;

		for (; at > 0 && before(&cars[moving], &cars[order[at - 1]]); at--) {
			order[at] = order[at - 1];
		}
		order[at] = moving;
	}
}

/* The load-time that the first `n` cars take of an interval where all are served down to `level`.
 */
static int64_t use(const struct slack_car *cars, const int32_t *order, size_t n, int limit,
	int64_t long_s, int64_t level_s)
{
	int64_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		const struct slack_car *c = &cars[order[i]];
		int64_t x = c->rest_s - level_s;

		if (x > 0) {
			sum += c->va[limit] * (x < long_s ? x : long_s);
		}
	}
	return sum;
}

/* The least level whose use fits. */
static int64_t level(const struct slack_car *cars, const int32_t *order, size_t n, int limit,
	int64_t long_s, int64_t room)
{
	int64_t low = 0, high = 0;

	if (use(cars, order, n, limit, long_s, 0) <= room) {
		return 0;
	}
	for (size_t i = 0; i < n; i++) {
		high = cars[order[i]].rest_s > high ? cars[order[i]].rest_s : high;
	}
	while (high - low > 1) {
		int64_t mid = (low + high) / 2;

		if (use(cars, order, n, limit, long_s, mid) <= room) {
			high = mid;
		} else {
			low = mid;
		}
	}
	return high;
}

/* What of the plans has no room under the limit, VA s. `order`: who leaves last first. */
static int64_t unmet(
	struct slack_car *cars, const int32_t *order, size_t n, int limit, int64_t room_va)
{
	int64_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		cars[order[i]].rest_s = cars[order[i]].va[limit] > 0 ? cars[order[i]].plan_s : 0;
	}
	for (size_t k = 0; k < n; k++) {
		int64_t long_s =
			cars[order[k]].left_s - (k + 1 < n ? cars[order[k + 1]].left_s : 0);
		int64_t down_to;

		if (long_s <= 0) {
			continue;
		}
		down_to = level(cars, order, k + 1, limit, long_s, room_va * long_s);
		for (size_t i = 0; i <= k; i++) {
			struct slack_car *c = &cars[order[i]];
			int64_t x = c->rest_s - down_to;

			if (x > 0) {
				c->rest_s -= x < long_s ? x : long_s;
			}
		}
	}
	for (size_t i = 0; i < n; i++) {
		sum += cars[order[i]].rest_s * cars[order[i]].va[limit];
	}
	return sum;
}

/* Plans the car after those that have a plan already. */
static void add(struct slack_car *cars, int32_t car, const int32_t *order, size_t n,
	const int64_t room_va[ALLOC_LIMITS])
{
	struct slack_car *c = &cars[car];
	int64_t most = c->need_s < c->left_s ? c->need_s : c->left_s;
	int64_t least = most;

	c->plan_s = most;
	for (int l = 0; l < ALLOC_LIMITS; l++) {
		int64_t over, cut;

		if (c->va[l] == 0 || room_va[l] == INT64_MAX) {
			continue;
		}
		over = unmet(cars, order, n, l, room_va[l] > 0 ? room_va[l] : 0);
		/* The sweep counts in whole seconds: a few of each car are nothing. */
		cut = over / c->va[l];
		least = most - cut < least ? most - cut : least;
	}
	c->plan_s = least > 0 ? least : 0;
}

void slack_plan(struct slack_car *cars, int32_t *order, size_t count,
	const int64_t room_va[ALLOC_LIMITS], bool choose)
{
	size_t n = 0;
	bool fits = true;

	for (size_t i = 0; i < count; i++) {
		struct slack_car *c = &cars[i];

		c->plan_s = 0;
		if (c->left_s > 0 && c->need_s > 0) {
			c->plan_s = c->need_s < c->left_s ? c->need_s : c->left_s;
			order[n++] = (int32_t)i;
		}
	}
	if (!choose) {
		return;
	}
	sort(cars, order, n, leaves_later);
	for (int l = 0; l < ALLOC_LIMITS; l++) {
		fits = fits &&
		       (room_va[l] == INT64_MAX ||
			       unmet(cars, order, n, l, room_va[l] > 0 ? room_va[l] : 0) == 0);
	}
	if (fits) {
		return;
	}
	for (size_t i = 0; i < n; i++) {
		cars[order[i]].plan_s = 0;
	}
	/* The second half of `order`: in which they are added. */
	for (size_t i = 0; i < n; i++) {
		order[count + i] = order[i];
	}
	sort(cars, order + count, n, comes_first);
	for (size_t i = 0; i < n; i++) {
		add(cars, order[count + i], order, n, room_va);
	}
}
