/*
 * The plan of one bus. Reads go by the earliest due time, which is fair when the line is too slow
 * for all of them: a range that was passed over only becomes more urgent.
 *
 * A unit that has not answered its last request is a suspect: it is asked again by probes, and
 * after a time-out no suspect is asked before each answering unit has had its round.
 */
#include <stdlib.h>
#include <string.h>

#include "blocks.h"
#include "err.h"
#include "plan.h"

#define TRIES              3 /* of a write or read-back, while the unit answers */
#define MISSES_DOWN        3 /* requests without a good frame: the link counts as down */
#define WRITES_IN_A_ROW    6 /* then one overdue read goes first */
#define IDLE_US            (60 * US_PER_S)
#define FAILS_REFUSED      6        /* requests for a block unanswered, others answered meanwhile */
#define EXCEPTION_RETRY_US US_PER_S /* other exceptions than a refusal: a poll, but not later */
#define BUSY_RETRY_US      (200 * US_PER_MS) /* exceptions 4, 5, 6: not before this */

#define EXC_FUNCTION       1
#define EXC_ADDRESS        2
#define EXC_VALUE          3
#define EXC_GATEWAY_PATH   10
#define EXC_GATEWAY_TARGET 11

enum stage { STAGE_WRITE, STAGE_BACK };

