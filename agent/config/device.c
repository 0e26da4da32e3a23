/* The configuration's piles and meters. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "text.h"

const char *const config_pile_keys[] = {"profile", "bus", "unit", "guns", "rated", "gun", "phases",
	"feeder", "energy_meter", "poll", "settings", "on_agent_loss", "watchdog", "failsafe",
	"tariff", "maker", "model", "serial", "commissioned", "calibration_due", NULL};
const char *const config_meter_keys[] = {
	"profile", "bus", "unit", "role", "feeder", "poll", "settings", NULL};
const char *const config_gun_keys[] = {"max", "min", "priority", NULL};
const char *const config_priority_words[] = {
#define PRIORITY(sym, token, weight, label) token,
#include "priority.def"
#undef PRIORITY
	NULL};
const char *const config_poll_keys[] = {"fast", "slow", NULL};
const char *const config_role_words[] = {[METER_TRANSFORMER] = "transformer",
	[METER_FEEDER] = "feeder",
	[METER_PILE] = "pile",
	[METER_OTHER] = "other",
	NULL};

/* What piles and meters have in common. */
struct device {
	const char *id;
	const struct profile *profile;
	uint16_t bus;
	uint8_t unit;
	int16_t feeder;
	int64_t fast_us, slow_us;
	int settings;
};

/* Loads a profile once for all devices that use it in the same way. */
static const struct profile *find_profile(
	struct config_reader *r, const struct yaml_node *map, int guns)
{
	struct config_more *m = r->config->more;
	const struct yaml_node *settings = yaml_get(r->doc, map, "settings");
	struct profile_site site = {r->doc, map, settings, guns};
	struct config_profile *slot, *grown;
	const char *name;
	char path[CONFIG_PATH * 2], own[CONFIG_PATH * 2];

	if (yaml_string(r->doc, map, "profile", CONFIG_PATH - 1, NULL, &name) != 0) {
		return NULL;
	}
	for (size_t i = 0; i < m->profile_count; i++) {
		if (strcmp(m->profiles[i].name, name) == 0 && m->profiles[i].settings == settings &&
			m->profiles[i].guns == guns) {
			return m->profiles[i].profile;
		}
	}
	grown = realloc(m->profiles, (m->profile_count + 1) * sizeof *grown);
	if (grown == NULL) {
		return NULL;
	}
	m->profiles = grown;
	slot = &grown[m->profile_count++];
	memset(slot, 0, sizeof *slot);
	snprintf(slot->name, sizeof slot->name, "%s", name);
	slot->settings = settings;
	slot->guns = guns;
	snprintf(own, sizeof own, "%s%s%s",
		strchr(name, '/') != NULL && name[0] != '/' ? r->config->folder : "",
		strchr(name, '/') != NULL && name[0] != '/' ? "/" : "", name);
	if (profile_path(r->folders, own, path, sizeof path) != 0) {
		yaml_error(r->doc, yaml_get(r->doc, map, "profile"),
			"profile '%.60s' is not in any of the profile folders (see piled profile "
			"list)",
			name);
		return NULL;
	}
	if (profile_load(path, &site, r->errors, &slot->profile) == 0) {
		slot->range_count = profile_ranges(slot->profile, NULL, 0);
		slot->ranges = calloc(slot->range_count + 1, sizeof *slot->ranges);
		if (slot->ranges != NULL) {
			profile_ranges(slot->profile, slot->ranges, slot->range_count);
		}
	}
	return slot->profile;
}

