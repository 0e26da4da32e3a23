/*
 * Orders as people and cards ask for them: who pays is looked up, a prepayment is held, and only
 * then the core is told.
 */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "log.h"
#include "money.h"
#include "orderwords.h"
#include "payer.h"
#include "phrase.h"
#include "tariff.h"

/* Less is not held: it would be gone before it flows. */
#define LEAST_FEN  100
#define AHEAD_DAYS 1

struct order_ask {
	struct daemon *daemon;
	struct rpc_later *later; /* NULL: a card asked */
	struct view_order order;
};

/* ---- What it may cost ---- */

static int64_t dearest_e5(const struct tariff *t, struct wall now, unsigned class)
{
	struct tariff_slot slot;
	int64_t most = 0, last = now.ms + AHEAD_DAYS * S_PER_DAY * MS_PER_S;

	for (; now.ms < last; now = slot.end) {
		tariff_at(t, now, class, &slot);
		if (price_total_e5(slot.price) > most) {
			most = price_total_e5(slot.price);
		}
	}
	return most;
}

/* For what an order's limit costs at most, fen. */
static int64_t worst_fen(const struct daemon *d, const struct view_order *o, const struct tariff *t,
	unsigned class, int64_t max_w, struct wall now)
{
	int64_t e5 = dearest_e5(t, now, class), wh;
	unsigned limit = OLIMIT_FULL;

	order_find(ORDER_WORDS_LIMIT, o->limit, &limit);
	switch ((enum order_limit)limit) {
	case OLIMIT_AMOUNT:
		return o->limit_value;
	case OLIMIT_ENERGY:
		wh = o->limit_value;
		break;
	case OLIMIT_TIME:
		wh = max_w * (o->limit_value / 60 + 1) / 60;
		break;
	case OLIMIT_FULL:
	case OLIMIT_COUNT_:
	default:
		return d->plant.config->billing.hold_fen;
	}
	/* One fen a component for rounding, and what the stop's margin keeps back. */
	return money_of(wh, e5) + 2 + money_of(max_w / 360, e5);
}

int64_t daemon_prepayment(const struct daemon *d, const struct view_order *o,
	const struct tariff *t, unsigned class, int64_t max_w, int64_t balance_fen, struct wall now)
{
	int64_t fen = dearest_e5(t, now, class) == 0 ? 0 : worst_fen(d, o, t, class, max_w, now);

	if (strcmp(o->limit, order_token(ORDER_WORDS_LIMIT, OLIMIT_AMOUNT)) != 0 &&
		fen > balance_fen) {
		return balance_fen; /* it ends when that is used up */
	}
	return fen;
}

/* ---- Asking ---- */

int daemon_payer(struct daemon *d, const char *account, const char *card, struct payer *out)
{
	struct store_reader *reader;
	int rc = store_reader_open(d->data, &reader);

	if (rc == 0) {
		rc = card != NULL ? store_payer_of_card(reader, card, out)
				  : store_payer(reader, account, out);
		store_reader_close(reader);
	}
	return rc;
}

/* People type an account, or the card that is in their hand. */
int daemon_payer_typed(struct daemon *d, const char *typed, struct payer *out)
{
	int rc = daemon_payer(d, typed, NULL, out);

	return rc != ERR_NOTFOUND ? rc : daemon_payer(d, NULL, typed, out);
}

static void give(struct daemon *d, const struct view_order *order, struct view_order *out)
{
	struct event event = {.kind = EV_ORDER, .now = moment_now()};

	event.order.view = order;
	view_clear(VIEW_order, out);
	d->order_answer = out;
	daemon_apply(d, &event);
	d->order_answer = NULL;
}

/* A card or VIN may not charge: the core records it, so that it is seen why. */
static void turn_away(struct order_ask *ask, int err, const char *message)
{
	struct view_order out, *o = &ask->order;

	VIEW_SET(o, state, order_token(ORDER_WORDS_STATE, OSTATE_FAILED));
	VIEW_SET(o, error, err_token(err));
	view_set_text(o->reason, sizeof o->reason, message != NULL ? message : err_text(err));
	o->hold_fen = 0;
	o->ended = o->asked;
	give(ask->daemon, o, &out);
}

static void answer(struct order_ask *ask, int err, const char *message, const struct view_order *o)
{
	cJSON *result;

	if (ask->later == NULL) {
		if (err != 0) {
			turn_away(ask, err, message);
		}
		return;
	}
	result = err == 0 ? view_to_json(VIEW_order, o, NULL) : NULL;
	if (err == 0) {
		rpc_finish_settled(ask->later, result);
	} else {
		rpc_finish(ask->later, err, message, result);
	}
}

