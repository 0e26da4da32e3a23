/* Profiles read from YAML: the file as a whole. Points are profile_point.c's. */
#include <stdlib.h>
#include <string.h>

#include "core/site.h"
#include "profile_def.h"
#include "text.h"

#define BLOCKS_MAX 32

static const char *const top_keys[] = {"profile", "maker", "model", "kind", "rated", "gun", "guns",
	"modbus", "energy", "watchdog", "settings", "points", "device", NULL};
static const char *const gun_keys[] = {"max", "min", NULL};
static const char *const guns_keys[] = {"count", "stride", "each", NULL};
static const char *const modbus_keys[] = {"read", "write", "words", "bytes", "max_read", "max_gap",
	"single", "pause", "fast", "slow", "invalid", "blocks", NULL};
static const char *const block_keys[] = {"read", "at", "count", "poll", NULL};
static const char *const energy_keys[] = {"source", "wrap", "resolution", NULL};
static const char *const setting_keys[] = {"help", "default", "optional", NULL};

static const char *const kinds[] = {
	[DEVICE_AC_PILE] = "ac-pile", [DEVICE_DC_PILE] = "dc-pile", [DEVICE_METER] = "meter", NULL};
static const char *const sources[] = {[ESRC_REGISTER] = "register",
	[ESRC_METER] = "meter",
	[ESRC_SESSION] = "session",
	[ESRC_NONE] = "none",
	NULL};
const char *const profile_orders[] = {"high-first", "low-first", NULL};
const char *const profile_groups[] = {
	[POLL_FAST] = "fast", [POLL_SLOW] = "slow", [POLL_ONCE] = "once", NULL};

const char *const *profile_schema(size_t i, const char **name)
{
	static const struct {
		const char *name;
		const char *const *keys;
	} maps[] = {
		{"the file", top_keys},
		{"gun", gun_keys},
		{"guns", guns_keys},
		{"modbus", modbus_keys},
		{"modbus.blocks", block_keys},
		{"energy", energy_keys},
		{"settings", setting_keys},
		{"a point", profile_point_keys},
		{"write", profile_write_keys},
		{"types", profile_types},
	};

	if (i >= sizeof maps / sizeof maps[0]) {
		return NULL;
	}
	*name = maps[i].name;
	return maps[i].keys;
}

/* Keys of an optional map; false where it is absent. */
static bool section(const struct yaml_doc *doc, const struct yaml_node *root, const char *name,
	const char *const *keys, const struct yaml_node **map)
{
	*map = yaml_get(doc, root, name);
	if (*map != NULL) {
		yaml_keys(doc, *map, keys);
	}
	return *map != NULL;
}

/* The name must be that of the file, so that a configuration's name finds it. */
static void read_name(struct profile *p, const char *path, const struct yaml_doc *doc,
	const struct yaml_node *root)
{
	const char *base = strrchr(path, '/') != NULL ? strrchr(path, '/') + 1 : path;
	const char *name, *maker, *model;
	size_t length = strlen(base);

	if (yaml_string(doc, root, "profile", sizeof p->info.name - 1, NULL, &name) == 0 &&
		length > 5 && strcmp(base + length - 5, ".yaml") == 0 &&
		(strlen(name) != length - 5 || strncmp(base, name, length - 5) != 0)) {
		yaml_error(doc, yaml_get(doc, root, "profile"),
			"'profile': read '%s', allowed is the file's name without .yaml", name);
	}
	yaml_string(doc, root, "maker", sizeof p->info.maker - 1, "", &maker);
	yaml_string(doc, root, "model", sizeof p->info.model - 1, "", &model);
	snprintf(p->info.name, sizeof p->info.name, "%s", name);
	snprintf(p->info.maker, sizeof p->info.maker, "%s", maker);
	snprintf(p->info.model, sizeof p->info.model, "%s", model);
}

