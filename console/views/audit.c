/* The audit log: who did what, and what was refused. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "i18n.h"
#include "page.h"
#include "panel.h"
#include "word.h"

#define PERIOD_US (10 * US_PER_S)
#define LIMIT     300
#define DETAIL_H  5

static const struct view_audit *audit_row(const void *row)
{
	return row;
}

/* Written before what the ledger decides; what it decided has a row of its own. */
#define ASKED "asked"

static bool refused(const struct view_audit *a)
{
	return strcmp(a->result, "ok") != 0;
}

static void text_at(const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)ink;
	word_time(app, audit_row(row)->at, dst, size);
}

static void text_by(const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	*ink = INK_STRONG;
	snprintf(dst, size, "%s", audit_row(row)->person);
}

static void text_role(const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	*ink = INK_DIM;
	snprintf(dst, size, "%s", audit_row(row)->role);
}

static void text_call(const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	(void)ink;
	snprintf(dst, size, "%s", audit_row(row)->method);
}

static void text_result(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	const struct view_audit *a = row;

	(void)app;
	if (strcmp(a->result, ASKED) == 0) {
		*ink = INK_DIM;
		snprintf(dst, size, "- %s", _("asked for"));
		return;
	}
	*ink = refused(a) ? INK_ALARM : INK_NORMAL;
	snprintf(dst, size, "%s %s", refused(a) ? "!" : "*",
		refused(a) ? word_error(a->result) : _("done"));
}

static void text_params(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	(void)ink;
	snprintf(dst, size, "%s", audit_row(row)->params);
}

static void text_origin(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	*ink = INK_DIM;
	snprintf(dst, size, "%s", audit_row(row)->origin);
}

static const struct grid_column columns[] = {
	{.title = N_("time"), .width = 11, .align = TEXT_RIGHT, .field = "at", .text = text_at},
	{.title = N_("by"), .width = 10, .field = "person", .text = text_by},
	{.title = N_("role"), .width = 9, .rank = 2, .field = "role", .text = text_role},
	{.title = N_("call"), .width = 13, .field = "method", .text = text_call},
	{.title = N_("result"), .width = 15, .field = "result", .text = text_result},
	{.title = N_("from"), .width = 24, .rank = 4, .field = "origin", .text = text_origin},
	{.title = N_("arguments"), .width = 36, .flex = true, .text = text_params},
};

static size_t count(const struct app *app)
{
	return app->model->audit.count;
}

static const void *row_at(const struct app *app, size_t i)
{
	return rows_at(&app->model->audit, VIEW_audit, i);
}

static const struct grid_spec audit = {
	.kind = VIEW_audit,
	.columns = columns,
	.column_count = sizeof columns / sizeof columns[0],
	.empty = N_("Nothing in the audit log yet."),
	.count = count,
	.row = row_at,
};

/* Asking without the role would be refused, and each refusal is a row of that log. */
static bool may_look(const struct app *app)
{
	return role_may(role_read(app->model->hello.role), ROLE_ADMIN);
}

/* The selected row in full. */
static void draw_detail(struct app *app, struct area a)
{
	const struct view_audit *row = grid_selected(app, &app->grids[PAGE_AUDIT], &audit);
	struct canvas *c = &app->canvas;

	canvas_repeat(c, a.y, a.x, a.w, INK_DIM, app->glyphs->line);
	if (row == NULL) {
		return;
	}
	canvas_printf(c, a.y + 1, a.x + 1, a.w - 2, INK_STRONG, "%s  %s (%s)  %s", row->id,
		row->person, row->role, row->origin);
	panel_wrap(app, (struct area){a.y + 2, a.x + 1, a.h - 2, a.w - 2}, INK_NORMAL, row->params);
}

static void draw(struct app *app, struct area a)
{
	int below = a.h > 3 * DETAIL_H ? DETAIL_H : 0;

	if (may_look(app)) {
		grid_draw(app, &app->canvas, (struct area){a.y, a.x, a.h - below, a.w},
			&app->grids[PAGE_AUDIT], &audit);
		if (below > 0) {
			draw_detail(app, (struct area){a.y + a.h - below, a.x, below, a.w});
		}
	} else {
		panel_wrap(app, (struct area){a.y + 1, a.x + 2, 2, a.w - 4}, INK_NORMAL,
			_("The audit log is for administrators."));
	}
}

static void ask(struct app *app)
{
	cJSON *params;

	if (may_look(app) && page_due(app, ASK_AUDIT, PERIOD_US)) {
		params = cJSON_CreateObject();
		if (params != NULL) {
			cJSON_AddNumberToObject(params, "limit", LIMIT);
		}
		feed_ask(app->feed, ASK_AUDIT, METHOD_AUDIT, params, NULL);
	}
}

const struct page page_audit = {
	.title = N_("Audit log"),
	.key = ACT_AUDIT,
	.draw = draw,
	.grid = &audit,
	.ask = ask,
};
