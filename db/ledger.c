/* Posting: entries, their transaction, balances. */
#include "ledger.h"

#include <stdlib.h>
#include <string.h>

#include "abnormal.h"
#include "ledger_int.h"
#include "rating.h"
#include "told.h"
#include "view.h"

enum statement {
	S_LAST,
	S_KEY,
	S_ACCOUNT,
	S_ADD_ACCOUNT,
	S_MOVE,
	S_BALANCE,
	S_ENTRY,
	S_TX,
	S_HOLD,
	S_TX_KEY,
	S_TX_ID,
	S_TX_LEGS,
	S_LOG_LAST,
	S_LOG,
	S_COUNT
};
_Static_assert(S_COUNT <= POST_STATEMENTS, "room for the statements");

#define TX_COLUMNS                                                                 \
	"SELECT t.id, t.kind, t.account, t.ref, t.fen, b.id,"                      \
	" (SELECT r.id FROM ledger_tx r WHERE r.reverses = t.id) FROM ledger_tx t" \
	" LEFT JOIN bill b ON b.tx = t.id "

static const char *const texts[S_COUNT] = {
	[S_LAST] = "SELECT id, hash FROM ledger_tx ORDER BY id DESC LIMIT 1",
	[S_KEY] = "SELECT 1 FROM ledger_tx WHERE key = :key",
	[S_ACCOUNT] = "SELECT id FROM ledger_account"
		      " WHERE kind = :kind AND owner = coalesce(:owner, '')",
	[S_ADD_ACCOUNT] = "INSERT INTO ledger_account (kind, owner)"
			  " VALUES (:kind, coalesce(:owner, ''))",
	[S_MOVE] = "INSERT INTO ledger_balance VALUES (:account, :fen) ON CONFLICT (account)"
		   " DO UPDATE SET fen = fen + excluded.fen RETURNING fen",
	[S_BALANCE] = "SELECT b.fen FROM ledger_account a, ledger_balance b"
		      " WHERE a.kind = :kind AND a.owner = coalesce(:owner, '')"
		      " AND b.account = a.id",
	[S_ENTRY] = "INSERT INTO ledger_entry VALUES (:tx, :n, :account, :fen)",
	[S_TX] = "INSERT INTO ledger_tx VALUES (:id, :key, :at, :kind, :account, :ref, :fen,"
		 " :balance_fen, :closes, :reverses, :by, :origin, :reason, :bill_hash, :hash)",
	[S_HOLD] = "SELECT h.id, h.account, h.fen, c.id FROM ledger_tx h"
		   " LEFT JOIN ledger_tx c ON c.closes = h.id WHERE h.key = 'hold:' || :order",
	[S_TX_KEY] = TX_COLUMNS "WHERE t.key = :key",
	[S_TX_ID] = TX_COLUMNS "WHERE t.id = :id",
	[S_TX_LEGS] = "SELECT a.kind, a.owner, e.fen FROM ledger_entry e JOIN ledger_account a"
		      " ON a.id = e.account WHERE e.tx = :tx ORDER BY e.n",
	[S_LOG_LAST] = "SELECT id, hash FROM ledger_log ORDER BY id DESC LIMIT 1",
	[S_LOG] = "INSERT INTO ledger_log VALUES (:id, :key, :at, :subject, :target, :change, :by,"
		  " :origin, :reason, :row_hash, :hash)",
};

static const struct {
	const char *token;
} txkinds[TX_COUNT_] = {
#define TXKIND(sym, token, label) {token},
#include "txkind.def"
#undef TXKIND
};

static const struct {
	const char *token;
} kinds[LEDGER_COUNT_] = {
#define LEDGER(sym, token, label) {token},
#include "ledger.def"
#undef LEDGER
};

const char *txkind_token(enum txkind kind)
{
	return txkinds[kind].token;
}

const char *ledger_token(enum ledger_kind kind)
{
	return kinds[kind].token;
}