/* The i-th of "1..6" (each standing for `each` units), of a list, or the number itself. */
static void read_unit(struct config_reader *r, const struct yaml_node *map,
	const struct config_span *span, size_t i, int each, struct device *d)
{
	const struct yaml_node *node = yaml_get(r->doc, map, "unit");
	int64_t last = r->config->buses[d->bus].kind == CONFIG_TCP ? 255 : 247, lo = 1, hi = 1;
	const char *text, *dots;
	char first[8];

	if (node == NULL) {
		d->unit = 1;
		return;
	}
	text = config_nth(r, map, "unit", span, i, 16, false);
	if (*text == '\0') {
		return;
	}
	dots = strstr(text, "..");
	if (dots == NULL && yaml_plain(text, 1, last - each + 1, &lo) == 0) {
		d->unit = (uint8_t)lo;
		return;
	}
	snprintf(first, sizeof first, "%.*s", dots != NULL ? (int)(dots - text) : 0, text);
	if (dots == NULL || yaml_plain(first, 1, last, &lo) != 0 ||
		yaml_plain(dots + 2, lo, last, &hi) != 0 ||
		hi - lo + 1 != (int64_t)span->count * each) {
		if (i == 0) {
			yaml_error(r->doc, node,
				"'unit': read '%.20s', allowed is 1 to %d, a list, or A..B of %d "
				"units",
				text, (int)last, (int)span->count * each);
		}
		lo = 1;
	}
	d->unit = (uint8_t)(lo + (int64_t)i * each);
}

/* The i-th bus: one for all, "p1..p6", or a list. */
static int read_bus(struct config_reader *r, const struct yaml_node *map,
	const struct config_span *span, size_t i, struct device *d)
{
	const struct config *c = r->config;
	const char *text = config_nth(r, map, "bus", span, i, 2 * sizeof c->buses->id, false);
	struct config_span buses;
	char id[sizeof c->buses->id];
	const char *names[CONFIG_BUSES_MAX + 1], *near;

	if (yaml_get(r->doc, map, "bus") == NULL) {
		yaml_error(r->doc, map, "'bus' is missing");
		return ERR_NOTFOUND;
	}
	if (*text == '\0' || config_read_span(r, yaml_get(r->doc, map, "bus"), text,
				     sizeof c->buses->id - 1, &buses) != 0) {
		return ERR_SYNTAX;
	}
	if (buses.many && buses.count != span->count) {
		yaml_error(r->doc, yaml_get(r->doc, map, "bus"),
			"'bus': read '%.40s', allowed is one bus, or as many as devices (%zu)",
			text, span->count);
		return ERR_SYNTAX;
	}
	config_span_id(&buses, buses.many ? i : 0, id, sizeof id);
	for (size_t k = 0; k < c->bus_count; k++) {
		if (strcmp(c->buses[k].id, id) == 0) {
			d->bus = (uint16_t)k;
			return 0;
		}
		names[k] = c->buses[k].id;
	}
	names[c->bus_count] = NULL;
	near = text_nearest(id, names);
	yaml_error(r->doc, yaml_get(r->doc, map, "bus"), "'bus': there is no bus '%.40s'%s%s%s", id,
		near != NULL ? ", did you mean '" : "", near != NULL ? near : "",
		near != NULL ? "'?" : "");
	return ERR_NOTFOUND;
}

static void read_feeder(struct config_reader *r, const struct yaml_node *map, struct device *d)
{
	const struct config *c = r->config;
	const char *text;

	d->feeder = -1;
	if (yaml_string(r->doc, map, "feeder", 15, "", &text) != 0 || *text == '\0') {
		return;
	}
	for (size_t i = 0; i < c->feeder_count; i++) {
		if (strcmp(c->feeders[i].id, text) == 0) {
			d->feeder = (int16_t)i;
			return;
		}
	}
	yaml_error(
		r->doc, yaml_get(r->doc, map, "feeder"), "'feeder': there is no feeder '%s'", text);
}

static void read_poll(struct config_reader *r, const struct yaml_node *map, struct device *d)
{
	const struct profile_info *info = profile_info(d->profile);
	const struct yaml_node *poll = yaml_get(r->doc, map, "poll");

	if (poll != NULL) {
		yaml_keys(r->doc, poll, config_poll_keys);
	}
	yaml_quantity(
		r->doc, poll, "fast", UNIT_US, 100000, 60 * US_PER_S, info->fast_us, &d->fast_us);
	yaml_quantity(r->doc, poll, "slow", UNIT_US, d->fast_us, 3600 * US_PER_S,
		info->slow_us > d->fast_us ? info->slow_us : d->fast_us, &d->slow_us);
}

