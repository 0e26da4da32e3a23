#include "settle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abnormal.h"
#include "ledger_int.h"
#include "told.h"

#define ODD_MAX 12
/* An order that began nothing for so long holds a prepayment for nothing. */
#define HOLD_MAX_MS (INT64_C(2) * 86400 * MS_PER_S)

enum statement { S_NEXT, S_BILL, S_LINE, S_OF_SESSION, S_BY_ID, S_HOLDS, S_COUNT };
_Static_assert(S_COUNT <= SETTLE_STATEMENTS, "room for the statements");

#define BILL_ROW                                                                               \
	"SELECT b.id, b.tx, b.account, b.elec_fen, b.service_fen, b.parking_fen, b.total_fen," \
	" b.session, t.fen, (SELECT sum(e.fen) FROM ledger_entry e JOIN ledger_account a"      \
	" ON a.id = e.account WHERE e.tx = b.tx AND a.kind IN ('loss', 'free')),"              \
	" (SELECT r.id FROM ledger_tx r WHERE r.reverses = b.tx)"                              \
	" FROM bill b JOIN ledger_tx t ON t.id = b.tx WHERE "

static const char *const texts[S_COUNT] = {
	[S_NEXT] = "SELECT coalesce(max(id), 0) + 1 FROM bill",
	[S_BILL] = "INSERT INTO bill VALUES (:id, :tx, :kind, :session, :visit, :gun, :order,"
		   " :account, :class, :tariff, :start, :start_wh, :start_quality, :end, :end_wh,"
		   " :end_quality, :energy_wh, :elec_fen, :service_fen, :parking_fen, :total_fen,"
		   " :sealed, :evidence, :hash)",
	[S_LINE] = "INSERT INTO bill_line VALUES (:bill, :n, :from, :to, :from_wh, :to_wh,"
		   " :energy_wh, :version, :period, :elec_e5, :service_e5, :elec_fen,"
		   " :service_fen, :quality, :window, :minutes, :per_min_e5, :parking_fen)",
	[S_OF_SESSION] = BILL_ROW "b.session = :session AND b.kind = 'session'",
	[S_BY_ID] = BILL_ROW "b.id = :id",
	/* held, and the order has ended without a session, or never began */
	[S_HOLDS] = "SELECT o.id FROM \"order\" o JOIN ledger_tx h ON h.key = 'hold:' || o.id"
		    " LEFT JOIN ledger_tx c ON c.closes = h.id WHERE c.id IS NULL"
		    " AND o.session IS NULL AND (o.ended < :before OR o.asked < :asked)"
		    " AND o.asked > :oldest LIMIT 100",
};

int settle_open_statements(struct ledger *l)
{
	int rc = evidence_open(l->db, &l->evidence);

	l->all = calloc(1, sizeof *l->all);
	if (l->all == NULL) {
		return ERR_NOMEM;
	}
	return rc != 0 ? rc : sql_prepare_all(l->db, texts, l->settle, S_COUNT);
}

void settle_forget(struct ledger *l)
{
	evidence_forget(l->evidence);
}

/* ---- The bill in the store ---- */

