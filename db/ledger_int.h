#ifndef PILED_LEDGER_INT_H
#define PILED_LEDGER_INT_H
/* What the files of the ledger share among themselves. */
#include "account.h"
#include "evidence.h"
#include "ledger.h"
#include "logged.h"

#define POST_STATEMENTS    16
#define ACCOUNT_STATEMENTS 20
#define SETTLE_STATEMENTS  12
#define NOTICE_STATEMENTS  4
#define PIN_STATEMENTS     4
#define RATING_STATEMENTS  4

struct ledger {
	sqlite3 *db;
	struct ledger_cfg cfg;
	struct chain *chain;
	char broken[96]; /* the row that is wrong; "" = none is known */
	sqlite3_stmt *post[POST_STATEMENTS];
	sqlite3_stmt *accounts[ACCOUNT_STATEMENTS];
	sqlite3_stmt *settle[SETTLE_STATEMENTS];
	sqlite3_stmt *abnormal[SETTLE_STATEMENTS];
	sqlite3_stmt *notices[NOTICE_STATEMENTS];
	sqlite3_stmt *pins[PIN_STATEMENTS];
	bool noticed; /* a message was written */
	sqlite3_stmt *ratings[RATING_STATEMENTS];
	struct logged *logged;
	struct evidence *evidence;
	struct bill_all *all; /* the bill in hand */
	unsigned char bill_hash[CHAIN_SIZE];
};

/* A row of ledger_tx as it is hashed. */
struct ledger_row {
	int64_t id, at, fen, balance_fen, closes, reverses;
	const char *key, *kind, *account, *ref, *by, *origin, *reason;
	const void *bill_hash;
	size_t bill_hash_size;
};
void ledger_hash_tx(
	struct chain *chain, const unsigned char *previous, const struct ledger_row *row);
void ledger_hash_entry(
	struct chain *chain, int64_t n, const char *kind, const char *owner, int64_t fen);

/* A row of ledger_log as it is hashed, and in the hand of who writes one. */
struct log_row {
	int64_t id, at;
	const char *key, *subject, *target, *change, *by, *origin, *reason;
	const void *row_hash;
	size_t row_hash_size;
};
int log_hash(struct chain *chain, const unsigned char *previous, const struct log_row *row,
	unsigned char out[CHAIN_SIZE]);
/* Writes one; its id and hash are made here. */
int ledger_log(struct ledger *ledger, struct log_row *row);

/* The same of a row that changed (logged.h), as it stands now; its subject, target and row_hash are
 * made here. */
int ledger_logged(
	struct ledger *ledger, enum logged_kind kind, const char *id, struct log_row *row);
/* The same of the message that was just written; `op`: who wrote it, NULL = nobody. */
int ledger_message(struct ledger *ledger, const struct money_op *op, int64_t at_ms);
/* The same where nobody asked for it, and only where the log has not that already. */
int ledger_note(struct ledger *ledger, enum logged_kind kind, const char *id, const char *change,
	int64_t at_ms);

/* A row of tariff as it is hashed; its hash is the row_hash of the log's row too. */
struct tariff_row {
	const char *id, *text, *by, *origin, *reason;
	int64_t version, from_ms, at;
	const void *compiled;
	size_t compiled_size;
};
/* chain_end() gives it. */
void tariff_row_hash_begin(struct chain *chain, const struct tariff_row *row);

/* settle.c */
int settle_open_statements(struct ledger *ledger);

/* account.c */
int account_open_statements(struct ledger *ledger);
int account_do(struct ledger *ledger, const struct money_op *op, struct money_result *out);

/* pin_try.c: MONEY_PINTRY, -WRONG, -RIGHT; and that nothing was tried yet. */
int pin_open_statements(struct ledger *ledger);
int pin_do(struct ledger *ledger, const struct money_op *op, struct money_result *out);
int pin_forget(struct ledger *ledger, const char *account);

/* ERR_NOACCOUNT. */
int account_status(struct ledger *ledger, const char *id, enum account_status *out);
/* That it may be used for what only an active account may: ERR_NOACCOUNT, ERR_FROZEN, ERR_ENDED. */
int account_active(struct ledger *ledger, const char *id);

/* A transaction that is there. */
struct ledger_tx {
	int64_t id, fen;
	int64_t bill;        /* its bill's number, VALUE_NONE = none */
	int64_t reversed_by; /* VALUE_NONE = nothing */
	char kind[12], account[20], ref[64];
};
/* By its key, or where that is NULL by its number. ERR_NOTFOUND. */
int ledger_tx_find(struct ledger *ledger, const char *key, int64_t id, struct ledger_tx *out);
/* Its legs, by as many of `room`; their owners point into `owners`. */
int ledger_tx_legs(struct ledger *ledger, int64_t id, struct leg *legs, char (*owners)[20],
	size_t room, size_t *count);

/* Answers a key that was used before: 0, ERR_NOTFOUND where it was not, ERR_EXISTS where it was for
 * something else. `account` NULL and `fen` VALUE_NONE: whatever it is. */
int ledger_again(struct ledger *ledger, enum txkind kind, const char *key, const char *account,
	int64_t fen, struct money_result *out);

/* Gives the customer back what is due: a debt is paid first. Takes from the customer: what the
 * wallet has not is a debt, or a loss where that is configured. Legs are added. */
int ledger_give(struct ledger *ledger, struct posting *p, const char *account, int64_t fen);
int ledger_take(struct ledger *ledger, struct posting *p, const char *account, int64_t fen);

#endif
