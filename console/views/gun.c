/* One gun: its present, its pile, curves, points, notes and decisions. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "fmt.h"
#include "gauge.h"
#include "i18n.h"
#include "money.h"
#include "orderwords.h"
#include "page.h"
#include "panel.h"
#include "point.h"
#include "state.h"
#include "tariff.h"
#include "text.h"
#include "word.h"

#define DETAIL_US    (2 * US_PER_S)
#define CURVE_US     (600 * US_PER_S)
#define LEFT_W       46
#define LARGE_ROWS   34
#define LARGE_COLS   110
#define CURVES_H     18
#define SMALL_LOG_H  3
#define DECISIONS    30
#define DECISIONS_US (5 * US_PER_S)
#define NOTES        3
#define SMALL_NOTES  1
#define NOTES_US     (10 * US_PER_S)
#define ORDERS       10
#define REFUSAL_ROWS 2

#define POINT_LABEL_W 28
#define POINT_VALUE_W 19
#define POINT_AGE_W   6
#define LABEL_W       18

static int pair_text(struct app *app, struct area a, int row, const char *label, const char *value)
{
	return panel_pair(app, a, row, LABEL_W, label, INK_NORMAL, value[0] == '\0' ? "-" : value);
}

static int pair_value(
	struct app *app, struct area a, int row, const char *label, enum unit unit, int64_t value)
{
	char text[48];

	fmt_value(text, sizeof text, unit, value, true);
	return pair_text(app, a, row, label, text);
}

static int draw_archive(struct app *app, struct area a, const struct view_pile *p)
{
	int row = 0;
	char due[48];

	canvas_printf(&app->canvas, a.y, a.x, a.w, INK_STRONG, "%s %s", _("Pile"), p->id);
	row++;
	row += pair_text(app, a, row, _("maker"), p->maker);
	row += pair_text(app, a, row, _("model"), p->model);
	row += pair_text(app, a, row, _("serial number"), p->serial);
	row += pair_text(app, a, row, _("firmware"), p->firmware);
	row += pair_value(app, a, row, _("rated power"), UNIT_W, p->rated_w);
	row += pair_text(app, a, row, _("commissioned"), p->commissioned);
	snprintf(due, sizeof due, "%s", p->calibration_due);
	row += pair_text(app, a, row, _("calibration due"), due);
	row += pair_value(app, a, row, _("energy today"), UNIT_WH, p->today_wh);
	row += pair_value(app, a, row, _("energy in total"), UNIT_WH, p->total_wh);
	row += pair_value(app, a, row, _("sessions in total"), UNIT_NONE, p->sessions);
	row += pair_value(app, a, row, _("time in total"), UNIT_S, p->charged_s);
	return row;
}

/* Who pays for the charge, what it has cost so far and what is left of the prepayment. */
static int draw_order(struct app *app, struct area a, int row, const struct view_gun *gun)
{
	char text[96], cost[32], left[32], price[32];
	enum period period = PERIOD_FLAT;
	int first = row;

	if (gun->price_e5 != VALUE_NONE) {
		period_find(gun->period, &period);
		money_price_format(price, sizeof price, gun->price_e5);
		snprintf(text, sizeof text, "%s  %s", price, _(period_info(period)->label));
		row += pair_text(app, a, row, _("price, yuan/kWh"), text);
	}
	if (gun->reservation[0] != '\0') {
		word_reserved(app, gun, text, sizeof text);
		row += pair_text(app, a, row, _("reserved"), text);
	}
	if (gun->order[0] == '\0') {
		return row - first;
	}
	snprintf(text, sizeof text, "%s  %s", _(order_label(ORDER_WORDS_KIND, gun->order_kind)),
		gun->account);
	row += pair_text(app, a, row, _("payment"), text);
	fmt_value(cost, sizeof cost, UNIT_FEN, gun->cost_fen, false);
	if (gun->hold_fen != VALUE_NONE && gun->hold_fen > 0 && gun->cost_fen != VALUE_NONE) {
		fmt_value(left, sizeof left, UNIT_FEN, gun->hold_fen - gun->cost_fen, false);
		snprintf(text, sizeof text, "%s  %s %s", cost, _("left"), left);
	} else {
		snprintf(text, sizeof text, "%s", cost);
	}
	row += pair_text(app, a, row, _("cost so far, yuan"), text);
	return row - first;
}

