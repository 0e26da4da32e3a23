#ifndef PILED_LEARN_H
#define PILED_LEARN_H
/*
 * What is learnt of a gun under load management: its lag, from a set-point written to its effect
 * seen (the pile, the car and the reading together). Load management waits so long before it
 * counts on a reduction, and before it calls a gun deaf.
 */
#include "core.h"

/* Pessimistic until learnt; and never learnt to be less or more. */
#define LEARN_LAG_US     (15 * US_PER_S)
#define LEARN_LAG_MIN_US (2 * US_PER_S)
#define LEARN_LAG_MAX_US (60 * US_PER_S)

/* A grant was given to the device. */
void learn_written(struct core *c, uint16_t gun);

/* A reading of the gun's power came. */
void learn_power(const struct site *site, uint16_t gun);

#endif
