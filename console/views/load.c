/* Load management: the tree of limits with the grants, the waiting line, the last decisions. */
#include <stdio.h>
#include <string.h>

#include "fmt.h"
#include "gauge.h"
#include "i18n.h"
#include "page.h"
#include "panel.h"
#include "text.h"
#include "why.h"
#include "word.h"

#define NAME_W    12
#define NUMBER_W  10
#define SHARE_W   4
#define DEPTH_MAX 4
#define PHASES    3
#define WIDE_COLS 150
#define SIDE_W    68
#define LOWER_H   10 /* what stands below the tree */
#define LOWER_LOW 14
#define STATE_W   9

/* Lines of a text that is longer than its area. */
struct lines {
	struct area a;
	int skip, count;
};

/* The next line's place; false where it is not seen. */
static bool next_line(struct lines *l, int *y)
{
	int at = l->count++ - l->skip;

	*y = l->a.y + at;
	return at >= 0 && at < l->a.h;
}

static const struct view_gun *gun_at(const struct app *app, size_t i)
{
	return model_at(app->model, VIEW_gun, i);
}

static size_t gun_count(const struct app *app)
{
	return model_count(app->model, VIEW_gun);
}

static struct wall now_of(const struct app *app)
{
	return (struct wall){app->now_ms == VALUE_NONE ? 0 : app->now_ms};
}

/* ---- The tree ---- */

static int bar_w(const struct area *a)
{
	int room = (a->w - NAME_W - 3 * NUMBER_W - PHASES * (SHARE_W + 2)) / PHASES;

	return room < 3 ? 3 : room > 24 ? 24 : room;
}

static enum ink share_ink(int64_t pm)
{
	return pm == VALUE_NONE ? INK_DIM : pm > 1000 ? INK_ALARM : pm > 900 ? INK_WARN : INK_BAR;
}

static void draw_share(struct app *app, int y, int x, int w, int64_t pm)
{
	char text[32];

	gauge_bar(&app->canvas, app->glyphs, y, x, w, share_ink(pm), pm, 1000, VALUE_NONE);
	if (pm == VALUE_NONE) {
		snprintf(text, sizeof text, "-");
	} else {
		snprintf(text, sizeof text, "%s%lld%%", pm > 1000 ? "!" : "",
			(long long)((pm + 5) / 10));
	}
	canvas_field(&app->canvas, y, x + w, SHARE_W + 1, TEXT_RIGHT,
		pm != VALUE_NONE && pm > 900 ? share_ink(pm) : INK_NORMAL, text);
}

static void draw_number(struct app *app, int y, int x, enum unit unit, int64_t value)
{
	char text[32];

	fmt_value(text, sizeof text, unit, value, false);
	canvas_field(&app->canvas, y, x, NUMBER_W, TEXT_RIGHT, INK_NORMAL, text);
}

static int64_t lesser(int64_t a, int64_t b)
{
	return a == VALUE_NONE || (b != VALUE_NONE && b < a) ? b : a;
}

static void draw_head(struct app *app, struct area a)
{
	static const char *const phases[PHASES] = {"L1", "L2", "L3"};
	static const char *const heads[] = {N_("limit kVA"), N_("load kVA"), N_("grant kW")};
	int w = bar_w(&a), x = a.x + NAME_W;

	canvas_repeat(&app->canvas, a.y, a.x, a.w, INK_HEAD, " ");
	canvas_text(&app->canvas, a.y, a.x, NAME_W, INK_HEAD, _("node"));
	for (int i = 0; i < PHASES; i++, x += w + SHARE_W + 2) {
		canvas_field(
			&app->canvas, a.y, x, w + SHARE_W + 1, TEXT_RIGHT, INK_HEAD, phases[i]);
	}
	for (int i = 0; i < 3; i++, x += NUMBER_W) {
		char cell[64];

		snprintf(cell, sizeof cell, " %s", _(heads[i]));
		canvas_field(&app->canvas, a.y, x, NUMBER_W, TEXT_RIGHT, INK_HEAD, cell);
	}
}

static void draw_node(
	struct app *app, struct lines *l, int depth, const struct view_node *n, enum ink ink)
{
	const int64_t shares[PHASES] = {n->load_l1_pm, n->load_l2_pm, n->load_l3_pm};
	int w = bar_w(&l->a), x = l->a.x + NAME_W, y;
	char text[80];

	if (!next_line(l, &y)) {
		return;
	}
	snprintf(text, sizeof text, "%*s%s", 2 * depth, "", n->id);
	canvas_text(&app->canvas, y, l->a.x, NAME_W - 1, ink, text);
	if (shares[0] == VALUE_NONE && n->load_pm != VALUE_NONE) {
		/* Its phases have no limit: the sum, over all three. */
		draw_share(app, y, x, PHASES * (w + SHARE_W + 2) - SHARE_W - 2, n->load_pm);
	}
	for (int i = 0; i < PHASES; i++, x += w + SHARE_W + 2) {
		if (shares[i] != VALUE_NONE) {
			draw_share(app, y, x, w, shares[i]);
		}
	}
	draw_number(app, y, x, UNIT_VA, lesser(n->limit_va, n->outside_va));
	draw_number(app, y, x + NUMBER_W, UNIT_VA,
		n->other_va == VALUE_NONE || n->counted_va == VALUE_NONE
			? n->counted_va
			: n->other_va + n->counted_va);
	draw_number(app, y, x + 2 * NUMBER_W, UNIT_W, n->granted_w);
}

