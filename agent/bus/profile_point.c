/* Profiles read from YAML: one point. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "fault.h"
#include "fmt.h"
#include "profile_def.h"
#include "state.h"
#include "text.h"

#define MAP_MAX     512
#define SOURCES_MAX 8
#define DEFS_MAX    512

const char *const profile_point_keys[] = {"at", "read", "type", "length", "words", "bytes", "bits",
	"gun_bits", "unit", "offset", "times", "sum", "invalid", "min", "max", "map", "flags",
	"poll", "write", NULL};
const char *const profile_write_keys[] = {"at", "function", "type", "words", "bytes", "unit",
	"offset", "min", "max", "step", "zero", "value", "back", "delay", "every", NULL};
const char *const profile_types[] = {[VT_U16] = "u16",
	[VT_S16] = "s16",
	[VT_U32] = "u32",
	[VT_S32] = "s32",
	[VT_U64] = "u64",
	[VT_S64] = "s64",
	[VT_F32] = "f32",
	[VT_F64] = "f64",
	[VT_BIT] = "bit",
	[VT_TEXT] = "text",
	[VT_HEX] = "hex",
	[VT_DOTTED] = "dotted",
	NULL};

uint8_t profile_words(enum value_type type)
{
	static const uint8_t words[VT_COUNT_] = {[VT_U16] = 1,
		[VT_S16] = 1,
		[VT_U32] = 2,
		[VT_S32] = 2,
		[VT_U64] = 4,
		[VT_S64] = 4,
		[VT_F32] = 2,
		[VT_F64] = 4,
		[VT_BIT] = 1};

	return words[type];
}

/* What is being read: the point's map in its document. */
struct reader {
	struct profile *profile;
	const struct profile_defaults *defaults;
	const struct yaml_doc *doc;
	const struct yaml_node *map;
	const char *name;
	const struct point_info *info;
	struct point_def *def;
};

static bool is_text(uint8_t type)
{
	return type >= VT_TEXT;
}

static bool is_command(enum point p)
{
	return p == PT_START || p == PT_STOP || p == PT_UNLOCK || p == PT_REBOOT ||
	       p == PT_KEEPALIVE;
}

static bool has_dimension(enum unit unit)
{
	return *fmt_suffixes(unit) != '\0';
}

static void read_scale(struct reader *r, const struct yaml_node *map, struct scale *s)
{
	int type, word;
	const char *text;

	yaml_word(r->doc, map, "type", profile_types, s->type, &type);
	if (type != s->type) {
		s->type = (uint8_t)type;
		s->words = profile_words((enum value_type)type);
	}
	yaml_word(r->doc, map, "words", profile_orders, s->low_word_first, &word);
	s->low_word_first = word == 1;
	yaml_word(r->doc, map, "bytes", profile_orders, s->low_byte_first, &word);
	s->low_byte_first = word == 1;
	if (yaml_get(r->doc, map, "unit") != NULL) {
		if (yaml_string(r->doc, map, "unit", 32, NULL, &text) != 0) {
			return;
		}
		if (!has_dimension(r->info->unit) && r->info->unit != UNIT_NONE) {
			yaml_error(r->doc, map, "'%s' takes no 'unit'", r->name);
		} else if (fmt_ratio(text, r->info->unit, &s->num, &s->den) != 0) {
			yaml_error(r->doc, yaml_get(r->doc, map, "unit"),
				"'unit': read '%.40s', allowed for %s is [FACTOR] and one of: %s",
				text, r->name, fmt_suffixes(r->info->unit));
		}
	}
	yaml_quantity(r->doc, map, "offset", r->info->unit, -INT64_C(1000000000),
		INT64_C(1000000000), s->offset, &s->offset);
}

