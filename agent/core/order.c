#include "order.h"

#include "alarm.h"
#include "auth.h"
#include "command.h"
#include "cost.h"
#include "gun.h"
#include "halt.h"
#include "mark.h"
#include "reserve.h"
#include "tag.h"
#include "tariff.h"
#include "visit.h"

/* A stop without effect is given again after this. */
#define STOP_AGAIN_US (15 * US_PER_S)
/* The same to a pile that does not answer; when it does it is told at once. */
#define AGAIN_SILENT_US (300 * US_PER_S)
/* A start that load management holds back is given again after this. */
#define START_AGAIN_US (30 * US_PER_S)
/* A pile that does not answer after a restart of ours is waited for. */
#define GIVE_UP_US (600 * US_PER_S)
/* From here on a car counts as full. */
#define FULL_PM 990

static struct order *order_of(const struct site *site, uint16_t i)
{
	return &gun_of(site, i)->order;
}

static bool active(const struct order *o)
{
	return o->id[0] != '\0' && o->state <= OSTATE_CHARGING;
}

static void order_view(const struct site *site, uint16_t i, struct view_order *out)
{
	const struct order *o = order_of(site, i);

	view_clear(VIEW_order, out);
	VIEW_SET(out, id, o->id);
	VIEW_SET(out, gun, gun_cfg(site, i)->id);
	VIEW_SET(out, account, o->account);
	VIEW_SET(out, card, o->card);
	VIEW_SET(out, class, class_token(o->class));
	VIEW_SET(out, kind, order_token(ORDER_WORDS_KIND, o->kind));
	VIEW_SET(out, limit, order_token(ORDER_WORDS_LIMIT, o->limit));
	VIEW_SET(out, state, order_token(ORDER_WORDS_STATE, o->state));
	VIEW_SET(out, error, o->error);
	VIEW_SET(out, session, o->session);
	VIEW_SET(out, tariff, o->tariff);
	VIEW_SET(out, by, o->by);
	VIEW_SET(out, origin, o->origin);
	VIEW_SET(out, reason, o->reason);
	VIEW_SET(out, stop_cause, order_token(ORDER_WORDS_CAUSE, o->cause));
	out->limit_value = o->limit_value;
	out->hold_fen = o->hold_fen;
	out->asked = o->asked_ms;
	out->ended = active(o) ? VALUE_NONE : o->ended_ms;
}

bool site_view_order(const struct site *site, uint16_t i, struct view_order *out)
{
	if (i >= site->cfg.gun_count || !active(order_of(site, i))) {
		return false;
	}
	order_view(site, i, out);
	return true;
}

static void end_order(struct core *c, uint16_t i, int state, int err, const char *why)
{
	struct order *o = order_of(c->site, i);

	o->state = (uint8_t)state;
	o->ended_ms = c->now.wall.ms;
	o->dirty = 1;
	memset(o->error, 0, sizeof o->error);
	if (err != 0) {
		view_set_text(o->error, sizeof o->error, err_token(err));
	}
	alarm_gun(c, i, UNPAID_FAULT, FAULT_NONE, "");
	core_log(c, state == OSTATE_FAILED ? LOG_WARNING : LOG_NOTICE, "gun %s: order %s %s%s%s",
		gun_cfg(c->site, i)->id, o->id, order_token(ORDER_WORDS_STATE, (unsigned)state),
		why[0] != '\0' ? ": " : "", why);
}

static void fill(struct order *o, const struct view_order *view, int64_t now_us)
{
	unsigned word;
	enum account_class class;

	memset(o, 0, sizeof *o);
	view_set_text(o->id, sizeof o->id, view->id);
	view_set_text(o->account, sizeof o->account, view->account);
	view_set_text(o->card, sizeof o->card, view->card);
	view_set_text(o->tariff, sizeof o->tariff, view->tariff);
	view_set_text(o->by, sizeof o->by, view->by);
	view_set_text(o->origin, sizeof o->origin, view->origin);
	view_set_text(o->reason, sizeof o->reason, view->reason);
	o->class = class_find(view->class, &class) == 0 ? (uint8_t) class : CLASS_ORDINARY;
	o->kind = order_find(ORDER_WORDS_KIND, view->kind, &word) == 0 ? (uint8_t)word
								       : ORDER_UNKNOWN;
	o->limit = order_find(ORDER_WORDS_LIMIT, view->limit, &word) == 0 ? (uint8_t)word
									  : OLIMIT_FULL;
	o->limit_value = view->limit_value;
	o->hold_fen = view->hold_fen;
	o->asked_ms = view->asked;
	o->asked_us = now_us;
}

