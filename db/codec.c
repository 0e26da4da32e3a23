#include "codec.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "err.h"

enum mode { MODE_CONSTANT, MODE_RUNS, MODE_STEP_RUNS, MODE_RESIDUALS };

/* Predictions. */
enum guess { GUESS_LAST, GUESS_STEP, GUESS_MEAN4, GUESS_MEAN16, GUESS_COUNT };

/* Level 3 of zstd: higher ones gain below 5 % here and cost three times as much. */
#define LEVEL 3
/* Shorter than this zstd gains nothing. */
#define PACK_MIN 64

struct codec {
	ZSTD_CCtx *cctx;
	ZSTD_DCtx *dctx;
	struct bytes plain, packed;
	int64_t *scaled;
	size_t cap;
};

void bytes_release(struct bytes *b)
{
	free(b->p);
	memset(b, 0, sizeof *b);
}

static int reserve(struct bytes *b, size_t more)
{
	size_t cap = b->cap > 0 ? b->cap : 256;
	unsigned char *p;

	while (cap - b->n < more) {
		cap *= 2;
	}
	if (cap == b->cap) {
		return 0;
	}
	p = realloc(b->p, cap);
	if (p == NULL) {
		return ERR_NOMEM;
	}
	b->p = p;
	b->cap = cap;
	return 0;
}

int bytes_add(struct bytes *b, const void *data, size_t size)
{
	int rc = reserve(b, size);

	if (rc == 0 && size > 0) {
		memcpy(b->p + b->n, data, size);
		b->n += size;
	}
	return rc;
}

int bytes_add_varint(struct bytes *b, uint64_t value)
{
	unsigned char buf[10];
	size_t n = 0;

	while (value >= 0x80) {
		buf[n++] = (unsigned char)(value | 0x80);
		value >>= 7;
	}
	buf[n++] = (unsigned char)value;
	return bytes_add(b, buf, n);
}

uint64_t span_varint(struct span *s)
{
	uint64_t value = 0;

	for (unsigned shift = 0; shift < 64 && s->p < s->end; shift += 7) {
		unsigned char c = *s->p++;

		value |= (uint64_t)(c & 0x7f) << shift;
		if ((c & 0x80) == 0) {
			return value;
		}
	}
	s->bad = 1;
	return 0;
}

struct span span_cut(struct span *s, uint64_t size)
{
	struct span cut = {s->p, s->p, s->bad};

	if (s->bad || size > (uint64_t)(s->end - s->p)) {
		s->bad = 1;
		cut.bad = 1;
		return cut;
	}
	s->p += size;
	cut.end = s->p;
	return cut;
}

int codec_new(struct codec **out)
{
	struct codec *c = calloc(1, sizeof *c);

	if (c == NULL) {
		return ERR_NOMEM;
	}
	c->cctx = ZSTD_createCCtx();
	c->dctx = ZSTD_createDCtx();
	if (c->cctx == NULL || c->dctx == NULL) {
		codec_free(c);
		return ERR_NOMEM;
	}
	ZSTD_CCtx_setParameter(c->cctx, ZSTD_c_compressionLevel, LEVEL);
	ZSTD_CCtx_setParameter(c->cctx, ZSTD_c_contentSizeFlag, 0);
	*out = c;
	return 0;
}

void codec_free(struct codec *c)
{
	if (c == NULL) {
		return;
	}
	ZSTD_freeCCtx(c->cctx);
	ZSTD_freeDCtx(c->dctx);
	bytes_release(&c->plain);
	bytes_release(&c->packed);
	free(c->scaled);
	free(c);
}

static int need_rows(struct codec *c, size_t count)
{
	int64_t *p;

	if (count == 0 || count > CODEC_ROWS_MAX) {
		return ERR_RANGE;
	}
	if (count <= c->cap) {
		return 0;
	}
	p = realloc(c->scaled, count * sizeof *p);
	if (p == NULL) {
		return ERR_NOMEM;
	}
	c->scaled = p;
	c->cap = count;
	return 0;
}

