/*
 * Modbus TCP. libmodbus receives (its framing); the request carries a transaction number of ours
 * and the whole header of the reply is checked, which modbus_read_registers() of 3.1.6 does not
 * do: it takes the reply of another unit behind the gateway for the right one.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <modbus/modbus.h>

#include "err.h"
#include "frame.h"
#include "modbus_common.h"
#include "modbus_port.h"
#include "net.h"

#define MBAP        6 /* bytes before the unit's address */
#define SILENT_MAX  3 /* time-outs in a row: the connection may be dead, make a new one */
#define STRAYS_MAX  8 /* foreign frames that are read over in one transaction */
#define CONNECT_US  (3 * US_PER_S)
#define MODBUS_PORT 502

struct tcp_port {
	struct bus_port port;
	modbus_t *ctx;
	char host[256];
	int number;
	int64_t timeout_us, connect_us;
	uint16_t transaction;
	bool dirty; /* something may still come for an earlier request */
	unsigned silent;
};

static void tcp_close(struct bus_port *port)
{
	struct tcp_port *tcp = (struct tcp_port *)port;
	int fd = modbus_get_socket(tcp->ctx);

	if (fd >= 0) {
		close(fd);
		modbus_set_socket(tcp->ctx, -1);
	}
}

static int tcp_open(struct bus_port *port)
{
	struct tcp_port *tcp = (struct tcp_port *)port;
	int fd, err;

	tcp_close(port);
	err = net_connect(tcp->host, tcp->number, tcp->connect_us, &fd);
	if (err) {
		return err;
	}
	modbus_set_socket(tcp->ctx, fd);
	tcp->dirty = false;
	tcp->silent = 0;
	return 0;
}

static int send_request(struct tcp_port *tcp, const struct bus_request *request)
{
	uint8_t bytes[MBAP + FRAME_MAX] = {0};
	int length = frame_request(request, bytes + MBAP);
	ssize_t n;

	if (length < 0) {
		return length;
	}
	tcp->transaction++;
	bytes[0] = (uint8_t)(tcp->transaction >> 8);
	bytes[1] = (uint8_t)tcp->transaction;
	bytes[4] = (uint8_t)(length >> 8);
	bytes[5] = (uint8_t)length;
	n = send(modbus_get_socket(tcp->ctx), bytes, (size_t)(MBAP + length), MSG_NOSIGNAL);
	return n == MBAP + length ? 0 : ERR_CLOSED;
}

/* Is the header that of our reply? */
static int check(const struct tcp_port *tcp, const struct bus_request *request,
	const uint8_t *bytes, int length, struct bus_reply *reply)
{
	int claimed = bytes[4] << 8 | bytes[5];

	if (bytes[2] != 0 || bytes[3] != 0 || claimed != length - MBAP) {
		return ERR_FRAME; /* the stream is out of step */
	}
	if ((bytes[0] << 8 | bytes[1]) != tcp->transaction) {
		return ERR_FOREIGN;
	}
	return frame_check(request, bytes + MBAP, (size_t)(length - MBAP), reply);
}

static int receive(struct tcp_port *tcp, const struct bus_request *request, struct mono end,
	struct bus_reply *reply)
{
	uint8_t bytes[MODBUS_TCP_MAX_ADU_LENGTH];
	int64_t left_us = tcp->timeout_us;
	int err = ERR_FOREIGN;

	for (int strays = 0; strays < STRAYS_MAX && left_us > 0; strays++) {
		int length;

		common_set_timeout(tcp->ctx, left_us);
		length = modbus_receive_confirmation(tcp->ctx, bytes);
		if (length < 0) {
			int now = common_error(errno);

			/* What came was foreign: that says more than the silence after it. */
			return now == ERR_TIMEOUT && strays > 0 ? ERR_FOREIGN : now;
		}
		err = check(tcp, request, bytes, length, reply);
		if (err != ERR_FOREIGN) {
			return err;
		}
		reply->late++;
		left_us = mono_diff_us(end, mono_now());
	}
	return err;
}

static int exchange(struct tcp_port *tcp, const struct bus_request *request, struct mono *start,
	struct bus_reply *reply)
{
	int err = 0;

	if (tcp->silent >= SILENT_MAX) {
		err = tcp_open(&tcp->port);
	}
	if (err || modbus_get_socket(tcp->ctx) < 0) {
		return ERR_CLOSED;
	}
	if (tcp->dirty) {
		int flushed = net_flush(modbus_get_socket(tcp->ctx));

		if (flushed < 0) {
			return ERR_CLOSED;
		}
		reply->late += flushed > 0 ? 1 : 0;
		tcp->dirty = false;
	}
	*start = mono_now();
	err = send_request(tcp, request);
	return err ? err : receive(tcp, request, mono_add_us(*start, tcp->timeout_us), reply);
}

static void tcp_transact(
	struct bus_port *port, const struct bus_request *request, struct bus_reply *reply)
{
	struct tcp_port *tcp = (struct tcp_port *)port;
	struct mono start = mono_now();

	reply->exception = 0;
	reply->late = 0;
	reply->err = exchange(tcp, request, &start, reply);
	reply->at = mono_now();
	reply->took_us = mono_diff_us(reply->at, start);
	tcp->silent = reply->err == ERR_TIMEOUT ? tcp->silent + 1 : 0;
	switch (reply->err) {
	case 0:
	case ERR_EXCEPTION:
	case ERR_RANGE:
		break;
	case ERR_TIMEOUT:
	case ERR_FOREIGN:
		tcp->dirty = true;
		break;
	case ERR_FRAME:
		/* Nobody knows where the next frame begins. */
		tcp->silent = SILENT_MAX;
		break;
	default:
		tcp_close(port);
	}
}

static void tcp_free(struct bus_port *port)
{
	struct tcp_port *tcp = (struct tcp_port *)port;

	if (tcp) {
		tcp_close(port);
		modbus_free(tcp->ctx);
		free(tcp);
	}
}

int modbus_tcp_new(const struct tcp_cfg *cfg, struct bus_port **out)
{
	static const struct bus_port_ops ops = {tcp_open, tcp_transact, tcp_close, tcp_free};
	struct tcp_port *tcp;

	if (!cfg->host || strlen(cfg->host) >= sizeof tcp->host || cfg->port < 0 ||
		cfg->port > 65535 || !common_timeout_ok(cfg->timeout_us) ||
		!common_timeout_ok(cfg->connect_timeout_us)) {
		return ERR_RANGE;
	}
	tcp = calloc(1, sizeof *tcp);
	if (!tcp) {
		return ERR_NOMEM;
	}
	tcp->port.ops = &ops;
	memcpy(tcp->host, cfg->host, strlen(cfg->host) + 1);
	tcp->number = cfg->port > 0 ? cfg->port : MODBUS_PORT;
	tcp->timeout_us = cfg->timeout_us > 0 ? cfg->timeout_us : BUS_TIMEOUT_US;
	tcp->connect_us = cfg->connect_timeout_us > 0 ? cfg->connect_timeout_us : CONNECT_US;
	/* The address is never used: the connection is ours. */
	tcp->ctx = modbus_new_tcp("127.0.0.1", tcp->number);
	if (!tcp->ctx) {
		free(tcp);
		return ERR_NOMEM;
	}
	common_setup(tcp->ctx);
	*out = &tcp->port;
	return 0;
}