static void tell(struct core *c, uint16_t i)
{
	order_view(c->site, i, &core_emit(c, ACT_ORDER)->order);
}

void order_flush(struct core *c, uint16_t i)
{
	if (order_of(c->site, i)->dirty) {
		order_of(c->site, i)->dirty = 0;
		tell(c, i);
	}
}

/* Binds the order to the session that is open; the cost is that of its account from the start on.
 */
static void bind(struct core *c, uint16_t i, bool taken_over)
{
	struct order *o = order_of(c->site, i);
	struct session *s = &gun_of(c->site, i)->session;

	memcpy(o->session, s->id, sizeof o->session);
	memcpy(s->order, o->id, sizeof s->order);
	o->state = OSTATE_CHARGING;
	o->dirty = 1;
	s->dirty = 1;
	if (o->by[0] != '\0') {
		s->flags &= ~SFLAG_(UNASKED);
	}
	if (taken_over) {
		cost_take_over(c, i, o->tariff, o->class);
	} else {
		cost_begin(c, i, o->tariff, o->class);
	}
}

static void give(struct core *c, uint16_t i, enum verb verb, const char *why)
{
	struct order *o = order_of(c->site, i);
	struct event e = {.kind = EV_COMMAND, .now = c->now};

	core_text(o->command, sizeof o->command, "order-%lld-%s", (long long)visit_id_ms(c, i),
		gun_cfg(c->site, i)->id);
	e.command.verb = verb;
	e.command.target = (struct target){TGT_GUN, i};
	e.command.id = o->command;
	e.command.by = o->by[0] != '\0' ? o->by : "piled";
	e.command.origin = o->origin;
	e.command.reason = why;
	o->told_us = c->now.mono.us;
	command_take(c, &e);
}

static void stop(struct core *c, uint16_t i, enum order_cause cause)
{
	struct order *o = order_of(c->site, i);

	o->cause = (uint8_t)cause;
	give(c, i, VERB_STOP, order_token(ORDER_WORDS_CAUSE, cause));
}

/* What an order that was refused at once looks like; the gun's own is not touched. */
static void refuse(struct core *c, const struct view_order *wanted, int err)
{
	struct view_order *out = &core_emit(c, ACT_ORDER)->order;

	*out = *wanted;
	VIEW_SET(out, state, order_token(ORDER_WORDS_STATE, OSTATE_FAILED));
	VIEW_SET(out, error, err_token(err));
	out->ended = c->now.wall.ms;
	core_log(c, LOG_WARNING, "gun %s: order %s by %s refused: %s", wanted->gun, wanted->id,
		wanted->by, err_text(err));
}

/* Whoever asked was refused before the core was told; so that it is seen why. The VIN of a car that
 * nobody registered is no refusal. */
static void turned_away(struct core *c, const struct view_order *wanted, bool vin)
{
	core_log(c, LOG_NOTICE, "gun %s: %s: %s", wanted->gun, wanted->by, wanted->reason);
	if (!vin || strcmp(wanted->error, err_token(ERR_NOTFOUND)) != 0) {
		core_emit(c, ACT_ORDER)->order = *wanted;
	}
}

static void cancel(struct core *c, uint16_t i)
{
	struct order *o = order_of(c->site, i);

	if (o->state == OSTATE_CHARGING) {
		stop(c, i, CAUSE_PERSON);
		return;
	}
	give(c, i, VERB_STOP, phrase_plain(PHRASE_CANCELLED)); /* a start may be under way */
	o->cause = CAUSE_PERSON;
	end_order(c, i, OSTATE_CANCELLED, 0, "");
}