/* Appends `plain` with its size: packed by zstd (odd) or as it is (even). */
static int add_packed(struct codec *c, const unsigned char *plain, size_t size, struct bytes *out)
{
	size_t got = size;
	int rc;

	if (size >= PACK_MIN) {
		c->packed.n = 0;
		rc = reserve(&c->packed, ZSTD_compressBound(size));
		if (rc != 0) {
			return rc;
		}
		got = ZSTD_compress2(c->cctx, c->packed.p, c->packed.cap, plain, size);
		if (ZSTD_isError(got)) {
			got = size;
		}
	}
	if (got < size) {
		rc = bytes_add_varint(out, (uint64_t)got << 1 | 1);
		return rc != 0 ? rc : bytes_add(out, c->packed.p, got);
	}
	rc = bytes_add_varint(out, (uint64_t)size << 1);
	return rc != 0 ? rc : bytes_add(out, plain, size);
}

/* Reads what add_packed() wrote, of at most `max` bytes: a span of the input or of c->plain. */
static int get_packed(struct codec *c, struct span *in, size_t max, struct span *out)
{
	uint64_t head = span_varint(in);
	struct span cut = span_cut(in, head >> 1);
	size_t got;

	if (cut.bad || (size_t)(cut.end - cut.p) > max) {
		return ERR_CORRUPT;
	}
	if ((head & 1) == 0) {
		*out = cut;
		return 0;
	}
	c->plain.n = 0;
	if (reserve(&c->plain, max) != 0) {
		return ERR_NOMEM;
	}
	got = ZSTD_decompressDCtx(c->dctx, c->plain.p, max, cut.p, (size_t)(cut.end - cut.p));
	if (ZSTD_isError(got)) {
		return ERR_CORRUPT;
	}
	*out = (struct span){c->plain.p, c->plain.p + got, 0};
	return 0;
}

/* Arithmetic modulo 2^64, so that any values come back. */
static int64_t minus(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a - (uint64_t)b);
}

static int64_t plus(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a + (uint64_t)b);
}

/* A prediction that has seen the values so far. */
struct guesser {
	enum guess guess;
	int shift;
	int64_t last, step, sum;
};

static void guess_begin(struct guesser *g, enum guess guess, int64_t first)
{
	g->guess = guess;
	g->shift = guess == GUESS_MEAN4 ? 2 : 4;
	g->last = first;
	g->step = 0;
	g->sum = (int64_t)((uint64_t)first << g->shift);
}

static int64_t guess_next(const struct guesser *g)
{
	switch (g->guess) {
	case GUESS_LAST:
		return g->last;
	case GUESS_STEP:
		return plus(g->last, g->step);
	default:
		return g->sum >> g->shift;
	}
}

static void guess_learn(struct guesser *g, int64_t value)
{
	g->step = minus(value, g->last);
	g->last = value;
	g->sum = plus(g->sum, minus(value, g->sum >> g->shift));
}

static unsigned bits(uint64_t v)
{
	return v == 0 ? 0 : 64 - (unsigned)__builtin_clzll(v);
}

static enum guess best_guess(const int64_t *v, size_t count)
{
	enum guess best = GUESS_LAST;
	uint64_t best_cost = UINT64_MAX;

	for (int i = 0; i < GUESS_COUNT; i++) {
		struct guesser g;
		uint64_t cost = 0;

		guess_begin(&g, (enum guess)i, v[0]);
		for (size_t k = 1; k < count; k++) {
			cost += bits(zigzag(minus(v[k], guess_next(&g))));
			guess_learn(&g, v[k]);
		}
		if (cost < best_cost) {
			best_cost = cost;
			best = (enum guess)i;
		}
	}
	return best;
}

/* The greatest common divisor of all differences to the first value; 1 where a difference
 * overflows. */
static uint64_t common_divisor(const int64_t *v, size_t count)
{
	uint64_t d = 0;

	for (size_t i = 1; i < count && d != 1; i++) {
		int64_t diff;
		uint64_t a;

		if (__builtin_sub_overflow(v[i], v[0], &diff) || diff == INT64_MIN) {
			return 1;
		}
		a = (uint64_t)(diff < 0 ? -diff : diff);
		while (a != 0) {
			uint64_t r = d % a;

			if (d == 0) {
				d = a;
				break;
			}
			d = a;
			a = r;
		}
	}
	return d == 0 ? 1 : d;
}

