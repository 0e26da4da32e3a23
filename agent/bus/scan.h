#ifndef PILED_BUS_SCAN_H
#define PILED_BUS_SCAN_H
/*
 * Finding devices on a line by reading one register of each address: function 3, and 4 where that
 * brings silence. Any frame with a good checksum is a device, an exception too. Nothing is
 * written.
 */
#include "modbus_port.h"

struct scan_mode {
	int baud;
	char parity;
	int stop_bits;
};

/* The settings that are met in the field, the most frequent first. */
extern const struct scan_mode scan_modes[];
extern const size_t scan_mode_count;

/* What became of one address. */
struct scan_seen {
	const struct scan_mode *mode; /* NULL where the line has none */
	uint8_t unit;
	bool found;
	bool garbled; /* something was sent that is no frame: perhaps another speed or parity */
	uint8_t function;
	uint8_t exception; /* it answered with this; 0 = with a value */
	int64_t took_us;
};

/* Called for each address; returns false to end the scan. */
typedef bool (*scan_progress)(void *arg, const struct scan_seen *seen);

/* Asks the addresses first..last (1..247) on an open port. Returns the number found; ERR_RANGE, or
 * ERR_CLOSED, ERR_IO where the line was lost; ERR_EXPIRED when `progress` ended it. */
int scan_units(struct bus_port *port, const struct scan_mode *mode, uint8_t first, uint8_t last,
	scan_progress progress, void *arg);

/* Tries each mode on a serial line until one brings answers: devices on a line share its speed.
 * `line` gives the device, RTS mode and time-out. Results as above, and those of opening. */
int scan_serial(const struct serial_cfg *line, const struct scan_mode *modes, size_t mode_count,
	uint8_t first, uint8_t last, scan_progress progress, void *arg);

#endif
