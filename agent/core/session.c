#include "session.h"

#include "command.h"
#include "energy.h"
#include "gun.h"
#include "mark.h"
#include "order.h"
#include "visit.h"

/* The session has ended; its end register is to come. */
static void end_session(struct core *c, uint16_t i, uint32_t flags, const char *cause)
{
	struct session *s = &gun_of(c->site, i)->session;
	const struct gun *g = gun_of(c->site, i);

	s->phase = SESSION_ENDING;
	s->end_us = g->state_us > s->start_us ? g->state_us : c->now.mono.us;
	s->end_ms = c->now.wall.ms - (c->now.mono.us - s->end_us) / US_PER_MS;
	s->flags |= flags;
	if (s->doubt) {
		s->flags |= SFLAG_(LATE_END) | SFLAG_(GAP);
	}
	s->dirty = 1;
	s->fell_us = 0;
	core_log(c, LOG_NOTICE, "gun %s: session %s ends: %s", gun_cfg(c->site, i)->id, s->id,
		cause);
	core_poll(c, TGT_GUN, i);
}

/* The device counts another session: this one ends where that began. */
static void cut_session(struct core *c, uint16_t i, int64_t at_us, uint32_t flags, const char *why)
{
	struct session *s = &gun_of(c->site, i)->session;

	if (s->phase == SESSION_OPEN) {
		end_session(c, i, flags | SFLAG_(LATE_END), why);
		s->end_us = at_us > s->start_us ? at_us : s->start_us;
		s->cut = 1;
	} else if (s->phase == SESSION_ENDING && !s->cut) {
		s->flags |= flags;
		s->cut = 1;
	}
}

/* The session counter told of the change already: this session is the new car's. */
static bool plug_known(const struct core *c, uint16_t i)
{
	const struct gun *g = gun_of(c->site, i);
	const struct session *s = &g->session;

	return s->phase == SESSION_OPEN && s->after_cut && s->device_no != VALUE_NONE &&
	       cells_value(&g->cells, PT_SESSION_NO) == s->device_no &&
	       c->now.mono.us - s->start_us < wait_us(c->site);
}

static void count_plugs(struct core *c, uint16_t i)
{
	struct gun *g = gun_of(c->site, i);
	struct visit *v = &g->visit;
	int64_t no = cells_value(&g->cells, PT_PLUG_NO);
	char why[64];

	if (!gun_cfg(c->site, i)->has_plug_no || no == VALUE_NONE || !v->open) {
		return;
	}
	if (v->plug_no == VALUE_NONE) {
		v->plug_no = no;
		return;
	}
	if (v->plug_no == no) {
		return;
	}
	core_text(
		why, sizeof why, "plug counter %lld -> %lld", (long long)v->plug_no, (long long)no);
	core_log(c, LOG_NOTICE, "gun %s: the car was changed: %s", gun_cfg(c->site, i)->id, why);
	if (plug_known(c, i)) {
		v->sessions--;
		visit_close(c, i, SFLAG_(REPLUG));
		visit_open(c, i, SFLAG_(REPLUG));
		v->sessions = 1;
		memcpy(g->session.visit, v->id, sizeof v->id);
		g->session.after_cut = 0;
		g->session.flags |= SFLAG_(REPLUG);
		g->session.dirty = 1;
	} else {
		cut_session(c, i, g->cells.cell[PT_PLUG_NO].at_us, SFLAG_(REPLUG), why);
		visit_close(c, i, SFLAG_(REPLUG));
		visit_open(c, i, SFLAG_(REPLUG));
	}
	v->plug_no = no;
	g->stop_asked = 0;
}

static bool moved_nothing(const struct gun *g)
{
	return !g->session.start.known || g->track.now.acc_wh == g->session.start.acc_wh;
}