int ledger_find(const char *token, enum ledger_kind *out)
{
	for (int i = 0; i < LEDGER_COUNT_; i++) {
		if (strcmp(kinds[i].token, token) == 0) {
			*out = (enum ledger_kind)i;
			return 0;
		}
	}
	return ERR_NOTFOUND;
}

int ledger_open(sqlite3 *db, const struct ledger_cfg *cfg, struct ledger **out)
{
	struct ledger *l = calloc(1, sizeof *l);
	int rc;

	if (l == NULL) {
		return ERR_NOMEM;
	}
	l->db = db;
	l->cfg = *cfg;
	rc = chain_new(&l->chain);
	rc = rc != 0 ? rc : sql_prepare_all(db, texts, l->post, S_COUNT);
	rc = rc != 0 ? rc : logged_open(db, &l->logged);
	rc = rc != 0 ? rc : account_open_statements(l);
	rc = rc != 0 ? rc : settle_open_statements(l);
	rc = rc != 0 ? rc : abnormal_open_statements(l);
	rc = rc != 0 ? rc : told_open_statements(l);
	rc = rc != 0 ? rc : pin_open_statements(l);
	rc = rc != 0 ? rc : rating_open_statements(l);
	if (rc != 0) {
		ledger_close(l);
		return rc;
	}
	*out = l;
	return 0;
}

void ledger_close(struct ledger *l)
{
	if (l == NULL) {
		return;
	}
	sql_finalize(l->post, POST_STATEMENTS);
	sql_finalize(l->accounts, ACCOUNT_STATEMENTS);
	sql_finalize(l->settle, SETTLE_STATEMENTS);
	sql_finalize(l->abnormal, SETTLE_STATEMENTS);
	sql_finalize(l->notices, NOTICE_STATEMENTS);
	sql_finalize(l->pins, PIN_STATEMENTS);
	sql_finalize(l->ratings, RATING_STATEMENTS);
	logged_close(l->logged);
	evidence_close(l->evidence);
	free(l->all);
	chain_free(l->chain);
	free(l);
}

void ledger_set_broken(struct ledger *l, const char *row)
{
	view_set_text(l->broken, sizeof l->broken, row);
}

/* ---- Hashes ---- */

void ledger_hash_tx(
	struct chain *chain, const unsigned char *previous, const struct ledger_row *row)
{
	chain_begin(chain, previous);
	chain_int(chain, row->id);
	chain_text(chain, row->key);
	chain_int(chain, row->at);
	chain_text(chain, row->kind);
	chain_text(chain, row->account);
	chain_text(chain, row->ref);
	chain_int(chain, row->fen);
	chain_int(chain, row->balance_fen);
	chain_int(chain, row->closes);
	chain_int(chain, row->reverses);
	chain_text(chain, row->by);
	chain_text(chain, row->origin);
	chain_text(chain, row->reason);
	chain_bytes(chain, row->bill_hash, row->bill_hash_size);
}

void ledger_hash_entry(
	struct chain *chain, int64_t n, const char *kind, const char *owner, int64_t fen)
{
	chain_int(chain, n);
	chain_text(chain, kind);
	chain_text(chain, owner);
	chain_int(chain, fen);
}

int log_hash(struct chain *chain, const unsigned char *previous, const struct log_row *row,
	unsigned char out[CHAIN_SIZE])
{
	chain_begin(chain, previous);
	chain_int(chain, row->id);
	chain_text(chain, row->key);
	chain_int(chain, row->at);
	chain_text(chain, row->subject);
	chain_text(chain, row->target);
	chain_text(chain, row->change);
	chain_text(chain, row->by);
	chain_text(chain, row->origin);
	chain_text(chain, row->reason);
	chain_bytes(chain, row->row_hash, row->row_hash_size);
	return chain_end(chain, out);
}

