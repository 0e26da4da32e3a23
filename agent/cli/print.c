#include "print.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fault.h"
#include "fmt.h"
#include "phrase.h"
#include "text.h"

#define COLUMNS_MAX 24
#define GAP         2
#define CELL_WIDEST 60

/* ---- Rows ---- */

int rows_take(enum view_kind kind, const cJSON *array, struct rows *out)
{
	size_t size = view_info(kind)->size;
	int count = cJSON_GetArraySize(array);
	const cJSON *object;
	struct rows rows = {kind, NULL, 0};

	if (!cJSON_IsArray(array)) {
		return ERR_SYNTAX;
	}
	rows.v = calloc((size_t)count + 1, size);
	if (rows.v == NULL) {
		return ERR_NOMEM;
	}
	cJSON_ArrayForEach(object, array)
	{
		char *row = rows.v + rows.count * size;

		view_clear(kind, row);
		if (view_from_json(kind, row, object) != 0) {
			free(rows.v);
			return ERR_SYNTAX;
		}
		rows.count++;
	}
	*out = rows;
	return 0;
}

void rows_free(struct rows *rows)
{
	free(rows->v);
	rows->v = NULL;
	rows->count = 0;
}

int rows_add(struct rows *rows, const void *view)
{
	size_t size = view_info(rows->kind)->size;

	/* Full at each power of two. */
	if ((rows->count & (rows->count - 1)) == 0) {
		char *v = realloc(rows->v, (rows->count == 0 ? 1 : rows->count * 2) * size);

		if (v == NULL) {
			return ERR_NOMEM;
		}
		rows->v = v;
	}
	memcpy(rows->v + rows->count++ * size, view, size);
	return 0;
}

const void *row_at(const struct rows *rows, size_t i)
{
	return rows->v + i * view_info(rows->kind)->size;
}

/* ---- Cells ---- */

void cell_fault(char *dst, size_t size, int64_t code)
{
	const struct fault_info *info = fault_info((int)code);

	if (code == VALUE_NONE || code == 0) {
		snprintf(dst, size, "-");
	} else if (info == NULL) {
		snprintf(dst, size, "%lld", (long long)code);
	} else {
		snprintf(dst, size, "%lld %s", (long long)code, fault_title(info));
	}
}

void cell_wall(char *dst, size_t size, int64_t wall_ms)
{
	if (wall_ms == VALUE_NONE) {
		snprintf(dst, size, "-");
		return;
	}
	fmt_wall_brief(dst, size, (struct wall){wall_ms}, wall_now());
}

void cell_took(char *dst, size_t size, int64_t ms)
{
	if (ms == VALUE_NONE || ms < 0) {
		snprintf(dst, size, "-");
	} else if (ms < 100) {
		snprintf(dst, size, "0.%03d s", (int)ms);
	} else {
		snprintf(dst, size, "%lld.%02d s", (long long)(ms / 1000), (int)(ms % 1000 / 10));
	}
}

/* Words of the vocabulary are said in the reader's language; names, ids and notes as they are. */
static const char *word_of(const struct field *f, const char *text)
{
	static const char *const keys[] = {
		"kind", "link", "quality", "start_quality", "end_quality", "state", NULL};
	static const char *const words[] = {N_("ac"), N_("dc"), N_("up"), N_("down"), N_("good"),
		N_("impossible"), N_("invalid"), N_("unsupported"), N_("substitute"), N_("none"),
		N_("unknown"), N_("offline"), N_("idle"), N_("plugged"), N_("charging"),
		N_("suspended"), N_("finished"), N_("reserved"), N_("fault"), N_("open"),
		N_("closed"), N_("queued"), N_("sent"), N_("read_back"), N_("verified"),
		N_("failed"), N_("expired"), NULL};
	bool known = false;

	for (size_t i = 0; keys[i] != NULL && !known; i++) {
		known = strcmp(keys[i], f->key) == 0;
	}
	for (size_t i = 0; words[i] != NULL && known; i++) {
		if (strcmp(words[i], text) == 0) {
			return _(words[i]);
		}
	}
	return text;
}

