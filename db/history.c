#include "history.h"

#include <stdlib.h>

#include "rebuild.h"
#include "rollup.h"

#define HOUR_MS INT64_C(3600000)
#define ID_MAX  65535
/* Rows of one series in RAM. A large site commits twice as often, for half the memory. */
#define TAIL_MAX       64
#define TAIL_MAX_LARGE 32
#define LARGE          256 /* series */
/* Housekeeping at once: so little that the writer is soon back at its queues. */
#define MERGES_A_STEP  16
#define DELETES_A_STEP 64

struct series {
	int64_t id;
	int64_t hour; /* of the tail */
	struct block tail;
	struct rollup_state state, next;
};

enum statement {
	S_ADD_TAIL,
	S_ENDED,
	S_GET_BLOCK,
	S_GET_TAIL,
	S_PUT_BLOCK,
	S_DELETE_TAIL,
	S_DELETE_OLD,
	S_COUNT
};

static const char *const texts[S_COUNT] = {
	[S_ADD_TAIL] = "INSERT INTO tail (hour, series, data) VALUES (:hour, :series, :data)",
	[S_ENDED] = "SELECT hour, series FROM tail WHERE hour < :hour GROUP BY 1, 2 LIMIT :limit",
	[S_GET_BLOCK] = "SELECT data FROM block WHERE id = :id",
	[S_GET_TAIL] = "SELECT data FROM tail WHERE hour = :hour AND series = :series ORDER BY id",
	[S_PUT_BLOCK] = "INSERT OR REPLACE INTO block (id, rows, data) VALUES (:id, :rows, :data)",
	[S_DELETE_TAIL] = "DELETE FROM tail WHERE hour = :hour AND series = :series",
	[S_DELETE_OLD] = ("DELETE FROM block WHERE id IN"
			  " (SELECT id FROM block WHERE id < :id ORDER BY id LIMIT :limit)"),
};

struct history {
	sqlite3 *db;
	sqlite3_stmt *stmt[S_COUNT];
	struct rollup_table *rollups;
	struct codec *codec;
	struct series *series;
	size_t series_count, tail_max;
	int64_t utc_offset_s, retention_days;
	int64_t latest_hour; /* of any row so far */
	size_t dirty;        /* series with a tail */
	struct bytes bytes;
	struct block merge;
};

static int64_t hour_of(struct wall at)
{
	return at.ms / HOUR_MS - (at.ms % HOUR_MS < 0);
}

static int set_meta(sqlite3 *db, const char *key, int64_t value)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sql_prepare(
		db, "INSERT OR REPLACE INTO meta (key, value) VALUES (:key, :value)", &stmt);

	if (rc == 0) {
		sql_bind_text(stmt, ":key", key);
		sql_bind_int(stmt, ":value", value);
		rc = sql_run(stmt);
	}
	sqlite3_finalize(stmt);
	return rc;
}

static int series_id(sqlite3_stmt *find, const char *name, int64_t *id)
{
	int rc;

	sql_bind_text(find, ":name", name);
	rc = sql_step(find);
	if (rc == 1) {
		*id = sql_int(find, 0);
		sqlite3_reset(find);
		return *id >= 0 && *id <= ID_MAX ? 0 : ERR_RANGE;
	}
	return rc != 0 ? rc : ERR_NOTFOUND;
}

static int add_series(struct history *h, const struct store_cfg *cfg)
{
	sqlite3_stmt *add = NULL, *find = NULL;
	int rc = sql_prepare(h->db, "INSERT OR IGNORE INTO series (name) VALUES (:name)", &add);

	rc = rc != 0 ? rc : sql_prepare(h->db, "SELECT id FROM series WHERE name = :name", &find);
	for (size_t i = 0; rc == 0 && i < cfg->series_count; i++) {
		sql_bind_text(add, ":name", cfg->series[i]);
		rc = sql_run(add);
		rc = rc != 0 ? rc : series_id(find, cfg->series[i], &h->series[i].id);
	}
	sqlite3_finalize(add);
	sqlite3_finalize(find);
	return rc;
}

/* Makes roll-ups anew where that was asked for, or where the site's day begins at another time. */
static int renew_rollups(struct history *h, const struct store_cfg *cfg)
{
	int64_t offset;
	int rc = sql_one_int(h->db,
		"SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'utc_offset_s'", &offset);
	bool moved = rc == 0 && offset != cfg->utc_offset_s;

	if (rc != 0 && rc != ERR_NOTFOUND) {
		return rc;
	}
	rc = 0;
	if (cfg->rebuild) {
		rc = rebuild_all(h->db, cfg->utc_offset_s);
	} else if (moved) {
		rc = rebuild_days(h->db, cfg->utc_offset_s);
	}
	return rc != 0 ? rc : set_meta(h->db, "utc_offset_s", cfg->utc_offset_s);
}