/* "3", "0x10", "1..3", "0x101..", or one letter for its code. */
static int read_span(const char *text, int64_t min, int64_t max, int64_t *lo, int64_t *hi)
{
	const char *dots = strstr(text, "..");
	char first[24];

	/* A letter stands for its code, where that may be one: no bit has such a number. */
	if (isalpha((unsigned char)text[0]) && text[1] == '\0' && text[0] <= max) {
		*lo = *hi = text[0];
		return 0;
	}
	if (dots == NULL) {
		int err = yaml_plain(text, min, max, lo);

		*hi = *lo;
		return err;
	}
	if ((size_t)snprintf(first, sizeof first, "%.*s", (int)(dots - text), text) >=
		sizeof first) {
		return ERR_SYNTAX;
	}
	if (yaml_plain(first, min, max, lo) != 0) {
		return ERR_SYNTAX;
	}
	*hi = max;
	return dots[2] == '\0' ? 0 : yaml_plain(dots + 2, *lo, max, hi);
}

static int find_fault(const char *text, int64_t *code)
{
	const struct fault_info *fault;

	if (strcmp(text, "none") == 0) {
		*code = FAULT_NONE;
		return 0;
	}
	if (strcmp(text, "other") == 0) {
		*code = FAULT_DEVICE_OTHER;
		return 0;
	}
	if (fault_find(text, &fault) == 0) {
		*code = fault->code;
		return 0;
	}
	/* A code may be written in hexadecimal, too. */
	if (yaml_plain(text, 1, 65535, code) == 0 && fault_info((int)*code) != NULL) {
		return 0;
	}
	return ERR_NOTFOUND;
}

static int read_meaning(const struct reader *r, const struct yaml_node *node, int64_t *value)
{
	const char *text = yaml_text(node);
	enum gun_state state;

	switch (r->info->unit) {
	case UNIT_STATE:
		if (state_find(text, &state) != 0) {
			yaml_error(r->doc, node,
				"state '%.40s' is none of: unknown, offline, idle, plugged, "
				"charging, suspended, finished, reserved, fault",
				text);
			return ERR_SYNTAX;
		}
		*value = state;
		return 0;
	case UNIT_BOOL:
		if (strcmp(text, "yes") != 0 && strcmp(text, "no") != 0) {
			yaml_error(r->doc, node, "read '%.40s', allowed are: no, yes", text);
			return ERR_SYNTAX;
		}
		*value = text[0] == 'y';
		return 0;
	case UNIT_CODE:
		if (r->def->point == PT_FAULT) {
			if (find_fault(text, value) != 0) {
				yaml_error(r->doc, node,
					"fault '%.40s' is no name or code of the catalogue, nor "
					"'none' or 'other'",
					text);
				return ERR_SYNTAX;
			}
			return 0;
		}
		return yaml_number(r->doc, node, r->name, UNIT_NONE, 0, 65535, value);
	default:
		return yaml_number(r->doc, node, r->name, r->info->unit, -INT64_C(1000000000000),
			INT64_C(1000000000000), value);
	}
}

static void read_map(struct reader *r, const struct yaml_node *map, bool flags)
{
	struct point_def *def = r->def;
	size_t count;

	if (yaml_kind_of(map) != YAML_MAP || yaml_length(map) > MAP_MAX) {
		yaml_error(r->doc, map, "'%s': '%s' must be a map of at most %d rows", r->name,
			flags ? "flags" : "map", MAP_MAX);
		return;
	}
	count = yaml_length(map);
	def->map = calloc(count + 1, sizeof *def->map);
	for (size_t i = 0; def->map != NULL && i < count; i++) {
		const char *key = yaml_key_at(r->doc, map, i);
		const struct yaml_node *node = yaml_at(r->doc, map, i);
		struct map_row row = {0};

		if (read_meaning(r, node, &row.value) != 0) {
			continue;
		}
		if (strcmp(key, "else") == 0 && !flags) {
			def->has_else = true;
			def->else_value = row.value;
			continue;
		}
		if (is_text(def->scale.type)) {
			if ((size_t)snprintf(row.text, sizeof row.text, "%s", key) >=
				sizeof row.text) {
				yaml_error(r->doc, node, "'%.40s': allowed are %d characters", key,
					MAP_TEXT_MAX - 1);
			}
		} else if (read_span(key, flags ? 0 : INT32_MIN, flags ? 63 : INT64_C(0xFFFFFFFF),
				   &row.lo, &row.hi) != 0) {
			yaml_error(r->doc, node, "'%.40s' is no %s, no range A..B and not 'else'",
				key, flags ? "bit number 0..63" : "raw value");
		}
		def->map[def->map_count++] = row;
	}
}

