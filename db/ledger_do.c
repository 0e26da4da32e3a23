/* What people ask the ledger to do with money. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ledger_int.h"
#include "money.h"
#include "rating.h"
#include "settle.h"
#include "view.h"

int ledger_again(struct ledger *l, enum txkind kind, const char *key, const char *account,
	int64_t fen, struct money_result *out)
{
	struct ledger_tx tx;
	int rc = ledger_tx_find(l, key, 0, &tx);

	if (rc != 0) {
		return rc;
	}
	if (strcmp(tx.kind, txkind_token(kind)) != 0 ||
		(account != NULL && strcmp(tx.account, account) != 0) ||
		(fen != VALUE_NONE && tx.fen != fen)) {
		out->message = N_("this id is another transaction's");
		return ERR_EXISTS;
	}
	out->again = true;
	out->tx = tx.id;
	out->fen = tx.fen;
	out->bill = tx.bill == VALUE_NONE ? 0 : tx.bill;
	view_set_text(out->account, sizeof out->account, tx.account);
	return 0;
}

int ledger_give(struct ledger *l, struct posting *p, const char *account, int64_t fen)
{
	int64_t debt;
	int rc = ledger_balance(l, LEDGER_DEBT, account, &debt);

	if (rc == 0) {
		debt = debt < fen ? debt : fen;
		posting_leg(p, LEDGER_WALLET, account, debt - fen);
		posting_leg(p, LEDGER_DEBT, account, -debt);
	}
	return rc;
}

int ledger_take(struct ledger *l, struct posting *p, const char *account, int64_t fen)
{
	int64_t balance;
	int rc = ledger_balance(l, LEDGER_WALLET, account, &balance);

	if (rc == 0) {
		balance = balance < fen ? balance : fen;
		posting_leg(p, LEDGER_WALLET, account, balance);
		posting_leg(p, l->cfg.overrun_loss ? LEDGER_LOSS : LEDGER_DEBT,
			l->cfg.overrun_loss ? "" : account, fen - balance);
	}
	return rc;
}

/* ---- One thing each ---- */

/* A posting as the operation says it; `key` has room for the kind and the operation's key. */
static struct posting posting_of(const struct money_op *op, enum txkind kind, const char *key)
{
	return (struct posting){.kind = kind,
		.key = key,
		.at_ms = op->at_ms,
		.account = op->account,
		.ref = op->ref,
		.fen = op->fen,
		.closes = VALUE_NONE,
		.reverses = VALUE_NONE,
		.by = op->by,
		.origin = op->origin,
		.reason = op->reason};
}

static int post(struct ledger *l, const struct posting *p, struct money_result *out)
{
	int rc = ledger_post(l, p, &out->tx);

	if (rc == 0) {
		out->fen = p->fen;
		view_set_text(out->account, sizeof out->account, p->account);
	}
	return rc;
}

static int top_up(struct ledger *l, const struct money_op *op, struct posting *p)
{
	int rc = account_active(l, op->account);

	posting_leg(p, LEDGER_CASH, "", op->fen);
	return rc != 0 ? rc : ledger_give(l, p, op->account, op->fen);
}

static int withdraw(struct ledger *l, const struct money_op *op, struct posting *p)
{
	int rc = account_active(l, op->account);

	posting_leg(p, LEDGER_WALLET, op->account, op->fen);
	posting_leg(p, LEDGER_CASH, "", -op->fen);
	return rc;
}

static int hold(struct ledger *l, const struct money_op *op, struct posting *p)
{
	int rc = account_active(l, op->account);

	posting_leg(p, LEDGER_WALLET, op->account, op->fen);
	posting_leg(p, LEDGER_HELD, op->account, -op->fen);
	return rc != 0 ? rc : l->broken[0] != '\0' ? ERR_BROKEN : 0;
}

static int fee(struct ledger *l, const struct money_op *op, struct posting *p)
{
	enum account_status status;
	int rc = account_status(l, op->account, &status);

	rc = rc != 0 ? rc : status == ACCOUNT_CLOSED ? ERR_ENDED : 0;
	rc = rc != 0 ? rc : ledger_take(l, p, op->account, op->fen);
	posting_leg(p, LEDGER_REVENUE_FEE, "", -op->fen);
	return rc;
}

static int write_off(struct ledger *l, const struct money_op *op, struct posting *p)
{
	enum account_status status;
	int64_t debt = 0;
	int rc = account_status(l, op->account, &status);

	rc = rc != 0 ? rc : ledger_balance(l, LEDGER_DEBT, op->account, &debt);
	posting_leg(p, LEDGER_LOSS, "", op->fen);
	posting_leg(p, LEDGER_DEBT, op->account, -op->fen);
	return rc != 0 ? rc : op->fen > debt ? ERR_RANGE : 0;
}

