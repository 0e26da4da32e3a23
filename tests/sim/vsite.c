#include "vsite.h"

#include <stdlib.h>
#include <string.h>

#include "bus/virtual.h"
#include "field.h"

#define TICK_US US_PER_S

struct line {
	struct plan *plan;
	struct bus_port *port;
	struct vbus *vbus;
	struct mono clock;
	struct mono next; /* nothing to do before */
};

struct vsite {
	struct vsite_cfg cfg;
	struct field_map *field;
	struct site *site;
	struct actions actions;
	struct line *lines;
	size_t line_count;
	struct mono now, tick;
};

static int open_line(struct vsite *v, size_t i)
{
	const struct config_unit *units;
	struct line *line = &v->lines[i];
	struct plan_cfg plan;
	int rc;

	if (i >= sim_site_of(v->cfg.sim)->bus_count) {
		return ERR_NOTFOUND;
	}
	config_bus_plan(v->cfg.config, i, &plan, &units);
	plan.seed = i + 1;
	rc = plan_new(&plan, &line->plan);
	if (rc != 0) {
		return rc;
	}
	line->port = sim_port(v->cfg.sim, (unsigned)i);
	if (line->port == NULL) {
		return ERR_NOMEM;
	}
	line->clock = v->now;
	return vbus_new((uint16_t)i, line->plan, line->port, &line->clock, &line->vbus);
}

int vsite_new(const struct vsite_cfg *cfg, struct vsite **out)
{
	struct vsite *v = calloc(1, sizeof *v);
	struct site_cfg site;
	int rc;

	if (v == NULL) {
		return ERR_NOMEM;
	}
	v->cfg = *cfg;
	v->now = sim_now(cfg->sim);
	v->tick = v->now;
	v->actions.cap = ACTIONS_MIN(cfg->config->gun_count);
	v->actions.v = calloc(v->actions.cap, sizeof *v->actions.v);
	v->lines = calloc(cfg->config->bus_count, sizeof *v->lines);
	rc = v->actions.v == NULL || v->lines == NULL ? ERR_NOMEM : 0;
	if (rc == 0) {
		config_site_cfg(cfg->config, &site);
		rc = site_new(&site, &v->site);
	}
	if (rc == 0) {
		rc = field_new(cfg->config, &v->field);
	}
	for (; rc == 0 && v->line_count < cfg->config->bus_count; v->line_count++) {
		rc = open_line(v, v->line_count);
	}
	if (rc != 0) {
		vsite_free(v);
		return rc;
	}
	*out = v;
	return 0;
}

void vsite_free(struct vsite *v)
{
	if (v == NULL) {
		return;
	}
	for (size_t i = 0; v->lines != NULL && i < v->cfg.config->bus_count; i++) {
		vbus_free(v->lines[i].vbus);
		plan_free(v->lines[i].plan);
		if (v->lines[i].port != NULL) {
			v->lines[i].port->ops->free(v->lines[i].port);
		}
	}
	field_free(v->field);
	site_free(v->site);
	free(v->actions.v);
	free(v->lines);
	free(v);
}

const struct site *vsite_site(const struct vsite *v)
{
	return v->site;
}

struct moment vsite_now(const struct vsite *v)
{
	return (struct moment){v->now, sim_wall(v->cfg.sim, v->now)};
}

static void emit(void *arg, const struct event *event);

/* A line that rests has something to do now. */
static void wake(struct vsite *v, uint16_t bus)
{
	if (mono_before(v->now, v->lines[bus].next)) {
		v->lines[bus].next = v->now;
	}
}

static void carry_write(struct vsite *v, const struct action *a)
{
	struct plan_write write;
	uint16_t bus;
	int rc = field_write(v->field, a, &bus, &write);

	if (rc == 0) {
		rc = plan_write(v->lines[bus].plan, &write);
	}
	if (rc != 0) {
		field_write_failed(v->field, a->write.token, rc, vsite_now(v), emit, v);
		return;
	}
	wake(v, bus);
}

static void carry_poll(struct vsite *v, const struct action *a)
{
	uint16_t bus, unit;

	if (field_find(v->field, a->poll.target, &bus, &unit) == 0) {
		plan_poll_now(v->lines[bus].plan, unit, a->poll.all);
		wake(v, bus);
	}
}

/* Takes one event. Actions are copied out first: carrying one out may lead to the next event. */
static void emit(void *arg, const struct event *event)
{
	struct vsite *v = arg;
	struct action *todo = NULL;
	size_t count;

	v->actions.count = 0;
	v->actions.overflow = false;
	site_apply(v->site, event, &v->actions);
	count = v->actions.count;
	if (count == 0) {
		return;
	}
	todo = malloc(count * sizeof *todo);
	if (todo == NULL) {
		abort();
	}
	memcpy(todo, v->actions.v, count * sizeof *todo);
	for (size_t i = 0; i < count; i++) {
		if (todo[i].kind == ACT_WRITE) {
			carry_write(v, &todo[i]);
		} else if (todo[i].kind == ACT_POLL) {
			carry_poll(v, &todo[i]);
		} else if (v->cfg.on_action != NULL) {
			v->cfg.on_action(v->cfg.arg, &todo[i]);
		}
	}
	free(todo);
}

void vsite_apply(struct vsite *v, struct event *event)
{
	event->now = vsite_now(v);
	emit(v, event);
}

static void on_result(void *arg, const struct bus_result *result)
{
	struct vsite *v = arg;

	if (mono_before(v->now, result->reply.at)) {
		v->now = result->reply.at;
	}
	field_result(v->field, result, vsite_now(v), emit, v);
}

/* The line that has something to do first; a line that rests moves on with the others. */
static struct line *first_line(struct vsite *v)
{
	struct line *first = &v->lines[0];

	for (size_t i = 1; i < v->line_count; i++) {
		if (mono_before(v->lines[i].next, first->next)) {
			first = &v->lines[i];
		}
	}
	return first;
}

static void tick(struct vsite *v)
{
	struct event event = {.kind = EV_TICK};

	if (mono_before(v->now, v->tick)) {
		v->now = v->tick;
	}
	sim_advance(v->cfg.sim, v->now);
	vsite_apply(v, &event);
	v->tick = mono_add_us(v->tick, TICK_US);
}

void vsite_run(struct vsite *v, struct mono until)
{
	for (;;) {
		struct line *line = first_line(v);

		if (!mono_before(line->next, v->tick)) {
			if (!mono_before(v->tick, until)) {
				return;
			}
			tick(v);
			continue;
		}
		if (!mono_before(line->next, until)) {
			return;
		}
		if (mono_before(line->clock, line->next)) {
			line->clock = line->next;
		}
		sim_port_wait(line->port, line->clock);
		line->next = vbus_step(line->vbus, on_result, v);
	}
}
