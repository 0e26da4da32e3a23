/* Alarms: those that wait for a person first, with what each means and what to do below. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "fault.h"
#include "i18n.h"
#include "page.h"
#include "panel.h"
#include "text.h"
#include "word.h"

#define EXPLAIN_H 7
#define PERIOD_US (10 * US_PER_S)
#define LIMIT     300

static bool over(const struct view_alarm *a)
{
	return a->ended != VALUE_NONE;
}

static bool is(const struct view_alarm *a, const char *state)
{
	return strcmp(a->state, state) == 0;
}

static bool put_aside(const struct view_alarm *a)
{
	return strncmp(a->state, "shelved", 7) == 0 || is(a, "folded") || is(a, "out_of_service");
}

static enum ink ink_of(const struct view_alarm *a)
{
	return over(a) || put_aside(a) ? INK_DIM
	       : is(a, "acked")        ? INK_NORMAL
				       : word_severity_ink(a->severity);
}

static void text_state(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	const struct view_alarm *a = row;

	(void)app;
	*ink = ink_of(a);
	if (over(a)) {
		snprintf(dst, size, "- %s", is(a, "normal") ? _("over") : _("closed"));
	} else {
		snprintf(dst, size, "%s", word_alarm_mark(a->state));
	}
}

static void text_severity(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	const struct view_alarm *a = row;

	(void)app;
	*ink = ink_of(a);
	snprintf(dst, size, "%s", word_severity(a->severity));
}

static void text_code(const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	(void)ink;
	snprintf(dst, size, "%lld", (long long)((const struct view_alarm *)row)->code);
}

static void text_target(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	*ink = INK_STRONG;
	snprintf(dst, size, "%s", ((const struct view_alarm *)row)->target);
}

static void text_name(const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	const struct view_alarm *a = row;
	char buf[48];
	size_t used = 0;

	(void)app;
	*ink = over(a) || put_aside(a) ? INK_DIM : INK_NORMAL;
	text_append(dst, size, &used, "%s", word_fault(a->code, buf, sizeof buf));
	if (a->count > 1) {
		text_append(dst, size, &used, " x%lld", (long long)a->count);
	}
	if (a->parent[0] != '\0') {
		text_append(dst, size, &used, ", ");
		text_append(dst, size, &used, _("under %s"), a->parent);
	}
	if (a->detail[0] != '\0') {
		text_append(dst, size, &used, ": %s", a->detail);
	}
}

static void text_raised(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)ink;
	word_time(app, ((const struct view_alarm *)row)->raised, dst, size);
}

static void text_lasted(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	const struct view_alarm *a = row;

	(void)ink;
	word_age(dst, size,
		a->returned == VALUE_NONE ? word_age_of(app, a->raised) : a->returned - a->raised);
}

static const struct grid_column columns[] = {
	{.title = N_("state"), .width = 10, .field = "state", .text = text_state},
	{.title = N_("where"), .width = 10, .field = "target", .text = text_target},
	{.title = N_("severity"), .width = 9, .field = "severity", .text = text_severity},
	{.title = N_("code"),
		.width = 4,
		.rank = 2,
		.align = TEXT_RIGHT,
		.field = "code",
		.text = text_code},
	{.title = N_("raised"),
		.width = 11,
		.align = TEXT_RIGHT,
		.field = "raised",
		.text = text_raised},
	{.title = N_("lasts"), .width = 6, .rank = 1, .align = TEXT_RIGHT, .text = text_lasted},
	{.title = N_("alarm"), .width = 20, .flex = true, .text = text_name},
};

/* What waits for a person, what is known, what is put aside, what is over. */
static int rank(const struct view_alarm *a)
{
	if (over(a)) {
		return 4;
	}
	if (put_aside(a)) {
		return 3;
	}
	return is(a, "unack") ? 0 : is(a, "acked") ? 2 : 1;
}

static int by_urgency(const void *a, const void *b)
{
	const struct view_alarm *x = a, *y = b;
	int rx = rank(x), ry = rank(y);

	if (rx != ry) {
		return rx - ry;
	}
	if (rx < 4 && x->severity != y->severity) {
		return x->severity < y->severity ? -1 : 1;
	}
	return x->raised > y->raised ? -1 : x->raised < y->raised;
}

