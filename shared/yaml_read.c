/* The typed readers of yaml.h. */
#include "yaml.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fmt.h"
#include "text.h"

#define LIST_TEXT 160

int yaml_keys(const struct yaml_doc *doc, const struct yaml_node *map, const char *const *keys)
{
	int err = 0;

	if (map == NULL || yaml_kind_of(map) != YAML_MAP) {
		yaml_error(doc, map, "expected a map with keys such as '%s'", keys[0]);
		return ERR_SYNTAX;
	}
	for (size_t i = 0; i < yaml_length(map); i++) {
		const char *key = yaml_key_at(doc, map, i), *near;
		bool known = false;

		for (size_t k = 0; keys[k] != NULL && !known; k++) {
			known = strcmp(keys[k], key) == 0;
		}
		if (known) {
			continue;
		}
		near = text_nearest(key, keys);
		yaml_error(doc, yaml_at(doc, map, i), "unknown key '%.40s'%s%s%s", key,
			near != NULL ? ", did you mean '" : "", near != NULL ? near : "",
			near != NULL ? "'?" : "");
		err = ERR_SYNTAX;
	}
	return err;
}

static int missing(const struct yaml_doc *doc, const struct yaml_node *map, const char *key)
{
	yaml_error(doc, map, "'%s' is missing", key);
	return ERR_NOTFOUND;
}

/* The scalar under a key. NULL with *err 0: absent; with *err: reported. */
static const struct yaml_node *scalar(const struct yaml_doc *doc, const struct yaml_node *map,
	const char *key, bool required, int *err)
{
	const struct yaml_node *node = yaml_get(doc, map, key);

	*err = 0;
	if (node == NULL) {
		*err = required ? missing(doc, map, key) : 0;
		return NULL;
	}
	if (yaml_kind_of(node) != YAML_SCALAR) {
		yaml_error(doc, node, "'%s' must be a single value", key);
		*err = ERR_SYNTAX;
		return NULL;
	}
	return node;
}

int yaml_plain(const char *text, int64_t min, int64_t max, int64_t *out)
{
	char *end;
	long long v;

	if (text[0] != '0' || (text[1] != 'x' && text[1] != 'X')) {
		return text_int(text, min, max, out);
	}
	if (strspn(text + 2, "0123456789abcdefABCDEF") != strlen(text + 2) || text[2] == '\0') {
		return ERR_SYNTAX;
	}
	errno = 0;
	v = strtoll(text + 2, &end, 16);
	if (errno == ERANGE || v < min || v > max) {
		return ERR_RANGE;
	}
	*out = v;
	return 0;
}

static int64_t largest_factor(enum unit unit)
{
	switch (unit) {
	case UNIT_W:
	case UNIT_WH:
	case UNIT_VA:
	case UNIT_VAR:
	case UNIT_VARH:
	case UNIT_MV:
	case UNIT_MA:
	case UNIT_MC:
	case UNIT_MHZ:
	case UNIT_OHM:
		return 1000;
	default:
		return 1;
	}
}

/* A bound as it may be written in a file: "6 A" rather than "6000 mA". */
static void bound(char *dst, size_t size, enum unit unit, int64_t value)
{
	int64_t factor = largest_factor(unit);
	char number[32];

	if (factor == 1 || value % factor != 0) {
		snprintf(dst, size, "%" PRId64 "%s%s", value, *unit_suffix(unit) ? " " : "",
			unit_suffix(unit));
		return;
	}
	snprintf(number, sizeof number, "%" PRId64, value / factor);
	switch (unit) {
	case UNIT_W:
		snprintf(dst, size, "%s kW", number);
		break;
	case UNIT_WH:
		snprintf(dst, size, "%s kWh", number);
		break;
	case UNIT_VA:
		snprintf(dst, size, "%s kVA", number);
		break;
	case UNIT_MV:
		snprintf(dst, size, "%s V", number);
		break;
	case UNIT_MA:
		snprintf(dst, size, "%s A", number);
		break;
	case UNIT_MC:
		snprintf(dst, size, "%s °C", number);
		break;
	default:
		snprintf(dst, size, "%" PRId64 " %s", value, unit_suffix(unit));
		break;
	}
}