static int note_settings(struct config_reader *r, const struct yaml_node *map)
{
	struct config_more *m = r->config->more;
	const struct yaml_node *settings = yaml_get(r->doc, map, "settings");
	const struct yaml_node **grown;

	if (settings == NULL) {
		return -1;
	}
	if (m->settings_count > 0 && m->settings[m->settings_count - 1] == settings) {
		return (int)m->settings_count - 1;
	}
	grown = realloc(m->settings, (m->settings_count + 1) * sizeof(*grown));
	if (grown == NULL) {
		return -1;
	}
	m->settings = grown;
	m->settings[m->settings_count] = settings;
	return (int)m->settings_count++;
}

/* A unit answers for one device only; ids are told apart across piles, meters and feeders. */
static void check_alone(
	struct config_reader *r, const struct yaml_node *map, const struct device *d, int units)
{
	const struct config *c = r->config;
	const char *bus = c->buses[d->bus].id;

	for (size_t i = 0; i < c->pile_count; i++) {
		const struct config_pile *p = &c->piles[i];
		int taken = profile_info(p->profile)->unit_each ? p->guns : 1;

		if (strcmp(p->id, d->id) == 0) {
			yaml_error(r->doc, map, "id '%s' is given twice", d->id);
		}
		if (p->bus == d->bus && d->unit < p->unit + taken && p->unit < d->unit + units) {
			yaml_error(r->doc, map, "%s: unit %d on bus %s is already that of %s",
				d->id, d->unit > p->unit ? d->unit : p->unit, bus, p->id);
		}
	}
	for (size_t i = 0; i < c->meter_count; i++) {
		const struct config_meter *m = &c->meters[i];

		if (strcmp(m->id, d->id) == 0) {
			yaml_error(r->doc, map, "id '%s' is given twice", d->id);
		}
		if (m->bus == d->bus && m->unit >= d->unit && m->unit < d->unit + units) {
			yaml_error(r->doc, map, "%s: unit %d on bus %s is already that of %s",
				d->id, m->unit, bus, m->id);
		}
	}
	for (size_t i = 0; i < c->feeder_count; i++) {
		if (strcmp(c->feeders[i].id, d->id) == 0) {
			yaml_error(r->doc, map, "id '%s' is given twice", d->id);
		}
	}
}

int config_find_meter(const struct config *c, const char *id)
{
	for (size_t i = 0; i < c->meter_count; i++) {
		if (strcmp(c->meters[i].id, id) == 0) {
			return (int)i;
		}
	}
	return -1;
}

static bool is_date(const char *text)
{
	static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int64_t year, month, day, last;
	char part[5];

	if (strlen(text) != 10 || text[4] != '-' || text[7] != '-') {
		return false;
	}
	snprintf(part, sizeof part, "%.4s", text);
	if (text_int(part, 1990, 2199, &year) != 0 || !isdigit((unsigned char)text[5]) ||
		!isdigit((unsigned char)text[8])) {
		return false;
	}
	snprintf(part, sizeof part, "%.2s", text + 5);
	if (text_int(part, 1, 12, &month) != 0) {
		return false;
	}
	last = days[month - 1];
	if (month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)) {
		last = 29;
	}
	return text_int(text + 8, 1, last, &day) == 0;
}

static void read_date(struct config_reader *r, const struct yaml_node *map, const char *key,
	const struct config_span *span, size_t i, char *dst, size_t size)
{
	const char *text = config_nth(r, map, key, span, i, 20, false);

	if (*text != '\0' && !is_date(text)) {
		yaml_error(r->doc, yaml_get(r->doc, map, key),
			"'%s': read '%.20s', allowed is a date as 2025-03-01", key, text);
		return;
	}
	snprintf(dst, size, "%s", text);
}

