/* The ledger's operations one by one: what each moves, what each refuses, and that a retry does
 * nothing. */
#include "money_fixture.h"

#include "abnormal.h"
#include "ledger_verify.h"
#include "reserved.h"

static struct bank bank;
static struct bank *const b = &bank;
static struct money_result r;

static int make(void **state)
{
	(void)state;
	bank_open(b, ":memory:");
	bank_tariff(b);
	assert_int_equal(
		bank_do(b, OP(OPEN, .name = "Li", .phone = "13812345678", .key = "li"), &r), 0);
	assert_string_equal(r.account, "C000001");
	return 0;
}

static int release(void **state)
{
	(void)state;
	bank_close(b);
	return 0;
}

#define LI "C000001"

static int top_up(int64_t fen, const char *key)
{
	struct money_op op = {.kind = MONEY_TOPUP, .account = LI, .fen = fen};

	view_set_text(op.key, sizeof op.key, key);
	return bank_do(b, &op, &r);
}

static int64_t count(const char *table)
{
	char text[256];
	int64_t n = -1;

	snprintf(text, sizeof text, "SELECT count(*) FROM %s", table);
	assert_int_equal(sql_one_int(b->db, text, &n), 0);
	return n;
}

static void amounts_are_checked(void **state)
{
	(void)state;
	assert_int_equal(top_up(0, "a"), ERR_NEGATIVE);
	assert_int_equal(top_up(-1, "a"), ERR_NEGATIVE);
	assert_int_equal(top_up(INT64_MAX, "a"), ERR_RANGE);
	assert_int_equal(top_up(100, ""), ERR_INVAL);
	assert_int_equal(bank_do(b, OP(TOPUP, .account = "C000009", .fen = 5, .key = "b"), &r),
		ERR_NOACCOUNT);
	assert_int_equal(count("ledger_tx"), 0);
	for (int i = 0; i < 100; i++) {
		char key[16];

		snprintf(key, sizeof key, "k%d", i);
		assert_int_equal(top_up(INT64_C(10000000000), key), 0);
	}
	assert_int_equal(top_up(1, "too much"), ERR_RANGE);
	assert_int_equal(count("ledger_tx"), 100);
}

static void a_key_is_used_once(void **state)
{
	int64_t first;

	(void)state;
	assert_int_equal(top_up(1000, "a"), 0);
	first = r.tx;
	assert_false(r.again);
	assert_int_equal(top_up(1000, "a"), 0);
	assert_true(r.again);
	assert_int_equal(r.tx, first);
	assert_int_equal(r.balance_fen, 1000);
	assert_int_equal(top_up(999, "a"), ERR_EXISTS);
	assert_int_equal(bank_do(b, OP(OPEN, .name = "Li", .key = "li"), &r), 0);
	assert_true(r.again);
	assert_string_equal(r.account, LI);
	assert_int_equal(count("account"), 1);
}

static void money_comes_and_goes(void **state)
{
	(void)state;
	assert_int_equal(top_up(5000, "a"), 0);
	assert_int_equal(
		bank_do(b, OP(WITHDRAW, .account = LI, .fen = 5001, .key = "b"), &r), ERR_FUNDS);
	assert_int_equal(bank_do(b, OP(WITHDRAW, .account = LI, .fen = 2000, .key = "b"), &r), 0);
	assert_int_equal(r.balance_fen, 3000);
	assert_int_equal(
		bank_do(b, OP(HOLD, .account = LI, .fen = 3001, .ref = "o1"), &r), ERR_FUNDS);
	assert_int_equal(bank_do(b, OP(HOLD, .account = LI, .fen = 2500, .ref = "o1"), &r), 0);
	assert_int_equal(r.balance_fen, 500);
	assert_int_equal(r.held_fen, 2500);
	assert_int_equal(bank_do(b, OP(HOLD, .account = LI, .fen = 2500, .ref = "o1"), &r), 0);
	assert_true(r.again);
	assert_int_equal(r.held_fen, 2500);
	assert_int_equal(bank_do(b, OP(RELEASE, .ref = "o2"), &r), ERR_NOTFOUND);
	assert_int_equal(bank_do(b, OP(RELEASE, .ref = "o1"), &r), 0);
	assert_int_equal(r.balance_fen, 3000);
	assert_int_equal(bank_do(b, OP(RELEASE, .ref = "o1"), &r), 0);
	assert_true(r.again);
	assert_int_equal(holds(b, LEDGER_CASH, ""), 3000);
	assert_int_equal(holds(b, LEDGER_HELD, LI), 0);
}