/* "count: 2" or "count: 1..48", of which the site says which. */
static void read_count(struct profile *p, const struct profile_site *site,
	const struct yaml_doc *doc, const struct yaml_node *guns)
{
	const struct yaml_node *node = yaml_get(doc, guns, "count");
	const char *dots = strstr(yaml_text(node), "..");
	int64_t low = 1, high = 1;

	if (node != NULL && dots != NULL) {
		char first[8];

		snprintf(first, sizeof first, "%.*s", (int)(dots - yaml_text(node)),
			yaml_text(node));
		if (yaml_plain(first, 1, PROFILE_GUNS_MAX, &low) != 0 ||
			yaml_plain(dots + 2, low, PROFILE_GUNS_MAX, &high) != 0) {
			yaml_error(doc, node, "'count': read '%.40s', allowed is A..B within 1..%d",
				yaml_text(node), PROFILE_GUNS_MAX);
			low = high = 1;
		}
	} else {
		yaml_quantity(
			doc, guns, "count", UNIT_NONE, 1, PROFILE_GUNS_MAX, YAML_REQUIRED, &low);
		low = low < 1 ? 1 : low;
		high = low;
	}
	p->info.guns_min = (int)low;
	p->info.guns_max = (int)high;
	p->info.guns = (int)low;
	if (site != NULL && site->guns > 0) {
		if (site->guns < low || site->guns > high) {
			yaml_error(site->doc, site->device,
				"'guns': read %d, profile %s allows %d to %d", site->guns,
				p->info.name, (int)low, (int)high);
		} else {
			p->info.guns = site->guns;
		}
	}
}

static void read_guns(struct profile *p, const struct profile_site *site,
	const struct yaml_doc *doc, const struct yaml_node *root)
{
	const struct yaml_node *map;
	int64_t v;

	p->info.guns = p->info.guns_min = p->info.guns_max = 1;
	if (section(doc, root, "gun", gun_keys, &map)) {
		yaml_quantity(doc, map, "max", UNIT_W, 1, 2000000, 0, &p->info.max_w);
		yaml_quantity(doc, map, "min", UNIT_W, 0, 2000000, 0, &p->info.min_w);
	}
	yaml_quantity(doc, root, "rated", UNIT_W, 1, 10000000, 0, &p->info.rated_w);
	if (!section(doc, root, "guns", guns_keys, &map)) {
		if (p->info.kind == DEVICE_METER) {
			p->info.guns = p->info.guns_min = p->info.guns_max = 0;
		}
		return;
	}
	if (p->info.kind == DEVICE_METER) {
		yaml_error(doc, map, "'guns': a meter has none");
		return;
	}
	if (yaml_get(doc, map, "each") != NULL) {
		static const char *const each[] = {"unit", NULL};
		int word;

		yaml_word(doc, map, "each", each, -1, &word);
		p->info.unit_each = true;
		if (yaml_length(map) > 1) {
			yaml_error(doc, map,
				"'each: unit' stands alone: a unit has one gun then, the site says "
				"how many units");
		}
		return;
	}
	read_count(p, site, doc, map);
	yaml_quantity(doc, map, "stride", UNIT_NONE, 0, 32767, 0, &v);
	p->stride = (uint16_t)v;
}

static void read_blocks(struct profile *p, const struct profile_defaults *defaults,
	const struct yaml_doc *doc, const struct yaml_node *list)
{
	if (yaml_kind_of(list) != YAML_LIST || yaml_length(list) > BLOCKS_MAX) {
		yaml_error(doc, list, "'blocks' must be a list of at most %d blocks", BLOCKS_MAX);
		return;
	}
	p->blocks = calloc(yaml_length(list) + 1, sizeof *p->blocks);
	for (size_t i = 0; p->blocks != NULL && i < yaml_length(list); i++) {
		const struct yaml_node *map = yaml_at(doc, list, i);
		struct block *b = &p->blocks[p->block_count];
		int64_t function, at, count;
		int group;

		if (yaml_keys(doc, map, block_keys) != 0) {
			continue;
		}
		yaml_quantity(doc, map, "read", UNIT_NONE, 3, 4, defaults->read, &function);
		yaml_quantity(doc, map, "at", UNIT_NONE, 0, 65535, YAML_REQUIRED, &at);
		yaml_quantity(doc, map, "count", UNIT_NONE, 1,
			p->info.max_read < 65536 - at ? p->info.max_read : 65536 - at,
			YAML_REQUIRED, &count);
		yaml_word(doc, map, "poll", profile_groups, POLL_FAST, &group);
		*b = (struct block){
			(uint8_t)function, (uint8_t)group, (uint16_t)at, (uint16_t)count};
		p->block_count++;
	}
}

