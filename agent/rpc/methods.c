/* Methods that tell the present or command it. */
#include "internal.h"

#include <stdio.h>
#include <string.h>

#include "i18n.h"
#include "log.h"
#include "version.h"

#define LOG_LINES_DEFAULT 50
#define LIMIT_MAX_W       INT64_C(100000000)
#define CONFIRM_MAX_US    (INT64_C(86400) * US_PER_S)

/* ---- Rows of the present ---- */

struct row_list {
	enum view_kind kind;
	cJSON *rows;
};

static int add_row(void *arg, const void *view)
{
	struct row_list *list = arg;

	cJSON_AddItemToArray(list->rows, view_to_json(list->kind, view, NULL));
	return 0;
}

static cJSON *rows_of(struct call *call, enum view_kind kind)
{
	struct row_list list = {kind, cJSON_CreateArray()};

	call->server->ops->rows(call->server->host, kind, call->now, add_row, &list);
	return list.rows;
}

static int list(struct call *call, enum view_kind kind)
{
	call->result = cJSON_CreateObject();
	cJSON_AddItemToObject(call->result, "rows", rows_of(call, kind));
	return 0;
}

static int do_guns(struct call *call)
{
	return list(call, VIEW_gun);
}

static int do_piles(struct call *call)
{
	return list(call, VIEW_pile);
}

static int do_meters(struct call *call)
{
	return list(call, VIEW_meter);
}

static int keep_first(void *arg, const void *view)
{
	cJSON **object = arg;

	*object = view_to_json(VIEW_site, view, NULL);
	return 1;
}

static int do_status(struct call *call)
{
	call->server->ops->rows(
		call->server->host, VIEW_site, call->now, keep_first, &call->result);
	return call->result == NULL ? ERR_NOMEM : 0;
}

static int do_bus(struct call *call)
{
	call->result = cJSON_CreateObject();
	cJSON_AddItemToObject(call->result, "buses", rows_of(call, VIEW_bus));
	cJSON_AddItemToObject(call->result, "units", rows_of(call, VIEW_unit));
	return 0;
}

static int do_load(struct call *call)
{
	cJSON *site = NULL;

	call->server->ops->rows(call->server->host, VIEW_site, call->now, keep_first, &site);
	call->result = cJSON_CreateObject();
	cJSON_AddItemToObject(call->result, "site", site != NULL ? site : cJSON_CreateNull());
	cJSON_AddItemToObject(call->result, "nodes", rows_of(call, VIEW_node));
	cJSON_AddItemToObject(call->result, "guns", rows_of(call, VIEW_gun));
	cJSON_AddItemToObject(call->result, "limits", rows_of(call, VIEW_slimit));
	return 0;
}

static int add_point(void *arg, const struct view_point *point)
{
	cJSON_AddItemToArray(arg, view_to_json(VIEW_point, point, NULL));
	return 0;
}

static void add_view(cJSON *object, enum view_kind kind, const void *view)
{
	const struct view_info *info = view_info(kind);
	bool there = view_text(&info->fields[0], view)[0] != '\0';

	cJSON_AddItemToObject(
		object, info->name, there ? view_to_json(kind, view, NULL) : cJSON_CreateNull());
}

static int do_gun(struct call *call)
{
	const struct host_ops *ops = call->server->ops;
	const char *id = params_text(call->params, "id");
	struct view_gun gun;
	struct view_pile pile;
	struct view_session session;
	struct view_visit visit;
	cJSON *points;
	int rc = ops->gun(call->server->host, id, call->now, &gun, &pile, &session, &visit);

	if (rc != 0) {
		call->message = N_("no such gun; `guns` lists them");
		return rc;
	}
	call->result = cJSON_CreateObject();
	add_view(call->result, VIEW_gun, &gun);
	add_view(call->result, VIEW_pile, &pile);
	add_view(call->result, VIEW_session, &session);
	add_view(call->result, VIEW_visit, &visit);
	points = cJSON_AddArrayToObject(call->result, "points");
	return ops->points(call->server->host, id, call->now, add_point, points);
}

