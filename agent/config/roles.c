/* The sections `roles` and `attach_as`: Unix groups that give a role, accounts that people share.
 */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

const char *const config_roles_keys[] = {
#define ROLE(sym, name, may, help) name,
#include "role.def"
#undef ROLE
	NULL};

/* Names as useradd takes them, and the longer ones of a directory service. */
static bool good_name(const char *name)
{
	return name[0] != '\0' && name[0] != '-' &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
		       strlen(name) &&
	       strlen(name) < CONFIG_NAME;
}

static void add_name(struct config_reader *r, const struct yaml_node *node, const char *key,
	struct config_names *out)
{
	const char *text = yaml_text(node);

	if (yaml_kind_of(node) != YAML_SCALAR || !good_name(text)) {
		yaml_error(r->doc, node,
			"'%s': read '%.40s', allowed is the name of a Unix group or account, or a "
			"list of them",
			key, text);
	} else if (out->count == CONFIG_NAMES_MAX) {
		yaml_error(r->doc, node, "'%s': allowed are %d names", key, CONFIG_NAMES_MAX);
	} else {
		snprintf(out->v[out->count++], CONFIG_NAME, "%s", text);
	}
}

static void read_names(struct config_reader *r, const struct yaml_node *node, const char *key,
	struct config_names *out)
{
	out->given = true;
	if (yaml_kind_of(node) != YAML_LIST) {
		add_name(r, node, key, out);
		return;
	}
	for (size_t i = 0; i < yaml_length(node); i++) {
		add_name(r, yaml_at(r->doc, node, i), key, out);
	}
}

void config_read_roles(struct config_reader *r, const struct yaml_node *root)
{
	const struct yaml_node *map = yaml_get(r->doc, root, "roles"), *node;
	struct config *c = r->config;

	if (map != NULL) {
		yaml_keys(r->doc, map, config_roles_keys);
	}
	for (int i = ROLE_VIEWER; i < ROLE_COUNT_; i++) {
		const char *name = role_name((enum role)i);

		node = yaml_get(r->doc, map, name);
		if (node != NULL) {
			read_names(r, node, name, &c->roles[i]);
		} else {
			snprintf(c->roles[i].v[0], CONFIG_NAME, "piled-%s", name);
			c->roles[i].count = 1;
		}
	}
	node = yaml_get(r->doc, root, "attach_as");
	if (node != NULL) {
		read_names(r, node, "attach_as", &c->attach_as);
	}
}

static void print_names(
	const char *indent, const char *key, const struct config_names *n, FILE *out)
{
	fprintf(out, "%s%s: [", indent, key);
	for (size_t i = 0; i < n->count; i++) {
		fprintf(out, "%s\"%s\"", i > 0 ? ", " : "", n->v[i]);
	}
	fputs("]\n", out);
}

void config_print_roles(const struct config *c, FILE *out)
{
	fputs("roles:\n", out);
	for (int i = ROLE_VIEWER; i < ROLE_COUNT_; i++) {
		print_names("  ", role_name((enum role)i), &c->roles[i], out);
	}
	if (c->attach_as.count > 0) {
		print_names("", "attach_as", &c->attach_as, out);
	}
}
