#include "mark.h"

#include "cost.h"
#include "energy.h"

/* Marks given for one gun by one event; the next ones follow with the next tick. */
#define AT_ONCE 4
/* A gap of more boundaries than these (40 days) is a clock's work, not a session's. */
#define MISSED_MAX_MS (INT64_C(40) * 86400 * MS_PER_S)
#define IN_TIME_MS    (10 * MS_PER_S)

static int64_t next_half_hour(const struct core *c, int64_t ms)
{
	return zone_half_hour(&c->site->cfg.zone, (struct wall){ms}).ms;
}

/* How late a reading may come and still be that of the boundary. */
static int64_t in_time_ms(const struct site *site, uint16_t i)
{
	const struct gun_cfg *cfg = gun_cfg(site, i);
	int64_t poll_us = cfg->poll_us;

	if (cfg->source == ESRC_METER && meter_cfg(site, cfg->meter)->poll_us > poll_us) {
		poll_us = meter_cfg(site, cfg->meter)->poll_us;
	}
	return 3 * poll_us / US_PER_MS > IN_TIME_MS ? 3 * poll_us / US_PER_MS : IN_TIME_MS;
}

void mark_begin(struct core *c, uint16_t i)
{
	struct session *s = &gun_of(c->site, i)->session;
	struct marks *m = &s->marks;

	memset(m, 0, sizeof *m);
	m->from = s->start;
	if (m->from.at_ms < s->start_ms) {
		m->from.at_ms = s->start_ms; /* it stood still until then */
		m->from.at_us = s->start_us;
	}
	m->last_ms = s->start_ms;
	m->next_ms = next_half_hour(c, s->start_ms);
}

void mark_clock(struct core *c, uint16_t i)
{
	struct marks *m = &gun_of(c->site, i)->session.marks;

	if (m->next_ms != 0) {
		int64_t after = c->now.wall.ms > m->last_ms ? c->now.wall.ms : m->last_ms;

		m->next_ms = next_half_hour(c, after);
		m->to.known = 0;
	}
}

/* The movement at a boundary, linear between two readings. */
static int64_t between(const struct latch *from, const struct latch *to, int64_t at_ms)
{
	int64_t span = to->at_ms - from->at_ms, into = at_ms - from->at_ms;
	int64_t delta = to->acc_wh - from->acc_wh;

	if (into <= 0 || delta <= 0) {
		return from->acc_wh;
	}
	if (into >= span) {
		return to->acc_wh;
	}
	while (span > INT32_MAX) { /* keeps the products below in range */
		span /= 2;
		into /= 2;
	}
	return from->acc_wh + delta / span * into + delta % span * into / span;
}

static void give(struct core *c, uint16_t i, const struct latch *to)
{
	struct session *s = &gun_of(c->site, i)->session;
	struct marks *m = &s->marks;
	int64_t late_ms = to->at_ms - m->next_ms;
	bool in_time = late_ms >= 0 && late_ms <= in_time_ms(c->site, i);
	int64_t acc_wh = in_time ? to->acc_wh : between(&m->from, to, m->next_ms);

	m->last_ms = m->next_ms;
	m->last_wh = acc_wh - s->start.acc_wh;
	m->last_read_ms = to->at_ms;
	m->quality = in_time ? to->quality : Q_SUBSTITUTE;
	m->given = 1;
	m->asked = 0;
	m->next_ms = next_half_hour(c, m->next_ms);
	if (m->quality == Q_SUBSTITUTE && (s->flags & SFLAG_(SUBSTITUTE)) == 0) {
		s->flags |= SFLAG_(SUBSTITUTE);
		s->dirty = 1;
	}
	cost_mark(c, i, m->last_ms, m->last_wh);
	site_last_mark(c->site, i, &core_emit(c, ACT_MARK)->mark);
}

/* Gives what lies between `from` and a reading; true when nothing more does. */
static bool give_up_to(struct core *c, uint16_t i, const struct latch *to, int64_t before_ms)
{
	struct marks *m = &gun_of(c->site, i)->session.marks;

	if (before_ms - m->next_ms > MISSED_MAX_MS) {
		m->next_ms = next_half_hour(c, before_ms - 1);
	}
	for (int n = 0; m->next_ms < before_ms; n++) {
		if (n == AT_ONCE) {
			return false;
		}
		give(c, i, to);
	}
	return true;
}

