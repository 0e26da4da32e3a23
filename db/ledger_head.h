#ifndef PILED_LEDGER_HEAD_H
#define PILED_LEDGER_HEAD_H
/*
 * Daily heads: at the end of each day the last hashes of the ledger are signed (Ed25519), so that
 * whoever keeps a head sees later whether anything before it was changed, also by somebody who can
 * write the whole database.
 *
 * The key is made at the first start: ledger.key (0600) beside the database; ledger.pub is public.
 */
#include "chain.h"
#include "sql.h"

#define LEDGER_KEY_FILE "ledger.key"
#define LEDGER_PUB_FILE "ledger.pub"
#define LEDGER_SIGN     64 /* bytes of a signature */
#define LEDGER_DAY      12 /* "2026-03-01" and its NUL */

struct ledger_key;

/* Opens the key of a folder, or makes it. ERR_IO; ERR_CORRUPT: the file holds no such key. */
int ledger_key_open(const char *folder, struct ledger_key **out);
/* Opens a public key; it can only check. ERR_NOTFOUND, ERR_CORRUPT. */
int ledger_key_public(const char *path, struct ledger_key **out);
void ledger_key_close(struct ledger_key *key);

struct ledger_head {
	char day[LEDGER_DAY];
	char before[LEDGER_DAY]; /* the head before it; "" = it is the first */
	int64_t at;
	int64_t tx; /* the last transaction of the day, 0 = none ever */
	unsigned char hash[CHAIN_SIZE];
	int64_t log; /* the same of ledger_log */
	unsigned char log_hash[CHAIN_SIZE];
	unsigned char signature[LEDGER_SIGN];
};

/* What is signed: one line a value. Its length, or ERR_TOOLONG. */
#define LEDGER_HEAD_TEXT 512
int ledger_head_text(const struct ledger_head *head, char *dst, size_t size);

int ledger_head_sign(struct ledger_key *key, struct ledger_head *head);
/* 0, or ERR_BROKEN where the signature is not that of this head by this key. */
int ledger_head_check(struct ledger_key *key, const struct ledger_head *head);

/* The day's name of an instant, in the site's time. */
void ledger_day(int64_t ms, int64_t utc_offset_s, char day[LEDGER_DAY]);

/* Reads heads in order of days: those from `from` on ("" = all). A non-zero return ends. */
int ledger_heads(sqlite3 *db, const char *from,
	int (*each)(void *arg, const struct ledger_head *head), void *arg);

/* Signs and stores yesterday's head where there is none yet. Inside a transaction of the caller's.
 * 1 = it did, 0 = it is there, or ERR_*. */
int ledger_head_close(sqlite3 *db, struct ledger_key *key, int64_t now_ms, int64_t utc_offset_s);

#endif
