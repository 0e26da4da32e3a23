/*
 * Questions to the store: they may take long, so they run in libuv's thread pool with readers of
 * their own; the loop only hands over the finished line.
 */
#include "query_report.h"

#include "i18n.h"
#include "mask.h"
#include "query_money.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit.h"

#define LIMIT_DEFAULT 100
#define LIMIT_MAX     1000
#define CURVE_DEFAULT 500
#define CURVE_MAX     5000
#define CURVE_AGE_US  (10 * US_PER_S)  /* a curve of the present may lack this */
#define CURVE_TAIL_MS (600 * MS_PER_S) /* older rows are committed */
#define ENERGY_MAX    3000             /* rows of an answer, so that it fits a line */

struct query {
	uv_work_t work;
	struct rpc_server *server;
	uint32_t serial;
	enum method method;
	cJSON *id;     /* NULL: a notification */
	cJSON *params; /* a copy */
	enum view_kind kind;
	cJSON *rows;
	cJSON *whole; /* the result, where it is no list of rows */
	size_t count, max;
	struct view_session *open; /* as they stood when the question came */
	size_t open_count, open_cap;
	struct query_plant *plant; /* of reports */
	bool masked;               /* whoever asks does not need to know who a customer is */
	const char *message;
	struct line *line;
};

static int text_param(const struct query *q, const char *name, const char **out)
{
	*out = params_text(q->params, name);
	return *out == NULL ? ERR_INVAL : 0;
}

static int add_row(struct query *q, cJSON *row)
{
	if (q->count >= q->max) {
		cJSON_Delete(row);
		q->message =
			N_("too many rows for one answer; ask for a shorter time or longer slots");
		return ERR_TOOLONG;
	}
	q->count++;
	cJSON_AddItemToArray(q->rows, row);
	return 0;
}

/* The store has an open session as it began; the core knows how it stands. */
static const void *freshest(const struct query *q, const void *view)
{
	const struct view_session *s = view;

	for (size_t i = 0; q->kind == VIEW_session && i < q->open_count; i++) {
		if (strcmp(q->open[i].id, s->id) == 0) {
			return &q->open[i];
		}
	}
	return view;
}

static int on_view(void *arg, const void *view)
{
	struct query *q = arg;
	union {
		struct view_outbox message;
		struct view_order order;
	} copy;

	view = freshest(q, view);
	if (q->masked && (q->kind == VIEW_outbox || q->kind == VIEW_order)) {
		memcpy(&copy, view, view_info(q->kind)->size);
		view = &copy;
		/* Whoever may not see a number must not find out by asking for it. */
		if (q->kind == VIEW_outbox && copy.message.account[0] != '\0' &&
			params_text(q->params, "target") != NULL) {
			return 0;
		}
		mask_view(q->kind, &copy);
	}
	return add_row(q, view_to_json(q->kind, view, NULL));
}

static int on_energy(void *arg, const struct view_energy *row)
{
	return add_row(arg, view_to_json(VIEW_energy, row, NULL));
}

/* A curve's row is an array, since there are many: [wall ms, value, min, max, quality]. */
static int on_sample(void *arg, const struct store_sample *s)
{
	const double values[] = {
		(double)s->at.ms, (double)s->value, (double)s->min, (double)s->max};
	cJSON *row = cJSON_CreateArray();

	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
		cJSON_AddItemToArray(row, cJSON_CreateNumber(values[i]));
	}
	cJSON_AddItemToArray(row, cJSON_CreateString(quality_token(s->quality)));
	return add_row(arg, row);
}

/* ---- In the pool ---- */

static struct store_reader *borrow_reader(struct rpc_server *server)
{
	struct store_reader *reader = NULL;

	uv_mutex_lock(&server->readers_lock);
	if (server->reader_count > 0) {
		reader = server->readers[--server->reader_count];
	}
	uv_mutex_unlock(&server->readers_lock);
	if (reader == NULL && store_reader_open(server->folder, &reader) != 0) {
		return NULL;
	}
	return reader;
}

static void return_reader(struct rpc_server *server, struct store_reader *reader)
{
	uv_mutex_lock(&server->readers_lock);
	if (server->reader_count < READERS_MAX) {
		server->readers[server->reader_count++] = reader;
		reader = NULL;
	}
	uv_mutex_unlock(&server->readers_lock);
	store_reader_close(reader);
}