static bool asks(const struct view_gun *g)
{
	return g->rule[0] != '\0' && strcmp(g->rule, "idle") != 0;
}

static void draw_gun(struct app *app, struct lines *l, int depth, const struct view_gun *g)
{
	int end = l->a.x + l->a.w - 2 * NUMBER_W, y;
	char text[WHY_MAX + 40], why[WHY_MAX], since[32];

	if (!asks(g) || !next_line(l, &y)) {
		return;
	}
	snprintf(text, sizeof text, "%*s%s", 2 * depth, "", g->id);
	canvas_text(&app->canvas, y, l->a.x, NAME_W - 1, INK_STRONG, text);
	snprintf(since, sizeof since, "-");
	word_time(app, g->rule_since, since, sizeof since);
	why_row(why, sizeof why, g);
	snprintf(text, sizeof text, "%s  %s", since, why);
	canvas_text(&app->canvas, y, l->a.x + NAME_W, end - l->a.x - NAME_W,
		panel_rule_ink(g->rule, g->place), text);
	draw_number(app, y, end, UNIT_W, g->power_w);
	draw_number(app, y, end + NUMBER_W, UNIT_W, g->grant_w);
}

static int depth_of(const struct app *app, const struct view_node *n)
{
	int depth = 0;

	while (n != NULL && n->parent[0] != '\0' && depth < DEPTH_MAX) {
		n = model_find(app->model, VIEW_node, n->parent);
		depth++;
	}
	return depth;
}

/* An agent that does not tell its tree: the transformer, and the guns below it. */
static void draw_flat(struct app *app, struct lines *l)
{
	const struct view_site *site = model_site(app->model);
	struct view_node n;

	view_clear(VIEW_node, &n);
	view_set_text(n.id, sizeof n.id, site->id);
	n.limit_va = site->limit_va;
	n.counted_va = site->load_va;
	n.load_pm = site->load_pm;
	n.load_l1_pm = site->load_l1_pm;
	n.load_l2_pm = site->load_l2_pm;
	n.load_l3_pm = site->load_l3_pm;
	draw_node(app, l, 0, &n, INK_STRONG);
	for (size_t i = 0; i < gun_count(app); i++) {
		draw_gun(app, l, 1, gun_at(app, i));
	}
}

static void draw_lines(struct app *app, struct lines *l)
{
	size_t count = model_count(app->model, VIEW_node);

	if (count == 0) {
		draw_flat(app, l);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		const struct view_node *n = model_at(app->model, VIEW_node, i);
		bool pile = strcmp(n->kind, "pile") == 0;
		int depth = depth_of(app, n);

		draw_node(app, l, depth, n, pile ? INK_NORMAL : INK_STRONG);
		for (size_t k = 0; pile && k < gun_count(app); k++) {
			if (strcmp(gun_at(app, k)->pile, n->id) == 0) {
				draw_gun(app, l, depth + 1, gun_at(app, k));
			}
		}
	}
}

static void draw_tree(struct app *app, struct area a)
{
	struct lines l = {.a = {a.y + 1, a.x, a.h - 1, a.w}, .skip = app->scroll};
	int most;

	if (a.h < 2) {
		return;
	}
	draw_head(app, a);
	/* Counted first, so that the last line is not scrolled away. */
	l.a.h = 0;
	draw_lines(app, &l);
	most = l.count > a.h - 1 ? l.count - (a.h - 1) : 0;
	app->scroll = app->scroll > most ? most : app->scroll < 0 ? 0 : app->scroll;
	l = (struct lines){.a = {a.y + 1, a.x, a.h - 1, a.w}, .skip = app->scroll};
	draw_lines(app, &l);
}

/* ---- Below or beside it ---- */

/* What a new start gets now, by the rule of the contract. */
static int draw_contract(struct app *app, struct area a)
{
	const struct view_site *site = model_site(app->model);
	char text[WHY_MAX];

	why_contract(text, sizeof text, site);
	return panel_wrap(app, (struct area){a.y, a.x, a.h < 2 ? a.h : 2, a.w},
		site->admit_pm > site->half_above_pm ? INK_NOTICE : INK_NORMAL, text);
}

