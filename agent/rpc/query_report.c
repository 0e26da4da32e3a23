#include "query_report.h"

#include <stdlib.h>
#include <string.h>

#include "i18n.h"
#include "money_report.h"

struct query_plant {
	struct wall now;
	char (*guns)[20];
	bool *dc;
	size_t count, cap;
	char meter[16];
	int64_t carbon_mg_kwh;
	char carbon_source[160];
};

static int take_gun(void *arg, const void *view)
{
	struct query_plant *p = arg;
	const struct view_gun *g = view;

	if (p->count == p->cap) {
		size_t cap = p->cap == 0 ? 32 : p->cap * 2;
		void *guns = realloc(p->guns, cap * sizeof *p->guns);
		void *dc;

		if (guns == NULL) {
			return ERR_NOMEM;
		}
		p->guns = guns;
		dc = realloc(p->dc, cap * sizeof *p->dc);
		if (dc == NULL) {
			return ERR_NOMEM;
		}
		p->dc = dc;
		p->cap = cap;
	}
	memcpy(p->guns[p->count], g->id, sizeof p->guns[0]);
	p->dc[p->count++] = strcmp(g->kind, "dc") == 0;
	return 0;
}

static int take_meter(void *arg, const void *view)
{
	struct query_plant *p = arg;
	const struct view_meter *m = view;

	if (strcmp(m->role, "transformer") == 0) {
		VIEW_SET(p, meter, m->id);
	}
	return 0;
}

struct query_plant *query_plant(struct rpc_server *server, struct moment now)
{
	struct query_plant *p = calloc(1, sizeof *p);
	const char *source = "";

	if (p == NULL) {
		return NULL;
	}
	p->now = now.wall;
	p->carbon_mg_kwh = server->ops->carbon == NULL ? VALUE_NONE
						       : server->ops->carbon(server->host, &source);
	VIEW_SET(p, carbon_source, source);
	if (server->ops->rows(server->host, VIEW_gun, now, take_gun, p) != 0 ||
		server->ops->rows(server->host, VIEW_meter, now, take_meter, p) != 0) {
		query_plant_free(p);
		return NULL;
	}
	return p;
}

void query_plant_free(struct query_plant *p)
{
	if (p != NULL) {
		free(p->guns);
		free(p->dc);
		free(p);
	}
}

struct giver {
	int (*each)(void *arg, cJSON *row);
	void *arg;
};

static int give_figure(void *arg, const struct view_figure *row)
{
	struct giver *g = arg;

	return g->each(g->arg, view_to_json(VIEW_figure, row, NULL));
}

static int give_report(void *arg, const struct view_report *row)
{
	struct giver *g = arg;

	return g->each(g->arg, view_to_json(VIEW_report, row, NULL));
}

int query_report(enum method method, const cJSON *params, const struct query_plant *plant,
	struct store_reader *reader, int (*each)(void *arg, cJSON *row), void *arg,
	const char **message)
{
	const struct report_plant site = {(const char(*)[20])plant->guns, plant->dc, plant->count,
		plant->meter, plant->carbon_mg_kwh, plant->carbon_source};
	struct giver g = {each, arg};
	struct report_span span;
	const char *text = params_text(params, "span");
	int rc;

	if (method == METHOD_REPORT_HOME) {
		return report_home(reader, plant->now, give_figure, &g);
	}
	rc = report_span_parse(text == NULL ? "" : text, &span);
	if (rc != 0) {
		*message = N_("span: a day 2026-11-21, a month 2026-11 or a year 2026");
		return rc;
	}
	if (method == METHOD_REPORT_STATION) {
		return report_station(reader, &span, &site, plant->now, give_report, &g);
	}
	return report_finance(reader, &span, give_report, &g);
}
