#include "told.h"

#include <stdio.h>
#include <string.h>

#include "ledger_int.h"

enum statement { S_ADD, S_LOW, S_CONTACT, S_COUNT };
_Static_assert(S_COUNT <= NOTICE_STATEMENTS, "room for the statements");

static const char *const texts[S_COUNT] = {
	/* an event that is known makes no second message */
	[S_ADD] = "INSERT INTO message (at, account, text, event, kind, fen, balance_fen,"
		  " energy_wh, price_e5, gun, bill) VALUES (:at, :account, '', :event, :kind, :fen,"
		  " :balance_fen, :energy_wh, :price_e5, :gun, :bill) ON CONFLICT DO NOTHING",
	[S_LOW] = "SELECT low_fen FROM contact WHERE account = :account",
	/* a value that is not given stays; "-" or -1 takes it away */
	[S_CONTACT] = "INSERT INTO contact VALUES (:account, nullif(:language, '-'),"
		      " nullif(:mail, '-'), nullif(:messages, '-'),"
		      " CASE WHEN :low > 0 THEN :low END) ON CONFLICT (account) DO UPDATE SET"
		      " language = CASE WHEN :language IS NULL THEN language"
		      " ELSE excluded.language END,"
		      " mail = CASE WHEN :mail IS NULL THEN mail ELSE excluded.mail END,"
		      " messages = CASE WHEN :messages IS NULL THEN messages"
		      " ELSE excluded.messages END,"
		      " low_fen = CASE WHEN :low = 0 THEN low_fen ELSE excluded.low_fen END",
};

int told_open_statements(struct ledger *l)
{
	return sql_prepare_all(l->db, texts, l->notices, S_COUNT);
}

static bool wanted(const struct ledger *l, enum notice kind)
{
	return (l->cfg.told >> kind & 1) != 0;
}

static struct view_message about(enum notice kind, const char *account, int64_t at_ms)
{
	struct view_message m;

	view_clear(VIEW_message, &m);
	VIEW_SET(&m, kind, notice_info(kind)->token);
	VIEW_SET(&m, account, account);
	m.at = at_ms;
	return m;
}

/* `event` names the kind and what it happened to. */
static int add(struct ledger *l, const struct view_message *m, const char *of)
{
	sqlite3_stmt *stmt = l->notices[S_ADD];
	char event[64];
	int rc;

	snprintf(event, sizeof event, "%s:%s", m->kind, of);
	sql_bind_int(stmt, ":at", m->at);
	sql_bind_text(stmt, ":account", m->account);
	sql_bind_text(stmt, ":event", event);
	sql_bind_text(stmt, ":kind", m->kind);
	sql_bind_int(stmt, ":fen", m->fen);
	sql_bind_int(stmt, ":balance_fen", m->balance_fen);
	sql_bind_int(stmt, ":energy_wh", m->energy_wh);
	sql_bind_int(stmt, ":price_e5", m->price_e5);
	sql_bind_text(stmt, ":gun", m->gun);
	sql_bind_int(stmt, ":bill", m->bill);
	l->noticed = true;
	rc = sql_run(stmt);
	return rc != 0 || sqlite3_changes(l->db) == 0 ? rc : ledger_message(l, NULL, m->at);
}

bool told_written(struct ledger *l)
{
	bool written = l->noticed;

	l->noticed = false;
	return written;
}

/* ---- Balances ---- */

/* By how much the posting makes the customer richer, held money included, and the debt that it
 * makes. */
static void sum_legs(const struct posting *p, const char *account, int64_t *gain, int64_t *debt)
{
	*gain = 0;
	*debt = 0;
	for (size_t i = 0; i < p->legs; i++) {
		const struct leg *leg = &p->leg[i];

		if (leg->owner == NULL || strcmp(leg->owner, account) != 0) {
			continue;
		}
		if (leg->kind == LEDGER_WALLET || leg->kind == LEDGER_HELD ||
			leg->kind == LEDGER_DEBT) {
			*gain -= leg->fen;
		}
		if (leg->kind == LEDGER_DEBT) {
			*debt += leg->fen;
		}
	}
}

/* All that a customer has with the site; a prepayment that is held is still the customer's. */
static int worth(struct ledger *l, const char *account, int64_t *wallet, int64_t *all)
{
	int64_t held, debt;
	int rc = ledger_balance(l, LEDGER_WALLET, account, wallet);

	rc = rc != 0 ? rc : ledger_balance(l, LEDGER_HELD, account, &held);
	rc = rc != 0 ? rc : ledger_balance(l, LEDGER_DEBT, account, &debt);
	if (rc == 0) {
		*all = *wallet + held - debt;
	}
	return rc;
}

static int threshold(struct ledger *l, const char *account, int64_t *low_fen)
{
	sqlite3_stmt *stmt = l->notices[S_LOW];
	int rc;

	sql_bind_text(stmt, ":account", account);
	rc = sql_step(stmt);
	*low_fen = rc == 1 ? sql_int(stmt, 0) : VALUE_NONE;
	sqlite3_reset(stmt);
	if (*low_fen == VALUE_NONE) {
		*low_fen = l->cfg.low_fen;
	}
	return rc < 0 ? rc : 0;
}

