/* Tariffs: today's prices as a band with now marked, what comes next, the versions. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "band.h"
#include "fmt.h"
#include "i18n.h"
#include "money.h"
#include "page.h"
#include "word.h"

#define PERIOD_US  (30 * US_PER_S)
#define TIME_W     13
#define NAME_W     13
#define PRICE_W    12
#define BAND_W_MAX 4
#define BAND_H     5
#define SIDE_W     64 /* a table beside another needs so much */

static const char *period_label(const char *token)
{
	enum period period = PERIOD_FLAT;

	period_find(token, &period);
	return _(period_info(period)->label);
}

static const struct view_price *price_at(const struct app *app, size_t i)
{
	return i < app->model->prices.count ? rows_at(&app->model->prices, VIEW_price, i) : NULL;
}

static bool holds_now(const struct app *app, const struct view_price *p)
{
	return app->now_ms != VALUE_NONE && p->from <= app->now_ms && app->now_ms < p->to;
}

/* "17:00", the end of a day as "24:00". */
static void clock_text(char dst[8], int64_t ms, bool end)
{
	char text[32];

	fmt_wall(text, sizeof text, (struct wall){ms});
	snprintf(dst, 8, "%.5s", strlen(text) < 16 ? "-" : text + 11);
	if (end && strcmp(dst, "00:00") == 0) {
		snprintf(dst, 8, "24:00");
	}
}

static void draw_head(struct app *app, struct area a)
{
	const struct view_tariff *t = &app->model->tariff;
	char from[32];

	fmt_wall(from, sizeof from, (struct wall){t->from});
	canvas_repeat(&app->canvas, a.y, a.x, a.w, INK_HEAD, " ");
	canvas_printf(&app->canvas, a.y, a.x + 1, a.w - 2, INK_HEAD,
		_("Tariff %s, in force from %.10s"), t->id, from);
}

/* What holds now and what comes next, in one line. */
static void draw_now(struct app *app, int y, struct area a)
{
	const struct view_price *p, *next;
	char now[24], then[24], until[8];

	for (size_t i = 0; (p = price_at(app, i)) != NULL; i++) {
		if (!holds_now(app, p)) {
			continue;
		}
		next = price_at(app, i + 1);
		money_price_format(now, sizeof now, p->total_e5);
		clock_text(until, p->to, true);
		if (next != NULL) {
			money_price_format(then, sizeof then, next->total_e5);
			canvas_printf(&app->canvas, y, a.x + 1, a.w - 2, INK_STRONG,
				_("Now %s, %s yuan/kWh, until %s; then %s, %s yuan/kWh"),
				period_label(p->period), now, until, period_label(next->period),
				then);
		} else {
			canvas_printf(&app->canvas, y, a.x + 1, a.w - 2, INK_STRONG,
				_("Now %s, %s yuan/kWh, until %s"), period_label(p->period), now,
				until);
		}
	}
}

/* Returns the rows used. */
static int draw_band(struct app *app, struct area a)
{
	bool plain = app->glyphs->level != GLYPH_FULL;
	char row[BAND_ROW(BAND_W_MAX)];
	struct view_price prices[BAND_SLOTS];
	const struct view_price *p;
	struct band band;
	size_t count = 0;
	int width, now;

	while (count < BAND_SLOTS && (p = price_at(app, count)) != NULL) {
		prices[count++] = *p;
	}
	band_of(prices, count, &band);
	if (band.count == 0) {
		return 0;
	}
	width = (a.w - 2) / band.count;
	width = width < 1 ? 1 : width > BAND_W_MAX ? BAND_W_MAX : width;
	band_names(&band, width, row, sizeof row);
	canvas_text(&app->canvas, a.y, a.x + 1, a.w - 2, INK_NORMAL, row);
	band_levels(&band, width, plain, row, sizeof row);
	canvas_text(&app->canvas, a.y + 1, a.x + 1, a.w - 2, INK_BAR, row);
	now = band_column(&band, width, (struct wall){app->now_ms});
	if (now >= 0) {
		canvas_text(&app->canvas, a.y + 2, a.x + 1 + now, 1, INK_STRONG, app->glyphs->up);
	}
	band_hours(&band, width, row, sizeof row);
	canvas_text(&app->canvas, a.y + 3, a.x + 1, a.w - 2, INK_DIM, row);
	return BAND_H;
}

static void put_price(struct app *app, int y, int x, enum ink ink, int64_t e5)
{
	char text[24];

	money_price_format(text, sizeof text, e5);
	canvas_field(&app->canvas, y, x, PRICE_W, TEXT_RIGHT, ink, text);
}

