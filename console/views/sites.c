/* All sites, a line each, the abnormal first, and their totals. */
#include <stdio.h>
#include <string.h>

#include "fmt.h"
#include "i18n.h"
#include "page.h"
#include "word.h"

#define TOTALS_H 2
#define CHOSEN_X 36 /* behind the sums of today */

static const struct view_site *site_of(const void *row)
{
	return model_site(&((const struct station *)row)->model);
}

static bool reached(const struct station *s)
{
	return s->feed.state == FEED_UP;
}

/* How urgent: 0 is the worst. */
static int rank(const struct station *s)
{
	const struct view_alarm *alarm = station_alarm(s);

	if (!reached(s)) {
		return s->feed.state == FEED_DOWN ? 1 : 2;
	}
	return alarm == NULL ? 9 : alarm->severity <= 0 ? 0 : 2 + (int)(alarm->severity & 3);
}

static int by_urgency(const void *a, const void *b)
{
	return rank(a) - rank(b);
}

static int by_number(int64_t x, int64_t y)
{
	return x < y ? -1 : x > y;
}

#define BY(field)                                                       \
	static int by_##field(const void *a, const void *b)             \
	{                                                               \
		return by_number(site_of(a)->field, site_of(b)->field); \
	}
BY(load_pm)
BY(guns_charging)
BY(guns_idle)
BY(guns_fault)
BY(guns_offline)
BY(guns_w)
BY(today_wh)
#undef BY

static int by_money(const void *a, const void *b)
{
	return by_number(station_money(a), station_money(b));
}

static int by_name(const void *a, const void *b)
{
	return grid_compare_names(station_name(a), station_name(b));
}

static int by_group(const void *a, const void *b)
{
	return strcmp(
		((const struct station *)a)->cfg.group, ((const struct station *)b)->cfg.group);
}

static int by_link(const void *a, const void *b)
{
	return by_number(
		((const struct station *)a)->feed.state, ((const struct station *)b)->feed.state);
}

static void text_mark(const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	*ink = INK_KEY;
	snprintf(dst, size, "%s", ((const struct station *)row)->chosen ? "*" : "");
}

static void text_name(const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	*ink = INK_STRONG;
	snprintf(dst, size, "%s", station_name(row));
}

static void text_group(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	const struct station *s = row;

	(void)app;
	*ink = INK_DIM;
	snprintf(dst, size, "%s%s%s", s->cfg.group,
		s->cfg.production && s->cfg.group[0] != '\0' ? " " : "",
		s->cfg.production ? _("production") : "");
}

static void text_link(const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	const struct station *s = row;
	char age[16];

	word_age(age, sizeof age,
		app->cfg.fixed_ms != VALUE_NONE
			? 0
			: mono_diff_us(app->now, s->feed.heard) / US_PER_MS);
	if (s->feed.state == FEED_DOWN) {
		*ink = INK_ALARM;
		snprintf(dst, size, "x %s", _("no link"));
	} else if (!reached(s)) {
		*ink = INK_NOTICE;
		snprintf(dst, size, "?");
	} else if (feed_silent(&s->feed, app->now)) {
		*ink = INK_WARN;
		snprintf(dst, size, "~ %s", age);
	} else {
		snprintf(dst, size, "- %s", age);
	}
}

static void text_load(const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	const struct view_site *site = site_of(row);

	(void)app;
	(void)ink;
	dst[0] = '\0';
	if (site->load_pm != VALUE_NONE) {
		fmt_decimal(dst, size, site->load_pm, 10, 0);
		if (site->limit_va != VALUE_NONE && site->load_va > site->limit_va) {
			*ink = INK_ALARM;
		}
	}
}

static void count_text(int64_t n, enum ink abnormal, char *dst, size_t size, enum ink *ink)
{
	dst[0] = '\0';
	if (n != VALUE_NONE) {
		*ink = n > 0 ? abnormal : INK_DIM;
		snprintf(dst, size, "%lld", (long long)n);
	}
}