/* The number and hash of a table's last row: 0 and zeros where there is none. */
static int last_of(sqlite3_stmt *stmt, int64_t *id, unsigned char hash[CHAIN_SIZE])
{
	int rc = sql_step(stmt);

	*id = 0;
	memset(hash, 0, CHAIN_SIZE);
	if (rc != 1) {
		return rc;
	}
	*id = sql_int(stmt, 0);
	rc = sqlite3_column_bytes(stmt, 1) == CHAIN_SIZE ? 0 : ERR_BROKEN;
	if (rc == 0) {
		memcpy(hash, sqlite3_column_blob(stmt, 1), CHAIN_SIZE);
	}
	sqlite3_reset(stmt);
	return rc;
}

/* ---- Posting ---- */

void posting_leg(struct posting *p, enum ledger_kind kind, const char *owner, int64_t fen)
{
	if (p->legs < POSTING_LEGS) {
		p->leg[p->legs] = (struct leg){kind, owner, fen};
	}
	p->legs++;
}

/* The account of the ledger, made where it is new. */
static int account_of(struct ledger *l, const struct leg *leg, int64_t *id)
{
	sqlite3_stmt *stmt = l->post[S_ACCOUNT];
	int rc;

	sql_bind_text(stmt, ":kind", ledger_token(leg->kind));
	sql_bind_text(stmt, ":owner", leg->owner);
	rc = sql_step(stmt);
	if (rc == 1) {
		*id = sql_int(stmt, 0);
		sqlite3_reset(stmt);
		return 0;
	}
	if (rc != 0) {
		return rc;
	}
	stmt = l->post[S_ADD_ACCOUNT];
	sql_bind_text(stmt, ":kind", ledger_token(leg->kind));
	sql_bind_text(stmt, ":owner", leg->owner);
	rc = sql_run(stmt);
	*id = sqlite3_last_insert_rowid(l->db);
	return rc;
}

/* Whether an account may stand so: what customers own is never negative. */
static int bounded(enum ledger_kind kind, int64_t fen)
{
	switch (kind) {
	case LEDGER_WALLET:
	case LEDGER_HELD:
		return fen > 0 ? ERR_FUNDS : fen < -LEDGER_MAX_FEN ? ERR_RANGE : 0;
	case LEDGER_DEBT:
		return fen < 0 ? ERR_INTERNAL : fen > LEDGER_MAX_FEN ? ERR_RANGE : 0;
	default:
		return 0;
	}
}

static int move(struct ledger *l, const struct leg *leg, int64_t account, int64_t *after)
{
	sqlite3_stmt *stmt = l->post[S_MOVE];
	int rc;

	sql_bind_int(stmt, ":account", account);
	sql_bind_int(stmt, ":fen", leg->fen);
	rc = sql_step(stmt);
	if (rc != 1) {
		return rc == 0 ? ERR_INTERNAL : rc;
	}
	*after = sql_int(stmt, 0);
	sqlite3_reset(stmt);
	return bounded(leg->kind, *after);
}

static int add_entry(struct ledger *l, const struct leg *leg, int64_t tx, int64_t n, int64_t *after)
{
	sqlite3_stmt *stmt = l->post[S_ENTRY];
	int64_t account;
	int rc = account_of(l, leg, &account);

	if (rc == 0) {
		rc = move(l, leg, account, after);
	}
	if (rc != 0) {
		return rc;
	}
	sql_bind_int(stmt, ":tx", tx);
	sql_bind_int(stmt, ":n", n);
	sql_bind_int(stmt, ":account", account);
	sql_bind_int(stmt, ":fen", leg->fen);
	return sql_run(stmt);
}

/* The legs that count: those of 0 are left out, but two stay. */
static int choose_legs(const struct posting *p, const struct leg **out, size_t *count)
{
	int64_t sum = 0;

	*count = 0;
	if (p->legs < 2 || p->legs > POSTING_LEGS) {
		return ERR_INTERNAL;
	}
	for (size_t i = 0; i < p->legs; i++) {
		sum += p->leg[i].fen;
		if (p->leg[i].fen != 0) {
			out[(*count)++] = &p->leg[i];
		}
	}
	if (*count == 0) {
		out[0] = &p->leg[0];
		out[1] = &p->leg[1];
		*count = 2;
	}
	return sum == 0 ? 0 : ERR_INTERNAL;
}

