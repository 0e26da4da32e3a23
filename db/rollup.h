#ifndef PILED_ROLLUP_H
#define PILED_ROLLUP_H
/*
 * Roll-ups: what a slot of time (a quarter of an hour, a site day) holds of a series, kept row by
 * row as telemetry is committed, so that no report reads telemetry.
 *
 * Energy is what the register moved. A step counts in the slot of the row that showed it, also
 * when it happened in a silence before: nothing between two slots is lost, and the energy of a
 * range is the sum of its slots. A register that goes back counts as a reset and adds nothing.
 */
#include "block.h"
#include "sql.h"

#define QUARTER_MS INT64_C(900000)
#define DAY_MS     INT64_C(86400000)

/* A silence longer than this is not charging time. */
#define ROLLUP_GAP_MS INT64_C(60000)

struct rollup {
	int64_t rows;
	int64_t first_at, last_at; /* ms */
	int64_t last_state;        /* enum gun_state of the last row, VALUE_NONE */
	int64_t start_wh, end_wh;  /* register before the slot (or first seen), and last */
	int64_t energy_wh;
	int64_t resets;
	int64_t power_rows, power_sum_w; /* mean power = sum / rows */
	int64_t min_w, max_w;
	int64_t charging_ms;
};

/* The two tables. */
enum rollup_kind { ROLLUP_QUARTER, ROLLUP_DAY, ROLLUP_KINDS };

/* Number of the slot that holds a time; and the key of its row. */
int64_t rollup_slot(enum rollup_kind kind, int64_t at_ms, int64_t utc_offset_s);
/* The time at which a slot begins. */
int64_t rollup_begin(enum rollup_kind kind, int64_t slot, int64_t utc_offset_s);
#define ROLLUP_KEY(slot, series) ((slot)*65536 + (series))

/* The present slots of one series. */
struct rollup_state {
	bool has_slot[ROLLUP_KINDS];
	int64_t slot[ROLLUP_KINDS];
	struct rollup now[ROLLUP_KINDS];
	int64_t last_at, last_state, last_wh; /* of the row before; VALUE_NONE */
};

/* What a row says to its roll-ups: values that are good, else VALUE_NONE. */
struct rollup_row {
	int64_t at_ms, state, power_w, energy_wh;
};
struct rollup_row rollup_row_of(const struct block *block, size_t row);

/* Takes a row into a slot, given the row before it in `state`. */
void rollup_add(
	struct rollup *slot, const struct rollup_state *state, const struct rollup_row *row);
/* An empty slot that goes on where `state` is. */
void rollup_clear(struct rollup *slot, const struct rollup_state *state);
/* Appends a later slot of the same series. */
void rollup_join(struct rollup *slot, const struct rollup *later);

/* The tables: statements of one connection. */
struct rollup_table;
/* The tables can be written only through a writer's connection. */
int rollup_open(sqlite3 *db, struct rollup_table **out);
void rollup_close(struct rollup_table *table);
/* ERR_NOTFOUND. */
int rollup_load(struct rollup_table *t, enum rollup_kind kind, int64_t key, struct rollup *out);
int rollup_save(struct rollup_table *t, enum rollup_kind kind, int64_t key, const struct rollup *r);

/* The columns of a roll-up, for a SELECT, and the roll-up from a row that has them from `column`
 * on. */
extern const char rollup_columns[];
void rollup_read(sqlite3_stmt *stmt, int column, struct rollup *out);

/* Takes the rows of a block into the roll-ups of a series, within the caller's transaction. */
int rollup_apply(struct rollup_table *t, int64_t series, int64_t utc_offset_s,
	const struct block *block, struct rollup_state *state);

/* Where the series stood at the end of its newest slot. */
int rollup_resume(sqlite3 *db, enum rollup_kind kind, int64_t series, struct rollup_state *out);

#endif
