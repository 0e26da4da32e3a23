#include "rebuild.h"

#include <stdlib.h>

#include "rollup.h"
#include "scan.h"

/* The day of a series that is being summed. */
struct sum {
	bool used;
	int64_t day;
	struct rollup of;
};

static int save_sum(struct rollup_table *t, int64_t series, struct sum *s)
{
	int rc = s->used ? rollup_save(t, ROLLUP_DAY, ROLLUP_KEY(s->day, series), &s->of) : 0;

	s->used = false;
	return rc;
}

static int sum_quarters(
	sqlite3_stmt *stmt, struct rollup_table *t, struct sum *sums, int64_t utc_offset_s)
{
	int rc;

	while ((rc = sql_step(stmt)) == 1) {
		int64_t key = sql_int(stmt, 0), series = key % SERIES_STEP;
		int64_t begin = rollup_begin(ROLLUP_QUARTER, key / SERIES_STEP, utc_offset_s);
		int64_t day = rollup_slot(ROLLUP_DAY, begin, utc_offset_s);
		struct sum *s = &sums[series];
		struct rollup quarter;

		rc = s->used && s->day != day ? save_sum(t, series, s) : 0;
		if (rc != 0) {
			return rc;
		}
		rollup_read(stmt, 1, &quarter);
		if (s->used) {
			rollup_join(&s->of, &quarter);
		} else {
			*s = (struct sum){true, day, quarter};
		}
	}
	for (int64_t i = 0; rc == 0 && i < SERIES_STEP; i++) {
		rc = save_sum(t, i, &sums[i]);
	}
	return rc;
}

int rebuild_days(sqlite3 *db, int64_t utc_offset_s)
{
	struct sum *sums = calloc(SERIES_STEP, sizeof *sums);
	struct rollup_table *table = NULL;
	struct sql_text t = {.length = 0};
	sqlite3_stmt *stmt = NULL;
	int rc = sums == NULL ? ERR_NOMEM : sql_exec(db, "DELETE FROM day");

	sql_add(&t, "SELECT id, %s FROM quarter ORDER BY id", rollup_columns);
	rc = rc != 0 ? rc : rollup_open(db, &table);
	rc = rc != 0 ? rc : sql_prepare_text(db, &t, &stmt);
	rc = rc != 0 ? rc : sum_quarters(stmt, table, sums, utc_offset_s);
	sqlite3_finalize(stmt);
	rollup_close(table);
	free(sums);
	return rc;
}

struct rebuild {
	sqlite3 *db;
	struct rollup_table *table;
	int64_t utc_offset_s, series;
	struct rollup_state state;
};

static int apply_hour(void *arg, const struct block *block)
{
	struct rebuild *r = arg;

	return rollup_apply(r->table, r->series, r->utc_offset_s, block, &r->state);
}

static int rebuild_series(struct rebuild *r, struct wall from, struct wall to)
{
	/* where the series stood before its first telemetry */
	int rc = rollup_resume(r->db, ROLLUP_QUARTER, r->series, &r->state);

	return rc != 0 ? rc : scan_hours(r->db, r->series, from, to, -1, apply_hour, r, NULL);
}

int rebuild_all(sqlite3 *db, int64_t utc_offset_s)
{
	struct rebuild r = {.db = db, .utc_offset_s = utc_offset_s};
	struct wall from = {0}, to = {0};
	sqlite3_stmt *each = NULL, *drop = NULL;
	int rc = scan_range(db, &from, &to);

	if (rc != 0) {
		return rc == ERR_NOTFOUND ? rebuild_days(db, utc_offset_s) : rc;
	}
	rc = sql_prepare(db, "DELETE FROM quarter WHERE id >= :id", &drop);
	if (rc == 0) {
		sql_bind_int(drop, ":id",
			ROLLUP_KEY(rollup_slot(ROLLUP_QUARTER, from.ms, utc_offset_s), 0));
		rc = sql_run(drop);
	}
	rc = rc != 0 ? rc : rollup_open(db, &r.table);
	rc = rc != 0 ? rc : sql_prepare(db, "SELECT id FROM series", &each);
	while (rc == 0 && (rc = sql_step(each)) == 1) {
		r.series = sql_int(each, 0);
		rc = rebuild_series(&r, from, to);
	}
	rc = rc != 0 ? rc : rebuild_days(db, utc_offset_s);
	sqlite3_finalize(each);
	sqlite3_finalize(drop);
	rollup_close(r.table);
	return rc;
}
