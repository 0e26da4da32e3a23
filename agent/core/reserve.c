#include "reserve.h"

#include "gun.h"
#include "halt.h"
#include "order.h"
#include "tag.h"

static struct reserve *at(const struct site *site, size_t i)
{
	return (struct reserve *)site_at(site, site->h.reserves) + i;
}

/* ---- The rule ---- */

static enum reserve_state from_active(const struct reserve_facts *f, enum reserve_cause *why)
{
	if (f->now_ms < f->held_ms) {
		return RESERVE_ACTIVE;
	}
	*why = f->hurt != RESERVE_BY_NONE                 ? (enum reserve_cause)f->hurt
	       : f->now_ms - f->held_ms > RESERVE_LATE_MS ? RESERVE_BY_AGENT
							  : RESERVE_BY_NO_SHOW;
	return *why == RESERVE_BY_NO_SHOW ? RESERVE_LAPSED : RESERVE_BLOCKED;
}

enum reserve_state reserve_next(
	enum reserve_state state, const struct reserve_facts *f, enum reserve_cause *why)
{
	*why = RESERVE_BY_NONE;
	switch (state) {
	case RESERVE_PLANNED:
		if (f->own && f->now_ms >= f->guard_ms) {
			return RESERVE_KEPT;
		}
		if (f->now_ms < f->from_ms) {
			return RESERVE_PLANNED;
		}
		if (f->now_ms >= f->held_ms) {
			*why = RESERVE_BY_AGENT;
			return RESERVE_BLOCKED;
		}
		if (f->taken) {
			*why = RESERVE_BY_CHARGING;
			return RESERVE_BLOCKED;
		}
		return RESERVE_ACTIVE;
	case RESERVE_ACTIVE:
		return f->own ? RESERVE_KEPT : from_active(f, why);
	case RESERVE_KEPT:
	case RESERVE_CANCELLED:
	case RESERVE_LAPSED:
	case RESERVE_BLOCKED:
	case RESERVE_STATES:
		break;
	}
	return state;
}

/* ---- Records ---- */

static bool open_state(unsigned state)
{
	return state <= RESERVE_ACTIVE;
}

static void show(const struct site *site, const struct reserve *r, struct view_reservation *out)
{
	view_clear(VIEW_reservation, out);
	VIEW_SET(out, id, r->id);
	VIEW_SET(out, gun, gun_cfg(site, r->gun)->id);
	VIEW_SET(out, account, r->account);
	VIEW_SET(out, state, order_token(RESERVE_WORDS_STATE, r->state));
	VIEW_SET(out, cause, order_token(RESERVE_WORDS_CAUSE, r->cause));
	VIEW_SET(out, order, r->order);
	VIEW_SET(out, by, r->by);
	VIEW_SET(out, origin, r->origin);
	VIEW_SET(out, reason, r->reason);
	VIEW_SET(out, ended_by, r->ended_by);
	out->from = r->from_ms;
	out->until = r->until_ms;
	out->held_until = r->held_ms;
	out->fee_fen = r->fee_fen;
	out->asked = r->asked_ms;
	out->ended = open_state(r->state) ? VALUE_NONE : r->ended_ms;
}

bool site_view_reservation(const struct site *site, size_t position, struct view_reservation *out)
{
	for (size_t i = 0; site->h.reserves_used > 0 && i < RESERVES_MAX; i++) {
		const struct reserve *r = at(site, i);

		if (r->used && position-- == 0) {
			show(site, r, out);
			return true;
		}
	}
	return false;
}

static void tell(struct core *c, const struct reserve *r)
{
	show(c->site, r, &core_emit(c, ACT_RESERVE)->reserve);
}

/* One that has ended leaves its place. */
static void enter(struct core *c, struct reserve *r, enum reserve_state new, enum reserve_cause why)
{
	const char *cause;

	r->state = (uint8_t) new;
	if (!open_state(new)) {
		r->ended_ms = c->now.wall.ms;
		r->cause = (uint8_t)why;
	}
	cause = order_token(RESERVE_WORDS_CAUSE, open_state(new) ? RESERVE_BY_NONE : why);
	tell(c, r);
	core_log(c, new == RESERVE_BLOCKED ? LOG_WARNING : LOG_NOTICE,
		"gun %s: reservation %s of %s %s%s%s", gun_cfg(c->site, r->gun)->id, r->id,
		r->account, order_token(RESERVE_WORDS_STATE, new), cause[0] != '\0' ? ": " : "",
		cause);
	if (!open_state(new)) {
		memset(r, 0, sizeof *r);
		c->site->h.reserves_used--;
	}
}

/* ---- Asked for ---- */

