#include "ledger_verify.h"

#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger_head.h"
#include "money_read.h"
#include "reader.h"
#include "verify_int.h"

/* Bills and orders are many and each stands alone: they are shared among threads. */
#define THREADS_MAX   4
#define BILLS_A_SHARE 2000
/* KiB of page cache of a connection that reads everything. */
#define CACHE "PRAGMA cache_size=-32768"

int verify_wrong(struct verify *v, const char *what, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(v->out->wrong, sizeof v->out->wrong, format, ap);
	va_end(ap);
	VIEW_SET(v->out, what, what);
	return 1;
}

/* ---- The log of accounts and tariffs ---- */

static int check_log_row(
	struct verify *v, sqlite3_stmt *q, int64_t expected, unsigned char previous[CHAIN_SIZE])
{
	const struct log_row row = {sql_int(q, 0), sql_int(q, 2), sql_text(q, 1), sql_text(q, 3),
		sql_text(q, 4), sql_text(q, 5), sql_text(q, 6), sql_text(q, 7), sql_text(q, 8),
		sqlite3_column_blob(q, 9), (size_t)sqlite3_column_bytes(q, 9)};
	unsigned char hash[CHAIN_SIZE];
	int rc;

	if (row.id != expected) {
		return verify_wrong(v, N_("a row is missing"), "ledger_log %" PRId64, expected);
	}
	rc = log_hash(v->chain, previous, &row, hash);
	if (rc != 0) {
		return rc;
	}
	if (sqlite3_column_bytes(q, 10) != CHAIN_SIZE ||
		memcmp(sqlite3_column_blob(q, 10), hash, CHAIN_SIZE) != 0) {
		return verify_wrong(v, N_("it and the row before do not give its hash"),
			"ledger_log %" PRId64, row.id);
	}
	memcpy(previous, hash, CHAIN_SIZE);
	v->out->log++;
	return 0;
}

int verify_log(struct verify *v, int64_t from)
{
	unsigned char previous[CHAIN_SIZE] = {0};
	sqlite3_stmt *q = NULL;
	int64_t expected = from;
	int rc = sql_prepare(v->db,
		"SELECT id, key, at, subject, target, change, by, origin, reason, row_hash, hash"
		" FROM ledger_log WHERE id >= :from - 1 ORDER BY id",
		&q);

	if (rc == 0) {
		sql_bind_int(q, ":from", from);
	}
	while (rc == 0 && (rc = sql_step(q)) == 1) {
		if (sql_int(q, 0) == from - 1) { /* stands before what is looked at */
			if (sqlite3_column_bytes(q, 10) == CHAIN_SIZE) {
				memcpy(previous, sqlite3_column_blob(q, 10), CHAIN_SIZE);
			}
			rc = 0;
			continue;
		}
		rc = check_log_row(v, q, expected++, previous);
	}
	sqlite3_finalize(q);
	return rc;
}

/* ---- Rows that the log keeps ---- */

static int wrong_row(struct verify *v, enum logged_kind kind, const char *id)
{
	static const char *const what[] = {
		[LOGGED_ACCOUNT] = N_("it or one of its cards is not as the log has it"),
		[LOGGED_ORDER] = N_("it is not as the log has it"),
		[LOGGED_RESERVATION] = N_("it is not as the log has it"),
		[LOGGED_ABNORMAL] = N_("it, its session or its registers are not as logged"),
		[LOGGED_MESSAGE] = N_("it is not as the log has it"),
		[LOGGED_CONTACT] = N_("it is not as the log has it"),
		[LOGGED_RATING] = N_("it is not as the log has it"),
	};

	return verify_wrong(v, what[kind], "%s %s", logged_subject(kind), id);
}

int verify_rows(struct verify *v, enum logged_kind kind, int64_t from, int64_t to, int64_t *seen)
{
	struct logged *l = NULL;
	unsigned char hash[CHAIN_SIZE];
	const char *id;
	int rc = logged_open(v->db, &l);

	rc = rc != 0 ? rc : logged_first(l, kind, from, to);
	while (rc == 0 && (rc = logged_next(l, v->chain, &id, hash)) == 1) {
		rc = logged_is(l, kind, id, hash);
		if (rc == 0) {
			rc = wrong_row(v, kind, id);
			break;
		}
		++*seen;
		rc = rc == 1 ? 0 : rc;
	}
	logged_close(l);
	return rc;
}

/* None that the log knows is gone; `seen` are there. */
static int none_lost(struct verify *v, enum logged_kind kind, int64_t seen)
{
	char id[64] = "";
	int64_t known = 0;
	int rc = logged_count(v->db, kind, &known);

	if (rc != 0 || known == seen) {
		return rc;
	}
	rc = logged_lost(v->db, kind, id, sizeof id);
	return rc != 0 ? rc
		       : verify_wrong(v, N_("a row is missing"), "%s %s", logged_subject(kind), id);
}

