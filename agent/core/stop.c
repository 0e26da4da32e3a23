#include "stop.h"

#include "alarm.h"
#include "command.h"
#include "tag.h"

/* Guns that charge on are told again after this. */
#define AGAIN_US (15 * US_PER_S)

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

/* Not read for too long: what it would say is not known. */
static bool silent(const struct site *site, size_t i)
{
	const struct stop *s = stop_of(site, i);

	int64_t most_us = site->cfg.stale_us > STOP_SILENT_US ? site->cfg.stale_us : STOP_SILENT_US;

	return s->known_us != 0 && site->h.now_us - s->known_us >= most_us;
}

/* Its group must stand: it says so, or nobody knows. */
static bool demands(const struct site *site, size_t i)
{
	const struct stop_cfg *cfg = stop_cfg(site, i);

	return active(site, cfg) || (cfg->silence == SILENCE_STOP && silent(site, i));
}

static void note_known(struct core *c, size_t i)
{
	const struct stop_cfg *cfg = stop_cfg(c->site, i);
	const struct dev *dev = cfg->unit.kind == TGT_METER ? meter_of(c->site, cfg->unit.index)
							    : pile_of(c->site, cfg->unit.index);
	struct stop *s = stop_of(c->site, i);
	int64_t bits;

	if (cells_good(&dev->cells, PT_INPUT, &bits)) {
		s->known_us = dev->cells.cell[PT_INPUT].at_us;
	} else if (s->known_us == 0) {
		s->known_us = c->now.mono.us; /* from the start on it has as long to appear */
	}
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
	core_text(by, sizeof by, FAULT_INPUT_SIGN "%s", cfg->id);
	core_text(origin, sizeof origin, "%s bit %u", target_id(c->site, cfg->unit), cfg->bit);
	e.command.verb = VERB_TAG;
	e.command.target = cfg->group;
	e.command.id = id;
	e.command.by = by;
	e.command.origin = origin;
	e.command.reason = phrase_plain(PHRASE_INPUT_STOPPED);
	command_take(c, &e);
	stop_of(c->site, i)->told_us = c->now.mono.us;
}

static void raise(struct core *c, const struct stop_cfg *cfg)
{
	char detail[64];

	core_text(detail, sizeof detail, "%s stopped %s", cfg->id, target_id(c->site, cfg->group));
	alarm_target(c, cfg->unit, STOP_FAULT, FAULT_INPUT_STOP, detail);
}

/* One alarm for all inputs of a unit: they fall silent together. */
static void tell_silence(struct core *c, size_t i)
{
	const struct stop_cfg *cfg = stop_cfg(c->site, i);
	char detail[64];

	for (size_t k = 0; k < i; k++) {
		if (same(stop_cfg(c->site, k)->unit, cfg->unit)) {
			return;
		}
	}
	core_text(detail, sizeof detail, "%s", cfg->id);
	alarm_target(c, cfg->unit, UNKNOWN_FAULT,
		silent(c->site, i) ? FAULT_INPUT_SILENT : FAULT_NONE,
		silent(c->site, i) ? detail : "");
}

bool stop_step(struct core *c)
{
	bool stopped = false;

	for (size_t i = 0; i < c->site->cfg.stop_count && core_room(c, GUN_ROOM); i++) {
		const struct stop_cfg *cfg = stop_cfg(c->site, i);
		struct stop *s = stop_of(c->site, i);
		const struct tag *tag = tag_of(c->site, cfg->group);

		note_known(c, i);
		tell_silence(c, i);
		if (demands(c->site, i) && !s->latched) {
			s->latched = 1;
			s->told_us = 0;
			stopped = true;
			core_log(c, LOG_ERROR, "input %s is %s: %s is stopped", cfg->id,
				active(c->site, cfg) ? "active" : "not known",
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
		if (!holds || demands(site, i)) {
			*id = cfg->id;
		}
		holds = true;
		*still = *still || demands(site, i);
	}
	return holds;
}

bool stop_signed(const struct tag *tag)
{
	return fault_input_signed(tag->by);
}

bool stop_on_gun(const struct site *site, uint16_t gun)
{
	for (size_t i = 0; i < site->cfg.stop_count; i++) {
		if (stop_of(site, i)->latched && tag_covers(site, stop_cfg(site, i)->group, gun)) {
			return true;
		}
	}
	return false;
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
		if (!others) {
			alarm_target(c, cfg->unit, STOP_FAULT, FAULT_NONE, "");
		}
	}
	/* What a person took out of service before stays so. */
	if (tag->on && stop_signed(tag)) {
		tag_set(c, target, "", "");
	}
}

void stop_resume(struct core *c, struct target target, const char *by)
{
	for (size_t i = 0; i < c->site->cfg.stop_count; i++) {
		const struct stop_cfg *cfg = stop_cfg(c->site, i);

		if (same(cfg->group, target) && fault_input_signed(by) &&
			strcmp(by + strlen(FAULT_INPUT_SIGN), cfg->id) == 0) {
			stop_of(c->site, i)->latched = 1;
		}
	}
}
