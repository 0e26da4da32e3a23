/*
 * PINs tried in vain, in a row. A try is counted before the PIN is looked at, so that neither
 * asking side by side nor a kill in between gives one for nothing; the right PIN takes it back.
 */
#include "ledger_int.h"
#include "told.h"

/* Where nothing is configured. */
#define TRIES_DEFAULT   5
#define LOCK_MS_DEFAULT (INT64_C(900) * MS_PER_S)

enum statement { S_READ, S_WRITE, S_FORGET, S_COUNT };
_Static_assert(S_COUNT <= PIN_STATEMENTS, "room for the statements");

static const char *const texts[S_COUNT] = {
	[S_READ] = "SELECT a.pin IS NOT NULL, p.wrong, p.until FROM account a"
		   " LEFT JOIN pin_try p ON p.account = a.id WHERE a.id = :account",
	[S_WRITE] = "INSERT INTO pin_try VALUES (:account, :wrong, :until) ON CONFLICT (account)"
		    " DO UPDATE SET wrong = excluded.wrong, until = excluded.until",
	[S_FORGET] = "DELETE FROM pin_try WHERE account = :account",
};

struct tries {
	int64_t wrong;
	int64_t until_ms; /* VALUE_NONE = the PIN is not refused */
};

int pin_open_statements(struct ledger *l)
{
	return sql_prepare_all(l->db, texts, l->pins, S_COUNT);
}

static int64_t most(const struct ledger *l)
{
	return l->cfg.pin_tries > 0 ? l->cfg.pin_tries : TRIES_DEFAULT;
}

static int64_t lock_ms(const struct ledger *l)
{
	return l->cfg.pin_lock_ms > 0 ? l->cfg.pin_lock_ms : LOCK_MS_DEFAULT;
}

/* ERR_NOACCOUNT; ERR_NOTFOUND: it has no PIN. */
static int read_tries(struct ledger *l, const char *account, struct tries *out)
{
	sqlite3_stmt *stmt = l->pins[S_READ];
	int rc;

	sql_bind_text(stmt, ":account", account);
	rc = sql_step(stmt);
	if (rc != 1) {
		return rc == 0 ? ERR_NOACCOUNT : rc;
	}
	rc = sql_int(stmt, 0) == 1 ? 0 : ERR_NOTFOUND;
	out->wrong = sqlite3_column_int64(stmt, 1); /* 0 where there is no row */
	out->until_ms = sql_int(stmt, 2);
	sqlite3_reset(stmt);
	return rc;
}

static int write_tries(struct ledger *l, const char *account, const struct tries *t)
{
	sqlite3_stmt *stmt = l->pins[S_WRITE];

	sql_bind_text(stmt, ":account", account);
	sql_bind_int(stmt, ":wrong", t->wrong);
	sql_bind_int(stmt, ":until", t->until_ms);
	return sql_run(stmt);
}

int pin_forget(struct ledger *l, const char *account)
{
	sqlite3_stmt *stmt = l->pins[S_FORGET];

	sql_bind_text(stmt, ":account", account);
	return sql_run(stmt);
}

/* Refuses the PIN from now on. That is an answer, not a failure: it is kept. */
static int lock(
	struct ledger *l, const struct money_op *op, struct tries *t, struct money_result *out)
{
	int rc;

	t->until_ms = op->at_ms + lock_ms(l);
	out->err = ERR_PINLOCKED;
	rc = write_tries(l, op->account, t);
	return rc != 0 ? rc : told_pin(l, op->account, t->until_ms, op->at_ms);
}

/* Whether the PIN is refused now. A clock that was set back far does not refuse it for ever. */
static bool locked(const struct ledger *l, const struct tries *t, int64_t now_ms)
{
	return t->until_ms != VALUE_NONE && now_ms < t->until_ms &&
	       t->until_ms - now_ms <= 2 * lock_ms(l);
}

static int take_try(
	struct ledger *l, const struct money_op *op, struct tries *t, struct money_result *out)
{
	if (locked(l, t, op->at_ms)) {
		return ERR_PINLOCKED;
	}
	if (t->until_ms != VALUE_NONE) {
		*t = (struct tries){0, VALUE_NONE};
	}
	if (t->wrong >= most(l)) {
		return lock(l, op, t, out); /* those that were taken are looked at still */
	}
	t->wrong++;
	return write_tries(l, op->account, t);
}

int pin_do(struct ledger *l, const struct money_op *op, struct money_result *out)
{
	struct tries t;
	int rc = read_tries(l, op->account, &t);

	if (rc != 0) {
		return rc;
	}
	view_set_text(out->account, sizeof out->account, op->account);
	switch (op->kind) {
	case MONEY_PINTRY:
		return take_try(l, op, &t, out);
	case MONEY_PINWRONG:
		return t.until_ms == VALUE_NONE && t.wrong >= most(l) ? lock(l, op, &t, out) : 0;
	default:
		return pin_forget(l, op->account);
	}
}
