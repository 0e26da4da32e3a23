#include "rng.h"

/* splitmix64, Sebastiano Vigna, public domain: the finalising steps and the golden gamma. */
#define GAMMA UINT64_C(0x9e3779b97f4a7c15)

static uint64_t mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

struct rng rng_stream(uint64_t seed, uint64_t purpose)
{
	return (struct rng){rng_hash(seed, purpose, 0)};
}

uint64_t rng_next(struct rng *rng)
{
	rng->state += GAMMA;
	return mix(rng->state);
}

int64_t rng_range(struct rng *rng, int64_t lo, int64_t hi)
{
	if (hi <= lo) {
		return lo;
	}
	return lo + (int64_t)(rng_next(rng) % (uint64_t)(hi - lo + 1));
}

uint64_t rng_hash(uint64_t seed, uint64_t what, uint64_t when)
{
	return mix(mix(seed + GAMMA * (what + 1)) + GAMMA * (when + 1));
}

int64_t rng_noise(uint64_t seed, uint64_t what, uint64_t when, int64_t amplitude)
{
	if (amplitude <= 0) {
		return 0;
	}
	return (int64_t)(rng_hash(seed, what, when) % (uint64_t)(2 * amplitude + 1)) - amplitude;
}
