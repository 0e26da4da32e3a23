#include "block.h"

#include <stdlib.h>
#include <string.h>

#define VERSION  1
#define SUM_SIZE 4
#define CAP_MIN  32

void block_release(struct block *b)
{
	for (size_t i = 0; i < b->column_count; i++) {
		free(b->column[i].value);
		free(b->column[i].quality);
	}
	free(b->column);
	free(b->at_ms);
	memset(b, 0, sizeof *b);
}

void block_clear(struct block *b)
{
	b->rows = 0;
}

static int grow_column(struct block_column *c, size_t cap)
{
	int64_t *value = realloc(c->value, cap * sizeof *value);
	uint8_t *quality;

	if (value == NULL) {
		return ERR_NOMEM;
	}
	c->value = value;
	quality = realloc(c->quality, cap);
	if (quality == NULL) {
		return ERR_NOMEM;
	}
	c->quality = quality;
	return 0;
}

/* Makes room for `more` rows. */
static int grow(struct block *b, size_t more)
{
	size_t cap = b->cap > 0 ? b->cap : CAP_MIN;
	int64_t *at;

	if (more > BLOCK_ROWS_MAX - b->rows) {
		return ERR_FULL;
	}
	while (cap < b->rows + more) {
		cap *= 2;
	}
	if (cap == b->cap) {
		return 0;
	}
	at = realloc(b->at_ms, cap * sizeof *at);
	if (at == NULL) {
		return ERR_NOMEM;
	}
	b->at_ms = at;
	for (size_t i = 0; i < b->column_count; i++) {
		if (grow_column(&b->column[i], cap) != 0) {
			return ERR_NOMEM;
		}
	}
	b->cap = cap;
	return 0;
}

/* The column of a point; made, with no values in the rows so far, where it is new. */
static int column_of(struct block *b, uint16_t point, struct block_column **out)
{
	struct block_column *columns, fresh = {point, NULL, NULL};

	for (size_t i = 0; i < b->column_count; i++) {
		if (b->column[i].point == point) {
			*out = &b->column[i];
			return 0;
		}
	}
	if (b->column_count == BLOCK_COLUMNS_MAX) {
		return ERR_FULL;
	}
	columns = realloc(b->column, (b->column_count + 1) * sizeof *columns);
	if (columns == NULL) {
		return ERR_NOMEM;
	}
	b->column = columns;
	if (grow_column(&fresh, b->cap) != 0) {
		free(fresh.value);
		return ERR_NOMEM;
	}
	memset(fresh.value, 0, b->rows * sizeof *fresh.value);
	memset(fresh.quality, Q_NONE, b->rows);
	columns[b->column_count] = fresh;
	*out = &columns[b->column_count++];
	return 0;
}

/* Rows in [from, to) of a column have no value. */
static void fill_none(struct block_column *c, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		c->value[i] = i > 0 ? c->value[i - 1] : 0;
		c->quality[i] = Q_NONE;
	}
}

int block_append(struct block *b, struct wall at, const struct store_value *values, size_t count)
{
	struct block_column *c;
	int rc = grow(b, 1);

	for (size_t i = 0; rc == 0 && i < count; i++) {
		rc = column_of(b, values[i].point, &c);
	}
	if (rc != 0) {
		return rc;
	}
	for (size_t i = 0; i < b->column_count; i++) {
		fill_none(&b->column[i], b->rows, b->rows + 1);
	}
	for (size_t i = 0; i < count; i++) {
		if (values[i].quality == Q_NONE || values[i].quality >= BLOCK_NO_VALUE ||
			column_of(b, values[i].point, &c) != 0) {
			continue;
		}
		c->quality[b->rows] = (uint8_t)values[i].quality;
		if (values[i].value == VALUE_NONE) {
			c->quality[b->rows] |= BLOCK_NO_VALUE;
		} else {
			c->value[b->rows] = values[i].value;
		}
	}
	b->at_ms[b->rows++] = at.ms;
	return 0;
}

