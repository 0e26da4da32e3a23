#ifndef PILESIM_SIMCONFIG_H
#define PILESIM_SIMCONFIG_H
/*
 * A configuration of piled for a simulated site, so that any site of pilesim has its agent at once.
 */
#include "sim.h"

/* Where a bus is reached: a port of `address`, or (serial) a path. */
struct simconfig_bus {
	int port;
	const char *path;
};

/* Writes piled.yaml(5). `buses`: one for each of the site. */
void simconfig_print(const struct sim_site *site, const char *address,
	const struct simconfig_bus *buses, FILE *to);

#endif
