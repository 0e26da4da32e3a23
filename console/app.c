#include "app.h"

#include <cjson/cJSON.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fmt.h"
#include "frame.h"
#include "i18n.h"
#include "views/page.h"
#include "word.h"

#define NOTICE_US (6 * US_PER_S)

static const struct page *const pages[PAGE_COUNT_] = {
	[PAGE_OVERVIEW] = &page_overview,
	[PAGE_ALARMS] = &page_alarms,
	[PAGE_SESSIONS] = &page_sessions,
	[PAGE_COMMANDS] = &page_commands,
	[PAGE_BUSES] = &page_buses,
	[PAGE_LOAD] = &page_load,
	[PAGE_MONEY] = &page_money,
	[PAGE_BILLS] = &page_bills,
	[PAGE_ACCOUNTS] = &page_accounts,
	[PAGE_WORKLIST] = &page_worklist,
	[PAGE_TARIFFS] = &page_tariffs,
	[PAGE_HELP] = &page_help,
	[PAGE_AUDIT] = &page_audit,
	[PAGE_GUN] = &page_gun,
	[PAGE_SITES] = &page_sites,
	[PAGE_TROUBLES] = &page_troubles,
};

const struct page *page_of(enum page_id id)
{
	return pages[id];
}

bool app_many(const struct app *app)
{
	return app->station_count > 1;
}

bool app_above(const struct app *app)
{
	return app->page == PAGE_SITES || app->page == PAGE_TROUBLES;
}

void app_show(struct app *app, struct station *station)
{
	app->at = station;
	app->model = &station->model;
	app->feed = &station->feed;
	app->order = &station->order;
}

static int open_stations(struct app *app)
{
	app->stations = calloc(app->cfg.station_count, sizeof *app->stations);
	if (app->stations == NULL) {
		return ERR_NOMEM;
	}
	app_show(app, &app->stations[0]);
	for (size_t i = 0; i < app->cfg.station_count; i++) {
		int rc = station_init(&app->stations[i], &app->cfg.stations[i]);

		app->station_count++;
		if (rc != 0) {
			return rc;
		}
	}
	return 0;
}

int app_init(struct app *app, const struct app_cfg *cfg, int rows, int cols)
{
	int rc;

	memset(app, 0, sizeof *app);
	app->cfg = *cfg;
	app->write = cfg->write;
	app->glyphs = glyph_set(cfg->level);
	app->now_ms = VALUE_NONE;
	for (int i = 0; i < PAGE_COUNT_; i++) {
		grid_init(&app->grids[i]);
	}
	rc = open_stations(app);
	app->page = app_many(app) ? PAGE_SITES : PAGE_OVERVIEW;
	if (rc == 0) {
		rc = canvas_init(&app->canvas, rows, cols);
	}
	if (rc != 0) {
		app_free(app);
	}
	return rc;
}

void app_free(struct app *app)
{
	for (size_t i = 0; i < app->station_count; i++) {
		station_free(&app->stations[i]);
	}
	free(app->stations);
	free(app->troubles);
	free(app->tariff_form);
	canvas_free(&app->canvas);
}

int app_resize(struct app *app, int rows, int cols)
{
	struct canvas fresh;
	int rc = canvas_init(&fresh, rows, cols);

	if (rc == 0) {
		canvas_free(&app->canvas);
		app->canvas = fresh;
	}
	return rc;
}

bool app_stale(const struct app *app)
{
	return app->feed->state != FEED_UP || feed_silent(app->feed, app->now);
}

bool page_scroll(struct app *app, enum act act)
{
	static const struct {
		enum act act;
		int lines;
	} moves[] = {{ACT_UP, -1}, {ACT_DOWN, 1}, {ACT_PAGE_UP, -10}, {ACT_PAGE_DOWN, 10},
		{ACT_FIRST, -MODEL_ROWS_MAX * 2}, {ACT_LAST, MODEL_ROWS_MAX * 2}};

	for (size_t i = 0; i < sizeof moves / sizeof moves[0]; i++) {
		if (moves[i].act == act) {
			app->scroll += moves[i].lines;
			app->scroll = app->scroll < 0 ? 0 : app->scroll;
			return true;
		}
	}
	return false;
}