#define COUNT(field, abnormal)                                                                 \
	static void text_##field(                                                              \
		const struct app *app, const void *row, char *dst, size_t size, enum ink *ink) \
	{                                                                                      \
		(void)app;                                                                     \
		count_text(site_of(row)->field, abnormal, dst, size, ink);                     \
	}
COUNT(guns_charging, INK_NORMAL)
COUNT(guns_plugged, INK_NORMAL)
COUNT(guns_idle, INK_NORMAL)
COUNT(guns_fault, INK_ALARM)
COUNT(guns_offline, INK_ALARM)
#undef COUNT

static void text_power(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	(void)ink;
	dst[0] = '\0';
	if (site_of(row)->guns_w != VALUE_NONE) {
		fmt_decimal(dst, size, site_of(row)->guns_w, 1000, 1);
	}
}

static void text_today(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	(void)ink;
	dst[0] = '\0';
	if (site_of(row)->today_wh != VALUE_NONE) {
		fmt_decimal(dst, size, site_of(row)->today_wh, 1000, 1);
	}
}

static void text_money(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	(void)ink;
	dst[0] = '\0';
	if (station_money(row) != VALUE_NONE) {
		fmt_value(dst, size, UNIT_FEN, station_money(row), false);
	}
}

/* What became of a command first, then why there is no link, then the worst alarm. */
static void text_remark(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	const struct station *s = row;
	const struct view_alarm *alarm = station_alarm(s);
	char buf[48];

	(void)app;
	dst[0] = '\0';
	if (errand_line(s, dst, size, ink) || order_brief(s, dst, size, ink)) {
		return;
	}
	if (!reached(s)) {
		*ink = s->feed.state == FEED_DOWN ? INK_ALARM : INK_NOTICE;
		snprintf(dst, size, "%s%s%s",
			s->feed.state == FEED_DOWN ? _(s->feed.trouble)
			: s->feed.stage[0] != '\0' ? _(s->feed.stage)
						   : _("connecting"),
			s->feed.state == FEED_DOWN && s->feed.detail[0] != '\0' ? ": " : "",
			s->feed.state == FEED_DOWN ? s->feed.detail : "");
	} else if (alarm != NULL) {
		*ink = word_severity_ink(alarm->severity);
		snprintf(dst, size, "! %s %s", alarm->target,
			word_fault(alarm->code, buf, sizeof buf));
	}
}

static const struct grid_column columns[] = {
	{.title = "", .width = 1, .text = text_mark},
	{.title = N_("site"), .width = 14, .grow = 8, .text = text_name, .compare = by_name},
	{.title = N_("link"), .width = 9, .text = text_link, .compare = by_link},
	{.title = N_("load %"),
		.width = 6,
		.align = TEXT_RIGHT,
		.text = text_load,
		.compare = by_load_pm},
	{.title = ">",
		.width = 3,
		.align = TEXT_RIGHT,
		.text = text_guns_charging,
		.compare = by_guns_charging},
	{.title = "o", .width = 3, .rank = 1, .align = TEXT_RIGHT, .text = text_guns_plugged},
	{.title = "-",
		.width = 3,
		.rank = 1,
		.align = TEXT_RIGHT,
		.text = text_guns_idle,
		.compare = by_guns_idle},
	{.title = "!",
		.width = 3,
		.align = TEXT_RIGHT,
		.text = text_guns_fault,
		.compare = by_guns_fault},
	{.title = "x",
		.width = 3,
		.align = TEXT_RIGHT,
		.text = text_guns_offline,
		.compare = by_guns_offline},
	{.title = "kW", .width = 7, .align = TEXT_RIGHT, .text = text_power, .compare = by_guns_w},
	{.title = N_("today kWh"),
		.width = 9,
		.rank = 1,
		.align = TEXT_RIGHT,
		.text = text_today,
		.compare = by_today_wh},
	{.title = N_("yuan"),
		.width = 8,
		.align = TEXT_RIGHT,
		.text = text_money,
		.compare = by_money},
	{.title = N_("group"),
		.width = 12,
		.rank = 2,
		.grow = 6,
		.text = text_group,
		.compare = by_group},
	{.title = N_("alarm"), .width = 16, .flex = true, .text = text_remark},
};

