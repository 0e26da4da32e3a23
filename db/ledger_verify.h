#ifndef PILED_LEDGER_VERIFY_H
#define PILED_LEDGER_VERIFY_H
/*
 * The ledger proved from empty hands: everything that is posted, billed or logged is recomputed
 * from what it stands on, in the file alone, by whoever may read it, whether an agent runs or not.
 *
 * In this order, and the first row that is wrong is named:
 *   ledger_log        its chain; each account with its cards and contact, order, entry of the work
 *                     list, message and tariff against its last row
 *   ledger_tx         its chain with all entries; sums of zero, nothing below zero, what closes and
 *                     reverses; the balance that each row notes; each bill's hash
 *   bill              its hash; its evidence (session, order, half-hour registers); all lines and
 *                     amounts computed anew from registers and tariff
 *   ledger_balance    the sums of the entries
 *   cash_day, sale_day  the sums of transactions and bills by day, where they are whole; a row is
 *                     named by its day
 *   ledger_head       the signatures of the days, where there is a public key
 */
#include "sql.h"
#include "view.h"

/* `path`: a site.db. `pub`: a public key's file; NULL: ledger.pub beside the database, and without
 * one the signatures are not checked. 0 also where a row is wrong: proof.wrong names it ("" = all
 * is right) and proof.what says what it is, a message id. ERR_NOTFOUND, ERR_VERSION (no ledger in
 * it), ERR_CORRUPT (no database, or no key), ERR_IO, ERR_NOMEM. */
int ledger_verify(const char *path, const char *pub, struct view_proof *out);

/* The last `rows` transactions and log rows only, as at the agent's start. `row` gets the name of
 * the one that is wrong, "" = none. */
int ledger_verify_tail(sqlite3 *db, int64_t rows, char *row, size_t size);

/* One bill, from its registers, and that its transaction has its hash: 0 with proof.wrong as above;
 * ERR_NOTFOUND. */
int ledger_verify_bill(sqlite3 *db, int64_t bill, struct view_proof *out);

/* The same in a file alone, with the bill's row. Errors of ledger_verify(), and ERR_NOTFOUND. */
int ledger_verify_file_bill(
	const char *path, int64_t number, struct view_bill *bill, struct view_proof *out);

/* The signed ends of days in a file, by day. Errors of ledger_verify(). */
int ledger_verify_file_heads(const char *path, int (*each)(void *arg, const void *view), void *arg);

/* Its canonical text, whose SHA-256 is its hash; the caller frees it. ERR_NOTFOUND, ERR_BROKEN. */
int ledger_bill_text(sqlite3 *db, int64_t bill, char **text);

#endif
