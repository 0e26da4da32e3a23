#include "manage.h"

#include "alarm.h"
#include "command.h"
#include "decision.h"
#include "emit.h"
#include "gun.h"
#include "halt.h"
#include "learn.h"
#include "lease.h"
#include "limit.h"
#include "mains.h"
#include "order.h"
#include "slimit.h"
#include "tag.h"
#include "watch.h"
#include "wish.h"

/* A write that was not answered, or a limit that reads otherwise, is written again after this. */
#define AGAIN_US (5 * US_PER_S)
/* A meter that does not move at all while its guns do is not believed. */

static const struct {
	const char *token;
	int32_t weight;
} priorities[] = {
#define PRIORITY(sym, token, weight, label) {token, weight},
#include "priority.def"
#undef PRIORITY
};

/* The scratch memory of decisions stands behind the state: not part of a snapshot. */
static struct limit_work **work_of(const struct site *site)
{
	return (struct limit_work **)site_at(site, site->h.size);
}

size_t manage_nodes(const struct site_cfg *cfg)
{
	return cfg->load.managed ? 1U + cfg->feeder_count + cfg->pile_count : 0;
}

/* limit_node.owner: the site, a pile, a feeder. */
#define OWNER_SITE      (-1)
#define OWNER_FEEDER(f) (-2 - (f))

struct target manage_target(const struct limit_node *n)
{
	if (n->owner == OWNER_SITE) {
		return (struct target){TGT_SITE, 0};
	}
	return n->owner >= 0 ? (struct target){TGT_PILE, (uint16_t)n->owner}
			     : (struct target){TGT_FEEDER, (uint16_t)(-2 - n->owner)};
}

static void no_limits(struct limit_node *n, int parent, int owner)
{
	memset(n, 0, sizeof *n);
	n->owner = (int16_t)owner;
	n->parent = (int16_t)parent;
	for (int l = 0; l < ALLOC_LIMITS; l++) {
		n->limit_va[l] = INT64_MAX;
		n->outside_va[l] = INT64_MAX;
	}
}

static void begin_gun(struct site *site, uint16_t gun, uint16_t slot, int node)
{
	const struct gun_cfg *cfg = gun_cfg(site, gun);
	const struct pile_cfg *pile = pile_cfg(site, cfg->pile);
	struct managed *m = managed_of(site, gun);
	struct limit_gun *g = &grants_of(site)[slot];
	int phases = 0;

	m->slot = slot;
	m->limit_seen = 0;
	for (int k = 0; k < ALLOC_PHASES; k++) {
		if (cfg->phases >> k & 1) {
			phases |= 1 << (k + cfg->phase_of_l1) % ALLOC_PHASES;
		}
	}
	memset(g, 0, sizeof *g);
	g->owner = gun;
	g->node = (int16_t)node;
	g->phases = (uint8_t)(phases == 0 ? 7 : phases);
	g->va_pm = learn_ratio_pm(pile);
	m->ratio_ppm = g->va_pm * 1000;
	g->weight = priorities[cfg->priority].weight;
	g->min_w = cfg->min_w;
	g->max_w = cfg->max_w;
	g->rated_w = cfg->max_w;
	g->step_w = pile->limit_ma ? command_limit_w(cfg, 100) : 100;
	g->lag_us = LEARN_LAG_US;
	g->safe_w = cfg->min_w;
	g->remaining_wh = VALUE_NONE;
	/* Until its limit was read it may take all that it can. */
	g->grant_w = cfg->max_w;
	g->by_node = -1;
}

static uint16_t begin_pile(
	struct site *site, uint16_t pile, int parent, uint16_t *node, uint16_t slot)
{
	const struct pile_cfg *cfg = pile_cfg(site, pile);
	struct limit_node *n = &nodes_of(site)[*node];

	no_limits(n, parent, pile);
	n->target_pm = 1000; /* its own rating needs no margin */
	for (uint16_t i = 0; i < cfg->gun_count; i++) {
		begin_gun(site, (uint16_t)(cfg->first_gun + i), slot++, *node);
	}
	(*node)++;
	return slot;
}

static void spread_worst(int64_t va, int64_t worst_va[ALLOC_LIMITS])
{
	for (int l = 0; l < ALLOC_LIMITS; l++) {
		worst_va[l] = l == ALLOC_SUM ? va : va / ALLOC_PHASES;
	}
}