static void on_held(void *arg, const struct money_result *result)
{
	struct order_ask *ask = arg;
	struct daemon *d = ask->daemon;
	struct view_order out;

	if (result->err != 0) {
		/* Where the agent ends the next start releases what may be held. */
		answer(ask, result->err, result->message, NULL);
	} else {
		give(d, &ask->order, &out);
		answer(ask, out.id[0] == '\0' ? ERR_INTERNAL : 0, NULL, &out);
	}
	free(ask);
}

static int hold(struct daemon *d, struct order_ask *ask)
{
	struct money_op op = {
		.kind = MONEY_HOLD, .at_ms = wall_now().ms, .fen = ask->order.hold_fen};

	view_set_text(op.account, sizeof op.account, ask->order.account);
	view_set_text(op.ref, sizeof op.ref, ask->order.id);
	view_set_text(op.by, sizeof op.by, ask->order.by);
	view_set_text(op.origin, sizeof op.origin, ask->order.origin);
	view_set_text(op.reason, sizeof op.reason, ask->order.gun);
	return daemon_money(d, &op, on_held, ask);
}

/* Fills in what the payer decides: class, tariff, prepayment. */
static int fill_paid(struct daemon *d, struct view_order *o, const char *card, uint16_t gun,
	const char **message)
{
	struct wall now = wall_now();
	const struct tariff *t = site_tariff(d->plant.site, gun, now);
	enum account_class class = CLASS_ORDINARY;
	struct view_gun view;
	const char *typed = o->account[0] != '\0' ? o->account : o->card;
	struct payer payer;
	int rc;

	if (t == NULL) {
		*message = phrase_plain(PHRASE_NO_TARIFF);
		return ERR_NOTFOUND;
	}
	rc = card != NULL ? daemon_payer(d, NULL, card, &payer)
			  : daemon_payer_typed(d, typed, &payer);
	if (rc != 0) {
		*message = rc != ERR_NOTFOUND ? NULL
			   : card != NULL     ? phrase_plain(PHRASE_NO_CARD)
					      : phrase_plain(PHRASE_NO_ACCOUNT);
		return rc;
	}
	if (strcmp(payer.status, "active") != 0) {
		return strcmp(payer.status, "frozen") == 0 ? ERR_FROZEN : ERR_STATE;
	}
	class_find(payer.class, &class);
	if (strcmp(typed, payer.account) != 0 && card == NULL) {
		VIEW_SET(o, card, typed);
	}
	VIEW_SET(o, account, payer.account);
	VIEW_SET(o, class, class_token(class));
	VIEW_SET(o, tariff, t->id);
	site_view_gun(d->plant.site, gun, moment_now(), &view);
	if (dearest_e5(t, now, class) == 0) {
		VIEW_SET(o, kind, order_token(ORDER_WORDS_KIND, ORDER_FREE));
		o->hold_fen = 0;
		return 0;
	}
	o->hold_fen = daemon_prepayment(d, o, t, class, view.max_w, payer.balance_fen, now);
	if (o->hold_fen < LEAST_FEN) {
		*message = phrase_plain(PHRASE_LEAST_HOLD);
		return ERR_FUNDS;
	}
	if (view.cost_fen != VALUE_NONE && view.order[0] != '\0' && o->hold_fen <= view.cost_fen) {
		*message = phrase_plain(PHRASE_HOLD_USED);
		return ERR_FUNDS;
	}
	return 0;
}

/* Is the gun held for somebody else? */
static int reserved(
	struct daemon *d, const struct view_order *o, uint16_t gun, const char **message)
{
	struct view_reservation r;

	if (!site_kept_out(d->plant.site, gun, o->account, wall_now().ms, &r)) {
		return 0;
	}
	*message = daemon_reserved_text(d, &r);
	return ERR_RESERVED;
}

/* Would the core take an order for this gun? It is asked again when the prepayment is held. */
static int gun_ready(
	const struct daemon *d, uint16_t gun, const char *card, bool paid, const char **message)
{
	struct view_gun g;

	site_view_gun(d->plant.site, gun, moment_now(), &g);
	if (g.order[0] != '\0' && !(paid && site_unclaimed(d->plant.site, gun))) {
		*message = phrase_plain(PHRASE_GUN_ORDERED);
		return ERR_BUSY;
	}
	if (g.tag_by[0] != '\0') {
		*message = phrase_plain(PHRASE_GUN_TAGGED);
		return ERR_STATE;
	}
	if (card != NULL && g.halt_by[0] != '\0') {
		*message = phrase_plain(PHRASE_GUN_HELD);
		return ERR_STATE;
	}
	if (strcmp(g.state, "idle") == 0) {
		*message = phrase_plain(PHRASE_NO_CAR);
		return ERR_STATE;
	}
	if (strcmp(g.state, "offline") == 0 || strcmp(g.state, "fault") == 0 ||
		strcmp(g.state, "unknown") == 0) {
		*message = phrase_plain(PHRASE_GUN_UNFIT);
		return ERR_STATE;
	}
	return 0;
}