/* What load management goes by that it learnt of the gun. */
static int draw_learnt(struct app *app, struct area a, const struct view_gun *gun)
{
	char text[96], lag[24], ratio[24], since[32];

	if (gun->learnt == VALUE_NONE) {
		return 0;
	}
	fmt_value(lag, sizeof lag, UNIT_MS, gun->lag_ms, true);
	fmt_decimal(ratio, sizeof ratio, gun->va_pm, 1000, 3);
	snprintf(since, sizeof since, "-");
	word_time(app, gun->learnt, since, sizeof since);
	snprintf(text, sizeof text, _("after %s, %s VA/W"), lag, ratio);
	return pair_text(app, a, 0, _("follows"), text) +
	       pair_text(app, a, 1, _("learnt since"), since);
}

/* Why the last who wanted to charge here may not: a card that was refused tells its holder nothing.
 * Nothing where somebody could since then. Returns the rows used. */
static int draw_refusal(struct app *app, struct area a, const struct view_gun *gun)
{
	const struct rows *orders = &app->model->orders;
	const struct view_order *last = NULL;
	char when[24], card[40], text[256];
	size_t used = 0;

	for (size_t i = 0; strcmp(app->model->orders_of, gun->id) == 0 && i < orders->count; i++) {
		const struct view_order *o = rows_at(orders, VIEW_order, i);

		last = last == NULL || o->asked > last->asked ? o : last;
	}
	if (last == NULL || last->error[0] == '\0' || strcmp(last->state, "failed") != 0) {
		return 0;
	}
	word_time(app, last->asked, when, sizeof when);
	text_append(text, sizeof text, &used, "! %s %s", when, _("refused"));
	if (last->card[0] != '\0') {
		view_set_text(card, sizeof card, last->card);
		text_mask(card, sizeof card, 0, 4);
		text_append(text, sizeof text, &used, " %s %s",
			strncmp(last->by, "VIN", 3) == 0 ? "VIN" : _("card"), card);
	} else if (last->account[0] != '\0') {
		text_append(text, sizeof text, &used, " %s", last->account);
	}
	text_append(text, sizeof text, &used, ": %s",
		last->card[0] != '\0' && strcmp(last->error, err_token(ERR_NOTFOUND)) == 0
			? _("no account has this card")
			: word_error(last->error));
	return panel_wrap(app, (struct area){a.y, a.x, REFUSAL_ROWS, a.w}, INK_WARN, text);
}

static int draw_now(struct app *app, struct area a, const struct view_gun *gun)
{
	char state[48], text[192], power[24], grant[24], volt[24], amp[24], soc[16];
	struct canvas *c = &app->canvas;
	enum ink ink;
	int row = 0;

	word_gun_state(gun, state, sizeof state, &ink);
	canvas_printf(c, a.y, a.x, 14, INK_STRONG, "%s %s", _("Gun"), gun->id);
	canvas_text(c, a.y, a.x + 15, a.w - 15, ink, state);
	row++;
	word_gun_remark(app, gun, text, sizeof text, &ink);
	row += panel_wrap(app, (struct area){a.y + row, a.x, 2, a.w}, ink, text);
	row += draw_refusal(app, (struct area){a.y + row, a.x, a.h - row, a.w}, gun);
	fmt_value(power, sizeof power, UNIT_W, gun->power_w, true);
	fmt_value(grant, sizeof grant, UNIT_W, gun->grant_w, true);
	snprintf(text, sizeof text, "%s / %s", power, grant);
	row += pair_text(app, a, row, _("power / grant"), text);
	row += panel_rule(app, a, row, LABEL_W, gun);
	fmt_value(volt, sizeof volt, UNIT_MV, gun->voltage_mv, true);
	fmt_value(amp, sizeof amp, UNIT_MA, gun->current_ma, true);
	snprintf(text, sizeof text, "%s  %s", volt, amp);
	row += pair_text(app, a, row, _("output"), text);
	fmt_value(soc, sizeof soc, UNIT_PM, gun->soc_pm, true);
	row += pair_text(app, a, row, _("state of charge"), soc);
	row += pair_value(app, a, row, _("this session"), UNIT_WH, gun->session_wh);
	snprintf(text, sizeof text, "%s", "-");
	word_time(app, gun->session_start, text, sizeof text);
	row += pair_text(app, a, row, _("session began"), text);
	row += draw_order(app, a, row, gun);
	row += pair_value(app, a, row, _("energy today"), UNIT_WH, gun->today_wh);
	row += pair_value(app, a, row, _("sessions today"), UNIT_NONE, gun->today_sessions);
	row += pair_value(app, a, row, _("time today"), UNIT_S, gun->today_s);
	row += pair_value(app, a, row, _("energy register"), UNIT_WH, gun->energy_wh);
	return row;
}

