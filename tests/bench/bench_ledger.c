/*
 * The ledger's figures: charges settled a second, fsyncs of one, and the proof of what a site of 24
 * guns has charged: of a year, or with PILED_SESSIONS=1500000, which takes minutes to make, of ten.
 * It is made in a folder of $PILED_BUILD that goes again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "../tempdir.h"
#include "ledger_head.h"
#include "ledger_verify.h"
#include "migrate.h"
#include "record.h"
#include "sales.h"
#include "settle.h"
#include "store.h"
#include "tariff_file.h"

#define GUNS     24
#define ACCOUNTS 2000
#define HOUR_MS  (INT64_C(3600) * MS_PER_S)
#define START    INT64_C(1767196800000) /* 2026-01-01 in Shanghai */
#define A_DAY    411                    /* charges */
#define BATCH    10000
#define YEARS_10 INT64_C(1500000)
#define MANY     10000
#define ONES     10 /* settled one by one; the checkpoints that fall due are shared by them */

static _Atomic long syncs;

int fsync(int fd)
{
	syncs++;
	return (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
	syncs++;
	return (int)syscall(SYS_fdatasync, fd);
}

static void die(const char *what)
{
	fprintf(stderr, "bench_ledger: %s\n", what);
	exit(1);
}

static double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void figure(const char *name, double value, const char *unit, const char *sign, double goal)
{
	bool ok = sign[0] == '<' ? value <= goal : value >= goal;

	printf("%s %.3f %s %s%g %s\n", name, value, unit, sign, goal, ok ? "ok" : "short");
}

static const char tariff_text[] =
	"tariff: day\n"
	"from: 2026-01-01\n"
	"prices: {electricity: {flat: 0.7, sharp: 1.2, valley: 0.3}, service: 0.4}\n"
	"days: [{periods: {sharp: \"10:00-11:00\", valley: \"00:00-06:00\", flat: rest}}]\n";

static void tariff_op(struct money_op *op, struct tariff *t)
{
	const struct zone_rules shanghai = {1, {{0, 28800}}};
	struct yaml_errors errors = {0};

	if (tariff_parse("day", tariff_text, strlen(tariff_text), &shanghai, &errors, t) != 0) {
		die("the tariff");
	}
	*op = (struct money_op){.kind = MONEY_TARIFF,
		.ref = "day",
		.text = tariff_text,
		.blob = t,
		.blob_size = sizeof *t,
		.at_ms = START};
}

/* The n-th charge of the site, made one after the other from 0 on: each gun has one every 84
 * minutes, and goes on from its own register. */
struct charge {
	struct view_order order;
	struct view_session session;
	struct view_mark marks[3];
	int count;
	char account[20];
};

static void make_charge(int64_t n, struct charge *c)
{
	int64_t gun = n % GUNS, k = n / GUNS, start = START + k * HOUR_MS * 14 / 10 + gun * 61000;
	static int64_t registers[GUNS];
	int64_t wh = 5000 + n * 7919 % 40000, from = n < GUNS ? 0 : registers[gun],
		ms = 40 * 60000 + n % 17 * 60000;
	int64_t half = HOUR_MS / 2;

	registers[gun] = from + wh;
	view_clear(VIEW_order, &c->order);
	view_clear(VIEW_session, &c->session);
	snprintf(c->account, sizeof c->account, "C%06d", (int)(n % ACCOUNTS) + 1);
	snprintf(c->order.id, sizeof c->order.id, "o-%lld", (long long)n);
	snprintf(c->order.gun, sizeof c->order.gun, "A%d.%d", (int)gun / 2 + 1, (int)gun % 2 + 1);
	VIEW_SET(&c->order, account, c->account);
	VIEW_SET(&c->order, class, "ordinary");
	VIEW_SET(&c->order, kind, "paid");
	VIEW_SET(&c->order, limit, "full");
	VIEW_SET(&c->order, state, "ended");
	VIEW_SET(&c->order, tariff, "day");
	c->order.hold_fen = 10000;
	c->order.asked = start - 5000;
	c->order.ended = start + ms;
	snprintf(c->session.id, sizeof c->session.id, "%s-%lld", c->order.gun, (long long)start);
	snprintf(c->session.visit, sizeof c->session.visit, "V%lld", (long long)n);
	VIEW_SET(&c->order, session, c->session.id);
	VIEW_SET(&c->session, gun, c->order.gun);
	VIEW_SET(&c->session, order, c->order.id);
	VIEW_SET(&c->session, state, "closed");
	VIEW_SET(&c->session, start_quality, "good");
	VIEW_SET(&c->session, end_quality, "good");
	c->session.start = c->session.start_at = start;
	c->session.end = c->session.end_at = start + ms;
	c->session.duration_s = ms / MS_PER_S;
	c->session.start_wh = from;
	c->session.end_wh = from + wh;
	c->session.energy_wh = wh;
	c->count = 0;
	for (int64_t at = start - start % half + half; at < start + ms && c->count < 3;
		at += half) {
		struct view_mark *m = &c->marks[c->count++];

		view_clear(VIEW_mark, m);
		VIEW_SET(m, session, c->session.id);
		VIEW_SET(m, quality, "good");
		m->at = at;
		m->read_at = at + 400;
		m->wh = from + wh * (at - start) / ms;
	}
}

/* ---- Settling ---- */

static void put(struct store *store, enum view_kind kind, const void *view)
{
	int rc;

	while ((rc = store_put(store, kind, view)) == ERR_FULL) {
		store_flush(store); /* makes room */
	}
	if (rc != 0) {
		die("a record is not taken");
	}
}

static void ask(struct store *store, const struct money_op *op)
{
	struct money_result r;

	if (store_money_wait(store, op, &r) != 0 || r.err != 0) {
		die("refused");
	}
}

static void hold_op(struct money_op *op, const struct charge *c)
{
	*op = (struct money_op){
		.kind = MONEY_HOLD, .fen = c->order.hold_fen, .at_ms = c->order.asked};
	VIEW_SET(op, account, c->account);
	VIEW_SET(op, ref, c->order.id);
}

static void settle_figures(void)
{
	static struct charge charges[MANY + ONES];
	char folder[64];
	struct store_cfg cfg = {.folder = folder, .retention_days = 400};
	struct store *store = NULL;
	struct money_op op;
	struct tariff t;
	double began;
	long before;

	if (tempdir_make(folder, sizeof folder) != 0 || store_open(&cfg, &store) != 0) {
		die("the store");
	}
	tariff_op(&op, &t);
	ask(store, &op);
	for (int i = 0; i < 20; i++) {
		op = (struct money_op){.kind = MONEY_OPEN, .name = "name"};
		ask(store, &op);
		op = (struct money_op){.kind = MONEY_TOPUP, .fen = INT64_C(1000000000)};
		snprintf(op.account, sizeof op.account, "C%06d", i + 1);
		snprintf(op.key, sizeof op.key, "t%d", i);
		ask(store, &op);
	}
	for (int64_t n = 0; n < MANY + ONES; n++) {
		make_charge(n, &charges[n]);
		snprintf(charges[n].account, sizeof charges[n].account, "C%06d", (int)(n % 20) + 1);
		VIEW_SET(&charges[n].order, account, charges[n].account);
		hold_op(&op, &charges[n]);
		while (store_money(store, &op, NULL, NULL) != 0) {
			store_flush(store); /* makes room */
		}
		put(store, VIEW_order, &charges[n].order);
		for (int i = 0; i < charges[n].count; i++) {
			put(store, VIEW_mark, &charges[n].marks[i]);
		}
	}
	store_flush(store);
	began = now_s();
	for (int64_t n = 0; n < MANY; n++) {
		put(store, VIEW_session, &charges[n].session);
	}
	store_flush(store);
	figure("ledger_settle_batches", MANY / (now_s() - began), "1/s", ">=", 1000);
	before = syncs;
	for (int i = 0; i < ONES; i++) {
		put(store, VIEW_session, &charges[MANY + i].session);
		store_flush(store);
	}
	figure("ledger_settle_one_fsyncs", (double)(syncs - before) / ONES, "n", "<=", 2);
	store_close(store);
	tempdir_remove(folder);
}

/* ---- Ten years ---- */

static void must(int rc)
{
	if (rc != 0) {
		die(err_text(rc));
	}
}

static void apply(struct ledger *ledger, struct money_op *op)
{
	struct money_result r;

	must(ledger_do(ledger, op, &r));
	must(r.err);
}

static void put_order(struct ledger *ledger, struct record_set *records, struct charge *c,
	const char *state, int64_t ended)
{
	VIEW_SET(&c->order, state, state);
	c->order.ended = ended;
	must(record_put(records, VIEW_order, &c->order));
	must(ledger_order(ledger, &c->order, c->order.asked));
}

static void make_years(const char *folder, const char *path, int64_t sessions)
{
	const struct ledger_cfg cfg = {.overrun_loss = false};
	const struct zone_rules shanghai = {1, {{0, 28800}}};
	struct sales *sales;
	struct ledger_key *key;
	struct record_set *records;
	struct ledger *ledger;
	struct money_op op;
	struct tariff t;
	sqlite3 *db;
	static struct charge c;

	must(sql_open(path, SQL_NORMAL, &db));
	must(sql_exec(db, "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF;"
			  " PRAGMA cache_size = -262144"));
	must(migrate_run(db, "site", path));
	must(ledger_open(db, &cfg, &ledger));
	must(record_open(db, &records));
	must(ledger_key_open(folder, &key));
	must(sql_exec(db, "BEGIN"));
	tariff_op(&op, &t);
	apply(ledger, &op);
	for (int i = 0; i < ACCOUNTS; i++) {
		op = (struct money_op){.kind = MONEY_OPEN, .name = "name", .at_ms = START};
		apply(ledger, &op);
		op = (struct money_op){
			.kind = MONEY_TOPUP, .fen = INT64_C(10000000000), .at_ms = START};
		snprintf(op.account, sizeof op.account, "C%06d", i + 1);
		snprintf(op.key, sizeof op.key, "t%d", i);
		apply(ledger, &op);
	}
	for (int64_t n = 0; n < sessions; n++) {
		make_charge(n, &c);
		hold_op(&op, &c);
		apply(ledger, &op);
		put_order(ledger, records, &c, "held", VALUE_NONE);
		for (int i = 0; i < c.count; i++) {
			must(record_put(records, VIEW_mark, &c.marks[i]));
		}
		must(record_put(records, VIEW_session, &c.session));
		must(settle_session(ledger, &c.session, c.session.end));
		put_order(ledger, records, &c, "ended", c.session.end);
		if (n % A_DAY == 0) {
			int rc = ledger_head_close(db, key, c.session.end, 28800);

			must(rc < 0 ? rc : 0);
		}
		if (n % BATCH == 0) {
			must(sql_end(db, 0));
			must(sql_exec(db, "BEGIN"));
		}
	}
	must(sql_end(db, 0));
	must(sales_open(db, &shanghai, false, &sales));
	sales_close(sales);
	ledger_close(ledger);
	record_close(records);
	ledger_key_close(key);
	sql_close(db);
}

static char years[256]; /* the folder; "" = none */

static void remove_years(void)
{
	if (years[0] != '\0') {
		tempdir_remove(years);
	}
}

static void verify_figures(void)
{
	const char *build = getenv("PILED_BUILD"), *text = getenv("PILED_SESSIONS");
	int64_t sessions = text != NULL ? strtoll(text, NULL, 10) : YEARS_10 / 10;
	struct view_proof proof;
	char path[300];
	struct stat st;
	double began = now_s();

	snprintf(years, sizeof years, "%s/bench-ledger-XXXXXX", build != NULL ? build : "build");
	if (mkdtemp(years) == NULL) {
		years[0] = '\0';
		die("no folder for it");
	}
	snprintf(path, sizeof path, "%s/" STORE_SITE_FILE, years);
	make_years(years, path, sessions);
	printf("# %lld charges made in %.0f s\n", (long long)sessions, now_s() - began);
	began = now_s();
	if (ledger_verify(path, NULL, &proof) != 0 || proof.wrong[0] != '\0') {
		die(proof.wrong);
	}
	if (proof.bills != sessions || stat(path, &st) != 0) {
		die("not all of them are billed");
	}
	printf("# %lld transactions, %lld bills, %lld logged changes, %lld signed days,"
	       " %.0f bytes a charge\n",
		(long long)proof.transactions, (long long)proof.bills, (long long)proof.log,
		(long long)proof.heads, (double)st.st_size / (double)sessions);
	figure(sessions == YEARS_10 ? "ledger_verify_ten_years" : "ledger_verify_fewer",
		now_s() - began, "s", "<=", 30.0 * (double)sessions / (double)YEARS_10);
}

int main(void)
{
	atexit(remove_years);
	settle_figures();
	verify_figures();
	return 0;
}
