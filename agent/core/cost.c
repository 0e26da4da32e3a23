#include "cost.h"

#include "money.h"
#include "tariff.h"

/* Keeps the products below in range; no prepayment lasts for longer unread. */
#define AGE_MAX_MS (86400 * MS_PER_S)
#define MAX_W_CAP  INT64_C(10000000)
#define NEXT_DAYS  2

static struct tariff *tariff_slot_of(const struct site *site, size_t i)
{
	return (struct tariff *)site_at(site, site->h.tariffs) + i;
}

static size_t tariff_slots(const struct site *site)
{
	return site->cfg.billing.on ? TARIFFS_MAX : 0;
}

const struct tariff *cost_tariff(const struct site *site, const char *id, struct wall at)
{
	const struct tariff *found = NULL;

	for (size_t i = 0; i < tariff_slots(site); i++) {
		const struct tariff *t = tariff_slot_of(site, i);

		if (t->id[0] != '\0' && strcmp(t->id, id) == 0 && t->from_ms <= at.ms &&
			(found == NULL || t->version > found->version)) {
			found = t;
		}
	}
	return found;
}

const char *cost_tariff_of(const struct site *site, uint16_t i)
{
	const struct pile_cfg *pile = pile_cfg(site, gun_cfg(site, i)->pile);

	return pile->tariff[0] != '\0' ? pile->tariff : site->cfg.billing.tariff;
}

const struct tariff *site_tariff(const struct site *site, uint16_t gun, struct wall at)
{
	return cost_tariff(site, cost_tariff_of(site, gun), at);
}

/* A free slot, or that of a version that another has replaced; NULL = all are needed. */
static struct tariff *room_for(const struct core *c, const struct tariff *new)
{
	struct tariff *old = NULL;

	for (size_t i = 0; i < tariff_slots(c->site); i++) {
		struct tariff *t = tariff_slot_of(c->site, i);

		if (t->id[0] == '\0' ||
			(strcmp(t->id, new->id) == 0 && t->version == new->version)) {
			return t;
		}
		if (cost_tariff(c->site, t->id, c->now.wall) != t && t->from_ms <= c->now.wall.ms &&
			(old == NULL || t->from_ms < old->from_ms)) {
			old = t;
		}
	}
	return old;
}

void cost_tariff_take(struct core *c, const struct event *e)
{
	struct tariff *slot;

	if (tariff_slots(c->site) == 0 || tariff_valid(e->tariff) != 0) {
		c->site->h.odd++;
		return;
	}
	slot = room_for(c, e->tariff);
	if (slot == NULL) {
		core_log(c, LOG_ERROR, "tariff %s version %u: more than %d versions are in use",
			e->tariff->id, (unsigned)e->tariff->version, TARIFFS_MAX);
		return;
	}
	memcpy(slot, e->tariff, sizeof *slot);
	core_log(
		c, LOG_NOTICE, "tariff %s: version %u is known", slot->id, (unsigned)slot->version);
	for (uint16_t i = 0; i < c->site->cfg.gun_count; i++) {
		gun_of(c->site, i)->cost.show_until_ms = 0;
	}
}

/* ---- The running cost of a session ---- */

static void open_line(struct cost *k, const struct tariff *t, struct wall at)
{
	struct tariff_slot slot;

	for (unsigned class = 0; class < CLASS_COUNT_; class ++) {
		tariff_at(t, at, class, &slot);
		k->line[class] = slot.price;
	}
	k->version = t->version;
	k->period = (uint8_t)slot.period;
}

void cost_begin(struct core *c, uint16_t i, const char *tariff, unsigned class)
{
	struct gun *g = gun_of(c->site, i);
	struct cost *k = &g->cost;
	struct wall at = {g->session.start_ms};
	const struct tariff *t = cost_tariff(c->site, tariff, at);

	k->known = t != NULL;
	k->class = (uint8_t) class;
	k->line_wh = 0;
	memset(k->closed_fen, 0, sizeof k->closed_fen);
	memset(k->tariff, 0, sizeof k->tariff);
	if (t != NULL) {
		view_set_text(k->tariff, sizeof k->tariff, t->id);
		open_line(k, t, at);
	}
}

void cost_take_over(struct core *c, uint16_t i, const char *tariff, unsigned class)
{
	struct cost *k = &gun_of(c->site, i)->cost;

	if (!k->known || strcmp(k->tariff, tariff) != 0) {
		cost_begin(c, i, tariff, class);
	}
	k->class = (uint8_t) class;
	k->show_until_ms = 0;
}

static int64_t line_fen(const struct cost *k, unsigned class, int64_t wh)
{
	int64_t line_wh = wh - k->line_wh;

	return line_wh <= 0 ? 0
			    : money_of(line_wh, k->line[class].elec_e5) +
				      money_of(line_wh, k->line[class].service_e5);
}

