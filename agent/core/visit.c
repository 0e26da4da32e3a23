#include "visit.h"

#include "order.h"
#include "pauses.h"
#include "stop.h"
#include "wish.h"

static const char *const flag_tokens[SF_COUNT_] = {
#define SFLAG(sym, token, label) token,
#include "sflag.def"
#undef SFLAG
};

void flags_text(uint32_t flags, char *text, size_t size)
{
	size_t len = 0;

	memset(text, 0, size);
	for (int i = 0; i < SF_COUNT_; i++) {
		size_t n = strlen(flag_tokens[i]);

		if ((flags >> i & 1) == 0 || len + n + 2 > size) {
			continue;
		}
		if (len > 0) {
			text[len++] = ' ';
		}
		memcpy(text + len, flag_tokens[i], n);
		len += n;
	}
}

uint32_t flags_of(const char *text)
{
	uint32_t flags = 0;

	while (*text != '\0') {
		const char *blank = strchr(text, ' ');
		size_t n = blank == NULL ? strlen(text) : (size_t)(blank - text);

		for (int i = 0; i < SF_COUNT_; i++) {
			if (strlen(flag_tokens[i]) == n && memcmp(flag_tokens[i], text, n) == 0) {
				flags |= UINT32_C(1) << i;
			}
		}
		text += blank == NULL ? n : n + 1;
	}
	return flags;
}

int64_t visit_id_ms(struct core *c, uint16_t i)
{
	struct gun *g = gun_of(c->site, i);

	g->last_id_ms = c->now.wall.ms > g->last_id_ms ? c->now.wall.ms : g->last_id_ms + 1;
	return g->last_id_ms;
}

void visit_view(const struct site *site, uint16_t i, struct view_visit *out)
{
	const struct visit *v = &gun_of(site, i)->visit;

	view_clear(VIEW_visit, out);
	VIEW_SET(out, id, v->id);
	VIEW_SET(out, gun, gun_cfg(site, i)->id);
	out->plugged = v->plugged_ms;
	out->sessions = v->sessions;
	flags_text(v->flags, out->flags, sizeof out->flags);
	out->departs = v->departs_ms == 0 ? VALUE_NONE : v->departs_ms;
	out->wants_wh = v->wants_wh == 0 ? VALUE_NONE : v->wants_wh;
	pauses_write(v->pauses, v->pause_count, v->paused_ms, out->pauses);
}

void visit_open(struct core *c, uint16_t i, uint32_t flags)
{
	const struct gun_cfg *cfg = gun_cfg(c->site, i);
	struct gun *g = gun_of(c->site, i);
	struct visit *v = &g->visit;
	const struct cell *plug_no = &g->cells.cell[PT_PLUG_NO];

	memset(v, 0, sizeof *v);
	core_text(v->id, sizeof v->id, "%s-v%lld", cfg->id, (long long)visit_id_ms(c, i));
	v->plugged_us = c->now.mono.us;
	v->plugged_ms = c->now.wall.ms;
	v->plug_no = VALUE_NONE;
	/* A counter that was read before the state may not know of this plug yet. */
	if (cfg->has_plug_no && plug_no->at_us >= g->cells.cell[PT_STATE].at_us) {
		v->plug_no = cells_value(&g->cells, PT_PLUG_NO);
	}
	v->flags = flags | (c->site->h.synced ? 0 : SFLAG_(CLOCK));
	v->open = 1;
	v->dirty = 1;
}

/* ---- Pauses: what the site does to the car is no parking ---- */

/* The driver cannot charge here, or cannot be told from one who left: gun in fault, pile without
 * answer, stopped by an input, or in the line for power. */
static bool held_by_site(const struct core *c, uint16_t i)
{
	const struct gun *g = gun_of(c->site, i);

	return g->state == GUN_FAULT || g->state == GUN_OFFLINE || stop_on_gun(c->site, i) ||
	       order_starts(c->site, i);
}