/* The stretches of today. Returns the rows used. */
static int draw_prices(struct app *app, struct area a)
{
	static const char *const heads[] = {N_("electricity"), N_("service"), N_("in all")};
	const struct view_price *p;
	int x = a.x + 1 + TIME_W + NAME_W, row = 1;

	canvas_text(&app->canvas, a.y, a.x + 1, TIME_W, INK_DIM, _("today"));
	canvas_text(&app->canvas, a.y, a.x + 1 + TIME_W, NAME_W, INK_DIM, _("period"));
	for (int i = 0; i < 3; i++) {
		canvas_field(&app->canvas, a.y, x + i * PRICE_W, PRICE_W, TEXT_RIGHT, INK_DIM,
			_(heads[i]));
	}
	for (size_t i = 0; (p = price_at(app, i)) != NULL && row < a.h; i++, row++) {
		enum ink ink = holds_now(app, p) ? INK_STRONG : INK_NORMAL;
		char from[8], to[8];

		clock_text(from, p->from, false);
		clock_text(to, p->to, true);
		canvas_printf(&app->canvas, a.y + row, a.x, TIME_W, ink, "%s%s-%s",
			holds_now(app, p) ? ">" : " ", from, to);
		canvas_text(&app->canvas, a.y + row, a.x + 1 + TIME_W, NAME_W, ink,
			period_label(p->period));
		put_price(app, a.y + row, x, ink, p->elec_e5);
		put_price(app, a.y + row, x + PRICE_W, ink, p->service_e5);
		put_price(app, a.y + row, x + 2 * PRICE_W, ink, p->total_e5);
	}
	return row + 1;
}

static void draw_versions(struct app *app, struct area a)
{
	size_t count = app->model->tariffs.count;

	canvas_text(&app->canvas, a.y, a.x + 1, 20, INK_DIM, _("version"));
	canvas_text(&app->canvas, a.y, a.x + 22, 14, INK_DIM, _("in force from"));
	canvas_text(&app->canvas, a.y, a.x + 37, 10, INK_DIM, _("state"));
	canvas_text(&app->canvas, a.y, a.x + 48, a.w - 49, INK_DIM, _("by"));
	/* The newest first: they are asked about. */
	for (size_t i = 0; i < count && (int)i + 1 < a.h; i++) {
		const struct view_tariff *t =
			rows_at(&app->model->tariffs, VIEW_tariff, count - 1 - i);
		enum ink ink = strcmp(t->state, "in_force") == 0 ? INK_STRONG : INK_NORMAL;
		int y = a.y + 1 + (int)i;
		char from[32];

		fmt_wall(from, sizeof from, (struct wall){t->from});
		from[10] = '\0';
		canvas_text(&app->canvas, y, a.x + 1, 20, ink, t->id);
		canvas_text(&app->canvas, y, a.x + 22, 14, ink, from);
		canvas_text(&app->canvas, y, a.x + 37, 10, ink, _(tariff_state_label(t->state)));
		canvas_text(&app->canvas, y, a.x + 48, a.w - 49, ink, t->by);
	}
}

static void draw(struct app *app, struct area a)
{
	int used;

	if (app->model->tariff.id[0] == '\0') {
		canvas_text(&app->canvas, a.y, a.x + 1, a.w - 2, INK_DIM,
			_("No tariff is known yet: w allows commands, i takes a file in."));
		return;
	}
	draw_head(app, a);
	draw_now(app, a.y + 1, a);
	used = 3 + draw_band(app, (struct area){a.y + 3, a.x, a.h - 3, a.w});
	a.y += used;
	a.h -= used;
	if (a.w >= 2 * SIDE_W) {
		draw_prices(app, (struct area){a.y, a.x, a.h, a.w / 2});
		draw_versions(app, (struct area){a.y, a.x + a.w / 2, a.h, a.w - a.w / 2});
		return;
	}
	used = draw_prices(app, a);
	if (a.h - used > 1) {
		draw_versions(app, (struct area){a.y + used, a.x, a.h - used, a.w});
	}
}

static bool act(struct app *app, enum act act)
{
	if (act != ACT_IMPORT && act != ACT_PRICE) {
		return false;
	}
	if (app_may(app)) {
		dialog_tariff(app, act == ACT_PRICE);
	}
	return true;
}

static void ask(struct app *app)
{
	if (page_due(app, ASK_TARIFF, PERIOD_US)) {
		feed_ask(app->feed, ASK_TARIFF, METHOD_TARIFF_SHOW, NULL, NULL);
	}
	if (page_due(app, ASK_TARIFFS, PERIOD_US)) {
		feed_ask(app->feed, ASK_TARIFFS, METHOD_TARIFF_LIST, NULL, NULL);
	}
}

const struct page page_tariffs = {
	.title = N_("Tariffs"),
	.key = ACT_TARIFFS,
	.draw = draw,
	.act = act,
	.ask = ask,
};
