/* Charging sessions, the newest first. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "fmt.h"
#include "i18n.h"
#include "page.h"
#include "panel.h"
#include "word.h"

#define PERIOD_US (10 * US_PER_S)
#define LIMIT     500

#define EVIDENCE_H 5

static const struct view_session *session_row(const void *row)
{
	return row;
}

static bool open_session(const struct view_session *s)
{
	return s->end == VALUE_NONE;
}

static void text_gun(const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	*ink = INK_STRONG;
	snprintf(dst, size, "%s", session_row(row)->gun);
}

static void text_start(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)ink;
	word_time(app, session_row(row)->start, dst, size);
}

static void text_end(const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	if (open_session(row)) {
		*ink = INK_STRONG;
		snprintf(dst, size, "%s", _("> charging"));
	} else {
		word_time(app, session_row(row)->end, dst, size);
	}
}

static void text_duration(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	const struct view_session *s = row;
	int64_t seconds = s->duration_s;

	(void)ink;
	if (open_session(s) && s->start != VALUE_NONE) {
		int64_t age = word_age_of(app, s->start);

		seconds = age == VALUE_NONE ? VALUE_NONE : age / MS_PER_S;
	}
	fmt_value(dst, size, UNIT_S, seconds, true);
}

/* An open session's energy is the live one of its gun. */
static void text_energy(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	const struct view_session *s = row;
	const struct view_gun *gun = model_find(app->model, VIEW_gun, s->gun);
	int64_t wh = s->energy_wh;

	(void)ink;
	if (wh == VALUE_NONE && gun != NULL && strcmp(gun->session, s->id) == 0) {
		wh = gun->session_wh;
	}
	fmt_value(dst, size, UNIT_WH, wh, false);
}

static void text_soc(const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	const struct view_session *s = row;
	char from[8], to[8];

	(void)app;
	(void)ink;
	dst[0] = '\0';
	if (s->soc_start_pm != VALUE_NONE) {
		fmt_decimal(from, sizeof from, s->soc_start_pm, 10, 0);
		fmt_decimal(to, sizeof to, s->soc_end_pm, 10, 0);
		snprintf(dst, size, "%s-%s", from, open_session(s) ? "" : to);
	}
}

static void text_peak(const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	*ink = INK_DIM;
	fmt_decimal(dst, size, session_row(row)->peak_w, 1000, 1);
}

static void text_by(const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	*ink = INK_DIM;
	snprintf(dst, size, "%s", session_row(row)->started_by);
}

/* The flags in words: each is a remark about the evidence. */
static void text_flags(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	static const struct {
		const char *token, *label;
	} flags[] = {
#define SFLAG(sym, token, label) {token, label},
#include "sflag.def"
#undef SFLAG
	};
	const char *p = session_row(row)->flags;
	size_t used = 0;

	(void)app;
	*ink = *p == '\0' ? INK_DIM : INK_WARN;
	dst[0] = '\0';
	while (*p != '\0') {
		size_t n = strcspn(p, " ");

		for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
			if (strlen(flags[i].token) == n && strncmp(flags[i].token, p, n) == 0) {
				text_append(dst, size, &used, "%s%s", used > 0 ? "; " : "",
					_(flags[i].label));
			}
		}
		p += n;
		p += strspn(p, " ");
	}
}

static void text_id(const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	*ink = INK_DIM;
	snprintf(dst, size, "%s", session_row(row)->id);
}

static const struct grid_column columns[] = {
	{.title = N_("gun"), .width = 6, .field = "gun", .text = text_gun},
	{.title = N_("began"),
		.width = 11,
		.align = TEXT_RIGHT,
		.field = "start",
		.text = text_start},
	{.title = N_("ended"), .width = 11, .align = TEXT_RIGHT, .field = "end", .text = text_end},
	{.title = N_("duration"),
		.width = 8,
		.align = TEXT_RIGHT,
		.field = "duration_s",
		.text = text_duration},
	{.title = "kWh",
		.width = 8,
		.align = TEXT_RIGHT,
		.field = "energy_wh",
		.text = text_energy},
	{.title = "SoC%",
		.width = 6,
		.rank = 3,
		.align = TEXT_RIGHT,
		.field = "soc_end_pm",
		.text = text_soc},
	{.title = N_("peak kW"),
		.width = 7,
		.rank = 4,
		.align = TEXT_RIGHT,
		.field = "peak_w",
		.text = text_peak},
	{.title = N_("started by"), .width = 12, .rank = 5, .field = "started_by", .text = text_by},
	{.title = N_("remarks"), .width = 14, .flex = true, .text = text_flags},
	{.title = N_("session"), .width = 36, .rank = 9, .field = "id", .text = text_id},
};