bool page_due(struct app *app, enum ask ask, int64_t period_us)
{
	if (app->feed->state != FEED_UP || mono_before(app->now, app->at->next_ask[ask])) {
		return false;
	}
	app->at->next_ask[ask] = mono_add_us(app->now, period_us);
	return true;
}

void page_ask_curve(struct app *app, enum ask ask, const char *series, const char *point,
	const char *about, int64_t period_us)
{
	cJSON *params;

	if (app->model->site_now_ms == VALUE_NONE || !page_due(app, ask, period_us)) {
		return;
	}
	params = cJSON_CreateObject();
	if (params != NULL) {
		int64_t to = app->model->site_now_ms;

		cJSON_AddStringToObject(params, "series", series);
		cJSON_AddStringToObject(params, "point", point);
		wire_add_int(params, "from", to - HISTORY_SLOTS * HISTORY_STEP_MS);
		wire_add_int(params, "to", to);
		cJSON_AddNumberToObject(params, "max", HISTORY_SLOTS);
	}
	feed_ask(app->feed, ask, METHOD_CURVE, params, about);
}

static void ask_load(struct app *app)
{
	for (size_t i = 0; i < model_count(app->model, VIEW_meter); i++) {
		const struct view_meter *meter = model_at(app->model, VIEW_meter, i);

		if (strcmp(meter->role, "transformer") == 0) {
			page_ask_curve(
				app, ASK_LOAD, meter->id, "apparent_va", NULL, 600 * US_PER_S);
			return;
		}
	}
}

/* Times are those of the site that is shown, wherever the console runs. */
static void keep_zone(struct app *app)
{
	const char *zone = app->model->hello.timezone;

	if (strcmp(app->zone, zone) != 0) {
		view_set_text(app->zone, sizeof app->zone, zone);
		fmt_zone(zone);
	}
}

void app_fds(const struct app *app, struct pollfd *dst)
{
	for (size_t i = 0; i < app->station_count; i++) {
		const struct feed *feed = &app->stations[i].feed;

		dst[i] = (struct pollfd){feed_fd(feed), feed_events(feed), 0};
	}
}

struct mono app_deadline(const struct app *app)
{
	struct mono first = feed_deadline(&app->stations[0].feed);

	for (size_t i = 1; i < app->station_count; i++) {
		struct mono next = feed_deadline(&app->stations[i].feed);

		if (mono_before(next, first)) {
			first = next;
		}
	}
	return first;
}

void app_run(struct app *app, struct mono now)
{
	app->now = now;
	for (size_t i = 0; i < app->station_count; i++) {
		struct station *s = &app->stations[i];
		bool shown = !app_many(app) || (s == app->at && !app_above(app));

		station_want(s, now, shown, app->page == PAGE_BUSES);
		station_run(&app->stations[i], now);
		dialog_alarm_verdict(app, &app->stations[i]);
		task_run(app, &app->stations[i]);
	}
	keep_zone(app);
	dialog_tariff_run(app);
	dialog_links(app);
	if (app->page == PAGE_TROUBLES) {
		troubles_collect(app);
	}
	app->now_ms =
		app->cfg.fixed_ms != VALUE_NONE ? app->cfg.fixed_ms : model_now_ms(app->model, now);
	ask_load(app);
	task_quote_run(app);
	if (pages[app->page]->ask != NULL) {
		pages[app->page]->ask(app);
	}
}

bool app_complete(const struct app *app)
{
	if (app->feed->state != FEED_UP) {
		return false;
	}
	for (int ask = 0; ask < ASK_COUNT_; ask++) {
		if (app->feed->asked[ask].id != 0) {
			return false;
		}
	}
	return true;
}

void app_notice(struct app *app, const char *text)
{
	view_set_text(app->notice, sizeof app->notice, text);
	app->notice_until = mono_add_us(app->now, NOTICE_US);
}

