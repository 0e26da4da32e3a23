/* Writes, read-backs and keep-alives of the plan. */
#include <string.h>

#include "err.h"
#include "plan_int.h"

#define TRIES         3 /* of a write or read-back, while the unit answers */
#define BUSY_RETRY_US (200 * US_PER_MS)
#define KEEPALIVE_US  (60 * US_PER_S) /* where the unit says nothing */

void plan_fill_write(
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

static void pop_write(struct unit *unit)
{
	unit->write_head = (unit->write_head + 1) % PLAN_WRITES_MAX;
	unit->write_count--;
	unit->stage = STAGE_WRITE;
	unit->stage_due = (struct mono){0};
	unit->tries = 0;
}

static int64_t every_us(const struct plan_write *keep)
{
	return keep->every_us > 0 ? keep->every_us : KEEPALIVE_US;
}

/* A keep-alive that writes the same registers follows what was written last; what the device will
 * forget becomes one. */
static void follow(struct unit *unit, const struct plan_write *write, struct mono now)
{
	size_t k = 0;

	while (k < unit->keep_count && (unit->keep[k].write.function != write->function ||
					       unit->keep[k].write.address != write->address ||
					       unit->keep[k].write.count != write->count)) {
		k++;
	}
	if (k < unit->keep_count) {
		memcpy(unit->keep[k].write.values, write->values, sizeof write->values);
	} else if (write->every_us > 0 && k < PLAN_KEEPALIVES_MAX) {
		unit->keep[k].write = *write;
		unit->keep[k].write.token = 0;
		unit->keep[k].write.back_function = 0;
		unit->keep_count++;
	} else {
		return;
	}
	unit->keep[k].due = mono_add_us(now, every_us(&unit->keep[k].write));
}

static bool busy(const struct bus_reply *reply)
{
	return reply->err == ERR_EXCEPTION && (reply->exception == 5 || reply->exception == 6);
}

void plan_write_done(struct plan *plan, struct unit *unit, const struct bus_reply *reply)
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

void plan_keep_done(struct plan *plan, struct unit *unit, const struct bus_reply *reply)
{
	int64_t wait;

	if (plan->slot >= unit->keep_count) {
		return; /* removed meanwhile */
	}
	wait = every_us(&unit->keep[plan->slot].write);
	if (reply->err != 0 && reply->err != ERR_EXCEPTION) {
		wait = wait / 4; /* once lost on the wire, the device must not run out */
	}
	unit->keep[plan->slot].due = mono_add_us(plan->began, wait);
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
		write->address + write->count > 0x10000 || write->back_delay_us < 0 ||
		write->every_us < 0) {
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

bool plan_drop(struct plan *plan, struct plan_step *step)
{
	for (size_t i = 0; i < plan->unit_count; i++) {
		struct unit *unit = &plan->units[i];

		if (unit->write_count > 0) {
			memset(step, 0, sizeof *step);
			plan_fill_write(step, i, &unit->writes[unit->write_head], unit->stage);
			pop_write(unit);
			plan->kind = KIND_NONE;
			return true;
		}
	}
	return false;
}
