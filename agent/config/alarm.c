/* The section `alarms`: delays by code, early warning, and who is told. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "internal.h"
#include "fault.h"

const char *const config_alarm_keys[] = {"chatter", "chatter_within", "flood", "warn_before",
	"warn", "rules", "notify", "mail_program", "mail_from", "language", "most_an_hour", NULL};
const char *const config_rule_keys[] = {"on_delay", "off_delay", "latching", "dead_band", NULL};
const char *const config_warn_keys[] = {
#define WARN(sym, key, unit, rising, limit, from, fault) key,
#include "warn.def"
#undef WARN
	NULL};
const char *const config_level_keys[] = {"limit", "from", NULL};
const char *const config_notify_keys[] = {
	"hook", "mail", "to", "severity", "targets", "returned", NULL};
const char *const config_severity_words[] = {"safety", "equipment", "notice", NULL};
static const char *const languages[] = {"en", "zh", NULL};

#define DELAY_MAX_US (86400 * US_PER_S)

static const struct {
	enum unit unit;
	bool rising;
	int64_t limit, from;
} warns[WARN_COUNT_] = {
#define WARN(sym, key, unit, rising, limit, from, fault) {unit, rising, limit, from},
#include "warn.def"
#undef WARN
};

static void read_levels(struct config_reader *r, const struct yaml_node *map)
{
	for (int i = 0; i < WARN_COUNT_; i++) {
		const struct yaml_node *level = yaml_get(r->doc, map, config_warn_keys[i]);
		struct warn_level *w = &r->config->alarms.warn[i];

		w->limit = warns[i].limit;
		w->from = warns[i].from;
		if (level == NULL || yaml_keys(r->doc, level, config_level_keys) != 0) {
			continue;
		}
		yaml_quantity(r->doc, level, "limit", warns[i].unit, 1, INT64_C(1000000000),
			w->limit, &w->limit);
		yaml_quantity(r->doc, level, "from", warns[i].unit, 1, INT64_C(1000000000), w->from,
			&w->from);
		if (warns[i].rising ? w->from > w->limit : w->from < w->limit) {
			yaml_error(r->doc, level, "'%s': 'from' must come before 'limit'",
				config_warn_keys[i]);
		}
	}
}

static void read_rule(struct config_reader *r, const struct yaml_node *map, const char *key)
{
	struct config *c = r->config;
	const struct fault_info *f;
	struct alarm_rule *rule;
	int64_t dead_pm;

	if (fault_find(key, &f) != 0) {
		yaml_error(r->doc, map, "'%.40s' is no code or name; `piled fault list` lists them",
			key);
		return;
	}
	for (size_t i = 0; i < c->rule_count; i++) {
		if (c->rules[i].code == f->code) {
			yaml_error(r->doc, map, "'%.40s': this fault has a rule already", key);
			return;
		}
	}
	if (yaml_keys(r->doc, map, config_rule_keys) != 0 || c->rule_count == CONFIG_RULES_MAX) {
		return;
	}
	rule = &c->rules[c->rule_count++];
	rule->code = (uint16_t)f->code;
	yaml_quantity(r->doc, map, "on_delay", UNIT_US, 0, DELAY_MAX_US, f->on_s * US_PER_S,
		&rule->on_us);
	yaml_quantity(r->doc, map, "off_delay", UNIT_US, 0, DELAY_MAX_US, f->off_s * US_PER_S,
		&rule->off_us);
	yaml_bool(r->doc, map, "latching", f->latching, &rule->latching);
	yaml_quantity(r->doc, map, "dead_band", UNIT_PM, 0, 500, 0, &dead_pm);
	rule->dead_pm = (int32_t)dead_pm;
}

static void read_rules(struct config_reader *r, const struct yaml_node *map)
{
	if (map == NULL) {
		return;
	}
	if (yaml_kind_of(map) != YAML_MAP) {
		yaml_error(r->doc, map, "'rules' is a map: gun_hot: {off_delay: 2 min}");
		return;
	}
	for (size_t i = 0; i < yaml_length(map); i++) {
		read_rule(r, yaml_at(r->doc, map, i), yaml_key_at(r->doc, map, i));
	}
}

static bool good_address(const char *text)
{
	return text[0] != '\0' && text[0] != '-' && strpbrk(text, " \t\r\n<>\"'\\") == NULL;
}

/* One line of plain text for a header or an argument, whatever stands in the file. */
static void read_recipient(
	struct config_reader *r, const struct yaml_node *map, struct config_notify *n)
{
	const char *key = n->mail ? "mail" : "to", *text;

