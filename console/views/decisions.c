/* The log of decisions of load management, for the pages that show it. */
#include <stdio.h>
#include <string.h>

#include "fmt.h"
#include "i18n.h"
#include "panel.h"
#include "why.h"
#include "word.h"

#define CLOCK_W 8  /* 18:01:05 */
#define DAY_W   11 /* 03-01 18:01 */
#define GUN_W   7
#define POWER_W 6
#define LOW     7 /* a log that is lower has one line each */

enum ink panel_rule_ink(const char *rule, int64_t place)
{
	static const char *const bad[] = {"safe", "silent", "disobeys", "hold", "stopped"};

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		if (strcmp(rule, bad[i]) == 0) {
			return INK_WARN;
		}
	}
	return place > 0 && place != VALUE_NONE ? INK_NOTICE : INK_NORMAL;
}

static const struct view_decision *nth(const struct rows *rows, size_t i, bool newest_last)
{
	return rows_at(rows, VIEW_decision, newest_last ? rows->count - 1 - i : i);
}

/* As wide as the widest of those that may be seen. */
static int clock_width(
	const struct app *app, const struct rows *rows, size_t most, bool newest_last)
{
	int width = CLOCK_W;

	for (size_t i = 0; i < rows->count && i < most; i++) {
		char at[32];

		word_clock(app, nth(rows, i, newest_last)->at, at, sizeof at);
		width = strlen(at) > CLOCK_W ? DAY_W : width;
	}
	return width;
}

static int draw_one(struct app *app, struct area a, const struct view_decision *d, int clock_w,
	int rows, bool gun)
{
	enum ink ink = panel_rule_ink(d->rule, d->place);
	struct canvas *c = &app->canvas;
	char text[WHY_MAX], at[32], power[24];
	int x = a.x + clock_w + 1;

	word_clock(app, d->at, at, sizeof at);
	canvas_text(c, a.y, a.x, clock_w, INK_DIM, at);
	if (gun) {
		canvas_text(c, a.y, x, GUN_W - 1, INK_STRONG, d->gun);
		x += GUN_W;
	}
	fmt_value(power, sizeof power, UNIT_W, d->from_w, false);
	canvas_field(c, a.y, x, POWER_W, TEXT_RIGHT, INK_NORMAL, power);
	canvas_text(c, a.y, x + POWER_W + 1, 1, INK_DIM, app->glyphs->to);
	fmt_value(power, sizeof power, UNIT_W, d->to_w, false);
	canvas_field(c, a.y, x + POWER_W + 2, POWER_W, TEXT_RIGHT, INK_STRONG, power);
	x += 2 * POWER_W + 4;
	why_brief(text, sizeof text, d, (struct wall){d->at});
	return panel_text(app, (struct area){a.y, x, a.h, a.x + a.w - x}, rows, ink, text);
}

int panel_decisions(
	struct app *app, struct area a, const struct rows *rows, bool newest_last, bool guns)
{
	int row = 1, clock_w = clock_width(app, rows, a.h > 0 ? (size_t)a.h : 0, newest_last);

	if (a.h < 2) {
		return 0;
	}
	canvas_text(&app->canvas, a.y, a.x, a.w, INK_DIM, _("Last decisions, kW"));
	for (size_t i = 0; i < rows->count && row < a.h; i++) {
		int used = draw_one(app, (struct area){a.y + row, a.x, a.h - row, a.w},
			nth(rows, i, newest_last), clock_w, a.h < LOW ? 1 : 2, guns);

		row += used > 0 ? used : 1;
	}
	if (rows->count == 0) {
		canvas_text(&app->canvas, a.y + row++, a.x, a.w, INK_NORMAL, _("none yet"));
	}
	return row;
}
