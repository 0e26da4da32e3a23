/*
 * One dead unit among 16 on a 9600 line that is polled as fast as it goes: what the other 15 keep
 * of the rate that they have when all answer.
 */
#include <stdio.h>

#include "../slave.h"
#include "bus/modbus_port.h"
#include "bus/thread.h"

#define UNITS     16
#define REGISTERS 10
#define SECONDS   12
#define DEAD      5

/* Good reads a second of the units other than DEAD; negative when nothing runs. */
static double rate(int dead)
{
	static const struct plan_range range = {3, 0, REGISTERS, POLL_FAST};
	struct plan_unit_cfg units[UNITS] = {0};
	struct slave *slave = slave_start(SLAVE_RTU, 9600, 10);
	struct serial_cfg serial = {.baud = 9600, .parity = 'N', .data_bits = 8, .stop_bits = 1};
	struct bus_cfg cfg = {
		.id = "bench", .kind = "rtu", .plan = {.units = units, .unit_count = UNITS}};
	struct bus_queue *queue = NULL;
	struct bus_result result;
	struct bus *bus = NULL;
	struct mono end;
	double reads = -1.0;

	if (!slave) {
		return reads;
	}
	for (int i = 0; i < UNITS; i++) {
		units[i] = (struct plan_unit_cfg){
			.unit = (uint8_t)(i + 1), .ranges = &range, .range_count = 1};
	}
	slave->delivery = DELIVER_FIFO;
	slave->turn_us = slave->char_ns * 7 / 2000;
	atomic_store(&slave->dead_unit, dead);
	serial.device = slave->path;
	if (bus_queue_new(1024, NULL, NULL, &queue) || modbus_serial_new(&serial, &cfg.port)) {
		goto out;
	}
	cfg.queue = queue;
	if (bus_start(&cfg, &bus)) {
		goto out;
	}
	reads = 0.0;
	end = mono_add_us(mono_now(), SECONDS * US_PER_S);
	slave_sleep_until(end);
	while (bus_queue_take(queue, &result)) {
		reads += result.reply.err == 0 && result.step.unit + 1 != DEAD;
	}
out:
	bus_free(bus);
	bus_queue_free(queue);
	slave_free(slave);
	return reads / SECONDS;
}

int main(void)
{
	double all = rate(0), fewer = rate(DEAD), keep;

	if (all <= 0.0) {
		return 1;
	}
	keep = 100.0 * fewer / all;
	printf("# 15 units: %.2f reads/s with 16 alive, %.2f with one dead\n", all, fewer);
	printf("dead_unit_others_keep %.1f %% >=90 %s\n", keep, keep >= 90.0 ? "ok" : "short");
	return 0;
}