static const struct simple {
	enum txkind kind;
	int (*legs)(struct ledger *l, const struct money_op *op, struct posting *p);
	bool why;
} simple[] = {
	[MONEY_TOPUP] = {TX_TOPUP, top_up, false},
	[MONEY_WITHDRAW] = {TX_WITHDRAW, withdraw, false},
	[MONEY_HOLD] = {TX_HOLD, hold, false},
	[MONEY_FEE] = {TX_FEE, fee, false},
	[MONEY_WRITEOFF] = {TX_WRITEOFF, write_off, true},
};

static int check_amount(int64_t fen, struct money_result *out)
{
	if (fen > 0 && fen <= MONEY_MAX_FEN) {
		return 0;
	}
	out->message = N_("an amount is 0.01 to 100000000 yuan");
	return fen <= 0 ? ERR_NEGATIVE : ERR_RANGE;
}

static int do_simple(
	struct ledger *l, const struct money_op *op, const char *key, struct money_result *out)
{
	const struct simple *s = &simple[op->kind];
	struct posting p = posting_of(op, s->kind, key);
	int rc = ledger_again(l, s->kind, key, op->account, op->fen, out);

	if (rc != ERR_NOTFOUND) {
		return rc;
	}
	rc = check_amount(op->fen, out);
	rc = rc != 0 ? rc : s->legs(l, op, &p);
	return rc != 0 ? rc : post(l, &p, out);
}

/* Closes a hold: it goes back, or is earned where nobody came for a reservation. */
static int do_release(
	struct ledger *l, const struct money_op *op, const char *key, struct money_result *out)
{
	enum txkind kind = op->kind == MONEY_NOSHOW ? TX_NOSHOW : TX_RELEASE;
	struct posting p = posting_of(op, kind, key);
	struct ledger_hold h;
	int rc = ledger_again(l, kind, key, NULL, VALUE_NONE, out);

	if (rc != ERR_NOTFOUND) {
		return rc;
	}
	rc = ledger_hold_of(l, op->ref, &h);
	if (rc != 0) {
		return rc;
	}
	p.account = h.account;
	p.fen = h.fen;
	p.closes = h.tx;
	posting_leg(&p, LEDGER_HELD, h.account, h.fen);
	if (kind == TX_NOSHOW) {
		posting_leg(&p, LEDGER_REVENUE_NOSHOW, "", -h.fen);
	} else {
		rc = ledger_give(l, &p, h.account, h.fen);
	}
	return rc != 0 ? rc : post(l, &p, out);
}

/* Whether this transaction may be taken back, and was not yet. */
static int check_reversible(const struct ledger_tx *tx, struct money_result *out)
{
	static const enum txkind kinds[] = {TX_TOPUP, TX_WITHDRAW, TX_FEE, TX_NOSHOW, TX_WRITEOFF};

	if (tx->reversed_by != VALUE_NONE) {
		return ERR_REVERSED;
	}
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		if (strcmp(tx->kind, txkind_token(kinds[i])) == 0) {
			return 0;
		}
	}
	out->message = N_("a top-up, withdrawal, fee or write-off is reversed; a bill is refunded");
	return ERR_STATE;
}

/* The same legs with the other sign; what would leave less than no debt, and what was
 * held, goes into the wallet. */
static int reverse_legs(struct ledger *l, const struct ledger_tx *tx, struct posting *p,
	char (*owners)[20], struct leg *legs)
{
	size_t count;
	int rc = ledger_tx_legs(l, tx->id, legs, owners, POSTING_LEGS - 2, &count);

	for (size_t i = 0; rc == 0 && i < count; i++) {
		if ((legs[i].kind == LEDGER_DEBT || legs[i].kind == LEDGER_HELD) &&
			legs[i].fen > 0) {
			rc = ledger_give(l, p, legs[i].owner, legs[i].fen);
		} else {
			posting_leg(p, legs[i].kind, legs[i].owner, -legs[i].fen);
		}
	}
	return rc;
}

static int do_reverse(
	struct ledger *l, const struct money_op *op, const char *key, struct money_result *out)
{
	char owners[POSTING_LEGS][20];
	struct leg legs[POSTING_LEGS];
	struct posting p = posting_of(op, TX_REVERSE, key);
	enum account_status status;
	struct ledger_tx tx;
	int rc = ledger_again(l, TX_REVERSE, key, NULL, VALUE_NONE, out);

