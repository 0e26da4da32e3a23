#ifndef PILED_LAXITY_H
#define PILED_LAXITY_H
/*
 * The order of service where departures are known: who can wait least comes first. Pure.
 *
 * A car's slack is the time that it could wait and still get, by its departure, what the plan
 * (slack.h) gives it. A car that cannot be served whole takes what an hour of slack of the others
 * leaves: the energy is the same, and more cars leave whole.
 */
#include "limit.h"
#include "slack.h"

/* Makes the plan anew where it is older than a minute. It is of the 64 cars that can wait least;
 * each of the others counts with what it could get alone. `cars` and `order` are working memory for
 * gun_count cars and twice as many indices. */
void laxity_plan(struct limit *limit, struct slack_car *cars, int32_t *order,
	const int64_t room_va[ALLOC_LIMITS], struct mono now);

/* The gun's rank as alloc.h wants it. That who leaves first is finished first counts too; who
 * charges keeps its place for a step, so that equals do not swap. */
int32_t laxity_rank(const struct limit_gun *gun, struct mono now);

#endif
