#include "reason.h"

#include "halt.h"
#include "manage.h"
#include "slimit.h"
#include "tag.h"

static const char *const rules[] = {
#define RULE(sym, token, label) [RULE_##sym] = token,
#include "rule.def"
#undef RULE
};

static struct target node_target(const struct site *site, int node)
{
	return manage_target(&nodes_of(site)[node]);
}

const char *reason_node_id(const struct site *site, int node)
{
	struct target t = node_target(site, node);

	return t.kind == TGT_SITE ? site->cfg.id : target_id(site, t);
}

const char *reason_node_kind(const struct site *site, int node)
{
	switch ((enum target_kind)node_target(site, node).kind) {
	case TGT_FEEDER:
		return "feeder";
	case TGT_PILE:
		return "pile";
	case TGT_SITE:
	case TGT_GUN:
	case TGT_METER:
	case TGT_BUS:
		break;
	}
	return "site";
}

static bool under(const struct limit *l, const struct limit_gun *g, int node)
{
	int n = g->node;

	while (n >= 0 && n != node) {
		n = l->nodes[n].parent;
	}
	return n == node;
}

/* What the gun could get if the other took nothing: the least that any limit above it leaves. */
static int64_t gain_w(const struct limit *l, const struct limit_gun *g, const struct limit_gun *by)
{
	int64_t least = g->max_w - g->grant_w, own = limit_load_mva(g, g->by_limit, 1000);
	int64_t freed = own == 0 ? 0 : limit_load_mva(by, g->by_limit, by->counted_w) * 1000 / own;

	least = freed < least ? freed : least;
	for (int n = g->node; n >= 0; n = l->nodes[n].parent) {
		for (int p = 0; p < ALLOC_LIMITS; p++) {
			const struct limit_node *node = &l->nodes[n];
			int64_t usable = limit_usable_va(l, (size_t)n, p);
			int64_t per_kw = limit_load_mva(g, p, 1000), free_va;

			if (usable == INT64_MAX || per_kw == 0) {
				continue;
			}
			free_va = usable - node->other_va[p] - node->counted_va[p];
			if (under(l, by, n)) {
				free_va += limit_load_mva(by, p, by->counted_w) / 1000;
			}
			free_va = free_va * 1000 * 1000 / per_kw;
			least = free_va < least ? free_va : least;
		}
	}
	return least;
}

/* Who has most of the limit that holds this gun, and what it would get of that. */
static void show_yield(const struct site *site, const struct limit *l, const struct limit_gun *g,
	struct view_gun *out)
{
	const struct limit_node *node = &l->nodes[g->by_node];
	int first = node->most[g->by_limit];
	int who = first >= 0 && &l->guns[first] == g ? node->next[g->by_limit] : first;
	const struct limit_gun *most = who < 0 ? NULL : &l->guns[who];
	int64_t w;

	w = most == NULL ? 0 : gain_w(l, g, most);
	if (w < 100 || g->grant_w + w < g->min_w) {
		return;
	}
	VIEW_SET(out, yield_gun, gun_cfg(site, most->owner)->id);
	out->yield_w = w / 100 * 100;
	out->yield_soc_pm = cells_value(&gun_of(site, most->owner)->cells, PT_SOC);
}

static void show_source(const struct slimit *s, struct view_gun *out)
{
	if (s != NULL) {
		VIEW_SET(out, by_source, s->source[0] != '\0' ? s->source : s->by);
		out->by_until = s->to_ms;
	}
}

static void show_node(const struct site *site, const struct limit *l, const struct limit_gun *g,
	struct view_gun *out)
{
	static const char *const limits[] = {"L1", "L2", "L3", ""};
	const struct limit_node *n = &l->nodes[g->by_node];
	int64_t limit = n->limit_va[g->by_limit];

