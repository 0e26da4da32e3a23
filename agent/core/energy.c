#include "energy.h"

#include "alarm.h"

/* Beyond these nothing physical is meant; they keep the products below in range. */
#define MAX_W_CAP  INT64_C(10000000)
#define DT_S_CAP   INT64_C(1000000000)
#define UNKNOWN_W  INT64_C(1000000)
#define S_PER_HOUR 3600

static int64_t deliverable_wh(const struct gun_cfg *cfg, int64_t dt_us)
{
	int64_t w = cfg->max_w > 0 ? cfg->max_w : UNKNOWN_W;
	int64_t s = dt_us < 0 ? 0 : dt_us / US_PER_S + 1;

	w = w > MAX_W_CAP ? MAX_W_CAP : w;
	s = s > DT_S_CAP ? DT_S_CAP : s;
	return (w + w / 4) * s / S_PER_HOUR + energy_slack_wh(cfg);
}

enum energy_class energy_classify(
	const struct gun_cfg *cfg, int64_t from, int64_t to, int64_t dt_us, int64_t *delta)
{
	int64_t most = deliverable_wh(cfg, dt_us);
	int64_t step = cfg->resolution_wh > 0 ? cfg->resolution_wh : 1;

	*delta = 0;
	if (to >= from) {
		if (to - from > most) {
			return ENERGY_JUMP;
		}
		*delta = to - from;
		return to == from ? ENERGY_SAME : ENERGY_NORMAL;
	}
	if (cfg->wrap_wh > 0 && from < cfg->wrap_wh && cfg->wrap_wh - from + to <= most) {
		*delta = cfg->wrap_wh - from + to;
		return ENERGY_WRAP;
	}
	if (from - to <= step) {
		return ENERGY_SAME;
	}
	return to <= most ? ENERGY_RESET : ENERGY_SWAP;
}

static void moved(struct core *c, uint16_t i, int64_t delta)
{
	struct gun *g = gun_of(c->site, i);

	g->track.now.acc_wh += delta;
	g->today_wh += delta;
	if (delta != 0) {
		g->track.moved_us = g->track.now.at_us;
		g->track.flow_uws = 0;
		alarm_gun(c, i, FROZEN_FAULT, FAULT_NONE, "");
	}
}

static void incident(struct core *c, uint16_t i, enum energy_class class, int64_t from, int64_t to)
{
	struct gun *g = gun_of(c->site, i);
	bool jump = class == ENERGY_JUMP;
	char detail[96];

	core_text(detail, sizeof detail, "register %lld -> %lld Wh%s", (long long)from,
		(long long)to, class == ENERGY_SWAP ? ": meter exchanged?" : "");
	if (g->session.phase != SESSION_NONE) {
		g->session.flags |= jump ? SFLAG_(JUMP) : SFLAG_(RESET);
		g->session.dirty = 1;
	}
	g->track.incident_us = c->now.mono.us;
	alarm_gun(c, i, jump ? JUMP_FAULT : RESET_FAULT,
		jump ? FAULT_REGISTER_JUMP : FAULT_REGISTER_RESET, detail);
}

static void set_now(struct core *c, struct gun *g, int64_t raw, int64_t at_us, uint8_t quality)
{
	struct latch *n = &g->track.now;

	n->raw_wh = raw;
	n->at_us = at_us;
	n->at_ms = c->now.wall.ms - (c->now.mono.us - at_us) / US_PER_MS;
	n->quality = quality;
}

