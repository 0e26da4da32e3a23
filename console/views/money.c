/* Money: the home figures, and the report of a day, a month or a year. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "fmt.h"
#include "gauge.h"
#include "i18n.h"
#include "page.h"
#include "reportwords.h"
#include "word.h"

#define PERIOD_US (30 * US_PER_S)
#define TALL_ROWS 44 /* from here on each span is compared, not only the one of the report */
#define NAME_W    20
#define NUMBER_W  11
#define MORE_W    9
#define BAR_W     30
#define WIDE_COLS 118
#define CHART_MIN 4
#define STARS_W   6
#define STARS_X   20 /* where the line about ratings begins */
#define LOW_E1    25 /* a mean that low wants a look */
#define BESIDE_W  36 /* AC and DC, revenue, on a narrow screen */

/* ---- The span ---- */

enum { SPAN_DAY, SPAN_MONTH, SPAN_YEAR, SPAN_COUNT };

/* The span that is shown, as the agent wants it: "2026-11-21", "2026-11", "2026". */
static void span_text(const struct app *app, char *dst, size_t size)
{
	static const size_t lengths[] = {10, 7, 4};
	time_t t = (time_t)(app->now_ms / MS_PER_S);
	struct tm tm;

	dst[0] = '\0';
	if (app->now_ms == VALUE_NONE || localtime_r(&t, &tm) == NULL) {
		return;
	}
	tm.tm_hour = 12;
	tm.tm_mday = app->span == SPAN_DAY ? tm.tm_mday - app->span_back : 1;
	tm.tm_mon = app->span == SPAN_YEAR ? 0 : tm.tm_mon;
	tm.tm_mon -= app->span == SPAN_MONTH ? app->span_back : 0;
	tm.tm_year -= app->span == SPAN_YEAR ? app->span_back : 0;
	tm.tm_isdst = -1;
	if (mktime(&tm) == -1 || strftime(dst, size, "%Y-%m-%d", &tm) != lengths[SPAN_DAY]) {
		dst[0] = '\0';
		return;
	}
	dst[lengths[app->span]] = '\0';
}

static bool shown_is(const struct app *app, const char *span)
{
	return strcmp(app->model->report_span, span) == 0;
}

/* ---- Home figures ---- */

static const struct {
	const char *span, *against, *label;
	int of; /* the report's span that it is compared with */
} homes[] = {{"today", "", N_("today"), SPAN_DAY},
	{"today", "before", N_("  the day before"), SPAN_DAY},
	{"today", "year", N_("  a year before"), SPAN_DAY},
	{"month", "", N_("this month"), SPAN_MONTH},
	{"month", "before", N_("  the month before"), SPAN_MONTH},
	{"month", "year", N_("  a year before"), SPAN_MONTH},
	{"year", "", N_("this year"), SPAN_YEAR},
	{"year", "before", N_("  the year before"), SPAN_YEAR}, {"total", "", N_("in total"), 0}};

static const struct view_figure *figure(const struct app *app, size_t i)
{
	for (size_t n = 0; n < app->model->figures.count; n++) {
		const struct view_figure *f = rows_at(&app->model->figures, VIEW_figure, n);

		if (strcmp(f->span, homes[i].span) == 0 &&
			strcmp(f->against, homes[i].against) == 0) {
			return f;
		}
	}
	return NULL;
}

/* A number in its column; the next column. */
static int put(struct app *app, int y, int x, int w, enum ink ink, const char *text)
{
	canvas_field(&app->canvas, y, x, w, TEXT_RIGHT, ink, text);
	return x + w;
}

static int put_value(struct app *app, int y, int x, int w, enum unit unit, int64_t value)
{
	char text[32];

	if (unit == UNIT_WH) {
		fmt_decimal(text, sizeof text, value, 1000, 1);
	} else {
		fmt_value(text, sizeof text, unit, value, false);
	}
	return put(app, y, x, w, INK_NORMAL, text);
}

static int put_more(struct app *app, int y, int x, int64_t pm)
{
	char text[32], number[24] = "";

	text[0] = '\0';
	if (pm != VALUE_NONE) {
		fmt_decimal(number, sizeof number, pm, 10, 1);
		snprintf(text, sizeof text, "%s%s%%", pm > 0 ? "+" : "", number);
	}
	return put(app, y, x, MORE_W, INK_DIM, text);
}

