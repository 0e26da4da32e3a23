#include "slimit.h"

#include "manage.h"
#include "watch.h"

/* Source of limits by command, which have no end. */
#define COMMANDED   "command"
#define FOR_EVER_MS (INT64_C(3660) * 86400 * MS_PER_S)
#define LIMIT_MAX_W INT64_C(1000000000)
/* What is left of a window is spread over so long at least: a rise in its last seconds would only
 * wear the set-points out. */
#define SPREAD_MIN_MS (60 * MS_PER_S)

enum {
#define SLIMIT(sym, token, label) SLIMIT_##sym,
#include "slimit.def"
#undef SLIMIT
};

static const char *const states[] = {
#define SLIMIT(sym, token, label) [SLIMIT_##sym] = token,
#include "slimit.def"
#undef SLIMIT
};

static struct slimit *slimit_at(const struct site *site, size_t i)
{
	return (struct slimit *)site_at(site, site->h.slimits) + i;
}

static struct target target_of(const struct slimit *s)
{
	return (struct target){s->kind, s->index};
}

static struct slimit *find(const struct site *site, const char *id)
{
	for (size_t i = 0; i < SLIMITS_MAX; i++) {
		struct slimit *s = slimit_at(site, i);

		if (s->used && strcmp(s->id, id) == 0) {
			return s;
		}
	}
	return NULL;
}

static void show(const struct site *site, const struct slimit *s, struct view_slimit *out)
{
	view_clear(VIEW_slimit, out);
	VIEW_SET(out, id, s->id);
	VIEW_SET(out, node, target_id(site, target_of(s)));
	VIEW_SET(out, source, s->source);
	VIEW_SET(out, by, s->by);
	VIEW_SET(out, reason, s->reason);
	VIEW_SET(out, state, states[s->state]);
	out->limit_w = s->limit_w;
	out->from = s->from_ms;
	out->to = s->to_ms;
	out->asked = s->asked_ms;
	out->ended = s->ended_ms;
	out->window_s = s->window_s == 0 ? VALUE_NONE : s->window_s;
}

bool site_view_slimit(const struct site *site, size_t position, struct view_slimit *out)
{
	for (size_t i = 0; i < SLIMITS_MAX; i++) {
		const struct slimit *s = slimit_at(site, i);

		if (s->used && position-- == 0) {
			show(site, s, out);
			return true;
		}
	}
	return false;
}

static void enter(struct core *c, struct slimit *s, uint8_t state)
{
	s->state = state;
	if (state == SLIMIT_ENDED || state == SLIMIT_CANCELLED) {
		s->ended_ms = c->now.wall.ms;
	}
	show(c->site, s, &core_emit(c, ACT_SLIMIT)->slimit);
	core_log(c, LOG_NOTICE, "%s: limit %s of %lld W from %s: %s",
		target_id(c->site, target_of(s)), s->id, (long long)s->limit_w,
		s->source[0] != '\0' ? s->source : s->by, states[state]);
}

bool slimit_window(int64_t window_s)
{
	return window_s == 900 || window_s == 1800 || window_s == 3600;
}

/* A limit of these words; NULL where it makes no sense, is known, or has no place. */
static struct slimit *fill(struct core *c, const struct view_slimit *view)
{
	struct slimit *s = NULL;
	struct target t;

	if (!c->site->cfg.load.managed || view->id[0] == '\0' || view->limit_w < 0 ||
		view->from == VALUE_NONE || view->to == VALUE_NONE || view->to <= view->from ||
		site_find(c->site, view->node, &t) != 0 || t.kind == TGT_METER ||
		find(c->site, view->id) != NULL || view->limit_w > LIMIT_MAX_W ||
		(view->window_s != VALUE_NONE &&
			(t.kind == TGT_GUN || !slimit_window(view->window_s)))) {
		return NULL;
	}
	for (size_t i = 0; s == NULL && i < SLIMITS_MAX; i++) {
		s = slimit_at(c->site, i)->used ? NULL : slimit_at(c->site, i);
	}
	if (s == NULL) {
		return NULL;
	}
	memset(s, 0, sizeof *s);
	view_set_text(s->id, sizeof s->id, view->id);
	view_set_text(s->source, sizeof s->source, view->source);
	view_set_text(s->by, sizeof s->by, view->by);
	view_set_text(s->reason, sizeof s->reason, view->reason);
	s->limit_w = view->limit_w;
	s->from_ms = view->from;
	s->to_ms = view->to;
	s->asked_ms = view->asked;
	s->ended_ms = VALUE_NONE;
	s->window_s = view->window_s == VALUE_NONE ? 0 : view->window_s;
	s->now_w = s->limit_w;
	s->kind = t.kind;
	s->index = t.index;
	s->used = 1;
	return s;
}