static void read_dates(struct config_reader *r, const struct yaml_node *map,
	const struct config_span *span, size_t i, struct config_pile *p)
{
	read_date(r, map, "commissioned", span, i, p->commissioned, sizeof p->commissioned);
	read_date(
		r, map, "calibration_due", span, i, p->calibration_due, sizeof p->calibration_due);
}

static void read_archive(struct config_reader *r, const struct yaml_node *map,
	const struct config_span *span, size_t i, struct config_pile *p)
{
	const struct profile_info *info = profile_info(p->profile);
	const char *text;

	text = config_nth(r, map, "maker", span, i, sizeof p->maker - 1, false);
	snprintf(p->maker, sizeof p->maker, "%s", *text != '\0' ? text : info->maker);
	text = config_nth(r, map, "model", span, i, sizeof p->model - 1, false);
	snprintf(p->model, sizeof p->model, "%s", *text != '\0' ? text : info->model);
	text = config_nth(r, map, "serial", span, i, sizeof p->serial - 1, false);
	snprintf(p->serial, sizeof p->serial, "%s", text);
	read_dates(r, map, span, i, p);
}

/* Which lines of the site the gun's own L1..L3 are on. */
static void read_phases(struct config_reader *r, const struct yaml_node *map,
	const struct config_span *span, size_t i, struct config_pile *p)
{
	static const struct {
		const char *word;
		uint8_t phases, l1;
	} known[] = {{"L1L2L3", 7, 0}, {"L2L3L1", 7, 1}, {"L3L1L2", 7, 2}, {"L1", 1, 0},
		{"L2", 1, 1}, {"L3", 1, 2}};
	const struct yaml_node *node = yaml_get(r->doc, map, "phases");
	const char *text = config_nth(r, map, "phases", span, i, 8, true);

	p->phases = profile_info(p->profile)->kind == DEVICE_DC_PILE ? 0 : 7;
	if (node == NULL) {
		return;
	}
	if (p->phases == 0) {
		yaml_error(
			r->doc, node, "'phases' is for AC piles: a DC pile loads all three alike");
		return;
	}
	for (size_t k = 0; k < sizeof known / sizeof known[0]; k++) {
		if (strcmp(known[k].word, text) == 0) {
			p->phases = known[k].phases;
			p->phase_of_l1 = known[k].l1;
			return;
		}
	}
	yaml_error(r->doc, node,
		"'phases': read '%.10s', allowed are L1L2L3, L2L3L1, L3L1L2, L1, L2, L3, or a list",
		text);
}

static uint8_t priority_of(struct config_reader *r, const struct yaml_node *node)
{
	const char *text = yaml_kind_of(node) == YAML_SCALAR ? yaml_text(node) : "";

	for (int i = 0; i < PRIO_COUNT_; i++) {
		if (strcmp(text, config_priority_words[i]) == 0) {
			return (uint8_t)i;
		}
	}
	yaml_error(r->doc, node,
		"'priority': read '%.20s', allowed are low, normal, fleet, vip, emergency, or a "
		"list with one of each gun",
		text);
	return PRIO_NORMAL;
}

/* One for all guns, or a list with one of each. */
static void read_priority(
	struct config_reader *r, const struct yaml_node *gun, struct config_pile *p)
{
	const struct yaml_node *node = yaml_get(r->doc, gun, "priority");
	bool list = node != NULL && yaml_kind_of(node) == YAML_LIST;
	uint8_t all = PRIO_NORMAL;

	if (list && yaml_length(node) != (size_t)p->guns) {
		yaml_error(r->doc, node, "'priority': a list of %zu, allowed is one a gun (%d)",
			yaml_length(node), p->guns);
		list = false;
	} else if (node != NULL && !list) {
		all = priority_of(r, node);
	}
	for (int i = 0; i < p->guns && i < PROFILE_GUNS_MAX; i++) {
		p->priority[i] = list ? priority_of(r, yaml_at(r->doc, node, (size_t)i)) : all;
	}
}

