#include "stop.h"

#include "alarm.h"
#include "command.h"
#include "tag.h"

/* Guns that charge on are told again after this. */
#define AGAIN_US (15 * US_PER_S)
/* How an input signs: "input fire". */
#define SIGNED "input "

static struct stop *stop_of(const struct site *site, size_t i)
{
	return (struct stop *)site_at(site, site->h.stops) + i;
}

static const struct stop_cfg *stop_cfg(const struct site *site, size_t i)
{
	return (const struct stop_cfg *)site_at(site, site->h.stop_cfgs) + i;
}

static bool same(struct target a, struct target b)
{
	return a.kind == b.kind && a.index == b.index;
}

/* The input as last read; what is not known is not active. */
static bool active(const struct site *site, const struct stop_cfg *cfg)
{
	const struct dev *dev = cfg->unit.kind == TGT_METER ? meter_of(site, cfg->unit.index)
							    : pile_of(site, cfg->unit.index);
	int64_t bits;

	return cells_good(&dev->cells, PT_INPUT, &bits) && (bits >> cfg->bit & 1) == cfg->active;
}

static bool charges_on(const struct site *site, struct target group)
{
	for (uint16_t i = 0; i < site->cfg.gun_count; i++) {
		if (tag_covers(site, group, i) && gun_of(site, i)->state == GUN_CHARGING) {
			return true;
		}
	}
	return false;
}

/* Out of service is what it is for everybody: nothing starts, and it is in the records. */
static void take_out(struct core *c, size_t i)
{
	const struct stop_cfg *cfg = stop_cfg(c->site, i);
	struct event e = {.kind = EV_COMMAND, .now = c->now};
	char id[40], by[32], origin[48];

	core_text(id, sizeof id, "input-%lld-%s", (long long)c->now.wall.ms, cfg->id);
	core_text(by, sizeof by, SIGNED "%s", cfg->id);
	core_text(origin, sizeof origin, "%s bit %u", target_id(c->site, cfg->unit), cfg->bit);
	e.command.verb = VERB_TAG;
	e.command.target = cfg->group;
	e.command.id = id;
	e.command.by = by;
	e.command.origin = origin;
	e.command.reason = "stopped by a fire or emergency input";
	command_take(c, &e);
	stop_of(c->site, i)->told_us = c->now.mono.us;
}

static void raise(struct core *c, const struct stop_cfg *cfg)
{
	char detail[64];

	core_text(detail, sizeof detail, "%s stopped %s", cfg->id, target_id(c->site, cfg->group));
	if (cfg->unit.kind == TGT_METER) {
		alarm_meter(c, cfg->unit.index, STOP_FAULT, FAULT_INPUT_STOP, detail);
	} else {
		alarm_pile(c, cfg->unit.index, STOP_FAULT, FAULT_INPUT_STOP, detail);
	}
}

bool stop_step(struct core *c)
{
	bool stopped = false;

	for (size_t i = 0; i < c->site->cfg.stop_count && core_room(c, GUN_ROOM); i++) {
		const struct stop_cfg *cfg = stop_cfg(c->site, i);
		struct stop *s = stop_of(c->site, i);
		const struct tag *tag = tag_of(c->site, cfg->group);
		bool is = active(c->site, cfg);

		if (is && !s->latched) {
			s->latched = 1;
			s->told_us = 0;
			stopped = true;
			core_log(c, LOG_ERROR, "input %s is active: %s is stopped", cfg->id,
				target_id(c->site, cfg->group));
		}
		if (!s->latched) {
			continue;
		}
		raise(c, cfg);
		if ((!tag->on || charges_on(c->site, cfg->group)) &&
			(s->told_us == 0 ||
				c->now.mono.us - s->told_us >= (tag->on ? AGAIN_US : US_PER_S))) {
			take_out(c, i);
		}
	}
	return stopped;
}

bool stop_holds(const struct site *site, struct target target, bool *still, const char **id)
{
	bool holds = false;

	*still = false;
	for (size_t i = 0; i < site->cfg.stop_count; i++) {
		const struct stop_cfg *cfg = stop_cfg(site, i);

		if (!stop_of(site, i)->latched || !same(cfg->group, target)) {
			continue;
		}
		if (!holds || active(site, cfg)) {
			*id = cfg->id;
		}
		holds = true;
		*still = *still || active(site, cfg);
	}
	return holds;
}

void stop_release(struct core *c, struct target target)
{
	const struct tag *tag = tag_of(c->site, target);

	for (size_t i = 0; i < c->site->cfg.stop_count; i++) {
		const struct stop_cfg *cfg = stop_cfg(c->site, i);
		bool others = false;

		if (!same(cfg->group, target) || !stop_of(c->site, i)->latched) {
			continue;
		}
		stop_of(c->site, i)->latched = 0;
		for (size_t k = 0; k < c->site->cfg.stop_count; k++) {
			others = others || (stop_of(c->site, k)->latched &&
						   same(stop_cfg(c->site, k)->unit, cfg->unit));
		}
		if (!others && cfg->unit.kind == TGT_METER) {
			alarm_meter(c, cfg->unit.index, STOP_FAULT, FAULT_NONE, "");
		} else if (!others) {
			alarm_pile(c, cfg->unit.index, STOP_FAULT, FAULT_NONE, "");
		}
	}
	/* What a person took out of service before stays so. */
	if (tag->on && strncmp(tag->by, SIGNED, strlen(SIGNED)) == 0) {
		tag_set(c, target, "", "");
	}
}

void stop_resume(struct core *c, struct target target, const char *by)
{
	for (size_t i = 0; i < c->site->cfg.stop_count; i++) {
		const struct stop_cfg *cfg = stop_cfg(c->site, i);

		if (same(cfg->group, target) && strncmp(by, SIGNED, strlen(SIGNED)) == 0 &&
			strcmp(by + strlen(SIGNED), cfg->id) == 0) {
			stop_of(c->site, i)->latched = 1;
		}
	}
}
