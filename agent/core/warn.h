#ifndef PILED_WARN_H
#define PILED_WARN_H
/*
 * Early warning: temperatures, insulation and supply voltage whose trend meets their limit within
 * the horizon. A warning begins where the value has come as far as `from` and the line meets the
 * limit soon; it ends where the value is back behind `from` by its dead band, or where the limit
 * is twice as far away in time.
 */
#include "emit.h"

#define WARN_HORIZON_US (600 * US_PER_S)
/* Default dead band, per mille of the limit. */
#define WARN_DEAD_PM 20

/* At each tick. */
void warn_gun(struct core *c, uint16_t gun);
void warn_pile(struct core *c, uint16_t pile);
void warn_meter(struct core *c, uint16_t meter);

#endif
