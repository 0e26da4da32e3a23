/* Field ports against a slave that misbehaves: each fault is named, and the next reply is right. */
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/ioctl.h>

#include <cmocka.h>

#include "../slave.h"
#include "bus/modbus_port.h"
#include "err.h"

struct line {
	struct slave *slave;
	struct bus_port *port;
};

static struct line line_new(enum slave_kind kind, int baud)
{
	struct line line = {.slave = slave_start(kind, baud, 10)};
	struct serial_cfg serial = {.baud = baud ? baud : 115200,
		.parity = 'N',
		.data_bits = 8,
		.stop_bits = 1,
		.timeout_us = 400 * US_PER_MS};
	struct tcp_cfg tcp = {.host = "127.0.0.1",
		.timeout_us = 400 * US_PER_MS,
		.baud = kind == SLAVE_RTU_TCP ? baud : 0,
		.parity = 'N',
		.stop_bits = 1};

	assert_non_null(line.slave);
	serial.device = line.slave->path;
	tcp.port = line.slave->port;
	switch (kind) {
	case SLAVE_RTU:
		assert_int_equal(modbus_serial_new(&serial, &line.port), 0);
		break;
	case SLAVE_TCP:
		assert_int_equal(modbus_tcp_new(&tcp, &line.port), 0);
		break;
	case SLAVE_RTU_TCP:
		assert_int_equal(modbus_rtu_tcp_new(&tcp, &line.port), 0);
		break;
	}
	assert_int_equal(line.port->ops->open(line.port), 0);
	return line;
}

static void line_free(struct line *line)
{
	line->port->ops->free(line->port);
	slave_free(line->slave);
}

static struct bus_reply read_at(struct line *line, uint8_t unit, uint16_t address, uint16_t count)
{
	struct bus_request request = {
		.unit = unit, .function = 3, .address = address, .count = count};
	struct bus_reply reply;

	memset(&reply, 0xA5, sizeof reply);
	line->port->ops->transact(line->port, &request, &reply);
	return reply;
}

static void expect_good(struct line *line, uint16_t address)
{
	struct bus_reply reply = read_at(line, 3, address, 10);

	assert_int_equal(reply.err, 0);
	for (int i = 0; i < 10; i++) {
		assert_int_equal(reply.values[i], address + i + 3);
	}
}

static void functions_of_a(enum slave_kind kind, int baud)
{
	struct line line = line_new(kind, baud);
	uint16_t values[3] = {11, 12, 13};
	struct bus_request request = {
		.unit = 3, .function = 16, .address = 500, .count = 3, .values = values};
	struct bus_reply reply;
	struct mono before = mono_now();

	expect_good(&line, 100);
	line.port->ops->transact(line.port, &request, &reply);
	assert_int_equal(reply.err, 0);
	assert_true(reply.at.us >= before.us && reply.at.us <= mono_now().us);
	assert_int_equal(read_at(&line, 3, 501, 1).values[0], 12);
	request.function = 6;
	request.count = 1;
	line.port->ops->transact(line.port, &request, &reply);
	assert_int_equal(reply.err, 0);
	assert_int_equal(read_at(&line, 3, 500, 2).values[0], 11);
	request.function = 2;
	request.count = 9;
	line.port->ops->transact(line.port, &request, &reply);
	assert_int_equal(reply.err, 0);
	assert_int_equal(reply.values[7], 1);
	assert_int_equal(reply.values[8], 0);
	request.function = 3;
	request.count = BUS_MAX_READ;
	line.port->ops->transact(line.port, &request, &reply);
	assert_int_equal(reply.err, 0);
	request.count = BUS_MAX_READ + 1;
	line.port->ops->transact(line.port, &request, &reply);
	assert_int_equal(reply.err, ERR_RANGE);
	expect_good(&line, 7);
	line_free(&line);
}

static void fault_on_a(enum slave_kind kind, enum slave_fault fault, int err)
{
	struct line line = line_new(kind, 0);
	struct bus_reply reply;

	expect_good(&line, 100);
	slave_break(line.slave, fault, 1);
	reply = read_at(&line, 3, 100, 10);
	assert_int_equal(reply.err, err);
	if (reply.err == ERR_CLOSED) {
		assert_int_equal(line.port->ops->open(line.port), 0);
	}
	expect_good(&line, 200);
	expect_good(&line, 300);
	line_free(&line);
}

