#ifndef PILED_DAY_H
#define PILED_DAY_H
/* Today's figures by the site's days (site_cfg.utc_offset_s). Days only go forward: a clock that
 * jumps back does not open yesterday again. */
#include "emit.h"

/* The number of the site's day that holds a wall time. */
int64_t day_of(const struct site *site, struct wall wall);

/* Counts the gun's charging time up to now; begins a new day. */
void day_count(struct core *c, uint16_t gun);

/* Takes today's sums as the store knew them; energy_wh, where given, is the register to which they
 * are complete, and today_* belong to the present day. */
bool day_resume(struct core *c, const struct view_gun *view);

#endif