int verify_logged(struct verify *v, enum logged_kind kind)
{
	int64_t seen = 0;
	int rc = logged_kept(v->db, kind);

	if (rc != 1) {
		return rc;
	}
	rc = verify_rows(v, kind, 1, INT64_MAX, &seen);
	return rc != 0 ? rc : none_lost(v, kind, seen);
}

int verify_tariffs(struct verify *v)
{
	sqlite3_stmt *q = NULL;
	unsigned char hash[CHAIN_SIZE];
	int rc = sql_prepare(v->db,
		"SELECT t.id, t.version, t.\"from\", t.text, t.compiled, t.at, t.by, t.origin,"
		" t.reason, t.hash, EXISTS (SELECT 1 FROM ledger_log l WHERE l.subject = 'tariff'"
		" AND l.target = t.id AND l.row_hash = t.hash) FROM tariff t ORDER BY t.at, t.id",
		&q);

	while (rc == 0 && (rc = sql_step(q)) == 1) {
		const struct tariff_row row = {sql_text(q, 0), sql_text(q, 3), sql_text(q, 6),
			sql_text(q, 7), sql_text(q, 8), sql_int(q, 1), sql_int(q, 2), sql_int(q, 5),
			sqlite3_column_blob(q, 4), (size_t)sqlite3_column_bytes(q, 4)};

		tariff_row_hash_begin(v->chain, &row);
		rc = chain_end(v->chain, hash);
		if (rc == 0 && (sql_int(q, 10) != 1 || sqlite3_column_bytes(q, 9) != CHAIN_SIZE ||
				       memcmp(sqlite3_column_blob(q, 9), hash, CHAIN_SIZE) != 0)) {
			rc = verify_wrong(v, N_("it is not as it was taken in"),
				"tariff %s %" PRId64, row.id, row.version);
		}
	}
	sqlite3_finalize(q);
	return rc;
}

/* ---- Orders and bills, by several threads ---- */

static void clear_proof(struct view_proof *out)
{
	view_clear(VIEW_proof, out);
	out->transactions = out->bills = out->log = out->heads = out->checked = 0;
}

struct range {
	int64_t from, to;
};

struct share {
	pthread_t thread;
	bool started;
	const char *path;
	bool kept; /* orders are in the log */
	struct range orders, bills;
	int64_t orders_seen;
	struct day_sums *sales; /* as in struct verify */
	struct verify v;
	struct view_proof proof;
	int order_rc, rc;
};

static int open_verify(const char *path, struct view_proof *out, struct verify *v)
{
	int rc;

	*v = (struct verify){.out = out};
	rc = sql_open(path, SQL_READ, &v->db);
	rc = rc != 0 ? rc : sql_exec(v->db, CACHE);
	rc = rc != 0 ? rc : chain_new(&v->chain);
	return rc != 0 ? rc : sql_exec(v->db, "BEGIN");
}

static void close_verify(struct verify *v)
{
	chain_free(v->chain);
	sql_close(v->db);
	free(v->accounts);
}

static void *run_share(void *arg)
{
	struct share *s = arg;

	s->rc = open_verify(s->path, &s->proof, &s->v);
	if (s->rc == 0 && s->kept) {
		s->rc = s->order_rc = verify_rows(
			&s->v, LOGGED_ORDER, s->orders.from, s->orders.to, &s->orders_seen);
	}
	s->v.sales = s->sales;
	s->rc = s->rc != 0 ? s->rc : verify_bills(&s->v, s->bills.from, s->bills.to);
	close_verify(&s->v);
	return NULL;
}

/* The i-th of n parts of rows numbered 1..last. An agent may add more meanwhile: a share that
 * begins to read later must not see them. */
static struct range part(int64_t last, size_t i, size_t n)
{
	return (struct range){
		last * (int64_t)i / (int64_t)n + 1, last * ((int64_t)i + 1) / (int64_t)n};
}

