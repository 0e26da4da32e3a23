/*
 * Lines and devices: probing a unit, scanning a line, reading raw registers, profiles. Through
 * the agent for units of its own, directly for a line that it does not use.
 */
#include <cjson/cJSON.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus/modbus_port.h"
#include "bus/profile.h"
#include "commands.h"
#include "config.h"
#include "fmt.h"
#include "print.h"
#include "text.h"

#define RANGES_MAX  256
#define DECODED_MAX 512
#define SCAN_MAX_US (5 * US_PER_S)

/* ---- A line of one's own ---- */

/* "9600-8N1". */
static int parse_mode(const char *text, struct serial_cfg *cfg)
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

static int parse_timeout(const struct cli *cli, int64_t fallback_us, int64_t *out)
{
	const char *text = cli_option(cli, "timeout");

	*out = fallback_us;
	if (text != NULL && fmt_parse(text, UNIT_US, 1000, SCAN_MAX_US, out) != 0) {
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

	if (parse_mode(mode, &cfg) != 0) {
		return cli_fail(cli, CLI_USAGE, _("--mode: \"%s\" is no mode like 9600-8N1"), mode);
	}
	return modbus_serial_new(&cfg, out) == 0 ? 0 : cli_fail(cli, CLI_FAILED, "%s", device);
}

/* The line that --tcp or --serial names; *out NULL where neither was given. */
static int open_line(const struct cli *cli, int64_t timeout_us, struct bus_port **out)
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
	if (rc == 0 && (*out)->ops->open(*out) != 0) {
		(*out)->ops->free(*out);
		*out = NULL;
		rc = cli_fail(
			cli, CLI_UNREACHABLE, _("%s cannot be opened"), tcp != NULL ? tcp : serial);
	}
	return rc;
}

static void close_line(struct bus_port *port)
{
	if (port != NULL) {
		port->ops->close(port);
		port->ops->free(port);
	}
}

static int reply_failed(const struct cli *cli, const struct bus_reply *reply)
{
	if (reply->err == ERR_EXCEPTION) {
		return cli_fail(cli, CLI_FAILED, _("the device answered with exception %d"),
			reply->exception);
	}
	return cli_fail(cli, reply->err == ERR_TIMEOUT ? CLI_TIMEOUT : CLI_FAILED, "%s",
		_(err_text(reply->err)));
}

/* ---- bus read ---- */

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
	cJSON_AddNumberToObject(params, "function", (double)function);
	cJSON_AddNumberToObject(params, "address", (double)address);
	cJSON_AddNumberToObject(params, "count", (double)count);
	rc = link_call(cli->link, "read", params, &result);
	if (rc != 0) {
		return cli_fail_call(cli, rc);
	}
	cJSON_ArrayForEach(value, cJSON_GetObjectItemCaseSensitive(result, "values"))
	{
		if (n < BUS_MAX_READ && cJSON_IsNumber(value)) {
			values[n++] = (uint16_t)value->valuedouble;
		}
	}
	cJSON_Delete(result);
	print_registers(cli, address, values, n);
	return CLI_OK;
}

int cmd_bus_read(struct cli *cli)
{
	int64_t function, address, count = 1, timeout_us;
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
		rc = parse_timeout(cli, 500 * US_PER_MS, &timeout_us);
	}
	if (rc == 0) {
		rc = open_line(cli, timeout_us, &port);
	}
	if (rc != 0) {
		return rc;
	}
	rc = port != NULL ? read_direct(cli, port, function, address, count)
			  : read_through_agent(cli, function, address, count);
	close_line(port);
	return rc;
}

/* ---- bus scan ---- */

/* Any answer, an exception too, is a device. */
static bool answers(const struct bus_reply *reply)
{
	return reply->err == 0 ||
	       (reply->err == ERR_EXCEPTION && reply->exception != 10 && reply->exception != 11);
}

static void scan_line(struct bus_port *port, const char *mode, int64_t first, int64_t last,
	size_t *found, bool json)
{
	for (int64_t unit = first; unit <= last; unit++) {
		struct bus_request request = {
			.unit = (uint8_t)unit, .function = 3, .address = 0, .count = 1};
		struct bus_reply reply;

		bus_port_once(port, &request, &reply);
		if (!answers(&reply)) {
			continue;
		}
		if (json) {
			printf("%s{\"mode\":\"%s\",\"unit\":%lld,\"took_us\":%lld}",
				*found == 0 ? "[" : ",", mode, (long long)unit,
				(long long)reply.took_us);
		} else {
			printf("%-12s %s %3lld  %lld ms\n", mode, _("unit"), (long long)unit,
				(long long)(reply.took_us / US_PER_MS));
		}
		fflush(stdout);
		(*found)++;
	}
}

