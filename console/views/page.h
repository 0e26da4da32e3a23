#ifndef PILETOP_PAGE_H
#define PILETOP_PAGE_H
/* Pages: a table of operations each. Drawing never changes what is known, only scroll positions. */
#include "app.h"

struct page {
	const char *title; /* message id */
	enum act key;      /* the action that opens it, ACT_COUNT_ for none */
	void (*draw)(struct app *app, struct area a);
	/* NULL for a page without a table. */
	const struct grid_spec *grid;
	/* Actions beyond those of its table; true when taken. May be NULL. */
	bool (*act)(struct app *app, enum act act);
	/* Asks the agent for what the page shows beyond the model. May be NULL. */
	void (*ask)(struct app *app);
};

extern const struct page page_overview, page_alarms, page_sessions, page_commands, page_buses,
	page_load, page_money, page_bills, page_accounts, page_worklist, page_tariffs, page_help,
	page_audit, page_gun, page_sites, page_troubles;

const struct page *page_of(enum page_id id);

/* Asks with at most one request of a kind each `period_us`. */
bool page_due(struct app *app, enum ask ask, int64_t period_us);

/* The curve of the last hour of one point, when due. */
void page_ask_curve(struct app *app, enum ask ask, const char *series, const char *point,
	const char *about, int64_t period_us);

/* The site that a key on this page is for: the selected line of the page Sites, else the one that
 * is shown. */
struct station *page_station(struct app *app);

/* Gathers the alarms of all sites for their page. */
void troubles_collect(struct app *app);

/* Moves through a page that is text (app->scroll, which drawing bounds); true when taken. */
bool page_scroll(struct app *app, enum act act);

/* Opens the page of one gun. */
void page_open_gun(struct app *app, const char *id);

#endif
