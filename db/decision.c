#include "decision.h"

#define DAY_MS (INT64_C(86400) * MS_PER_S)

int decision_tidy(sqlite3 *db, struct wall newest, int64_t retention_days, int64_t rows_max)
{
	sqlite3_stmt *stmt = NULL;
	/* The first rows only, in order of arrival: however many there are, a step costs the same.
	 */
	int rc = sql_prepare(db,
		"DELETE FROM decision WHERE rowid IN (SELECT rowid FROM"
		" (SELECT rowid, \"at\" FROM decision ORDER BY rowid LIMIT :step)"
		" WHERE \"at\" < :old OR rowid <="
		" (SELECT coalesce(max(rowid), 0) FROM decision) - :keep)",
		&stmt);

	if (rc == 0) {
		sql_bind_int(stmt, ":step", DECISION_TIDY_STEP);
		sql_bind_int(stmt, ":old",
			retention_days > 0 ? newest.ms - retention_days * DAY_MS : INT64_MIN + 1);
		sql_bind_int(stmt, ":keep", rows_max);
		rc = sql_run(stmt);
	}
	sqlite3_finalize(stmt);
	return rc;
}
