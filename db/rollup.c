#include "rollup.h"

#include <stdlib.h>
#include <string.h>

#include "state.h"

static const char *const table_names[ROLLUP_KINDS] = {"quarter", "day"};

const char rollup_columns[] = "rows, first_at, last_at, last_state, start_wh, end_wh, energy_wh,"
			      " resets, power_rows, power_sum_w, min_w, max_w, charging_ms";

struct rollup_table {
	sqlite3_stmt *load[ROLLUP_KINDS], *save[ROLLUP_KINDS];
};

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

int64_t rollup_slot(enum rollup_kind kind, int64_t at_ms, int64_t utc_offset_s)
{
	if (kind == ROLLUP_QUARTER) {
		return floor_div(at_ms, QUARTER_MS);
	}
	return floor_div(at_ms + utc_offset_s * MS_PER_S, DAY_MS);
}

int64_t rollup_begin(enum rollup_kind kind, int64_t slot, int64_t utc_offset_s)
{
	if (kind == ROLLUP_QUARTER) {
		return slot * QUARTER_MS;
	}
	return slot * DAY_MS - utc_offset_s * MS_PER_S;
}

static int64_t good_value(const struct block *block, enum point p, size_t row)
{
	const struct block_column *c = block_find(block, (uint16_t)p);
	enum quality q;

	if (c == NULL) {
		return VALUE_NONE;
	}
	q = block_quality(c, row);
	return q == Q_GOOD || q == Q_SUBSTITUTE ? block_value(c, row) : VALUE_NONE;
}

struct rollup_row rollup_row_of(const struct block *block, size_t row)
{
	return (struct rollup_row){block->at_ms[row], good_value(block, PT_STATE, row),
		good_value(block, PT_POWER, row), good_value(block, PT_ENERGY, row)};
}

void rollup_clear(struct rollup *r, const struct rollup_state *state)
{
	*r = (struct rollup){.first_at = VALUE_NONE,
		.last_at = VALUE_NONE,
		.last_state = VALUE_NONE,
		.start_wh = state->last_wh,
		.end_wh = state->last_wh,
		.min_w = VALUE_NONE,
		.max_w = VALUE_NONE};
}

void rollup_add(struct rollup *r, const struct rollup_state *state, const struct rollup_row *row)
{
	if (r->rows++ == 0) {
		r->first_at = row->at_ms;
	}
	if (state->last_state == GUN_CHARGING && row->at_ms > state->last_at &&
		row->at_ms - state->last_at <= ROLLUP_GAP_MS) {
		r->charging_ms += row->at_ms - state->last_at;
	}
	r->last_at = row->at_ms;
	r->last_state = row->state;
	if (row->energy_wh != VALUE_NONE) {
		if (r->start_wh == VALUE_NONE) {
			r->start_wh = row->energy_wh;
		}
		if (state->last_wh != VALUE_NONE && row->energy_wh < state->last_wh) {
			r->resets++;
		} else if (state->last_wh != VALUE_NONE) {
			r->energy_wh += row->energy_wh - state->last_wh;
		}
		r->end_wh = row->energy_wh;
	}
	if (row->power_w != VALUE_NONE) {
		r->power_rows++;
		r->power_sum_w += row->power_w;
		if (r->min_w == VALUE_NONE || row->power_w < r->min_w) {
			r->min_w = row->power_w;
		}
		if (r->max_w == VALUE_NONE || row->power_w > r->max_w) {
			r->max_w = row->power_w;
		}
	}
}

void rollup_join(struct rollup *r, const struct rollup *later)
{
	if (later->rows == 0) {
		return;
	}
	if (r->rows == 0) {
		*r = *later;
		return;
	}
	r->rows += later->rows;
	r->last_at = later->last_at;
	r->last_state = later->last_state;
	r->start_wh = r->start_wh != VALUE_NONE ? r->start_wh : later->start_wh;
	r->end_wh = later->end_wh != VALUE_NONE ? later->end_wh : r->end_wh;
	r->energy_wh += later->energy_wh;
	r->resets += later->resets;
	r->power_rows += later->power_rows;
	r->power_sum_w += later->power_sum_w;
	if (later->min_w != VALUE_NONE && (r->min_w == VALUE_NONE || later->min_w < r->min_w)) {
		r->min_w = later->min_w;
	}
	if (later->max_w != VALUE_NONE && (r->max_w == VALUE_NONE || later->max_w > r->max_w)) {
		r->max_w = later->max_w;
	}
	r->charging_ms += later->charging_ms;
}

int rollup_open(sqlite3 *db, struct rollup_table **out)
{
	struct rollup_table *t = calloc(1, sizeof *t);
	int rc = 0;

	if (t == NULL) {
		return ERR_NOMEM;
	}
	for (int k = 0; rc == 0 && k < ROLLUP_KINDS; k++) {
		struct sql_text load = {.length = 0}, save = {.length = 0};

		sql_add(&load, "SELECT %s FROM %s WHERE id = :id", rollup_columns, table_names[k]);
		sql_add(&save,
			"INSERT OR REPLACE INTO %s (id, %s) VALUES (:id, :rows, :first_at,"
			" :last_at, :last_state, :start_wh, :end_wh, :energy_wh, :resets,"
			" :power_rows, :power_sum_w, :min_w, :max_w, :charging_ms)",
			table_names[k], rollup_columns);
		rc = sql_prepare_text(db, &load, &t->load[k]);
		rc = rc != 0 ? rc : sql_prepare_text(db, &save, &t->save[k]);
	}
	if (rc != 0) {
		rollup_close(t);
		return rc;
	}
	*out = t;
	return 0;
}