static void bind_line(sqlite3_stmt *stmt, const struct bill_line *e, const struct parking_line *p)
{
	sql_bind_int(stmt, ":from", e != NULL ? e->from.ms : VALUE_NONE);
	sql_bind_int(stmt, ":to", e != NULL ? e->to.ms : VALUE_NONE);
	sql_bind_int(stmt, ":from_wh", e != NULL ? e->from_wh : VALUE_NONE);
	sql_bind_int(stmt, ":to_wh", e != NULL ? e->to_wh : VALUE_NONE);
	sql_bind_int(stmt, ":energy_wh", e != NULL ? e->wh : VALUE_NONE);
	sql_bind_int(stmt, ":version", e != NULL ? e->version : VALUE_NONE);
	sql_bind_text(stmt, ":period", e != NULL ? period_info(e->period)->token : NULL);
	sql_bind_int(stmt, ":elec_e5", e != NULL ? e->price.elec_e5 : VALUE_NONE);
	sql_bind_int(stmt, ":service_e5", e != NULL ? e->price.service_e5 : VALUE_NONE);
	sql_bind_int(stmt, ":elec_fen", e != NULL ? e->elec_fen : VALUE_NONE);
	sql_bind_int(stmt, ":service_fen", e != NULL ? e->service_fen : VALUE_NONE);
	sql_bind_text(stmt, ":quality",
		e != NULL ? quality_token(e->substitute ? Q_SUBSTITUTE : Q_GOOD) : NULL);
	sql_bind_int(stmt, ":window", p != NULL ? p->window : VALUE_NONE);
	sql_bind_int(stmt, ":minutes", p != NULL ? p->minutes : VALUE_NONE);
	sql_bind_int(stmt, ":per_min_e5", p != NULL ? p->per_min_e5 : VALUE_NONE);
	sql_bind_int(stmt, ":parking_fen", p != NULL ? p->fen : VALUE_NONE);
}

static int insert_lines(struct ledger *l, int64_t bill)
{
	const struct bill_all *all = l->all;
	sqlite3_stmt *stmt = l->settle[S_LINE];
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < all->line_count + all->parking_count; i++) {
		bool energy = i < all->line_count;

		sql_bind_int(stmt, ":bill", bill);
		sql_bind_int(stmt, ":n", (int64_t)i + 1);
		bind_line(stmt, energy ? &all->lines[i] : NULL,
			energy ? NULL : &all->parking[i - all->line_count]);
		rc = sql_run(stmt);
	}
	return rc;
}

static int insert_bill(struct ledger *l, int64_t id, int64_t tx, const unsigned char *hash)
{
	const struct bill *b = &l->all->bill;
	sqlite3_stmt *stmt = l->settle[S_BILL];

	sql_bind_int(stmt, ":id", id);
	sql_bind_int(stmt, ":tx", tx);
	sql_bind_text(stmt, ":kind", b->kind);
	sql_bind_text(stmt, ":session", b->session);
	sql_bind_text(stmt, ":visit", b->visit);
	sql_bind_text(stmt, ":gun", b->gun);
	sql_bind_text(stmt, ":order", b->order);
	sql_bind_text(stmt, ":account", b->account);
	sql_bind_text(stmt, ":class", b->class);
	sql_bind_text(stmt, ":tariff", b->tariff);
	sql_bind_int(stmt, ":start", b->start.at.ms);
	sql_bind_int(stmt, ":start_wh", b->start.wh);
	sql_bind_text(stmt, ":start_quality", quality_token(b->start.quality));
	sql_bind_int(stmt, ":end", b->end.at.ms);
	sql_bind_int(stmt, ":end_wh", b->end.wh);
	sql_bind_text(stmt, ":end_quality", quality_token(b->end.quality));
	sql_bind_int(stmt, ":energy_wh", b->sum.wh);
	sql_bind_int(stmt, ":elec_fen", b->sum.elec_fen);
	sql_bind_int(stmt, ":service_fen", b->sum.service_fen);
	sql_bind_int(stmt, ":parking_fen", b->parking_fen);
	sql_bind_int(stmt, ":total_fen", b->total_fen);
	sql_bind_int(stmt, ":sealed", b->sealed_ms);
	sql_bind_blob(stmt, ":evidence", l->all->evidence, CHAIN_SIZE);
	sql_bind_blob(stmt, ":hash", hash, CHAIN_SIZE);
	return sql_run(stmt);
}

static int next_bill(struct ledger *l, int64_t *id)
{
	int rc = sql_step(l->settle[S_NEXT]);

	if (rc != 1) {
		return rc;
	}
	*id = sql_int(l->settle[S_NEXT], 0);
	sqlite3_reset(l->settle[S_NEXT]);
	return 0;
}

/* ---- Sealing: number, hash, posting, rows ---- */

