#include "model.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void rows_free(struct rows *rows)
{
	free(rows->bytes);
	free(rows->generation);
	*rows = (struct rows){0};
}

static size_t row_size(enum view_kind kind)
{
	return view_info(kind)->size;
}

const void *rows_at(const struct rows *rows, enum view_kind kind, size_t i)
{
	return i < rows->count ? rows->bytes + i * row_size(kind) : NULL;
}

static bool key_is(const struct rows *rows, enum view_kind kind, size_t i, const char *key)
{
	char room[VIEW_KEY_ROOM];

	return strcmp(view_key(kind, rows->bytes + i * row_size(kind), room), key) == 0;
}

/* Deltas mostly come in the order of the rows, so the search starts behind the last hit. */
static size_t rows_find(const struct rows *rows, enum view_kind kind, const char *key)
{
	for (size_t n = 0; n < rows->count; n++) {
		size_t i = (rows->hint + n) % rows->count;

		if (key_is(rows, kind, i, key)) {
			return i;
		}
	}
	return rows->count;
}

static int rows_grow(struct rows *rows, size_t size)
{
	size_t cap = rows->cap == 0 ? 8 : rows->cap * 2;
	uint32_t *generation = realloc(rows->generation, cap * sizeof *generation);
	char *bytes;

	if (generation == NULL) {
		return ERR_NOMEM;
	}
	rows->generation = generation;
	bytes = realloc(rows->bytes, cap * size);
	if (bytes == NULL) {
		return ERR_NOMEM;
	}
	rows->bytes = bytes;
	rows->cap = cap;
	return 0;
}

/* The key in an object, NULL where it has none. */
static const char *object_key(
	const struct view_info *info, const cJSON *object, char room[VIEW_KEY_ROOM])
{
	const cJSON *key = cJSON_GetObjectItemCaseSensitive(object, info->fields[0].key);

	if (info->fields[0].unit == UNIT_TEXT) {
		return cJSON_IsString(key) && key->valuestring[0] != '\0' ? key->valuestring : NULL;
	}
	if (!cJSON_IsNumber(key)) {
		return NULL;
	}
	snprintf(room, VIEW_KEY_ROOM, "%.0f", key->valuedouble);
	return room;
}

/* Takes one object as a new row or into the row of its key. A new generation replaces the row. */
static int rows_take(struct rows *rows, enum view_kind kind, const cJSON *object, uint32_t gen)
{
	const struct view_info *info = view_info(kind);
	char room[VIEW_KEY_ROOM];
	const char *key;
	union view_any row;
	size_t i;
	int rc;

	key = object_key(info, object, room);
	if (key == NULL) {
		return ERR_SYNTAX;
	}
	i = rows_find(rows, kind, key);
	if (i < rows->count && rows->generation[i] == gen) {
		rc = view_from_json(kind, rows->bytes + i * info->size, object);
		rows->hint = i + 1;
		return rc;
	}
	view_clear(kind, &row);
	rc = view_from_json(kind, &row, object);
	if (rc != 0) {
		return rc;
	}
	if (i == rows->count) {
		if (rows->count >= MODEL_ROWS_MAX) {
			return ERR_FULL;
		}
		if (rows->count == rows->cap) {
			rc = rows_grow(rows, info->size);
			if (rc != 0) {
				return rc;
			}
		}
		rows->count++;
	}
	memcpy(rows->bytes + i * info->size, &row, info->size);
	rows->generation[i] = gen;
	rows->hint = i + 1;
	return 0;
}

static void rows_remove(struct rows *rows, enum view_kind kind, size_t i)
{
	size_t size = row_size(kind);
	size_t behind = rows->count - i - 1;

	memmove(rows->bytes + i * size, rows->bytes + (i + 1) * size, behind * size);
	memmove(rows->generation + i, rows->generation + i + 1,
		behind * sizeof rows->generation[0]);
	rows->count--;
	rows->hint = 0;
}

static void rows_sweep(struct rows *rows, enum view_kind kind, uint32_t gen)
{
	for (size_t i = rows->count; i-- > 0;) {
		if (rows->generation[i] != gen) {
			rows_remove(rows, kind, i);
		}
	}
}

void model_init(struct model *m)
{
	memset(m, 0, sizeof *m);
	m->site_now_ms = VALUE_NONE;
	history_clear(&m->load);
	history_clear(&m->power);
	history_clear(&m->soc);
}

void model_free(struct model *m)
{
	for (int kind = 0; kind < VIEW_COUNT_; kind++) {
		rows_free(&m->rows[kind]);
	}
	rows_free(&m->points);
	rows_free(&m->past_alarms);
	rows_free(&m->past_commands);
	rows_free(&m->decisions);
	rows_free(&m->notes);
	rows_free(&m->orders);
	rows_free(&m->sessions);
	rows_free(&m->accounts);
	rows_free(&m->bills);
	rows_free(&m->abnormal);
	rows_free(&m->statement);
	rows_free(&m->lines);
	rows_free(&m->figures);
	rows_free(&m->report);
	rows_free(&m->prices);
	rows_free(&m->tariffs);
	rows_free(&m->audit);
	rows_free(&m->finance);
	rows_free(&m->heads);
	free(m->tariff_text);
	m->tariff_text = NULL;
}