static void field_cell(char *dst, size_t size, const struct field *f, const void *view, bool suffix)
{
	if (f->unit == UNIT_TEXT) {
		const char *s = view_text(f, view);
		char said[CELL_MAX];

		if (strcmp(f->key, "reason") == 0) {
			phrase_say(said, sizeof said, s);
			s = said;
		}
		text_clean(dst, size, s[0] == '\0' ? "-" : word_of(f, s));
	} else if (f->unit == UNIT_WALL) {
		cell_wall(dst, size, view_int(f, view));
	} else if (f->unit == UNIT_BOOL && view_int(f, view) != VALUE_NONE) {
		snprintf(dst, size, "%s", view_int(f, view) != 0 ? _("yes") : _("no"));
	} else {
		fmt_value(dst, size, f->unit, view_int(f, view), suffix);
	}
}

static void cell_text(
	char *dst, size_t size, const struct column *c, const struct field *f, const void *view)
{
	if (c->cell != NULL) {
		c->cell(dst, size, view);
	} else {
		field_cell(dst, size, f, view, false);
	}
}

static void head_text(char *dst, size_t size, const struct column *c, const struct field *f)
{
	const char *unit = c->cell != NULL ? "" : fmt_unit(f->unit);

	snprintf(dst, size, "%s%s%s", _(c->head != NULL ? c->head : f->label),
		unit[0] != '\0' ? " " : "", unit);
}

static enum text_align align_of(const struct column *c, const struct field *f)
{
	bool words = c->cell != NULL || f->unit == UNIT_TEXT || f->unit == UNIT_WALL ||
		     f->unit == UNIT_BOOL;

	return words ? TEXT_LEFT : TEXT_RIGHT;
}

static void put_cell(const char *text, int width, enum text_align align, bool last)
{
	char cell[4 * CELL_WIDEST + 8];

	if (last && align == TEXT_LEFT) {
		printf("%s\n", text);
		return;
	}
	text_cell(cell, sizeof cell, text, width, align);
	printf("%s%*s", cell, last ? 0 : GAP, "");
	if (last) {
		putchar('\n');
	}
}

/* ---- Tables ---- */

static void widen(int *width, const char *text)
{
	int w = text_width(text);

	if (w > CELL_WIDEST) {
		w = CELL_WIDEST;
	}
	if (w > *width) {
		*width = w;
	}
}

static void print_table(const struct rows *rows, const struct column *columns, size_t count)
{
	const struct field *fields[COLUMNS_MAX];
	int widths[COLUMNS_MAX] = {0};
	char text[CELL_MAX];

	for (size_t c = 0; c < count; c++) {
		fields[c] = view_field(rows->kind, columns[c].key);
		head_text(text, sizeof text, &columns[c], fields[c]);
		widen(&widths[c], text);
		for (size_t r = 0; r < rows->count; r++) {
			cell_text(text, sizeof text, &columns[c], fields[c], row_at(rows, r));
			widen(&widths[c], text);
		}
	}
	for (size_t c = 0; c < count; c++) {
		head_text(text, sizeof text, &columns[c], fields[c]);
		put_cell(text, widths[c], align_of(&columns[c], fields[c]), c + 1 == count);
	}
	for (size_t r = 0; r < rows->count; r++) {
		for (size_t c = 0; c < count; c++) {
			cell_text(text, sizeof text, &columns[c], fields[c], row_at(rows, r));
			put_cell(text, widths[c], align_of(&columns[c], fields[c]), c + 1 == count);
		}
	}
}

void print_json(const cJSON *object)
{
	char *text = cJSON_PrintUnformatted(object);
	const char *p = text != NULL ? text : "null", *begin = p;
	size_t n;

	/* What a terminal must not have is written as JSON's own escape, so that nothing is lost.
	 */
	for (; *p != '\0'; p += n) {
		uint32_t cp = text_decode(p, &n);

		if (!text_safe(cp)) {
			printf("%.*s\\u%04x", (int)(p - begin), begin, (unsigned)cp);
			begin = p + n;
		}
	}
	printf("%s\n", begin);
	cJSON_free(text);
}