static void draw_home_head(struct app *app, struct area a)
{
	static const struct {
		const char *text;
		int w;
	} heads[] = {{N_("accounts"), 9}, {N_("topped up"), NUMBER_W}, {N_("charged"), NUMBER_W},
		{N_("change"), MORE_W}, {"kWh", 11}, {N_("sessions"), 9}};
	int x = a.x + NAME_W;

	canvas_repeat(&app->canvas, a.y, a.x, a.w, INK_HEAD, " ");
	canvas_text(&app->canvas, a.y, a.x + 1, NAME_W - 1, INK_HEAD, _("yuan, kWh"));
	for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
		x = put(app, a.y, x, heads[i].w, INK_HEAD, _(heads[i].text));
	}
	if (a.w >= WIDE_COLS) {
		put(app, a.y, x, NUMBER_W, INK_HEAD, _("duration"));
	}
}

/* Returns the rows used. */
static int draw_home(struct app *app, struct area a)
{
	int row = 1;

	draw_home_head(app, a);
	for (size_t i = 0; i < sizeof homes / sizeof homes[0]; i++) {
		const struct view_figure *f = figure(app, i);
		int y = a.y + row, x = a.x + NAME_W;

		if (homes[i].against[0] != '\0' && a.h < TALL_ROWS && homes[i].of != app->span) {
			continue;
		}
		row++;
		canvas_text(&app->canvas, y, a.x + 1, NAME_W - 1,
			homes[i].against[0] == '\0' ? INK_STRONG : INK_DIM, _(homes[i].label));
		if (f == NULL) {
			canvas_text(&app->canvas, y, x + 8, 2, INK_DIM, "-");
			continue;
		}
		x = put_value(app, y, x, 9, UNIT_NONE, f->accounts);
		x = put_value(app, y, x, NUMBER_W, UNIT_FEN, f->topup_fen);
		x = put_value(app, y, x, NUMBER_W, UNIT_FEN, f->charged_fen);
		x = put_more(app, y, x, f->charged_more_pm);
		x = put_value(app, y, x, 11, UNIT_WH, f->energy_wh);
		x = put_value(app, y, x, 9, UNIT_NONE, f->sessions);
		if (a.w >= WIDE_COLS) {
			put_value(app, y, x, NUMBER_W, UNIT_S, f->duration_s);
		}
	}
	return row;
}

/* ---- The report ---- */

static const struct view_report *report_row(const struct app *app, const char *section, size_t nth)
{
	for (size_t n = 0; n < app->model->report.count; n++) {
		const struct view_report *r = rows_at(&app->model->report, VIEW_report, n);

		if (strcmp(r->section, section) == 0 && nth-- == 0) {
			return r;
		}
	}
	return NULL;
}

static int64_t most_energy(const struct app *app, const char *section)
{
	const struct view_report *r;
	int64_t most = 1;

	for (size_t i = 0; (r = report_row(app, section, i)) != NULL; i++) {
		most = r->energy_wh > most ? r->energy_wh : most;
	}
	return most;
}

static bool low(int64_t stars_e1)
{
	return stars_e1 != VALUE_NONE && stars_e1 <= LOW_E1;
}

/* The mean of a pile's ratings, empty where there is none; the next column. */
static int put_stars(struct app *app, int y, int x, int64_t stars_e1)
{
	char text[32] = "", number[24];

	if (stars_e1 != VALUE_NONE) {
		fmt_value(number, sizeof number, UNIT_STARS, stars_e1, false);
		snprintf(text, sizeof text, "%s%s", low(stars_e1) ? "! " : "", number);
	}
	canvas_field(&app->canvas, y, x, STARS_W, TEXT_RIGHT, low(stars_e1) ? INK_WARN : INK_NORMAL,
		text);
	return x + STARS_W;
}