void model_begin(struct model *m)
{
	m->generation++;
	m->synced = false;
}

size_t model_count(const struct model *m, enum view_kind kind)
{
	return m->rows[kind].count;
}

const void *model_at(const struct model *m, enum view_kind kind, size_t i)
{
	return rows_at(&m->rows[kind], kind, i);
}

const void *model_find(const struct model *m, enum view_kind kind, const char *key)
{
	const struct rows *rows = &m->rows[kind];

	return rows_at(rows, kind, rows_find(rows, kind, key));
}

const struct view_site *model_site(const struct model *m)
{
	static struct view_site nothing;
	const void *row = model_at(m, VIEW_site, 0);

	if (row == NULL) {
		view_clear(VIEW_site, &nothing);
		return &nothing;
	}
	return row;
}

int64_t model_now_ms(const struct model *m, struct mono now)
{
	if (m->site_now_ms == VALUE_NONE) {
		return VALUE_NONE;
	}
	return m->site_now_ms + mono_diff_us(now, m->heard) / US_PER_MS;
}

static bool get_int(const cJSON *params, const char *key, int64_t *value)
{
	int64_t n = wire_int(params, key, VALUE_NONE);

	if (n == VALUE_NONE) {
		return false;
	}
	*value = n;
	return true;
}

static void get_text(const cJSON *params, const char *key, char *dst, size_t size)
{
	const cJSON *s = cJSON_GetObjectItemCaseSensitive(params, key);

	view_set_text(dst, size, cJSON_IsString(s) ? s->valuestring : "");
}

/* `name` is NULL for the members of an array. */
static int view_by_name(const char *name)
{
	for (int kind = 0; name != NULL && kind < VIEW_COUNT_; kind++) {
		if (strcmp(view_info(kind)->name, name) == 0) {
			return kind;
		}
	}
	return ERR_NOTFOUND;
}

static int take_all(struct model *m, enum view_kind kind, const cJSON *array)
{
	const cJSON *object;
	int worst = 0;

	if (!cJSON_IsArray(array)) {
		return ERR_SYNTAX;
	}
	cJSON_ArrayForEach(object, array)
	{
		int rc = rows_take(&m->rows[kind], kind, object, m->generation);

		if (rc == ERR_FULL) {
			m->dropped++;
		} else if (rc != 0) {
			worst = rc;
		}
	}
	return worst;
}

static void note_now(struct model *m, const cJSON *params, struct mono now)
{
	if (get_int(params, "now", &m->site_now_ms)) {
		m->heard = now;
	}
	history_put(&m->load, m->site_now_ms, model_site(m)->load_pm);
}

static int on_snapshot(struct model *m, const cJSON *params)
{
	const cJSON *view = cJSON_GetObjectItemCaseSensitive(params, "view");
	int kind;

	if (!cJSON_IsString(view)) {
		return ERR_SYNTAX;
	}
	kind = view_by_name(view->valuestring);
	if (kind < 0) {
		return MODEL_NOTHING; /* a newer agent's view */
	}
	if (m->synced) {
		model_begin(m);
	}
	return take_all(m, (enum view_kind)kind, cJSON_GetObjectItemCaseSensitive(params, "rows"));
}

static int on_synced(struct model *m, const cJSON *params, struct mono now)
{
	if (!get_int(params, "seq", &m->seq)) {
		return ERR_SYNTAX;
	}
	for (int kind = 0; kind < VIEW_COUNT_; kind++) {
		rows_sweep(&m->rows[kind], kind, m->generation);
	}
	m->synced = true;
	m->ever = true;
	note_now(m, params, now);
	return MODEL_SYNCED;
}

static int take_gone(struct model *m, const cJSON *gone)
{
	const cJSON *list;
	const cJSON *key;

	if (!cJSON_IsObject(gone)) {
		return ERR_SYNTAX;
	}
	cJSON_ArrayForEach(list, gone)
	{
		int kind = view_by_name(list->string);

		if (kind < 0) {
			continue;
		}
		cJSON_ArrayForEach(key, list)
		{
			struct rows *rows = &m->rows[kind];
			size_t i;

			if (!cJSON_IsString(key)) {
				return ERR_SYNTAX;
			}
			i = rows_find(rows, kind, key->valuestring);
			if (i < rows->count) {
				rows_remove(rows, kind, i);
			}
		}
	}
	return 0;
}

