#include <stdio.h>
#include <string.h>

#include "i18n.h"
#include "page.h"
#include "state.h"
#include "version.h"

#define COLUMN_W   40
#define COLUMN_MAX 48
#define LEGEND_H   3

/* Draws one group of actions; returns the row behind it. */
static int draw_group(struct app *app, struct area a, int row, enum act_group group)
{
	struct canvas *c = &app->canvas;

	if (row < a.h) {
		canvas_text(c, a.y + row, a.x, a.w, INK_STRONG, _(act_group_title(group)));
	}
	row++;
	for (int i = 0; i < ACT_COUNT_; i++) {
		const struct act_info *info = act_info((enum act)i);
		char keys[24];

		if (info->group != group) {
			continue;
		}
		snprintf(keys, sizeof keys, "%s%s%s", info->key, info->other[0] != '\0' ? " " : "",
			info->other);
		if (row < a.h) {
			canvas_text(c, a.y + row, a.x + 1, 11, INK_KEY, keys);
			canvas_text(c, a.y + row, a.x + 13, a.w - 13, INK_NORMAL, _(info->help));
		}
		row++;
	}
	return row + 1;
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

static void draw(struct app *app, struct area a)
{
	int columns = a.w >= 3 * COLUMN_W ? 3 : a.w >= 2 * COLUMN_W ? 2 : 1;
	int w = a.w / columns > COLUMN_MAX ? COLUMN_MAX : a.w / columns;
	struct area col = {a.y, a.x + 1, a.h - LEGEND_H, w - 1};
	int row = draw_group(app, col, 0, GROUP_MOVE);

	row = draw_group(app, col, row, GROUP_PAGE);
	if (columns >= 2) {
		col.x += w;
		row = 0;
	}
	row = draw_group(app, col, row, GROUP_TABLE);
	row = draw_group(app, col, row, GROUP_COMMAND);
	if (columns >= 3) {
		col.x += w;
		row = 0;
	}
	draw_group(app, col, row, GROUP_PROGRAM);
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