int cmd_bus_scan(struct cli *cli)
{
	static const char *const modes[] = {"9600-8N1", "19200-8E1", "19200-8N1", "9600-8E1",
		"9600-8N2", "38400-8N1", "57600-8N1", "115200-8N1", "4800-8N1", "2400-8N1"};
	const char *tcp = cli_option(cli, "tcp"), *serial = cli_option(cli, "serial");
	const char *only = cli_option(cli, "mode");
	int64_t first, last, timeout_us;
	struct bus_port *port;
	size_t found = 0;
	int rc = cli_option_int(cli, "first", 1, 247, 1, &first);

	if (rc == 0) {
		rc = cli_option_int(cli, "last", 1, 247, 32, &last);
	}
	if (rc == 0) {
		rc = parse_timeout(cli, 100 * US_PER_MS, &timeout_us);
	}
	if (rc == 0 && (tcp == NULL) == (serial == NULL)) {
		rc = cli_fail(
			cli, CLI_USAGE, _("say which line: --serial DEVICE or --tcp HOST:PORT"));
	}
	if (rc != 0) {
		return rc;
	}
	if (tcp != NULL || only != NULL) {
		rc = open_line(cli, timeout_us, &port);
		if (rc == 0) {
			scan_line(port, tcp != NULL ? "tcp" : only, first, last, &found, cli->json);
			close_line(port);
		}
	}
	for (size_t i = 0;
		rc == 0 && tcp == NULL && only == NULL && i < sizeof modes / sizeof modes[0]; i++) {
		rc = serial_port(cli, serial, modes[i], timeout_us, &port);
		if (rc == 0 && port->ops->open(port) != 0) {
			rc = cli_fail(cli, CLI_UNREACHABLE, _("%s cannot be opened"), serial);
			port->ops->free(port);
			break;
		}
		if (rc == 0) {
			scan_line(port, modes[i], first, last, &found, cli->json);
			close_line(port);
		}
	}
	if (cli->json) {
		printf("%s]\n", found == 0 ? "[" : "");
	}
	if (rc == 0 && found == 0 && !cli->json) {
		fprintf(stderr, "%s\n", _("nobody answered"));
	}
	return rc != 0 ? rc : found > 0 ? CLI_OK : CLI_FAILED;
}

/* ---- Profiles ---- */

static void folders_of(const struct cli *cli, struct config_folders *folders)
{
	const char *first = cli_option(cli, "profiles");

	config_profile_folders(first != NULL ? first : "", folders);
	if (first != NULL) {
		folders->list[0] = first;
	}
}

static int load_profile(const struct cli *cli, const char *name, struct profile **out)
{
	struct yaml_errors errors = {0};
	struct config_folders folders;
	char path[CONFIG_PATH];
	int rc;

	folders_of(cli, &folders);
	rc = profile_path(folders.list, name, path, sizeof path);
	if (rc != 0) {
		return cli_fail(cli, CLI_FAILED,
			_("no profile \"%s\"; `piled profile list` lists them"), name);
	}
	rc = profile_load(path, NULL, &errors, out);
	for (size_t i = 0; i < errors.kept; i++) {
		fprintf(stderr, "%s\n", errors.lines[i]);
	}
	if (rc != 0) {
		cli_fail(cli, CLI_FAILED, _("%s: %zu errors"), path, errors.count);
	}
	yaml_errors_free(&errors);
	return rc == 0 ? 0 : CLI_FAILED;
}

int cmd_profile_check(struct cli *cli)
{
	const char *name = cli->args[0];
	struct profile *profile;
	char path[CONFIG_PATH];
	int rc;

	/* It is a file, also without a slash. */
	snprintf(path, sizeof path, "%s%s", strchr(name, '/') == NULL ? "./" : "", name);
	rc = load_profile(cli, path, &profile);
	if (rc != 0) {
		return rc;
	}
	printf(_("%s: good: %s %s\n"), name, profile_info(profile)->maker,
		profile_info(profile)->model);
	profile_free(profile);
	return CLI_OK;
}

static int is_profile(const struct dirent *entry)
{
	size_t n = strlen(entry->d_name);

	return n > 5 && strcmp(entry->d_name + n - 5, ".yaml") == 0;
}

static void list_folder(const struct cli *cli, const char *folder, size_t *count)
{
	struct dirent **entries;
	int n = scandir(folder, &entries, is_profile, alphasort);

	for (int i = 0; i < n; i++) {
		char *name = entries[i]->d_name;

		name[strlen(name) - 5] = '\0';
		if (cli->json) {
			printf("%s{\"name\":\"%s\",\"folder\":\"%s\"}", *count == 0 ? "[" : ",",
				name, folder);
		} else {
			printf("%-28s %s\n", name, folder);
		}
		(*count)++;
		free(entries[i]);
	}
	if (n >= 0) {
		free(entries);
	}
}

int cmd_profile_list(struct cli *cli)
{
	struct config_folders folders;
	size_t count = 0;

	folders_of(cli, &folders);
	for (size_t i = 0; folders.list[i] != NULL; i++) {
		list_folder(cli, folders.list[i], &count);
	}
	if (cli->json) {
		printf("%s]\n", count == 0 ? "[" : "");
	}
	return count > 0 || cli->json ? CLI_OK : CLI_FAILED;
}

/* ---- probe ---- */

