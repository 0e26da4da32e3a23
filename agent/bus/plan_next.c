/*
 * What to do next. Reads go by the earliest due time, which is fair when the line is too slow for
 * all of them: a range that was passed over only becomes more urgent. Writes go first.
 *
 * A unit that has not answered its last request is a suspect: it is asked again by probes, and
 * after a time-out no suspect is asked before each answering unit has had its round.
 */
#include <string.h>

#include "plan_int.h"

#define WRITES_IN_A_ROW 6 /* then one overdue read goes first */
#define IDLE_US         (60 * US_PER_S)

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

bool plan_first_block(const struct unit *unit, size_t *slot, struct mono *due)
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
	       plan_first_block(unit, &slot, &due) && !mono_before(now, due);
}

/* A read-back only tells what was written; the write of another unit may be what a limit waits for.
 */
static bool sooner_write(const struct plan *plan, const struct choice *a, const struct choice *b)
{
	bool a_back = plan->units[a->unit].stage == STAGE_BACK;
	bool b_back = plan->units[b->unit].stage == STAGE_BACK;

	return a_back != b_back ? b_back : a->seq < b->seq;
}

/* The oldest write that may go, before any read-back; a suspect's only where a time-out can be
 * afforded. */
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
		} else if (queued.kind == KIND_NONE || sooner_write(plan, &c, &queued)) {
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
			!plan_first_block(unit, &c.slot, &c.due)) {
			continue;
		}
		c.due = later(c.due, unit->ready);
		c.seq = unit->blocks->list[c.slot].seq;
		consider(best, &c, now);
	}
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
		plan_fill_write(step, choice->unit, &unit->writes[unit->write_head], unit->stage);
		break;
	case KIND_KEEP:
		plan_fill_write(step, choice->unit, &unit->keep[choice->slot].write, STAGE_WRITE);
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