static struct reserve *find(const struct site *site, const char *id)
{
	for (size_t i = 0; site->h.reserves_used > 0 && i < RESERVES_MAX; i++) {
		if (at(site, i)->used && strcmp(at(site, i)->id, id) == 0) {
			return at(site, i);
		}
	}
	return NULL;
}

bool site_reserved(const struct site *site, uint16_t gun, int64_t from_ms, int64_t until_ms,
	struct view_reservation *out)
{
	for (size_t i = 0; site->h.reserves_used > 0 && i < RESERVES_MAX; i++) {
		const struct reserve *r = at(site, i);

		if (r->used && r->gun == gun && r->from_ms < until_ms && from_ms < r->until_ms) {
			show(site, r, out);
			return true;
		}
	}
	return false;
}

/* A reservation of these words in a place of its own; NULL where it makes no sense or there is no
 * place. */
static struct reserve *fill(struct core *c, const struct view_reservation *view)
{
	struct reserve *r = NULL;
	struct target t;

	if (!c->site->cfg.billing.on || view->id[0] == '\0' || view->account[0] == '\0' ||
		view->from == VALUE_NONE || view->until == VALUE_NONE ||
		view->held_until == VALUE_NONE || view->until <= view->from ||
		view->held_until < view->from || view->fee_fen == VALUE_NONE || view->fee_fen < 0 ||
		site_find(c->site, view->gun, &t) != 0 || t.kind != TGT_GUN) {
		return NULL;
	}
	for (size_t i = 0; r == NULL && i < RESERVES_MAX; i++) {
		r = at(c->site, i)->used ? NULL : at(c->site, i);
	}
	if (r == NULL) {
		return NULL;
	}
	memset(r, 0, sizeof *r);
	view_set_text(r->id, sizeof r->id, view->id);
	view_set_text(r->account, sizeof r->account, view->account);
	view_set_text(r->by, sizeof r->by, view->by);
	view_set_text(r->origin, sizeof r->origin, view->origin);
	view_set_text(r->reason, sizeof r->reason, view->reason);
	r->from_ms = view->from;
	r->until_ms = view->until;
	r->held_ms = view->held_until;
	r->fee_fen = view->fee_fen;
	r->asked_ms = view->asked;
	r->gun = t.index;
	r->used = 1;
	c->site->h.reserves_used++;
	gun_touch(c->site, t.index);
	return r;
}

/* What could not be taken has a record too, with which the store releases the fee. */
static void refuse(struct core *c, const struct view_reservation *view, enum reserve_cause why)
{
	struct view_reservation *out = &core_emit(c, ACT_RESERVE)->reserve;

	*out = *view;
	VIEW_SET(out, state, order_token(RESERVE_WORDS_STATE, RESERVE_CANCELLED));
	VIEW_SET(out, cause, order_token(RESERVE_WORDS_CAUSE, why));
	out->ended = c->now.wall.ms;
	core_log(c, LOG_WARNING, "gun %s: reservation %s refused: %s", view->gun, view->id,
		order_token(RESERVE_WORDS_CAUSE, why));
}

static void cancel(struct core *c, struct reserve *r, const struct event *e)
{
	view_set_text(r->ended_by, sizeof r->ended_by, e->reserve.view->ended_by);
	if (e->reserve.view->reason[0] != '\0') {
		view_set_text(r->reason, sizeof r->reason, e->reserve.view->reason);
	}
	if (r->state == RESERVE_PLANNED && c->now.wall.ms < r->from_ms) {
		enter(c, r, RESERVE_CANCELLED, RESERVE_BY_PERSON);
	} else if (e->reserve.waive) {
		enter(c, r, RESERVE_CANCELLED, RESERVE_BY_WAIVED);
	} else if (r->cause != RESERVE_BY_NONE) {
		enter(c, r, RESERVE_BLOCKED, (enum reserve_cause)r->cause);
	} else {
		enter(c, r, RESERVE_LAPSED, RESERVE_BY_LATE);
	}
}

void reserve_take(struct core *c, const struct event *e)
{
	const struct view_reservation *view = e->reserve.view;
	struct reserve *r = find(c->site, view->id);
	struct view_reservation other;
	struct target t;

	if (r != NULL && e->reserve.cancel) {
		cancel(c, r, e);
	} else if (r != NULL) {
		tell(c, r);
	} else if (e->reserve.cancel || site_find(c->site, view->gun, &t) != 0 ||
		   t.kind != TGT_GUN) {
		c->site->h.odd++;
	} else if (site_reserved(c->site, t.index, view->from, view->until, &other)) {
		refuse(c, view, RESERVE_BY_TAKEN);
	} else if ((r = fill(c, view)) == NULL) {
		refuse(c, view, RESERVE_BY_FULL);
	} else {
		enter(c, r, RESERVE_PLANNED, RESERVE_BY_NONE);
	}
}

