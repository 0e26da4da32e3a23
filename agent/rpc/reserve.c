/* Reservations, as clients ask for them. */
#include "internal.h"
#include "i18n.h"

int reserve_add(struct call *call)
{
	const char *id = params_text(call->params, "id");
	const char *reason = params_text(call->params, "reason");
	struct view_reservation r;
	struct rpc_later *later;
	int rc;

	view_clear(VIEW_reservation, &r);
	if (id != NULL && (id[0] == '\0' || VIEW_SET(&r, id, id) != 0)) {
		call->message = N_("id: 1 to 39 characters");
		return ERR_INVAL;
	}
	VIEW_SET(&r, gun, params_text(call->params, "gun"));
	if (VIEW_SET(&r, account, params_text(call->params, "account")) != 0) {
		return ERR_NOACCOUNT;
	}
	VIEW_SET(&r, by, call->client->person);
	VIEW_SET(&r, origin, call->client->origin);
	VIEW_SET(&r, reason, reason != NULL ? reason : "");
	r.from = params_int(call->params, "from", VALUE_NONE);
	r.until = params_int(call->params, "until", VALUE_NONE);
	r.asked = call->now.wall.ms;
	if (r.account[0] == '\0') {
		call->message = N_("account is missing: for whom?");
		return ERR_INVAL;
	}
	later = call_later(call);
	if (later == NULL) {
		return ERR_NOMEM;
	}
	rc = call->server->ops->reserve(call->server->host, &r, later, &call->message);
	if (rc != 0) {
		call->later = false;
		call_drop_later(later);
	}
	return rc;
}

int reserve_cancel(struct call *call)
{
	const char *reason = params_text(call->params, "reason");
	bool waive = params_bool(call->params, "waive");
	struct view_reservation wanted, r;
	int rc;

	view_clear(VIEW_reservation, &wanted);
	VIEW_SET(&wanted, id, params_text(call->params, "id"));
	VIEW_SET(&wanted, ended_by, call->client->person);
	VIEW_SET(&wanted, reason, reason != NULL ? reason : "");
	if (waive && wanted.reason[0] == '\0') {
		call->message = N_("to waive the fee needs a reason");
		return ERR_INVAL;
	}
	rc = call->server->ops->reserve_cancel(call->server->host, &wanted, waive, &r);
	if (rc != 0) {
		call->message = rc == ERR_NOTFOUND
					? N_("no such reservation; `reserve_list` lists them")
					: NULL;
		return rc;
	}
	call->result = view_to_json(VIEW_reservation, &r, NULL);
	call->settle = true;
	return call->result == NULL ? ERR_NOMEM : 0;
}
