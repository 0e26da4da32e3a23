/* One request: its method looked up, its role and parameters checked, its answer sent, now or
 * later. */
#include "internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CODE_PARSE   (-32700)
#define CODE_REQUEST (-32600)
#define CODE_METHOD  (-32601)
#define CODE_PARAMS  (-32602)
#define CODE_OTHER   (-32001)

#define ID_MAX     64
#define ID_INT_MAX 1e15
#define AUDIT_MAX  512

#define REFUSALS_MAX 100

struct rpc_later {
	struct rpc_server *server;
	uint32_t serial;
	cJSON *id; /* NULL: a notification */
	/* What is done once by an id; "" = it is not. */
	enum method method;
	char fate[FATE_ID_MAX], person[32];
};

/* ---- Answers ---- */

cJSON *call_copy_id(const cJSON *id)
{
	return id == NULL ? cJSON_CreateNull() : cJSON_Duplicate(id, true);
}

static cJSON *envelope(const cJSON *id)
{
	cJSON *object = cJSON_CreateObject();

	cJSON_AddStringToObject(object, "jsonrpc", "2.0");
	cJSON_AddItemToObject(object, "id", call_copy_id(id));
	return object;
}

cJSON *call_error(const cJSON *id, int code, const char *message, const char *token)
{
	cJSON *object = envelope(id);
	cJSON *error = cJSON_AddObjectToObject(object, "error");

	cJSON_AddNumberToObject(error, "code", code);
	cJSON_AddStringToObject(error, "message", message);
	cJSON_AddStringToObject(cJSON_AddObjectToObject(error, "data"), "error", token);
	return object;
}

cJSON *call_answer(const cJSON *id, cJSON *result)
{
	cJSON *object = envelope(id);

	cJSON_AddItemToObject(object, "result", result != NULL ? result : cJSON_CreateNull());
	return object;
}

static void refuse(struct client *client, const cJSON *id, int code, const char *message)
{
	client_send_json(client, call_error(id, code, message, err_token(ERR_SYNTAX)));
}

static int code_of(int err)
{
	return err == ERR_INVAL ? CODE_PARAMS : CODE_OTHER;
}

/* ---- Answers that come later ---- */

struct rpc_later *call_later(struct call *call)
{
	struct rpc_later *later = calloc(1, sizeof *later);

	if (later == NULL) {
		return NULL;
	}
	later->server = call->server;
	later->serial = call->client->serial;
	later->id = call->id == NULL ? NULL : cJSON_Duplicate(call->id, true);
	later->method = call->method;
	VIEW_SET(later, fate, fate_id(call) != NULL ? fate_id(call) : "");
	VIEW_SET(later, person, call->client->person);
	call->client->owed++;
	call->later = true;
	return later;
}

struct rpc_server *call_server_of(const struct rpc_later *later)
{
	return later->server;
}

/* The call fails at once after all. */
void call_drop_later(struct rpc_later *later)
{
	struct client *client;

	if (later == NULL) {
		return;
	}
	client = client_by_serial(later->server, later->serial);
	if (client != NULL) {
		client->owed--;
		client_served(client);
	}
	cJSON_Delete(later->id);
	free(later);
}

void rpc_finish(struct rpc_later *later, int err, const char *message, cJSON *result)
{
	struct client *client = client_by_serial(later->server, later->serial);

	fate_end(later->server, later->method, later->person, later->fate, err, message);
	if (client == NULL || later->id == NULL) {
		cJSON_Delete(result);
	} else if (err == 0) {
		client_send_json(client, call_answer(later->id, result));
	} else {
		cJSON_Delete(result);
		client_send_json(
			client, call_error(later->id, code_of(err),
					message != NULL ? message : err_text(err), err_token(err)));
	}
	call_drop_later(later);
}

/* ---- One request ---- */

static bool good_id(const cJSON *id)
{
	if (cJSON_IsString(id)) {
		return strlen(id->valuestring) <= ID_MAX;
	}
	return cJSON_IsNull(id) || (cJSON_IsNumber(id) && fabs(id->valuedouble) < ID_INT_MAX &&
					   id->valuedouble == floor(id->valuedouble));
}

/* What changes something is written down, whether it was done or not. */
static void audit(const struct call *call, int err)
{
	const struct method_info *m = method_info(call->method);
	char params[AUDIT_MAX], roles[ROLE_TEXT];

	/* Looking is not written down, being refused is. */
	if (call->client->closing || (!m->changes && err != ERR_DENIED)) {
		return;
	}
	params_show(m->params, call->params, params, sizeof params);
	role_text(call->client->roles, roles, sizeof roles);
	call->server->ops->audit(call->server->host, call->now.wall, call->client->person,
		call->client->origin, roles, m->name, params,
		err == 0 && call->outcome[0] != '\0' ? call->outcome : err_token(err));
}