static void read_modbus(struct profile *p, struct profile_defaults *d, const struct yaml_doc *doc,
	const struct yaml_node *root)
{
	const struct yaml_node *map, *node;
	int64_t v;
	int word;

	*d = (struct profile_defaults){.read = 3, .write = 16};
	section(doc, root, "modbus", modbus_keys, &map);
	yaml_quantity(doc, map, "read", UNIT_NONE, 1, 4, 3, &v);
	d->read = (uint8_t)v;
	yaml_quantity(doc, map, "write", UNIT_NONE, 5, 16, 16, &v);
	if (v != 5 && v != 6 && v != 16) {
		yaml_error(doc, yaml_get(doc, map, "write"),
			"'write': read %d, allowed are: 5, 6, 16", (int)v);
	}
	d->write = (uint8_t)v;
	yaml_word(doc, map, "words", profile_orders, 0, &word);
	d->low_word_first = word == 1;
	yaml_word(doc, map, "bytes", profile_orders, 0, &word);
	d->low_byte_first = word == 1;
	d->invalid = yaml_get(doc, map, "invalid");
	yaml_quantity(doc, map, "max_read", UNIT_NONE, 1, BUS_MAX_READ, BUS_MAX_READ, &v);
	p->info.max_read = (uint16_t)v;
	yaml_quantity(doc, map, "max_gap", UNIT_NONE, 0, BUS_MAX_READ, 0, &v);
	p->info.max_gap = (uint16_t)v;
	yaml_bool(doc, map, "single", false, &p->info.single);
	yaml_quantity(doc, map, "pause", UNIT_US, 0, 10 * US_PER_S, 0, &p->info.pause_us);
	yaml_quantity(doc, map, "fast", UNIT_US, 100000, 60 * US_PER_S, US_PER_S, &p->info.fast_us);
	yaml_quantity(doc, map, "slow", UNIT_US, p->info.fast_us, 3600 * US_PER_S, 30 * US_PER_S,
		&p->info.slow_us);
	node = yaml_get(doc, map, "blocks");
	if (node != NULL) {
		read_blocks(p, d, doc, node);
	}
}

/* The step of the energy register and where a whole unsigned register wraps. */
static void energy_defaults(struct profile *p)
{
	const struct point_def *def =
		profile_def(p, p->info.kind == DEVICE_METER ? 0 : 1, PT_ENERGY, false);
	const struct scale *s;

	p->info.resolution_wh = 1;
	if (def == NULL || def->part_count > 0) {
		return;
	}
	s = &def->scale;
	if (s->den > 0 && s->num > s->den) {
		p->info.resolution_wh = s->num / s->den;
	}
	if (s->type == VT_U16 || s->type == VT_U32) {
		int64_t span = INT64_C(1) << (s->type == VT_U16 ? 16 : 32);

		p->info.wrap_wh = s->num <= INT64_MAX / span ? span * s->num / s->den : 0;
	}
}

static void read_energy(struct profile *p, const struct yaml_doc *doc, const struct yaml_node *root)
{
	const struct yaml_node *map;
	int source = profile_reads(p, PT_ENERGY)       ? ESRC_REGISTER
		     : profile_reads(p, PT_SESSION_WH) ? ESRC_SESSION
						       : ESRC_NONE;

	energy_defaults(p);
	section(doc, root, "energy", energy_keys, &map);
	yaml_word(doc, map, "source", sources, source, &source);
	yaml_quantity(doc, map, "wrap", UNIT_WH, 0, INT64_C(1000000000000000), p->info.wrap_wh,
		&p->info.wrap_wh);
	yaml_quantity(doc, map, "resolution", UNIT_WH, 1, 1000000, p->info.resolution_wh,
		&p->info.resolution_wh);
	p->info.energy_source = source;
	if (source == ESRC_REGISTER && !profile_reads(p, PT_ENERGY)) {
		yaml_error(doc, map, "'source: register' needs the point energy_wh");
	}
	if (source == ESRC_SESSION && !profile_reads(p, PT_SESSION_WH)) {
		yaml_error(doc, map, "'source: session' needs the point session_wh");
	}
}

