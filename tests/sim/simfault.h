#ifndef PILESIM_SIMFAULT_H
#define PILESIM_SIMFAULT_H
/*
 * Kinds of faults that can be injected: simfault.def.
 */
#include <stdint.h>
#include <stdio.h>

enum sim_fault_kind {
#define SIMFAULT(sym, name, target, arg, least, most, preset, help) SF_##sym,
#include "simfault.def"
#undef SIMFAULT
	SF_COUNT_
};

#define SIM_FAULTS_MAX 128 /* active at a time */

struct sim_fault_info {
	const char *name;
	char target;
	const char *argument; /* NULL = none */
	int64_t least, most, preset;
	const char *help;
};

const struct sim_fault_info *sim_fault_info(enum sim_fault_kind kind);
/* The table for people. */
void sim_fault_list(FILE *to);

#endif
