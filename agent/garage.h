#ifndef PILED_GARAGE_H
#define PILED_GARAGE_H
/*
 * Recorded sessions under load management: cars that follow their grants with a lag, a building,
 * a transformer and its meter, and in front of them the production decision (limit.h) on a virtual
 * clock. Fast enough for a month in a second; for benches and what-if, not for the field.
 */
#include <stdbool.h>

#include "limit.h"
#include "sessions.h"

#define GARAGE_GUNS 512

enum garage_policy {
	GARAGE_NONE,      /* no control */
	GARAGE_ADMISSION, /* the rule of the contract alone */
	GARAGE_FAIR,
	GARAGE_FAIR_ADMISSION,
	GARAGE_LAXITY
};

struct garage_cfg {
	const struct session_rows *rows;
	int64_t from_s; /* local time of second 0, as in rows */
	int64_t days;
	int64_t step_s; /* between two decisions; every car and load moves in these steps */
	int64_t rated_va;
	bool three_phase; /* else single phase in rotation */
	bool one_limit;   /* no phases, no other load, no lag, no minimum: as in the literature */
	bool ideal;       /* cars follow at once, each change is worth a write: what the policy
			     itself could reach */
	int64_t gun_w;    /* greatest power of a gun */
	int64_t min_w;    /* least power of a gun */
	const int32_t *other_w; /* other load by step_s, a third on each phase; NULL = none */
	int64_t worst_va;       /* its configured worst case */
	enum garage_policy policy;
	int64_t dead_minutes; /* the meter is dead for so many minutes of the time, in 40 pieces */
	uint64_t seed;
	int32_t target_pm; /* part of each limit that may be used; 0 = all of it */
	/* Both may be NULL: changes a station's gun from what is said above; sees each step. */
	void (*fit)(void *fit_arg, const char *station, struct limit_gun *gun);
	void *fit_arg;
	void (*seen)(
		void *seen_arg, int64_t now_s, const int64_t va[ALLOC_LIMITS], int64_t other_w);
	void *seen_arg;
};

struct garage_result {
	size_t sessions, served, starved,
		never; /* served: >= 95 %, starved: < 50 % of what is asked */
	int64_t asked_wh, energy_wh;
	int64_t over_s;       /* above the rating, beyond GARAGE_CURE_S after a step of the load */
	int64_t over_phase_s; /* the same, of any phase */
	int64_t over_dead_s; /* either, while the meter was dead for longer than the staleness limit
			      */
	int64_t peak_va;
	int64_t wait_p95_s; /* from asking to the first grant, of those that got one */
	int64_t writes;     /* set-points written to guns with a car */
	size_t guns;
};

/* One decision and the cars' lag. */
#define GARAGE_CURE_S 40

/* Runs. ERR_NOMEM, ERR_FULL (too many stations), ERR_INVAL. */
int garage_run(const struct garage_cfg *cfg, struct garage_result *out);

/* Fills `other_w` (days * 86400 / step_s entries) from hourly watts: hours joined by steps of
 * +-10 % at random minutes, scaled so that the greatest hour is `peak_w`. */
void garage_other(const int32_t *hour_w, size_t hours, int64_t peak_w, int64_t step_s,
	uint64_t seed, int32_t *other_w, size_t count);

#endif
