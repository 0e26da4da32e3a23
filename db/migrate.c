#include "migrate.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct migration table[] = {
#define MIGRATION(name, version, text) {#name, version, text},
#include "migrations.inc"
#undef MIGRATION
};
#define COUNT (sizeof table / sizeof table[0])

static int newest_of(const struct migration *steps, size_t count, const char *name)
{
	int newest = 0;

	for (size_t i = 0; i < count; i++) {
		if (strcmp(steps[i].name, name) == 0 && steps[i].version > newest) {
			newest = steps[i].version;
		}
	}
	return newest;
}

int migrate_newest(const char *name)
{
	return newest_of(table, COUNT, name);
}

static int get_version(sqlite3 *db, int *version)
{
	int64_t n;
	int rc = sql_one_int(db, "PRAGMA user_version", &n);

	if (rc == 0) {
		*version = (int)n;
	}
	return rc;
}

int migrate_check(const char *name, const char *path, int *version)
{
	sqlite3 *db = NULL;
	int rc = sql_open(path, SQL_READ, &db);

	*version = 0;
	if (rc == ERR_NOTFOUND) {
		return 0;
	}
	if (rc == 0) {
		rc = get_version(db, version);
	}
	if (rc == 0 && *version > migrate_newest(name)) {
		rc = ERR_VERSION;
	}
	sql_close(db);
	return rc;
}

int migrate_quick_check(sqlite3 *db)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sql_prepare(db, "PRAGMA quick_check(1)", &stmt);

	if (rc == 0) {
		rc = sql_step(stmt);
		if (rc == 1) {
			rc = strcmp(sql_text(stmt, 0), "ok") == 0 ? 0 : ERR_CORRUPT;
		}
	}
	sqlite3_finalize(stmt);
	return rc;
}

/* A copy that is whole or absent: written beside its name, then renamed. */
static int copy(sqlite3 *db, const char *path, int version)
{
	char to[PATH_MAX], part[PATH_MAX];
	sqlite3 *target = NULL;
	sqlite3_backup *backup;
	int rc;

	if (snprintf(to, sizeof to, "%s.schema%d", path, version) >= (int)sizeof to ||
		snprintf(part, sizeof part, "%s.part", to) >= (int)sizeof part) {
		return ERR_TOOLONG;
	}
	unlink(part);
	rc = sql_error(sqlite3_open(part, &target));
	if (rc == 0) {
		backup = sqlite3_backup_init(target, "main", db, "main");
		if (backup == NULL) {
			rc = sql_error(sqlite3_errcode(target));
		} else {
			sqlite3_backup_step(backup, -1);
			rc = sql_error(sqlite3_backup_finish(backup));
		}
	}
	sqlite3_close(target);
	if (rc == 0 && rename(part, to) != 0) {
		rc = ERR_IO;
	}
	if (rc != 0) {
		unlink(part);
	}
	return rc;
}

static int apply(sqlite3 *db, const struct migration *m)
{
	char text[64];
	int rc = sql_exec(db, "BEGIN IMMEDIATE");

	if (rc != 0) {
		return rc;
	}
	snprintf(text, sizeof text, "PRAGMA user_version=%d", m->version);
	rc = sql_exec(db, m->text);
	if (rc == 0) {
		rc = sql_exec(db, text);
	}
	return sql_end(db, rc);
}

int migrate_steps(sqlite3 *db, const char *path, const struct migration *steps, size_t count,
	const char *name)
{
	int version, newest = newest_of(steps, count, name);
	int rc = get_version(db, &version);

	if (rc != 0 || version >= newest) {
		return rc;
	}
	if (version > 0) {
		rc = migrate_quick_check(db);
		if (rc == 0) {
			rc = copy(db, path, version);
		}
	}
	for (size_t i = 0; rc == 0 && i < count; i++) {
		if (strcmp(steps[i].name, name) == 0 && steps[i].version > version) {
			rc = apply(db, &steps[i]);
		}
	}
	return rc;
}

int migrate_run(sqlite3 *db, const char *name, const char *path)
{
	return migrate_steps(db, path, table, COUNT, name);
}
