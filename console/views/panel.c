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
#define CURVE_SHORT  5
#define CURVE_TALL   7
#define MARK_W       11
#define CURVE_HUGE   14
#define SMALL_BELOW  14
#define TALL_FROM    36
#define HUGE_FROM    52
#define CURVE_MAX_PM 1050
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

/* "L1 69 %" with a bar of its own, for tall screens. */
static void draw_phase(
	struct app *app, struct area a, const char *name, int64_t pm, int64_t limit_pm)
{
	char text[16];
	enum ink ink = load_ink(pm, limit_pm);

	percent(text, sizeof text, pm);
	canvas_text(&app->canvas, a.y, a.x, 2, INK_DIM, name);
	canvas_field(&app->canvas, a.y, a.x + 2, 6, TEXT_RIGHT,
		ink == INK_STRONG ? INK_NORMAL : ink, text);
	gauge_bar(&app->canvas, app->glyphs, a.y, a.x + 9, a.w - 12,
		ink == INK_STRONG ? INK_BAR : ink, pm, 1000, limit_pm);
	if (ink != INK_STRONG) {
		canvas_text(&app->canvas, a.y, a.x + a.w - 2, 1, ink, "!");
	}
}

static int draw_phases(struct app *app, struct area a, int64_t limit_pm, bool tall)
{
	const struct view_site *s = model_site(app->model);
	char va[24], l1[16], l2[16], l3[16];

	if (tall) {
		draw_phase(app, a, "L1", s->load_l1_pm, limit_pm);
		draw_phase(app, (struct area){a.y + 1, a.x, 1, a.w}, "L2", s->load_l2_pm, limit_pm);
		draw_phase(app, (struct area){a.y + 2, a.x, 1, a.w}, "L3", s->load_l3_pm, limit_pm);
		return 3;
	}
	fmt_value(va, sizeof va, UNIT_VA, s->load_va, true);
	percent(l1, sizeof l1, s->load_l1_pm);
	percent(l2, sizeof l2, s->load_l2_pm);
	percent(l3, sizeof l3, s->load_l3_pm);
	canvas_printf(
		&app->canvas, a.y, a.x, a.w, INK_NORMAL, "L1 %s  L2 %s  L3 %s  %s", l1, l2, l3, va);
	return 1;
}

/* Unknown while the meter still lags behind guns that begin. */
static int64_t other_w(const struct view_site *s)
{
	return s->load_w == VALUE_NONE || s->guns_w == VALUE_NONE || s->load_w < s->guns_w
		       ? VALUE_NONE
		       : s->load_w - s->guns_w;
}

static void draw_today(struct app *app, struct area a)
{
	const struct view_site *s = model_site(app->model);
	char energy[24], time[24];

	fmt_decimal(energy, sizeof energy, s->today_wh, 1000, 1);
	fmt_value(time, sizeof time, UNIT_S, s->today_s, true);
	canvas_printf(&app->canvas, a.y, a.x, a.w, INK_NORMAL,
		_("Today %s kWh  %lld sessions  %s h"), energy,
		(long long)(s->today_sessions == VALUE_NONE ? 0 : s->today_sessions), time);
}

static void draw_load(struct app *app, struct area a, int64_t limit_pm)
{
	const struct view_site *s = model_site(app->model);
	struct canvas *c = &app->canvas;
	char load[16];
	enum ink ink = load_ink(s->load_pm, limit_pm);

	percent(load, sizeof load, s->load_pm);
	canvas_field(c, a.y, a.x + 2, 6, TEXT_RIGHT, ink, load);
	gauge_bar(c, app->glyphs, a.y, a.x + 9, a.w - 12, ink == INK_STRONG ? INK_BAR : ink,
		s->load_pm, 1000, limit_pm);
	if (ink != INK_STRONG) {
		canvas_text(c, a.y, a.x + a.w - 2, 1, ink, "!");
	}
}

static void draw_transformer(struct app *app, struct area a, int64_t limit_pm, bool tall)
{
	const struct view_site *s = model_site(app->model);
	struct canvas *c = &app->canvas;
	char rated[24], limit[24], guns[24], other[24];
	bool meter_good = s->meter_state[0] == '\0' || word_device_good(s->meter_state);
	int row = 2;

	fmt_decimal(rated, sizeof rated, s->rated_va, 1000, 0);
	fmt_decimal(limit, sizeof limit, s->limit_va, 1000, 0);
	canvas_printf(c, a.y, a.x, a.w, INK_NORMAL, "%s %s kVA   %s %s kVA", _("Transformer"),
		rated, _("limit"), limit);
	draw_load(app, (struct area){a.y + 1, a.x, 1, a.w}, limit_pm);
	row += draw_phases(app, (struct area){a.y + row, a.x, 1, a.w}, limit_pm, tall);
	fmt_value(guns, sizeof guns, UNIT_W, s->guns_w, true);
	fmt_value(other, sizeof other, UNIT_W, other_w(s), true);
	if (meter_good) {
		canvas_printf(c, a.y + row, a.x, a.w, INK_NORMAL, "%s %s   %s %s", _("Guns"), guns,
			_("other load"), other);
	} else {
		canvas_printf(c, a.y + row, a.x, a.w, INK_ALARM, "! %s: %s", _("meter"),
			word_device_state(s->meter_state));
	}
	draw_today(app, (struct area){a.y + row + 1, a.x, 1, a.w});
}