static size_t count(const struct app *app)
{
	return app->station_count;
}

static const void *row_at(const struct app *app, size_t i)
{
	return &app->stations[i];
}

static const char *key(const void *row)
{
	return ((const struct station *)row)->cfg.name;
}

static bool faded(const struct app *app, const void *row)
{
	const struct station *s = row;

	return !reached(s) || feed_silent(&s->feed, app->now);
}

static const struct grid_spec sites = {
	.key = key,
	.columns = columns,
	.column_count = sizeof columns / sizeof columns[0],
	.empty = N_("No site."),
	.order = by_urgency,
	.faded = faded,
	.count = count,
	.row = row_at,
};

static void add_up(int64_t *sum, int64_t value)
{
	if (value != VALUE_NONE) {
		*sum += value;
	}
}

/* Sums of what the sites last said, and how many of them say it now. */
static void draw_totals(struct app *app, struct area a)
{
	int64_t charging = 0, guns = 0, fault = 0, offline = 0, power = 0, today = 0, fen = 0;
	size_t linked = 0, chosen = 0;
	char kw[24], kwh[24], money[32];

	for (size_t i = 0; i < app->station_count; i++) {
		const struct station *s = &app->stations[i];
		const struct view_site *site = model_site(&s->model);

		linked += reached(s);
		chosen += s->chosen;
		add_up(&charging, site->guns_charging);
		add_up(&guns, site->guns_total);
		add_up(&fault, site->guns_fault);
		add_up(&offline, site->guns_offline);
		add_up(&power, reached(s) ? site->guns_w : VALUE_NONE);
		add_up(&today, site->today_wh);
		add_up(&fen, station_money(s));
	}
	fmt_value(kw, sizeof kw, UNIT_W, power, true);
	fmt_decimal(kwh, sizeof kwh, today, 1000, 1);
	fmt_value(money, sizeof money, UNIT_FEN, fen, true);
	canvas_printf(&app->canvas, a.y, a.x + 1, a.w - 2, INK_NORMAL,
		_("%zu sites, %zu linked   %lld guns   > %lld   ! %lld   x %lld   %s"),
		app->station_count, linked, (long long)guns, (long long)charging, (long long)fault,
		(long long)offline, kw);
	canvas_printf(&app->canvas, a.y + 1, a.x + 1, CHOSEN_X - 1, INK_NORMAL,
		_("today %s kWh, %s"), kwh, money);
	if (chosen > 0) {
		canvas_printf(&app->canvas, a.y + 1, a.x + CHOSEN_X, a.w - CHOSEN_X - 1, INK_KEY,
			_("%zu sites are chosen for the next command"), chosen);
	}
}

static void draw(struct app *app, struct area a)
{
	draw_totals(app, a);
	grid_draw(app, &app->canvas, (struct area){a.y + TOTALS_H, a.x, a.h - TOTALS_H, a.w},
		&app->grids[PAGE_SITES], &sites);
}

struct station *page_station(struct app *app)
{
	/* The rows are the application's own. */
	return app->page == PAGE_SITES
		       ? (struct station *)grid_selected(app, &app->grids[PAGE_SITES], &sites)
		       : app->at;
}

static bool act(struct app *app, enum act act)
{
	struct station *s = page_station(app);

	if (s == NULL) {
		return false;
	}
	switch (act) {
	case ACT_OPEN:
		app_show(app, s);
		app_go(app, PAGE_OVERVIEW);
		return true;
	case ACT_MARK:
		s->chosen = !s->chosen;
		grid_act(app, &app->grids[PAGE_SITES], &sites, ACT_DOWN);
		return true;
	case ACT_CONNECT:
		feed_retry(&s->feed);
		return true;
	default:
		return false;
	}
}

static void ask(struct app *app)
{
	for (size_t i = 0; i < app->station_count; i++) {
		station_ask_money(&app->stations[i], app->now);
	}
}

const struct page page_sites = {
	.title = N_("Sites"),
	.key = ACT_SITES,
	.draw = draw,
	.grid = &sites,
	.act = act,
	.ask = ask,
};
