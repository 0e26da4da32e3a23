#include "internal.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "text.h"
#include "zone.h"

static const char *const top_keys[] = {"site", "transformer", "load", "socket", "roles",
	"attach_as", "billing", "store", "journal", "log", "alarms", "buses", "feeders", "piles",
	"meters", "inputs", NULL};
static const char *const site_keys[] = {"id", "name", "timezone", "command_timeout", "stale_after",
	"carbon_saved", "carbon_source", NULL};
static const char *const transformer_keys[] = {"rated", "limit", NULL};
static const char *const store_keys[] = {"folder", "telemetry", "tail", NULL};
static const char *const journal_keys[] = {"folder", "file", "keep", NULL};
static const char *const log_words[] = {[LOG_ERROR] = "error",
	[LOG_WARNING] = "warning",
	[LOG_NOTICE] = "notice",
	[LOG_DETAIL] = "detail",
	NULL};

const char *const *config_schema(size_t i, const char **name)
{
	static const struct {
		const char *name;
		const char *const *keys;
	} maps[] = {
		{"the file", top_keys},
		{"site", site_keys},
		{"transformer", transformer_keys},
		{"load", config_load_keys},
		{"policy", config_policy_words},
		{"billing", config_billing_keys},
		{"reservation", config_reservation_keys},
		{"pin", config_pin_keys},
		{"unpaid", config_unpaid_words},
		{"overrun", config_overrun_words},
		{"messages", config_messages_keys},
		{"events", config_events_words},
		{"store", store_keys},
		{"journal", journal_keys},
		{"roles", config_roles_keys},
		{"a bus", config_bus_keys},
		{"a feeder", config_feeder_keys},
		{"a pile", config_pile_keys},
		{"gun", config_gun_keys},
		{"poll", config_poll_keys},
		{"a meter", config_meter_keys},
		{"an input", config_input_keys},
		{"alarms", config_alarm_keys},
		{"a rule of alarms", config_rule_keys},
		{"warn", config_warn_keys},
		{"a warning", config_level_keys},
		{"notify", config_notify_keys},
		{"severity", config_severity_words},
		{"log", log_words},
		{"rs485", config_rts_words},
		{"role", config_role_words},
		{"on_agent_loss", config_loss_words},
		{"on_silence", config_silence_words},
	};

	if (i >= sizeof maps / sizeof maps[0]) {
		return NULL;
	}
	*name = maps[i].name;
	return maps[i].keys;
}

static bool good_id(const char *id)
{
	if (!isalpha((unsigned char)id[0])) {
		return false;
	}
	for (; *id != '\0'; id++) {
		if (!isalnum((unsigned char)*id) && *id != '-' && *id != '_') {
			return false;
		}
	}
	return true;
}

/* Splits "A12" into "A" and 12; false without a number. */
static bool split_id(const char *id, char *prefix, size_t size, int64_t *number)
{
	size_t length = strlen(id), digits = 0;

	while (digits < length && isdigit((unsigned char)id[length - 1 - digits])) {
		digits++;
	}
	if (digits == 0 || digits > 6 || length - digits >= size ||
		(digits > 1 && id[length - digits] == '0')) {
		return false;
	}
	snprintf(prefix, size, "%.*s", (int)(length - digits), id);
	return text_int(id + length - digits, 0, 999999, number) == 0;
}

int config_read_span(const struct config_reader *r, const struct yaml_node *node, const char *key,
	size_t id_max, struct config_span *out)
{
	const char *dots = strstr(key, "..");
	char first[24], prefix[24];
	int64_t last;

	memset(out, 0, sizeof *out);
	out->count = 1;
	if (dots == NULL) {
		if (!good_id(key) || strlen(key) > id_max) {
			yaml_error(r->doc, node,
				"id '%.40s': allowed are a letter, then letters, digits, - and _, "
				"at most %zu in all, or A1..A9",
				key, id_max);
			return ERR_SYNTAX;
		}
		snprintf(out->prefix, sizeof out->prefix, "%s", key);
		return 0;
	}
	snprintf(first, sizeof first, "%.*s", (int)(dots - key), key);
	if (!good_id(first) || !split_id(first, out->prefix, sizeof out->prefix, &out->first) ||
		!split_id(dots + 2, prefix, sizeof prefix, &last) ||
		strcmp(prefix, out->prefix) != 0 || last < out->first ||
		last - out->first >= CONFIG_RANGE_MAX || strlen(dots + 2) > id_max) {
		yaml_error(r->doc, node,
			"'%.40s': allowed is A1..A9, both with the same letters, at most %d", key,
			CONFIG_RANGE_MAX);
		return ERR_SYNTAX;
	}
	out->count = (size_t)(last - out->first + 1);
	out->many = true;
	return 0;
}

