/*
 * Reservations as people ask for them: what makes no sense is refused, the fee is held, and only
 * then the core is told. What becomes of the fee the store decides by the record of the end.
 */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calendar.h"
#include "internal.h"
#include "orderwords.h"
#include "payer.h"
#include "phrase.h"
#include "reserved.h"
#include "tariff.h"

/* Nobody plans further ahead; a tariff may be another by then. */
#define AHEAD_MS (INT64_C(30) * 86400 * MS_PER_S)
/* A time that is now where it is given has passed when it arrives. */
#define PAST_MS (60 * MS_PER_S)

struct reserve_ask {
	struct daemon *daemon;
	struct rpc_later *later;
	struct view_reservation wanted;
};

/* ---- Those that are known ---- */

static int take_record(void *arg, const void *view)
{
	*(struct view_reservation *)arg = *(const struct view_reservation *)view;
	return 1;
}

/* The reservation of this id, open or ended. */
static bool known(const struct daemon *d, const char *id, struct view_reservation *out)
{
	struct store_filter filter = {.id = id, .limit = 1};
	struct store_reader *reader;

	for (size_t i = 0; site_view_reservation(d->plant.site, i, out); i++) {
		if (strcmp(out->id, id) == 0) {
			return true;
		}
	}
	view_clear(VIEW_reservation, out);
	if (store_reader_open(d->data, &reader) == 0) {
		store_list(reader, VIEW_reservation, &filter, take_record, out);
		store_reader_close(reader);
	}
	return out->id[0] != '\0';
}

/* A second attempt may give other times: "in an hour" is another one by then. */
static bool same(const struct view_reservation *a, const struct view_reservation *wanted)
{
	return strcmp(a->gun, wanted->gun) == 0 && strcmp(a->account, wanted->account) == 0;
}

/* ---- Checks ---- */

static void clock_text(const struct daemon *d, int64_t ms, char *dst, size_t size)
{
	struct cal_time t = cal_at(&d->plant.config->zone, (struct wall){ms});

	snprintf(dst, size, "%04d-%02d-%02d %02d:%02d", (int)t.year, (int)t.month, (int)t.mday,
		(int)(t.second / 3600), (int)(t.second / 60 % 60));
}

const char *daemon_reserved_text(struct daemon *d, const struct view_reservation *r)
{
	char from[32], until[32];

	clock_text(d, r->from, from, sizeof from);
	clock_text(d, r->until, until, sizeof until);
	phrase_text(d->said, sizeof d->said, PHRASE_GUN_RESERVED, r->gun, from, until, NULL);
	return d->said;
}

static int check_time(struct daemon *d, struct view_reservation *r, const char **message)
{
	const struct config_billing *b = &d->plant.config->billing;

	if (r->from == VALUE_NONE || (r->from < r->asked && r->asked - r->from <= PAST_MS)) {
		r->from = r->asked;
	}
	if (r->from < r->asked || r->until <= r->from) {
		*message = phrase_plain(PHRASE_RESERVE_TIMES);
		return ERR_RANGE;
	}
	if (r->from - r->asked > AHEAD_MS) {
		*message = phrase_plain(PHRASE_RESERVE_AHEAD);
		return ERR_RANGE;
	}
	if (r->until - r->from > b->reserve_max_us / US_PER_MS) {
		snprintf(d->said, sizeof d->said,
			"longer than %lld min (billing: reservation: max)",
			(long long)(b->reserve_max_us / (60 * US_PER_S)));
		*message = d->said;
		return ERR_RANGE;
	}
	r->held_until = r->from + b->reserve_grace_us / US_PER_MS;
	r->held_until = r->held_until < r->until ? r->held_until : r->until;
	return 0;
}

static int check_gun(
	struct daemon *d, const struct view_reservation *r, uint16_t gun, const char **message)
{
	struct view_reservation other;
	struct view_gun g;

	if (site_reserved(d->plant.site, gun, r->from, r->until, &other)) {
		*message = daemon_reserved_text(d, &other);
		return ERR_RESERVED;
	}
	site_view_gun(d->plant.site, gun, moment_now(), &g);
	if (r->from > r->asked) {
		return 0; /* what stands there may be gone by then */
	}
	if (g.tag_by[0] != '\0' || strcmp(g.state, "fault") == 0 ||
		strcmp(g.state, "offline") == 0) {
		*message = phrase_plain(PHRASE_GUN_UNUSABLE);
		return ERR_STATE;
	}
	if (g.session[0] != '\0' || g.order[0] != '\0' || g.visit_start != VALUE_NONE) {
		*message = phrase_plain(PHRASE_GUN_CAR);
		return ERR_BUSY;
	}
	return 0;
}

/* A card that was typed stands for its account. */
static void name_account(struct daemon *d, struct view_reservation *r)
{
	struct payer payer;

	if (daemon_payer_typed(d, r->account, &payer) == 0) {
		VIEW_SET(r, account, payer.account);
	}
}

static int check_payer(struct daemon *d, const struct view_reservation *r, const char **message)
{
	struct payer payer;
	int rc = daemon_payer(d, r->account, NULL, &payer);

	if (rc != 0) {
		return rc == ERR_NOTFOUND ? ERR_NOACCOUNT : rc;
	}
	if (strcmp(payer.status, "active") != 0) {
		return strcmp(payer.status, "frozen") == 0 ? ERR_FROZEN : ERR_ENDED;
	}
	if (payer.balance_fen < r->fee_fen) {
		*message = phrase_plain(PHRASE_RESERVE_FEE);
		return ERR_FUNDS;
	}
	return 0;
}

