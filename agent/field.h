#ifndef PILED_FIELD_H
#define PILED_FIELD_H
/*
 * Between field and core: turns results of the buses into events, and the core's writes into
 * writes of the right bus. No threads, clocks or I/O: the daemon and runs on a virtual clock use
 * the same code.
 */
#include "bus/thread.h"
#include "config/config.h"

struct field_map;

/* For the buses and units of a configuration, which must outlive it. ERR_NOMEM. */
int field_new(const struct config *config, struct field_map **out);
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

/* The points of a gun or a meter that are kept as telemetry, in their order: FIELD_TELEMETRY at
 * most. */
#define FIELD_TELEMETRY 9
const enum point *field_telemetry_points(enum target_kind kind, size_t *count);

#endif
