#ifndef PILED_BUS_VIRTUAL_H
#define PILED_BUS_VIRTUAL_H
/*
 * A bus on a virtual clock: the plan and a port driven without threads and without waiting, for
 * scenario tests and for runs of weeks in seconds.
 *
 * The port shares the clock: it may read *clock during transact() and says by reply.at and
 * reply.took_us how long the transaction took; the runner moves the clock there.
 */
#include "thread.h"

struct vbus;

/* Neither plan nor port are owned. `bus` is the index in results. */
int vbus_new(uint16_t bus, struct plan *plan, struct bus_port *port, struct mono *clock,
	struct vbus **out);
void vbus_free(struct vbus *vbus);

typedef void (*vbus_on_result)(void *arg, const struct bus_result *result);

/* Runs until the clock stands at `until`. The callback may queue writes into the plan. */
void vbus_run(struct vbus *vbus, struct mono until, vbus_on_result on_result, void *arg);

/* One step at most: carries it out, or returns the time before which there is nothing to do. Lets
 * a caller interleave several buses, each with a clock of its own. */
struct mono vbus_step(struct vbus *vbus, vbus_on_result on_result, void *arg);

#endif
