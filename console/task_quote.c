/*
 * What a charge or a reservation would cost, beside its form: asked anew when the form changes, and
 * now and then while it stands. The answer to an earlier state of the form is not shown, and one
 * that does not come says so.
 */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "account.h"
#include "app.h"
#include "fmt.h"
#include "i18n.h"
#include "tariff.h"
#include "text.h"
#include "views/panel.h"
#include "word.h"

#define AGAIN_US (10 * US_PER_S)
#define LATE_US  (2 * US_PER_S)
#define LABEL_W  19

static bool wanted(const struct app *app)
{
	return app->dialog.kind == DIALOG_TASK && app->dialog.task.gun[0] != '\0';
}

/* Who pays, once that is typed whole. */
static const char *payer(const struct task *t)
{
	return t->field > 0 && t->kind != TASK_UNRESERVE ? t->text[0] : "";
}

void task_quote_changed(struct app *app)
{
	struct task *t = &app->dialog.task;
	char terms[sizeof t->terms];
	size_t used = 0;

	text_append(terms, sizeof terms, &used, "%s|%lld|%s", payer(t), (long long)t->from_ms,
		t->kind == TASK_CHARGE && t->field > 0 ? t->text[1] : "");
	if (t->form == 0 || strcmp(terms, t->terms) != 0) {
		view_set_text(t->terms, sizeof t->terms, terms);
		t->form = ++app->forms;
		t->changed = app->now;
	}
}

static void ask(struct app *app)
{
	const struct task *t = &app->dialog.task;
	cJSON *params = cJSON_CreateObject();
	char about[16];

	if (params != NULL) {
		cJSON_AddStringToObject(params, "gun", t->gun);
		if (payer(t)[0] != '\0') {
			cJSON_AddStringToObject(params, "account", payer(t));
		}
		if (t->kind == TASK_CHARGE && t->field > 0) {
			task_add_limit(t, params);
		} else if (t->kind != TASK_CHARGE) {
			wire_add_int(params, "from",
				t->from_ms != VALUE_NONE ? t->from_ms : app->now_ms);
		}
	}
	snprintf(about, sizeof about, "%u", (unsigned)t->form);
	feed_ask(app->feed, ASK_QUOTE, METHOD_QUOTE, params, about);
}

void task_quote_run(struct app *app)
{
	const struct task *t = &app->dialog.task;

	if (!wanted(app) || app->feed->state != FEED_UP || app->now_ms == VALUE_NONE ||
		app->feed->asked[ASK_QUOTE].id != 0) {
		return;
	}
	if (app->feed->quote.form != t->form ||
		mono_diff_us(app->now, app->feed->quote_at) > AGAIN_US) {
		ask(app);
	}
}

/* ---- On screen ---- */

static int pair(
	struct app *app, struct area a, int row, const char *label, enum ink ink, const char *value)
{
	return row < a.h ? panel_pair(app, a, row, LABEL_W, label, ink, value) : 0;
}

static int draw_price(
	struct app *app, struct area a, int row, const char *label, const struct quote_price *p)
{
	char price[32], from[24], text[96];
	enum period period = PERIOD_FLAT;
	size_t used = 0;

	if (p->e5 == VALUE_NONE) {
		return 0;
	}
	period_find(p->period, &period);
	fmt_value(price, sizeof price, UNIT_E5, p->e5, true);
	text_append(text, sizeof text, &used, "%s  %s", price, _(period_info(period)->label));
	if (p->from != VALUE_NONE && p->from > app->now_ms) {
		word_time(app, p->from, from, sizeof from);
		text_append(text, sizeof text, &used, _(", from %s"), from);
	}
	return pair(app, a, row, label, INK_NORMAL, text);
}

/* "C000001  182.50 yuan, held 30.00 yuan". */
static int draw_balance(struct app *app, struct area a, int row, const struct quote *q)
{
	char fen[32], text[160];
	size_t used = 0;
	bool bad = strcmp(q->status, "active") != 0 ||
		   (q->hold_fen != VALUE_NONE && q->hold_fen > q->balance_fen) ||
		   (q->fee_fen != VALUE_NONE && q->fee_fen > q->balance_fen);

	if (q->account[0] == '\0') {
		return 0;
	}
	fmt_value(fen, sizeof fen, UNIT_FEN, q->balance_fen, true);
	text_append(text, sizeof text, &used, "%s%s  ", bad ? "! " : "", q->account);
	if (strcmp(q->status, "active") != 0) {
		text_append(text, sizeof text, &used, "%s  ", _(account_status_label(q->status)));
	}
	text_append(text, sizeof text, &used, "%s", fen);
	if (q->held_fen > 0) {
		fmt_value(fen, sizeof fen, UNIT_FEN, q->held_fen, true);
		text_append(text, sizeof text, &used, ", %s %s", _("held"), fen);
	}
	if (q->debt_fen > 0) {
		fmt_value(fen, sizeof fen, UNIT_FEN, q->debt_fen, true);
		text_append(text, sizeof text, &used, ", %s %s", _("debt"), fen);
	}
	return pair(app, a, row, _("balance"), bad ? INK_ALARM : INK_NORMAL, text);
}

/* "20.00 yuan: 25.0 kWh, at least 0:12:30". */
static int draw_hold(struct app *app, struct area a, int row, const struct quote *q)
{
	char fen[32], wh[32], least[32], text[160];

	if (q->hold_fen == VALUE_NONE) {
		return 0;
	}
	if (q->account[0] != '\0' && q->hold_fen > q->balance_fen) {
		return pair(app, a, row, _("prepayment"), INK_ALARM,
			_("! the balance does not suffice"));
	}
	fmt_value(fen, sizeof fen, UNIT_FEN, q->hold_fen, true);
	fmt_decimal(wh, sizeof wh, q->hold_wh, 1000, 1);
	fmt_value(least, sizeof least, UNIT_S, q->hold_s, true);
	snprintf(text, sizeof text, _("%s: %s kWh, at least %s"), fen, wh, least);
	return pair(app, a, row, _("prepayment"), INK_STRONG, text);
}

