/* The chain of transactions with their entries, balances and daily heads. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ledger_head.h"
#include "verify_int.h"

#define ENTRIES_MAX (POSTING_LEGS + 2)

/* What a transaction was, as far as later ones lean on it. */
enum { WAS_HOLD = 1, WAS_CLOSED = 2, WAS_REVERSED = 4 };

struct entry {
	int64_t tx, n, account, fen;
};

struct pass {
	struct verify *v;
	sqlite3_stmt *txs, *entries, *bills;
	struct entry next; /* the entry that was read ahead; tx 0 = none */
	int64_t bill_tx;   /* of the bill that was read ahead; 0 = none */
	unsigned char bill_hash[CHAIN_SIZE];
	int64_t bill_id;
	unsigned char *was; /* by number of transaction */
	size_t was_cap;
	uint64_t names[TX_COUNT_][LEDGER_COUNT_]; /* of the rows of cash_day */
	bool whole;                               /* from the first row on */
	int64_t expected;
	unsigned char previous[CHAIN_SIZE];
};

/* ---- Accounts of the ledger ---- */

static int read_accounts(struct verify *v)
{
	sqlite3_stmt *stmt = NULL;
	int64_t max = 0;
	int rc = sql_one_int(v->db, "SELECT coalesce(max(id), 0) FROM ledger_account", &max);

	if (rc != 0 || max < 0 || max > INT32_MAX) {
		return rc != 0 ? rc : ERR_CORRUPT;
	}
	v->account_count = (size_t)max + 1;
	v->accounts = calloc(v->account_count, sizeof *v->accounts);
	if (v->accounts == NULL) {
		return ERR_NOMEM;
	}
	rc = sql_prepare(v->db, "SELECT id, kind, owner FROM ledger_account ORDER BY id", &stmt);
	while (rc == 0 && (rc = sql_step(stmt)) == 1) {
		int64_t id = sql_int(stmt, 0);
		struct verify_account *a;

		rc = 0;
		if (id < 1 || ledger_find(sql_text(stmt, 1), &v->accounts[id].kind) != 0) {
			rc = verify_wrong(v, N_("there is no such kind of account"),
				"ledger_account %" PRId64, id);
			break;
		}
		a = &v->accounts[id];
		VIEW_SET(a, owner, sql_text(stmt, 2));
		a->used = true;
	}
	sqlite3_finalize(stmt);
	return rc;
}

/* ---- Reading ahead ---- */

static int next_entry(struct pass *p)
{
	int rc = sql_step(p->entries);

	p->next.tx = 0;
	if (rc != 1) {
		return rc;
	}
	p->next = (struct entry){sql_int(p->entries, 0), sql_int(p->entries, 1),
		sql_int(p->entries, 2), sql_int(p->entries, 3)};
	return 0;
}

static int next_bill(struct pass *p)
{
	int rc = sql_step(p->bills);

	p->bill_tx = 0;
	if (rc != 1) {
		return rc;
	}
	p->bill_id = sql_int(p->bills, 0);
	p->bill_tx = sql_int(p->bills, 1);
	memset(p->bill_hash, 0, CHAIN_SIZE);
	if (sqlite3_column_bytes(p->bills, 2) == CHAIN_SIZE) {
		memcpy(p->bill_hash, sqlite3_column_blob(p->bills, 2), CHAIN_SIZE);
	}
	return 0;
}

/* ---- What it leans on ---- */

static int remember(struct pass *p, int64_t id)
{
	size_t need = (size_t)id + 1;

	if (need > p->was_cap) {
		size_t cap = need * 2 + 1024;
		unsigned char *grown = realloc(p->was, cap);

		if (grown == NULL) {
			return ERR_NOMEM;
		}
		memset(grown + p->was_cap, 0, cap - p->was_cap);
		p->was = grown;
		p->was_cap = cap;
	}
	return 0;
}

/* What it closes or reverses is there, was a hold, and was not closed or reversed before. */
static const char *check_links(struct pass *p, const struct ledger_row *row)
{
	if (!p->whole) {
		return NULL;
	}
	if (row->closes != VALUE_NONE) {
		if (row->closes < 1 || row->closes >= row->id ||
			(p->was[row->closes] & (WAS_HOLD | WAS_CLOSED)) != WAS_HOLD) {
			return N_("what it closes is no open prepayment");
		}
		p->was[row->closes] |= WAS_CLOSED;
	}
	if (row->reverses != VALUE_NONE) {
		if (row->reverses < 1 || row->reverses >= row->id ||
			(p->was[row->reverses] & WAS_REVERSED) != 0) {
			return N_("what it reverses is not there or was reversed before");
		}
		p->was[row->reverses] |= WAS_REVERSED;
	}
	if (strcmp(row->kind, txkind_token(TX_HOLD)) == 0) {
		p->was[row->id] |= WAS_HOLD;
	}
	return NULL;
}

