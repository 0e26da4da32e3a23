#include "task.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "edit.h"
#include "fmt.h"
#include "i18n.h"
#include "keys.h"
#include "money.h"
#include "orderwords.h"
#include "role.h"
#include "views/panel.h"
#include "when.h"
#include "word.h"

enum field_type {
	FIELD_NONE,
	FIELD_TEXT,
	FIELD_OPTION,
	FIELD_FEN,
	FIELD_FEN_OPTION,
	FIELD_STARS,
	FIELD_LIMIT, /* of a charge; none is until full */
	FIELD_FROM,  /* a time; none is now */
	FIELD_UNTIL  /* one after that */
};

struct blank {
	const char *key, *label;
	enum field_type type;
};

static const struct {
	enum method method;
	const char *title, *effect;
	const char *subject; /* key of the object; NULL = none */
	bool number;         /* the object is a number */
	const char *key, *value;
	struct blank fields[TASK_FIELDS];
} tasks[TASK_COUNT_] = {
	[TASK_TOPUP] = {METHOD_ACCOUNT_MONEY, N_("top up"),
		N_("The money is taken in; the balance rises."), "account", false, "kind", "topup",
		{{"fen", N_("Amount, yuan"), FIELD_FEN}}},
	[TASK_WITHDRAW] = {METHOD_ACCOUNT_MONEY, N_("pay out"),
		N_("The money is handed out; the balance falls."), "account", false, "kind",
		"withdraw", {{"fen", N_("Amount, yuan"), FIELD_FEN}}},
	[TASK_FREEZE] = {METHOD_ACCOUNT_STATUS, N_("freeze"),
		N_("The account starts no charge any more; what runs goes on."), "account", false,
		"change", "freeze", {{"reason", N_("Reason"), FIELD_TEXT}}},
	[TASK_UNFREEZE] = {METHOD_ACCOUNT_STATUS, N_("unfreeze"),
		N_("The account may charge again."), "account", false, "change", "unfreeze",
		{{"reason", N_("Reason"), FIELD_TEXT}}},
	[TASK_OPEN] = {METHOD_ACCOUNT_OPEN, N_("open an account"),
		N_("A new account begins empty."), NULL, false, NULL, NULL,
		{{"name", N_("Name"), FIELD_TEXT}, {"phone", N_("Phone"), FIELD_OPTION},
			{"plate", N_("Plate"), FIELD_OPTION}}},
	[TASK_CARD] = {METHOD_ACCOUNT_CARD, N_("give a card"),
		N_("Whoever holds this card charges at the account's cost."), "account", false,
		NULL, NULL, {{"card", N_("Card"), FIELD_TEXT}}},
	[TASK_CHARGE] = {METHOD_CHARGE, N_("charge"),
		N_("The prepayment is held; what is not used goes back. No limit: until full."),
		"gun", false, NULL, NULL,
		{{"account", N_("Account or card"), FIELD_TEXT},
			{"value", N_("For how much (20 yuan, 10 kWh, 45 min)"), FIELD_LIMIT}}},
	[TASK_RESERVE] = {METHOD_RESERVE_ADD, N_("reserve"),
		N_("The gun is kept for the account; who does not come pays the fee."), "gun",
		false, NULL, NULL,
		{{"account", N_("Account or card"), FIELD_TEXT},
			{"from", N_("From (nothing: now)"), FIELD_FROM},
			{"until", N_("Until"), FIELD_UNTIL}}},
	[TASK_UNRESERVE] = {METHOD_RESERVE_CANCEL, N_("cancel the reservation"),
		N_("Others may charge at the gun again."), "id", false, NULL, NULL,
		{{"reason", N_("To waive the fee: why"), FIELD_OPTION}}},
	[TASK_REFUND] = {METHOD_BILL_REFUND, N_("refund"),
		N_("The money goes back to the account, once. No amount: all of it."), "bill", true,
		NULL, NULL,
		{{"fen", N_("Amount, yuan"), FIELD_FEN_OPTION},
			{"reason", N_("Reason"), FIELD_TEXT}}},
	[TASK_POST] = {METHOD_ABNORMAL_DO, N_("post"), N_("The charge is billed as computed."),
		"entry", true, "action", "post", {{"reason", N_("Reason"), FIELD_TEXT}}},
	[TASK_VOID] = {METHOD_ABNORMAL_DO, N_("void"),
		N_("Nothing is billed; the prepayment goes back."), "entry", true, "action", "void",
		{{"reason", N_("Reason"), FIELD_TEXT}}},
	[TASK_GIVE_BACK] = {METHOD_ABNORMAL_DO, N_("refund"),
		N_("The money goes back to the account, once."), "entry", true, "action", "refund",
		{{"reason", N_("Reason"), FIELD_TEXT}}},
	[TASK_NOTE] = {METHOD_NOTE_ADD, N_("note"),
		N_("Everybody who looks at the gun reads it, with your name."), "target", false,
		NULL, NULL, {{"text", N_("Note"), FIELD_TEXT}}},
	[TASK_RATE] = {METHOD_BILL_RATE, N_("rate"),
		N_("It counts for the pile; one that was given before stays on record."), "bill",
		true, NULL, NULL,
		{{"stars", N_("Stars, 1 to 5"), FIELD_STARS},
			{"remark", N_("Remark"), FIELD_OPTION}}},
	[TASK_RATE_SESSION] = {METHOD_BILL_RATE, N_("rate"),
		N_("It counts for the pile; one that was given before stays on record."), "session",
		false, NULL, NULL,
		{{"stars", N_("Stars, 1 to 5"), FIELD_STARS},
			{"remark", N_("Remark"), FIELD_OPTION}}},
};

