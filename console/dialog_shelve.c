/* Putting an alarm aside: for how long, and why. */
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

void dialog_shelve(struct app *app, const struct view_alarm *alarm)
{
	struct dialog *d = &app->dialog;

	*d = (struct dialog){.kind = DIALOG_SHELVE};
	view_set_text(d->alarm, sizeof d->alarm, alarm->id);
	view_set_text(d->input, sizeof d->input, "2h ");
}

static bool give(struct app *app)
{
	struct dialog *d = &app->dialog;
	char time[16];
	const char *reason = d->input + strcspn(d->input, " ");
	size_t n = (size_t)(reason - d->input);
	cJSON *params;
	int64_t s;
	int rc;

	snprintf(time, sizeof time, "%.*s", n < sizeof time ? (int)n : 0, d->input);
	reason += strspn(reason, " ");
	if (fmt_parse(time, UNIT_S, LEAST_S, MOST_S, &s) != 0) {
		view_set_text(d->complaint, sizeof d->complaint,
			_("First a time of at most 7d: 30min, 2h, 1d."));
		return false;
	}
	if (reason[0] == '\0') {
		view_set_text(d->complaint, sizeof d->complaint,
			_("A reason is needed: the next shift must know why."));
		return false;
	}
	params = cJSON_CreateObject();
	if (params != NULL) {
		cJSON_AddStringToObject(params, "alarm", d->alarm);
		cJSON_AddNumberToObject(params, "until", (double)(app->now_ms + s * MS_PER_S));
		cJSON_AddStringToObject(params, "reason", reason);
	}
	rc = feed_ask(app->feed, ASK_ALARM, METHOD_ALARM_SHELVE, params, NULL);
	if (rc != 0) {
		app_notice(app, _(err_text(rc)));
	}
	return true;
}

void dialog_shelve_key(struct app *app, uint32_t key)
{
	struct dialog *d = &app->dialog;

	if (key == KEYS_ESC) {
		d->kind = DIALOG_NONE;
		app_notice(app, _("Cancelled; nothing was sent."));
	} else if (key == KEYS_ENTER) {
		if (give(app)) {
			d->kind = DIALOG_NONE;
		}
	} else {
		d->complaint[0] = '\0';
		edit_key(d->input, sizeof d->input, key);
	}
}

void dialog_shelve_draw(struct app *app)
{
	const struct dialog *d = &app->dialog;
	const struct view_alarm *alarm = model_find(app->model, VIEW_alarm, d->alarm);
	struct area a = dialog_box(app, 8, _("put an alarm aside"));
	struct canvas *c = &app->canvas;
	char buf[48];

	if (alarm != NULL) {
		canvas_printf(c, a.y + 2, a.x + 2, a.w - 4, INK_NORMAL, "%s  %s", alarm->target,
			word_fault(alarm->code, buf, sizeof buf));
	}
	canvas_printf(c, a.y + 4, a.x + 2, a.w - 4, INK_STRONG, "%s: %s_",
		_("For how long, and why"), d->input);
	canvas_text(c, a.y + 5, a.x + 2, a.w - 4, INK_ALARM, d->complaint);
	canvas_text(c, a.y + 6, a.x + 2, a.w - 4, INK_DIM, _("Enter: go on   Esc: cancel"));
}