void order_halted(struct core *c, uint16_t i, const char *why)
{
	struct order *o = order_of(c->site, i);
	char text[sizeof o->reason];

	if (!active(o) || o->state > OSTATE_STARTING) {
		return;
	}
	core_text(text, sizeof text, "%s%s%.90s", o->reason, o->reason[0] != '\0' ? "; " : "", why);
	view_set_text(o->reason, sizeof o->reason, text);
	o->cause = CAUSE_PERSON;
	end_order(c, i, OSTATE_CANCELLED, 0, why);
	gun_touch(c->site, i);
}

/* A card or VIN that was read at the pile asks, not a person of the site. */
static bool by_pile(const struct view_order *wanted)
{
	return strcmp(wanted->origin, "pile") == 0;
}

bool site_unclaimed(const struct site *site, uint16_t i)
{
	const struct gun *g = gun_of(site, i);
	const struct order *o = &g->order;

	return o->id[0] != '\0' && o->state == OSTATE_CHARGING && o->kind == ORDER_UNKNOWN &&
	       o->by[0] == '\0' && o->account[0] == '\0' && o->cause == CAUSE_NONE &&
	       g->session.phase == SESSION_OPEN && strcmp(o->session, g->session.id) == 0;
}

/* Nobody's order ends: its charge is that of the new one. */
static void give_way(struct core *c, uint16_t i, const char *to)
{
	struct order *o = order_of(c->site, i);

	memset(o->reason, 0, sizeof o->reason);
	phrase_text(o->reason, sizeof o->reason, PHRASE_ORDER_OVER, to, NULL);
	end_order(c, i, OSTATE_CANCELLED, 0, o->reason);
}

static void accept(struct core *c, uint16_t i, const struct view_order *wanted, bool taken_over)
{
	struct gun *g = gun_of(c->site, i);
	struct order *o = &g->order;

	if (taken_over) {
		give_way(c, i, wanted->id);
	}
	order_flush(c, i); /* of the one before */
	halt_release(c, (struct target){TGT_GUN, i}, wanted->by);
	fill(o, wanted, c->now.mono.us);
	if (g->session.phase == SESSION_OPEN) {
		core_log(c, LOG_NOTICE, "gun %s: order %s takes the charge that runs", wanted->gun,
			o->id);
		bind(c, i, taken_over);
		return;
	}
	o->state = OSTATE_STARTING;
	o->dirty = 1;
	core_log(c, LOG_NOTICE, "gun %s: order %s by %s, %s", wanted->gun, o->id, o->by,
		order_token(ORDER_WORDS_KIND, o->kind));
	give(c, i, VERB_START, o->reason);
}

void order_take(struct core *c, const struct event *e)
{
	const struct view_order *wanted = e->order.view;
	struct target t;
	struct gun *g;
	bool vin = false, takes_over;

	if (!c->site->cfg.billing.on || site_find(c->site, wanted->gun, &t) != 0 ||
		t.kind != TGT_GUN || wanted->id[0] == '\0') {
		c->site->h.odd++;
		return;
	}
	g = gun_of(c->site, t.index);
	gun_touch(c->site, t.index);
	takes_over = wanted->account[0] != '\0' && site_unclaimed(c->site, t.index);
	if (e->order.cancel || wanted->card[0] != '\0') {
		vin = g->auth.pending == AUTH_VIN;
		auth_done(c->site, t.index);
	}
	if (strcmp(g->order.id, wanted->id) == 0) {
		if (e->order.cancel && active(&g->order)) {
			cancel(c, t.index);
		}
		g->order.dirty = 0;
		tell(c, t.index);
	} else if (e->order.cancel) {
		c->site->h.odd++;
	} else if (strcmp(wanted->state, order_token(ORDER_WORDS_STATE, OSTATE_FAILED)) == 0) {
		turned_away(c, wanted, vin);
	} else if (!takes_over &&
		   (active(&g->order) || (g->session.phase != SESSION_NONE &&
						 (g->session.phase == SESSION_ENDING ||
							 g->session.order[0] != '\0')))) {
		refuse(c, wanted, ERR_BUSY);
	} else if (halt_on_gun(c->site, t.index) != NULL && by_pile(wanted)) {
		refuse(c, wanted, ERR_STATE);
	} else if (reserve_keeps_out(c->site, t.index, wanted->account, c->now.wall.ms) != NULL) {
		refuse(c, wanted, ERR_RESERVED);
	} else if (wanted->kind[0] != '\0' && strcmp(wanted->kind, "paid") == 0 &&
		   cost_tariff(c->site, wanted->tariff, c->now.wall) == NULL) {
		refuse(c, wanted, ERR_NOTFOUND);
	} else {
		accept(c, t.index, wanted, takes_over);
		g->order.dirty = 0;
		tell(c, t.index);
	}
}

