/* Finding devices on a line. */
#include "err.h"
#include "scan.h"

#define UNIT_MAX 247

const struct scan_mode scan_modes[] = {
	{9600, 'N', 1},
	{19200, 'E', 1}, /* the default of the Modbus serial line guide */
	{9600, 'E', 1},
	{19200, 'N', 1},
	{115200, 'N', 1},
	{38400, 'N', 1},
	{57600, 'N', 1},
	{9600, 'N', 2},
	{19200, 'N', 2},
	{9600, 'O', 1},
	{4800, 'N', 1},
	{2400, 'N', 1},
	{38400, 'E', 1},
	{115200, 'E', 1},
};
const size_t scan_mode_count = sizeof scan_modes / sizeof scan_modes[0];

static bool gateway_says_no(const struct bus_reply *reply)
{
	return reply->exception == 10 || reply->exception == 11;
}

static void note(struct scan_seen *seen, const struct bus_reply *reply)
{
	switch (reply->err) {
	case 0:
		seen->found = true;
		break;
	case ERR_EXCEPTION:
		seen->found = !gateway_says_no(reply);
		seen->exception = reply->exception;
		break;
	case ERR_CRC:
	case ERR_FRAME:
	case ERR_FOREIGN:
		seen->garbled = true;
		break;
	default:
		break;
	}
	seen->took_us = reply->took_us;
}

int scan_units(struct bus_port *port, const struct scan_mode *mode, uint8_t first, uint8_t last,
	scan_progress progress, void *arg)
{
	int found = 0;

	if (first < 1 || last > UNIT_MAX || first > last) {
		return ERR_RANGE;
	}
	for (int unit = first; unit <= last; unit++) {
		struct scan_seen seen = {.mode = mode, .unit = (uint8_t)unit};

		for (uint8_t function = 3; function <= 4 && !seen.found; function++) {
			struct bus_request request = {
				.unit = (uint8_t)unit, .function = function, .count = 1};
			struct bus_reply reply;

			bus_port_once(port, &request, &reply);
			if (reply.err == ERR_CLOSED || reply.err == ERR_IO) {
				return reply.err;
			}
			seen.function = function;
			note(&seen, &reply);
		}
		found += seen.found ? 1 : 0;
		if (!progress(arg, &seen)) {
			return ERR_EXPIRED;
		}
	}
	return found;
}

int scan_serial(const struct serial_cfg *line, const struct scan_mode *modes, size_t mode_count,
	uint8_t first, uint8_t last, scan_progress progress, void *arg)
{
	int found = 0;

	for (size_t i = 0; i < mode_count && found == 0; i++) {
		struct serial_cfg cfg = *line;
		struct bus_port *port = NULL;

		cfg.baud = modes[i].baud;
		cfg.parity = modes[i].parity;
		cfg.stop_bits = modes[i].stop_bits;
		cfg.data_bits = 8; /* RTU has no other */
		found = modbus_serial_new(&cfg, &port);
		if (found) {
			break;
		}
		found = port->ops->open(port);
		if (found == 0) {
			found = scan_units(port, &modes[i], first, last, progress, arg);
		}
		port->ops->free(port);
	}
	return found;
}
