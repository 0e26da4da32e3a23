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
	if (gun->grant_w != VALUE_NONE && (live(gun) || gun->grant_w > 0)) {
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
	{N_("gun"), 6, 0, TEXT_LEFT, false, "id", text_id, NULL},
	{N_("state"), 11, 0, TEXT_LEFT, false, "state", text_state, NULL},
	{"kW", 5, 0, TEXT_RIGHT, false, "power_w", text_power, NULL},
	{"", 6, 3, TEXT_LEFT, false, NULL, NULL, draw_bar},
	{N_("grant"), 5, 2, TEXT_RIGHT, false, "grant_w", text_grant, NULL},
	{N_("max"), 4, 9, TEXT_RIGHT, false, "max_w", text_max, NULL},
	{"V", 3, 5, TEXT_RIGHT, false, "voltage_mv", text_voltage, NULL},
	{"A", 4, 4, TEXT_RIGHT, false, "current_ma", text_current, NULL},
	{"°C", 3, 8, TEXT_RIGHT, false, "temp_mc", text_temp, NULL},
	{"SoC%", 4, 1, TEXT_RIGHT, false, "soc_pm", text_soc, NULL},
	{"kWh", 5, 1, TEXT_RIGHT, false, "session_wh", text_energy, NULL},
	{N_("since"), 6, 0, TEXT_RIGHT, false, "since", text_since, NULL},
	{N_("today kWh"), 9, 6, TEXT_RIGHT, false, "today_wh", text_today, NULL},
	{N_("charges"), 7, 7, TEXT_RIGHT, false, "today_sessions", text_today_count, NULL},
	{N_("remark"), 14, 0, TEXT_LEFT, true, NULL, text_remark, NULL},
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
	return model_count(&app->model, VIEW_gun);
}

static const void *row_at(const struct app *app, size_t i)
{
	return model_at(&app->model, VIEW_gun, i);
}

static const struct grid_spec guns = {
	.kind = VIEW_gun,
	.columns = columns,
	.column_count = sizeof columns / sizeof columns[0],
	.empty = N_("The site has no gun."),
	.order = by_urgency,
	.faded = faded,
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