static const struct blank *field_at(const struct task *t)
{
	return t->field < TASK_FIELDS && tasks[t->kind].fields[t->field].type != FIELD_NONE
		       ? &tasks[t->kind].fields[t->field]
		       : NULL;
}

/* The agent decides; but whoever may not is told before the form is filled in. */
static bool role_does(struct app *app, enum task_kind kind)
{
	enum role need = method_info(tasks[kind].method)->role;
	char text[160];

	if (role_may(role_read(app->model->hello.role), need)) {
		return true;
	}
	snprintf(text, sizeof text, _("%s: it needs the role %s, yours is %s"),
		_(tasks[kind].title), role_name(need), app->model->hello.role);
	app_notice(app, text);
	return false;
}

void task_open(struct app *app, enum task_kind kind, const char *subject, const char *about)
{
	struct dialog *d = &app->dialog;

	if (!app_may(app) || !role_does(app, kind)) {
		return;
	}
	if (errand_waits(app->at)) {
		app_notice(app, _("Wait: what became of the last task is not known yet."));
		return;
	}
	*d = (struct dialog){.kind = DIALOG_TASK};
	d->task.kind = kind;
	d->task.from_ms = d->task.until_ms = VALUE_NONE;
	view_set_text(d->task.subject, sizeof d->task.subject, subject);
	view_set_text(d->task.about, sizeof d->task.about, about);
	view_set_text(d->task.gun, sizeof d->task.gun,
		kind == TASK_CHARGE || kind == TASK_RESERVE ? subject : "");
	order_make_id(d->task.id, sizeof d->task.id);
	task_quote_changed(app);
}

void task_reserve(struct app *app, const struct view_gun *gun, bool cancel)
{
	struct task *t = &app->dialog.task;
	char about[104], text[80];

	if (!cancel) {
		task_open(app, TASK_RESERVE, gun->id, gun->id);
		return;
	}
	if (gun->reservation[0] == '\0') {
		app_notice(app, _("The gun is not reserved."));
		return;
	}
	word_reserved(app, gun, text, sizeof text);
	snprintf(about, sizeof about, "%s, %s", gun->id, text);
	task_open(app, TASK_UNRESERVE, gun->reservation, about);
	if (app->dialog.kind == DIALOG_TASK) {
		VIEW_SET(t, gun, gun->id);
		t->from_ms = gun->reserved_from;
		task_quote_changed(app);
	}
}

/* ---- Giving ---- */

void task_add_limit(const struct task *t, cJSON *params)
{
	enum order_limit limit;
	int64_t value;

	if (order_limit_parse(t->text[1], &limit, &value) != 0) {
		return; /* not typed to its end */
	}
	cJSON_AddStringToObject(params, "limit", order_token(ORDER_WORDS_LIMIT, limit));
	if (limit != OLIMIT_FULL) {
		wire_add_int(params, "value", value);
	}
}

static void add_time(cJSON *params, const char *key, int64_t ms)
{
	if (ms != VALUE_NONE) {
		wire_add_int(params, key, ms);
	}
}

