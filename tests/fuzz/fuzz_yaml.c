/* YAML documents: any bytes give a document or errors, within bounds; each node can be visited and
 * read as every type. */
#include <stdint.h>
#include <stdlib.h>

#include "yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void visit(const struct yaml_doc *doc, const struct yaml_node *node, int depth)
{
	static const char *const keys[] = {"site", "piles", "name", NULL};
	static const char *const words[] = {"on", "off", NULL};

	if (node == NULL || depth > 100) {
		return;
	}
	if (yaml_line(node) < 0) {
		abort();
	}
	if (yaml_kind_of(node) == YAML_SCALAR) {
		return;
	}
	if (yaml_kind_of(node) == YAML_MAP) {
		yaml_keys(doc, node, keys);
		for (size_t i = 0; i < yaml_length(node); i++) {
			const char *key = yaml_key_at(doc, node, i);
			const char *text;
			int64_t value;
			bool flag;
			int word;

			yaml_quantity(doc, node, key, UNIT_W, 0, 1000000, 5, &value);
			if (value != 5 && (value < 0 || value > 1000000)) {
				abort();
			}
			yaml_quantity(doc, node, key, UNIT_MS, -10, INT64_MAX, 0, &value);
			yaml_quantity(
				doc, node, key, UNIT_NONE, INT64_MIN + 1, INT64_MAX, 0, &value);
			yaml_string(doc, node, key, 20, "", &text);
			yaml_bool(doc, node, key, false, &flag);
			yaml_word(doc, node, key, words, 0, &word);
		}
	}
	for (size_t i = 0; i < yaml_length(node); i++) {
		visit(doc, yaml_at(doc, node, i), depth + 1);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct yaml_errors errors = {0};
	struct yaml_doc *doc = NULL;

	if (yaml_load_text("fuzz", (const char *)data, size, &errors, &doc) == 0) {
		visit(doc, yaml_root(doc), 0);
		yaml_release(doc);
	} else if (errors.count == 0) {
		abort();
	}
	yaml_errors_free(&errors);
	return 0;
}