const struct view_gun *app_gun(const struct app *app)
{
	if (app->page == PAGE_GUN) {
		return model_find(app->model, VIEW_gun, app->gun);
	}
	if (app->page == PAGE_OVERVIEW) {
		return grid_selected(app, &app->grids[PAGE_OVERVIEW], page_overview.grid);
	}
	return NULL;
}

void app_go(struct app *app, enum page_id page)
{
	app->page = page;
	app->scroll = 0;
}

void page_open_gun(struct app *app, const char *id)
{
	struct model *m = app->model;

	view_set_text(app->gun, sizeof app->gun, id);
	if (strcmp(m->curve_gun, id) != 0) {
		view_set_text(m->curve_gun, sizeof m->curve_gun, id);
		history_clear(&m->power);
		history_clear(&m->soc);
	}
	m->detail.known = strcmp(m->detail.gun.id, id) == 0;
	for (int ask = ASK_GUN; ask <= ASK_SOC; ask++) {
		app->at->next_ask[ask] =
			ask == ASK_LOAD ? app->at->next_ask[ask] : (struct mono){0};
	}
	app->at->next_ask[ASK_NOTES] = (struct mono){0};
	app->at->next_ask[ASK_ORDERS] = (struct mono){0};
	app_go(app, PAGE_GUN);
}

static void toggle_write(struct app *app)
{
	const char *role = app->model->hello.role;

	if (!app->write && !role_may(role_read(role), ROLE_OPERATOR) &&
		!role_may(role_read(role), ROLE_CASHIER)) {
		char text[160];

		snprintf(text, sizeof text,
			_("Your role is %s; commands need operator or cashier. Ask the "
			  "administrator."),
			role);
		app_notice(app, text);
		return;
	}
	app->write = !app->write;
	app_notice(app, app->write ? _("Commands are allowed; each one asks before it acts.")
				   : _("Read-only again."));
}

bool app_may(struct app *app)
{
	if (!app->write) {
		app_notice(app, _("Read-only: press w to allow commands."));
	} else if (app_above(app)) {
		app_notice(app, _("Open a site first."));
	} else if (app_stale(app)) {
		app_notice(app, _("No link to the agent: no command can be given."));
	} else {
		return true;
	}
	return false;
}

/* Money at the selected gun: a charge or reservation for an account, a top-up of the account that
 * charges there. */
static void give_money(struct app *app, enum act act)
{
	const struct view_gun *gun = app_gun(app);

	if (gun == NULL) {
		app_notice(app, _("Select a gun on the overview first."));
	} else if (act == ACT_CHARGE) {
		task_open(app, TASK_CHARGE, gun->id, gun->id);
	} else if (act == ACT_RESERVE || act == ACT_UNRESERVE) {
		task_reserve(app, gun, act == ACT_UNRESERVE);
	} else if (gun->account[0] != '\0') {
		task_open(app, TASK_TOPUP, gun->account, gun->account);
	} else {
		app_notice(app, _("No account charges at this gun."));
	}
}

static void give_note(struct app *app)
{
	const struct view_gun *gun = app_gun(app);

	if (gun == NULL) {
		app_notice(app, _("Select a gun on the overview first."));
	} else {
		task_open(app, TASK_NOTE, gun->id, gun->id);
	}
}

static void give(struct app *app, enum act act)
{
	const struct view_gun *gun = app_gun(app);
	const char *verb = act == ACT_START   ? "start"
			   : act == ACT_STOP  ? "stop"
			   : act == ACT_LIMIT ? "limit"
					      : "tag";

	if (app->page == PAGE_SITES && (act == ACT_STOP || act == ACT_LIMIT)) {
		if (app->write) {
			dialog_many(app, verb);
		} else {
			app_notice(app, _("Read-only: press w to allow commands."));
		}
	} else if (gun == NULL) {
		app_notice(app, _("Select a gun on the overview first."));
	} else if (app_may(app)) {
		if (act == ACT_TAG && gun->tag[0] != '\0') {
			verb = "untag";
		}
		dialog_command(app, verb, gun->id);
	}
}

static void next_page(struct app *app)
{
	enum page_id next = app->page + 1 < PAGE_GUN ? app->page + 1 : PAGE_OVERVIEW;

	app_go(app, next);
}

