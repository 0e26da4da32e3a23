#ifndef PILED_SLACK_H
#define PILED_SLACK_H
/*
 * Which cars can still be served whole, and what the others can get, when departures are known.
 * Pure: arrays in, plan out, integers only.
 *
 * All cars are there already and each can take power until it leaves, at most its greatest; the
 * room is taken to stay as it is now. What sets of cars can get together is then a flow, so that
 * serving the cars one after the other, each as far as the ones before it allow, gives the most
 * energy in any order (a polymatroid: Federgruen and Groenevelt, 1986). The order is thus free to
 * serve as many as possible whole: those that need least first, those that leave too soon for what
 * they want last. What a set can get is found backwards in time: the car with the longest need
 * left is served first, so that the needs level out.
 */
#include <stdbool.h>

#include "alloc.h"

struct slack_car {
	/* in */
	int64_t need_s;           /* time that it needs at its greatest power */
	int64_t left_s;           /* until it leaves; <= 0: nothing can be planned */
	int64_t wh;               /* what it needs: less comes first */
	int64_t va[ALLOC_LIMITS]; /* its load at its greatest power */
	/* out */
	int64_t plan_s; /* of need_s, what it can get */
	/* work */
	int64_t rest_s;
};

/* Plans. `order` is working memory for twice `count` indices; `room_va` INT64_MAX = no limit.
 * Without `choose` each car's plan is what it could take alone. Cost: O(n^2) where all can be
 * served, O(n^3) where not, for n cars that want something. */
void slack_plan(struct slack_car *cars, int32_t *order, size_t count,
	const int64_t room_va[ALLOC_LIMITS], bool choose);

#endif
