/* The state machine of a gun: every state with every evidence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "gun.h"

static struct gun_evidence numbered(int n)
{
	struct gun_evidence e = {.seen = true};

	e.device = (enum gun_state)(n % GUN_COUNT_);
	n /= GUN_COUNT_;
	e.plugged = (int8_t)(n % 3 - 1);
	n /= 3;
	e.flows = (int8_t)(n % 3 - 1);
	n /= 3;
	e.silent = n & 1;
	e.seen = (n >> 1 & 1) == 0;
	e.faulted = n >> 2 & 1;
	e.in_session = n >> 3 & 1;
	e.had_session = n >> 4 & 1;
	e.stop_asked = n >> 5 & 1;
	return e;
}

#define EVIDENCES (GUN_COUNT_ * 3 * 3 * 64)

/* Any state with any evidence gives a state, the same evidence again keeps it, and the rules that
 * hold for all of them hold. */
static void every_pair(void **state)
{
	(void)state;
	for (int n = 0; n < EVIDENCES; n++) {
		struct gun_evidence e = numbered(n);

		for (int s = 0; s < GUN_COUNT_; s++) {
			enum gun_state next = gun_next((enum gun_state)s, &e);

			assert_in_range(next, 0, GUN_COUNT_ - 1);
			/* A fault that the gun comes out of is the one thing that is remembered. */
			if (s != GUN_FAULT && next != GUN_FAULT && s != GUN_FINISHED) {
				assert_int_equal(gun_next(next, &e), next);
			}
			if (e.silent) {
				assert_int_equal(next, GUN_OFFLINE);
				continue;
			}
			if (!e.seen) {
				assert_int_equal(next, s);
				continue;
			}
			if (e.device == GUN_FAULT) {
				assert_int_equal(next, GUN_FAULT);
			}
			if (e.device == GUN_CHARGING) {
				assert_int_equal(next, GUN_CHARGING);
			}
			if (e.plugged == 0 && !e.faulted && e.device != GUN_CHARGING) {
				assert_true(next != GUN_PLUGGED && next != GUN_SUSPENDED &&
					    next != GUN_FINISHED);
			}
			if (e.faulted && e.device == GUN_IDLE && e.plugged != 1) {
				assert_int_equal(next, GUN_FAULT);
			}
		}
	}
}

static void each_device_state(void **state)
{
	static const struct {
		enum gun_state device;
		int8_t plugged;
		bool in_session, had_session, stop_asked;
		enum gun_state next;
	} rows[] = {
		{GUN_IDLE, -1, false, false, false, GUN_IDLE},
		{GUN_IDLE, 1, false, false, false, GUN_PLUGGED},
		{GUN_PLUGGED, 1, false, false, false, GUN_PLUGGED},
		{GUN_PLUGGED, 1, true, false, false, GUN_SUSPENDED},
		{GUN_PLUGGED, 1, true, false, true, GUN_FINISHED},
		{GUN_PLUGGED, 1, false, true, false, GUN_FINISHED},
		{GUN_PLUGGED, 0, true, false, false, GUN_IDLE},
		{GUN_SUSPENDED, -1, true, false, false, GUN_SUSPENDED},
		{GUN_SUSPENDED, -1, true, false, true, GUN_FINISHED},
		{GUN_FINISHED, -1, true, false, false, GUN_FINISHED},
		{GUN_FINISHED, 0, true, false, false, GUN_IDLE},
		{GUN_RESERVED, -1, false, false, false, GUN_RESERVED},
		{GUN_OFFLINE, -1, false, false, false, GUN_OFFLINE},
		{GUN_FAULT, 1, true, false, false, GUN_FAULT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct gun_evidence e = {.seen = true,
			.flows = -1,
			.device = rows[i].device,
			.plugged = rows[i].plugged,
			.in_session = rows[i].in_session,
			.had_session = rows[i].had_session,
			.stop_asked = rows[i].stop_asked};

		assert_int_equal(gun_next(GUN_CHARGING, &e), rows[i].next);
	}
}

/* A device that gives no state is judged by plug and power. */
static void without_a_state(void **state)
{
	struct gun_evidence e = {.seen = true, .device = GUN_UNKNOWN, .plugged = -1, .flows = -1};

	(void)state;
	assert_int_equal(gun_next(GUN_UNKNOWN, &e), GUN_UNKNOWN);
	assert_int_equal(gun_next(GUN_OFFLINE, &e), GUN_UNKNOWN);
	assert_int_equal(gun_next(GUN_CHARGING, &e), GUN_CHARGING);
	e.flows = 1;
	assert_int_equal(gun_next(GUN_UNKNOWN, &e), GUN_CHARGING);
	e.flows = 0;
	assert_int_equal(gun_next(GUN_UNKNOWN, &e), GUN_IDLE);
	e.in_session = true;
	assert_int_equal(gun_next(GUN_CHARGING, &e), GUN_SUSPENDED);
	e.plugged = 0;
	assert_int_equal(gun_next(GUN_CHARGING, &e), GUN_IDLE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_pair),
		cmocka_unit_test(each_device_state),
		cmocka_unit_test(without_a_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
