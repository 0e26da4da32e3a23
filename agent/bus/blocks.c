/* The reads of one unit: merging, and isolating what the device refuses. */
#include <stdlib.h>

#include "blocks.h"
#include "err.h"

#define RETRY_FIRST_US                                                             \
	(30 * US_PER_S) /* a refused range, doubling: a booting device refuses too \
			 */
#define RETRY_MAX_US (3600 * US_PER_S)

struct range {
	struct plan_range r;
	struct mono due;
	uint64_t seq, fail_seq;
	unsigned fails;
	bool done;
	bool survey;    /* being read alone to find what is refused */
	bool alone_ok;  /* answered alone since it was last refused in a block */
	bool refused;   /* alone */
	bool cut_after; /* never merged with the next */
	unsigned refusals;
};

static int by_place(const void *a, const void *b)
{
	const struct plan_range *x = &((const struct range *)a)->r;
	const struct plan_range *y = &((const struct range *)b)->r;

	if (x->group != y->group) {
		return x->group < y->group ? -1 : 1;
	}
	if (x->function != y->function) {
		return x->function < y->function ? -1 : 1;
	}
	if (x->address != y->address) {
		return x->address < y->address ? -1 : 1;
	}
	return (x->count > y->count) - (x->count < y->count);
}

/* Takes what the blocks know back to their ranges. */
static void save(struct blocks *blocks)
{
	for (size_t b = 0; b < blocks->count; b++) {
		const struct block *block = &blocks->list[b];

		for (size_t i = block->first; i < block->first + block->ranges; i++) {
			blocks->ranges[i].due = block->due;
			blocks->ranges[i].seq = block->seq;
			blocks->ranges[i].done = block->done;
			blocks->ranges[i].fails = block->fails;
			blocks->ranges[i].fail_seq = block->fail_seq;
		}
	}
}

static bool alone(const struct range *range)
{
	return range->refused || range->survey;
}

/* Adds range i to the block where it may be merged. */
static bool extend(const struct blocks *blocks, struct block *block, size_t i)
{
	const struct range *prev = &blocks->ranges[i - 1], *range = &blocks->ranges[i];
	uint32_t end = (uint32_t)block->address + block->registers;
	uint32_t range_end = (uint32_t)range->r.address + range->r.count;

	if (blocks->single || alone(prev) || alone(range) || prev->cut_after ||
		range->r.group != block->group || range->r.function != block->function ||
		range->r.address > end + blocks->max_gap) {
		return false;
	}
	end = range_end > end ? range_end : end;
	if (end - block->address > blocks->max_read) {
		return false;
	}
	block->registers = (uint16_t)(end - block->address);
	block->ranges++;
	if (mono_before(range->due, block->due)) {
		block->due = range->due;
	}
	block->seq = range->seq < block->seq ? range->seq : block->seq;
	block->done = block->done && range->done;
	block->fails = block->fails < range->fails ? block->fails : range->fails;
	return true;
}

static void build(struct blocks *blocks)
{
	blocks->count = 0;
	for (size_t i = 0; i < blocks->range_count; i++) {
		const struct range *range = &blocks->ranges[i];

		if (blocks->count > 0 && extend(blocks, &blocks->list[blocks->count - 1], i)) {
			continue;
		}
		blocks->list[blocks->count++] = (struct block){.function = range->r.function,
			.group = range->r.group,
			.address = range->r.address,
			.registers = range->r.count,
			.first = i,
			.ranges = 1,
			.due = range->due,
			.seq = range->seq,
			.fails = range->fails,
			.fail_seq = range->fail_seq,
			.done = range->done,
			.refused = range->refused};
	}
}

