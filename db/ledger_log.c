/* Rows that change, in the ledger's log: what each says when it is written. */
#include <stdio.h>

#include "ledger_int.h"
#include "view.h"

int ledger_logged(struct ledger *l, enum logged_kind kind, const char *id, struct log_row *row)
{
	unsigned char hash[CHAIN_SIZE];
	int rc = logged_hash(l->logged, l->chain, kind, id, hash);

	row->subject = logged_subject(kind);
	row->target = id;
	row->row_hash = hash;
	row->row_hash_size = sizeof hash;
	rc = rc != 0 ? rc : ledger_log(l, row);
	row->row_hash = NULL;
	return rc;
}

int ledger_note(
	struct ledger *l, enum logged_kind kind, const char *id, const char *change, int64_t at_ms)
{
	struct log_row row = {.at = at_ms, .change = change};
	unsigned char hash[CHAIN_SIZE];
	int rc = logged_hash(l->logged, l->chain, kind, id, hash);

	rc = rc != 0 ? rc : logged_is(l->logged, kind, id, hash);
	return rc < 0 ? rc : rc == 1 ? 0 : ledger_logged(l, kind, id, &row);
}

int ledger_message(struct ledger *l, const struct money_op *op, int64_t at_ms)
{
	struct log_row row = {.at = at_ms,
		.change = "message",
		.by = op != NULL ? op->by : NULL,
		.origin = op != NULL ? op->origin : NULL,
		.reason = op != NULL ? op->reason : NULL};
	char id[24];

	snprintf(id, sizeof id, "%lld", (long long)sqlite3_last_insert_rowid(l->db));
	return ledger_logged(l, LOGGED_MESSAGE, id, &row);
}

/* ---- Databases from before some kind of row was logged ---- */

static int adopt_kind(struct ledger *l, enum logged_kind kind, int64_t at_ms)
{
	sqlite3_stmt *q = NULL;
	int rc = logged_unknown(l->db, kind, &q);

	while (rc == 0 && (rc = sql_step(q)) == 1) {
		struct log_row row = {.at = at_ms, .change = "adopted"};
		char id[64];

		view_set_text(id, sizeof id, sql_text(q, 0));
		rc = ledger_logged(l, kind, id, &row);
	}
	sqlite3_finalize(q);
	return rc;
}

int ledger_adopt(struct ledger *l, int64_t at_ms)
{
	int64_t due = 0;
	int rc = sql_one_int(l->db, "SELECT count(*) FROM meta WHERE key = 'adopt'", &due);

	if (rc != 0 || due == 0) {
		return rc;
	}
	rc = sql_exec(l->db, "BEGIN IMMEDIATE");
	if (rc != 0) {
		return rc;
	}
	for (int i = 0; rc == 0 && i < LOGGED_COUNT_; i++) {
		rc = adopt_kind(l, (enum logged_kind)i, at_ms);
	}
	return sql_end(
		l->db, rc != 0 ? rc : sql_exec(l->db, "DELETE FROM meta WHERE key = 'adopt'"));
}

int ledger_order(struct ledger *l, const struct view_order *order, int64_t at_ms)
{
	const char *change = order->state[0] != '\0' ? order->state : "given";

	return ledger_note(l, LOGGED_ORDER, order->id, change, at_ms);
}

int ledger_reservation(struct ledger *l, const struct view_reservation *r, int64_t at_ms)
{
	return ledger_note(l, LOGGED_RESERVATION, r->id, r->state, at_ms);
}
