/*
 * Reports of ten years of a site of 24 guns: 1.5 million bills of two periods each, every tenth of
 * them rated, their transactions, 100,000 top-ups. The roll-ups are made by the production code.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../tempdir.h"
#include "calendar.h"
#include "migrate.h"
#include "money_report.h"
#include "reader.h"
#include "sales.h"

#define BILLS  1500000
#define GUNS   24
#define TOPUPS 100000
#define GOAL   200.0 /* ms */
#define ROUNDS 5

static const struct zone_rules zone = {1, {{0, 8 * 3600}}};

/* Bills stand evenly over ten years; each is its own transaction, whose number is the bill's. */
static const char fill[] =
	"PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA foreign_keys=OFF;"
	"DROP TRIGGER ledger_entry_insert; DROP TRIGGER ledger_tx_insert;"
	"DROP TRIGGER bill_insert; DROP TRIGGER bill_line_insert;"
	"INSERT INTO ledger_account VALUES (1, 'cash', ''), (2, 'wallet', 'C1'),"
	" (3, 'held', 'C1'), (4, 'revenue_elec', ''), (5, 'revenue_service', '');"
	"INSERT INTO ledger_balance VALUES (2, 0), (3, 0);"
	"BEGIN;"
	"CREATE TEMP TABLE b AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
	" WHERE i < :bills) SELECT i, :from + (:to - :from) / :bills * i AS at,"
	" abs(random()) % 40000 AS wh, 'A' || (1 + i % 12) || '.' || (1 + i % 2) AS gun FROM n;"
	"INSERT INTO ledger_entry SELECT i, 1, 3, wh / 10 + wh / 40 FROM b;"
	"INSERT INTO ledger_entry SELECT i, 2, 4, -(wh / 10) FROM b;"
	"INSERT INTO ledger_entry SELECT i, 3, 5, -(wh / 40) FROM b;"
	"INSERT INTO ledger_tx (id, key, at, kind, fen, hash) SELECT i, 'k' || i, at, 'settle',"
	" wh / 10 + wh / 40, x'00' FROM b;"
	"INSERT INTO ledger_entry SELECT :bills + i, 1, 1, 10000 FROM b WHERE i <= :topups;"
	"INSERT INTO ledger_entry SELECT :bills + i, 2, 2, -10000 FROM b WHERE i <= :topups;"
	"INSERT INTO ledger_tx (id, key, at, kind, fen, hash) SELECT :bills + i, 'u' || i,"
	" :from + (:to - :from) / :topups * i, 'topup', 10000, x'00' FROM b WHERE i <= :topups;"
	"INSERT INTO bill_line (bill, n, \"from\", \"to\", energy_wh, version, period, elec_fen,"
	" service_fen) SELECT i, 1, at - 7200000, at - 3600000, wh / 2, 1, 'peak', wh / 20, wh / 80"
	" FROM b;"
	"INSERT INTO bill_line (bill, n, \"from\", \"to\", energy_wh, version, period, elec_fen,"
	" service_fen) SELECT i, 2, at - 3600000, at, wh - wh / 2, 1, 'flat', wh / 10 - wh / 20,"
	" wh / 40 - wh / 80 FROM b;"
	"INSERT INTO bill (id, tx, kind, session, gun, class, tariff, start, start_wh,"
	" start_quality, \"end\", end_wh, end_quality, energy_wh, elec_fen, service_fen,"
	" parking_fen, total_fen, sealed, evidence, hash) SELECT i, i, 'session', 's' || i, gun,"
	" 'ordinary', 'std', at - 7200000, 0, 'good', at, wh, 'good', wh, wh / 10, wh / 40, 0,"
	" wh / 10 + wh / 40, at, x'00', x'00' FROM b;"
	"INSERT INTO rating (at, bill, stars) SELECT at, i, 1 + wh % 5 FROM b WHERE i % 10 = 0;"
	"COMMIT";

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* Runs each statement of the text with the numbers that it names. */
static int run(sqlite3 *db, const char *text, int64_t from, int64_t to)
{
	while (*text != '\0') {
		sqlite3_stmt *stmt = NULL;

		if (sqlite3_prepare_v2(db, text, -1, &stmt, &text) != SQLITE_OK) {
			return ERR_INVAL;
		}
		sql_bind_int(stmt, ":from", from);
		sql_bind_int(stmt, ":to", to);
		sql_bind_int(stmt, ":bills", BILLS);
		sql_bind_int(stmt, ":topups", TOPUPS);
		while (sqlite3_step(stmt) == SQLITE_ROW) {
		}
		if (sqlite3_finalize(stmt) != SQLITE_OK) {
			return ERR_IO;
		}
	}
	return 0;
}