static bool allowed(const struct verify_account *a)
{
	return a->kind == LEDGER_WALLET || a->kind == LEDGER_HELD ? a->fen <= 0
	       : a->kind == LEDGER_DEBT                           ? a->fen >= 0
								  : true;
}

/* ---- Sums by day ---- */

static void name_sums(struct pass *p)
{
	for (int kind = 0; p->v->cash != NULL && kind < TX_COUNT_; kind++) {
		for (int ledger = 0; ledger < LEDGER_COUNT_; ledger++) {
			p->names[kind][ledger] =
				day_sums_name(p->v->cash, txkind_token((enum txkind)kind),
					ledger_token((enum ledger_kind)ledger));
		}
	}
}

/* What a transaction moved in each kind of account that it touched. */
struct moved {
	int64_t fen[LEDGER_COUNT_];
	bool touched[LEDGER_COUNT_];
};

/* The rows of cash_day for a kind of transactions; NULL: no kind that is known. */
static const uint64_t *names_of(const struct pass *p, const char *kind)
{
	for (int i = 0; i < TX_COUNT_; i++) {
		if (strcmp(txkind_token((enum txkind)i), kind) == 0) {
			return p->names[i];
		}
	}
	return NULL;
}

static int take_sums(struct pass *p, const struct ledger_row *row, const struct moved *moved)
{
	struct day_sums *cash = p->v->cash;
	const uint64_t *known;
	int64_t day;
	int rc = 0;

	if (cash == NULL) {
		return 0;
	}
	known = names_of(p, row->kind);
	day = day_sums_day(cash, row->at);
	for (int i = 0; rc == 0 && i < LEDGER_COUNT_; i++) {
		const int64_t values[] = {1, moved->fen[i]};

		if (moved->touched[i]) {
			rc = day_sums_add(cash, day,
				known != NULL ? known[i]
					      : day_sums_name(cash, row->kind,
							ledger_token((enum ledger_kind)i)),
				values, 2, 1);
		}
	}
	return rc;
}

/* ---- One transaction ---- */

/* Takes the entries of a transaction into hash and balances. 1: one is wrong. */
static int take_entries(struct pass *p, const struct ledger_row *row)
{
	struct verify *v = p->v;
	int64_t sum = 0, n = 0, balance = VALUE_NONE;
	struct moved moved = {0};
	int rc = 0;

	while (p->next.tx != 0 && p->next.tx <= row->id && rc == 0) {
		const struct entry *e = &p->next;
		struct verify_account *a;

		if (e->tx != row->id || e->n != ++n || n > ENTRIES_MAX || e->account < 1 ||
			(size_t)e->account >= v->account_count || !v->accounts[e->account].used) {
			return verify_wrong(v, N_("it belongs to no transaction or account"),
				"ledger_entry %" PRId64 "/%" PRId64, e->tx, e->n);
		}
		a = &v->accounts[e->account];
		ledger_hash_entry(v->chain, e->n, ledger_token(a->kind), a->owner, e->fen);
		sum += e->fen;
		a->fen += e->fen;
		moved.fen[a->kind] += e->fen;
		moved.touched[a->kind] = true;
		if (p->whole && !allowed(a)) {
			return verify_wrong(v, N_("a wallet, prepayment or debt falls below zero"),
				"ledger_entry %" PRId64 "/%" PRId64, e->tx, e->n);
		}
		if (a->kind == LEDGER_WALLET && strcmp(a->owner, row->account) == 0) {
			balance = -a->fen;
		}
		rc = next_entry(p);
	}
	if (rc == 0 && (n < 2 || sum != 0)) {
		return verify_wrong(
			v, N_("its entries do not sum up to zero"), "ledger_tx %" PRId64, row->id);
	}
	if (rc == 0 && p->whole && balance != VALUE_NONE && balance != row->balance_fen) {
		return verify_wrong(v, N_("the balance that it notes is another"),
			"ledger_tx %" PRId64, row->id);
	}
	return rc != 0 ? rc : take_sums(p, row, &moved);
}