static int take_order(void *arg, const void *view)
{
	*(struct view_order *)arg = *(const struct view_order *)view;
	return 1;
}

bool daemon_order_known(struct daemon *d, const char *id, struct view_order *out)
{
	struct store_filter filter = {.id = id, .limit = 1};
	struct store_reader *reader;

	for (size_t i = 0; i < d->plant.config->gun_count; i++) {
		if (site_view_order(d->plant.site, (uint16_t)i, out) && strcmp(out->id, id) == 0) {
			return true;
		}
	}
	view_clear(VIEW_order, out);
	if (store_reader_open(d->data, &reader) == 0) {
		store_list(reader, VIEW_order, &filter, take_order, out);
		store_reader_close(reader);
	}
	return out->id[0] != '\0';
}

static void make_id(struct daemon *d, struct view_order *o)
{
	int64_t ms = o->asked;

	if (ms <= d->order_id_ms) {
		ms = d->order_id_ms + 1;
	}
	d->order_id_ms = ms;
	snprintf(o->id, sizeof o->id, "o%lld-%.17s", (long long)ms, o->gun);
}

static int ask_for(struct daemon *d, struct order_ask *ask, const char *card, const char **message)
{
	struct view_order *o = &ask->order, out;
	bool paid = strcmp(o->kind, order_token(ORDER_WORDS_KIND, ORDER_PAID)) == 0;
	struct target target;
	int rc;

	if (!d->plant.config->billing.core.on) {
		*message = phrase_plain(PHRASE_NO_BILLING);
		return ERR_UNSUPPORTED;
	}
	if (site_find(d->plant.site, o->gun, &target) != 0 || target.kind != TGT_GUN) {
		*message = phrase_plain(PHRASE_NO_GUN);
		return ERR_NOTFOUND;
	}
	rc = gun_ready(d, target.index, card, paid, message);
	if (rc != 0) {
		return rc;
	}
	if (o->id[0] == '\0') {
		make_id(d, o);
	}
	VIEW_SET(o, state, order_token(ORDER_WORDS_STATE, OSTATE_HELD));
	if (paid) {
		rc = fill_paid(d, o, card, target.index, message);
	} else {
		const struct tariff *t = site_tariff(d->plant.site, target.index, wall_now());

		VIEW_SET(o, tariff, t != NULL ? t->id : d->plant.config->billing.core.tariff);
		VIEW_SET(o, class, class_token(CLASS_ORDINARY));
		o->hold_fen = 0;
	}
	rc = rc != 0 ? rc : reserved(d, o, target.index, message);
	if (rc == 0 && strcmp(o->kind, order_token(ORDER_WORDS_KIND, ORDER_PAID)) == 0) {
		return hold(d, ask);
	}
	if (rc == 0) {
		give(d, o, &out);
		answer(ask, 0, NULL, &out);
		free(ask);
	}
	return rc;
}

int daemon_charge(
	void *host, const struct view_order *wanted, struct rpc_later *later, const char **message)
{
	struct daemon *d = host;
	struct order_ask *ask = calloc(1, sizeof *ask);
	struct view_order known;
	int rc;

	if (ask == NULL) {
		return ERR_NOMEM;
	}
	*ask = (struct order_ask){d, later, *wanted};
	if (wanted->id[0] != '\0' && daemon_order_known(d, wanted->id, &known)) {
		answer(ask, 0, NULL, &known); /* asked again: nothing more happens */
		free(ask);
		return 0;
	}
	rc = ask_for(d, ask, NULL, message);
	if (rc != 0) {
		free(ask);
	}
	return rc;
}

int daemon_order_cancel(void *host, const char *id, struct view_order *out)
{
	struct daemon *d = host;
	struct event event = {.kind = EV_ORDER, .now = moment_now()};
	struct view_order known;

	if (!daemon_order_known(d, id, &known)) {
		return ERR_NOTFOUND;
	}
	*out = known;
	if (known.ended != VALUE_NONE) {
		return 0;
	}
	event.order.view = &known;
	event.order.cancel = true;
	d->order_answer = out;
	daemon_apply(d, &event);
	d->order_answer = NULL;
	return 0;
}

/* ---- What was held in vain ---- */

static void on_released(void *arg, const struct money_result *result)
{
	(void)arg;
	if (result->err != 0 && result->err != ERR_NOTFOUND && result->err != ERR_STATE) {
		log_line(LOG_ERROR, "ledger: a prepayment is not released: %s",
			err_text(result->err));
	}
}