static void begin_feed(struct site *site, size_t feeder, int node)
{
	struct limit_feed *f = &feeds_of(site)[feeder];

	f->node = (int16_t)node;
	spread_worst(feeder_cfg(site, feeder)->worst_va, f->meter.worst_va);
	for (uint16_t i = 0; i < site->cfg.meter_count; i++) {
		const struct meter_cfg *m = meter_cfg(site, i);

		f->metered |= m->role == METER_FEEDER && m->feeder == (int)feeder;
	}
}

static void begin_tree(struct site *site)
{
	struct limit_node *root = nodes_of(site);
	uint16_t node = 1, slot = 0;

	no_limits(root, -1, OWNER_SITE);
	root->limit_va[ALLOC_SUM] = site->cfg.limit_va;
	for (int l = 0; l < ALLOC_PHASES; l++) {
		root->limit_va[l] = site->cfg.limit_va / ALLOC_PHASES;
	}
	for (int f = -1; f < (int)site->cfg.feeder_count; f++) {
		int parent = 0;

		if (f >= 0) {
			parent = node;
			no_limits(&nodes_of(site)[node++], 0, OWNER_FEEDER(f));
			for (int l = 0; l < ALLOC_PHASES; l++) {
				nodes_of(site)[parent].limit_va[l] =
					feeder_cfg(site, (size_t)f)->limit_ma * NOMINAL_V / 1000;
			}
			begin_feed(site, (size_t)f, parent);
		}
		for (uint16_t p = 0; p < site->cfg.pile_count; p++) {
			if (pile_cfg(site, p)->feeder == f) {
				slot = begin_pile(site, p, parent, &node, slot);
			}
		}
	}
}

int manage_begin(struct site *site)
{
	const struct load_cfg *load = &site->cfg.load;
	struct limit_policy *p = &site->h.policy;

	if (!load->managed) {
		return 0;
	}
	limit_defaults(p);
	p->admission = load->admission;
	p->fair = load->fair;
	p->laxity = load->laxity;
	p->half_for_session = load->half_for_session;
	p->target_pm = load->target_pm;
	p->half_pm = load->half_pm;
	p->stop_pm = load->stop_pm;
	p->share_pm = load->share_pm;
	p->hysteresis_pm = load->hysteresis_pm;
	spread_worst(load->worst_va, site->h.meter.worst_va);
	begin_tree(site);
	return limit_work_new(manage_nodes(&site->cfg), site->cfg.gun_count, work_of(site));
}

void manage_end(struct site *site)
{
	if (site->cfg.load.managed) {
		limit_work_free(*work_of(site));
	}
}

/* ---- Inputs. ---- */

void manage_power_read(struct core *c, uint16_t gun)
{
	const struct cells *cells = &gun_of(c->site, gun)->cells;
	struct managed *m = managed_of(c->site, gun);
	int64_t w;

	if (!c->site->cfg.load.managed || !cells_good(cells, PT_POWER, &w) ||
		cells->cell[PT_POWER].at_us == m->power_at_us) {
		return;
	}
	m->power_before_w = m->power_at_us == 0 ? 0 : m->power_w;
	m->power_w = w < 0 ? 0 : w;
	m->power_at_us = cells->cell[PT_POWER].at_us;
	learn_power(c->site, gun);
}

/* The limit as the device has it, in watts; false where it was never read. */
static bool device_limit(const struct core *c, uint16_t gun, int64_t *w, int64_t *at_us)
{
	const struct gun_cfg *cfg = gun_cfg(c->site, gun);
	const struct pile_cfg *pile = pile_cfg(c->site, cfg->pile);
	const struct cells *cells = pile->limit_per_pile ? &pile_of(c->site, cfg->pile)->cells
							 : &gun_of(c->site, gun)->cells;
	enum point p = pile->limit_w ? PT_LIMIT_W : PT_LIMIT_MA;
	int64_t v;

	if (!cells_good(cells, p, &v)) {
		return false;
	}
	*w = pile->limit_w ? v : command_limit_w(cfg, v);
	*at_us = cells->cell[p].at_us;
	return true;
}

/* Differences below a set-point's step are rounding. */
static bool same_limit(const struct limit_gun *g, int64_t a_w, int64_t b_w)
{
	int64_t d = a_w - b_w;

	return d <= g->step_w && d >= -g->step_w;
}