bool order_resume(struct core *c, const struct view_order *view)
{
	struct target t;
	struct gun *g;
	unsigned state;

	if (!c->site->cfg.billing.on || site_find(c->site, view->gun, &t) != 0 ||
		t.kind != TGT_GUN || view->ended != VALUE_NONE ||
		order_find(ORDER_WORDS_STATE, view->state, &state) != 0 ||
		active(order_of(c->site, t.index))) {
		return false;
	}
	g = gun_of(c->site, t.index);
	fill(&g->order, view, c->now.mono.us);
	view_set_text(g->order.session, sizeof g->order.session, view->session);
	g->order.state = (uint8_t)state;
	g->order.resumed = 1;
	if (g->session.phase != SESSION_NONE && strcmp(g->session.order, g->order.id) == 0) {
		bind(c, t.index, false);
	}
	return true;
}

/* ---- A session without an order ---- */

static void unpaid(struct core *c, uint16_t i)
{
	static const uint8_t kinds[] = {
		[UNPAID_FREE] = ORDER_FREE,
		[UNPAID_REFUSE] = ORDER_UNKNOWN,
		[UNPAID_UNKNOWN] = ORDER_UNKNOWN,
	};
	struct gun *g = gun_of(c->site, i);
	struct order *o = &g->order;
	/* What ran before the reservation is not cut for it. */
	const char *held = reserve_keeps_out(c->site, i, "", g->session.start_ms);
	uint8_t rule = held != NULL ? UNPAID_REFUSE : c->site->cfg.billing.unpaid;

	memset(o, 0, sizeof *o);
	core_text(o->id, sizeof o->id, "%.36s-o", g->session.id);
	view_set_text(o->card, sizeof o->card, auth_last(c->site, i, c->now.mono));
	view_set_text(o->tariff, sizeof o->tariff, cost_tariff_of(c->site, i));
	if (held != NULL) {
		phrase_text(o->reason, sizeof o->reason, PHRASE_RESERVED, held, NULL);
	} else {
		phrase_text(o->reason, sizeof o->reason, PHRASE_NOBODY_ORDERED, NULL);
	}
	o->kind = kinds[rule];
	o->limit = OLIMIT_FULL;
	o->limit_value = VALUE_NONE;
	o->hold_fen = 0;
	o->asked_ms = c->now.wall.ms;
	o->asked_us = c->now.mono.us;
	bind(c, i, false);
	core_log(c, LOG_WARNING, "gun %s: charges without an order: %s", gun_cfg(c->site, i)->id,
		held != NULL            ? o->reason
		: rule == UNPAID_FREE   ? "free"
		: rule == UNPAID_REFUSE ? "refused"
					: "payer unknown");
	if (rule != UNPAID_FREE) {
		alarm_gun(c, i, UNPAID_FAULT, FAULT_UNPAID,
			held != NULL            ? o->reason
			: rule == UNPAID_REFUSE ? "refused"
						: "payer unknown");
	}
	if (rule == UNPAID_REFUSE) {
		stop(c, i, held != NULL ? CAUSE_RESERVED : CAUSE_REFUSED);
	}
}

