/* A bus on a virtual clock. */
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "virtual.h"

struct vbus {
	uint16_t index;
	struct plan *plan;
	struct bus_port *port;
	struct mono *clock;
	bool open;
};

int vbus_new(uint16_t bus, struct plan *plan, struct bus_port *port, struct mono *clock,
	struct vbus **out)
{
	struct vbus *vbus = calloc(1, sizeof *vbus);

	if (!vbus) {
		return ERR_NOMEM;
	}
	vbus->index = bus;
	vbus->plan = plan;
	vbus->port = port;
	vbus->clock = clock;
	*out = vbus;
	return 0;
}

void vbus_free(struct vbus *vbus)
{
	free(vbus);
}

static void carry_out(
	struct vbus *vbus, const struct plan_step *step, vbus_on_result on_result, void *arg)
{
	struct bus_result result = {.bus = vbus->index, .step = *step};
	struct bus_request request = {.unit = plan_address(vbus->plan, step->unit),
		.function = step->function,
		.address = step->address,
		.count = step->count,
		.values = step->values};

	if (!vbus->open) {
		vbus->open = vbus->port->ops->open(vbus->port) == 0;
	}
	if (vbus->open) {
		vbus->port->ops->transact(vbus->port, &request, &result.reply);
	} else {
		/* A closed line costs what a silent unit costs. */
		result.reply.err = ERR_TIMEOUT;
		result.reply.took_us = BUS_TIMEOUT_US;
		result.reply.at = mono_add_us(*vbus->clock, BUS_TIMEOUT_US);
	}
	if (result.reply.err == ERR_CLOSED || result.reply.err == ERR_IO) {
		vbus->port->ops->close(vbus->port);
		vbus->open = false;
	}
	if (mono_before(*vbus->clock, result.reply.at)) {
		*vbus->clock = result.reply.at;
	} else {
		/* Time must pass, or a port without a clock would hang the run. */
		*vbus->clock = mono_add_us(*vbus->clock, 1);
		result.reply.at = *vbus->clock;
	}
	result.changed = plan_done(vbus->plan, step, &result.reply);
	result.up = plan_unit_up(vbus->plan, step->unit, NULL);
	if (step->what == PLAN_READ || plan_final(vbus->plan) || result.changed) {
		on_result(arg, &result);
	}
}

struct mono vbus_step(struct vbus *vbus, vbus_on_result on_result, void *arg)
{
	struct plan_step step;

	plan_next(vbus->plan, *vbus->clock, &step);
	if (step.what == PLAN_WAIT) {
		return step.until;
	}
	carry_out(vbus, &step, on_result, arg);
	return *vbus->clock;
}

void vbus_run(struct vbus *vbus, struct mono until, vbus_on_result on_result, void *arg)
{
	while (mono_before(*vbus->clock, until)) {
		struct mono next = vbus_step(vbus, on_result, arg);

		if (mono_before(*vbus->clock, next)) {
			*vbus->clock = mono_before(next, until) ? next : until;
		}
	}
}