static void count_sessions(struct core *c, uint16_t i)
{
	struct gun *g = gun_of(c->site, i);
	struct session *s = &g->session;
	int64_t no = cells_value(&g->cells, PT_SESSION_NO);
	char why[64];

	if (!gun_cfg(c->site, i)->has_session_no || no == VALUE_NONE || s->phase == SESSION_NONE ||
		s->device_no == no) {
		return;
	}
	if (s->phase == SESSION_ENDING && s->device_no == VALUE_NONE) {
		return;
	}
	if (s->device_no == VALUE_NONE ||
		(s->phase == SESSION_OPEN && !s->doubt && moved_nothing(g))) {
		s->device_no = no; /* counted when energy begins to flow */
		s->dirty = 1;
		return;
	}
	if (no < s->device_no && s->phase == SESSION_OPEN) {
		if (s->fell_us == 0) {
			s->fell_us = g->cells.cell[PT_SESSION_NO].at_us;
		}
		return;
	}
	core_text(why, sizeof why, "session counter %lld -> %lld", (long long)s->device_no,
		(long long)no);
	cut_session(c, i, g->cells.cell[PT_SESSION_NO].at_us, 0, why);
}

static void count_session_wh(struct core *c, uint16_t i)
{
	struct gun *g = gun_of(c->site, i);
	struct session *s = &g->session;
	int64_t wh;

	if (s->phase != SESSION_OPEN || !cells_good(&g->cells, PT_SESSION_WH, &wh)) {
		return;
	}
	if (s->last_wh != VALUE_NONE && wh < s->last_wh - gun_cfg(c->site, i)->resolution_wh) {
		if (s->fell_us == 0) {
			s->fell_us = g->cells.cell[PT_SESSION_WH].at_us;
		}
		return; /* last_wh stays until it is explained or was a single wrong value */
	}
	s->last_wh = wh;
	if (s->fell_us != 0 && cells_value(&g->cells, PT_SESSION_NO) == s->device_no) {
		s->fell_us = 0;
	}
}

/* Counters went back: a reboot of the pile explains that, else it is another session. */
static void explain_fall(struct core *c, uint16_t i)
{
	struct gun *g = gun_of(c->site, i);
	struct session *s = &g->session;
	const struct dev *pile = pile_of(c->site, gun_cfg(c->site, i)->pile);
	int64_t waited = c->now.mono.us - s->fell_us;
	int64_t up_at = pile->cells.cell[PT_UPTIME].at_us;

	if (s->phase != SESSION_OPEN || s->fell_us == 0) {
		return;
	}
	if (pile->reboot_us != 0 && pile->reboot_us >= s->fell_us - wait_us(c->site)) {
		s->fell_us = 0;
		s->flags |= SFLAG_(REBOOT);
		s->device_no = cells_value(&g->cells, PT_SESSION_NO);
		s->last_wh = cells_value(&g->cells, PT_SESSION_WH);
		s->doubt = 0;
		s->dirty = 1;
		core_log(c, LOG_NOTICE, "gun %s: session %s goes on after a reboot of the pile",
			gun_cfg(c->site, i)->id, s->id);
		return;
	}
	if (pile->cells.quality[PT_UPTIME] != Q_NONE && up_at <= s->fell_us &&
		waited < wait_us(c->site)) {
		return;
	}
	/* Seen twice, so that a single wrong value ends nothing. */
	if (g->cells.cell[PT_SESSION_WH].at_us <= s->fell_us &&
		g->cells.cell[PT_SESSION_NO].at_us <= s->fell_us && waited < wait_us(c->site)) {
		core_poll(c, TGT_GUN, i);
		return;
	}
	cut_session(c, i, s->fell_us, SFLAG_(REPLUG), "the pile's session counter fell");
}

/* After silence or a restart: does the device still count the same session? */
static void resolve_doubt(struct core *c, uint16_t i)
{
	const struct gun_cfg *cfg = gun_cfg(c->site, i);
	struct gun *g = gun_of(c->site, i);
	struct session *s = &g->session;
	struct latch began;

	if (s->phase != SESSION_OPEN || !s->doubt || g->state == GUN_OFFLINE ||
		g->state == GUN_UNKNOWN || g->state_us < s->doubt_us) {
		return;
	}
	if (!cfg->has_session_wh) {
		if (s->start.known) {
			s->doubt = 0;
		}
		return;
	}
	if (!energy_session_start(c->site, i, s->doubt_us, &began)) {
		return;
	}
	if (s->unlatched || !s->start.known) {
		s->start = began;
		s->start.quality = Q_SUBSTITUTE;
		s->counter_wh = 0;
		s->unlatched = 0;
		s->dirty = 1;
		mark_begin(c, i);
	} else if (began.acc_wh > s->start.acc_wh + energy_slack_wh(cfg)) {
		cut_session(c, i, began.at_us, SFLAG_(GAP) | SFLAG_(REPLUG),
			"the pile's session began after it");
	}
	s->doubt = 0;
}