static void functions(void **state)
{
	(void)state;
	functions_of_a(SLAVE_TCP, 0);
	functions_of_a(SLAVE_RTU, 115200);
	functions_of_a(SLAVE_RTU_TCP, 0);
	functions_of_a(SLAVE_RTU_TCP, 115200);
}

static void silence(void **state)
{
	(void)state;
	fault_on_a(SLAVE_TCP, SLAVE_SILENT, ERR_TIMEOUT);
	fault_on_a(SLAVE_RTU, SLAVE_SILENT, ERR_TIMEOUT);
	fault_on_a(SLAVE_RTU_TCP, SLAVE_SILENT, ERR_TIMEOUT);
}

static void half_a_frame(void **state)
{
	(void)state;
	fault_on_a(SLAVE_RTU, SLAVE_HALF, ERR_FRAME);
	fault_on_a(SLAVE_RTU_TCP, SLAVE_HALF, ERR_FRAME);
}

static void a_wrong_checksum(void **state)
{
	(void)state;
	fault_on_a(SLAVE_RTU, SLAVE_BAD_CRC, ERR_CRC);
	fault_on_a(SLAVE_RTU_TCP, SLAVE_BAD_CRC, ERR_CRC);
}

static void another_unit(void **state)
{
	(void)state;
	fault_on_a(SLAVE_TCP, SLAVE_WRONG_UNIT, ERR_FOREIGN);
	fault_on_a(SLAVE_RTU, SLAVE_WRONG_UNIT, ERR_FOREIGN);
}

static void fewer_registers(void **state)
{
	(void)state;
	fault_on_a(SLAVE_TCP, SLAVE_SHORT, ERR_FOREIGN);
	fault_on_a(SLAVE_RTU, SLAVE_SHORT, ERR_FOREIGN);
}

static void a_foreign_frame_before_the_reply_is_read_over(void **state)
{
	static const enum slave_kind kinds[] = {SLAVE_TCP, SLAVE_RTU, SLAVE_RTU_TCP};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct line line = line_new(kinds[i], 0);
		struct bus_reply reply;

		slave_break(line.slave, SLAVE_STRAY, 1);
		reply = read_at(&line, 3, 100, 10);
		assert_int_equal(reply.err, 0);
		assert_int_equal(reply.values[0], 103);
		assert_int_equal(reply.late, 1);
		expect_good(&line, 200);
		line_free(&line);
	}
}

/* A line without bias gives a zero byte when a transceiver is switched. */
static void a_zero_byte_before_the_frame_is_skipped(void **state)
{
	(void)state;
	for (uint16_t count = 1; count <= BUS_MAX_READ; count += 31) {
		struct line line = line_new(SLAVE_RTU, 115200);
		struct bus_reply reply;

		slave_break(line.slave, SLAVE_ZERO, 1);
		reply = read_at(&line, 3, 100, count);
		assert_int_equal(reply.err, 0);
		assert_int_equal(reply.values[count - 1], 100 + count - 1 + 3);
		assert_int_equal(reply.late, 1);
		expect_good(&line, 200);
		slave_break(line.slave, SLAVE_ZERO, 1);
		reply = read_at(&line, 17, 100, count);
		assert_int_equal(reply.err, 0);
		line_free(&line);
	}
}

static void exceptions_are_told(void **state)
{
	(void)state;
	for (int kind = SLAVE_RTU; kind <= SLAVE_RTU_TCP; kind++) {
		struct line line = line_new((enum slave_kind)kind, 0);
		struct bus_reply reply;

		atomic_store(&line.slave->exception, 2);
		slave_break(line.slave, SLAVE_EXCEPTION, 1);
		reply = read_at(&line, 3, 100, 10);
		assert_int_equal(reply.err, ERR_EXCEPTION);
		assert_int_equal(reply.exception, 2);
		expect_good(&line, 200);
		line_free(&line);
	}
}

/* The reply to the request before comes first: on TCP its number tells. */
static void a_late_reply_is_not_taken_for_the_answer(void **state)
{
	struct line line = line_new(SLAVE_TCP, 0);
	struct bus_reply reply;

	(void)state;
	slave_break(line.slave, SLAVE_LATE, 1);
	assert_int_equal(read_at(&line, 3, 100, 10).err, ERR_TIMEOUT);
	reply = read_at(&line, 3, 200, 10);
	assert_int_equal(reply.err, 0);
	assert_int_equal(reply.values[0], 203);
	assert_int_equal(reply.late, 1);
	line_free(&line);
}

