/* What a person does with an alarm: acknowledges or resets it, puts it aside or takes it back. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "app.h"
#include "edit.h"
#include "fmt.h"
#include "i18n.h"
#include "keys.h"
#include "word.h"

#define LEAST_S 60
#define MOST_S  (7 * 86400)

static int64_t now_at(const struct app *app, const struct station *s)
{
	return app->cfg.fixed_ms != VALUE_NONE ? app->cfg.fixed_ms
					       : model_now_ms(&s->model, app->now);
}

/* ---- Asking the agent ---- */

static void send(struct app *app, struct station *s, enum method method, cJSON *params)
{
	int rc;

	if (params != NULL) {
		cJSON_AddStringToObject(params, "alarm", app->dialog.alarm);
	}
	rc = feed_ask(&s->feed, ASK_ALARM, method, params, NULL);
	if (rc != 0) {
		app_notice(app, _(err_text(rc)));
	}
}

static void send_ack(struct app *app, struct station *s)
{
	send(app, s, METHOD_ALARM_ACK, cJSON_CreateObject());
}

static void send_reset(struct app *app, struct station *s)
{
	send(app, s, METHOD_ALARM_RESET, cJSON_CreateObject());
}

static void send_unshelve(struct app *app, struct station *s)
{
	send(app, s, METHOD_ALARM_UNSHELVE, cJSON_CreateObject());
}

static void send_shelve(struct app *app, struct station *s)
{
	cJSON *params = cJSON_CreateObject();

	if (params != NULL) {
		wire_add_int(params, "until", now_at(app, s) + app->dialog.for_ms);
		cJSON_AddStringToObject(params, "reason", app->dialog.reason);
	}
	send(app, s, METHOD_ALARM_SHELVE, params);
}

static bool may(struct app *app, const struct station *s, const struct view_alarm *alarm)
{
	if (alarm == NULL || alarm->ended != VALUE_NONE) {
		app_notice(app, _("This alarm is over; nothing is left to do about it."));
	} else if (!app->write) {
		app_notice(app, _("Read-only: press w to allow commands."));
	} else if (s->feed.state != FEED_UP || feed_silent(&s->feed, app->now)) {
		app_notice(app, _("No link to the agent: no command can be given."));
	} else {
		return true;
	}
	return false;
}

void dialog_alarm(struct app *app, struct station *s, const struct view_alarm *alarm, enum act act)
{
	struct dialog *d = &app->dialog;

	if (!may(app, s, alarm)) {
		return;
	}
	*d = (struct dialog){.station = s, .value = VALUE_NONE};
	view_set_text(d->alarm, sizeof d->alarm, alarm->id);
	if (act == ACT_ACK) {
		dialog_named(app, _("acknowledge or reset"),
			strcmp(alarm->state, "held") == 0 ? send_reset : send_ack);
	} else if (strncmp(alarm->state, "shelved", 7) == 0) {
		dialog_named(app, _("take an alarm back"), send_unshelve);
	} else {
		d->kind = DIALOG_SHELVE;
		view_set_text(d->input, sizeof d->input, "2h ");
	}
}

void dialog_alarm_verdict(struct app *app, struct station *s)
{
	struct verdict *v = &s->feed.alarm_verdict;
	char text[200];

	if (!v->fresh) {
		return;
	}
	v->fresh = false;
	if (strcmp(v->error, err_token(ERR_STATE)) == 0) {
		app_notice(app, _("This alarm cannot be acknowledged or put aside now."));
	} else if (word_refusal(v, s->model.hello.role, text, sizeof text)) {
		app_notice(app, text);
	} else if (app_above(app)) {
		/* Its row may be gone from the list. */
		app_notice(app, _("Done."));
	}
}

/* ---- For how long it is put aside, and why ---- */

static bool take(struct app *app)
{
	struct dialog *d = &app->dialog;
	char time[16];
	const char *reason = d->input + strcspn(d->input, " ");
	size_t n = (size_t)(reason - d->input);

	snprintf(time, sizeof time, "%.*s", n < sizeof time ? (int)n : 0, d->input);
	reason += strspn(reason, " ");
	if (fmt_parse(time, UNIT_MS, LEAST_S * MS_PER_S, MOST_S * MS_PER_S, &d->for_ms) != 0) {
		view_set_text(d->complaint, sizeof d->complaint,
			_("First a time of at most 7d: 30min, 2h, 1d."));
		return false;
	}
	if (reason[0] == '\0') {
		view_set_text(d->complaint, sizeof d->complaint,
			_("A reason is needed: the next shift must know why."));
		return false;
	}
	view_set_text(d->reason, sizeof d->reason, reason);
	return true;
}

void dialog_shelve_key(struct app *app, uint32_t key)
{
	struct dialog *d = &app->dialog;

	if (key == KEYS_ESC) {
		d->kind = DIALOG_NONE;
		app_notice(app, _("Cancelled; nothing was sent."));
	} else if (key == KEYS_ENTER) {
		if (take(app)) {
			dialog_named(app, _("put an alarm aside"), send_shelve);
		}
	} else {
		d->complaint[0] = '\0';
		edit_key(d->input, sizeof d->input, key);
	}
}

void dialog_shelve_draw(struct app *app)
{
	const struct dialog *d = &app->dialog;
	const struct view_alarm *alarm = model_find(&d->station->model, VIEW_alarm, d->alarm);
	struct area a = dialog_box(app, 8, _("put an alarm aside"));
	struct canvas *c = &app->canvas;
	char buf[48];

	if (alarm != NULL) {
		canvas_printf(c, a.y + 2, a.x + 2, a.w - 4, INK_NORMAL, "%s%s%s  %s",
			app_above(app) ? station_name(d->station) : "", app_above(app) ? ": " : "",
			alarm->target, word_fault(alarm->code, buf, sizeof buf));
	}
	canvas_printf(c, a.y + 4, a.x + 2, a.w - 4, INK_STRONG, "%s: %s_",
		_("For how long, and why"), d->input);
	canvas_text(c, a.y + 5, a.x + 2, a.w - 4, INK_ALARM, d->complaint);
	canvas_text(c, a.y + 6, a.x + 2, a.w - 4, INK_DIM, _("Enter: go on   Esc: cancel"));
}