static void read_bits(struct reader *r)
{
	struct point_def *def = r->def;
	const struct yaml_node *node = yaml_get(r->doc, r->map, "bits");
	int width = def->scale.words * 16;
	int64_t lo, hi, v;

	if (node != NULL) {
		if (is_text(def->scale.type) || def->scale.type == VT_F32 ||
			def->scale.type == VT_F64) {
			yaml_error(r->doc, node, "'bits' needs a whole number type");
		} else if (read_span(yaml_text(node), 0, width - 1, &lo, &hi) != 0) {
			yaml_error(r->doc, node,
				"'bits': read '%.40s', allowed is N or A..B within 0..%d",
				yaml_text(node), width - 1);
		} else {
			def->bit_lo = (uint8_t)lo;
			def->bit_count = (uint8_t)(hi - lo + 1);
		}
	}
	yaml_quantity(r->doc, r->map, "gun_bits", UNIT_NONE, 1, 32, 0, &v);
	def->gun_bits = (uint8_t)v;
	if (v > 0 && (def->bit_count == 0 ||
			     def->bit_lo + v * (r->profile->info.guns_max - 1) + def->bit_count >
				     width)) {
		yaml_error(r->doc, r->map,
			"'gun_bits' needs 'bits' of the first gun, and room for every gun");
	}
}

static int read_marker(const struct reader *r, const struct yaml_node *node, uint64_t *out)
{
	int width = r->def->scale.words * 16;
	uint64_t ones = width >= 64 ? UINT64_MAX : (UINT64_C(1) << width) - 1;
	const char *text = yaml_text(node);
	int64_t v;

	if (strcmp(text, "ones") == 0) {
		*out = ones;
	} else if (strcmp(text, "max") == 0) {
		*out = ones >> 1;
	} else if (strcmp(text, "min") == 0) {
		*out = (ones >> 1) + 1;
	} else if (yaml_plain(text, 0, INT64_MAX, &v) == 0 && (uint64_t)v <= ones) {
		*out = (uint64_t)v;
	} else {
		yaml_error(r->doc, node,
			"'invalid': read '%.40s', allowed are ones, max, min or a raw value of %d "
			"bits",
			text, width);
		return ERR_SYNTAX;
	}
	return 0;
}

static void read_invalid(struct reader *r)
{
	const struct yaml_node *node = yaml_get(r->doc, r->map, "invalid");
	struct point_def *def = r->def;
	size_t count;

	node = node == NULL ? r->defaults->invalid : node;
	if (node == NULL || is_text(def->scale.type) || def->scale.type == VT_BIT) {
		return;
	}
	if (strcmp(yaml_text(node), "none") == 0) {
		return;
	}
	count = yaml_kind_of(node) == YAML_LIST ? yaml_length(node) : 1;
	if (count > DEF_INVALID_MAX || yaml_kind_of(node) == YAML_MAP) {
		yaml_error(r->doc, node, "'invalid' must be a value or a list of at most %d",
			DEF_INVALID_MAX);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		const struct yaml_node *one =
			yaml_kind_of(node) == YAML_LIST ? yaml_at(r->doc, node, i) : node;

		if (read_marker(r, one, &def->invalid[def->invalid_count]) == 0) {
			def->invalid_count++;
		}
	}
}

/* One item, or the items of a list. */
static size_t item_count(const struct yaml_node *node)
{
	return yaml_kind_of(node) == YAML_LIST ? yaml_length(node) : 1;
}

static const struct yaml_node *item(const struct reader *r, const struct yaml_node *node, size_t i)
{
	return yaml_kind_of(node) == YAML_LIST ? yaml_at(r->doc, node, i) : node;
}

