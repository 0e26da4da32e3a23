#include <stdio.h>
#include <string.h>

#include "i18n.h"
#include "page.h"
#include "panel.h"
#include "state.h"
#include "version.h"

#define COLUMN_W 40

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
			canvas_text(c, a.y + row, a.x + 13, a.w - 14, INK_NORMAL, _(info->help));
		}
		row++;
	}
	return row + 1;
}

static int draw_legend(struct app *app, struct area a, int row)
{
	struct canvas *c = &app->canvas;

	if (row < a.h) {
		canvas_text(c, a.y + row, a.x, a.w, INK_STRONG, _("States"));
	}
	row++;
	for (int i = 0; i < GUN_COUNT_; i++) {
		const struct state_info *info = state_info((enum gun_state)i);

		if (row < a.h) {
			canvas_text(c, a.y + row, a.x + 1, 2, INK_KEY, info->glyph);
			canvas_text(c, a.y + row, a.x + 4, a.w - 5, INK_NORMAL, _(info->label));
		}
		row++;
	}
	if (row < a.h) {
		canvas_text(c, a.y + row, a.x + 1, 2, INK_KEY, "#");
		canvas_text(c, a.y + row, a.x + 4, a.w - 5, INK_NORMAL, _("out of use"));
	}
	return row + 2;
}

static void draw(struct app *app, struct area a)
{
	int columns = a.w / COLUMN_W < 1 ? 1 : a.w / COLUMN_W > 3 ? 3 : a.w / COLUMN_W;
	struct area col = {a.y, a.x + 1, a.h, a.w / columns - 1};
	int row;

	col.h -= 1;
	row = draw_group(app, col, 0, GROUP_MOVE);
	row = draw_group(app, col, row, GROUP_PAGE);
	if (columns >= 2) {
		col.x += a.w / columns;
		row = 0;
	}
	row = draw_group(app, col, row, GROUP_TABLE);
	row = draw_group(app, col, row, GROUP_COMMAND);
	row = draw_group(app, col, row, GROUP_PROGRAM);
	if (columns >= 3) {
		col.x += a.w / columns;
		row = 0;
	}
	draw_legend(app, col, row);
	canvas_printf(&app->canvas, a.y + a.h - 1, a.x + 1, a.w - 2, INK_DIM,
		"piletop %s   %s %s   piletop(1)", PILED_VERSION, _("agent"),
		app->model.hello.agent);
}

const struct page page_help = {
	.title = N_("Help"),
	.key = ACT_HELP,
	.draw = draw,
};