/* ---- Log, version, subscription ---- */

static int add_log(void *arg, struct wall at, enum log_level level, const char *text)
{
	cJSON *row = cJSON_CreateObject();

	wire_add_int(row, "at", at.ms);
	cJSON_AddStringToObject(row, "level", log_level_name(level));
	cJSON_AddStringToObject(row, "text", text);
	cJSON_AddItemToArray(arg, row);
	return 0;
}

static int do_log(struct call *call)
{
	int64_t lines = params_int(call->params, "lines", LOG_LINES_DEFAULT);

	if (lines < 1 || lines > LOG_RING) {
		call->message = N_("lines: 1 to 500");
		return ERR_RANGE;
	}
	call->result = cJSON_CreateObject();
	return log_last((size_t)lines, add_log, cJSON_AddArrayToObject(call->result, "rows"));
}

static int do_version(struct call *call)
{
	call->result = cJSON_CreateObject();
	cJSON_AddStringToObject(call->result, "agent", PILED_VERSION);
	cJSON_AddNumberToObject(call->result, "protocol", WIRE_PROTOCOL);
	return 0;
}

static int do_subscribe(struct call *call)
{
	return publish_subscribe(call, params_text(call->params, "views"),
		params_int(call->params, "period_ms", VALUE_NONE));
}

/* ---- What changes something, or asks the field ---- */

static const struct {
	const char *name;
	bool value;
	enum role role;
} verbs[VERB_COUNT_] = {
#define VERB(sym, name, value, role, help) {name, value, ROLE_##role},
#include "verb.def"
#undef VERB
};

static const char verb_list[] = "verb:"
#define VERB(sym, name, value, role, help) " " name
#include "verb.def"
#undef VERB
	;

static int find_verb(const char *name, enum verb *verb)
{
	for (int i = 0; i < VERB_COUNT_; i++) {
		if (strcmp(verbs[i].name, name) == 0) {
			*verb = (enum verb)i;
			return 0;
		}
	}
	return ERR_NOTFOUND;
}

static int do_do(struct call *call)
{
	struct host_command command = {
		.target = params_text(call->params, "target"),
		.value = params_int(call->params, "value", VALUE_NONE),
		.id = params_text(call->params, "id"),
		.by = call->client->person,
		.origin = call->client->origin,
		.reason = params_text(call->params, "reason"),
		.expires_us = params_int(call->params, "expires_ms", 0) * US_PER_MS,
		.confirm_us = params_int(call->params, "confirm_ms", 0) * US_PER_MS,
	};
	struct view_command record;
	int rc;

	if (find_verb(params_text(call->params, "verb"), &command.verb) != 0) {
		call->message = verb_list;
		return ERR_INVAL;
	}
	rc = call_needs(call, verbs[command.verb].role);
	if (rc != 0) {
		return rc;
	}
	if (command.confirm_us < 0 || command.confirm_us > CONFIRM_MAX_US) {
		call->message = N_("confirm_ms: up to a day");
		return ERR_RANGE;
	}
	if (command.expires_us < 0 || (command.id != NULL && command.id[0] == '\0')) {
		call->message = N_("expires_ms must not be negative, id not empty");
		return ERR_INVAL;
	}
	rc = call->server->ops->command(call->server->host, &command, call->now, &record);
	if (rc != 0) {
		call->message = rc == ERR_NOTFOUND ? N_("no such gun, pile or feeder")
				: rc == ERR_INVAL
					? N_("a command for a feeder or the site needs a reason")
					: NULL;
		return rc;
	}
	call->result = view_to_json(VIEW_command, &record, NULL);
	/* The device is told at once; the caller when the command's id is on disk, so that a retry
	 * after a power cut does not do it again. */
	call->settle = true;
	view_set_text(call->outcome, sizeof call->outcome, record.error);
	return call->result == NULL ? ERR_NOMEM : 0;
}

