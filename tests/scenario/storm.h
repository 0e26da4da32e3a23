#ifndef PILED_STORM_H
#define PILED_STORM_H
/*
 * Random events for the rig: guns that behave, guns that do not, links that come and go, commands,
 * orders, reservations, tariffs, cards, clock jumps, nonsense. The site bills: storm_cfg(). The
 * true movement of each register is kept beside it. Repeatable by seed.
 */
#include "rig.h"

struct storm_gun {
	int state;
	int64_t wh; /* of the register, true */
	int64_t session_wh, session_no, plug_no;
};

struct storm {
	uint64_t seed;
	struct storm_gun guns[RIG_GUNS];
	bool sane; /* registers do nothing odd, values are real */
	uint32_t tokens;
	int ids;
	/* What the event made last points to. */
	struct sample samples[32];
	char id[40];
	char alarm[64]; /* seen last */
	struct view_order order;
	struct view_reservation reservation;
	struct tariff tariff;
	char last_order[RIG_GUNS][40];
	char last_reservation[RIG_GUNS][40];
	int orders, reservations;
	struct moment now;
};

static inline struct site_cfg storm_cfg(void)
{
	struct site_cfg cfg = rig_cfg;

	cfg.billing = (struct billing_cfg){.on = true,
		.unpaid = UNPAID_UNKNOWN,
		.tariff = "t",
		.reserve_lead_us = 20 * US_PER_S,
		.stop_lag_us = 3 * US_PER_S,
		.timeout_us = US_PER_S};
	return cfg;
}

static inline uint64_t storm_random(struct storm *s)
{
	/* splitmix64 */
	uint64_t z = s->seed += UINT64_C(0x9E3779B97F4A7C15);

	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return z ^ z >> 31;
}

static inline int64_t storm_below(struct storm *s, int64_t n)
{
	return (int64_t)(storm_random(s) % (uint64_t)n);
}

static inline void storm_new(struct storm *s, uint64_t seed, bool sane)
{
	memset(s, 0, sizeof *s);
	s->seed = seed;
	s->sane = sane;
	s->now = (struct moment){{RIG_START_US}, {RIG_START_MS}};
	for (int i = 0; i < RIG_GUNS; i++) {
		s->guns[i].state = GUN_IDLE;
		s->guns[i].wh = 1000000;
	}
}

/* One second of a gun's life. */
static inline void storm_live(struct storm *s, int i)
{
	struct storm_gun *g = &s->guns[i];
	int64_t dice = storm_below(s, 100);
	int64_t wh;

	switch (g->state) {
	case GUN_IDLE:
		if (dice < 10) {
			g->state = GUN_PLUGGED;
			g->plug_no++;
		}
		break;
	case GUN_PLUGGED:
	case GUN_FINISHED:
		if (dice < 20) {
			g->state = GUN_CHARGING;
			g->session_no++;
			g->session_wh = 0;
		} else if (dice < 35) {
			g->state = GUN_IDLE;
		}
		break;
	case GUN_CHARGING:
		wh = storm_below(s, i < B11 ? 33 : 2);
		g->wh += wh;
		g->session_wh += wh;
		if (dice < 3) {
			g->state = GUN_SUSPENDED;
		} else if (dice < 8) {
			g->state = GUN_FINISHED;
		} else if (dice < 10) {
			g->state = GUN_IDLE;
		} else if (dice < 12) { /* another car at once */
			g->plug_no++;
			g->session_no++;
			g->session_wh = 0;
		}
		break;
	case GUN_SUSPENDED:
		g->state = dice < 30 ? GUN_CHARGING : dice < 40 ? GUN_FINISHED : GUN_SUSPENDED;
		break;
	default:
		g->state = GUN_IDLE;
	}
}

static inline void storm_add(
	struct storm *s, struct event *e, int kind, int index, int point, int64_t value)
{
	struct sample *x = &s->samples[e->readings.count++];

	*x = (struct sample){{(uint16_t)kind, (uint16_t)index}, (uint16_t)point, Q_GOOD, value};
	if (!s->sane && storm_below(s, 200) == 0) {
		x->value = (int64_t)storm_random(s);
	}
	if (storm_below(s, 100) == 0) {
		x->quality = (uint16_t)storm_below(s, Q_COUNT_ + 1);
		if (x->quality == Q_GOOD || x->quality == Q_SUBSTITUTE) {
			x->quality = Q_INVALID;
		}
	}
}

