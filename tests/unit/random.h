#ifndef RANDOM_H
#define RANDOM_H
/* A seeded generator for random tests. The seed comes from $SEED or the clock and is printed. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "timex.h"

/* xorshift64* */
static inline uint64_t random_next(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(2685821657736338717);
}

/* 0 .. n-1 */
static inline int64_t random_below(uint64_t *state, int64_t n)
{
	return n < 1 ? 0 : (int64_t)(random_next(state) >> 1) % n;
}

static inline uint64_t random_seed(void)
{
	const char *text = getenv("SEED");
	uint64_t seed = text != NULL ? strtoull(text, NULL, 10) : (uint64_t)moment_now().mono.us;

	seed = seed == 0 ? 1 : seed;
	printf("# seed %llu\n", (unsigned long long)seed);
	return seed;
}

#endif