static int do_preview(struct call *call)
{
	struct view_preview preview;
	enum verb verb;
	int rc;

	if (find_verb(params_text(call->params, "verb"), &verb) != 0) {
		call->message = verb_list;
		return ERR_INVAL;
	}
	rc = call->server->ops->preview(call->server->host, verb,
		params_text(call->params, "target"), params_int(call->params, "value", VALUE_NONE),
		&preview);
	if (rc != 0) {
		call->message = N_("no such gun, pile or feeder");
		return rc;
	}
	call->result = view_to_json(VIEW_preview, &preview, NULL);
	return call->result == NULL ? ERR_NOMEM : 0;
}

static int do_confirm(struct call *call)
{
	struct view_trial trial;
	int rc = call->server->ops->confirm(call->server->host, params_text(call->params, "id"),
		call->client->person, call->now, &trial);

	if (rc != 0) {
		call->message = rc == ERR_STATE ? N_("too late: it is undone or replaced already")
						: N_("no such command waits to be confirmed");
		return rc;
	}
	call->result = view_to_json(VIEW_trial, &trial, NULL);
	call->settle = true;
	return call->result == NULL ? ERR_NOMEM : 0;
}

static void set_text(char *dst, size_t size, const char *text, int *rc)
{
	if (text != NULL && view_set_text(dst, size, text) != 0) {
		*rc = ERR_TOOLONG;
	}
}

static int do_note(struct call *call)
{
	const char *id = params_text(call->params, "id");
	struct view_note wanted, note;
	int rc = 0;

	view_clear(VIEW_note, &wanted);
	set_text(wanted.id, sizeof wanted.id, id, &rc);
	set_text(wanted.target, sizeof wanted.target, params_text(call->params, "target"), &rc);
	set_text(wanted.text, sizeof wanted.text, params_text(call->params, "text"), &rc);
	VIEW_SET(&wanted, by, call->client->person);
	if (rc != 0 || wanted.text[0] == '\0' || (id != NULL && id[0] == '\0')) {
		call->message = N_("text: up to 255 bytes, not empty; id: up to 39");
		return rc != 0 ? rc : ERR_INVAL;
	}
	rc = call->server->ops->note(call->server->host, &wanted, call->now, &note);
	if (rc != 0) {
		call->message = rc == ERR_EXISTS ? N_("this id is another note's")
						 : N_("no such gun, pile, feeder or session");
		return rc;
	}
	call->result = view_to_json(VIEW_note, &note, NULL);
	call->settle = true;
	return call->result == NULL ? ERR_NOMEM : 0;
}

/* ---- Limits from outside ---- */

static int give_limit(struct call *call, const struct view_slimit *wanted, bool cancel)
{
	struct view_slimit record;
	int rc = call->server->ops->slimit(call->server->host, wanted, cancel, call->now, &record);

	if (rc != 0) {
		call->message =
			rc == ERR_EXISTS        ? N_("this id is another limit's")
			: rc == ERR_UNSUPPORTED ? N_("the site is not under load management")
			: rc == ERR_INVAL       ? N_("window_s is for the site, a feeder or a pile")
			: rc == ERR_FULL        ? N_("too many limits are planned")
			: cancel                ? N_("no such limit; `limit_list` lists them")
						: N_("no such feeder, pile or gun");
		return rc;
	}
	call->result = view_to_json(VIEW_slimit, &record, NULL);
	call->settle = true;
	return call->result == NULL ? ERR_NOMEM : 0;
}