static int draw_curve(struct app *app, struct area a, const char *title, const struct history *h,
	int64_t max, const char *top)
{
	struct gauge_mark marks[] = {{max - 1, top, INK_DIM}, {max / 2, "", INK_DIM}};

	if (a.h < 3) {
		return 0;
	}
	canvas_text(&app->canvas, a.y, a.x, a.w, INK_DIM, title);
	gauge_curve(&app->canvas, app->glyphs, (struct area){a.y + 1, a.x, a.h - 1, a.w}, h,
		app->now_ms == VALUE_NONE ? 0 : app->now_ms, max, marks,
		sizeof marks / sizeof marks[0], 10);
	return a.h;
}

static void draw_point(struct app *app, struct area a, const struct view_point *p)
{
	struct canvas *c = &app->canvas;
	bool good = strcmp(p->quality, "good") == 0 || strcmp(p->quality, "substitute") == 0;
	char value[64], age[16], text[96];
	int label_w;
	enum point pt;
	enum unit unit = UNIT_NONE;
	enum gun_state state;
	const char *label = p->name;

	if (point_find(p->name, &pt) == 0) {
		unit = point_info(pt)->unit;
		label = _(point_info(pt)->label);
	}
	if (p->text[0] != '\0') {
		bool is_state = unit == UNIT_STATE && state_find(p->text, &state) == 0;

		view_set_text(
			value, sizeof value, is_state ? _(state_info(state)->label) : p->text);
	} else {
		fmt_value(value, sizeof value, unit, p->value, true);
	}
	word_age(age, sizeof age, p->age_ms);
	snprintf(text, sizeof text, "! %s", word_quality(p->quality));
	label_w = a.w - POINT_VALUE_W - POINT_AGE_W - 2;
	if (label_w > POINT_LABEL_W) {
		label_w = POINT_LABEL_W;
	}
	canvas_text(c, a.y, a.x, label_w, INK_NORMAL, label);
	canvas_field(c, a.y, a.x + label_w + 1, POINT_VALUE_W, TEXT_RIGHT,
		good ? INK_NORMAL : INK_WARN, good ? value : text);
	canvas_field(
		c, a.y, a.x + label_w + 2 + POINT_VALUE_W, POINT_AGE_W, TEXT_RIGHT, INK_DIM, age);
	canvas_text(c, a.y, a.x + label_w + POINT_VALUE_W + POINT_AGE_W + 4,
		a.w - label_w - POINT_VALUE_W - POINT_AGE_W - 4, INK_DIM, p->verdict);
}

static void draw_points(struct app *app, struct area a)
{
	const struct rows *points = &app->model->points;
	int most = (int)points->count - (a.h - 1);

	if (a.h < 2) {
		return;
	}
	if (app->scroll > most) {
		app->scroll = most;
	}
	if (app->scroll < 0) {
		app->scroll = 0;
	}
	canvas_printf(&app->canvas, a.y, a.x, a.w, INK_DIM, _("Points (%zu), value and age"),
		points->count);
	for (int i = 0; i < a.h - 1; i++) {
		const struct view_point *p = rows_at(points, VIEW_point, (size_t)(app->scroll + i));

		if (p != NULL && app->model->detail.known) {
			draw_point(app, (struct area){a.y + 1 + i, a.x, 1, a.w}, p);
		}
	}
}

