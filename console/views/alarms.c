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

static void draw(struct app *app, struct area a)
{
	int below = a.h > 2 * PANEL_ALARM_H ? PANEL_ALARM_H : 0;

	grid_draw(app, &app->canvas, (struct area){a.y, a.x, a.h - below, a.w},
		&app->grids[PAGE_ALARMS], &alarms);
	if (below > 0) {
		panel_alarm(app, (struct area){a.y + a.h - below, a.x, below, a.w}, selected(app));
	}
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
	case ACT_SHELVE:
		dialog_alarm(app, app->at, alarm, act);
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
