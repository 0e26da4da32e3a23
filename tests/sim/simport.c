/*
 * The bus interface over the model, on a clock of its own: no bytes, no sockets, but the time that
 * the transaction would take on the wire, and what faults would make of it.
 */
#include <stdlib.h>
#include <string.h>

#include "linetime.h"
#include "modbus_slave.h"
#include "sim_int.h"
#include "timex.h"

#define TCP_US    3000
#define CLOSED_US 1000 /* a connection that is refused, a device that is gone */

struct simport {
	struct bus_port port;
	struct sim *sim;
	unsigned bus;
	struct mono now;
	int64_t char_ns; /* 0 = TCP */
	int64_t silence_ns;
};

static int port_open(struct bus_port *port)
{
	struct simport *p = (struct simport *)port;

	return sim_bus_gone(p->sim, p->bus) ? ERR_IO : 0;
}

static void port_close(struct bus_port *port)
{
	(void)port;
}

static void port_free(struct bus_port *port)
{
	free(port);
}

static int64_t wire_us(const struct simport *p, size_t request, size_t reply)
{
	if (p->char_ns == 0) {
		return TCP_US;
	}
	return ((int64_t)(request + reply) * p->char_ns + 2 * p->silence_ns) / 1000;
}

static size_t request_size(const struct bus_request *r)
{
	return r->function == 15 || r->function == 16 ? 9u + 2u * r->count : 8u;
}

static int mishap_error(enum mishap mishap)
{
	switch (mishap) {
	case MISHAP_CRC:
		return ERR_CRC;
	case MISHAP_HALF:
	case MISHAP_GARBAGE:
		return ERR_FRAME;
	case MISHAP_FOREIGN:
		return ERR_FOREIGN;
	default:
		return ERR_TIMEOUT;
	}
}

static int carry_out(
	struct simport *p, const struct bus_request *r, uint8_t forced, struct bus_reply *reply)
{
	int exception = forced;

	if (!exception && (r->count < 1 || r->count > BUS_MAX_READ)) {
		exception = 3;
	} else if (!exception && (r->function == 3 || r->function == 4)) {
		exception = sim_read(p->sim, p->bus, r->unit, r->address, r->count, reply->values);
	} else if (!exception && (r->function == 6 || r->function == 16)) {
		exception = sim_write(p->sim, p->bus, r->unit, r->address, r->count, r->values);
	} else if (!exception) {
		exception = 1;
	}
	reply->exception = (uint8_t)exception;
	return exception ? ERR_EXCEPTION : 0;
}

static void port_transact(
	struct bus_port *port, const struct bus_request *request, struct bus_reply *reply)
{
	struct simport *p = (struct simport *)port;
	bool reads = request->function <= 4;
	size_t reply_size = reads ? 5u + 2u * request->count : 8u;
	int64_t delay_us;
	uint8_t exception;
	enum mishap mishap;

	/* The unit answers when the request has reached it. */
	int64_t half = wire_us(p, request_size(request), 0);

	sim_advance(p->sim, mono_add_us(p->now, half));
	reply->err = 0;
	reply->exception = 0;
	reply->late = 0;
	mishap = slave_mishap(p->sim, p->bus, request->unit, &delay_us, &exception);
	if (sim_bus_gone(p->sim, p->bus)) {
		reply->err = p->char_ns ? ERR_IO : ERR_CLOSED;
		reply->took_us = CLOSED_US;
	} else if (mishap == MISHAP_SILENT || delay_us >= p->sim->timeout_us) {
		/* What comes too late is flushed before the next request. */
		reply->late = mishap != MISHAP_SILENT;
		reply->err = ERR_TIMEOUT;
		reply->took_us = half + p->sim->timeout_us;
	} else {
		reply->err = carry_out(p, request, exception, reply);
		if (mishap != MISHAP_NONE) {
			reply->err = mishap_error(mishap);
		}
		if (reply->err == ERR_EXCEPTION) {
			reply_size = 5;
		}
		reply->took_us = wire_us(p, request_size(request), reply_size) + delay_us;
	}
	p->now = mono_add_us(p->now, reply->took_us);
	reply->at = p->now;
	if (reply->err == 0 && reads) {
		sim_answered(
			p->sim, p->bus, request->unit, request->address, request->count, reply->at);
	}
}

struct bus_port *sim_port(struct sim *sim, unsigned bus)
{
	static const struct bus_port_ops OPS = {port_open, port_transact, port_close, port_free};
	struct simport *p = bus < sim->site.bus_count ? calloc(1, sizeof *p) : NULL;

	if (!p) {
		return NULL;
	}
	const struct sim_bus_spec *spec = &sim->site.buses[bus];

	p->port.ops = &OPS;
	p->sim = sim;
	p->bus = bus;
	p->now = sim_now(sim);
	if (spec->link != SIM_TCP) {
		p->char_ns = line_char_ns(spec->baud, spec->parity, spec->stop_bits);
		p->silence_ns = line_silence_ns(spec->baud, p->char_ns);
	}
	return &p->port;
}

struct mono sim_port_now(const struct bus_port *port)
{
	return ((const struct simport *)port)->now;
}

void sim_port_wait(struct bus_port *port, struct mono until)
{
	struct simport *p = (struct simport *)port;

	if (mono_before(p->now, until)) {
		p->now = until;
	}
}