/* The bill of this transaction, where it has one, holds its hash. */
static int match_bill(struct pass *p, const struct ledger_row *row)
{
	int rc;

	if (row->bill_hash_size == 0) {
		return p->bill_tx == row->id ? verify_wrong(p->v, N_("its transaction has no bill"),
						       "bill %" PRId64, p->bill_id)
					     : 0;
	}
	if (p->bill_tx != row->id) {
		return verify_wrong(p->v, N_("its bill is missing"), "ledger_tx %" PRId64, row->id);
	}
	if (memcmp(p->bill_hash, row->bill_hash, CHAIN_SIZE) != 0) {
		return verify_wrong(p->v, N_("its hash is not the one that was posted"),
			"bill %" PRId64, p->bill_id);
	}
	rc = next_bill(p);
	return rc;
}

static void read_row(sqlite3_stmt *stmt, struct ledger_row *row)
{
	*row = (struct ledger_row){sql_int(stmt, 0), sql_int(stmt, 2), sql_int(stmt, 6),
		sql_int(stmt, 7), sql_int(stmt, 8), sql_int(stmt, 9), sql_text(stmt, 1),
		sql_text(stmt, 3), sql_text(stmt, 4), sql_text(stmt, 5), sql_text(stmt, 10),
		sql_text(stmt, 11), sql_text(stmt, 12), sqlite3_column_blob(stmt, 13),
		(size_t)sqlite3_column_bytes(stmt, 13)};
}

static int check_tx(struct pass *p)
{
	struct verify *v = p->v;
	struct ledger_row row;
	const char *wrong;
	unsigned char hash[CHAIN_SIZE];
	int rc;

	read_row(p->txs, &row);
	if (row.id != p->expected) {
		return verify_wrong(v, N_("a row is missing"), "ledger_tx %" PRId64, p->expected);
	}
	if (row.bill_hash_size != 0 && row.bill_hash_size != CHAIN_SIZE) {
		return verify_wrong(v, N_("its bill's hash is none"), "ledger_tx %" PRId64, row.id);
	}
	rc = remember(p, row.id);
	if (rc != 0) {
		return rc;
	}
	ledger_hash_tx(v->chain, p->previous, &row);
	rc = take_entries(p, &row);
	rc = rc != 0 ? rc : chain_end(v->chain, hash);
	if (rc != 0) {
		return rc;
	}
	if (sqlite3_column_bytes(p->txs, 14) != CHAIN_SIZE ||
		memcmp(sqlite3_column_blob(p->txs, 14), hash, CHAIN_SIZE) != 0) {
		return verify_wrong(v,
			N_("it, its entries and the row before do not give its hash"),
			"ledger_tx %" PRId64, row.id);
	}
	wrong = check_links(p, &row);
	if (wrong != NULL) {
		return verify_wrong(v, wrong, "ledger_tx %" PRId64, row.id);
	}
	memcpy(p->previous, hash, CHAIN_SIZE);
	p->expected++;
	v->out->transactions++;
	return match_bill(p, &row);
}

/* The row before the first that is looked at. */
static int begin_at(struct pass *p, int64_t from)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sql_prepare(p->v->db, "SELECT hash FROM ledger_tx WHERE id = :id", &stmt);

	p->expected = from;
	if (rc == 0 && from > 1) {
		sql_bind_int(stmt, ":id", from - 1);
		rc = sql_step(stmt);
		if (rc == 1 && sqlite3_column_bytes(stmt, 0) == CHAIN_SIZE) {
			memcpy(p->previous, sqlite3_column_blob(stmt, 0), CHAIN_SIZE);
		}
		rc = rc < 0 ? rc : 0;
	}
	sqlite3_finalize(stmt);
	return rc;
}

static int prepare(struct pass *p, int64_t from)
{
	sqlite3 *db = p->v->db;
	int rc = sql_prepare(db,
		"SELECT id, key, at, kind, account, ref, fen, balance_fen, closes, reverses, by,"
		" origin, reason, bill_hash, hash FROM ledger_tx WHERE id >= :from ORDER BY id",
		&p->txs);

	rc = rc != 0 ? rc
		     : sql_prepare(db,
			       "SELECT tx, n, account, fen FROM ledger_entry WHERE tx >= :from"
			       " ORDER BY tx, n",
			       &p->entries);
	rc = rc != 0 ? rc
		     : sql_prepare(db,
			       "SELECT id, tx, hash FROM bill WHERE tx >= :from ORDER BY tx",
			       &p->bills);
	if (rc != 0) {
		return rc;
	}
	sql_bind_int(p->txs, ":from", from);
	sql_bind_int(p->entries, ":from", from);
	sql_bind_int(p->bills, ":from", from);
	return 0;
}