static void read_times(struct reader *r)
{
	const struct yaml_node *node = yaml_get(r->doc, r->map, "times");
	struct point_def *def = r->def;

	def->times = 1;
	for (size_t i = 0; node != NULL && i < item_count(node); i++) {
		const struct yaml_node *one = item(r, node, i);
		enum point p;
		int64_t v;

		if (one == NULL) {
			continue;
		}
		if (point_find(yaml_text(one), &p) == 0) {
			if (def->times_count == DEF_TIMES_MAX) {
				yaml_error(r->doc, one, "'times': at most %d", DEF_TIMES_MAX);
				return;
			}
			def->times_point[def->times_count++] = (uint8_t)p;
		} else if (yaml_plain(yaml_text(one), 1, 100000, &v) == 0 &&
			   def->times <= 100000 / v) {
			def->times *= v;
		} else {
			yaml_error(r->doc, one,
				"'times': read '%.40s', allowed are a point of the device or a "
				"whole number 1 to 100000",
				yaml_text(one));
		}
	}
}

static void read_sum(struct reader *r, const struct yaml_node *node)
{
	struct point_def *def = r->def;

	if (yaml_kind_of(node) != YAML_LIST || yaml_length(node) > DEF_PARTS_MAX) {
		yaml_error(
			r->doc, node, "'sum' must be a list of at most %d points", DEF_PARTS_MAX);
		return;
	}
	for (size_t i = 0; i < yaml_length(node); i++) {
		const struct yaml_node *one = yaml_at(r->doc, node, i);
		enum point p;

		if (point_find(yaml_text(one), &p) != 0 || point_info(p)->unit != r->info->unit ||
			p == def->point) {
			yaml_error(r->doc, one, "'sum': '%.40s' is no point in the unit of %s",
				yaml_text(one), r->name);
			continue;
		}
		def->part[def->part_count++] = (uint8_t)p;
	}
}

static enum poll_group default_group(enum point p)
{
	switch (p) {
	case PT_TEMP:
	case PT_TEMP2:
	case PT_TEMP3:
	case PT_TEMP4:
	case PT_FREQUENCY:
	case PT_EXPORT:
	case PT_REACTIVE_ENERGY:
	case PT_CT_RATIO:
	case PT_PT_RATIO:
	case PT_UPTIME:
	case PT_CLOCK:
	case PT_WATCHDOG_S:
	case PT_FAILSAFE_W:
	case PT_FAILSAFE_MA:
	case PT_CARD:
	case PT_VIN:
	case PT_PHASES:
		return POLL_SLOW;
	case PT_RATED_W:
	case PT_MAX_MA:
	case PT_GUN_COUNT:
	case PT_SERIAL:
	case PT_FIRMWARE:
	case PT_MODEL:
		return POLL_ONCE;
	default:
		return POLL_FAST;
	}
}

/* What no device can mean. */
static void default_bounds(struct point_def *def, enum unit unit)
{
	def->min = -INT64_MAX; /* INT64_MIN is YAML_REQUIRED */
	def->max = INT64_MAX;
	if (def->point == PT_SOC) {
		def->min = 0;
		def->max = 1000;
	} else if (def->point == PT_PF) {
		def->min = -1000;
		def->max = 1000;
	} else if (unit == UNIT_WH && def->point != PT_EXPORT) {
		def->min = 0;
	}
}

static void read_addresses(struct reader *r, const struct yaml_node *node)
{
	struct point_def *def = r->def;
	size_t count = yaml_length(node);

	if (def->device || count < (size_t)r->profile->info.guns) {
		yaml_error(r->doc, node, "'at': a list gives one address for each of the %d guns",
			r->profile->info.guns);
		return;
	}
	def->addresses = calloc(count, sizeof *def->addresses);
	def->listed = def->addresses != NULL;
	for (size_t i = 0; def->listed && i < count; i++) {
		int64_t v = 0;

		yaml_number(r->doc, yaml_at(r->doc, node, i), "at", UNIT_NONE, 0,
			65536 - def->scale.words, &v);
		def->addresses[i] = (uint16_t)v;
	}
}

