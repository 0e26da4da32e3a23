#include "standing.h"

#include "gun.h"
#include "halt.h"
#include "learn.h"

void standing_touch(struct site *site, uint16_t gun)
{
	gun_of(site, gun)->standing = 1;
	gun_touch(site, gun);
}

bool site_view_standing(const struct site *site, uint16_t gun, struct view_standing *out)
{
	const struct tag *halt;

	if (gun >= site->cfg.gun_count) {
		return false;
	}
	view_clear(VIEW_standing, out);
	VIEW_SET(out, gun, gun_cfg(site, gun)->id);
	out->at = site->h.now_ms;
	halt = halt_on_gun(site, gun);
	if (halt != NULL) {
		VIEW_SET(out, halt_by, halt->by);
		VIEW_SET(out, halt, halt->reason);
		out->halted = halt->since_ms;
	}
	learn_show(site, gun, out);
	return halt != NULL || out->learnt != VALUE_NONE;
}

void standing_flush(struct core *c, uint16_t gun)
{
	struct gun *g = gun_of(c->site, gun);

	if (learn_changed(c, gun)) {
		g->standing = 1;
	}
	if (g->standing) {
		g->standing = 0;
		site_view_standing(c->site, gun, &core_emit(c, ACT_STANDING)->standing);
		learn_told(c, gun);
	}
}

bool standing_resume(struct core *c, const struct view_standing *view)
{
	struct target t;
	bool taken = false;

	if (site_find(c->site, view->gun, &t) != 0 || t.kind != TGT_GUN) {
		return false;
	}
	if (view->halt_by[0] != '\0' && view->halted != VALUE_NONE) {
		struct tag *halt = &gun_of(c->site, t.index)->halt;

		view_set_text(halt->by, sizeof halt->by, view->halt_by);
		view_set_text(halt->reason, sizeof halt->reason, view->halt);
		halt->since_ms = view->halted;
		halt->on = 1;
		taken = true;
	}
	return learn_resume(c, t.index, view) || taken || view->learnt == VALUE_NONE;
}