/* A value of the register, virtual or not. Returns true when it was believed. */
static bool take(struct core *c, uint16_t i, int64_t raw, int64_t at_us, uint8_t quality)
{
	const struct gun_cfg *cfg = gun_cfg(c->site, i);
	struct gun *g = gun_of(c->site, i);
	struct track *t = &g->track;
	enum energy_class class;
	int64_t delta, delta2;

	if (raw < 0 || raw > ENERGY_MAX_WH) {
		c->site->h.odd++;
		return false;
	}
	if (!t->now.known) {
		t->now.known = 1;
		t->now.acc_wh = raw;
		t->moved_us = at_us;
		set_now(c, g, raw, at_us, quality);
		return true;
	}
	if (at_us < t->now.at_us) {
		return false;
	}
	class = energy_classify(cfg, t->now.raw_wh, raw, at_us - t->now.at_us, &delta);
	if (class == ENERGY_SAME && raw < t->now.raw_wh) {
		raw = t->now.raw_wh; /* a step back by rounding */
	}
	if (t->resumed && class > ENERGY_WRAP) {
		/* Another meter, or a simulated one: no session is concerned. */
		core_log(c, LOG_NOTICE,
			"gun %s: register %lld Wh, it was %lld Wh before the restart", cfg->id,
			(long long)raw, (long long)t->now.raw_wh);
		class = ENERGY_SAME;
		delta = 0;
	}
	if (class <= ENERGY_WRAP) {
		t->resumed = 0;
		if (t->suspect != 0) {
			core_log(c, LOG_NOTICE,
				"gun %s: register reading %lld Wh did not come again: ignored",
				cfg->id, (long long)t->suspect_wh);
			t->suspect = 0;
		}
		if (class == ENERGY_WRAP && g->session.phase != SESSION_NONE) {
			g->session.flags |= SFLAG_(WRAP);
			g->session.dirty = 1;
		}
		set_now(c, g, raw, at_us, quality);
		moved(c, i, delta);
		return true;
	}
	if (t->suspect != 0 && energy_classify(cfg, t->suspect_wh, raw, at_us - t->suspect_us,
				       &delta2) <= ENERGY_WRAP) {
		incident(c, i, (enum energy_class)t->suspect, t->now.raw_wh, t->suspect_wh);
		t->suspect = 0;
		set_now(c, g, raw, at_us, quality);
		moved(c, i, delta2);
		return true;
	}
	t->suspect = (uint8_t) class;
	t->suspect_wh = raw;
	t->suspect_us = at_us;
	core_poll(c, TGT_GUN, i);
	return false;
}

/* The session counter of a device that has nothing else. */
static void take_counter(struct core *c, uint16_t i)
{
	const struct gun_cfg *cfg = gun_cfg(c->site, i);
	struct gun *g = gun_of(c->site, i);
	struct track *t = &g->track;
	const struct cell *cell = &g->cells.cell[PT_SESSION_WH];
	int64_t no = VALUE_NONE, counter, before;
	bool other;

	if (!cells_good(&g->cells, PT_SESSION_WH, &counter) || counter < 0 ||
		counter > ENERGY_MAX_WH) {
		return;
	}
	if (cfg->has_session_no && g->cells.cell[PT_SESSION_NO].at_us >= cell->at_us) {
		no = cells_value(&g->cells, PT_SESSION_NO);
	}
	other = no != VALUE_NONE && t->counter_no != VALUE_NONE && no != t->counter_no;
	if (t->now.known && !other && counter < t->counter_wh) {
		/* Believed when it comes again: a single 0 must not count the session twice. */
		if (t->falls == 0) {
			t->falls = 1;
			core_poll(c, TGT_GUN, i);
			return;
		}
		other = true;
	} else {
		t->falls = 0;
	}
	before = t->base_wh;
	if (other) {
		t->base_wh += t->counter_wh;
	}
	if (take(c, i, t->base_wh + counter, cell->at_us, Q_SUBSTITUTE)) {
		t->counter_wh = counter;
		t->falls = 0;
		if (no != VALUE_NONE) {
			t->counter_no = no;
		}
	} else {
		t->base_wh = before;
	}
}

void energy_take(struct core *c, uint16_t i)
{
	const struct gun_cfg *cfg = gun_cfg(c->site, i);
	struct gun *g = gun_of(c->site, i);
	const struct cells *cells = &g->cells;
	int64_t raw;

	switch (cfg->source) {
	case ESRC_SESSION:
		take_counter(c, i);
		return;
	case ESRC_METER:
		cells = &meter_of(c->site, cfg->meter)->cells;
		break;
	case ESRC_REGISTER:
	case ESRC_NONE:
		break;
	}
	if (cells_good(cells, PT_ENERGY, &raw)) {
		take(c, i, raw, cells->cell[PT_ENERGY].at_us, cells->quality[PT_ENERGY]);
	}
}

bool energy_session_start(const struct site *site, uint16_t i, int64_t since_us, struct latch *out)
{
	const struct gun_cfg *cfg = gun_cfg(site, i);
	const struct gun *g = gun_of(site, i);
	const struct latch *n = &g->track.now;
	int64_t counter, at_us = g->cells.cell[PT_SESSION_WH].at_us;

	if (!cfg->has_session_wh || !n->known || g->track.suspect != 0 || n->at_us < since_us ||
		at_us < since_us || !cells_good(&g->cells, PT_SESSION_WH, &counter) ||
		counter < 0 || counter > ENERGY_MAX_WH) {
		return false;
	}
	*out = *n;
	out->acc_wh -= counter;
	out->raw_wh -= counter;
	if (out->raw_wh < 0) {
		out->raw_wh = cfg->wrap_wh > 0 ? out->raw_wh + cfg->wrap_wh : 0;
	}
	if (at_us != n->at_us) {
		out->quality = Q_SUBSTITUTE;
	}
	return true;
}
