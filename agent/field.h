#ifndef PILED_FIELD_H
#define PILED_FIELD_H
/*
 * Between field and core: turns results of the buses into events, and the core's writes into
 * writes of the right bus. No threads, clocks or I/O: the daemon and runs on a virtual clock use
 * the same code.
 */
#include "bus/profile.h"
#include "bus/thread.h"
#include "site.h"

/* One unit of one bus and what it stands for. */
struct field_unit {
	uint16_t bus, unit;            /* bus_cfg.index and index into its plan_cfg.units */
	const struct profile *profile; /* borrowed, for as long as the field lives */
	struct target device;          /* what "gun 0" of the profile is: a pile or a meter */
	uint16_t first_gun, gun_count; /* its guns 1.. are site_cfg.guns[first_gun..] */
	bool unit_each;                /* it is one gun of the pile, not the pile as a whole */
};

struct field_cfg {
	const struct field_unit *units; /* copied; at most one for each (bus, unit) */
	size_t unit_count;
};

struct field_map;

/* ERR_NOMEM, ERR_INVAL (two units in one place). */
int field_new(const struct field_cfg *cfg, struct field_map **out);
void field_free(struct field_map *field);

/* Takes one result and gives its events, in order: EV_LINK, EV_READINGS, EV_TEXT, EV_WRITTEN.
 * Their pointers are valid for the call of `emit` only. A unit that is not in the field gives
 * none. */
void field_result(struct field_map *field, const struct bus_result *result, struct moment now,
	void (*emit)(void *arg, const struct event *event), void *arg);

/* The write that an ACT_WRITE asks for; `bus` is the bus to give it to. ERR_NOTFOUND (no unit has
 * this target), ERR_UNSUPPORTED, ERR_RANGE, ERR_FULL (too many writes under way). When the bus
 * then refuses it, call field_write_failed(). */
int field_write(struct field_map *field, const struct action *action, uint16_t *bus,
	struct plan_write *out);

/* The event of a write that never reached its bus. */
void field_write_failed(struct field_map *field, uint32_t token, int err, struct moment now,
	void (*emit)(void *arg, const struct event *event), void *arg);

/* The i-th keep-alive of the field, by unit and gun: to be given to its bus once, at the start.
 * ERR_NOTFOUND past the last one. */
int field_keepalive(struct field_map *field, size_t i, uint16_t *bus, struct plan_write *out);

/* Where the readings of a target come from, for ACT_POLL. ERR_NOTFOUND. */
int field_find(const struct field_map *field, struct target target, uint16_t *bus, uint16_t *unit);

/* The unit at a place of a bus; NULL where there is none. */
const struct field_unit *field_unit_at(const struct field_map *field, uint16_t bus, uint16_t unit);

/* The points of a gun or a meter that are kept as telemetry, in their order. */
#define FIELD_TELEMETRY 8
const enum point *field_telemetry_points(enum target_kind kind, size_t *count);

#endif