static int newest_first(const void *a, const void *b)
{
	const struct view_session *x = a, *y = b;

	return x->start > y->start ? -1 : x->start < y->start;
}

static size_t count(const struct app *app)
{
	return app->model->sessions.count;
}

static const void *row_at(const struct app *app, size_t i)
{
	return rows_at(&app->model->sessions, VIEW_session, i);
}

static const struct grid_spec sessions = {
	.kind = VIEW_session,
	.columns = columns,
	.column_count = sizeof columns / sizeof columns[0],
	.empty = N_("No session yet."),
	.order = newest_first,
	.count = count,
	.row = row_at,
};

/* What the energy of the selected session rests on: two readings of the register, and remarks. */
static void draw_evidence(struct app *app, struct area a)
{
	const struct view_session *s = grid_selected(app, &app->grids[PAGE_SESSIONS], &sessions);
	char from[32], to[32], at[24], until[24], text[512];
	enum ink ink = INK_NORMAL;

	canvas_repeat(&app->canvas, a.y, a.x, a.w, INK_DIM, app->glyphs->line);
	if (s == NULL) {
		return;
	}
	fmt_value(from, sizeof from, UNIT_WH, s->start_wh, true);
	fmt_value(to, sizeof to, UNIT_WH, s->end_wh, true);
	word_time(app, s->start_at, at, sizeof at);
	word_time(app, s->end_at, until, sizeof until);
	canvas_printf(&app->canvas, a.y + 1, a.x + 1, a.w - 2, INK_STRONG, "%s", s->id);
	snprintf(text, sizeof text, _("Register %s (%s) at %s, %s (%s) at %s"), from,
		word_quality(s->start_quality), at, to, word_quality(s->end_quality), until);
	canvas_text(&app->canvas, a.y + 2, a.x + 1, a.w - 2, INK_NORMAL, text);
	text_flags(app, s, text, sizeof text, &ink);
	panel_wrap(app, (struct area){a.y + 3, a.x + 1, a.h - 3, a.w - 2}, ink, text);
}

static void draw(struct app *app, struct area a)
{
	int below = a.h > 3 * EVIDENCE_H ? EVIDENCE_H : 0;

	grid_draw(app, &app->canvas, (struct area){a.y, a.x, a.h - below, a.w},
		&app->grids[PAGE_SESSIONS], &sessions);
	if (below > 0) {
		draw_evidence(app, (struct area){a.y + a.h - below, a.x, below, a.w});
	}
}

static bool act(struct app *app, enum act act)
{
	const struct view_session *s;
	char about[96], when[24];

	if (act != ACT_OPEN && act != ACT_RATE) {
		return false;
	}
	s = grid_selected(app, &app->grids[PAGE_SESSIONS], &sessions);
	if (s != NULL && act == ACT_RATE) {
		word_time(app, s->start, when, sizeof when);
		snprintf(about, sizeof about, "%s, %s", s->gun, when);
		task_open(app, TASK_RATE_SESSION, s->id, about);
	} else if (s != NULL) {
		page_open_gun(app, s->gun);
	}
	return true;
}

static void ask(struct app *app)
{
	cJSON *params;

	if (page_due(app, ASK_SESSIONS, PERIOD_US)) {
		params = cJSON_CreateObject();
		if (params != NULL) {
			cJSON_AddNumberToObject(params, "limit", LIMIT);
		}
		feed_ask(app->feed, ASK_SESSIONS, METHOD_SESSIONS, params, NULL);
	}
}

const struct page page_sessions = {
	.title = N_("Sessions"),
	.key = ACT_SESSIONS,
	.draw = draw,
	.grid = &sessions,
	.act = act,
	.ask = ask,
};
