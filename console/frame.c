#include "frame.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "fault.h"
#include "i18n.h"
#include "views/page.h"
#include "views/panel.h"
#include "word.h"

#define NEWS_US (4 * US_PER_S)

static void clock_text(const struct app *app, char *dst, size_t size)
{
	time_t s = (time_t)(app->now_ms / MS_PER_S);
	struct tm tm;

	if (app->now_ms == VALUE_NONE || localtime_r(&s, &tm) == NULL ||
		strftime(dst, size, "%H:%M:%S", &tm) == 0) {
		snprintf(dst, size, "--:--:--");
	}
}

/* Seconds without a message from the agent; the heartbeat makes it stay small. */
static void link_text(const struct app *app, char *dst, size_t size)
{
	int64_t us = mono_diff_us(app->now, app->feed->heard);
	char age[16];
	size_t linked = 0;

	if (app_above(app)) {
		for (size_t i = 0; i < app->station_count; i++) {
			linked += app->stations[i].feed.state == FEED_UP;
		}
		snprintf(dst, size, _("%zu of %zu linked"), linked, app->station_count);
	} else if (app->feed->state == FEED_DOWN) {
		snprintf(dst, size, "%s", _("no link"));
	} else if (app->feed->state == FEED_CONNECTING && app->feed->stage[0] != '\0') {
		snprintf(dst, size, "%s", _(app->feed->stage));
	} else if (app->feed->state != FEED_UP) {
		snprintf(dst, size, "%s", _("connecting"));
	} else {
		word_age(age, sizeof age, app->cfg.fixed_ms != VALUE_NONE ? 0 : us / US_PER_MS);
		snprintf(dst, size, _("link %s"), age);
	}
}

static void draw_header(struct app *app)
{
	struct canvas *c = &app->canvas;
	const struct view_site *site = model_site(app->model);
	const char *name = app_above(app)          ? ""
			   : site->name[0] != '\0' ? site->name
						   : app->model->hello.name;
	char clock[16], link[32], right[128];
	int width, x;

	clock_text(app, clock, sizeof clock);
	if (app_above(app)) {
		clock[0] = '\0';
	}
	link_text(app, link, sizeof link);
	snprintf(right, sizeof right, "%s  %s  %s ", app->write ? _("COMMANDS ON") : _("read-only"),
		link, clock);
	width = text_width(right);
	canvas_repeat(c, 0, 0, c->cols, INK_TITLE, " ");
	x = 1 + canvas_text(c, 0, 1, c->cols - width - 3, INK_TITLE,
			name[0] != '\0' ? name : "piletop");
	canvas_printf(c, 0, x + 2, c->cols - width - x - 4, INK_TITLE, "%s",
		_(page_of(app->page)->title));
	canvas_text(c, 0, c->cols - width, width, INK_TITLE, right);
}

/* Why there is no link, and what happens next. */
static void trouble_text(const struct app *app, char *text, size_t size, const char *between)
{
	const struct feed *f = app->feed;
	bool silent = feed_silent(f, app->now);
	char age[16];
	size_t used = 0;

	text_append(
		text, size, &used, "%s", silent ? _("the agent has fallen silent") : _(f->trouble));
	if (!silent && f->detail[0] != '\0') {
		text_append(text, size, &used, " (%s: %s)", f->address, f->detail);
	}
	if (app->model->ever) {
		word_age(age, sizeof age, mono_diff_us(app->now, f->heard) / US_PER_MS);
		text_append(text, size, &used, "%s", between);
		text_append(text, size, &used, _("all values are %s old"), age);
	}
	if (f->stopped) {
		text_append(text, size, &used, "%s", between);
		text_append(text, size, &used, _("%s tries again"), act_info(ACT_CONNECT)->key);
	} else if (f->state == FEED_DOWN) {
		int64_t wait = mono_diff_us(f->next_try, app->now) / US_PER_MS;

		word_age(age, sizeof age, wait + 999);
		text_append(text, size, &used, "%s", between);
		text_append(text, size, &used, _("next try in %s"), age);
	}
}

static void draw_banner(struct app *app, int y)
{
	struct canvas *c = &app->canvas;
	char text[512] = " ! ";

	trouble_text(app, text + 3, sizeof text - 3, "; ");
	canvas_repeat(c, y, 0, c->cols, INK_BANNER, " ");
	canvas_text(c, y, 0, c->cols, INK_BANNER, text);
}