void rollup_close(struct rollup_table *t)
{
	if (t == NULL) {
		return;
	}
	for (int k = 0; k < ROLLUP_KINDS; k++) {
		sqlite3_finalize(t->load[k]);
		sqlite3_finalize(t->save[k]);
	}
	free(t);
}

void rollup_read(sqlite3_stmt *stmt, int column, struct rollup *out)
{
	int64_t *const fields[] = {&out->rows, &out->first_at, &out->last_at, &out->last_state,
		&out->start_wh, &out->end_wh, &out->energy_wh, &out->resets, &out->power_rows,
		&out->power_sum_w, &out->min_w, &out->max_w, &out->charging_ms};

	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		*fields[i] = sql_int(stmt, column + (int)i);
	}
}

int rollup_load(struct rollup_table *t, enum rollup_kind kind, int64_t key, struct rollup *out)
{
	int rc;

	sql_bind_int(t->load[kind], ":id", key);
	rc = sql_step(t->load[kind]);
	if (rc == 1) {
		rollup_read(t->load[kind], 0, out);
		sqlite3_reset(t->load[kind]);
		return 0;
	}
	return rc != 0 ? rc : ERR_NOTFOUND;
}

int rollup_save(struct rollup_table *t, enum rollup_kind kind, int64_t key, const struct rollup *r)
{
	sqlite3_stmt *stmt = t->save[kind];

	sql_bind_int(stmt, ":id", key);
	sql_bind_int(stmt, ":rows", r->rows);
	sql_bind_int(stmt, ":first_at", r->first_at);
	sql_bind_int(stmt, ":last_at", r->last_at);
	sql_bind_int(stmt, ":last_state", r->last_state);
	sql_bind_int(stmt, ":start_wh", r->start_wh);
	sql_bind_int(stmt, ":end_wh", r->end_wh);
	sql_bind_int(stmt, ":energy_wh", r->energy_wh);
	sql_bind_int(stmt, ":resets", r->resets);
	sql_bind_int(stmt, ":power_rows", r->power_rows);
	sql_bind_int(stmt, ":power_sum_w", r->power_sum_w);
	sql_bind_int(stmt, ":min_w", r->min_w);
	sql_bind_int(stmt, ":max_w", r->max_w);
	sql_bind_int(stmt, ":charging_ms", r->charging_ms);
	return sql_run(stmt);
}

static int save_slot(
	struct rollup_table *t, enum rollup_kind kind, int64_t series, struct rollup_state *state)
{
	if (!state->has_slot[kind]) {
		return 0;
	}
	return rollup_save(t, kind, ROLLUP_KEY(state->slot[kind], series), &state->now[kind]);
}

/* Makes `slot` the present one: what is stored of it, or an empty one. */
static int enter_slot(struct rollup_table *t, enum rollup_kind kind, int64_t series, int64_t slot,
	struct rollup_state *state)
{
	int rc;

	if (state->has_slot[kind] && state->slot[kind] == slot) {
		return 0;
	}
	rc = save_slot(t, kind, series, state);
	if (rc == 0) {
		rc = rollup_load(t, kind, ROLLUP_KEY(slot, series), &state->now[kind]);
		if (rc == ERR_NOTFOUND) {
			rollup_clear(&state->now[kind], state);
			rc = 0;
		}
	}
	state->has_slot[kind] = rc == 0;
	state->slot[kind] = slot;
	return rc;
}

int rollup_apply(struct rollup_table *t, int64_t series, int64_t utc_offset_s,
	const struct block *block, struct rollup_state *state)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < block->rows; i++) {
		struct rollup_row row = rollup_row_of(block, i);

		for (int k = 0; rc == 0 && k < ROLLUP_KINDS; k++) {
			enum rollup_kind kind = (enum rollup_kind)k;

			rc = enter_slot(
				t, kind, series, rollup_slot(kind, row.at_ms, utc_offset_s), state);
			if (rc == 0) {
				rollup_add(&state->now[k], state, &row);
			}
		}
		state->last_at = row.at_ms;
		state->last_state = row.state;
		if (row.energy_wh != VALUE_NONE) {
			state->last_wh = row.energy_wh;
		}
	}
	for (int k = 0; rc == 0 && k < ROLLUP_KINDS; k++) {
		rc = save_slot(t, (enum rollup_kind)k, series, state);
	}
	return rc;
}

int rollup_resume(sqlite3 *db, enum rollup_kind kind, int64_t series, struct rollup_state *out)
{
	struct sql_text t = {.length = 0};
	sqlite3_stmt *stmt = NULL;
	int rc;

	sql_add(&t,
		"SELECT last_at, last_state, end_wh FROM %s WHERE id %% 65536 = :series"
		" ORDER BY id DESC LIMIT 1",
		table_names[kind]);
	rc = sql_prepare_text(db, &t, &stmt);
	memset(out, 0, sizeof *out);
	out->last_at = out->last_state = out->last_wh = VALUE_NONE;
	if (rc == 0) {
		sql_bind_int(stmt, ":series", series);
		rc = sql_step(stmt);
		if (rc == 1) {
			out->last_at = sql_int(stmt, 0);
			out->last_state = sql_int(stmt, 1);
			out->last_wh = sql_int(stmt, 2);
			rc = 0;
		}
	}
	sqlite3_finalize(stmt);
	return rc;
}
