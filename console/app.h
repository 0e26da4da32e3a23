#ifndef PILETOP_APP_H
#define PILETOP_APP_H
/*
 * The console as a whole without terminal and socket: what is shown, what keys do, what must be
 * asked of the agent. The loop feeds it keys and time and shows its canvas.
 */
#include "canvas.h"
#include "dialog.h"
#include "glyph.h"
#include "grid.h"
#include "station.h"

enum page_id {
	PAGE_OVERVIEW,
	PAGE_ALARMS,
	PAGE_SESSIONS,
	PAGE_COMMANDS,
	PAGE_BUSES,
	PAGE_LOAD,
	PAGE_MONEY,
	PAGE_BILLS,
	PAGE_ACCOUNTS,
	PAGE_WORKLIST,
	PAGE_TARIFFS,
	PAGE_HELP,
	PAGE_AUDIT,
	PAGE_GUN,
	PAGE_SITES,
	PAGE_TROUBLES,
	PAGE_COUNT_
};

struct app_cfg {
	const struct station_cfg *stations; /* copied */
	size_t station_count;               /* at least one */
	enum glyph_level level;
	bool write;
	int64_t fixed_ms; /* the clock stands at this time; VALUE_NONE = it runs */
};

struct app {
	struct app_cfg cfg;
	struct station *stations; /* owned */
	size_t station_count;
	/* The one that the pages show, and its parts. */
	struct station *at;
	struct model *model;
	struct feed *feed;
	struct order *order;
	char zone[40];            /* whose times are shown */
	struct trouble *troubles; /* rows of the page; owned */
	size_t trouble_count, trouble_cap;
	struct canvas canvas;
	const struct glyphs *glyphs;
	enum page_id page;
	struct grid grids[PAGE_COUNT_];
	char gun[24]; /* shown by the gun page */
	int scroll;   /* of the pages that are text */
	int span;     /* of the money page: day, month or year, and how many back */
	int span_back;
	bool write;
	bool quit;
	bool leaving; /* to quit was asked while it is unknown what became of a task */
	bool redraw;  /* the terminal's content is not to be trusted */
	struct dialog dialog;
	uint32_t forms; /* that were opened or changed: the number of the last one */
	struct tariff_form *tariff_form; /* of dialog_tariff.c; owned, NULL before its first use */
	char notice[160];                /* a line for the foot, translated when made */
	struct mono notice_until;
	struct mono now;
	int64_t now_ms; /* at the site, VALUE_NONE = unknown */
};

int app_init(struct app *app, const struct app_cfg *cfg, int rows, int cols);
void app_free(struct app *app);

/* Takes a new size. ERR_NOMEM: the old one stays. */
int app_resize(struct app *app, int rows, int cols);

/* For poll(): an entry for each station. */
struct pollfd;
void app_fds(const struct app *app, struct pollfd *dst);

/* When app_run() wants to be called at the latest. */
struct mono app_deadline(const struct app *app);

/* Lets the feeds work and asks what the page needs. */
void app_run(struct app *app, struct mono now);

void app_key(struct app *app, uint32_t key);

/* Draws everything anew into app->canvas. */
void app_draw(struct app *app);

/* True when nothing is missing on the first screen: the snapshot and the load curve are here. */
bool app_complete(const struct app *app);

/* Whether several sites are shown; the page Sites is above the others then. */
bool app_many(const struct app *app);

/* Whether the page is about all sites and not about one. */
bool app_above(const struct app *app);

/* Goes to a page. */
void app_go(struct app *app, enum page_id page);

/* Shows another site. */
void app_show(struct app *app, struct station *station);

/* A line at the foot for some seconds. */
void app_notice(struct app *app, const char *text);

/* May a command be given now? Else the foot says why not. */
bool app_may(struct app *app);

/* A task of which it is not known what became of it, at whichever site; NULL = none. */
const struct errand *app_unknown(const struct app *app);

/* Whether what is shown is old: the link is down. */
bool app_stale(const struct app *app);

/* The selected gun of the overview, or the one of the gun page; NULL = none. */
const struct view_gun *app_gun(const struct app *app);

#endif
