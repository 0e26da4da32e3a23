/*
 * From the mailbox of a bus to the read-back of a write: on TCP, and on a 9600 line with six piles
 * polled as fast as it goes; the worst of a number of writes at odd moments.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/eventfd.h>

#include "../slave.h"
#include "bus/modbus_port.h"
#include "bus/thread.h"

#define PILES     6
#define REGISTERS 40

static int event;

static void wake(void *arg)
{
	(void)arg;
	eventfd_write(event, 1);
}

/* Waits for the read-back of the write. Returns when it was taken; 0 when it failed. */
static struct mono read_back(struct bus_queue *queue, uint32_t token)
{
	for (;;) {
		struct bus_result result;
		eventfd_t value;

		while (bus_queue_take(queue, &result)) {
			if (result.step.token == token && result.reply.err != 0) {
				return (struct mono){0};
			}
			if (result.step.token == token && result.step.what == PLAN_READ_BACK) {
				return mono_now();
			}
		}
		eventfd_read(event, &value);
	}
}

static int64_t worst_us(struct bus *bus, struct bus_queue *queue, int count)
{
	struct plan_write write = {.function = 6,
		.address = 900,
		.count = 1,
		.back_function = 3,
		.back_address = 900,
		.back_count = 1};
	int64_t worst = 0;

	for (write.token = 1; (int)write.token <= count; write.token++) {
		struct mono start, end;

		/* 37 ms and a transaction of 104 ms drift through each other. */
		slave_sleep_until(mono_add_us(mono_now(), 37 * US_PER_MS));
		start = mono_now();
		write.unit = (uint16_t)(write.token % PILES);
		write.values[0] = (uint16_t)write.token;
		if (bus_write(bus, &write)) {
			return INT64_MAX;
		}
		end = read_back(queue, write.token);
		if (end.us == 0) {
			return INT64_MAX;
		}
		worst = mono_diff_us(end, start) > worst ? mono_diff_us(end, start) : worst;
	}
	return worst;
}

static int measure(enum slave_kind kind, int count, int64_t *worst)
{
	static const struct plan_range range = {3, 0, REGISTERS, POLL_FAST};
	struct plan_unit_cfg units[PILES] = {0};
	struct slave *slave = slave_start(kind, kind == SLAVE_RTU ? 9600 : 0, 10);
	struct bus_cfg cfg = {
		.id = "bench", .kind = "rtu", .plan = {.units = units, .unit_count = PILES}};
	struct serial_cfg serial = {.baud = 9600, .parity = 'N', .data_bits = 8, .stop_bits = 1};
	struct tcp_cfg tcp = {.host = "127.0.0.1"};
	struct bus_queue *queue = NULL;
	struct bus_result result;
	struct bus *bus = NULL;
	int err = -1;

	if (!slave) {
		return err;
	}
	for (int i = 0; i < PILES; i++) {
		units[i] = (struct plan_unit_cfg){
			.unit = (uint8_t)(i + 1), .ranges = &range, .range_count = 1};
	}
	slave->delivery = DELIVER_FIFO;
	slave->turn_us = slave->char_ns * 7 / 2000;
	serial.device = slave->path;
	tcp.port = slave->port;
	if (bus_queue_new(256, wake, NULL, &queue) ||
		(kind == SLAVE_RTU ? modbus_serial_new(&serial, &cfg.port)
				   : modbus_tcp_new(&tcp, &cfg.port))) {
		goto out;
	}
	cfg.queue = queue;
	if (bus_start(&cfg, &bus)) {
		goto out;
	}
	/* All have answered before the first write. */
	for (int seen = 0; seen < PILES;) {
		eventfd_t value;

		while (bus_queue_take(queue, &result)) {
			seen += result.changed && result.up;
		}
		eventfd_read(event, &value);
	}
	*worst = worst_us(bus, queue, count);
	err = 0;
out:
	bus_free(bus);
	bus_queue_free(queue);
	slave_free(slave);
	return err;
}

int main(void)
{
	int64_t tcp = 0, line = 0;

	signal(SIGPIPE, SIG_IGN);
	event = eventfd(0, EFD_CLOEXEC);
	if (event < 0 || measure(SLAVE_TCP, 50, &tcp) || measure(SLAVE_RTU, 30, &line)) {
		return 1;
	}
	printf("bus_write_read_back_tcp %.4f s <=0.1 %s\n", (double)tcp / 1e6,
		tcp <= 100 * US_PER_MS ? "ok" : "short");
	printf("bus_write_read_back_9600 %.4f s <=0.4 %s\n", (double)line / 1e6,
		line <= 400 * US_PER_MS ? "ok" : "short");
	return 0;
}
