#ifndef PILED_PLAN_H
#define PILED_PLAN_H
/*
 * The plan of one bus: what to do next. Pure: no I/O, no clock; time is an argument.
 *
 * Neighbouring ranges of a unit become one read within the device's limit where the gap between
 * them is declared readable. Two poll groups (fast, slow). Writes go before reads. A unit that
 * does not answer backs off with jitter (seeded) and is probed so that dead units together cost
 * their neighbours at most one time-out a cycle.
 */
#include <stdbool.h>
#include <stddef.h>

#include "port.h"

enum poll_group { POLL_FAST, POLL_SLOW, POLL_ONCE };

/* Registers that must be read as one (a point, or a latched block). */
struct plan_range {
	uint8_t function;
	uint16_t address;
	uint16_t count;
	enum poll_group group;
};

struct plan_unit_cfg {
	uint8_t unit; /* Modbus address */
	const struct plan_range *ranges;
	size_t range_count;
	uint16_t max_read;        /* registers a read; 0 = BUS_MAX_READ */
	uint16_t max_gap;         /* unused registers that may be read over to merge ranges */
	bool single;              /* one range a request */
	int64_t fast_us, slow_us; /* periods of the groups */
	int64_t pause_us;         /* least time between two frames to this unit */
};

struct plan_cfg {
	const struct plan_unit_cfg *units;
	size_t unit_count;
	int64_t timeout_us; /* what a silent unit costs */
	int64_t backoff_max_us;
	uint64_t seed; /* of the jitter */
};

/* A write with its read-back. `token` 0 = nobody waits (keep-alives). function 0: nothing is
 * written, the read-back alone is carried out (a technician's raw read). */
struct plan_write {
	uint32_t token;
	uint16_t unit; /* index into plan_cfg.units */
	uint8_t function;
	uint16_t address;
	uint16_t count;
	uint16_t values[8];
	uint8_t back_function; /* read-back; 0 = none */
	uint16_t back_address;
	uint16_t back_count;
	int64_t back_delay_us; /* the device needs this long to show it */
	int64_t every_us;      /* it is repeated so often; 0 = it stays. See plan_keepalive() */
};

enum plan_what { PLAN_WAIT, PLAN_READ, PLAN_WRITE, PLAN_READ_BACK };

struct plan_step {
	enum plan_what what;
	uint16_t unit; /* index */
	uint32_t token;
	struct mono until; /* PLAN_WAIT: nothing to do before this */
	uint8_t function;
	uint16_t address;
	uint16_t count;
	uint16_t values[BUS_MAX_WRITE > 8 ? 8 : BUS_MAX_WRITE];
};

struct plan;

int plan_new(const struct plan_cfg *cfg, struct plan **out);
void plan_free(struct plan *plan);

/* What to do at `now`. Calling it again without plan_done() gives the same step, unless a write
 * has come in. */
void plan_next(struct plan *plan, struct mono now, struct plan_step *step);

/* The step was carried out. Returns true when the unit's link state changed. */
bool plan_done(struct plan *plan, const struct plan_step *step, const struct bus_reply *reply);

/* Queues a write; ERR_FULL beyond PLAN_WRITES_MAX of a unit. */
#define PLAN_WRITES_MAX 8
int plan_write(struct plan *plan, const struct plan_write *write);
/* Is it a write that can be sent (function, counts, addresses)? */
bool plan_write_valid(const struct plan_write *write);
/* How many writes of a unit are queued or under way. */
size_t plan_writes(const struct plan *plan, uint16_t unit);

/* Sets a write that is repeated each every_us (0: a minute) while its unit answers; one with the
 * same function and address is replaced, count 0 removes it. A plan_write() to the same registers
 * changes the values that are repeated, once it is written; one with every_us of its own is
 * repeated from then on. ERR_FULL beyond PLAN_KEEPALIVES_MAX a unit. */
#define PLAN_KEEPALIVES_MAX 8
int plan_keepalive(struct plan *plan, const struct plan_write *write);

/* After plan_done() of a write or read-back: false when that write failed but will be tried
 * again, so that nobody need be told yet. */
bool plan_final(const struct plan *plan);

/* The line is lost: all units count as not answering and are tried anew at once when stepping
 * goes on. Each queued write is given back by plan_drop() until it returns false. */
void plan_line_lost(struct plan *plan);
bool plan_drop(struct plan *plan, struct plan_step *step);

/* Reads the fast group of a unit as soon as possible; with `all` the others too. */
void plan_poll_now(struct plan *plan, uint16_t unit, bool all);

/* Modbus address of a unit. */
uint8_t plan_address(const struct plan *plan, uint16_t unit);

/* Is the unit answering, and when is its next try? */
bool plan_unit_up(const struct plan *plan, uint16_t unit, struct mono *next_try);

#endif