void order_session_opened(struct core *c, uint16_t i)
{
	struct order *o = order_of(c->site, i);

	if (!c->site->cfg.billing.on) {
		return;
	}
	if (active(o) && (o->state == OSTATE_STARTING || o->resumed)) {
		o->resumed = 0;
		bind(c, i, false);
	}
}

/* ---- While it charges ---- */

static enum order_cause at_limit(const struct core *c, uint16_t i)
{
	const struct gun *g = gun_of(c->site, i);
	const struct order *o = &g->order;
	const struct session *s = &g->session;
	int64_t fen = cost_fen(c->site, i);
	int64_t budget = o->kind == ORDER_PAID       ? o->hold_fen
			 : o->limit == OLIMIT_AMOUNT ? o->limit_value
						     : INT64_MAX;

	if (budget != INT64_MAX && fen != VALUE_NONE && fen + cost_margin_fen(c, i) >= budget) {
		return CAUSE_AMOUNT;
	}
	if (o->limit == OLIMIT_ENERGY && s->start.known &&
		s->end.acc_wh - s->start.acc_wh + cost_margin_wh(c, i) >= o->limit_value) {
		return CAUSE_LIMIT;
	}
	if (o->limit == OLIMIT_TIME &&
		(c->now.mono.us - s->start_us) / US_PER_S >= o->limit_value) {
		return CAUSE_LIMIT;
	}
	return CAUSE_NONE;
}

static void watch_charge(struct core *c, uint16_t i)
{
	struct gun *g = gun_of(c->site, i);
	struct order *o = &g->order;
	enum order_cause cause;

	if (g->session.phase != SESSION_OPEN) {
		return;
	}
	if (o->cause != CAUSE_NONE) {
		if (c->now.mono.us - o->told_us >=
			(g->state == GUN_OFFLINE ? AGAIN_SILENT_US : STOP_AGAIN_US)) {
			stop(c, i, (enum order_cause)o->cause);
		}
		return;
	}
	cause = at_limit(c, i);
	if (cause != CAUSE_NONE) {
		stop(c, i, cause);
	}
}

static enum order_cause cause_of(const struct core *c, uint16_t i)
{
	const struct gun *g = gun_of(c->site, i);
	const struct session *s = &g->session;

	if (g->order.cause != CAUSE_NONE) {
		return (enum order_cause)g->order.cause;
	}
	if (g->stop_asked) {
		return CAUSE_PERSON;
	}
	if ((s->flags & SFLAG_(FAULT)) != 0) {
		return CAUSE_FAULT;
	}
	if (g->state == GUN_IDLE) {
		return CAUSE_UNPLUGGED;
	}
	return s->soc_end_pm != VALUE_NONE && s->soc_end_pm >= FULL_PM ? CAUSE_FULL : CAUSE_CAR;
}

void order_session_closed(struct core *c, uint16_t i)
{
	struct gun *g = gun_of(c->site, i);
	struct order *o = &g->order;

	if (!c->site->cfg.billing.on) {
		return;
	}
	if (g->session.order[0] == '\0') {
		unpaid(c, i); /* so short that nobody had decided */
	}
	if (active(o) && strcmp(o->session, g->session.id) == 0) {
		o->cause = (uint8_t)cause_of(c, i);
		end_order(c, i, OSTATE_ENDED, 0, order_token(ORDER_WORDS_CAUSE, o->cause));
		order_flush(c, i);
	}
	auth_done(c->site, i);
}

/* ---- Until it charges ---- */

/* Load management gives the gun nothing to charge with now. */
static bool waits(const struct site *site, uint16_t i)
{
	const struct gun_cfg *cfg = gun_cfg(site, i);

	return site->cfg.load.managed && grant_of(site, i)->grant_w < cfg->min_w;
}

bool order_open(const struct site *site, uint16_t i)
{
	return active(order_of(site, i));
}

bool order_allows_start(const struct site *site, uint16_t i)
{
	return !site->cfg.billing.on || site->cfg.billing.unpaid == UNPAID_FREE ||
	       active(order_of(site, i));
}

