#include "panel.h"

#include <stdio.h>
#include <string.h>

#include "fault.h"
#include "fmt.h"
#include "gauge.h"
#include "i18n.h"
#include "state.h"
#include "word.h"

#define LEFT_W       44
#define CURVE_SHORT  4
#define CURVE_TALL   8
#define LOAD_ALARM   1000
#define LOAD_WARNING 800

static int64_t per_mille(int64_t value, int64_t of)
{
	return value == VALUE_NONE || of == VALUE_NONE || of <= 0 ? VALUE_NONE : value * 1000 / of;
}

static enum ink load_ink(int64_t pm, int64_t limit_pm)
{
	if (pm == VALUE_NONE) {
		return INK_WARN;
	}
	if (pm > (limit_pm == VALUE_NONE ? LOAD_ALARM : limit_pm)) {
		return INK_ALARM;
	}
	return pm > LOAD_WARNING ? INK_WARN : INK_STRONG;
}

static void percent(char *dst, size_t size, int64_t pm)
{
	size_t n;

	fmt_decimal(dst, size, pm, 10, 0);
	n = strlen(dst);
	if (pm != VALUE_NONE && n + 3 < size) {
		memcpy(dst + n, " %", 3);
	}
}

static void draw_transformer(struct app *app, struct area a, int64_t limit_pm)
{
	const struct view_site *s = model_site(&app->model);
	struct canvas *c = &app->canvas;
	char load[16], va[24], rated[24], limit[24], guns[24], other[24], l1[16], l2[16], l3[16];
	enum ink ink = load_ink(s->load_pm, limit_pm);
	int bar_w = a.w - 10;

	fmt_value(rated, sizeof rated, UNIT_VA, s->rated_va, true);
	fmt_value(limit, sizeof limit, UNIT_VA, s->limit_va, true);
	fmt_value(va, sizeof va, UNIT_VA, s->load_va, true);
	fmt_value(guns, sizeof guns, UNIT_W, s->guns_w, true);
	fmt_value(other, sizeof other, UNIT_W,
		s->load_w == VALUE_NONE || s->guns_w == VALUE_NONE ? VALUE_NONE
								   : s->load_w - s->guns_w,
		true);
	percent(load, sizeof load, s->load_pm);
	percent(l1, sizeof l1, s->load_l1_pm);
	percent(l2, sizeof l2, s->load_l2_pm);
	percent(l3, sizeof l3, s->load_l3_pm);
	canvas_printf(c, a.y, a.x, a.w, INK_NORMAL, "%s %s   %s %s", _("Transformer"), rated,
		_("limit"), limit);
	canvas_field(c, a.y + 1, a.x, 6, TEXT_RIGHT, ink, load);
	gauge_bar(c, app->glyphs, a.y + 1, a.x + 7, bar_w, ink == INK_STRONG ? INK_BAR : ink,
		s->load_pm, 1000, limit_pm);
	if (ink == INK_ALARM || ink == INK_WARN) {
		canvas_text(c, a.y + 1, a.x + 8 + bar_w, 1, ink, "!");
	}
	canvas_printf(c, a.y + 2, a.x, a.w, INK_NORMAL, "%s   L1 %s  L2 %s  L3 %s", va, l1, l2, l3);
	if (strcmp(s->meter_state, "ok") != 0 && s->meter_state[0] != '\0') {
		canvas_printf(
			c, a.y + 3, a.x, a.w, INK_ALARM, "! %s: %s", _("meter"), s->meter_state);
	} else {
		canvas_printf(c, a.y + 3, a.x, a.w, INK_NORMAL, "%s %s   %s %s", _("guns"), guns,
			_("other"), other);
	}
}

/* One count; zero of something abnormal is not worth a colour. */
static int draw_count(struct app *app, int y, int x, const char *glyph, int64_t n,
	const char *label, enum ink alarm)
{
	struct canvas *c = &app->canvas;
	char number[16];

	fmt_decimal(number, sizeof number, n, 1, 0);
	return x +
	       canvas_printf(c, y, x, c->cols - x, n > 0 ? alarm : INK_DIM, "%s%s%s %s", glyph,
		       *glyph == '\0' ? "" : " ", number, label) +
	       3;
}

