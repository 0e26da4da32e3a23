#ifndef PILED_LINE_H
#define PILED_LINE_H
/* A line of one's own for commands that do not go through the agent: --tcp, --serial, --mode. */
#include "bus/modbus_port.h"
#include "cli.h"

/* Reads --timeout in microseconds; 0 or an exit code. */
int line_timeout(const struct cli *cli, int64_t fallback_us, int64_t *out);

/* Reads "9600-8N1". ERR_SYNTAX. */
int line_mode(const char *text, struct serial_cfg *cfg);

/* Opens the line that --tcp or --serial names; *out is NULL where neither was given. 0 or an exit
 * code. line_close() accepts NULL. */
int line_open(const struct cli *cli, int64_t timeout_us, struct bus_port **out);
void line_close(struct bus_port *port);

#endif
