/* Reports of energy: from the roll-ups, and from the sessions' records. */
#include <stdlib.h>
#include <string.h>

#include "reader.h"
#include "rollup.h"

#define NAME_MAX_ 24
#define ID_COUNT  65536

/* A series that takes part, with what it did in the present slot. */
struct part {
	char name[NAME_MAX_];
	int64_t id;
	bool counts; /* its energy is asked for; otherwise only its peak */
	struct rollup sum;
	int64_t sessions;
};

struct report {
	struct store_reader *reader;
	const char *target;
	bool together; /* one row for all parts */
	enum rollup_kind kind;
	int64_t first, end, step; /* slots; step 0 = one row for all */
	struct part *part;        /* in order of name */
	size_t count;
	sqlite3_stmt *sessions;
	int (*each)(void *arg, const struct view_energy *row);
	void *arg;
};

static bool is_gun(const char *name)
{
	return strchr(name, '.') != NULL;
}

/* Does this series' energy belong to the target? */
static bool belongs(const char *target, const char *name)
{
	size_t n;

	if (target == NULL || strcmp(target, "site") == 0) {
		return is_gun(name);
	}
	n = strlen(target);
	return strncmp(name, target, n) == 0 && (name[n] == '\0' || name[n] == '.');
}

static int compare_name(const void *key, const void *part)
{
	return strcmp(key, ((const struct part *)part)->name);
}

static struct part *find_part(const struct report *r, const char *name)
{
	return bsearch(name, r->part, r->count, sizeof *r->part, compare_name);
}

static int add_part(struct report *r, int64_t id, const char *name)
{
	struct part *parts = realloc(r->part, (r->count + 1) * sizeof *parts), *p;

	if (parts == NULL) {
		return ERR_NOMEM;
	}
	r->part = parts;
	p = &parts[r->count++];
	memset(p, 0, sizeof *p);
	view_set_text(p->name, sizeof p->name, name);
	p->id = id;
	p->counts = true;
	return 0;
}

/* The series of the target. A pile with guns counts by them; its own series gives the peak. */
static int choose_parts(struct report *r)
{
	sqlite3_stmt *stmt = NULL;
	size_t guns = 0;
	int rc =
		sql_prepare(r->reader->history, "SELECT id, name FROM series ORDER BY name", &stmt);

	while (rc == 0 && (rc = sql_step(stmt)) == 1) {
		const char *name = sql_text(stmt, 1);

		rc = 0;
		if (belongs(r->target, name) ||
			(r->target != NULL && strcmp(r->target, name) == 0)) {
			rc = add_part(r, sql_int(stmt, 0), name);
			guns += is_gun(name);
		}
	}
	sqlite3_finalize(stmt);
	r->together = r->target != NULL && !is_gun(r->target);
	for (size_t i = 0; r->together && guns > 0 && i < r->count; i++) {
		r->part[i].counts = is_gun(r->part[i].name);
	}
	return rc;
}

static int prepare_sessions(struct report *r)
{
	return sql_prepare(r->reader->site,
		"SELECT gun, count(*) FROM session WHERE start >= :from AND start < :to GROUP BY "
		"gun",
		&r->sessions);
}

static int count_sessions(struct report *r, int64_t from_ms, int64_t to_ms)
{
	int rc;

	sql_bind_int(r->sessions, ":from", from_ms);
	sql_bind_int(r->sessions, ":to", to_ms);
	while ((rc = sql_step(r->sessions)) == 1) {
		struct part *p = find_part(r, sql_text(r->sessions, 0));

		if (p != NULL) {
			p->sessions = sql_int(r->sessions, 1);
		}
	}
	return rc;
}

static void fill_row(struct view_energy *row, const struct part *p)
{
	view_set_text(row->target, sizeof row->target, p->name);
	row->energy_wh = p->sum.energy_wh;
	row->start_wh = p->sum.start_wh;
	row->end_wh = p->sum.end_wh;
	row->peak_w = p->sum.max_w;
	row->charging_s = p->sum.charging_ms / MS_PER_S;
	row->sessions = p->sessions;
}

