/* The effective configuration as text that loads to the same. */
#include <inttypes.h>
#include <string.h>

#include "internal.h"

static void quoted(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\') {
			fputc('\\', out);
		}
		fputc(*text == '\n' || *text == '\t' ? ' ' : *text, out);
	}
	fputc('"', out);
}

static void text(FILE *out, const char *indent, const char *key, const char *value)
{
	if (*value != '\0') {
		fprintf(out, "%s%s: ", indent, key);
		quoted(out, value);
		fputc('\n', out);
	}
}

static void amount(FILE *out, const char *indent, const char *key, int64_t value, const char *unit)
{
	fprintf(out, "%s%s: %" PRId64 "%s%s\n", indent, key, value, *unit != '\0' ? " " : "", unit);
}

/* A node of the configuration as it was given, in flow style. */
static void node(FILE *out, const struct yaml_doc *doc, const struct yaml_node *n)
{
	size_t length = yaml_length(n);

	if (yaml_kind_of(n) == YAML_SCALAR) {
		quoted(out, yaml_text(n));
		return;
	}
	fputc(yaml_kind_of(n) == YAML_MAP ? '{' : '[', out);
	for (size_t i = 0; i < length; i++) {
		if (yaml_kind_of(n) == YAML_MAP) {
			quoted(out, yaml_key_at(doc, n, i));
			fputs(": ", out);
		}
		node(out, doc, yaml_at(doc, n, i));
		fputs(i + 1 < length ? ", " : "", out);
	}
	fputc(yaml_kind_of(n) == YAML_MAP ? '}' : ']', out);
}

static void settings(FILE *out, const struct config *c, int index)
{
	if (index >= 0) {
		fputs("    settings: ", out);
		node(out, c->more->doc, c->more->settings[index]);
		fputc('\n', out);
	}
}

static const char *profile_name(const struct config *c, const struct profile *profile)
{
	for (size_t i = 0; i < c->more->profile_count; i++) {
		if (c->more->profiles[i].profile == profile) {
			return c->more->profiles[i].name;
		}
	}
	return "";
}

static void print_site(const struct config *c, FILE *out)
{
	static const char *const levels[] = {"error", "warning", "notice", "detail"};

	fputs("site:\n", out);
	text(out, "  ", "id", c->id);
	text(out, "  ", "name", c->name);
	text(out, "  ", "timezone", c->timezone);
	amount(out, "  ", "command_timeout", c->command_timeout_us, "us");
	amount(out, "  ", "stale_after", c->stale_us, "us");
	if (c->carbon_mg_kwh > 0) {
		amount(out, "  ", "carbon_saved", c->carbon_mg_kwh, "mg");
		text(out, "  ", "carbon_source", c->carbon_source);
	}
	fputs("transformer:\n", out);
	amount(out, "  ", "rated", c->rated_va, "VA");
	amount(out, "  ", "limit", c->limit_va, "VA");
	config_print_load(c, out);
	config_print_billing(c, out);
	text(out, "", "socket", c->socket);
	config_print_roles(c, out);
	fputs("store:\n", out);
	text(out, "  ", "folder", c->store.folder);
	amount(out, "  ", "telemetry", c->store.retention_days, "d");
	amount(out, "  ", "tail", c->store.tail_us, "us");
	fputs("journal:\n", out);
	text(out, "  ", "folder", c->journal.folder);
	amount(out, "  ", "file", c->journal.file_bytes, "B");
	amount(out, "  ", "keep", c->journal.keep, "");
	fprintf(out, "log: %s\n", levels[c->log]);
}

static void print_bus(const struct config_bus *bus, FILE *out)
{
	char address[CONFIG_PATH];

	fprintf(out, "  %s:\n", bus->id);
	if (bus->kind == CONFIG_SERIAL) {
		text(out, "    ", "serial", bus->device);
	} else {
		config_bus_address(bus, address, sizeof address);
		text(out, "    ", bus->kind == CONFIG_TCP ? "tcp" : "rtu_over_tcp", address);
	}
	if (bus->kind != CONFIG_TCP) {
		if (bus->baud != 0) {
			amount(out, "    ", "baud", bus->baud, "");
		}
		fprintf(out, "    parity: %s\n",
			bus->parity == 'E'   ? "even"
			: bus->parity == 'O' ? "odd"
					     : "none");
		amount(out, "    ", "data_bits", bus->data_bits, "");
		amount(out, "    ", "stop_bits", bus->stop_bits, "");
	}
	fprintf(out, "    rs485: %s\n", config_rts_words[bus->rts]);
	amount(out, "    ", "rts_delay", bus->rts_delay_us, "us");
	amount(out, "    ", "turnaround", bus->turnaround_us, "us");
	amount(out, "    ", "timeout", bus->timeout_us, "us");
}

