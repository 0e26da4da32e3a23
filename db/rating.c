#include "rating.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ledger_int.h"

enum statement { S_KIND, S_SESSION, S_KEY, S_ADD, S_COUNT };
_Static_assert(S_COUNT <= RATING_STATEMENTS, "room for the statements");

static const char *const texts[S_COUNT] = {
	[S_KIND] = "SELECT kind = 'session' FROM bill WHERE id = :bill",
	[S_SESSION] = "SELECT id FROM bill WHERE session = :session AND kind = 'session'",
	[S_KEY] = "SELECT bill, stars, remark IS :remark FROM rating WHERE key = :key",
	[S_ADD] = ("INSERT INTO rating (key, at, bill, stars, remark, by, origin)"
		   " VALUES (:key, :at, :bill, :stars, :remark, :by, :origin)"),
};

int rating_open_statements(struct ledger *l)
{
	return sql_prepare_all(l->db, texts, l->ratings, S_COUNT);
}

/* The bill that is meant. */
static int find_bill(
	struct ledger *l, const struct money_op *op, int64_t *bill, struct money_result *out)
{
	sqlite3_stmt *stmt = l->ratings[op->bill != 0 ? S_KIND : S_SESSION];
	bool charge;
	int rc;

	sql_bind_int(stmt, ":bill", op->bill);
	sql_bind_text(stmt, ":session", op->ref);
	rc = sql_step(stmt);
	if (rc != 1) {
		out->message = op->bill != 0 ? N_("no such bill") : N_("the session has no bill");
		return rc == 0 ? ERR_NOTFOUND : rc;
	}
	charge = op->bill == 0 || sql_int(stmt, 0) == 1;
	*bill = op->bill != 0 ? op->bill : sql_int(stmt, 0);
	sqlite3_reset(stmt);
	if (!charge) {
		out->message = N_("it is a bill of parking; rate the bill of the charge");
		return ERR_STATE;
	}
	return 0;
}

/* A key that was used: 0 where it was for the same, ERR_EXISTS. 1: it is free. */
static int again(
	struct ledger *l, const struct money_op *op, int64_t bill, struct money_result *out)
{
	sqlite3_stmt *stmt = l->ratings[S_KEY];
	int rc;

	if (op->key[0] == '\0') {
		return 1;
	}
	sql_bind_text(stmt, ":key", op->key);
	sql_bind_text(stmt, ":remark", op->text);
	rc = sql_step(stmt);
	if (rc != 1) {
		return rc == 0 ? 1 : rc;
	}
	out->again =
		sql_int(stmt, 0) == bill && sql_int(stmt, 1) == op->stars && sql_int(stmt, 2) == 1;
	sqlite3_reset(stmt);
	if (!out->again) {
		out->message = N_("this id is another rating's");
	}
	return out->again ? 0 : ERR_EXISTS;
}

static int add(struct ledger *l, const struct money_op *op, int64_t bill)
{
	struct log_row row = {
		.at = op->at_ms, .change = "rate", .by = op->by, .origin = op->origin};
	sqlite3_stmt *stmt = l->ratings[S_ADD];
	char id[24];
	int rc;

	sql_bind_text(stmt, ":key", op->key);
	sql_bind_int(stmt, ":at", op->at_ms);
	sql_bind_int(stmt, ":bill", bill);
	sql_bind_int(stmt, ":stars", op->stars);
	sql_bind_text(stmt, ":remark", op->text);
	sql_bind_text(stmt, ":by", op->by);
	sql_bind_text(stmt, ":origin", op->origin);
	rc = sql_run(stmt);
	snprintf(id, sizeof id, "%" PRId64, (int64_t)sqlite3_last_insert_rowid(l->db));
	return rc != 0 ? rc : ledger_logged(l, LOGGED_RATING, id, &row);
}

int rating_do(struct ledger *l, const struct money_op *op, struct money_result *out)
{
	int64_t bill = 0;
	int rc;

	if (op->stars < 1 || op->stars > RATING_MAX) {
		out->message = N_("stars: 1 to 5");
		return ERR_RANGE;
	}
	rc = find_bill(l, op, &bill, out);
	rc = rc != 0 ? rc : again(l, op, bill, out);
	if (rc == 1) {
		rc = add(l, op, bill);
	}
	if (rc == 0) {
		out->bill = bill;
	}
	return rc;
}
