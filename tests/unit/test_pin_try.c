/* Wrong PINs in a row: counted on disk before they are looked at, refused for a time, forgotten by
 * the right one. */
#include "money_fixture.h"

#include "../tempdir.h"
#include "ledger_int.h"
#include "notice.h"

#define LI      "C000001"
#define LOCK_MS (INT64_C(900) * MS_PER_S)

static struct bank bank;
static struct bank *const b = &bank;
static struct money_result r;
static char folder[64], path[96];

static void settings(void)
{
	b->ledger->cfg.told = (1U << NOTICE_COUNT_) - 1;
	b->ledger->cfg.pin_tries = 3;
	b->ledger->cfg.pin_lock_ms = LOCK_MS;
}

static int make(void **state)
{
	(void)state;
	if (tempdir_make(folder, sizeof folder) != 0) {
		return -1;
	}
	snprintf(path, sizeof path, "%s/site.db", folder);
	bank_open(b, path);
	settings();
	assert_int_equal(bank_do(b, OP(OPEN, .name = "Li"), &r), 0);
	assert_int_equal(bank_do(b, OP(PIN, .account = LI, .text = "hash"), &r), 0);
	return 0;
}

static int release(void **state)
{
	(void)state;
	bank_close(b);
	tempdir_remove(folder);
	return 0;
}

/* The agent dies and starts again. */
static void restart(void)
{
	int64_t now_ms = b->now_ms;

	bank_close(b);
	bank_open(b, path);
	settings();
	b->now_ms = now_ms;
}

static int take(void)
{
	return bank_do(b, OP(PINTRY, .account = LI), &r);
}

/* One that is wrong. */
static int wrong(void)
{
	int rc = take();

	return rc != 0 ? rc : bank_do(b, OP(PINWRONG, .account = LI), &r);
}

static int right(void)
{
	int rc = take();

	return rc != 0 ? rc : bank_do(b, OP(PINRIGHT, .account = LI), &r);
}

static int64_t number(const char *text)
{
	int64_t n = -1;

	assert_int_equal(sql_one_int(b->db, text, &n), 0);
	return n;
}

static void refused_for_a_time(void **state)
{
	int64_t until_ms;

	(void)state;
	assert_int_equal(wrong(), 0);
	restart();
	assert_int_equal(wrong(), 0);
	restart();
	assert_int_equal(wrong(), ERR_PINLOCKED);
	until_ms = number("SELECT until FROM pin_try");
	assert_int_equal(until_ms, b->now_ms - 1 + LOCK_MS);
	assert_int_equal(number("SELECT count(*) FROM message WHERE kind = 'pin'"), 1);
	restart();
	assert_int_equal(right(), ERR_PINLOCKED);
	b->now_ms = until_ms - 1;
	assert_int_equal(right(), ERR_PINLOCKED);
	assert_int_equal(b->now_ms, until_ms);
	/* then so many again */
	assert_int_equal(wrong(), 0);
	assert_int_equal(wrong(), 0);
	assert_int_equal(wrong(), ERR_PINLOCKED);
	assert_int_equal(number("SELECT count(*) FROM message WHERE kind = 'pin'"), 2);
}

static void the_right_one_is_a_new_beginning(void **state)
{
	(void)state;
	for (int i = 0; i < 10; i++) {
		assert_int_equal(wrong(), 0);
		assert_int_equal(wrong(), 0);
		assert_int_equal(right(), 0);
	}
	assert_int_equal(number("SELECT count(*) FROM pin_try"), 0);
	assert_int_equal(number("SELECT count(*) FROM message"), 0);
}

/* Whoever asks side by side, or is killed before the answer, has no more of them. */
static void a_try_counts_before_it_is_looked_at(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(take(), 0);
	}
	assert_int_equal(take(), ERR_PINLOCKED);
	assert_int_equal(number("SELECT count(*) FROM message WHERE kind = 'pin'"), 1);
	/* one of the three was the right one after all */
	assert_int_equal(bank_do(b, OP(PINRIGHT, .account = LI), &r), 0);
	assert_int_equal(right(), 0);
}

static void set_anew_it_is_taken(void **state)
{
	(void)state;
	wrong();
	wrong();
	assert_int_equal(wrong(), ERR_PINLOCKED);
	assert_int_equal(bank_do(b, OP(PIN, .account = LI, .text = "other"), &r), 0);
	assert_int_equal(right(), 0);
}

static void a_clock_set_back_does_not_refuse_for_ever(void **state)
{
	(void)state;
	wrong();
	wrong();
	assert_int_equal(wrong(), ERR_PINLOCKED);
	b->now_ms -= LOCK_MS / 2;
	assert_int_equal(right(), ERR_PINLOCKED);
	b->now_ms -= 365 * 24 * HOUR_MS;
	assert_int_equal(right(), 0);
}

static void no_pin_is_no_try(void **state)
{
	(void)state;
	assert_int_equal(bank_do(b, OP(OPEN, .name = "Wang"), &r), 0);
	assert_int_equal(bank_do(b, OP(PINTRY, .account = "C000002"), &r), ERR_NOTFOUND);
	assert_int_equal(bank_do(b, OP(PINTRY, .account = "C000009"), &r), ERR_NOACCOUNT);
	assert_int_equal(number("SELECT count(*) FROM pin_try"), 0);
}

static void five_and_a_quarter_of_an_hour_where_nothing_is_configured(void **state)
{
	(void)state;
	b->ledger->cfg.pin_tries = b->ledger->cfg.pin_lock_ms = 0;
	for (int i = 0; i < 4; i++) {
		assert_int_equal(wrong(), 0);
	}
	assert_int_equal(wrong(), ERR_PINLOCKED);
	b->now_ms += LOCK_MS;
	assert_int_equal(right(), 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, make, release)
	const struct CMUnitTest tests[] = {
		T(refused_for_a_time),
		T(the_right_one_is_a_new_beginning),
		T(a_try_counts_before_it_is_looked_at),
		T(set_anew_it_is_taken),
		T(a_clock_set_back_does_not_refuse_for_ever),
		T(no_pin_is_no_try),
		T(five_and_a_quarter_of_an_hour_where_nothing_is_configured),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
