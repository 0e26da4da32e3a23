/* The site at a glance and its guns, what needs a person first. */
#include <stdio.h>
#include <string.h>

#include "fmt.h"
#include "gauge.h"
#include "i18n.h"
#include "page.h"
#include "panel.h"
#include "state.h"
#include "word.h"

#define SIDE_MIN_COLS 150
#define SIDE_W        54

static const struct view_gun *gun_row(const void *row)
{
	return row;
}

static void text_id(const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	*ink = word_gun_abnormal(row) ? INK_STRONG : INK_NORMAL;
	snprintf(dst, size, "%s", gun_row(row)->id);
}

static void text_state(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	word_gun_state(row, dst, size, ink);
}

static bool live(const struct view_gun *gun)
{
	return strcmp(gun->state, "charging") == 0 || strcmp(gun->state, "suspended") == 0 ||
	       gun->power_w > 0;
}

static void text_power(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	const struct view_gun *gun = row;

	(void)app;
	(void)ink;
	dst[0] = '\0';
	if (live(gun)) {
		fmt_decimal(dst, size, gun->power_w, 1000, 1);
	}
}

static void text_grant(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	const struct view_gun *gun = row;

	(void)app;
	*ink = INK_DIM;
	dst[0] = '\0';
	if (gun->grant_w != VALUE_NONE && live(gun)) {
		fmt_decimal(dst, size, gun->grant_w, 1000, 1);
	}
}

static void draw_bar(const struct app *app, struct canvas *c, int y, int x, int w, const void *row)
{
	const struct view_gun *gun = row;

	if (live(gun) && gun->max_w > 0) {
		gauge_bar(c, app->glyphs, y, x, w, INK_BAR, gun->power_w, gun->max_w, gun->grant_w);
	}
}

static void text_voltage(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	(void)ink;
	dst[0] = '\0';
	if (live(row)) {
		fmt_decimal(dst, size, gun_row(row)->voltage_mv, 1000, 0);
	}
}

static void text_current(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	int64_t ma = gun_row(row)->current_ma;

	(void)app;
	(void)ink;
	dst[0] = '\0';
	if (live(row)) {
		fmt_decimal(dst, size, ma, 1000, ma >= 99950 ? 0 : 1);
	}
}

static void text_soc(const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	(void)ink;
	dst[0] = '\0';
	if (gun_row(row)->soc_pm != VALUE_NONE) {
		fmt_decimal(dst, size, gun_row(row)->soc_pm, 10, 0);
	}
}

static void text_energy(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	(void)ink;
	dst[0] = '\0';
	if (gun_row(row)->session_wh != VALUE_NONE) {
		fmt_decimal(dst, size, gun_row(row)->session_wh, 1000, 1);
	}
}

static void text_since(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	*ink = word_gun_abnormal(row) ? INK_NORMAL : INK_DIM;
	dst[0] = '\0';
	if (gun_row(row)->since != VALUE_NONE) {
		word_age(dst, size, word_age_of(app, gun_row(row)->since));
	}
}

static void text_remark(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	word_gun_remark(app, row, dst, size, ink);
}

static void text_max(const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	*ink = INK_DIM;
	fmt_decimal(dst, size, gun_row(row)->max_w, 1000, 0);
}

static void text_temp(const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	(void)ink;
	dst[0] = '\0';
	if (gun_row(row)->temp_mc != VALUE_NONE) {
		fmt_decimal(dst, size, gun_row(row)->temp_mc, 1000, 0);
	}
}

static void text_today(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	*ink = INK_DIM;
	fmt_decimal(dst, size, gun_row(row)->today_wh, 1000, 1);
}

static void text_today_count(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	*ink = INK_DIM;
	fmt_decimal(dst, size, gun_row(row)->today_sessions, 1, 0);
}

