#ifndef PILED_DAY_H
#define PILED_DAY_H
/* Today's figures by the site's days (site_cfg.zone). Days only go forward: a clock that
 * jumps back does not open yesterday again. */
#include "emit.h"

/* The number of the site's day that holds a wall time. */
int64_t day_of(const struct site *site, struct wall wall);

/* Counts the gun's charging time up to now; begins a new day. */
void day_count(struct core *c, uint16_t gun);

/* Takes what the store knew of a gun: with `seen` its register (energy_wh) at that time, when it
 * stood still; with today_* the sums of the present day, complete up to energy_wh. */
bool day_resume(struct core *c, const struct view_gun *view);

#endif
