#ifndef PILED_SQL_H
#define PILED_SQL_H
/*
 * A thin coat over SQLite: opening with the house's settings, errors as ERR_*, binding by name.
 */
#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

#include "reading.h"

enum sql_mode {
	SQL_READ,  /* read only; waits up to 2 s for a lock; needs no right but to read the files */
	SQL_FULL,  /* the writer; each commit is on the disk when it returns */
	SQL_NORMAL /* the writer; survives a kill, not a power cut, until the next sync */
};

/* Opens a database file (created in the writer's modes), WAL. ERR_IO, ERR_CORRUPT, ERR_NOMEM;
 * ERR_NOTFOUND where a file to read is not there. */
int sql_open(const char *path, enum sql_mode mode, sqlite3 **out);
/* Whoever died while making a database, before it was WAL, left a journal that a reader cannot roll
 * back: the writer does, before anybody reads. Does nothing where there is none. */
int sql_recover(const char *path);
/* Accepts NULL. */
void sql_close(sqlite3 *db);

/* ERR_* of an SQLite result; 0 for OK, ROW and DONE. */
int sql_error(int rc);

int sql_exec(sqlite3 *db, const char *text);
int sql_prepare(sqlite3 *db, const char *text, sqlite3_stmt **out);

/* Prepares `count` statements; those that are there are left to sql_finalize(). */
int sql_prepare_all(sqlite3 *db, const char *const *texts, sqlite3_stmt **out, size_t count);
void sql_finalize(sqlite3_stmt **stmts, size_t count);

/* Ends a transaction: commit when rc is 0, else (or when that fails) rollback. Returns rc or what
 * the commit gave. */
int sql_end(sqlite3 *db, int rc);

/* Steps: 1 = a row, 0 = done, or ERR_*. The statement is reset unless there is a row. */
int sql_step(sqlite3_stmt *stmt);
/* Steps a statement that gives no rows, and resets it. */
int sql_run(sqlite3_stmt *stmt);

/* Bind by name (":from"). VALUE_NONE and "" (or NULL) become NULL; texts and blobs are borrowed
 * until the next step is done. A name that the statement does not have is left out. */
void sql_bind_int(sqlite3_stmt *stmt, const char *name, int64_t value);
void sql_bind_text(sqlite3_stmt *stmt, const char *name, const char *text);
void sql_bind_blob(sqlite3_stmt *stmt, const char *name, const void *data, size_t size);

/* A column; VALUE_NONE for NULL. */
int64_t sql_int(sqlite3_stmt *stmt, int column);
/* A column; "" for NULL. Borrowed until the next step. */
const char *sql_text(sqlite3_stmt *stmt, int column);

/* A statement under construction. */
struct sql_text {
	char text[4096];
	size_t length;
	bool overflow; /* it did not fit: sql_prepare_text() gives ERR_TOOLONG */
};
void sql_add(struct sql_text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
int sql_prepare_text(sqlite3 *db, const struct sql_text *t, sqlite3_stmt **out);

/* The integer that a query gives in its first row and column. */
int sql_one_int(sqlite3 *db, const char *query, int64_t *out);

#endif
