#ifndef PILED_BLOCKS_H
#define PILED_BLOCKS_H
/*
 * The reads of one unit: its ranges merged into blocks. Part of the plan, pure.
 *
 * A block that the device refuses (exceptions 1, 2, 3) is surveyed: each of its ranges is read
 * alone once; those that are refused alone stay alone and are retried rarely, the others are
 * merged again, never across a refused one. Where all answer alone but not together (a gap that
 * cannot be read, a shorter limit than declared) the block is cut in halves for good.
 */
#include "plan.h"

struct block {
	uint8_t function;
	enum poll_group group;
	uint16_t address;
	uint16_t registers;
	size_t first, ranges; /* which ranges of the sorted list */
	struct mono due;      /* 0 = at once, counted from when it is read */
	uint64_t seq;         /* plan.seq of its last read */
	unsigned fails;       /* reads in a row that were not answered, the first at fail_seq */
	uint64_t fail_seq;
	bool done;    /* POLL_ONCE: read */
	bool refused; /* alone, by the device */
};

struct range;

struct blocks {
	struct block *list;
	size_t count;
	struct range *ranges; /* sorted by group, function, address */
	size_t range_count;
	uint16_t max_read, max_gap;
	bool single;
};

/* ERR_RANGE: a range that no request can read, ERR_NOMEM. Everything is due at once. */
int blocks_new(const struct plan_unit_cfg *cfg, struct blocks **out);
void blocks_free(struct blocks *blocks);

/* What a block's read gave. Both may rebuild the list: block pointers and slots are void after.
 * spread_pm varies the time to the next try. */
void blocks_answered(struct blocks *blocks, size_t slot);
void blocks_refused(struct blocks *blocks, size_t slot, struct mono at, int64_t spread_pm);

/* What is read once is due again. */
void blocks_once_again(struct blocks *blocks);

#endif