struct unit {
	uint8_t address;
	int64_t pause_us, keepalive_us, period_us[3];
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

static struct mono later(struct mono a, struct mono b)
{
	return mono_before(a, b) ? b : a;
}

static struct mono sooner(struct mono a, struct mono b)
{
	return mono_before(a, b) ? a : b;
}

static bool live(const struct unit *unit)
{
	return unit->seen && unit->misses == 0;
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

		if (from->fast_us < 0 || from->slow_us < 0 || from->pause_us < 0 ||
			from->keepalive_us < 0) {
			err = ERR_RANGE;
			goto fail;
		}
		unit->address = from->unit;
		unit->pause_us = from->pause_us;
		unit->keepalive_us = from->keepalive_us;
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

/* Has each answering unit had its fast round since the last time-out? */
static bool cycle_over(const struct plan *plan, struct mono now)
{
	bool any = false, any_fast = false;

	for (size_t i = 0; i < plan->unit_count; i++) {
		const struct unit *unit = &plan->units[i];

		if (!live(unit)) {
			continue;
		}
		any = true;
		for (size_t b = 0; b < unit->blocks->count; b++) {
			const struct block *block = &unit->blocks->list[b];

			if (block->group != POLL_FAST || block->refused) {
				continue;
			}
			any_fast = true;
			if (block->seq <= plan->spent_seq) {
				return false;
			}
		}
	}
	/* Neighbours without fast polls keep nine tenths of the line. */
	return any_fast || !any || mono_diff_us(now, plan->spent_at) >= 10 * plan->timeout_us;
}

/* The block of a unit that is due first. */
static bool first_block(const struct unit *unit, size_t *slot, struct mono *due)
{
	const struct blocks *blocks = unit->blocks;
	bool found = false;

	for (size_t b = 0; b < blocks->count; b++) {
		const struct block *block = &blocks->list[b];

		if (block->done) {
			continue;
		}
		if (!found || mono_before(block->due, *due) ||
			(block->due.us == due->us && block->seq < blocks->list[*slot].seq)) {
			found = true;
			*slot = b;
			*due = block->due;
		}
	}
	return found;
}

/* The block of a suspect to try: the one that was not asked for longest, for a unit may be silent
 * to one request and answer another. */
static bool probe_block(const struct unit *unit, size_t *slot)
{
	const struct blocks *blocks = unit->blocks;
	bool found = false;

	for (size_t b = 0; b < blocks->count; b++) {
		if (!blocks->list[b].done && !blocks->list[b].refused &&
			(!found || blocks->list[b].seq < blocks->list[*slot].seq)) {
			found = true;
			*slot = b;
		}
	}
	return found;
}

struct choice {
	enum kind kind;
	size_t unit, slot;
	struct mono due;
	uint64_t seq;
	struct mono wake; /* when nothing is due: the next time something may be */
};

/* Keeps the candidate when it is due and more urgent, else notes when to look again. */
static void consider(struct choice *best, const struct choice *candidate, struct mono now)
{
	if (mono_before(now, candidate->due)) {
		best->wake = sooner(best->wake, candidate->due);
		return;
	}
	if (best->kind == KIND_NONE || mono_before(candidate->due, best->due) ||
		(candidate->due.us == best->due.us && candidate->seq < best->seq)) {
		struct mono wake = best->wake;

		*best = *candidate;
		best->wake = wake;
	}
}

/* Has the unit been written to so often that a read of it must come between? */
static bool polls_first(const struct unit *unit, struct mono now)
{
	struct mono due = {0};
	size_t slot = 0;

	return unit->writes_in_a_row >= WRITES_IN_A_ROW && live(unit) &&
	       first_block(unit, &slot, &due) && !mono_before(now, due);
}

/* The oldest write that may go; a suspect's only where a time-out can be afforded. */
static void choose_write(const struct plan *plan, struct mono now, bool afford, struct choice *best)
{
	struct choice queued = {.kind = KIND_NONE, .wake = best->wake};

	for (size_t i = 0; i < plan->unit_count; i++) {
		const struct unit *unit = &plan->units[i];
		struct choice c = {.kind = KIND_WRITE, .unit = i};

		if (unit->write_count == 0 || (!live(unit) && !afford) || polls_first(unit, now)) {
			continue;
		}
		c.seq = unit->write_seq[unit->write_head];
		c.due = later(unit->ready, unit->stage_due);
		if (mono_before(now, c.due)) {
			queued.wake = sooner(queued.wake, c.due);
		} else if (queued.kind == KIND_NONE || c.seq < queued.seq) {
			c.due = (struct mono){0};
			c.wake = queued.wake;
			queued = c;
		}
	}
	if (queued.kind != KIND_NONE) {
		*best = queued;
	}
	best->wake = queued.wake;
}

static void choose_keep(const struct plan *plan, struct mono now, struct choice *best)
{
	for (size_t i = 0; i < plan->unit_count; i++) {
		const struct unit *unit = &plan->units[i];

		for (size_t k = 0; live(unit) && k < unit->keep_count; k++) {
			struct choice c = {.kind = KIND_KEEP, .unit = i, .slot = k};

			c.due = later(unit->ready, unit->keep[k].due);
			consider(best, &c, now);
		}
	}
}

static void choose_poll(const struct plan *plan, struct mono now, bool afford, struct choice *best)
{
	for (size_t i = 0; i < plan->unit_count; i++) {
		const struct unit *unit = &plan->units[i];
		struct choice c = {.kind = KIND_POLL, .unit = i};

		if (!live(unit) && !afford) {
			continue;
		}
		/* A probe is due at its time, whatever it reads. */
		c.due = unit->next_try;
		if ((live(unit) || !probe_block(unit, &c.slot)) &&
			!first_block(unit, &c.slot, &c.due)) {
			continue;
		}
		c.due = later(c.due, unit->ready);
		c.seq = unit->blocks->list[c.slot].seq;
		consider(best, &c, now);
	}
}

static void fill_write(
	struct plan_step *step, size_t unit, const struct plan_write *write, enum stage stage)
{
	step->unit = (uint16_t)unit;
	step->token = write->token;
	if (stage == STAGE_BACK || write->function == 0) {
		step->what = PLAN_READ_BACK;
		step->function = write->back_function;
		step->address = write->back_address;
		step->count = write->back_count;
		return;
	}
	step->what = PLAN_WRITE;
	step->function = write->function;
	step->address = write->address;
	step->count = write->count;
	memcpy(step->values, write->values, sizeof step->values);
}

static void take(struct plan *plan, const struct choice *choice, struct mono now)
{
	struct unit *unit = &plan->units[choice->unit];
	struct plan_step *step = &plan->step;

	memset(step, 0, sizeof *step);
	plan->kind = choice->kind;
	plan->slot = choice->slot;
	plan->began = now;
	switch (choice->kind) {
	case KIND_WRITE:
		fill_write(step, choice->unit, &unit->writes[unit->write_head], unit->stage);
		break;
	case KIND_KEEP:
		fill_write(step, choice->unit, &unit->keep[choice->slot].write, STAGE_WRITE);
		break;
	case KIND_POLL:
		step->what = PLAN_READ;
		step->unit = (uint16_t)choice->unit;
		step->function = unit->blocks->list[choice->slot].function;
		step->address = unit->blocks->list[choice->slot].address;
		step->count = unit->blocks->list[choice->slot].registers;
		break;
	case KIND_NONE:
		step->what = PLAN_WAIT;
		step->until = choice->wake;
		break;
	}
}

void plan_next(struct plan *plan, struct mono now, struct plan_step *step)
{
	struct choice best = {.kind = KIND_NONE, .wake = mono_add_us(now, IDLE_US)};
	bool afford;

	if (plan->kind != KIND_NONE) {
		*step = plan->step;
		return;
	}
	afford = !plan->spent || cycle_over(plan, now);
	choose_write(plan, now, afford, &best);
	if (best.kind == KIND_NONE) {
		choose_keep(plan, now, &best);
	}
	if (best.kind == KIND_NONE || plan->writes_in_a_row >= WRITES_IN_A_ROW) {
		struct choice poll = {.kind = KIND_NONE, .wake = best.wake};

		choose_poll(plan, now, afford, &poll);
		if (poll.kind != KIND_NONE || best.kind == KIND_NONE) {
			best = poll;
		}
	}
	take(plan, &best, now);
	*step = plan->step;
}

static void pop_write(struct unit *unit)
{
	unit->write_head = (unit->write_head + 1) % PLAN_WRITES_MAX;
	unit->write_count--;
	unit->stage = STAGE_WRITE;
	unit->stage_due = (struct mono){0};
	unit->tries = 0;
}

/* A keep-alive that writes the same registers follows what was written last. */
static void follow(struct unit *unit, const struct plan_write *write, struct mono now)
{

	for (size_t k = 0; k < unit->keep_count; k++) {
		struct plan_write *keep = &unit->keep[k].write;

		if (keep->function == write->function && keep->address == write->address &&
			keep->count == write->count) {
			memcpy(keep->values, write->values, sizeof keep->values);
			unit->keep[k].due = mono_add_us(now, unit->keepalive_us);
		}
	}
}

static bool busy(const struct bus_reply *reply)
{
	return reply->err == ERR_EXCEPTION && (reply->exception == 5 || reply->exception == 6);
}

static void write_done(struct plan *plan, struct unit *unit, const struct bus_reply *reply)
{
	const struct plan_write *write = &unit->writes[unit->write_head];
	bool wrote = unit->stage == STAGE_WRITE && write->function != 0;

	if (reply->err == 0) {
		if (wrote) {
			follow(unit, write, reply->at);
		}
		if (wrote && write->back_function != 0) {
			unit->stage = STAGE_BACK;
			unit->stage_due = mono_add_us(reply->at, write->back_delay_us);
			unit->tries = 0;
		} else {
			pop_write(unit);
		}
		return;
	}
	unit->tries++;
	if (unit->tries >= TRIES || !unit->up || (reply->err == ERR_EXCEPTION && !busy(reply))) {
		pop_write(unit);
		return;
	}
	plan->final = false;
	unit->stage_due = busy(reply) ? mono_add_us(reply->at, BUSY_RETRY_US) : reply->at;
}

static void keep_done(struct plan *plan, struct unit *unit, const struct bus_reply *reply)
{
	int64_t wait = unit->keepalive_us > 0 ? unit->keepalive_us : IDLE_US;

	if (plan->slot >= unit->keep_count) {
		return; /* removed meanwhile */
	}
	if (reply->err != 0 && reply->err != ERR_EXCEPTION) {
		wait = wait / 4; /* once lost on the wire, the device must not run out */
	}
	unit->keep[plan->slot].due = mono_add_us(plan->began, wait);
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
		period = period > BUSY_RETRY_US ? period : BUSY_RETRY_US;
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
		write_done(plan, unit, reply);
		break;
	case KIND_KEEP:
		keep_done(plan, unit, reply);
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

static bool back_valid(const struct plan_write *write)
{
	return write->back_function <= 4 && write->back_count > 0 &&
	       write->back_count <= BUS_MAX_READ &&
	       write->back_address + write->back_count <= 0x10000;
}

bool plan_write_valid(const struct plan_write *write)
{
	bool single = write->function == 5 || write->function == 6;

	if (write->function == 0) {
		return write->back_function > 0 && back_valid(write);
	}
	if (write->count == 0 || write->count > sizeof write->values / sizeof write->values[0] ||
		write->address + write->count > 0x10000 || write->back_delay_us < 0) {
		return false;
	}
	if (!(single && write->count == 1) && write->function != 15 && write->function != 16) {
		return false;
	}
	return write->back_function == 0 || back_valid(write);
}

int plan_write(struct plan *plan, const struct plan_write *write)
{
	struct unit *unit;
	size_t at;

	if (write->unit >= plan->unit_count || !plan_write_valid(write)) {
		return ERR_RANGE;
	}
	unit = &plan->units[write->unit];
	if (unit->write_count == PLAN_WRITES_MAX) {
		return ERR_FULL;
	}
	at = (unit->write_head + unit->write_count) % PLAN_WRITES_MAX;
	unit->writes[at] = *write;
	unit->write_seq[at] = ++plan->write_seq;
	unit->write_count++;
	if (plan->kind == KIND_POLL) {
		plan->kind = KIND_NONE; /* a read in hand gives way */
	}
	return 0;
}

int plan_keepalive(struct plan *plan, const struct plan_write *write)
{
	struct plan_write checked = *write;
	struct unit *unit;
	size_t k = 0;

	checked.count = write->count == 0 ? 1 : write->count;
	checked.back_function = 0;
	if (write->unit >= plan->unit_count || !plan_write_valid(&checked)) {
		return ERR_RANGE;
	}
	unit = &plan->units[write->unit];
	while (k < unit->keep_count && (unit->keep[k].write.function != write->function ||
					       unit->keep[k].write.address != write->address)) {
		k++;
	}
	if (write->count == 0) {
		if (k < unit->keep_count) {
			unit->keep[k] = unit->keep[--unit->keep_count];
		}
		return 0;
	}
	if (k == PLAN_KEEPALIVES_MAX) {
		return ERR_FULL;
	}
	if (k == unit->keep_count) {
		unit->keep_count++;
		unit->keep[k].due = (struct mono){0};
	}
	unit->keep[k].write = checked;
	return 0;
}

size_t plan_writes(const struct plan *plan, uint16_t unit)
{
	return unit < plan->unit_count ? plan->units[unit].write_count : 0;
}

void plan_poll_now(struct plan *plan, uint16_t index)
{
	if (index >= plan->unit_count) {
		return;
	}
	for (size_t b = 0; b < plan->units[index].blocks->count; b++) {
		struct block *block = &plan->units[index].blocks->list[b];

		if (block->group == POLL_FAST && !block->refused) {
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
		*next_try = live(unit) && first_block(unit, &slot, &due) ? due : unit->next_try;
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

bool plan_drop(struct plan *plan, struct plan_step *step)
{
	for (size_t i = 0; i < plan->unit_count; i++) {
		struct unit *unit = &plan->units[i];

		if (unit->write_count > 0) {
			memset(step, 0, sizeof *step);
			fill_write(step, i, &unit->writes[unit->write_head], unit->stage);
			pop_write(unit);
			plan->kind = KIND_NONE;
			return true;
		}
	}
	return false;
}