/* On a serial line nothing in the frame tells, but what comes before the request is flushed. */
static void what_waits_before_a_request_is_flushed(void **state)
{
	struct line line = line_new(SLAVE_RTU, 0);
	uint8_t late[] = {3, 3, 20, 1, 2, 3, 4, 5};
	struct bus_reply reply;
	int there = 0;

	(void)state;
	expect_good(&line, 100);
	slave_write(line.slave->fd, late, sizeof late);
	/* The kernel hands them over at its leisure; the other end is open in the slave too. */
	while (there < (int)sizeof late) {
		assert_int_equal(ioctl(line.slave->listener, FIONREAD, &there), 0);
		sched_yield();
	}
	reply = read_at(&line, 3, 200, 10);
	assert_int_equal(reply.err, 0);
	assert_int_equal(reply.values[0], 203);
	assert_true(reply.late >= 1);
	line_free(&line);
}

static void a_closed_connection_is_told(void **state)
{
	(void)state;
	fault_on_a(SLAVE_TCP, SLAVE_CLOSE, ERR_CLOSED);
	fault_on_a(SLAVE_RTU_TCP, SLAVE_CLOSE, ERR_CLOSED);
}

static void garbage_does_no_harm(void **state)
{
	(void)state;
	for (int kind = SLAVE_RTU; kind <= SLAVE_RTU_TCP; kind++) {
		struct line line = line_new((enum slave_kind)kind, 0);
		struct bus_reply reply;

		slave_break(line.slave, SLAVE_GARBAGE, 1);
		reply = read_at(&line, 3, 100, 10);
		assert_int_not_equal(reply.err, 0);
		if (reply.err == ERR_CLOSED) {
			assert_int_equal(line.port->ops->open(line.port), 0);
		}
		expect_good(&line, 200);
		line_free(&line);
	}
}

static void a_missing_line_is_told(void **state)
{
	struct serial_cfg serial = {.device = "/nonexistent/tty",
		.baud = 9600,
		.parity = 'N',
		.data_bits = 8,
		.stop_bits = 1};
	struct bus_port *port = NULL;
	struct bus_request request = {.unit = 1, .function = 3, .count = 1};
	struct bus_reply reply;

	(void)state;
	assert_int_equal(modbus_serial_new(&serial, &port), 0);
	assert_int_equal(port->ops->open(port), ERR_NOTFOUND);
	port->ops->transact(port, &request, &reply);
	assert_int_equal(reply.err, ERR_CLOSED);
	port->ops->free(port);
	serial.parity = 'X';
	assert_int_equal(modbus_serial_new(&serial, &port), ERR_RANGE);
	serial.parity = 'E';
	serial.baud = 0;
	assert_int_equal(modbus_serial_new(&serial, &port), ERR_RANGE);
}

static void a_line_has_one_master(void **state)
{
	struct line line = line_new(SLAVE_RTU, 0);
	struct serial_cfg serial = {.device = line.slave->path,
		.baud = 9600,
		.parity = 'N',
		.data_bits = 8,
		.stop_bits = 1};
	struct bus_port *second = NULL;

	(void)state;
	assert_int_equal(modbus_serial_new(&serial, &second), 0);
	assert_int_equal(second->ops->open(second), ERR_LOCKED);
	second->ops->free(second);
	expect_good(&line, 9);
	line_free(&line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(functions),
		cmocka_unit_test(silence),
		cmocka_unit_test(half_a_frame),
		cmocka_unit_test(a_wrong_checksum),
		cmocka_unit_test(another_unit),
		cmocka_unit_test(fewer_registers),
		cmocka_unit_test(a_foreign_frame_before_the_reply_is_read_over),
		cmocka_unit_test(a_zero_byte_before_the_frame_is_skipped),
		cmocka_unit_test(exceptions_are_told),
		cmocka_unit_test(a_late_reply_is_not_taken_for_the_answer),
		cmocka_unit_test(what_waits_before_a_request_is_flushed),
		cmocka_unit_test(a_closed_connection_is_told),
		cmocka_unit_test(garbage_does_no_harm),
		cmocka_unit_test(a_missing_line_is_told),
		cmocka_unit_test(a_line_has_one_master),
	};

	/* As the agent does: a lost connection is an error, not a signal. */
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
