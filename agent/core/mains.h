#ifndef PILED_MAINS_H
#define PILED_MAINS_H
/*
 * The meters of transformer and feeders as load management takes them: apparent power by phase
 * with its sign, the moment of the reading, and whether it is believed.
 */
#include "core.h"

/* Fills limit_meter of the root and of each feeder that has a meter. The guns' inputs of this
 * moment must be filled. */
void mains_read(struct core *c);

/* Difference between a meter and its guns that says nothing; feeder -1: the transformer's. */
int64_t mains_slack_va(const struct site *site, int feeder);

/* A good value that is not stale. */
bool mains_fresh(const struct core *c, const struct cells *cells, enum point p);

#endif
