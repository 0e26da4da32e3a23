/* Bills, with the lines of the selected one: what each period's energy cost, and what its driver
 * said. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "fmt.h"
#include "i18n.h"
#include "money.h"
#include "page.h"
#include "tariff.h"
#include "word.h"

#define PERIOD_US (10 * US_PER_S)
#define LIMIT     500
#define LINES_H   8
#define LOW_STARS 2 /* so few stars are worth a look */

static const struct view_bill *bill_row(const void *row)
{
	return row;
}

static void text_id(const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	*ink = INK_STRONG;
	snprintf(dst, size, "%lld", (long long)bill_row(row)->id);
}

static void text_gun(const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	(void)ink;
	snprintf(dst, size, "%s", bill_row(row)->gun);
}

static void text_account(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	const char *account = bill_row(row)->account;

	(void)app;
	*ink = account[0] == '\0' ? INK_WARN : INK_NORMAL;
	snprintf(dst, size, "%s", account[0] == '\0' ? _("unknown") : account);
}

static void text_start(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)ink;
	word_time(app, bill_row(row)->start, dst, size);
}

static void text_end(const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)ink;
	word_time(app, bill_row(row)->end, dst, size);
}

static void text_energy(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	(void)ink;
	fmt_value(dst, size, UNIT_WH, bill_row(row)->energy_wh, false);
}

static void fen(char *dst, size_t size, enum ink *ink, int64_t value)
{
	*ink = value == 0 ? INK_DIM : INK_NORMAL;
	fmt_value(dst, size, UNIT_FEN, value, false);
}

static void text_elec(const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	fen(dst, size, ink, bill_row(row)->elec_fen);
}

static void text_service(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	fen(dst, size, ink, bill_row(row)->service_fen);
}

static void text_parking(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	fen(dst, size, ink, bill_row(row)->parking_fen);
}

static void text_total(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	*ink = INK_STRONG;
	fmt_value(dst, size, UNIT_FEN, bill_row(row)->total_fen, false);
}

static void text_refunded(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	int64_t back = bill_row(row)->refunded_fen;

	(void)app;
	*ink = INK_WARN;
	dst[0] = '\0';
	if (back != VALUE_NONE && back != 0) {
		fmt_value(dst, size, UNIT_FEN, back, false);
	}
}

static void text_stars(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	int64_t stars = bill_row(row)->stars;

	(void)app;
	*ink = stars != VALUE_NONE && stars <= LOW_STARS ? INK_WARN : INK_NORMAL;
	dst[0] = '\0';
	if (stars != VALUE_NONE) {
		snprintf(dst, size, "%s%lld", stars <= LOW_STARS ? "! " : "", (long long)stars);
	}
}

static void text_tariff(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	*ink = INK_DIM;
	snprintf(dst, size, "%s", bill_row(row)->tariff);
}

static const struct grid_column columns[] = {
	{.title = N_("bill"), .width = 7, .align = TEXT_RIGHT, .field = "id", .text = text_id},
	{.title = N_("gun"), .width = 6, .field = "gun", .text = text_gun},
	{.title = N_("account"), .width = 9, .field = "account", .text = text_account},
	{.title = N_("began"),
		.width = 11,
		.rank = 3,
		.align = TEXT_RIGHT,
		.field = "start",
		.text = text_start},
	{.title = N_("ended"), .width = 11, .align = TEXT_RIGHT, .field = "end", .text = text_end},
	{.title = "kWh",
		.width = 9,
		.align = TEXT_RIGHT,
		.field = "energy_wh",
		.text = text_energy},
	{.title = N_("electricity"),
		.width = 11,
		.rank = 4,
		.align = TEXT_RIGHT,
		.field = "elec_fen",
		.text = text_elec},
	{.title = N_("service"),
		.width = 9,
		.rank = 5,
		.align = TEXT_RIGHT,
		.field = "service_fen",
		.text = text_service},
	{.title = N_("parking"),
		.width = 8,
		.rank = 6,
		.align = TEXT_RIGHT,
		.field = "parking_fen",
		.text = text_parking},
	{.title = N_("total"),
		.width = 9,
		.align = TEXT_RIGHT,
		.field = "total_fen",
		.text = text_total},
	{.title = N_("refunded"),
		.width = 9,
		.rank = 2,
		.align = TEXT_RIGHT,
		.field = "refunded_fen",
		.text = text_refunded},
	{.title = N_("stars"),
		.width = 5,
		.rank = 1,
		.align = TEXT_RIGHT,
		.field = "stars",
		.text = text_stars},
	{.title = N_("tariff"), .width = 6, .rank = 7, .flex = true, .text = text_tariff},
};

static size_t count(const struct app *app)
{
	return app->model->bills.count;
}

static const void *row_at(const struct app *app, size_t i)
{
	return rows_at(&app->model->bills, VIEW_bill, i);
}

static int newest_first(const void *a, const void *b)
{
	const struct view_bill *x = a, *y = b;

	return x->id > y->id ? -1 : x->id < y->id;
}

static const struct grid_spec bills = {
	.kind = VIEW_bill,
	.columns = columns,
	.column_count = sizeof columns / sizeof columns[0],
	.empty = N_("No bill yet."),
	.order = newest_first,
	.count = count,
	.row = row_at,
};

static const struct view_bill *selected(const struct app *app)
{
	return grid_selected(app, &app->grids[PAGE_BILLS], &bills);
}