static int run_list(struct query *q, struct store_reader *reader)
{
	bool one = q->method == METHOD_SESSION || q->method == METHOD_COMMAND;
	struct store_filter filter = {
		.from = {params_int(q->params, "from", 0)},
		.to = {params_int(q->params, "to", 0)},
		.target = params_text(q->params, "target"),
		.active = params_bool(q->params, "active"),
		.id = params_text(q->params, "id"),
		.limit = one ? 1 : (size_t)params_int(q->params, "limit", LIMIT_DEFAULT),
	};

	if (filter.limit < 1 || filter.limit > LIMIT_MAX) {
		q->message = N_("limit: 1 to 1000");
		return ERR_RANGE;
	}
	q->max = filter.limit;
	return store_list(reader, q->kind, &filter, on_view, q);
}

static int run_energy(struct query *q, struct store_reader *reader)
{
	int64_t slot_s = params_int(q->params, "slot_s", 0);

	q->max = ENERGY_MAX;
	return store_energy(reader, (struct wall){params_int(q->params, "from", 0)},
		(struct wall){params_int(q->params, "to", 0)}, params_text(q->params, "target"),
		slot_s, on_energy, q);
}

static int run_curve(struct query *q, struct store_reader *reader)
{
	int64_t max = params_int(q->params, "max", CURVE_DEFAULT);
	const char *series, *name;
	enum point p;

	if (text_param(q, "series", &series) != 0 || text_param(q, "point", &name) != 0 ||
		point_find(name, &p) != 0) {
		q->message = N_("unknown point; piled-rpc(7) lists them");
		return ERR_NOTFOUND;
	}
	if (max < 1 || max > CURVE_MAX) {
		q->message = N_("max: 1 to 5000");
		return ERR_RANGE;
	}
	q->max = CURVE_MAX;
	return store_curve(reader, series, p, (struct wall){params_int(q->params, "from", 0)},
		(struct wall){params_int(q->params, "to", 0)}, (size_t)max, on_sample, q);
}

static int run_audit(struct query *q, struct store_reader *reader)
{
	struct audit_filter filter = {
		.from = {params_int(q->params, "from", 0)},
		.to = {params_int(q->params, "to", 0)},
		.by = params_text(q->params, "by"),
		.limit = (size_t)params_int(q->params, "limit", LIMIT_DEFAULT),
	};

	if (filter.limit < 1 || filter.limit > LIMIT_MAX) {
		q->message = N_("limit: 1 to 1000");
		return ERR_RANGE;
	}
	q->max = filter.limit;
	return store_audit_list(reader, &filter, on_view, q);
}

static int run_verify(struct query *q)
{
	const char *hash = params_text(q->params, "hash");
	int64_t id = params_int(q->params, "id", 0);
	struct view_verdict v;
	char path[sizeof q->server->folder + 16];
	int rc;

	if ((id > 0) != (hash != NULL)) {
		q->message = N_("id and hash of a row that was noted: both or none");
		return ERR_INVAL;
	}
	snprintf(path, sizeof path, "%s/%s", q->server->folder, STORE_SITE_FILE);
	rc = audit_verify(path, id, hash, &v);
	if (rc != 0) {
		return rc;
	}
	q->max = 1;
	return add_row(q, view_to_json(VIEW_verdict, &v, NULL));
}

static int on_row(void *arg, cJSON *row)
{
	return add_row(arg, row);
}

static int run_money(struct query *q, struct store_reader *reader)
{
	const struct money_asked asked = {q->method, q->params, reader, q->server->folder,
		q->masked, q->server->ops, q->server->host};

	return query_money(&asked, &q->whole, &q->message);
}