/* Who pays: legs for all that is not the site's own earning. */
static int payer_legs(struct ledger *l, struct posting *p, const struct view_order *o,
	const struct ledger_hold *hold)
{
	int64_t total = l->all->bill.total_fen;

	if (strcmp(o->kind, "free") == 0 || strcmp(o->kind, "maintenance") == 0) {
		posting_leg(p, LEDGER_FREE, "", total);
		return 0;
	}
	if (strcmp(o->kind, "paid") != 0 || o->account[0] == '\0') {
		posting_leg(p, LEDGER_SUSPENSE, "", total);
		return 0;
	}
	if (hold->tx != 0) {
		posting_leg(p, LEDGER_HELD, o->account, hold->fen);
		p->closes = hold->tx;
	}
	return total <= hold->fen ? ledger_give(l, p, o->account, hold->fen - total)
				  : ledger_take(l, p, o->account, total - hold->fen);
}

static int seal(struct ledger *l, struct posting *p, const struct view_order *o,
	const struct ledger_hold *hold, int64_t *bill, int64_t *tx)
{
	struct bill *b = &l->all->bill;
	unsigned char *hash = l->bill_hash;
	int rc;

	*bill = 0;
	rc = next_bill(l, bill);

	snprintf(b->id, sizeof b->id, "%lld", (long long)*bill);
	b->sealed_ms = p->at_ms;
	rc = rc != 0 ? rc : evidence_seal(l->chain, l->all, hash);
	rc = rc != 0 ? rc : payer_legs(l, p, o, hold);
	posting_leg(p, LEDGER_REVENUE_ELEC, "", -b->sum.elec_fen);
	posting_leg(p, LEDGER_REVENUE_SERVICE, "", -b->sum.service_fen);
	posting_leg(p, LEDGER_REVENUE_PARKING, "", -b->parking_fen);
	p->account = b->account;
	p->fen = b->total_fen;
	p->bill_hash = hash;
	rc = rc != 0 ? rc : ledger_post(l, p, tx);
	rc = rc != 0 ? rc : insert_lines(l, *bill);
	return rc != 0 ? rc : insert_bill(l, *bill, *tx, hash);
}

/* The hold of an order; tx 0 where none is open. */
static int open_hold(struct ledger *l, const char *order, struct ledger_hold *hold)
{
	int rc = ledger_hold_of(l, order, hold);

	if (rc == ERR_NOTFOUND || rc == ERR_STATE) {
		memset(hold, 0, sizeof *hold);
		rc = 0;
	}
	return rc;
}

static struct posting posting_of(enum txkind kind, const char *key, const char *ref, int64_t at_ms,
	const struct money_op *op)
{
	return (struct posting){.kind = kind,
		.key = key,
		.at_ms = at_ms,
		.ref = ref,
		.closes = VALUE_NONE,
		.reverses = VALUE_NONE,
		.by = op != NULL ? op->by : "",
		.origin = op != NULL ? op->origin : "",
		.reason = op != NULL ? op->reason : ""};
}

/* ---- A session ---- */

static void session_key(const char *session, char *key, size_t size)
{
	snprintf(key, size, "settle:%s", session);
}

/* Bills a session as it stands. `op`: who decided; NULL = nobody had to. */
static int bill_session(struct ledger *l, const struct view_session *s, const struct view_order *o,
	const struct money_op *op, int64_t at_ms, struct money_result *out)
{
	struct ledger_hold hold;
	struct posting p;
	char key[96];
	int rc = evidence_bill(l->evidence, s, o, l->all);

	session_key(s->id, key, sizeof key);
	p = posting_of(TX_SETTLE, key, s->id, at_ms, op);
	p.told_later = true; /* what is left reads after what was taken */
	rc = rc != 0 ? rc : open_hold(l, o->id, &hold);
	rc = rc != 0 ? rc : seal(l, &p, o, &hold, &out->bill, &out->tx);
	if (rc == 0) {
		out->fen = p.fen;
		view_set_text(out->account, sizeof out->account, l->all->bill.account);
		rc = told_billed(l, out->bill, at_ms);
		rc = rc != 0 ? rc : told_posted(l, &p, out->tx);
	}
	return rc;
}

