#include "decision.h"

#include "emit.h"
#include "manage.h"
#include "reason.h"

/* Two limits that are nearly alike hold a gun in turn: that is no news each second. */
#define BINDING_US (60 * US_PER_S)

static bool changed(const struct core *c, const struct managed *m, const struct limit_gun *g,
	enum limit_rule rule)
{
	if (!m->told || m->told_w != g->grant_w || m->told_rule != rule ||
		(rule == RULE_WAIT && m->told_place != g->place)) {
		return true;
	}
	return (rule == RULE_NODE || rule == RULE_TURN) &&
	       (m->told_node != g->by_node || m->told_limit != g->by_limit) &&
	       c->now.mono.us - m->told_us >= BINDING_US;
}

static void tell(struct core *c, uint16_t gun, struct managed *m, const struct limit_gun *g)
{
	struct site_head *h = &c->site->h;
	struct view_decision *d = &core_emit(c, ACT_DECISION)->decision;
	struct view_gun now;

	site_view_gun(c->site, gun, c->now, &now);
	view_clear(VIEW_decision, d);
	view_copy_shared(VIEW_decision, d, VIEW_gun, &now);
	h->last_decision_ms =
		h->last_decision_ms >= c->now.wall.ms ? h->last_decision_ms + 1 : c->now.wall.ms;
	core_text(d->id, sizeof d->id, "%s-%lld", now.id, (long long)h->last_decision_ms);
	VIEW_SET(d, gun, now.id);
	d->at = c->now.wall.ms;
	d->from_w = m->told ? m->told_w : VALUE_NONE;
	d->to_w = g->grant_w;
}

void decision_tell(struct core *c)
{
	for (uint16_t i = 0; i < c->site->cfg.gun_count; i++) {
		struct managed *m = managed_of(c->site, i);
		const struct limit_gun *g = grant_of(c->site, i);
		enum limit_rule rule = reason_rule(c->site, i, g);

		if (!changed(c, m, g, rule)) {
			continue;
		}
		if (!core_room(c, COMMAND_ROOM)) {
			return;
		}
		tell(c, i, m, g);
		m->told = 1;
		m->told_w = g->grant_w;
		m->told_rule = (uint8_t)rule;
		m->told_node = g->by_node;
		m->told_limit = g->by_limit;
		m->told_place = g->place;
		m->told_us = c->now.mono.us;
	}
}
