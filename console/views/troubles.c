/* The alarms of all sites in one list. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "i18n.h"
#include "page.h"
#include "panel.h"
#include "word.h"

/* One line, made anew from the models each time that they may have changed. */
struct trouble {
	struct station *station;
	const struct view_alarm *alarm;
	char key[160];
};

static const struct view_alarm *alarm_of(const void *row)
{
	return ((const struct trouble *)row)->alarm;
}

void troubles_collect(struct app *app)
{
	size_t n = 0;

	app->trouble_count = 0;
	for (size_t i = 0; i < app->station_count; i++) {
		n += model_count(&app->stations[i].model, VIEW_alarm);
	}
	n = n < GRID_ROWS_MAX ? n : GRID_ROWS_MAX;
	if (n > app->trouble_cap) {
		struct trouble *fresh = realloc(app->troubles, n * sizeof *fresh);

		if (fresh == NULL) {
			return;
		}
		app->troubles = fresh;
		app->trouble_cap = n;
	}
	for (size_t i = 0; i < app->station_count; i++) {
		struct station *s = &app->stations[i];

		for (size_t k = 0; k < model_count(&s->model, VIEW_alarm); k++) {
			const struct view_alarm *alarm = model_at(&s->model, VIEW_alarm, k);
			struct trouble *t = &app->troubles[app->trouble_count];

			if (app->trouble_count == n || !station_alarm_counts(alarm)) {
				continue;
			}
			t->station = s;
			t->alarm = alarm;
			snprintf(t->key, sizeof t->key, "%s %s", s->cfg.name, alarm->id);
			app->trouble_count++;
		}
	}
}

static void text_site(const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	*ink = INK_STRONG;
	snprintf(dst, size, "%s", station_name(((const struct trouble *)row)->station));
}

static void text_state(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	*ink = strcmp(alarm_of(row)->state, "unack") == 0
		       ? word_severity_ink(alarm_of(row)->severity)
		       : INK_NORMAL;
	snprintf(dst, size, "%s", word_alarm_state(alarm_of(row)->state));
}

static void text_target(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	*ink = INK_STRONG;
	snprintf(dst, size, "%s", alarm_of(row)->target);
}

static void text_severity(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	*ink = word_severity_ink(alarm_of(row)->severity);
	snprintf(dst, size, "%s", word_severity(alarm_of(row)->severity));
}

static void text_lasts(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	const struct trouble *t = row;
	int64_t now = model_now_ms(&t->station->model, app->now);

	(void)ink;
	dst[0] = '\0';
	if (now != VALUE_NONE && t->alarm->raised != VALUE_NONE) {
		word_age(dst, size, now - t->alarm->raised);
	}
}

static void text_name(const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	const struct view_alarm *alarm = alarm_of(row);
	char buf[48];

	(void)app;
	(void)ink;
	snprintf(dst, size, "%s%s%s", word_fault(alarm->code, buf, sizeof buf),
		alarm->detail[0] != '\0' ? ": " : "", alarm->detail);
}

static int by_site(const void *a, const void *b)
{
	return grid_compare_names(station_name(((const struct trouble *)a)->station),
		station_name(((const struct trouble *)b)->station));
}

static int by_target(const void *a, const void *b)
{
	return grid_compare_names(alarm_of(a)->target, alarm_of(b)->target);
}

static int by_age(const void *a, const void *b)
{
	return alarm_of(a)->raised > alarm_of(b)->raised   ? -1
	       : alarm_of(a)->raised < alarm_of(b)->raised ? 1
							   : 0;
}

static int by_severity(const void *a, const void *b)
{
	int64_t x = alarm_of(a)->severity, y = alarm_of(b)->severity;

	return x < y ? -1 : x > y ? 1 : by_age(a, b);
}

static const struct grid_column columns[] = {
	{.title = N_("site"), .width = 14, .grow = 10, .text = text_site, .compare = by_site},
	{.title = N_("where"), .width = 8, .text = text_target, .compare = by_target},
	{.title = N_("severity"), .width = 9, .text = text_severity, .compare = by_severity},
	{.title = N_("state"), .width = 12, .rank = 1, .text = text_state},
	{.title = N_("lasts"),
		.width = 6,
		.align = TEXT_RIGHT,
		.text = text_lasts,
		.compare = by_age},
	{.title = N_("alarm"), .width = 20, .flex = true, .text = text_name},
};

static size_t count(const struct app *app)
{
	return app->trouble_count;
}

static const void *row_at(const struct app *app, size_t i)
{
	return &app->troubles[i];
}

static const char *key(const void *row)
{
	return ((const struct trouble *)row)->key;
}

static bool faded(const struct app *app, const void *row)
{
	const struct station *s = ((const struct trouble *)row)->station;

	return s->feed.state != FEED_UP || feed_silent(&s->feed, app->now);
}

static const struct grid_spec troubles = {
	.key = key,
	.columns = columns,
	.column_count = sizeof columns / sizeof columns[0],
	.empty = N_("No alarm at any site that can be reached."),
	.order = by_severity,
	.faded = faded,
	.count = count,
	.row = row_at,
};

static const struct trouble *selected(struct app *app)
{
	return grid_selected(app, &app->grids[PAGE_TROUBLES], &troubles);
}

static void draw(struct app *app, struct area a)
{
	int below = a.h > 2 * PANEL_ALARM_H ? PANEL_ALARM_H : 0;
	const struct trouble *t;

	grid_draw(app, &app->canvas, (struct area){a.y, a.x, a.h - below, a.w},
		&app->grids[PAGE_TROUBLES], &troubles);
	t = selected(app);
	if (below > 0) {
		panel_alarm(app, (struct area){a.y + a.h - below, a.x, below, a.w},
			t == NULL ? NULL : t->alarm);
	}
}

static bool act(struct app *app, enum act act)
{
	const struct trouble *t = selected(app);

	if (t == NULL || (act != ACT_OPEN && act != ACT_ACK && act != ACT_SHELVE)) {
		return act == ACT_OPEN;
	}
	if (act == ACT_OPEN) {
		app_show(app, t->station);
		app_go(app, PAGE_ALARMS);
		return true;
	}
	/* It moves in the list, and stays the one that is looked at. */
	view_set_text(app->grids[PAGE_TROUBLES].selected, sizeof app->grids[PAGE_TROUBLES].selected,
		t->key);
	dialog_alarm(app, t->station, t->alarm, act);
	return true;
}

const struct page page_troubles = {
	.title = N_("Alarms of all sites"),
	.key = ACT_TROUBLES,
	.draw = draw,
	.grid = &troubles,
	.act = act,
};