static int encode_residuals(struct codec *c, const int64_t *values, size_t count, struct bytes *out)
{
	uint64_t divisor = common_divisor(values, count), all = 0;
	int64_t *v = c->scaled;
	struct guesser g;
	unsigned planes;
	int rc;

	for (size_t i = 0; i < count; i++) {
		v[i] = divisor == 1 ? values[i] : minus(values[i], values[0]) / (int64_t)divisor;
	}
	guess_begin(&g, best_guess(v, count), v[0]);
	rc = bytes_add_varint(out, (uint64_t)g.guess);
	rc = rc != 0 ? rc : bytes_add_varint(out, zigzag(values[0]));
	rc = rc != 0 ? rc : bytes_add_varint(out, divisor);
	for (size_t i = 1; i < count; i++) {
		uint64_t z = zigzag(minus(v[i], guess_next(&g)));

		guess_learn(&g, v[i]);
		memcpy(&v[i], &z, sizeof z);
		all |= z;
	}
	planes = (bits(all) + 7) / 8;
	rc = rc != 0 ? rc : bytes_add_varint(out, planes);
	c->plain.n = 0;
	rc = rc != 0 ? rc : reserve(&c->plain, count);
	for (unsigned p = 0; rc == 0 && p < planes; p++) {
		for (size_t i = 1; i < count; i++) {
			c->plain.p[i - 1] = (unsigned char)((uint64_t)v[i] >> (8 * p));
		}
		rc = add_packed(c, c->plain.p, count - 1, out);
	}
	return rc;
}

static int decode_residuals(struct codec *c, struct span *in, int64_t *v, size_t count)
{
	uint64_t guess = span_varint(in), first = span_varint(in), divisor = span_varint(in);
	uint64_t planes = span_varint(in);
	struct guesser g;

	if (in->bad || guess >= GUESS_COUNT || divisor == 0 || divisor > INT64_MAX || planes > 8) {
		return ERR_CORRUPT;
	}
	memset(v, 0, count * sizeof *v);
	for (uint64_t p = 0; p < planes; p++) {
		struct span plane;
		int rc = get_packed(c, in, count - 1, &plane);

		if (rc != 0 || (size_t)(plane.end - plane.p) != count - 1) {
			return rc != 0 ? rc : ERR_CORRUPT;
		}
		for (size_t i = 1; i < count; i++) {
			v[i] = (int64_t)((uint64_t)v[i] | (uint64_t)plane.p[i - 1] << (8 * p));
		}
	}
	v[0] = unzigzag(first);
	guess_begin(&g, (enum guess)guess, divisor == 1 ? v[0] : 0);
	for (size_t i = 1; i < count; i++) {
		int64_t scaled = plus(guess_next(&g), unzigzag((uint64_t)v[i]));

		guess_learn(&g, scaled);
		v[i] = divisor == 1 ? scaled : plus(v[0], (int64_t)((uint64_t)scaled * divisor));
	}
	return 0;
}

/* How many runs of equal values, or of equal steps. */
static size_t count_runs(const int64_t *v, size_t count, bool steps)
{
	size_t runs = 1;

	for (size_t i = steps ? 2 : 1; i < count; i++) {
		if (steps ? minus(v[i], v[i - 1]) != minus(v[i - 1], v[i - 2]) : v[i] != v[i - 1]) {
			runs++;
		}
	}
	return runs;
}

/* Runs of `item`: the value's difference to the run before, and the length. For steps the first
 * value stands in front and the items are the differences between rows. */
static int encode_runs(
	struct codec *c, const int64_t *v, size_t count, bool steps, struct bytes *out)
{
	struct bytes plain = {0};
	size_t first = steps ? 1 : 0;
	int64_t before = 0;
	int rc = steps ? bytes_add_varint(out, zigzag(v[0])) : 0;

