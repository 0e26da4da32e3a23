#ifndef PILED_RNG_H
#define PILED_RNG_H
/*
 * The only source of randomness of the simulator and of what-if: splitmix64. Streams for decisions
 * that come one after another (arrivals, cars, corrupt frames), and a hash for noise that is a pure
 * function of seed, quantity and second, so that reading twice or more often changes nothing.
 */
#include <stdint.h>

struct rng {
	uint64_t state;
};

/* A stream of its own for each purpose of a seed. */
struct rng rng_stream(uint64_t seed, uint64_t purpose);
uint64_t rng_next(struct rng *rng);
/* Evenly in lo..hi, both included; lo where hi < lo. */
int64_t rng_range(struct rng *rng, int64_t lo, int64_t hi);

/* Noise of one quantity at one time: evenly in -amplitude..amplitude. */
uint64_t rng_hash(uint64_t seed, uint64_t what, uint64_t when);
int64_t rng_noise(uint64_t seed, uint64_t what, uint64_t when, int64_t amplitude);

#endif
