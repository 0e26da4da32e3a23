#ifndef PILED_REBUILD_H
#define PILED_REBUILD_H
/*
 * Making roll-ups anew: days from quarters when the site's day begins at another time, and all of
 * them from telemetry. Within a transaction of the caller, on the writer's connection.
 */
#include "sql.h"

/* All days from the quarters. */
int rebuild_days(sqlite3 *db, int64_t utc_offset_s);

/* Quarters from telemetry, as far back as it reaches (older ones stay), then all days. */
int rebuild_all(sqlite3 *db, int64_t utc_offset_s);

#endif
