/* What the ports over libmodbus have in common. */
#include <errno.h>

#include "err.h"
#include "modbus_common.h"
#include "modbus_port.h"

void common_setup(modbus_t *ctx)
{
	modbus_set_error_recovery(ctx, MODBUS_ERROR_RECOVERY_NONE);
	/* 0: not a time-out a byte, but one for the whole reply. */
	modbus_set_byte_timeout(ctx, 0, 0);
}

void common_set_timeout(modbus_t *ctx, int64_t us)
{
	us = us > 0 ? us : 1;
	modbus_set_response_timeout(ctx, (uint32_t)(us / US_PER_S), (uint32_t)(us % US_PER_S));
}

bool common_timeout_ok(int64_t us)
{
	return us >= 0 && us <= 60 * US_PER_S;
}

int common_error(int error)
{
	switch (error) {
	case ETIMEDOUT:
		return ERR_TIMEOUT;
	case EMBBADCRC:
		return ERR_CRC;
	case EMBBADDATA:
	case EMBBADEXC:
	case EMBUNKEXC:
	case EMBMDATA:
	case EINTR:
	case EAGAIN:
		return ERR_FRAME;
	case EMBBADSLAVE:
		return ERR_FOREIGN;
	case EIO:
	case ECONNRESET:
	case EPIPE:
	case EBADF:
	case ENODEV:
	case ENXIO:
		return ERR_CLOSED;
	default:
		return ERR_IO;
	}
}

void bus_port_once(
	struct bus_port *port, const struct bus_request *request, struct bus_reply *reply)
{
	port->ops->transact(port, request, reply);
	if (reply->err == ERR_CLOSED) {
		int err = port->ops->open(port);

		if (err) {
			reply->err = err;
		} else {
			port->ops->transact(port, request, reply);
		}
	}
}
