#ifndef PILED_MODBUS_PORT_H
#define PILED_MODBUS_PORT_H
/*
 * Field ports over libmodbus: a serial line (RTU), Modbus TCP, and RTU over TCP (transparent
 * serial servers). Each is a struct bus_port that one thread at a time uses.
 *
 * One request, one reply, one time-out: no retries in here, the plan owns them. A frame of another
 * unit, a late reply and noise are flushed and counted, never taken for the answer.
 */
#include <stddef.h>

#include "port.h"

/* Who switches an RS-485 transceiver between sending and receiving. */
enum rts_mode {
	RTS_AUTO,  /* the hardware does; nothing to switch */
	RTS_UP,    /* RTS high while sending, switched by libmodbus */
	RTS_DOWN,  /* RTS low while sending */
	RTS_KERNEL /* the kernel's driver does (TIOCSRS485) */
};

struct serial_cfg {
	const char *device; /* copied */
	int baud;
	char parity; /* 'N', 'E', 'O' */
	int data_bits, stop_bits;
	enum rts_mode rts;
	int64_t rts_delay_us;  /* between switching and the first bit, and after the last */
	int64_t turnaround_us; /* kept free after each reply, beyond the 3.5 characters */
	int64_t timeout_us; /* 0 = BUS_TIMEOUT_US; from the end of the request to the first byte of
			       the reply */
};

struct tcp_cfg {
	const char *host; /* name or address, copied */
	int port;         /* 0 = 502 */
	int64_t timeout_us;
	int64_t connect_timeout_us; /* 0 = 3 s */
	/* RTU over TCP only: the line behind the serial server, to predict a frame's time;
	 * baud 0 = unknown, nothing is predicted. */
	int baud;
	char parity;
	int stop_bits;
};

/* Make a closed port; ERR_RANGE for settings outside of what the line can do, ERR_NOMEM. */
int modbus_serial_new(const struct serial_cfg *cfg, struct bus_port **out);
int modbus_tcp_new(const struct tcp_cfg *cfg, struct bus_port **out);
int modbus_rtu_tcp_new(const struct tcp_cfg *cfg, struct bus_port **out);

/* Opens, if closed, and carries out one transaction: for tools that have no plan. */
void bus_port_once(
	struct bus_port *port, const struct bus_request *request, struct bus_reply *reply);

#endif