/* How charges were rated, and the pile that was rated worst. */
static void draw_stars(struct app *app, struct area a)
{
	const struct view_report *all = report_row(app, "rating", 0), *worst = NULL, *r;
	char mean[32], least[32];

	if (all == NULL) {
		return;
	}
	for (size_t i = 0; (r = report_row(app, "pile", i)) != NULL; i++) {
		if (r->stars_e1 != VALUE_NONE && (worst == NULL || r->stars_e1 < worst->stars_e1)) {
			worst = r;
		}
	}
	fmt_value(mean, sizeof mean, UNIT_STARS, all->stars_e1, true);
	if (worst == NULL) {
		canvas_printf(&app->canvas, a.y, a.x, a.w, INK_NORMAL, _("ratings %lld: %s"),
			(long long)all->ratings, mean);
		return;
	}
	fmt_value(least, sizeof least, UNIT_STARS, worst->stars_e1, false);
	canvas_printf(&app->canvas, a.y, a.x, a.w, low(worst->stars_e1) ? INK_WARN : INK_NORMAL,
		_("ratings %lld: %s; lowest %s%s %s"), (long long)all->ratings, mean,
		low(worst->stars_e1) ? "! " : "", worst->item, least);
}

/* What is no energy: "name  yuan" a row. Returns the rows used. */
static int draw_revenue(struct app *app, struct area a)
{
	const struct view_report *r;
	int row = 0;

	for (size_t i = 0; (r = report_row(app, "revenue", i)) != NULL && row < a.h; i++) {
		if (strcmp(r->item, "total") == 0) {
			continue;
		}
		canvas_text(&app->canvas, a.y + row, a.x + 1, 21, INK_NORMAL, report_item_word(r));
		put_value(app, a.y + row++, a.x + 23, NUMBER_W, UNIT_FEN, r->fen);
	}
	return row;
}

static int section_rows(const struct app *app, const char *section)
{
	int n = 0;

	while (report_row(app, section, (size_t)n) != NULL) {
		n++;
	}
	return n;
}

/* "name  kWh  yuan  bar" a row; the last one says how many there was no room for. Returns the rows
 * used. */
static int draw_section(struct app *app, struct area a, const char *section, const char *title)
{
	bool rated = strcmp(section, "pile") == 0 && report_row(app, "rating", 0) != NULL;
	int64_t most = most_energy(app, section);
	int row = 1, count = section_rows(app, section);
	const struct view_report *r;

	canvas_text(&app->canvas, a.y, a.x + 1, a.w - 1, INK_DIM, title);
	if (rated) {
		canvas_field(&app->canvas, a.y, a.x + 13 + 10 + NUMBER_W, STARS_W, TEXT_RIGHT,
			INK_DIM, _("stars"));
	}
	for (size_t i = 0; (r = report_row(app, section, i)) != NULL && row < a.h; i++) {
		int x = a.x + 1, y = a.y + row++, left = count - (int)i;

		if (row == a.h && left > 1) {
			canvas_printf(&app->canvas, y, x, a.w - 2, INK_DIM,
				_("%d more: piled report station"), left);
			break;
		}
		canvas_text(&app->canvas, y, x, 12, INK_NORMAL, report_item_word(r));
		x = put_value(app, y, x + 12, 10, UNIT_WH, r->energy_wh);
		x = put_value(app, y, x, NUMBER_W, UNIT_FEN, r->fen);
		if (rated) {
			x = put_stars(app, y, x, r->stars_e1);
		}
		if (x + 4 < a.x + a.w) {
			int w = a.x + a.w - x - 2;

			gauge_bar(&app->canvas, app->glyphs, y, x + 1, w < BAR_W ? w : BAR_W,
				INK_BAR, r->energy_wh, most, VALUE_NONE);
		}
	}
	return row;
}

static const struct view_report *item_row(
	const struct app *app, const char *section, const char *item)
{
	const struct view_report *r;

	for (size_t i = 0; (r = report_row(app, section, i)) != NULL; i++) {
		if (strcmp(r->item, item) == 0) {
			return r;
		}
	}
	return NULL;
}