/* Power, and below it, where there is room, the state of charge. */
static void draw_curves(struct app *app, struct area a, const struct view_gun *gun)
{
	int64_t max = gun->max_w != VALUE_NONE && gun->max_w > 0 ? gun->max_w : 7000;
	bool both = a.h >= 12 && gun->soc_pm != VALUE_NONE;
	int h = both ? a.h / 2 : a.h;
	char top[24];
	int row;

	fmt_value(top, sizeof top, UNIT_W, max, true);
	row = draw_curve(app, (struct area){a.y, a.x, h, a.w}, _("Power, last hour"),
		&app->model->power, max, top);
	if (both) {
		draw_curve(app, (struct area){a.y + row, a.x, h, a.w},
			_("State of charge, last hour"), &app->model->soc, 1000, "100 %");
	}
}

/* The gun's last decisions, as the store has them; those of another gun are on their way out. */
static void draw_decisions(struct app *app, struct area a, const struct view_gun *gun)
{
	static const struct rows none;
	bool mine = strcmp(app->model->decisions_of, gun->id) == 0;

	if (gun->rule[0] != '\0') {
		panel_decisions(app, a, mine ? &app->model->decisions : &none, false, false);
	}
}

/* The n-th newest note of a person on the gun; NULL = there are not so many. */
static const struct view_note *note_at(const struct app *app, const char *gun, size_t nth)
{
	const struct rows *notes = &app->model->notes;
	const struct view_note *last = NULL, *best = NULL;

	for (size_t k = 0; strcmp(app->model->notes_of, gun) == 0 && k <= nth; k++, last = best) {
		best = NULL;
		for (size_t i = 0; i < notes->count; i++) {
			const struct view_note *n = rows_at(notes, VIEW_note, i);

			if ((last == NULL || n->at < last->at) &&
				(best == NULL || n->at > best->at)) {
				best = n;
			}
		}
		if (best == NULL) {
			return NULL;
		}
	}
	return best;
}

/* A line each, the newest first. Returns the rows used. */
static int draw_notes(struct app *app, struct area a, const struct view_gun *gun)
{
	const struct view_note *n;
	char when[24];
	int row = 0;

	while (row < a.h && (n = note_at(app, gun->id, (size_t)row)) != NULL) {
		word_time(app, n->at, when, sizeof when);
		canvas_printf(&app->canvas, a.y + row++, a.x, a.w, INK_NOTICE, "%s %s: %s", when,
			n->by, n->text);
	}
	return row;
}

/* Wide and tall: everything about the gun at the left, curves and points at the right. */
static void draw_large(
	struct app *app, struct area a, const struct view_gun *gun, const struct view_pile *pile)
{
	struct area left = {a.y, a.x + 1, a.h, LEFT_W};
	struct area right = {a.y, a.x + LEFT_W + 3, a.h, a.w - LEFT_W - 4};
	int row = draw_now(app, left, gun);

	row += draw_learnt(app, (struct area){left.y + row, left.x, left.h - row, left.w}, gun) + 1;
	if (pile != NULL) {
		row += draw_archive(app, (struct area){left.y + row, left.x, left.h - row, left.w},
			       pile) +
		       1;
	}
	row += draw_notes(app, (struct area){left.y + row, left.x, NOTES, left.w}, gun);
	draw_decisions(app, (struct area){left.y + row, left.x, left.h - row, left.w}, gun);
	draw_curves(app, (struct area){right.y, right.x, CURVES_H, right.w}, gun);
	draw_points(app,
		(struct area){right.y + CURVES_H + 1, right.x, right.h - CURVES_H - 1, right.w});
}