static void report_number(const struct yaml_doc *doc, const struct yaml_node *node,
	const char *what, enum unit unit, int64_t min, int64_t max, int err)
{
	const char *suffixes = fmt_suffixes(unit);
	char low[48], high[48];

	bound(low, sizeof low, unit, min);
	bound(high, sizeof high, unit, max);
	if (err == ERR_SYNTAX && *suffixes != '\0') {
		yaml_error(doc, node, "'%s': read '%.40s', allowed is a number with a unit of: %s",
			what, yaml_text(node), suffixes);
	} else if (err == ERR_SYNTAX) {
		yaml_error(doc, node, "'%s': read '%.40s', allowed is a whole number", what,
			yaml_text(node));
	} else {
		yaml_error(doc, node, "'%s': read '%.40s', allowed is %s to %s%s%s", what,
			yaml_text(node), low, high, *suffixes != '\0' ? " in whole " : "",
			*suffixes != '\0' ? unit_suffix(unit) : "");
	}
}

int yaml_number(const struct yaml_doc *doc, const struct yaml_node *node, const char *what,
	enum unit unit, int64_t min, int64_t max, int64_t *out)
{
	const char *text = yaml_text(node);
	int err;

	if (*fmt_suffixes(unit) == '\0') {
		err = yaml_plain(text, min, max, out);
	} else {
		err = fmt_parse(text, unit, min, max, out);
	}
	if (err != 0) {
		report_number(doc, node, what, unit, min, max, err);
	}
	return err;
}

int yaml_quantity(const struct yaml_doc *doc, const struct yaml_node *map, const char *key,
	enum unit unit, int64_t min, int64_t max, int64_t fallback, int64_t *out)
{
	bool required = fallback == YAML_REQUIRED;
	const struct yaml_node *node;
	int err;

	*out = required ? 0 : fallback;
	node = scalar(doc, map, key, required, &err);
	return node == NULL ? err : yaml_number(doc, node, key, unit, min, max, out);
}

int yaml_string(const struct yaml_doc *doc, const struct yaml_node *map, const char *key,
	size_t max, const char *fallback, const char **out)
{
	const struct yaml_node *node;
	int err;

	*out = fallback == NULL ? "" : fallback;
	node = scalar(doc, map, key, fallback == NULL, &err);
	if (node == NULL) {
		return err;
	}
	if (yaml_text(node)[0] == '\0' && fallback == NULL) {
		yaml_error(doc, node, "'%s' is empty", key);
		return ERR_SYNTAX;
	}
	if (strlen(yaml_text(node)) > max) {
		yaml_error(doc, node, "'%s': read '%.40s...', allowed are %zu bytes", key,
			yaml_text(node), max);
		return ERR_TOOLONG;
	}
	*out = yaml_text(node);
	return 0;
}

static void list_words(char *dst, size_t size, const char *const *words)
{
	size_t used = 0;

	dst[0] = '\0';
	for (size_t i = 0; words[i] != NULL; i++) {
		text_append(dst, size, &used, "%s%s", i > 0 ? ", " : "", words[i]);
	}
}

int yaml_word(const struct yaml_doc *doc, const struct yaml_node *map, const char *key,
	const char *const *words, int fallback, int *out)
{
	const struct yaml_node *node;
	char list[LIST_TEXT];
	int err;

	*out = fallback < 0 ? 0 : fallback;
	node = scalar(doc, map, key, fallback < 0, &err);
	if (node == NULL) {
		return err;
	}
	for (int i = 0; words[i] != NULL; i++) {
		if (strcmp(words[i], yaml_text(node)) == 0) {
			*out = i;
			return 0;
		}
	}
	list_words(list, sizeof list, words);
	yaml_error(doc, node, "'%s': read '%.40s', allowed are: %s", key, yaml_text(node), list);
	return ERR_SYNTAX;
}

int yaml_bool(const struct yaml_doc *doc, const struct yaml_node *map, const char *key,
	bool fallback, bool *out)
{
	static const char *const words[] = {"no", "yes", NULL};
	int index, err = yaml_word(doc, map, key, words, fallback, &index);

	*out = index == 1;
	return err;
}
