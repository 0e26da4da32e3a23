#ifndef PILED_ORDERRIG_H
#define PILED_ORDERRIG_H
/* The rig with billing: a tariff "t" of 1 yuan per kWh (electricity 0.7, service 0.3), 2 yuan from
 * 06:30 on, and piles that answer each write at once. */
#include "rig.h"

#include "orderwords.h"

#define FEN_PER_KWH 100

struct orderrig {
	struct rig r;
	struct site_cfg cfg;
	/* Of the next order_site(). */
	struct load_cfg load;
	const struct stop_cfg *stop; /* one, or NULL */
	struct tariff tariff;
	struct view_order wanted;
	bool mute;    /* writes are not answered */
	int write_rc; /* how they are */
	size_t seen;  /* actions looked at for writes */
};

static inline void order_event(struct orderrig *o, struct event *e)
{
	rig_event(&o->r, e);
}

/* Answers what was written. */
static inline void answer(struct orderrig *o)
{
	for (; o->seen < o->r.count; o->seen++) {
		struct event e = {.kind = EV_WRITTEN};

		if (o->r.kept[o->seen].kind != ACT_WRITE || o->mute) {
			continue;
		}
		e.written.token = o->r.kept[o->seen].write.token;
		e.written.err = o->write_rc;
		e.written.at = o->r.now.mono;
		order_event(o, &e);
	}
}

static inline void know_tariff(struct orderrig *o)
{
	struct event e = {.kind = EV_TARIFF, .tariff = &o->tariff};

	order_event(o, &e);
}

static inline void order_site(struct orderrig *o, enum unpaid unpaid)
{
	site_free(o->r.site);
	o->cfg = rig_cfg;
	o->cfg.load = o->load;
	o->cfg.stops = o->stop;
	o->cfg.stop_count = o->stop != NULL;
	o->cfg.billing = (struct billing_cfg){.on = true,
		.unpaid = (uint8_t)unpaid,
		.tariff = "t",
		.stop_lag_us = 3 * US_PER_S,
		.timeout_us = US_PER_S};
	assert_int_equal(site_new(&o->cfg, &o->r.site), 0);
	know_tariff(o);
}

static inline int order_setup(void **state)
{
	struct orderrig *o = calloc(1, sizeof *o);

	if (o == NULL) {
		return -1;
	}
	rig_new(&o->r);
	rig_tariff(&o->tariff);
	order_site(o, UNPAID_REFUSE);
	*state = o;
	return 0;
}

static inline int order_teardown(void **state)
{
	struct orderrig *o = *state;

	site_free(o->r.site);
	free(o);
	return 0;
}

/* The agent ends; a new one knows what the store kept: sessions, orders, marks, in this order. */
static inline void order_restart(struct orderrig *o)
{
	static struct action kept[RIG_ACTIONS];
	size_t count = o->r.count;

	memcpy(kept, o->r.kept, count * sizeof kept[0]);
	order_site(o, UNPAID_REFUSE);
	o->r.count = o->seen = 0;
	for (int pass_ = 0; pass_ < 3; pass_++) {
		for (size_t i = 0; i < count; i++) {
			static const enum action_kind kinds[] = {ACT_SESSION, ACT_ORDER, ACT_MARK};
			bool newest = true;

			if (kept[i].kind != kinds[pass_]) {
				continue;
			}
			for (size_t k = i + 1; k < count && pass_ < 2; k++) {
				newest = newest && !(kept[k].kind == kept[i].kind &&
							   strcmp(kept[k].session.id,
								   kept[i].session.id) == 0);
			}
			if (newest && pass_ == 0) {
				rig_resume(&o->r, VIEW_session, &kept[i].session);
			} else if (newest && pass_ == 1) {
				rig_resume(&o->r, VIEW_order, &kept[i].order);
			} else if (newest) {
				rig_resume(&o->r, VIEW_mark, &kept[i].mark);
			}
		}
	}
}

static inline struct view_order *wanted(struct orderrig *o, const char *id, int gun)
{
	struct view_order *v = &o->wanted;

	view_clear(VIEW_order, v);
	VIEW_SET(v, id, id);
	VIEW_SET(v, gun, rig_guns[gun].id);
	VIEW_SET(v, account, "C000001");
	VIEW_SET(v, class, "ordinary");
	VIEW_SET(v, kind, "paid");
	VIEW_SET(v, limit, "amount");
	VIEW_SET(v, tariff, "t");
	VIEW_SET(v, state, "held");
	VIEW_SET(v, by, "li");
	v->hold_fen = 500;
	v->limit_value = 500;
	v->asked = o->r.now.wall.ms;
	return v;
}

static inline void give_order(struct orderrig *o, bool cancel)
{
	struct event e = {.kind = EV_ORDER};

	e.order.view = &o->wanted;
	e.order.cancel = cancel;
	order_event(o, &e);
	answer(o);
}

/* The newest record of an order. */
static inline const struct view_order *order_of_id(const struct orderrig *o, const char *id)
{
	for (size_t i = o->r.count; i-- > 0;) {
		if (o->r.kept[i].kind == ACT_ORDER && strcmp(o->r.kept[i].order.id, id) == 0) {
			return &o->r.kept[i].order;
		}
	}
	return NULL;
}

/* Writes of a point since action `from`. */
static inline int writes_of(const struct orderrig *o, enum point p, size_t from)
{
	int n = 0;

	for (size_t i = from; i < o->r.count; i++) {
		n += o->r.kept[i].kind == ACT_WRITE && o->r.kept[i].write.point == p;
	}
	return n;
}

static inline void read_gun(struct orderrig *o, int gun, enum gun_state s, int64_t w, int64_t wh)
{
	rig_read(&o->r, gun, s, w, wh);
	answer(o);
}

static inline void pass(struct orderrig *o, int64_t ms)
{
	rig_wait(&o->r, ms);
	answer(o);
}

static inline void plug(struct orderrig *o, int gun, int64_t wh)
{
	read_gun(o, gun, GUN_IDLE, 0, wh);
	pass(o, 1000);
	read_gun(o, gun, GUN_PLUGGED, 0, wh);
	pass(o, 1000);
	read_gun(o, gun, GUN_PLUGGED, 0, wh);
}

static inline struct view_gun gun_now(const struct orderrig *o, int gun)
{
	struct view_gun v;

	site_view_gun(o->r.site, (uint16_t)gun, o->r.now, &v);
	return v;
}

#endif
