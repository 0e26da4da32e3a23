/* What customers are told: written with the fact, once, and only what is asked for. */
#include "money_fixture.h"

#include "ledger_int.h"
#include "told.h"

static struct bank bank;
static struct bank *const b = &bank;
static struct money_result r;

#define LI "C000001"

static int make(void **state)
{
	(void)state;
	bank_open(b, ":memory:");
	b->ledger->cfg.told = (1U << NOTICE_COUNT_) - 1;
	b->ledger->cfg.low_fen = 2000;
	bank_tariff(b);
	assert_int_equal(bank_do(b, OP(OPEN, .name = "Li", .phone = "13812345678"), &r), 0);
	return 0;
}

static int release(void **state)
{
	(void)state;
	bank_close(b);
	return 0;
}

static int64_t number(const char *text)
{
	int64_t n = -1;

	assert_int_equal(sql_one_int(b->db, text, &n), 0);
	return n;
}

/* How many messages of a kind there are. */
static int64_t told(const char *kind)
{
	char text[96];

	snprintf(text, sizeof text, "SELECT count(*) FROM message WHERE kind = '%s'", kind);
	return number(text);
}

static void top_up(int64_t fen, const char *key)
{
	struct money_op op = {.kind = MONEY_TOPUP, .account = LI, .fen = fen};

	view_set_text(op.key, sizeof op.key, key);
	assert_int_equal(bank_do(b, &op, &r), 0);
}

static void fee(int64_t fen, const char *key)
{
	struct money_op op = {.kind = MONEY_FEE, .account = LI, .fen = fen};

	view_set_text(op.key, sizeof op.key, key);
	assert_int_equal(bank_do(b, &op, &r), 0);
}

static void a_charge_is_told_of_once(void **state)
{
	struct view_order o = an_order("o1", LI, 3000);
	struct view_session s = a_charge("s1", "o1", MORNING_MS, HOUR_MS, 1000, 10000);

	(void)state;
	top_up(5000, "a");
	assert_int_equal(bank_do(b, OP(HOLD, .account = LI, .fen = 3000, .ref = "o1"), &r), 0);
	VIEW_SET(&o, state, "charging");
	bank_put(b, VIEW_order, &o);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(told_order(b->ledger, &o, b->now_ms), 0);
	}
	assert_int_equal(told("begun"), 1);
	assert_int_equal(number("SELECT fen FROM message WHERE kind = 'begun'"), 3000);
	assert_int_equal(number("SELECT price_e5 FROM message WHERE kind = 'begun'"), 110000);
	VIEW_SET(&o, state, "ended");
	bank_put(b, VIEW_order, &o);
	bank_put(b, VIEW_session, &s);
	bank_put(b, VIEW_session, &s);
	assert_int_equal(told("ended"), 1);
	assert_int_equal(number("SELECT energy_wh FROM message WHERE kind = 'ended'"), 10000);
	assert_int_equal(number("SELECT fen FROM message WHERE kind = 'ended'"), 1100);
	assert_int_equal(number("SELECT balance_fen FROM message WHERE kind = 'ended'"), 3900);
	assert_int_equal(number("SELECT bill FROM message WHERE kind = 'ended'"), 1);
	assert_int_equal(told("low"), 0); /* what was held was the customer's all the time */
	assert_int_equal(bank_do(b, OP(REFUND, .bill = 1, .key = "x", .reason = "r"), &r), 0);
	assert_int_equal(told("refund"), 1);
}

/* A message lives and dies with its transaction. */
static void what_was_not_done_is_not_told(void **state)
{
	struct money_op op = {.kind = MONEY_TOPUP, .account = LI, .fen = 100, .key = "a"};

	(void)state;
	op.at_ms = b->now_ms;
	assert_int_equal(sql_exec(b->db, "BEGIN"), 0);
	assert_int_equal(ledger_do(b->ledger, &op, &r), 0);
	assert_int_equal(told("topup"), 1);
	assert_int_equal(sql_exec(b->db, "ROLLBACK"), 0);
	assert_int_equal(told("topup"), 0);
	top_up(100, "a");
	top_up(100, "a");
	assert_int_equal(told("topup"), 1);
	assert_int_equal(
		bank_do(b, OP(WITHDRAW, .account = LI, .fen = 900, .key = "w"), &r), ERR_FUNDS);
	assert_int_equal(number("SELECT count(*) FROM message"), 1);
}

