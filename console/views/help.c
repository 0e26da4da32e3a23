/* Keys, and the legend of glyphs, from the table of actions. */
#include <stdio.h>
#include <string.h>

#include "i18n.h"
#include "page.h"
#include "state.h"
#include "version.h"

#define COLUMN_W   40
#define COLUMN_MAX 48
#define LEGEND_H   3

/* Keys that mean nothing with one site are not listed there. */
static bool listed(const struct app *app, enum act act)
{
	return app_many(app) || (act != ACT_SITES && act != ACT_TROUBLES && act != ACT_MARK);
}

static void draw_act(struct app *app, struct area a, enum act act)
{
	const struct act_info *info = act_info(act);
	char keys[24];

	snprintf(keys, sizeof keys, "%s%s%s", info->key, info->other[0] != '\0' ? " " : "",
		info->other);
	canvas_text(&app->canvas, a.y, a.x + 1, 11, INK_KEY, keys);
	canvas_text(&app->canvas, a.y, a.x + 13, a.w - 13, INK_NORMAL, _(info->help));
}

/* The rows of a group with its title. */
static int group_rows(const struct app *app, enum act_group group)
{
	int rows = 1;

	for (int i = 0; i < ACT_COUNT_; i++) {
		rows += act_info((enum act)i)->group == group && listed(app, (enum act)i);
	}
	return rows;
}

/* Where the rows of the groups go: each column takes `wrap` of them, at least one; the first `skip`
 * are above the screen. */
struct flow {
	struct area column;
	int columns, wrap, skip;
};

/* Draws one group of actions from a row on; returns the row behind it. */
static int draw_group(struct app *app, const struct flow *f, int row, enum act_group group)
{
	for (int i = -1; i < ACT_COUNT_; i++) {
		int at = row - f->skip;
		struct area line = {f->column.y + at % f->wrap,
			f->column.x + at / f->wrap * f->column.w, 1, f->column.w - 1};

		if (i >= 0 &&
			(act_info((enum act)i)->group != group || !listed(app, (enum act)i))) {
			continue;
		}
		row++;
		if (at < 0 || at >= f->columns * f->wrap) {
			continue;
		}
		if (i < 0) {
			canvas_text(&app->canvas, line.y, line.x, line.w, INK_STRONG,
				_(act_group_title(group)));
		} else {
			draw_act(app, line, (enum act)i);
		}
	}
	return row;
}

/* One glyph with its word; begins a new row where it does not fit any more. */
static void draw_state(
	struct app *app, struct area a, int *row, int *x, const char *glyph, const char *label)
{
	int need = 2 + text_width(label);

	if (*x + need > a.w) {
		*x = 0;
		*row += 1;
	}
	if (*row < a.h) {
		canvas_text(&app->canvas, a.y + *row, a.x + *x, 1, INK_KEY, glyph);
		canvas_text(&app->canvas, a.y + *row, a.x + *x + 2, need, INK_DIM, label);
	}
	*x += need + 3;
}

static void draw_legend(struct app *app, struct area a)
{
	int row = 0, x = 0;

	for (int i = 0; i < GUN_COUNT_; i++) {
		const struct state_info *info = state_info((enum gun_state)i);

		draw_state(app, a, &row, &x, info->glyph, _(info->label));
	}
	draw_state(app, a, &row, &x, "#", _("out of use"));
}

/* Which column each group stands in, by the number of columns. */
static int column_of(int columns, enum act_group group)
{
	static const int places[][GROUP_COUNT_] = {{0}, {0, 0, 1, 1, 1}, {0, 0, 1, 1, 2}};

	return places[columns - 1][group];
}

/* Each group in its column. */
static void draw_columns(struct app *app, struct area col, int columns)
{
	int row[3] = {0};

	for (int g = 0; g < GROUP_COUNT_; g++) {
		int c = column_of(columns, (enum act_group)g);
		struct flow f = {{col.y, col.x + c * col.w, col.h, col.w}, 1, col.h, 0};

		row[c] = draw_group(app, &f, row[c], (enum act_group)g) + 1;
	}
}

/* One group after the other through all columns, and on below the screen. */
static void draw_flow(struct app *app, struct area col, int columns, int all)
{
	int even = (all + columns - 1) / columns, beyond = all - columns * col.h, row = 0;
	struct flow f = {col, columns, even < col.h ? even : col.h, 0};

	app->scroll = beyond <= 0 || app->scroll < 0 ? 0
		      : app->scroll > beyond         ? beyond
						     : app->scroll;
	f.skip = app->scroll;
	for (int g = 0; g < GROUP_COUNT_; g++) {
		row = draw_group(app, &f, row, (enum act_group)g);
	}
}

/* That there is more than what the screen holds, in so many rows. */
static void draw_more(struct app *app, struct area a, int beyond)
{
	char text[64];
	int width;

	if (beyond <= 0) {
		return;
	}
	snprintf(text, sizeof text, _("%d above, %d below: Up, Down"), app->scroll,
		beyond - app->scroll);
	width = text_width(text);
	canvas_text(&app->canvas, a.y + a.h - 1, a.x + a.w - 1 - width, width, INK_NOTICE, text);
}

static void draw(struct app *app, struct area a)
{
	int columns = a.w >= 3 * COLUMN_W ? 3 : a.w >= 2 * COLUMN_W ? 2 : 1;
	int w = a.w / columns > COLUMN_MAX ? COLUMN_MAX : a.w / columns;
	/* The keys matter more than the legend where there is no room for both. */
	int legend = a.h > LEGEND_H ? LEGEND_H : 0;
	struct area col = {a.y, a.x + 1, a.h - legend, w};
	int need[3] = {0}, all = 0;
	bool fits = true;

	for (int g = 0; g < GROUP_COUNT_; g++) {
		int rows = group_rows(app, (enum act_group)g);

		need[column_of(columns, (enum act_group)g)] += rows + 1;
		all += rows;
	}
	for (int i = 0; i < columns; i++) {
		fits = fits && need[i] - 1 <= col.h;
	}
	if (fits) {
		draw_columns(app, col, columns);
		app->scroll = 0;
	} else {
		draw_flow(app, col, columns, all);
	}
	if (legend > 0) {
		draw_legend(app, (struct area){a.y + col.h, a.x + 1, legend - 1, a.w - 2});
		canvas_printf(&app->canvas, a.y + a.h - 1, a.x + 1, a.w - 2, INK_DIM,
			"piletop %s   %s %s   man piletop", PILED_VERSION, _("agent"),
			app->model->hello.agent);
	}
	draw_more(app, a, fits ? 0 : all - columns * col.h);
}

const struct page page_help = {
	.title = N_("Help"),
	.key = ACT_HELP,
	.draw = draw,
	.act = page_scroll,
};