static void print_common(const struct config *c, FILE *out, const struct profile *profile,
	uint16_t bus, uint8_t unit, int16_t feeder)
{
	text(out, "    ", "profile", profile_name(c, profile));
	text(out, "    ", "bus", c->buses[bus].id);
	amount(out, "    ", "unit", unit, "");
	if (feeder >= 0) {
		text(out, "    ", "feeder", c->feeders[feeder].id);
	}
}

static void print_pile(const struct config *c, const struct config_pile *p, FILE *out)
{
	static const char *const one[] = {"L1", "L2", "L3"};
	static const char *const three[] = {"L1L2L3", "L2L3L1", "L3L1L2"};

	fprintf(out, "  %s:\n", p->id);
	print_common(c, out, p->profile, p->bus, p->unit, p->feeder);
	amount(out, "    ", "guns", p->guns, "");
	amount(out, "    ", "rated", p->rated_w, "W");
	fprintf(out, "    gun: {max: %" PRId64 " W, min: %" PRId64 " W, priority: [", p->max_w,
		p->min_w);
	for (int i = 0; i < p->guns; i++) {
		fprintf(out, "%s%s", i > 0 ? ", " : "", config_priority_words[p->priority[i]]);
	}
	fputs("]}\n", out);
	if (p->phases != 0) {
		text(out, "    ", "phases", (p->phases == 7 ? three : one)[p->phase_of_l1]);
	}
	if (p->meter >= 0) {
		text(out, "    ", "energy_meter", c->meters[p->meter].id);
	}
	fprintf(out, "    poll: {fast: %" PRId64 " us, slow: %" PRId64 " us}\n", p->fast_us,
		p->slow_us);
	config_print_loss(p, out);
	if (p->tariff[0] != '\0') {
		text(out, "    ", "tariff", p->tariff);
	}
	text(out, "    ", "maker", p->maker);
	text(out, "    ", "model", p->model);
	text(out, "    ", "serial", p->serial);
	text(out, "    ", "commissioned", p->commissioned);
	text(out, "    ", "calibration_due", p->calibration_due);
	settings(out, c, p->settings);
}

static void print_meter(const struct config *c, const struct config_meter *m, FILE *out)
{
	fprintf(out, "  %s:\n", m->id);
	print_common(c, out, m->profile, m->bus, m->unit, m->feeder);
	fprintf(out, "    role: %s\n", config_role_words[m->role]);
	fprintf(out, "    poll: {fast: %" PRId64 " us, slow: %" PRId64 " us}\n", m->fast_us,
		m->slow_us);
	settings(out, c, m->settings);
}

void config_print(const struct config *c, FILE *out)
{
	print_site(c, out);
	fputs(c->bus_count > 0 ? "buses:\n" : "buses: {}\n", out);
	for (size_t i = 0; i < c->bus_count; i++) {
		print_bus(&c->buses[i], out);
	}
	if (c->feeder_count > 0) {
		fputs("feeders:\n", out);
	}
	for (size_t i = 0; i < c->feeder_count; i++) {
		fprintf(out, "  %s: {limit: %" PRId64 " mA, other_load: %" PRId64 " VA}\n",
			c->feeders[i].id, c->feeders[i].limit_ma, c->feeders[i].worst_va);
	}
	if (c->meter_count > 0) {
		fputs("meters:\n", out);
	}
	for (size_t i = 0; i < c->meter_count; i++) {
		print_meter(c, &c->meters[i], out);
	}
	fputs(c->pile_count > 0 ? "piles:\n" : "piles: {}\n", out);
	for (size_t i = 0; i < c->pile_count; i++) {
		print_pile(c, &c->piles[i], out);
	}
	config_print_inputs(c, out);
	config_print_alarms(c, out);
}
