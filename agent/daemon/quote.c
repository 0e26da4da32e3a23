/* What a charge or a reservation would cost, before anybody asks for one. */
#include <cjson/cJSON.h>
#include <string.h>

#include "internal.h"
#include "money.h"
#include "orderwords.h"
#include "payer.h"
#include "phrase.h"
#include "rpc/host.h"
#include "tariff.h"

/* How far a quote looks ahead. */
#define QUOTE_MS    (7 * INT64_C(86400) * MS_PER_S)
#define CHANGE_DAYS 2

/* What is found out before anything is added up. */
struct quote {
	struct wall now;
	const struct tariff *tariff;
	enum account_class class;
	struct view_gun gun;
	uint16_t index;
	bool paid; /* `payer` is known */
	struct payer payer;
};

static void add(cJSON *out, const char *key, int64_t value)
{
	wire_add_int(out, key, value);
}

/* What `fen` buys from now on when the gun gives all it can, Wh. */
static int64_t energy_for(const struct quote *q, int64_t fen)
{
	int64_t wh = 0, end_ms = q->now.ms + QUOTE_MS;
	struct wall at = q->now;
	struct tariff_slot slot;

	while (at.ms < end_ms && fen > 0) {
		int64_t e5, slot_wh, cost;

		tariff_at(q->tariff, at, q->class, &slot);
		e5 = price_total_e5(slot.price);
		slot_wh = q->gun.max_w * ((slot.end.ms - at.ms) / MS_PER_S) / 3600;
		cost = money_of(slot_wh, e5);
		if (cost > fen) {
			return wh + fen * 1000000 / e5;
		}
		wh += slot_wh;
		fen -= cost;
		at = slot.end;
	}
	return wh;
}

static void add_price(cJSON *out, const char *key, const struct tariff_slot *slot)
{
	cJSON *p = cJSON_AddObjectToObject(out, key);

	cJSON_AddStringToObject(p, "period", period_info(slot->period)->token);
	add(p, "elec_e5", slot->price.elec_e5);
	add(p, "service_e5", slot->price.service_e5);
	add(p, "from", slot->begin.ms);
}

static void add_gun(cJSON *out, const struct quote *q)
{
	struct tariff_slot slot;

	cJSON_AddStringToObject(out, "gun", q->gun.id);
	cJSON_AddStringToObject(out, "state", q->gun.state);
	cJSON_AddStringToObject(out, "tariff", q->tariff->id);
	add(out, "version", q->tariff->version);
	cJSON_AddStringToObject(out, "class", class_token(q->class));
	tariff_at(q->tariff, q->now, q->class, &slot);
	add_price(out, "now", &slot);
	if (tariff_next_change(q->tariff, q->now, q->class, CHANGE_DAYS, &slot)) {
		add_price(out, "next", &slot);
	}
	if (q->gun.place != VALUE_NONE) {
		add(out, "place", q->gun.place);
	}
}

static void add_payer(cJSON *out, const struct quote *q)
{
	cJSON_AddStringToObject(out, "account", q->payer.account);
	cJSON_AddStringToObject(out, "status", q->payer.status);
	add(out, "balance_fen", q->payer.balance_fen);
	add(out, "held_fen", q->payer.held_fen);
	add(out, "debt_fen", q->payer.debt_fen);
	add(out, "buys_wh", energy_for(q, q->payer.balance_fen));
}

/* What would be held for this limit, what that buys, and how long that takes at full power. */
static void add_hold(
	const struct daemon *d, cJSON *out, const struct quote *q, const struct view_order *wanted)
{
	int64_t fen = daemon_prepayment(d, wanted, q->tariff, q->class, q->gun.max_w,
		q->paid ? q->payer.balance_fen : INT64_MAX, q->now);
	int64_t wh = energy_for(q, fen), s = VALUE_NONE;
	unsigned limit = OLIMIT_FULL;

	order_find(ORDER_WORDS_LIMIT, wanted->limit, &limit);
	if (limit == OLIMIT_ENERGY) {
		wh = wanted->limit_value;
	} else if (limit == OLIMIT_TIME) {
		s = wanted->limit_value;
		wh = q->gun.max_w * s / 3600;
	}
	if (s == VALUE_NONE && q->gun.max_w > 0) {
		s = (wh * 3600 + q->gun.max_w - 1) / q->gun.max_w;
	}
	add(out, "hold_fen", fen);
	add(out, "hold_wh", wh);
	if (s != VALUE_NONE) {
		add(out, "hold_s", s);
	}
}

/* The rules of a reservation that begins then. */
static void add_reservation(const struct daemon *d, cJSON *out, const struct quote *q, int64_t from)
{
	const struct config_billing *b = &d->plant.config->billing;
	const struct tariff *t = site_tariff(d->plant.site, q->index, (struct wall){from});
	cJSON *r = cJSON_AddObjectToObject(out, "reservation");

	add(r, "fee_fen", t != NULL ? t->no_show_fen : 0);
	add(r, "grace_s", b->reserve_grace_us / US_PER_S);
	add(r, "lead_s", d->plant.config->billing.core.reserve_lead_us / US_PER_S);
	add(r, "max_s", b->reserve_max_us / US_PER_S);
}

static int find_payer(struct daemon *d, const struct host_quote *wanted, struct quote *q)
{
	int rc;

	if (wanted->account == NULL) {
		return 0;
	}
	/* A card's number is no one's business who may not see it. */
	rc = wanted->cards ? daemon_payer_typed(d, wanted->account, &q->payer)
			   : daemon_payer(d, wanted->account, NULL, &q->payer);
	if (rc == 0) {
		q->paid = true;
		class_find(q->payer.class, &q->class);
	}
	return rc == ERR_NOTFOUND ? ERR_NOACCOUNT : rc;
}

int daemon_quote(void *host, const struct host_quote *wanted, cJSON *out, const char **message)
{
	struct daemon *d = host;
	struct moment now = moment_now();
	struct quote q = {.now = now.wall, .class = CLASS_ORDINARY};
	struct target target;
	int rc;

	if (site_find(d->plant.site, wanted->gun, &target) != 0 || target.kind != TGT_GUN) {
		*message = phrase_plain(PHRASE_NO_GUN);
		return ERR_NOTFOUND;
	}
	q.index = target.index;
	q.tariff = site_tariff(d->plant.site, q.index, q.now);
	if (q.tariff == NULL) {
		*message = phrase_plain(PHRASE_NO_TARIFF);
		return ERR_NOTFOUND;
	}
	rc = find_payer(d, wanted, &q);
	if (rc != 0) {
		return rc;
	}
	site_view_gun(d->plant.site, q.index, now, &q.gun);
	add_gun(out, &q);
	if (q.paid) {
		add_payer(out, &q);
	}
	if (wanted->limit != NULL) {
		add_hold(d, out, &q, wanted->limit);
	}
	if (wanted->from_ms != VALUE_NONE) {
		add_reservation(d, out, &q, wanted->from_ms);
	}
	return 0;
}