	yaml_string(r->doc, map, key, sizeof n->to - 1, "", &text);
	if (n->mail ? !good_address(text) || strchr(text, '@') == NULL
		    : text[0] != '\0' && !good_address(text)) {
		yaml_error(r->doc, map, "'%s': read '%.40s', allowed is %s", key, text,
			n->mail ? "one mail address" : "one word, without quotes");
	}
	snprintf(n->to, sizeof n->to, "%s", text);
}

static void read_targets(
	struct config_reader *r, const struct yaml_node *map, struct config_notify *n)
{
	const struct yaml_node *list = yaml_get(r->doc, map, "targets");

	if (list == NULL) {
		return;
	}
	if (yaml_kind_of(list) != YAML_LIST || yaml_length(list) == 0 ||
		yaml_length(list) > CONFIG_TARGETS_MAX) {
		yaml_error(r->doc, list, "'targets' is a list of 1 to %d piles, guns or meters",
			CONFIG_TARGETS_MAX);
		return;
	}
	for (size_t i = 0; i < yaml_length(list); i++) {
		const struct yaml_node *node = yaml_at(r->doc, list, i);

		/* They are compared with the ids once these are known. */
		n->target_nodes[i] = node;
		snprintf(
			n->targets[n->target_count++], sizeof n->targets[0], "%s", yaml_text(node));
	}
}

static void read_notify(struct config_reader *r, const struct yaml_node *map)
{
	struct config *c = r->config;
	struct config_notify *n = &c->notify[c->notify_count];
	bool mail = yaml_get(r->doc, map, "mail") != NULL;

	if (yaml_keys(r->doc, map, config_notify_keys) != 0) {
		return;
	}
	if (mail == (yaml_get(r->doc, map, "hook") != NULL) ||
		(mail && yaml_get(r->doc, map, "to") != NULL)) {
		yaml_error(r->doc, map,
			"who is told has either 'mail', an address, or 'hook', a program, with "
			"'to'");
		return;
	}
	memset(n, 0, sizeof *n);
	n->mail = mail;
	if (!mail) {
		config_resolve_path(r, map, "hook", "", n->program);
	}
	read_recipient(r, map, n);
	yaml_word(r->doc, map, "severity", config_severity_words, 1, &n->severity);
	n->severity++;
	yaml_bool(r->doc, map, "returned", false, &n->returned);
	read_targets(r, map, n);
	c->notify_count++;
}

static void read_notifies(struct config_reader *r, const struct yaml_node *list)
{
	if (list == NULL) {
		return;
	}
	if (yaml_kind_of(list) != YAML_LIST || yaml_length(list) > CONFIG_NOTIFY_MAX) {
		yaml_error(r->doc, list, "'notify' is a list of at most %d who are told",
			CONFIG_NOTIFY_MAX);
		return;
	}
	for (size_t i = 0; i < yaml_length(list); i++) {
		read_notify(r, yaml_at(r->doc, list, i));
	}
}

void config_read_alarms(struct config_reader *r, const struct yaml_node *root)
{
	const struct yaml_node *map = yaml_get(r->doc, root, "alarms");
	struct config *c = r->config;
	const char *text;
	int64_t v;
	int word;

	if (map != NULL) {
		yaml_keys(r->doc, map, config_alarm_keys);
	}
	yaml_quantity(r->doc, map, "chatter", UNIT_NONE, 2, 1000, 5, &v);
	c->alarms.chatter_count = (int32_t)v;
	yaml_quantity(r->doc, map, "chatter_within", UNIT_US, US_PER_S, 3600 * US_PER_S,
		60 * US_PER_S, &c->alarms.chatter_us);
	yaml_quantity(r->doc, map, "flood", UNIT_NONE, 2, 100000, 10, &v);
	c->alarms.flood_count = (int32_t)v;
	yaml_quantity(r->doc, map, "warn_before", UNIT_US, 60 * US_PER_S, 24 * 3600 * US_PER_S,
		600 * US_PER_S, &c->alarms.horizon_us);
	yaml_quantity(r->doc, map, "most_an_hour", UNIT_NONE, 1, 10000, 30, &c->most_an_hour);
	yaml_word(r->doc, map, "language", languages, 0, &word);
	c->messages_zh = word == 1;
	config_resolve_path(r, map, "mail_program", "/usr/sbin/sendmail", c->mail_program);
	yaml_string(r->doc, map, "mail_from", sizeof c->mail_from - 1, "", &text);
	if (text[0] != '\0' && (!good_address(text) || strchr(text, '@') == NULL)) {
		yaml_error(r->doc, map, "'mail_from': read '%.40s', allowed is one mail address",
			text);
	}
	snprintf(c->mail_from, sizeof c->mail_from, "%s", text);
	read_levels(r, yaml_get(r->doc, map, "warn"));
	read_rules(r, yaml_get(r->doc, map, "rules"));
	read_notifies(r, yaml_get(r->doc, map, "notify"));
}

