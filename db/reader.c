#include "reader.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "migrate.h"
#include "record.h"
#include "rollup.h"

#define LIMIT_DEFAULT 100

static int open_one(const char *folder, const char *file, const char *name, sqlite3 **out)
{
	char path[PATH_MAX];
	int version = 0, rc;

	if (snprintf(path, sizeof path, "%s/%s", folder, file) >= (int)sizeof path) {
		return ERR_TOOLONG;
	}
	rc = migrate_check(name, path, &version);
	if (rc == 0 && version < migrate_newest(name)) {
		rc = version == 0 ? ERR_NOTFOUND : ERR_VERSION;
	}
	return rc != 0 ? rc : sql_open(path, SQL_READ, out);
}

int store_reader_open(const char *folder, struct store_reader **out)
{
	struct store_reader *r = calloc(1, sizeof *r);
	int rc;

	if (r == NULL) {
		return ERR_NOMEM;
	}
	rc = open_one(folder, STORE_SITE_FILE, "site", &r->site);
	if (rc == 0) {
		rc = open_one(folder, STORE_HISTORY_FILE, "history", &r->history);
	}
	if (rc == 0) {
		rc = sql_one_int(r->history,
			"SELECT coalesce(max(CAST(value AS INTEGER)), 0) FROM meta"
			" WHERE key = 'utc_offset_s'",
			&r->utc_offset_s);
	}
	if (rc != 0) {
		store_reader_close(r);
		return rc;
	}
	*out = r;
	return 0;
}

void store_reader_close(struct store_reader *r)
{
	if (r == NULL) {
		return;
	}
	sql_close(r->site);
	sql_close(r->history);
	free(r);
}

int reader_begin(sqlite3 *db)
{
	return sql_exec(db, "BEGIN");
}

void reader_end(sqlite3 *db)
{
	sql_exec(db, "COMMIT");
}

void reader_target(const char *target, struct reader_range *out)
{
	memset(out, 0, sizeof *out);
	if (target == NULL) {
		return;
	}
	out->exact = target;
	if (strchr(target, '.') == NULL) {
		/* '/' follows '.': between the two lie the guns of this pile */
		snprintf(out->after, sizeof out->after, "%.24s.", target);
		snprintf(out->before, sizeof out->before, "%.24s/", target);
	}
}

static void add_filter(struct sql_text *t, enum view_kind kind, const struct store_filter *f)
{
	const struct record_info *info = record_info(kind);

	if (f->id != NULL) {
		sql_add(t, " AND \"%s\" = :id", view_info(kind)->fields[0].key);
	}
	if (f->from.ms != 0) {
		sql_add(t, " AND \"%s\" >= :from", info->time);
	}
	if (f->to.ms != 0) {
		sql_add(t, " AND \"%s\" < :to", info->time);
	}
	if (f->active && info->open != NULL) {
		sql_add(t, " AND \"%s\" IS NULL", info->open);
	}
	if (f->target != NULL && strchr(f->target, '.') != NULL) {
		sql_add(t, " AND \"%s\" = :target", info->target);
	} else if (f->target != NULL) {
		sql_add(t, " AND (\"%s\" = :target OR (\"%s\" >= :after AND \"%s\" < :before))",
			info->target, info->target, info->target);
	}
}

static int each_row(sqlite3_stmt *stmt, enum view_kind kind,
	int (*each)(void *arg, const void *view), void *arg)
{
	union view_any view;
	int rc;

	while ((rc = sql_step(stmt)) == 1) {
		record_read(kind, stmt, &view);
		rc = each(arg, &view);
		if (rc != 0) {
			break;
		}
	}
	return rc;
}

int store_list(struct store_reader *r, enum view_kind kind, const struct store_filter *f,
	int (*each)(void *arg, const void *view), void *arg)
{
	const struct record_info *info = record_info(kind);
	struct reader_range range;
	struct sql_text t = {.length = 0};
	sqlite3_stmt *stmt = NULL;
	int rc;

	if (info == NULL) {
		return ERR_INVAL;
	}
	sql_add(&t, "SELECT ");
	record_columns(kind, &t);
	sql_add(&t, " FROM \"%s\" WHERE 1", view_info(kind)->name);
	add_filter(&t, kind, f);
	/* a mark has no number: session and time are its key */
	sql_add(&t, " ORDER BY \"%s\" DESC%s LIMIT :limit", info->time,
		kind == VIEW_mark ? "" : ", rowid DESC");
	rc = sql_prepare_text(r->site, &t, &stmt);
	if (rc == 0) {
		reader_target(f->target, &range);
		sql_bind_text(stmt, ":id", f->id);
		sql_bind_int(stmt, ":from", f->from.ms);
		sql_bind_int(stmt, ":to", f->to.ms);
		sql_bind_text(stmt, ":target", range.exact);
		sql_bind_text(stmt, ":after", range.after);
		sql_bind_text(stmt, ":before", range.before);
		sql_bind_int(stmt, ":limit",
			f->limit == 0                  ? LIMIT_DEFAULT
			: f->limit > (size_t)INT64_MAX ? INT64_MAX
						       : (int64_t)f->limit);
		rc = each_row(stmt, kind, each, arg);
	}
	sqlite3_finalize(stmt);
	return rc;
}

