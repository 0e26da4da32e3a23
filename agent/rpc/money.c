/*
 * What changes accounts and money. It is done in the thread pool, which waits until it is durable:
 * hashing a PIN is slow on purpose, and so may a disk be. The audit log has a row when it was
 * asked, and one with what came of it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "i18n.h"
#include "money_read.h"
#include "pin.h"

struct work {
	uv_work_t work;
	struct rpc_server *server;
	struct rpc_later *later;
	enum method method;
	cJSON *params;
	struct wall now;
	char person[32], origin[112], role[ROLE_TEXT];
	char pin[PIN_HASH_MAX];
	const char *message;
	struct money_result result;
	int rc;
};

struct word {
	const char *name;
	enum money_kind kind;
};

static int kind_of(const struct word *words, size_t count, const char *name, enum money_kind *out)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(words[i].name, name) == 0) {
			*out = words[i].kind;
			return 0;
		}
	}
	return ERR_INVAL;
}

static int find_kind(struct work *w, enum money_kind *out)
{
	static const struct word money[] = {{"topup", MONEY_TOPUP}, {"withdraw", MONEY_WITHDRAW},
		{"fee", MONEY_FEE}, {"writeoff", MONEY_WRITEOFF}};
	static const struct word status[] = {
		{"freeze", MONEY_FREEZE}, {"unfreeze", MONEY_UNFREEZE}, {"close", MONEY_CLOSE}};
	static const struct word odd[] = {
		{"post", MONEY_POST}, {"void", MONEY_VOID}, {"refund", MONEY_REFUND}};

	switch (w->method) {
	case METHOD_ACCOUNT_OPEN:
		*out = MONEY_OPEN;
		return 0;
	case METHOD_ACCOUNT_SET:
		*out = MONEY_SET;
		return 0;
	case METHOD_ACCOUNT_CARD:
		*out = params_bool(w->params, "remove") ? MONEY_UNCARD : MONEY_CARD;
		return 0;
	case METHOD_ACCOUNT_PIN:
		*out = MONEY_PIN;
		return 0;
	case METHOD_ACCOUNT_MESSAGE:
		*out = MONEY_MESSAGE;
		return 0;
	case METHOD_LEDGER_REVERSE:
		*out = MONEY_REVERSE;
		return 0;
	case METHOD_BILL_REFUND:
		*out = MONEY_REFUND;
		return 0;
	case METHOD_BILL_RATE:
		*out = MONEY_RATE;
		return 0;
	case METHOD_ACCOUNT_STATUS:
		w->message = N_("change: freeze, unfreeze, close");
		return kind_of(status, 3, params_text(w->params, "change"), out);
	case METHOD_ABNORMAL_DO:
		w->message = N_("action: post, void, refund");
		return kind_of(odd, 3, params_text(w->params, "action"), out);
	default:
		w->message = N_("kind: topup, withdraw, fee, writeoff");
		return kind_of(money, 4, params_text(w->params, "kind"), out);
	}
}

static int take(char *dst, size_t size, const cJSON *params, const char *name)
{
	const char *text = params_text(params, name);

	return text == NULL ? 0 : view_set_text(dst, size, text);
}

/* Texts that do not fit are refused: half a name would be worse than none. */
static int check_lengths(const cJSON *params)
{
	static const struct {
		const char *name;
		size_t max;
	} limits[] = {{"name", 63}, {"phone", 31}, {"plate", 23}, {"notes", 159}, {"mail", 63},
		{"text", 199}, {"remark", 199}};

	for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
		const char *text = params_text(params, limits[i].name);

		if (text != NULL && strlen(text) > limits[i].max) {
			return ERR_TOOLONG;
		}
	}
	return 0;
}

