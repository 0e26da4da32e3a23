/* Raw registers and scanning a line: for a technician who puts a bus into service. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus/scan.h"
#include "commands.h"
#include "line.h"
#include "text.h"

/* ---- Reading registers ---- */

static int reply_failed(const struct cli *cli, const struct bus_reply *reply)
{
	if (reply->err == ERR_EXCEPTION) {
		return cli_fail(cli, CLI_FAILED, _("the device answered with exception %d"),
			reply->exception);
	}
	return cli_fail(cli, reply->err == ERR_TIMEOUT ? CLI_TIMEOUT : CLI_FAILED, "%s",
		_(err_text(reply->err)));
}

static int parse_address(const char *text, int64_t *out)
{
	char *end;
	unsigned long value;

	if (strncmp(text, "0x", 2) != 0) {
		return text_int(text, 0, 65535, out);
	}
	if (text[2] == '\0' || strlen(text) > 6 ||
		text[2 + strspn(text + 2, "0123456789abcdefABCDEF")] != '\0') {
		return ERR_SYNTAX;
	}
	value = strtoul(text + 2, &end, 16);
	*out = (int64_t)value;
	return 0;
}

static void print_registers(
	const struct cli *cli, int64_t address, const uint16_t *values, int64_t count)
{
	for (int64_t i = 0; i < count; i++) {
		if (cli->json) {
			printf("%s%u", i == 0 ? "[" : ",", values[i]);
		} else {
			printf("%5lld  0x%04llx  0x%04x  %5u  %6d\n", (long long)(address + i),
				(unsigned long long)(address + i), values[i], values[i],
				(int16_t)values[i]);
		}
	}
	if (cli->json) {
		printf("]\n");
	}
}

static int read_direct(
	struct cli *cli, struct bus_port *port, int64_t function, int64_t address, int64_t count)
{
	struct bus_request request = {.function = (uint8_t)function,
		.address = (uint16_t)address,
		.count = (uint16_t)count};
	struct bus_reply reply;
	int64_t unit;

	if (text_int(cli->args[0], 0, 255, &unit) != 0) {
		return cli_fail(
			cli, CLI_USAGE, _("\"%s\" is no Modbus address (0 to 255)"), cli->args[0]);
	}
	request.unit = (uint8_t)unit;
	bus_port_once(port, &request, &reply);
	if (reply.err != 0) {
		return reply_failed(cli, &reply);
	}
	print_registers(cli, address, reply.values, count);
	return CLI_OK;
}

static int read_through_agent(struct cli *cli, int64_t function, int64_t address, int64_t count)
{
	cJSON *params, *result;
	const cJSON *value;
	uint16_t values[BUS_MAX_READ] = {0};
	int64_t n = 0;
	int rc = cli_connect(cli);

	if (rc != 0) {
		return rc;
	}
	params = cJSON_CreateObject();
	cJSON_AddStringToObject(params, "unit", cli->args[0]);
	wire_add_int(params, "function", function);
	wire_add_int(params, "address", address);
	wire_add_int(params, "count", count);
	rc = link_call(cli->link, "read", params, &result);
	if (rc != 0) {
		return cli_fail_call(cli, rc);
	}
	cJSON_ArrayForEach(value, cJSON_GetObjectItemCaseSensitive(result, "values"))
	{
		if (n < BUS_MAX_READ && cJSON_IsNumber(value)) {
			values[n++] = (uint16_t)wire_int_of(value, 0);
		}
	}
	cJSON_Delete(result);
	print_registers(cli, address, values, n);
	return CLI_OK;
}

int cmd_bus_read(struct cli *cli)
{
	int64_t function, address = 0, count = 1, timeout_us;
	struct bus_port *port;
	int rc = cli_option_int(cli, "function", 1, 4, 3, &function);

	if (rc == 0 && parse_address(cli->args[1], &address) != 0) {
		rc = cli_fail(cli, CLI_USAGE, _("\"%s\" is no register address (0 to 65535)"),
			cli->args[1]);
	}
	if (rc == 0 && cli->arg_count > 2 && text_int(cli->args[2], 1, BUS_MAX_READ, &count) != 0) {
		rc = cli_fail(cli, CLI_USAGE, _("\"%s\" is no count (1 to %d)"), cli->args[2],
			BUS_MAX_READ);
	}
	if (rc == 0) {
		rc = line_timeout(cli, 500 * US_PER_MS, &timeout_us);
	}
	if (rc == 0) {
		rc = line_open(cli, timeout_us, &port);
	}
	if (rc != 0) {
		return rc;
	}
	rc = port != NULL ? read_direct(cli, port, function, address, count)
			  : read_through_agent(cli, function, address, count);
	line_close(port);
	return rc;
}

