/* The sums by day, from which reports are made, against transactions and bills. */
#include <stdio.h>

#include "ledger_head.h"
#include "sales.h"
#include "timex.h"
#include "verify_int.h"

#define VALUES_MAX 8

static const struct {
	const char *table, *text, *what;
} tables[] = {
	{"cash_day", "SELECT day, kind, ledger, n, fen FROM cash_day",
		N_("its sums are not those of the transactions")},
	{"sale_day",
		"SELECT day, gun, item, n, energy_wh, duration_s, elec_fen, service_fen,"
		" parking_fen, flat_fen FROM sale_day",
		N_("its sums are not those of the bills")},
};

int verify_sums_begin(struct verify *v)
{
	struct zone_rules zone;
	int64_t there = 0;
	int rc = sql_one_int(v->db,
		"SELECT count(*) FROM sqlite_schema WHERE name IN ('sale_day', 'cash_day')",
		&there);

	if (rc != 0 || there != 2) {
		return rc; /* of an older version */
	}
	rc = sales_whole(v->db);
	if (rc != 0) {
		return rc == ERR_CORRUPT ? 0 : rc; /* no report is made of them either */
	}
	rc = sales_zone(v->db, &zone);
	if (rc == ERR_CORRUPT || rc == ERR_TOOLONG) {
		return verify_wrong(v, N_("the days of the sums are none"), "meta sales_zone");
	}
	rc = rc != 0 ? rc : day_sums_new(&zone, &v->cash);
	return rc != 0 ? rc : day_sums_new(&zone, &v->sales);
}

/* Takes the table's rows away from what its parts gave. */
static int take_rows(struct verify *v, size_t table, struct day_sums *sums)
{
	sqlite3_stmt *q = NULL;
	int rc = sql_prepare(v->db, tables[table].text, &q);
	int count = rc == 0 ? sqlite3_column_count(q) - 3 : 0;

	while (rc == 0 && (rc = sql_step(q)) == 1) {
		int64_t values[VALUES_MAX] = {0};

		for (int i = 0; i < count; i++) {
			values[i] = sql_int(q, i + 3);
		}
		rc = values[0] < 1 ? 1 /* of nothing there is no row */
				   : day_sums_add(sums, sql_int(q, 0),
					     day_sums_name(sums, sql_text(q, 1), sql_text(q, 2)),
					     values, (size_t)count, -1);
		if (rc == 1) {
			char day[LEDGER_DAY];

			ledger_day(sql_int(q, 0) * S_PER_DAY * MS_PER_S, 0, day);
			rc = verify_wrong(v, tables[table].what, "%s %s", tables[table].table, day);
		}
	}
	sqlite3_finalize(q);
	return rc;
}

static int compare(struct verify *v, size_t table, struct day_sums *sums)
{
	int64_t wrong;
	int rc = sums == NULL ? 0 : take_rows(v, table, sums);

	if (rc == 0 && sums != NULL && day_sums_wrong(sums, &wrong) == 1) {
		char day[LEDGER_DAY];

		ledger_day(wrong * S_PER_DAY * MS_PER_S, 0, day);
		rc = verify_wrong(v, tables[table].what, "%s %s", tables[table].table, day);
	}
	return rc;
}

int verify_sums_end(struct verify *v)
{
	int rc = compare(v, 0, v->cash);

	return rc != 0 ? rc : compare(v, 1, v->sales);
}
