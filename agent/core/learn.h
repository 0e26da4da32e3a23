#ifndef PILED_LEARN_H
#define PILED_LEARN_H
/*
 * What is learnt of a gun under load management.
 *
 * Its lag, from a set-point written to its effect seen (the pile, the car and the reading
 * together). Load management waits so long before it counts on a reduction, and before it calls a
 * gun deaf.
 *
 * Its apparent power at the transformer per watt at the gun: what the transformer's meter moved by
 * when guns moved by much, between two moments at which all stood still (normalised least mean
 * squares). Where the meter moved by something else, nothing is learnt.
 */
#include "core.h"

/* Pessimistic until learnt; and never learnt to be less or more. */
#define LEARN_LAG_US     (15 * US_PER_S)
#define LEARN_LAG_MIN_US (2 * US_PER_S)
#define LEARN_LAG_MAX_US (60 * US_PER_S)

/* A grant was given to the device. */
void learn_written(struct core *c, uint16_t gun);

/* The ratio's start value, per mille; and how far from it it may be learnt. */
int32_t learn_ratio_pm(const struct pile_cfg *pile);
#define LEARN_RATIO_PM 80

/* The inputs of a decision are filled. */
void learn_ratios(struct core *c);

/* A reading of the gun's power came. */
void learn_power(const struct site *site, uint16_t gun);

/* Lag, ratio and since when they are learnt, of a standing record; nothing where nothing is. */
void learn_show(const struct site *site, uint16_t gun, struct view_standing *out);
/* They differ by much from what was given out last, some time ago. */
bool learn_changed(const struct core *c, uint16_t gun);
/* The record was given out. */
void learn_told(struct core *c, uint16_t gun);
/* Goes on from a record; false where its values cannot be this gun's. */
bool learn_resume(struct core *c, uint16_t gun, const struct view_standing *view);

#endif