/* "in force  until 20:00  180.0 kW  demo  grid, li: peak hours" */
static void draw_slimit(struct app *app, struct area a, const struct view_slimit *s)
{
	bool active = strcmp(s->state, "active") == 0;
	char from[32], to[32], power[32], text[320];
	size_t used = 0;

	word_time(app, s->from, from, sizeof from);
	word_time(app, s->to, to, sizeof to);
	fmt_value(power, sizeof power, UNIT_W, s->limit_w, true);
	if (active) {
		text_append(text, sizeof text, &used, _("until %s"), to);
	} else {
		text_append(text, sizeof text, &used, "%s - %s", from, to);
	}
	text_append(text, sizeof text, &used, "  %s  %s", s->node, power);
	if (s->window_s != VALUE_NONE) {
		text_append(text, sizeof text, &used, _(" as the mean over %lld min"),
			(long long)(s->window_s / 60));
	}
	text_append(text, sizeof text, &used, "  %s", s->source[0] != '\0' ? s->source : s->by);
	if (s->source[0] != '\0' && s->by[0] != '\0') {
		text_append(text, sizeof text, &used, ", %s", s->by);
	}
	if (s->reason[0] != '\0') {
		text_append(text, sizeof text, &used, ": %s", s->reason);
	}
	canvas_text(&app->canvas, a.y, a.x + 1, STATE_W, active ? INK_NOTICE : INK_DIM,
		word_slimit(s->state));
	canvas_text(&app->canvas, a.y, a.x + STATE_W + 2, a.w - STATE_W - 2, INK_NORMAL, text);
}

/* Those in force first. Nothing where there are none. */
static int draw_slimits(struct app *app, struct area a, int most)
{
	size_t count = model_count(app->model, VIEW_slimit);
	int row = 1;

	if (count == 0 || a.h < 2) {
		return 0;
	}
	canvas_printf(&app->canvas, a.y, a.x, a.w, INK_DIM, _("Limits from outside (%zu)"), count);
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < count && row <= most && row < a.h; i++) {
			const struct view_slimit *s = model_at(app->model, VIEW_slimit, i);

			if ((strcmp(s->state, "active") == 0) == (pass == 0)) {
				draw_slimit(app, (struct area){a.y + row, a.x, 1, a.w}, s);
				row++;
			}
		}
	}
	return row;
}

static int draw_place(struct app *app, struct area a, const struct view_gun *g, int rows)
{
	char text[WHY_MAX], place[24];

	if (a.h < 1) {
		return 0;
	}
	snprintf(place, sizeof place, "%lld", (long long)g->place);
	why_gun(text, sizeof text, g, now_of(app));
	canvas_field(&app->canvas, a.y, a.x, 5, TEXT_RIGHT, INK_DIM, place);
	canvas_text(&app->canvas, a.y, a.x + 6, 7, INK_STRONG, g->id);
	return panel_text(app, (struct area){a.y, a.x + 14, a.h, a.w - 14}, rows,
		panel_rule_ink(g->rule, g->place), text);
}

static int draw_waiting(struct app *app, struct area a, int most, int rows)
{
	int row = 1, waiting = 0;

	for (size_t i = 0; i < gun_count(app); i++) {
		waiting += gun_at(app, i)->place != VALUE_NONE && gun_at(app, i)->place > 0;
	}
	canvas_printf(&app->canvas, a.y, a.x, a.w, INK_DIM, _("Waiting line (%d)"), waiting);
	for (int64_t place = 1; place <= waiting && row <= most; place++) {
		for (size_t i = 0; i < gun_count(app) && row <= most; i++) {
			if (gun_at(app, i)->place == place) {
				row += draw_place(app,
					(struct area){a.y + row, a.x, a.h - row, a.w},
					gun_at(app, i), rows);
			}
		}
	}
	if (waiting == 0) {
		canvas_text(&app->canvas, a.y + row++, a.x + 6, a.w - 6, INK_NORMAL,
			_("Nobody waits."));
	}
	return row;
}

/* What stands below the tree, or beside it. Where it is low there are no blank lines between the
 * parts, and each leaves room for the log. */
static void draw_below(struct app *app, struct area a)
{
	bool low = a.h <= LOWER_LOW;
	int gap = !low, most = low ? 2 : a.h / 4, used, row = draw_contract(app, a);

	row += row > 0 ? gap : 0;
	used = draw_slimits(app, (struct area){a.y + row, a.x, a.h - row, a.w}, most);
	row += used > 0 ? used + gap : 0;
	row += draw_waiting(app, (struct area){a.y + row, a.x, a.h - row, a.w}, most, low ? 1 : 2) +
	       gap;
	panel_decisions(app, (struct area){a.y + row, a.x, a.h - row, a.w},
		&app->model->rows[VIEW_decision], true, true);
}

static void draw(struct app *app, struct area a)
{
	bool wide = a.w >= WIDE_COLS;
	struct area tree = {a.y, a.x + 1, a.h, a.w - 2};

	if (wide) {
		tree.w -= SIDE_W + 2;
		draw_below(app, (struct area){a.y, tree.x + tree.w + 2, a.h, SIDE_W});
	} else if (a.h > 2 * LOWER_H) {
		int lower = a.h / 3 > LOWER_H ? a.h / 3 : LOWER_H;

		tree.h -= lower + 1;
		draw_below(app, (struct area){a.y + tree.h + 1, a.x + 1, lower, a.w - 2});
	}
	draw_tree(app, tree);
}

const struct page page_load = {
	.title = N_("Load"),
	.key = ACT_LOAD,
	.draw = draw,
	.act = page_scroll,
};
