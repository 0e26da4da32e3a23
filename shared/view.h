#ifndef PILED_VIEW_H
#define PILED_VIEW_H
/*
 * Views: the entities of view.def as C structs with a table of their fields, and what can be
 * done with any of them by that table: to JSON, from JSON, the difference of two states.
 */
#include <stdbool.h>
#include <stddef.h>

#include "point.h"

struct cJSON;

/* struct view_site, struct view_gun, ... */
#define VIEW(name)               struct view_##name {
#define INT(field, unit, label)  int64_t field;
#define TEXT(field, size, label) char field[size];
#define END(name) \
	}         \
	;
#include "view.def"
#undef VIEW
#undef INT
#undef TEXT
#undef END

enum view_kind {
#define VIEW(name) VIEW_##name,
#define INT(field, unit, label)
#define TEXT(field, size, label)
#define END(name)
#include "view.def"
#undef VIEW
#undef INT
#undef TEXT
#undef END
	VIEW_COUNT_
};

/* Room for any of them. */
union view_any {
#define VIEW(name) struct view_##name name;
#define INT(field, unit, label)
#define TEXT(field, size, label)
#define END(name)
#include "view.def"
#undef VIEW
#undef INT
#undef TEXT
#undef END
};

struct field {
	const char *key;   /* JSON member */
	const char *label; /* message id */
	enum unit unit;    /* UNIT_TEXT for char arrays */
	size_t offset;
	size_t size; /* of the char array, 0 for integers */
};

struct view_info {
	const char *name; /* "gun" */
	const struct field *fields;
	size_t count;
	size_t size; /* of the struct */
};

const struct view_info *view_info(enum view_kind kind);

/* Finds a field by its key; NULL where there is none. */
const struct field *view_field(enum view_kind kind, const char *key);

/* The key of a row: its first field as text; a number is written to `room`. */
#define VIEW_KEY_ROOM 24
const char *view_key(enum view_kind kind, const void *view, char room[VIEW_KEY_ROOM]);

/* Sets every integer to VALUE_NONE and every text to "". */
void view_clear(enum view_kind kind, void *view);

int64_t view_int(const struct field *f, const void *view);
const char *view_text(const struct field *f, const void *view);

/* Copies `text` into the char array of the field, cut at a whole UTF-8 character.
 * Returns ERR_TOOLONG when it was cut. */
int view_set_text(char *dst, size_t size, const char *text);
#define VIEW_SET(view, field, text) view_set_text((view)->field, sizeof(view)->field, (text))

/* A new JSON object of the view; with `prev`, only the key and the fields that differ from it,
 * NULL when none does. The caller owns the object (cJSON_Delete). NULL also when out of memory:
 * check with view_differs() where it matters. */
struct cJSON *view_to_json(enum view_kind kind, const void *view, const void *prev);

/* Takes the fields of `from` that have the key and type of a field of `to`. */
void view_copy_shared(enum view_kind to_kind, void *to, enum view_kind from_kind, const void *from);

/* True when any field differs. */
bool view_differs(enum view_kind kind, const void *a, const void *b);

/* Takes the members of `object` that the view knows into it; others are left alone, so that a
 * delta can be applied. Unknown members are ignored (newer agents). Returns ERR_SYNTAX where a
 * member has the wrong type or an integer is beyond 1e15; the view is then untouched. */
int view_from_json(enum view_kind kind, void *view, const struct cJSON *object);

#endif
