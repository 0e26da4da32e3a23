/* The work list: odd charges that a person must decide, with their evidence and one proposal. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "i18n.h"
#include "page.h"
#include "panel.h"
#include "phrase.h"
#include "word.h"

#define PERIOD_US  (10 * US_PER_S)
#define LIMIT      500
#define EVIDENCE_H 5

static const struct view_abnormal *entry_row(const void *row)
{
	return row;
}

static bool open_entry(const struct view_abnormal *e)
{
	return e->ended == VALUE_NONE;
}

static void text_id(const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	*ink = open_entry(row) ? INK_STRONG : INK_DIM;
	snprintf(dst, size, "%lld", (long long)entry_row(row)->id);
}

static void text_at(const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)ink;
	word_time(app, entry_row(row)->at, dst, size);
}

static void text_gun(const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	(void)ink;
	snprintf(dst, size, "%s", entry_row(row)->gun);
}

static void text_account(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	(void)ink;
	snprintf(dst, size, "%s", entry_row(row)->account);
}

static const char *kind_word(const char *token)
{
	static const struct {
		const char *token, *label;
	} kinds[] = {
#define ABNORMAL(sym, token, review, proposal, label) {token, label},
#include "abnormal.def"
#undef ABNORMAL
	};

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		if (strcmp(kinds[i].token, token) == 0) {
			return _(kinds[i].label);
		}
	}
	return token;
}

static void text_kind(const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	*ink = open_entry(row) ? INK_WARN : INK_DIM;
	snprintf(dst, size, "%s%s", open_entry(row) ? "! " : "", kind_word(entry_row(row)->kind));
}

static void text_proposal(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	*ink = open_entry(row) ? INK_STRONG : INK_DIM;
	snprintf(dst, size, "%s", _(entry_row(row)->proposal));
}

static void text_ended(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	*ink = INK_DIM;
	word_time(app, entry_row(row)->ended, dst, size);
}

static void text_evidence(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	*ink = INK_DIM;
	phrase_show(dst, size, entry_row(row)->evidence);
}

static const struct grid_column columns[] = {
	{.title = N_("entry"), .width = 6, .align = TEXT_RIGHT, .field = "id", .text = text_id},
	{.title = N_("found"), .width = 11, .align = TEXT_RIGHT, .field = "at", .text = text_at},
	{.title = N_("gun"), .width = 6, .field = "gun", .text = text_gun},
	{.title = N_("account"), .width = 9, .rank = 2, .field = "account", .text = text_account},
	{.title = N_("what"), .width = 30, .field = "kind", .text = text_kind},
	{.title = N_("proposal"), .width = 8, .text = text_proposal},
	{.title = N_("decided"),
		.width = 11,
		.rank = 1,
		.align = TEXT_RIGHT,
		.field = "ended",
		.text = text_ended},
	{.title = N_("evidence"), .width = 10, .rank = 3, .flex = true, .text = text_evidence},
};

static size_t count(const struct app *app)
{
	return app->model->abnormal.count;
}

static const void *row_at(const struct app *app, size_t i)
{
	return rows_at(&app->model->abnormal, VIEW_abnormal, i);
}

/* What waits for a decision first, then the newest. */
static int open_first(const void *a, const void *b)
{
	const struct view_abnormal *x = a, *y = b;

	if (open_entry(x) != open_entry(y)) {
		return open_entry(x) ? -1 : 1;
	}
	return x->id > y->id ? -1 : x->id < y->id;
}

static const struct grid_spec entries = {
	.kind = VIEW_abnormal,
	.columns = columns,
	.column_count = sizeof columns / sizeof columns[0],
	.empty = N_("Nothing to decide: every charge was in order."),
	.order = open_first,
	.count = count,
	.row = row_at,
};

static const struct view_abnormal *selected(const struct app *app)
{
	return grid_selected(app, &app->grids[PAGE_WORKLIST], &entries);
}

static void draw(struct app *app, struct area a)
{
	const struct view_abnormal *e;
	char text[sizeof e->evidence * 2];
	int below = a.h > 3 * EVIDENCE_H ? EVIDENCE_H : 0, y = a.y + a.h - below;

	grid_draw(app, &app->canvas, (struct area){a.y, a.x, a.h - below, a.w},
		&app->grids[PAGE_WORKLIST], &entries);
	e = selected(app);
	if (below == 0) {
		return;
	}
	canvas_repeat(&app->canvas, y, a.x, a.w, INK_DIM, app->glyphs->line);
	if (e != NULL) {
		canvas_printf(&app->canvas, y, a.x + 2, a.w - 4, INK_DIM, " %s ",
			_("+ post as computed   - void   f refund"));
		canvas_printf(&app->canvas, y + 1, a.x + 1, a.w - 2, INK_NORMAL, "%s  %s",
			e->session, e->order);
		phrase_show(text, sizeof text, e->evidence);
		panel_wrap(
			app, (struct area){y + 2, a.x + 1, below - 2, a.w - 2}, INK_NORMAL, text);
	}
}

static bool act(struct app *app, enum act act)
{
	const struct view_abnormal *e = selected(app);
	char subject[24], about[96];

	if (e == NULL || (act != ACT_TOPUP && act != ACT_PAYOUT && act != ACT_FREEZE)) {
		return false;
	}
	snprintf(subject, sizeof subject, "%lld", (long long)e->id);
	snprintf(about, sizeof about, "%s, %s", e->gun, kind_word(e->kind));
	task_open(app,
		act == ACT_TOPUP    ? TASK_POST
		: act == ACT_PAYOUT ? TASK_VOID
				    : TASK_GIVE_BACK,
		subject, about);
	return true;
}

static void ask(struct app *app)
{
	cJSON *params;

	if (page_due(app, ASK_ABNORMAL, PERIOD_US)) {
		params = cJSON_CreateObject();
		if (params != NULL) {
			cJSON_AddNumberToObject(params, "limit", LIMIT);
		}
		feed_ask(app->feed, ASK_ABNORMAL, METHOD_ABNORMAL, params, NULL);
	}
}

const struct page page_worklist = {
	.title = N_("Work list"),
	.key = ACT_WORKLIST,
	.draw = draw,
	.grid = &entries,
	.act = act,
	.ask = ask,
};
