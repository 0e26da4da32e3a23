/* Tariffs. Questions run in the thread pool, see query.c. */
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "i18n.h"
#include "simulate.h"
#include "tariff_book.h"
#include "tariff_file.h"
#include "tariff_show.h"
#include "zone.h"

struct list {
	cJSON *rows;
	struct wall now;
};

static int add_version(void *arg, const struct tariff_entry *entry)
{
	struct list *list = arg;
	struct view_tariff view;

	tariff_entry_view(entry, list->now, &view);
	cJSON_AddItemToArray(list->rows, view_to_json(VIEW_tariff, &view, NULL));
	return 0;
}

static int run_list(const cJSON *params, struct store_reader *reader, cJSON **result)
{
	struct list list = {NULL, wall_now()};

	*result = cJSON_CreateObject();
	list.rows = cJSON_AddArrayToObject(*result, "rows");
	return store_tariffs(reader, params_text(params, "id"), add_version, &list);
}

/* The version that is asked for: by its number, else the one in force then, else the first that
 * will be. Of several tariffs the first, where none is named. */
struct wanted {
	const char *id;
	int64_t version; /* VALUE_NONE = not given */
	struct wall on, now;
	struct tariff tariff;
	struct view_tariff view;
	char *text;
};

static int look(void *arg, const struct tariff_entry *e)
{
	struct wanted *w = arg;
	bool first = w->text == NULL;
	char *text;

	if (!first && strcmp(w->tariff.id, e->tariff.id) != 0) {
		return 0;
	}
	if (w->version != VALUE_NONE ? e->tariff.version != w->version
				     : e->replaced || (!first && e->tariff.from_ms > w->on.ms)) {
		return 0;
	}
	text = strdup(e->text);
	if (text == NULL) {
		return ERR_NOMEM;
	}
	free(w->text);
	w->text = text;
	w->tariff = e->tariff;
	tariff_entry_view(e, w->now, &w->view);
	return 0;
}

static int run_show(
	const cJSON *params, struct store_reader *reader, cJSON **result, const char **message)
{
	struct wall now = wall_now();
	struct wanted w = {.id = params_text(params, "id"),
		.version = params_int(params, "version", VALUE_NONE),
		.on = {params_int(params, "on", now.ms)},
		.now = now};
	const char *word = params_text(params, "class");
	enum account_class class = CLASS_ORDINARY;
	int rc;

	if (word != NULL && class_find(word, &class) != 0) {
		*message = N_("class: ordinary member staff discount white");
		return ERR_INVAL;
	}
	rc = store_tariffs(reader, w.id, look, &w);
	if (rc == 0 && w.text == NULL) {
		*message = w.id != NULL
				   ? N_("no such tariff or version; `tariff_list` lists them")
				   : N_("there is no tariff yet; `piled tariff import` takes one "
					"in");
		rc = ERR_NOTFOUND;
	}
	if (rc == 0) {
		*result = cJSON_CreateObject();
		cJSON_AddItemToObject(*result, "tariff", view_to_json(VIEW_tariff, &w.view, NULL));
		cJSON_AddItemToObject(*result, "day",
			tariff_day_json(&w.tariff, cal_at(&w.tariff.zone, w.on).day, class));
		cJSON_AddStringToObject(*result, "text", w.text);
	}
	free(w.text);
	return rc;
}

/* ---- Simulation ---- */

static void add_sum(cJSON *rows, struct view_simulation *v, struct view_simulation *total)
{
	v->total_fen = v->elec_fen + v->service_fen;
	v->billed_fen = v->billed_elec_fen + v->billed_service_fen;
	v->change_fen = v->total_fen - v->billed_fen;
	cJSON_AddItemToArray(rows, view_to_json(VIEW_simulation, v, NULL));
	total->energy_wh += v->energy_wh;
	total->elec_fen += v->elec_fen;
	total->service_fen += v->service_fen;
	total->billed_wh += v->billed_wh;
	total->billed_elec_fen += v->billed_elec_fen;
	total->billed_service_fen += v->billed_service_fen;
}

