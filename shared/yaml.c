#include "yaml.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "text.h"

#define LINE_MAX_BYTES 400
#define DEFINES_MAX    32

struct yaml_node {
	const struct yaml_doc *doc;
	enum yaml_kind kind;
	int line;
	char *text;              /* scalar */
	char **keys;             /* map */
	struct yaml_node **item; /* list, map */
	size_t count, cap;
};

struct yaml_doc {
	char *name;
	struct yaml_errors *errors;
	size_t error_count;
	size_t nodes;
	struct yaml_node *root;
	struct {
		char *name;
		const struct yaml_node *node;
	} define[DEFINES_MAX];
	size_t define_count;
};

static void errors_add(struct yaml_errors *errors, const char *where, const char *message)
{
	char line[LINE_MAX_BYTES], *copy;
	char **lines;

	errors->count++;
	if (errors->kept >= YAML_ERRORS_MAX) {
		return;
	}
	lines = realloc(errors->lines, (errors->kept + 1) * sizeof *lines);
	if (lines == NULL) {
		return;
	}
	errors->lines = lines;
	snprintf(line, sizeof line, "%s%s", where, message);
	copy = malloc(sizeof line);
	if (copy == NULL) {
		return;
	}
	text_clean(copy, sizeof line, line);
	errors->lines[errors->kept++] = copy;
}

void yaml_errors_add(struct yaml_errors *errors, const char *format, ...)
{
	char message[LINE_MAX_BYTES];
	va_list ap;

	va_start(ap, format);
	vsnprintf(message, sizeof message, format, ap);
	va_end(ap);
	errors_add(errors, "", message);
}

void yaml_errors_free(struct yaml_errors *errors)
{
	for (size_t i = 0; i < errors->kept; i++) {
		free(errors->lines[i]);
	}
	free(errors->lines);
	memset(errors, 0, sizeof *errors);
}

void yaml_error(const struct yaml_doc *doc, const struct yaml_node *node, const char *format, ...)
{
	const struct yaml_doc *from = node != NULL ? node->doc : doc;
	char where[LINE_MAX_BYTES / 2], message[LINE_MAX_BYTES];
	va_list ap;

	if (node != NULL) {
		snprintf(where, sizeof where, "%s:%d: ", from->name, node->line);
	} else {
		snprintf(where, sizeof where, "%s: ", from->name);
	}
	va_start(ap, format);
	vsnprintf(message, sizeof message, format, ap);
	va_end(ap);
	errors_add(doc->errors, where, message);
	((struct yaml_doc *)doc)->error_count++;
}

size_t yaml_error_count(const struct yaml_doc *doc)
{
	return doc->error_count;
}

static void error_at(struct yaml_doc *doc, size_t line, const char *message)
{
	struct yaml_node here = {.doc = doc, .line = (int)line + 1};

	yaml_error(doc, &here, "%s", message);
}

static void node_free(struct yaml_node *node)
{
	if (node == NULL) {
		return;
	}
	for (size_t i = 0; i < node->count; i++) {
		node_free(node->item[i]);
		if (node->keys != NULL) {
			free(node->keys[i]);
		}
	}
	free(node->keys);
	free(node->item);
	free(node->text);
	free(node);
}

void yaml_release(struct yaml_doc *doc)
{
	if (doc == NULL) {
		return;
	}
	node_free(doc->root);
	for (size_t i = 0; i < doc->define_count; i++) {
		free(doc->define[i].name);
	}
	free(doc->name);
	free(doc);
}

static struct yaml_node *node_new(struct yaml_doc *doc, enum yaml_kind kind, size_t line)
{
	struct yaml_node *node = calloc(1, sizeof *node);

	if (node != NULL) {
		node->doc = doc;
		node->kind = kind;
		node->line = (int)line + 1;
		doc->nodes++;
	}
	return node;
}

/* Appends; takes `key` (NULL in a list) and `item`. */
static int node_append(struct yaml_node *node, char *key, struct yaml_node *item)
{
	if (node->count == node->cap) {
		size_t cap = node->cap == 0 ? 8 : node->cap * 2;
		struct yaml_node **grown = realloc(node->item, cap * sizeof(*grown));
		char **keys;

		if (grown == NULL) {
			return ERR_NOMEM;
		}
		node->item = grown;
		if (node->kind == YAML_MAP) {
			keys = realloc(node->keys, cap * sizeof *keys);
			if (keys == NULL) {
				return ERR_NOMEM;
			}
			node->keys = keys;
		}
		node->cap = cap;
	}
	if (node->kind == YAML_MAP) {
		node->keys[node->count] = key;
	}
	node->item[node->count++] = item;
	return 0;
}

/* One pass over libyaml's events; the stack holds the open lists and maps. */
struct builder {
	struct yaml_doc *doc;
	struct yaml_node *stack[YAML_DEPTH_MAX];
	char *key[YAML_DEPTH_MAX]; /* of the value that comes next in a map */
	size_t key_line[YAML_DEPTH_MAX];
	int depth;
};