/* One line: time, energy, period, prices, amounts; or minutes of parking. */
static void line_text(const struct app *app, const struct view_line *l, char *dst, size_t size)
{
	char from[24], to[24], wh[24], elec_price[24], service_price[24], elec[24], service[24];
	enum period p;

	if (l->period[0] == '\0') {
		money_price_format(elec_price, sizeof elec_price, l->per_min_e5);
		fmt_value(elec, sizeof elec, UNIT_FEN, l->parking_fen, true);
		snprintf(dst, size, _("parking, %lld minutes at %s: %s"), (long long)l->minutes,
			elec_price, elec);
		return;
	}
	word_time(app, l->from, from, sizeof from);
	word_time(app, l->to, to, sizeof to);
	fmt_value(wh, sizeof wh, UNIT_WH, l->energy_wh, true);
	money_price_format(elec_price, sizeof elec_price, l->elec_e5);
	money_price_format(service_price, sizeof service_price, l->service_e5);
	fmt_value(elec, sizeof elec, UNIT_FEN, l->elec_fen, false);
	fmt_value(service, sizeof service, UNIT_FEN, l->service_fen, false);
	snprintf(dst, size, "%s-%s  %s  %s x (%s + %s) = %s + %s%s", from, to,
		period_find(l->period, &p) == 0 ? _(period_info(p)->label) : l->period, wh,
		elec_price, service_price, elec, service,
		strcmp(l->quality, "good") == 0 ? "" : _("  (substitute)"));
}

/* What the driver said last; the rows used. */
static int draw_rating(struct app *app, const struct view_bill *b, struct area a)
{
	char when[24];

	if (b->stars == VALUE_NONE) {
		return 0;
	}
	word_time(app, b->rated, when, sizeof when);
	canvas_printf(&app->canvas, a.y, a.x, a.w, b->stars <= LOW_STARS ? INK_WARN : INK_NORMAL,
		_("%s%lld of 5 stars, %s, %s%s%s"), b->stars <= LOW_STARS ? "! " : "",
		(long long)b->stars, b->rated_by, when, b->remark[0] != '\0' ? "  " : "",
		b->remark);
	return 1;
}

static void draw_lines(struct app *app, struct area a)
{
	const struct view_bill *b = selected(app);
	char text[256];
	int row = 2;

	canvas_repeat(&app->canvas, a.y, a.x, a.w, INK_DIM, app->glyphs->line);
	if (b == NULL) {
		return;
	}
	canvas_printf(&app->canvas, a.y, a.x + 2, a.w - 4, INK_DIM, " %s %lld  %s ", _("bill"),
		(long long)b->id, _("f refund   * rate"));
	canvas_printf(
		&app->canvas, a.y + 1, a.x + 1, a.w - 2, INK_DIM, "%s  %s", b->session, b->hash);
	row += draw_rating(app, b, (struct area){a.y + row, a.x + 1, 1, a.w - 2});
	for (size_t i = 0; app->model->bill_of == b->id && i < app->model->lines.count && row < a.h;
		i++) {
		line_text(app, rows_at(&app->model->lines, VIEW_line, i), text, sizeof text);
		canvas_text(&app->canvas, a.y + row++, a.x + 1, a.w - 2, INK_NORMAL, text);
	}
}

static void draw(struct app *app, struct area a)
{
	int below = a.h > 2 * LINES_H ? LINES_H : 0;

	grid_draw(app, &app->canvas, (struct area){a.y, a.x, a.h - below, a.w},
		&app->grids[PAGE_BILLS], &bills);
	if (below > 0) {
		draw_lines(app, (struct area){a.y + a.h - below, a.x, below, a.w});
	}
}

static bool act(struct app *app, enum act act)
{
	const struct view_bill *b = selected(app);
	char subject[24], about[96], total[24];

	if ((act != ACT_FREEZE && act != ACT_RATE) || b == NULL) {
		return false;
	}
	snprintf(subject, sizeof subject, "%lld", (long long)b->id);
	fmt_value(total, sizeof total, UNIT_FEN, b->total_fen, true);
	snprintf(about, sizeof about, "%s %s, %s, %s", _("bill"), subject, b->gun, total);
	task_open(app, act == ACT_RATE ? TASK_RATE : TASK_REFUND, subject, about);
	return true;
}

static void ask(struct app *app)
{
	const struct view_bill *b = selected(app);
	cJSON *params;
	char about[24];

	if (page_due(app, ASK_BILLS, PERIOD_US)) {
		params = cJSON_CreateObject();
		if (params != NULL) {
			cJSON_AddNumberToObject(params, "limit", LIMIT);
		}
		feed_ask(app->feed, ASK_BILLS, METHOD_BILLS, params, NULL);
	}
	if (b != NULL && app->model->bill_of != b->id && app->feed->asked[ASK_BILL].id == 0) {
		params = cJSON_CreateObject();
		if (params != NULL) {
			wire_add_int(params, "bill", b->id);
		}
		snprintf(about, sizeof about, "%lld", (long long)b->id);
		feed_ask(app->feed, ASK_BILL, METHOD_BILL, params, about);
	}
}

const struct page page_bills = {
	.title = N_("Bills"),
	.key = ACT_BILLS,
	.draw = draw,
	.grid = &bills,
	.act = act,
	.ask = ask,
};