static void add_field(cJSON *params, const struct task *t, const struct blank *f, const char *text)
{
	int64_t value;

	if (f->type == FIELD_FROM || f->type == FIELD_UNTIL) {
		add_time(params, f->key, f->type == FIELD_FROM ? t->from_ms : t->until_ms);
	} else if (text[0] != '\0' && (f->type == FIELD_TEXT || f->type == FIELD_OPTION)) {
		cJSON_AddStringToObject(params, f->key, text);
	} else if (f->type == FIELD_LIMIT) {
		task_add_limit(t, params);
	} else if (f->type == FIELD_STARS && text_int(text, 1, 5, &value) == 0) {
		wire_add_int(params, f->key, value);
	} else if (text[0] != '\0' && money_parse(text, &value) == 0) {
		wire_add_int(params, f->key, value);
	}
}

static void give(struct app *app, struct station *s)
{
	const struct task *t = &app->dialog.task;
	cJSON *params = cJSON_CreateObject();
	/* The foot is short: an account's or gun's own number suffices. */
	bool named = !tasks[t->kind].number && t->kind != TASK_UNRESERVE;
	char what[160];
	int rc;

	if (params != NULL) {
		/* A reservation's end has its own: doing it twice does it once. */
		if (t->kind != TASK_UNRESERVE) {
			cJSON_AddStringToObject(params, "id", t->id);
		} else if (t->text[0][0] != '\0') {
			cJSON_AddTrueToObject(params, "waive");
		}
		if (tasks[t->kind].subject != NULL && tasks[t->kind].number) {
			wire_add_int(params, tasks[t->kind].subject, strtoll(t->subject, NULL, 10));
		} else if (tasks[t->kind].subject != NULL) {
			cJSON_AddStringToObject(params, tasks[t->kind].subject, t->subject);
		}
		if (tasks[t->kind].key != NULL) {
			cJSON_AddStringToObject(params, tasks[t->kind].key, tasks[t->kind].value);
		}
		for (int i = 0; i < TASK_FIELDS && tasks[t->kind].fields[i].key != NULL; i++) {
			add_field(params, t, &tasks[t->kind].fields[i], t->text[i]);
		}
	}
	snprintf(what, sizeof what, "%s%s%s", named ? t->subject : t->about,
		t->about[0] != '\0' ? ": " : "", _(tasks[t->kind].title));
	rc = errand_give(s, tasks[t->kind].method, t->kind == TASK_UNRESERVE ? t->subject : t->id,
		what, params);
	if (rc != 0) {
		app_notice(app, _(err_text(rc)));
	}
}

void task_run(struct app *app, struct station *s)
{
	const struct errand *e = &s->errand;
	char text[sizeof e->what + sizeof e->outcome + 8];

	if (!errand_run(s, app->now)) {
		return;
	}
	/* One whose answer was lost has a line of its own. */
	if (s != app->at) {
		snprintf(text, sizeof text, "%s: %s: %s", station_name(s), e->what, e->outcome);
		app_notice(app, text);
	} else if (!e->unsure) {
		app_notice(app, e->outcome);
	}
	/* What the pages show is old now. */
	memset(s->next_ask, 0, sizeof s->next_ask);
}

/* ---- Typing ---- */

/* Takes a time that was typed; what it means is shown with the quote. */
static bool time_good(struct app *app, enum field_type type, const char *text)
{
	struct dialog *d = &app->dialog;
	struct task *t = &d->task;
	struct wall base = {app->now_ms}, out;

	if (type == FIELD_FROM && text[0] == '\0') {
		t->from_ms = VALUE_NONE;
		return true;
	}
	if (type == FIELD_UNTIL && t->from_ms != VALUE_NONE) {
		base.ms = t->from_ms;
	}
	if (when_next(text, base, &out) != 0) {
		view_set_text(d->complaint, sizeof d->complaint,
			_("Type a time: 14:30, +1h, 2026-03-01T18:00."));
		return false;
	}
	if (out.ms < base.ms || (type == FIELD_UNTIL && out.ms == base.ms)) {
		view_set_text(d->complaint, sizeof d->complaint,
			type == FIELD_FROM ? _("This time has passed.")
					   : _("The end must be after the begin."));
		return false;
	}
	*(type == FIELD_FROM ? &t->from_ms : &t->until_ms) = out.ms;
	return true;
}