static int refuse(struct builder *b, const yaml_event_t *event, const char *message)
{
	error_at(b->doc, event->start_mark.line, message);
	return ERR_SYNTAX;
}

/* Puts a finished or opened node where it belongs; takes it. */
static int place(struct builder *b, struct yaml_node *node)
{
	int top = b->depth - 1, err;

	if (top < 0) {
		b->doc->root = node;
		return 0;
	}
	err = node_append(b->stack[top], b->key[top], node);
	if (err != 0) {
		node_free(node);
		return err;
	}
	b->key[top] = NULL;
	return 0;
}

static int take_key(struct builder *b, const yaml_event_t *event, const char *text)
{
	int top = b->depth - 1;
	struct yaml_node *map = b->stack[top];
	struct yaml_node here = {.doc = b->doc, .line = (int)event->start_mark.line + 1};

	for (size_t i = 0; i < map->count; i++) {
		if (strcmp(map->keys[i], text) == 0) {
			yaml_error(b->doc, &here, "key '%s' is given twice, first in line %d", text,
				map->item[i]->line);
			break;
		}
	}
	if (map->count >= YAML_KEYS_MAX) {
		return refuse(b, event, "too many keys in one map");
	}
	b->key[top] = strdup(text);
	return b->key[top] == NULL ? ERR_NOMEM : 0;
}

static bool plain_text(const unsigned char *text, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (text[i] < ' ' && text[i] != '\n' && text[i] != '\t') {
			return false;
		}
	}
	return true;
}

static int take_scalar(struct builder *b, const yaml_event_t *event)
{
	const char *text = (const char *)event->data.scalar.value;
	size_t size = event->data.scalar.length;
	int top = b->depth - 1;
	struct yaml_node *node;

	if (event->data.scalar.anchor != NULL || event->data.scalar.tag != NULL) {
		return refuse(b, event, "anchors (&) and tags (!) are not allowed");
	}
	if (size > YAML_SCALAR_MAX || !plain_text(event->data.scalar.value, size)) {
		return refuse(b, event, "the text is too long or holds control characters");
	}
	if (top >= 0 && b->stack[top]->kind == YAML_MAP && b->key[top] == NULL) {
		return take_key(b, event, text);
	}
	node = node_new(b->doc, YAML_SCALAR, event->start_mark.line);
	if (node == NULL || (node->text = strdup(text)) == NULL) {
		free(node);
		return ERR_NOMEM;
	}
	return place(b, node);
}

static int take_open(struct builder *b, const yaml_event_t *event, enum yaml_kind kind)
{
	const yaml_char_t *anchor = kind == YAML_MAP ? event->data.mapping_start.anchor
						     : event->data.sequence_start.anchor;
	const yaml_char_t *tag =
		kind == YAML_MAP ? event->data.mapping_start.tag : event->data.sequence_start.tag;
	int top = b->depth - 1, err;
	struct yaml_node *node;

	if (anchor != NULL || tag != NULL) {
		return refuse(b, event, "anchors (&) and tags (!) are not allowed");
	}
	if (b->depth == YAML_DEPTH_MAX) {
		return refuse(b, event, "nested too deeply");
	}
	if (top >= 0 && b->stack[top]->kind == YAML_MAP && b->key[top] == NULL) {
		return refuse(b, event, "a key must be a plain word");
	}
	node = node_new(b->doc, kind, event->start_mark.line);
	if (node == NULL) {
		return ERR_NOMEM;
	}
	err = place(b, node);
	if (err == 0) {
		b->stack[b->depth++] = node;
	}
	return err;
}

static int take_event(struct builder *b, const yaml_event_t *event)
{
	if (b->doc->nodes >= YAML_NODES_MAX) {
		return refuse(b, event, "the document is too large");
	}
	switch (event->type) {
	case YAML_ALIAS_EVENT:
		return refuse(b, event, "aliases (*) are not allowed");
	case YAML_DOCUMENT_START_EVENT:
		return b->doc->root != NULL ? refuse(b, event, "a second document is not allowed")
					    : 0;
	case YAML_SCALAR_EVENT:
		return take_scalar(b, event);
	case YAML_SEQUENCE_START_EVENT:
		return take_open(b, event, YAML_LIST);
	case YAML_MAPPING_START_EVENT:
		return take_open(b, event, YAML_MAP);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		b->depth--;
		return 0;
	default:
		return 0;
	}
}

