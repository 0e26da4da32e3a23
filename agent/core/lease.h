#ifndef PILED_LEASE_H
#define PILED_LEASE_H
/*
 * A grant is a lease: watchdog and fail-safe power of each pile are set and read back, so that a
 * pile falls back by itself when the agent is gone (pile_cfg.on_loss).
 *
 * Registers wear out, so they are written only where they read otherwise: at start, after a reboot
 * or a return of the pile, and whenever a reading differs. Where they cannot be read they are
 * written at start and once a day. A pile whose registers read otherwise after two writes has the
 * fault FAULT_LEASE, until they were found as they must be by a later reading; from the first doubt
 * on it counts as one that holds its grant. For agent/core only.
 */
#include "emit.h"

/* Looks at a pile, at each tick. Call with GUN_ROOM. */
void lease_step(struct core *c, uint16_t pile);

/* Takes the answer of one of its writes; false when the token is another's. */
bool lease_written(struct core *c, const struct event *e);

/* When the gun has surely fallen to its fail-safe power, after it was last talked to; 0 = never:
 * it holds its grant. */
int64_t lease_watchdog_us(const struct site *site, uint16_t gun);

#endif
