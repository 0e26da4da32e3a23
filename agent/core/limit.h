#ifndef PILED_LIMIT_H
#define PILED_LIMIT_H
/*
 * Load management: which gun may take how much, and why. Pure: a decision is a function of the
 * arrays that the caller holds (configuration, inputs, state of the last decision) and of `now`.
 *
 * Rules, in this order:
 *  1. Room. For each node of the tree and each phase: limit x target less the other load. The other
 *     load of the root is the meter's fresh reading less what the guns took. Where that is only
 *     known within bounds, the other load is taken to stand as it was, as far as these allow: what
 *     is granted and on its way is no jump of the building. A reading that is old, missing, frozen
 *     or impossible is replaced by the configured worst case.
 *  2. What is granted counts, not only what is measured: a gun counts with its grant, with its old
 *     grant until a reduction was confirmed and seen, and with its last grant when it is silent,
 *     until its own watchdog must have fired.
 *  3. Admission (the rule of the contract): from the transformer's load, above `half_pm` a newly
 *     starting gun gets at most `share_pm` of its rated power, above `stop_pm` none starts.
 *  4. Fair: weighted max-min by alloc.h, where not all minimums fit in turns, and who waited for
 *     wait_us is next: the longest wait is wait_us + guns x min_on_us; or laxity: least slack
 * first, where departures are known.
 *  5. Down at once where a limit needs it; up slowly, with a dead band, on fresh data only.
 */
#include <stdbool.h>

#include "alloc.h"
#include "timex.h"

/* What decided a grant. */
enum limit_rule {
#define RULE(sym, token, label) RULE_##sym,
#include "rule.def"
#undef RULE
};

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded"

struct limit_policy {
	int64_t up_us;      /* 30 s */
	int64_t dwell_us;   /* between two changes of a gun that no limit demands: 30 s */
	int64_t reclaim_us; /* after so long below its grant a gun gives the rest back: 90 s */
	int64_t min_on_us, min_off_us; /* 15 min, 5 min */
	int64_t wait_us;               /* fair: a gun at 0 for so long is next: 1 h */
	int64_t fresh_us;              /* a meter's reading is fresh for so long: two cycles, 3 s */
	int64_t lost_us;               /* then the worst case holds: 30 s */
	int64_t safe_us;               /* then the safe power: 5 min */
	int32_t half_pm, stop_pm, share_pm, hysteresis_pm; /* 500, 800, 500, 50 */
	int32_t target_pm;    /* part of each limit that may be used: 900 */
	int32_t dead_band_pm; /* of a gun's maximum: 20; smaller changes are not worth a write */
	int32_t up_pm; /* of the root's limit: the most that all guns may rise in up_us; 0 = any */
	uint8_t admission, fair, laxity;
	uint8_t half_for_session; /* the cap of rule 3 stays until the end */
};

/* The defaults named above. */
void limit_defaults(struct limit_policy *policy);

struct limit_node {
	/* configuration */
	int64_t limit_va[ALLOC_LIMITS]; /* INT64_MAX = none */
	/* input */
	int64_t outside_va[ALLOC_LIMITS]; /* limit from outside in force now; INT64_MAX = none */
	/* state and output, for people */
	int64_t other_va[ALLOC_LIMITS];   /* other load, as decided with */
	int64_t counted_va[ALLOC_LIMITS]; /* what its guns count with */
	int16_t parent;                   /* configuration; depth first, -1 = root */
	int16_t target_pm;                /* configuration: of its limits; 0 = the policy's */
	int16_t owner;                    /* the caller's own number of it */
	/* output: the guns with the greatest and the next grant that load the limit; -1 = none */
	int16_t most[ALLOC_LIMITS], next[ALLOC_LIMITS];
	uint8_t stale; /* state: its own meter is not fresh, nothing rises */
	uint8_t pad;
};

/* The transformer's meter. */
struct limit_meter {
	struct mono at; /* of the reading */
	int64_t va[ALLOC_LIMITS];
	int64_t worst_va[ALLOC_LIMITS]; /* configured worst case of the other load */
	uint8_t known;                  /* a reading was ever good */
	uint8_t believed;               /* not frozen, not impossible (the caller's judgement) */
	uint8_t pad[6];
};

/* Other load of a node below the root: by a meter of its own, else the configured worst case. */
struct limit_feed {
	struct limit_meter meter;
	struct mono good; /* state: of the last reading that was believed */
	int16_t node;     /* configuration */
	uint8_t metered;  /* configuration: there is such a meter */
	uint8_t any_good; /* state */
	uint8_t pad[4];
};

enum limit_admission { ADMIT_NONE, ADMIT_WAITING, ADMIT_HALF, ADMIT_FULL };

