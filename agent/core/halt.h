#ifndef PILED_HALT_H
#define PILED_HALT_H
/*
 * What a stop of more than a gun (a pile, a feeder, the site) leaves behind: each of its guns is
 * held until a person releases it or starts it anew, so that nothing begins behind the stop. A gun
 * that is held gets no power; an order that waits at it is cancelled, one that a card asks for is
 * refused, and what begins by itself is stopped again. It outlives a restart (standing.h). What a
 * person took out of service (tag.h) is held the same way, for everybody, until it is put back. For
 * agent/core only.
 */
#include "emit.h"

/* Holds each gun of the target in the name of a stop. */
void halt_set(struct core *c, struct target target, const char *by, const char *reason);

/* Nothing may begin at the target from now on, and its guns were just told: orders that wait there
 * are cancelled. `why` names the target, the person and the reason. */
void halt_begun(struct core *c, struct target target, const char *why);

/* Releases the guns of the target; false where none was held. */
bool halt_release(struct core *c, struct target target, const char *by);

/* Is any gun of the target held? */
bool halt_holds(const struct site *site, struct target target);

/* The stop that holds the gun; NULL where none does. */
const struct tag *halt_on_gun(const struct site *site, uint16_t gun);

/* Stops what charges though it is held or out of service, until it obeys. */
void halt_step(struct core *c, uint16_t gun);

#endif