static int insert_tx(struct ledger *l, const struct ledger_row *row, const unsigned char *hash)
{
	sqlite3_stmt *stmt = l->post[S_TX];

	sql_bind_int(stmt, ":id", row->id);
	sql_bind_text(stmt, ":key", row->key);
	sql_bind_int(stmt, ":at", row->at);
	sql_bind_text(stmt, ":kind", row->kind);
	sql_bind_text(stmt, ":account", row->account);
	sql_bind_text(stmt, ":ref", row->ref);
	sql_bind_int(stmt, ":fen", row->fen);
	sql_bind_int(stmt, ":balance_fen", row->balance_fen);
	sql_bind_int(stmt, ":closes", row->closes);
	sql_bind_int(stmt, ":reverses", row->reverses);
	sql_bind_text(stmt, ":by", row->by);
	sql_bind_text(stmt, ":origin", row->origin);
	sql_bind_text(stmt, ":reason", row->reason);
	sql_bind_blob(stmt, ":bill_hash", row->bill_hash, row->bill_hash_size);
	sql_bind_blob(stmt, ":hash", hash, CHAIN_SIZE);
	return sql_run(stmt);
}

static int key_free(struct ledger *l, const char *key)
{
	sqlite3_stmt *stmt = l->post[S_KEY];
	int rc;

	sql_bind_text(stmt, ":key", key);
	rc = sql_step(stmt);
	if (rc == 1) {
		sqlite3_reset(stmt);
		return ERR_EXISTS;
	}
	return rc;
}

int ledger_post(struct ledger *l, const struct posting *p, int64_t *tx)
{
	struct ledger_row row = {0, p->at_ms, p->fen, VALUE_NONE, p->closes, p->reverses, p->key,
		txkind_token(p->kind), p->account, p->ref, p->by, p->origin, p->reason,
		p->bill_hash, p->bill_hash != NULL ? CHAIN_SIZE : 0};
	const struct leg *legs[POSTING_LEGS];
	unsigned char previous[CHAIN_SIZE], hash[CHAIN_SIZE];
	bool own = p->account != NULL && p->account[0] != '\0', has_wallet = false;
	size_t count;
	int rc = choose_legs(p, legs, &count);

	rc = rc != 0 ? rc : key_free(l, p->key);
	rc = rc != 0 ? rc : last_of(l->post[S_LAST], &row.id, previous);
	row.id++;
	for (size_t i = 0; rc == 0 && i < count; i++) {
		int64_t after;

		rc = add_entry(l, legs[i], row.id, (int64_t)i + 1, &after);
		if (rc == 0 && own && legs[i]->kind == LEDGER_WALLET &&
			strcmp(legs[i]->owner, p->account) == 0) {
			row.balance_fen = -after;
			has_wallet = true;
		}
	}
	if (rc == 0 && own && !has_wallet) {
		rc = ledger_balance(l, LEDGER_WALLET, p->account, &row.balance_fen);
	}
	if (rc != 0) {
		return rc;
	}
	ledger_hash_tx(l->chain, previous, &row);
	for (size_t i = 0; i < count; i++) {
		ledger_hash_entry(l->chain, (int64_t)i + 1, ledger_token(legs[i]->kind),
			legs[i]->owner, legs[i]->fen);
	}
	rc = chain_end(l->chain, hash);
	rc = rc != 0 ? rc : insert_tx(l, &row, hash);
	if (rc == 0) {
		*tx = row.id;
	}
	return rc != 0 || p->told_later ? rc : told_posted(l, p, row.id);
}

int ledger_balance(struct ledger *l, enum ledger_kind kind, const char *owner, int64_t *fen)
{
	sqlite3_stmt *stmt = l->post[S_BALANCE];
	bool debit = kind == LEDGER_CASH || kind == LEDGER_DEBT || kind == LEDGER_LOSS ||
		     kind == LEDGER_FREE || kind == LEDGER_SUSPENSE;
	int rc;

	sql_bind_text(stmt, ":kind", ledger_token(kind));
	sql_bind_text(stmt, ":owner", owner);
	rc = sql_step(stmt);
	*fen = 0;
	if (rc == 1) {
		*fen = debit ? sql_int(stmt, 0) : -sql_int(stmt, 0);
		sqlite3_reset(stmt);
		rc = 0;
	}
	return rc;
}

