#include "audit.h"

#include <stdlib.h>
#include <string.h>

#include "reader.h"
#include "record.h"

#define LIMIT_DEFAULT 100

struct audit {
	sqlite3_stmt *last, *put;
	struct chain *chain;
};

/* What a row's hash is made of, in this order. */
struct link_row {
	int64_t id, at;
	const char *text[AUDIT_TEXTS];
};

static int hash_row(struct chain *chain, const unsigned char *previous, const struct link_row *row,
	char hex[CHAIN_HEX])
{
	unsigned char hash[CHAIN_SIZE];
	int rc;

	chain_begin(chain, previous);
	chain_int(chain, row->id);
	chain_int(chain, row->at);
	for (size_t i = 0; i < AUDIT_TEXTS; i++) {
		chain_text(chain, row->text[i]);
	}
	rc = chain_end(chain, hash);
	if (rc == 0) {
		chain_hex(hash, hex);
	}
	return rc;
}

/* ---- Writing ---- */

int audit_open(sqlite3 *db, struct audit **out)
{
	struct audit *audit = calloc(1, sizeof *audit);
	int rc;

	if (audit == NULL) {
		return ERR_NOMEM;
	}
	rc = chain_new(&audit->chain);
	if (rc == 0) {
		rc = sql_prepare(
			db, "SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1", &audit->last);
	}
	if (rc == 0) {
		rc = sql_prepare(db,
			"INSERT INTO audit (id, at, person, origin, role, method, params, result,"
			" hash) VALUES (:id, :at, :person, :origin, :role, :method, :params,"
			" :result, :hash)",
			&audit->put);
	}
	if (rc != 0) {
		audit_close(audit);
		return rc;
	}
	*out = audit;
	return 0;
}

void audit_close(struct audit *audit)
{
	if (audit != NULL) {
		sqlite3_finalize(audit->last);
		sqlite3_finalize(audit->put);
		chain_free(audit->chain);
		free(audit);
	}
}

/* The newest row is asked for each time: a transaction that was rolled back leaves no trace here.
 */
static int newest(struct audit *audit, int64_t *id, unsigned char hash[CHAIN_SIZE], bool *chained)
{
	int rc = sql_step(audit->last);

	*id = 0;
	*chained = false;
	if (rc == 1) {
		*id = sql_int(audit->last, 0);
		*chained = chain_from_hex(sql_text(audit->last, 1), hash) == 0;
		sqlite3_reset(audit->last);
		rc = 0;
	}
	return rc;
}

int audit_put(struct audit *audit, struct wall at, const char *const text[AUDIT_TEXTS])
{
	static const char *const names[AUDIT_TEXTS] = {
		":person", ":origin", ":role", ":method", ":params", ":result"};
	unsigned char previous[CHAIN_SIZE];
	struct link_row row = {.at = at.ms};
	char hex[CHAIN_HEX];
	bool chained;
	int rc = newest(audit, &row.id, previous, &chained);

	if (rc != 0) {
		return rc;
	}
	row.id++;
	memcpy(row.text, text, sizeof row.text);
	rc = hash_row(audit->chain, chained ? previous : NULL, &row, hex);
	if (rc != 0) {
		return rc;
	}
	sql_bind_int(audit->put, ":id", row.id);
	sql_bind_int(audit->put, ":at", at.ms);
	for (size_t i = 0; i < AUDIT_TEXTS; i++) {
		sql_bind_text(audit->put, names[i], text[i]);
	}
	sql_bind_text(audit->put, ":hash", hex);
	return sql_run(audit->put);
}

/* ---- Reading ---- */

int store_audit_list(struct store_reader *reader, const struct audit_filter *f,
	int (*each)(void *arg, const void *view), void *arg)
{
	struct sql_text t = {.length = 0};
	struct view_audit view;
	sqlite3_stmt *stmt = NULL;
	int rc;

	sql_add(&t, "SELECT ");
	record_columns(VIEW_audit, &t);
	sql_add(&t, " FROM audit WHERE at >= :from AND (:to IS NULL OR at < :to)"
		    " AND (:by IS NULL OR person = :by) ORDER BY id DESC LIMIT :limit");
	rc = sql_prepare_text(reader->site, &t, &stmt);
	if (rc == 0) {
		sql_bind_int(stmt, ":from", f->from.ms);
		sql_bind_int(stmt, ":to", f->to.ms != 0 ? f->to.ms : VALUE_NONE);
		sql_bind_text(stmt, ":by", f->by);
		sql_bind_int(stmt, ":limit", f->limit == 0 ? LIMIT_DEFAULT : (int64_t)f->limit);
	}
	while (rc == 0 && (rc = sql_step(stmt)) == 1) {
		record_read(VIEW_audit, stmt, &view);
		rc = each(arg, &view);
	}
	sqlite3_finalize(stmt);
	return rc;
}

