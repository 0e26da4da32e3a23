/* The plan of one bus: its units, and what a step gave. */
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "plan_int.h"

#define MISSES_DOWN        3        /* requests without a good frame: the link counts as down */
#define FAILS_REFUSED      6        /* requests for a block unanswered, others answered meanwhile */
#define EXCEPTION_RETRY_US US_PER_S /* other exceptions than a refusal: a poll, but not later */
#define EXCEPTION_WAIT_US  (200 * US_PER_MS) /* ... and not before this */

#define EXC_FUNCTION       1
#define EXC_ADDRESS        2
#define EXC_VALUE          3
#define EXC_GATEWAY_PATH   10
#define EXC_GATEWAY_TARGET 11

/* splitmix64: only to spread retries, no secret. */
static uint64_t draw(struct plan *plan)
{
	uint64_t z = (plan->random += UINT64_C(0x9E3779B97F4A7C15));

	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

/* us give or take a quarter. */
static int64_t jitter(struct plan *plan, int64_t us)
{
	int64_t span = us / 2;

	return us - us / 4 + (span > 0 ? (int64_t)(draw(plan) % (uint64_t)span) : 0);
}

int plan_new(const struct plan_cfg *cfg, struct plan **out)
{
	struct plan *plan = NULL;
	int err = ERR_NOMEM;

	if (cfg->unit_count > UINT16_MAX || cfg->timeout_us < 0 || cfg->backoff_max_us < 0) {
		return ERR_RANGE;
	}
	plan = calloc(1, sizeof *plan);
	if (!plan) {
		goto fail;
	}
	plan->timeout_us = cfg->timeout_us > 0 ? cfg->timeout_us : BUS_TIMEOUT_US;
	plan->backoff_max_us = cfg->backoff_max_us > 0 ? cfg->backoff_max_us : 30 * US_PER_S;
	plan->random = cfg->seed;
	plan->units = calloc(cfg->unit_count + 1, sizeof *plan->units);
	if (!plan->units) {
		goto fail;
	}
	for (size_t i = 0; i < cfg->unit_count; i++) {
		const struct plan_unit_cfg *from = &cfg->units[i];
		struct unit *unit = &plan->units[i];

		if (from->fast_us < 0 || from->slow_us < 0 || from->pause_us < 0) {
			err = ERR_RANGE;
			goto fail;
		}
		unit->address = from->unit;
		unit->pause_us = from->pause_us;
		unit->period_us[POLL_FAST] = from->fast_us;
		unit->period_us[POLL_SLOW] = from->slow_us;
		err = blocks_new(from, &unit->blocks);
		plan->unit_count++;
		if (err) {
			goto fail;
		}
	}
	*out = plan;
	return 0;
fail:
	plan_free(plan);
	return err;
}

void plan_free(struct plan *plan)
{
	if (!plan) {
		return;
	}
	for (size_t i = 0; i < plan->unit_count; i++) {
		blocks_free(plan->units[i].blocks);
	}
	free(plan->units);
	free(plan);
}

/* Did the unit itself answer? A gateway's word that it does not is a miss. */
static bool answered(const struct bus_reply *reply)
{
	if (reply->err == ERR_EXCEPTION) {
		return reply->exception != EXC_GATEWAY_PATH &&
		       reply->exception != EXC_GATEWAY_TARGET;
	}
	return reply->err == 0;
}

static bool refusal(const struct bus_reply *reply)
{
	return reply->err == ERR_EXCEPTION &&
	       (reply->exception == EXC_FUNCTION || reply->exception == EXC_ADDRESS ||
		       reply->exception == EXC_VALUE);
}

static void poll_done(struct plan *plan, struct unit *unit, const struct bus_reply *reply)
{
	struct block *block = &unit->blocks->list[plan->slot];
	int64_t period;

	block->seq = plan->seq;
	if (refusal(reply)) {
		blocks_refused(unit->blocks, plan->slot, reply->at, jitter(plan, 1000));
		return;
	}
	if (!answered(reply)) {
		if (block->fails++ == 0) {
			block->fail_seq = plan->seq;
		}
		if (block->refused ||
			(block->fails >= FAILS_REFUSED && unit->answer_seq > block->fail_seq)) {
			/* It answers everything else: this is how it refuses. */
			blocks_refused(unit->blocks, plan->slot, reply->at, jitter(plan, 1000));
		}
		return; /* still due */
	}
	block->fails = 0;
	period = block->group == POLL_ONCE ? 0 : unit->period_us[block->group];
	if (reply->err == ERR_EXCEPTION) {
		period = period < EXCEPTION_RETRY_US ? period : EXCEPTION_RETRY_US;
		period = period > EXCEPTION_WAIT_US ? period : EXCEPTION_WAIT_US;
		block->due = mono_add_us(reply->at, period);
		return;
	}
	/* A probe may come early. What was missed is not made up for: a backlog would starve the
	 * rest. */
	block->due = block->due.us == 0 ? plan->began : sooner(block->due, plan->began);
	block->due = later(mono_add_us(block->due, period), plan->began);
	block->done = block->group == POLL_ONCE;
	blocks_answered(unit->blocks, plan->slot);
}

static void unit_answered(struct unit *unit, struct mono at)
{
	if (!unit->up) {
		/* It may have been rebooted or replaced: what is read once is read again. */
		blocks_once_again(unit->blocks);
		for (size_t k = 0; k < unit->keep_count; k++) {
			unit->keep[k].due = at;
		}
	}
	unit->seen = true;
	unit->misses = 0;
	unit->up = true;
}

static void unit_missed(struct plan *plan, struct unit *unit, const struct bus_reply *reply)
{
	/* A spoiled frame costs its neighbours nothing, and there is somebody who sent it. */
	bool costly = reply->err == ERR_TIMEOUT || reply->took_us >= plan->timeout_us / 2;

	unit->misses++;
	if (unit->misses >= MISSES_DOWN) {
		unit->up = false;
	}
	if (unit->misses == 1) {
		unit->next_try = reply->at; /* one lost frame is no dead unit */
	} else {
		unsigned doublings = unit->misses - 2 > 20 ? 20 : unit->misses - 2;
		int64_t wait = (4 * plan->timeout_us) << doublings;
		int64_t most = costly ? plan->backoff_max_us : 4 * plan->timeout_us;

		wait = wait > most ? most : wait;
		unit->next_try = mono_add_us(reply->at, jitter(plan, wait));
	}
	if (costly) {
		plan->spent = true;
		plan->spent_seq = plan->seq;
		plan->spent_at = reply->at;
	}
}

bool plan_done(struct plan *plan, const struct plan_step *step, const struct bus_reply *reply)
{
	enum kind kind = plan->kind;
	struct unit *unit;
	bool was_up;

	plan->final = true;
	if (kind == KIND_NONE || step->what != plan->step.what || step->unit != plan->step.unit) {
		return false;
	}
	unit = &plan->units[step->unit];
	was_up = unit->up;
	plan->kind = KIND_NONE;
	plan->seq++;
	if (answered(reply)) {
		unit_answered(unit, reply->at);
		unit->answer_seq = plan->seq;
	} else {
		unit_missed(plan, unit, reply);
	}
	unit->ready = mono_add_us(reply->at, unit->pause_us);
	if (reply->err == ERR_TIMEOUT) {
		/* On a serial line nothing tells a late reply from the next one: let it come first.
		 */
		unit->ready = later(unit->ready, mono_add_us(reply->at, plan->timeout_us));
	}
	plan->writes_in_a_row = kind == KIND_POLL ? 0 : plan->writes_in_a_row + 1;
	unit->writes_in_a_row = kind == KIND_POLL ? 0 : unit->writes_in_a_row + 1;
	switch (kind) {
	case KIND_WRITE:
		plan_write_done(plan, unit, reply);
		break;
	case KIND_KEEP:
		plan_keep_done(plan, unit, reply);
		break;
	default:
		poll_done(plan, unit, reply);
	}
	return unit->up != was_up;
}

bool plan_final(const struct plan *plan)
{
	return plan->final;
}

void plan_poll_now(struct plan *plan, uint16_t index, bool all)
{
	if (index >= plan->unit_count) {
		return;
	}
	for (size_t b = 0; b < plan->units[index].blocks->count; b++) {
		struct block *block = &plan->units[index].blocks->list[b];

		if ((all || block->group == POLL_FAST) && !block->refused) {
			block->due = (struct mono){0};
		}
	}
}

uint8_t plan_address(const struct plan *plan, uint16_t unit)
{
	return unit < plan->unit_count ? plan->units[unit].address : 0;
}

bool plan_unit_up(const struct plan *plan, uint16_t index, struct mono *next_try)
{
	const struct unit *unit;
	struct mono due = {0};
	size_t slot = 0;

	if (index >= plan->unit_count) {
		return false;
	}
	unit = &plan->units[index];
	if (next_try) {
		*next_try =
			live(unit) && plan_first_block(unit, &slot, &due) ? due : unit->next_try;
	}
	return unit->up;
}

void plan_line_lost(struct plan *plan)
{
	plan->kind = KIND_NONE;
	plan->spent = false;
	for (size_t i = 0; i < plan->unit_count; i++) {
		struct unit *unit = &plan->units[i];

		unit->seen = false;
		unit->up = false;
		unit->misses = 0;
		unit->next_try = (struct mono){0};
		unit->ready = (struct mono){0};
	}
}