static int build(struct work *w, struct money_op *op)
{
	const cJSON *p = w->params;
	int rc = find_kind(w, &op->kind);

	if (rc != 0) {
		return rc;
	}
	w->message = NULL;
	op->at_ms = w->now.ms;
	op->fen = params_int(p, "fen", 0);
	op->tx = params_int(p, w->method == METHOD_ABNORMAL_DO ? "entry" : "tx", 0);
	op->bill = params_int(p, "bill", 0);
	op->name = params_text(p, "name");
	op->phone = params_text(p, "phone");
	op->plate = params_text(p, "plate");
	op->class = params_text(p, "class");
	op->notes = params_text(p, "notes");
	op->language = params_text(p, "language");
	op->mail = params_text(p, "mail");
	op->messages = params_text(p, "messages");
	op->low_fen = params_int(p, "low_fen", 0);
	op->text = w->method == METHOD_ACCOUNT_PIN ? w->pin
		   : w->method == METHOD_BILL_RATE ? params_text(p, "remark")
						   : params_text(p, "text");
	op->stars = params_int(p, "stars", 0);
	if (op->low_fen < -1 || op->low_fen > LEDGER_MAX_FEN) {
		w->message = N_("low_fen: -1 (the site's) or an amount");
		return ERR_RANGE;
	}
	rc = check_lengths(p);
	rc = rc != 0 ? rc : take(op->key, sizeof op->key, p, "id");
	rc = rc != 0 ? rc : take(op->account, sizeof op->account, p, "account");
	rc = rc != 0 ? rc : take(op->reason, sizeof op->reason, p, "reason");
	rc = rc != 0 ? rc
		     : take(op->ref, sizeof op->ref, p,
			       w->method == METHOD_ACCOUNT_CARD ? "card" : "session");
	if (rc != 0) {
		w->message =
			N_("a text is too long: name 63 bytes, phone 31, plate 23, id 79, reason "
			   "95, notes 159, mail 63, text 199, remark 199");
	}
	if (rc == 0 && w->method == METHOD_BILL_RATE && (op->bill < 1) == (op->ref[0] == '\0')) {
		w->message = N_("bill or session: one of them");
		return ERR_INVAL;
	}
	if (w->method == METHOD_ABNORMAL_DO && op->key[0] == '\0') {
		snprintf(op->key, sizeof op->key, "entry-%lld", (long long)op->tx);
	}
	view_set_text(op->by, sizeof op->by, w->person);
	view_set_text(op->origin, sizeof op->origin, w->origin);
	return rc;
}

static int stored_pin(struct work *w, char hash[MONEY_PIN_MAX])
{
	struct store_reader *reader = NULL;
	int rc = store_reader_open(w->server->folder, &reader);

	rc = rc != 0 ? rc : money_pin(reader, params_text(w->params, "account"), hash);
	store_reader_close(reader);
	return rc;
}

/* Tells the ledger of a try before it, or what came of it. */
static int tell_try(struct work *w, enum money_kind kind)
{
	struct money_op op = {.kind = kind, .at_ms = w->now.ms};
	int rc = take(op.account, sizeof op.account, w->params, "account");

	if (rc != 0) {
		return ERR_NOACCOUNT;
	}
	view_set_text(op.by, sizeof op.by, w->person);
	view_set_text(op.origin, sizeof op.origin, w->origin);
	rc = w->server->ops->money(w->server->host, &op, &w->result);
	return rc != 0 ? rc : w->result.err;
}

/* Is it this account's PIN? Whether there is such an account, and whether it has a PIN, neither the
 * answer tells nor the time that it takes. */
static int check_pin(struct work *w, const char *pin)
{
	char hash[MONEY_PIN_MAX] = "";
	int rc = tell_try(w, MONEY_PINTRY);
	bool none = rc == ERR_NOACCOUNT || rc == ERR_NOTFOUND;

	rc = rc != 0 ? rc : stored_pin(w, hash);
	if (rc == 0 || none) {
		rc = pin_check(pin == NULL ? "" : pin, none || hash[0] == '\0' ? PIN_NONE : hash);
	}
	if (rc == 0) {
		rc = tell_try(w, MONEY_PINRIGHT);
	} else if (rc == ERR_DENIED) {
		rc = none ? rc : tell_try(w, MONEY_PINWRONG);
		rc = rc == 0 ? ERR_DENIED : rc;
	}
	w->message = rc == ERR_DENIED ? N_("account and PIN do not belong together")
		     : rc == ERR_PINLOCKED
			     ? N_("too many wrong PINs in a row: it is refused for a time; setting "
				  "it anew ends that")
			     : NULL;
	return rc;
}