/* Revenue, load and saving in two lines. */
static int draw_sums(struct app *app, struct area a)
{
	const struct view_report *total = item_row(app, "revenue", "total"),
				 *refunds = item_row(app, "revenue", "refunds"),
				 *peak = item_row(app, "load", "peak"),
				 *valley = item_row(app, "load", "valley"),
				 *use = item_row(app, "use", "guns"),
				 *saved = item_row(app, "saved", "flat_price"),
				 *carbon = item_row(app, "saved", "carbon");
	char money[32], back[32], high[32], low[32], when[32], when_low[32], share[32], text[32];
	char each[32];

	fmt_value(money, sizeof money, UNIT_FEN, total == NULL ? VALUE_NONE : total->fen, true);
	fmt_value(back, sizeof back, UNIT_FEN, refunds == NULL ? VALUE_NONE : refunds->fen, true);
	fmt_value(share, sizeof share, UNIT_PM, use == NULL ? VALUE_NONE : use->use_pm, true);
	canvas_printf(&app->canvas, a.y, a.x + 1, a.w - 2, INK_STRONG,
		_("Revenue %s (refunds %s)   use of the guns %s"), money, back, share);
	fmt_value(high, sizeof high, UNIT_W, peak == NULL ? VALUE_NONE : peak->power_w, true);
	fmt_value(low, sizeof low, UNIT_W, valley == NULL ? VALUE_NONE : valley->power_w, true);
	word_time(app, peak == NULL ? VALUE_NONE : peak->from, when, sizeof when);
	word_time(app, valley == NULL ? VALUE_NONE : valley->from, when_low, sizeof when_low);
	canvas_printf(&app->canvas, a.y + 1, a.x + 1, a.w - 2, INK_NORMAL,
		_("Load: peak %s at %s, valley %s at %s"), high, when, low, when_low);
	fmt_value(money, sizeof money, UNIT_FEN, saved == NULL ? VALUE_NONE : saved->fen, true);
	fmt_value(
		text, sizeof text, UNIT_MG, carbon == NULL ? VALUE_NONE : carbon->carbon_mg, true);
	if (carbon == NULL) {
		canvas_printf(&app->canvas, a.y + 2, a.x + 1, a.w - 2, INK_NORMAL,
			_("Saved against the flat price %s"), money);
		return 3;
	}
	fmt_decimal(each, sizeof each, carbon->carbon_mg_kwh, 1000, 1);
	if (carbon->source[0] == '\0') {
		canvas_printf(&app->canvas, a.y + 2, a.x + 1, a.w - 2, INK_NORMAL,
			_("Saved against the flat price %s, CO2 %s (%s g a kWh)"), money, text,
			each);
	} else {
		canvas_printf(&app->canvas, a.y + 2, a.x + 1, a.w - 2, INK_NORMAL,
			_("Saved against the flat price %s, CO2 %s (%s g a kWh: %s)"), money, text,
			each, carbon->source);
	}
	return 3;
}

/* Energy over the span as columns, one a slot, with hours, days or months below. */
static void draw_chart(struct app *app, struct area a)
{
	int64_t most = most_energy(app, "slot");
	const struct view_report *r;
	size_t count = 0;
	int w, h = a.h - 2;
	char label[32];

	while (report_row(app, "slot", count) != NULL) {
		count++;
	}
	fmt_value(label, sizeof label, UNIT_WH, most, true);
	canvas_printf(&app->canvas, a.y, a.x + 1, a.w - 2, INK_DIM, _("Energy, most %s"), label);
	w = count == 0 ? 1 : (a.w - 2) / (int)count;
	w = w > 5 ? 5 : w < 1 ? 1 : w;
	for (size_t i = 0; i < count && (r = report_row(app, "slot", i)) != NULL; i++) {
		int x = a.x + 1 + (int)i * w;
		int64_t halves = r->energy_wh <= 0 ? 0 : (r->energy_wh * h * 2 + most - 1) / most;
		time_t t = (time_t)(r->from / MS_PER_S);
		struct tm tm;

		for (int row = 0; row < h && halves > 0; row++, halves -= 2) {
			canvas_repeat(&app->canvas, a.y + h - row, x, w > 1 ? w - 1 : 1, INK_BAR,
				halves > 1 ? app->glyphs->level_full : app->glyphs->level_up);
		}
		if ((w > 2 || i % 5 == 0) && localtime_r(&t, &tm) != NULL &&
			strftime(label, sizeof label, "%H%d%m", &tm) == 6) {
			label[2 * app->span + 2] = '\0';
			canvas_text(&app->canvas, a.y + h + 1, x, 2, INK_DIM,
				label + (size_t)(2 * app->span));
		}
	}
}

