#include <cjson/cJSON.h>
#include <stdio.h>

#include "fault.h"
#include "i18n.h"
#include "page.h"
#include "panel.h"
#include "word.h"

#define EXPLAIN_H 5
#define PERIOD_US (10 * US_PER_S)
#define LIMIT     300

static bool active(const struct view_fault *fault)
{
	return fault->cleared == VALUE_NONE;
}

static void text_state(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	const struct view_fault *fault = row;

	(void)app;
	*ink = active(fault) ? word_severity_ink(fault->severity) : INK_DIM;
	snprintf(dst, size, "%s", active(fault) ? _("! active") : _("- cleared"));
}

static void text_severity(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	const struct view_fault *fault = row;

	(void)app;
	*ink = active(fault) ? word_severity_ink(fault->severity) : INK_DIM;
	snprintf(dst, size, "%s", word_severity(fault->severity));
}

static void text_code(const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	(void)ink;
	snprintf(dst, size, "%lld", (long long)((const struct view_fault *)row)->code);
}

static void text_target(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	*ink = INK_STRONG;
	snprintf(dst, size, "%s", ((const struct view_fault *)row)->target);
}

static void text_name(const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	const struct view_fault *fault = row;
	char buf[48];

	(void)app;
	*ink = active(fault) ? INK_NORMAL : INK_DIM;
	snprintf(dst, size, "%s%s%s", word_fault(fault->code, buf, sizeof buf),
		fault->detail[0] != '\0' ? ": " : "", fault->detail);
}

static void text_raised(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)ink;
	word_time(app, ((const struct view_fault *)row)->raised, dst, size);
}

static void text_lasted(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	const struct view_fault *fault = row;

	(void)ink;
	word_age(dst, size,
		active(fault) ? word_age_of(app, fault->raised) : fault->cleared - fault->raised);
}

static const struct grid_column columns[] = {
	{.title = N_("state"), .width = 9, .field = "cleared", .text = text_state},
	{.title = N_("where"), .width = 8, .field = "target", .text = text_target},
	{.title = N_("severity"), .width = 9, .field = "severity", .text = text_severity},
	{.title = N_("code"),
		.width = 4,
		.rank = 1,
		.align = TEXT_RIGHT,
		.field = "code",
		.text = text_code},
	{.title = N_("raised"),
		.width = 11,
		.align = TEXT_RIGHT,
		.field = "raised",
		.text = text_raised},
	{.title = N_("lasts"), .width = 6, .align = TEXT_RIGHT, .text = text_lasted},
	{.title = N_("fault"), .width = 20, .flex = true, .text = text_name},
};

static int by_urgency(const void *a, const void *b)
{
	const struct view_fault *x = a, *y = b;

	if (active(x) != active(y)) {
		return active(x) ? -1 : 1;
	}
	if (active(x) && x->severity != y->severity) {
		return x->severity < y->severity ? -1 : 1;
	}
	return x->raised > y->raised ? -1 : x->raised < y->raised;
}

static size_t count(const struct app *app)
{
	return model_count(app->model, VIEW_fault) + app->model->past_faults.count;
}

/* Active ones from the live table, past ones from the answer to `faults`. */
static const void *row_at(const struct app *app, size_t i)
{
	size_t live = model_count(app->model, VIEW_fault);
	const struct view_fault *past;

	if (i < live) {
		return model_at(app->model, VIEW_fault, i);
	}
	past = rows_at(&app->model->past_faults, VIEW_fault, i - live);
	return past == NULL || active(past) || model_find(app->model, VIEW_fault, past->id) != NULL
		       ? NULL
		       : past;
}

static const struct grid_spec faults = {
	.kind = VIEW_fault,
	.columns = columns,
	.column_count = sizeof columns / sizeof columns[0],
	.empty = N_("No fault, now or in the past that the store keeps."),
	.order = by_urgency,
	.count = count,
	.row = row_at,
};

static void draw_explanation(struct app *app, struct area a)
{
	const struct view_fault *fault = grid_selected(app, &app->grids[PAGE_FAULTS], &faults);
	const struct fault_info *info = fault == NULL ? NULL : fault_info((int)fault->code);
	struct canvas *c = &app->canvas;
	int row = 1;

	canvas_repeat(c, a.y, a.x, a.w, INK_DIM, app->glyphs->line);
	if (info == NULL) {
		return;
	}
	canvas_printf(c, a.y + row++, a.x + 1, a.w - 2, INK_STRONG, "%s  %d  %s / %s",
		fault->target, info->code, info->en, info->zh);
	row += panel_wrap(
		app, (struct area){a.y + row, a.x + 1, 2, a.w - 2}, INK_NORMAL, _(info->meaning));
	panel_wrap(app, (struct area){a.y + row, a.x + 1, a.h - row, a.w - 2}, INK_STRONG,
		_(info->action));
}

static void draw(struct app *app, struct area a)
{
	int below = a.h > 3 * EXPLAIN_H ? EXPLAIN_H : 0;

	grid_draw(app, &app->canvas, (struct area){a.y, a.x, a.h - below, a.w},
		&app->grids[PAGE_FAULTS], &faults);
	if (below > 0) {
		draw_explanation(app, (struct area){a.y + a.h - below, a.x, below, a.w});
	}
}

static bool act(struct app *app, enum act act)
{
	const struct view_fault *fault;

	if (act != ACT_OPEN) {
		return false;
	}
	fault = grid_selected(app, &app->grids[PAGE_FAULTS], &faults);
	if (fault != NULL && model_find(app->model, VIEW_gun, fault->target) != NULL) {
		page_open_gun(app, fault->target);
	}
	return true;
}

static void ask(struct app *app)
{
	cJSON *params;

	if (page_due(app, ASK_FAULTS, PERIOD_US)) {
		params = cJSON_CreateObject();
		if (params != NULL) {
			cJSON_AddNumberToObject(params, "limit", LIMIT);
		}
		feed_ask(app->feed, ASK_FAULTS, METHOD_FAULTS, params, NULL);
	}
}

const struct page page_faults = {
	.title = N_("Faults"),
	.key = ACT_FAULTS,
	.draw = draw,
	.grid = &faults,
	.act = act,
	.ask = ask,
};