static int run(struct query *q, struct store_reader *reader)
{
	switch (q->method) {
	case METHOD_REPORT_HOME:
	case METHOD_REPORT_STATION:
	case METHOD_REPORT_FINANCE:
		q->max = LIMIT_MAX;
		return query_report(q->method, q->params, q->plant, reader, on_row, q, &q->message);
	case METHOD_ENERGY:
		return run_energy(q, reader);
	case METHOD_CURVE:
		return run_curve(q, reader);
	case METHOD_AUDIT:
		return run_audit(q, reader);
	case METHOD_AUDIT_VERIFY:
		return run_verify(q);
	case METHOD_ALARM_KPI:
		return alarm_kpi(q->params, reader, &q->whole, &q->message);
	case METHOD_TARIFF_LIST:
	case METHOD_TARIFF_SIMULATE:
	case METHOD_TARIFF_SHOW:
		return tariff_query(
			q->method, q->server->timezone, q->params, reader, &q->whole, &q->message);
	case METHOD_ACCOUNTS:
	case METHOD_ACCOUNT:
	case METHOD_STATEMENT:
	case METHOD_LEDGER_BALANCE:
	case METHOD_LEDGER_HEAD:
	case METHOD_LEDGER_VERIFY:
	case METHOD_BILLS:
	case METHOD_BILL:
	case METHOD_BILL_VERIFY:
	case METHOD_ABNORMAL:
		return run_money(q, reader);
	default:
		return run_list(q, reader);
	}
}

static cJSON *result_of(struct query *q)
{
	cJSON *result;

	if (q->whole != NULL) {
		result = q->whole;
		q->whole = NULL;
		return result;
	}
	if (q->method == METHOD_SESSION || q->method == METHOD_COMMAND ||
		q->method == METHOD_AUDIT_VERIFY) {
		return cJSON_DetachItemFromArray(q->rows, 0);
	}
	result = cJSON_CreateObject();
	cJSON_AddItemToObject(result, "rows", q->rows);
	q->rows = NULL;
	return result;
}

/* Rows of the newest minute wait in the store's memory. */
static void bring_up_to_date(const struct query *q)
{
	const struct rpc_server *server = q->server;
	bool curve = q->method == METHOD_CURVE;
	int64_t to = params_int(q->params, "to", 0);

	if (server->ops->flush != NULL &&
		!(curve && to != 0 && to < wall_now().ms - CURVE_TAIL_MS)) {
		server->ops->flush(server->host, curve ? CURVE_AGE_US : 0);
	}
}

static void on_work(uv_work_t *work)
{
	struct query *q = work->data;
	struct store_reader *reader = borrow_reader(q->server);
	cJSON *answer;
	int rc;

	bring_up_to_date(q);
	rc = reader == NULL ? ERR_IO : run(q, reader);
	if (reader != NULL) {
		return_reader(q->server, reader);
	}
	if (rc == 0 && q->count == 0 &&
		(q->method == METHOD_SESSION || q->method == METHOD_COMMAND)) {
		rc = ERR_NOTFOUND;
	}
	answer = rc == 0 ? call_answer(q->id, result_of(q))
			 : call_error(q->id, -32001, q->message != NULL ? q->message : err_text(rc),
				   err_token(rc));
	q->line = line_of_json(answer);
	cJSON_Delete(answer);
	if (q->line != NULL && q->line->size > WIRE_LINE_MAX) {
		line_release(q->line);
		answer = call_error(q->id, -32001, "the answer is too long; ask for less",
			err_token(ERR_TOOLONG));
		q->line = line_of_json(answer);
		cJSON_Delete(answer);
	}
}

/* ---- On the loop ---- */

static void query_free(struct query *q)
{
	cJSON_Delete(q->id);
	cJSON_Delete(q->params);
	cJSON_Delete(q->rows);
	cJSON_Delete(q->whole);
	line_release(q->line);
	free(q->open);
	query_plant_free(q->plant);
	free(q);
}

static void on_done(uv_work_t *work, int status)
{
	struct query *q = work->data;
	struct rpc_server *server = q->server;
	struct client *client = client_by_serial(server, q->serial);

	if (client != NULL) {
		client->queries--;
		if (status == 0 && q->id != NULL) {
			client_send(client, q->line);
		}
		client_served(client);
	}
	query_free(q);
	server->works--;
	server_release(server);
}

static enum view_kind kind_of(enum method method)
{
	switch (method) {
	case METHOD_FAULTS:
		return VIEW_fault;
	case METHOD_ALARMS:
		return VIEW_alarm;
	case METHOD_OUTBOX:
		return VIEW_outbox;
	case METHOD_COMMANDS:
	case METHOD_COMMAND:
		return VIEW_command;
	case METHOD_ORDERS:
		return VIEW_order;
	case METHOD_RESERVE_LIST:
		return VIEW_reservation;
	case METHOD_LIMIT_LIST:
		return VIEW_slimit;
	case METHOD_DECISIONS:
		return VIEW_decision;
	case METHOD_ENERGY:
		return VIEW_energy;
	case METHOD_CURVE:
		return VIEW_point;
	case METHOD_AUDIT:
		return VIEW_audit;
	case METHOD_TRIALS:
		return VIEW_trial;
	case METHOD_NOTES:
		return VIEW_note;
	default:
		return VIEW_session;
	}
}