static void release(struct daemon *d, const char *order, const char *reason)
{
	struct money_op op = {.kind = MONEY_RELEASE, .at_ms = wall_now().ms};
	int rc;

	view_set_text(op.ref, sizeof op.ref, order);
	view_set_text(op.by, sizeof op.by, "piled");
	view_set_text(op.reason, sizeof op.reason, reason);
	rc = daemon_money(d, &op, on_released, NULL);
	if (rc != 0) {
		log_line(LOG_ERROR,
			"ledger: the prepayment of order %s is not released: %s; the next start of "
			"the agent does it",
			order, err_text(rc));
	}
}

static int release_stray(void *arg, const char *order)
{
	log_line(LOG_NOTICE, "ledger: order %s never began: its prepayment is released", order);
	release(arg, order, "the order never began");
	return 0;
}

void daemon_stray_holds(struct daemon *d)
{
	struct store_reader *reader;
	int rc = store_reader_open(d->data, &reader);

	if (rc == 0) {
		rc = store_stray_holds(reader, release_stray, d);
		store_reader_close(reader);
	}
	if (rc != 0) {
		log_line(LOG_ERROR, "store: prepayments cannot be read: %s", err_text(rc));
	}
}

/* ---- From the core ---- */

/* A card at a gun with an order that somebody gave, or of a free charge: that of its payer stops
 * the charge, no other does anything. */
static int card_again(
	struct daemon *d, const struct view_gun *gun, const char *card, const char *by)
{
	struct view_order known;
	struct payer payer;
	int rc = daemon_payer(d, NULL, card, &payer);

	if (rc != 0 || gun->account[0] == '\0' || strcmp(payer.account, gun->account) != 0) {
		return rc != 0 ? rc : ERR_BUSY;
	}
	if (daemon_order_known(d, gun->order, &known) &&
		strcmp(known.state, order_token(ORDER_WORDS_STATE, OSTATE_CHARGING)) == 0) {
		log_line(LOG_NOTICE, "gun %s: %s ends its charge", gun->id, by);
		daemon_order_cancel(d, known.id, &known);
	}
	return 0;
}

void daemon_auth(struct daemon *d, uint16_t gun, const char *token, bool vin)
{
	struct order_ask *ask = calloc(1, sizeof *ask);
	const char *message = NULL;
	bool asked = false; /* then `ask` is that of whoever answers */
	struct view_gun view;
	int rc;

	if (ask == NULL) {
		return;
	}
	ask->daemon = d;
	view_clear(VIEW_order, &ask->order);
	site_view_gun(d->plant.site, gun, moment_now(), &view);
	VIEW_SET(&ask->order, gun, view.id);
	VIEW_SET(&ask->order, card, token);
	VIEW_SET(&ask->order, kind, order_token(ORDER_WORDS_KIND, ORDER_PAID));
	VIEW_SET(&ask->order, limit, order_token(ORDER_WORDS_LIMIT, OLIMIT_FULL));
	order_by_token(ask->order.by, sizeof ask->order.by, vin, token);
	VIEW_SET(&ask->order, origin, "pile");
	ask->order.asked = wall_now().ms;
	make_id(d, &ask->order);
	if (!vin && view.order[0] != '\0' && !site_unclaimed(d->plant.site, gun)) {
		rc = card_again(d, &view, token, ask->order.by);
		message = rc == ERR_BUSY && strcmp(view.order_kind, "free") == 0
				  ? phrase_plain(PHRASE_GUN_FREE)
			  : rc == ERR_BUSY     ? phrase_plain(PHRASE_GUN_TAKEN)
			  : rc == ERR_NOTFOUND ? phrase_plain(PHRASE_NO_CARD)
					       : NULL;
	} else {
		rc = ask_for(d, ask, token, &message);
		asked = rc == 0;
	}
	if (rc != 0) {
		answer(ask, rc, message, NULL);
	}
	if (!asked) {
		free(ask);
	}
}

void daemon_order_changed(struct daemon *d, const struct view_order *order)
{
	daemon_record(d, VIEW_order, order);
	if (d->order_answer != NULL && d->order_answer->id[0] == '\0') {
		*d->order_answer = *order;
	} else if (d->order_answer != NULL && strcmp(d->order_answer->id, order->id) == 0) {
		*d->order_answer = *order;
	}
	if (order->ended != VALUE_NONE && order->session[0] == '\0' && order->hold_fen > 0) {
		release(d, order->id, order->error[0] != '\0' ? order->error : order->state);
	}
	rpc_touch(d->rpc);
}
