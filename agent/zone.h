#ifndef PILED_ZONE_H
#define PILED_ZONE_H
/*
 * Time zones: the offset of a named zone at an instant, from the system's tzdata, without touching
 * the process's own zone.
 */
#include "timex.h"

/* The offset of a zone, "Asia/Shanghai", "UTC" or "+08:00", at `t`, seconds east of Greenwich.
 * ERR_NOTFOUND where tzdata has no such zone, ERR_SYNTAX for what is no zone's name or file. */
int zone_offset(const char *zone, struct wall t, int64_t *offset_s);

#endif
