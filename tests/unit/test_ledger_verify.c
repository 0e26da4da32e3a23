/* The ledger proved from empty hands: a good one is good, and whichever cell of whichever row of
 * whichever table is changed, that row is named. What is free to change stands in a list with its
 * reason; the tables and columns come from the schema, so that none is forgotten. */
#include "money_fixture.h"

#include <sys/stat.h>

#include "../tempdir.h"
#include "ledger_head.h"
#include "ledger_verify.h"
#include "sales.h"

static struct bank bank;
static struct bank *const b = &bank;
static struct money_result r;
static char folder[64], path[128], copy[160];

#define LI "C000001"

/* 09:30 to 11:30 with 10 kWh each half hour. */
static void charge(int n, int64_t hold_fen, const char *flags)
{
	int64_t start = MORNING_MS + n * 24 * HOUR_MS + HOUR_MS * 3 / 2;
	int64_t from_wh = 100000 + n * 40000;
	char id[20], order[20], visit[20];
	struct view_session s;
	struct view_order o;
	struct view_visit v;

	snprintf(id, sizeof id, "s%d", n);
	snprintf(order, sizeof order, "o%d", n);
	snprintf(visit, sizeof visit, "v%d", n);
	if (hold_fen > 0) {
		assert_int_equal(
			bank_do(b, OP(HOLD, .account = LI, .fen = hold_fen, .ref = "o1"), &r), 0);
	}
	o = an_order(order, LI, hold_fen);
	o.ended = start + 2 * HOUR_MS;
	bank_put(b, VIEW_order, &o);
	for (int i = 1; i < 4; i++) {
		a_mark(b, id, start + i * HOUR_MS / 2, from_wh + i * 10000);
	}
	s = a_charge(id, order, start, 2 * HOUR_MS, from_wh, 40000);
	VIEW_SET(&s, visit, visit);
	VIEW_SET(&s, flags, flags);
	bank_put(b, VIEW_session, &s);
	view_clear(VIEW_visit, &v);
	VIEW_SET(&v, id, visit);
	VIEW_SET(&v, gun, "A1.1");
	v.plugged = start - 1000;
	v.unplugged = start + 3 * HOUR_MS;
	bank_put(b, VIEW_visit, &v);
}

/* The database without its triggers, as bytes. */
static char *bare;
static size_t bare_size;

static void make_bare(void)
{
	char text[256], drop[4096];
	sqlite3_stmt *q = NULL;
	sqlite3 *db = NULL;
	size_t used = 0;
	FILE *file;

	snprintf(text, sizeof text, "VACUUM INTO '%s'", copy);
	assert_int_equal(sql_exec(b->db, text), 0);
	assert_int_equal(sqlite3_open(copy, &db), SQLITE_OK);
	assert_int_equal(
		sql_prepare(db, "SELECT name FROM sqlite_schema WHERE type = 'trigger'", &q), 0);
	while (sql_step(q) == 1) {
		used += (size_t)snprintf(
			drop + used, sizeof drop - used, "DROP TRIGGER %s;", sql_text(q, 0));
	}
	sqlite3_finalize(q);
	assert_int_equal(sql_exec(db, drop), 0);
	sqlite3_close(db);
	file = fopen(copy, "rb");
	assert_non_null(file);
	fseek(file, 0, SEEK_END);
	bare_size = (size_t)ftell(file);
	bare = malloc(bare_size);
	assert_non_null(bare);
	rewind(file);
	assert_int_equal(fread(bare, 1, bare_size, file), bare_size);
	fclose(file);
}

/* What is no bill, but money's evidence: a charge that was voided, one without a time source, a
 * prepayment for nothing, an order under way, a message. */