/* What stands in the register that the gun is limited by. */
static int64_t set_point_w(const struct site *site, uint16_t gun)
{
	uint16_t pile = gun_cfg(site, gun)->pile;

	return pile_cfg(site, pile)->limit_per_pile ? manage_pile_w(site, pile)
						    : grant_of(site, gun)->grant_w;
}

static void compare_limit(struct core *c, uint16_t gun, struct limit_gun *g)
{
	const struct pile_cfg *pile = pile_cfg(c->site, gun_cfg(c->site, gun)->pile);
	int64_t w, at_us, want_w = set_point_w(c->site, gun);
	struct managed *m = managed_of(c->site, gun);

	if (!device_limit(c, gun, &w, &at_us)) {
		return;
	}
	if (!m->limit_seen) {
		m->limit_seen = 1;
		if (m->written_us != 0) {
			return;
		}
		w = pile->limit_per_pile ? w / pile->gun_count : w; /* together not more */
		g->grant_w = w < g->max_w ? w : g->max_w;
		g->confirmed = 1;
		return;
	}
	if (at_us <= m->written_us) {
		return;
	}
	if (same_limit(g, w, want_w)) {
		g->confirmed = 1;
	} else if (g->confirmed) {
		core_log(c, LOG_WARNING,
			"gun %s: its limit reads %lld W, not %lld W: written again",
			gun_cfg(c->site, gun)->id, (long long)w, (long long)want_w);
		g->confirmed = 0;
		w += g->grant_w - want_w; /* its own part */
		g->before_w = w > g->before_w ? w : g->before_w;
	}
}

static bool asks(const struct core *c, uint16_t gun)
{
	const struct gun *g = gun_of(c->site, gun);

	return g->state == GUN_CHARGING || g->state == GUN_SUSPENDED ||
	       (g->state == GUN_PLUGGED &&
		       (command_starts(c->site, gun) || order_starts(c->site, gun)));
}

/* The gun was read before the meter was: it may have gone on towards its grant. */
static void bound_power(const struct core *c, const struct managed *m, struct limit_gun *g)
{
	bool follows = !g->confirmed || mono_diff_us(c->now.mono, g->changed) < g->lag_us;

	g->low_w = m->power_before_w < m->power_w ? m->power_before_w : m->power_w;
	g->high_w = m->power_before_w > m->power_w ? m->power_before_w : m->power_w;
	if (follows && g->asks) {
		g->low_w = g->grant_w < g->low_w ? g->grant_w : g->low_w;
		g->high_w = g->grant_w > g->high_w ? g->grant_w : g->high_w;
	}
}

static void fill_gun(struct core *c, uint16_t gun)
{
	const struct gun_cfg *cfg = gun_cfg(c->site, gun);
	const struct pile_cfg *pile = pile_cfg(c->site, cfg->pile);
	const struct gun *state = gun_of(c->site, gun);
	const struct managed *m = managed_of(c->site, gun);
	struct limit_gun *g = grant_of(c->site, gun);
	bool asked = g->asks;

	g->max_w = cfg->max_w;
	if (manage_commanded_w(c->site, gun) < g->max_w) {
		g->max_w = manage_commanded_w(c->site, gun);
	}
	if (slimit_on_gun(c->site, gun) < g->max_w) {
		g->max_w = slimit_on_gun(c->site, gun);
	}
	g->stopped = tag_on_gun(c->site, gun) != NULL || halt_on_gun(c->site, gun) != NULL ||
		     g->max_w < g->min_w;
	g->asks = asks(c, gun);
	if (g->asks && !asked) {
		g->asked = order_starts(c->site, gun) ? order_asked(c->site, gun, c->now)
						      : c->now.mono;
	}
	g->measured = mains_fresh(c, &state->cells, PT_POWER);
	g->power_w = m->power_w;
	bound_power(c, m, g);
	g->silent.us = state->state == GUN_OFFLINE
			       ? (state->silent_us != 0 ? state->silent_us : c->now.mono.us)
			       : 0;
	g->remaining_wh = wish_remaining_wh(c->site, gun);
	g->departs = wish_departs(c->site, gun, c->now);
	g->watchdog_us = lease_watchdog_us(c->site, gun);
	g->failsafe_w = pile->failsafe_w;
	g->disobeys = state->faults[OBEY_FAULT].code != FAULT_NONE;
	if (!pile->limit_w && !pile->limit_ma) {
		/* Nobody can hold it: it counts with all that it could take while it charges. */
		g->disobeys = 1;
		g->grant_w = g->asks ? cfg->max_w : 0;
		return;
	}
	compare_limit(c, gun, g);
	if (g->asks && g->admission == ADMIT_NONE && g->measured && g->grant_w > 0 &&
		g->power_w > power_noise_w(cfg)) {
		g->admission = ADMIT_FULL; /* it charges already: no new start */
	}
}

