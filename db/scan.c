#include "scan.h"

#include "reader.h"

struct scan {
	sqlite3 *db;
	sqlite3_stmt *block, *tail;
	struct codec *codec;
	struct block rows;
	int only;
	size_t corrupt;
};

int scan_series(sqlite3 *db, const char *name, int64_t *id)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sql_prepare(db, "SELECT id FROM series WHERE name = :name", &stmt);

	if (rc == 0) {
		sql_bind_text(stmt, ":name", name);
		rc = sql_step(stmt);
		if (rc == 1) {
			*id = sql_int(stmt, 0);
			rc = 0;
		} else if (rc == 0) {
			rc = ERR_NOTFOUND;
		}
	}
	sqlite3_finalize(stmt);
	return rc;
}

/* The first or last hour of both tables; VALUE_NONE where they are empty. */
static int edge_hour(sqlite3 *db, bool last, int64_t *out)
{
	static const char *const queries[2][2] = {
		{"SELECT min(id) / 65536 FROM block", "SELECT min(hour) FROM tail"},
		{"SELECT max(id) / 65536 FROM block", "SELECT max(hour) FROM tail"}};
	int64_t a, b;
	int rc = sql_one_int(db, queries[last][0], &a);

	rc = rc != 0 ? rc : sql_one_int(db, queries[last][1], &b);
	if (rc == 0) {
		*out = a == VALUE_NONE || (b != VALUE_NONE && (last ? b > a : b < a)) ? b : a;
	}
	return rc;
}

int scan_range(sqlite3 *db, struct wall *from, struct wall *to)
{
	int64_t first, last;
	int rc = edge_hour(db, false, &first);

	rc = rc != 0 ? rc : edge_hour(db, true, &last);
	if (rc != 0) {
		return rc;
	}
	if (first == VALUE_NONE) {
		return ERR_NOTFOUND;
	}
	if (from->ms == 0 || from->ms < first * HOUR_MS) {
		from->ms = first * HOUR_MS;
	}
	if (to->ms == 0 || to->ms > (last + 1) * HOUR_MS) {
		to->ms = (last + 1) * HOUR_MS;
	}
	return from->ms < to->ms ? 0 : ERR_NOTFOUND;
}

static int gather(struct scan *s, sqlite3_stmt *stmt)
{
	int rc;

	while ((rc = sql_step(stmt)) == 1) {
		rc = block_decode(s->codec, sqlite3_column_blob(stmt, 0),
			(size_t)sqlite3_column_bytes(stmt, 0), s->only, &s->rows);
		if (rc == ERR_CORRUPT || rc == ERR_FULL) {
			s->corrupt++;
		} else if (rc != 0) {
			sqlite3_reset(stmt);
			return rc;
		}
	}
	return rc;
}

static int read_hour(struct scan *s, int64_t series, int64_t hour)
{
	/* within a transaction of the caller's it is part of that */
	bool own = sqlite3_get_autocommit(s->db) != 0;
	int rc = own ? reader_begin(s->db) : 0;

	block_clear(&s->rows);
	if (rc != 0) {
		return rc;
	}
	sql_bind_int(s->block, ":id", hour * SERIES_STEP + series);
	rc = gather(s, s->block);
	sql_bind_int(s->tail, ":hour", hour);
	sql_bind_int(s->tail, ":series", series);
	rc = rc != 0 ? rc : gather(s, s->tail);
	if (own) {
		reader_end(s->db);
	}
	return rc != 0 ? rc : block_sort(&s->rows);
}

int scan_hours(sqlite3 *db, int64_t series, struct wall from, struct wall to, int only,
	int (*each)(void *arg, const struct block *block), void *arg, size_t *corrupt)
{
	struct scan s = {.db = db, .only = only};
	int rc = codec_new(&s.codec);

	rc = rc != 0 ? rc : sql_prepare(db, "SELECT data FROM block WHERE id = :id", &s.block);
	rc = rc != 0 ? rc
		     : sql_prepare(db,
			       "SELECT data FROM tail WHERE hour = :hour AND series = :series"
			       " ORDER BY id",
			       &s.tail);
	for (int64_t hour = from.ms / HOUR_MS; rc == 0 && hour * HOUR_MS < to.ms; hour++) {
		rc = read_hour(&s, series, hour);
		if (rc == 0 && s.rows.rows > 0) {
			rc = each(arg, &s.rows);
		}
	}
	if (corrupt != NULL) {
		*corrupt = s.corrupt;
	}
	sqlite3_finalize(s.block);
	sqlite3_finalize(s.tail);
	codec_free(s.codec);
	block_release(&s.rows);
	return rc;
}
