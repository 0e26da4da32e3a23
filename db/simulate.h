#ifndef PILED_SIMULATE_H
#define PILED_SIMULATE_H
/*
 * What past sessions would have cost under another tariff, beside what was billed.
 */
#include "store.h"
#include "tariff.h"

struct simulated {
	struct {
		int64_t wh, elec_fen, service_fen;                      /* under the tariff */
		int64_t billed_wh, billed_elec_fen, billed_service_fen; /* as it was */
	} period[PERIOD_COUNT_];
	int64_t sessions;    /* that were computed */
	int64_t unbilled;    /* of them: they have no bill */
	int64_t substitutes; /* of them: a register at a border is interpolated */
	int64_t skipped;     /* whose registers or times cannot be billed */
};

/* Sessions that began in from..to and have ended, each for the class that it was billed for
 * (ordinary where it was not). The tariff counts as in force at all times. */
int store_simulate(struct store_reader *reader, const struct tariff *t, struct wall from,
	struct wall to, struct simulated *out);

#endif