/* A pile's rated power and its limit by command, as its guns count. */
static void limit_piles(struct site *site)
{
	for (uint16_t p = 0; p < site->cfg.pile_count; p++) {
		const struct pile_cfg *pile = pile_cfg(site, p);
		int32_t most_pm = 0;

		for (uint16_t i = 0; i < pile->gun_count; i++) {
			const struct limit_gun *g = grant_of(site, pile->first_gun + i);

			most_pm = g->va_pm > most_pm ? g->va_pm : most_pm;
		}
		if (pile->rated_w > 0 && pile->gun_count > 0) {
			nodes_of(site)[grant_of(site, pile->first_gun)->node].limit_va[ALLOC_SUM] =
				pile->rated_w * most_pm / 1000;
		}
		if (pile_of(site, p)->limit_w != VALUE_NONE && pile->gun_count > 0) {
			int64_t va = pile_of(site, p)->limit_w * most_pm / 1000;
			int64_t *outside =
				nodes_of(site)[grant_of(site, pile->first_gun)->node].outside_va;

			outside[ALLOC_SUM] = va < outside[ALLOC_SUM] ? va : outside[ALLOC_SUM];
		}
	}
}

/* ---- Writes. ---- */

/* The guns that are limited by the same register. */
struct sharers {
	uint16_t first, end;
};

static struct sharers sharers_of(const struct site *site, uint16_t gun)
{
	const struct pile_cfg *pile = pile_cfg(site, gun_cfg(site, gun)->pile);

	return pile->limit_per_pile ? (struct sharers){pile->first_gun,
					      (uint16_t)(pile->first_gun + pile->gun_count)}
				    : (struct sharers){gun, (uint16_t)(gun + 1)};
}

static void write_grant(struct core *c, uint16_t gun)
{
	const struct gun_cfg *cfg = gun_cfg(c->site, gun);
	const struct pile_cfg *pile = pile_cfg(c->site, cfg->pile);
	int64_t w = set_point_w(c->site, gun);
	struct action *a = core_emit(c, ACT_WRITE);
	struct sharers s = sharers_of(c->site, gun);

	a->write.token = ++c->site->h.next_token;
	for (uint16_t i = s.first; i < s.end; i++) {
		struct managed *m = managed_of(c->site, i);

		m->token = a->write.token;
		m->written_us = c->now.mono.us;
		m->due = 0;
		learn_written(c, i);
	}
	a->write.target = pile->limit_per_pile ? (struct target){TGT_PILE, cfg->pile}
					       : (struct target){TGT_GUN, gun};
	a->write.point = pile->limit_w ? PT_LIMIT_W : PT_LIMIT_MA;
	a->write.value = pile->limit_w ? w : command_limit_ma(cfg, w);
}

static void write_grants(struct core *c)
{
	uint16_t written = 0;

	for (uint16_t i = 0; i < c->site->cfg.gun_count; i++) {
		struct limit_gun *g = grant_of(c->site, i);
		struct managed *m = managed_of(c->site, i);
		bool again = !g->confirmed && c->now.mono.us - m->written_us >= AGAIN_US;

		if (i < written) {
			continue; /* with that of another gun */
		}
		/* Once it has fallen, what it fell to is the first that it hears when it is back.
		 */
		if ((g->silent.us != 0 && (m->token != 0 || !limit_fell(g, c->now.mono))) ||
			g->disobeys || (!g->write && !m->due && !again)) {
			continue;
		}
		if (!m->limit_seen && m->written_us == 0 && !g->write) {
			continue; /* its limit was not read yet: nothing to say */
		}
		m->due = 1;
		if (core_room(c, COMMAND_ROOM)) {
			write_grant(c, i);
			written = sharers_of(c->site, i).end;
		}
	}
}

