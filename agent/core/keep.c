#include "keep.h"

#include "command.h"
#include "effect.h"
#include "equip.h"

#define SOON_US  (5 * US_PER_S)
#define LATER_US (60 * US_PER_S)
#define RARE_US  (INT64_C(3600) * US_PER_S)

/* One limit: of a gun, or of a pile that takes one for all of its guns. */
struct place {
	struct target target;
	const struct pile_cfg *pile;
	const struct gun_cfg *gun; /* for its voltage and phases */
	const struct cells *cells;
	struct keep *keep;
	int64_t limit_w;
	bool up;
};

static int64_t wait_for(const struct keep *k)
{
	static const int64_t waits[] = {0, SOON_US, LATER_US};

	return k->tries < 3 ? waits[k->tries] : RARE_US;
}

static void put(struct core *c, const struct place *p, enum point point, int64_t value)
{
	struct action *a;

	if (!core_room(c, COMMAND_ROOM)) {
		return;
	}
	a = core_emit(c, ACT_WRITE);
	p->keep->token = ++c->site->h.next_token;
	p->keep->sent_us = c->now.mono.us;
	p->keep->tries += p->keep->tries < UINT8_MAX;
	a->write.token = p->keep->token;
	a->write.target = p->target;
	a->write.point = point;
	a->write.value = value;
}

/* Does the device have it? -1: nothing was read since it is back, or since the last write. */
static int obeyed(const struct place *p, enum point point, int64_t want)
{
	const struct cell *cell = &p->cells->cell[point];
	int64_t value;

	if (!cells_good(p->cells, point, &value) || cell->at_us <= p->keep->from_us ||
		cell->at_us <= p->keep->sent_us) {
		return -1;
	}
	return effect_same_limit(want, value);
}

static void look(struct core *c, const struct place *p)
{
	enum point point = p->pile->limit_w ? PT_LIMIT_W : PT_LIMIT_MA;
	struct keep *k = p->keep;
	int64_t want;
	int is;

	if (p->up && !k->up) {
		k->from_us = c->now.mono.us;
		k->tries = 0;
		k->due = 1;
	}
	k->up = p->up;
	if (!p->up || p->limit_w == VALUE_NONE || command_limits(c->site, p->target)) {
		return;
	}
	want = p->pile->limit_w ? p->limit_w : command_limit_ma(p->gun, p->limit_w);
	is = obeyed(p, point, want);
	if (is == 1) {
		k->due = 0;
		k->tries = 0;
		return;
	}
	if (is == 0 && !k->due) {
		core_log(c, LOG_WARNING,
			"%s: its limit is not the %lld W that were commanded: put again",
			target_id(c->site, p->target), (long long)p->limit_w);
		k->due = 1;
	}
	/* What can be read is read first: registers wear out. */
	if (k->due && (is == 0 || p->cells->quality[point] == Q_NONE) &&
		c->now.mono.us - k->sent_us >= wait_for(k)) {
		put(c, p, point, want);
	}
}

static bool gun_place(const struct site *site, uint16_t gun, struct place *out)
{
	const struct gun_cfg *cfg = gun_cfg(site, gun);
	const struct pile_cfg *pile = pile_cfg(site, cfg->pile);
	struct gun *g = gun_of(site, gun);

	*out = (struct place){.target = {TGT_GUN, gun},
		.pile = pile,
		.gun = cfg,
		.cells = &g->cells,
		.keep = &g->keep,
		.limit_w = g->limit_w,
		.up = g->seen_us != 0 && g->state != GUN_OFFLINE && g->link_up};
	return (pile->limit_w || pile->limit_ma) && !pile->limit_per_pile;
}

static bool pile_place(const struct site *site, uint16_t pile, struct place *out)
{
	const struct pile_cfg *cfg = pile_cfg(site, pile);
	struct dev *d = pile_of(site, pile);

	*out = (struct place){.target = {TGT_PILE, pile},
		.pile = cfg,
		.gun = gun_cfg(site, cfg->first_gun),
		.cells = &d->cells,
		.keep = &d->keep,
		.limit_w = d->limit_w,
		.up = d->link_up != 0 && gun_of(site, cfg->first_gun)->seen_us != 0};
	return cfg->limit_per_pile && cfg->gun_count > 0;
}