	for (size_t i = first; rc == 0 && i < count;) {
		int64_t item = steps ? minus(v[i], v[i - 1]) : v[i];
		size_t length = 1;

		while (i + length < count &&
			(steps ? minus(v[i + length], v[i + length - 1]) : v[i + length]) == item) {
			length++;
		}
		rc = bytes_add_varint(&plain, zigzag(minus(item, before)));
		rc = rc != 0 ? rc : bytes_add_varint(&plain, length);
		before = item;
		i += length;
	}
	rc = rc != 0 ? rc : add_packed(c, plain.p, plain.n, out);
	bytes_release(&plain);
	return rc;
}

/* A run takes at most two varints of ten bytes. */
#define RUN_BYTES_MAX 20

static int decode_runs(struct codec *c, struct span *in, int64_t *v, size_t count, bool steps)
{
	struct span runs;
	size_t i = 0;
	int64_t item = 0;
	int rc;

	if (steps) {
		v[i++] = unzigzag(span_varint(in));
	}
	rc = in->bad ? ERR_CORRUPT : get_packed(c, in, count * RUN_BYTES_MAX, &runs);
	while (rc == 0 && i < count) {
		uint64_t change = span_varint(&runs), length = span_varint(&runs);

		if (runs.bad || length == 0 || length > count - i) {
			return ERR_CORRUPT;
		}
		item = plus(item, unzigzag(change));
		for (; length > 0; length--, i++) {
			v[i] = steps ? plus(v[i - 1], item) : item;
		}
	}
	return rc != 0 ? rc : runs.p == runs.end ? 0 : ERR_CORRUPT;
}

/* Appends one form of the column. */
static int encode_as(
	struct codec *c, enum mode mode, const int64_t *v, size_t count, struct bytes *out)
{
	int rc = bytes_add_varint(out, mode);

	if (rc != 0) {
		return rc;
	}
	switch (mode) {
	case MODE_CONSTANT:
		return bytes_add_varint(out, zigzag(v[0]));
	case MODE_RUNS:
	case MODE_STEP_RUNS:
		return encode_runs(c, v, count, mode == MODE_STEP_RUNS, out);
	default:
		return encode_residuals(c, v, count, out);
	}
}

int codec_encode(struct codec *c, const int64_t *v, size_t count, struct bytes *out)
{
	size_t start = out->n, runs, step_runs;
	bool tried;
	int rc = need_rows(c, count);

	if (rc != 0) {
		return rc;
	}
	runs = count_runs(v, count, false);
	if (runs == 1) {
		return encode_as(c, MODE_CONSTANT, v, count, out);
	}
	step_runs = count_runs(v, count, true);
	tried = runs < count / 2 || step_runs < count / 2;
	if (tried) {
		rc = encode_as(c, runs <= step_runs ? MODE_RUNS : MODE_STEP_RUNS, v, count, out);
	}
	if (rc == 0 && (!tried || out->n - start > count / 16)) {
		size_t size = out->n - start, behind = out->n;

		rc = encode_as(c, MODE_RESIDUALS, v, count, out);
		if (rc == 0 && tried && out->n - behind >= size) {
			out->n = behind;
		} else if (rc == 0 && tried) {
			memmove(out->p + start, out->p + behind, out->n - behind);
			out->n -= size;
		}
	}
	return rc;
}

int codec_decode(struct codec *c, struct span in, int64_t *v, size_t count)
{
	uint64_t mode = span_varint(&in);
	int rc = need_rows(c, count) != 0 ? ERR_CORRUPT : 0;

	if (rc != 0 || in.bad) {
		return ERR_CORRUPT;
	}
	switch (mode) {
	case MODE_CONSTANT:
		v[0] = unzigzag(span_varint(&in));
		for (size_t i = 1; i < count; i++) {
			v[i] = v[0];
		}
		break;
	case MODE_RUNS:
	case MODE_STEP_RUNS:
		rc = decode_runs(c, &in, v, count, mode == MODE_STEP_RUNS);
		break;
	case MODE_RESIDUALS:
		rc = decode_residuals(c, &in, v, count);
		break;
	default:
		rc = ERR_CORRUPT;
		break;
	}
	return rc != 0 ? rc : in.bad || in.p != in.end ? ERR_CORRUPT : 0;
}
