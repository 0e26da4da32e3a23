#include "intake.h"

#include <cjson/cJSON.h>
#include <stdio.h>

#include "text.h"
#include "view.h"
#include "wire.h"

static void id_at(char *dst, size_t size, const cJSON *result, const char *key)
{
	const cJSON *name = cJSON_GetObjectItemCaseSensitive(result, "tariff");
	int64_t version = wire_int(result, key, VALUE_NONE);
	char clean[32];

	dst[0] = '\0';
	if (cJSON_IsString(name) && version != VALUE_NONE) {
		text_clean(clean, sizeof clean, name->valuestring);
		snprintf(dst, size, "%s/%lld", clean, (long long)version);
	}
}

void intake_take(struct intake *out, const cJSON *result, const cJSON *error)
{
	const cJSON *errors = cJSON_GetObjectItemCaseSensitive(
		cJSON_GetObjectItemCaseSensitive(error, "data"), "errors");
	const cJSON *replaces = cJSON_GetObjectItemCaseSensitive(result, "replaces"), *e;

	*out = (struct intake){.from = wire_int(result, "from", VALUE_NONE),
		.guns = wire_int(result, "guns", VALUE_NONE),
		.sessions = wire_int(result, "sessions", VALUE_NONE),
		.again = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(result, "again"))};
	id_at(out->id, sizeof out->id, result, "version");
	id_at(out->in_force_id, sizeof out->in_force_id, result, "in_force");
	cJSON_ArrayForEach(e, replaces)
	{
		int64_t from = wire_int_of(e, VALUE_NONE);

		if (from != VALUE_NONE && out->replace_count < INTAKE_REPLACES) {
			out->replaces[out->replace_count++] = from;
		}
	}
	cJSON_ArrayForEach(e, errors)
	{
		if (cJSON_IsString(e) && out->error_count < INTAKE_ERRORS) {
			text_clean(out->errors[out->error_count++], sizeof out->errors[0],
				e->valuestring);
		}
	}
}