void slimit_take(struct core *c, const struct event *e)
{
	const struct view_slimit *view = e->slimit.view;
	struct slimit *s = e->slimit.cancel ? find(c->site, view->id) : fill(c, view);

	if (s == NULL) {
		c->site->h.odd++;
	} else if (e->slimit.cancel) {
		enter(c, s, SLIMIT_CANCELLED);
		s->used = 0;
	} else {
		enter(c, s, SLIMIT_PLANNED);
	}
}

bool slimit_resume(struct core *c, const struct view_slimit *view)
{
	return view->ended == VALUE_NONE && fill(c, view) != NULL;
}

/* ---- The clock. ---- */

static int node_of(const struct site *site, struct target t)
{
	for (uint16_t p = 0; p < site->cfg.pile_count; p++) {
		const struct pile_cfg *pile = pile_cfg(site, p);
		int node;

		if (pile->gun_count == 0) {
			continue;
		}
		node = grant_of(site, pile->first_gun)->node;
		if (t.kind == TGT_PILE && t.index == p) {
			return node;
		}
		if (t.kind == TGT_FEEDER && pile->feeder == (int)t.index) {
			return nodes_of(site)[node].parent;
		}
	}
	return t.kind == TGT_SITE ? 0 : -1; /* nothing hangs under it */
}

/* What flows at the node: as measured where that is fresh, else what is counted there. */
static int64_t flow_w(const struct site *site, int node)
{
	const struct limit_node *n = &nodes_of(site)[node];

	if (node == 0 && site->h.limit.stage == STAGE_FRESH && site->h.meter.known) {
		return site->h.meter.va[ALLOC_SUM];
	}
	return n->other_va[ALLOC_SUM] + n->counted_va[ALLOC_SUM];
}

/* Contract demand: what is left of the window's energy, spread over what is left of its time. */
static void spread(struct core *c, struct slimit *s, int node)
{
	int64_t now_ms = c->now.wall.ms, window_ms = s->window_s * MS_PER_S;
	int64_t begin_ms = now_ms - now_ms % window_ms, left_ms = begin_ms + window_ms - now_ms;
	int64_t flow = flow_w(c->site, node), left_wms;

	flow = flow < 0 ? 0 : flow > 2 * LIMIT_MAX_W ? 2 * LIMIT_MAX_W : flow;
	if (s->counted_ms == 0 || now_ms < s->counted_ms) {
		/* Nothing is known of the window so far: taken as used up to here. */
		s->used_wms = s->limit_w * (now_ms - begin_ms);
	} else if (s->window_ms != begin_ms) {
		s->used_wms = flow * (now_ms - begin_ms);
	} else {
		s->used_wms += flow * (now_ms - s->counted_ms);
	}
	s->window_ms = begin_ms;
	s->counted_ms = now_ms;
	left_wms = s->limit_w * window_ms - s->used_wms;
	left_ms = left_ms < SPREAD_MIN_MS ? SPREAD_MIN_MS : left_ms;
	s->now_w = left_wms > 0 ? left_wms / left_ms : 0;
}

static void apply(struct core *c, struct slimit *s)
{
	struct site *site = c->site;
	int node = s->kind == TGT_GUN ? -1 : node_of(site, target_of(s));
	int64_t *va;

	if (node < 0) {
		return;
	}
	if (s->window_s != 0) {
		spread(c, s, node);
	}
	/* Apparent power is never less than active power: watts taken as VA are on the safe side.
	 */
	va = &nodes_of(site)[node].outside_va[ALLOC_SUM];
	*va = s->now_w < *va ? s->now_w : *va;
}