static void a_reversal_happens_once(void **state)
{
	int64_t tx;

	(void)state;
	assert_int_equal(top_up(5000, "a"), 0);
	tx = r.tx;
	assert_int_equal(bank_do(b, OP(REVERSE, .tx = tx, .key = "r"), &r), ERR_INVAL);
	assert_int_equal(
		bank_do(b, OP(REVERSE, .tx = 99, .key = "r", .reason = "typo"), &r), ERR_NOTFOUND);
	assert_int_equal(bank_do(b, OP(WITHDRAW, .account = LI, .fen = 1, .key = "w"), &r), 0);
	assert_int_equal(
		bank_do(b, OP(REVERSE, .tx = tx, .key = "r", .reason = "typo"), &r), ERR_FUNDS);
	assert_int_equal(top_up(1, "c"), 0);
	assert_int_equal(bank_do(b, OP(REVERSE, .tx = tx, .key = "r", .reason = "typo"), &r), 0);
	assert_int_equal(r.balance_fen, 0);
	assert_int_equal(bank_do(b, OP(REVERSE, .tx = tx, .key = "r", .reason = "typo"), &r), 0);
	assert_true(r.again);
	assert_int_equal(
		bank_do(b, OP(REVERSE, .tx = tx, .key = "s", .reason = "typo"), &r), ERR_REVERSED);
	assert_int_equal(bank_do(b, OP(REVERSE, .tx = r.tx, .key = "s", .reason = "typo"), &r),
		ERR_NOTFOUND);
}

static void frozen_and_closed_accounts_refuse(void **state)
{
	(void)state;
	assert_int_equal(top_up(5000, "a"), 0);
	assert_int_equal(bank_do(b, OP(FREEZE, .account = LI), &r), ERR_INVAL);
	assert_int_equal(bank_do(b, OP(FREEZE, .account = LI, .reason = "lost"), &r), 0);
	assert_int_equal(top_up(1, "b"), ERR_FROZEN);
	assert_int_equal(bank_do(b, OP(HOLD, .account = LI, .fen = 1, .ref = "o"), &r), ERR_FROZEN);
	assert_int_equal(bank_do(b, OP(CLOSE, .account = LI, .reason = "x"), &r), ERR_STATE);
	assert_int_equal(bank_do(b, OP(UNFREEZE, .account = LI, .reason = "found"), &r), 0);
	assert_int_equal(bank_do(b, OP(WITHDRAW, .account = LI, .fen = 5000, .key = "w"), &r), 0);
	assert_int_equal(bank_do(b, OP(CLOSE, .account = LI, .reason = "x"), &r), 0);
	assert_int_equal(top_up(1, "b"), ERR_ENDED);
	assert_int_equal(bank_do(b, OP(SET, .account = LI, .phone = "1"), &r), ERR_ENDED);
}

static void a_card_is_one_accounts(void **state)
{
	(void)state;
	assert_int_equal(bank_do(b, OP(OPEN, .name = "Wang"), &r), 0);
	assert_int_equal(bank_do(b, OP(CARD, .account = LI, .ref = "04A1"), &r), 0);
	assert_int_equal(bank_do(b, OP(CARD, .account = "C000002", .ref = "04A1"), &r), ERR_EXISTS);
	assert_int_equal(
		bank_do(b, OP(UNCARD, .account = "C000002", .ref = "04A1"), &r), ERR_NOTFOUND);
	assert_int_equal(bank_do(b, OP(UNCARD, .account = LI, .ref = "04A1"), &r), 0);
	assert_int_equal(bank_do(b, OP(CARD, .account = "C000002", .ref = "04A1"), &r), 0);
	assert_int_equal(bank_do(b, OP(SET, .account = LI, .class = "king"), &r), ERR_INVAL);
}