static void read_power(struct config_reader *r, const struct yaml_node *map, struct config_pile *p)
{
	const struct profile_info *info = profile_info(p->profile);
	const struct yaml_node *gun = yaml_get(r->doc, map, "gun");

	yaml_quantity(r->doc, map, "rated", UNIT_W, 100, 10000000,
		info->rated_w > 0 ? info->rated_w : YAML_REQUIRED, &p->rated_w);
	if (gun != NULL) {
		yaml_keys(r->doc, gun, config_gun_keys);
	}
	yaml_quantity(r->doc, gun, "max", UNIT_W, 100, p->rated_w > 100 ? p->rated_w * 2 : 200,
		info->max_w > 0 ? info->max_w : p->rated_w, &p->max_w);
	yaml_quantity(r->doc, gun, "min", UNIT_W, 0, p->max_w > 0 ? p->max_w : 1,
		info->min_w > p->max_w ? 0 : info->min_w, &p->min_w);
	read_priority(r, gun, p);
}

static void read_energy_meter(
	struct config_reader *r, const struct yaml_node *map, struct config_pile *p)
{
	const char *text;

	p->meter = -1;
	if (yaml_string(r->doc, map, "energy_meter", 15, "", &text) == 0 && *text != '\0') {
		p->meter = (int16_t)config_find_meter(r->config, text);
		if (p->meter < 0) {
			yaml_error(r->doc, yaml_get(r->doc, map, "energy_meter"),
				"'energy_meter': there is no meter '%s'", text);
		} else if (p->guns > 1) {
			yaml_error(r->doc, yaml_get(r->doc, map, "energy_meter"),
				"'energy_meter' is for piles of one gun");
		}
	}
	if (p->meter < 0 && profile_info(p->profile)->energy_source == ESRC_METER) {
		yaml_error(r->doc, map, "profile %s needs an 'energy_meter'",
			profile_info(p->profile)->name);
	}
}

static bool read_pile(struct config_reader *r, const struct yaml_node *map,
	const struct config_span *span, size_t i, int64_t guns, struct config_pile *p)
{
	struct device d = {.id = p->id};
	const struct profile_info *info;
	bool has_bus;
	int units;

	d.profile = find_profile(r, map, (int)guns);
	has_bus = read_bus(r, map, span, i, &d) == 0;
	if (d.profile == NULL) {
		/* What can be told without it; `unit` depends on it. */
		read_feeder(r, map, &d);
		read_dates(r, map, span, i, p);
		return false;
	}
	info = profile_info(d.profile);
	if (info->kind == DEVICE_METER) {
		yaml_error(r->doc, yaml_get(r->doc, map, "profile"),
			"profile %s is of a meter: it belongs under 'meters'", info->name);
		return false;
	}
	p->guns = info->unit_each && guns > 0 ? (int)guns : info->guns;
	units = info->unit_each ? p->guns : 1;
	read_unit(r, map, span, i, units, &d);
	read_feeder(r, map, &d);
	read_poll(r, map, &d);
	p->profile = d.profile;
	p->bus = d.bus;
	p->unit = d.unit;
	p->feeder = d.feeder;
	p->fast_us = d.fast_us;
	p->slow_us = d.slow_us;
	p->settings = note_settings(r, map);
	if (has_bus) {
		check_alone(r, map, &d, units);
	}
	read_power(r, map, p);
	read_archive(r, map, span, i, p);
	read_phases(r, map, span, i, p);
	read_energy_meter(r, map, p);
	config_read_loss(r, map, p);
	config_read_tariff(r, map, p->tariff);
	p->first_gun = (uint16_t)r->config->gun_count;
	return has_bus;
}

