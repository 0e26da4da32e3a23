/* What people do with alarms. */
#include "internal.h"
#include "i18n.h"
#include "kpi.h"

#define ACTORS_DEFAULT 10
#define ACTORS_MAX     1000
#define SHELF_MAX_MS   (7 * 24 * 3600 * MS_PER_S)

static enum alarm_op op_of(enum method method)
{
	switch (method) {
	case METHOD_ALARM_RESET:
		return ALARMOP_RESET;
	case METHOD_ALARM_SHELVE:
		return ALARMOP_SHELVE;
	case METHOD_ALARM_UNSHELVE:
		return ALARMOP_UNSHELVE;
	default:
		return ALARMOP_ACK;
	}
}

static int add_row(void *arg, const void *view)
{
	cJSON_AddItemToArray(arg, view_to_json(VIEW_alarm, view, NULL));
	return 0;
}

static const char *unchanged(enum alarm_op op)
{
	switch (op) {
	case ALARMOP_RESET:
		return "nothing to reset: a latched alarm is reset when it is gone and "
		       "acknowledged";
	case ALARMOP_SHELVE:
		return "not shelved: a latched alarm that is gone cannot be, one that endangers "
		       "people for 8 h at most";
	case ALARMOP_UNSHELVE:
		return "it is not shelved";
	default:
		return "nothing to acknowledge there";
	}
}

int alarm_do(struct call *call)
{
	struct host_alarm wanted = {.op = op_of(call->method),
		.which = params_text(call->params, "alarm"),
		.by = call->client->person,
		.reason = params_text(call->params, "reason"),
		.until_ms = params_int(call->params, "until", VALUE_NONE)};
	int64_t now_ms = call->now.wall.ms;
	cJSON *rows;
	int rc;

	if (wanted.op == ALARMOP_SHELVE &&
		(wanted.until_ms <= now_ms || wanted.until_ms > now_ms + SHELF_MAX_MS)) {
		call->message = N_("until: within the next 7 days");
		return ERR_RANGE;
	}
	if (wanted.op == ALARMOP_SHELVE && wanted.reason[0] == '\0') {
		call->message = N_("reason must not be empty");
		return ERR_INVAL;
	}
	rows = cJSON_CreateArray();
	rc = call->server->ops->alarm(call->server->host, &wanted, call->now, add_row, rows);
	if (rc != 0) {
		cJSON_Delete(rows);
		call->message = rc == ERR_NOTFOUND ? N_("no such alarm; `alarms` lists them")
				: rc == ERR_EXISTS ? N_("several alarms: shelve one, by its id")
				: rc == ERR_STATE  ? unchanged(wanted.op)
						   : NULL;
		return rc;
	}
	call->result = cJSON_CreateObject();
	cJSON_AddItemToObject(call->result, "rows", rows);
	return query_settle(call);
}

int alarm_test(struct call *call)
{
	int rc = call->server->ops->test_messages(call->server->host, call->now);

	if (rc != 0) {
		call->message =
			rc == ERR_NOTFOUND
				? N_("nobody is told of alarms: see `notify` in piled.yaml(5)")
				: NULL;
		return rc;
	}
	call->result = cJSON_CreateObject();
	return 0;
}

static int add_actor(void *arg, const struct view_actor *actor)
{
	cJSON_AddItemToArray(arg, view_to_json(VIEW_actor, actor, NULL));
	return 0;
}

int alarm_kpi(
	const cJSON *params, struct store_reader *reader, cJSON **result, const char **message)
{
	struct wall from = {params_int(params, "from", 0)}, to = {params_int(params, "to", 0)};
	int64_t limit = params_int(params, "limit", ACTORS_DEFAULT);
	struct view_kpi kpi;
	int rc;

	if (limit < 1 || limit > ACTORS_MAX || to.ms <= from.ms) {
		*message = N_("to must be after from; limit: 1 to 1000");
		return ERR_RANGE;
	}
	rc = store_alarm_kpi(reader, from, to, &kpi);
	if (rc != 0) {
		return rc;
	}
	*result = cJSON_CreateObject();
	cJSON_AddItemToObject(*result, "kpi", view_to_json(VIEW_kpi, &kpi, NULL));
	return store_alarm_actors(reader, from, to, (size_t)limit, add_actor,
		cJSON_AddArrayToObject(*result, "actors"));
}