bool manage_written(struct core *c, const struct event *e)
{
	bool ours = false;

	for (uint16_t i = 0; c->site->cfg.load.managed && i < c->site->cfg.gun_count; i++) {
		struct managed *m = managed_of(c->site, i);
		struct limit_gun *g = grant_of(c->site, i);
		const struct gun_cfg *cfg = gun_cfg(c->site, i);

		if (m->token != e->written.token || m->token == 0) {
			continue;
		}
		m->token = 0;
		ours = true;
		if (e->written.err == 0 && e->written.has_read_back) {
			int64_t w = pile_cfg(c->site, cfg->pile)->limit_w
					    ? e->written.read_back
					    : command_limit_w(cfg, e->written.read_back);

			g->confirmed = same_limit(g, w, set_point_w(c->site, i));
		} else if (e->written.err == 0) {
			/* The next reading of the limit tells. */
			m->written_us = e->written.at.us;
		}
	}
	return ours;
}

struct limit manage_limit(const struct site *site)
{
	return (struct limit){.policy = site->h.policy,
		.rated_va = site->cfg.rated_va,
		.nodes = nodes_of(site),
		.guns = grants_of(site),
		.feeds = feeds_of(site),
		.feed_count = site->cfg.feeder_count,
		.node_count = manage_nodes(&site->cfg),
		.gun_count = site->cfg.gun_count,
		.meter = site->h.meter,
		.state = site->h.limit};
}

/* A feeder's meter that answers and was not believed for so long that it counts as lost. */
static void judge_feeds(struct core *c, const struct limit *l)
{
	for (size_t i = 0; i < l->feed_count; i++) {
		const struct limit_feed *f = &l->feeds[i];

		feeder_of(c->site, i)->still.odd =
			f->metered && f->meter.known && !f->meter.believed &&
			mono_diff_us(c->now.mono, f->good) > l->policy.lost_us &&
			mono_diff_us(c->now.mono, f->meter.at) <= c->site->cfg.stale_us;
	}
}

void manage_decide(struct core *c)
{
	struct site *site = c->site;
	struct limit l;

	if (!site->cfg.load.managed || site->cfg.gun_count == 0) {
		return;
	}
	slimit_step(c);
	for (uint16_t i = 0; i < site->cfg.gun_count; i++) {
		fill_gun(c, i);
	}
	mains_read(c);
	learn_ratios(c);
	limit_piles(site);
	l = manage_limit(site);
	if (limit_decide(&l, *work_of(site), c->now.mono) != 0) {
		site->h.odd++;
		return;
	}
	if (l.state.stage != site->h.limit.stage) {
		static const char *const stages[] = {"fresh", "not fresh: no rises",
			"lost: worst case of the other load", "lost for long: safe power"};

		core_log(c, l.state.stage == STAGE_FRESH ? LOG_NOTICE : LOG_WARNING,
			"load: the transformer meter is %s", stages[l.state.stage]);
	}
	site->h.limit = l.state;
	site->h.still.odd = l.state.stage >= STAGE_LOST && l.meter.known && !l.meter.believed &&
			    mono_diff_us(c->now.mono, l.meter.at) <= site->cfg.stale_us;
	judge_feeds(c, &l);
	write_grants(c);
	decision_tell(c);
}

/* ---- What people see. ---- */

const char *manage_priority(const struct site *site, uint16_t gun)
{
	return site->cfg.load.managed ? priorities[gun_cfg(site, gun)->priority].token : "";
}

int64_t manage_grant_w(const struct site *site, uint16_t gun)
{
	return site->cfg.load.managed ? grant_of(site, gun)->grant_w : INT64_MAX;
}

int64_t manage_bound_w(const struct site *site, uint16_t gun, struct mono now)
{
	const struct limit_gun *g;

	if (!site->cfg.load.managed) {
		return INT64_MAX;
	}
	g = grant_of(site, gun);
	return g->confirmed && mono_diff_us(now, g->changed) >= g->lag_us ? set_point_w(site, gun)
									  : INT64_MAX;
}

int64_t manage_pile_w(const struct site *site, uint16_t pile)
{
	const struct pile_cfg *cfg = pile_cfg(site, pile);
	int64_t sum = 0;

	for (uint16_t i = 0; site->cfg.load.managed && i < cfg->gun_count; i++) {
		sum += grant_of(site, cfg->first_gun + i)->grant_w;
	}
	return site->cfg.load.managed ? sum : INT64_MAX;
}

int64_t manage_commanded_w(const struct site *site, uint16_t gun)
{
	int64_t own = gun_of(site, gun)->limit_w;
	int64_t pile = pile_of(site, gun_cfg(site, gun)->pile)->limit_w;

	own = own == VALUE_NONE ? INT64_MAX : own;
	return pile != VALUE_NONE && pile < own ? pile : own;
}