static int list_odd(struct ledger *l, const struct abnormal *odd, size_t count,
	const struct view_session *s, const struct view_order *o, int64_t bill, int64_t at_ms)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < count; i++) {
		/* without a time source every charge is odd: one entry says so for a day */
		rc = odd[i].kind == ABNORMAL_UNSYNCED ? abnormal_gather(l, &odd[i], s, at_ms)
						      : abnormal_add(l, &odd[i], s, o, bill, at_ms);
	}
	return rc;
}

/* What kept a session from being billed, where the evidence itself was not odd. */
static bool why_not(int rc, struct abnormal *out)
{
	*out = (struct abnormal){ABNORMAL_BACKWARDS, N_("its registers or times do not ascend")};
	if (rc == ERR_NOTFOUND) {
		*out = (struct abnormal){
			ABNORMAL_NO_TARIFF, N_("no version of its tariff was in force")};
	}
	return rc == ERR_NOTFOUND || rc == ERR_INVAL || rc == ERR_FULL || rc == ERR_RANGE;
}

static int settle_or_list(struct ledger *l, const struct view_session *s, int64_t now_ms)
{
	struct abnormal odd[ODD_MAX] = {{.kind = ABNORMAL_NO_ORDER}};
	struct money_result result = {.bill = 0};
	struct view_order o;
	size_t count = 0;
	bool review = false;
	int rc = evidence_order(l->evidence, s->order, &o);

	if (rc == ERR_NOTFOUND) {
		snprintf(
			odd[0].evidence, sizeof odd[0].evidence, "%s|%s", N_("order %1"), s->order);
		return abnormal_add(l, &odd[0], s, NULL, VALUE_NONE, now_ms);
	}
	rc = rc != 0 ? rc : abnormal_look(l, s, odd, ODD_MAX - 1, &count);
	for (size_t i = 0; i < count; i++) {
		review |= abnormal_review(odd[i].kind);
	}
	rc = rc != 0 ? rc : evidence_take(l->evidence, s, &o, l->chain, l->all->evidence);
	if (rc == 0 && !review) {
		rc = bill_session(l, s, &o, NULL, now_ms, &result);
		if (why_not(rc, &odd[count])) {
			count++;
			result.bill = 0;
			rc = 0;
		}
	}
	return rc != 0 ? rc
		       : list_odd(l, odd, count, s, &o, result.bill == 0 ? VALUE_NONE : result.bill,
				 now_ms);
}

int settle_session(struct ledger *l, const struct view_session *s, int64_t now_ms)
{
	struct ledger_tx tx;
	char key[96];
	int rc;

	if (s->order[0] == '\0' || strcmp(s->state, "closed") != 0) {
		return 0;
	}
	session_key(s->id, key, sizeof key);
	rc = ledger_tx_find(l, key, 0, &tx);
	rc = rc != ERR_NOTFOUND ? rc : abnormal_voided(l, s->id);
	return rc != ERR_NOTFOUND ? rc : settle_or_list(l, s, now_ms);
}

/* ---- A bill that is there ---- */

/* A bill's row as far as a refund needs it. */
struct billed {
	int64_t id, tx, elec_fen, service_fen, parking_fen, total_fen, unpaid_fen, reversed_by;
	char account[20], session[40];
};

