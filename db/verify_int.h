#ifndef PILED_VERIFY_INT_H
#define PILED_VERIFY_INT_H
/* What the files of ledger_verify() share among themselves. */
#include "ledger_int.h"
#include "ledger_verify.h"
#include "verify_days.h"

/* An account of the ledger and what its entries sum up to. */
struct verify_account {
	enum ledger_kind kind;
	char owner[20];
	int64_t fen;
	bool used;
};

struct verify {
	sqlite3 *db;
	struct chain *chain;
	struct view_proof *out;
	struct verify_account *accounts; /* by their number */
	size_t account_count;            /* the highest number, and one */
	/* What transactions and bills sum up to by day; NULL = not looked at. */
	struct day_sums *cash, *sales;
};

/* A row is wrong: its name, and what it is (a message id). Returns 1, which ends each pass. */
int verify_wrong(struct verify *v, const char *what, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Each pass: 0 = right so far, 1 = a row is wrong, or ERR_*. */
int verify_log(struct verify *v, int64_t from);
/* Rows of a kind numbered from..to against the log; *seen counts them. All of them, and none gone.
 */
int verify_rows(struct verify *v, enum logged_kind kind, int64_t from, int64_t to, int64_t *seen);
int verify_logged(struct verify *v, enum logged_kind kind);
int verify_tariffs(struct verify *v);
int verify_chain(struct verify *v, int64_t from);
int verify_balances(struct verify *v);
/* Before the transactions and bills, and after them. */
int verify_sums_begin(struct verify *v);
int verify_sums_end(struct verify *v);
int verify_heads(struct verify *v, const char *pub);
/* The bills numbered from..to, on a connection of their own. */
int verify_bills(struct verify *v, int64_t from, int64_t to);
/* Lines of bills that have none of these numbers. */
int verify_stray_lines(struct verify *v);

#endif