int blocks_new(const struct plan_unit_cfg *cfg, struct blocks **out)
{
	struct blocks *blocks = calloc(1, sizeof *blocks);
	int err = ERR_NOMEM;

	if (!blocks) {
		return err;
	}
	blocks->ranges = calloc(cfg->range_count + 1, sizeof *blocks->ranges);
	blocks->list = calloc(cfg->range_count + 1, sizeof *blocks->list);
	if (!blocks->ranges || !blocks->list) {
		goto fail;
	}
	blocks->range_count = cfg->range_count;
	blocks->max_gap = cfg->max_gap;
	blocks->single = cfg->single;
	blocks->max_read =
		cfg->max_read > 0 && cfg->max_read < BUS_MAX_READ ? cfg->max_read : BUS_MAX_READ;
	for (size_t i = 0; i < cfg->range_count; i++) {
		const struct plan_range *r = &cfg->ranges[i];

		if (r->function < 1 || r->function > 4 || r->count == 0 ||
			r->count > blocks->max_read || r->address + r->count > 0x10000 ||
			r->group > POLL_ONCE) {
			err = ERR_RANGE;
			goto fail;
		}
		blocks->ranges[i].r = *r;
	}
	qsort(blocks->ranges, blocks->range_count, sizeof *blocks->ranges, by_place);
	build(blocks);
	*out = blocks;
	return 0;
fail:
	blocks_free(blocks);
	return err;
}

void blocks_free(struct blocks *blocks)
{
	if (!blocks) {
		return;
	}
	free(blocks->ranges);
	free(blocks->list);
	free(blocks);
}

/* Ends the survey when each of its ranges has been decided. */
static void finish_survey(struct blocks *blocks)
{
	for (size_t i = 0; i < blocks->range_count; i++) {
		if (blocks->ranges[i].survey && !blocks->ranges[i].alone_ok) {
			return;
		}
	}
	for (size_t i = 0; i < blocks->range_count; i++) {
		blocks->ranges[i].survey = false;
	}
}

void blocks_answered(struct blocks *blocks, size_t slot)
{
	struct block *block = &blocks->list[slot];
	struct range *range = &blocks->ranges[block->first];

	if (block->ranges > 1 || !alone(range)) {
		for (size_t i = 0; i < block->ranges; i++) {
			range[i].alone_ok = false;
		}
		return;
	}
	save(blocks);
	range->alone_ok = true;
	range->refused = false;
	range->refusals = 0;
	finish_survey(blocks);
	build(blocks);
}

static void refuse_one(struct range *range, struct mono at, int64_t spread_pm)
{
	unsigned doublings = range->refusals > 10 ? 10 : range->refusals;
	int64_t wait = RETRY_FIRST_US << doublings;

	wait = wait > RETRY_MAX_US ? RETRY_MAX_US : wait;
	range->refusals++;
	range->refused = true;
	range->survey = false;
	range->alone_ok = false;
	range->due = mono_add_us(at, wait / 1000 * spread_pm);
}

void blocks_refused(struct blocks *blocks, size_t slot, struct mono at, int64_t spread_pm)
{
	const struct block *block = &blocks->list[slot];
	struct range *range = &blocks->ranges[block->first];
	size_t count = block->ranges;
	bool all_ok = true;

	save(blocks);
	for (size_t i = 0; i < count; i++) {
		range[i].fails = 0;
	}
	if (count == 1) {
		refuse_one(range, at, spread_pm);
		finish_survey(blocks);
		build(blocks);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		all_ok = all_ok && range[i].alone_ok;
		range[i].due = at;
	}
	if (all_ok) {
		range[count / 2 - 1].cut_after = true;
	} else {
		for (size_t i = 0; i < count; i++) {
			range[i].survey = true;
			range[i].alone_ok = false;
		}
	}
	build(blocks);
}

void blocks_once_again(struct blocks *blocks)
{
	for (size_t b = 0; b < blocks->count; b++) {
		struct block *block = &blocks->list[b];

		if (block->group == POLL_ONCE && !block->refused) {
			block->done = false;
			block->due = (struct mono){0};
		}
	}
}