static void read_place(struct reader *r)
{
	const struct yaml_node *node = yaml_get(r->doc, r->map, "at");
	struct point_def *def = r->def;
	int64_t span = def->device ? 0 : (int64_t)r->profile->stride * (r->profile->info.guns - 1);
	int64_t v;
	int group;

	yaml_quantity(r->doc, r->map, "read", UNIT_NONE, 1, 4,
		def->scale.type == VT_BIT && r->defaults->read > 2 ? 1 : r->defaults->read, &v);
	def->function = (uint8_t)v;
	if ((def->function <= 2) != (def->scale.type == VT_BIT)) {
		yaml_error(r->doc, r->map, "'%s': functions 1 and 2 read type bit, and only that",
			r->name);
	}
	yaml_word(r->doc, r->map, "poll", profile_groups, default_group(def->point), &group);
	def->group = (uint8_t)group;
	if (node != NULL && yaml_kind_of(node) == YAML_LIST) {
		read_addresses(r, node);
	} else {
		yaml_quantity(r->doc, r->map, "at", UNIT_NONE, 0, 65536 - def->scale.words - span,
			YAML_REQUIRED, &v);
		def->at = (uint16_t)v;
	}
}

static void read_fixed(struct reader *r, const struct yaml_node *map, struct write_def *w)
{
	const struct yaml_node *node = yaml_get(r->doc, map, "value");
	size_t count = node == NULL ? 1 : item_count(node);

	if (count == 0 || count > WRITE_WORDS_MAX) {
		yaml_error(r->doc, node, "'value': one to %d registers", WRITE_WORDS_MAX);
		return;
	}
	w->fixed[0] = 1;
	for (size_t i = 0; node != NULL && i < count; i++) {
		int64_t v = 0;

		yaml_number(r->doc, item(r, node, i), "value", UNIT_NONE, 0, 65535, &v);
		w->fixed[i] = (uint16_t)v;
	}
	w->fixed_count = (uint8_t)count;
}

static void read_write(struct reader *r, const struct yaml_node *map)
{
	struct point_def *def = r->def;
	struct write_def *w = &def->write;
	int64_t span = def->device ? 0 : (int64_t)r->profile->stride * (r->profile->info.guns - 1);
	int64_t v;
	bool back;

	if (yaml_keys(r->doc, map, profile_write_keys) != 0) {
		return;
	}
	w->scale = def->scale;
	read_scale(r, map, &w->scale);
	if (is_text(w->scale.type)) {
		yaml_error(r->doc, map, "'%s': text is not written", r->name);
		return;
	}
	if (yaml_get(r->doc, map, "value") != NULL || is_command((enum point)def->point)) {
		read_fixed(r, map, w);
	}
	yaml_quantity(r->doc, map, "function", UNIT_NONE, 5, 16,
		w->scale.type == VT_BIT ? 5 : r->defaults->write, &v);
	w->function = (uint8_t)v;
	if ((v != 5 && v != 6 && v != 16) || (v == 5) != (w->scale.type == VT_BIT) ||
		(v == 6 && (w->fixed_count > 0 ? w->fixed_count : w->scale.words) > 1)) {
		yaml_error(r->doc, map,
			"'function': read %d, allowed are 16, 6 for one register, 5 for type bit",
			(int)v);
	}
	yaml_quantity(r->doc, map, "at", UNIT_NONE, 0,
		65536 - (w->fixed_count > 0 ? w->fixed_count : w->scale.words) - span,
		def->reads && !def->listed ? def->at : YAML_REQUIRED, &v);
	w->at = (uint16_t)v;
	yaml_quantity(r->doc, map, "min", r->info->unit, -INT64_C(1000000000), INT64_C(1000000000),
		0, &w->min);
	yaml_quantity(r->doc, map, "max", r->info->unit, w->min, INT64_C(10000000000), INT64_MAX,
		&w->max);
	yaml_quantity(r->doc, map, "step", r->info->unit, 1, INT64_C(1000000000), 1, &w->step);
	yaml_bool(r->doc, map, "zero", false, &w->zero);
	yaml_bool(r->doc, map, "back", def->reads && w->fixed_count == 0, &back);
	if (back && !def->reads) {
		yaml_error(r->doc, map, "'back: yes' needs 'at' of the point, to read it from");
	}
	w->back = back;
	yaml_quantity(r->doc, map, "delay", UNIT_US, 0, 60 * US_PER_S, 0, &w->delay_us);
	yaml_quantity(r->doc, map, "every", UNIT_US, 100000, 3600 * US_PER_S, 0, &w->every_us);
	if (def->point == PT_KEEPALIVE && w->every_us == 0) {
		yaml_error(r->doc, map, "'every' is missing: how often must it be written?");
	}
	if (w->every_us > 0 && def->point != PT_KEEPALIVE && def->point != PT_LIMIT_W &&
		def->point != PT_LIMIT_MA) {
		yaml_error(r->doc, map, "'every': only a limit or a keepalive is written again");
	}
}

