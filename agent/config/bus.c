/* The configuration's buses and feeders. */
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "core/command.h"
#include "text.h"

const char *const config_bus_keys[] = {"serial", "tcp", "rtu_over_tcp", "baud", "parity",
	"data_bits", "stop_bits", "rs485", "rts_delay", "turnaround", "timeout", NULL};
const char *const config_feeder_keys[] = {"limit", "other_load", NULL};
const char *const config_rts_words[] = {[RTS_AUTO] = "auto",
	[RTS_UP] = "rts-up",
	[RTS_DOWN] = "rts-down",
	[RTS_KERNEL] = "kernel",
	NULL};
static const char *const parities[] = {"none", "even", "odd", NULL};

static bool known_baud(int64_t baud)
{
	static const int known[] = {300, 600, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200,
		230400, 460800, 921600};

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		if (known[i] == baud) {
			return true;
		}
	}
	return false;
}

static void read_line(struct config_reader *r, const struct yaml_node *map, struct config_bus *bus)
{
	int64_t v;
	int word;

	yaml_quantity(r->doc, map, "baud", UNIT_NONE, 300, 921600,
		bus->kind == CONFIG_SERIAL ? 9600 : 0, &v);
	if (v != 0 && !known_baud(v)) {
		yaml_error(r->doc, yaml_get(r->doc, map, "baud"),
			"'baud': read %d, allowed are 300, 600, 1200, ... 9600, 19200, 38400, "
			"57600, "
			"115200, 230400, 460800, 921600",
			(int)v);
	}
	bus->baud = (int)v;
	yaml_word(r->doc, map, "parity", parities, 0, &word);
	bus->parity = "NEO"[word];
	yaml_quantity(r->doc, map, "data_bits", UNIT_NONE, 7, 8, 8, &v);
	bus->data_bits = (int)v;
	yaml_quantity(r->doc, map, "stop_bits", UNIT_NONE, 1, 2, 1, &v);
	bus->stop_bits = (int)v;
}

/* The i-th of "10.0.0.[11..30]"; the text itself where there is no range. */
static int expand_host(const char *text, size_t i, size_t count, char *dst, size_t size)
{
	const char *open = strchr(text, '['), *close = strchr(text, ']'), *dots;
	char first[8], last[8];
	int64_t lo, hi;

	if (open == NULL) {
		return (size_t)snprintf(dst, size, "%s", text) < size ? 0 : ERR_TOOLONG;
	}
	dots = strstr(open, "..");
	if (dots == NULL || close == NULL || close < dots || dots - open > 7 || close - dots > 8) {
		return ERR_SYNTAX;
	}
	snprintf(first, sizeof first, "%.*s", (int)(dots - open - 1), open + 1);
	snprintf(last, sizeof last, "%.*s", (int)(close - dots - 2), dots + 2);
	if (text_int(first, 0, 255, &lo) != 0 || text_int(last, lo, 255, &hi) != 0 ||
		(size_t)(hi - lo + 1) != count) {
		return ERR_SYNTAX;
	}
	return (size_t)snprintf(dst, size, "%.*s%d%s", (int)(open - text), text,
		       (int)(lo + (int64_t)i), close + 1) < size
		       ? 0
		       : ERR_TOOLONG;
}

/* "host" or "host:port"; an IPv6 address stands without a port. */
static void read_host(struct config_reader *r, const struct yaml_node *map, const char *key,
	const struct config_span *span, size_t i, struct config_bus *bus)
{
	const char *text = config_nth(r, map, key, span, i, sizeof bus->host - 1, false);
	char whole[sizeof bus->host], *colon;
	int64_t port = 502;

	if (*text == '\0') {
		return;
	}
	if (expand_host(text, i, span->count, whole, sizeof whole) != 0) {
		yaml_error(r->doc, yaml_get(r->doc, map, key),
			"'%s': read '%.60s', allowed is HOST, HOST:PORT, or 10.0.0.[1..9]:502 with "
			"as "
			"many addresses as buses",
			key, text);
		return;
	}
	colon = strrchr(whole, ':');
	if (colon != NULL && strchr(whole, ':') == colon) {
		*colon = '\0';
		if (text_int(colon + 1, 1, 65535, &port) != 0 || whole[0] == '\0') {
			yaml_error(r->doc, yaml_get(r->doc, map, key),
				"'%s': read '%.60s', allowed is HOST:PORT with a port 1 to 65535",
				key, text);
		}
	}
	snprintf(bus->host, sizeof bus->host, "%s", whole);
	bus->port = (int)port;
}

static void read_device(struct config_reader *r, const struct yaml_node *map,
	const struct config_span *span, size_t i, struct config_bus *bus)
{
	const char *text = config_nth(r, map, "serial", span, i, CONFIG_PATH / 2, false);
	int n = text[0] == '/' ? snprintf(bus->device, sizeof bus->device, "%s", text)
			       : snprintf(bus->device, sizeof bus->device, "%s/%s",
					 r->config->folder, text);

	if (text[0] == '\0' || n >= (int)sizeof bus->device) {
		yaml_error(r->doc, yaml_get(r->doc, map, "serial"),
			"'serial': allowed is the path of a serial device");
	}
}

