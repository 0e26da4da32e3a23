#include "roster.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "i18n.h"
#include "ssh_address.h"
#include "text.h"
#include "yaml.h"

static const char *const top_keys[] = {"sites", NULL};
static const char *const site_keys[] = {"address", "group", "tags", "production", NULL};

const char *const *roster_schema(size_t i, const char **name)
{
	static const struct {
		const char *name;
		const char *const *keys;
	} maps[] = {{"the file", top_keys}, {"a site", site_keys}};

	if (i >= sizeof maps / sizeof maps[0]) {
		return NULL;
	}
	*name = maps[i].name;
	return maps[i].keys;
}

/* Fills in where the agent is; ERR_SYNTAX, ERR_TOOLONG. */
static int set_address(struct station_cfg *s, const char *text)
{
	struct ssh_address address;

	s->ssh = strchr(text, '/') == NULL || strstr(text, "://") != NULL;
	if (view_set_text(s->address, sizeof s->address, text) != 0) {
		return ERR_TOOLONG;
	}
	return s->ssh ? ssh_address_read(text, &address) : 0;
}

/* ---- sites.conf ---- */

static bool good_name(const char *name)
{
	char clean[sizeof((struct station_cfg *)0)->name];

	text_clean(clean, sizeof clean, name);
	return name[0] != '\0' && name[0] != '-' && strcmp(clean, name) == 0 &&
	       strpbrk(name, " \t@/") == NULL && strcmp(name, "all") != 0;
}

static void read_tags(
	struct station_cfg *s, const struct yaml_doc *doc, const struct yaml_node *map)
{
	const struct yaml_node *list = yaml_get(doc, map, "tags");
	size_t used = 0;

	if (list == NULL) {
		return;
	}
	if (yaml_kind_of(list) != YAML_LIST) {
		yaml_error(doc, list, "tags: a list like [dc, night]");
		return;
	}
	for (size_t i = 0; i < yaml_length(list); i++) {
		const struct yaml_node *tag = yaml_at(doc, list, i);

		if (yaml_kind_of(tag) != YAML_SCALAR || !good_name(yaml_text(tag))) {
			yaml_error(doc, tag, "a tag is a word without blanks, @ and /");
		} else if (text_append(s->tags, sizeof s->tags, &used, "%s ", yaml_text(tag)) !=
			   0) {
			yaml_error(doc, tag, "the tags have %zu bytes at most", sizeof s->tags - 1);
		}
	}
}

static void read_site(struct station_cfg *s, const struct yaml_doc *doc, const char *name,
	const struct yaml_node *map)
{
	const char *address = "", *group = "";

	if (!good_name(name) || view_set_text(s->name, sizeof s->name, name) != 0) {
		yaml_error(doc, map,
			"'%.70s': a name is a word of at most %zu bytes without blanks, @ and /, "
			"and not 'all'",
			name, sizeof s->name - 1);
	}
	if (yaml_keys(doc, map, site_keys) != 0) {
		return;
	}
	if (yaml_string(doc, map, "address", sizeof s->address - 1, NULL, &address) == 0 &&
		set_address(s, address) != 0) {
		yaml_error(doc, yaml_get(doc, map, "address"),
			"address '%.60s': user@host, ssh://user@host:port or the path of a socket",
			address);
	}
	yaml_string(doc, map, "group", sizeof s->group - 1, "", &group);
	view_set_text(s->group, sizeof s->group, group);
	if (group[0] != '\0' && !good_name(group)) {
		yaml_error(doc, yaml_get(doc, map, "group"),
			"group '%.40s': a word without blanks, @ and /", group);
	}
	read_tags(s, doc, map);
	yaml_bool(doc, map, "production", false, &s->production);
}

static int read_doc(const struct yaml_doc *doc, struct roster *out)
{
	const struct yaml_node *root = yaml_root(doc), *sites;
	size_t n;

	if (yaml_keys(doc, root, top_keys) != 0) {
		return ERR_SYNTAX;
	}
	sites = yaml_get(doc, root, "sites");
	if (sites == NULL || yaml_kind_of(sites) != YAML_MAP) {
		yaml_error(doc, sites, "sites: a map of name and address is missing");
		return ERR_SYNTAX;
	}
	n = yaml_length(sites);
	if (n > ROSTER_MAX) {
		yaml_error(doc, sites, "%d sites at most", ROSTER_MAX);
		return ERR_SYNTAX;
	}
	out->list = calloc(n + 1, sizeof *out->list);
	if (out->list == NULL) {
		return ERR_NOMEM;
	}
	for (size_t i = 0; i < n; i++) {
		read_site(&out->list[out->count++], doc, yaml_key_at(doc, sites, i),
			yaml_at(doc, sites, i));
	}
	return yaml_error_count(doc) == 0 ? 0 : ERR_SYNTAX;
}

