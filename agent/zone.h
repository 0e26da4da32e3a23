#ifndef PILED_ZONE_H
#define PILED_ZONE_H
/*
 * Time zones: the rules of a named zone, from the system's tzdata, without touching the process's
 * own zone.
 */
#include "zonerule.h"

/* The rules of a zone, "Asia/Shanghai", "UTC" or "+08:00", from 2010 on.
 * ERR_NOTFOUND where tzdata has no such zone, ERR_SYNTAX for what is no zone's name or file. */
int zone_read(const char *zone, struct zone_rules *out);

#endif