static void odd_things(void)
{
	struct view_order o = an_order("o6", LI, 700);
	struct view_reservation reserved;

	charge(4, 0, "jump");
	assert_int_equal(bank_do(b, OP(VOID, .ref = "s4", .reason = "wrong"), &r), 0);
	charge(5, 0, "clock");
	assert_int_equal(bank_do(b, OP(HOLD, .account = LI, .fen = 700, .ref = "o6"), &r), 0);
	o.asked = MORNING_MS - 60 * HOUR_MS;
	VIEW_SET(&o, state, "held");
	bank_put(b, VIEW_order, &o);
	assert_int_equal(sql_exec(b->db, "BEGIN"), 0);
	assert_int_equal(settle_holds(b->ledger, b->now_ms), 0);
	assert_int_equal(sql_end(b->db, 0), 0);
	view_clear(VIEW_reservation, &reserved);
	VIEW_SET(&reserved, id, "r1");
	VIEW_SET(&reserved, gun, "A1.1");
	VIEW_SET(&reserved, account, LI);
	VIEW_SET(&reserved, state, "planned");
	reserved.from = MORNING_MS;
	reserved.until = MORNING_MS + HOUR_MS;
	bank_put(b, VIEW_reservation, &reserved);
	VIEW_SET(&reserved, id, "r2");
	VIEW_SET(&reserved, state, "lapsed");
	reserved.ended = MORNING_MS + HOUR_MS;
	bank_put(b, VIEW_reservation, &reserved);
	assert_int_equal(bank_do(b, OP(MESSAGE, .account = LI, .text = "come", .key = "m"), &r), 0);
	assert_int_equal(
		bank_do(b, OP(RATE, .bill = 1, .stars = 2, .text = "slow", .key = "r"), &r), 0);
	assert_int_equal(bank_do(b, OP(RATE, .ref = "s1", .stars = 4, .origin = "ssh"), &r), 0);
}

/* A ledger in which everything happens once at least. */
static int make(void **state)
{
	const struct zone_rules shanghai = {1, {{0, 28800}}};
	struct ledger_key *key;
	struct sales *sales;

	(void)state;
	if (tempdir_make(folder, sizeof folder) != 0) {
		return -1;
	}
	snprintf(path, sizeof path, "%s/site.db", folder);
	snprintf(copy, sizeof copy, "%s/copy.db", folder);
	bank_open(b, path);
	bank_tariff(b);
	assert_int_equal(bank_do(b, OP(OPEN, .name = "Li", .key = "li"), &r), 0);
	assert_int_equal(
		bank_do(b, OP(OPEN, .name = "Wang", .phone = "139", .plate = "鲁A1", .notes = "n"),
			&r),
		0);
	assert_int_equal(bank_do(b, OP(CARD, .account = LI, .ref = "04A1"), &r), 0);
	assert_int_equal(bank_do(b, OP(PIN, .account = LI, .text = "x"), &r), 0);
	assert_int_equal(bank_do(b, OP(TOPUP, .account = LI, .fen = 50000, .key = "a"), &r), 0);
	assert_int_equal(
		bank_do(b, OP(WITHDRAW, .account = LI, .fen = 100, .key = "b", .reason = "r"), &r),
		0);
	charge(1, 9000, "");
	charge(2, 0, "");
	charge(3, 0, "jump");
	assert_int_equal(bank_do(b, OP(POST, .ref = "s3", .reason = "seen"), &r), 0);
	assert_int_equal(
		bank_do(b, OP(REFUND, .bill = 1, .fen = 500, .key = "x", .reason = "r"), &r), 0);
	assert_int_equal(bank_do(b, OP(REVERSE, .tx = 2, .key = "x", .reason = "r"), &r), 0);
	odd_things();
	assert_int_equal(ledger_key_open(folder, &key), 0);
	for (int day = 1; day < 4; day++) {
		struct money_op fee = {.kind = MONEY_FEE, .account = LI, .fen = day};

		assert_int_equal(sql_exec(b->db, "BEGIN"), 0);
		assert_int_equal(
			ledger_head_close(b->db, key, MORNING_MS + day * 24 * HOUR_MS, 28800), 1);
		assert_int_equal(
			ledger_head_close(b->db, key, MORNING_MS + day * 24 * HOUR_MS, 28800), 0);
		assert_int_equal(sql_end(b->db, 0), 0);
		snprintf(fee.key, sizeof fee.key, "fee %d", day);
		assert_int_equal(bank_do(b, &fee, &r), 0);
	}
	ledger_key_close(key);
	assert_int_equal(
		bank_do(b, OP(SET, .account = LI, .language = "zh", .mail = "a@b.cn"), &r), 0);
	assert_int_equal(sales_open(b->db, &shanghai, false, &sales), 0);
	sales_close(sales);
	make_bare();
	return 0;
}

static int release(void **state)
{
	(void)state;
	free(bare);
	bank_close(b);
	tempdir_remove(folder);
	return 0;
}