	limit = n->outside_va[g->by_limit] < limit ? n->outside_va[g->by_limit] : limit;
	VIEW_SET(out, by_kind, reason_node_kind(site, g->by_node));
	VIEW_SET(out, by_node, reason_node_id(site, g->by_node));
	VIEW_SET(out, by_phase, limits[g->by_limit]);
	out->by_load_va = n->other_va[g->by_limit] + n->counted_va[g->by_limit];
	out->by_limit_va = limit;
	if (limit > 0 && limit < INT64_MAX) {
		int64_t usable = limit_usable_va(l, (size_t)g->by_node, g->by_limit);

		out->by_pm = (usable * 1000 + limit / 2) / limit;
	}
	if (n->outside_va[g->by_limit] < n->limit_va[g->by_limit]) {
		struct target t = node_target(site, g->by_node);
		const struct slimit *s = slimit_least(site, t);
		int64_t w = t.kind == TGT_PILE ? pile_of(site, t.index)->limit_w : VALUE_NONE;

		if (w != VALUE_NONE && (s == NULL || w <= s->now_w)) {
			VIEW_SET(out, by_source, "command");
		} else {
			show_source(s, out);
		}
	}
	show_yield(site, l, g, out);
}

/* Admission goes by the load over the rating of the transformer. */
static void show_admission(
	const struct site *site, const struct limit *l, int32_t threshold_pm, struct view_gun *out)
{
	VIEW_SET(out, by_kind, "site");
	VIEW_SET(out, by_node, site->cfg.id);
	out->by_load_va = l->rated_va * l->state.load_pm / 1000;
	out->by_limit_va = l->rated_va;
	out->by_pm = threshold_pm;
}

enum limit_rule reason_rule(const struct site *site, uint16_t gun, const struct limit_gun *g)
{
	struct limit l = manage_limit(site);
	bool commanded =
		manage_commanded_w(site, gun) <= g->max_w && g->max_w < gun_cfg(site, gun)->max_w;
	bool by_limit = g->rule == RULE_WANT ||
			(g->rule == RULE_HALF && g->max_w < limit_half_w(&l, g)) ||
			(g->rule == RULE_STOPPED && tag_on_gun(site, gun) == NULL &&
				halt_on_gun(site, gun) == NULL);

	if (slimit_on_gun(site, gun) <= g->max_w &&
		slimit_on_gun(site, gun) < gun_cfg(site, gun)->max_w && by_limit) {
		return RULE_OUTSIDE;
	}
	if (commanded && by_limit) {
		return RULE_COMMAND;
	}
	/* A pile's limit that is no less than the gun's own maximum holds nobody. */
	if (g->rule == RULE_NODE && g->grant_w >= gun_cfg(site, gun)->max_w) {
		return RULE_WANT;
	}
	return (enum limit_rule)g->rule;
}

void reason_show_site(const struct site *site, struct view_site *out)
{
	const struct limit_policy *p = &site->h.policy;

	if (!site->cfg.load.managed || !p->admission) {
		return;
	}
	out->admit_pm = site->h.limit.load_pm;
	out->half_above_pm = p->half_pm;
	out->start_share_pm = p->share_pm;
	out->stop_above_pm = p->stop_pm;
}

/* Where the gun stands by the rule of the contract, whatever else holds it. */
static void show_contract(const struct limit *l, const struct limit_gun *g, struct view_gun *out)
{
	static const char *const words[] = {[ADMIT_NONE] = "",
		[ADMIT_WAITING] = "waiting",
		[ADMIT_HALF] = "half",
		[ADMIT_FULL] = "full"};

	if (!l->policy.admission) {
		return;
	}
	VIEW_SET(out, admission, words[g->admission]);
	if (g->admission == ADMIT_HALF) {
		out->cap_w = limit_half_w(l, g);
	}
}