static const struct grid_column columns[] = {
	{.title = N_("gun"), .width = 6, .field = "id", .text = text_id},
	{.title = N_("state"), .width = 12, .field = "state", .text = text_state},
	{.title = "kW", .width = 5, .align = TEXT_RIGHT, .field = "power_w", .text = text_power},
	{.title = "", .width = 5, .rank = 3, .grow = 11, .draw = draw_bar},
	{.title = N_("grant"),
		.width = 5,
		.rank = 2,
		.align = TEXT_RIGHT,
		.field = "grant_w",
		.text = text_grant},
	{.title = "V",
		.width = 3,
		.rank = 5,
		.align = TEXT_RIGHT,
		.field = "voltage_mv",
		.text = text_voltage},
	{.title = "A",
		.width = 4,
		.rank = 4,
		.align = TEXT_RIGHT,
		.field = "current_ma",
		.text = text_current},
	{.title = "°C",
		.width = 3,
		.rank = 8,
		.align = TEXT_RIGHT,
		.field = "temp_mc",
		.text = text_temp},
	{.title = "SoC%",
		.width = 4,
		.rank = 1,
		.align = TEXT_RIGHT,
		.field = "soc_pm",
		.text = text_soc},
	{.title = "kWh",
		.width = 5,
		.rank = 1,
		.align = TEXT_RIGHT,
		.field = "session_wh",
		.text = text_energy},
	{.title = N_("for"), .width = 6, .align = TEXT_RIGHT, .field = "since", .text = text_since},
	{.title = N_("remark"), .width = 15, .flex = true, .text = text_remark},
	{.title = N_("max kW"),
		.width = 6,
		.rank = 9,
		.align = TEXT_RIGHT,
		.field = "max_w",
		.text = text_max},
	{.title = N_("today kWh"),
		.width = 9,
		.rank = 6,
		.align = TEXT_RIGHT,
		.field = "today_wh",
		.text = text_today},
	{.title = N_("charges"),
		.width = 7,
		.rank = 7,
		.align = TEXT_RIGHT,
		.field = "today_sessions",
		.text = text_today_count},
};

static int by_urgency(const void *a, const void *b)
{
	return word_gun_rank(a) - word_gun_rank(b);
}

static bool faded(const struct app *app, const void *row)
{
	(void)app;
	return gun_row(row)->stale == 1 && strcmp(gun_row(row)->state, "offline") != 0;
}

static size_t count(const struct app *app)
{
	return model_count(app->model, VIEW_gun);
}

static const void *row_at(const struct app *app, size_t i)
{
	return model_at(app->model, VIEW_gun, i);
}

static const struct grid_spec guns = {
	.kind = VIEW_gun,
	.columns = columns,
	.column_count = sizeof columns / sizeof columns[0],
	.empty = N_("The site has no gun."),
	.order = by_urgency,
	.faded = faded,
	.span_from = 2,
	.span_below = 24,
	.count = count,
	.row = row_at,
};

static void draw(struct app *app, struct area a)
{
	bool side = a.w >= SIDE_MIN_COLS;
	int top = panel_site(app, (struct area){a.y, a.x, a.h, a.w});
	struct area table = {a.y + top, a.x, a.h - top, side ? a.w - SIDE_W - 1 : a.w};

	grid_draw(app, &app->canvas, table, &app->grids[PAGE_OVERVIEW], &guns);
	if (side) {
		const struct view_gun *gun = grid_selected(app, &app->grids[PAGE_OVERVIEW], &guns);

		for (int y = table.y; y < table.y + table.h; y++) {
			canvas_repeat(&app->canvas, y, table.w, 1, INK_DIM, app->glyphs->side);
		}
		if (gun != NULL) {
			panel_gun(app,
				(struct area){table.y, a.x + table.w + 2, table.h, SIDE_W - 2},
				gun);
		}
	}
}

static bool act(struct app *app, enum act act)
{
	const struct view_gun *gun;

	if (act != ACT_OPEN) {
		return false;
	}
	gun = grid_selected(app, &app->grids[PAGE_OVERVIEW], &guns);
	if (gun != NULL) {
		page_open_gun(app, gun->id);
	}
	return true;
}

const struct page page_overview = {
	.title = N_("Overview"),
	.key = ACT_OVERVIEW,
	.draw = draw,
	.grid = &guns,
	.act = act,
};