void slimit_step(struct core *c)
{
	int64_t now_ms = c->now.wall.ms;

	for (size_t n = 0; n < manage_nodes(&c->site->cfg); n++) {
		nodes_of(c->site)[n].outside_va[ALLOC_SUM] = INT64_MAX;
	}
	for (size_t i = 0; i < SLIMITS_MAX; i++) {
		struct slimit *s = slimit_at(c->site, i);

		if (!s->used) {
			continue;
		}
		if (now_ms >= s->to_ms) {
			if (core_room(c, COMMAND_ROOM)) {
				enter(c, s, SLIMIT_ENDED);
				s->used = 0;
			}
			continue;
		}
		if (s->state == SLIMIT_PLANNED && now_ms >= s->from_ms - SLIMIT_LEAD_MS &&
			core_room(c, COMMAND_ROOM)) {
			enter(c, s, SLIMIT_ACTIVE);
		}
		if (s->state == SLIMIT_ACTIVE) {
			apply(c, s);
		}
	}
}

/* ---- By command. ---- */

static struct slimit *commanded(const struct site *site, struct target t)
{
	for (size_t i = 0; i < SLIMITS_MAX; i++) {
		struct slimit *s = slimit_at(site, i);

		if (s->used && s->kind == t.kind && s->index == t.index &&
			strcmp(s->source, COMMANDED) == 0) {
			return s;
		}
	}
	return NULL;
}

int64_t slimit_commanded(const struct site *site, struct target target)
{
	const struct slimit *s = commanded(site, target);

	return s == NULL ? VALUE_NONE : s->limit_w;
}

int slimit_check(
	const struct site *site, struct target target, int64_t value, char *why, size_t size)
{
	bool place = commanded(site, target) != NULL;

	if (!site->cfg.load.managed) {
		phrase_text(why, size, PHRASE_UNMANAGED, NULL);
		return ERR_UNSUPPORTED;
	}
	if (value != VALUE_NONE && (value < 0 || value > LIMIT_MAX_W)) {
		phrase_text(why, size, PHRASE_LIMIT_ODD, PHRASE_INT(value), NULL);
		return ERR_RANGE;
	}
	for (size_t i = 0; i < SLIMITS_MAX; i++) {
		place = place || !slimit_at(site, i)->used;
	}
	if (value != VALUE_NONE && !place) {
		phrase_text(why, size, PHRASE_LIMITS_FULL, NULL);
		return ERR_FULL;
	}
	return 0;
}

void slimit_command(struct core *c, struct target target, const struct command *cmd)
{
	struct slimit *s = commanded(c->site, target);
	struct view_slimit view;

	if (s != NULL) {
		enter(c, s, SLIMIT_CANCELLED);
		s->used = 0;
	}
	if (cmd->value == VALUE_NONE) {
		return;
	}
	view_clear(VIEW_slimit, &view);
	VIEW_SET(&view, id, cmd->id);
	VIEW_SET(&view, node, target_id(c->site, target));
	VIEW_SET(&view, source, COMMANDED);
	VIEW_SET(&view, by, cmd->by);
	VIEW_SET(&view, reason, cmd->reason);
	view.limit_w = cmd->value;
	view.from = view.asked = c->now.wall.ms;
	view.to = c->now.wall.ms + FOR_EVER_MS;
	s = fill(c, &view);
	if (s != NULL) {
		enter(c, s, SLIMIT_PLANNED);
	} else {
		c->site->h.odd++;
	}
}

bool slimit_obeyed(const struct site *site, struct target target)
{
	const struct slimit *s = commanded(site, target);
	int node = node_of(site, target);
	const struct limit_node *n;

	if (s == NULL || node < 0) {
		return true;
	}
	n = &nodes_of(site)[node];
	return s->state == SLIMIT_ACTIVE &&
	       (flow_w(site, node) <= s->limit_w + OBEY_SLACK_W(s->limit_w) ||
		       n->counted_va[ALLOC_SUM] <= OBEY_SLACK_W(0));
}

const struct slimit *slimit_least(const struct site *site, struct target t)
{
	const struct slimit *least = NULL;

	for (size_t i = 0; i < SLIMITS_MAX; i++) {
		const struct slimit *s = slimit_at(site, i);

		if (s->used && s->state == SLIMIT_ACTIVE && s->kind == t.kind &&
			s->index == t.index && (least == NULL || s->now_w < least->now_w)) {
			least = s;
		}
	}
	return least;
}

int64_t slimit_on_gun(const struct site *site, uint16_t gun)
{
	const struct slimit *s = slimit_least(site, (struct target){TGT_GUN, gun});

	return s == NULL ? INT64_MAX : s->limit_w;
}
