#ifndef PILED_ZONERULE_H
#define PILED_ZONERULE_H
/*
 * Local time as a plain value: the offsets of a time zone with the moments from which they hold,
 * so that core, bills and their verification need no tzdata. Rules come from agent/zone.h.
 */
#include <stddef.h>

#include "timex.h"

/* Summer time for at least 27 years. */
#define ZONE_RULES_MAX 64

struct zone_rule {
	int64_t from_ms;  /* of wall time */
	int64_t offset_s; /* east of Greenwich */
};

/* In order of time; the first one holds before its time too. None at all is UTC. */
struct zone_rules {
	int64_t count;
	struct zone_rule rule[ZONE_RULES_MAX];
};

/* The offset in force. */
int64_t zone_offset_s(const struct zone_rules *rules, struct wall t);

/* The first instant after `t` at which a half hour of local time begins: the grid of tariffs. A
 * change of the offset begins one too, wherever it falls. */
struct wall zone_half_hour(const struct zone_rules *rules, struct wall t);

/* Can rules be these? In order, offsets within a day. For what comes from files. */
bool zone_rules_good(const struct zone_rules *rules);

#endif
