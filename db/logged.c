#include "logged.h"

#include <stdlib.h>
#include <string.h>

#include "view.h"

#define MORE 2

/* Of an abnormal row, the session that it speaks of. */
#define OF_ABNORMAL "(SELECT session FROM abnormal WHERE id = :id)"

static const struct {
	const char *subject, *table, *columns;
	const char *id;         /* the column; NULL = "id" */
	const char *more[MORE]; /* rows that belong to it */
} kinds[LOGGED_COUNT_] = {
	[LOGGED_ACCOUNT] = {"account", "account",
		"no, id, name, phone, plate, class, status, pin, notes, opened, opened_by", NULL,
		{"SELECT token, added, added_by FROM card WHERE account = :id ORDER BY token"}},
	[LOGGED_ORDER] = {"order", "\"order\"",
		"id, gun, account, card, class, kind, \"limit\", limit_value, hold_fen, tariff,"
		" by, origin, reason, asked, ended, iif(ended IS NULL, NULL, state),"
		" iif(ended IS NULL, NULL, error), iif(ended IS NULL, NULL, session),"
		" iif(ended IS NULL, NULL, stop_cause)",
		NULL, {NULL}},
	[LOGGED_RESERVATION] = {"reservation", "reservation",
		"id, gun, account, \"from\", until, held_until, fee_fen, by, origin, reason, asked,"
		" ended, iif(ended IS NULL, NULL, state), iif(ended IS NULL, NULL, cause),"
		" iif(ended IS NULL, NULL, \"order\"), iif(ended IS NULL, NULL, ended_by)",
		NULL, {NULL}},
	[LOGGED_ABNORMAL] = {"abnormal", "abnormal",
		"id, kind, at, gun, session, \"order\", account, bill, evidence, proposal, state,"
		" by, reason, ended",
		NULL,
		{"SELECT id, visit, gun, state, start, \"end\", duration_s, start_wh,"
		 " start_quality, start_at, end_wh, end_quality, end_at, energy_wh, stop_reason,"
		 " started_by, flags, device_no, counter_wh, boot_us, boot_id, \"order\""
		 " FROM session WHERE id = " OF_ABNORMAL,
			"SELECT at, read_at, wh, quality FROM mark WHERE session = " OF_ABNORMAL
			" ORDER BY at"}},
	[LOGGED_MESSAGE] = {"message", "message",
		"id, key, at, account, text, by, event, kind, fen, balance_fen, energy_wh, "
		"price_e5,"
		" gun, bill",
		NULL, {NULL}},
	[LOGGED_CONTACT] = {"contact", "contact", "account, language, mail, messages, low_fen",
		"account", {NULL}},
	[LOGGED_RATING] = {"rating", "rating", "id, key, at, bill, stars, remark, by, origin", NULL,
		{NULL}},
};

struct logged {
	sqlite3 *db;
	sqlite3_stmt *row[LOGGED_COUNT_], *more[LOGGED_COUNT_][MORE], *last;
	sqlite3_stmt *all; /* of the kind that is gone through */
	enum logged_kind kind;
};

const char *logged_subject(enum logged_kind kind)
{
	return kinds[kind].subject;
}

static const char *id_of(enum logged_kind kind)
{
	return kinds[kind].id != NULL ? kinds[kind].id : "id";
}

/* Of one row, or of all that are numbered from..to. */
static int prepare_rows(sqlite3 *db, enum logged_kind kind, bool all, sqlite3_stmt **out)
{
	struct sql_text t = {.length = 0};

	sql_add(&t, "SELECT %s, %s FROM %s", id_of(kind), kinds[kind].columns, kinds[kind].table);
	if (all) {
		sql_add(&t, " WHERE rowid BETWEEN :from AND :to ORDER BY rowid");
	} else {
		sql_add(&t, " WHERE %s = :id", id_of(kind));
	}
	return sql_prepare_text(db, &t, out);
}

/* The statements of a kind, when it is needed first: an older database may not have its columns. */
static int prepare_kind(struct logged *l, enum logged_kind kind)
{
	int rc = l->row[kind] != NULL ? 0 : prepare_rows(l->db, kind, false, &l->row[kind]);

	for (size_t k = 0; rc == 0 && k < MORE && kinds[kind].more[k] != NULL; k++) {
		if (l->more[kind][k] == NULL) {
			rc = sql_prepare(l->db, kinds[kind].more[k], &l->more[kind][k]);
		}
	}
	return rc;
}

int logged_open(sqlite3 *db, struct logged **out)
{
	struct logged *l = calloc(1, sizeof *l);
	int rc;

	if (l == NULL) {
		return ERR_NOMEM;
	}
	l->db = db;
	rc = sql_prepare(db,
		"SELECT row_hash = :hash FROM ledger_log WHERE subject = :subject"
		" AND target = :target ORDER BY id DESC LIMIT 1",
		&l->last);
	if (rc != 0) {
		logged_close(l);
		return rc;
	}
	*out = l;
	return 0;
}

void logged_close(struct logged *l)
{
	if (l == NULL) {
		return;
	}
	sql_finalize(l->row, LOGGED_COUNT_);
	for (int i = 0; i < LOGGED_COUNT_; i++) {
		sql_finalize(l->more[i], MORE);
	}
	sqlite3_finalize(l->last);
	sqlite3_finalize(l->all);
	free(l);
}

/* ---- What rows say ---- */

/* Adds a row's columns from the one numbered `from`, each as what it is. */
static void hash_columns(struct chain *chain, sqlite3_stmt *stmt, int from)
{
	int count = sqlite3_column_count(stmt);

	for (int i = from; i < count; i++) {
		if (sqlite3_column_type(stmt, i) == SQLITE_INTEGER) {
			chain_int(chain, sqlite3_column_int64(stmt, i));
		} else {
			chain_text(chain, sql_text(stmt, i));
		}
	}
}

