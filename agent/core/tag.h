#ifndef PILED_TAG_H
#define PILED_TAG_H
/* Out of service, with person and reason: of a gun, a pile, a feeder, the site. */
#include "emit.h"

/* The tag of a target; NULL where it can have none. */
struct tag *tag_of(const struct site *site, struct target target);

/* Sets or (by == "") lifts it and tells. */
void tag_set(struct core *c, struct target target, const char *by, const char *reason);

/* Is the gun the target, or under it? */
bool tag_covers(const struct site *site, struct target target, uint16_t gun);

/* What of a pile or a gun was taken out of service, the nearest: itself or what it is under. False
 * where nothing was. */
bool tag_over(const struct site *site, struct target target, struct target *by);

/* The tag that keeps a gun out of service: its own, its pile's, its feeder's; NULL if none. */
const struct tag *tag_on_gun(const struct site *site, uint16_t gun);

void tag_view(const struct site *site, struct target target, struct view_tag *out);
bool tag_resume(struct core *c, const struct view_tag *view);

#endif
