#ifndef PILED_LIMIT_H
#define PILED_LIMIT_H
/*
 * Load management: which gun may take how much, and why. Pure: a decision is a function of the
 * arrays that the caller holds (configuration, inputs, state of the last decision) and of `now`.
 *
 * Rules, in this order:
 *  1. Room. For each node of the tree and each phase: limit x target less the other load. The other
 *     load of the root is the meter's fresh reading less what the guns surely took; a reading that
 *     is old, missing, frozen or impossible is replaced by the configured worst case.
 *  2. What is granted counts, not only what is measured: a gun counts with its grant, with its old
 *     grant until a reduction was confirmed and seen, and with its last grant when it is silent,
 *     until its own watchdog must have fired.
 *  3. Admission (the rule of the contract): from the transformer's load, above `half_pm` a newly
 *     starting gun gets at most `share_pm` of its rated power, above `stop_pm` none starts.
 *  4. Fair: weighted max-min by alloc.h; or laxity: least slack first, where departures are known.
 *  5. Down at once where a limit needs it; up slowly, with a dead band, on fresh data only.
 */
#include <stdbool.h>

#include "alloc.h"
#include "timex.h"

/* What decided a grant. */
enum limit_rule {
	RULE_IDLE,     /* no car asks */
	RULE_WANT,     /* it gets all that it can take */
	RULE_NODE,     /* a limit of the tree holds it */
	RULE_TURN,     /* its minimum does not fit now: it waits for its turn */
	RULE_WAIT,     /* admission: no start above stop_pm */
	RULE_HALF,     /* admission: started above half_pm */
	RULE_RAMP,     /* on its way up */
	RULE_HOLD,     /* the meter's reading is not fresh: no rise */
	RULE_SAFE,     /* the meter is lost for long: safe power */
	RULE_SILENT,   /* the pile does not answer: counted with its last grant */
	RULE_DISOBEYS, /* the pile takes what it likes: counted with what it takes */
	RULE_STOPPED   /* an emergency input or an operator holds it at 0 */
};

struct limit_policy {
	bool admission, fair, laxity;
	int half_pm, stop_pm, share_pm, hysteresis_pm; /* 500, 800, 500, 50 */
	bool half_for_session;                         /* the cap of 3. stays until the end */
	int target_pm;    /* part of each limit that may be used: 900 */
	int dead_band_pm; /* of a gun's maximum: 50; smaller rises are not worth a write */
	int up_pm;     /* of the root's limit: the most that all guns may rise in up_us; 0 = any */
	int64_t up_us; /* 30 s */
	int64_t dwell_us;   /* between two changes of a gun that no limit demands: 120 s */
	int64_t reclaim_us; /* after so long below its grant a gun gives the rest back: 90 s */
	int64_t min_on_us, min_off_us; /* 15 min, 5 min */
	int64_t fresh_us;              /* a meter's reading is fresh for so long: two cycles, 3 s */
	int64_t lost_us;               /* then the worst case holds: 30 s */
	int64_t safe_us;               /* then the safe power: 5 min */
};

/* The defaults named above. */
void limit_defaults(struct limit_policy *policy);

struct limit_node {
	/* configuration */
	int16_t parent;
	int64_t limit_va[ALLOC_LIMITS]; /* INT64_MAX = none */
	/* input */
	int64_t outside_va[ALLOC_LIMITS]; /* limit from outside in force now; INT64_MAX = none */
	/* state and output, for people */
	int64_t other_va[ALLOC_LIMITS];   /* other load, as decided with */
	int64_t counted_va[ALLOC_LIMITS]; /* what its guns count with */
};

/* The transformer's meter. */
struct limit_meter {
	bool known;     /* a reading was ever good */
	bool believed;  /* not frozen, not impossible (the caller's judgement) */
	struct mono at; /* of the reading */
	int64_t va[ALLOC_LIMITS];
	int64_t worst_va[ALLOC_LIMITS]; /* configured worst case of the other load */
};

enum limit_admission { ADMIT_NONE, ADMIT_WAITING, ADMIT_HALF, ADMIT_FULL };

struct limit_gun {
	/* configuration */
	int16_t node;
	uint8_t phases;
	int32_t va_pm;
	int32_t weight;
	int64_t min_w, max_w; /* of the gun */
	int64_t step_w;       /* a set-point's resolution, at least 1 */
	int64_t lag_us;       /* from a set-point to its effect; learnt by the caller */
	int64_t safe_w;       /* what it falls to when the meter is lost for long */
	int64_t watchdog_us;  /* its own watchdog; 0 = none: it keeps its last grant */
	int64_t failsafe_w;   /* what its watchdog sets */
	/* input */
	bool asks;       /* a car is there and wants power (or would, if it might) */
	bool stopped;    /* held at 0 by an emergency input or by a tag */
	bool measured;   /* power_w is a fresh reading */
	int64_t power_w; /* what it takes, by its own meter */
	int64_t low_w;   /* the least of its readings around the meter's one */
	bool confirmed;  /* the last grant was read back */
	bool disobeys;
	struct mono silent;   /* since when it does not answer; us 0 = it does */
	struct mono asked;    /* since when this car asks */
	int64_t remaining_wh; /* laxity: what the car still wants; VALUE_NONE = not known */
	struct mono departs;  /* laxity: us 0 = not known */
	/* state */
	int64_t grant_w;     /* in force */
	int64_t before_w;    /* before the last reduction */
	int64_t want_w;      /* learnt: what it can use */
	struct mono changed; /* of the grant */
	struct mono below;   /* since when it takes clearly less than granted; us 0 = it does not */
	struct mono turned;  /* since when it is on (grant > 0) or off */
	int64_t served_ms;   /* time it was on, since this car asks: fewer come first */
	uint8_t admission;   /* enum limit_admission */
	/* output */
	bool write;      /* the grant changed with this decision */
	uint8_t rule;    /* enum limit_rule */
	int16_t by_node; /* RULE_NODE, RULE_TURN: whose limit */
	uint8_t by_limit;
	uint16_t place;    /* RULE_WAIT, RULE_TURN: place in the line, from 1 */
	struct mono since; /* of the rule */
	int64_t target_w;  /* what it will get when the ramp and the others have done their part */
	int64_t counted_w;
};

enum limit_stage { STAGE_FRESH, STAGE_HOLD, STAGE_LOST, STAGE_SAFE };

struct limit_state {
	struct mono last; /* of the last decision */
	struct mono good; /* of the last reading of the meter that was believed */
	bool any_good;
	struct mono up_from; /* of the ramp's window */
	int64_t up_used_va;
	uint8_t stage;
	uint16_t waiting; /* starts that wait */
	int64_t load_pm;  /* of the transformer, as admission sees it */
};

struct limit {
	struct limit_policy policy;
	int64_t rated_va;         /* of the transformer: admission's load is S over this */
	struct limit_node *nodes; /* as alloc.h wants them: depth first, root first */
	struct limit_gun *guns;   /* in the order of their nodes */
	size_t node_count, gun_count;
	struct limit_meter meter;
	struct limit_state state;
};

/* Working memory of decisions, of no meaning between them. */
struct limit_work;
int limit_work_new(size_t nodes, size_t guns, struct limit_work **out);
void limit_work_free(struct limit_work *work);

/* Decides: fills the outputs of nodes and guns and moves the state on. The caller writes each
 * grant with `write` set. ERR_INVAL, ERR_FULL as alloc_share(); nothing is changed then. */
int limit_decide(struct limit *limit, struct limit_work *work, struct mono now);

#endif