/* 09:30 to 11:30 with 10 kWh each half hour: flat, sharp, flat again. */
static void put_charge(const char *id, const char *order, int64_t hold_fen, const char *flags)
{
	int64_t start = MORNING_MS + HOUR_MS * 3 / 2;
	struct view_order o = an_order(order, LI, hold_fen);
	struct view_session s = a_charge(id, order, start, 2 * HOUR_MS, 100000, 40000);

	bank_put(b, VIEW_order, &o);
	for (int i = 1; i < 4; i++) {
		a_mark(b, id, start + i * HOUR_MS / 2, 100000 + i * 10000);
	}
	VIEW_SET(&s, flags, flags);
	bank_put(b, VIEW_session, &s);
}

static void a_charge_is_settled_once(void **state)
{
	(void)state;
	assert_int_equal(top_up(10000, "a"), 0);
	assert_int_equal(bank_do(b, OP(HOLD, .account = LI, .fen = 8000, .ref = "o1"), &r), 0);
	put_charge("s1", "o1", 8000, "");
	/* flat 10 kWh 7.00 + 4.00, sharp 20 kWh 24.00 + 8.00, flat 10 kWh 7.00 + 4.00 */
	assert_int_equal(holds(b, LEDGER_REVENUE_ELEC, ""), 3800);
	assert_int_equal(holds(b, LEDGER_REVENUE_SERVICE, ""), 1600);
	assert_int_equal(holds(b, LEDGER_HELD, LI), 0);
	assert_int_equal(holds(b, LEDGER_WALLET, LI), 4600);
	assert_int_equal(count("bill_line"), 3);
	put_charge("s1", "o1", 8000, "");
	assert_int_equal(count("bill"), 1);
	assert_int_equal(holds(b, LEDGER_WALLET, LI), 4600);
	assert_int_equal(bank_do(b, OP(RELEASE, .ref = "o1"), &r), ERR_STATE);
	assert_int_equal(
		bank_do(b, OP(REVERSE, .tx = 3, .key = "r", .reason = "x"), &r), ERR_STATE);
	assert_int_equal(
		bank_do(b, OP(REFUND, .bill = 1, .fen = 5401, .key = "r", .reason = "x"), &r),
		ERR_RANGE);
	assert_int_equal(
		bank_do(b, OP(REFUND, .bill = 2, .key = "r", .reason = "x"), &r), ERR_NOTFOUND);
	assert_int_equal(
		bank_do(b, OP(REFUND, .bill = 1, .fen = 2000, .key = "r", .reason = "x"), &r), 0);
	assert_int_equal(holds(b, LEDGER_REVENUE_SERVICE, ""), 0);
	assert_int_equal(holds(b, LEDGER_REVENUE_ELEC, ""), 3400);
	assert_int_equal(r.balance_fen, 6600);
	assert_int_equal(
		bank_do(b, OP(REFUND, .bill = 1, .fen = 2000, .key = "r", .reason = "x"), &r), 0);
	assert_true(r.again);
	assert_int_equal(bank_do(b, OP(REFUND, .bill = 1, .fen = 1, .key = "s", .reason = "x"), &r),
		ERR_REVERSED);
}

static void what_is_beyond_the_hold_is_a_debt(void **state)
{
	(void)state;
	assert_int_equal(top_up(2500, "a"), 0);
	assert_int_equal(bank_do(b, OP(HOLD, .account = LI, .fen = 2000, .ref = "o1"), &r), 0);
	put_charge("s1", "o1", 2000, "");
	assert_int_equal(holds(b, LEDGER_WALLET, LI), 0);
	assert_int_equal(holds(b, LEDGER_DEBT, LI), 2900);
	assert_int_equal(
		bank_do(b, OP(WRITEOFF, .account = LI, .fen = 2901, .key = "x", .reason = "y"), &r),
		ERR_RANGE);
	assert_int_equal(
		bank_do(b, OP(WRITEOFF, .account = LI, .fen = 900, .key = "x", .reason = "y"), &r),
		0);
	assert_int_equal(top_up(3000, "b"), 0);
	assert_int_equal(r.debt_fen, 0);
	assert_int_equal(r.balance_fen, 1000);
}

