#include "record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const enum view_kind kinds[] = {VIEW_session, VIEW_visit, VIEW_fault, VIEW_alarm,
	VIEW_outbox, VIEW_command, VIEW_tag, VIEW_slimit, VIEW_order, VIEW_mark, VIEW_decision,
	VIEW_trial, VIEW_note, VIEW_standing, VIEW_reservation};
#define KINDS (sizeof kinds / sizeof kinds[0])

struct record_set {
	sqlite3_stmt *put[VIEW_COUNT_];
	sqlite3_stmt *untag;
};

const struct record_info *record_info(enum view_kind kind)
{
	static const struct record_info table[VIEW_COUNT_] = {
		[VIEW_session] = {"start", "gun", "end"},
		[VIEW_visit] = {"plugged", "gun", "unplugged"},
		[VIEW_fault] = {"raised", "target", "cleared"},
		[VIEW_alarm] = {"raised", "target", "ended"},
		[VIEW_outbox] = {"created", "recipient", "ended"},
		[VIEW_command] = {"asked", "target", "ended"},
		[VIEW_tag] = {"since", "target", NULL},
		[VIEW_slimit] = {"from", "node", "ended"},
		[VIEW_trial] = {"asked", "target", "ended"},
		[VIEW_note] = {"at", "target", NULL},
		[VIEW_standing] = {"at", "gun", NULL},
		[VIEW_order] = {"asked", "gun", "ended"},
		[VIEW_reservation] = {"from", "gun", "ended"},
		[VIEW_mark] = {"at", "session", NULL},
		[VIEW_decision] = {"at", "gun", NULL},
	};

	return kind < VIEW_COUNT_ && table[kind].time != NULL ? &table[kind] : NULL;
}

/* Appends each field's key from the one numbered `from`, between `before` and `after`. */
static void add_each(struct sql_text *t, const struct view_info *v, size_t from, const char *before,
	const char *after)
{
	for (size_t i = from; i < v->count; i++) {
		sql_add(t, "%s%s%s%s", i > from ? ", " : "", before, v->fields[i].key, after);
	}
}

void record_columns(enum view_kind kind, struct sql_text *t)
{
	add_each(t, view_info(kind), 0, "\"", "\"");
}

static int prepare_put(sqlite3 *db, enum view_kind kind, sqlite3_stmt **out)
{
	const struct view_info *v = view_info(kind);
	struct sql_text t = {.length = 0};

	sql_add(&t, "INSERT INTO \"%s\" (", v->name);
	add_each(&t, v, 0, "\"", "\"");
	sql_add(&t, ") VALUES (");
	add_each(&t, v, 0, ":", "");
	if (kind == VIEW_mark) {
		/* latched once: what comes again is the same mark */
		sql_add(&t, ") ON CONFLICT DO NOTHING");
		return sql_prepare_text(db, &t, out);
	}
	sql_add(&t, ") ON CONFLICT (\"%s\") DO UPDATE SET ", v->fields[0].key);
	for (size_t i = 1; i < v->count; i++) {
		const char *key = v->fields[i].key;

		sql_add(&t, "%s\"%s\" = excluded.\"%s\"", i > 1 ? ", " : "", key, key);
	}
	return sql_prepare_text(db, &t, out);
}

/* A field that view.def gained becomes a column: SQLite adds one without touching the rows. */
static int add_missing(sqlite3 *db, enum view_kind kind)
{
	const struct view_info *v = view_info(kind);
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < v->count; i++) {
		const struct field *f = &v->fields[i];
		struct sql_text t = {.length = 0};

		if (sqlite3_table_column_metadata(
			    db, NULL, v->name, f->key, NULL, NULL, NULL, NULL, NULL) == SQLITE_OK) {
			continue;
		}
		sql_add(&t, "ALTER TABLE \"%s\" ADD COLUMN \"%s\" %s", v->name, f->key,
			f->unit == UNIT_TEXT ? "TEXT" : "INTEGER");
		rc = t.overflow ? ERR_TOOLONG : sql_exec(db, t.text);
	}
	return rc;
}

int record_open(sqlite3 *db, struct record_set **out)
{
	struct record_set *set = calloc(1, sizeof *set);
	int rc = 0;

	if (set == NULL) {
		return ERR_NOMEM;
	}
	for (size_t i = 0; rc == 0 && i < KINDS; i++) {
		rc = add_missing(db, kinds[i]);
		if (rc == 0) {
			rc = prepare_put(db, kinds[i], &set->put[kinds[i]]);
		}
	}
	if (rc == 0) {
		rc = sql_prepare(db, "DELETE FROM tag WHERE target = :target", &set->untag);
	}
	if (rc != 0) {
		record_close(set);
		return rc;
	}
	*out = set;
	return 0;
}

void record_close(struct record_set *set)
{
	if (set == NULL) {
		return;
	}
	for (size_t i = 0; i < VIEW_COUNT_; i++) {
		sqlite3_finalize(set->put[i]);
	}
	sqlite3_finalize(set->untag);
	free(set);
}

int record_put(struct record_set *set, enum view_kind kind, const void *view)
{
	const struct view_info *v = view_info(kind);
	sqlite3_stmt *stmt = set->put[kind];
	char name[64];

	if (kind == VIEW_tag && ((const struct view_tag *)view)->by[0] == '\0') {
		sql_bind_text(set->untag, ":target", ((const struct view_tag *)view)->target);
		return sql_run(set->untag);
	}
	for (size_t i = 0; i < v->count; i++) {
		const struct field *f = &v->fields[i];

		snprintf(name, sizeof name, ":%s", f->key);
		if (f->unit == UNIT_TEXT) {
			sql_bind_text(stmt, name, view_text(f, view));
		} else {
			sql_bind_int(stmt, name, view_int(f, view));
		}
	}
	return sql_run(stmt);
}

void record_read(enum view_kind kind, sqlite3_stmt *stmt, void *view)
{
	const struct view_info *v = view_info(kind);

	view_clear(kind, view);
	for (size_t i = 0; i < v->count; i++) {
		const struct field *f = &v->fields[i];
		char *field = (char *)view + f->offset;

		if (f->unit == UNIT_TEXT) {
			view_set_text(field, f->size, sql_text(stmt, (int)i));
		} else {
			memcpy(field, &(int64_t){sql_int(stmt, (int)i)}, sizeof(int64_t));
		}
	}
}