void keep_step(struct core *c, uint16_t pile)
{
	const struct pile_cfg *cfg = pile_cfg(c->site, pile);
	struct place p;

	if (c->site->cfg.load.managed) {
		return;
	}
	if (pile_place(c->site, pile, &p)) {
		look(c, &p);
	}
	for (uint16_t i = 0; i < cfg->gun_count; i++) {
		if (gun_place(c->site, (uint16_t)(cfg->first_gun + i), &p)) {
			look(c, &p);
		}
	}
}

/* What is read later tells whether it helped; where nothing can be read the device's word must do.
 */
static bool answered(struct keep *k, const struct event *e, const struct pile_cfg *pile,
	const struct cells *cells)
{
	if (k->token == 0 || k->token != e->written.token) {
		return false;
	}
	if (e->written.err == 0) {
		k->sent_us = e->written.at.us;
		if (cells->quality[pile->limit_w ? PT_LIMIT_W : PT_LIMIT_MA] == Q_NONE) {
			k->due = 0;
			k->tries = 0;
		}
	}
	return true;
}

bool keep_written(struct core *c, const struct event *e)
{
	const struct site *site = c->site;

	for (uint16_t i = 0; i < site->cfg.pile_count; i++) {
		struct dev *d = pile_of(site, i);

		if (answered(&d->keep, e, pile_cfg(site, i), &d->cells)) {
			return true;
		}
	}
	for (uint16_t i = 0; i < site->cfg.gun_count; i++) {
		struct gun *g = gun_of(site, i);

		if (answered(&g->keep, e, pile_cfg(site, gun_cfg(site, i)->pile), &g->cells)) {
			return true;
		}
	}
	return false;
}

/* Where a limit of this target is in force: as effect.c writes it. */
static bool kept_at(const struct site *site, struct target *t)
{
	uint16_t index;
	const struct pile_cfg *pile;

	if (t->kind != TGT_GUN && t->kind != TGT_PILE) {
		return false;
	}
	index = t->kind == TGT_GUN ? gun_cfg(site, t->index)->pile : t->index;
	pile = pile_cfg(site, index);
	if (pile->gun_count == 1) {
		*t = pile->limit_per_pile ? (struct target){TGT_PILE, index}
					  : (struct target){TGT_GUN, pile->first_gun};
	}
	return (t->kind == TGT_PILE) == pile->limit_per_pile;
}

bool keep_resume(struct core *c, const struct view_command *view)
{
	struct target t;

	if (strcmp(view->verb, "limit") != 0 ||
		(view->value != VALUE_NONE &&
			(view->value < 0 || view->value > SITE_POWER_MAX_W)) ||
		site_find(c->site, view->target, &t) != 0) {
		return false;
	}
	if (!kept_at(c->site, &t)) {
		return false;
	}
	if (t.kind == TGT_GUN) {
		gun_of(c->site, t.index)->limit_w = view->value;
	} else {
		pile_of(c->site, t.index)->limit_w = view->value;
	}
	return true;
}

bool site_view_limit(const struct site *site, size_t position, struct view_command *out)
{
	size_t guns = site->cfg.gun_count;

	for (size_t i = 0; i < guns + site->cfg.pile_count; i++) {
		struct target t = {TGT_GUN, (uint16_t)i};
		int64_t w = i < guns ? gun_of(site, i)->limit_w : pile_of(site, i - guns)->limit_w;

		if (w == VALUE_NONE || position-- > 0) {
			continue;
		}
		if (i >= guns) {
			t = (struct target){TGT_PILE, (uint16_t)(i - guns)};
		}
		view_clear(VIEW_command, out);
		VIEW_SET(out, verb, "limit");
		VIEW_SET(out, target, target_id(site, t));
		out->value = w;
		return true;
	}
	return false;
}