int verify_chain(struct verify *v, int64_t from)
{
	struct pass p = {.v = v, .whole = from <= 1};
	int rc = read_accounts(v);

	name_sums(&p);
	rc = rc != 0 ? rc : prepare(&p, from);
	rc = rc != 0 ? rc : begin_at(&p, from);
	rc = rc != 0 ? rc : next_entry(&p);
	rc = rc != 0 ? rc : next_bill(&p);
	while (rc == 0 && (rc = sql_step(p.txs)) == 1) {
		rc = check_tx(&p);
	}
	if (rc == 0 && p.next.tx != 0) {
		rc = verify_wrong(v, N_("it belongs to no transaction or account"),
			"ledger_entry %" PRId64 "/%" PRId64, p.next.tx, p.next.n);
	}
	if (rc == 0 && p.bill_tx != 0) {
		rc = verify_wrong(v, N_("its transaction is missing"), "bill %" PRId64, p.bill_id);
	}
	chain_hex(p.previous, v->out->hash);
	sqlite3_finalize(p.txs);
	sqlite3_finalize(p.entries);
	sqlite3_finalize(p.bills);
	free(p.was);
	return rc;
}

/* ---- Balances ---- */

int verify_balances(struct verify *v)
{
	sqlite3_stmt *stmt = NULL;
	int64_t next = 1;
	int rc = sql_prepare(
		v->db, "SELECT account, fen FROM ledger_balance ORDER BY account", &stmt);

	while (rc == 0 && (rc = sql_step(stmt)) == 1) {
		int64_t id = sql_int(stmt, 0), fen = sql_int(stmt, 1);

		rc = 0;
		if (id != next || (size_t)id >= v->account_count || v->accounts[id].fen != fen) {
			rc = verify_wrong(v, N_("it is not the sum of its entries"),
				"ledger_balance %" PRId64, id < next ? id : next);
		}
		next++;
	}
	sqlite3_finalize(stmt);
	if (rc == 0 && (size_t)next != v->account_count) {
		rc = verify_wrong(
			v, N_("it is not the sum of its entries"), "ledger_balance %" PRId64, next);
	}
	return rc;
}

/* ---- Heads ---- */

struct heads {
	struct verify *v;
	struct ledger_key *key;
	sqlite3_stmt *tx, *log;
	int64_t last_tx, last_log;
};

/* The hash that a row has now is the one that was signed. */
static int same_hash(sqlite3_stmt *stmt, int64_t id, const unsigned char *hash)
{
	static const unsigned char none[CHAIN_SIZE];
	int rc;

	if (id == 0) {
		return memcmp(hash, none, CHAIN_SIZE) == 0;
	}
	sql_bind_int(stmt, ":id", id);
	rc = sql_step(stmt);
	if (rc == 1) {
		rc = sqlite3_column_bytes(stmt, 0) == CHAIN_SIZE &&
		     memcmp(sqlite3_column_blob(stmt, 0), hash, CHAIN_SIZE) == 0;
		sqlite3_reset(stmt);
	}
	return rc;
}

static int check_head(void *arg, const struct ledger_head *h)
{
	struct heads *s = arg;
	int rc;

	if (s->key != NULL && ledger_head_check(s->key, h) != 0) {
		return verify_wrong(
			s->v, N_("its signature is not that of the key"), "ledger_head %s", h->day);
	}
	rc = same_hash(s->tx, h->tx, h->hash);
	rc = rc != 1 ? rc : same_hash(s->log, h->log, h->log_hash);
	if (rc == 0 || h->tx < s->last_tx || h->log < s->last_log) {
		return verify_wrong(s->v, N_("the rows that it signs are not there any more"),
			"ledger_head %s", h->day);
	}
	s->last_tx = h->tx;
	s->last_log = h->log;
	s->v->out->heads++;
	return rc < 0 ? rc : 0;
}

int verify_heads(struct verify *v, const char *pub)
{
	struct heads s = {.v = v};
	int rc = pub == NULL ? 0 : ledger_key_public(pub, &s.key);

	rc = rc != 0 ? rc : sql_prepare(v->db, "SELECT hash FROM ledger_tx WHERE id = :id", &s.tx);
	rc = rc != 0 ? rc
		     : sql_prepare(v->db, "SELECT hash FROM ledger_log WHERE id = :id", &s.log);
	rc = rc != 0 ? rc : ledger_heads(v->db, "", check_head, &s);
	if (rc == ERR_BROKEN) {
		rc = verify_wrong(v, N_("its hashes or signature are none"), "ledger_head");
	}
	v->out->checked = s.key != NULL;
	sqlite3_finalize(s.tx);
	sqlite3_finalize(s.log);
	ledger_key_close(s.key);
	return rc;
}
