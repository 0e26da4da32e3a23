/* Blocks of telemetry: lossless for any rows, and safe with any bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "block.h"
#include "random.h"

static struct codec *codec;
static uint64_t rng;

static int set_up(void **state)
{
	(void)state;
	rng = random_seed();
	return codec_new(&codec);
}

static int tear_down(void **state)
{
	(void)state;
	codec_free(codec);
	return 0;
}

/* Shapes that telemetry and bad devices have. */
enum shape { CONSTANT, RAMP, NOISE, STEPS, COARSE, WILD, EDGES, SPIKES, SHAPES };

static int64_t shaped(enum shape shape, int64_t i, int64_t before)
{
	static const int64_t edges[] = {INT64_MIN + 1, INT64_MAX, 0, -1, 1, INT64_MAX - 1};

	switch (shape) {
	case CONSTANT:
		return 42;
	case RAMP:
		return 1000000 + i * 17;
	case NOISE:
		return 60000 + random_below(&rng, 400);
	case STEPS:
		return random_below(&rng, 50) == 0 ? before + 1 : before;
	case COARSE:
		return 100 * random_below(&rng, 30);
	case WILD:
		return (int64_t)random_next(&rng);
	case EDGES:
		return edges[random_below(&rng, 6)];
	default:
		return random_below(&rng, 100) == 0 ? INT64_C(1) << random_below(&rng, 62) : 7;
	}
}

static void any_column_comes_back(void **state)
{
	static int64_t in[5000], back[5000];
	struct bytes bytes = {0};

	(void)state;
	for (int round = 0; round < 400; round++) {
		enum shape shape = (enum shape)(round % SHAPES);
		size_t n = 1 + (size_t)random_below(&rng, round % 10 == 0 ? 5000 : 100);
		int64_t before = 0;

		for (size_t i = 0; i < n; i++) {
			before = in[i] = shaped(shape, (int64_t)i, before);
		}
		bytes.n = 0;
		assert_int_equal(codec_encode(codec, in, n, &bytes), 0);
		assert_int_equal(
			codec_decode(codec, (struct span){bytes.p, bytes.p + bytes.n, 0}, back, n),
			0);
		assert_memory_equal(in, back, n * sizeof *in);
	}
	bytes_release(&bytes);
}

static void limits_are_refused(void **state)
{
	struct bytes bytes = {0};
	struct block empty = {0};
	int64_t one = 1;

	(void)state;
	assert_int_equal(codec_encode(codec, &one, 0, &bytes), ERR_RANGE);
	assert_int_equal(codec_encode(codec, &one, CODEC_ROWS_MAX + 1, &bytes), ERR_RANGE);
	assert_int_equal(block_encode(codec, &empty, &bytes), ERR_RANGE);
	assert_int_equal(block_decode(codec, "", 0, -1, &empty), ERR_CORRUPT);
	bytes_release(&bytes);
	block_release(&empty);
}

#define POINTS 9

/* A row with some points missing, some bad, some without a value. */
static size_t random_row(struct store_value *out)
{
	size_t n = 0;

	for (uint16_t p = 0; p < POINTS; p++) {
		if (random_below(&rng, 20) == 0) {
			continue;
		}
		out[n].point = p;
		out[n].quality = random_below(&rng, 10) != 0
					 ? Q_GOOD
					 : (uint16_t)(1 + random_below(&rng, Q_COUNT_ - 1));
		out[n].value = random_below(&rng, 15) != 0 ? 1000 * p + random_below(&rng, 99)
							   : VALUE_NONE;
		n++;
	}
	return n;
}

struct row {
	int64_t at_ms;
	size_t count;
	struct store_value value[POINTS];
};

static const struct store_value *value_of(const struct store_value *v, size_t n, uint16_t point)
{
	for (size_t i = 0; i < n; i++) {
		if (v[i].point == point) {
			return &v[i];
		}
	}
	return NULL;
}

static void assert_rows_equal(const struct block *b, const struct row *rows, size_t count)
{
	struct store_value back[BLOCK_COLUMNS_MAX];

	assert_int_equal(b->rows, count);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(b->at_ms[i], rows[i].at_ms);
		assert_int_equal(block_row(b, i, back), rows[i].count);
		for (size_t k = 0; k < rows[i].count; k++) {
			const struct store_value *a = &rows[i].value[k];
			const struct store_value *v = value_of(back, rows[i].count, a->point);

			assert_non_null(v);
			assert_int_equal(v->quality, a->quality);
			assert_true(v->value == a->value);
		}
	}
}

static size_t make_block(struct block *b, struct row *rows, size_t max)
{
	size_t n = 1 + (size_t)random_below(&rng, (int64_t)max);
	int64_t at = 1700000000000 + random_below(&rng, 1000000);

	for (size_t i = 0; i < n; i++) {
		at += random_below(&rng, 3) == 0 ? random_below(&rng, 5000) : 1000;
		rows[i].at_ms = at;
		rows[i].count = random_row(rows[i].value);
		assert_int_equal(
			block_append(b, (struct wall){at}, rows[i].value, rows[i].count), 0);
	}
	return n;
}