/* One count; zero of something is not worth the eye. */
static int draw_count(struct app *app, int y, int x, const char *glyph, int64_t n,
	const char *label, enum ink ink)
{
	struct canvas *c = &app->canvas;
	char number[16];

	fmt_decimal(number, sizeof number, n, 1, 0);
	return x + 3 +
	       canvas_printf(c, y, x, c->cols - x, n > 0 ? ink : INK_DIM, "%s%s%s %s", glyph,
		       *glyph == '\0' ? "" : " ", number, label);
}

static void draw_counts(struct app *app, int y)
{
	const struct view_site *s = model_site(app->model);
	const struct {
		const char *glyph;
		int64_t n;
		const char *label;
		enum ink ink;
	} counts[] = {
		{"", s->guns_total, _("guns"), INK_STRONG},
		{state_info(GUN_CHARGING)->glyph, s->guns_charging, _("charging"), INK_NORMAL},
		{state_info(GUN_IDLE)->glyph, s->guns_idle, _("idle"), INK_NORMAL},
		{state_info(GUN_PLUGGED)->glyph, s->guns_plugged, _("plugged"), INK_NORMAL},
		{state_info(GUN_FAULT)->glyph, s->guns_fault, _("fault"), INK_ALARM},
		{state_info(GUN_OFFLINE)->glyph, s->guns_offline, _("offline"), INK_WARN},
	};
	struct canvas *c = &app->canvas;
	int x = 1;

	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
		x = draw_count(
			app, y, x, counts[i].glyph, counts[i].n, counts[i].label, counts[i].ink);
	}
	if (s->store_state[0] != '\0' && strcmp(s->store_state, "ok") != 0) {
		canvas_printf(c, y, x, c->cols - x, INK_ALARM, "! %s: %s", _("store"),
			word_device_state(s->store_state));
	}
}

