#ifndef PILED_CODEC_H
#define PILED_CODEC_H
/*
 * A column of integers as few bytes, lossless. Pure: bytes in, bytes out.
 *
 * A column is one of
 *   constant    the value
 *   runs        pairs of (step, how often), of the values or of their differences
 *   residuals   what remains of each value after a prediction (the last value, the last step, or
 *               a running mean, whichever leaves least), divided by the column's common divisor,
 *               zigzag, as planes of bytes: all low bytes, then all next bytes ...
 * and runs and planes are packed by zstd where that makes them smaller.
 */
#include <stddef.h>
#include <stdint.h>

/* A growing buffer. Zero it first; bytes_release() when done. */
struct bytes {
	unsigned char *p;
	size_t n, cap;
};
void bytes_release(struct bytes *b);
/* ERR_NOMEM. */
int bytes_add(struct bytes *b, const void *data, size_t size);
int bytes_add_varint(struct bytes *b, uint64_t value);

/* What is left to read. Reading past the end sets `bad`, and gives 0. */
struct span {
	const unsigned char *p, *end;
	int bad;
};
uint64_t span_varint(struct span *s);
/* The next `size` bytes as a span of their own. */
struct span span_cut(struct span *s, uint64_t size);

static inline uint64_t zigzag(int64_t v)
{
	return ((uint64_t)v << 1) ^ (uint64_t)(v >> 63);
}
static inline int64_t unzigzag(uint64_t v)
{
	return (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
}

/* Longest column. */
#define CODEC_ROWS_MAX 65536

/* Working memory of one thread. */
struct codec;
int codec_new(struct codec **out); /* ERR_NOMEM */
void codec_free(struct codec *codec);

/* Appends the column to `out`. 1..CODEC_ROWS_MAX values. ERR_NOMEM, ERR_RANGE. */
int codec_encode(struct codec *codec, const int64_t *values, size_t count, struct bytes *out);

/* Reads a column of exactly `count` values that takes the whole span. ERR_CORRUPT. */
int codec_decode(struct codec *codec, struct span in, int64_t *values, size_t count);

#endif