/* The worst alarm that nobody has acknowledged; not where they are shown anyway, or in the way. */
static bool draw_alarm(struct app *app, int y)
{
	const struct view_site *site = model_site(app->model);
	const struct view_alarm *worst = NULL;
	const struct fault_info *info;
	struct canvas *c = &app->canvas;
	char buf[48], urgency[64] = "";
	enum ink ink;

	for (size_t i = 0; i < model_count(app->model, VIEW_alarm); i++) {
		const struct view_alarm *a = model_at(app->model, VIEW_alarm, i);

		if (strcmp(a->state, "unack") == 0 &&
			(worst == NULL || a->severity < worst->severity ||
				(a->severity == worst->severity && a->raised > worst->raised))) {
			worst = a;
		}
	}
	if (worst == NULL || app->page == PAGE_ALARMS || app->page == PAGE_HELP) {
		return false;
	}
	info = fault_info((int)worst->code);
	if (info != NULL) {
		fault_urgency(urgency, sizeof urgency, info);
	}
	ink = worst->severity == SEVERITY_SAFETY ? INK_BANNER : word_severity_ink(worst->severity);
	canvas_repeat(c, y, 0, c->cols, ink, " ");
	canvas_printf(c, y, 1, c->cols - 2, ink, _("! %lld new: %s %s, %s, %s%s"),
		(long long)site->alarms_unack, worst->target,
		word_fault(worst->code, buf, sizeof buf), word_severity(worst->severity), urgency,
		site->flood > 0 ? _("; alarm flood") : "");
	return true;
}

void frame_draw_waiting(struct app *app, struct area a)
{
	const struct feed *f = app->feed;
	struct area text = {a.y + 1, a.x + 2, 3, a.w - 4};
	char why[512];

	if (f->trouble[0] != '\0') {
		trouble_text(app, why, sizeof why, ". ");
		text.y += panel_wrap(app, text, INK_ALARM, why) + 1;
	}
	if (f->state != FEED_DOWN) {
		panel_wrap(
			app, text, INK_NORMAL, f->stage[0] != '\0' ? _(f->stage) : _("connecting"));
	}
}

static int hint(struct app *app, int x, int end, enum act act, const char *text, int64_t count)
{
	struct canvas *c = &app->canvas;
	int y = c->rows - 1;
	const char *key = act_info(act)->key;
	char number[24] = "";

	if (count > 0) {
		snprintf(number, sizeof number, " %lld", (long long)count);
	}
	if (x + text_width(key) + 1 + text_width(_(text)) + text_width(number) > end) {
		return x;
	}
	x += canvas_text(c, y, x, c->cols - x, INK_KEY, key) + 1;
	x += canvas_text(c, y, x, c->cols - x, INK_DIM, _(text));
	return x + canvas_text(c, y, x, c->cols - x, INK_ALARM, number) + 2;
}

/* What a page is for, once commands are allowed. */
static const struct {
	enum page_id page;
	enum act act;
	const char *text;
} of_pages[] = {
	{PAGE_ALARMS, ACT_ACK, N_("acknowledge")},
	{PAGE_ALARMS, ACT_SHELVE, N_("put aside")},
	{PAGE_BILLS, ACT_FREEZE, N_("refund")},
	{PAGE_BILLS, ACT_RATE, N_("rate")},
	{PAGE_SESSIONS, ACT_RATE, N_("rate")},
	{PAGE_ACCOUNTS, ACT_NEW_ACCOUNT, N_("open an account")},
	{PAGE_ACCOUNTS, ACT_TOPUP, N_("top up")},
	{PAGE_ACCOUNTS, ACT_PAYOUT, N_("pay out")},
	{PAGE_ACCOUNTS, ACT_CARD, N_("give a card")},
	{PAGE_WORKLIST, ACT_TOPUP, N_("post")},
	{PAGE_WORKLIST, ACT_PAYOUT, N_("void")},
	{PAGE_WORKLIST, ACT_FREEZE, N_("refund")},
	{PAGE_TARIFFS, ACT_IMPORT, N_("tariff file")},
	{PAGE_TARIFFS, ACT_PRICE, N_("another price")},
};

/* A cashier's at a gun. */
static int hint_money(struct app *app, int x, int end)
{
	const struct view_gun *gun = app_gun(app);

	x = hint(app, x, end, ACT_CHARGE, N_("charge"), 0);
	x = gun->account[0] != '\0' ? hint(app, x, end, ACT_TOPUP, N_("top up"), 0) : x;
	return gun->reservation[0] != '\0'
		       ? hint(app, x, end, ACT_UNRESERVE, N_("cancel the reservation"), 0)
		       : hint(app, x, end, ACT_RESERVE, N_("reserve"), 0);
}

static int hint_commands(struct app *app, int x, int end)
{
	if (!app->write) {
		return hint(app, x, end, ACT_WRITE, N_("commands"), 0);
	}
	for (size_t i = 0; i < sizeof of_pages / sizeof of_pages[0]; i++) {
		if (of_pages[i].page == app->page) {
			x = hint(app, x, end, of_pages[i].act, of_pages[i].text, 0);
		}
	}
	if (app_gun(app) == NULL) {
		return x;
	}
	if (!role_may(role_read(app->model->hello.role), ROLE_OPERATOR)) {
		return hint_money(app, x, end);
	}
	x = hint(app, x, end, ACT_START, N_("start"), 0);
	x = hint(app, x, end, ACT_STOP, N_("stop"), 0);
	x = hint(app, x, end, ACT_LIMIT, N_("limit"), 0);
	x = hint(app, x, end, ACT_TAG, N_("out of use"), 0);
	x = hint(app, x, end, ACT_NOTE, N_("note"), 0);
	return role_may(role_read(app->model->hello.role), ROLE_CASHIER) ? hint_money(app, x, end)
									 : x;
}

