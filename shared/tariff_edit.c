#include "tariff_edit.h"

#include <stdio.h>
#include <string.h>

#include "err.h"
#include "i18n.h"
#include "text.h"
#include "yaml.h"

/* Where the scalar of a key stands: behind "key:" in its line. SIZE_MAX: not found. */
static size_t find(const char *text, int line, const char *key, const char *value)
{
	const char *at = text, *end;
	size_t n = strlen(key);

	for (int i = 1; i < line; i++) {
		at = strchr(at, '\n');
		if (at == NULL) {
			return SIZE_MAX;
		}
		at++;
	}
	end = at + strcspn(at, "\n");
	while ((at = strstr(at, key)) != NULL && at < end) {
		bool whole = at == text || strchr(" \t\n{,", at[-1]) != NULL;
		const char *rest = at + n;

		rest += strspn(rest, " \t");
		if (whole && *rest == ':') {
			const char *v = rest + 1 + strspn(rest + 1, " \t'\"");

			if (strncmp(v, value, strlen(value)) == 0) {
				return (size_t)(v - text);
			}
		}
		at += n;
	}
	return SIZE_MAX;
}

struct search {
	const char *text;
	const struct yaml_doc *doc;
	struct tariff_spot *spots;
	size_t count, room;
};

static void add(struct search *s, const char *part, const char *key, size_t nth,
	const struct yaml_node *node)
{
	struct tariff_spot *spot = &s->spots[s->count];
	const char *value = yaml_text(node);
	size_t offset = find(s->text, yaml_line(node), key, value);

	if (s->count < s->room && offset != SIZE_MAX && strlen(key) < sizeof spot->period &&
		strlen(value) < sizeof spot->value) {
		*spot = (struct tariff_spot){.part = part, .map = nth, .offset = offset};
		snprintf(spot->period, sizeof spot->period, "%s", key == part ? "" : key);
		snprintf(spot->value, sizeof spot->value, "%s", value);
		s->count++;
	}
}

/* The prices of one map: electricity and service, each one price or one a period. */
static void add_map(struct search *s, const struct yaml_node *map, size_t nth)
{
	static const char *const parts[] = {N_("electricity"), N_("service")};

	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		const struct yaml_node *part = yaml_get(s->doc, map, parts[i]);

		if (part != NULL && yaml_kind_of(part) == YAML_SCALAR) {
			add(s, parts[i], parts[i], nth, part);
		}
		for (size_t k = 0;
			part != NULL && yaml_kind_of(part) == YAML_MAP && k < yaml_length(part);
			k++) {
			add(s, parts[i], yaml_key_at(s->doc, part, k), nth,
				yaml_at(s->doc, part, k));
		}
	}
}

size_t tariff_spots(const char *text, struct tariff_spot *spots, size_t room)
{
	struct search s = {text, NULL, spots, 0, room};
	struct yaml_errors errors = {0};
	struct yaml_doc *doc;
	const struct yaml_node *prices;

	if (yaml_load_text("text", text, strlen(text), &errors, &doc) == 0) {
		s.doc = doc;
		prices = yaml_get(doc, yaml_root(doc), "prices");
		if (prices != NULL && yaml_kind_of(prices) == YAML_MAP) {
			add_map(&s, prices, 0);
		}
		for (size_t i = 0; prices != NULL && yaml_kind_of(prices) == YAML_LIST &&
				   i < yaml_length(prices);
			i++) {
			add_map(&s, yaml_at(doc, prices, i), i + 1);
		}
		yaml_release(doc);
	}
	yaml_errors_free(&errors);
	return s.count;
}

static size_t find_from(const char *text, size_t *length)
{
	struct yaml_errors errors = {0};
	struct yaml_doc *doc;
	const struct yaml_node *from;
	size_t at = SIZE_MAX;

	if (yaml_load_text("text", text, strlen(text), &errors, &doc) == 0) {
		from = yaml_get(doc, yaml_root(doc), "from");
		if (from != NULL) {
			*length = strlen(yaml_text(from));
			at = find(text, yaml_line(from), "from", yaml_text(from));
		}
		yaml_release(doc);
	}
	yaml_errors_free(&errors);
	return at;
}

/* Adds the text up to `to` and `value` in place of `length` bytes there. */
static int splice(const char *text, size_t *done, size_t to, size_t length, const char *value,
	char *dst, size_t size, size_t *used)
{
	int rc = text_append(dst, size, used, "%.*s%s", (int)(to - *done), text + *done, value);

	*done = to + length;
	return rc;
}

int tariff_edit(const char *text, const struct tariff_spot *spot, const char *value,
	const char *from, char *dst, size_t size)
{
	size_t done = 0, used = 0, length = 0, at = find_from(text, &length);
	int rc = 0;

	if (at == SIZE_MAX) {
		return ERR_SYNTAX;
	}
	dst[0] = '\0';
	if (spot != NULL && spot->offset < at) {
		rc = splice(
			text, &done, spot->offset, strlen(spot->value), value, dst, size, &used);
	}
	rc = rc != 0 ? rc : splice(text, &done, at, length, from, dst, size, &used);
	if (rc == 0 && spot != NULL && spot->offset > at) {
		rc = splice(
			text, &done, spot->offset, strlen(spot->value), value, dst, size, &used);
	}
	return rc != 0 ? rc : text_append(dst, size, &used, "%s", text + done);
}
