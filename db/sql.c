#include "sql.h"

#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "text.h"

/* Memory is bounded by these: KiB of page cache a connection. */
#define CACHE_KIB 512
#define BUSY_MS   2000

int sql_error(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return 0;
	case SQLITE_FULL:
		return ERR_FULL;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return ERR_CORRUPT;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return ERR_BUSY;
	case SQLITE_NOMEM:
		return ERR_NOMEM;
	case SQLITE_CONSTRAINT:
	case SQLITE_MISMATCH:
	case SQLITE_TOOBIG:
		return ERR_INVAL;
	case SQLITE_READONLY:
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return ERR_IO;
	default:
		return ERR_INTERNAL;
	}
}

int sql_exec(sqlite3 *db, const char *text)
{
	return sql_error(sqlite3_exec(db, text, NULL, NULL, NULL));
}

static int set_up(sqlite3 *db, enum sql_mode mode)
{
	char text[256];
	int rc;

	sqlite3_extended_result_codes(db, 1);
	sqlite3_busy_timeout(db, BUSY_MS);
	snprintf(text, sizeof text, "PRAGMA cache_size=-%d; PRAGMA temp_store=MEMORY;", CACHE_KIB);
	rc = sql_exec(db, text);
	if (rc != 0) {
		return rc;
	}
	if (mode == SQL_READ) {
		return sql_exec(db, "PRAGMA query_only=1;");
	}
	snprintf(text, sizeof text,
		"PRAGMA journal_mode=WAL; PRAGMA synchronous=%s; PRAGMA foreign_keys=1;"
		"PRAGMA journal_size_limit=4194304;",
		mode == SQL_FULL ? "FULL" : "NORMAL");
	return sql_exec(db, text);
}

/* A closed database of whose folder the reader may write nothing: SQLite, which would make files
 * beside it, is told that nobody changes it. */
static bool is_still(const char *path)
{
	const char *slash = strrchr(path, '/');
	char other[PATH_MAX];

	if (snprintf(other, sizeof other, "%s-wal", path) >= (int)sizeof other ||
		access(other, F_OK) == 0) {
		return false;
	}
	snprintf(other, sizeof other, "%.*s", slash == NULL ? 1 : (int)(slash - path + 1),
		slash == NULL ? "." : path);
	return access(other, W_OK) != 0;
}

/* The path as a URI. ERR_TOOLONG. */
static int still_uri(const char *path, char *dst, size_t size)
{
	size_t used = 0;
	int rc = text_append(dst, size, &used, "file:");

	for (; rc == 0 && *path != '\0'; path++) {
		rc = text_append(dst, size, &used, strchr("%?#", *path) != NULL ? "%%%02x" : "%c",
			(unsigned char)*path);
	}
	return rc != 0 ? rc : text_append(dst, size, &used, "?immutable=1");
}

int sql_recover(const char *path)
{
	char journal[PATH_MAX];
	sqlite3 *db = NULL;
	int64_t version;
	int rc;

	if (snprintf(journal, sizeof journal, "%s-journal", path) >= (int)sizeof journal) {
		return ERR_TOOLONG;
	}
	if (access(journal, F_OK) != 0 || access(path, F_OK) != 0) {
		return 0;
	}
	rc = sql_error(
		sqlite3_open_v2(path, &db, SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READWRITE, NULL));
	rc = rc != 0 ? rc : sql_one_int(db, "PRAGMA user_version", &version);
	sqlite3_close(db);
	return rc;
}