static size_t rows;

static int count_report(void *arg, const struct view_report *row)
{
	(void)arg;
	rows += row->section[0] != '\0';
	return 0;
}

static int count_figure(void *arg, const struct view_figure *row)
{
	(void)arg;
	rows += row->span[0] != '\0';
	return 0;
}

static void say(const char *name, double ms)
{
	printf("%s %.1f ms <=%.0f %s\n", name, ms, GOAL, ms <= GOAL ? "ok" : "short");
}

/* The slowest of some rounds. */
static int measure(
	struct store_reader *reader, const char *name, int kind, const char *text, struct wall now)
{
	static const char guns[GUNS][20];
	static const bool dc[GUNS];
	const struct report_plant plant = {guns, dc, GUNS, "", 619400, ""};
	struct report_span span;
	double worst = 0;
	int rc = kind == 0 ? 0 : report_span_parse(text, &span);

	for (int i = 0; rc == 0 && i < ROUNDS; i++) {
		double began = now_ms(), took;

		rows = 0;
		rc = kind == 0   ? report_home(reader, now, count_figure, NULL)
		     : kind == 1 ? report_station(reader, &span, &plant, now, count_report, NULL)
				 : report_finance(reader, &span, count_report, NULL);
		took = now_ms() - began;
		worst = took > worst ? took : worst;
	}
	if (rc == 0 && rows > 0) {
		say(name, worst);
	}
	return rc;
}

int main(void)
{
	int64_t from = cal_day_begin(&zone, cal_day(2016, 1, 1)).ms;
	int64_t to = cal_day_begin(&zone, cal_day(2026, 1, 1)).ms;
	struct store_reader reader = {.utc_offset_s = 8 * 3600};
	const struct wall now = {to - 3600 * MS_PER_S};
	struct sales *sales = NULL;
	char folder[64], path[128];
	double began;
	int rc;

	if (tempdir_make(folder, sizeof folder) != 0) {
		return 1;
	}
	snprintf(path, sizeof path, "%s/site.db", folder);
	rc = sql_open(path, SQL_NORMAL, &reader.site);
	rc = rc != 0 ? rc : migrate_run(reader.site, "site", path);
	rc = rc != 0 ? rc : sql_open(":memory:", SQL_NORMAL, &reader.history);
	rc = rc != 0 ? rc : migrate_run(reader.history, "history", "");
	rc = rc != 0 ? rc : run(reader.site, fill, from, to);
	began = now_ms();
	rc = rc != 0 ? rc : sales_open(reader.site, &zone, false, &sales);
	printf("# roll-ups of %d bills made anew in %.1f s\n", BILLS, (now_ms() - began) / 1e3);
	rc = rc != 0 ? rc : measure(&reader, "report_home_10_years", 0, "", now);
	rc = rc != 0 ? rc : measure(&reader, "report_station_day", 1, "2025-06-01", now);
	rc = rc != 0 ? rc : measure(&reader, "report_station_month", 1, "2025-06", now);
	rc = rc != 0 ? rc : measure(&reader, "report_station_year", 1, "2025", now);
	rc = rc != 0 ? rc : measure(&reader, "report_finance_year", 2, "2025", now);
	sales_close(sales);
	sql_close(reader.site);
	sql_close(reader.history);
	tempdir_remove(folder);
	if (rc != 0) {
		fprintf(stderr, "bench_report: %s\n", err_text(rc));
	}
	return rc != 0;
}