bool order_starts(const struct site *site, uint16_t i)
{
	return order_of(site, i)->id[0] != '\0' && order_of(site, i)->state == OSTATE_STARTING;
}

/* Older than this a place in the line is not worth a thought. */
#define ASKED_MAX_MS (86400 * MS_PER_S)

struct mono order_asked(const struct site *site, uint16_t i, struct moment now)
{
	int64_t ms = now.wall.ms - order_of(site, i)->asked_ms;

	ms = ms < 0 ? 0 : ms > ASKED_MAX_MS ? ASKED_MAX_MS : ms;
	return mono_add_us(now.mono, -ms * US_PER_MS);
}

static void watch_start(struct core *c, uint16_t i)
{
	struct gun *g = gun_of(c->site, i);
	struct order *o = &g->order;
	const struct command *cmd = command_by_id(c->site, o->command);

	if (cmd == NULL) { /* we were restarted */
		if (g->state != GUN_UNKNOWN && g->state != GUN_OFFLINE) {
			give(c, i, VERB_START, o->reason);
		} else if (c->now.mono.us - o->asked_us > GIVE_UP_US) {
			end_order(c, i, OSTATE_FAILED, ERR_TIMEOUT, err_text(ERR_TIMEOUT));
		}
		return;
	}
	if (!cmd->ended) {
		return;
	}
	if (cmd->state != CMD_FAILED && cmd->state != CMD_EXPIRED) {
		return; /* it charges: the session is about to open */
	}
	if ((cmd->err == ERR_TIMEOUT || cmd->err == ERR_EXPIRED) && waits(c->site, i)) {
		o->waited = 1;
	} else if (!o->waited || cmd->err == ERR_STATE) {
		int err = cmd->err;

		/* What was not answered may have been done. */
		if (err == ERR_TIMEOUT) {
			give(c, i, VERB_STOP, phrase_plain(PHRASE_NOT_STARTED));
		}
		end_order(c, i, OSTATE_FAILED, err, err_text(err));
		return;
	}
	if (!waits(c->site, i) || c->now.mono.us - o->told_us >= START_AGAIN_US) {
		o->waited = waits(c->site, i);
		give(c, i, VERB_START, o->reason);
	}
}

/* After a restart its session is not there any more, or not yet seen. */
static void watch_resumed(struct core *c, uint16_t i)
{
	struct gun *g = gun_of(c->site, i);
	struct order *o = &g->order;

	if (g->session.phase == SESSION_NONE && g->state != GUN_UNKNOWN &&
		g->state != GUN_OFFLINE && c->now.mono.us - o->asked_us > wait_us(c->site)) {
		o->cause = CAUSE_FAULT;
		end_order(c, i, OSTATE_ENDED, 0, "no charge is known");
	}
}

void order_step(struct core *c, uint16_t i)
{
	struct gun *g = gun_of(c->site, i);
	struct order *o = &g->order;

	if (!c->site->cfg.billing.on) {
		return;
	}
	cost_step(c, i);
	auth_step(c, i, active(o));
	if (active(o)) {
		if (o->state == OSTATE_STARTING || o->state == OSTATE_HELD) {
			watch_start(c, i);
		} else if (strcmp(o->session, g->session.id) == 0) {
			watch_charge(c, i);
		} else {
			watch_resumed(c, i);
		}
		return;
	}
	if (g->session.phase == SESSION_OPEN && g->session.order[0] == '\0' &&
		!auth_waits(c->site, i)) {
		unpaid(c, i);
	}
}

void order_show(const struct site *site, uint16_t i, struct view_gun *out)
{
	const struct order *o = order_of(site, i);

	cost_show(site, i, out);
	if (!active(o)) {
		return;
	}
	VIEW_SET(out, order, o->id);
	VIEW_SET(out, account, o->account);
	VIEW_SET(out, order_kind, order_token(ORDER_WORDS_KIND, o->kind));
	VIEW_SET(out, order_limit, order_token(ORDER_WORDS_LIMIT, o->limit));
	out->order_value = o->limit_value;
	out->hold_fen = o->hold_fen;
}
