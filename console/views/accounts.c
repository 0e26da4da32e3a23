/* Customers' accounts, with the newest transactions of the selected one. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "account.h"
#include "fmt.h"
#include "i18n.h"
#include "page.h"
#include "tariff.h"
#include "word.h"

#define PERIOD_US   (10 * US_PER_S)
#define LIMIT       500
#define STATEMENT_N 6 /* lines of the statement */

static const struct view_account *account_row(const void *row)
{
	return row;
}

static bool active(const struct view_account *a)
{
	return strcmp(a->status, account_status_token(ACCOUNT_ACTIVE)) == 0;
}

static void text_id(const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	*ink = INK_STRONG;
	snprintf(dst, size, "%s", account_row(row)->id);
}

static void text_name(const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	(void)ink;
	snprintf(dst, size, "%s", account_row(row)->name);
}

static void text_phone(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	(void)ink;
	snprintf(dst, size, "%s", account_row(row)->phone);
}

static void text_plate(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	(void)ink;
	snprintf(dst, size, "%s", account_row(row)->plate);
}

static void text_class(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	enum account_class class;

	(void)app;
	*ink = INK_DIM;
	snprintf(dst, size, "%s",
		class_find(account_row(row)->class, &class) == 0 ? _(class_label(class))
								 : account_row(row)->class);
}

static void text_status(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	const struct view_account *a = row;

	bool locked = active(a) && a->pin_until != VALUE_NONE;

	(void)app;
	*ink = active(a) && !locked ? INK_DIM : INK_WARN;
	snprintf(dst, size, "%s%s", active(a) && !locked ? "" : "! ",
		locked ? _("PIN") : _(account_status_label(a->status)));
}

static void text_fen(char *dst, size_t size, enum ink *ink, int64_t fen, enum ink some)
{
	*ink = fen == 0 || fen == VALUE_NONE ? INK_DIM : some;
	fmt_value(dst, size, UNIT_FEN, fen, false);
}

static void text_balance(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	text_fen(dst, size, ink, account_row(row)->balance_fen, INK_NORMAL);
}

static void text_held(const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	text_fen(dst, size, ink, account_row(row)->held_fen, INK_NORMAL);
}

static void text_debt(const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	text_fen(dst, size, ink, account_row(row)->debt_fen, INK_WARN);
}

static void text_notes(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	*ink = INK_DIM;
	snprintf(dst, size, "%s", account_row(row)->notes);
}

static const struct grid_column columns[] = {
	{.title = N_("account"), .width = 9, .field = "id", .text = text_id},
	{.title = N_("name"), .width = 14, .field = "name", .text = text_name},
	{.title = N_("phone"), .width = 12, .rank = 3, .field = "phone", .text = text_phone},
	{.title = N_("plate"), .width = 9, .rank = 4, .field = "plate", .text = text_plate},
	{.title = N_("class"), .width = 10, .rank = 5, .field = "class", .text = text_class},
	{.title = N_("status"), .width = 9, .field = "status", .text = text_status},
	{.title = N_("balance"),
		.width = 11,
		.align = TEXT_RIGHT,
		.field = "balance_fen",
		.text = text_balance},
	{.title = N_("held"),
		.width = 9,
		.rank = 2,
		.align = TEXT_RIGHT,
		.field = "held_fen",
		.text = text_held},
	{.title = N_("debt"),
		.width = 9,
		.rank = 1,
		.align = TEXT_RIGHT,
		.field = "debt_fen",
		.text = text_debt},
	{.title = N_("notes"), .width = 6, .rank = 6, .flex = true, .text = text_notes},
};

static size_t count(const struct app *app)
{
	return app->model->accounts.count;
}

static const void *row_at(const struct app *app, size_t i)
{
	return rows_at(&app->model->accounts, VIEW_account, i);
}

static const struct grid_spec accounts = {
	.kind = VIEW_account,
	.columns = columns,
	.column_count = sizeof columns / sizeof columns[0],
	.empty = N_("No account yet: o opens one."),
	.count = count,
	.row = row_at,
};

static const struct view_account *selected(const struct app *app)
{
	return grid_selected(app, &app->grids[PAGE_ACCOUNTS], &accounts);
}