void session_counters(struct core *c, uint16_t i, uint16_t fresh)
{
	if ((fresh & FRESH_PLUG_NO) != 0) {
		count_plugs(c, i);
	}
	if ((fresh & FRESH_SESSION_NO) != 0) {
		count_sessions(c, i);
	}
	if ((fresh & FRESH_SESSION_WH) != 0) {
		count_session_wh(c, i);
	}
}

void session_state(struct core *c, uint16_t i, enum gun_state old, enum gun_state new)
{
	struct gun *g = gun_of(c->site, i);
	struct session *s = &g->session;

	if (s->phase != SESSION_OPEN) {
		return;
	}
	if (new == GUN_OFFLINE) {
		s->flags |= SFLAG_(GAP);
		s->doubt = 1;
		s->doubt_us = c->now.mono.us;
		s->dirty = 1;
	}
	if (new == GUN_CHARGING) {
		s->by_register = 0;
	}
	if (new == GUN_FINISHED || new == GUN_IDLE || new == GUN_RESERVED) {
		end_session(c, i, old == GUN_FAULT ? SFLAG_(FAULT) : 0, state_info(new)->token);
	}
}

/* Gives out the record of a session whose end register is decided, after its last marks. */
static void finish_session(struct core *c, uint16_t i)
{
	struct gun *g = gun_of(c->site, i);
	struct session *s = &g->session;
	struct view_session *view;

	if (!mark_finish(c, i)) {
		return;
	}
	order_session_closed(c, i);
	s->phase = SESSION_NONE;
	s->dirty = 0;
	g->visit.had_session = 1;
	view = &core_emit(c, ACT_SESSION)->session;
	session_view(c->site, i, c->now, view);
	core_log(c, LOG_NOTICE, "gun %s: session %s closed: %lld Wh%s%s", gun_cfg(c->site, i)->id,
		s->id, (long long)(view->energy_wh == VALUE_NONE ? 0 : view->energy_wh),
		view->flags[0] != '\0' ? ", " : "", view->flags);
}

static void close_session(struct core *c, uint16_t i, const struct latch *end)
{
	struct gun *g = gun_of(c->site, i);
	struct session *s = &g->session;

	s->end = *end;
	if (!s->start.known) {
		s->start = *end;
	}
	if (end->quality == Q_SUBSTITUTE || s->start.quality == Q_SUBSTITUTE) {
		s->flags |= SFLAG_(SUBSTITUTE);
	}
	g->closed_no = s->device_no;
	g->closed_wh = cells_value(&g->cells, PT_SESSION_WH);
	if (end->known) {
		g->rest = *end;
	}
	s->latched = 1;
	finish_session(c, i);
}

/* Closes an ended session when its end register is there, or will not come any more. */
static void try_close(struct core *c, uint16_t i)
{
	const struct gun_cfg *cfg = gun_cfg(c->site, i);
	struct gun *g = gun_of(c->site, i);
	struct session *s = &g->session;
	struct latch end = g->track.now, began;
	int64_t waited = c->now.mono.us - s->end_us;

	if (s->latched) {
		finish_session(c, i);
		return;
	}
	if (cfg->source == ESRC_NONE) {
		close_session(c, i, &s->start);
		return;
	}
	if (!end.known || end.at_us < s->end_us || g->track.suspect != 0) {
		if (waited > 2 * wait_us(c->site) && g->state != GUN_OFFLINE) {
			s->flags |= SFLAG_(NO_END);
			close_session(c, i, &s->end);
		}
		return;
	}
	if (s->cut && cfg->has_session_wh) {
		if (energy_session_start(c->site, i, s->end_us, &began)) {
			uint8_t quality = began.quality;

			if (began.acc_wh < s->end.acc_wh) {
				began = s->end;
			}
			if (began.acc_wh < end.acc_wh) {
				end = began;
				end.quality = quality == Q_GOOD ? s->start.quality : Q_SUBSTITUTE;
			}
		} else if (waited < wait_us(c->site)) {
			return;
		}
	} else if (g->state != GUN_CHARGING && gun_flows(c, i) == 1 &&
		   g->cells.cell[PT_POWER].at_us >= s->end_us && waited < wait_us(c->site)) {
		return; /* power still falls */
	}
	close_session(c, i, &end);
}

