#ifndef PILED_YAML_H
#define PILED_YAML_H
/*
 * YAML documents read by a schema of ours: each scalar is read by its declared type and unit, each
 * error is reported with file, line, what was read and what is allowed; all errors in one run.
 * Implicit types never apply; duplicate keys, aliases, anchors and tags are refused; an unknown
 * key is refused with the nearest known name. Parsing itself is libyaml's.
 *
 * Bounded: a text of YAML_SIZE_MAX bytes, YAML_DEPTH_MAX levels, YAML_NODES_MAX nodes,
 * YAML_KEYS_MAX keys a map and YAML_SCALAR_MAX bytes a scalar are the most that is taken.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "point.h"

#define YAML_SIZE_MAX   (1 << 20)
#define YAML_DEPTH_MAX  12
#define YAML_NODES_MAX  100000
#define YAML_KEYS_MAX   2000
#define YAML_SCALAR_MAX 1024

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
/* Adds one line that belongs to no document. printf-like. */
void yaml_errors_add(struct yaml_errors *errors, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Reads a document. 0, ERR_NOTFOUND, ERR_IO, ERR_SYNTAX, ERR_TOOLONG, ERR_NOMEM; each failure is
 * also in `errors`, which is borrowed until yaml_release(). `*out` is NULL on failure. */
int yaml_load_file(const char *path, struct yaml_errors *errors, struct yaml_doc **out);
int yaml_load_text(const char *name, const char *text, size_t size, struct yaml_errors *errors,
	struct yaml_doc **out);
void yaml_release(struct yaml_doc *doc);
const struct yaml_node *yaml_root(const struct yaml_doc *doc);

/* Lets `$name` stand for a node, also of another document, wherever this document has that as the
 * value of a key. `node` NULL: the key counts as absent. Both are borrowed. */
int yaml_define(struct yaml_doc *doc, const char *name, const struct yaml_node *node);

/* Reports an error at a node, in the file that the node is from (NULL: at the file as a whole).
 * printf-like. */
void yaml_error(const struct yaml_doc *doc, const struct yaml_node *node, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
size_t yaml_error_count(const struct yaml_doc *doc);

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };
enum yaml_kind yaml_kind_of(const struct yaml_node *node);
int yaml_line(const struct yaml_node *node);
/* The text of a scalar; "" of anything else. */
const char *yaml_text(const struct yaml_node *node);

/* Iterating. A list's or map's length; the i-th value; a map's i-th key. */
size_t yaml_length(const struct yaml_node *node);
const struct yaml_node *yaml_at(const struct yaml_doc *doc, const struct yaml_node *node, size_t i);
const char *yaml_key_at(const struct yaml_doc *doc, const struct yaml_node *map, size_t i);

/* Checks that a node is a map with no other keys than those of the NULL-terminated list; reports
 * each unknown one with the nearest name. Returns 0 or ERR_SYNTAX. */
int yaml_keys(const struct yaml_doc *doc, const struct yaml_node *map, const char *const *keys);

/* The value of a key; NULL where absent (or where `map` is no map). */
const struct yaml_node *yaml_get(
	const struct yaml_doc *doc, const struct yaml_node *map, const char *key);

/* Typed readers. `map` holds `key`; absent gives `fallback` (YAML_REQUIRED: an error is reported).
 * On any error it is reported and `fallback` is stored (0 for YAML_REQUIRED); ERR_* returned. */
#define YAML_REQUIRED INT64_MIN
/* Quantity in a unit of the house, as fmt_parse() reads it: "630 kVA", "250 ms", "0.1 A"; of
 * UNIT_NONE a plain number, decimal or hexadecimal (0x1000). */
int yaml_quantity(const struct yaml_doc *doc, const struct yaml_node *map, const char *key,
	enum unit unit, int64_t min, int64_t max, int64_t fallback, int64_t *out);
int yaml_string(const struct yaml_doc *doc, const struct yaml_node *map, const char *key,
	size_t max, const char *fallback, const char **out); /* borrowed from the document */
int yaml_bool(const struct yaml_doc *doc, const struct yaml_node *map, const char *key,
	bool fallback, bool *out);
/* One word of a NULL-terminated list; the index. fallback -1: required. */
int yaml_word(const struct yaml_doc *doc, const struct yaml_node *map, const char *key,
	const char *const *words, int fallback, int *out);

/* The same for a scalar that is at hand; `what` names it in messages. */
int yaml_number(const struct yaml_doc *doc, const struct yaml_node *node, const char *what,
	enum unit unit, int64_t min, int64_t max, int64_t *out);
/* A text as a plain number, decimal or 0x hexadecimal. ERR_SYNTAX, ERR_RANGE. */
int yaml_plain(const char *text, int64_t min, int64_t max, int64_t *out);

#endif
