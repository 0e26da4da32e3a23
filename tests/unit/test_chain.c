/* Hash chains: the hash of a known row, and that no two different rows have the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "chain.h"
#include "reading.h"

static struct chain *chain;

static int make(void **state)
{
	(void)state;
	return chain_new(&chain);
}

static int release(void **state)
{
	(void)state;
	chain_free(chain);
	return 0;
}

static void hash_of(const char *a, const char *b, int64_t n, unsigned char out[CHAIN_SIZE])
{
	chain_begin(chain, NULL);
	chain_text(chain, a);
	chain_text(chain, b);
	chain_int(chain, n);
	assert_int_equal(chain_end(chain, out), 0);
}

/* printf '\0\0\0\40' + 32 zero bytes + '\0\0\0\3abc' + '\0\0\0\10' + 8 bytes of 1 | sha256sum */
static void a_known_row_has_its_hash(void **state)
{
	unsigned char hash[CHAIN_SIZE], back[CHAIN_SIZE];
	char hex[CHAIN_HEX];

	(void)state;
	chain_begin(chain, NULL);
	chain_text(chain, "abc");
	chain_int(chain, 1);
	assert_int_equal(chain_end(chain, hash), 0);
	chain_hex(hash, hex);
	assert_string_equal(
		hex, "f3a09f8be42c1dda7ef01af42c081d634444e2afde53d6c2ec99df080608bb39");
	assert_int_equal(chain_from_hex(hex, back), 0);
	assert_memory_equal(back, hash, CHAIN_SIZE);
	hex[5] = 'g';
	assert_int_equal(chain_from_hex(hex, back), ERR_SYNTAX);
	assert_int_equal(chain_from_hex("00", back), ERR_SYNTAX);
}

static void rows_that_differ_have_other_hashes(void **state)
{
	unsigned char a[CHAIN_SIZE], b[CHAIN_SIZE];

	(void)state;
	hash_of("ab", "c", 1, a);
	hash_of("a", "bc", 1, b);
	assert_memory_not_equal(a, b, CHAIN_SIZE);
	hash_of("ab", "c", 2, b);
	assert_memory_not_equal(a, b, CHAIN_SIZE);
	hash_of("ab", "c", VALUE_NONE, b);
	assert_memory_not_equal(a, b, CHAIN_SIZE);
	hash_of("ab", NULL, 1, a);
	hash_of("ab", "", 1, b);
	assert_memory_equal(a, b, CHAIN_SIZE);
	chain_begin(chain, a);
	chain_text(chain, "ab");
	chain_text(chain, "");
	chain_int(chain, 1);
	assert_int_equal(chain_end(chain, b), 0);
	assert_memory_not_equal(a, b, CHAIN_SIZE);
}

/* Fields longer than what is gathered at once. */
static void long_fields_count_to_their_end(void **state)
{
	static unsigned char bytes[5000];
	unsigned char a[CHAIN_SIZE], b[CHAIN_SIZE];

	(void)state;
	memset(bytes, 7, sizeof bytes);
	for (size_t size = 900; size < sizeof bytes; size += 37) {
		chain_begin(chain, NULL);
		chain_bytes(chain, bytes, size);
		assert_int_equal(chain_end(chain, a), 0);
		bytes[size - 1] ^= 1;
		chain_begin(chain, NULL);
		chain_bytes(chain, bytes, size);
		assert_int_equal(chain_end(chain, b), 0);
		bytes[size - 1] ^= 1;
		assert_memory_not_equal(a, b, CHAIN_SIZE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_known_row_has_its_hash),
		cmocka_unit_test(rows_that_differ_have_other_hashes),
		cmocka_unit_test(long_fields_count_to_their_end),
	};

	return cmocka_run_group_tests(tests, make, release);
}