static size_t count(const struct app *app)
{
	return model_count(app->model, VIEW_alarm) + app->model->past_alarms.count;
}

/* Those that are not over from the live table, the others from the answer to `alarms`. */
static const void *row_at(const struct app *app, size_t i)
{
	size_t live = model_count(app->model, VIEW_alarm);
	const struct view_alarm *past;

	if (i < live) {
		return model_at(app->model, VIEW_alarm, i);
	}
	past = rows_at(&app->model->past_alarms, VIEW_alarm, i - live);
	return past == NULL || !over(past) || model_find(app->model, VIEW_alarm, past->id) != NULL
		       ? NULL
		       : past;
}

static const struct grid_spec alarms = {
	.kind = VIEW_alarm,
	.columns = columns,
	.column_count = sizeof columns / sizeof columns[0],
	.empty = N_("No alarm, now or in the past that the store keeps."),
	.order = by_urgency,
	.count = count,
	.row = row_at,
};

static const struct view_alarm *selected(struct app *app)
{
	return grid_selected(app, &app->grids[PAGE_ALARMS], &alarms);
}

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

static void draw_explanation(struct app *app, struct area a)
{
	const struct view_alarm *alarm = selected(app);
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

static void draw(struct app *app, struct area a)
{
	int below = a.h > 2 * EXPLAIN_H ? EXPLAIN_H : 0;

	grid_draw(app, &app->canvas, (struct area){a.y, a.x, a.h - below, a.w},
		&app->grids[PAGE_ALARMS], &alarms);
	if (below > 0) {
		draw_explanation(app, (struct area){a.y + a.h - below, a.x, below, a.w});
	}
}

/* ---- What a person does ---- */

static void send(struct app *app, enum method method, const char *id)
{
	cJSON *params = cJSON_CreateObject();
	int rc;

	if (params != NULL) {
		cJSON_AddStringToObject(params, "alarm", id);
	}
	rc = feed_ask(app->feed, ASK_ALARM, method, params, NULL);
	if (rc != 0) {
		app_notice(app, _(err_text(rc)));
	}
}

static bool may_act(struct app *app, const struct view_alarm *alarm)
{
	if (alarm == NULL || over(alarm)) {
		app_notice(app, _("This alarm is over; nothing is left to do about it."));
	} else if (!app->write) {
		app_notice(app, _("Read-only: press w to allow commands."));
	} else if (app_stale(app)) {
		app_notice(app, _("No link to the agent: no command can be given."));
	} else {
		return true;
	}
	return false;
}

static bool act(struct app *app, enum act act)
{
	const struct view_alarm *alarm = selected(app);

	if ((act == ACT_ACK || act == ACT_SHELVE) && alarm != NULL) {
		/* It moves in the list, and stays the one that is looked at. */
		VIEW_SET(&app->grids[PAGE_ALARMS], selected, alarm->id);
	}
	switch (act) {
	case ACT_OPEN:
		if (alarm != NULL && model_find(app->model, VIEW_gun, alarm->target) != NULL) {
			page_open_gun(app, alarm->target);
		}
		return true;
	case ACT_ACK:
		if (may_act(app, alarm)) {
			send(app, is(alarm, "held") ? METHOD_ALARM_RESET : METHOD_ALARM_ACK,
				alarm->id);
		}
		return true;
	case ACT_SHELVE:
		if (may_act(app, alarm) && strncmp(alarm->state, "shelved", 7) == 0) {
			send(app, METHOD_ALARM_UNSHELVE, alarm->id);
		} else if (may_act(app, alarm)) {
			dialog_shelve(app, alarm);
		}
		return true;
	default:
		return false;
	}
}

static void ask(struct app *app)
{
	cJSON *params;

	if (page_due(app, ASK_ALARMS, PERIOD_US)) {
		params = cJSON_CreateObject();
		if (params != NULL) {
			cJSON_AddNumberToObject(params, "limit", LIMIT);
		}
		feed_ask(app->feed, ASK_ALARMS, METHOD_ALARMS, params, NULL);
	}
}

const struct page page_alarms = {
	.title = N_("Alarms"),
	.key = ACT_ALARMS,
	.draw = draw,
	.grid = &alarms,
	.act = act,
	.ask = ask,
};
