/* A bus's thread: results, writes that wake it, lost lines, the end. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>

#include <cmocka.h>

#include "../slave.h"
#include "bus/modbus_port.h"
#include "bus/thread.h"
#include "err.h"

struct rig {
	struct slave *slave;
	struct bus_queue *queue;
	struct bus *bus;
	int wake[2]; /* the loop's side of the wake-up */
};

static void wake(void *arg)
{
	struct rig *rig = arg;

	assert_int_equal(write(rig->wake[1], "", 1), 1);
}

static const struct plan_range range = {3, 100, 10, POLL_FAST};

static void rig_start(struct rig *rig, enum slave_kind kind, int64_t fast_us, size_t reads)
{
	struct plan_unit_cfg units[2] = {
		{.unit = 3, .ranges = &range, .range_count = 1, .fast_us = fast_us},
		{.unit = 4, .ranges = &range, .range_count = 1, .fast_us = fast_us}};
	struct bus_cfg cfg = {.id = "test",
		.kind = "tcp",
		.address = "127.0.0.1",
		.index = 5,
		.plan = {.units = units, .unit_count = 2, .timeout_us = 2 * US_PER_S}};
	struct tcp_cfg tcp = {.host = "127.0.0.1", .timeout_us = 2 * US_PER_S};

	memset(rig, 0, sizeof *rig);
	rig->slave = slave_start(kind, 0, 10);
	assert_non_null(rig->slave);
	assert_int_equal(pipe(rig->wake), 0);
	assert_int_equal(bus_queue_new(reads, wake, rig, &rig->queue), 0);
	tcp.port = rig->slave->port;
	assert_int_equal(modbus_tcp_new(&tcp, &cfg.port), 0);
	cfg.queue = rig->queue;
	assert_int_equal(bus_start(&cfg, &rig->bus), 0);
}

static void rig_end(struct rig *rig)
{
	bus_free(rig->bus);
	bus_queue_free(rig->queue);
	slave_free(rig->slave);
	close(rig->wake[0]);
	close(rig->wake[1]);
}

/* The next result, waited for as the loop does. */
static struct bus_result next(struct rig *rig)
{
	struct bus_result result;
	char byte;

	while (!bus_queue_take(rig->queue, &result)) {
		assert_int_equal(read(rig->wake[0], &byte, 1), 1);
	}
	assert_int_equal(result.bus, 5);
	return result;
}

static struct bus_result next_of(struct rig *rig, enum plan_what what)
{
	struct bus_result result;

	do {
		result = next(rig);
	} while (result.step.what != what);
	return result;
}

static void polls_both_units(void **state)
{
	struct rig rig;
	struct bus_result result;
	struct view_bus view;
	struct view_unit units[2];
	int seen[2] = {0};

	(void)state;
	rig_start(&rig, SLAVE_TCP, 5 * US_PER_MS, 16);
	while (seen[0] < 3 || seen[1] < 3) {
		result = next_of(&rig, PLAN_READ);
		assert_int_equal(result.reply.err, 0);
		assert_true(result.up);
		assert_int_equal(result.changed, seen[result.step.unit] == 0);
		assert_int_equal(result.reply.values[9], 109 + 3 + result.step.unit);
		seen[result.step.unit]++;
	}
	view_clear(VIEW_unit, &units[0]);
	view_clear(VIEW_unit, &units[1]);
	assert_int_equal(bus_snapshot(rig.bus, moment_now(), &view, units, 2), 2);
	assert_string_equal(view.state, "up");
	assert_string_equal(units[1].state, "up");
	assert_int_equal(units[1].unit, 4);
	assert_true(view.transactions >= 6);
	assert_true(view.p50_us > 0 && view.p99_us >= view.p50_us);
	assert_true(units[0].last_good > 0 && units[0].next_try == VALUE_NONE);
	rig_end(&rig);
}

