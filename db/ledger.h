#ifndef PILED_LEDGER_H
#define PILED_LEDGER_H
/*
 * The ledger: double entry in site.db, append only, chained. Every function here runs inside a
 * transaction of the caller's on the writer's connection. Amounts are whole fen; in the entries a
 * debit is positive, a credit negative, and the sum of a transaction is zero.
 *
 * What always holds: a wallet and a prepayment held are never below zero; a prepayment is closed
 * at most once; a transaction is reversed or refunded at most once; a key is used once, and whoever
 * comes again with it gets the first result.
 */
#include "chain.h"
#include "sql.h"
#include "view.h"

enum txkind {
#define TXKIND(sym, token, label) TX_##sym,
#include "txkind.def"
#undef TXKIND
	TX_COUNT_
};

enum ledger_kind {
#define LEDGER(sym, token, label) LEDGER_##sym,
#include "ledger.def"
#undef LEDGER
	LEDGER_COUNT_
};

const char *txkind_token(enum txkind kind);
const char *ledger_token(enum ledger_kind kind);
/* ERR_NOTFOUND. */
int ledger_find(const char *token, enum ledger_kind *out);

/* What an account can hold at most: ten billion yuan. */
#define LEDGER_MAX_FEN INT64_C(1000000000000)

/* What somebody asks the ledger to do. */
enum money_kind {
	/* accounts: `account` but for MONEY_OPEN */
	MONEY_OPEN,     /* name, phone, plate, class, notes */
	MONEY_SET,      /* the same and language, mail, messages, low_fen; those that are given */
	MONEY_FREEZE,   /* reason */
	MONEY_UNFREEZE, /* reason */
	MONEY_CLOSE,    /* reason; nothing may be left on it */
	MONEY_CARD,     /* ref: a card's token, for this account */
	MONEY_UNCARD,   /* ref: the token */
	MONEY_PIN,      /* text: the hash of pin_hash(); "" = none any more */
	MONEY_MESSAGE,  /* text */
	/* Before a PIN is looked at, and after it. ERR_NOTFOUND: the account has none;
	 * ERR_PINLOCKED: too many were wrong in a row, it is refused until a time or until it is
	 * set anew. */
	MONEY_PINTRY,
	MONEY_PINWRONG, /* ERR_PINLOCKED: that was one too many */
	MONEY_PINRIGHT,
	/* money: `account` and fen, where not said otherwise */
	MONEY_TOPUP,    /* pays a debt first */
	MONEY_WITHDRAW, /* fen */
	MONEY_HOLD,     /* ref: the order; key is not needed */
	MONEY_RELEASE,  /* ref: the order; account and fen are the hold's */
	MONEY_NOSHOW,   /* ref: a reservation's; its hold becomes a fee */
	MONEY_FEE,      /* ref: what for; from the wallet, else a debt */
	MONEY_WRITEOFF, /* a debt; reason */
	MONEY_REVERSE,  /* tx: a top-up, withdrawal, fee or write-off; reason */
	MONEY_REFUND,   /* bill, or tx: an entry of the work list; fen, 0 = all; reason */
	MONEY_POST,     /* ref: an abnormal session, billed as it stands; reason */
	MONEY_VOID,     /* ref: an abnormal session, nothing is charged; reason */
	/* text: the row that is known to be wrong, "" = none: see ledger_set_broken() */
	MONEY_BROKEN,
	/* tariffs */
	MONEY_TARIFF, /* ref: its id; text; blob: what that means, a struct tariff; replace */
	/* what drivers say: see rating_do() */
	MONEY_RATE /* bill, or ref: its session; stars; text: a remark, NULL = none */
};

struct money_op {
	enum money_kind kind;
	int64_t at_ms; /* wall clock */
	int64_t fen, tx, bill;
	char key[80]; /* makes a retry harmless; "" only where the kind needs none */
	char account[20];
	char ref[64];
	char by[32], origin[48], reason[96];
	/* Borrowed for the call of store_money(), which copies them. NULL = not given. */
	const char *name, *phone, *plate, *class, *notes, *text;
	const char *language, *mail, *messages;
	const void *blob;
	size_t blob_size;
	int64_t low_fen; /* of an account: told when the balance is below; 0 = stays, -1 = none */
	int64_t stars;   /* of a rating, 1 to 5 */
	bool replace;    /* of a tariff: take the place of a planned version */
};