void config_read_piles(struct config_reader *r, const struct yaml_node *map)
{
	struct config *c = r->config;

	c->piles = calloc(CONFIG_PILES_MAX, sizeof *c->piles);
	if (c->piles == NULL || yaml_kind_of(map) != YAML_MAP) {
		yaml_error(r->doc, map, "'piles' must be a map of ids");
		return;
	}
	for (size_t i = 0; i < yaml_length(map); i++) {
		const struct yaml_node *node = yaml_at(r->doc, map, i);
		struct config_span span;
		int64_t guns;

		if (config_read_span(r, node, yaml_key_at(r->doc, map, i), sizeof c->piles->id - 1,
			    &span) != 0 ||
			yaml_keys(r->doc, node, config_pile_keys) != 0) {
			continue;
		}
		yaml_quantity(r->doc, node, "guns", UNIT_NONE, 1, PROFILE_GUNS_MAX, 0, &guns);
		for (size_t k = 0; k < span.count; k++) {
			struct config_pile *pile = &c->piles[c->pile_count];

			if (c->pile_count == CONFIG_PILES_MAX || c->gun_count > CONFIG_GUNS_MAX) {
				yaml_error(r->doc, node, "more than %d piles or %d guns",
					CONFIG_PILES_MAX, CONFIG_GUNS_MAX);
				return;
			}
			config_span_id(&span, k, pile->id, sizeof pile->id);
			if (!read_pile(r, node, &span, k, guns, pile)) {
				break;
			}
			c->pile_count++;
			c->gun_count += (size_t)pile->guns;
		}
	}
}

static bool read_meter(struct config_reader *r, const struct yaml_node *map,
	const struct config_span *span, size_t i, struct config_meter *m)
{
	struct device d = {.id = m->id};
	bool has_bus;
	int role;

	d.profile = find_profile(r, map, 0);
	has_bus = read_bus(r, map, span, i, &d) == 0;
	yaml_word(r->doc, map, "role", config_role_words, METER_OTHER, &role);
	m->role = (enum meter_role)role;
	read_unit(r, map, span, i, 1, &d);
	read_feeder(r, map, &d);
	if (d.profile == NULL) {
		return false;
	}
	if (profile_info(d.profile)->kind != DEVICE_METER) {
		yaml_error(r->doc, yaml_get(r->doc, map, "profile"),
			"profile %s is of a pile: it belongs under 'piles'",
			profile_info(d.profile)->name);
		return false;
	}
	read_poll(r, map, &d);
	if (m->role == METER_FEEDER && d.feeder < 0) {
		yaml_error(r->doc, map, "'role: feeder' needs 'feeder'");
	}
	m->profile = d.profile;
	m->bus = d.bus;
	m->unit = d.unit;
	m->feeder = d.feeder;
	m->fast_us = d.fast_us;
	m->slow_us = d.slow_us;
	m->settings = note_settings(r, map);
	if (has_bus) {
		check_alone(r, map, &d, 1);
	}
	for (size_t k = 0; k < r->config->meter_count; k++) {
		if (m->role == METER_TRANSFORMER &&
			r->config->meters[k].role == METER_TRANSFORMER) {
			yaml_error(r->doc, map, "'role: transformer' is already that of %s",
				r->config->meters[k].id);
		}
	}
	return has_bus;
}

void config_read_meters(struct config_reader *r, const struct yaml_node *map)
{
	struct config *c = r->config;

	c->meters = calloc(CONFIG_METERS_MAX, sizeof *c->meters);
	if (c->meters == NULL || yaml_kind_of(map) != YAML_MAP) {
		yaml_error(r->doc, map, "'meters' must be a map of ids");
		return;
	}
	for (size_t i = 0; i < yaml_length(map); i++) {
		const struct yaml_node *node = yaml_at(r->doc, map, i);
		struct config_span span;

		if (config_read_span(r, node, yaml_key_at(r->doc, map, i), sizeof c->meters->id - 1,
			    &span) != 0 ||
			yaml_keys(r->doc, node, config_meter_keys) != 0) {
			continue;
		}
		for (size_t k = 0; k < span.count; k++) {
			if (c->meter_count == CONFIG_METERS_MAX) {
				yaml_error(r->doc, node, "more than %d meters", CONFIG_METERS_MAX);
				return;
			}
			config_span_id(
				&span, k, c->meters[c->meter_count].id, sizeof c->meters->id);
			if (!read_meter(r, node, &span, k, &c->meters[c->meter_count])) {
				break;
			}
			c->meter_count++;
		}
	}
}