static void pause_ends(struct core *c, uint16_t i)
{
	struct visit *v = &gun_of(c->site, i)->visit;
	int64_t to_ms = c->now.wall.ms;

	if (v->paused_ms == 0) {
		return;
	}
	to_ms = to_ms < v->paused_ms ? v->paused_ms : to_ms;
	if (v->pause_count == PAUSES_MAX) { /* one with the last, in favour of the driver */
		v->pauses[PAUSES_MAX - 1].to.ms = to_ms;
	} else {
		v->pauses[v->pause_count++] = (struct parking_pause){{v->paused_ms}, {to_ms}};
	}
	v->paused_ms = 0;
	v->dirty = 1;
}

static void pause_step(struct core *c, uint16_t i)
{
	struct gun *g = gun_of(c->site, i);
	struct visit *v = &g->visit;
	bool held = held_by_site(c, i);
	int64_t from_ms = g->since_ms;

	if (!v->open || g->state == GUN_UNKNOWN || held == (v->paused_ms != 0)) {
		return;
	}
	if (!held) {
		pause_ends(c, i);
		return;
	}
	if (g->state != GUN_FAULT && g->state != GUN_OFFLINE) {
		from_ms = c->now.wall.ms;
	}
	if (v->pause_count > 0 && from_ms < v->pauses[v->pause_count - 1].to.ms) {
		from_ms = v->pauses[v->pause_count - 1].to.ms;
	}
	v->paused_ms = from_ms;
	v->dirty = 1;
}

void visit_close(struct core *c, uint16_t i, uint32_t flags)
{
	struct visit *v = &gun_of(c->site, i)->visit;
	struct view_visit *view;

	if (!v->open) {
		return;
	}
	v->flags |= flags;
	pause_ends(c, i);
	view = &core_emit(c, ACT_VISIT)->visit;
	visit_view(c->site, i, view);
	view->unplugged = c->now.wall.ms;
	v->open = 0;
	v->dirty = 0;
}

void visit_step(struct core *c, uint16_t i)
{
	struct gun *g = gun_of(c->site, i);
	int64_t plugged = -1;
	bool in = false, out = false;

	if (!cells_good(&g->cells, PT_PLUGGED, &plugged)) {
		plugged = -1;
	}
	switch ((enum gun_state)g->state) {
	case GUN_PLUGGED:
	case GUN_CHARGING:
	case GUN_SUSPENDED:
	case GUN_FINISHED:
		in = true;
		break;
	case GUN_IDLE:
	case GUN_RESERVED:
		out = true;
		break;
	case GUN_FAULT:
		in = plugged == 1;
		out = plugged == 0;
		break;
	case GUN_UNKNOWN:
	case GUN_OFFLINE:
	case GUN_COUNT_:
		break;
	}
	if (in && !g->visit.open) {
		visit_open(c, i, 0);
	}
	pause_step(c, i);
	if (out) {
		visit_close(c, i, 0);
	}
}

bool visit_resume(struct core *c, const struct view_visit *view)
{
	struct target target;
	struct visit *v;
	int pauses;

	if (site_find(c->site, view->gun, &target) != 0 || target.kind != TGT_GUN ||
		view->unplugged != VALUE_NONE) {
		return false;
	}
	v = &gun_of(c->site, target.index)->visit;
	if (v->open) {
		return false;
	}
	memset(v, 0, sizeof *v);
	view_set_text(v->id, sizeof v->id, view->id);
	v->plugged_ms = view->plugged;
	v->plugged_us = c->now.mono.us - (c->now.wall.ms - view->plugged) * US_PER_MS;
	v->plug_no = VALUE_NONE;
	v->sessions = view->sessions == VALUE_NONE ? 0 : view->sessions;
	v->had_session =
		v->sessions > 0 && gun_of(c->site, target.index)->session.phase == SESSION_NONE;
	v->departs_ms = view->departs > 0 ? view->departs : 0;
	v->wants_wh = view->wants_wh > 0 && view->wants_wh <= WISH_WH ? view->wants_wh : 0;
	v->flags = flags_of(view->flags) | SFLAG_(RESTART);
	pauses = pauses_read(view->pauses, v->pauses, &v->paused_ms);
	v->pause_count = pauses > 0 ? (uint8_t)pauses : 0;
	v->open = 1;
	return true;
}