static bool held(const struct core *c, uint16_t i)
{
	const struct gun *g = gun_of(c->site, i);
	const struct session *s = &g->session;

	return s->doubt || s->fell_us != 0 || g->track.suspect != 0 || !s->start.known ||
	       !g->track.now.known || gun_cfg(c->site, i)->source == ESRC_NONE;
}

void mark_step(struct core *c, uint16_t i)
{
	const struct gun_cfg *cfg = gun_cfg(c->site, i);
	struct gun *g = gun_of(c->site, i);
	struct marks *m = &g->session.marks;

	if (held(c, i)) {
		return;
	}
	if (m->next_ms == 0) {
		mark_begin(c, i);
	}
	if (!m->to.known && g->track.now.at_us > m->from.at_us) {
		m->to = g->track.now;
	}
	if (m->to.known && give_up_to(c, i, &m->to, m->to.at_ms + 1)) {
		m->from = m->to;
		m->to.known = 0;
	}
	if (!m->asked && c->now.wall.ms >= m->next_ms) {
		m->asked = 1;
		core_poll(c, TGT_GUN, i);
		if (cfg->source == ESRC_METER) {
			core_poll(c, TGT_METER, cfg->meter);
		}
	}
}

bool mark_finish(struct core *c, uint16_t i)
{
	struct session *s = &gun_of(c->site, i)->session;
	struct marks *m = &s->marks;

	if (gun_cfg(c->site, i)->source == ESRC_NONE) {
		return true;
	}
	if (m->next_ms == 0) {
		mark_begin(c, i);
	}
	if (m->to.known) {
		int64_t before_ms = m->to.at_ms < s->end_ms ? m->to.at_ms + 1 : s->end_ms;

		if (!give_up_to(c, i, &m->to, before_ms)) {
			return false;
		}
		m->from = m->to;
		m->to.known = 0;
	}
	return give_up_to(c, i, &s->end, s->end_ms);
}

bool site_last_mark(const struct site *site, uint16_t i, struct view_mark *out)
{
	const struct session *s;
	const struct marks *m;

	if (i >= site->cfg.gun_count) {
		return false;
	}
	s = &gun_of(site, i)->session;
	m = &s->marks;
	if (s->phase == SESSION_NONE || !m->given) {
		return false;
	}
	view_clear(VIEW_mark, out);
	VIEW_SET(out, session, s->id);
	VIEW_SET(out, quality, quality_token((enum quality)m->quality));
	out->at = m->last_ms;
	out->read_at = m->last_read_ms;
	out->wh = s->start.raw_wh + m->last_wh;
	return true;
}

void mark_session_resumed(struct core *c, uint16_t i)
{
	struct session *s = &gun_of(c->site, i)->session;

	mark_begin(c, i);
	if (s->end.at_ms > s->marks.from.at_ms) {
		s->marks.to = s->end;
	}
}

/* The gun whose open session this is; the count of guns where there is none. */
static uint16_t gun_by_session(const struct site *site, const char *id)
{
	uint16_t i = 0;

	while (i < site->cfg.gun_count && (gun_of(site, i)->session.phase == SESSION_NONE ||
						  strcmp(gun_of(site, i)->session.id, id) != 0)) {
		i++;
	}
	return i;
}

bool mark_resume(struct core *c, const struct view_mark *view)
{
	uint16_t i = gun_by_session(c->site, view->session);
	struct session *s;
	struct marks *m;

	if (i == c->site->cfg.gun_count) {
		return false;
	}
	s = &gun_of(c->site, i)->session;
	if (!s->start.known || view->at < s->marks.last_ms || view->at > c->now.wall.ms ||
		view->wh < s->start.raw_wh || view->wh > ENERGY_MAX_WH) {
		return false;
	}
	m = &s->marks;
	m->given = 1;
	m->last_ms = view->at;
	m->last_wh = view->wh - s->start.raw_wh;
	m->last_read_ms = view->read_at;
	m->quality = (uint8_t)quality_of(view->quality);
	m->next_ms = next_half_hour(c, view->at);
	m->from = s->start;
	m->from.acc_wh += m->last_wh;
	m->from.at_ms = view->at;
	m->from.at_us = c->now.mono.us - (c->now.wall.ms - view->at) * US_PER_MS;
	cost_mark(c, i, m->last_ms, m->last_wh);
	return true;
}