static const char *kind_word(const char *token)
{
	static const struct {
		const char *token, *label;
	} kinds[] = {
#define TXKIND(sym, token, label) {token, label},
#include "txkind.def"
#undef TXKIND
	};

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		if (strcmp(kinds[i].token, token) == 0) {
			return _(kinds[i].label);
		}
	}
	return token;
}

/* The newest transactions of the selected account. */
static void draw_statement(struct app *app, struct area a)
{
	const struct view_account *s = selected(app);

	canvas_repeat(&app->canvas, a.y, a.x, a.w, INK_DIM, app->glyphs->line);
	if (s == NULL) {
		return;
	}
	canvas_printf(&app->canvas, a.y, a.x + 2, a.w - 4, INK_DIM, " %s %s ", s->id,
		_("+ top up   - pay out   $ card   f freeze   o open"));
	for (int i = 0; i < a.h - 1 && strcmp(app->model->statement_of, s->id) == 0 &&
			(size_t)i < app->model->statement.count;
		i++) {
		const struct view_posting *p =
			rows_at(&app->model->statement, VIEW_posting, (size_t)i);
		char at[24], change[24], balance[24];

		word_time(app, p->at, at, sizeof at);
		fmt_value(change, sizeof change, UNIT_FEN, p->change_fen, false);
		fmt_value(balance, sizeof balance, UNIT_FEN, p->balance_fen, false);
		canvas_printf(&app->canvas, a.y + 1 + i, a.x + 1, a.w - 2, INK_NORMAL,
			"%11s  %10s  %10s  %s  %s  %s", at, change, balance, kind_word(p->kind),
			p->ref, p->reason);
	}
}

static void draw(struct app *app, struct area a)
{
	int below = a.h > 3 * STATEMENT_N ? STATEMENT_N + 1 : 0;

	grid_draw(app, &app->canvas, (struct area){a.y, a.x, a.h - below, a.w},
		&app->grids[PAGE_ACCOUNTS], &accounts);
	if (below > 0) {
		draw_statement(app, (struct area){a.y + a.h - below, a.x, below, a.w});
	}
}

static bool act(struct app *app, enum act act)
{
	const struct view_account *a = selected(app);
	char about[96];

	if (act == ACT_NEW_ACCOUNT) {
		task_open(app, TASK_OPEN, "", "");
		return true;
	}
	if (a == NULL) {
		return false;
	}
	snprintf(about, sizeof about, "%s %.60s", a->id, a->name);
	switch (act) {
	case ACT_TOPUP:
		task_open(app, TASK_TOPUP, a->id, about);
		return true;
	case ACT_PAYOUT:
		task_open(app, TASK_WITHDRAW, a->id, about);
		return true;
	case ACT_CARD:
		task_open(app, TASK_CARD, a->id, about);
		return true;
	case ACT_FREEZE:
		task_open(app, active(a) ? TASK_FREEZE : TASK_UNFREEZE, a->id, about);
		return true;
	default:
		return false;
	}
}

static void ask(struct app *app)
{
	const struct view_account *a = selected(app);
	cJSON *params;

	if (page_due(app, ASK_ACCOUNTS, PERIOD_US)) {
		params = cJSON_CreateObject();
		if (params != NULL) {
			cJSON_AddNumberToObject(params, "limit", LIMIT);
		}
		feed_ask(app->feed, ASK_ACCOUNTS, METHOD_ACCOUNTS, params, NULL);
	}
	if (a == NULL) {
		return;
	}
	if (strcmp(app->model->statement_of, a->id) != 0 &&
		app->feed->asked[ASK_STATEMENT].id == 0) {
		app->at->next_ask[ASK_STATEMENT] = app->now;
	}
	if (page_due(app, ASK_STATEMENT, PERIOD_US)) {
		params = cJSON_CreateObject();
		if (params != NULL) {
			cJSON_AddStringToObject(params, "account", a->id);
			cJSON_AddNumberToObject(params, "limit", STATEMENT_N);
		}
		feed_ask(app->feed, ASK_STATEMENT, METHOD_STATEMENT, params, a->id);
	}
}

const struct page page_accounts = {
	.title = N_("Accounts"),
	.key = ACT_ACCOUNTS,
	.draw = draw,
	.grid = &accounts,
	.act = act,
	.ask = ask,
};
