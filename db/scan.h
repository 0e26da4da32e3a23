#ifndef PILED_SCAN_H
#define PILED_SCAN_H
/*
 * Reading telemetry hour by hour: each hour is read in one short transaction (its block and the
 * chunks that are not merged yet), so that a long export never holds the writer's log.
 */
#include "block.h"
#include "sql.h"

#define HOUR_MS INT64_C(3600000)
/* Key of a block: hour * SERIES_STEP + series. */
#define SERIES_STEP 65536

/* The number of a series; ERR_NOTFOUND. */
int scan_series(sqlite3 *db, const char *name, int64_t *id);

/* Narrows a range to what is stored, over all series; ms 0 = open. ERR_NOTFOUND where nothing is
 * stored in it. */
int scan_range(sqlite3 *db, struct wall *from, struct wall *to);

/* Calls back with each hour's rows that has some, in order; rows outside the range are among
 * them. `only`: one point, or -1. A corrupt block is skipped and counted in *corrupt (may be
 * NULL). A non-zero return ends. */
int scan_hours(sqlite3 *db, int64_t series, struct wall from, struct wall to, int only,
	int (*each)(void *arg, const struct block *block), void *arg, size_t *corrupt);

#endif