static cJSON *simulated(const struct simulated *s)
{
	struct view_simulation total = {.period = "total"}, none = {.period = ""};
	cJSON *o = cJSON_CreateObject(), *rows = cJSON_AddArrayToObject(o, "rows");

	for (unsigned p = 0; p < PERIOD_COUNT_; p++) {
		struct view_simulation v = {.energy_wh = s->period[p].wh,
			.elec_fen = s->period[p].elec_fen,
			.service_fen = s->period[p].service_fen,
			.billed_wh = s->period[p].billed_wh,
			.billed_elec_fen = s->period[p].billed_elec_fen,
			.billed_service_fen = s->period[p].billed_service_fen};

		VIEW_SET(&v, period, period_info(p)->token);
		if (v.energy_wh != 0 || v.billed_wh != 0) {
			add_sum(rows, &v, &total);
		}
	}
	add_sum(rows, &total, &none);
	wire_add_int(o, "sessions", s->sessions);
	wire_add_int(o, "unbilled", s->unbilled);
	wire_add_int(o, "substitutes", s->substitutes);
	wire_add_int(o, "skipped", s->skipped);
	return o;
}

/* The tariff of the text, or the one that is there. */
static int wanted_tariff(const char *zone_name, const cJSON *params, struct store_reader *reader,
	struct tariff *out, const char **message)
{
	struct wall now = wall_now();
	const char *text = params_text(params, "text");
	struct wanted w = {
		.version = params_int(params, "version", VALUE_NONE), .on = now, .now = now};
	struct yaml_errors errors = {0};
	struct zone_rules zone;
	int rc;

	w.id = params_text(params, "id");
	if ((text == NULL) == (w.id == NULL)) {
		*message = N_("either text or id");
		return ERR_INVAL;
	}
	if (text != NULL) {
		rc = zone_read(zone_name, &zone);
		rc = rc != 0 ? rc : tariff_parse("text", text, strlen(text), &zone, &errors, out);
		*message =
			rc != 0 ? N_("the text has errors; `piled tariff check` names them") : NULL;
		yaml_errors_free(&errors);
		return rc;
	}
	rc = store_tariffs(reader, w.id, look, &w);
	if (rc == 0 && w.text == NULL) {
		*message = N_("no such tariff or version; `tariff_list` lists them");
		rc = ERR_NOTFOUND;
	}
	*out = w.tariff;
	free(w.text);
	return rc;
}

static int run_simulate(const char *zone_name, const cJSON *params, struct store_reader *reader,
	cJSON **result, const char **message)
{
	struct simulated s;
	struct tariff t;
	int rc = wanted_tariff(zone_name, params, reader, &t, message);

	if (rc == 0) {
		rc = store_simulate(reader, &t, (struct wall){params_int(params, "from", 0)},
			(struct wall){params_int(params, "to", 0)}, &s);
	}
	if (rc == 0) {
		*result = simulated(&s);
	}
	return rc;
}

int tariff_query(enum method method, const char *zone_name, const cJSON *params,
	struct store_reader *reader, cJSON **result, const char **message)
{
	switch (method) {
	case METHOD_TARIFF_LIST:
		return run_list(params, reader, result);
	case METHOD_TARIFF_SHOW:
		return run_show(params, reader, result, message);
	case METHOD_TARIFF_SIMULATE:
		return run_simulate(zone_name, params, reader, result, message);
	default:
		return ERR_UNSUPPORTED;
	}
}

/* ---- Taking in, on the loop ---- */

int tariff_import(struct call *call)
{
	const char *name = params_text(call->params, "name");
	struct host_tariff wanted = {
		.name = name != NULL ? name : "tariff",
		.text = params_text(call->params, "text"),
		.dry = params_bool(call->params, "dry"),
		.replace = params_bool(call->params, "replace"),
		.by = call->client->person,
		.origin = call->client->origin,
		.reason = params_text(call->params, "reason"),
	};
	struct rpc_later *later;
	int rc;

	if (call->server->ops->tariff_import == NULL || call->server->folder[0] == '\0') {
		return ERR_UNSUPPORTED;
	}
	wanted.reason = wanted.reason != NULL ? wanted.reason : "";
	later = call_later(call);
	if (later == NULL) {
		return ERR_NOMEM;
	}
	rc = call->server->ops->tariff_import(
		call->server->host, &wanted, call->now, later, &call->result, &call->message);
	if (rc != 0 || call->result != NULL) {
		call->later = false;
		call_drop_later(later);
	}
	return rc;
}