	if (rc != ERR_NOTFOUND) {
		return rc;
	}
	rc = ledger_tx_find(l, NULL, op->tx, &tx);
	rc = rc != 0 ? rc : check_reversible(&tx, out);
	rc = rc != 0 ? rc : account_status(l, tx.account, &status);
	if (rc == 0 && status == ACCOUNT_CLOSED) {
		rc = ERR_ENDED;
	}
	rc = rc != 0 ? rc : reverse_legs(l, &tx, &p, owners, legs);
	if (rc != 0) {
		return rc;
	}
	p.account = tx.account;
	p.ref = tx.ref;
	p.fen = tx.fen;
	p.reverses = tx.id;
	return post(l, &p, out);
}

/* ---- All ---- */

bool ledger_fatal(int rc)
{
	return rc == ERR_IO || rc == ERR_FULL || rc == ERR_NOMEM || rc == ERR_CORRUPT ||
	       rc == ERR_BUSY;
}

static int do_money(struct ledger *l, const struct money_op *op, struct money_result *out)
{
	static const struct {
		enum txkind kind;
		bool by_ref;  /* the reference is the key: it happens once */
		bool own_key; /* made by itself */
		bool why;
		int (*run)(struct ledger *l, const struct money_op *op, const char *key,
			struct money_result *out);
	} table[] = {
		[MONEY_TOPUP] = {TX_TOPUP, false, false, false, do_simple},
		[MONEY_WITHDRAW] = {TX_WITHDRAW, false, false, false, do_simple},
		[MONEY_HOLD] = {TX_HOLD, true, false, false, do_simple},
		[MONEY_RELEASE] = {TX_RELEASE, true, false, false, do_release},
		[MONEY_NOSHOW] = {TX_NOSHOW, true, false, false, do_release},
		[MONEY_FEE] = {TX_FEE, false, false, false, do_simple},
		[MONEY_WRITEOFF] = {TX_WRITEOFF, false, false, true, do_simple},
		[MONEY_REVERSE] = {TX_REVERSE, false, false, true, do_reverse},
		[MONEY_REFUND] = {TX_REFUND, false, false, true, settle_refund},
		[MONEY_POST] = {TX_SETTLE, false, true, true, settle_post},
		[MONEY_VOID] = {TX_RELEASE, false, true, true, settle_void},
	};
	const char *id = table[op->kind].by_ref ? op->ref : op->key;
	char key[96];

	if (id[0] == '\0' && !table[op->kind].own_key) {
		out->message = table[op->kind].by_ref
				       ? N_("the order must be named")
				       : N_("an id must be given; it makes a retry harmless");
		return ERR_INVAL;
	}
	if (table[op->kind].why && op->reason[0] == '\0') {
		out->message = N_("a reason must be given");
		return ERR_INVAL;
	}
	if (snprintf(key, sizeof key, "%s:%s", txkind_token(table[op->kind].kind), id) >=
		(int)sizeof key) {
		return ERR_TOOLONG;
	}
	return table[op->kind].run == NULL ? ERR_INVAL : table[op->kind].run(l, op, key, out);
}

/* Where the account stands after it. */
static int fill(struct ledger *l, struct money_result *out)
{
	int rc = ledger_balance(l, LEDGER_WALLET, out->account, &out->balance_fen);

	rc = rc != 0 ? rc : ledger_balance(l, LEDGER_HELD, out->account, &out->held_fen);
	return rc != 0 ? rc : ledger_balance(l, LEDGER_DEBT, out->account, &out->debt_fen);
}

static int do_any(struct ledger *l, const struct money_op *op, struct money_result *out)
{
	switch (op->kind) {
	case MONEY_BROKEN:
		ledger_set_broken(l, op->text != NULL ? op->text : "");
		return 0;
	case MONEY_RATE:
		return rating_do(l, op, out);
	case MONEY_TARIFF:
		return account_do(l, op, out);
	default:
		return op->kind < MONEY_TOPUP ? account_do(l, op, out) : do_money(l, op, out);
	}
}

int ledger_do(struct ledger *l, const struct money_op *op, struct money_result *out)
{
	int rc = sql_exec(l->db, "SAVEPOINT money");

	memset(out, 0, sizeof *out);
	if (rc != 0) {
		return rc;
	}
	rc = do_any(l, op, out);
	if (rc == 0 && out->account[0] != '\0') {
		rc = fill(l, out);
	}
	if (rc != 0) {
		out->err = rc;
		out->tx = 0;
		sql_exec(l->db, "ROLLBACK TO money");
	}
	sql_exec(l->db, "RELEASE money");
	return ledger_fatal(rc) ? rc : 0;
}