static int hash_pin(struct work *w, const char *pin)
{
	int rc = pin == NULL ? 0 : pin_hash(pin, w->pin);

	if (rc == ERR_INVAL) {
		w->message = N_("a PIN has 4 to 12 digits");
	}
	return rc;
}

static void on_work(uv_work_t *work)
{
	struct work *w = work->data;
	const char *pin = params_text(w->params, "pin");
	struct money_op op = {.kind = MONEY_OPEN};

	if (w->method == METHOD_ACCOUNT_PIN && params_bool(w->params, "check")) {
		w->rc = check_pin(w, pin);
		return;
	}
	w->rc = w->method == METHOD_ACCOUNT_PIN ? hash_pin(w, pin) : 0;
	w->rc = w->rc != 0 ? w->rc : build(w, &op);
	w->rc = w->rc != 0 ? w->rc : w->server->ops->money(w->server->host, &op, &w->result);
	if (w->rc == 0 && w->result.err != 0) {
		w->rc = w->result.err;
		w->message = w->result.message;
	}
}

static int64_t or_none(int64_t number)
{
	return number == 0 ? VALUE_NONE : number;
}

static cJSON *receipt(const struct money_result *r)
{
	struct view_receipt view;

	view_clear(VIEW_receipt, &view);
	VIEW_SET(&view, account, r->account);
	view.again = r->again;
	view.tx = or_none(r->tx);
	view.bill = or_none(r->bill);
	view.fen = r->tx != 0 ? r->fen : VALUE_NONE;
	if (r->account[0] != '\0') {
		view.balance_fen = r->balance_fen;
		view.held_fen = r->held_fen;
		view.debt_fen = r->debt_fen;
	}
	return view_to_json(VIEW_receipt, &view, NULL);
}

static void on_done(uv_work_t *work, int status)
{
	struct work *w = work->data;
	struct rpc_server *server = w->server;
	const struct method_info *m = method_info(w->method);
	int rc = status == 0 ? w->rc : ERR_CLOSED;
	char params[512];

	params_show(m->params, w->params, params, sizeof params);
	server->ops->audit(server->host, wall_now(), w->person, w->origin, w->role, m->name, params,
		err_token(rc));
	rpc_finish(w->later, rc, w->message, rc == 0 ? receipt(&w->result) : NULL);
	cJSON_Delete(w->params);
	memset(w->pin, 0, sizeof w->pin);
	free(w);
	server->works--;
	server_release(server);
}

int money_start(struct call *call)
{
	struct rpc_server *server = call->server;
	struct work *w;

	if (server->ops->money == NULL) {
		return ERR_UNSUPPORTED;
	}
	w = calloc(1, sizeof *w);
	if (w == NULL) {
		return ERR_NOMEM;
	}
	w->work.data = w;
	w->server = server;
	w->method = call->method;
	w->now = call->now.wall;
	w->params = cJSON_Duplicate(call->params, true);
	VIEW_SET(w, person, call->client->person);
	VIEW_SET(w, origin, call->client->origin);
	role_text(call->client->roles, w->role, sizeof w->role);
	w->later = call_later(call);
	if (w->later == NULL || uv_queue_work(server->loop, &w->work, on_work, on_done) != 0) {
		call->later = false;
		call_drop_later(w->later);
		cJSON_Delete(w->params);
		free(w);
		return ERR_IO;
	}
	server->works++;
	snprintf(call->outcome, sizeof call->outcome, "asked");
	return 0;
}