int64_t block_value(const struct block_column *c, size_t row)
{
	return c->quality[row] == Q_NONE || (c->quality[row] & BLOCK_NO_VALUE) != 0 ? VALUE_NONE
										    : c->value[row];
}

enum quality block_quality(const struct block_column *c, size_t row)
{
	return (enum quality)(c->quality[row] & ~BLOCK_NO_VALUE);
}

const struct block_column *block_find(const struct block *b, uint16_t point)
{
	for (size_t i = 0; i < b->column_count; i++) {
		if (b->column[i].point == point) {
			return &b->column[i];
		}
	}
	return NULL;
}

size_t block_row(const struct block *b, size_t row, struct store_value *out)
{
	size_t n = 0;

	for (size_t i = 0; i < b->column_count; i++) {
		const struct block_column *c = &b->column[i];

		if (c->quality[row] != Q_NONE) {
			out[n++] = (struct store_value){
				c->point, (uint16_t)block_quality(c, row), block_value(c, row)};
		}
	}
	return n;
}

struct place {
	int64_t at_ms;
	size_t row;
};

static int compare_places(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->at_ms != y->at_ms) {
		return x->at_ms < y->at_ms ? -1 : 1;
	}
	return x->row < y->row ? -1 : x->row > y->row;
}

static void reorder(struct block *b, const struct place *order, int64_t *spare)
{
	for (size_t i = 0; i < b->rows; i++) {
		b->at_ms[i] = order[i].at_ms;
	}
	for (size_t k = 0; k < b->column_count; k++) {
		struct block_column *c = &b->column[k];
		uint8_t *spare_quality = (uint8_t *)spare;

		for (size_t i = 0; i < b->rows; i++) {
			spare[i] = c->value[order[i].row];
		}
		memcpy(c->value, spare, b->rows * sizeof *spare);
		for (size_t i = 0; i < b->rows; i++) {
			spare_quality[i] = c->quality[order[i].row];
		}
		memcpy(c->quality, spare_quality, b->rows);
	}
}

int block_sort(struct block *b)
{
	struct place *order;
	int64_t *spare;
	size_t i = 1;

	while (i < b->rows && b->at_ms[i] >= b->at_ms[i - 1]) {
		i++;
	}
	if (i >= b->rows) {
		return 0;
	}
	order = malloc(b->rows * sizeof *order);
	spare = malloc(b->rows * sizeof *spare);
	if (order != NULL && spare != NULL) {
		for (i = 0; i < b->rows; i++) {
			order[i] = (struct place){b->at_ms[i], i};
		}
		qsort(order, b->rows, sizeof *order, compare_places);
		reorder(b, order, spare);
		i = 0;
	}
	free(order);
	free(spare);
	return i == 0 || i == b->rows ? 0 : ERR_NOMEM;
}

/* Appends a column with its size in front. */
static int add_column(struct codec *codec, const int64_t *values, size_t rows, struct bytes *spare,
	struct bytes *out)
{
	int rc;

	spare->n = 0;
	rc = codec_encode(codec, values, rows, spare);
	rc = rc != 0 ? rc : bytes_add_varint(out, spare->n);
	return rc != 0 ? rc : bytes_add(out, spare->p, spare->n);
}

static uint32_t checksum(const unsigned char *p, size_t n)
{
	uint32_t sum = 2166136261u;

	for (size_t i = 0; i < n; i++) {
		sum = (sum ^ p[i]) * 16777619u;
	}
	return sum;
}

static void put_sum(unsigned char out[SUM_SIZE], uint32_t sum)
{
	for (int i = 0; i < SUM_SIZE; i++) {
		out[i] = (unsigned char)(sum >> (8 * i));
	}
}