static void check_unit(struct reader *r, const struct yaml_node *map)
{
	bool mapped = r->def->map_count > 0 || r->def->has_else;

	if (has_dimension(r->info->unit) && r->info->unit != UNIT_S && !mapped &&
		yaml_get(r->doc, map, "unit") == NULL && yaml_get(r->doc, r->map, "unit") == NULL) {
		yaml_error(r->doc, map, "'%s' needs a 'unit': [FACTOR] and one of: %s", r->name,
			fmt_suffixes(r->info->unit));
	}
}

static void read_reading(struct reader *r)
{
	struct point_def *def = r->def;
	const struct yaml_node *map = yaml_get(r->doc, r->map, "map");
	const struct yaml_node *flags = yaml_get(r->doc, r->map, "flags");
	int64_t v;

	if (is_text(def->scale.type)) {
		yaml_quantity(
			r->doc, r->map, "length", UNIT_NONE, 1, DEF_TEXT_MAX, YAML_REQUIRED, &v);
		def->scale.words = (uint8_t)v;
	} else if (yaml_get(r->doc, r->map, "length") != NULL) {
		yaml_error(r->doc, r->map, "'length' is for the types text, hex and dotted");
	}
	read_place(r);
	read_bits(r);
	read_invalid(r);
	read_times(r);
	if (map != NULL) {
		read_map(r, map, false);
	}
	if (flags != NULL) {
		if (def->point != PT_FAULT || map != NULL) {
			yaml_error(r->doc, flags, "'flags' is for the point fault, without 'map'");
		} else {
			def->flags = true;
			read_map(r, flags, true);
		}
	}
	if (is_text(def->scale.type) && r->info->unit != UNIT_TEXT && map == NULL) {
		yaml_error(r->doc, r->map, "'%s': a text needs a 'map' to become a value", r->name);
	}
	yaml_quantity(r->doc, r->map, "min", r->info->unit, -INT64_C(1000000000000),
		INT64_C(1000000000000000), def->min, &def->min);
	yaml_quantity(r->doc, r->map, "max", r->info->unit, -INT64_C(1000000000000),
		INT64_C(1000000000000000), def->max, &def->max);
	check_unit(r, r->map);
}

/* Does the map take a setting that the site has not given? Then the point is left out. */
static bool unset(const struct yaml_doc *doc, const struct yaml_node *map)
{
	for (size_t i = 0; yaml_kind_of(map) == YAML_MAP && i < yaml_length(map); i++) {
		const struct yaml_node *node = yaml_at(doc, map, i);

		if (node == NULL || unset(doc, node)) {
			return true;
		}
	}
	return false;
}