int ledger_hold_of(struct ledger *l, const char *order, struct ledger_hold *out)
{
	sqlite3_stmt *stmt = l->post[S_HOLD];
	int rc;

	sql_bind_text(stmt, ":order", order);
	rc = sql_step(stmt);
	if (rc != 1) {
		return rc == 0 ? ERR_NOTFOUND : rc;
	}
	out->tx = sql_int(stmt, 0);
	view_set_text(out->account, sizeof out->account, sql_text(stmt, 1));
	out->fen = sql_int(stmt, 2);
	rc = sql_int(stmt, 3) == VALUE_NONE ? 0 : ERR_STATE;
	sqlite3_reset(stmt);
	return rc;
}

/* ---- What was posted ---- */

int ledger_tx_find(struct ledger *l, const char *key, int64_t id, struct ledger_tx *out)
{
	sqlite3_stmt *stmt = l->post[key != NULL ? S_TX_KEY : S_TX_ID];
	int rc;

	if (key != NULL) {
		sql_bind_text(stmt, ":key", key);
	} else {
		sql_bind_int(stmt, ":id", id);
	}
	rc = sql_step(stmt);
	if (rc != 1) {
		return rc == 0 ? ERR_NOTFOUND : rc;
	}
	out->id = sql_int(stmt, 0);
	view_set_text(out->kind, sizeof out->kind, sql_text(stmt, 1));
	view_set_text(out->account, sizeof out->account, sql_text(stmt, 2));
	view_set_text(out->ref, sizeof out->ref, sql_text(stmt, 3));
	out->fen = sql_int(stmt, 4);
	out->bill = sql_int(stmt, 5);
	out->reversed_by = sql_int(stmt, 6);
	sqlite3_reset(stmt);
	return 0;
}

int ledger_tx_legs(struct ledger *l, int64_t id, struct leg *legs, char (*owners)[20], size_t room,
	size_t *count)
{
	sqlite3_stmt *stmt = l->post[S_TX_LEGS];
	int rc;

	*count = 0;
	sql_bind_int(stmt, ":tx", id);
	while ((rc = sql_step(stmt)) == 1) {
		struct leg *leg = &legs[*count];

		if (*count == room || ledger_find(sql_text(stmt, 0), &leg->kind) != 0) {
			sqlite3_reset(stmt);
			return ERR_BROKEN;
		}
		view_set_text(owners[*count], sizeof *owners, sql_text(stmt, 1));
		leg->owner = owners[*count];
		leg->fen = sql_int(stmt, 2);
		++*count;
	}
	return rc;
}

/* ---- The log beside it ---- */

int ledger_log(struct ledger *l, struct log_row *row)
{
	sqlite3_stmt *stmt = l->post[S_LOG];
	unsigned char previous[CHAIN_SIZE], hash[CHAIN_SIZE];
	int rc = last_of(l->post[S_LOG_LAST], &row->id, previous);

	row->id++;
	rc = rc != 0 ? rc : log_hash(l->chain, previous, row, hash);
	if (rc != 0) {
		return rc;
	}
	sql_bind_int(stmt, ":id", row->id);
	sql_bind_text(stmt, ":key", row->key);
	sql_bind_int(stmt, ":at", row->at);
	sql_bind_text(stmt, ":subject", row->subject);
	sql_bind_text(stmt, ":target", row->target);
	sql_bind_text(stmt, ":change", row->change);
	sql_bind_text(stmt, ":by", row->by);
	sql_bind_text(stmt, ":origin", row->origin);
	sql_bind_text(stmt, ":reason", row->reason);
	sql_bind_blob(stmt, ":row_hash", row->row_hash, row->row_hash_size);
	sql_bind_blob(stmt, ":hash", hash, sizeof hash);
	return sql_run(stmt);
}
