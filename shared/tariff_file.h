#ifndef PILED_TARIFF_FILE_H
#define PILED_TARIFF_FILE_H
/*
 * The text of a tariff, piled-tariff(5). It is refused as a whole: every gap, overlap, unknown key
 * and price that is none is one line of `errors` with file and line.
 */
#include "tariff.h"
#include "yaml.h"

#define TARIFF_TEXT_MAX 32768 /* so that it fits into a request */

/* Reads a text. `name` stands in errors; `zone` is the site's, by which dates begin. The version is
 * 1, since a text has none: whoever takes it in counts them. 0, or ERR_SYNTAX with errors. *out is
 * undefined then. */
int tariff_parse(const char *name, const char *text, size_t size, const struct zone_rules *zone,
	struct yaml_errors *errors, struct tariff *out);

/* The keys of the i-th map of the text, NULL-terminated, and the map's name; NULL past the last.
 * For the manual's test. */
const char *const *tariff_schema(size_t i, const char **map);

#endif