static void read_point(struct reader *r)
{
	const struct yaml_node *write, *sum;

	if (unset(r->doc, r->map) || yaml_keys(r->doc, r->map, profile_point_keys) != 0) {
		r->profile->def_count--;
		return;
	}
	default_bounds(r->def, r->info->unit);
	r->def->times = 1;
	r->def->scale = (struct scale){.type = r->info->unit == UNIT_TEXT ? VT_TEXT : VT_U16,
		.words = 1,
		.low_word_first = r->defaults->low_word_first,
		.low_byte_first = r->defaults->low_byte_first,
		.num = 1,
		.den = 1};
	read_scale(r, r->map, &r->def->scale);
	write = yaml_get(r->doc, r->map, "write");
	sum = yaml_get(r->doc, r->map, "sum");
	if (yaml_get(r->doc, r->map, "at") != NULL) {
		r->def->reads = true;
		read_reading(r);
		if (r->info->unit == UNIT_STATE && r->def->map_count == 0) {
			yaml_error(r->doc, r->map, "'%s' needs a 'map' to the house's states",
				r->name);
		}
	} else if (sum != NULL) {
		read_sum(r, sum);
	} else if (write == NULL) {
		yaml_error(r->doc, r->map, "'%s' needs 'at' (to read), 'sum' or 'write'", r->name);
	}
	if (write != NULL) {
		if (!r->def->reads) {
			check_unit(r, write);
		}
		read_write(r, write);
	}
}

static struct point_def *new_def(struct profile *p)
{
	if (p->def_count == p->def_cap) {
		size_t cap = p->def_cap == 0 ? 64 : p->def_cap * 2;
		struct point_def *grown = realloc(p->defs, cap * sizeof *grown);

		if (grown == NULL || cap > DEFS_MAX) {
			p->defs = grown != NULL ? grown : p->defs;
			return NULL;
		}
		p->defs = grown;
		p->def_cap = cap;
	}
	memset(&p->defs[p->def_count], 0, sizeof *p->defs);
	return &p->defs[p->def_count++];
}

static bool scope_fits(const struct reader *r, bool device)
{
	unsigned scope = device ? SCOPE_P : SCOPE_G;

	if (r->profile->info.kind == DEVICE_METER) {
		scope = SCOPE_M;
	}
	return (r->info->scopes & scope) != 0;
}

void profile_read_points(struct profile *p, const struct profile_defaults *defaults,
	const struct yaml_doc *doc, const struct yaml_node *map, bool device)
{
	if (yaml_kind_of(map) != YAML_MAP) {
		yaml_error(doc, map, "must be a map of points");
		return;
	}
	for (size_t i = 0; i < yaml_length(map); i++) {
		const struct yaml_node *node = yaml_at(doc, map, i);
		struct reader r = {.profile = p,
			.defaults = defaults,
			.doc = doc,
			.name = yaml_key_at(doc, map, i)};
		enum point point;

		if (node == NULL) {
			continue;
		}
		if (point_find(r.name, &point) != 0) {
			const char *names[PT_COUNT_ + 1], *near;

			for (int k = 0; k < PT_COUNT_; k++) {
				names[k] = point_info((enum point)k)->name;
			}
			names[PT_COUNT_] = NULL;
			near = text_nearest(r.name, names);
			yaml_error(doc, node, "unknown point '%.40s'%s%s%s", r.name,
				near != NULL ? ", did you mean '" : "", near != NULL ? near : "",
				near != NULL ? "'?" : "");
			continue;
		}
		r.info = point_info(point);
		if (!scope_fits(&r, device)) {
			yaml_error(doc, node, "'%s' does not belong under '%s'", r.name,
				device && p->info.kind != DEVICE_METER ? "device" : "points");
			continue;
		}
		for (size_t k = 0; k < item_count(node) && k < SOURCES_MAX; k++) {
			r.def = new_def(p);
			if (r.def == NULL) {
				yaml_error(doc, node, "too many points");
				return;
			}
			r.def->point = (uint8_t)point;
			r.def->device = device;
			r.map = item(&r, node, k);
			read_point(&r);
		}
	}
}