/* ---- Verifying ---- */

struct check {
	struct chain *chain;
	unsigned char previous[CHAIN_SIZE];
	bool begun; /* a row with a hash was seen */
	int64_t known_id;
	const char *known_hash;
	bool known_seen;
	struct view_verdict *out;
};

static const char *judge(struct check *c, const struct link_row *row, const char *stored)
{
	char hex[CHAIN_HEX];

	if (row->id != c->out->head + 1) {
		return N_("rows before it are missing");
	}
	if (!c->begun && stored[0] == '\0') {
		c->out->unchained++;
		return NULL;
	}
	if (hash_row(c->chain, c->begun ? c->previous : NULL, row, hex) != 0 ||
		strcmp(hex, stored) != 0) {
		return N_("its fields and the rows before it do not give its hash");
	}
	if (row->id == c->known_id && strcmp(stored, c->known_hash) != 0) {
		return N_("its hash is not the one that was noted: the log was written anew");
	}
	c->begun = true;
	c->known_seen = c->known_seen || row->id == c->known_id;
	memcpy(c->out->hash, hex, sizeof hex);
	return chain_from_hex(hex, c->previous) == 0 ? NULL : N_("its hash cannot be read");
}

static void found(struct view_verdict *out, int64_t row, const char *what)
{
	out->wrong = row;
	VIEW_SET(out, what, what);
}

static int check_rows(sqlite3 *db, struct check *c)
{
	struct view_verdict *out = c->out;
	sqlite3_stmt *stmt = NULL;
	const char *wrong;
	int rc = sql_prepare(db,
		"SELECT id, at, person, origin, role, method, params, result, hash FROM audit"
		" ORDER BY id",
		&stmt);

	while (rc == 0 && (rc = sql_step(stmt)) == 1) {
		struct link_row row = {.id = sql_int(stmt, 0), .at = sql_int(stmt, 1)};

		for (int i = 0; i < AUDIT_TEXTS; i++) {
			row.text[i] = sql_text(stmt, 2 + i);
		}
		wrong = judge(c, &row, sql_text(stmt, 2 + AUDIT_TEXTS));
		if (wrong != NULL) {
			found(out, row.id, wrong);
			break;
		}
		out->head = row.id;
		out->rows++;
		rc = 0;
	}
	sqlite3_finalize(stmt);
	return rc < 0 ? rc : 0;
}

/* Rows taken off the end leave no gap, but SQLite remembers the highest id that was given. */
static int check_end(sqlite3 *db, struct check *c)
{
	int64_t given = 0;
	int rc = sql_one_int(db,
		"SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'audit'", &given);

	if (rc == 0 && c->out->wrong == 0 &&
		(given != c->out->head || (c->known_id > 0 && !c->known_seen))) {
		found(c->out, c->out->head + 1, N_("it and what followed it are missing"));
	}
	return rc;
}

int audit_verify(
	const char *path, int64_t known_id, const char *known_hash, struct view_verdict *out)
{
	struct check c = {.known_id = known_id, .known_hash = known_hash, .out = out};
	sqlite3 *db = NULL;
	int rc;

	view_clear(VIEW_verdict, out);
	out->rows = out->wrong = out->unchained = out->head = 0;
	rc = sql_open(path, SQL_READ, &db);
	if (rc != 0) {
		return rc;
	}
	rc = chain_new(&c.chain);
	if (rc == 0) {
		rc = reader_begin(db);
	}
	if (rc == 0) {
		rc = check_rows(db, &c);
		rc = rc != 0 ? rc : check_end(db, &c);
		reader_end(db);
	}
	chain_free(c.chain);
	sql_close(db);
	return rc == ERR_INTERNAL ? ERR_VERSION : rc;
}