static inline void storm_readings(struct storm *s, struct event *e, int i)
{
	const struct gun_cfg *cfg = &rig_guns[i];
	struct storm_gun *g = &s->guns[i];
	int64_t part = storm_below(s, 4); /* all in one reply, or two replies */

	e->kind = EV_READINGS;
	e->readings.samples = s->samples;
	e->readings.count = 0;
	e->readings.at.us = s->now.mono.us - storm_below(s, 20000);
	if (part != 1) {
		storm_add(s, e, TGT_GUN, i, PT_STATE, g->state);
		storm_add(s, e, TGT_GUN, i, PT_POWER, g->state == GUN_CHARGING ? 6000 : 0);
		if (cfg->has_plugged) {
			storm_add(s, e, TGT_GUN, i, PT_PLUGGED, g->state != GUN_IDLE);
		}
		storm_add(s, e, TGT_GUN, i, PT_SOC, storm_below(s, 1000));
	}
	if (part != 0) {
		if (cfg->has_session_no) {
			storm_add(s, e, TGT_GUN, i, PT_SESSION_NO, g->session_no);
			storm_add(s, e, TGT_GUN, i, PT_PLUG_NO, g->plug_no);
		}
		if (cfg->has_session_wh) {
			storm_add(s, e, TGT_GUN, i, PT_SESSION_WH, g->session_wh);
		}
		if (cfg->source == ESRC_REGISTER) {
			storm_add(s, e, TGT_GUN, i, PT_ENERGY, g->wh);
		}
	}
	if (!s->sane && storm_below(s, 50) == 0) {
		storm_add(s, e, TGT_GUN, i, PT_FAULT, storm_below(s, 4));
	}
	if (storm_below(s, 30) == 0) {
		storm_add(s, e, TGT_PILE, cfg->pile, PT_UPTIME, s->now.mono.us / US_PER_S);
	}
}

static inline void storm_command(struct storm *s, struct event *e)
{
	e->kind = EV_COMMAND;
	e->command.verb = (enum verb)storm_below(s, VERB_COUNT_);
	e->command.target.kind = (uint16_t)storm_below(s, 5);
	e->command.target.index = (uint16_t)storm_below(s, 4);
	e->command.value = storm_below(s, 4) == 0 ? VALUE_NONE : storm_below(s, 130000);
	snprintf(s->id, sizeof s->id, "id%d", s->ids - (int)storm_below(s, 2));
	s->ids++;
	e->command.id = s->id;
	e->command.by = "li";
	e->command.origin = storm_below(s, 2) == 0 ? NULL : "local";
	e->command.reason = "because";
	e->command.expires_us = storm_below(s, 2) * 20 * US_PER_S;
}

/* A new order, the end of one, a refusal, or nonsense. */
static inline void storm_order(struct storm *s, struct event *e)
{
	static const char *const kinds[] = {"paid", "paid", "paid", "free", "maintenance", "odd"};
	static const char *const limits[] = {"full", "amount", "energy", "time", "odd"};
	struct view_order *v = &s->order;
	int gun = (int)storm_below(s, RIG_GUNS);

	view_clear(VIEW_order, v);
	VIEW_SET(v, gun, storm_below(s, 20) == 0 ? "X1.1" : rig_guns[gun].id);
	if (storm_below(s, 3) != 0 || s->last_order[gun][0] == '\0') {
		snprintf(s->last_order[gun], sizeof s->last_order[gun], "o%d", s->orders++);
	} else {
		e->order.cancel = true;
	}
	VIEW_SET(v, id, s->last_order[gun]);
	VIEW_SET(v, account, "C000001");
	VIEW_SET(v, class, "ordinary");
	VIEW_SET(v, kind, kinds[storm_below(s, 6)]);
	VIEW_SET(v, limit, limits[storm_below(s, 5)]);
	VIEW_SET(v, tariff, storm_below(s, 10) == 0 ? "none" : "t");
	VIEW_SET(v, state, storm_below(s, 8) == 0 ? "failed" : "held");
	VIEW_SET(v, card, storm_below(s, 3) == 0 ? "04A1" : "");
	VIEW_SET(v, by, "li");
	v->limit_value = storm_below(s, 1000);
	v->hold_fen = storm_below(s, 1000);
	v->asked = s->now.wall.ms;
	if (!s->sane && storm_below(s, 10) == 0) {
		v->limit_value = (int64_t)storm_random(s);
		v->hold_fen = (int64_t)storm_random(s);
	}
	e->kind = EV_ORDER;
	e->order.view = v;
}

/* A new reservation, soon and for seconds, the end of one, one that is known, or nonsense. */
static inline void storm_reserve(struct storm *s, struct event *e)
{
	struct view_reservation *v = &s->reservation;
	int gun = (int)storm_below(s, RIG_GUNS);
	int64_t dice = storm_below(s, 10);

	view_clear(VIEW_reservation, v);
	VIEW_SET(v, gun, storm_below(s, 20) == 0 ? "X1.1" : rig_guns[gun].id);
	if (dice < 6 || s->last_reservation[gun][0] == '\0') {
		snprintf(s->last_reservation[gun], sizeof s->last_reservation[gun], "r%d",
			s->reservations++);
	} else if (dice < 9) {
		e->reserve.cancel = true;
		e->reserve.waive = storm_below(s, 2) == 0;
	}
	VIEW_SET(v, id, s->last_reservation[gun]);
	VIEW_SET(v, account, storm_below(s, 3) == 0 ? "C000001" : "C000002");
	VIEW_SET(v, by, "li");
	VIEW_SET(v, ended_by, "wang");
	VIEW_SET(v, reason, "because");
	v->asked = s->now.wall.ms;
	v->from = v->asked + storm_below(s, 120) * MS_PER_S;
	v->until = v->from + storm_below(s, 120) * MS_PER_S;
	v->held_until = v->from + storm_below(s, 60) * MS_PER_S;
	v->fee_fen = storm_below(s, 500) - 20;
	if (!s->sane && storm_below(s, 10) == 0) {
		v->from = (int64_t)storm_random(s);
		v->until = (int64_t)storm_random(s);
		v->held_until = (int64_t)storm_random(s);
		v->fee_fen = (int64_t)storm_random(s);
	}
	e->kind = EV_RESERVE;
	e->reserve.view = v;
}