void reason_show_gun(const struct site *site, uint16_t gun, struct moment now, struct view_gun *out)
{
	const struct limit_gun *g;
	struct limit l;

	if (!site->cfg.load.managed) {
		return;
	}
	g = grant_of(site, gun);
	l = manage_limit(site);
	out->grant_w = g->grant_w;
	show_contract(&l, g, out);
	VIEW_SET(out, priority, manage_priority(site, gun));
	out->lag_ms = g->lag_us / US_PER_MS;
	out->va_pm = g->va_pm;
	if (managed_of(site, gun)->learnt_ms != 0) {
		out->learnt = managed_of(site, gun)->learnt_ms;
	}
	VIEW_SET(out, rule, rules[reason_rule(site, gun, g)]);
	out->rule_since = g->since.us == 0 ? VALUE_NONE
					   : now.wall.ms - (now.mono.us - g->since.us) / US_PER_MS;
	switch (reason_rule(site, gun, g)) {
	case RULE_OUTSIDE:
		show_source(slimit_least(site, (struct target){TGT_GUN, gun}), out);
		break;
	case RULE_WAIT:
		out->place = g->place;
		show_admission(site, &l, l.policy.stop_pm, out);
		break;
	case RULE_HALF:
		show_admission(site, &l, l.policy.half_pm, out);
		break;
	case RULE_NODE:
	case RULE_TURN:
		if (g->by_node >= 0) {
			show_node(site, &l, g, out);
		}
		break;
	case RULE_IDLE:
	case RULE_WANT:
	case RULE_RAMP:
	case RULE_HOLD:
	case RULE_SAFE:
	case RULE_SILENT:
	case RULE_DISOBEYS:
	case RULE_STOPPED:
	case RULE_COMMAND:
		break;
	}
}

/* ---- The tree. ---- */

static int64_t known_va(int64_t va)
{
	return va == INT64_MAX ? VALUE_NONE : va;
}

/* By the limit in force, whatever part of it may be used. */
static int64_t load_pm(const struct limit_node *n, int which)
{
	int64_t limit = n->limit_va[which], load = n->other_va[which] + n->counted_va[which];

	limit = n->outside_va[which] < limit ? n->outside_va[which] : limit;
	return limit == INT64_MAX || limit <= 0 || load > INT64_MAX / 1000 ? VALUE_NONE
									   : load * 1000 / limit;
}

static void show_phases(const struct limit_node *n, struct view_node *out)
{
	int64_t *const limits[] = {&out->limit_l1_va, &out->limit_l2_va, &out->limit_l3_va};
	int64_t *const others[] = {&out->other_l1_va, &out->other_l2_va, &out->other_l3_va};
	int64_t *const counted[] = {&out->counted_l1_va, &out->counted_l2_va, &out->counted_l3_va};
	int64_t *const loads[] = {&out->load_l1_pm, &out->load_l2_pm, &out->load_l3_pm};

	for (int p = 0; p < ALLOC_PHASES; p++) {
		*limits[p] = known_va(n->limit_va[p]);
		*others[p] = n->other_va[p];
		*counted[p] = n->counted_va[p];
		*loads[p] = load_pm(n, p);
	}
}

bool site_view_node(const struct site *site, size_t position, struct view_node *out)
{
	const struct limit_node *n;
	struct limit l;

	if (position >= manage_nodes(&site->cfg)) {
		return false;
	}
	l = manage_limit(site);
	n = &l.nodes[position];
	view_clear(VIEW_node, out);
	VIEW_SET(out, id, reason_node_id(site, (int)position));
	VIEW_SET(out, kind, reason_node_kind(site, (int)position));
	VIEW_SET(out, parent, n->parent < 0 ? "" : reason_node_id(site, n->parent));
	out->limit_va = known_va(n->limit_va[ALLOC_SUM]);
	out->outside_va = known_va(n->outside_va[ALLOC_SUM]);
	out->usable_va = known_va(limit_usable_va(&l, position, ALLOC_SUM));
	out->other_va = n->other_va[ALLOC_SUM];
	out->counted_va = n->counted_va[ALLOC_SUM];
	out->load_pm = load_pm(n, ALLOC_SUM);
	show_phases(n, out);
	out->granted_w = 0;
	out->waiting = 0;
	for (size_t i = 0; i < l.gun_count; i++) {
		const struct limit_gun *g = &l.guns[i];

		if (under(&l, g, (int)position)) {
			out->granted_w += g->asks ? g->grant_w : 0;
			out->waiting += g->rule == RULE_WAIT || g->rule == RULE_TURN;
		}
	}
	return true;
}