/* All parts as one row of the target's name. */
static bool fill_together(const struct report *r, struct view_energy *row)
{
	size_t counted = 0;
	int64_t charging_ms = 0, peak_w = VALUE_NONE;
	bool own = false; /* a series of the target's name */

	row->energy_wh = row->sessions = 0;
	for (size_t i = 0; i < r->count; i++) {
		const struct part *p = &r->part[i];

		if (strcmp(p->name, r->target) == 0) {
			peak_w = p->sum.max_w;
			own = true;
		}
		if (p->counts && p->sum.rows > 0) {
			counted++;
			peak_w = own || r->count > 1 ? peak_w : p->sum.max_w; /* its only gun */
			row->energy_wh += p->sum.energy_wh;
			charging_ms += p->sum.charging_ms;
			row->start_wh = p->sum.start_wh;
			row->end_wh = p->sum.end_wh;
		}
		row->sessions += p->sessions;
	}
	if (counted != 1 || r->count != 1) {
		row->start_wh = row->end_wh = VALUE_NONE;
	}
	row->peak_w = peak_w;
	row->charging_s = charging_ms / MS_PER_S;
	view_set_text(row->target, sizeof row->target, r->target);
	return counted > 0;
}

static void clear_parts(struct report *r)
{
	for (size_t i = 0; i < r->count; i++) {
		memset(&r->part[i].sum, 0, sizeof r->part[i].sum);
		r->part[i].sessions = 0;
	}
}

/* Gives the rows of the slots [from, to) and begins anew. */
static int give(struct report *r, int64_t from, int64_t to)
{
	struct view_energy row;
	int rc;

	view_clear(VIEW_energy, &row);
	row.from = rollup_begin(r->kind, from, r->reader->utc_offset_s);
	row.to = rollup_begin(r->kind, to, r->reader->utc_offset_s);
	rc = count_sessions(r, row.from, row.to);
	if (rc == 0 && r->together) {
		rc = fill_together(r, &row) ? r->each(r->arg, &row) : 0;
	}
	for (size_t i = 0; rc == 0 && !r->together && i < r->count; i++) {
		if (r->part[i].sum.rows > 0) {
			fill_row(&row, &r->part[i]);
			rc = r->each(r->arg, &row);
		}
	}
	clear_parts(r);
	return rc;
}

/* Reads the roll-ups in order of time and gives a row, or one each gun, whenever a slot ends. */
static int read_slots(struct report *r, sqlite3_stmt *stmt, const int32_t *index)
{
	int64_t from = r->first, to = r->step > 0 ? r->first + r->step : r->end;
	int rc;

	sql_bind_int(stmt, ":from", ROLLUP_KEY(r->first, 0));
	sql_bind_int(stmt, ":to", ROLLUP_KEY(r->end, 0));
	while ((rc = sql_step(stmt)) == 1) {
		int64_t key = sql_int(stmt, 0), slot = key / ID_COUNT;
		int32_t part = index[key % ID_COUNT];
		struct rollup one;

		if (slot >= to) {
			rc = give(r, from, to);
			if (rc != 0) {
				return rc;
			}
			from += (slot - from) / r->step * r->step;
			to = from + r->step;
		}
		if (part >= 0) {
			rollup_read(stmt, 1, &one);
			rollup_join(&r->part[part].sum, &one);
		}
	}
	return rc != 0 ? rc : give(r, from, to < r->end ? to : r->end);
}

static int run(struct report *r)
{
	static const char *const tables[ROLLUP_KINDS] = {"quarter", "day"};
	struct sql_text t = {.length = 0};
	sqlite3_stmt *stmt = NULL;
	int32_t *index = malloc(ID_COUNT * sizeof *index);
	int rc = index == NULL ? ERR_NOMEM : 0;

	for (size_t i = 0; rc == 0 && i < ID_COUNT; i++) {
		index[i] = -1;
	}
	for (size_t i = 0; rc == 0 && i < r->count; i++) {
		index[r->part[i].id % ID_COUNT] = (int32_t)i;
	}
	sql_add(&t, "SELECT id, %s FROM %s WHERE id >= :from AND id < :to", rollup_columns,
		tables[r->kind]);
	if (r->count == 1) {
		sql_add(&t, " AND id %% 65536 = %lld", (long long)r->part[0].id);
	}
	sql_add(&t, " ORDER BY id");
	rc = rc != 0 ? rc : sql_prepare_text(r->reader->history, &t, &stmt);
	rc = rc != 0 ? rc : prepare_sessions(r);
	rc = rc != 0 ? rc : read_slots(r, stmt, index);
	sqlite3_finalize(stmt);
	sqlite3_finalize(r->sessions);
	free(index);
	return rc;
}