bool reserve_resume(struct core *c, const struct view_reservation *view)
{
	unsigned state, cause;
	struct reserve *r;

	if (view->ended != VALUE_NONE ||
		order_find(RESERVE_WORDS_STATE, view->state, &state) != 0 || !open_state(state) ||
		order_find(RESERVE_WORDS_CAUSE, view->cause, &cause) != 0 ||
		(cause != RESERVE_BY_NONE && cause != RESERVE_BY_PLUGGED &&
			cause != RESERVE_BY_UNREADY) ||
		find(c->site, view->id) != NULL) {
		return false;
	}
	r = fill(c, view);
	if (r != NULL) {
		r->state = (uint8_t)state;
		r->cause = (uint8_t)cause;
	}
	return r != NULL;
}

/* ---- As time goes by ---- */

static int64_t guard_ms(const struct site *site, const struct reserve *r)
{
	return r->from_ms - site->cfg.billing.reserve_lead_us / US_PER_MS;
}

/* The account has an order at the gun. */
static bool own(const struct site *site, const struct reserve *r)
{
	return order_open(site, r->gun) &&
	       strcmp(gun_of(site, r->gun)->order.account, r->account) == 0;
}

static bool taken(const struct site *site, const struct reserve *r)
{
	return gun_of(site, r->gun)->session.phase == SESSION_OPEN || order_open(site, r->gun);
}

/* What keeps the driver from using the gun now. After a start of the agent nothing is known yet. */
static enum reserve_cause obstacle(const struct site *site, const struct reserve *r)
{
	const struct gun *g = gun_of(site, r->gun);

	if (g->state == GUN_OFFLINE || g->state == GUN_FAULT || tag_on_gun(site, r->gun) != NULL ||
		halt_on_gun(site, r->gun) != NULL) {
		return RESERVE_BY_UNREADY;
	}
	return g->visit.open ? RESERVE_BY_PLUGGED : RESERVE_BY_NONE;
}

static void step(struct core *c, struct reserve *r)
{
	struct reserve_facts f = {.now_ms = c->now.wall.ms,
		.from_ms = r->from_ms,
		.guard_ms = guard_ms(c->site, r),
		.held_ms = r->held_ms,
		.own = own(c->site, r),
		.taken = taken(c->site, r),
		.hurt = r->cause};
	enum reserve_cause why;
	enum reserve_state new = reserve_next((enum reserve_state)r->state, &f, &why);

	if (new == RESERVE_KEPT) {
		memcpy(r->order, gun_of(c->site, r->gun)->order.id, sizeof r->order);
	}
	if (new != (enum reserve_state)r->state) {
		enter(c, r, new, why);
	}
	if (r->used && r->state == RESERVE_ACTIVE && r->cause == RESERVE_BY_NONE &&
		obstacle(c->site, r) != RESERVE_BY_NONE) {
		r->cause = (uint8_t)obstacle(c->site, r);
		tell(c, r);
	}
}

void reserve_step(struct core *c, uint16_t gun)
{
	for (size_t i = 0; c->site->h.reserves_used > 0 && i < RESERVES_MAX; i++) {
		struct reserve *r = at(c->site, i);

		if (r->used && r->gun == gun && core_room(c, COMMAND_ROOM)) {
			step(c, r);
		}
	}
}

/* ---- What others see ---- */

const char *reserve_keeps_out(
	const struct site *site, uint16_t gun, const char *account, int64_t at_ms)
{
	for (size_t i = 0; site->h.reserves_used > 0 && i < RESERVES_MAX; i++) {
		const struct reserve *r = at(site, i);

		if (r->used && r->gun == gun && at_ms >= guard_ms(site, r) &&
			strcmp(r->account, account) != 0) {
			return r->id;
		}
	}
	return NULL;
}

bool site_kept_out(const struct site *site, uint16_t gun, const char *account, int64_t at_ms,
	struct view_reservation *out)
{
	const char *id = reserve_keeps_out(site, gun, account, at_ms);

	if (id != NULL) {
		show(site, find(site, id), out);
	}
	return id != NULL;
}

void reserve_show(const struct site *site, uint16_t gun, struct view_gun *out)
{
	const struct reserve *next = NULL;

	for (size_t i = 0; site->h.reserves_used > 0 && i < RESERVES_MAX; i++) {
		const struct reserve *r = at(site, i);

		if (r->used && r->gun == gun && (next == NULL || r->from_ms < next->from_ms)) {
			next = r;
		}
	}
	if (next != NULL) {
		VIEW_SET(out, reservation, next->id);
		VIEW_SET(out, reserved_for, next->account);
		out->reserved_from = next->from_ms;
		out->reserved_until = next->until_ms;
	}
}