struct resume {
	enum view_kind kind;
	int (*each)(void *arg, enum view_kind kind, const void *view);
	void *arg;
};

static int resume_row(void *arg, const void *view)
{
	struct resume *r = arg;

	return r->each(r->arg, r->kind, view);
}

static int resume_today(void *arg, const struct view_energy *row)
{
	struct resume *r = arg;
	struct view_gun gun;

	view_clear(VIEW_gun, &gun);
	view_set_text(gun.id, sizeof gun.id, row->target);
	gun.energy_wh = row->end_wh;
	gun.today_wh = row->energy_wh;
	gun.today_s = row->charging_s;
	gun.today_sessions = row->sessions;
	return r->each(r->arg, VIEW_gun, &gun);
}

int store_open_marks(struct store_reader *r, int (*each)(void *arg, const void *view), void *arg)
{
	struct sql_text t = {.length = 0};
	sqlite3_stmt *stmt = NULL;
	int rc;

	sql_add(&t, "SELECT ");
	record_columns(VIEW_mark, &t);
	sql_add(&t, " FROM mark WHERE session IN (SELECT id FROM session WHERE \"end\" IS NULL)"
		    " ORDER BY session, at");
	rc = sql_prepare_text(r->site, &t, &stmt);
	if (rc == 0) {
		rc = each_row(stmt, VIEW_mark, each, arg);
	}
	sqlite3_finalize(stmt);
	return rc;
}

/* The last limit of each target that was seen to be obeyed, lifted ones too, in order: a pile with
 * one gun and that gun are the same. */
static int resume_limits(struct store_reader *reader, struct resume *r)
{
	struct sql_text t = {.length = 0};
	sqlite3_stmt *stmt = NULL;
	int rc;

	sql_add(&t, "SELECT ");
	record_columns(VIEW_command, &t);
	sql_add(&t, " FROM command WHERE rowid IN (SELECT max(rowid) FROM command"
		    " WHERE verb = 'limit' AND state = 'verified' GROUP BY target) ORDER BY rowid");
	rc = sql_prepare_text(reader->site, &t, &stmt);
	if (rc == 0) {
		r->kind = VIEW_command;
		rc = each_row(stmt, VIEW_command, resume_row, r);
	}
	sqlite3_finalize(stmt);
	return rc;
}

/* Where the register of each gun stood when its last session ended. */
static int resume_registers(struct store_reader *reader, const struct resume *r)
{
	sqlite3_stmt *stmt = NULL;
	struct view_gun gun;
	int rc = sql_prepare(reader->site,
		"SELECT gun, end_wh, max(end_at) FROM session"
		" WHERE end_wh IS NOT NULL AND \"end\" IS NOT NULL GROUP BY gun",
		&stmt);

	while (rc == 0 && (rc = sql_step(stmt)) == 1) {
		view_clear(VIEW_gun, &gun);
		view_set_text(gun.id, sizeof gun.id, sql_text(stmt, 0));
		gun.energy_wh = sql_int(stmt, 1);
		gun.seen = sql_int(stmt, 2);
		rc = r->each(r->arg, VIEW_gun, &gun);
	}
	sqlite3_finalize(stmt);
	return rc;
}

int store_resume(struct store_reader *reader, struct wall now,
	int (*each)(void *arg, enum view_kind kind, const void *view), void *arg)
{
	static const enum view_kind kinds[] = {VIEW_tag, VIEW_slimit, VIEW_trial, VIEW_visit,
		VIEW_session, VIEW_order, VIEW_standing, VIEW_reservation, VIEW_alarm, VIEW_fault};
	struct store_filter filter = {.active = true, .limit = SIZE_MAX};
	struct resume r = {VIEW_tag, each, arg};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < sizeof kinds / sizeof kinds[0]; i++) {
		r.kind = kinds[i];
		rc = store_list(reader, kinds[i], &filter, resume_row, &r);
	}
	if (rc == 0) {
		r.kind = VIEW_mark;
		rc = store_open_marks(reader, resume_row, &r);
	}
	if (rc == 0) {
		rc = resume_limits(reader, &r);
	}
	if (rc == 0) {
		rc = resume_registers(reader, &r);
	}
	if (rc == 0) {
		int64_t today = rollup_slot(ROLLUP_DAY, now.ms, reader->utc_offset_s);

		rc = store_energy(reader,
			(struct wall){rollup_begin(ROLLUP_DAY, today, reader->utc_offset_s)},
			(struct wall){rollup_begin(ROLLUP_DAY, today + 1, reader->utc_offset_s)},
			NULL, DAY_MS / MS_PER_S, resume_today, &r);
	}
	return rc;
}