static inline void storm_tariff(struct storm *s, struct event *e)
{
	rig_tariff(&s->tariff);
	s->tariff.version = (uint32_t)storm_below(s, 4) + 1;
	s->tariff.from_ms =
		storm_below(s, 2) == 0 ? 0 : RIG_START_MS + storm_below(s, 4000) * MS_PER_S;
	s->tariff.price[0][CLASS_ORDINARY][PERIOD_PEAK].elec_e5 = (int32_t)storm_below(s, 300000);
	e->kind = EV_TARIFF;
	e->tariff = &s->tariff;
}

/* What a reader or a car shows. */
static inline void storm_card(struct storm *s, struct event *e)
{
	static const char *const texts[] = {"", "04A1", "04A2", "0000"};

	e->kind = EV_TEXT;
	e->text.target = (struct target){TGT_GUN, (uint16_t)storm_below(s, RIG_GUNS)};
	e->text.point = storm_below(s, 2) == 0 ? PT_CARD : PT_VIN;
	e->text.text = texts[storm_below(s, 4)];
	e->text.at = s->now.mono;
}

static inline void storm_odd(struct storm *s, struct event *e)
{
	switch (storm_below(s, 8)) {
	case 0:
		e->kind = EV_LINK;
		e->link.target.kind = (uint16_t)storm_below(s, 6);
		e->link.target.index = (uint16_t)storm_below(s, 4);
		e->link.up = storm_below(s, 3) != 0;
		break;
	case 1:
		storm_command(s, e);
		break;
	case 2:
		e->kind = EV_WRITTEN;
		e->written.token = s->tokens - (uint32_t)storm_below(s, 3);
		e->written.err = storm_below(s, 4) == 0 ? ERR_TIMEOUT : 0;
		e->written.at = s->now.mono;
		e->written.has_read_back = storm_below(s, 2) == 0;
		e->written.read_back = storm_below(s, 130000);
		break;
	case 3:
		e->kind = EV_TEXT;
		e->text.target.kind = (uint16_t)storm_below(s, 6);
		e->text.target.index = (uint16_t)storm_below(s, 5);
		e->text.point = (uint16_t)storm_below(s, PT_COUNT_ + 2);
		e->text.text = storm_below(s, 2) == 0 ? "SN1" : "SN2";
		e->text.at = s->now.mono;
		break;
	case 4:
	case 5:
		e->kind = EV_ALARM;
		e->alarm.op = (enum alarm_op)storm_below(s, ALARMOPS_);
		e->alarm.id = s->alarm;
		e->alarm.by = "li";
		e->alarm.reason = "because";
		e->alarm.until_ms = s->now.wall.ms + storm_below(s, 100000) - 1000;
		break;
	case 6:
		e->kind = EV_AGENT;
		e->agent.code = FAULT_BUS_DOWN + storm_below(s, 8);
		e->agent.up = storm_below(s, 2) == 0;
		e->agent.detail = "odd";
		break;
	default:
		e->kind = EV_CLOCK;
		e->clock.step_ms = storm_below(s, 10000) - 5000;
		e->clock.synced = storm_below(s, 2) == 0;
	}
}

/* The next event. What it points to stays until the next call. */
static inline void storm_next(struct storm *s, struct event *e)
{
	int64_t dice = storm_below(s, 100);

	memset(e, 0, sizeof *e);
	s->now.mono.us += storm_below(s, 400000);
	s->now.wall.ms = RIG_START_MS + (s->now.mono.us - RIG_START_US) / US_PER_MS;
	e->now = s->now;
	if (dice < 85) {
		int i = (int)storm_below(s, RIG_GUNS);

		storm_live(s, i);
		storm_readings(s, e, i);
	} else if (dice < 95) {
		e->kind = EV_TICK;
	} else if (dice < 96) {
		storm_order(s, e);
	} else if (dice < 97) {
		if (storm_below(s, 2) == 0) {
			storm_card(s, e);
		} else {
			storm_reserve(s, e);
		}
	} else if (storm_below(s, 100) == 0) {
		storm_tariff(s, e);
	} else {
		storm_odd(s, e);
	}
}

/* What the core gave back: the storm answers the writes. */
static inline void storm_saw(struct storm *s, const struct actions *out)
{
	for (size_t k = 0; k < out->count; k++) {
		if (out->v[k].kind == ACT_WRITE) {
			s->tokens = out->v[k].write.token;
		}
		if (out->v[k].kind == ACT_ALARM && storm_below(s, 3) == 0) {
			memcpy(s->alarm, out->v[k].alarm.id, sizeof s->alarm);
		}
	}
}

#endif