static int find_bill(struct ledger *l, int64_t id, const char *session, struct billed *out)
{
	sqlite3_stmt *stmt = l->settle[session != NULL ? S_OF_SESSION : S_BY_ID];
	int rc;

	sql_bind_text(stmt, ":session", session);
	sql_bind_int(stmt, ":id", id);
	rc = sql_step(stmt);
	if (rc != 1) {
		return rc == 0 ? ERR_NOTFOUND : rc;
	}
	out->id = sql_int(stmt, 0);
	out->tx = sql_int(stmt, 1);
	VIEW_SET(out, account, sql_text(stmt, 2));
	out->elec_fen = sql_int(stmt, 3);
	out->service_fen = sql_int(stmt, 4);
	out->parking_fen = sql_int(stmt, 5);
	out->total_fen = sql_int(stmt, 6);
	VIEW_SET(out, session, sql_text(stmt, 7));
	out->unpaid_fen = sql_int(stmt, 9) == VALUE_NONE ? 0 : sql_int(stmt, 9);
	out->reversed_by = sql_int(stmt, 10);
	sqlite3_reset(stmt);
	return 0;
}

/* ---- Parking ---- */

int settle_visit(struct ledger *l, const struct view_visit *v, int64_t now_ms)
{
	struct ledger_hold none = {0, 0, ""};
	struct billed charge;
	struct view_session s;
	struct view_order o;
	struct ledger_tx tx;
	struct posting p;
	int64_t bill, id;
	char key[96];
	int rc;

	if (v->unplugged == VALUE_NONE || strstr(v->flags, "clock") != NULL) {
		return 0;
	}
	snprintf(key, sizeof key, "parking:%s", v->id);
	rc = ledger_tx_find(l, key, 0, &tx);
	if (rc != ERR_NOTFOUND) {
		return rc;
	}
	rc = evidence_visit_session(l->evidence, v->id, &s);
	rc = rc != 0 ? rc : find_bill(l, 0, s.id, &charge);
	rc = rc != 0 ? rc : evidence_order(l->evidence, s.order, &o);
	if (rc == ERR_NOTFOUND || (rc == 0 && strcmp(o.kind, "paid") != 0)) {
		return 0;
	}
	rc = rc != 0 ? rc : evidence_take_visit(l->evidence, v, &s, &o, l->chain, l->all->evidence);
	rc = rc != 0 ? rc : evidence_parking(l->evidence, v, &s, &o, l->all);
	if (rc == ERR_NOTFOUND || rc == ERR_INVAL || (rc == 0 && l->all->bill.total_fen == 0)) {
		return 0;
	}
	p = posting_of(TX_PARKING, key, v->id, now_ms, NULL);
	return rc != 0 ? rc : seal(l, &p, &o, &none, &bill, &id);
}

/* ---- Prepayments for nothing ---- */

int settle_holds(struct ledger *l, int64_t now_ms)
{
	const struct abnormal what = {ABNORMAL_HOLD, N_("its order began no charge")};
	sqlite3_stmt *stmt = l->settle[S_HOLDS];
	char ids[100][40];
	size_t count = 0;
	int rc;

	sql_bind_int(stmt, ":before", now_ms - 60 * MS_PER_S);
	sql_bind_int(stmt, ":asked", now_ms - HOLD_MAX_MS);
	sql_bind_int(stmt, ":oldest", now_ms - 45 * HOLD_MAX_MS);
	while ((rc = sql_step(stmt)) == 1) {
		view_set_text(ids[count++], sizeof ids[0], sql_text(stmt, 0));
	}
	for (size_t i = 0; rc == 0 && i < count; i++) {
		struct view_order o;

		rc = evidence_order(l->evidence, ids[i], &o);
		rc = rc != 0 ? rc : abnormal_add(l, &what, NULL, &o, VALUE_NONE, now_ms);
	}
	return rc;
}

/* ---- What people decide ---- */

/* From the service fee first, then parking, then electricity: what the site has to pay on itself
 * goes last. */
static void refund_legs(struct posting *p, const struct billed *b, int64_t fen)
{
	const struct {
		enum ledger_kind kind;
		int64_t fen;
	} from[] = {{LEDGER_REVENUE_SERVICE, b->service_fen},
		{LEDGER_REVENUE_PARKING, b->parking_fen}, {LEDGER_REVENUE_ELEC, b->elec_fen}};

	for (size_t i = 0; i < sizeof from / sizeof from[0]; i++) {
		int64_t part = from[i].fen < fen ? from[i].fen : fen;

		posting_leg(p, from[i].kind, "", part);
		fen -= part;
	}
}