struct money_result {
	int err; /* 0, or why it was refused */
	/* In words what err does not say; a message id, may be NULL. */
	const char *message;
	bool again;       /* the key was known: this is the first result */
	int64_t tx;       /* 0 = none */
	int64_t fen;      /* that was moved */
	int64_t bill;     /* its number, of MONEY_POST, MONEY_REFUND and MONEY_RATE */
	int64_t log;      /* of a change of an account or tariff; 0 = none */
	int64_t version;  /* of a tariff */
	char account[20]; /* the one concerned; "" = none */
	/* Of the account after it. */
	int64_t balance_fen, held_fen, debt_fen;
};

struct ledger;

struct ledger_cfg {
	/* What a charge cost beyond its hold and the wallet: a debt of the account, or a loss. */
	bool overrun_loss;
	/* What customers are told of: 1 << enum notice, and the balance below which they are. */
	uint32_t told;
	int64_t low_fen;
	/* So many wrong PINs in a row, and it is refused for so long; 0 = 5, 15 minutes. */
	int64_t pin_tries, pin_lock_ms;
};

/* Prepares the statements. ledger_close() accepts NULL. */
int ledger_open(sqlite3 *db, const struct ledger_cfg *cfg, struct ledger **out);
void ledger_close(struct ledger *ledger);

/* Does one thing or refuses it; what is refused has posted nothing. Returns 0 when that is decided
 * (out->err), or an error of the database, with which the caller's transaction must end. */
int ledger_do(struct ledger *ledger, const struct money_op *op, struct money_result *out);

/* Errors with which a transaction cannot go on. */
bool ledger_fatal(int err);

/* Takes what an older version did not log into the log, once, in a transaction of its own. */
int ledger_adopt(struct ledger *ledger, int64_t at_ms);

/* An order or reservation was stored: logged where it says something else than before. */
int ledger_order(struct ledger *ledger, const struct view_order *order, int64_t at_ms);
int ledger_reservation(struct ledger *ledger, const struct view_reservation *r, int64_t at_ms);

/* While a row of the ledger is known to be wrong no new prepayment is held; what runs goes on.
 * The row's name is kept; "" = whole again. */
void ledger_set_broken(struct ledger *ledger, const char *row);

/* ---- For the other files of db/ that post ---- */

#define POSTING_LEGS 10

struct leg {
	enum ledger_kind kind;
	const char *owner; /* an account's id; "" = the site */
	int64_t fen;       /* legs of 0 are left out, while two stay */
};

struct posting {
	enum txkind kind;
	const char *key;
	int64_t at_ms;
	const char *account, *ref; /* "" = none */
	int64_t fen;
	int64_t closes, reverses; /* VALUE_NONE = none */
	const char *by, *origin, *reason;
	const unsigned char *bill_hash; /* NULL = no bill */
	bool told_later;                /* who posts calls told_posted(), after what comes first */
	struct leg leg[POSTING_LEGS];
	size_t legs;
};

/* Adds a leg. */
void posting_leg(struct posting *p, enum ledger_kind kind, const char *owner, int64_t fen);

/* Posts it. ERR_FUNDS: a wallet or prepayment would fall below zero; ERR_RANGE: one would hold more
 * than LEDGER_MAX_FEN; ERR_EXISTS: the key is used. */
int ledger_post(struct ledger *ledger, const struct posting *p, int64_t *tx);

/* What an account of the ledger holds, as its owner sees it: wallets, prepayments and revenues
 * positive where credited. 0 where nothing was ever posted. */
int ledger_balance(struct ledger *ledger, enum ledger_kind kind, const char *owner, int64_t *fen);

/* The open hold of an order: its transaction, account and amount. ERR_NOTFOUND: none was ever held;
 * ERR_STATE: it is closed. */
struct ledger_hold {
	int64_t tx, fen;
	char account[20];
};
int ledger_hold_of(struct ledger *ledger, const char *order, struct ledger_hold *out);

#endif