/* The same for the pages about all sites. */
static void hints_above(struct app *app, int x, int end)
{
	x = hint(app, x, end, ACT_OPEN, N_("open"), 0);
	x = app->page == PAGE_SITES ? hint(app, x, end, ACT_TROUBLES, N_("alarms"), 0)
				    : hint(app, x, end, ACT_SITES, N_("Sites"), 0);
	if (app->page == PAGE_SITES && app->write) {
		x = hint(app, x, end, ACT_MARK, N_("choose"), 0);
		x = hint(app, x, end, ACT_STOP, N_("stop"), 0);
		x = hint(app, x, end, ACT_LIMIT, N_("limit"), 0);
	} else if (!app->write) {
		x = hint(app, x, end, ACT_WRITE, N_("commands"), 0);
	} else {
		x = hint(app, x, end, ACT_ACK, N_("acknowledge"), 0);
		x = hint(app, x, end, ACT_SHELVE, N_("put aside"), 0);
	}
	x = hint(app, x, end, ACT_CONNECT, N_("connect"), 0);
	x = hint(app, x, end, ACT_FILTER, N_("filter"), 0);
	hint(app, x, end, ACT_SORT, N_("sort"), 0);
}

/* The most needed first: what does not fit is left out. */
static void draw_hints(struct app *app, int end)
{
	int64_t alarms = model_site(app->model)->alarms_active;
	int x = hint(app, 1, end, ACT_HELP, N_("help"), 0);

	x = hint(app, x, end, ACT_QUIT, N_("quit"), 0);
	if (app_above(app)) {
		hints_above(app, x, end);
		return;
	}
	if (app_many(app)) {
		x = hint(app, x, end, ACT_SITES, N_("Sites"), 0);
	}
	if (app->write) {
		x = hint_commands(app, x, end);
	}
	for (int i = 0; i < PAGE_HELP; i++) {
		if (i != (int)app->page) {
			x = hint(app, x, end, page_of((enum page_id)i)->key,
				page_of((enum page_id)i)->title, i == PAGE_ALARMS ? alarms : 0);
		}
	}
	if (!app->write) {
		x = hint_commands(app, x, end);
	}
	if (page_of(app->page)->grid != NULL) {
		x = hint(app, x, end, ACT_FILTER, N_("filter"), 0);
		hint(app, x, end, ACT_SORT, N_("sort"), 0);
	}
}

/* Returns where it begins, the end of the line when there is no filter. */
static int draw_filter_note(struct app *app)
{
	const struct grid *g = &app->grids[app->page];
	struct canvas *c = &app->canvas;
	char text[160];
	int width;

	if (page_of(app->page)->grid == NULL || g->filter[0] == '\0') {
		return c->cols;
	}
	snprintf(
		text, sizeof text, _(" filter \"%s\": %zu of %zu "), g->filter, g->shown, g->total);
	width = text_width(text);
	canvas_text(c, c->rows - 1, c->cols - width, width, INK_NOTICE, text);
	return c->cols - width;
}

/* What waits to be confirmed matters more than how the last command ended some seconds ago. */
static bool order_is_news(const struct app *app)
{
	const struct order *o = app->order;

	return o->id[0] != '\0' && (o->over.us == 0 || mono_diff_us(app->now, o->over) < NEWS_US);
}

static void draw_foot(struct app *app)
{
	struct canvas *c = &app->canvas;
	char text[256];
	const struct errand *unknown = app->leaving ? app_unknown(app) : NULL;
	enum ink ink;

	if (unknown != NULL) {
		snprintf(text, sizeof text,
			_("%s: it is not known yet what became of it; q leaves all the same"),
			unknown->what);
		canvas_text(c, c->rows - 1, 1, c->cols - 2, INK_ALARM, text);
	} else if (!app_above(app) && errand_line(app->at, text, sizeof text, &ink)) {
		canvas_text(c, c->rows - 1, 1, c->cols - 2, ink, text);
	} else if (!app_above(app) && app->notice[0] == '\0' && !order_is_news(app) &&
		   dialog_trial_text(app, text, sizeof text)) {
		canvas_text(c, c->rows - 1, 1, c->cols - 2, INK_NOTICE, text);
	} else if (!app_above(app) && order_line(app, app->at, text, sizeof text, &ink)) {
		canvas_text(c, c->rows - 1, 1, c->cols - 2, ink, text);
	} else if (app->notice[0] != '\0' && mono_before(app->now, app->notice_until)) {
		canvas_text(c, c->rows - 1, 1, c->cols - 2, INK_NOTICE, app->notice);
	} else {
		draw_hints(app, draw_filter_note(app));
	}
}

struct area frame_draw(struct app *app)
{
	struct canvas *c = &app->canvas;
	int top = 1;

	draw_header(app);
	if (!app_above(app) && app->model->ever &&
		((app->feed->state != FEED_UP && app->feed->trouble[0] != '\0') ||
			feed_silent(app->feed, app->now))) {
		draw_banner(app, 1);
		top = 2;
	}
	if (draw_alarm(app, top)) {
		top++;
	}
	draw_foot(app);
	return (struct area){top, 0, c->rows - top - 1, c->cols};
}
