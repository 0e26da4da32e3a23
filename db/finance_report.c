/* The financial report: opening, what came and went, closing, each to the fen as the ledger has
 * it. */
#include "report_part.h"

#define ALL_DAYS_FROM INT64_C(-100000)
#define ALL_DAYS_TO   INT64_C(1000000)

/* What customers have with the site: wallets and held prepayments less debts. Credits are negative
 * in the ledger. */
#define FUNDS "ledger IN ('wallet', 'held', 'debt')"

static int give_funds(struct part *r, int64_t *closing)
{
	sqlite3_stmt *stmt;
	int64_t opening = 0;
	int rc = part_ints(r->reader->site,
		"SELECT -sum(fen) FROM cash_day WHERE day >= :from AND day < :to AND " FUNDS,
		ALL_DAYS_FROM, r->span.from, 1, &opening);

	rc = rc != 0 ? rc : part_fen(r, "funds", "opening", VALUE_NONE, opening);
	rc = rc != 0 ? rc
		     : sql_prepare(r->reader->site,
			       "SELECT kind, max(n), -sum(fen) FROM (SELECT kind, ledger, sum(n) n,"
			       " sum(fen) fen FROM cash_day WHERE day >= :from AND day < :to"
			       " AND " FUNDS " GROUP BY kind, ledger) GROUP BY kind",
			       &stmt);
	if (rc != 0) {
		return rc;
	}
	*closing = opening;
	sql_bind_int(stmt, ":from", r->span.from);
	sql_bind_int(stmt, ":to", r->span.to);
	while ((rc = sql_step(stmt)) == 1) {
		int64_t fen = part_int(sql_int(stmt, 2));

		*closing += fen;
		rc = part_fen(r, "funds", sql_text(stmt, 0), sql_int(stmt, 1), fen);
		if (rc != 0) {
			break;
		}
	}
	sqlite3_finalize(stmt);
	return rc != 0 ? rc : part_fen(r, "funds", "closing", VALUE_NONE, *closing);
}

/* The ledger's own balances, brought back from the present to the span's end. */
static int give_ledger(struct part *r)
{
	int64_t balance = 0, since = 0;
	int rc = part_ints(r->reader->site,
		"SELECT -sum(b.fen) FROM ledger_balance b JOIN ledger_account a"
		" ON a.id = b.account WHERE a.kind IN ('wallet', 'held', 'debt')"
		" AND :from <= :to",
		0, 0, 1, &balance);

	rc = rc != 0 ? rc
		     : part_ints(r->reader->site,
			       "SELECT -sum(fen) FROM cash_day WHERE day >= :from AND day < :to"
			       " AND " FUNDS,
			       r->span.to, ALL_DAYS_TO, 1, &since);
	return rc != 0 ? rc : part_fen(r, "ledger", "closing", VALUE_NONE, balance - since);
}

static int give_cash(struct part *r)
{
	sqlite3_stmt *stmt;
	int rc = sql_prepare(r->reader->site,
		"SELECT kind, sum(n), sum(fen) FROM cash_day WHERE day >= :from AND day < :to"
		" AND ledger = 'cash' GROUP BY kind",
		&stmt);

	if (rc != 0) {
		return rc;
	}
	sql_bind_int(stmt, ":from", r->span.from);
	sql_bind_int(stmt, ":to", r->span.to);
	while ((rc = sql_step(stmt)) == 1) {
		rc = part_fen(
			r, "cash", sql_text(stmt, 0), sql_int(stmt, 1), part_int(sql_int(stmt, 2)));
		if (rc != 0) {
			break;
		}
	}
	sqlite3_finalize(stmt);
	return rc;
}

int report_finance(struct store_reader *reader, const struct report_span *span,
	int (*each)(void *arg, const struct view_report *row), void *arg)
{
	struct part r = {.each = each, .arg = arg};
	int64_t closing;
	int rc = part_begin(&r, reader, span);

	if (rc != 0) {
		return rc;
	}
	rc = give_funds(&r, &closing);
	rc = rc != 0 ? rc : give_ledger(&r);
	rc = rc != 0 ? rc : part_revenue(&r);
	rc = rc != 0 ? rc : give_cash(&r);
	if (rc == 0 && span->slot != REPORT_BY_HOUR) {
		rc = part_slots(&r);
	}
	reader_end(reader->site);
	return rc;
}