static int read_conf(const char *path, struct roster *out)
{
	struct yaml_errors errors = {0};
	struct yaml_doc *doc = NULL;
	int rc = yaml_load_file(path, &errors, &doc);

	if (rc == 0) {
		rc = read_doc(doc, out);
	}
	for (size_t i = 0; i < errors.kept; i++) {
		fprintf(stderr, "piletop: %s\n", errors.lines[i]);
	}
	yaml_release(doc);
	yaml_errors_free(&errors);
	return rc;
}

/* The user's file; false where there is none. */
static bool default_conf(char *path, size_t size)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	if (config != NULL && config[0] != '\0') {
		snprintf(path, size, "%s/piletop/sites.conf", config);
	} else {
		snprintf(path, size, "%s/.config/piletop/sites.conf", home == NULL ? "" : home);
	}
	return access(path, F_OK) == 0;
}

/* ---- The words ---- */

static bool has_tag(const struct station_cfg *s, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = s->tags; *p != '\0'; p += strcspn(p, " ") + 1) {
		if (strcspn(p, " ") == n && strncmp(p, word, n) == 0) {
			return true;
		}
	}
	return false;
}

static bool meant(const struct station_cfg *s, const char *word)
{
	return strcmp(word, "all") == 0 || strcmp(word, s->name) == 0 ||
	       (s->group[0] != '\0' && strcmp(word, s->group) == 0) || has_tag(s, word);
}

static bool listed(const struct roster *r, const struct station_cfg *s)
{
	for (size_t i = 0; i < r->count; i++) {
		/* Long addresses given as words have the same beginning of a name. */
		if (strcmp(r->list[i].name, s->name) == 0 &&
			strcmp(r->list[i].address, s->address) == 0) {
			return true;
		}
	}
	return false;
}

static int add(struct roster *r, const struct station_cfg *s)
{
	if (listed(r, s)) {
		return 0;
	}
	if (r->count == ROSTER_MAX) {
		fprintf(stderr, _("piletop: %d sites at most\n"), ROSTER_MAX);
		return ERR_FULL;
	}
	r->list[r->count++] = *s;
	return 0;
}

static int take_word(struct roster *r, const struct roster *known, const char *word)
{
	struct station_cfg direct = {0};
	bool found = false;
	int rc = 0;

	for (size_t i = 0; i < known->count && rc == 0; i++) {
		if (meant(&known->list[i], word)) {
			found = true;
			rc = add(r, &known->list[i]);
		}
	}
	if (found || rc != 0) {
		return rc;
	}
	if (strcmp(word, "all") == 0) {
		fprintf(stderr, "piletop: %s\n", _("all: there is no sites.conf that names sites"));
		return ERR_NOTFOUND;
	}
	if (set_address(&direct, word) != 0) {
		fprintf(stderr, "piletop: %s: %s\n", word,
			_("no address like user@host or ssh://user@host:port"));
		return ERR_SYNTAX;
	}
	text_clean(direct.name, sizeof direct.name, word);
	return add(r, &direct);
}

int roster_read(
	char *const *words, size_t count, const char *socket, const char *conf, struct roster *out)
{
	struct roster known = {0};
	char path[512];
	int rc = 0;

	*out = (struct roster){.list = calloc(ROSTER_MAX, sizeof *out->list)};
	if (out->list == NULL) {
		return ERR_NOMEM;
	}
	if (count == 0) {
		view_set_text(out->list[0].address, sizeof out->list[0].address, socket);
		out->count = 1;
		return 0;
	}
	if (conf != NULL) {
		rc = read_conf(conf, &known);
	} else if (default_conf(path, sizeof path)) {
		rc = read_conf(path, &known);
	}
	for (size_t i = 0; i < count && rc == 0; i++) {
		rc = take_word(out, &known, words[i]);
	}
	roster_free(&known);
	if (rc != 0) {
		roster_free(out);
	}
	return rc;
}

void roster_free(struct roster *roster)
{
	free(roster->list);
	*roster = (struct roster){0};
}
