#ifndef PILED_DB_DECISION_H
#define PILED_DB_DECISION_H
/*
 * How long decisions of load management are kept: as long as telemetry, and DECISION_ROWS_MAX at
 * most (about 250 MB), the oldest go first. For the store's writer thread only.
 */
#include "sql.h"
#include "timex.h"

#define DECISION_ROWS_MAX 1000000
/* Old rows are looked for behind so many new ones, in steps that keep the writer at its queue. */
#define DECISION_TIDY_EACH 256
#define DECISION_TIDY_STEP 512

/* Takes away what is too old or too much, at most DECISION_TIDY_STEP rows; inside of the
 * caller's transaction. `newest` is the time of the newest decision. */
int decision_tidy(sqlite3 *db, struct wall newest, int64_t retention_days, int64_t rows_max);

#endif
