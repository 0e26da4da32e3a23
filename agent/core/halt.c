#include "halt.h"

#include "command.h"
#include "order.h"
#include "standing.h"
#include "stop.h"
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

void halt_begun(struct core *c, struct target target, const char *why)
{
	for (uint16_t i = 0; i < c->site->cfg.gun_count; i++) {
		if (tag_covers(c->site, target, i)) {
			gun_of(c->site, i)->halt_told_us = c->now.mono.us;
			order_halted(c, i, why);
		}
	}
}

void halt_set(struct core *c, struct target target, const char *by, const char *reason)
{
	const char *who = by[0] != '\0' ? by : "piled";
	char why[96];

	for (uint16_t i = 0; i < c->site->cfg.gun_count; i++) {
		if (tag_covers(c->site, target, i)) {
			note(c, i, who, reason);
		}
	}
	phrase_text(why, sizeof why, reason[0] != '\0' ? PHRASE_STOPPED_FOR : PHRASE_STOPPED_BY,
		target_id(c->site, target), who, reason, NULL);
	halt_begun(c, target, why);
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

/* In whose name nothing may charge here; NULL: it may. What an input holds, stop.c tells again. */
static const struct tag *holder(const struct site *site, uint16_t gun)
{
	const struct tag *tag = halt_on_gun(site, gun);

	if (tag == NULL) {
		tag = tag_on_gun(site, gun);
	}
	return tag == NULL || stop_signed(tag) ? NULL : tag;
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
	const struct tag *by = holder(c->site, gun);
	struct event e = {.kind = EV_COMMAND, .now = c->now};
	char id[40];

	if (by == NULL || !begins(g) || (pile->writable >> (PT_STOP - PT_START) & 1) == 0 ||
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
	e.command.by = by->by;
	e.command.reason =
		by == &g->halt ? phrase_plain(PHRASE_HELD_BEGAN) : phrase_plain(PHRASE_TAG_BEGAN);
	command_take(c, &e);
}