static void any_rows_come_back(void **state)
{
	static struct row rows[600];
	struct bytes bytes = {0};

	(void)state;
	for (int round = 0; round < 60; round++) {
		struct block b = {0}, back = {0};
		size_t first = make_block(&b, rows, 300), second;

		bytes.n = 0;
		assert_int_equal(block_encode(codec, &b, &bytes), 0);
		assert_int_equal(block_decode(codec, bytes.p, bytes.n, -1, &back), 0);
		assert_rows_equal(&back, rows, first);
		/* chunks decoded one behind the other are the merged block */
		block_clear(&b);
		second = make_block(&b, rows + first, 300);
		bytes.n = 0;
		assert_int_equal(block_encode(codec, &b, &bytes), 0);
		assert_int_equal(block_decode(codec, bytes.p, bytes.n, -1, &back), 0);
		assert_rows_equal(&back, rows, first + second);
		block_release(&b);
		block_release(&back);
	}
	bytes_release(&bytes);
}

static void one_point_can_be_read_alone(void **state)
{
	static struct row rows[300];
	struct block b = {0}, back = {0};
	struct bytes bytes = {0};
	size_t n = make_block(&b, rows, 300);

	(void)state;
	assert_int_equal(block_encode(codec, &b, &bytes), 0);
	assert_int_equal(block_decode(codec, bytes.p, bytes.n, 3, &back), 0);
	assert_int_equal(back.rows, n);
	assert_true(back.column_count <= 1);
	for (size_t i = 0; i < n && back.column_count == 1; i++) {
		const struct store_value *v = value_of(rows[i].value, rows[i].count, 3);

		assert_true(block_value(&back.column[0], i) == (v != NULL ? v->value : VALUE_NONE));
	}
	bytes_release(&bytes);
	block_release(&b);
	block_release(&back);
}

static void rows_are_sorted_by_time(void **state)
{
	struct block b = {0};
	static const int64_t at[] = {5, 3, 9, 3, 1};
	static const int64_t sorted[] = {1, 3, 3, 5, 9}, values[] = {4, 1, 3, 0, 2};

	(void)state;
	for (int i = 0; i < 5; i++) {
		struct store_value v = {PT_POWER, Q_GOOD, i};

		assert_int_equal(block_append(&b, (struct wall){at[i]}, &v, 1), 0);
	}
	assert_int_equal(block_sort(&b), 0);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(b.at_ms[i], sorted[i]);
		assert_int_equal(block_value(&b.column[0], i), values[i]);
	}
	block_release(&b);
}

static void put_checksum(unsigned char *p, size_t n)
{
	uint32_t sum = 2166136261u;

	for (size_t i = 0; i < n - 4; i++) {
		sum = (sum ^ p[i]) * 16777619u;
	}
	for (int i = 0; i < 4; i++) {
		p[n - 4 + (size_t)i] = (unsigned char)(sum >> (8 * i));
	}
}

static void a_flipped_bit_is_noticed(void **state)
{
	static struct row rows[100];
	struct block b = {0}, back = {0};
	struct bytes bytes = {0};

	(void)state;
	make_block(&b, rows, 100);
	assert_int_equal(block_encode(codec, &b, &bytes), 0);
	for (size_t i = 0; i < bytes.n; i++) {
		unsigned char bit = (unsigned char)(1u << random_below(&rng, 8));

		bytes.p[i] ^= bit;
		assert_int_equal(block_decode(codec, bytes.p, bytes.n, -1, &back), ERR_CORRUPT);
		assert_int_equal(back.rows, 0);
		bytes.p[i] ^= bit;
	}
	assert_int_equal(block_decode(codec, bytes.p, bytes.n - 1, -1, &back), ERR_CORRUPT);
	bytes_release(&bytes);
	block_release(&b);
	block_release(&back);
}

/* Damage with a right checksum: whatever comes out, nothing breaks. */
static void hostile_bytes_do_no_harm(void **state)
{
	static struct row rows[200];
	struct bytes bytes = {0};

	(void)state;
	for (int round = 0; round < 3000; round++) {
		struct block b = {0}, back = {0};
		int64_t damages = 1 + random_below(&rng, 6);
		size_t n;
		int rc;

		make_block(&b, rows, 200);
		bytes.n = 0;
		assert_int_equal(block_encode(codec, &b, &bytes), 0);
		n = random_below(&rng, 4) == 0 ? 5 + (size_t)random_below(&rng, 40) : bytes.n;
		n = n > bytes.n ? bytes.n : n;
		for (int64_t k = 0; k < damages; k++) {
			size_t at = (size_t)random_below(
				&rng, random_below(&rng, 2) == 0 && n > 32 ? 32 : (int64_t)n);

			bytes.p[at] = (unsigned char)random_next(&rng);
		}
		put_checksum(bytes.p, n);
		rc = block_decode(codec, bytes.p, n, -1, &back);
		assert_true(rc == 0 || rc == ERR_CORRUPT || rc == ERR_FULL);
		assert_true(rc == 0 || back.rows == 0);
		block_release(&b);
		block_release(&back);
	}
	bytes_release(&bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_column_comes_back),
		cmocka_unit_test(limits_are_refused),
		cmocka_unit_test(any_rows_come_back),
		cmocka_unit_test(one_point_can_be_read_alone),
		cmocka_unit_test(rows_are_sorted_by_time),
		cmocka_unit_test(a_flipped_bit_is_noticed),
		cmocka_unit_test(hostile_bytes_do_no_harm),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