int panel_site(struct app *app, struct area a)
{
	const struct view_site *s = model_site(app->model);
	int64_t limit_pm = per_mille(s->limit_va, s->rated_va);
	bool tall = a.h >= TALL_FROM;
	int curve_h = a.h >= HUGE_FROM ? CURVE_HUGE : tall ? CURVE_TALL : CURVE_SHORT;
	char limit[40], at[16];
	/* The limit last: where it lies in the row of another mark, it is what is read. */
	const struct gauge_mark marks[] = {
		{500, "50 %", INK_DIM}, {800, "80 %", INK_DIM}, {limit_pm, limit, INK_NORMAL}};

	if (a.h < SMALL_BELOW) {
		draw_load(app, (struct area){a.y, a.x + 1, 1, a.w - 1}, limit_pm);
		draw_counts(app, a.y + 1);
		return 2;
	}
	percent(at, sizeof at, limit_pm);
	snprintf(limit, sizeof limit, "%s %s", _("limit"), at);

	draw_transformer(app, (struct area){a.y, a.x + 1, curve_h, LEFT_W - 1}, limit_pm, tall);
	gauge_curve(&app->canvas, app->glyphs,
		(struct area){a.y, a.x + LEFT_W + 2, curve_h, a.w - LEFT_W - 3}, &app->model->load,
		app->now_ms == VALUE_NONE ? 0 : app->now_ms, CURVE_MAX_PM, marks,
		sizeof marks / sizeof marks[0], MARK_W);
	draw_counts(app, a.y + curve_h);
	return curve_h + 1;
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

int panel_text(struct app *app, struct area a, int rows, enum ink ink, const char *text)
{
	if (rows > 1 && a.h > 1) {
		return panel_wrap(
			app, (struct area){a.y, a.x, a.h < rows ? a.h : rows, a.w}, ink, text);
	}
	canvas_text(&app->canvas, a.y, a.x, a.w, ink, text);
	return 1;
}

static int pair_value(
	struct app *app, struct area a, int row, const char *label, enum unit unit, int64_t value)
{
	char text[48];

	fmt_value(text, sizeof text, unit, value, true);
	return panel_pair(app, a, row, 22, label, value == VALUE_NONE ? INK_DIM : INK_NORMAL, text);
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
	return panel_pair(app, a, row, 22, label, INK_NORMAL, text);
}

int panel_rule(struct app *app, struct area a, int row, int label_w, const struct view_gun *gun)
{
	char text[160] = "", load[24], limit[24];
	size_t used = 0;

	if (gun->rule[0] == '\0') {
		return 0;
	}
	text_append(text, sizeof text, &used, "%s", word_rule(gun->rule));
	if (gun->place > 0) {
		text_append(text, sizeof text, &used, " #%lld", (long long)gun->place);
	}
	panel_pair(app, a, row, label_w, _("rule"), INK_NORMAL, text);
	if (gun->by_node[0] == '\0') {
		return 1;
	}
	fmt_value(load, sizeof load, UNIT_VA, gun->by_load_va, true);
	fmt_value(limit, sizeof limit, UNIT_VA, gun->by_limit_va, true);
	snprintf(text, sizeof text, "%s %s  %s / %s", gun->by_node, gun->by_phase, load, limit);
	panel_pair(app, a, row + 1, label_w, _("held by"), INK_NORMAL, text);
	return 2;
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
	row += panel_rule(app, a, row, 22, gun);
	row += pair_value(app, a, row, _("maximum power"), UNIT_W, gun->max_w);
	row += pair_value(app, a, row, _("voltage"), UNIT_MV, gun->voltage_mv);
	row += pair_value(app, a, row, _("current"), UNIT_MA, gun->current_ma);
	row += pair_value(app, a, row, _("state of charge"), UNIT_PM, gun->soc_pm);
	row += pair_value(app, a, row, _("temperature"), UNIT_MC, gun->temp_mc);
	row++;
	row += pair_time(app, a, row, _("plugged in since"), gun->visit_start);
	row += pair_time(app, a, row, _("session began"), gun->session_start);
	row += pair_value(app, a, row, _("energy of the session"), UNIT_WH, gun->session_wh);
	if (gun->order[0] != '\0') {
		row += pair_value(app, a, row, _("cost so far"), UNIT_FEN, gun->cost_fen);
		row += pair_value(app, a, row, _("prepayment held"), UNIT_FEN, gun->hold_fen);
	}
	row++;
	row += pair_value(app, a, row, _("energy today"), UNIT_WH, gun->today_wh);
	row += pair_value(app, a, row, _("sessions today"), UNIT_NONE, gun->today_sessions);
	row += pair_value(app, a, row, _("charging time today"), UNIT_S, gun->today_s);
	row += pair_value(app, a, row, _("energy register"), UNIT_WH, gun->energy_wh);
	pair_time(app, a, row, _("last reading"), gun->seen);
}

/* ---- An alarm ---- */

/* Who knows of it, who put it aside and why. */
static void person_text(const struct app *app, const struct view_alarm *a, char *dst, size_t size)
{
	char when[24];
	size_t used = 0;

	dst[0] = '\0';
	if (a->acked != VALUE_NONE) {
		word_time(app, a->acked, when, sizeof when);
		text_append(dst, size, &used, _("acknowledged by %s %s"), a->acked_by, when);
	}
	if (a->shelved_until != VALUE_NONE) {
		word_time(app, a->shelved_until, when, sizeof when);
		text_append(dst, size, &used, "%s", used > 0 ? "; " : "");
		text_append(dst, size, &used, _("shelved by %s until %s: %s"), a->shelved_by, when,
			a->reason);
	}
}

void panel_alarm(struct app *app, struct area a, const struct view_alarm *alarm)
{
	const struct fault_info *info = alarm == NULL ? NULL : fault_info((int)alarm->code);
	struct area rest = {a.y + 1, a.x + 1, a.h - 1, a.w - 2};
	struct canvas *c = &app->canvas;
	char urgency[64], person[256];
	int n;

	canvas_repeat(c, a.y, a.x, a.w, INK_DIM, app->glyphs->line);
	if (info == NULL) {
		return;
	}
	fault_urgency(urgency, sizeof urgency, info);
	canvas_printf(c, rest.y++, rest.x, rest.w, INK_STRONG, "%s  %d  %s / %s  %s: %s",
		alarm->target, info->code, info->en, info->zh, word_severity(alarm->severity),
		urgency);
	rest.h--;
	person_text(app, alarm, person, sizeof person);
	if (person[0] != '\0') {
		canvas_text(c, rest.y++, rest.x, rest.w, INK_NOTICE, person);
		rest.h--;
	}
	n = panel_wrap(app, (struct area){rest.y, rest.x, 2, rest.w}, INK_NORMAL, _(info->meaning));
	rest.y += n;
	rest.h -= n;
	n = panel_wrap(
		app, (struct area){rest.y, rest.x, rest.h, rest.w}, INK_STRONG, _(info->action));
	rest.y += n;
	rest.h -= n;
	if (rest.h > 0) {
		panel_wrap(app, rest, INK_DIM, _(info->cause));
	}
}
