#include "tag.h"

#include <stddef.h>

#include "stop.h"

struct tag *tag_of(const struct site *site, struct target t)
{
	switch ((enum target_kind)t.kind) {
	case TGT_GUN:
		return t.index < site->cfg.gun_count ? &gun_of(site, t.index)->tag : NULL;
	case TGT_PILE:
		return t.index < site->cfg.pile_count ? &pile_of(site, t.index)->tag : NULL;
	case TGT_FEEDER:
		return t.index < site->cfg.feeder_count ? &feeder_of(site, t.index)->tag : NULL;
	case TGT_SITE:
		return site_at(site, offsetof(struct site, h.tag));
	case TGT_METER:
	case TGT_BUS:
		break;
	}
	return NULL;
}

bool tag_covers(const struct site *site, struct target t, uint16_t gun)
{
	const struct gun_cfg *g = gun_cfg(site, gun);

	switch ((enum target_kind)t.kind) {
	case TGT_GUN:
		return t.index == gun;
	case TGT_PILE:
		return t.index == g->pile;
	case TGT_FEEDER:
		return pile_cfg(site, g->pile)->feeder == (int)t.index;
	case TGT_SITE:
		return true;
	case TGT_METER:
	case TGT_BUS:
		break;
	}
	return false;
}

bool tag_over(const struct site *site, struct target t, struct target *by)
{
	uint16_t pile = t.kind == TGT_GUN ? gun_cfg(site, t.index)->pile : t.index;
	int feeder;

	if (t.kind != TGT_GUN && t.kind != TGT_PILE) {
		return false;
	}
	feeder = pile_cfg(site, pile)->feeder;
	if (t.kind == TGT_GUN && gun_of(site, t.index)->tag.on) {
		*by = t;
	} else if (pile_of(site, pile)->tag.on) {
		*by = (struct target){TGT_PILE, pile};
	} else if (feeder >= 0 && feeder_of(site, (size_t)feeder)->tag.on) {
		*by = (struct target){TGT_FEEDER, (uint16_t)feeder};
	} else if (site->h.tag.on) {
		*by = (struct target){TGT_SITE, 0};
	} else {
		return false;
	}
	return true;
}

const struct tag *tag_on_gun(const struct site *site, uint16_t gun)
{
	struct target by;

	return tag_over(site, (struct target){TGT_GUN, gun}, &by) ? tag_of(site, by) : NULL;
}

void tag_view(const struct site *site, struct target t, struct view_tag *out)
{
	const struct tag *tag = tag_of(site, t);

	view_clear(VIEW_tag, out);
	VIEW_SET(out, target, target_id(site, t));
	VIEW_SET(out, by, tag->by);
	VIEW_SET(out, reason, tag->reason);
	out->since = tag->since_ms;
}

void tag_set(struct core *c, struct target t, const char *by, const char *reason)
{
	struct tag *tag = tag_of(c->site, t);

	view_set_text(tag->by, sizeof tag->by, by);
	view_set_text(tag->reason, sizeof tag->reason, reason);
	tag->since_ms = c->now.wall.ms;
	tag->on = by[0] != '\0';
	tag_view(c->site, t, &core_emit(c, ACT_TAG)->tag);
	core_log(c, LOG_NOTICE, "%s: %s%s%s%s", target_id(c->site, t),
		tag->on ? "out of service by " : "back in service", by, reason[0] ? ": " : "",
		reason);
}

bool tag_resume(struct core *c, const struct view_tag *view)
{
	struct target t;
	struct tag *tag;

	if (site_find(c->site, view->target, &t) != 0 || view->by[0] == '\0') {
		return false;
	}
	tag = tag_of(c->site, t);
	if (tag == NULL) {
		return false;
	}
	view_set_text(tag->by, sizeof tag->by, view->by);
	view_set_text(tag->reason, sizeof tag->reason, view->reason);
	tag->since_ms = view->since;
	tag->on = 1;
	stop_resume(c, t, tag->by);
	return true;
}