/* An open end of the range becomes the first or last slot that is stored. */
static int edges(struct report *r, struct wall from, struct wall to)
{
	int64_t offset = r->reader->utc_offset_s, first = 0, end = 0;
	bool day = r->kind == ROLLUP_DAY;
	int rc = sql_one_int(r->reader->history,
		day ? "SELECT coalesce(min(id), 0) / 65536 FROM day"
		    : "SELECT coalesce(min(id), 0) / 65536 FROM quarter",
		&first);

	rc = rc != 0 ? rc
		     : sql_one_int(r->reader->history,
			       day ? "SELECT coalesce(max(id), 0) / 65536 + 1 FROM day"
				   : "SELECT coalesce(max(id), 0) / 65536 + 1 FROM quarter",
			       &end);
	r->first = first;
	r->end = end;
	if (rc == 0 && from.ms != 0) {
		r->first = rollup_slot(r->kind, from.ms, offset);
	}
	if (rc == 0 && to.ms != 0) {
		r->end = rollup_slot(r->kind, to.ms - 1, offset) + 1;
	}
	return rc;
}

static bool on_day(struct wall at, int64_t offset)
{
	return at.ms == 0 ||
	       rollup_begin(ROLLUP_DAY, rollup_slot(ROLLUP_DAY, at.ms, offset), offset) == at.ms;
}

int store_energy(struct store_reader *reader, struct wall from, struct wall to, const char *target,
	int64_t slot_s, int (*each)(void *arg, const struct view_energy *row), void *arg)
{
	struct report r = {.reader = reader, .target = target, .each = each, .arg = arg};
	int rc;

	if (slot_s < 0 || slot_s % (QUARTER_MS / MS_PER_S) != 0) {
		return ERR_INVAL;
	}
	if (slot_s == 0) {
		r.kind = on_day(from, reader->utc_offset_s) && on_day(to, reader->utc_offset_s)
				 ? ROLLUP_DAY
				 : ROLLUP_QUARTER;
	} else if (slot_s % (DAY_MS / MS_PER_S) == 0) {
		r.kind = ROLLUP_DAY;
		r.step = slot_s * MS_PER_S / DAY_MS;
	} else {
		r.kind = ROLLUP_QUARTER;
		r.step = slot_s * MS_PER_S / QUARTER_MS;
	}
	rc = choose_parts(&r);
	if (rc == 0 && r.count == 0 && target != NULL && strcmp(target, "site") != 0) {
		rc = ERR_NOTFOUND;
	}
	rc = rc != 0 ? rc : edges(&r, from, to);
	if (rc == 0 && r.count > 0 && r.first < r.end) {
		rc = run(&r);
	}
	free(r.part);
	return rc;
}

int store_totals(struct store_reader *reader, struct wall from, struct wall to, const char *target,
	int (*each)(void *arg, const struct view_energy *row), void *arg)
{
	struct sql_text t = {.length = 0};
	struct reader_range range;
	sqlite3_stmt *stmt = NULL;
	int rc;

	sql_add(&t, "SELECT gun, count(*), sum(energy_wh), sum(duration_s) FROM session"
		    " WHERE start >= :from AND start < :to");
	if (target != NULL && is_gun(target)) {
		sql_add(&t, " AND gun = :target");
	} else if (target != NULL) {
		sql_add(&t, " AND gun >= :after AND gun < :before");
	}
	sql_add(&t, " GROUP BY gun ORDER BY gun");
	rc = sql_prepare_text(reader->site, &t, &stmt);
	if (rc == 0) {
		reader_target(target, &range);
		sql_bind_int(stmt, ":from", from.ms);
		sql_bind_int(stmt, ":to", to.ms == 0 ? INT64_MAX : to.ms);
		sql_bind_text(stmt, ":target", range.exact);
		sql_bind_text(stmt, ":after", range.after);
		sql_bind_text(stmt, ":before", range.before);
	}
	while (rc == 0 && (rc = sql_step(stmt)) == 1) {
		struct view_energy row;

		view_clear(VIEW_energy, &row);
		view_set_text(row.target, sizeof row.target, sql_text(stmt, 0));
		row.from = from.ms;
		row.to = to.ms;
		row.sessions = sql_int(stmt, 1);
		row.energy_wh = sql_int(stmt, 2) == VALUE_NONE ? 0 : sql_int(stmt, 2);
		row.charging_s = sql_int(stmt, 3) == VALUE_NONE ? 0 : sql_int(stmt, 3);
		rc = each(arg, &row);
	}
	sqlite3_finalize(stmt);
	return rc;
}