static void draw_counts(struct app *app, int y)
{
	const struct view_site *s = model_site(&app->model);
	int x = 1;

	x = draw_count(app, y, x, "", s->guns_total, _("guns"), INK_STRONG);
	x = draw_count(app, y, x, state_info(GUN_CHARGING)->glyph, s->guns_charging, _("charging"),
		INK_NORMAL);
	x = draw_count(app, y, x, state_info(GUN_IDLE)->glyph, s->guns_idle, _("idle"), INK_NORMAL);
	x = draw_count(app, y, x, state_info(GUN_PLUGGED)->glyph, s->guns_plugged, _("plugged"),
		INK_NORMAL);
	x = draw_count(
		app, y, x, state_info(GUN_FAULT)->glyph, s->guns_fault, _("fault"), INK_ALARM);
	draw_count(
		app, y, x, state_info(GUN_OFFLINE)->glyph, s->guns_offline, _("offline"), INK_WARN);
}

static void draw_today(struct app *app, int y)
{
	const struct view_site *s = model_site(&app->model);
	struct canvas *c = &app->canvas;
	char energy[24], time[24];
	int x = 1;

	fmt_decimal(energy, sizeof energy, s->today_wh, 1000, 1);
	fmt_value(time, sizeof time, UNIT_S, s->today_s, true);
	x += canvas_printf(c, y, x, c->cols - x, INK_NORMAL,
		_("Today  %s kWh   %lld sessions   %s h"), energy,
		(long long)(s->today_sessions == VALUE_NONE ? 0 : s->today_sessions), time);
	if (s->faults_active > 0) {
		canvas_printf(c, y, x + 3, c->cols - x - 3, INK_ALARM, _("! %lld active faults"),
			(long long)s->faults_active);
	}
	if (s->store_state[0] != '\0' && strcmp(s->store_state, "ok") != 0) {
		canvas_printf(
			c, y, c->cols - 24, 23, INK_ALARM, "! %s: %s", _("store"), s->store_state);
	}
}

int panel_site(struct app *app, struct area a)
{
	const struct view_site *s = model_site(&app->model);
	int64_t limit_pm = per_mille(s->limit_va, s->rated_va);
	int curve_h = a.h >= 40 ? CURVE_TALL : CURVE_SHORT;
	struct gauge_mark marks[] = {
		{500, "50 %", INK_DIM}, {800, "80 %", INK_DIM}, {limit_pm, _("limit"), INK_NORMAL}};

	draw_transformer(app, (struct area){a.y, a.x + 1, CURVE_SHORT, LEFT_W - 1}, limit_pm);
	gauge_curve(&app->canvas, app->glyphs,
		(struct area){a.y, a.x + LEFT_W + 2, curve_h, a.w - LEFT_W - 3}, &app->model.load,
		app->now_ms == VALUE_NONE ? 0 : app->now_ms, 1050, marks,
		sizeof marks / sizeof marks[0], 6);
	draw_counts(app, a.y + curve_h);
	draw_today(app, a.y + curve_h + 1);
	return curve_h + 2;
}

int panel_pair(struct app *app, struct area a, int row, int label_w, const char *label,
	enum ink ink, const char *value)
{
	if (row < a.h) {
		canvas_text(&app->canvas, a.y + row, a.x, label_w, INK_DIM, label);
		canvas_text(
			&app->canvas, a.y + row, a.x + label_w + 1, a.w - label_w - 1, ink, value);
	}
	return 1;
}

/* Where to break a text that is wider than the area: behind the last blank that fits, else
 * behind the last character. */
static size_t break_at(const char *text, int w)
{
	size_t fit = text_fit(text, w, NULL);
	size_t at = fit;

	if (text[fit] == '\0') {
		return fit;
	}
	while (at > 0 && text[at] != ' ' && ((unsigned char)text[at - 1] & 0x80) == 0) {
		at--;
	}
	return at > 0 ? at : fit;
}