static bool read_bus(struct config_reader *r, const struct yaml_node *map,
	const struct config_span *span, size_t i, struct config_bus *bus)
{
	static const char *const kinds[] = {[CONFIG_SERIAL] = "serial",
		[CONFIG_TCP] = "tcp",
		[CONFIG_RTU_TCP] = "rtu_over_tcp"};
	int given = 0, word;

	for (int k = 0; k < 3; k++) {
		if (yaml_get(r->doc, map, kinds[k]) != NULL) {
			bus->kind = (enum config_bus_kind)k;
			given++;
		}
	}
	if (given != 1) {
		yaml_error(r->doc, map, "a bus has one of 'serial', 'tcp', 'rtu_over_tcp'");
		return false;
	}
	if (bus->kind == CONFIG_SERIAL) {
		read_device(r, map, span, i, bus);
	} else {
		read_host(r, map, kinds[bus->kind], span, i, bus);
	}
	if (bus->kind != CONFIG_TCP) {
		read_line(r, map, bus);
	} else if (yaml_get(r->doc, map, "baud") != NULL ||
		   yaml_get(r->doc, map, "parity") != NULL) {
		yaml_error(r->doc, map, "'baud' and 'parity' are for 'serial' and 'rtu_over_tcp'");
	}
	yaml_word(r->doc, map, "rs485", config_rts_words, RTS_AUTO, &word);
	bus->rts = (enum rts_mode)word;
	yaml_quantity(r->doc, map, "rts_delay", UNIT_US, 0, 100000, 0, &bus->rts_delay_us);
	yaml_quantity(r->doc, map, "turnaround", UNIT_US, 0, US_PER_S, 0, &bus->turnaround_us);
	yaml_quantity(r->doc, map, "timeout", UNIT_US, 20000, 10 * US_PER_S, BUS_TIMEOUT_US,
		&bus->timeout_us);
	return true;
}

/* Two buses on one device would talk across each other. */
static void check_device(struct config_reader *r, const struct yaml_node *map, size_t index)
{
	const struct config_bus *bus = &r->config->buses[index];

	for (size_t i = 0; i < index; i++) {
		const struct config_bus *other = &r->config->buses[i];

		if (strcmp(other->id, bus->id) == 0) {
			yaml_error(r->doc, map, "bus '%s' is given twice", bus->id);
		} else if (bus->kind == CONFIG_SERIAL && other->kind == CONFIG_SERIAL &&
			   strcmp(bus->device, other->device) == 0) {
			yaml_error(r->doc, map, "bus '%s': %s is already used by bus '%s'", bus->id,
				bus->device, other->id);
		}
	}
}

void config_read_buses(struct config_reader *r, const struct yaml_node *map)
{
	struct config *c = r->config;

	c->buses = calloc(CONFIG_BUSES_MAX, sizeof *c->buses);
	if (c->buses == NULL || yaml_kind_of(map) != YAML_MAP) {
		yaml_error(r->doc, map, "'buses' must be a map of ids");
		return;
	}
	for (size_t i = 0; i < yaml_length(map); i++) {
		const struct yaml_node *node = yaml_at(r->doc, map, i);
		struct config_span span;

		if (config_read_span(r, node, yaml_key_at(r->doc, map, i), sizeof c->buses->id - 1,
			    &span) != 0 ||
			yaml_keys(r->doc, node, config_bus_keys) != 0) {
			continue;
		}
		if (c->bus_count + span.count > CONFIG_BUSES_MAX) {
			yaml_error(r->doc, node, "more than %d buses", CONFIG_BUSES_MAX);
			return;
		}
		for (size_t k = 0; k < span.count; k++) {
			struct config_bus *bus = &c->buses[c->bus_count];

			config_span_id(&span, k, bus->id, sizeof bus->id);
			if (!read_bus(r, node, &span, k, bus)) {
				break;
			}
			check_device(r, node, c->bus_count);
			c->bus_count++;
		}
	}
}

void config_read_feeders(struct config_reader *r, const struct yaml_node *map)
{
	struct config *c = r->config;

	if (yaml_kind_of(map) != YAML_MAP || yaml_length(map) > 200) {
		yaml_error(r->doc, map, "'feeders' must be a map of at most 200 ids");
		return;
	}
	c->feeders = calloc(yaml_length(map) + 1, sizeof *c->feeders);
	for (size_t i = 0; c->feeders != NULL && i < yaml_length(map); i++) {
		const struct yaml_node *node = yaml_at(r->doc, map, i);
		struct config_feeder *feeder = &c->feeders[c->feeder_count];
		struct config_span span;

		if (config_read_span(r, node, yaml_key_at(r->doc, map, i), sizeof feeder->id - 1,
			    &span) != 0 ||
			yaml_keys(r->doc, node, config_feeder_keys) != 0) {
			continue;
		}
		config_span_id(&span, 0, feeder->id, sizeof feeder->id);
		yaml_quantity(r->doc, node, "limit", UNIT_MA, 1000, INT64_C(10000000),
			YAML_REQUIRED, &feeder->limit_ma);
		yaml_quantity(r->doc, node, "other_load", UNIT_VA, 0,
			feeder->limit_ma * NOMINAL_V * ALLOC_PHASES / 1000, 0, &feeder->worst_va);
		c->feeder_count++;
	}
}

void config_bus_address(const struct config_bus *bus, char *dst, size_t size)
{
	if (bus->kind == CONFIG_SERIAL) {
		snprintf(dst, size, "%s %d %d%c%d", bus->device, bus->baud, bus->data_bits,
			bus->parity, bus->stop_bits);
	} else {
		snprintf(dst, size, "%s:%d", bus->host, bus->port);
	}
}

const char *config_bus_kind(const struct config_bus *bus)
{
	static const char *const kinds[] = {
		[CONFIG_SERIAL] = "rtu", [CONFIG_TCP] = "tcp", [CONFIG_RTU_TCP] = "rtu-tcp"};

	return kinds[bus->kind];
}
