#ifndef PILED_YAML_H
#define PILED_YAML_H
/*
 * YAML documents read by a schema of ours: each scalar is read by its declared type and unit, each
 * error is reported with file, line, what was read and what is allowed; all errors in one run.
 * Implicit types never apply; duplicate keys, aliases and anchors are refused; an unknown key is
 * refused with the nearest known name. Parsing itself is libyaml's.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

struct yaml_doc;
struct yaml_node; /* borrowed from its document */

/* Collects errors as "file:line: message" lines. Bounded: after YAML_ERRORS_MAX it counts only. */
#define YAML_ERRORS_MAX 100
struct yaml_errors {
	char **lines;
	size_t count; /* of all, also of those not kept */
	size_t kept;
};
void yaml_errors_free(struct yaml_errors *errors);

int yaml_load_file(const char *path, struct yaml_errors *errors, struct yaml_doc **out);
int yaml_load_text(const char *name, const char *text, size_t size, struct yaml_errors *errors,
	struct yaml_doc **out);
void yaml_free(struct yaml_doc *doc);
const struct yaml_node *yaml_root(const struct yaml_doc *doc);

/* Reports an error at a node (NULL: at the file as a whole). printf-like. */
void yaml_error(const struct yaml_doc *doc, const struct yaml_node *node, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
size_t yaml_error_count(const struct yaml_doc *doc);

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };
enum yaml_kind yaml_kind_of(const struct yaml_node *node);
int yaml_line(const struct yaml_node *node);

/* Iterating. A list's or map's length; the i-th value; a map's i-th key. */
size_t yaml_length(const struct yaml_node *node);
const struct yaml_node *yaml_at(const struct yaml_doc *doc, const struct yaml_node *node, size_t i);
const char *yaml_key_at(const struct yaml_doc *doc, const struct yaml_node *map, size_t i);

/* Checks that a node is a map with no other keys than those of the NULL-terminated list; reports
 * each unknown one with the nearest name. Returns 0 or ERR_SYNTAX. */
int yaml_keys(const struct yaml_doc *doc, const struct yaml_node *map, const char *const *keys);

/* The value of a key; NULL where absent. */
const struct yaml_node *yaml_get(
	const struct yaml_doc *doc, const struct yaml_node *map, const char *key);

/* Typed readers. `map` holds `key`; absent gives `fallback` (YAML_REQUIRED: an error is reported).
 * On any error it is reported and `fallback` is stored; ERR_* returned. */
#define YAML_REQUIRED INT64_MIN
/* Quantity of a dimension in its base unit; the suffix is required where several exist:
 * "630 kVA", "9600", "250 ms", "0.1 A". dimension: "W" "VA" "Wh" "mA" "mV" "ms" "us" "s" ""
 * (plain). */
int yaml_quantity(const struct yaml_doc *doc, const struct yaml_node *map, const char *key,
	const char *dimension, int64_t min, int64_t max, int64_t fallback, int64_t *out);
int yaml_string(const struct yaml_doc *doc, const struct yaml_node *map, const char *key,
	size_t max, const char *fallback, const char **out); /* borrowed from the document */
int yaml_bool(const struct yaml_doc *doc, const struct yaml_node *map, const char *key,
	bool fallback, bool *out);
/* One word of a NULL-terminated list; the index. */
int yaml_word(const struct yaml_doc *doc, const struct yaml_node *map, const char *key,
	const char *const *words, int fallback, int *out);

#endif