static void draw_report(struct app *app, struct area a)
{
	bool wide = a.w >= WIDE_COLS;
	int left = wide ? a.w / 2 : a.w - BESIDE_W, used = 0, right = 0;
	char span[16];

	span_text(app, span, sizeof span);
	canvas_repeat(&app->canvas, a.y, a.x, a.w, INK_HEAD, " ");
	canvas_printf(&app->canvas, a.y, a.x + 1, a.w - 2, INK_HEAD,
		_("%s   %s   v day, month, year   < > earlier, later   d closing"), _("Report"),
		span);
	a.y++;
	a.h--;
	if (!shown_is(app, span)) {
		canvas_text(&app->canvas, a.y, a.x + 1, a.w - 2, INK_DIM,
			_("The figures are on their way."));
		return;
	}
	used = draw_sums(app, a);
	a.y += used;
	a.h -= used;
	used = draw_section(
		app, (struct area){a.y, a.x, a.h, left}, "period", _("by tariff period"));
	if (wide) {
		draw_stars(app, (struct area){a.y, a.x + STARS_X, 1, left - STARS_X - 1});
		used += draw_section(app, (struct area){a.y + used, a.x, a.h - used, left}, "kind",
			_("AC and DC"));
		used += draw_revenue(
			app, (struct area){a.y + used, a.x, a.h - used - CHART_MIN, left});
		right = draw_section(app,
			(struct area){a.y, a.x + left, a.h - CHART_MIN - 2, a.w - left}, "pile",
			_("by pile"));
	} else {
		struct area beside = {a.y - 1, a.x + left, used + 1, a.w - left};

		right = draw_section(app, beside, "kind", "");
		right += draw_revenue(
			app, (struct area){beside.y + right, beside.x, beside.h - right, beside.w});
		right--; /* begins a row higher */
	}
	used = used > right ? used : right;
	if (!wide && a.h > used) {
		draw_stars(app, (struct area){a.y + used, a.x + BESIDE_W, 1, a.w - BESIDE_W - 1});
	}
	if (a.h - used >= CHART_MIN) {
		draw_chart(app, (struct area){a.y + used, a.x, a.h - used, a.w});
	}
}

static void draw(struct app *app, struct area a)
{
	int used = draw_home(app, a);

	draw_report(app, (struct area){a.y + used, a.x, a.h - used, a.w});
}

/* ---- Keys and questions ---- */

static void move(struct app *app, int span, int back)
{
	app->span = span;
	app->span_back = back < 0 ? 0 : back;
	app->at->next_ask[ASK_REPORT] = app->now;
}

static bool act(struct app *app, enum act act)
{
	char span[16];

	switch (act) {
	case ACT_CLOSING:
		span_text(app, span, sizeof span);
		dialog_closing(app, span);
		return true;
	case ACT_SPAN:
		move(app, (app->span + 1) % SPAN_COUNT, 0);
		return true;
	case ACT_EARLIER:
		move(app, app->span, app->span_back + 1);
		return true;
	case ACT_LATER:
		move(app, app->span, app->span_back - 1);
		return true;
	default:
		return false;
	}
}

static void ask(struct app *app)
{
	char span[16];
	cJSON *params;

	if (page_due(app, ASK_HOME, PERIOD_US)) {
		feed_ask(app->feed, ASK_HOME, METHOD_REPORT_HOME, NULL, NULL);
	}
	span_text(app, span, sizeof span);
	if (span[0] != '\0' && page_due(app, ASK_REPORT, PERIOD_US)) {
		params = cJSON_CreateObject();
		if (params != NULL) {
			cJSON_AddStringToObject(params, "span", span);
		}
		if (feed_ask(app->feed, ASK_REPORT, METHOD_REPORT_STATION, params, span) != 0) {
			app->at->next_ask[ASK_REPORT] = mono_add_us(app->now, US_PER_S / 5);
		}
	}
}

const struct page page_money = {
	.title = N_("Money"),
	.key = ACT_MONEY,
	.draw = draw,
	.act = act,
	.ask = ask,
};
