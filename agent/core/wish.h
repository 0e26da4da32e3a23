#ifndef PILED_WISH_H
#define PILED_WISH_H
/*
 * What a driver said of a visit: when the car leaves, how much energy it wants. Commands give it
 * (verbs `depart` and `want`), the visit keeps it, and load management plans with it (laxity.h).
 */
#include "core.h"

/* Departure ahead and energy, at the most. */
#define WISH_AHEAD_MS (INT64_C(31) * 86400 * MS_PER_S)
#define WISH_WH       INT64_C(1000000)

/* May the command be taken? ERR_STATE without a car, ERR_RANGE; `why` says it. */
int wish_check(const struct core *c, const struct command *cmd, char *why, size_t size);
void wish_take(struct core *c, const struct command *cmd);

/* When the car leaves; us 0 = not known, or gone by. */
struct mono wish_departs(const struct site *site, uint16_t gun, struct moment now);

/* What it still wants: of what was said for the session, else by state of charge and size of its
 * battery (a point of the device, else the configured one); VALUE_NONE = not known. */
int64_t wish_remaining_wh(const struct site *site, uint16_t gun);

#endif
