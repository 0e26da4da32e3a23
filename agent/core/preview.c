/* What a command would affect, before it is given. */
#include "command.h"
#include "core.h"
#include "cost.h"
#include "slimit.h"
#include "tag.h"
#include "wide.h"

static const char *const verb_names[VERB_COUNT_] = {
#define VERB(sym, name, value, role, help) name,
#include "verb.def"
#undef VERB
};

bool site_is_wide(struct target target)
{
	return target.kind == TGT_SITE || target.kind == TGT_FEEDER;
}

static void count_gun(const struct site *site, uint16_t i, struct view_preview *out)
{
	const struct gun *g = gun_of(site, i);
	const struct session *s = &g->session;
	int64_t w = cells_value(&g->cells, PT_POWER), fen = cost_fen(site, i);

	out->guns++;
	if (s->phase != SESSION_NONE) {
		out->sessions++;
	}
	if (s->phase != SESSION_NONE && s->start.known && g->track.now.known) {
		out->energy_wh += g->track.now.acc_wh - s->start.acc_wh;
	}
	if (fen != VALUE_NONE) {
		out->cost_fen = fen + (out->cost_fen != VALUE_NONE ? out->cost_fen : 0);
	}
	if (wide_charges(site, i)) {
		out->charging++;
	}
	if (w != VALUE_NONE && w > 0) {
		out->power_w += w;
	}
	if (g->state == GUN_OFFLINE || g->state == GUN_UNKNOWN) {
		out->offline++;
	}
}

void site_preview(const struct site *site, enum verb verb, struct target target, int64_t value,
	struct view_preview *out)
{
	view_clear(VIEW_preview, out);
	VIEW_SET(out, verb, verb_names[verb]);
	VIEW_SET(out, target, target_id(site, target));
	out->value = value;
	out->guns = out->charging = out->sessions = out->offline = out->piles = 0;
	out->power_w = out->energy_wh = 0;
	for (uint16_t i = 0; i < site->cfg.gun_count; i++) {
		if (tag_covers(site, target, i)) {
			count_gun(site, i, out);
		}
	}
	for (uint16_t i = 0; i < site->cfg.pile_count; i++) {
		const struct pile_cfg *pile = pile_cfg(site, i);

		out->piles += pile->gun_count > 0 && target.kind != TGT_GUN &&
			      tag_covers(site, target, pile->first_gun);
	}
	if (verb == VERB_LIMIT) {
		out->limit_w = slimit_commanded(site, target);
		if (target.kind == TGT_GUN) {
			out->limit_w = gun_of(site, target.index)->limit_w;
		}
	}
	out->wide = site_is_wide(target);
	out->undoable = verb == VERB_LIMIT || verb == VERB_TAG || verb == VERB_UNTAG;
}
