#include "wire.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#define FRAMER_FIRST 4096

static const struct method_info methods[METHOD_COUNT_] = {
#define METHOD(sym, name, role, changes, params, help) {name, ROLE_##role, changes, params, help},
#include "method.def"
#undef METHOD
};

const struct method_info *method_info(enum method m)
{
	return &methods[m];
}

int method_find(const char *name, enum method *m)
{
	for (int i = 0; i < METHOD_COUNT_; i++) {
		if (strcmp(methods[i].name, name) == 0) {
			*m = (enum method)i;
			return 0;
		}
	}
	return ERR_NOTFOUND;
}

int64_t wire_int_of(const cJSON *value, int64_t missing)
{
	return cJSON_IsNumber(value) && value->valuedouble > -WIRE_INT_MAX &&
			       value->valuedouble < WIRE_INT_MAX
		       ? (int64_t)value->valuedouble
		       : missing;
}

int64_t wire_int(const cJSON *object, const char *key, int64_t missing)
{
	return wire_int_of(cJSON_GetObjectItemCaseSensitive(object, key), missing);
}

cJSON *wire_add_int(cJSON *object, const char *key, int64_t value)
{
	return cJSON_AddNumberToObject(object, key, (double)value);
}

int framer_init(struct framer *f, size_t max)
{
	size_t cap = max < FRAMER_FIRST ? max : FRAMER_FIRST;

	*f = (struct framer){.buf = malloc(cap + 1), .cap = cap, .max = max};
	return f->buf == NULL ? ERR_NOMEM : 0;
}

void framer_free(struct framer *f)
{
	free(f->buf);
	*f = (struct framer){0};
}

static int grow(struct framer *f, size_t need)
{
	size_t cap = f->cap;
	char *buf;

	while (cap < need) {
		cap *= 2;
	}
	if (cap > f->max) {
		cap = f->max;
	}
	buf = realloc(f->buf, cap + 1);
	if (buf == NULL) {
		return ERR_NOMEM;
	}
	f->buf = buf;
	f->cap = cap;
	return 0;
}

int framer_push(struct framer *f, const char *bytes, size_t n, int (*line)(void *arg, char *line),
	void *arg)
{
	while (n > 0) {
		const char *lf = memchr(bytes, '\n', n);
		size_t part = lf == NULL ? n : (size_t)(lf - bytes);
		int rc = 0;

		if (!f->skipping && f->len + part > f->max) {
			f->skipping = true;
			f->len = 0;
		}
		if (!f->skipping) {
			if (f->len + part > f->cap) {
				rc = grow(f, f->len + part);
				if (rc != 0) {
					return rc;
				}
			}
			memcpy(f->buf + f->len, bytes, part);
			f->len += part;
		}
		if (lf == NULL) {
			return 0;
		}
		bytes += part + 1;
		n -= part + 1;
		if (f->skipping) {
			f->skipping = false;
			rc = line(arg, NULL);
		} else {
			f->buf[f->len] = '\0';
			f->len = 0;
			rc = line(arg, f->buf);
		}
		if (rc != 0) {
			return rc;
		}
	}
	return 0;
}