/* Of a class that pays nothing: no prepayment, and the bill says whose charge it was. */
static void what_is_free_has_its_account(void **state)
{
	struct view_order o = an_order("o1", LI, 0);
	struct view_session s;
	struct view_proof proof;

	(void)state;
	VIEW_SET(&o, kind, "free");
	VIEW_SET(&o, class, "staff");
	bank_put(b, VIEW_order, &o);
	s = a_charge("s1", "o1", MORNING_MS + HOUR_MS, HOUR_MS, 1000, 5000);
	bank_put(b, VIEW_session, &s);
	assert_int_equal(count("bill WHERE account = '" LI "'"), 1);
	assert_int_equal(count("ledger_tx WHERE account = '" LI "' AND kind = 'settle'"), 1);
	assert_int_equal(holds(b, LEDGER_WALLET, LI), 0);
	assert_int_equal(holds(b, LEDGER_DEBT, LI), 0);
	assert_int_equal(ledger_verify_bill(b->db, 1, &proof), 0);
	assert_string_equal(proof.wrong, "");
	assert_int_not_equal(bank_do(b, OP(REFUND, .bill = 1, .key = "r", .reason = "x"), &r), 0);
}

static void an_odd_charge_waits_for_a_person(void **state)
{
	(void)state;
	assert_int_equal(top_up(10000, "a"), 0);
	assert_int_equal(bank_do(b, OP(HOLD, .account = LI, .fen = 8000, .ref = "o1"), &r), 0);
	put_charge("s1", "o1", 8000, "gap jump");
	assert_int_equal(count("bill"), 0);
	assert_int_equal(holds(b, LEDGER_HELD, LI), 8000);
	assert_int_equal(bank_do(b, OP(POST, .ref = "s1"), &r), ERR_INVAL);
	assert_int_equal(bank_do(b, OP(POST, .ref = "s2", .reason = "x"), &r), ERR_NOTFOUND);
	assert_int_equal(bank_do(b, OP(POST, .ref = "s1", .reason = "meter read by hand"), &r), 0);
	assert_int_equal(r.fen, 5400);
	assert_int_equal(bank_do(b, OP(POST, .ref = "s1", .reason = "again"), &r), 0);
	assert_true(r.again);
	assert_int_equal(bank_do(b, OP(VOID, .ref = "s1", .reason = "x"), &r), ERR_NOTFOUND);
	assert_int_equal(count("bill"), 1);
	assert_int_equal(bank_do(b, OP(HOLD, .account = LI, .fen = 4000, .ref = "o2"), &r), 0);
	put_charge("s2", "o2", 4000, "no_end");
	assert_int_equal(bank_do(b, OP(VOID, .ref = "s2", .reason = "x"), &r), 0);
	assert_int_equal(holds(b, LEDGER_HELD, LI), 0);
	assert_int_equal(holds(b, LEDGER_WALLET, LI), 4600);
	put_charge("s2", "o2", 4000, "no_end");
	assert_int_equal(count("bill"), 1);
}

/* The n-th hour of charging, each without a time source. */
static void put_unsynced(int n)
{
	char id[20], order[20];
	struct view_session s;
	struct view_order o;

	snprintf(id, sizeof id, "u%d", n);
	snprintf(order, sizeof order, "uo%d", n);
	o = an_order(order, LI, 0);
	bank_put(b, VIEW_order, &o);
	s = a_charge(id, order, MORNING_MS + n * HOUR_MS, HOUR_MS / 2, 1000 * n, 1000);
	VIEW_SET(&s, flags, "clock");
	bank_put(b, VIEW_session, &s);
}

static void evidence_is(int64_t entry, const char *wanted)
{
	char text[256];
	int64_t same = 0;

	snprintf(text, sizeof text,
		"SELECT evidence = '%s' AND state = 'open' AND kind = 'unsynced' AND session IS "
		"NULL"
		" AND bill IS NULL FROM abnormal WHERE id = %lld",
		wanted, (long long)entry);
	assert_int_equal(sql_one_int(b->db, text, &same), 0);
	assert_int_equal(same, 1);
}