/* Whether a new start gets power, and who waits for it already. */
static int draw_power(struct app *app, struct area a, int row)
{
	const struct view_site *site = model_site(app->model);
	const struct view_gun *gun = model_find(app->model, VIEW_gun, app->dialog.task.gun);
	char text[160] = "";
	size_t used = 0;
	int waiting = 0;
	bool bad = false;

	for (size_t i = 0; i < model_count(app->model, VIEW_gun); i++) {
		const struct view_gun *g = model_at(app->model, VIEW_gun, i);

		waiting += g->place != VALUE_NONE && g->place > 0;
	}
	if (gun != NULL && gun->place != VALUE_NONE && gun->place > 0) {
		text_append(text, sizeof text, &used, _("place %lld in the line"),
			(long long)gun->place);
		bad = true;
	} else if (site->admit_pm != VALUE_NONE && site->stop_above_pm != VALUE_NONE &&
		   site->admit_pm > site->stop_above_pm) {
		text_append(
			text, sizeof text, &used, _("a new start waits, place %d"), waiting + 1);
		bad = true;
	} else if (waiting > 0) {
		text_append(text, sizeof text, &used, _("%d in the line before it"), waiting);
		bad = true;
	} else if (site->admit_pm != VALUE_NONE && site->half_above_pm != VALUE_NONE &&
		   site->admit_pm > site->half_above_pm) {
		char share[16];

		fmt_value(share, sizeof share, UNIT_PM, site->start_share_pm, true);
		text_append(text, sizeof text, &used, _("free, a new start gets %s of it"), share);
	} else {
		text_append(text, sizeof text, &used, "%s", _("free, nobody waits"));
	}
	return pair(app, a, row, _("power"), bad ? INK_NOTICE : INK_NORMAL, text);
}

static void draw_charge(struct app *app, struct area a, const struct quote *q)
{
	int row = draw_price(app, a, 0, _("price now"), &q->now);

	row += draw_price(app, a, row, _("next price"), &q->next);
	row += draw_balance(app, a, row, q);
	row += draw_hold(app, a, row, q);
	draw_power(app, a, row);
}

/* "18:05 - 19:05, held until 18:20". */
static int draw_span(struct app *app, struct area a, int row, const struct quote *q)
{
	const struct task *t = &app->dialog.task;
	int64_t from = t->from_ms != VALUE_NONE ? t->from_ms : app->now_ms, held;
	char begins[24], until[24], late[24], text[160];

	if (t->until_ms == VALUE_NONE) {
		fmt_value(late, sizeof late, UNIT_S, q->max_s, true);
		snprintf(text, sizeof text, _("%s at most"), late);
		return pair(app, a, row, _("reserved"), INK_NORMAL, text);
	}
	held = from + q->grace_s * MS_PER_S;
	held = held < t->until_ms ? held : t->until_ms;
	word_time(app, from, begins, sizeof begins);
	word_time(app, t->until_ms, until, sizeof until);
	word_time(app, held, late, sizeof late);
	snprintf(text, sizeof text, _("%s - %s, held until %s"), begins, until, late);
	return pair(app, a, row, _("reserved"), INK_STRONG, text);
}

static void draw_reserve(struct app *app, struct area a, const struct quote *q)
{
	const struct task *t = &app->dialog.task;
	bool begun = t->from_ms == VALUE_NONE || t->from_ms <= app->now_ms;
	char fen[32];
	int row = q->max_s != VALUE_NONE && t->kind == TASK_RESERVE ? draw_span(app, a, 0, q) : 0;

	row += draw_balance(app, a, row, q);
	if (q->fee_fen == VALUE_NONE) {
		return;
	}
	fmt_value(fen, sizeof fen, UNIT_FEN, q->fee_fen, true);
	row += pair(app, a, row, _("fee if nobody comes"), INK_NORMAL,
		q->fee_fen == 0 ? _("none") : fen);
	if (q->fee_fen > 0) {
		panel_wrap(app, (struct area){a.y + row, a.x, a.h - row, a.w}, INK_NORMAL,
			t->kind == TASK_RESERVE ? _("It is held now. Cancelled before the begin, "
						    "or charged: it goes back.")
			: begun ? _("It has begun: the fee is due, unless it is waived.")
				: _("It has not begun: the fee goes back."));
	}
}

static void say(struct app *app, struct area a, enum ink ink, const char *text)
{
	panel_wrap(app, (struct area){a.y, a.x, 2, a.w}, ink, text);
}

void task_quote_draw(struct app *app, struct area a)
{
	const struct task *t = &app->dialog.task;
	const struct quote *q = &app->feed->quote;
	char text[192];

	if (app->feed->state != FEED_UP) {
		say(app, a, INK_ALARM, _("! No link to the agent: no price is known."));
	} else if (q->form != t->form) {
		bool late = mono_diff_us(app->now, t->changed) > LATE_US;

		say(app, a, late ? INK_ALARM : INK_DIM,
			late ? _("! The agent has not answered what it costs; it is asked again.")
			     : _("The agent is asked what it costs."));
	} else if (q->error[0] != '\0') {
		memcpy(text, "! ", 3);
		word_said(q->error, q->message, text + 2, sizeof text - 2);
		say(app, a, INK_ALARM, text);
	} else if (t->kind == TASK_CHARGE) {
		draw_charge(app, a, q);
	} else {
		draw_reserve(app, a, q);
	}
}