static int on_delta(struct model *m, const cJSON *params, struct mono now)
{
	const cJSON *member;
	int64_t seq;
	int rc = 0;

	if (!m->synced) {
		return MODEL_NOTHING;
	}
	if (!get_int(params, "seq", &seq)) {
		return ERR_SYNTAX;
	}
	if (seq != m->seq + 1) {
		return MODEL_RESUBSCRIBE;
	}
	m->seq = seq;
	cJSON_ArrayForEach(member, params)
	{
		int kind = view_by_name(member->string);

		if (kind >= 0 && take_all(m, (enum view_kind)kind, member) != 0) {
			rc = ERR_SYNTAX;
		}
	}
	member = cJSON_GetObjectItemCaseSensitive(params, "gone");
	if (member != NULL && take_gone(m, member) != 0) {
		rc = ERR_SYNTAX;
	}
	note_now(m, params, now);
	return rc == 0 ? MODEL_CHANGED : rc;
}

static int on_hello(struct model *m, const cJSON *params)
{
	struct hello *h = &m->hello;

	if (!get_int(params, "protocol", &h->protocol)) {
		return ERR_SYNTAX;
	}
	get_text(params, "agent", h->agent, sizeof h->agent);
	get_text(params, "site", h->site, sizeof h->site);
	get_text(params, "name", h->name, sizeof h->name);
	get_text(params, "role", h->role, sizeof h->role);
	get_text(params, "timezone", h->timezone, sizeof h->timezone);
	return MODEL_CHANGED;
}

int model_notify(struct model *m, const char *method, const cJSON *params, struct mono now)
{
	int rc = MODEL_NOTHING;

	if (strcmp(method, "hello") == 0) {
		rc = on_hello(m, params);
	} else if (strcmp(method, "snapshot") == 0) {
		rc = on_snapshot(m, params);
	} else if (strcmp(method, "synced") == 0) {
		rc = on_synced(m, params, now);
	} else if (strcmp(method, "delta") == 0) {
		rc = on_delta(m, params, now);
	} else if (strcmp(method, "resync") == 0) {
		model_begin(m);
	}
	if (rc < 0) {
		m->malformed++;
	}
	return rc;
}

int model_take_rows(struct rows *rows, enum view_kind kind, const cJSON *array)
{
	const cJSON *object;
	uint32_t gen = rows->count > 0 ? rows->generation[0] + 1 : 1;

	if (!cJSON_IsArray(array)) {
		return ERR_SYNTAX;
	}
	cJSON_ArrayForEach(object, array)
	{
		int rc = rows_take(rows, kind, object, gen);

		if (rc == ERR_FULL) {
			break;
		}
		if (rc != 0) {
			return rc;
		}
	}
	rows_sweep(rows, kind, gen);
	return 0;
}

static int take_one(enum view_kind kind, void *view, const cJSON *object)
{
	view_clear(kind, view);
	return object == NULL || cJSON_IsNull(object) ? 0 : view_from_json(kind, view, object);
}

int model_take_detail(struct model *m, const cJSON *result, struct mono now)
{
	struct detail d = {.known = true, .at = now};
	const cJSON *points = cJSON_GetObjectItemCaseSensitive(result, "points");
	int rc = take_one(VIEW_gun, &d.gun, cJSON_GetObjectItemCaseSensitive(result, "gun"));

	if (rc == 0) {
		rc = take_one(VIEW_pile, &d.pile, cJSON_GetObjectItemCaseSensitive(result, "pile"));
	}
	if (rc == 0) {
		rc = take_one(VIEW_session, &d.session,
			cJSON_GetObjectItemCaseSensitive(result, "session"));
	}
	if (rc == 0) {
		rc = take_one(
			VIEW_visit, &d.visit, cJSON_GetObjectItemCaseSensitive(result, "visit"));
	}
	if (rc == 0 && points != NULL) {
		rc = model_take_rows(&m->points, VIEW_point, points);
	}
	if (rc == 0) {
		m->detail = d;
	}
	return rc;
}

int model_take_command(struct model *m, const cJSON *result)
{
	return rows_take(&m->rows[VIEW_command], VIEW_command, result, m->generation);
}

int model_take_tariff_text(struct model *m, const cJSON *result)
{
	const cJSON *text = cJSON_GetObjectItemCaseSensitive(result, "text");
	struct view_tariff tariff;
	char *copy;
	int rc;

	view_clear(VIEW_tariff, &tariff);
	rc = view_from_json(
		VIEW_tariff, &tariff, cJSON_GetObjectItemCaseSensitive(result, "tariff"));
	if (rc != 0 || !cJSON_IsString(text)) {
		return ERR_SYNTAX;
	}
	copy = strdup(text->valuestring);
	if (copy == NULL) {
		return ERR_NOMEM;
	}
	free(m->tariff_text);
	m->tariff_text = copy;
	VIEW_SET(m, tariff_text_of, tariff.id);
	return 0;
}