static void a_low_balance_is_told_once_until_it_was_above(void **state)
{
	(void)state;
	top_up(500, "a"); /* never was above */
	fee(100, "f0");
	assert_int_equal(told("low"), 0);
	top_up(5000, "b");
	fee(3399, "f1"); /* 20.01 */
	assert_int_equal(told("low"), 0);
	fee(2, "f2");
	assert_int_equal(told("low"), 1);
	fee(100, "f3");
	top_up(50, "c"); /* not above */
	fee(100, "f4");
	assert_int_equal(told("low"), 1);
	top_up(1000, "d");
	fee(1000, "f5");
	assert_int_equal(told("low"), 2);
}

/* What was taken is read before what is left. */
static void the_end_of_a_charge_is_told_before_a_low_balance(void **state)
{
	struct view_order o = an_order("o1", LI, 3000);
	struct view_session s = a_charge("s1", "o1", MORNING_MS, HOUR_MS, 1000, 20000);

	(void)state;
	top_up(3000, "a");
	assert_int_equal(bank_do(b, OP(HOLD, .account = LI, .fen = 3000, .ref = "o1"), &r), 0);
	VIEW_SET(&o, state, "ended");
	bank_put(b, VIEW_order, &o);
	bank_put(b, VIEW_session, &s);
	assert_int_equal(told("ended"), 1);
	assert_int_equal(told("low"), 1);
	assert_int_equal(number("SELECT (SELECT id FROM message WHERE kind = 'ended') <"
				" (SELECT id FROM message WHERE kind = 'low')"),
		1);
}

static void an_account_has_a_threshold_of_its_own(void **state)
{
	(void)state;
	assert_int_equal(bank_do(b, OP(SET, .account = LI, .low_fen = 10000), &r), 0);
	top_up(10000, "a");
	fee(1, "f1");
	assert_int_equal(told("low"), 1);
	assert_int_equal(bank_do(b, OP(SET, .account = LI, .low_fen = -1), &r), 0);
	fee(7998, "f2"); /* 20.01, the site's is 20 */
	assert_int_equal(told("low"), 1);
	fee(2, "f3");
	assert_int_equal(told("low"), 2);
}

static void a_debt_is_told(void **state)
{
	(void)state;
	top_up(100, "a");
	fee(250, "f1");
	assert_int_equal(told("debt"), 1);
	assert_int_equal(number("SELECT fen FROM message WHERE kind = 'debt'"), 150);
}

static void only_what_is_configured_is_told(void **state)
{
	(void)state;
	b->ledger->cfg.told = 1U << NOTICE_TOPUP;
	top_up(3000, "a");
	fee(2500, "f1");
	fee(1000, "f2");
	assert_int_equal(number("SELECT count(*) FROM message"), 1);
	b->ledger->cfg.told = 0;
	top_up(3000, "b");
	assert_int_equal(number("SELECT count(*) FROM message"), 1);
	assert_int_equal(bank_do(b, OP(MESSAGE, .account = LI, .text = "hello"), &r), 0);
	assert_int_equal(told("words"), 1);
}

static void how_to_reach_a_customer_is_checked(void **state)
{
	(void)state;
	assert_int_equal(
		bank_do(b, OP(SET, .account = LI, .language = "zh", .mail = "li@example.org"), &r),
		0);
	assert_int_equal(bank_do(b, OP(SET, .account = LI, .messages = "needed"), &r), 0);
	assert_int_equal(number("SELECT count(*) FROM contact WHERE language = 'zh' AND"
				" mail = 'li@example.org' AND messages = 'needed'"),
		1);
	assert_int_equal(bank_do(b, OP(SET, .account = LI, .language = "fr"), &r), ERR_INVAL);
	assert_int_equal(
		bank_do(b, OP(SET, .account = LI, .mail = "a@b\nBcc: x@y"), &r), ERR_INVAL);
	assert_int_equal(bank_do(b, OP(SET, .account = LI, .messages = "some"), &r), ERR_INVAL);
	assert_int_equal(bank_do(b, OP(SET, .account = LI, .mail = "-"), &r), 0);
	assert_int_equal(number("SELECT count(*) FROM contact WHERE language = 'zh' AND"
				" mail IS NULL AND messages = 'needed'"),
		1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_charge_is_told_of_once, make, release),
		cmocka_unit_test_setup_teardown(what_was_not_done_is_not_told, make, release),
		cmocka_unit_test_setup_teardown(
			a_low_balance_is_told_once_until_it_was_above, make, release),
		cmocka_unit_test_setup_teardown(
			the_end_of_a_charge_is_told_before_a_low_balance, make, release),
		cmocka_unit_test_setup_teardown(
			an_account_has_a_threshold_of_its_own, make, release),
		cmocka_unit_test_setup_teardown(a_debt_is_told, make, release),
		cmocka_unit_test_setup_teardown(only_what_is_configured_is_told, make, release),
		cmocka_unit_test_setup_teardown(how_to_reach_a_customer_is_checked, make, release),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
