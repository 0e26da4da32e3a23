/*
 * CPU of a Modbus TCP transaction of 40 registers: the bus (thread, plan, queue, wake-up of the
 * loop) against a bare libmodbus loop in the same run. The slave is another process.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/wait.h>

#include <modbus/modbus.h>

#include "../slave.h"
#include "bus/modbus_port.h"
#include "bus/thread.h"

#define REGISTERS 40
#define COUNT     20000

static double cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* Serves in a child until killed; *port is where. */
static pid_t serve(int *port)
{
	int ends[2];
	pid_t child;

	if (pipe(ends)) {
		return -1;
	}
	child = fork();
	if (child == 0) {
		struct slave *slave = slave_start(SLAVE_TCP, 0, 10);

		slave_write(ends[1], (const uint8_t *)&slave->port, sizeof slave->port);
		pthread_join(slave->thread, NULL);
		_exit(0);
	}
	if (read(ends[0], port, sizeof *port) != sizeof *port) {
		*port = 0;
	}
	close(ends[0]);
	close(ends[1]);
	return child;
}

static double bare_us(int port)
{
	modbus_t *ctx = modbus_new_tcp("127.0.0.1", port);
	uint16_t values[REGISTERS];
	double start;

	if (!ctx || modbus_connect(ctx)) {
		return 0.0;
	}
	modbus_set_slave(ctx, 1);
	start = cpu_us();
	for (int i = 0; i < COUNT; i++) {
		if (modbus_read_registers(ctx, 0, REGISTERS, values) != REGISTERS) {
			return 0.0;
		}
	}
	start = cpu_us() - start;
	modbus_close(ctx);
	modbus_free(ctx);
	return start / COUNT;
}

static void wake(void *arg)
{
	eventfd_write(*(int *)arg, 1);
}

static double bus_us(int port)
{
	static const struct plan_range range = {3, 0, REGISTERS, POLL_FAST};
	struct plan_unit_cfg unit = {.unit = 1, .ranges = &range, .range_count = 1};
	struct tcp_cfg tcp = {.host = "127.0.0.1", .port = port};
	struct bus_cfg cfg = {
		.id = "bench", .kind = "tcp", .plan = {.units = &unit, .unit_count = 1}};
	int event = eventfd(0, EFD_CLOEXEC), good = 0;
	struct bus_queue *queue = NULL;
	struct bus *bus = NULL;
	double start;

	if (bus_queue_new(256, wake, &event, &queue) || modbus_tcp_new(&tcp, &cfg.port)) {
		return 0.0;
	}
	cfg.queue = queue;
	start = cpu_us();
	if (bus_start(&cfg, &bus)) {
		return 0.0;
	}
	while (good < COUNT) {
		struct bus_result result;
		eventfd_t value;

		eventfd_read(event, &value);
		while (bus_queue_take(queue, &result)) {
			good += result.reply.err == 0;
		}
	}
	start = cpu_us() - start;
	bus_free(bus);
	bus_queue_free(queue);
	close(event);
	return start / good;
}

int main(void)
{
	double bare, bus;
	pid_t child;
	int port;

	signal(SIGPIPE, SIG_IGN);
	child = serve(&port);
	bare = bare_us(port);
	bus = bus_us(port);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	if (bare <= 0.0 || bus <= 0.0) {
		return 1;
	}
	printf("tcp_bare_libmodbus %.1f us - ok\n", bare);
	printf("tcp_bus_thread %.1f us - ok\n", bus);
	printf("tcp_bus_ratio %.2f x <=2 %s\n", bus / bare, bus <= 2.0 * bare ? "ok" : "short");
	return 0;
}
