/* The life of an alarm: every state with every event. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "err.h"
#include "life.h"

static bool shelved(enum alarm_state s)
{
	return s == ALARM_SHELVED || s == ALARM_SHELVED_IDLE;
}

/* The rules that hold for all of them, whatever the table says. */
static void every_pair(void **state)
{
	(void)state;
	for (int s = 0; s < ALARM_STATES_; s++) {
		for (int e = 0; e < LIFE_EVENTS_; e++) {
			for (int latching = 0; latching < 2; latching++) {
				enum alarm_state old = (enum alarm_state)s;
				enum alarm_state next =
					life_next(old, (enum life_event)e, latching);

				assert_in_range(next, 0, ALARM_STATES_ - 1);
				/* Only the condition raises, and only the condition clears. */
				if (!life_raised(old) && life_raised(next)) {
					assert_int_equal(e, LIFE_RAISE);
				}
				if (life_raised(old) && !life_raised(next)) {
					assert_int_equal(e, LIFE_CLEAR);
				}
				if (e == LIFE_RAISE) {
					assert_true(life_raised(next));
				}
				if (e == LIFE_CLEAR) {
					assert_false(life_raised(next));
				}
				/* Nobody but a person puts aside, and time or a person takes back.
				 */
				if (shelved(old) != shelved(next)) {
					assert_int_equal(
						e, shelved(next) ? LIFE_SHELVE : LIFE_UNSHELVE);
				}
				if (next == ALARM_ACKED || next == ALARM_HELD) {
					assert_true(next == old || e == LIFE_ACK ||
						    (e == LIFE_CLEAR && old == ALARM_ACKED));
				}
				/* An alarm that latches is over by a reset only. */
				if (latching && next == ALARM_NORMAL && old != ALARM_NORMAL &&
					old != ALARM_RETURNED) {
					assert_int_equal(e, LIFE_RESET);
				}
				/* What nobody acknowledged, shelved or folded does not vanish. */
				if (next == ALARM_NORMAL && old == ALARM_UNACK) {
					fail();
				}
				if (next == ALARM_NORMAL && old == ALARM_RETURNED) {
					assert_int_equal(e, LIFE_ACK);
				}
				/* The same again changes nothing. */
				if (e != LIFE_ACK) {
					assert_int_equal(
						life_next(next, (enum life_event)e, latching),
						next);
				}
			}
		}
	}
}

static void the_common_lives(void **state)
{
	static const struct {
		bool latching;
		enum life_event events[8];
		int count;
		enum alarm_state end;
	} rows[] = {
		{false, {LIFE_RAISE}, 1, ALARM_UNACK},
		{false, {LIFE_RAISE, LIFE_ACK}, 2, ALARM_ACKED},
		{false, {LIFE_RAISE, LIFE_ACK, LIFE_CLEAR}, 3, ALARM_NORMAL},
		{false, {LIFE_RAISE, LIFE_CLEAR}, 2, ALARM_RETURNED},
		{false, {LIFE_RAISE, LIFE_CLEAR, LIFE_ACK}, 3, ALARM_NORMAL},
		{false, {LIFE_RAISE, LIFE_CLEAR, LIFE_RAISE}, 3, ALARM_UNACK},
		{true, {LIFE_RAISE, LIFE_ACK, LIFE_CLEAR}, 3, ALARM_HELD},
		{true, {LIFE_RAISE, LIFE_ACK, LIFE_CLEAR, LIFE_RESET}, 4, ALARM_NORMAL},
		{true, {LIFE_RAISE, LIFE_CLEAR}, 2, ALARM_LATCHED},
		{true, {LIFE_RAISE, LIFE_CLEAR, LIFE_RESET}, 3, ALARM_LATCHED},
		{true, {LIFE_RAISE, LIFE_CLEAR, LIFE_ACK}, 3, ALARM_HELD},
		{true, {LIFE_RAISE, LIFE_ACK, LIFE_RESET}, 3, ALARM_ACKED},
		{true, {LIFE_RAISE, LIFE_ACK, LIFE_CLEAR, LIFE_RAISE}, 4, ALARM_UNACK},
		{false, {LIFE_RAISE, LIFE_SHELVE}, 2, ALARM_SHELVED},
		{false, {LIFE_RAISE, LIFE_SHELVE, LIFE_UNSHELVE}, 3, ALARM_UNACK},
		{false, {LIFE_RAISE, LIFE_SHELVE, LIFE_CLEAR, LIFE_UNSHELVE}, 4, ALARM_NORMAL},
		{false, {LIFE_RAISE, LIFE_SHELVE, LIFE_CLEAR, LIFE_RAISE}, 4, ALARM_SHELVED},
		{true, {LIFE_RAISE, LIFE_SHELVE, LIFE_CLEAR, LIFE_UNSHELVE}, 4, ALARM_LATCHED},
		{false, {LIFE_RAISE, LIFE_FOLD}, 2, ALARM_FOLDED},
		{false, {LIFE_RAISE, LIFE_FOLD, LIFE_CLEAR}, 3, ALARM_NORMAL},
		{false, {LIFE_RAISE, LIFE_FOLD, LIFE_UNFOLD}, 3, ALARM_UNACK},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		enum alarm_state s = ALARM_NORMAL;

		for (int k = 0; k < rows[i].count; k++) {
			s = life_next(s, rows[i].events[k], rows[i].latching);
		}
		assert_int_equal(s, rows[i].end);
	}
}

static void tokens_read_back(void **state)
{
	enum alarm_state found;

	(void)state;
	for (int s = 0; s < ALARM_STATES_; s++) {
		assert_int_equal(life_find(life_token((enum alarm_state)s), &found), 0);
		assert_int_equal(found, s);
	}
	assert_int_equal(life_find("gone", &found), ERR_NOTFOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_pair),
		cmocka_unit_test(the_common_lives),
		cmocka_unit_test(tokens_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