/* A refusal says what is missing and how to get it. */
static void add_denied(const struct call *call, cJSON *data)
{
	const struct rpc_server *server = call->server;
	char roles[ROLE_TEXT];

	role_text(call->client->roles, roles, sizeof roles);
	cJSON_AddStringToObject(data, "role", role_name(call->need));
	cJSON_AddStringToObject(data, "have", roles);
	cJSON_AddStringToObject(data, "group", server->ops->role_group(server->host, call->need));
	cJSON_AddStringToObject(data, "person", call->client->person);
}

static void answer(struct call *call, int err)
{
	cJSON *object, *data;

	if (call->later || call->id == NULL) {
		cJSON_Delete(call->result);
		return;
	}
	if (err == 0) {
		client_send_json(call->client, call_answer(call->id, call->result));
		return;
	}
	object = call_error(call->id, code_of(err),
		call->message != NULL ? call->message : err_text(err), err_token(err));
	data = cJSON_GetObjectItemCaseSensitive(
		cJSON_GetObjectItemCaseSensitive(object, "error"), "data");
	/* An error may carry details: reload's list of what is wrong. */
	if (call->result != NULL) {
		cJSON_AddItemToObject(data, "errors", call->result);
	}
	if (err == ERR_DENIED && call->need != ROLE_NOBODY) {
		add_denied(call, data);
	}
	client_send_json(call->client, object);
}

/* Refusals are written down, so they must not come without end: a hundred at once, then one a
 * second; who asks for more is cut off. */
static bool too_many_refusals(struct rpc_server *server, struct mono now)
{
	int64_t passed_ms = mono_diff_us(now, server->refused_at) / US_PER_MS;

	server->refused_at = now;
	server->refusals_ms -= passed_ms < server->refusals_ms ? passed_ms : server->refusals_ms;
	if (server->refusals_ms >= REFUSALS_MAX * MS_PER_S) {
		return true;
	}
	server->refusals_ms += MS_PER_S;
	return false;
}

int call_needs(struct call *call, enum role need)
{
	if (role_may(call->client->roles, need)) {
		return 0;
	}
	if (too_many_refusals(call->server, call->now.mono)) {
		client_close(call->client);
		return ERR_CLOSED;
	}
	call->need = need;
	return ERR_DENIED;
}

static void carry_out(struct call *call)
{
	const struct method_info *m = method_info(call->method);
	char message[160];
	int err;

	err = call_needs(call, m->role);
	if (err == 0) {
		err = params_check(m->params, call->params, message, sizeof message);
		call->message = err != 0 ? message : NULL;
	}
	if (err == 0) {
		err = fate_begin(call);
	}
	if (err == 0) {
		err = method_handler(call->method)(call);
		fate_ended(call, err);
	}
	audit(call, err);
	if (err == 0 && call->settle) {
		query_settle(call);
	}
	answer(call, err);
	call->message = NULL;
}

static void take_request(struct client *client, const cJSON *request)
{
	const cJSON *version = cJSON_GetObjectItemCaseSensitive(request, "jsonrpc");
	const cJSON *method = cJSON_GetObjectItemCaseSensitive(request, "method");
	struct call call = {.server = client->server,
		.client = client,
		.id = cJSON_GetObjectItemCaseSensitive(request, "id"),
		.params = cJSON_GetObjectItemCaseSensitive(request, "params"),
		.now = moment_now()};

	if (!cJSON_IsObject(request)) {
		refuse(client, NULL, CODE_REQUEST, "a request is one JSON object a line");
		return;
	}
	if (call.id != NULL && !good_id(call.id)) {
		refuse(client, NULL, CODE_REQUEST, "id must be a short text or an integer");
		return;
	}
	if (!cJSON_IsString(version) || strcmp(version->valuestring, "2.0") != 0) {
		refuse(client, call.id, CODE_REQUEST, "\"jsonrpc\":\"2.0\" is missing");
		return;
	}
	if (!cJSON_IsString(method)) {
		refuse(client, call.id, CODE_REQUEST, "\"method\" is missing");
		return;
	}
	if (method_find(method->valuestring, &call.method) != 0) {
		client_send_json(client, call_error(call.id, CODE_METHOD, "unknown method",
						 err_token(ERR_NOTFOUND)));
		return;
	}
	carry_out(&call);
}

/* Takes one line of a client; NULL: it was too long. Never fails for what the line holds. */
int call_line(struct client *client, char *text)
{
	cJSON *request;

	if (text == NULL) {
		refuse(client, NULL, CODE_PARSE, "the line is too long");
		return 0;
	}
	if (text[strspn(text, " \t\r")] == '\0') {
		return 0;
	}
	request = cJSON_ParseWithOpts(text, NULL, true);
	if (request == NULL) {
		refuse(client, NULL, CODE_PARSE, "not JSON");
		return 0;
	}
	take_request(client, request);
	cJSON_Delete(request);
	return 0;
}
