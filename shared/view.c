#include "view.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "wire.h"

#define VIEW(name)                                       \
	static const struct view_info *info_##name(void) \
	{                                                \
		typedef struct view_##name self;         \
		static const struct field fields[] = {
#define INT(field, unit, label)  {#field, label, unit, offsetof(self, field), 0},
#define TEXT(field, size, label) {#field, label, UNIT_TEXT, offsetof(self, field), size},
#define END(name)                                                               \
	}                                                                       \
	;                                                                       \
	static const struct view_info info = {                                  \
		#name, fields, sizeof fields / sizeof fields[0], sizeof(self)}; \
	return &info;                                                           \
	}
/* clang-format off */
#include "view.def"
/* clang-format on */
#undef VIEW
#undef INT
#undef TEXT
#undef END

static const struct view_info *(*const infos[VIEW_COUNT_])(void) = {
#define VIEW(name) info_##name,
#define INT(field, unit, label)
#define TEXT(field, size, label)
#define END(name)
#include "view.def"
#undef VIEW
#undef INT
#undef TEXT
#undef END
};

const struct view_info *view_info(enum view_kind kind)
{
	return infos[kind]();
}

const struct field *view_field(enum view_kind kind, const char *key)
{
	const struct view_info *v = view_info(kind);

	for (size_t i = 0; i < v->count; i++) {
		if (strcmp(v->fields[i].key, key) == 0) {
			return &v->fields[i];
		}
	}
	return NULL;
}

int64_t view_int(const struct field *f, const void *view)
{
	int64_t value;

	memcpy(&value, (const char *)view + f->offset, sizeof value);
	return value;
}

const char *view_text(const struct field *f, const void *view)
{
	return (const char *)view + f->offset;
}

static void set_int(const struct field *f, void *view, int64_t value)
{
	memcpy((char *)view + f->offset, &value, sizeof value);
}

void view_clear(enum view_kind kind, void *view)
{
	const struct view_info *v = view_info(kind);

	memset(view, 0, v->size);
	for (size_t i = 0; i < v->count; i++) {
		if (v->fields[i].unit != UNIT_TEXT) {
			set_int(&v->fields[i], view, VALUE_NONE);
		}
	}
}

int view_set_text(char *dst, size_t size, const char *text)
{
	size_t n = strnlen(text, size);
	int rc = 0;

	if (size == 0) {
		return ERR_TOOLONG;
	}
	if (n == size) {
		n = size - 1;
		while (n > 0 && ((unsigned char)text[n] & 0xC0) == 0x80) {
			n--;
		}
		rc = ERR_TOOLONG;
	}
	memcpy(dst, text, n);
	memset(dst + n, 0, size - n);
	return rc;
}

static bool field_differs(const struct field *f, const void *a, const void *b)
{
	if (f->unit == UNIT_TEXT) {
		return strncmp(view_text(f, a), view_text(f, b), f->size) != 0;
	}
	return view_int(f, a) != view_int(f, b);
}

void view_copy_shared(enum view_kind to_kind, void *to, enum view_kind from_kind, const void *from)
{
	const struct view_info *info = view_info(from_kind);

	for (size_t i = 0; i < info->count; i++) {
		const struct field *f = &info->fields[i], *t = view_field(to_kind, f->key);

		if (t == NULL || (t->unit == UNIT_TEXT) != (f->unit == UNIT_TEXT)) {
			continue;
		}
		if (t->unit == UNIT_TEXT) {
			view_set_text((char *)to + t->offset, t->size, view_text(f, from));
		} else {
			memcpy((char *)to + t->offset, (const char *)from + f->offset,
				sizeof(int64_t));
		}
	}
}

bool view_differs(enum view_kind kind, const void *a, const void *b)
{
	const struct view_info *v = view_info(kind);

	for (size_t i = 0; i < v->count; i++) {
		if (field_differs(&v->fields[i], a, b)) {
			return true;
		}
	}
	return false;
}

static bool add_field(cJSON *object, const struct field *f, const void *view)
{
	if (f->unit == UNIT_TEXT) {
		return cJSON_AddStringToObject(object, f->key, view_text(f, view)) != NULL;
	}
	if (view_int(f, view) == VALUE_NONE) {
		return cJSON_AddNullToObject(object, f->key) != NULL;
	}
	return wire_add_int(object, f->key, view_int(f, view)) != NULL;
}

cJSON *view_to_json(enum view_kind kind, const void *view, const void *prev)
{
	const struct view_info *v = view_info(kind);
	cJSON *object;

	if (prev != NULL && !view_differs(kind, view, prev)) {
		return NULL;
	}
	object = cJSON_CreateObject();
	if (object == NULL) {
		return NULL;
	}
	for (size_t i = 0; i < v->count; i++) {
		const struct field *f = &v->fields[i];

		if (i > 0 && prev != NULL && !field_differs(f, view, prev)) {
			continue;
		}
		if (!add_field(object, f, view)) {
			cJSON_Delete(object);
			return NULL;
		}
	}
	return object;
}

static int check_member(const struct field *f, const cJSON *member)
{
	if (f->unit == UNIT_TEXT) {
		return cJSON_IsString(member) || cJSON_IsNull(member) ? 0 : ERR_SYNTAX;
	}
	if (cJSON_IsNull(member)) {
		return 0;
	}
	if (!cJSON_IsNumber(member) || !(fabs(member->valuedouble) < WIRE_INT_MAX) ||
		member->valuedouble != floor(member->valuedouble)) {
		return ERR_SYNTAX;
	}
	return 0;
}

int view_from_json(enum view_kind kind, void *view, const cJSON *object)
{
	const cJSON *member;

	if (!cJSON_IsObject(object)) {
		return ERR_SYNTAX;
	}
	cJSON_ArrayForEach(member, object)
	{
		const struct field *f = view_field(kind, member->string);

		if (f != NULL && check_member(f, member) != 0) {
			return ERR_SYNTAX;
		}
	}
	cJSON_ArrayForEach(member, object)
	{
		const struct field *f = view_field(kind, member->string);

		if (f == NULL) {
			continue;
		}
		if (f->unit == UNIT_TEXT) {
			const char *s = cJSON_IsString(member) ? member->valuestring : "";

			view_set_text((char *)view + f->offset, f->size, s);
		} else if (cJSON_IsNull(member)) {
			set_int(f, view, VALUE_NONE);
		} else {
			set_int(f, view, (int64_t)member->valuedouble);
		}
	}
	return 0;
}

const char *view_key(enum view_kind kind, const void *view, char room[VIEW_KEY_ROOM])
{
	const struct field *f = &view_info(kind)->fields[0];

	if (f->unit == UNIT_TEXT) {
		return view_text(f, view);
	}
	snprintf(room, VIEW_KEY_ROOM, "%lld", (long long)view_int(f, view));
	return room;
}
