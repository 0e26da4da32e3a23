#include "payer.h"

#include <string.h>

#include "reader.h"

static int balance(struct store_reader *r, enum ledger_kind kind, const char *account, int64_t *fen)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sql_prepare(r->site,
		"SELECT b.fen FROM ledger_balance AS b JOIN ledger_account AS a ON a.id = b.account"
		" WHERE a.kind = :kind AND a.owner = :owner",
		&stmt);

	*fen = 0;
	if (rc == 0) {
		sql_bind_text(stmt, ":kind", ledger_token(kind));
		sql_bind_text(stmt, ":owner", account);
		rc = sql_step(stmt);
		if (rc == 1) {
			*fen = sql_int(stmt, 0);
			rc = 0;
		}
	}
	sqlite3_finalize(stmt);
	return rc;
}

static int find(struct store_reader *r, const char *sql, const char *key, struct payer *out)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sql_prepare(r->site, sql, &stmt);

	memset(out, 0, sizeof *out);
	if (rc == 0) {
		sql_bind_text(stmt, ":key", key);
		rc = sql_step(stmt);
		rc = rc == 0 ? ERR_NOTFOUND : rc;
	}
	if (rc == 1) {
		view_set_text(out->account, sizeof out->account, sql_text(stmt, 0));
		view_set_text(out->class, sizeof out->class, sql_text(stmt, 1));
		view_set_text(out->status, sizeof out->status, sql_text(stmt, 2));
		rc = 0;
	}
	sqlite3_finalize(stmt);
	rc = rc != 0 ? rc : balance(r, LEDGER_WALLET, out->account, &out->balance_fen);
	rc = rc != 0 ? rc : balance(r, LEDGER_HELD, out->account, &out->held_fen);
	rc = rc != 0 ? rc : balance(r, LEDGER_DEBT, out->account, &out->debt_fen);
	/* What the site owes is a credit. */
	out->balance_fen = -out->balance_fen;
	out->held_fen = -out->held_fen;
	return rc;
}

int store_payer(struct store_reader *r, const char *account, struct payer *out)
{
	return find(r, "SELECT id, class, status FROM account WHERE id = :key", account, out);
}

int store_payer_of_card(struct store_reader *r, const char *token, struct payer *out)
{
	return find(r,
		"SELECT a.id, a.class, a.status FROM account AS a JOIN card AS c ON c.account = "
		"a.id"
		" WHERE c.token = :key",
		token, out);
}

int store_stray_holds(struct store_reader *r, int (*each)(void *arg, const char *order), void *arg)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sql_prepare(r->site,
		"SELECT h.ref FROM ledger_tx AS h LEFT JOIN \"order\" AS o ON o.id = h.ref"
		" LEFT JOIN reservation AS r ON 'reserve:' || r.id = h.ref"
		" WHERE h.kind = 'hold'"
		" AND NOT EXISTS (SELECT 1 FROM ledger_tx AS c WHERE c.closes = h.id)"
		" AND (r.id IS NULL OR r.ended IS NOT NULL)"
		" AND (o.id IS NULL OR (o.ended IS NOT NULL AND o.session IS NULL))",
		&stmt);

	while (rc == 0 && (rc = sql_step(stmt)) == 1) {
		rc = each(arg, sql_text(stmt, 0));
	}
	sqlite3_finalize(stmt);
	return rc;
}
