#ifndef PILED_BUS_STATS_H
#define PILED_BUS_STATS_H
/*
 * Counters of a bus or a unit: bounded memory, no locks (the owner has one).
 */
#include "port.h"

#define LATENCY_BUCKETS 208 /* eight an octave, 1 us to 268 s */
#define USE_SLOTS       10  /* seconds over which the line use is taken */

struct latency {
	uint16_t bucket[LATENCY_BUCKETS];
	uint32_t count; /* halved with the buckets now and then: the recent past counts more */
};

void latency_add(struct latency *latency, int64_t us);
/* The latency that pm per mille of the transactions kept, in us; VALUE_NONE without any. */
int64_t latency_quantile(const struct latency *latency, int pm);

struct bus_stats {
	struct latency latency;
	int64_t transactions, timeouts, crc, frames, foreign, late, exceptions, other;
	struct mono last_good;
	bool any_good;
};

void bus_stats_add(struct bus_stats *stats, const struct bus_reply *reply);

/* How much of the last USE_SLOTS seconds the line was in use. */
struct bus_use {
	int64_t second[USE_SLOTS]; /* which second a slot holds */
	int64_t busy_us[USE_SLOTS];
};

void bus_use_add(struct bus_use *use, struct mono from, struct mono to);
int64_t bus_use_pm(const struct bus_use *use, struct mono now);

#endif