/* Is there a device of this id? */
static bool is_device(const struct config *c, const char *id)
{
	size_t n = strcspn(id, ".");

	for (size_t i = 0; i < c->pile_count; i++) {
		if (strlen(c->piles[i].id) == n && memcmp(c->piles[i].id, id, n) == 0) {
			return true;
		}
	}
	return config_find_meter(c, id) >= 0 || strcmp(id, c->id) == 0;
}

void config_check_alarms(struct config_reader *r)
{
	const struct config *c = r->config;

	for (size_t i = 0; i < c->notify_count; i++) {
		for (size_t k = 0; k < c->notify[i].target_count; k++) {
			if (!is_device(c, c->notify[i].targets[k])) {
				yaml_error(r->doc, c->notify[i].target_nodes[k],
					"'targets': there is no pile, gun or meter '%.31s'",
					c->notify[i].targets[k]);
			}
		}
	}
}

static void print_warn(const struct config *c, FILE *out)
{
	fputs("  warn:\n", out);
	for (int i = 0; i < WARN_COUNT_; i++) {
		const struct warn_level *w = &c->alarms.warn[i];
		const char *unit = warns[i].unit == UNIT_MC    ? "C"
				   : warns[i].unit == UNIT_OHM ? "ohm"
							       : "mV";
		int64_t factor = warns[i].unit == UNIT_MC ? 1000 : 1;

		fprintf(out, "    %s: {limit: %" PRId64 " %s, from: %" PRId64 " %s}\n",
			config_warn_keys[i], w->limit / factor, unit, w->from / factor, unit);
	}
}

static void print_notify(const struct config_notify *n, FILE *out)
{
	fprintf(out, "    - {%s: \"%s\"", n->mail ? "mail" : "hook", n->mail ? n->to : n->program);
	if (!n->mail && n->to[0] != '\0') {
		fprintf(out, ", to: \"%s\"", n->to);
	}
	fprintf(out, ", severity: %s, returned: %s", config_severity_words[n->severity - 1],
		n->returned ? "yes" : "no");
	for (size_t i = 0; i < n->target_count; i++) {
		fprintf(out, "%s%s", i == 0 ? ", targets: [" : ", ", n->targets[i]);
	}
	fputs(n->target_count > 0 ? "]}\n" : "}\n", out);
}

void config_print_alarms(const struct config *c, FILE *out)
{
	fprintf(out, "alarms:\n  chatter: %d\n  chatter_within: %" PRId64 " us\n  flood: %d\n",
		(int)c->alarms.chatter_count, c->alarms.chatter_us, (int)c->alarms.flood_count);
	fprintf(out, "  warn_before: %" PRId64 " us\n  most_an_hour: %" PRId64 "\n",
		c->alarms.horizon_us, c->most_an_hour);
	fprintf(out, "  language: %s\n  mail_program: \"%s\"\n", languages[c->messages_zh],
		c->mail_program);
	if (c->mail_from[0] != '\0') {
		fprintf(out, "  mail_from: \"%s\"\n", c->mail_from);
	}
	print_warn(c, out);
	if (c->rule_count > 0) {
		fputs("  rules:\n", out);
	}
	for (size_t i = 0; i < c->rule_count; i++) {
		const struct alarm_rule *rule = &c->rules[i];

		fprintf(out,
			"    %u: {on_delay: %" PRId64 " us, off_delay: %" PRId64
			" us, latching: %s, dead_band: %d ‰}\n",
			rule->code, rule->on_us, rule->off_us, rule->latching ? "yes" : "no",
			(int)rule->dead_pm);
	}
	if (c->notify_count > 0) {
		fputs("  notify:\n", out);
	}
	for (size_t i = 0; i < c->notify_count; i++) {
		print_notify(&c->notify[i], out);
	}
}