static int keep_open(void *arg, const struct view_session *session)
{
	struct query *q = arg;

	if (q->open_count == q->open_cap) {
		size_t cap = q->open_cap == 0 ? 16 : q->open_cap * 2;
		struct view_session *open = realloc(q->open, cap * sizeof *open);

		if (open == NULL) {
			return ERR_NOMEM;
		}
		q->open = open;
		q->open_cap = cap;
	}
	q->open[q->open_count++] = *session;
	return 0;
}

static bool is_report(enum method method)
{
	return method == METHOD_REPORT_HOME || method == METHOD_REPORT_STATION ||
	       method == METHOD_REPORT_FINANCE;
}

int query_start(struct call *call)
{
	struct rpc_server *server = call->server;
	struct query *q;

	if (server->folder[0] == '\0') {
		return ERR_UNSUPPORTED;
	}
	if (call->client->queries >= RPC_QUERIES_MAX) {
		call->message = N_("too many questions at once; wait for the answers");
		return ERR_BUSY;
	}
	q = calloc(1, sizeof *q);
	if (q == NULL) {
		return ERR_NOMEM;
	}
	q->work.data = q;
	q->server = server;
	q->serial = call->client->serial;
	q->method = call->method;
	q->kind = kind_of(call->method);
	q->id = call->id == NULL ? NULL : cJSON_Duplicate(call->id, true);
	q->params = call->params == NULL ? NULL : cJSON_Duplicate(call->params, true);
	q->rows = cJSON_CreateArray();
	q->masked = !role_may(call->client->roles, ROLE_CASHIER);
	if (q->kind == VIEW_session && server->ops->open_sessions != NULL) {
		server->ops->open_sessions(server->host, keep_open, q);
	}
	if (is_report(q->method) && (q->plant = query_plant(server, call->now)) == NULL) {
		query_free(q);
		return ERR_NOMEM;
	}
	if (uv_queue_work(server->loop, &q->work, on_work, on_done) != 0) {
		query_free(q);
		return ERR_IO;
	}
	call->client->queries++;
	call->later = true;
	server->works++;
	return 0;
}

/* ---- Answers that promise that something is written ---- */

struct settle {
	uv_work_t work;
	struct rpc_server *server;
	struct rpc_later *later;
	cJSON *result;
};

static void on_settle(uv_work_t *work)
{
	struct settle *s = work->data;

	s->server->ops->flush(s->server->host, 0);
}

static void on_settled(uv_work_t *work, int status)
{
	struct settle *s = work->data;
	struct rpc_server *server = s->server;

	rpc_finish(s->later, status == 0 ? 0 : ERR_CLOSED, NULL, s->result);
	free(s);
	server->works--;
	server_release(server);
}

void rpc_finish_settled(struct rpc_later *later, cJSON *result)
{
	struct rpc_server *server = call_server_of(later);
	struct settle *s = server->ops->flush != NULL ? calloc(1, sizeof *s) : NULL;

	if (s != NULL) {
		s->work.data = s;
		s->server = server;
		s->later = later;
		s->result = result;
		if (!server->closing &&
			uv_queue_work(server->loop, &s->work, on_settle, on_settled) == 0) {
			server->works++;
			return;
		}
		free(s);
	}
	rpc_finish(later, 0, NULL, result); /* it is done; only the promise is weaker */
}

int query_settle(struct call *call)
{
	struct settle *s;

	if (call->server->ops->flush == NULL) {
		return 0;
	}
	s = calloc(1, sizeof *s);
	if (s == NULL) {
		return 0; /* it is done; only the promise is weaker */
	}
	s->later = call_later(call);
	s->work.data = s;
	s->server = call->server;
	if (s->later == NULL ||
		uv_queue_work(call->server->loop, &s->work, on_settle, on_settled) != 0) {
		call->later = false;
		call_drop_later(s->later);
		free(s);
		return 0;
	}
	s->result = call->result;
	call->result = NULL;
	call->server->works++;
	return 0;
}

void query_close(struct rpc_server *server)
{
	while (server->reader_count > 0) {
		store_reader_close(server->readers[--server->reader_count]);
	}
}