static int register_all(struct history *h, const struct store_cfg *cfg)
{
	int rc = sql_exec(h->db, "BEGIN IMMEDIATE");

	if (rc != 0) {
		return rc;
	}
	rc = add_series(h, cfg);
	rc = rc != 0 ? rc : renew_rollups(h, cfg);
	rc = sql_end(h->db, rc);
	for (size_t i = 0; rc == 0 && i < h->series_count; i++) {
		rc = rollup_resume(h->db, ROLLUP_DAY, h->series[i].id, &h->series[i].state);
	}
	return rc;
}

int history_open(sqlite3 *db, const struct store_cfg *cfg, struct history **out)
{
	struct history *h = calloc(1, sizeof *h);
	int rc = 0;

	if (h == NULL) {
		return ERR_NOMEM;
	}
	h->db = db;
	h->utc_offset_s = cfg->utc_offset_s;
	h->retention_days = cfg->retention_days;
	h->latest_hour = INT64_MIN;
	h->series_count = cfg->series_count;
	h->tail_max = cfg->series_count > LARGE ? TAIL_MAX_LARGE : TAIL_MAX;
	h->series = calloc(cfg->series_count + 1, sizeof *h->series);
	if (h->series == NULL) {
		rc = ERR_NOMEM;
	}
	rc = rc != 0 ? rc : codec_new(&h->codec);
	rc = rc != 0 ? rc : rollup_open(db, &h->rollups);
	for (int i = 0; rc == 0 && i < S_COUNT; i++) {
		rc = sql_prepare(db, texts[i], &h->stmt[i]);
	}
	rc = rc != 0 ? rc : register_all(h, cfg);
	if (rc != 0) {
		history_close(h);
		return rc;
	}
	*out = h;
	return 0;
}

void history_close(struct history *h)
{
	if (h == NULL) {
		return;
	}
	for (int i = 0; i < S_COUNT; i++) {
		sqlite3_finalize(h->stmt[i]);
	}
	rollup_close(h->rollups);
	codec_free(h->codec);
	for (size_t i = 0; h->series != NULL && i < h->series_count; i++) {
		block_release(&h->series[i].tail);
	}
	free(h->series);
	bytes_release(&h->bytes);
	block_release(&h->merge);
	free(h);
}

int history_row(struct history *h, size_t series, struct wall at, const struct store_value *values,
	size_t count)
{
	struct series *s = &h->series[series];
	int64_t hour = hour_of(at);
	int rc;

	if (s->tail.rows >= h->tail_max || (s->tail.rows > 0 && hour != s->hour)) {
		return ERR_FULL;
	}
	rc = block_append(&s->tail, at, values, count);
	if (rc != 0) {
		return rc;
	}
	s->hour = hour;
	h->dirty += s->tail.rows == 1;
	if (hour > h->latest_hour) {
		h->latest_hour = hour;
	}
	return 0;
}

bool history_dirty(const struct history *h)
{
	return h->dirty > 0;
}

static int commit_series(struct history *h, struct series *s)
{
	sqlite3_stmt *stmt = h->stmt[S_ADD_TAIL];
	int rc;

	h->bytes.n = 0;
	rc = block_encode(h->codec, &s->tail, &h->bytes);
	if (rc != 0) {
		return rc;
	}
	sql_bind_int(stmt, ":hour", s->hour);
	sql_bind_int(stmt, ":series", s->id);
	sql_bind_blob(stmt, ":data", h->bytes.p, h->bytes.n);
	rc = sql_run(stmt);
	s->next = s->state;
	return rc != 0 ? rc : rollup_apply(h->rollups, s->id, h->utc_offset_s, &s->tail, &s->next);
}

int history_commit(struct history *h)
{
	int rc;

	if (h->dirty == 0) {
		return 0;
	}
	/* Only these commits promise to outlive a power cut. */
	rc = sql_exec(h->db, "PRAGMA synchronous=FULL; BEGIN IMMEDIATE");
	if (rc == 0) {
		for (size_t i = 0; rc == 0 && i < h->series_count; i++) {
			if (h->series[i].tail.rows > 0) {
				rc = commit_series(h, &h->series[i]);
			}
		}
		rc = sql_end(h->db, rc);
	}
	sql_exec(h->db, "PRAGMA synchronous=NORMAL");
	if (rc != 0) {
		return rc;
	}
	for (size_t i = 0; i < h->series_count; i++) {
		if (h->series[i].tail.rows > 0) {
			h->series[i].state = h->series[i].next;
			block_clear(&h->series[i].tail);
		}
	}
	h->dirty = 0;
	return 0;
}