static void cell_decoded(const struct decoded *d, struct view_point *view)
{
	const struct point_info *info = point_info((enum point)d->point);

	view_clear(VIEW_point, view);
	if (d->gun > 0) {
		snprintf(view->name, sizeof view->name, "%u.%s", (unsigned)d->gun % 1000,
			info->name);
	} else {
		VIEW_SET(view, name, info->name);
	}
	if (info->unit == UNIT_TEXT) {
		VIEW_SET(view, text, d->text);
	} else if (d->quality == Q_GOOD) {
		view->value = d->value;
		fmt_value(view->text, sizeof view->text, info->unit, d->value, true);
	}
	VIEW_SET(view, unit, unit_suffix(info->unit));
	VIEW_SET(view, quality, quality_token(d->quality));
	VIEW_SET(view, verdict,
		d->quality == Q_GOOD   ? "plausible"
		: d->quality == Q_NONE ? ""
				       : quality_token(d->quality));
}

static int probe_unit(
	struct cli *cli, struct bus_port *port, const struct profile *profile, int64_t unit)
{
	static struct plan_range ranges[RANGES_MAX];
	static struct decoded decoded[DECODED_MAX];
	size_t count = profile_ranges(profile, ranges, RANGES_MAX);
	struct decoder *decoder;
	struct rows rows = {VIEW_point, NULL, 0};
	size_t cap = 0, answered = 0;
	int rc = decoder_new(profile, &decoder);

	for (size_t i = 0; rc == 0 && i < count && i < RANGES_MAX; i++) {
		const struct plan_range *r = &ranges[i];
		struct bus_request request = {.unit = (uint8_t)unit,
			.function = r->function,
			.address = r->address,
			.count = r->count};
		struct bus_reply reply;
		size_t n = 0;

		bus_port_once(port, &request, &reply);
		if (reply.err == 0) {
			answered++;
			n = decoder_block(decoder, r->function, r->address, reply.values, r->count,
				decoded, DECODED_MAX);
		} else if (reply.err == ERR_EXCEPTION) {
			answered++;
			n = decoder_refused(
				decoder, r->function, r->address, r->count, decoded, DECODED_MAX);
		} else {
			fprintf(stderr, "%u..%u: %s\n", r->address,
				(unsigned)r->address + r->count - 1, _(err_text(reply.err)));
		}
		for (size_t d = 0; d < n && d < DECODED_MAX; d++) {
			if (rows.count == cap) {
				struct view_point *v;

				cap = cap == 0 ? 64 : cap * 2;
				v = realloc(rows.v, cap * sizeof *v);
				if (v == NULL) {
					rc = ERR_NOMEM;
					break;
				}
				rows.v = (char *)v;
			}
			cell_decoded(&decoded[d], (struct view_point *)rows.v + rows.count++);
		}
	}
	decoder_free(decoder);
	if (rc == 0) {
		print_points(cli, &rows);
	}
	rows_free(&rows);
	if (rc != 0) {
		return cli_fail(cli, CLI_FAILED, "%s", _(err_text(rc)));
	}
	return answered > 0 ? CLI_OK : CLI_TIMEOUT;
}

static int probe_direct(struct cli *cli)
{
	const char *name = cli_option(cli, "profile");
	struct profile *profile;
	struct bus_port *port;
	int64_t unit, timeout_us;
	int rc = cli_option_int(cli, "unit", 0, 255, 1, &unit);

	if (rc == 0 && name == NULL) {
		rc = cli_fail(cli, CLI_USAGE, _("--profile is missing: which device is it?"));
	}
	if (rc == 0) {
		rc = parse_timeout(cli, 500 * US_PER_MS, &timeout_us);
	}
	if (rc == 0) {
		rc = load_profile(cli, name, &profile);
	}
	if (rc != 0) {
		return rc;
	}
	rc = open_line(cli, timeout_us, &port);
	if (rc == 0) {
		rc = probe_unit(cli, port, profile, unit);
		close_line(port);
	}
	profile_free(profile);
	return rc;
}

int cmd_probe(struct cli *cli)
{
	cJSON *params, *result;
	struct rows rows;
	int rc;

	if (cli->arg_count == 0) {
		if (cli_option(cli, "tcp") == NULL && cli_option(cli, "serial") == NULL) {
			return cli_fail(cli, CLI_USAGE,
				_("name a unit of the agent, or --tcp or --serial"));
		}
		return probe_direct(cli);
	}
	rc = cli_connect(cli);
	if (rc != 0) {
		return rc;
	}
	params = cJSON_CreateObject();
	cJSON_AddStringToObject(params, "unit", cli->args[0]);
	rc = link_call(cli->link, "probe", params, &result);
	if (rc != 0) {
		return cli_fail_call(cli, rc);
	}
	rc = rows_take(VIEW_point, cJSON_GetObjectItemCaseSensitive(result, "rows"), &rows);
	cJSON_Delete(result);
	if (rc != 0) {
		return cli_fail(cli, CLI_FAILED, "%s", _(err_text(rc)));
	}
	print_points(cli, &rows);
	rows_free(&rows);
	return CLI_OK;
}
