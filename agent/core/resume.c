/* A session as a record, and a session taken up again from its record after a restart. */
#include "session.h"

#include "mark.h"
#include "visit.h"

static int64_t or_zero(int64_t v)
{
	return v == VALUE_NONE ? 0 : v;
}

/* Counters that are coarser do not speak against a meter. */
#define FINE_WH 100

void session_view(const struct site *site, uint16_t i, struct moment now, struct view_session *out)
{
	const struct gun *g = gun_of(site, i);
	const struct session *s = &g->session;
	bool closed = s->phase == SESSION_NONE;
	int64_t end_us = closed ? s->end_us : now.mono.us;

	view_clear(VIEW_session, out);
	VIEW_SET(out, id, s->id);
	VIEW_SET(out, visit, s->visit);
	VIEW_SET(out, gun, gun_cfg(site, i)->id);
	VIEW_SET(out, state, closed ? "closed" : s->phase == SESSION_ENDING ? "ending" : "open");
	VIEW_SET(out, started_by, s->started_by);
	VIEW_SET(out, boot_id, s->boot_id);
	VIEW_SET(out, order, s->order);
	flags_text(s->flags, out->flags, sizeof out->flags);
	out->start = s->start_ms;
	out->boot_us = s->start_us;
	out->end = closed ? s->end_ms : VALUE_NONE; /* the end is told with its register */
	out->duration_s = end_us > s->start_us ? (end_us - s->start_us) / US_PER_S : 0;
	if (s->start.known) {
		out->start_wh = s->start.raw_wh;
		out->start_at = s->start.at_ms;
		VIEW_SET(out, start_quality, quality_token((enum quality)s->start.quality));
	}
	if (s->start.known && s->end.known) {
		out->end_wh = s->end.raw_wh;
		out->end_at = s->end.at_ms;
		VIEW_SET(out, end_quality, quality_token((enum quality)s->end.quality));
		out->energy_wh = s->end.acc_wh - s->start.acc_wh;
	}
	out->soc_start_pm = s->soc_start_pm;
	out->soc_end_pm = s->soc_end_pm;
	out->peak_w = s->peak_w;
	out->stop_reason = s->stop_reason;
	out->device_no = s->device_no;
	out->counter_wh = s->counter_wh;
	if (gun_cfg(site, i)->source != ESRC_SESSION &&
		gun_cfg(site, i)->resolution_wh <= FINE_WH) {
		out->device_wh = s->last_wh;
	}
}

static int64_t us_of(const struct core *c, int64_t ms)
{
	return c->now.mono.us - (c->now.wall.ms - ms) * US_PER_MS;
}

/* The register as it was known at last. What it is now, the first reading tells. */
static void resume_register(struct core *c, uint16_t i, const struct view_session *view)
{
	struct gun *g = gun_of(c->site, i);
	struct session *s = &g->session;
	struct track *t = &g->track;

	s->start.known = 1;
	s->start.acc_wh = view->start_wh;
	s->start.raw_wh = view->start_wh;
	s->start.at_ms = view->start_at == VALUE_NONE ? view->start : view->start_at;
	s->start.at_us = us_of(c, s->start.at_ms);
	s->start.quality = (uint8_t)quality_of(view->start_quality);
	s->end = s->start;
	if (view->end_wh != VALUE_NONE && view->energy_wh != VALUE_NONE) {
		s->end.raw_wh = view->end_wh;
		s->end.acc_wh = view->start_wh + view->energy_wh;
		s->end.at_ms = view->end_at == VALUE_NONE ? s->start.at_ms : view->end_at;
		s->end.at_us = us_of(c, s->end.at_ms);
	}
	t->now = s->end;
	t->moved_us = s->end.at_us;
	if (gun_cfg(c->site, i)->source == ESRC_SESSION) {
		t->base_wh = view->start_wh - or_zero(view->counter_wh);
		t->counter_wh = t->now.raw_wh - t->base_wh;
		t->counter_no = view->device_no;
	}
	g->rest = s->start;
}

bool session_resume(struct core *c, const struct view_session *view)
{
	struct target target;
	struct session *s;
	struct gun *g;

	if (site_find(c->site, view->gun, &target) != 0 || target.kind != TGT_GUN) {
		return false;
	}
	g = gun_of(c->site, target.index);
	s = &g->session;
	if (s->phase != SESSION_NONE || view->start == VALUE_NONE || view->end != VALUE_NONE) {
		return false;
	}
	memset(s, 0, sizeof *s);
	view_set_text(s->id, sizeof s->id, view->id);
	view_set_text(s->visit, sizeof s->visit, view->visit);
	view_set_text(s->started_by, sizeof s->started_by, view->started_by);
	view_set_text(s->boot_id, sizeof s->boot_id, view->boot_id);
	view_set_text(s->order, sizeof s->order, view->order);
	s->start_ms = view->start;
	/* Boot time holds while the machine runs on; else the wall clock must do. */
	if (view->boot_us != VALUE_NONE && strcmp(view->boot_id, c->site->cfg.boot_id) == 0) {
		s->start_us = view->boot_us;
	} else {
		s->start_us = us_of(c, view->start);
	}
	s->device_no = view->device_no;
	s->counter_wh = view->counter_wh;
	s->soc_start_pm = view->soc_start_pm;
	s->soc_end_pm = view->soc_end_pm;
	s->peak_w = view->peak_w;
	s->stop_reason = view->stop_reason;
	s->last_wh = VALUE_NONE;
	s->flags = flags_of(view->flags) | SFLAG_(RESTART);
	s->kept_us = c->now.mono.us;
	s->doubt = 1;
	s->dirty = 1;
	s->phase = SESSION_OPEN;
	if (view->start_wh != VALUE_NONE && view->start_wh >= 0) {
		resume_register(c, target.index, view);
		mark_session_resumed(c, target.index);
	}
	g->visit.had_session = 0;
	if (view->start > g->last_id_ms) {
		g->last_id_ms = view->start;
	}
	return true;
}