/* Parts the work; of shares that find something wrong the first counts. */
static int start_shares(struct verify *v, const char *path, struct share *shares, size_t *count)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	size_t n = cores < 1 ? 1 : cores > THREADS_MAX ? THREADS_MAX : (size_t)cores;
	int64_t bills = 0, orders = 0;
	int kept = logged_kept(v->db, LOGGED_ORDER);
	int rc = kept < 0 ? kept : logged_last_row(v->db, LOGGED_ORDER, &orders);

	rc = rc != 0 ? rc : sql_one_int(v->db, "SELECT coalesce(max(id), 0) FROM bill", &bills);
	if (rc != 0) {
		return rc;
	}
	while (n > 1 && bills / (int64_t)n < BILLS_A_SHARE) {
		n--;
	}
	for (size_t i = 0; i < n; i++) {
		shares[i] = (struct share){.path = path,
			.kept = kept == 1,
			.orders = part(orders, i, n),
			.bills = part(bills, i, n)};
		clear_proof(&shares[i].proof);
		rc = rc != 0 || v->sales == NULL ? rc : day_sums_like(v->sales, &shares[i].sales);
	}
	*count = n;
	for (size_t i = 0; rc == 0 && i < n; i++) {
		shares[i].started =
			pthread_create(&shares[i].thread, NULL, run_share, &shares[i]) == 0;
	}
	return rc;
}

static void end_shares(struct share *shares, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (shares[i].started) {
			pthread_join(shares[i].thread, NULL);
		} else {
			run_share(&shares[i]);
		}
	}
}

static int take_wrong(struct verify *v, const struct share *s, int rc)
{
	if (rc == 1) {
		memcpy(v->out->wrong, s->proof.wrong, sizeof v->out->wrong);
		memcpy(v->out->what, s->proof.what, sizeof v->out->what);
	}
	return rc;
}

/* What they found about orders. */
static int take_orders(struct verify *v, const struct share *shares, size_t count)
{
	int64_t seen = 0;

	for (size_t i = 0; i < count; i++) {
		if (shares[i].order_rc != 0) {
			return take_wrong(v, &shares[i], shares[i].order_rc);
		}
		seen += shares[i].orders_seen;
	}
	for (size_t i = 0; i < count; i++) {
		if (!shares[i].kept || shares[i].rc < 0) {
			return shares[i].rc < 0 ? shares[i].rc : 0;
		}
	}
	return none_lost(v, LOGGED_ORDER, seen);
}

static int take_bills(struct verify *v, const struct share *shares, size_t count)
{
	int rc = 0;

	for (size_t i = 0; i < count; i++) {
		v->out->bills += shares[i].proof.bills;
	}
	for (size_t i = 0; i < count; i++) {
		if (shares[i].rc != 0) {
			return take_wrong(v, &shares[i], shares[i].rc);
		}
	}
	for (size_t i = 0; rc == 0 && v->sales != NULL && i < count; i++) {
		rc = day_sums_take(v->sales, shares[i].sales);
	}
	return rc;
}

static void free_shares(struct share *shares, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		day_sums_free(shares[i].sales);
	}
}

/* What this thread does meanwhile. */
static int verify_log_and_rows(struct verify *v)
{
	int rc = verify_log(v, 1);

	for (int i = 0; rc == 0 && i < LOGGED_COUNT_; i++) {
		rc = i == LOGGED_ORDER ? 0 : verify_logged(v, (enum logged_kind)i);
	}
	return rc != 0 ? rc : verify_tariffs(v);
}

static int run_all(struct verify *v, const char *path)
{
	struct share shares[THREADS_MAX];
	size_t count = 0;
	int chain_rc, rc = start_shares(v, path, shares, &count);

	if (rc != 0) {
		free_shares(shares, count);
		return rc;
	}
	rc = verify_log_and_rows(v);
	chain_rc = rc != 0 ? rc : verify_chain(v, 1);
	end_shares(shares, count);
	/* orders come before transactions, and those before bills */
	rc = rc != 0 || chain_rc < 0 ? chain_rc : take_orders(v, shares, count);
	rc = rc != 0 ? rc : chain_rc;
	rc = rc != 0 ? rc : take_bills(v, shares, count);
	rc = rc != 0 ? rc : verify_stray_lines(v);
	free_shares(shares, count);
	return rc;
}

/* ---- All ---- */

/* ledger.pub beside the database. NULL where there is none. */
static const char *key_beside(const char *path, char *dst, size_t size)
{
	const char *slash = strrchr(path, '/');
	int n = snprintf(dst, size, "%.*s" LEDGER_PUB_FILE,
		slash == NULL ? 0 : (int)(slash - path + 1), path);

	return n > 0 && (size_t)n < size && access(dst, R_OK) == 0 ? dst : NULL;
}

/* Opens a file that has a ledger in it. Whatever it returns, close_verify() follows. */
static int open_ledger(const char *path, struct view_proof *out, struct verify *v)
{
	int64_t there = 0;
	int rc;

	clear_proof(out);
	rc = open_verify(path, out, v);
	rc = rc != 0 ? rc
		     : sql_one_int(v->db,
			       "SELECT count(*) FROM sqlite_schema WHERE name IN"
			       " ('ledger_tx', 'ledger_log', 'ledger_head', 'bill')",
			       &there);
	return rc == 0 && there != 4 ? ERR_VERSION : rc;
}

