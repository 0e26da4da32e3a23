#include "trend.h"

#include <string.h>

#define HOUR_S 3600
/* More is no measurement, and the sums would not hold it. */
#define VALUE_MAX INT64_C(1000000000)

static uint32_t newest(const struct trend *t)
{
	return (t->next + TREND_POINTS - 1) % TREND_POINTS;
}

void trend_take(struct trend *t, int64_t at_s, int64_t value)
{
	int64_t passed = t->count == 0 ? 0 : at_s - t->at_s[newest(t)];

	if (value > VALUE_MAX || value < -VALUE_MAX || at_s < 0 || at_s > INT32_MAX ||
		(t->count > 0 && passed >= 0 && passed < TREND_STEP_S)) {
		return;
	}
	if (passed < 0 || passed > TREND_POINTS * TREND_STEP_S) {
		memset(t, 0, sizeof *t);
	}
	t->at_s[t->next] = (int32_t)at_s;
	t->value[t->next] = (int32_t)value;
	t->next = (t->next + 1) % TREND_POINTS;
	t->count += t->count < TREND_POINTS;
}

bool trend_line(const struct trend *t, int64_t now_s, int64_t *level, int64_t *per_hour)
{
	int64_t n = t->count, base_s, base, sum_s = 0, sum = 0, above = 0, below = 0;

	if (n < TREND_LEAST || now_s - t->at_s[newest(t)] > 3 * TREND_STEP_S) {
		return false;
	}
	/* Least squares, relative to the newest reading so that the numbers stay small. */
	base_s = t->at_s[newest(t)];
	base = t->value[newest(t)];
	for (uint32_t i = 0; i < t->count; i++) {
		sum_s += t->at_s[i] - base_s;
		sum += t->value[i] - base;
	}
	for (uint32_t i = 0; i < t->count; i++) {
		int64_t ds = n * (t->at_s[i] - base_s) - sum_s;

		above += ds * (n * (t->value[i] - base) - sum);
		below += ds * ds;
	}
	*per_hour = above * HOUR_S / below;
	*level = base + (sum + *per_hour * (n * (now_s - base_s) - sum_s) / HOUR_S) / n;
	return true;
}

int64_t trend_left_s(int64_t level, int64_t per_hour, int64_t limit, bool rising)
{
	int64_t way = rising ? limit - level : level - limit;
	int64_t speed = rising ? per_hour : -per_hour;

	if (way <= 0) {
		return 0;
	}
	return speed <= 0 ? INT64_MAX : way > INT64_MAX / HOUR_S ? INT64_MAX : way * HOUR_S / speed;
}