static int check(struct daemon *d, struct view_reservation *r, const char **message)
{
	const struct tariff *t;
	struct target target;
	int rc;

	if (!d->plant.config->billing.core.on) {
		*message = phrase_plain(PHRASE_NO_BILLING);
		return ERR_UNSUPPORTED;
	}
	if (site_find(d->plant.site, r->gun, &target) != 0 || target.kind != TGT_GUN) {
		*message = phrase_plain(PHRASE_NO_GUN);
		return ERR_NOTFOUND;
	}
	rc = check_time(d, r, message);
	t = site_tariff(d->plant.site, target.index, (struct wall){r->from});
	r->fee_fen = t != NULL ? t->no_show_fen : 0;
	rc = rc != 0 ? rc : check_gun(d, r, target.index, message);
	return rc != 0 ? rc : check_payer(d, r, message);
}

/* ---- Making ---- */

static int give(struct daemon *d, const struct view_reservation *wanted, bool cancel, bool waive,
	struct view_reservation *out)
{
	struct event event = {.kind = EV_RESERVE, .now = moment_now()};

	event.reserve.view = wanted;
	event.reserve.cancel = cancel;
	event.reserve.waive = waive;
	view_clear(VIEW_reservation, out);
	d->reserve_answer = out;
	daemon_apply(d, &event);
	d->reserve_answer = NULL;
	return out->id[0] != '\0' ? 0 : ERR_INTERNAL;
}

static void answer(struct reserve_ask *ask, int err, const char *message)
{
	rpc_finish(ask->later, err, message, NULL);
	free(ask);
}

static void take(struct reserve_ask *ask)
{
	struct view_reservation out;
	int rc = give(ask->daemon, &ask->wanted, false, false, &out);

	if (rc != 0) {
		answer(ask, rc, NULL);
	} else if (out.ended != VALUE_NONE) { /* another one was quicker */
		answer(ask, ERR_RESERVED, order_label(RESERVE_WORDS_CAUSE, out.cause));
	} else {
		rpc_finish_settled(ask->later, view_to_json(VIEW_reservation, &out, NULL));
		free(ask);
	}
}

static void on_held(void *arg, const struct money_result *result)
{
	struct reserve_ask *ask = arg;

	if (result->err != 0) {
		/* Where the agent ends the next start releases what may be held. */
		answer(ask, result->err, result->message);
	} else {
		take(ask);
	}
}

static int hold(struct daemon *d, struct reserve_ask *ask)
{
	const struct view_reservation *r = &ask->wanted;
	struct money_op op = {.kind = MONEY_HOLD, .at_ms = wall_now().ms, .fen = r->fee_fen};

	view_set_text(op.account, sizeof op.account, r->account);
	reserved_ref(r->id, op.ref, sizeof op.ref);
	view_set_text(op.by, sizeof op.by, r->by);
	view_set_text(op.origin, sizeof op.origin, r->origin);
	view_set_text(op.reason, sizeof op.reason, r->gun);
	return daemon_money(d, &op, on_held, ask);
}

static void make_id(struct daemon *d, struct view_reservation *r)
{
	int64_t ms = r->asked <= d->order_id_ms ? d->order_id_ms + 1 : r->asked;

	d->order_id_ms = ms;
	snprintf(r->id, sizeof r->id, "r%lld-%.17s", (long long)ms, r->gun);
}

int daemon_reserve(void *host, const struct view_reservation *wanted, struct rpc_later *later,
	const char **message)
{
	struct daemon *d = host;
	struct view_reservation first;
	struct reserve_ask *ask = calloc(1, sizeof *ask);
	int rc;

	if (ask == NULL) {
		return ERR_NOMEM;
	}
	*ask = (struct reserve_ask){d, later, *wanted};
	name_account(d, &ask->wanted);
	if (wanted->id[0] != '\0' && known(d, wanted->id, &first)) {
		rc = same(&first, &ask->wanted) ? 0 : ERR_EXISTS;
		if (rc == 0) {
			rpc_finish_settled(later, view_to_json(VIEW_reservation, &first, NULL));
		} else {
			*message = phrase_plain(PHRASE_RESERVE_ID);
		}
		free(ask);
		return rc;
	}
	if (ask->wanted.id[0] == '\0') {
		make_id(d, &ask->wanted);
	}
	rc = check(d, &ask->wanted, message);
	if (rc == 0 && ask->wanted.fee_fen > 0) {
		rc = hold(d, ask);
	} else if (rc == 0) {
		take(ask);
	}
	if (rc != 0) {
		free(ask);
	}
	return rc;
}

int daemon_reserve_cancel(
	void *host, const struct view_reservation *wanted, bool waive, struct view_reservation *out)
{
	struct daemon *d = host;

	if (!known(d, wanted->id, out)) {
		return ERR_NOTFOUND;
	}
	return out->ended != VALUE_NONE ? 0 : give(d, wanted, true, waive, out);
}

void daemon_reserve_changed(struct daemon *d, const struct view_reservation *r)
{
	daemon_record(d, VIEW_reservation, r);
	if (d->reserve_answer != NULL && d->reserve_answer->id[0] == '\0') {
		*d->reserve_answer = *r;
	}
	rpc_touch(d->rpc);
}
