#ifndef PILED_MIGRATE_H
#define PILED_MIGRATE_H
/*
 * Numbered migrations (db/migrations/NAME-NNN.sql, built into the program). The schema's number
 * is SQLite's user_version; db/schema.sql shows the present schema.
 */
#include <stddef.h>

#include "sql.h"

struct migration {
	const char *name; /* of the database: "site", "history" */
	int version;      /* that the schema has behind it */
	const char *text;
};

/* The newest schema number that this program knows for "site" or "history". */
int migrate_newest(const char *name);

/* Looks at a file without changing it: 0 when it is absent or not newer than this program,
 * ERR_VERSION, ERR_CORRUPT, ERR_IO. *version gets its schema number, 0 where there is none. */
int migrate_check(const char *name, const char *path, int *version);

/* SQLite's quick check of a whole database: ERR_CORRUPT. Reads all of it. */
int migrate_quick_check(sqlite3 *db);

/* Brings an open database from its schema to the newest, each step in a transaction of its own.
 * A database that holds something is checked and copied to PATH.schemaN before. */
int migrate_run(sqlite3 *db, const char *name, const char *path);

/* The same with steps of the caller, in order of version. */
int migrate_steps(sqlite3 *db, const char *path, const struct migration *steps, size_t count,
	const char *name);

#endif