int print_answer(struct cli *cli, const char *method, cJSON *params,
	int (*text)(const struct cli *cli, const cJSON *answer))
{
	cJSON *answer;
	int rc = link_call(cli->link, method, params, &answer);

	if (rc != 0) {
		return cli_fail_call(cli, rc);
	}
	if (cli->json) {
		print_json(answer);
	} else {
		rc = text(cli, answer);
	}
	cJSON_Delete(answer);
	return rc == 0 ? CLI_OK : cli_fail(cli, CLI_FAILED, "%s", _(err_text(rc)));
}

void print_rows(const struct cli *cli, const struct rows *rows, const struct column *columns,
	size_t count, const char *none)
{
	cJSON *array;

	if (!cli->json) {
		if (rows->count == 0) {
			printf("%s\n", _(none));
		} else {
			print_table(rows, columns, count < COLUMNS_MAX ? count : COLUMNS_MAX);
		}
		return;
	}
	array = cJSON_CreateArray();
	for (size_t r = 0; r < rows->count; r++) {
		cJSON_AddItemToArray(array, view_to_json(rows->kind, row_at(rows, r), NULL));
	}
	print_json(array);
	cJSON_Delete(array);
}

/* ---- Points ---- */

/* The point's value in the unit of its name. */
static void cell_value(char *dst, size_t size, const void *view)
{
	const struct view_point *v = view;
	size_t gun = strspn(v->name, "0123456789"); /* "2.power_w" */
	enum point p;

	if (v->text[0] != '\0') {
		text_clean(dst, size, v->text);
	} else if (point_find(v->name + (gun > 0 ? gun + 1 : 0), &p) == 0) {
		fmt_value(dst, size, point_info(p)->unit, v->value, true);
	} else {
		fmt_value(dst, size, UNIT_NONE, v->value, true);
	}
}

static void cell_age(char *dst, size_t size, const void *view)
{
	const struct view_point *v = view;

	fmt_age(dst, size, v->age_ms);
}

static void cell_verdict(char *dst, size_t size, const void *view)
{
	const struct view_point *v = view;

	if (v->verdict[0] != '\0') {
		text_clean(dst, size, _(v->verdict));
		return;
	}
	snprintf(dst, size, "%s", "");
}

static const struct column point_columns[] = {{"name", NULL, NULL}, {"value", NULL, cell_value},
	{"quality", NULL, NULL}, {"age_ms", NULL, cell_age}, {"verdict", NULL, cell_verdict}};

void print_points(const struct cli *cli, const struct rows *rows)
{
	print_rows(cli, rows, point_columns, sizeof point_columns / sizeof point_columns[0],
		N_("no points"));
}

/* ---- One view ---- */

void print_view(const struct cli *cli, enum view_kind kind, const void *view)
{
	const struct view_info *info = view_info(kind);
	int width = 0;

	if (cli->json) {
		cJSON *object = view_to_json(kind, view, NULL);

		print_json(object);
		cJSON_Delete(object);
		return;
	}
	for (size_t i = 0; i < info->count; i++) {
		widen(&width, _(info->fields[i].label));
	}
	for (size_t i = 0; i < info->count; i++) {
		const struct field *f = &info->fields[i];
		char label[4 * CELL_WIDEST + 8], text[CELL_MAX];

		if (f->unit == UNIT_TEXT ? view_text(f, view)[0] == '\0'
					 : view_int(f, view) == VALUE_NONE) {
			continue;
		}
		if (f->unit == UNIT_CODE) {
			cell_fault(text, sizeof text, view_int(f, view));
		} else if (f->unit == UNIT_WALL) {
			fmt_wall(text, sizeof text, (struct wall){view_int(f, view)});
		} else {
			field_cell(text, sizeof text, f, view, true);
		}
		text_cell(label, sizeof label, _(f->label), width, TEXT_LEFT);
		printf("%s  %s\n", label, text);
	}
}