/* Makes each `$name` stand for what the site says, for its default, or for nothing. */
static int read_settings(struct profile *p, const struct profile_site *site, struct yaml_doc *doc,
	const struct yaml_node *root)
{
	const struct yaml_node *map = yaml_get(doc, root, "settings");
	const struct yaml_node *given = site != NULL ? site->settings : NULL;
	const char *names[YAML_DEPTH_MAX * 4] = {NULL};
	size_t count = 0;

	if (map != NULL && yaml_kind_of(map) != YAML_MAP) {
		yaml_error(doc, map, "'settings' must be a map of names");
		return ERR_SYNTAX;
	}
	for (size_t i = 0; map != NULL && i < yaml_length(map); i++) {
		const char *name = yaml_key_at(doc, map, i), *help;
		const struct yaml_node *setting = yaml_at(doc, map, i), *value;
		bool optional;

		if (count + 1 >= sizeof names / sizeof names[0]) {
			yaml_error(doc, setting, "too many settings");
			return ERR_FULL;
		}
		names[count++] = name;
		if (yaml_keys(doc, setting, setting_keys) != 0 ||
			yaml_string(doc, setting, "help", 200, NULL, &help) != 0) {
			continue;
		}
		value = given != NULL && site != NULL ? yaml_get(site->doc, given, name) : NULL;
		if (value == NULL) {
			value = yaml_get(doc, setting, "default");
		}
		yaml_bool(doc, setting, "optional", false, &optional);
		if (value == NULL && site != NULL && !optional) {
			yaml_error(site->doc, given != NULL ? given : site->device,
				"profile %s needs the setting '%s': %s", p->info.name, name, help);
		}
		yaml_define(doc, name, value);
	}
	if (given != NULL && count == 0) {
		yaml_error(site->doc, given, "'settings': profile %s has none", p->info.name);
		return ERR_SYNTAX;
	}
	return given != NULL ? yaml_keys(site->doc, given, names) : 0;
}

/* Ratios and parts must be points that this profile reads. */
static void check_references(
	struct profile *p, const struct yaml_doc *doc, const struct yaml_node *root)
{
	for (size_t i = 0; i < p->def_count; i++) {
		const struct point_def *def = &p->defs[i];

		for (int k = 0; k < def->times_count; k++) {
			enum point ratio = (enum point)def->times_point[k];

			if (profile_def(p, 0, ratio, false) == NULL) {
				yaml_error(doc, root,
					"'%s': 'times' needs the point '%s' of the device",
					point_info((enum point)def->point)->name,
					point_info(ratio)->name);
			}
		}
		for (int k = 0; k < def->part_count; k++) {
			enum point part = (enum point)def->part[k];

			if (profile_def(p, def->device ? 0 : 1, part, false) == NULL) {
				yaml_error(doc, root, "'%s': 'sum' needs the point '%s'",
					point_info((enum point)def->point)->name,
					point_info(part)->name);
			}
		}
	}
}

/* The plan repeats a bounded number of writes of a unit. */
static void check_repeated(
	const struct profile *p, const struct yaml_doc *doc, const struct yaml_node *root)
{
	int repeated = 0;

	for (size_t i = 0; i < p->def_count; i++) {
		if (p->defs[i].write.every_us > 0) {
			repeated += p->defs[i].device ? 1 : p->info.guns;
		}
	}
	if (repeated > PLAN_KEEPALIVES_MAX) {
		yaml_error(doc, root,
			"'every': %d writes of one unit must be repeated, allowed are %d", repeated,
			PLAN_KEEPALIVES_MAX);
	}
}

