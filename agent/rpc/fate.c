/*
 * What became of a call that changes something, for whoever lost the answer with the link. The last
 * calls are remembered as they ended, older ones are looked up in the store. A call that is not
 * known by then is refused if it still arrives: whoever was told that nothing was done may ask
 * for it anew, under another id, and it happens once.
 */
#include "fate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

struct ask {
	uv_work_t work;
	struct rpc_server *server;
	struct rpc_later *later;
	enum method method;
	enum fate_of of;
	char id[FATE_ID_MAX], person[32], error[24];
	int rc;
};

static const struct known {
	enum method method;
	enum fate_of of;
	bool object; /* the id is that of what it is done to: it may be asked for again */
} known[] = {
	{METHOD_CHARGE, FATE_ORDER, false},
	{METHOD_CHARGE_MAINTENANCE, FATE_ORDER, false},
	{METHOD_RESERVE_ADD, FATE_RESERVATION, false},
	{METHOD_RESERVE_CANCEL, FATE_UNRESERVED, true},
	{METHOD_NOTE_ADD, FATE_NOTE, false},
	{METHOD_ACCOUNT_OPEN, FATE_LOG, false},
	{METHOD_ACCOUNT_SET, FATE_LOG, false},
	{METHOD_ACCOUNT_STATUS, FATE_LOG, false},
	{METHOD_ACCOUNT_CARD, FATE_LOG, false},
	{METHOD_ACCOUNT_MESSAGE, FATE_MESSAGE, false},
	{METHOD_ACCOUNT_MONEY, FATE_TX, false},
	{METHOD_LEDGER_REVERSE, FATE_TX, false},
	{METHOD_BILL_REFUND, FATE_TX, false},
	{METHOD_BILL_RATE, FATE_RATING, false},
	{METHOD_ABNORMAL_DO, FATE_DECISION, false},
};

static const struct known *known_of(enum method method)
{
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		if (known[i].method == method) {
			return &known[i];
		}
	}
	return NULL;
}

static struct fate *find(
	struct rpc_server *server, enum method method, const char *person, const char *id)
{
	for (size_t i = 0; i < FATES_MAX; i++) {
		struct fate *f = &server->fates[i];

		if (f->id[0] != '\0' && f->method == method && strcmp(f->id, id) == 0 &&
			strcmp(f->person, person) == 0) {
			return f;
		}
	}
	return NULL;
}

static struct fate *add(struct rpc_server *server, enum method method, const char *person,
	const char *id, enum fate_state state)
{
	struct fate *f = &server->fates[server->fate_next++ % FATES_MAX];

	*f = (struct fate){.method = method, .state = state};
	VIEW_SET(f, id, id);
	VIEW_SET(f, person, person);
	return f;
}

const char *fate_id(const struct call *call)
{
	const char *id = known_of(call->method) != NULL ? params_text(call->params, "id") : NULL;

	return id == NULL || id[0] == '\0' || strlen(id) >= FATE_ID_MAX ? NULL : id;
}

int fate_begin(struct call *call)
{
	const char *id = fate_id(call);
	struct fate *f;

	if (id == NULL) {
		return 0;
	}
	f = find(call->server, call->method, call->client->person, id);
	if (f == NULL) {
		add(call->server, call->method, call->client->person, id, FATE_PENDING);
	} else if (f->state == FATE_NEVER) {
		call->message =
			"it comes too late: it was asked what became of it, and nothing had";
		return ERR_EXPIRED;
	}
	return 0;
}

void fate_end(struct rpc_server *server, enum method method, const char *person, const char *id,
	int err, const char *message)
{
	struct fate *f = id[0] != '\0' ? find(server, method, person, id) : NULL;

	if (f != NULL && f->state != FATE_DONE && f->state != FATE_NEVER) {
		f->state = err == 0 ? FATE_DONE : FATE_REFUSED;
		VIEW_SET(f, error, err == 0 ? "" : err_token(err));
		VIEW_SET(f, message, message != NULL ? message : "");
	}
}

