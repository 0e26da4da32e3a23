#ifndef PILESIM_SUPPLY_H
#define PILESIM_SUPPLY_H
/*
 * The supply voltage, and the noise of every measurement of the model, in one place.
 *
 * Each is a pure function of seed, quantity and model second. Amplitudes (even distribution):
 *   supply voltage   221.0 V +- 1.5 V, drifting from minute to minute (no noise: true value)
 *   measured voltage +- 0.1 V          measured current  DC +- 0.1 A, AC +- 0.02 A
 *   measured power   +- 0.1 % of the value
 *   temperature      +- 0.1 degC, a new value each minute
 *   frequency         50.00 Hz +- 0.02 Hz
 * Energy, state of charge, counters and limits carry none: their step is their resolution.
 * A current or power of 0 is measured as 0.
 */
#include <stdint.h>

#include "rng.h"

#define NOISE_MV       100
#define NOISE_DC_MA    100
#define NOISE_AC_MA    20
#define NOISE_POWER_PM 1
#define NOISE_TEMP_MC  100
#define NOISE_MHZ      20

/* What noise belongs to: a device (index in the site), a gun or phase of it, a quantity. */
enum noise_of { N_SUPPLY, N_VOLTAGE, N_CURRENT, N_POWER, N_TEMP, N_HZ, N_LOAD, N_PIECES };
uint64_t noise_id(enum noise_of of, unsigned device, unsigned part);

/* True voltage of phase 0..2 at a model second. */
int32_t supply_mv(uint64_t seed, unsigned phase, int64_t second);

/* `value` as measured: 0 stays 0; with noise of +- amplitude, never below 0. */
int64_t measured(int64_t value, uint64_t seed, uint64_t id, int64_t second, int64_t amplitude);

#endif
