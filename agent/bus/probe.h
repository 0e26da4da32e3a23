#ifndef PILED_PROBE_H
#define PILED_PROBE_H
/*
 * Plausibility of what a unit says, for `piled probe`: each value by itself, and values against
 * each other (the phases against their total, power against voltage times current, the energy
 * register against its last reading). A wrong word order, scale, or ratio shows here. Pure.
 */
#include "profile.h"

struct probe;

/* For one unit of a profile, which is borrowed. ERR_NOMEM. */
int probe_new(const struct profile *profile, struct probe **out);
void probe_free(struct probe *probe);

/* Takes decoded values, block after block, round after round. */
void probe_take(struct probe *probe, const struct decoded *values, size_t count);

/* What speaks against the last value of a point, as a message id; NULL when it is plausible.
 * gun 0: the device. */
const char *probe_doubt(const struct probe *probe, int gun, enum point p);

/* The same of a value that stands alone. */
const char *profile_doubt(const struct profile *profile, const struct decoded *value);

#endif