/* 80x24: the gun and its pile side by side, below them a curve and the points. */
static void draw_small(
	struct app *app, struct area a, const struct view_gun *gun, const struct view_pile *pile)
{
	int half = a.w / 2;
	struct area right = {a.y, a.x + half + 1, a.h, a.w - half - 2};
	int log_h = gun->rule[0] != '\0' ? SMALL_LOG_H : 0;
	int notes = draw_notes(app, (struct area){a.y, a.x + 1, SMALL_NOTES, a.w - 2}, gun);
	int row, other;

	a.y += notes;
	a.h -= notes;
	right.y += notes;
	row = draw_now(app, (struct area){a.y, a.x + 1, a.h, half - 2}, gun);
	other = pile == NULL ? 0 : draw_archive(app, right, pile);

	row = row > other ? row : other;
	draw_curves(app, (struct area){a.y + row, a.x + 1, a.h - row - log_h, half - 2}, gun);
	draw_points(app, (struct area){a.y + row, right.x, a.h - row - log_h, right.w});
	draw_decisions(app, (struct area){a.y + a.h - log_h, a.x + 1, log_h, a.w - 2}, gun);
}

static void draw(struct app *app, struct area a)
{
	const struct view_gun *gun = model_find(app->model, VIEW_gun, app->gun);
	const struct view_pile *pile;

	if (gun == NULL) {
		canvas_printf(&app->canvas, a.y + 1, a.x + 2, a.w - 4, INK_ALARM,
			_("! There is no gun %s at this site any more."), app->gun);
		return;
	}
	pile = model_find(app->model, VIEW_pile, gun->pile);
	if (a.h >= LARGE_ROWS && a.w >= LARGE_COLS) {
		draw_large(app, a, gun, pile);
	} else {
		draw_small(app, a, gun, pile);
	}
}

static void ask(struct app *app)
{
	const struct view_gun *gun = model_find(app->model, VIEW_gun, app->gun);

	if (gun == NULL) {
		return;
	}
	if (app->model->site_now_ms != VALUE_NONE && app->feed->state == FEED_UP) {
		history_put(&app->model->power, app->now_ms, gun->power_w);
		history_put(&app->model->soc, app->now_ms, gun->soc_pm);
	}
	if (page_due(app, ASK_GUN, DETAIL_US)) {
		cJSON *params = cJSON_CreateObject();

		if (params != NULL) {
			cJSON_AddStringToObject(params, "id", app->gun);
		}
		feed_ask(app->feed, ASK_GUN, METHOD_GUN, params, app->gun);
	}
	if (page_due(app, ASK_DECISIONS, DECISIONS_US)) {
		cJSON *params = cJSON_CreateObject();

		if (params != NULL) {
			cJSON_AddStringToObject(params, "target", app->gun);
			cJSON_AddNumberToObject(params, "limit", DECISIONS);
		}
		feed_ask(app->feed, ASK_DECISIONS, METHOD_DECISIONS, params, app->gun);
	}
	if (page_due(app, ASK_NOTES, NOTES_US)) {
		cJSON *params = cJSON_CreateObject();

		if (params != NULL) {
			cJSON_AddStringToObject(params, "target", app->gun);
			cJSON_AddNumberToObject(params, "limit", NOTES);
		}
		feed_ask(app->feed, ASK_NOTES, METHOD_NOTES, params, app->gun);
	}
	if (page_due(app, ASK_ORDERS, NOTES_US)) {
		cJSON *params = cJSON_CreateObject();

		if (params != NULL) {
			cJSON_AddStringToObject(params, "target", app->gun);
			cJSON_AddNumberToObject(params, "limit", ORDERS);
		}
		feed_ask(app->feed, ASK_ORDERS, METHOD_ORDERS, params, app->gun);
	}
	page_ask_curve(app, ASK_POWER, app->gun, "power_w", app->gun, CURVE_US);
	page_ask_curve(app, ASK_SOC, app->gun, "soc_pm", app->gun, CURVE_US);
}

const struct page page_gun = {
	.title = N_("Gun"),
	.key = ACT_COUNT_,
	.draw = draw,
	.act = page_scroll,
	.ask = ask,
};