struct limit_gun {
	/* configuration */
	int64_t min_w, max_w; /* of the gun; max_w less where it is limited */
	int64_t rated_w;      /* max_w without limits; 0 = max_w */
	int64_t step_w;       /* a set-point's resolution, at least 1 */
	int64_t lag_us;       /* from a set-point to its effect; learnt by the caller */
	int64_t safe_w;       /* what it gets when the meter is lost for long */
	int64_t watchdog_us;  /* its own watchdog; 0 = none: it keeps its last grant */
	int64_t failsafe_w;   /* what its watchdog sets */
	/* input */
	int64_t power_w;       /* what it takes, by its own meter */
	int64_t low_w, high_w; /* between which it was when the meter was read: its own reading is
				  of another moment, and a set-point may be on its way */
	struct mono silent;    /* since when it does not answer; us 0 = it does */
	struct mono asked;     /* since when this car asks */
	int64_t remaining_wh;  /* laxity: what the car still wants; VALUE_NONE = not known */
	struct mono departs;   /* laxity: us 0 = not known */
	/* state */
	int64_t grant_w;     /* in force */
	int64_t before_w;    /* before the last reduction, until that is known to be obeyed */
	int64_t want_w;      /* learnt: what it can use */
	struct mono changed; /* of the grant */
	struct mono below;   /* since when it takes clearly less than granted; us 0 = it does not */
	struct mono turned;  /* since when it is on (grant > 0) or off */
	int64_t served_ms;   /* time it was on, since this car asks: fewer come first */
	/* output */
	struct mono since; /* of the rule */
	int64_t plan_s;    /* laxity: time at its greatest power that the plan gives it */
	int64_t target_w;  /* what it will get when ramp and others have done their part */
	int64_t counted_w;
	int32_t va_pm;   /* configuration: apparent power per watt, per mille */
	int32_t weight;  /* configuration: 1..10000 */
	int16_t node;    /* configuration */
	int16_t by_node; /* output, RULE_NODE, RULE_TURN: whose limit; -1 = none */
	uint16_t owner;  /* the caller's own number of it */
	uint16_t place;  /* output, RULE_WAIT: place in the line, from 1 */
	uint8_t by_limit;
	uint8_t rule;      /* enum limit_rule */
	uint8_t phases;    /* configuration */
	uint8_t asks;      /* a car is there and wants power (or would, if it might) */
	uint8_t stopped;   /* held at 0 by an emergency input or by a tag */
	uint8_t measured;  /* power_w is a fresh reading */
	uint8_t confirmed; /* the last grant was read back */
	uint8_t disobeys;
	uint8_t admission; /* enum limit_admission */
	uint8_t write;     /* output: the grant changed with this decision */
	uint8_t pad[6];
};

enum limit_stage { STAGE_FRESH, STAGE_HOLD, STAGE_LOST, STAGE_SAFE };

struct limit_state {
	struct mono last;    /* of the last decision */
	struct mono good;    /* of the last reading of the meter that was believed */
	struct mono up_from; /* of the ramp's window */
	struct mono planned; /* laxity: when the plan was made */
	int64_t up_used_va;
	int64_t load_pm;  /* of the transformer, as admission sees it */
	uint16_t waiting; /* starts that wait */
	uint8_t any_good;
	uint8_t stage; /* enum limit_stage */
	uint8_t pad[4];
};

#pragma GCC diagnostic pop

struct limit {
	struct limit_policy policy;
	int64_t rated_va;         /* of the transformer: admission's load is S over this */
	struct limit_node *nodes; /* as alloc.h wants them: depth first, root first */
	struct limit_gun *guns;   /* in the order of their nodes */
	struct limit_feed *feeds; /* may be NULL */
	size_t node_count, gun_count, feed_count;
	struct limit_meter meter;
	struct limit_state state;
};

/* What of a node's limit (0..2 phase, ALLOC_SUM) may be used now: the smaller of its own and the
 * one from outside, times target, less what a waiting start needs; INT64_MAX = no limit. */
int64_t limit_usable_va(const struct limit *limit, size_t node, int which);

/* The most that a gun gets that was admitted at reduced power: a part of its rated power, whatever
 * it is limited to. */
int64_t limit_half_w(const struct limit *limit, const struct limit_gun *gun);

/* Load that `w` watts at the gun put on a phase or on the sum, in thousandths of a VA. */
int64_t limit_load_mva(const struct limit_gun *gun, int which, int64_t w);

/* Working memory of decisions, of no meaning between them. */
struct limit_work;
int limit_work_new(size_t nodes, size_t guns, struct limit_work **out);
void limit_work_free(struct limit_work *work);

/* Is the gun silent, and its own watchdog must have fired by now? */
bool limit_fell(const struct limit_gun *gun, struct mono now);

/* Decides: fills the outputs of nodes and guns and moves the state on. The caller writes each
 * grant with `write` set. ERR_INVAL, ERR_FULL as alloc_share(); nothing is changed then. */
int limit_decide(struct limit *limit, struct limit_work *work, struct mono now);

#endif