static void open_session(struct core *c, uint16_t i, bool by_register)
{
	const struct gun_cfg *cfg = gun_cfg(c->site, i);
	struct gun *g = gun_of(c->site, i);
	struct session *s = &g->session;
	const struct cell *no = &g->cells.cell[PT_SESSION_NO];
	uint8_t after_cut = s->cut;
	int64_t seconds;

	if (!g->visit.open) {
		visit_open(c, i, by_register ? SFLAG_(GAP) : 0);
	}
	memset(s, 0, sizeof *s);
	core_text(s->id, sizeof s->id, "%s-%lld", cfg->id, (long long)visit_id_ms(c, i));
	memcpy(s->visit, g->visit.id, sizeof s->visit);
	memcpy(s->boot_id, c->site->cfg.boot_id, sizeof s->boot_id);
	s->phase = SESSION_OPEN;
	s->after_cut = after_cut;
	s->by_register = by_register;
	s->device_no = VALUE_NONE;
	s->last_wh = VALUE_NONE;
	s->peak_w = VALUE_NONE;
	s->stop_reason = VALUE_NONE;
	s->counter_wh = VALUE_NONE;
	s->soc_start_pm = cells_value(&g->cells, PT_SOC);
	s->soc_end_pm = s->soc_start_pm;
	s->start_us = g->state_us != 0 ? g->state_us : c->now.mono.us;
	if (cfg->has_session_no && (after_cut || no->at_us >= g->cells.cell[PT_STATE].at_us)) {
		s->device_no = cells_value(&g->cells, PT_SESSION_NO);
	}
	s->start = g->rest;
	s->doubt_us = s->start_us;
	if (!g->rest.known) {
		s->flags |= SFLAG_(LATE_START);
		s->start = g->track.now;
		s->unlatched = 1;
		s->doubt = 1;
	} else if (by_register || s->start_us - g->rest.at_us > wait_us(c->site)) {
		/* Nobody looked in between: energy may have flowed, for another car even. */
		if (g->track.now.acc_wh > g->rest.acc_wh) {
			s->flags |= SFLAG_(LATE_START) | SFLAG_(GAP);
			s->doubt = 1;
		}
		if (by_register) {
			s->start_us = g->rest.at_us;
		}
	}
	seconds = cells_value(&g->cells, PT_SESSION_S);
	if ((s->flags & SFLAG_(LATE_START)) != 0 && !by_register && seconds > 0 &&
		seconds < INT64_C(1000000)) {
		s->start_us = g->cells.cell[PT_SESSION_S].at_us - seconds * US_PER_S;
	}
	s->start_ms = c->now.wall.ms - (c->now.mono.us - s->start_us) / US_PER_MS;
	if (cfg->source == ESRC_SESSION && g->rest.known) {
		s->counter_wh = g->rest.acc_wh - g->track.base_wh;
		s->counter_wh = s->counter_wh < 0 ? 0 : s->counter_wh;
	}
	s->end = s->start;
	s->flags |= c->site->h.synced ? 0 : SFLAG_(CLOCK);
	s->flags |= cfg->source == ESRC_NONE ? SFLAG_(NOT_BILLABLE) : 0;
	s->flags |= cfg->source == ESRC_SESSION ? SFLAG_(SUBSTITUTE) : 0;
	if (!command_started_by(c->site, i, c->now, s->started_by, sizeof s->started_by)) {
		s->flags |= SFLAG_(UNASKED);
	}
	s->dirty = 1;
	s->kept_us = c->now.mono.us;
	order_session_opened(c, i);
	g->visit.sessions++;
	g->visit.dirty = 1;
	g->today_sessions++;
	core_log(c, LOG_NOTICE, "gun %s: session %s opens%s", cfg->id, s->id,
		by_register ? ": its register moved" : "");
}

/* The register outside of sessions: at rest, creeping, or moving as only a charge does. */
static void watch_rest(struct core *c, uint16_t i)
{
	struct gun *g = gun_of(c->site, i);
	const struct latch *n = &g->track.now;

	if (!n->known) {
		return;
	}
	if (!g->rest.known || n->acc_wh == g->rest.acc_wh) {
		g->rest = *n;
		return;
	}
	if (n->acc_wh - g->rest.acc_wh > energy_slack_wh(gun_cfg(c->site, i))) {
		if (g->state != GUN_OFFLINE && g->state != GUN_UNKNOWN) {
			open_session(c, i, true);
		}
	} else if (c->now.mono.us - g->track.moved_us > REST_US ||
		   (g->visit.open && g->visit.plugged_us == c->now.mono.us)) {
		g->outside_wh += n->acc_wh - g->rest.acc_wh;
		g->rest = *n;
	}
}

