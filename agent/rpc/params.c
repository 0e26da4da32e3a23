/* Parameters of methods: checked against the description in method.def, then read. */
#include "internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

#define TEXT_MAX 256

/* One "name:type?" of a method's description. */
struct param {
	char name[24], type[8];
	bool optional;
};

/* Reads the next parameter of `spec`; false at its end. */
static bool next_param(const char **spec, struct param *p)
{
	const char *s = *spec + strspn(*spec, " ");
	size_t name = strcspn(s, ":");
	size_t type;

	if (*s == '\0' || s[name] != ':' || name >= sizeof p->name) {
		return false;
	}
	type = strcspn(s + name + 1, " ?");
	if (type >= sizeof p->type) {
		return false;
	}
	memcpy(p->name, s, name);
	p->name[name] = '\0';
	memcpy(p->type, s + name + 1, type);
	p->type[type] = '\0';
	s += name + 1 + type;
	p->optional = *s == '?';
	*spec = s + p->optional;
	return true;
}

static bool is_int(const cJSON *v)
{
	return cJSON_IsNumber(v) && fabs(v->valuedouble) < WIRE_INT_MAX &&
	       v->valuedouble == floor(v->valuedouble);
}

/* Short UTF-8 without control characters: what text_clean() leaves as it is. */
static bool clean_text(const char *s)
{
	char clean[TEXT_MAX + 1];

	text_clean(clean, sizeof clean, s);
	return strcmp(clean, s) == 0;
}

static bool is_text(const cJSON *v)
{
	return cJSON_IsString(v) && clean_text(v->valuestring);
}

static bool fits(const struct param *p, const cJSON *v)
{
	if (p->optional && cJSON_IsNull(v)) {
		return true;
	}
	if (strcmp(p->type, "int") == 0) {
		return is_int(v);
	}
	if (strcmp(p->type, "wall") == 0) {
		return is_int(v) && v->valuedouble >= 0;
	}
	if (strcmp(p->type, "bool") == 0) {
		return cJSON_IsBool(v);
	}
	return strcmp(p->type, "file") == 0 ? cJSON_IsString(v) : is_text(v);
}

static bool known(const char *spec, const char *name, struct param *out)
{
	while (next_param(&spec, out)) {
		if (strcmp(out->name, name) == 0) {
			return true;
		}
	}
	return false;
}

static size_t occurrences(const cJSON *params, const char *name)
{
	const cJSON *v;
	size_t n = 0;

	cJSON_ArrayForEach(v, params)
	{
		n += strcmp(v->string, name) == 0;
	}
	return n;
}

/* Checks parameters against the description in method.def; the message says which one is wrong. */
int params_check(const char *spec, const cJSON *params, char *message, size_t size)
{
	const char *s = spec;
	const cJSON *v;
	struct param p;

	if (params != NULL && !cJSON_IsObject(params)) {
		snprintf(message, size, "params must be an object");
		return ERR_INVAL;
	}
	cJSON_ArrayForEach(v, params)
	{
		if (!known(spec, v->string, &p)) {
			snprintf(message, size, "unknown parameter \"%.40s\"; known: %s",
				clean_text(v->string) ? v->string : "?",
				spec[0] == '\0' ? "none" : spec);
			return ERR_INVAL;
		}
	}
	while (next_param(&s, &p)) {
		v = cJSON_GetObjectItemCaseSensitive(params, p.name);
		if (v == NULL && !p.optional) {
			snprintf(message, size, "parameter \"%s\" (%s) is missing", p.name, p.type);
			return ERR_INVAL;
		}
		if (v != NULL && (occurrences(params, p.name) > 1 || !fits(&p, v))) {
			snprintf(message, size,
				cJSON_IsString(v) && strcmp(p.type, "text") == 0
					? "parameter \"%s\" must be one %s of at most 256 bytes "
					  "without control characters"
					: "parameter \"%s\" must be one %s",
				p.name, p.type);
			return ERR_INVAL;
		}
	}
	return 0;
}

void params_show(const char *spec, const cJSON *params, char *dst, size_t size)
{
	const cJSON *given = cJSON_IsObject(params) ? params : NULL, *v;
	cJSON *copy = cJSON_CreateObject();
	struct param p;

	dst[0] = '\0';
	cJSON_ArrayForEach(v, given)
	{
		bool open = known(spec, v->string, &p) && strcmp(p.type, "secret") != 0;

		if (open && strcmp(p.type, "file") == 0 && cJSON_IsString(v)) {
			char length[32];

			snprintf(length, sizeof length, "(%zu bytes)", strlen(v->valuestring));
			cJSON_AddStringToObject(copy, v->string, length);
			continue;
		}
		cJSON_AddItemToObject(copy, v->string,
			open ? cJSON_Duplicate(v, true) : cJSON_CreateString("***"));
	}
	if (given != NULL && !cJSON_PrintPreallocated(copy, dst, (int)size, false)) {
		snprintf(dst, size, "(too long)");
	}
	cJSON_Delete(copy);
}

int64_t params_int(const cJSON *params, const char *name, int64_t fallback)
{
	return wire_int(params, name, fallback);
}

const char *params_text(const cJSON *params, const char *name)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(params, name);

	return cJSON_IsString(v) ? v->valuestring : NULL;
}

bool params_bool(const cJSON *params, const char *name)
{
	return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(params, name));
}