/* Told when the balance falls over the threshold: not again before it was above it. */
static int look_low(struct ledger *l, const struct posting *p, const char *of, int64_t gain,
	int64_t wallet, int64_t after)
{
	struct view_message m = about(NOTICE_LOW, p->account, p->at_ms);
	int64_t low_fen;
	int rc = threshold(l, p->account, &low_fen);

	if (rc != 0 || low_fen <= 0 || after >= low_fen || after - gain < low_fen) {
		return rc;
	}
	m.balance_fen = wallet;
	return add(l, &m, of);
}

int told_posted(struct ledger *l, const struct posting *p, int64_t tx)
{
	struct view_message m;
	int64_t gain, debt, wallet, after;
	char of[24];
	int rc;

	if (l->cfg.told == 0 || p->account == NULL || p->account[0] == '\0') {
		return 0;
	}
	sum_legs(p, p->account, &gain, &debt);
	if (gain == 0 && debt == 0) {
		return 0;
	}
	snprintf(of, sizeof of, "%lld", (long long)tx);
	rc = worth(l, p->account, &wallet, &after);
	m = about(p->kind == TX_REFUND ? NOTICE_REFUND : NOTICE_TOPUP, p->account, p->at_ms);
	m.fen = p->fen;
	m.balance_fen = wallet;
	if (rc == 0 && ((p->kind == TX_REFUND && wanted(l, NOTICE_REFUND)) ||
			       (p->kind == TX_TOPUP && wanted(l, NOTICE_TOPUP)))) {
		rc = add(l, &m, of);
	}
	if (rc == 0 && debt > 0 && wanted(l, NOTICE_DEBT)) {
		m = about(NOTICE_DEBT, p->account, p->at_ms);
		m.fen = debt;
		m.balance_fen = wallet;
		rc = add(l, &m, of);
	}
	if (rc == 0 && gain < 0 && wanted(l, NOTICE_LOW)) {
		rc = look_low(l, p, of, gain, wallet, after);
	}
	return rc;
}

/* ---- Charges ---- */

int told_billed(struct ledger *l, int64_t bill, int64_t at_ms)
{
	const struct bill *b = &l->all->bill;
	struct view_message m = about(NOTICE_ENDED, b->account, at_ms);
	int rc;

	if (b->account[0] == '\0' || !wanted(l, NOTICE_ENDED)) {
		return 0;
	}
	VIEW_SET(&m, gun, b->gun);
	m.bill = bill;
	m.energy_wh = b->sum.wh;
	m.fen = b->total_fen;
	rc = ledger_balance(l, LEDGER_WALLET, b->account, &m.balance_fen);
	return rc != 0 ? rc : add(l, &m, b->session);
}

int told_order(struct ledger *l, const struct view_order *o, int64_t now_ms)
{
	struct view_message m = about(NOTICE_BEGUN, o->account, now_ms);
	int rc;

	if (!wanted(l, NOTICE_BEGUN) || strcmp(o->state, "charging") != 0 ||
		strcmp(o->kind, "paid") != 0 || o->account[0] == '\0') {
		return 0;
	}
	VIEW_SET(&m, gun, o->gun);
	m.fen = o->hold_fen;
	rc = evidence_price(l->evidence, o, (struct wall){now_ms}, &m.price_e5);
	return rc != 0 && rc != ERR_NOTFOUND ? rc : add(l, &m, o->id);
}

int told_pin(struct ledger *l, const char *account, int64_t until_ms, int64_t at_ms)
{
	struct view_message m = about(NOTICE_PIN, account, at_ms);
	char of[44];

	snprintf(of, sizeof of, "%s:%lld", account, (long long)until_ms);
	return wanted(l, NOTICE_PIN) ? add(l, &m, of) : 0;
}

/* ---- How a customer is reached ---- */

static bool one_of(const char *text, const char *a, const char *b)
{
	return text == NULL || strcmp(text, "-") == 0 || strcmp(text, a) == 0 ||
	       strcmp(text, b) == 0;
}

static bool good_mail(const char *text)
{
	return text == NULL || strcmp(text, "-") == 0 ||
	       (text[0] != '-' && strchr(text, '@') != NULL &&
		       strpbrk(text, " \t\r\n<>\"'\\") == NULL);
}

int told_contact(struct ledger *l, const struct money_op *op, struct money_result *out)
{
	sqlite3_stmt *stmt = l->notices[S_CONTACT];
	struct log_row row = {.at = op->at_ms,
		.change = "set",
		.by = op->by,
		.origin = op->origin,
		.reason = op->reason};
	int rc;

	if (op->language == NULL && op->mail == NULL && op->messages == NULL && op->low_fen == 0) {
		return 0;
	}
	out->message = !one_of(op->language, "zh", "en")        ? N_("language: zh, en")
		       : !one_of(op->messages, "all", "needed") ? N_("messages: all, needed")
		       : !good_mail(op->mail)                   ? N_("mail: one mail address")
								: NULL;
	if (out->message != NULL) {
		return ERR_INVAL;
	}
	sql_bind_text(stmt, ":account", op->account);
	sql_bind_text(stmt, ":language", op->language);
	sql_bind_text(stmt, ":mail", op->mail);
	sql_bind_text(stmt, ":messages", op->messages);
	sql_bind_int(stmt, ":low", op->low_fen);
	rc = sql_run(stmt);
	return rc != 0 ? rc : ledger_logged(l, LOGGED_CONTACT, op->account, &row);
}
