#ifndef PILED_BLOCK_H
#define PILED_BLOCK_H
/*
 * A block of telemetry: rows of one series in columns, and its bytes on disk. Pure.
 *
 * Bytes: version 1; rows; the column of times; number of columns; each with point, qualities and
 * values (each column with its size in front); 4 bytes FNV-1a of all before. Numbers are
 * varints, columns are those of codec.h.
 */
#include "codec.h"
#include "store.h"

struct block_column {
	uint16_t point;
	int64_t *value;   /* where there is none: the value before it */
	uint8_t *quality; /* enum quality, and BLOCK_NO_VALUE */
};
#define BLOCK_NO_VALUE 0x80

/* Rows in columns. Zero it first; block_release() when done. */
struct block {
	size_t rows, cap;
	int64_t *at_ms;
	struct block_column *column;
	size_t column_count;
};

#define BLOCK_ROWS_MAX    CODEC_ROWS_MAX
#define BLOCK_COLUMNS_MAX 128

void block_release(struct block *block);
/* Forgets the rows and keeps the memory. */
void block_clear(struct block *block);

/* Appends a row. ERR_FULL past BLOCK_ROWS_MAX rows or BLOCK_COLUMNS_MAX points, ERR_NOMEM. */
int block_append(
	struct block *block, struct wall at, const struct store_value *values, size_t count);

/* The values of a row that were given, in `out` of BLOCK_COLUMNS_MAX. Returns how many. */
size_t block_row(const struct block *block, size_t row, struct store_value *out);

/* The value of a column in a row; VALUE_NONE where it has none. */
int64_t block_value(const struct block_column *column, size_t row);
enum quality block_quality(const struct block_column *column, size_t row);
/* NULL where the block has no such point. */
const struct block_column *block_find(const struct block *block, uint16_t point);

/* Puts the rows in order of time; rows of the same time keep their order. ERR_NOMEM. */
int block_sort(struct block *block);

/* Appends the bytes of the block to `out`. ERR_NOMEM, ERR_RANGE for an empty one. */
int block_encode(struct codec *codec, const struct block *block, struct bytes *out);

/* Appends the rows of these bytes to `block`. With `only` >= 0 just that point (its rows and
 * times). ERR_CORRUPT, ERR_FULL, ERR_NOMEM; the block is then as it was. */
int block_decode(struct codec *codec, const void *data, size_t size, int only, struct block *block);

#endif
