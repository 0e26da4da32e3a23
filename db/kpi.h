#ifndef PILED_KPI_H
#define PILED_KPI_H
/*
 * How good the alarms of a site are, by the figures of EEMUA 191: how many come in ten minutes, how
 * many stand and for how long, which few make most of them. From the records of alarms; what was
 * folded under another, or suppressed because it was of what is out of service, is not counted.
 */
#include "store.h"

/* EEMUA 191: more than this in ten minutes is a flood. */
#define KPI_FLOOD 10

/* The figures of a time. */
int store_alarm_kpi(
	struct store_reader *reader, struct wall from, struct wall to, struct view_kpi *out);

/* Those that came most often, the worst first. */
int store_alarm_actors(struct store_reader *reader, struct wall from, struct wall to, size_t limit,
	int (*each)(void *arg, const struct view_actor *actor), void *arg);

#endif
