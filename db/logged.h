#ifndef PILED_LOGGED_H
#define PILED_LOGGED_H
/*
 * Rows that change in their life: accounts with their cards and contacts, orders, reservations, the
 * work list, messages to customers, ratings. Each state that counts is logged in ledger_log by the
 * hash of what the row says, so that none of them can be changed, added or taken away unseen. Who
 * writes and who verifies read them by the same statements.
 *
 *   account   all of it, its cards too
 *   contact   how an account's holder is told; all of it
 *   order     what was ordered; from its end on all of it, what became of it too
 *   reservation  likewise
 *   abnormal  all of it, and the session and half-hour registers that it speaks of
 *   message   all of it
 *   rating    all of it
 */
#include "chain.h"
#include "sql.h"

enum logged_kind {
	LOGGED_ACCOUNT,
	LOGGED_ORDER,
	LOGGED_RESERVATION,
	LOGGED_ABNORMAL,
	LOGGED_MESSAGE,
	LOGGED_CONTACT,
	LOGGED_RATING,
	LOGGED_COUNT_
};

/* Its name in ledger_log.subject. */
const char *logged_subject(enum logged_kind kind);

struct logged;

/* Prepares what all kinds need. logged_close() accepts NULL. */
int logged_open(sqlite3 *db, struct logged **out);
void logged_close(struct logged *l);

/* The hash of what a row says now. ERR_NOTFOUND. */
int logged_hash(struct logged *l, struct chain *chain, enum logged_kind kind, const char *id,
	unsigned char hash[CHAIN_SIZE]);

/* Whether the log has this hash last for it: 1 or 0. */
int logged_is(struct logged *l, enum logged_kind kind, const char *id,
	const unsigned char hash[CHAIN_SIZE]);

/* All rows of a kind, those numbered from..to in their table: 1 with the next one's id (valid until
 * the next call) and hash, 0 at the end. */
int logged_first(struct logged *l, enum logged_kind kind, int64_t from, int64_t to);
int logged_next(
	struct logged *l, struct chain *chain, const char **id, unsigned char hash[CHAIN_SIZE]);
/* The highest number of a kind's rows. */
int logged_last_row(sqlite3 *db, enum logged_kind kind, int64_t *out);

/* Whether the log of this database keeps them, as those of older versions do not. 1 or 0. */
int logged_kept(sqlite3 *db, enum logged_kind kind);

/* How many of a kind the log knows, and the first of them that is there no more ("" = none). */
int logged_count(sqlite3 *db, enum logged_kind kind, int64_t *out);
int logged_lost(sqlite3 *db, enum logged_kind kind, char *id, size_t size);

/* The ids of those that the log does not know at all, as a statement of the caller's. */
int logged_unknown(sqlite3 *db, enum logged_kind kind, sqlite3_stmt **out);

#endif
