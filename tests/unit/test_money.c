/* Amounts and prices as people write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "money.h"
#include "orderwords.h"
#include "reading.h"

static void each_bad_amount_has_an_error_of_its_own(void **state)
{
	static const struct {
		const char *text;
		int err;
		int64_t fen;
	} rows[] = {
		{"12.34", 0, 1234},
		{"12.3", 0, 1230},
		{"12", 0, 1200},
		{"0", 0, 0},
		{"0.05", 0, 5},
		{"007", 0, 700},
		{"¥12.34", 0, 1234},
		{"￥0.5", 0, 50},
		{"12.34 yuan", 0, 1234},
		{"12元", 0, 1200},
		{"100000000.00", 0, MONEY_MAX_FEN},
		{"", ERR_SYNTAX, 0},
		{"¥", ERR_SYNTAX, 0},
		{".5", ERR_SYNTAX, 0},
		{"5.", ERR_SYNTAX, 0},
		{"1.2.3", ERR_SYNTAX, 0},
		{"1,200", ERR_SYNTAX, 0},
		{"12 ", ERR_SYNTAX, 0},
		{" 12", ERR_SYNTAX, 0},
		{"+12", ERR_SYNTAX, 0},
		{"1e3", ERR_SYNTAX, 0},
		{"0x10", ERR_SYNTAX, 0},
		{"twelve", ERR_SYNTAX, 0},
		{"--1", ERR_SYNTAX, 0},
		{"-", ERR_SYNTAX, 0},
		{"-1", ERR_NEGATIVE, 0},
		{"-¥12.34", ERR_NEGATIVE, 0},
		{"-0", ERR_NEGATIVE, 0},
		{"12.345", ERR_PRECISION, 0},
		{"12.340", ERR_PRECISION, 0},
		{"100000000.01", ERR_RANGE, 0},
		{"99999999999999999999999999", ERR_RANGE, 0},
		{"18446744073709551617", ERR_RANGE, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		int64_t fen = 77;
		int err = money_parse(rows[i].text, &fen);

		if (err != rows[i].err || fen != (err == 0 ? rows[i].fen : 77)) {
			fail_msg("'%s': %s, %lld", rows[i].text, err_token(err), (long long)fen);
		}
	}
}

static void prices_have_five_decimals(void **state)
{
	int64_t e5 = 7;

	(void)state;
	assert_int_equal(money_price_parse("0.71245", &e5), 0);
	assert_int_equal(e5, 71245);
	assert_int_equal(money_price_parse("100", &e5), 0);
	assert_int_equal(e5, PRICE_MAX_E5);
	assert_int_equal(money_price_parse("0.712451", &e5), ERR_PRECISION);
	assert_int_equal(money_price_parse("100.00001", &e5), ERR_RANGE);
	assert_int_equal(money_price_parse("-0.1", &e5), ERR_NEGATIVE);
	assert_int_equal(e5, PRICE_MAX_E5);
}

static void what_is_written_reads_back(void **state)
{
	static const int64_t fen[] = {0, 1, 99, 100, 123456, MONEY_MAX_FEN};
	char text[32];
	int64_t back;

	(void)state;
	for (size_t i = 0; i < sizeof fen / sizeof fen[0]; i++) {
		money_format(text, sizeof text, fen[i]);
		assert_int_equal(money_parse(text, &back), 0);
		assert_int_equal(back, fen[i]);
		money_price_format(text, sizeof text, fen[i] % PRICE_MAX_E5);
		assert_int_equal(money_price_parse(text, &back), 0);
		assert_int_equal(back, fen[i] % PRICE_MAX_E5);
	}
	money_format(text, sizeof text, -5);
	assert_string_equal(text, "-0.05");
	money_format(text, sizeof text, VALUE_NONE);
	assert_string_equal(text, "-");
	money_format(text, sizeof text, INT64_MIN + 1);
	assert_string_equal(text, "-92233720368547758.07");
	money_price_format(text, sizeof text, 71240);
	assert_string_equal(text, "0.7124");
	money_price_format(text, sizeof text, 71245);
	assert_string_equal(text, "0.71245");
}

static void energy_is_rounded_half_up_once(void **state)
{
	(void)state;
	assert_int_equal(money_of(1000, 100000), 100);
	assert_int_equal(money_of(1, 499999), 0);
	assert_int_equal(money_of(1, 500000), 1);
	assert_int_equal(money_of(1500, 1000), 2); /* 1.5 fen */
	assert_int_equal(money_of(0, PRICE_MAX_E5), 0);
	assert_int_equal(money_of(INT64_C(100000000000), PRICE_MAX_E5), INT64_C(1000000000000));
}

static void a_charge_is_limited_by_what_people_type(void **state)
{
	static const struct {
		const char *text;
		enum order_limit limit;
		int64_t value;
	} good[] = {
		{"", OLIMIT_FULL, 0},
		{"20", OLIMIT_AMOUNT, 2000},
		{"12.34", OLIMIT_AMOUNT, 1234},
		{"20 yuan", OLIMIT_AMOUNT, 2000},
		{"20元", OLIMIT_AMOUNT, 2000},
		{"10kWh", OLIMIT_ENERGY, 10000},
		{"7.5 kWh", OLIMIT_ENERGY, 7500},
		{"45 min", OLIMIT_TIME, 2700},
		{"1.5h", OLIMIT_TIME, 5400},
		{"7 d", OLIMIT_TIME, 604800},
	};
	static const struct {
		const char *text;
		int err;
	} bad[] = {
		{"twenty", ERR_SYNTAX},
		{"20 kW", ERR_SYNTAX},
		{"20 kWh or so", ERR_SYNTAX},
		{" ", ERR_SYNTAX},
		{"0", ERR_RANGE},
		{"0 kWh", ERR_RANGE},
		{"-5", ERR_NEGATIVE},
		{"-5 kWh", ERR_RANGE},
		{"1.234", ERR_PRECISION},
		{"0.0001 kWh", ERR_RANGE},
		{"10001 kWh", ERR_RANGE},
		{"8 d", ERR_RANGE},
		{"99999999999999999999", ERR_RANGE},
	};
	enum order_limit limit;
	int64_t value;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		assert_int_equal(order_limit_parse(good[i].text, &limit, &value), 0);
		assert_int_equal(limit, good[i].limit);
		assert_int_equal(value, good[i].value);
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		assert_int_equal(order_limit_parse(bad[i].text, &limit, &value), bad[i].err);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_bad_amount_has_an_error_of_its_own),
		cmocka_unit_test(prices_have_five_decimals),
		cmocka_unit_test(what_is_written_reads_back),
		cmocka_unit_test(energy_is_rounded_half_up_once),
		cmocka_unit_test(a_charge_is_limited_by_what_people_type),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
