/* Scanning a line: who is found, what garbled replies tell, and that it can be ended. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "../slave.h"
#include "bus/scan.h"
#include "err.h"

struct log {
	int tried, found, garbled, stop_after;
	struct scan_seen last;
};

static bool note(void *arg, const struct scan_seen *seen)
{
	struct log *log = arg;

	log->tried++;
	log->found += seen->found;
	log->garbled += seen->garbled;
	if (seen->found) {
		log->last = *seen;
	}
	return log->tried != log->stop_after;
}

static struct serial_cfg line_of(struct slave *slave)
{
	return (struct serial_cfg){.device = slave->path, .timeout_us = 20 * US_PER_MS};
}

static void finds_units_in_the_first_mode_that_answers(void **state)
{
	struct slave *slave = slave_start(SLAVE_RTU, 0, 10);
	struct serial_cfg line = line_of(slave);
	struct log log = {0};

	(void)state;
	atomic_store(&slave->dead_unit, 2);
	assert_int_equal(scan_serial(&line, scan_modes, scan_mode_count, 1, 3, note, &log), 2);
	assert_int_equal(log.tried, 3);
	assert_int_equal(log.last.unit, 3);
	assert_int_equal(log.last.mode->baud, 9600);
	assert_int_equal(log.last.exception, 0);
	slave_free(slave);
}

static void an_exception_is_an_answer_and_noise_is_told(void **state)
{
	struct slave *slave = slave_start(SLAVE_RTU, 0, 10);
	struct serial_cfg line = line_of(slave);
	struct log log = {0};

	(void)state;
	atomic_store(&slave->exception, 2);
	slave_break(slave, SLAVE_EXCEPTION, 1);
	assert_int_equal(scan_serial(&line, scan_modes, 1, 7, 7, note, &log), 1);
	assert_int_equal(log.last.exception, 2);
	/* Both functions garbled, then nobody in the second mode. */
	slave_break(slave, SLAVE_BAD_CRC, 2);
	atomic_store(&slave->dead_unit, 0);
	assert_int_equal(scan_serial(&line, scan_modes, 1, 7, 7, note, &log), 0);
	assert_int_equal(log.garbled, 1);
	slave_free(slave);
}

static void ends_when_told(void **state)
{
	struct slave *slave = slave_start(SLAVE_RTU, 0, 10);
	struct serial_cfg line = line_of(slave);
	struct log log = {.stop_after = 2};

	(void)state;
	assert_int_equal(
		scan_serial(&line, scan_modes, scan_mode_count, 1, 247, note, &log), ERR_EXPIRED);
	assert_int_equal(log.tried, 2);
	assert_int_equal(scan_serial(&line, scan_modes, 1, 0, 5, note, &log), ERR_RANGE);
	line.device = "/nonexistent/tty";
	assert_int_equal(scan_serial(&line, scan_modes, 1, 1, 5, note, &log), ERR_NOTFOUND);
	slave_free(slave);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_units_in_the_first_mode_that_answers),
		cmocka_unit_test(an_exception_is_an_answer_and_noise_is_told),
		cmocka_unit_test(ends_when_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