int ledger_verify(const char *path, const char *pub, struct view_proof *out)
{
	char beside[PATH_MAX];
	struct verify v;
	int rc = open_ledger(path, out, &v);

	rc = rc != 0 ? rc : verify_sums_begin(&v);
	rc = rc != 0 ? rc : run_all(&v, path);
	rc = rc != 0 ? rc : verify_balances(&v);
	rc = rc != 0 ? rc : verify_sums_end(&v);
	rc = rc != 0 ? rc
		     : verify_heads(
			       &v, pub != NULL ? pub : key_beside(path, beside, sizeof beside));
	day_sums_free(v.cash);
	day_sums_free(v.sales);
	close_verify(&v);
	return rc == 1 ? 0 : rc;
}

int ledger_verify_tail(sqlite3 *db, int64_t rows, char *row, size_t size)
{
	struct view_proof proof;
	struct verify v = {.db = db, .out = &proof};
	int64_t tx = 0, log = 0;
	int rc;

	clear_proof(&proof);
	rc = chain_new(&v.chain);
	rc = rc != 0 ? rc : sql_one_int(db, "SELECT coalesce(max(id), 0) FROM ledger_tx", &tx);
	rc = rc != 0 ? rc : sql_one_int(db, "SELECT coalesce(max(id), 0) FROM ledger_log", &log);
	rc = rc != 0 ? rc : verify_log(&v, log > rows ? log - rows + 1 : 1);
	rc = rc != 0 ? rc : verify_chain(&v, tx > rows ? tx - rows + 1 : 1);
	view_set_text(row, size, rc == 1 ? proof.wrong : "");
	chain_free(v.chain);
	free(v.accounts);
	return rc == 1 ? 0 : rc;
}

/* The transaction that posted it has the hash of the bill as it stands. */
static int check_posted(struct verify *v, int64_t bill)
{
	sqlite3_stmt *q = NULL;
	int rc = sql_prepare(v->db,
		"SELECT b.tx, b.hash IS t.bill_hash FROM bill b LEFT JOIN ledger_tx t"
		" ON t.id = b.tx WHERE b.id = :id",
		&q);

	if (rc == 0) {
		sql_bind_int(q, ":id", bill);
		rc = sql_step(q);
	}
	if (rc == 1) {
		rc = sql_int(q, 1) == 1 ? 0
					: verify_wrong(v, N_("it has not the hash of its bill"),
						  "ledger_tx %" PRId64, sql_int(q, 0));
	}
	sqlite3_finalize(q);
	return rc;
}

static int verify_one(struct verify *v, int64_t bill)
{
	int rc = verify_bills(v, bill, bill);

	rc = rc != 0 ? rc : check_posted(v, bill);
	return rc == 1 ? 0 : rc != 0 ? rc : v->out->bills == 0 ? ERR_NOTFOUND : 0;
}

int ledger_verify_bill(sqlite3 *db, int64_t bill, struct view_proof *out)
{
	struct verify v = {.db = db, .out = out};
	int rc;

	clear_proof(out);
	rc = chain_new(&v.chain);
	rc = rc != 0 ? rc : verify_one(&v, bill);
	chain_free(v.chain);
	return rc;
}

/* ---- Parts of a file ---- */

static int keep_bill(void *arg, const void *view)
{
	memcpy(arg, view, sizeof(struct view_bill));
	return 0;
}

int ledger_verify_file_bill(
	const char *path, int64_t number, struct view_bill *bill, struct view_proof *out)
{
	const struct money_filter filter = {.number = number, .limit = 1};
	struct store_reader reader = {.site = NULL};
	struct verify v;
	int rc = open_ledger(path, out, &v);

	view_clear(VIEW_bill, bill);
	reader.site = v.db;
	rc = rc != 0 ? rc : money_bills(&reader, &filter, keep_bill, bill);
	rc = rc != 0 ? rc : bill->id != number ? ERR_NOTFOUND : verify_one(&v, number);
	close_verify(&v);
	return rc;
}

int ledger_verify_file_heads(const char *path, int (*each)(void *arg, const void *view), void *arg)
{
	const struct money_filter filter = {.id = NULL};
	struct store_reader reader = {.site = NULL};
	struct view_proof unused;
	struct verify v;
	int rc = open_ledger(path, &unused, &v);

	reader.site = v.db;
	rc = rc != 0 ? rc : money_heads(&reader, &filter, each, arg);
	close_verify(&v);
	return rc;
}