static int refund_to(struct ledger *l, struct posting *p, const struct billed *b, int64_t fen)
{
	enum account_status status;
	int rc;

	if (b->account[0] == '\0') {
		posting_leg(p, LEDGER_SUSPENSE, "", -fen);
		return 0;
	}
	rc = account_status(l, b->account, &status);
	rc = rc != 0 ? rc : status == ACCOUNT_CLOSED ? ERR_ENDED : 0;
	return rc != 0 ? rc : ledger_give(l, p, b->account, fen);
}

/* The entry of the work list that is meant, by its number or its session. */
static int find_odd(struct ledger *l, const struct money_op *op, struct abnormal_row *row,
	struct money_result *out)
{
	int rc = abnormal_find(l, op->tx, op->ref, row);

	if (rc == ERR_NOTFOUND) {
		out->message = N_("no such entry of the work list");
	} else if (rc == 0 && !row->open) {
		out->message = N_("it was decided already");
		rc = ERR_STATE;
	}
	return rc;
}

static const char gathers_text[] = N_("its bills stand; refund each one that should not");

/* Its bill. */
static int find_odd_bill(
	struct ledger *l, const struct money_op *op, struct billed *b, struct money_result *out)
{
	struct abnormal_row row;
	int rc = find_odd(l, op, &row, out);

	if (rc == 0 && row.gathers) {
		out->message = gathers_text;
		return ERR_STATE;
	}
	if (rc == 0 && row.bill == VALUE_NONE) {
		out->message = N_("it has no bill; post or void it");
		return ERR_STATE;
	}
	return rc != 0 ? rc : find_bill(l, row.bill, NULL, b);
}

int settle_refund(
	struct ledger *l, const struct money_op *op, const char *key, struct money_result *out)
{
	struct posting p = posting_of(TX_REFUND, key, NULL, op->at_ms, op);
	struct abnormal_row odd;
	struct billed b;
	int64_t paid;
	int rc = ledger_again(l, TX_REFUND, key, NULL, VALUE_NONE, out);

	if (rc != ERR_NOTFOUND) {
		return rc;
	}
	rc = op->bill != 0 ? find_bill(l, op->bill, NULL, &b) : find_odd_bill(l, op, &b, out);
	if (rc != 0) {
		return rc;
	}
	paid = b.total_fen - b.unpaid_fen;
	p.fen = op->fen != 0 ? op->fen : paid;
	if (b.reversed_by != VALUE_NONE) {
		return ERR_REVERSED;
	}
	if (p.fen <= 0 || p.fen > paid) {
		out->message = paid == 0 ? N_("nothing was paid for this bill")
					 : N_("a refund is at most what was paid");
		return p.fen < 0 ? ERR_NEGATIVE : paid == 0 ? ERR_STATE : ERR_RANGE;
	}
	p.account = b.account;
	p.ref = b.session;
	p.reverses = b.tx;
	rc = refund_to(l, &p, &b, p.fen);
	refund_legs(&p, &b, p.fen);
	rc = rc != 0 ? rc : ledger_post(l, &p, &out->tx);
	if (rc != 0) {
		return rc;
	}
	out->fen = p.fen;
	out->bill = b.id;
	view_set_text(out->account, sizeof out->account, b.account);
	rc = abnormal_find(l, 0, b.session, &odd);
	return rc == ERR_NOTFOUND ? 0 : rc != 0 ? rc : abnormal_end(l, &odd, "refunded", op, b.id);
}

static int load(struct ledger *l, const struct abnormal_row *row, struct view_session *s,
	struct view_order *o, struct money_result *out)
{
	int rc = evidence_session(l->evidence, row->session, s);

