#include "line.h"

#include <string.h>

#include "fmt.h"
#include "text.h"

#define TIMEOUT_MAX_US (5 * US_PER_S)

/* "9600-8N1". */
int line_mode(const char *text, struct serial_cfg *cfg)
{
	const char *dash = strchr(text, '-');
	char baud[12];
	int64_t value;

	if (dash == NULL || (size_t)(dash - text) >= sizeof baud || strlen(dash) != 4) {
		return ERR_SYNTAX;
	}
	memcpy(baud, text, (size_t)(dash - text));
	baud[dash - text] = '\0';
	if (text_int(baud, 300, 1000000, &value) != 0 || strchr("78", dash[1]) == NULL ||
		strchr("NEO", dash[2]) == NULL || strchr("12", dash[3]) == NULL) {
		return ERR_SYNTAX;
	}
	cfg->baud = (int)value;
	cfg->data_bits = dash[1] - '0';
	cfg->parity = dash[2];
	cfg->stop_bits = dash[3] - '0';
	return 0;
}

int line_timeout(const struct cli *cli, int64_t fallback_us, int64_t *out)
{
	const char *text = cli_option(cli, "timeout");

	*out = fallback_us;
	if (text != NULL && fmt_parse(text, UNIT_US, 1000, TIMEOUT_MAX_US, out) != 0) {
		return cli_fail(cli, CLI_USAGE, _("--timeout: \"%s\" is no time like 500ms"), text);
	}
	return 0;
}

static int tcp_port(
	const struct cli *cli, const char *where, int64_t timeout_us, struct bus_port **out)
{
	const char *colon = strrchr(where, ':');
	char host[128];
	struct tcp_cfg cfg = {.host = host, .timeout_us = timeout_us};
	int64_t port = 502;
	size_t n = colon != NULL ? (size_t)(colon - where) : strlen(where);

	if (n == 0 || n >= sizeof host ||
		(colon != NULL && text_int(colon + 1, 1, 65535, &port) != 0)) {
		return cli_fail(cli, CLI_USAGE, _("--tcp: \"%s\" is no HOST:PORT"), where);
	}
	memcpy(host, where, n);
	host[n] = '\0';
	cfg.port = (int)port;
	return modbus_tcp_new(&cfg, out) == 0 ? 0 : cli_fail(cli, CLI_FAILED, "%s", where);
}

static int serial_port(const struct cli *cli, const char *device, const char *mode,
	int64_t timeout_us, struct bus_port **out)
{
	struct serial_cfg cfg = {.device = device, .timeout_us = timeout_us};

	if (line_mode(mode, &cfg) != 0) {
		return cli_fail(cli, CLI_USAGE, _("--mode: \"%s\" is no mode like 9600-8N1"), mode);
	}
	return modbus_serial_new(&cfg, out) == 0 ? 0 : cli_fail(cli, CLI_FAILED, "%s", device);
}

/* The line that --tcp or --serial names; *out NULL where neither was given. */
int line_open(const struct cli *cli, int64_t timeout_us, struct bus_port **out)
{
	const char *tcp = cli_option(cli, "tcp"), *serial = cli_option(cli, "serial");
	const char *mode = cli_option(cli, "mode");
	int rc;

	*out = NULL;
	if (tcp != NULL && serial != NULL) {
		return cli_fail(cli, CLI_USAGE, _("--tcp or --serial, not both"));
	}
	if (tcp == NULL && serial == NULL) {
		return 0;
	}
	rc = tcp != NULL
		     ? tcp_port(cli, tcp, timeout_us, out)
		     : serial_port(cli, serial, mode != NULL ? mode : "9600-8N1", timeout_us, out);
	if (*out != NULL && (*out)->ops->open(*out) != 0) {
		(*out)->ops->free(*out);
		*out = NULL;
		rc = cli_fail(
			cli, CLI_UNREACHABLE, _("%s cannot be opened"), tcp != NULL ? tcp : serial);
	}
	return rc;
}

void line_close(struct bus_port *port)
{
	if (port != NULL) {
		port->ops->close(port);
		port->ops->free(port);
	}
}
