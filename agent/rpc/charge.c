/* Charges with an order, and what they would cost. */
#include "internal.h"
#include "i18n.h"
#include "money.h"
#include "orderwords.h"

/* The limit and its value: in s, Wh or fen. */
static int take_limit(struct call *call, struct view_order *o)
{
	const char *word = params_text(call->params, "limit");
	unsigned limit = OLIMIT_FULL;

	if (word != NULL && order_find(ORDER_WORDS_LIMIT, word, &limit) != 0) {
		call->message = N_("limit: full, time (s), energy (Wh) or amount (fen)");
		return ERR_INVAL;
	}
	VIEW_SET(o, limit, order_token(ORDER_WORDS_LIMIT, limit));
	o->limit_value = params_int(call->params, "value", VALUE_NONE);
	if (limit == OLIMIT_FULL) {
		if (o->limit_value != VALUE_NONE) {
			call->message = N_("value: not without a limit");
			return ERR_INVAL;
		}
		return 0;
	}
	if (o->limit_value == VALUE_NONE || o->limit_value <= 0 ||
		o->limit_value > order_limit_most(limit)) {
		call->message = limit == OLIMIT_TIME     ? N_("value: 1 s to 7 days")
				: limit == OLIMIT_ENERGY ? N_("value: 1 Wh to 10000 kWh")
							 : N_("value: 1 fen to 100000000 yuan");
		return ERR_RANGE;
	}
	return 0;
}

static int begin(struct call *call, enum order_kind kind)
{
	const char *id = params_text(call->params, "id"),
		   *account = params_text(call->params, "account");
	const char *reason = params_text(call->params, "reason");
	struct rpc_later *later;
	struct view_order o;
	int rc;

	view_clear(VIEW_order, &o);
	if (id != NULL && (id[0] == '\0' || VIEW_SET(&o, id, id) != 0)) {
		call->message = N_("id: 1 to 39 characters");
		return ERR_INVAL;
	}
	VIEW_SET(&o, gun, params_text(call->params, "gun"));
	if (account != NULL && VIEW_SET(&o, account, account) != 0) {
		o.account[0] = '\0'; /* longer than any account's number: a card's, then */
		if (VIEW_SET(&o, card, account) != 0) {
			return ERR_NOACCOUNT;
		}
	}
	VIEW_SET(&o, kind, order_token(ORDER_WORDS_KIND, kind));
	VIEW_SET(&o, by, call->client->person);
	VIEW_SET(&o, origin, call->client->origin);
	VIEW_SET(&o, reason, reason != NULL ? reason : "");
	o.asked = call->now.wall.ms;
	if (kind == ORDER_PAID && o.account[0] == '\0' && o.card[0] == '\0') {
		call->message = N_("account is missing: who pays?");
		return ERR_INVAL;
	}
	if (kind != ORDER_PAID && (o.reason[0] == '\0' || o.by[0] == '\0')) {
		call->message = N_("a charge that nobody pays needs a person and a reason");
		return ERR_INVAL;
	}
	rc = take_limit(call, &o);
	later = rc == 0 ? call_later(call) : NULL;
	if (later == NULL) {
		return rc != 0 ? rc : ERR_NOMEM;
	}
	rc = call->server->ops->charge(call->server->host, &o, later, &call->message);
	if (rc != 0) {
		call->later = false;
		call_drop_later(later);
	}
	return rc;
}

int charge_do(struct call *call)
{
	const char *word = params_text(call->params, "kind");
	unsigned kind = ORDER_PAID;

	if (word != NULL && (order_find(ORDER_WORDS_KIND, word, &kind) != 0 ||
				    (kind != ORDER_PAID && kind != ORDER_FREE))) {
		call->message = N_("kind: paid or free; maintenance is charge_maintenance");
		return ERR_INVAL;
	}
	return begin(call, (enum order_kind)kind);
}

int charge_maintenance(struct call *call)
{
	return begin(call, ORDER_MAINTENANCE);
}

int charge_cancel(struct call *call)
{
	struct view_order o;
	int rc = call->server->ops->order_cancel(
		call->server->host, params_text(call->params, "id"), &o);

	if (rc != 0) {
		call->message = rc == ERR_NOTFOUND ? N_("no such order") : NULL;
		return rc;
	}
	call->result = view_to_json(VIEW_order, &o, NULL);
	call->settle = true;
	return call->result == NULL ? ERR_NOMEM : 0;
}

int charge_quote(struct call *call)
{
	struct host_quote wanted = {
		.gun = params_text(call->params, "gun"),
		.account = params_text(call->params, "account"),
		.from_ms = params_int(call->params, "from", VALUE_NONE),
		.cards = role_may(call->client->roles, ROLE_CASHIER),
	};
	struct view_order limit;
	int rc = 0;

	if (params_text(call->params, "limit") != NULL) {
		view_clear(VIEW_order, &limit);
		rc = take_limit(call, &limit);
		wanted.limit = &limit;
	}
	if (rc != 0) {
		return rc;
	}
	call->result = cJSON_CreateObject();
	rc = call->server->ops->quote(call->server->host, &wanted, call->result, &call->message);
	if (rc != 0) {
		cJSON_Delete(call->result);
		call->result = NULL;
	}
	return rc;
}