/* Takes the limit of a charge. */
static bool limit_good(struct app *app, const char *text)
{
	enum order_limit limit;
	int64_t value;

	if (order_limit_parse(text, &limit, &value) != 0) {
		view_set_text(app->dialog.complaint, sizeof app->dialog.complaint,
			_("Type an amount, an energy or a time: 12.34, 10 kWh, 45 min."));
		return false;
	}
	return true;
}

/* Whether the field can be left as it is; complains where not. */
static bool field_good(struct app *app)
{
	struct dialog *d = &app->dialog;
	const struct blank *f = field_at(&d->task);
	const char *text = d->task.text[d->task.field];
	int64_t value;

	if (f->type == FIELD_FROM || f->type == FIELD_UNTIL) {
		return time_good(app, f->type, text);
	}
	if (f->type == FIELD_LIMIT) {
		return limit_good(app, text);
	}
	if (text[0] == '\0' && (f->type == FIELD_OPTION || f->type == FIELD_FEN_OPTION)) {
		return true;
	}
	if (f->type == FIELD_TEXT || f->type == FIELD_OPTION) {
		if (text[0] == '\0') {
			view_set_text(
				d->complaint, sizeof d->complaint, _("This cannot stay empty."));
		}
		return text[0] != '\0';
	}
	if (f->type == FIELD_STARS) {
		if (text_int(text, 1, 5, &value) != 0) {
			view_set_text(d->complaint, sizeof d->complaint,
				_("Type 1, 2, 3, 4 or 5; 5 is the best."));
			return false;
		}
		return true;
	}
	if (money_parse(text, &value) != 0 || value == 0) {
		view_set_text(d->complaint, sizeof d->complaint,
			_("Type an amount with at most two decimals: 50 or 12.34."));
		return false;
	}
	return true;
}

void task_key(struct app *app, uint32_t key)
{
	struct dialog *d = &app->dialog;
	struct task *t = &d->task;

	if (key == KEYS_ESC) {
		d->kind = DIALOG_NONE;
		app_notice(app, _("Cancelled; nothing was sent."));
	} else if (field_at(t) != NULL) {
		d->complaint[0] = '\0';
		if (key != KEYS_ENTER) {
			edit_key(t->text[t->field], sizeof t->text[t->field], key);
		} else if (field_good(app)) {
			t->field++;
		}
		task_quote_changed(app);
	} else if (key == 'y' || key == 'Y') {
		d->station = app->at;
		dialog_named(app, _(tasks[t->kind].title), give);
	}
}

/* ---- Drawing ---- */

void task_draw(struct app *app)
{
	const struct dialog *d = &app->dialog;
	const struct task *t = &d->task;
	const struct blank *f = field_at(t);
	struct canvas *c = &app->canvas;
	int row = 2, quote = t->gun[0] != '\0' ? QUOTE_ROWS + 1 : 0;
	char title[160];
	struct area a;

	snprintf(title, sizeof title, "%s%s%s", t->about, t->about[0] != '\0' ? ": " : "",
		_(tasks[t->kind].title));
	a = dialog_box(app, 6 + TASK_FIELDS + quote, title);
	for (int i = 0; i < TASK_FIELDS && tasks[t->kind].fields[i].type != FIELD_NONE; i++) {
		if (i <= t->field) {
			const char *label = _(tasks[t->kind].fields[i].label);

			canvas_printf(c, a.y + row++, a.x + 2, a.w - 4,
				i == t->field ? INK_STRONG : INK_NORMAL, "%s: %s%s", label,
				edit_tail(t->text[i], a.w - 7 - text_width(label)),
				i == t->field ? "_" : "");
		}
	}
	if (quote > 0) {
		task_quote_draw(app, (struct area){a.y + row + 1, a.x + 2, QUOTE_ROWS, a.w - 4});
		row = a.h - 4;
	}
	if (f != NULL) {
		canvas_text(c, a.y + row, a.x + 2, a.w - 4, INK_ALARM, d->complaint);
		canvas_text(c, a.y + a.h - 2, a.x + 2, a.w - 4, INK_DIM,
			_("Enter: go on   Esc: cancel"));
	} else {
		panel_wrap(app, (struct area){a.y + row, a.x + 2, 2, a.w - 4}, INK_STRONG,
			_(tasks[t->kind].effect));
		canvas_printf(c, a.y + a.h - 2, a.x + 2, a.w - 4, INK_KEY,
			_("y: yes, %s   Esc: cancel"), _(tasks[t->kind].title));
	}
}
