#ifndef PILED_WHATIF_H
#define PILED_WHATIF_H
/*
 * What would have been: recorded sessions under another transformer, policy or number of guns. The
 * cars and the building are garage.h's, the decision is the production one.
 */
#include "garage.h"

#define WHATIF_SLOT_S   1200 /* of a day's curve */
#define WHATIF_SLOTS    (86400 / WHATIF_SLOT_S)
#define WHATIF_STEP_S   10
#define WHATIF_DAYS_MAX 400

/* The day on which the guns took most: the greatest power in each slot, and the other load in that
 * moment. */
struct whatif_curve {
	int64_t day_s; /* its midnight, local, seconds since 1970 */
	int64_t total_va[WHATIF_SLOTS], other_va[WHATIF_SLOTS];
};

/* Keeps the sessions that begin from `from_s` on and before `to_s`. */
void whatif_between(struct session_rows *rows, int64_t from_s, int64_t to_s);

/* Adds guns: each repeats the sessions of a recorded one, one after another, each car up to half an
 * hour earlier or later (seeded). ERR_NOMEM; ERR_FULL above GARAGE_GUNS; ERR_INVAL without rows. */
int whatif_add_guns(struct session_rows *rows, size_t guns, uint64_t seed);

/* Days from `from_s` to the end of the last session. */
int64_t whatif_days(const struct session_rows *rows, int64_t from_s);

/* The other load by WHATIF_STEP_S over `days` days, from hourly values from entry `begin` on, again
 * from entry 0 after the last; `peak_w` scales its greatest hour of that time, 0 = as it is. The
 * caller's, to be freed. *top_w is its greatest value. ERR_NOMEM. */
int whatif_other(const int32_t *hour_w, size_t hours, size_t begin, int64_t days, int64_t peak_w,
	int32_t **out, int64_t *top_w);

/* Runs; `seen` and `arg` of the configuration are replaced. Errors as garage_run(). */
int whatif_run(
	const struct garage_cfg *cfg, struct garage_result *result, struct whatif_curve *curve);

#endif