/* ---- Scanning ---- */

struct found {
	const struct cli *cli;
	size_t count;
	bool garbled;
};

static void mode_text(const struct scan_mode *mode, char *dst, size_t size)
{
	if (mode == NULL) {
		snprintf(dst, size, "tcp");
	} else {
		snprintf(dst, size, "%d-8%c%d", mode->baud, mode->parity, mode->stop_bits);
	}
}

static bool on_seen(void *arg, const struct scan_seen *seen)
{
	struct found *f = arg;
	char mode[24];

	mode_text(seen->mode, mode, sizeof mode);
	f->garbled |= seen->garbled;
	if (!seen->found) {
		return true;
	}
	if (f->cli->json) {
		printf("%s{\"mode\":\"%s\",\"unit\":%u,\"function\":%u,\"exception\":%u,"
		       "\"took_us\":%lld}",
			f->count == 0 ? "[" : ",", mode, seen->unit, seen->function,
			seen->exception, (long long)seen->took_us);
	} else {
		printf("%-12s %s %3u  %lld ms", mode, _("unit"), seen->unit,
			(long long)(seen->took_us / US_PER_MS));
		if (seen->exception != 0) {
			printf("  (%s %u)", _("exception"), seen->exception);
		}
		putchar('\n');
	}
	fflush(stdout);
	f->count++;
	return true;
}

static int scan_tcp(
	const struct cli *cli, int64_t timeout_us, uint8_t first, uint8_t last, struct found *f)
{
	struct bus_port *port;
	int rc = line_open(cli, timeout_us, &port);

	if (rc != 0) {
		return rc;
	}
	rc = scan_units(port, NULL, first, last, on_seen, f);
	line_close(port);
	return rc < 0 ? cli_fail(cli, CLI_FAILED, "%s", _(err_text(rc))) : 0;
}

static int scan_line(const struct cli *cli, const char *device, int64_t timeout_us, uint8_t first,
	uint8_t last, struct found *f)
{
	struct serial_cfg line = {.device = device, .timeout_us = timeout_us};
	const char *only = cli_option(cli, "mode");
	struct scan_mode mode;
	int rc;

	if (only != NULL && line_mode(only, &line) != 0) {
		return cli_fail(cli, CLI_USAGE, _("--mode: \"%s\" is no mode like 9600-8N1"), only);
	}
	mode = (struct scan_mode){line.baud, line.parity, line.stop_bits};
	rc = only != NULL
		     ? scan_serial(&line, &mode, 1, first, last, on_seen, f)
		     : scan_serial(&line, scan_modes, scan_mode_count, first, last, on_seen, f);
	return rc < 0 ? cli_fail(cli, CLI_FAILED, "%s: %s", device, _(err_text(rc))) : 0;
}

int cmd_bus_scan(struct cli *cli)
{
	const char *tcp = cli_option(cli, "tcp"), *serial = cli_option(cli, "serial");
	struct found f = {.cli = cli};
	int64_t first, last, timeout_us;
	int rc = cli_option_int(cli, "first", 1, 247, 1, &first);

	if (rc == 0) {
		rc = cli_option_int(cli, "last", 1, 247, 32, &last);
	}
	if (rc == 0) {
		rc = line_timeout(cli, 100 * US_PER_MS, &timeout_us);
	}
	if (rc == 0 && (tcp == NULL) == (serial == NULL)) {
		rc = cli_fail(
			cli, CLI_USAGE, _("say which line: --serial DEVICE or --tcp HOST:PORT"));
	}
	if (rc == 0) {
		rc = tcp != NULL ? scan_tcp(cli, timeout_us, (uint8_t)first, (uint8_t)last, &f)
				 : scan_line(cli, serial, timeout_us, (uint8_t)first, (uint8_t)last,
					   &f);
	}
	if (rc != 0) {
		return rc;
	}
	if (cli->json) {
		printf("%s]\n", f.count == 0 ? "[" : "");
	} else if (f.count == 0) {
		fprintf(stderr, "%s\n",
			f.garbled ? _("only garbled answers: another speed or parity?")
				  : _("nobody answered"));
	}
	return f.count > 0 ? CLI_OK : CLI_FAILED;
}