void fate_ended(struct call *call, int err)
{
	const char *id = fate_id(call);

	if (id != NULL && (err != 0 || !call->later)) {
		fate_end(call->server, call->method, call->client->person, id, err, call->message);
	}
}

static cJSON *tell(enum method method, const char *id, enum fate_state state, const char *error,
	const char *message)
{
	static const char *const words[] = {[FATE_PENDING] = "pending",
		[FATE_DONE] = "done",
		[FATE_REFUSED] = "refused",
		[FATE_NEVER] = "never"};
	cJSON *o = cJSON_CreateObject();

	cJSON_AddStringToObject(o, "method", method_info(method)->name);
	cJSON_AddStringToObject(o, "id", id);
	cJSON_AddStringToObject(o, "state", words[state]);
	if (error[0] != '\0') {
		cJSON_AddStringToObject(o, "error", error);
	}
	if (message[0] != '\0') {
		cJSON_AddStringToObject(o, "message", message);
	}
	return o;
}

/* ---- Those that are not remembered ---- */

static void on_work(uv_work_t *work)
{
	struct ask *a = work->data;
	struct store_reader *reader = NULL;

	if (a->server->ops->flush != NULL) {
		a->server->ops->flush(a->server->host, 0);
	}
	a->rc = store_reader_open(a->server->folder, &reader);
	a->rc = a->rc != 0 ? a->rc : store_fate(reader, a->of, a->id, a->error);
	store_reader_close(reader);
}

static void on_done(uv_work_t *work, int status)
{
	struct ask *a = work->data;
	struct rpc_server *server = a->server;
	struct fate *f = find(server, a->method, a->person, a->id);
	enum fate_state state = a->rc == ERR_NOTFOUND ? FATE_NEVER
				: a->error[0] != '\0' ? FATE_REFUSED
						      : FATE_DONE;
	int rc = status != 0 ? ERR_CLOSED : a->rc == ERR_NOTFOUND ? 0 : a->rc;

	if (f != NULL && f->state == FATE_NEVER && (rc != 0 || state != FATE_NEVER)) {
		f->id[0] = '\0'; /* the store knows better, or nobody does */
	}
	rpc_finish(
		a->later, rc, NULL, rc == 0 ? tell(a->method, a->id, state, a->error, "") : NULL);
	free(a);
	server->works--;
	server_release(server);
}

static int look_up(struct call *call, const struct known *k, const char *id)
{
	struct ask *a = calloc(1, sizeof *a);

	if (a == NULL) {
		return ERR_NOMEM;
	}
	a->work.data = a;
	a->server = call->server;
	a->method = k->method;
	a->of = k->of;
	VIEW_SET(a, id, id);
	VIEW_SET(a, person, call->client->person);
	a->later = call_later(call);
	if (a->later == NULL ||
		uv_queue_work(call->server->loop, &a->work, on_work, on_done) != 0) {
		call->later = false;
		call_drop_later(a->later);
		free(a);
		return ERR_IO;
	}
	call->server->works++;
	if (!k->object) {
		add(call->server, k->method, call->client->person, id, FATE_NEVER);
	}
	return 0;
}

int fate_ask(struct call *call)
{
	const char *id = params_text(call->params, "id");
	const struct known *k;
	enum method method;
	struct fate *f;

	if (method_find(params_text(call->params, "method"), &method) != 0 ||
		(k = known_of(method)) == NULL) {
		call->message = "method: one that is done once by its id";
		return ERR_INVAL;
	}
	if (id[0] == '\0' || strlen(id) >= FATE_ID_MAX) {
		call->message = "id: 1 to 79 characters";
		return ERR_INVAL;
	}
	f = find(call->server, method, call->client->person, id);
	if (f != NULL) {
		call->result = tell(method, id, f->state, f->error, f->message);
		return 0;
	}
	if (call->server->folder[0] == '\0') {
		return ERR_UNSUPPORTED;
	}
	if (call->client->queries >= RPC_QUERIES_MAX) {
		return ERR_BUSY;
	}
	return look_up(call, k, id);
}
