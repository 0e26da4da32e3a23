/* From a configured bus to its port. */
#include "config.h"

int config_bus_port(const struct config_bus *bus, struct bus_port **out)
{
	struct tcp_cfg tcp = {.host = bus->host,
		.port = bus->port,
		.timeout_us = bus->timeout_us,
		.baud = bus->baud,
		.parity = bus->parity,
		.stop_bits = bus->stop_bits};
	struct serial_cfg serial = {.device = bus->device,
		.baud = bus->baud,
		.parity = bus->parity,
		.data_bits = bus->data_bits,
		.stop_bits = bus->stop_bits,
		.rts = bus->rts,
		.rts_delay_us = bus->rts_delay_us,
		.turnaround_us = bus->turnaround_us,
		.timeout_us = bus->timeout_us};

	switch (bus->kind) {
	case CONFIG_SERIAL:
		return modbus_serial_new(&serial, out);
	case CONFIG_TCP:
		return modbus_tcp_new(&tcp, out);
	default:
		return modbus_rtu_tcp_new(&tcp, out);
	}
}
