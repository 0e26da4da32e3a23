#include "zonerule.h"

#define HALF_HOUR_MS INT64_C(1800000)
#define S_PER_DAY    INT64_C(86400)

/* The number of the rule in force; 0 where there is none. */
static int64_t rule_at(const struct zone_rules *rules, struct wall t)
{
	int64_t i = 0;

	while (i + 1 < rules->count && rules->rule[i + 1].from_ms <= t.ms) {
		i++;
	}
	return i;
}

int64_t zone_offset_s(const struct zone_rules *rules, struct wall t)
{
	return rules->count > 0 ? rules->rule[rule_at(rules, t)].offset_s : 0;
}

struct wall zone_half_hour(const struct zone_rules *rules, struct wall t)
{
	int64_t next = rule_at(rules, t) + 1;
	int64_t local = t.ms + zone_offset_s(rules, t) * MS_PER_S;
	int64_t into = (local % HALF_HOUR_MS + HALF_HOUR_MS) % HALF_HOUR_MS;
	struct wall end = {t.ms + HALF_HOUR_MS - into};

	if (next < rules->count && rules->rule[next].from_ms < end.ms) {
		end.ms = rules->rule[next].from_ms;
	}
	return end;
}

bool zone_rules_good(const struct zone_rules *rules)
{
	if (rules->count < 0 || rules->count > ZONE_RULES_MAX) {
		return false;
	}
	for (int64_t i = 0; i < rules->count; i++) {
		const struct zone_rule *r = &rules->rule[i];

		if (r->offset_s <= -S_PER_DAY || r->offset_s >= S_PER_DAY ||
			(i > 0 && r->from_ms <= r[-1].from_ms)) {
			return false;
		}
	}
	return true;
}
