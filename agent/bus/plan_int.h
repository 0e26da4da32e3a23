#ifndef PILED_PLAN_INT_H
#define PILED_PLAN_INT_H
/*
 * Inside the plan: shared by plan.c (life of units, what a step gave), plan_next.c (what to do
 * next) and plan_write.c (writes and keep-alives).
 */
#include "blocks.h"
#include "plan.h"

enum stage { STAGE_WRITE, STAGE_BACK };

struct unit {
	uint8_t address;
	int64_t pause_us, period_us[3];
	struct blocks *blocks;
	struct plan_write writes[PLAN_WRITES_MAX]; /* ring, oldest first */
	uint64_t write_seq[PLAN_WRITES_MAX];       /* order over all units */
	size_t write_head, write_count;
	enum stage stage;      /* of the oldest write */
	struct mono stage_due; /* not before this */
	int tries;             /* of the oldest write's stage */
	struct {
		struct plan_write write;
		struct mono due;
	} keep[PLAN_KEEPALIVES_MAX];
	size_t keep_count;
	struct mono ready; /* the pause after the last frame ends */
	struct mono next_try;
	unsigned misses; /* in a row */
	unsigned writes_in_a_row;
	uint64_t answer_seq; /* plan.seq of the last answer */
	bool seen;           /* has answered since the line was opened */
	bool up;
};

enum kind { KIND_NONE, KIND_POLL, KIND_WRITE, KIND_KEEP };

struct plan {
	struct unit *units;
	size_t unit_count;
	int64_t timeout_us, backoff_max_us;
	uint64_t random;
	uint64_t seq;       /* counts steps done */
	uint64_t write_seq; /* counts writes queued */
	bool spent;         /* there was a time-out, at spent_seq */
	uint64_t spent_seq;
	struct mono spent_at;
	unsigned writes_in_a_row;
	bool final;
	/* The step in hand. */
	enum kind kind;
	size_t slot; /* block or keep-alive */
	struct mono began;
	struct plan_step step;
};

static inline struct mono later(struct mono a, struct mono b)
{
	return mono_before(a, b) ? b : a;
}

static inline struct mono sooner(struct mono a, struct mono b)
{
	return mono_before(a, b) ? a : b;
}

/* A unit that answered its last request; any other is a suspect. */
static inline bool live(const struct unit *unit)
{
	return unit->seen && unit->misses == 0;
}

/* The block of a unit that is due first; false when there is none. */
bool plan_first_block(const struct unit *unit, size_t *slot, struct mono *due);

/* The step that carries out a write. */
void plan_fill_write(
	struct plan_step *step, size_t unit, const struct plan_write *write, enum stage stage);

/* What became of the oldest write of a unit, and of the keep-alive in hand. */
void plan_write_done(struct plan *plan, struct unit *unit, const struct bus_reply *reply);
void plan_keep_done(struct plan *plan, struct unit *unit, const struct bus_reply *reply);

#endif