/* Appends the blocks that a bound statement gives to h->merge. What is corrupt is left out: it
 * cannot be read again either. */
static int gather(struct history *h, sqlite3_stmt *stmt)
{
	int rc;

	while ((rc = sql_step(stmt)) == 1) {
		rc = block_decode(h->codec, sqlite3_column_blob(stmt, 0),
			(size_t)sqlite3_column_bytes(stmt, 0), -1, &h->merge);
		if (rc != 0 && rc != ERR_CORRUPT && rc != ERR_FULL) {
			sqlite3_reset(stmt);
			return rc;
		}
	}
	return rc;
}

static int put_block(struct history *h, int64_t key)
{
	sqlite3_stmt *stmt = h->stmt[S_PUT_BLOCK];
	int rc = block_sort(&h->merge);

	h->bytes.n = 0;
	rc = rc != 0 ? rc : block_encode(h->codec, &h->merge, &h->bytes);
	if (rc != 0) {
		return rc;
	}
	sql_bind_int(stmt, ":id", key);
	sql_bind_int(stmt, ":rows", (int64_t)h->merge.rows);
	sql_bind_blob(stmt, ":data", h->bytes.p, h->bytes.n);
	return sql_run(stmt);
}

/* Makes one block of the chunks of a series' hour, and of the block that is there already. */
static int merge(struct history *h, int64_t hour, int64_t series)
{
	int64_t key = hour * (ID_MAX + 1) + series;
	int rc;

	block_release(&h->merge);
	sql_bind_int(h->stmt[S_GET_BLOCK], ":id", key);
	rc = gather(h, h->stmt[S_GET_BLOCK]);
	sql_bind_int(h->stmt[S_GET_TAIL], ":hour", hour);
	sql_bind_int(h->stmt[S_GET_TAIL], ":series", series);
	rc = rc != 0 ? rc : gather(h, h->stmt[S_GET_TAIL]);
	if (rc == 0 && h->merge.rows > 0) {
		rc = put_block(h, key);
	}
	if (rc == 0) {
		sql_bind_int(h->stmt[S_DELETE_TAIL], ":hour", hour);
		sql_bind_int(h->stmt[S_DELETE_TAIL], ":series", series);
		rc = sql_run(h->stmt[S_DELETE_TAIL]);
	}
	return rc;
}

/* Hours that have ended and are not merged. Returns how many it found, or ERR_*. */
static int find_ended(struct history *h, int64_t found[MERGES_A_STEP][2])
{
	sqlite3_stmt *stmt = h->stmt[S_ENDED];
	int n = 0, rc;

	sql_bind_int(stmt, ":hour", h->latest_hour);
	sql_bind_int(stmt, ":limit", MERGES_A_STEP);
	while ((rc = sql_step(stmt)) == 1) {
		if (n < MERGES_A_STEP) {
			found[n][0] = sql_int(stmt, 0);
			found[n][1] = sql_int(stmt, 1);
			n++;
		}
	}
	return rc != 0 ? rc : n;
}

static int delete_old(struct history *h)
{
	sqlite3_stmt *stmt = h->stmt[S_DELETE_OLD];
	int rc;

	if (h->retention_days <= 0) {
		return 0;
	}
	sql_bind_int(stmt, ":id", (h->latest_hour - h->retention_days * 24) * (ID_MAX + 1));
	sql_bind_int(stmt, ":limit", DELETES_A_STEP);
	rc = sql_run(stmt);
	return rc != 0 ? rc : sqlite3_changes(h->db) == DELETES_A_STEP;
}

static int merge_ended(struct history *h)
{
	int64_t found[MERGES_A_STEP][2] = {{0}};
	int n = find_ended(h, found), rc;

	if (n <= 0) {
		return n;
	}
	rc = sql_exec(h->db, "BEGIN IMMEDIATE");
	if (rc != 0) {
		return rc;
	}
	for (int i = 0; rc == 0 && i < n; i++) {
		rc = merge(h, found[i][0], found[i][1]);
	}
	rc = sql_end(h->db, rc);
	block_release(&h->merge);
	return rc != 0 ? rc : n == MERGES_A_STEP;
}

int history_tidy(struct history *h)
{
	int rc, more;

	if (h->latest_hour == INT64_MIN) {
		return 0;
	}
	more = merge_ended(h);
	rc = more < 0 ? more : delete_old(h);
	return rc < 0 ? rc : rc > 0 || more > 0;
}