/* A fresh copy of it, opened. */
static sqlite3 *open_copy(void)
{
	sqlite3 *db = NULL;
	FILE *file = fopen(copy, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(bare, 1, bare_size, file), bare_size);
	fclose(file);
	assert_int_equal(sqlite3_open(copy, &db), SQLITE_OK);
	assert_int_equal(sql_exec(db, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF"), 0);
	return db;
}

static void a_good_ledger_is_good(void **state)
{
	struct view_proof proof;
	char row[96];

	(void)state;
	assert_int_equal(ledger_verify(path, NULL, &proof), 0);
	if (proof.wrong[0] != '\0') {
		fail_msg("%s: %s", proof.wrong, proof.what);
	}
	assert_int_equal(proof.bills, 8);
	assert_int_equal(proof.heads, 3);
	assert_int_equal(proof.checked, 1);
	assert_true(proof.transactions > 10);
	assert_true(proof.log >= 5);
	for (int64_t rows = 1; rows < 30; rows++) {
		assert_int_equal(ledger_verify_tail(b->db, rows, row, sizeof row), 0);
		assert_string_equal(row, "");
	}
	for (int64_t bill = 1; bill <= 8; bill++) {
		assert_int_equal(ledger_verify_bill(b->db, bill, &proof), 0);
		assert_string_equal(proof.wrong, "");
	}
	assert_int_equal(ledger_verify_bill(b->db, 9, &proof), ERR_NOTFOUND);
}

static int count_head(void *arg, const void *view)
{
	const struct view_head *head = view;

	assert_int_equal(strlen(head->signature), 2 * LEDGER_SIGN);
	++*(int *)arg;
	return 0;
}

static void a_file_alone_proves_a_bill(void **state)
{
	struct view_proof proof;
	struct view_bill bill;
	int heads = 0;

	(void)state;
	for (int64_t n = 1; n <= 8; n++) {
		assert_int_equal(ledger_verify_file_bill(path, n, &bill, &proof), 0);
		assert_string_equal(proof.wrong, "");
		assert_int_equal(bill.id, n);
		assert_int_equal(strlen(bill.hash), 64);
	}
	assert_int_equal(ledger_verify_file_bill(path, 9, &bill, &proof), ERR_NOTFOUND);
	assert_int_equal(ledger_verify_file_bill("/nonexistent", 1, &bill, &proof), ERR_NOTFOUND);
	assert_int_equal(ledger_verify_file_heads(path, count_head, &heads), 0);
	assert_int_equal(heads, 3);
}

/* A bill that is right in itself, and not the one that was posted. */
static void a_bill_is_the_one_that_was_posted(void **state)
{
	struct view_proof proof;
	sqlite3 *db = open_copy();

	(void)state;
	assert_int_equal(sql_exec(db, "UPDATE ledger_tx SET bill_hash = zeroblob(32)"
				      " WHERE id = (SELECT tx FROM bill WHERE id = 2)"),
		0);
	assert_int_equal(ledger_verify_bill(db, 1, &proof), 0);
	assert_string_equal(proof.wrong, "");
	assert_int_equal(ledger_verify_bill(db, 2, &proof), 0);
	assert_ptr_equal(strstr(proof.wrong, "ledger_tx "), proof.wrong);
	sqlite3_close(db);
}

/* How the row of a table is named when it is wrong; more than one table where a cell says to which
 * other row it belongs. */
static const struct table {
	const char *name, *key;
	const char *says[4];
} tables[] = {
	{"ledger_tx", "id", {"ledger_tx ", "ledger_entry ", "bill "}},
	{"ledger_entry", "tx || '/' || n", {"ledger_entry ", "ledger_tx "}},
	{"ledger_account", "id",
		{"ledger_tx ", "ledger_account ", "ledger_entry ", "ledger_balance "}},
	{"ledger_balance", "account", {"ledger_balance "}},
	{"ledger_log", "id", {"ledger_log ", "account "}},
	{"ledger_head", "day", {"ledger_head "}},
	{"cash_day", "day || '/' || kind || '/' || ledger", {"cash_day "}},
	{"sale_day", "gun || '/' || day || '/' || item", {"sale_day "}},
	{"account", "id", {"account "}},
	{"card", "token", {"account "}},
	{"contact", "account", {"contact "}},
	{"message", "id", {"message "}},
	{"tariff", "id || ' ' || version", {"tariff "}},
	{"bill", "id", {"bill ", "ledger_tx ", "session ", "bill_line "}},
	{"bill_line", "bill || '/' || n", {"bill_line ", "bill "}},
	{"mark", "session || '/' || at", {"session ", "abnormal "}},
	{"session", "id", {"session ", "abnormal "}},
	{"order", "id", {"order "}},
	{"reservation", "id", {"reservation "}},
	{"visit", "id", {"session "}},
	{"abnormal", "id", {"abnormal "}},
	{"rating", "id", {"rating "}},
};

#define UNBILLED_VISIT "id NOT IN (SELECT visit FROM bill WHERE kind = 'parking')"

/* What is not proved, and why. `columns`: NULL = all; `rows`: which, NULL = all. */
static const struct {
	const char *table, *columns, *rows, *why;
} unproved[] = {
	{"order", "state error session stop_cause", "ended IS NULL",
		"what becomes of it is known, and logged, at its end"},
	{"reservation", "state cause order ended_by", "ended IS NULL",
		"what becomes of it is known, and logged, at its end"},
	{"session", "soc_start_pm soc_end_pm peak_w", NULL, "shown, never billed"},
	{"session", "device_wh", NULL,
		"the pile's own counter: what it differed by is in the work list's entry"},
	{"visit", NULL, UNBILLED_VISIT, "no parking was billed"},
	{"visit", "sessions departs wants_wh", NULL, "shown, never billed"},
	{"alarm", NULL, NULL, "operation"},
	{"audit", NULL, NULL, "has a chain of its own: piled audit verify"},
	{"command", NULL, NULL, "operation; who asked is in audit"},
	{"decision", NULL, NULL, "operation"},
	{"fault", NULL, NULL, "operation"},
	{"meta", NULL, NULL, "how far sums and older rows are taken in"},
	{"note", NULL, NULL, "operation; who wrote it is in audit"},
	{"pin_try", NULL, NULL, "operation; each wrong PIN is in audit"},
	{"outbox", NULL, NULL,
		"a queue of deliveries; what counts between site and customer is"
		" a message, a bill or a transaction"},
	{"slimit", NULL, NULL, "operation; who asked is in audit"},
	{"standing", NULL, NULL, "operation; who asked is in audit"},
	{"tag", NULL, NULL, "operation; who asked is in audit"},
	{"trial", NULL, NULL, "operation; who asked is in audit"},
};

static bool listed(const char *list, const char *word)
{
	size_t length = strlen(word);

	for (const char *p = list; (p = strstr(p, word)) != NULL; p += length) {
		if ((p == list || p[-1] == ' ') && (p[length] == ' ' || p[length] == '\0')) {
			return true;
		}
	}
	return false;
}

/* Whether this cell is free to change. */
static bool is_unproved(const struct table *t, const char *column, int64_t row)
{
	for (size_t i = 0; i < sizeof unproved / sizeof unproved[0]; i++) {
		char text[512];
		int64_t yes = 1;

		if (strcmp(unproved[i].table, t->name) != 0 ||
			(unproved[i].columns != NULL && !listed(unproved[i].columns, column))) {
			continue;
		}
		if (unproved[i].rows != NULL) {
			snprintf(text, sizeof text,
				"SELECT %s FROM \"%s\" ORDER BY %s LIMIT 1 OFFSET %lld",
				unproved[i].rows, t->name, t->key, (long long)row);
			assert_int_equal(sql_one_int(b->db, text, &yes), 0);
		}
		if (yes == 1) {
			return true;
		}
	}
	return false;
}

static bool says(const struct table *t, const char *wrong)
{
	for (size_t i = 0; i < 4 && t->says[i] != NULL; i++) {
		if (strncmp(wrong, t->says[i], strlen(t->says[i])) == 0) {
			return true;
		}
	}
	return false;
}

/* Changes one cell; whether the file could be changed at all. */
static bool tamper(sqlite3 *db, const struct table *t, const char *column, int64_t row)
{
	char text[640];

	snprintf(text, sizeof text,
		"UPDATE \"%s\" SET \"%s\" = CASE typeof(\"%s\") WHEN 'integer' THEN \"%s\" + 1"
		" WHEN 'text' THEN \"%s\" || 'x' WHEN 'blob' THEN CAST(zeroblob(length(\"%s\"))"
		" AS BLOB) ELSE CASE (SELECT type FROM pragma_table_info('%s') WHERE name = '%s')"
		" WHEN 'INTEGER' THEN 1 WHEN 'BLOB' THEN x'00' ELSE 'x' END END WHERE %s ="
		" (SELECT %s FROM \"%s\" ORDER BY %s LIMIT 1 OFFSET %lld)",
		t->name, column, column, column, column, column, t->name, column, t->key, t->key,
		t->name, t->key, (long long)row);
	return sql_exec(db, text) == 0 && sqlite3_changes(db) > 0;
}

static size_t tamper_column(const struct table *t, const char *column, int64_t rows)
{
	struct view_proof proof;
	size_t done = 0;

	for (int64_t row = 0; row < rows; row++) {
		bool unseen, free_to = is_unproved(t, column, row);
		sqlite3 *db = open_copy();
		bool changed = tamper(db, t, column, row);

		sqlite3_close(db);
		if (!changed) {
			continue; /* refused by a constraint of the table */
		}
		unseen = ledger_verify(copy, NULL, &proof) == 0 && proof.wrong[0] == '\0';
		if (unseen != free_to) {
			fail_msg("%s.%s of row %lld: %s", t->name, column, (long long)row,
				unseen ? "unseen" : "seen, though it is listed as free");
		}
		if (!unseen && !says(t, proof.wrong)) {
			fail_msg("%s.%s of row %lld: %s: %s", t->name, column, (long long)row,
				proof.wrong, proof.what);
		}
		done += !unseen;
	}
	return done;
}

static const struct table *table_of(const char *name)
{
	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
		if (strcmp(tables[i].name, name) == 0) {
			return &tables[i];
		}
	}
	return NULL;
}

/* A table of which no row is proved must be said to be so. */
static void must_be_free(const char *name)
{
	for (size_t i = 0; i < sizeof unproved / sizeof unproved[0]; i++) {
		if (strcmp(unproved[i].table, name) == 0 && unproved[i].columns == NULL &&
			unproved[i].rows == NULL) {
			return;
		}
	}
	fail_msg("table %s: neither proved nor said to be free", name);
}

static size_t tamper_table(const struct table *t)
{
	sqlite3_stmt *q = NULL;
	char text[256];
	int64_t rows = 0;
	size_t done = 0;

	snprintf(text, sizeof text, "SELECT count(*) FROM \"%s\"", t->name);
	assert_int_equal(sql_one_int(b->db, text, &rows), 0);
	assert_true(rows > 0);
	snprintf(text, sizeof text, "SELECT name FROM pragma_table_info('%s')", t->name);
	assert_int_equal(sql_prepare(b->db, text, &q), 0);
	while (sql_step(q) == 1) {
		done += tamper_column(t, sql_text(q, 0), rows);
	}
	sqlite3_finalize(q);
	return done;
}

static void each_cell_counts(void **state)
{
	sqlite3_stmt *q = NULL;
	size_t done = 0, seen = 0;

	(void)state;
	assert_int_equal(sql_prepare(b->db,
				 "SELECT name FROM sqlite_schema WHERE type = 'table'"
				 " AND name NOT LIKE 'sqlite_%'",
				 &q),
		0);
	while (sql_step(q) == 1) {
		const struct table *t = table_of(sql_text(q, 0));
		size_t before = done;

		if (t == NULL) {
			must_be_free(sql_text(q, 0));
			continue;
		}
		done += tamper_table(t);
		assert_true(done > before);
		seen++;
	}
	sqlite3_finalize(q);
	assert_int_equal(seen, sizeof tables / sizeof tables[0]);
	print_message("%zu cells\n", done);
}

/* Rows that are taken out or added. */
static void each_row_counts(void **state)
{
	static const char *const what[] = {"DELETE FROM ledger_tx WHERE id = 3",
		"DELETE FROM ledger_tx WHERE id = (SELECT max(id) FROM ledger_tx)",
		"DELETE FROM ledger_entry WHERE tx = 4", "DELETE FROM ledger_log WHERE id = 2",
		"DELETE FROM account WHERE id = 'C000002'", "DELETE FROM bill WHERE id = 2",
		"DELETE FROM bill_line WHERE bill = 1 AND n = 3",
		"INSERT INTO bill_line (bill, n) VALUES (99, 1)",
		"INSERT INTO bill_line (bill, n) VALUES (0, 1)",
		"UPDATE bill_line SET bill = 99 WHERE bill = 8",
		"DELETE FROM mark WHERE session = 's1' AND at = (SELECT min(at) FROM mark)",
		"DELETE FROM session WHERE id = 's2'", "DELETE FROM \"order\" WHERE id = 'o1'",
		"DELETE FROM \"order\" WHERE id = 'o6'", "DELETE FROM abnormal WHERE id = 1",
		"DELETE FROM abnormal WHERE session IS NULL", "DELETE FROM message",
		"INSERT INTO message (at, account, text) VALUES (1, 'C000001', 'x')",
		"DELETE FROM rating WHERE id = 1", "DELETE FROM rating",
		"INSERT INTO rating (at, bill, stars) VALUES (1, 2, 5)",
		"INSERT INTO \"order\" (id, asked) VALUES ('o9', 1)", "DELETE FROM contact",
		"INSERT INTO contact (account) VALUES ('C000002')",
		"DELETE FROM cash_day WHERE kind = 'topup' AND ledger = 'cash'",
		"INSERT INTO cash_day VALUES (1, 'topup', 'cash', 1, 1)",
		"INSERT INTO cash_day VALUES (1, 'topup', 'cash', 0, 0)",
		"DELETE FROM sale_day WHERE gun = ''",
		/* NOLINTNEXTLINE(bugprone-suspicious-missing-comma) */
		"INSERT INTO sale_day SELECT 'B9.1', day, item, n, energy_wh, duration_s, elec_fen,"
		" service_fen, parking_fen, flat_fen FROM sale_day WHERE gun = ''",
		/* NOLINTNEXTLINE(bugprone-suspicious-missing-comma) */
		"INSERT INTO abnormal (kind, at, evidence, proposal, state)"
		" VALUES ('jump', 1, 'x', 'void', 'open')",
		"DELETE FROM visit WHERE id = 'v1'", "DELETE FROM tariff",
		/* NOLINTNEXTLINE(bugprone-suspicious-missing-comma) */
		"DELETE FROM ledger_head WHERE day = (SELECT day FROM ledger_head ORDER BY day "
		"LIMIT 1 OFFSET 1)",
		"DELETE FROM ledger_balance WHERE account = 1",
		"INSERT INTO mark SELECT session, at + 60000, read_at, wh, quality FROM mark WHERE "
		"session = 's1' LIMIT 1",
		"INSERT INTO card VALUES ('new', 'C000001', 1, 'x')",
		"INSERT INTO ledger_entry VALUES (1, 3, 1, 5)",
		"INSERT INTO ledger_entry VALUES (9999, 1, 1, 5)"};
	struct view_proof proof;

	(void)state;
	for (size_t i = 0; i < sizeof what / sizeof what[0]; i++) {
		sqlite3 *db = open_copy();

		assert_int_equal(sql_exec(db, "PRAGMA foreign_keys = 0"), 0);
		if (sql_exec(db, what[i]) != 0) {
			fail_msg("%s: %s", what[i], sqlite3_errmsg(db));
		}
		sqlite3_close(db);
		if (ledger_verify(copy, NULL, &proof) != 0 || proof.wrong[0] == '\0') {
			fail_msg("unseen: %s", what[i]);
		}
	}
}

/* Somebody who can write the whole file makes every hash anew: the signed heads tell. */
static void another_key_signs_in_vain(void **state)
{
	char other[96], pub[128];
	struct ledger_key *key;
	struct view_proof proof;

	(void)state;
	snprintf(other, sizeof other, "%s/other", folder);
	assert_int_equal(mkdir(other, 0700), 0);
	assert_int_equal(ledger_key_open(other, &key), 0);
	ledger_key_close(key);
	snprintf(pub, sizeof pub, "%s/ledger.pub", other);
	assert_int_equal(ledger_verify(path, pub, &proof), 0);
	assert_string_equal(proof.wrong, "ledger_head 2026-03-02");
	snprintf(pub, sizeof pub, "%s/ledger.pub", folder);
	assert_int_equal(ledger_verify(path, pub, &proof), 0);
	assert_string_equal(proof.wrong, "");
	assert_int_equal(ledger_verify(path, "/nonexistent", &proof), ERR_NOTFOUND);
}

/* A copy of it as an older version left it, which logged no orders, entries or messages and had no
 * ratings. */
static void make_older(const char *older)
{
	char text[256];
	sqlite3 *db = NULL;

	snprintf(text, sizeof text, "VACUUM INTO '%s'", older);
	assert_int_equal(sql_exec(b->db, text), 0);
	assert_int_equal(sqlite3_open(older, &db), SQLITE_OK);
	assert_int_equal(
		sql_exec(db, "DROP TRIGGER ledger_log_no_delete; DROP TRIGGER abnormal_no_delete;"
			     "DROP TRIGGER message_no_delete; DROP TRIGGER message_no_update;"
			     "DROP TRIGGER ledger_head_no_delete; DELETE FROM ledger_head;"
			     "DROP TABLE rating;"
			     "DELETE FROM ledger_log WHERE id > (SELECT min(id) - 1 FROM ledger_log"
			     " WHERE subject IN ('order', 'reservation', 'abnormal', 'message'));"
			     "CREATE TABLE o (id INTEGER PRIMARY KEY, key TEXT UNIQUE, at INTEGER "
			     "NOT NULL,"
			     " subject TEXT NOT NULL CHECK (subject IN ('account', 'tariff')),"
			     " target TEXT NOT NULL, change TEXT NOT NULL, by TEXT, origin TEXT,"
			     " reason TEXT, row_hash BLOB NOT NULL, hash BLOB NOT NULL) STRICT;"
			     "INSERT INTO o SELECT * FROM ledger_log; DROP TABLE ledger_log;"
			     "ALTER TABLE o RENAME TO ledger_log"),
		0);
	sqlite3_close(db);
}

/* A step that makes some of them be logged. */
static void migrate(sqlite3 *db, const char *step)
{
	char text[8192];
	FILE *file = fopen(step, "r");

	assert_non_null(file);
	text[fread(text, 1, sizeof text - 1, file)] = '\0';
	fclose(file);
	assert_int_equal(sql_exec(db, text), 0);
}

static void an_older_ledger_is_taken_in(void **state)
{
	const struct ledger_cfg cfg = {.overrun_loss = false};
	char older[160];
	struct view_proof proof;
	struct ledger *ledger;
	int64_t before, after;
	sqlite3 *db;

	(void)state;
	snprintf(older, sizeof older, "%s/older.db", folder);
	make_older(older);
	assert_int_equal(sql_open(older, SQL_NORMAL, &db), 0);
	assert_int_equal(sql_exec(db, "ALTER TABLE message RENAME COLUMN price_e5 TO none"), 0);
	assert_int_equal(ledger_verify(older, NULL, &proof), 0);
	assert_string_equal(proof.wrong, "");
	assert_int_equal(sql_exec(db, "ALTER TABLE message RENAME COLUMN none TO price_e5"), 0);
	sql_close(db);
	assert_int_equal(ledger_verify(older, NULL, &proof), 0);
	assert_string_equal(proof.wrong, "");
	assert_int_equal(sql_open(older, SQL_NORMAL, &db), 0);
	migrate(db, "db/migrations/site-015.sql");
	migrate(db, "db/migrations/site-019.sql");
	migrate(db, "db/migrations/site-020.sql");
	assert_int_equal(ledger_open(db, &cfg, &ledger), 0);
	assert_int_equal(sql_one_int(db, "SELECT count(*) FROM ledger_log", &before), 0);
	assert_int_equal(ledger_adopt(ledger, MORNING_MS), 0);
	assert_int_equal(sql_one_int(db, "SELECT count(*) FROM ledger_log", &after), 0);
	assert_true(after > before + 5);
	assert_int_equal(ledger_adopt(ledger, MORNING_MS), 0);
	assert_int_equal(sql_one_int(db, "SELECT count(*) FROM ledger_log", &before), 0);
	assert_int_equal(before, after);
	assert_int_equal(ledger_verify(older, NULL, &proof), 0);
	assert_string_equal(proof.wrong, "");
	assert_int_equal(proof.log, after);
	assert_int_equal(sql_exec(db, "UPDATE \"order\" SET limit_value = 7 WHERE id = 'o2'"), 0);
	assert_int_equal(ledger_verify(older, NULL, &proof), 0);
	assert_string_equal(proof.wrong, "order o2");
	ledger_close(ledger);
	sql_close(db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_ledger_is_good),
		cmocka_unit_test(a_file_alone_proves_a_bill),
		cmocka_unit_test(a_bill_is_the_one_that_was_posted),
		cmocka_unit_test(each_cell_counts),
		cmocka_unit_test(each_row_counts),
		cmocka_unit_test(an_older_ledger_is_taken_in),
		cmocka_unit_test(another_key_signs_in_vain),
	};

	return cmocka_run_group_tests(tests, make, release);
}
