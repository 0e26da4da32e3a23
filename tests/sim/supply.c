#include "supply.h"

#define NOMINAL_MV 221000
#define DRIFT_MV   1500

uint64_t noise_id(enum noise_of of, unsigned device, unsigned part)
{
	return ((uint64_t)of << 40) | ((uint64_t)device << 8) | part;
}

int32_t supply_mv(uint64_t seed, unsigned phase, int64_t second)
{
	uint64_t id = noise_id(N_SUPPLY, 0, phase);
	uint64_t minute = (uint64_t)(second / 60);
	int64_t from = rng_noise(seed, id, minute, DRIFT_MV);
	int64_t to = rng_noise(seed, id, minute + 1, DRIFT_MV);

	return (int32_t)(NOMINAL_MV + from + (to - from) * (second % 60) / 60);
}

int64_t measured(int64_t value, uint64_t seed, uint64_t id, int64_t second, int64_t amplitude)
{
	if (value == 0) {
		return 0;
	}
	int64_t noisy = value + rng_noise(seed, id, (uint64_t)second, amplitude);

	return noisy < 0 ? 0 : noisy;
}
