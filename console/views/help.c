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

/* Draws one group of actions; returns the row behind it. From the row `wrap` on it goes on in the
 * next column. */
static int draw_group(struct app *app, struct area a, int row, int wrap, enum act_group group)
{
	for (int i = -1; i < ACT_COUNT_; i++) {
		struct area line = {a.y + row % wrap, a.x + row / wrap * a.w, 1, a.w - 1};

		if (i >= 0 &&
			(act_info((enum act)i)->group != group || !listed(app, (enum act)i))) {
			continue;
		}
		if (row % wrap >= a.h) {
			row++;
			continue;
		}
		if (i < 0) {
			canvas_text(&app->canvas, line.y, line.x, line.w, INK_STRONG,
				_(act_group_title(group)));
		} else {
			draw_act(app, line, (enum act)i);
		}
		row++;
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

static void draw(struct app *app, struct area a)
{
	int columns = a.w >= 3 * COLUMN_W ? 3 : a.w >= 2 * COLUMN_W ? 2 : 1;
	int w = a.w / columns > COLUMN_MAX ? COLUMN_MAX : a.w / columns;
	struct area col = {a.y, a.x + 1, a.h - LEGEND_H, w};
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
	memset(need, 0, sizeof need);
	for (int g = 0, row = 0; g < GROUP_COUNT_; g++) {
		int c = column_of(columns, (enum act_group)g);
		struct area at = {col.y, col.x + c * w, col.h, w};

		if (fits) {
			need[c] = draw_group(app, at, need[c], INT16_MAX, (enum act_group)g) + 1;
		} else {
			row = draw_group(
				app, col, row, (all + columns - 1) / columns, (enum act_group)g);
		}
	}
	draw_legend(app, (struct area){a.y + a.h - LEGEND_H, a.x + 1, LEGEND_H - 1, a.w - 2});
	canvas_printf(&app->canvas, a.y + a.h - 1, a.x + 1, a.w - 2, INK_DIM,
		"piletop %s   %s %s   man piletop", PILED_VERSION, _("agent"),
		app->model->hello.agent);
}

const struct page page_help = {
	.title = N_("Help"),
	.key = ACT_HELP,
	.draw = draw,
};