/* Several threads read at a time: SQLite's accounts of memory, under one lock, are not kept. */
static void configure(void)
{
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

int sql_open(const char *path, enum sql_mode mode, sqlite3 **out)
{
	int flags = SQLITE_OPEN_NOMUTEX |
		    (mode == SQL_READ ? SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
				      : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
	char uri[PATH_MAX];
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	sqlite3 *db = NULL;
	int rc;

	pthread_once(&once, configure);
	if (mode == SQL_READ && access(path, F_OK) != 0) {
		return ERR_NOTFOUND;
	}
	if (mode == SQL_READ && is_still(path)) {
		rc = still_uri(path, uri, sizeof uri);
		if (rc != 0) {
			return rc;
		}
		path = uri;
	}
	rc = sql_error(sqlite3_open_v2(path, &db, flags, NULL));
	if (rc == 0) {
		rc = set_up(db, mode);
	}
	if (rc != 0) {
		sqlite3_close(db);
		return rc;
	}
	*out = db;
	return 0;
}

void sql_close(sqlite3 *db)
{
	sqlite3_close_v2(db);
}

int sql_prepare(sqlite3 *db, const char *text, sqlite3_stmt **out)
{
	return sql_error(sqlite3_prepare_v3(db, text, -1, SQLITE_PREPARE_PERSISTENT, out, NULL));
}

int sql_prepare_all(sqlite3 *db, const char *const *texts, sqlite3_stmt **out, size_t count)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < count; i++) {
		rc = sql_prepare(db, texts[i], &out[i]);
	}
	return rc;
}

void sql_finalize(sqlite3_stmt **stmts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		sqlite3_finalize(stmts[i]);
		stmts[i] = NULL;
	}
}

int sql_end(sqlite3 *db, int rc)
{
	if (rc == 0) {
		rc = sql_exec(db, "COMMIT");
	}
	if (rc != 0 && !sqlite3_get_autocommit(db)) {
		sql_exec(db, "ROLLBACK");
	}
	return rc;
}

int sql_step(sqlite3_stmt *stmt)
{
	int rc = sqlite3_step(stmt);

	if (rc == SQLITE_ROW) {
		return 1;
	}
	sqlite3_reset(stmt);
	return sql_error(rc);
}

int sql_run(sqlite3_stmt *stmt)
{
	int rc = sqlite3_step(stmt);

	sqlite3_reset(stmt);
	return sql_error(rc);
}

void sql_bind_int(sqlite3_stmt *stmt, const char *name, int64_t value)
{
	int i = sqlite3_bind_parameter_index(stmt, name);

	if (value == VALUE_NONE) {
		sqlite3_bind_null(stmt, i);
	} else {
		sqlite3_bind_int64(stmt, i, value);
	}
}

void sql_bind_text(sqlite3_stmt *stmt, const char *name, const char *text)
{
	int i = sqlite3_bind_parameter_index(stmt, name);

	if (text == NULL || text[0] == '\0') {
		sqlite3_bind_null(stmt, i);
	} else {
		sqlite3_bind_text(stmt, i, text, -1, SQLITE_STATIC);
	}
}

void sql_bind_blob(sqlite3_stmt *stmt, const char *name, const void *data, size_t size)
{
	int i = sqlite3_bind_parameter_index(stmt, name);

	sqlite3_bind_blob64(stmt, i, data, size, SQLITE_STATIC);
}

int64_t sql_int(sqlite3_stmt *stmt, int column)
{
	int64_t value = sqlite3_column_int64(stmt, column);

	/* NULL reads as 0: only then is its type worth a call */
	return value == 0 && sqlite3_column_type(stmt, column) == SQLITE_NULL ? VALUE_NONE : value;
}

const char *sql_text(sqlite3_stmt *stmt, int column)
{
	const char *text = (const char *)sqlite3_column_text(stmt, column);

	return text != NULL ? text : "";
}

void sql_add(struct sql_text *t, const char *format, ...)
{
	size_t left = sizeof t->text - t->length;
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(t->text + t->length, left, format, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= left) {
		t->overflow = true;
	} else {
		t->length += (size_t)n;
	}
}

int sql_prepare_text(sqlite3 *db, const struct sql_text *t, sqlite3_stmt **out)
{
	return t->overflow ? ERR_TOOLONG : sql_prepare(db, t->text, out);
}

int sql_one_int(sqlite3 *db, const char *query, int64_t *out)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sql_prepare(db, query, &stmt);

	if (rc == 0) {
		rc = sql_step(stmt);
		if (rc == 1) {
			*out = sql_int(stmt, 0);
			rc = 0;
		} else if (rc == 0) {
			rc = ERR_NOTFOUND;
		}
	}
	sqlite3_finalize(stmt);
	return rc;
}
