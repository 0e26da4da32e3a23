#ifndef PILED_PORT_H
#define PILED_PORT_H
/*
 * The bus interface: one Modbus transaction at a time. Implemented by modbus.c (serial, TCP, RTU
 * over TCP) and by the simulator, in process and on a virtual clock.
 */
#include "reading.h"

#define BUS_MAX_READ  125 /* registers a read, Modbus application protocol 1.1b3 */
#define BUS_MAX_WRITE 123

#define BUS_TIMEOUT_US INT64_C(300000) /* of a reply, where the configuration says nothing */

struct bus_request {
	uint8_t unit;
	uint8_t function; /* 1, 2 (bits), 3, 4 reads; 5, 6, 15, 16 writes */
	uint16_t address; /* wire (PDU, zero-based) */
	uint16_t count;
	const uint16_t *values; /* writes: `count` values, borrowed */
};

struct bus_reply {
	int err;           /* 0 or ERR_TIMEOUT, _CRC, _FRAME, _FOREIGN, _EXCEPTION, _CLOSED, _IO */
	uint8_t exception; /* Modbus exception code with ERR_EXCEPTION */
	struct mono at;    /* when the reply was complete (or given up) */
	int64_t took_us;   /* from the request's first byte */
	uint32_t late;     /* late or foreign frames that were flushed on the way */
	uint16_t values[BUS_MAX_READ];
};

struct bus_port;

struct bus_port_ops {
	/* Opens or reopens the line. 0, ERR_IO, ERR_NOTFOUND, ERR_TIMEOUT. */
	int (*open)(struct bus_port *port);
	/* Carries out one transaction; blocks for as long as it takes on the line. */
	void (*transact)(
		struct bus_port *port, const struct bus_request *request, struct bus_reply *reply);
	void (*close)(struct bus_port *port);
	void (*free)(struct bus_port *port);
};

/* Embedded as the first member of an implementation. */
struct bus_port {
	const struct bus_port_ops *ops;
};

#endif
