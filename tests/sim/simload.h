#ifndef PILESIM_SIMLOAD_H
#define PILESIM_SIMLOAD_H
/*
 * The other load under the transformer: a building. Power is constant within a minute; it follows
 * the hours of a working day with noise of +- 3 % a minute, or a table of hourly values. A third
 * and a bit of it is on phase 1 (36 : 33 : 31). Pure.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct simload {
	uint64_t seed;
	int64_t peak_w;        /* of the day curve; 0 = no building */
	const int32_t *hour_w; /* borrowed, NULL = day curve; entry h is hour h of the year */
	size_t hours;
	int64_t local_s; /* seconds since 1970, local time, at model second 0 */
	bool fixed;      /* fixed_w in place of all that */
	int64_t fixed_w;
	int64_t minute; /* energy is counted up to here */
	int64_t energy_ws[3];
};

/* Power per phase at a model second. */
void simload_power(const struct simload *load, int64_t second, int64_t w[3]);
/* From this second on it takes `w`; with w < 0 what its hour says. */
void simload_fix(struct simload *load, int64_t second, int64_t w);
/* Counts energy up to the whole minute before `second`. */
void simload_advance(struct simload *load, int64_t second);
/* Energy per phase from model second 0 to `second`; advance first. */
void simload_energy(const struct simload *load, int64_t second, int64_t ws[3]);

#endif