static bool wants_session(const struct core *c, uint16_t i)
{
	const struct gun *g = gun_of(c->site, i);
	int64_t wh, no;

	if (g->state == GUN_CHARGING) {
		/* After a change by counter the state may be of the session before. */
		return !g->session.cut || g->state_us >= g->session.end_us;
	}
	if (g->state != GUN_SUSPENDED || !cells_good(&g->cells, PT_SESSION_WH, &wh)) {
		return false;
	}
	no = cells_value(&g->cells, PT_SESSION_NO);
	return wh > energy_slack_wh(gun_cfg(c->site, i)) && wh != g->closed_wh &&
	       (no == VALUE_NONE || no != g->closed_no) && !g->stop_asked;
}

static void note_progress(struct core *c, uint16_t i, uint16_t fresh)
{
	struct gun *g = gun_of(c->site, i);
	struct session *s = &g->session;
	int64_t v;

	if ((fresh & FRESH_POWER) != 0 && cells_good(&g->cells, PT_POWER, &v) && v > s->peak_w &&
		v >= 0) {
		s->peak_w = v;
	}
	if (cells_good(&g->cells, PT_SOC, &v)) {
		s->soc_end_pm = v;
		s->soc_start_pm = s->soc_start_pm == VALUE_NONE ? v : s->soc_start_pm;
	}
	if (!s->start.known && g->track.now.known) {
		s->start = g->track.now;
		s->dirty = 1;
	}
	if (g->track.suspect == 0) {
		s->end = g->track.now;
	}
	mark_step(c, i);
	if (c->now.mono.us - s->kept_us >= SESSION_KEEP_US) {
		s->kept_us = c->now.mono.us;
		s->dirty = 1;
	}
}

void session_step(struct core *c, uint16_t i, uint16_t fresh)
{
	struct gun *g = gun_of(c->site, i);
	struct session *s = &g->session;
	int64_t v;

	explain_fall(c, i);
	resolve_doubt(c, i);
	if (s->phase == SESSION_OPEN) {
		if (g->state == GUN_FAULT && c->now.mono.us - g->fault_us > FAULT_END_US) {
			end_session(c, i, SFLAG_(FAULT), "the fault lasts");
		} else if (s->by_register && g->state != GUN_CHARGING &&
			   c->now.mono.us - g->track.moved_us > REST_US) {
			end_session(c, i, SFLAG_(LATE_END), "its register stands still");
		} else {
			note_progress(c, i, fresh);
		}
	}
	if (s->phase == SESSION_ENDING) {
		if (cells_good(&g->cells, PT_STOP_REASON, &v)) {
			s->stop_reason = v;
		}
		try_close(c, i);
	}
	visit_step(c, i);
	if (s->phase == SESSION_NONE) {
		if (wants_session(c, i)) {
			open_session(c, i, false);
			resolve_doubt(c, i);
		} else {
			watch_rest(c, i);
		}
	}
}

void session_flush(struct core *c, uint16_t i)
{
	struct gun *g = gun_of(c->site, i);

	if (g->visit.dirty && g->visit.open) {
		visit_view(c->site, i, &core_emit(c, ACT_VISIT)->visit);
		g->visit.dirty = 0;
	}
	if (g->session.dirty && g->session.phase != SESSION_NONE) {
		session_view(c->site, i, c->now, &core_emit(c, ACT_SESSION)->session);
		g->session.dirty = 0;
	}
}

void session_clock(struct core *c, uint16_t i, bool jumped)
{
	struct gun *g = gun_of(c->site, i);

	if (g->session.phase != SESSION_NONE) {
		if (jumped) {
			mark_clock(c, i);
		}
		g->session.flags |= SFLAG_(CLOCK);
		g->session.dirty = 1;
	}
	if (g->visit.open) {
		g->visit.flags |= SFLAG_(CLOCK);
		g->visit.dirty = 1;
	}
}