static int do_limit_add(struct call *call)
{
	struct view_slimit s;
	int rc = 0;

	view_clear(VIEW_slimit, &s);
	set_text(s.id, sizeof s.id, params_text(call->params, "id"), &rc);
	set_text(s.node, sizeof s.node, params_text(call->params, "node"), &rc);
	set_text(s.source, sizeof s.source, params_text(call->params, "source"), &rc);
	set_text(s.reason, sizeof s.reason, params_text(call->params, "reason"), &rc);
	VIEW_SET(&s, by, call->client->person);
	s.limit_w = params_int(call->params, "limit_w", 0);
	s.from = params_int(call->params, "from", call->now.wall.ms);
	s.to = params_int(call->params, "to", 0);
	s.asked = call->now.wall.ms;
	s.window_s = params_int(call->params, "window_s", VALUE_NONE);
	if (s.window_s != VALUE_NONE && s.window_s != 900 && s.window_s != 1800 &&
		s.window_s != 3600) {
		call->message = N_("window_s is 900, 1800 or 3600");
		return ERR_INVAL;
	}
	if (rc != 0) {
		call->message = N_("id has 39 bytes at most, node and source 31, reason 95");
		return rc;
	}
	if (s.id[0] == '\0' || s.limit_w < 0 || s.limit_w > LIMIT_MAX_W) {
		call->message = N_("id must not be empty, limit_w is 0 to 1e8");
		return ERR_INVAL;
	}
	if (s.to <= s.from || s.to <= call->now.wall.ms) {
		call->message = N_("to must be after from, and not be past");
		return ERR_RANGE;
	}
	return give_limit(call, &s, false);
}

static int do_limit_cancel(struct call *call)
{
	struct view_slimit s;

	view_clear(VIEW_slimit, &s);
	return VIEW_SET(&s, id, params_text(call->params, "id")) != 0 ? ERR_NOTFOUND
								      : give_limit(call, &s, true);
}

static int do_probe(struct call *call)
{
	struct rpc_later *later = call_later(call);
	int rc = later == NULL ? ERR_NOMEM
			       : call->server->ops->probe(call->server->host,
					 params_text(call->params, "unit"), later);

	if (rc != 0) {
		call->later = false;
		call_drop_later(later);
	}
	return rc;
}

static int do_read(struct call *call)
{
	int64_t function = params_int(call->params, "function", 0);
	int64_t address = params_int(call->params, "address", 0);
	int64_t count = params_int(call->params, "count", 0);
	struct rpc_later *later;
	int rc;

	if (function < 1 || function > 4 || address < 0 || address > 65535 || count < 1 ||
		count > 125 || address + count > 65536) {
		call->message = N_("function 1 to 4, address 0 to 65535, count 1 to 125");
		return ERR_RANGE;
	}
	later = call_later(call);
	rc = later == NULL ? ERR_NOMEM
			   : call->server->ops->read(call->server->host,
				     params_text(call->params, "unit"), (int)function, (int)address,
				     (int)count, later);
	if (rc != 0) {
		call->later = false;
		call_drop_later(later);
	}
	return rc;
}

static int do_reload(struct call *call)
{
	cJSON *errors = cJSON_CreateArray();
	int rc = call->server->ops->reload(call->server->host, errors);

	if (rc != 0) {
		call->result = errors;
		call->message = N_("the configuration has errors; the old one stays in force");
		return rc;
	}
	cJSON_Delete(errors);
	call->result = cJSON_CreateObject();
	return 0;
}