static void a_write_wakes_a_waiting_bus(void **state)
{
	struct plan_write write = {.token = 77,
		.unit = 1,
		.function = 6,
		.address = 900,
		.count = 1,
		.values = {42},
		.back_function = 3,
		.back_address = 900,
		.back_count = 1};
	struct rig rig;
	struct bus_result result;

	(void)state;
	/* Nothing is due for years, but for the first round. */
	rig_start(&rig, SLAVE_TCP, 100000 * 3600 * US_PER_S, 16);
	(void)next_of(&rig, PLAN_READ);
	(void)next_of(&rig, PLAN_READ);
	assert_int_equal(bus_write(rig.bus, &write), 0);
	result = next_of(&rig, PLAN_WRITE);
	assert_int_equal(result.step.token, 77);
	assert_int_equal(result.reply.err, 0);
	result = next_of(&rig, PLAN_READ_BACK);
	assert_int_equal(result.step.token, 77);
	assert_int_equal(result.reply.values[0], 42);
	assert_int_equal(bus_poll_now(rig.bus, 0, false), 0);
	result = next_of(&rig, PLAN_READ);
	assert_int_equal(result.step.unit, 0);
	write.unit = 2;
	assert_int_equal(bus_write(rig.bus, &write), ERR_RANGE);
	write.unit = 0;
	write.count = 0;
	assert_int_equal(bus_write(rig.bus, &write), ERR_RANGE);
	rig_end(&rig);
}

static void a_lost_line_is_told_and_comes_back(void **state)
{
	struct plan_write write = {.token = 1, .function = 6, .address = 900, .count = 1};
	struct rig rig;
	struct bus_result result;
	struct view_bus view;

	(void)state;
	rig_start(&rig, SLAVE_TCP, US_PER_MS, 16);
	(void)next_of(&rig, PLAN_READ);
	slave_break(rig.slave, SLAVE_CLOSE, 1);
	result = next_of(&rig, PLAN_WAIT);
	assert_int_equal(result.reply.err, ERR_CLOSED);
	assert_false(result.up);
	result = next_of(&rig, PLAN_WAIT);
	assert_int_equal(result.step.unit, 1);
	assert_int_equal(bus_write(rig.bus, &write), ERR_CLOSED);
	result = next_of(&rig, PLAN_READ);
	assert_int_equal(result.reply.err, 0);
	assert_true(result.up && result.changed);
	bus_snapshot(rig.bus, moment_now(), &view, NULL, 0);
	assert_int_equal(view.reconnects, 1);
	rig_end(&rig);
}

static void a_full_queue_drops_reads_only(void **state)
{
	struct plan_write write = {.token = 1, .function = 6, .address = 900, .count = 1};
	struct rig rig;
	struct bus_result result;
	uint32_t token = 0;

	(void)state;
	rig_start(&rig, SLAVE_TCP, 0, 4);
	(void)next_of(&rig, PLAN_READ);
	for (write.token = 1; write.token <= 8; write.token++) {
		assert_int_equal(bus_write(rig.bus, &write), 0);
	}
	while (bus_queue_dropped(rig.queue) < 100) {
		sched_yield();
	}
	while (token < 8) {
		result = next_of(&rig, PLAN_WRITE);
		assert_int_equal(result.step.token, token + 1);
		token = result.step.token;
	}
	rig_end(&rig);
}

static void what_waits_at_the_end_is_given_back(void **state)
{
	struct plan_write write = {.token = 0, .function = 6, .address = 900, .count = 1};
	struct rig rig;
	struct bus_result result;
	int given_back = 0;

	(void)state;
	rig_start(&rig, SLAVE_TCP, 3600 * US_PER_S, 4);
	(void)next_of(&rig, PLAN_READ);
	(void)next_of(&rig, PLAN_READ);
	slave_break(rig.slave, SLAVE_SILENT, 1000);
	for (write.token = 1; write.token <= PLAN_WRITES_MAX; write.token++) {
		assert_int_equal(bus_write(rig.bus, &write), 0);
	}
	assert_int_equal(bus_write(rig.bus, &write), ERR_FULL);
	bus_stop(rig.bus);
	bus_free(rig.bus);
	rig.bus = NULL;
	while (bus_queue_take(rig.queue, &result)) {
		given_back += result.step.token != 0 && result.reply.err != 0;
	}
	assert_int_equal(given_back, PLAN_WRITES_MAX);
	rig_end(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(polls_both_units),
		cmocka_unit_test(a_write_wakes_a_waiting_bus),
		cmocka_unit_test(a_lost_line_is_told_and_comes_back),
		cmocka_unit_test(a_full_queue_drops_reads_only),
		cmocka_unit_test(what_waits_at_the_end_is_given_back),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
