#ifndef PILED_MONEY_READ_H
#define PILED_MONEY_READ_H
/*
 * What is known of money: accounts, transactions, bills, the work list. Each calls back row by row;
 * a non-zero return of `each` ends.
 */
#include "store.h"

struct money_filter {
	struct wall from, to; /* ms 0 = open */
	const char *id;       /* just this one: an account, a day; NULL = all */
	int64_t number;       /* the same of bills and entries; 0 = all */
	const char *account;  /* of this account */
	const char *target;   /* gun or pile */
	const char *session;
	const char *search; /* part of a name, phone, plate; an account or card as a whole */
	const char *status; /* of accounts */
	bool active;        /* entries that nobody has decided */
	int64_t stars_max;  /* bills that were rated so low at last; 0 = all */
	size_t limit;       /* newest first; 0 = 100 */
};

typedef int (*money_each)(void *arg, const void *view);

/* view_account, by number. */
int money_accounts(
	struct store_reader *reader, const struct money_filter *f, money_each each, void *arg);
/* view_message of an account, newest first. */
int money_messages(
	struct store_reader *reader, const struct money_filter *f, money_each each, void *arg);
/* view_message of all with a number above `number` that were made since `from`, oldest first. */
int money_undelivered(
	struct store_reader *reader, const struct money_filter *f, money_each each, void *arg);
/* view_posting, newest first. */
int money_postings(
	struct store_reader *reader, const struct money_filter *f, money_each each, void *arg);
/* view_bill, newest first; view_line of a bill, in order. */
int money_bills(
	struct store_reader *reader, const struct money_filter *f, money_each each, void *arg);
int money_lines(struct store_reader *reader, int64_t bill, money_each each, void *arg);
/* view_rating of a bill, newest first. */
int money_ratings(
	struct store_reader *reader, const struct money_filter *f, money_each each, void *arg);
/* view_abnormal, newest first. */
int money_abnormal(
	struct store_reader *reader, const struct money_filter *f, money_each each, void *arg);
/* view_balance, one a kind, those without a posting too. */
int money_balances(struct store_reader *reader, money_each each, void *arg);
/* view_head, by day. */
int money_heads(
	struct store_reader *reader, const struct money_filter *f, money_each each, void *arg);

/* A bill's canonical text, whose SHA-256 is its hash; the caller frees it. ERR_NOTFOUND. */
int money_bill_text(struct store_reader *reader, int64_t bill, char **text);
/* ledger_verify_bill(). */
int money_bill_verify(struct store_reader *reader, int64_t bill, struct view_proof *out);

/* The hash of an account's PIN, "" = none. ERR_NOACCOUNT. */
#define MONEY_PIN_MAX 160
int money_pin(struct store_reader *reader, const char *account, char dst[MONEY_PIN_MAX]);

#endif