void config_span_id(const struct config_span *span, size_t i, char *dst, size_t size)
{
	if (span->many) {
		snprintf(dst, size, "%s%d", span->prefix, (int)(span->first + (int64_t)i));
	} else {
		snprintf(dst, size, "%s", span->prefix);
	}
}

const char *config_nth(const struct config_reader *r, const struct yaml_node *map, const char *key,
	const struct config_span *span, size_t i, size_t max, bool cycle)
{
	const struct yaml_node *node = yaml_get(r->doc, map, key);
	const char *text;

	if (node == NULL) {
		return "";
	}
	if (yaml_kind_of(node) == YAML_LIST) {
		size_t length = yaml_length(node);

		if (length == 0 || (!cycle && length != span->count)) {
			if (i == 0) {
				yaml_error(r->doc, node,
					"'%s': a list of %zu, allowed is one a device (%zu)", key,
					length, span->count);
			}
			return "";
		}
		node = yaml_at(r->doc, node, i % length);
	}
	text = yaml_text(node);
	if (yaml_kind_of(node) != YAML_SCALAR || strlen(text) > max) {
		yaml_error(r->doc, node,
			"'%s': read '%.40s', allowed is a text of at most %zu bytes", key, text,
			max);
		return "";
	}
	return text;
}

void config_resolve_path(const struct config_reader *r, const struct yaml_node *map,
	const char *key, const char *fallback, char *dst)
{
	const char *text;
	int n;

	dst[0] = '\0';
	yaml_string(r->doc, map, key, CONFIG_PATH - 1, fallback, &text);
	if (text[0] == '\0') {
		return;
	}
	n = text[0] == '/' ? snprintf(dst, CONFIG_PATH, "%s", text)
			   : snprintf(dst, CONFIG_PATH, "%s/%s", r->config->folder, text);
	if (n >= CONFIG_PATH) {
		yaml_error(r->doc, yaml_get(r->doc, map, key),
			"'%s': the path is longer than %d bytes", key, CONFIG_PATH - 1);
		dst[0] = '\0';
	}
}

static void read_site(struct config_reader *r, const struct yaml_node *root)
{
	const struct yaml_node *map = yaml_get(r->doc, root, "site");
	struct config *c = r->config;
	const char *text;

	if (map == NULL) {
		yaml_error(r->doc, root, "'site' is missing");
		return;
	}
	yaml_keys(r->doc, map, site_keys);
	if (yaml_string(r->doc, map, "id", sizeof c->id - 1, NULL, &text) == 0 && !good_id(text)) {
		yaml_error(r->doc, yaml_get(r->doc, map, "id"),
			"'id': read '%.40s', allowed are a letter, then letters, digits, - and _",
			text);
	}
	snprintf(c->id, sizeof c->id, "%s", text);
	yaml_string(r->doc, map, "name", sizeof c->name - 1, c->id, &text);
	text_clean(c->name, sizeof c->name, text);
	yaml_string(r->doc, map, "timezone", sizeof c->timezone - 1, "UTC", &text);
	snprintf(c->timezone, sizeof c->timezone, "%s", text);
	if (zone_read(text, &c->zone) != 0) {
		yaml_error(r->doc, yaml_get(r->doc, map, "timezone"),
			"'timezone': read '%.40s', allowed are a zone of tzdata such as "
			"Asia/Shanghai, UTC, or +08:00",
			text);
	}
	yaml_quantity(r->doc, map, "command_timeout", UNIT_US, US_PER_S, 3600 * US_PER_S,
		30 * US_PER_S, &c->command_timeout_us);
	yaml_quantity(
		r->doc, map, "stale_after", UNIT_US, US_PER_S, 600 * US_PER_S, 0, &c->stale_us);
	yaml_quantity(
		r->doc, map, "carbon_saved", UNIT_MG, 1, INT64_C(10000000), 0, &c->carbon_mg_kwh);
	yaml_string(r->doc, map, "carbon_source", sizeof c->carbon_source - 1, "", &text);
	text_clean(c->carbon_source, sizeof c->carbon_source, text);
	if (c->carbon_source[0] != '\0' && c->carbon_mg_kwh == 0) {
		yaml_error(r->doc, yaml_get(r->doc, map, "carbon_source"),
			"'carbon_source' says where 'carbon_saved' comes from, which is missing");
	}
}

