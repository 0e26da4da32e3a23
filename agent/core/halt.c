#include "halt.h"

#include "command.h"
#include "order.h"
#include "standing.h"
#include "tag.h"
#include "visit.h"

/* A gun that charges on is told again after this. */
#define AGAIN_US (15 * US_PER_S)

static void note(struct core *c, uint16_t gun, const char *by, const char *reason)
{
	struct tag *halt = &gun_of(c->site, gun)->halt;

	view_set_text(halt->by, sizeof halt->by, by);
	view_set_text(halt->reason, sizeof halt->reason, reason);
	halt->since_ms = c->now.wall.ms;
	halt->on = by[0] != '\0';
	standing_touch(c->site, gun);
}

void halt_set(struct core *c, struct target target, const char *by, const char *reason)
{
	const char *who = by[0] != '\0' ? by : "piled";
	char why[96];

	core_text(why, sizeof why, "%s was stopped by %s%s%.40s", target_id(c->site, target), who,
		reason[0] != '\0' ? ": " : "", reason);
	for (uint16_t i = 0; i < c->site->cfg.gun_count; i++) {
		if (tag_covers(c->site, target, i)) {
			note(c, i, who, reason);
			gun_of(c->site, i)->halt_told_us = c->now.mono.us;
			order_halted(c, i, why);
		}
	}
	core_log(c, LOG_NOTICE, "%s: held by %s until a release or a start anew: %s",
		target_id(c->site, target), who, reason);
}

bool halt_release(struct core *c, struct target target, const char *by)
{
	bool any = false;

	for (uint16_t i = 0; i < c->site->cfg.gun_count; i++) {
		if (tag_covers(c->site, target, i) && gun_of(c->site, i)->halt.on) {
			note(c, i, "", "");
			any = true;
		}
	}
	if (any) {
		core_log(c, LOG_NOTICE, "%s: released by %s after a stop",
			target_id(c->site, target), by);
	}
	return any;
}

bool halt_holds(const struct site *site, struct target target)
{
	for (uint16_t i = 0; i < site->cfg.gun_count; i++) {
		if (tag_covers(site, target, i) && gun_of(site, i)->halt.on) {
			return true;
		}
	}
	return false;
}

const struct tag *halt_on_gun(const struct site *site, uint16_t gun)
{
	const struct tag *halt = &gun_of(site, gun)->halt;

	return halt->on ? halt : NULL;
}

/* It charges, or has come so far that only the car keeps it from charging. */
static bool begins(const struct gun *g)
{
	return g->state == GUN_CHARGING || (g->state == GUN_SUSPENDED && !g->stop_asked);
}

void halt_step(struct core *c, uint16_t gun)
{
	struct gun *g = gun_of(c->site, gun);
	const struct pile_cfg *pile = pile_cfg(c->site, gun_cfg(c->site, gun)->pile);
	struct event e = {.kind = EV_COMMAND, .now = c->now};
	char id[40];

	if (!g->halt.on || !begins(g) || (pile->writable >> (PT_STOP - PT_START) & 1) == 0 ||
		command_stops(c->site, gun) ||
		(g->halt_told_us >= g->since_us && c->now.mono.us - g->halt_told_us < AGAIN_US) ||
		!core_room(c, COMMAND_ROOM)) {
		return;
	}
	g->halt_told_us = c->now.mono.us;
	core_text(id, sizeof id, "halt-%lld-%s", (long long)visit_id_ms(c, gun),
		gun_cfg(c->site, gun)->id);
	e.command.verb = VERB_STOP;
	e.command.target = (struct target){TGT_GUN, gun};
	e.command.id = id;
	e.command.by = g->halt.by;
	e.command.reason = "it began though it is held by a stop";
	command_take(c, &e);
}
