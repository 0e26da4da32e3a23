#ifndef PILED_AUDIT_H
#define PILED_AUDIT_H
/*
 * The audit log: one row for each command and refusal, append only (triggers refuse anything
 * else), each row's hash over its fields and the hash of the row before (chain.h).
 */
#include "chain.h"
#include "sql.h"
#include "store.h"

/* person, origin, role, method, params, result */
#define AUDIT_TEXTS 6

/* The writer's side; for db/store.c alone. */
struct audit;
int audit_open(sqlite3 *db, struct audit **out);
void audit_close(struct audit *audit);
/* Appends one row, in the transaction that is open. */
int audit_put(struct audit *audit, struct wall at, const char *const text[AUDIT_TEXTS]);

/* Rows as view_audit, newest first. `by`: only this person's; NULL = all. */
struct audit_filter {
	struct wall from, to; /* ms 0 = open */
	const char *by;
	size_t limit; /* 0 = 100 */
};
int store_audit_list(struct store_reader *reader, const struct audit_filter *filter,
	int (*each)(void *arg, const void *view), void *arg);

/* Recomputes the chain of a database file, whether an agent runs on it or not; the caller need
 * only be able to read it. 0 also where a row is wrong: the verdict says so,
 * `what` being a message id. With `known_id` > 0
 * that row must have this hash. ERR_NOTFOUND, ERR_VERSION (no audit log in it), ERR_CORRUPT,
 * ERR_IO. */
int audit_verify(
	const char *path, int64_t known_id, const char *known_hash, struct view_verdict *out);

#endif