static void a_day_without_a_time_source_is_one_entry(void **state)
{
	(void)state;
	assert_int_equal(top_up(100000, "a"), 0);
	for (int n = 1; n <= 3; n++) {
		put_unsynced(n);
		put_unsynced(n); /* comes again, counts once */
	}
	assert_int_equal(count("abnormal"), 1);
	assert_int_equal(count("bill"), 3);
	evidence_is(1, "charges: %1, the last %2|3|u3");
	/* which ones they are stays in the log */
	assert_int_equal(count("ledger_log WHERE subject = 'abnormal' AND target = '1' AND key IN"
			       " ('unsynced:u1', 'unsynced:u2', 'unsynced:u3')"),
		3);
	b->now_ms += 24 * HOUR_MS;
	put_unsynced(4);
	assert_int_equal(count("abnormal"), 2);
	evidence_is(2, "charges: %1, the last %2|1|u4");
	assert_int_equal(bank_do(b, OP(VOID, .tx = 1, .reason = "x"), &r), ERR_STATE);
	assert_int_equal(bank_do(b, OP(REFUND, .tx = 1, .key = "r", .reason = "x"), &r), ERR_STATE);
	evidence_is(1, "charges: %1, the last %2|3|u3");
	assert_int_equal(bank_do(b, OP(POST, .tx = 2, .reason = "seen"), &r), 0);
	/* decided: what comes now is another matter */
	put_unsynced(5);
	evidence_is(3, "charges: %1, the last %2|1|u5");
	assert_int_equal(count("abnormal WHERE ended IS NULL"), 2);
	assert_int_equal(count("bill"), 5);
}

/* 11:30 to 12:10, a quarter of an hour free: 25 minutes at half a yuan. */
static void parking_is_billed_at_the_unplugging(void **state)
{
	struct view_visit v;

	(void)state;
	assert_int_equal(top_up(10000, "a"), 0);
	put_charge("s1", "o1", 0, "");
	assert_int_equal(holds(b, LEDGER_WALLET, LI), 4600);
	view_clear(VIEW_visit, &v);
	VIEW_SET(&v, id, "v1");
	VIEW_SET(&v, gun, "A1.1");
	v.plugged = MORNING_MS + HOUR_MS;
	bank_put(b, VIEW_visit, &v);
	v.unplugged = MORNING_MS + HOUR_MS * 7 / 2 + HOUR_MS * 2 / 3;
	bank_put(b, VIEW_visit, &v);
	bank_put(b, VIEW_visit, &v);
	assert_int_equal(holds(b, LEDGER_REVENUE_PARKING, ""), 1250);
	assert_int_equal(holds(b, LEDGER_WALLET, LI), 3350);
	assert_int_equal(bank_do(b, OP(REFUND, .bill = 2, .key = "p", .reason = "x"), &r), 0);
	assert_int_equal(holds(b, LEDGER_REVENUE_PARKING, ""), 0);
}

/* The record of a reservation, and what the store makes of it. */
static void put_reservation(const char *id, const char *state, const char *cause)
{
	struct view_reservation v;

	view_clear(VIEW_reservation, &v);
	VIEW_SET(&v, id, id);
	VIEW_SET(&v, gun, "A1.1");
	VIEW_SET(&v, account, LI);
	VIEW_SET(&v, state, state);
	VIEW_SET(&v, cause, cause);
	v.fee_fen = 300;
	v.from = MORNING_MS;
	v.ended = strcmp(state, "active") == 0 ? VALUE_NONE : b->now_ms;
	assert_int_equal(sql_exec(b->db, "BEGIN"), 0);
	assert_int_equal(record_put(b->records, VIEW_reservation, &v), 0);
	assert_int_equal(reserved_settle(b->ledger, &v, b->now_ms++), 0);
	assert_int_equal(sql_end(b->db, 0), 0);
}

static void hold_fee(const char *id)
{
	struct money_op op = {.kind = MONEY_HOLD, .account = LI, .fen = 300, .by = "anna"};

	reserved_ref(id, op.ref, sizeof op.ref);
	assert_int_equal(bank_do(b, &op, &r), 0);
}