/* One step up: from a page to the overview, from there to all sites. */
static void back(struct app *app)
{
	struct grid *grid = &app->grids[app->page];
	bool top = app_above(app);

	if ((app->page == PAGE_OVERVIEW || top) && grid->filter[0] != '\0') {
		grid->filter[0] = '\0';
	} else if (app_many(app) && (top || app->page == PAGE_OVERVIEW)) {
		app_go(app, PAGE_SITES);
	} else {
		app_go(app, PAGE_OVERVIEW);
	}
}

const struct errand *app_unknown(const struct app *app)
{
	for (size_t i = 0; i < app->station_count; i++) {
		if (errand_waits(&app->stations[i])) {
			return &app->stations[i].errand;
		}
	}
	return NULL;
}

/* Who leaves before it is known what became of a task may do it a second time: it is said first. */
static void leave(struct app *app)
{
	app->quit = app->leaving || app_unknown(app) == NULL;
	app->leaving = !app->quit;
}

static void act_everywhere(struct app *app, enum act act)
{
	switch (act) {
	case ACT_BACK:
		back(app);
		break;
	case ACT_NEXT:
		next_page(app);
		break;
	case ACT_FILTER:
		if (pages[app->page]->grid != NULL) {
			dialog_filter(app);
		}
		break;
	case ACT_WRITE:
		toggle_write(app);
		break;
	case ACT_START:
	case ACT_STOP:
	case ACT_LIMIT:
	case ACT_TAG:
		give(app, act);
		break;
	case ACT_SITE:
		if (app_may(app)) {
			dialog_site(app);
		}
		break;
	case ACT_CONFIRM:
		if (app_may(app)) {
			dialog_confirm_trial(app);
		}
		break;
	case ACT_NOTE:
		give_note(app);
		break;
	case ACT_CHARGE:
	case ACT_RESERVE:
	case ACT_UNRESERVE:
	case ACT_TOPUP:
		give_money(app, act);
		break;
	case ACT_LANGUAGE:
		i18n_set(i18n_lang() == LANG_ZH ? LANG_EN : LANG_ZH);
		app->notice[0] = '\0';
		app->redraw = true;
		break;
	case ACT_CONNECT:
		feed_retry(app->feed);
		break;
	case ACT_REDRAW:
		app->redraw = true;
		break;
	case ACT_QUIT:
		leave(app);
		break;
	default:
		for (int i = 0; i < PAGE_COUNT_; i++) {
			if (pages[i]->key == act) {
				app_go(app, (enum page_id)i);
			}
		}
	}
}

void app_key(struct app *app, uint32_t key)
{
	const struct page *page = pages[app->page];
	enum act act = act_of_key(key);

	if (app->order->over.us != 0) {
		app->order->id[0] = '\0';
	}
	errand_seen(app->at);
	if (app->dialog.kind != DIALOG_NONE && act != ACT_REDRAW && key != 3) {
		dialog_key(app, key);
		return;
	}
	app->notice[0] = '\0';
	app->leaving = app->leaving && act == ACT_QUIT;
	if (act == ACT_COUNT_) {
		return;
	}
	if (page->act != NULL && page->act(app, act)) {
		return;
	}
	if (page->grid != NULL && grid_act(app, &app->grids[app->page], page->grid, act)) {
		return;
	}
	act_everywhere(app, act);
}

/* Whether the page has something to show: a site that is opened sends its rows first. */
static bool ready(const struct app *app)
{
	bool loading = !app->model->synced && app->feed->state > FEED_CONNECTING &&
		       model_count(app->model, VIEW_gun) == 0;

	return app->page == PAGE_HELP || app_above(app) || (app->model->ever && !loading);
}

void app_draw(struct app *app)
{
	struct canvas *c = &app->canvas;
	struct area a;

	canvas_clear(c);
	a = frame_draw(app);
	c->faded = app_stale(app);
	if (a.h > 0 && ready(app)) {
		pages[app->page]->draw(app, a);
	} else if (a.h > 0) {
		frame_draw_waiting(app, a);
	}
	c->faded = false;
	dialog_draw(app);
}
