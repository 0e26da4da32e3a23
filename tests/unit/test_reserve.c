/* The rule of reservations: where each goes from each state. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "reserve.h"

#define MIN INT64_C(60000)

/* Held from 60 min to 75 min; others are refused from 45 min on. */
static const struct row {
	enum reserve_state state;
	int64_t now_min;
	bool own, taken;
	enum reserve_cause hurt;
	enum reserve_state next;
	enum reserve_cause why;
} rows[] = {
	{RESERVE_PLANNED, 10, false, false, 0, RESERVE_PLANNED, 0},
	{RESERVE_PLANNED, 10, true, true, 0, RESERVE_PLANNED, 0}, /* an earlier charge of theirs */
	{RESERVE_PLANNED, 10, false, true, 0, RESERVE_PLANNED, 0},
	{RESERVE_PLANNED, 45, true, true, 0, RESERVE_KEPT, 0},
	{RESERVE_PLANNED, 59, false, true, 0, RESERVE_PLANNED, 0},
	{RESERVE_PLANNED, 60, false, false, 0, RESERVE_ACTIVE, 0},
	{RESERVE_PLANNED, 60, false, true, 0, RESERVE_BLOCKED, RESERVE_BY_CHARGING},
	{RESERVE_PLANNED, 60, true, true, 0, RESERVE_KEPT, 0},
	{RESERVE_PLANNED, 75, false, false, 0, RESERVE_BLOCKED, RESERVE_BY_AGENT},
	{RESERVE_PLANNED, 90, true, true, 0, RESERVE_KEPT, 0},
	{RESERVE_ACTIVE, 60, false, false, 0, RESERVE_ACTIVE, 0},
	{RESERVE_ACTIVE, 70, false, true, 0, RESERVE_ACTIVE, 0}, /* a car that is being stopped */
	{RESERVE_ACTIVE, 70, true, true, RESERVE_BY_PLUGGED, RESERVE_KEPT, 0},
	{RESERVE_ACTIVE, 74, false, false, RESERVE_BY_UNREADY, RESERVE_ACTIVE, 0},
	{RESERVE_ACTIVE, 75, false, false, 0, RESERVE_LAPSED, RESERVE_BY_NO_SHOW},
	{RESERVE_ACTIVE, 76, false, false, 0, RESERVE_LAPSED, RESERVE_BY_NO_SHOW},
	{RESERVE_ACTIVE, 77, false, false, 0, RESERVE_BLOCKED, RESERVE_BY_AGENT},
	{RESERVE_ACTIVE, 75, false, false, RESERVE_BY_UNREADY, RESERVE_BLOCKED, RESERVE_BY_UNREADY},
	{RESERVE_ACTIVE, 75, false, true, RESERVE_BY_PLUGGED, RESERVE_BLOCKED, RESERVE_BY_PLUGGED},
	{RESERVE_ACTIVE, 75, true, true, 0, RESERVE_KEPT, 0},
	{RESERVE_ACTIVE, 40, false, false, 0, RESERVE_ACTIVE, 0}, /* the clock was set back */
};

static void each_row_of_the_rule(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct row *r = &rows[i];
		const struct reserve_facts f = {r->now_min * MIN, 60 * MIN, 45 * MIN, 75 * MIN,
			r->own, r->taken, (uint8_t)r->hurt};
		enum reserve_cause why;
		enum reserve_state next = reserve_next(r->state, &f, &why);

		if (next != r->next || why != r->why) {
			fail_msg("row %zu: %s %s", i, order_token(RESERVE_WORDS_STATE, next),
				order_token(RESERVE_WORDS_CAUSE, why));
		}
	}
}

/* Any facts: what has ended stays, and money is only due where nobody is known to have come. */
static void every_combination(void **state)
{
	static const uint8_t hurts[] = {RESERVE_BY_NONE, RESERVE_BY_PLUGGED, RESERVE_BY_UNREADY};

	(void)state;
	for (unsigned s = 0; s < RESERVE_STATES; s++) {
		for (int64_t k = 0; k < 100 * 4 * 3; k++) {
			const struct reserve_facts f = {k % 100 * MIN, 60 * MIN, 45 * MIN, 75 * MIN,
				(k / 100 & 1) != 0, (k / 200 & 1) != 0, hurts[k / 400]};
			enum reserve_cause why;
			enum reserve_state next = reserve_next((enum reserve_state)s, &f, &why);

			assert_true(next < RESERVE_STATES);
			assert_true(next != RESERVE_CANCELLED || s == RESERVE_CANCELLED);
			if (s > RESERVE_ACTIVE) {
				assert_int_equal(next, s);
			} else if (next == RESERVE_LAPSED) {
				assert_true(s == RESERVE_ACTIVE && !f.own &&
					    f.hurt == RESERVE_BY_NONE && f.now_ms >= f.held_ms);
			}
			assert_int_equal(next == RESERVE_BLOCKED && s != RESERVE_BLOCKED,
				why != RESERVE_BY_NONE && why != RESERVE_BY_NO_SHOW);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row_of_the_rule),
		cmocka_unit_test(every_combination),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