static void a_reservations_fee_is_due_or_goes_back(void **state)
{
	static const char *const back[][2] = {{"kept", ""}, {"cancelled", "person"},
		{"cancelled", "waived"}, {"blocked", "agent"}};
	int64_t tx;

	(void)state;
	assert_int_equal(top_up(1000, "a"), 0);
	for (size_t i = 0; i < sizeof back / sizeof back[0]; i++) {
		char id[8] = {'r', (char)('a' + i)};

		hold_fee(id);
		put_reservation(id, "active", "");
		assert_int_equal(holds(b, LEDGER_HELD, LI), 300);
		put_reservation(id, back[i][0], back[i][1]);
		assert_int_equal(holds(b, LEDGER_HELD, LI), 0);
		assert_int_equal(holds(b, LEDGER_WALLET, LI), 1000);
	}
	/* An order of the same id has nothing to do with it. */
	assert_int_equal(bank_do(b, OP(HOLD, .account = LI, .fen = 100, .ref = "r1"), &r), 0);
	hold_fee("r1");
	put_reservation("r1", "lapsed", "no_show");
	assert_int_equal(holds(b, LEDGER_REVENUE_NOSHOW, ""), 300);
	assert_int_equal(holds(b, LEDGER_HELD, LI), 100);
	assert_int_equal(holds(b, LEDGER_WALLET, LI), 600);
	assert_int_equal(sql_one_int(b->db, "SELECT max(id) FROM ledger_tx", &tx), 0);
	/* The record comes again, whatever it says: it is over. */
	put_reservation("r1", "lapsed", "no_show");
	put_reservation("r1", "kept", "");
	put_reservation("r2", "lapsed", "no_show"); /* nothing was held */
	assert_int_equal(holds(b, LEDGER_REVENUE_NOSHOW, ""), 300);
	assert_int_equal(holds(b, LEDGER_WALLET, LI), 600);
	/* It goes back where it came from: the wallet, once. */
	assert_int_equal(
		bank_do(b, OP(REVERSE, .tx = tx, .key = "x", .reason = "was there"), &r), 0);
	assert_int_equal(r.balance_fen, 900);
	assert_int_equal(holds(b, LEDGER_HELD, LI), 100);
	assert_int_equal(holds(b, LEDGER_REVENUE_NOSHOW, ""), 0);
	assert_int_equal(
		bank_do(b, OP(REVERSE, .tx = tx, .key = "y", .reason = "again"), &r), ERR_REVERSED);
}

static void what_is_posted_stays(void **state)
{
	static const char *const tampering[] = {"UPDATE ledger_tx SET fen = 1",
		"DELETE FROM ledger_tx", "UPDATE ledger_entry SET fen = 1",
		"DELETE FROM ledger_entry", "UPDATE ledger_account SET owner = 'x'",
		"DELETE FROM ledger_account", "UPDATE bill SET total_fen = 1", "DELETE FROM bill",
		"UPDATE bill_line SET elec_fen = 1", "DELETE FROM bill_line",
		"UPDATE mark SET wh = 1", "DELETE FROM mark", "UPDATE tariff SET text = 'x'",
		"DELETE FROM tariff", "DELETE FROM abnormal", "DELETE FROM message",
		"UPDATE message SET text = 'x'", "UPDATE ledger_log SET by = 'x'",
		"DELETE FROM ledger_log",
		/* NOLINTNEXTLINE(bugprone-suspicious-missing-comma) */
		"INSERT OR REPLACE INTO ledger_tx (id, key, at, kind, fen, hash)"
		" VALUES (1, 'x', 1, 'topup', 1, x'00')",
		"INSERT INTO ledger_tx (id, key, at, kind, fen, hash)"
		" SELECT max(id) + 1, 'x', 1, 'topup', 1, x'00' FROM ledger_tx",
		"INSERT INTO ledger_entry VALUES (1, 9, 1, 5)",
		"INSERT INTO bill_line (bill, n) VALUES (1, 9)"};

	(void)state;
	assert_int_equal(top_up(10000, "a"), 0);
	assert_int_equal(bank_do(b, OP(MESSAGE, .account = LI, .text = "x"), &r), 0);
	put_charge("s1", "o1", 0, "restart");
	for (size_t i = 0; i < sizeof tampering / sizeof tampering[0]; i++) {
		if (sql_exec(b->db, tampering[i]) == 0) {
			fail_msg("not refused: %s", tampering[i]);
		}
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, release)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(amounts_are_checked),
		TEST(a_key_is_used_once),
		TEST(money_comes_and_goes),
		TEST(a_reversal_happens_once),
		TEST(frozen_and_closed_accounts_refuse),
		TEST(a_card_is_one_accounts),
		TEST(a_charge_is_settled_once),
		TEST(what_is_beyond_the_hold_is_a_debt),
		TEST(what_is_free_has_its_account),
		TEST(an_odd_charge_waits_for_a_person),
		TEST(a_day_without_a_time_source_is_one_entry),
		TEST(parking_is_billed_at_the_unplugging),
		TEST(a_reservations_fee_is_due_or_goes_back),
		TEST(what_is_posted_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