static void read_transformer(struct config_reader *r, const struct yaml_node *root)
{
	const struct yaml_node *map = yaml_get(r->doc, root, "transformer");
	struct config *c = r->config;
	const char *limit;

	if (map == NULL) {
		yaml_error(r->doc, root, "'transformer' is missing");
		return;
	}
	yaml_keys(r->doc, map, transformer_keys);
	yaml_quantity(r->doc, map, "rated", UNIT_VA, 1000, INT64_C(100000000), YAML_REQUIRED,
		&c->rated_va);
	yaml_string(r->doc, map, "limit", 32, "100 %", &limit);
	if (strchr(limit, '%') != NULL) {
		int64_t percent = 100;

		if (yaml_get(r->doc, map, "limit") != NULL) {
			yaml_number(r->doc, yaml_get(r->doc, map, "limit"), "limit", UNIT_PERCENT,
				1, 100, &percent);
		}
		c->limit_va = c->rated_va * percent / 100;
	} else {
		yaml_quantity(r->doc, map, "limit", UNIT_VA, 1000, c->rated_va, c->rated_va,
			&c->limit_va);
	}
}

static void read_rest(struct config_reader *r, const struct yaml_node *root)
{
	struct config *c = r->config;
	const struct yaml_node *map;
	int log;

	config_resolve_path(r, root, "socket", "", c->socket);
	map = yaml_get(r->doc, root, "store");
	if (map != NULL) {
		yaml_keys(r->doc, map, store_keys);
	}
	config_resolve_path(r, map, "folder", "data", c->store.folder);
	yaml_quantity(r->doc, map, "telemetry", UNIT_S, 86400, INT64_C(86400) * 36500,
		INT64_C(86400) * 400, &c->store.retention_days);
	c->store.retention_days /= 86400;
	yaml_quantity(r->doc, map, "tail", UNIT_US, US_PER_S, 600 * US_PER_S, 60 * US_PER_S,
		&c->store.tail_us);
	map = yaml_get(r->doc, root, "journal");
	if (map != NULL) {
		yaml_keys(r->doc, map, journal_keys);
	}
	config_resolve_path(r, map, "folder", "data/journal", c->journal.folder);
	yaml_quantity(r->doc, map, "file", UNIT_BYTES, 1000000, INT64_C(10000000000), 64000000,
		&c->journal.file_bytes);
	yaml_quantity(r->doc, map, "keep", UNIT_NONE, 1, 10000, 16, &c->journal.keep);
	yaml_word(r->doc, root, "log", log_words, LOG_NOTICE, &log);
	c->log = (enum log_level)log;
}

/* A reading is stale after three of the slowest device's fast polls, at the least. */
static void settle_stale(struct config *c)
{
	int64_t slowest = US_PER_S;

	for (size_t i = 0; i < c->pile_count; i++) {
		slowest = c->piles[i].fast_us > slowest ? c->piles[i].fast_us : slowest;
	}
	for (size_t i = 0; i < c->meter_count; i++) {
		slowest = c->meters[i].fast_us > slowest ? c->meters[i].fast_us : slowest;
	}
	if (c->stale_us == 0) {
		c->stale_us = 5 * slowest;
	} else if (c->stale_us < 3 * slowest) {
		yaml_error(c->more->doc, yaml_get(c->more->doc, yaml_root(c->more->doc), "site"),
			"'stale_after': allowed is at least three polls of the slowest device, %d "
			"ms",
			(int)(3 * slowest / US_PER_MS));
	}
}

static void read_all(struct config_reader *r)
{
	const struct yaml_node *root = yaml_root(r->doc);
	const struct yaml_node *map;

	if (yaml_kind_of(root) != YAML_MAP) {
		yaml_error(r->doc, root, "expected a map with keys such as 'site'");
		return;
	}
	yaml_keys(r->doc, root, top_keys);
	read_site(r, root);
	read_transformer(r, root);
	config_read_load(r, root);
	config_read_billing(r, root);
	read_rest(r, root);
	config_read_alarms(r, root);
	config_read_roles(r, root);
	map = yaml_get(r->doc, root, "buses");
	if (map == NULL) {
		yaml_error(r->doc, root, "'buses' is missing");
	} else {
		config_read_buses(r, map);
	}
	map = yaml_get(r->doc, root, "feeders");
	if (map != NULL) {
		config_read_feeders(r, map);
	}
	map = yaml_get(r->doc, root, "meters");
	if (map != NULL) {
		config_read_meters(r, map);
	}
	map = yaml_get(r->doc, root, "piles");
	if (map == NULL) {
		yaml_error(r->doc, root, "'piles' is missing");
	} else {
		config_read_piles(r, map);
	}
	map = yaml_get(r->doc, root, "inputs");
	if (map != NULL) {
		config_read_inputs(r, map);
	}
	config_bound_billing(r->config);
	config_check_load(r, root);
	config_check_alarms(r);
	settle_stale(r->config);
}