/* Of the row in hand, and of what belongs to it. */
static int hash_row(struct logged *l, struct chain *chain, enum logged_kind kind, sqlite3_stmt *row,
	unsigned char hash[CHAIN_SIZE])
{
	int rc = 0;

	chain_begin(chain, NULL);
	hash_columns(chain, row, 1);
	for (size_t k = 0; rc == 0 && k < MORE && l->more[kind][k] != NULL; k++) {
		sqlite3_stmt *more = l->more[kind][k];

		sql_bind_text(more, ":id", sql_text(row, 0));
		while ((rc = sql_step(more)) == 1) {
			hash_columns(chain, more, 0);
		}
	}
	return rc != 0 ? rc : chain_end(chain, hash);
}

int logged_hash(struct logged *l, struct chain *chain, enum logged_kind kind, const char *id,
	unsigned char hash[CHAIN_SIZE])
{
	sqlite3_stmt *row;
	int rc = prepare_kind(l, kind);

	if (rc != 0) {
		return rc;
	}
	row = l->row[kind];
	sql_bind_text(row, ":id", id);
	rc = sql_step(row);
	if (rc != 1) {
		return rc == 0 ? ERR_NOTFOUND : rc;
	}
	rc = hash_row(l, chain, kind, row, hash);
	sqlite3_reset(row);
	return rc;
}

int logged_is(struct logged *l, enum logged_kind kind, const char *id,
	const unsigned char hash[CHAIN_SIZE])
{
	int rc;

	sql_bind_text(l->last, ":subject", kinds[kind].subject);
	sql_bind_text(l->last, ":target", id);
	sql_bind_blob(l->last, ":hash", hash, CHAIN_SIZE);
	rc = sql_step(l->last);
	if (rc == 1) {
		rc = sql_int(l->last, 0) == 1;
		sqlite3_reset(l->last);
	}
	return rc;
}

int logged_first(struct logged *l, enum logged_kind kind, int64_t from, int64_t to)
{
	int rc;

	sqlite3_finalize(l->all);
	l->all = NULL;
	l->kind = kind;
	rc = prepare_kind(l, kind);
	rc = rc != 0 ? rc : prepare_rows(l->db, kind, true, &l->all);
	if (rc == 0) {
		sql_bind_int(l->all, ":from", from);
		sql_bind_int(l->all, ":to", to);
	}
	return rc;
}

int logged_next(
	struct logged *l, struct chain *chain, const char **id, unsigned char hash[CHAIN_SIZE])
{
	int rc = sql_step(l->all);

	if (rc != 1) {
		return rc;
	}
	*id = sql_text(l->all, 0);
	rc = hash_row(l, chain, l->kind, l->all, hash);
	return rc != 0 ? rc : 1;
}

/* ---- The log and the rows beside each other ---- */

static int ask_int(sqlite3 *db, const struct sql_text *t, int64_t *out)
{
	return t->overflow ? ERR_TOOLONG : sql_one_int(db, t->text, out);
}

int logged_last_row(sqlite3 *db, enum logged_kind kind, int64_t *out)
{
	struct sql_text t = {.length = 0};

	sql_add(&t, "SELECT coalesce(max(rowid), 0) FROM %s", kinds[kind].table);
	return ask_int(db, &t, out);
}

int logged_kept(sqlite3 *db, enum logged_kind kind)
{
	struct sql_text t = {.length = 0};
	int64_t kept = 0;
	int rc;

	/* known by the table's own rule; a log that has some never forgets that it does */
	sql_add(&t,
		"SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'ledger_log'"
		" AND sql LIKE '%%''%s''%%') OR EXISTS (SELECT 1 FROM ledger_log"
		" WHERE subject = '%s')",
		kinds[kind].subject, kinds[kind].subject);
	rc = ask_int(db, &t, &kept);
	return rc != 0 ? rc : kept != 0;
}

int logged_count(sqlite3 *db, enum logged_kind kind, int64_t *out)
{
	struct sql_text t = {.length = 0};

	sql_add(&t, "SELECT count(DISTINCT target) FROM ledger_log WHERE subject = '%s'",
		kinds[kind].subject);
	return ask_int(db, &t, out);
}

static int one_id(sqlite3 *db, const struct sql_text *t, char *id, size_t size)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sql_prepare_text(db, t, &stmt);

	rc = rc != 0 ? rc : sql_step(stmt);
	view_set_text(id, size, rc == 1 ? sql_text(stmt, 0) : "");
	sqlite3_finalize(stmt);
	return rc;
}

int logged_lost(sqlite3 *db, enum logged_kind kind, char *id, size_t size)
{
	struct sql_text t = {.length = 0};
	int rc;

	sql_add(&t,
		"SELECT target FROM ledger_log WHERE subject = '%s' AND NOT EXISTS"
		" (SELECT 1 FROM %s r WHERE r.%s = target) ORDER BY id LIMIT 1",
		kinds[kind].subject, kinds[kind].table, id_of(kind));
	rc = one_id(db, &t, id, size);
	return rc == 1 ? 0 : rc;
}

int logged_unknown(sqlite3 *db, enum logged_kind kind, sqlite3_stmt **out)
{
	struct sql_text t = {.length = 0};

	sql_add(&t,
		"SELECT r.%s FROM %s r WHERE NOT EXISTS (SELECT 1 FROM ledger_log"
		" WHERE subject = '%s' AND target = CAST(r.%s AS TEXT)) ORDER BY r.rowid",
		id_of(kind), kinds[kind].table, kinds[kind].subject, id_of(kind));
	return sql_prepare_text(db, &t, out);
}