static void check(struct profile *p, const struct yaml_doc *doc, const struct yaml_node *root)
{
	check_references(p, doc, root);
	check_repeated(p, doc, root);
	if (p->info.kind != DEVICE_METER && !profile_reads(p, PT_STATE) &&
		yaml_get(doc, yaml_get(doc, root, "points"), "state") == NULL) {
		yaml_error(doc, root, "a pile's profile needs the point 'state'");
	}
	if (p->info.min_w > p->info.max_w && p->info.max_w > 0) {
		yaml_error(doc, yaml_get(doc, root, "gun"), "'min' is above 'max'");
	}
	if (p->info.guns > 1 && p->stride == 0) {
		bool told_apart = false;

		for (size_t i = 0; i < p->def_count; i++) {
			told_apart |= p->defs[i].listed || p->defs[i].gun_bits > 0;
		}
		if (!told_apart) {
			yaml_error(doc, yaml_get(doc, root, "guns"),
				"several guns need a 'stride', or a list of addresses at each "
				"point");
		}
	}
}

static int read_all(
	struct profile *p, const char *path, const struct profile_site *site, struct yaml_doc *doc)
{
	const struct yaml_node *root = yaml_root(doc), *map;
	struct profile_defaults defaults;
	int kind, err;

	if (yaml_keys(doc, root, top_keys) != 0 && yaml_kind_of(root) != YAML_MAP) {
		return ERR_SYNTAX;
	}
	read_name(p, path, doc, root);
	err = read_settings(p, site, doc, root);
	yaml_word(doc, root, "kind", kinds, -1, &kind);
	p->info.kind = (enum device_kind)kind;
	read_guns(p, site, doc, root);
	read_modbus(p, &defaults, doc, root);
	p->info.watchdog_s = VALUE_NONE;
	if (yaml_get(doc, root, "watchdog") != NULL) {
		yaml_quantity(
			doc, root, "watchdog", UNIT_S, 1, 86400, VALUE_NONE, &p->info.watchdog_s);
	}
	map = yaml_get(doc, root, "points");
	if (map == NULL) {
		yaml_error(doc, root, "'points' is missing");
	} else {
		profile_read_points(p, &defaults, doc, map, kind == DEVICE_METER);
	}
	map = yaml_get(doc, root, "device");
	if (map != NULL && kind == DEVICE_METER) {
		yaml_error(doc, map, "'device': a meter's points all stand under 'points'");
	} else if (map != NULL) {
		profile_read_points(p, &defaults, doc, map, true);
	}
	read_energy(p, doc, root);
	check(p, doc, root);
	return err;
}

int profile_load(const char *path, const struct profile_site *site, struct yaml_errors *errors,
	struct profile **out)
{
	size_t before = errors->count;
	struct yaml_doc *doc = NULL;
	struct profile *p = NULL;
	int err = yaml_load_file(path, errors, &doc);

	*out = NULL;
	if (err != 0) {
		goto out;
	}
	p = calloc(1, sizeof *p);
	if (p == NULL) {
		err = ERR_NOMEM;
		goto out;
	}
	err = read_all(p, path, site, doc);
	if (err == 0 && errors->count == before) {
		err = profile_expand(p);
	}
	if (err == 0 && errors->count > before) {
		err = ERR_SYNTAX;
	}
	if (err == 0) {
		*out = p;
		p = NULL;
	}
out:
	profile_free(p);
	yaml_release(doc);
	return err;
}

int profile_path(const char *const *folders, const char *name, char *dst, size_t size)
{
	FILE *file;

	if (strchr(name, '/') != NULL) {
		return (size_t)snprintf(dst, size, "%s", name) < size ? 0 : ERR_TOOLONG;
	}
	for (; *folders != NULL; folders++) {
		if ((size_t)snprintf(dst, size, "%s/%s.yaml", *folders, name) >= size) {
			return ERR_TOOLONG;
		}
		file = fopen(dst, "re");
		if (file != NULL) {
			fclose(file);
			return 0;
		}
	}
	return ERR_NOTFOUND;
}

void profile_free(struct profile *p)
{
	if (p == NULL) {
		return;
	}
	for (size_t i = 0; i < p->def_count; i++) {
		free(p->defs[i].map);
		free(p->defs[i].addresses);
	}
	free(p->defs);
	free(p->entries);
	free(p->blocks);
	free(p->ranges);
	free(p);
}