	rc = rc != 0 ? rc : evidence_order(l->evidence, s->order, o);
	rc = rc != 0 ? rc : evidence_take(l->evidence, s, o, l->chain, l->all->evidence);
	if (rc == ERR_NOTFOUND) {
		out->message = N_("session or order are not known; it can only be voided");
	}
	return rc;
}

/* The car may have gone before the charge was billed. */
static int park_late(struct ledger *l, const struct view_session *s, int64_t at_ms)
{
	struct view_visit visit;
	int rc = evidence_visit(l->evidence, s->visit, &visit);

	return rc == ERR_NOTFOUND ? 0 : rc != 0 ? rc : settle_visit(l, &visit, at_ms);
}

int settle_post(
	struct ledger *l, const struct money_op *op, const char *key, struct money_result *out)
{
	struct abnormal_row row;
	struct view_session s;
	struct view_order o;
	struct billed b;
	char own[96];
	int rc;

	(void)key;
	if (op->ref[0] != '\0') {
		session_key(op->ref, own, sizeof own);
		if (ledger_again(l, TX_SETTLE, own, NULL, VALUE_NONE, out) == 0 &&
			abnormal_find(l, 0, op->ref, &row) == ERR_NOTFOUND) {
			return 0;
		}
	}
	rc = find_odd(l, op, &row, out);
	if (rc != 0) {
		return rc;
	}
	if (row.gathers) {
		return abnormal_end(l, &row, "posted", op, VALUE_NONE);
	}
	rc = find_bill(l, 0, row.session, &b);
	if (rc == 0) { /* billed: it may stand */
		out->again = true;
		out->bill = b.id;
		out->tx = b.tx;
		return abnormal_end(l, &row, "posted", op, b.id);
	}
	rc = rc != ERR_NOTFOUND ? rc : load(l, &row, &s, &o, out);
	rc = rc != 0 ? rc : bill_session(l, &s, &o, op, op->at_ms, out);
	if (rc == ERR_INVAL) {
		out->message = N_("its registers cannot be billed; void it");
	}
	rc = rc != 0 ? rc : abnormal_end(l, &row, "posted", op, out->bill);
	return rc != 0 ? rc : park_late(l, &s, op->at_ms);
}

int settle_void(
	struct ledger *l, const struct money_op *op, const char *key, struct money_result *out)
{
	struct ledger_hold hold;
	struct abnormal_row row;
	struct posting p;
	struct billed b;
	char own[96];
	int rc = find_odd(l, op, &row, out);

	(void)key;
	if (rc == 0 && row.gathers) {
		out->message = gathers_text;
		rc = ERR_STATE;
	}
	if (rc != 0) {
		return rc;
	}
	if (strcmp(row.kind, abnormal_token(ABNORMAL_NO_SESSION)) == 0) {
		row.session[0] =
			'\0'; /* what flowed before it; the charge itself is another matter */
		return abnormal_end(l, &row, "voided", op, VALUE_NONE);
	}
	if (row.session[0] != '\0' && find_bill(l, 0, row.session, &b) == 0) {
		out->message = N_("it is billed; refund the bill");
		return ERR_STATE;
	}
	rc = open_hold(l, row.order, &hold);
	if (rc == 0 && hold.tx != 0) {
		snprintf(own, sizeof own, "release:%s", row.order);
		p = posting_of(TX_RELEASE, own, row.order, op->at_ms, op);
		p.account = hold.account;
		p.fen = hold.fen;
		p.closes = hold.tx;
		posting_leg(&p, LEDGER_HELD, hold.account, hold.fen);
		rc = ledger_give(l, &p, hold.account, hold.fen);
		rc = rc != 0 ? rc : ledger_post(l, &p, &out->tx);
		out->fen = hold.fen;
		view_set_text(out->account, sizeof out->account, hold.account);
	}
	return rc != 0 ? rc : abnormal_end(l, &row, "voided", op, VALUE_NONE);
}