static int build(struct yaml_doc *doc, const char *text, size_t size)
{
	struct builder b = {.doc = doc};
	yaml_parser_t parser;
	bool done = false;
	int err = 0;

	if (!yaml_parser_initialize(&parser)) {
		return ERR_NOMEM;
	}
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, size);
	while (!done && err == 0) {
		yaml_event_t event;

		if (!yaml_parser_parse(&parser, &event)) {
			char message[160];

			snprintf(message, sizeof message, "not YAML: %s%s%s",
				parser.problem != NULL ? parser.problem : "unreadable",
				parser.context != NULL ? ", " : "",
				parser.context != NULL ? parser.context : "");
			error_at(doc, parser.problem_mark.line, message);
			err = ERR_SYNTAX;
			break;
		}
		done = event.type == YAML_STREAM_END_EVENT;
		err = take_event(&b, &event);
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	for (int i = 0; i < YAML_DEPTH_MAX; i++) {
		free(b.key[i]);
	}
	return err;
}

int yaml_load_text(const char *name, const char *text, size_t size, struct yaml_errors *errors,
	struct yaml_doc **out)
{
	struct yaml_doc *doc = calloc(1, sizeof *doc);
	int err;

	*out = NULL;
	if (doc == NULL || (doc->name = strdup(name)) == NULL) {
		free(doc);
		return ERR_NOMEM;
	}
	doc->errors = errors;
	if (size > YAML_SIZE_MAX) {
		yaml_error(doc, NULL, "is larger than %d bytes", YAML_SIZE_MAX);
		err = ERR_TOOLONG;
	} else {
		err = build(doc, text, size);
	}
	if (err == 0 && doc->root == NULL) {
		yaml_error(doc, NULL, "is empty");
		err = ERR_SYNTAX;
	}
	if (err == 0 && doc->error_count > 0) {
		err = ERR_SYNTAX;
	}
	if (err != 0) {
		yaml_release(doc);
		return err;
	}
	*out = doc;
	return 0;
}

int yaml_load_file(const char *path, struct yaml_errors *errors, struct yaml_doc **out)
{
	FILE *file = fopen(path, "rbe");
	char *text = NULL;
	size_t size;
	int err;

	*out = NULL;
	if (file == NULL) {
		err = errno == ENOENT || errno == ENOTDIR ? ERR_NOTFOUND : ERR_IO;
		yaml_errors_add(errors, "%s: cannot be read: %s", path, strerror(errno));
		return err;
	}
	text = malloc(YAML_SIZE_MAX + 2);
	if (text == NULL) {
		err = ERR_NOMEM;
		goto out;
	}
	size = fread(text, 1, YAML_SIZE_MAX + 1, file);
	if (ferror(file)) {
		yaml_errors_add(errors, "%s: cannot be read: %s", path, strerror(errno));
		err = ERR_IO;
		goto out;
	}
	err = yaml_load_text(path, text, size, errors, out);
out:
	free(text);
	fclose(file);
	return err;
}

const struct yaml_node *yaml_root(const struct yaml_doc *doc)
{
	return doc->root;
}

int yaml_define(struct yaml_doc *doc, const char *name, const struct yaml_node *node)
{
	char *copy;

	if (doc->define_count == DEFINES_MAX) {
		return ERR_FULL;
	}
	copy = strdup(name);
	if (copy == NULL) {
		return ERR_NOMEM;
	}
	doc->define[doc->define_count].name = copy;
	doc->define[doc->define_count++].node = node;
	return 0;
}

/* A node, or what it stands for. */
static const struct yaml_node *resolve(const struct yaml_doc *doc, const struct yaml_node *node)
{
	if (node->kind == YAML_SCALAR && node->text[0] == '$') {
		for (size_t i = 0; i < doc->define_count; i++) {
			if (strcmp(doc->define[i].name, node->text + 1) == 0) {
				return doc->define[i].node;
			}
		}
	}
	return node;
}

enum yaml_kind yaml_kind_of(const struct yaml_node *node)
{
	return node->kind;
}

int yaml_line(const struct yaml_node *node)
{
	return node->line;
}

const char *yaml_text(const struct yaml_node *node)
{
	return node != NULL && node->kind == YAML_SCALAR ? node->text : "";
}

size_t yaml_length(const struct yaml_node *node)
{
	return node->count;
}

const struct yaml_node *yaml_at(const struct yaml_doc *doc, const struct yaml_node *node, size_t i)
{
	return i < node->count ? resolve(doc, node->item[i]) : NULL;
}

const char *yaml_key_at(const struct yaml_doc *doc, const struct yaml_node *map, size_t i)
{
	(void)doc;
	return map->kind == YAML_MAP && i < map->count ? map->keys[i] : "";
}

const struct yaml_node *yaml_get(
	const struct yaml_doc *doc, const struct yaml_node *map, const char *key)
{
	if (map == NULL || map->kind != YAML_MAP) {
		return NULL;
	}
	for (size_t i = 0; i < map->count; i++) {
		if (strcmp(map->keys[i], key) == 0) {
			return resolve(doc, map->item[i]);
		}
	}
	return NULL;
}