/* Absolute, so that what is printed loads from anywhere. */
static void set_folder(struct config *c, const char *path)
{
	const char *slash = strrchr(path, '/');
	char folder[CONFIG_PATH], *real;

	snprintf(folder, sizeof folder, "%.*s", slash == NULL ? 1 : (int)(slash - path + 1),
		slash == NULL ? "." : path);
	real = realpath(folder, NULL);
	snprintf(c->folder, sizeof c->folder, "%s", real != NULL ? real : folder);
	free(real);
}

int config_load(const char *path, const char *const *folders, struct yaml_errors *errors,
	struct config **out)
{
	size_t before = errors->count;
	struct config_reader r = {.folders = folders, .errors = errors};
	struct config_folders standard;
	struct config *c;
	int err;

	*out = NULL;
	if (strlen(path) >= CONFIG_PATH / 2) {
		yaml_errors_add(errors, "%s: the path is too long", path);
		return ERR_TOOLONG;
	}
	c = calloc(1, sizeof *c);
	if (c == NULL || (c->more = calloc(1, sizeof *c->more)) == NULL) {
		free(c);
		return ERR_NOMEM;
	}
	snprintf(c->path, sizeof c->path, "%s", path);
	set_folder(c, path);
	err = yaml_load_file(path, errors, &c->more->doc);
	if (err != 0) {
		goto out;
	}
	if (folders == NULL) {
		config_profile_folders(path, &standard);
		r.folders = standard.list;
	}
	r.config = c;
	r.doc = c->more->doc;
	read_all(&r);
	err = errors->count > before ? ERR_SYNTAX : config_tabulate(c);
	if (err == 0) {
		*out = c;
		c = NULL;
	}
out:
	config_free(c);
	return err;
}

void config_free(struct config *c)
{
	struct config_more *m;

	if (c == NULL) {
		return;
	}
	m = c->more;
	for (size_t i = 0; i < m->profile_count; i++) {
		profile_free(m->profiles[i].profile);
		free(m->profiles[i].ranges);
	}
	free(m->profiles);
	free(m->settings);
	free(m->site_piles);
	free(m->site_guns);
	free(m->site_meters);
	free(m->site_feeders);
	free(m->site_buses);
	free(m->units);
	free(m->plan_units);
	free(m->bus_first);
	yaml_release(m->doc);
	free(m);
	free(c->buses);
	free(c->piles);
	free(c->meters);
	free(c->feeders);
	free(c->inputs);
	free(c);
}

static void add_folder(struct config_folders *out, size_t *n, const char *base, const char *sub)
{
	if ((size_t)snprintf(out->room[*n], CONFIG_PATH, "%s%s", base, sub) < CONFIG_PATH) {
		out->list[*n] = out->room[*n];
		(*n)++;
	}
}

void config_profile_folders(const char *config_path, struct config_folders *out)
{
	const char *env = getenv("PILED_PROFILES");
	const char *slash = config_path != NULL ? strrchr(config_path, '/') : NULL;
	char self[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
	size_t n = 0;

	if (env != NULL && *env != '\0') {
		add_folder(out, &n, env, "");
	}
	if (config_path != NULL) {
		char folder[CONFIG_PATH];

		snprintf(folder, sizeof folder, "%.*s",
			slash != NULL ? (int)(slash - config_path) : 1,
			slash != NULL ? config_path : ".");
		add_folder(out, &n, folder, "/profiles");
	}
	if (length > 0) {
		char *end;

		self[length] = '\0';
		/* BUILD/piled and BUILD/tests/unit/test_x alike */
		for (int up = 0; up < 4 && (end = strrchr(self, '/')) != NULL; up++) {
			char probe[PATH_MAX + 32];

			*end = '\0';
			snprintf(probe, sizeof probe, "%s/agent/profiles", self);
			if (access(probe, X_OK) == 0) {
				add_folder(out, &n, self, "/agent/profiles");
				break;
			}
		}
	}
	add_folder(out, &n, PILED_PREFIX, "/share/piled/profiles");
	out->list[n] = NULL;
}