static const method_fn handlers[METHOD_COUNT_] = {
	[METHOD_STATUS] = do_status,
	[METHOD_GUNS] = do_guns,
	[METHOD_GUN] = do_gun,
	[METHOD_PILES] = do_piles,
	[METHOD_METERS] = do_meters,
	[METHOD_SESSIONS] = query_start,
	[METHOD_SESSION] = query_start,
	[METHOD_ENERGY] = query_start,
	[METHOD_REPORT_HOME] = query_start,
	[METHOD_REPORT_STATION] = query_start,
	[METHOD_REPORT_FINANCE] = query_start,
	[METHOD_FAULTS] = query_start,
	[METHOD_ALARMS] = query_start,
	[METHOD_OUTBOX] = query_start,
	[METHOD_OUTBOX_TEST] = alarm_test,
	[METHOD_ALARM_KPI] = query_start,
	[METHOD_ALARM_ACK] = alarm_do,
	[METHOD_ALARM_RESET] = alarm_do,
	[METHOD_ALARM_SHELVE] = alarm_do,
	[METHOD_ALARM_UNSHELVE] = alarm_do,
	[METHOD_COMMANDS] = query_start,
	[METHOD_COMMAND] = query_start,
	[METHOD_CURVE] = query_start,
	[METHOD_AUDIT] = query_start,
	[METHOD_AUDIT_VERIFY] = query_start,
	[METHOD_LIMIT_ADD] = do_limit_add,
	[METHOD_LIMIT_LIST] = query_start,
	[METHOD_LIMIT_CANCEL] = do_limit_cancel,
	[METHOD_DECISIONS] = query_start,
	[METHOD_TARIFF_IMPORT] = tariff_import,
	[METHOD_CHARGE] = charge_do,
	[METHOD_CHARGE_MAINTENANCE] = charge_maintenance,
	[METHOD_QUOTE] = charge_quote,
	[METHOD_FATE] = fate_ask,
	[METHOD_ORDERS] = query_start,
	[METHOD_ORDER_CANCEL] = charge_cancel,
	[METHOD_RESERVE_ADD] = reserve_add,
	[METHOD_RESERVE_LIST] = query_start,
	[METHOD_RESERVE_CANCEL] = reserve_cancel,
	[METHOD_TARIFF_LIST] = query_start,
	[METHOD_TARIFF_SIMULATE] = query_start,
	[METHOD_TARIFF_SHOW] = query_start,
	[METHOD_BUS] = do_bus,
	[METHOD_LOAD] = do_load,
	[METHOD_LOG] = do_log,
	[METHOD_SUBSCRIBE] = do_subscribe,
	[METHOD_DO] = do_do,
	[METHOD_PREVIEW] = do_preview,
	[METHOD_CONFIRM] = do_confirm,
	[METHOD_TRIALS] = query_start,
	[METHOD_NOTE_ADD] = do_note,
	[METHOD_NOTES] = query_start,
	[METHOD_ACCOUNTS] = query_start,
	[METHOD_ACCOUNT] = query_start,
	[METHOD_STATEMENT] = query_start,
	[METHOD_LEDGER_BALANCE] = query_start,
	[METHOD_LEDGER_HEAD] = query_start,
	[METHOD_LEDGER_VERIFY] = query_start,
	[METHOD_BILLS] = query_start,
	[METHOD_BILL] = query_start,
	[METHOD_BILL_VERIFY] = query_start,
	[METHOD_ABNORMAL] = query_start,
	[METHOD_ACCOUNT_OPEN] = money_start,
	[METHOD_ACCOUNT_SET] = money_start,
	[METHOD_ACCOUNT_STATUS] = money_start,
	[METHOD_ACCOUNT_CARD] = money_start,
	[METHOD_ACCOUNT_PIN] = money_start,
	[METHOD_ACCOUNT_MONEY] = money_start,
	[METHOD_ACCOUNT_MESSAGE] = money_start,
	[METHOD_LEDGER_REVERSE] = money_start,
	[METHOD_BILL_REFUND] = money_start,
	[METHOD_BILL_RATE] = money_start,
	[METHOD_ABNORMAL_DO] = money_start,
	[METHOD_PROBE] = do_probe,
	[METHOD_READ] = do_read,
	[METHOD_RELOAD] = do_reload,
	[METHOD_IDENTIFY] = peer_claim,
	[METHOD_VERSION] = do_version,
};

method_fn method_handler(enum method method)
{
	return handlers[method];
}