void cost_mark(struct core *c, uint16_t i, int64_t at_ms, int64_t wh)
{
	struct cost *k = &gun_of(c->site, i)->cost;
	const struct tariff *t = cost_tariff(c->site, k->tariff, (struct wall){at_ms});
	struct tariff_slot slot;

	if (!k->known || t == NULL) {
		return;
	}
	tariff_at(t, (struct wall){at_ms}, k->class, &slot);
	if (t->version == k->version && (uint8_t)slot.period == k->period &&
		slot.price.elec_e5 == k->line[k->class].elec_e5 &&
		slot.price.service_e5 == k->line[k->class].service_e5) {
		return;
	}
	for (unsigned class = 0; class < CLASS_COUNT_; class ++) {
		k->closed_fen[class] += line_fen(k, class, wh);
	}
	k->line_wh = wh;
	open_line(k, t, (struct wall){at_ms});
}

int64_t cost_fen(const struct site *site, uint16_t i)
{
	const struct gun *g = gun_of(site, i);
	const struct session *s = &g->session;
	int64_t wh = s->latched || g->track.suspect != 0 || !g->track.now.known
			     ? s->end.acc_wh - s->start.acc_wh
			     : g->track.now.acc_wh - s->start.acc_wh;

	if (s->phase == SESSION_NONE || !g->cost.known || !s->start.known) {
		return VALUE_NONE;
	}
	return g->cost.closed_fen[g->cost.class] + line_fen(&g->cost, g->cost.class, wh);
}

/* ---- What may still come ---- */

static int64_t power_of(const struct core *c, uint16_t i)
{
	const struct gun_cfg *cfg = gun_cfg(c->site, i);
	int64_t w;

	if (!cells_good(&gun_of(c->site, i)->cells, PT_POWER, &w)) {
		w = cfg->max_w;
	}
	return w < 0 ? 0 : w > MAX_W_CAP ? MAX_W_CAP : w;
}

static int64_t age_ms(const struct core *c, uint16_t i)
{
	int64_t ms = (c->now.mono.us - gun_of(c->site, i)->track.now.at_us) / US_PER_MS;

	return ms < 0 ? 0 : ms > AGE_MAX_MS ? AGE_MAX_MS : ms;
}

int64_t cost_margin_wh(const struct core *c, uint16_t i)
{
	int64_t ms = age_ms(c, i) + c->site->cfg.billing.stop_lag_us / US_PER_MS;

	return (power_of(c, i) * ms + 3599999) / 3600000;
}

int64_t cost_margin_fen(const struct core *c, uint16_t i)
{
	const struct cost *k = &gun_of(c->site, i)->cost;
	const struct billing_cfg *b = &c->site->cfg.billing;
	int64_t ms = age_ms(c, i) + (b->stop_lag_us + b->timeout_us) / US_PER_MS;
	int64_t e5 = price_total_e5(k->line[k->class]);

	if (k->next_ms != 0 && k->next_ms <= c->now.wall.ms + ms && k->next_e5 > e5) {
		e5 = k->next_e5;
	}
	/* In mWh, so that a low power costs its part: at most 1e7 W x 1e8 ms. */
	return ((power_of(c, i) * ms + 3599) / 3600 * e5 + INT64_C(999999999)) /
	       INT64_C(1000000000);
}

/* ---- Prices shown ---- */

void cost_step(struct core *c, uint16_t i)
{
	struct gun *g = gun_of(c->site, i);
	struct cost *k = &g->cost;
	struct wall now = c->now.wall;
	bool counted = g->session.phase != SESSION_NONE && k->known;
	unsigned class = counted ? k->class : CLASS_ORDINARY;
	const struct tariff *t;
	struct tariff_slot slot;

	if (!c->site->cfg.billing.on || (k->show_until_ms > now.ms && now.ms >= k->show_from_ms)) {
		return;
	}
	t = cost_tariff(c->site, counted ? k->tariff : cost_tariff_of(c->site, i), now);
	k->show_from_ms = now.ms;
	k->show_until_ms = now.ms + 60 * MS_PER_S;
	k->show_e5 = VALUE_NONE;
	k->next_e5 = VALUE_NONE;
	k->next_ms = 0;
	if (t == NULL) {
		return;
	}
	tariff_at(t, now, class, &slot);
	k->show_until_ms = slot.end.ms;
	k->show_e5 = price_total_e5(slot.price);
	k->show_period = (uint8_t)slot.period;
	if (tariff_next_change(t, now, class, NEXT_DAYS, &slot)) {
		k->next_ms = slot.begin.ms;
		k->next_e5 = price_total_e5(slot.price);
	}
}

void cost_show(const struct site *site, uint16_t i, struct view_gun *out)
{
	const struct cost *k = &gun_of(site, i)->cost;

	if (!site->cfg.billing.on || k->show_until_ms == 0 || k->show_e5 == VALUE_NONE) {
		return;
	}
	out->price_e5 = k->show_e5;
	VIEW_SET(out, period, period_info(k->show_period)->token);
	out->next_at = k->next_ms == 0 ? VALUE_NONE : k->next_ms;
	out->next_price_e5 = k->next_e5;
	out->cost_fen = cost_fen(site, i);
}