int panel_wrap(struct app *app, struct area a, enum ink ink, const char *text)
{
	int row = 0;

	while (*text != '\0' && row < a.h) {
		char line[512];
		size_t n = break_at(text, a.w);

		if (n == 0) {
			break;
		}
		view_set_text(line, n + 1 < sizeof line ? n + 1 : sizeof line, text);
		canvas_text(&app->canvas, a.y + row, a.x, a.w, ink, line);
		text += n;
		text += strspn(text, " ");
		row++;
	}
	return row;
}

static int pair_value(
	struct app *app, struct area a, int row, const char *label, enum unit unit, int64_t value)
{
	char text[48];

	fmt_value(text, sizeof text, unit, value, true);
	return panel_pair(app, a, row, 20, label, value == VALUE_NONE ? INK_DIM : INK_NORMAL, text);
}

static int pair_time(struct app *app, struct area a, int row, const char *label, int64_t at_ms)
{
	char text[64], age[16];

	word_time(app, at_ms, text, sizeof text);
	if (at_ms != VALUE_NONE) {
		size_t used = strlen(text);

		word_age(age, sizeof age, word_age_of(app, at_ms));
		text_append(text, sizeof text, &used, "  (%s)", age);
	}
	return panel_pair(app, a, row, 20, label, INK_NORMAL, text);
}

void panel_gun(struct app *app, struct area a, const struct view_gun *gun)
{
	struct canvas *c = &app->canvas;
	const struct fault_info *info = gun->fault > 0 ? fault_info((int)gun->fault) : NULL;
	char state[48], remark[160];
	enum ink ink;
	int row = 0;

	word_gun_state(gun, state, sizeof state, &ink);
	canvas_printf(c, a.y, a.x, a.w, INK_STRONG, "%s %s", _("Gun"), gun->id);
	canvas_field(c, a.y, a.x + a.w - 20, 20, TEXT_RIGHT, ink, state);
	row += 1;
	word_gun_remark(app, gun, remark, sizeof remark, &ink);
	row += panel_wrap(app, (struct area){a.y + row, a.x, 2, a.w}, ink, remark);
	if (info != NULL) {
		row += panel_wrap(
			app, (struct area){a.y + row, a.x, 3, a.w}, INK_NORMAL, _(info->meaning));
		row += panel_wrap(
			app, (struct area){a.y + row, a.x, 4, a.w}, INK_STRONG, _(info->action));
	}
	row++;
	row += pair_time(app, a, row, _("since"), gun->since);
	row += pair_value(app, a, row, _("power"), UNIT_W, gun->power_w);
	row += pair_value(app, a, row, _("grant"), UNIT_W, gun->grant_w);
	row += pair_value(app, a, row, _("maximum power"), UNIT_W, gun->max_w);
	row += pair_value(app, a, row, _("voltage"), UNIT_MV, gun->voltage_mv);
	row += pair_value(app, a, row, _("current"), UNIT_MA, gun->current_ma);
	row += pair_value(app, a, row, _("state of charge"), UNIT_PM, gun->soc_pm);
	row += pair_value(app, a, row, _("temperature"), UNIT_MC, gun->temp_mc);
	row++;
	row += pair_time(app, a, row, _("plugged in since"), gun->visit_start);
	row += pair_time(app, a, row, _("session began"), gun->session_start);
	row += pair_value(app, a, row, _("energy of the session"), UNIT_WH, gun->session_wh);
	row++;
	row += pair_value(app, a, row, _("energy today"), UNIT_WH, gun->today_wh);
	row += pair_value(app, a, row, _("sessions today"), UNIT_NONE, gun->today_sessions);
	row += pair_value(app, a, row, _("charging time today"), UNIT_S, gun->today_s);
	row += pair_value(app, a, row, _("energy register"), UNIT_WH, gun->energy_wh);
	pair_time(app, a, row, _("last reading"), gun->seen);
}