int block_encode(struct codec *codec, const struct block *b, struct bytes *out)
{
	struct bytes spare = {0};
	unsigned char sum[SUM_SIZE];
	size_t start = out->n;
	int64_t *quality;
	int rc;

	if (b->rows == 0) {
		return ERR_RANGE;
	}
	quality = malloc(b->rows * sizeof *quality);
	rc = quality == NULL ? ERR_NOMEM : bytes_add_varint(out, VERSION);
	rc = rc != 0 ? rc : bytes_add_varint(out, b->rows);
	rc = rc != 0 ? rc : add_column(codec, b->at_ms, b->rows, &spare, out);
	rc = rc != 0 ? rc : bytes_add_varint(out, b->column_count);
	for (size_t i = 0; rc == 0 && i < b->column_count; i++) {
		const struct block_column *c = &b->column[i];

		for (size_t k = 0; k < b->rows; k++) {
			quality[k] = c->quality[k];
		}
		rc = bytes_add_varint(out, c->point);
		rc = rc != 0 ? rc : add_column(codec, quality, b->rows, &spare, out);
		rc = rc != 0 ? rc : add_column(codec, c->value, b->rows, &spare, out);
	}
	if (rc == 0) {
		put_sum(sum, checksum(out->p + start, out->n - start));
		rc = bytes_add(out, sum, sizeof sum);
	}
	free(quality);
	bytes_release(&spare);
	return rc;
}

/* The next column's bytes. */
static struct span cut_column(struct span *in)
{
	return span_cut(in, span_varint(in));
}

/* Reads qualities and values of one column behind the rows that the block has. */
static int decode_column(struct codec *codec, struct span quality, struct span value,
	struct block_column *c, size_t at, size_t rows)
{
	int rc = codec_decode(codec, quality, c->value + at, rows);

	for (size_t i = 0; rc == 0 && i < rows; i++) {
		int64_t q = c->value[at + i];

		if (q < 0 || q > UINT8_MAX || (q & ~BLOCK_NO_VALUE) >= Q_COUNT_) {
			rc = ERR_CORRUPT;
		}
		c->quality[at + i] = (uint8_t)q;
	}
	return rc != 0 ? rc : codec_decode(codec, value, c->value + at, rows);
}

static int decode_columns(
	struct codec *codec, struct span *in, int only, struct block *b, size_t rows)
{
	uint64_t count = span_varint(in);
	bool seen[PT_COUNT_] = {false};
	int rc = count > BLOCK_COLUMNS_MAX ? ERR_CORRUPT : 0;

	for (uint64_t i = 0; rc == 0 && i < count; i++) {
		uint64_t point = span_varint(in);
		struct span quality = cut_column(in), value = cut_column(in);
		struct block_column *c;

		if (in->bad || point >= PT_COUNT_ || seen[point]) {
			return ERR_CORRUPT;
		}
		seen[point] = true;
		if (only >= 0 && point != (uint64_t)only) {
			continue;
		}
		rc = column_of(b, (uint16_t)point, &c);
		if (rc == 0) {
			rc = decode_column(codec, quality, value, c, b->rows, rows);
		}
	}
	return rc;
}

int block_decode(struct codec *codec, const void *data, size_t size, int only, struct block *b)
{
	struct span in = {data, (const unsigned char *)data + size, 0}, times;
	unsigned char sum[SUM_SIZE];
	uint64_t rows;
	int rc;

	if (size < SUM_SIZE) {
		return ERR_CORRUPT;
	}
	in.end -= SUM_SIZE;
	put_sum(sum, checksum(data, size - SUM_SIZE));
	if (memcmp(sum, in.end, SUM_SIZE) != 0 || span_varint(&in) != VERSION) {
		return ERR_CORRUPT;
	}
	rows = span_varint(&in);
	times = cut_column(&in);
	if (in.bad || rows == 0 || rows > BLOCK_ROWS_MAX) {
		return ERR_CORRUPT;
	}
	rc = grow(b, (size_t)rows);
	rc = rc != 0 ? rc : codec_decode(codec, times, b->at_ms + b->rows, (size_t)rows);
	for (size_t i = 0; rc == 0 && i < b->column_count; i++) {
		fill_none(&b->column[i], b->rows, b->rows + (size_t)rows);
	}
	rc = rc != 0 ? rc : decode_columns(codec, &in, only, b, (size_t)rows);
	if (rc == 0 && in.p != in.end) {
		rc = ERR_CORRUPT;
	}
	if (rc == 0) {
		b->rows += (size_t)rows;
	}
	return rc;
}
