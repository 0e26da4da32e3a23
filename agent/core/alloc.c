#include "alloc.h"

#include <stdbool.h>
#include <stdlib.h>

/*
 * Everything is counted in "sixths": a gun on k phases puts 6/k of its load on each and 6 on the
 * sum, so that one, two and three phases are whole numbers. A limit's room and use are in
 * VA x 6 x 1000 (va_pm) x 1000 (the level is in mW per unit of weight): 1 GVA is 6e15.
 */
#define SIXTHS    6
#define UNIT_VA   (INT64_C(6) * 1000 * 1000)
#define ROOM_MAX  (INT64_MAX / UNIT_VA / 4)
#define LEVEL_END INT64_MAX

#define MAKE_ROOM_TRIES 16 /* guns whose minimum others make room for */

/* One limit of one node that could bind. */
struct bound {
	int64_t room;  /* what is left for rising above the use at `level` */
	int64_t slope; /* use per unit of level */
	int64_t level; /* at which `room` holds */
	int64_t full;  /* level at which it is full: key of the heap */
	int32_t place; /* in the heap; -1 = not there */
};

struct event {
	int64_t level;
	int32_t gun;
};

struct binding {
	int32_t node, limit;
};

enum life { BELOW, RISING, DONE };

struct alloc {
	size_t node_cap, gun_cap;
	struct bound *bounds; /* node * ALLOC_LIMITS + limit */
	int32_t *heap;
	size_t heap_count;
	struct event *starts, *caps;
	struct binding *bindings;
	uint8_t *life;
	int32_t *first, *end; /* range of guns under each node */
};

int alloc_new(size_t nodes, size_t guns, struct alloc **out)
{
	struct alloc *a = calloc(1, sizeof *a);

	if (a == NULL) {
		return ERR_NOMEM;
	}
	a->node_cap = nodes;
	a->gun_cap = guns;
	a->bounds = calloc(nodes * ALLOC_LIMITS + 1, sizeof *a->bounds);
	a->heap = calloc(nodes * ALLOC_LIMITS + 1, sizeof *a->heap);
	a->starts = calloc(guns + 1, sizeof *a->starts);
	a->caps = calloc(guns + 1, sizeof *a->caps);
	a->bindings = calloc(guns + 1, sizeof *a->bindings);
	a->life = calloc(guns + 1, sizeof *a->life);
	a->first = calloc(nodes + 1, sizeof *a->first);
	a->end = calloc(nodes + 1, sizeof *a->end);
	if (a->bounds == NULL || a->heap == NULL || a->starts == NULL || a->caps == NULL ||
		a->bindings == NULL || a->life == NULL || a->first == NULL || a->end == NULL) {
		alloc_free(a);
		return ERR_NOMEM;
	}
	*out = a;
	return 0;
}

void alloc_free(struct alloc *a)
{
	if (a == NULL) {
		return;
	}
	free(a->bounds);
	free(a->heap);
	free(a->starts);
	free(a->caps);
	free(a->bindings);
	free(a->life);
	free(a->first);
	free(a->end);
	free(a);
}

static int phase_count(uint8_t phases)
{
	return (phases & 1) + (phases >> 1 & 1) + (phases >> 2 & 1);
}

/* The share of a gun's load on a limit, in sixths. */
static int64_t share(const struct alloc_gun *g, int limit)
{
	if (limit == ALLOC_SUM) {
		return SIXTHS;
	}
	return g->phases >> limit & 1 ? SIXTHS / phase_count(g->phases) : 0;
}

static bool inputs_good(
	const struct alloc_node *nodes, size_t node_count, const struct alloc_gun *guns, size_t n)
{
	for (size_t i = 0; i < node_count; i++) {
		if (i == 0 ? nodes[i].parent != -1
			   : nodes[i].parent < 0 || (size_t)nodes[i].parent >= i) {
			return false;
		}
	}
	for (size_t i = 0; i < n; i++) {
		const struct alloc_gun *g = &guns[i];

		if (g->node < 0 || (size_t)g->node >= node_count || (g->phases & 7) == 0 ||
			g->phases > 7 || g->va_pm < 1 || g->va_pm > 10000 || g->weight < 1 ||
			g->weight > 10000 || g->min_w < 0 || g->want_w < 0 ||
			g->want_w > 100 * 1000 * 1000 || g->min_w > 100 * 1000 * 1000 ||
			(i > 0 && g->node < guns[i - 1].node)) {
			return false;
		}
	}
	return node_count > 0;
}

static int by_level(const void *x, const void *y)
{
	const struct event *a = x, *b = y;

	if (a->level != b->level) {
		return a->level < b->level ? -1 : 1;
	}
	return a->gun < b->gun ? -1 : a->gun > b->gun;
}

/* ---- The heap of limits that could become full, nearest first. ---- */

static void place(struct alloc *a, size_t at, int32_t bound)
{
	a->heap[at] = bound;
	a->bounds[bound].place = (int32_t)at;
}

static bool before(const struct alloc *a, int32_t x, int32_t y)
{
	if (a->bounds[x].full != a->bounds[y].full) {
		return a->bounds[x].full < a->bounds[y].full;
	}
	return x < y;
}

static void sift(struct alloc *a, size_t at)
{
	int32_t moving = a->heap[at];

	while (at > 0 && before(a, moving, a->heap[(at - 1) / 2])) {
		place(a, at, a->heap[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
	for (;;) {
		size_t child = 2 * at + 1;

		if (child >= a->heap_count) {
			break;
		}
		if (child + 1 < a->heap_count && before(a, a->heap[child + 1], a->heap[child])) {
			child++;
		}
		if (!before(a, a->heap[child], moving)) {
			break;
		}
		place(a, at, a->heap[child]);
		at = child;
	}
	place(a, at, moving);
}

static void refresh(struct alloc *a, int32_t bound)
{
	struct bound *b = &a->bounds[bound];

	b->full = b->slope > 0 ? b->level + b->room / b->slope : LEVEL_END;
	sift(a, (size_t)b->place);
}

/* ---- Minimums. ---- */

static bool fits(
	const struct alloc *a, const struct alloc_node *nodes, struct alloc_gun *g, int64_t load)
{
	for (int n = g->node; n >= 0; n = nodes[n].parent) {
		for (int l = 0; l < ALLOC_LIMITS; l++) {
			int64_t need = load * share(g, l);

			if (share(g, l) > 0 && a->bounds[n * ALLOC_LIMITS + l].room < need) {
				g->by_node = n;
				g->by_limit = l;
				return false;
			}
		}
	}
	return true;
}

static void take(
	struct alloc *a, const struct alloc_node *nodes, const struct alloc_gun *g, int64_t load)
{
	for (int n = g->node; n >= 0; n = nodes[n].parent) {
		for (int l = 0; l < ALLOC_LIMITS; l++) {
			a->bounds[n * ALLOC_LIMITS + l].room -= load * share(g, l);
		}
	}
}

/* Sets up the limits' rooms and the range of guns under each node. */
static void begin(struct alloc *a, const struct alloc_node *nodes, size_t node_count,
	const struct alloc_gun *guns, size_t n)
{
	for (size_t i = 0; i < node_count; i++) {
		a->first[i] = (int32_t)n;
		a->end[i] = 0;
		for (int l = 0; l < ALLOC_LIMITS; l++) {
			int64_t room = nodes[i].room_va[l];

			room = room > ROOM_MAX ? ROOM_MAX : room < -ROOM_MAX ? -ROOM_MAX : room;
			a->bounds[i * ALLOC_LIMITS + (size_t)l] =
				(struct bound){.room = room * UNIT_VA, .place = -1};
		}
	}
	for (size_t g = 0; g < n; g++) {
		for (int i = guns[g].node; i >= 0; i = nodes[i].parent) {
			if (a->first[i] > (int32_t)g) {
				a->first[i] = (int32_t)g;
			}
			a->end[i] = (int32_t)g + 1;
		}
	}
}

static int64_t load_of(const struct alloc_gun *g, int64_t power_w)
{
	return power_w * g->va_pm * 1000;
}

/* Puts the guns in order of rank into `starts`. */
static void in_order(struct alloc *a, const struct alloc_gun *guns, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		a->starts[i] = (struct event){guns[i].rank, (int32_t)i};
	}
	qsort(a->starts, n, sizeof *a->starts, by_level);
}

/* False: it gets nothing. */
static bool serve_minimum(struct alloc *a, const struct alloc_node *nodes, struct alloc_gun *g)
{
	int64_t load = load_of(g, g->min_w);

	g->grant_w = 0;
	g->by_node = ALLOC_BY_WANT;
	g->by_limit = ALLOC_SUM;
	if (g->want_w == 0 || g->want_w < g->min_w || !fits(a, nodes, g, load)) {
		return false;
	}
	take(a, nodes, g, load);
	g->grant_w = g->min_w;
	return true;
}

/* Would it get its minimum if nobody else were there? */
static bool fits_alone(const struct alloc_node *nodes, const struct alloc_gun *g)
{
	int64_t load = load_of(g, g->min_w);

	for (int n = g->node; n >= 0; n = nodes[n].parent) {
		for (int l = 0; l < ALLOC_LIMITS; l++) {
			int64_t room = nodes[n].room_va[l];

			if (share(g, l) > 0 && room < ROOM_MAX &&
				load * share(g, l) > (room > 0 ? room : 0) * UNIT_VA) {
				return false;
			}
		}
	}
	return g->want_w > 0 && g->want_w >= g->min_w;
}

static void serve_minimums(
	struct alloc *a, const struct alloc_node *nodes, struct alloc_gun *guns, size_t n)
{
	const struct alloc_gun *kept = NULL;

	in_order(a, guns, n);
	for (size_t i = 0; i < n; i++) {
		struct alloc_gun *g = &guns[a->starts[i].gun];
		bool served = serve_minimum(a, nodes, g);

		a->life[a->starts[i].gun] = served && g->want_w > g->min_w ? BELOW : DONE;
		if (!served && g->keep && kept == NULL && fits_alone(nodes, g)) {
			kept = g;
			take(a, nodes, g, load_of(g, g->min_w));
		}
	}
	if (kept != NULL) {
		/* Those that are served may use it until it is enough. */
		take(a, nodes, kept, -load_of(kept, kept->min_w));
	}
}

/* Levels, in mW per unit of weight, between which a gun rises from its minimum to what it wants.
 * Rounded so that what is counted for the rise is never less than the rise itself. */
static int64_t level_of_start(const struct alloc_gun *g)
{
	return g->min_w * 1000 / g->weight + 1;
}

static int64_t level_of_cap(const struct alloc_gun *g)
{
	return g->want_w * 1000 / g->weight + 2;
}

/* Only a limit that all its guns together could exceed can ever hold one. */
static void find_bounds(struct alloc *a, const struct alloc_node *nodes, size_t node_count,
	const struct alloc_gun *guns, size_t n)
{
	a->heap_count = 0;
	for (size_t g = 0; g < n; g++) {
		if (a->life[g] != BELOW) {
			continue;
		}
		int64_t rise = load_of(&guns[g], guns[g].want_w - guns[g].min_w);

		/* `full` sums up the most that may come, until the heap is built. */
		for (int i = guns[g].node; i >= 0; i = nodes[i].parent) {
			for (int l = 0; l < ALLOC_LIMITS; l++) {
				a->bounds[i * ALLOC_LIMITS + l].full += rise * share(&guns[g], l);
			}
		}
	}
	for (size_t b = 0; b < node_count * ALLOC_LIMITS; b++) {
		if (a->bounds[b].full > a->bounds[b].room) {
			a->bounds[b].full = LEVEL_END;
			place(a, a->heap_count++, (int32_t)b);
		}
	}
}

/* The gun begins (sign 1) or ceases (-1) to rise at this level. */
static void change_slope(struct alloc *a, const struct alloc_node *nodes, const struct alloc_gun *g,
	int64_t level, int sign)
{
	for (int i = g->node; i >= 0; i = nodes[i].parent) {
		for (int l = 0; l < ALLOC_LIMITS; l++) {
			struct bound *b = &a->bounds[i * ALLOC_LIMITS + l];
			int64_t s = share(g, l) * g->weight * g->va_pm;

			if (b->place < 0 || s == 0) {
				continue;
			}
			b->room -= b->slope * (level - b->level);
			b->level = level;
			b->slope += sign * s;
			refresh(a, i * ALLOC_LIMITS + l);
		}
	}
}

static int64_t grant_at(const struct alloc_gun *g, int64_t level)
{
	int64_t w = g->min_w + (level - level_of_start(g)) * g->weight / 1000;

	return w > g->want_w ? g->want_w : w;
}

/* A limit is full at this level: every gun that rises under it, or has yet to rise, stays. */
static void freeze(struct alloc *a, const struct alloc_node *nodes, struct alloc_gun *guns,
	int32_t bound, int64_t level)
{
	int node = bound / ALLOC_LIMITS, limit = bound % ALLOC_LIMITS;

	for (int32_t i = a->first[node]; i < a->end[node]; i++) {
		struct alloc_gun *g = &guns[i];

		if (a->life[i] == DONE || share(g, limit) == 0) {
			continue;
		}
		/* Is it under this node? The range is exact only for depth-first order. */
		int up = g->node;

		while (up > node) {
			up = nodes[up].parent;
		}
		if (up != node) {
			continue;
		}
		if (a->life[i] == RISING) {
			g->grant_w = grant_at(g, level);
			change_slope(a, nodes, g, level, -1);
		}
		a->life[i] = DONE;
		g->by_node = node;
		g->by_limit = limit;
	}
}

static void fill(struct alloc *a, const struct alloc_node *nodes, struct alloc_gun *guns, size_t n)
{
	size_t start = 0, cap = 0, starts = 0;

	for (size_t i = 0; i < n; i++) {
		if (a->life[i] == BELOW) {
			a->starts[starts] = (struct event){level_of_start(&guns[i]), (int32_t)i};
			a->caps[starts++] = (struct event){level_of_cap(&guns[i]), (int32_t)i};
		}
	}
	qsort(a->starts, starts, sizeof *a->starts, by_level);
	qsort(a->caps, starts, sizeof *a->caps, by_level);
	while (cap < starts) {
		int64_t s = start < starts ? a->starts[start].level : LEVEL_END;
		int64_t c = a->caps[cap].level;
		int64_t f = a->heap_count > 0 ? a->bounds[a->heap[0]].full : LEVEL_END;

		if (f < s && f <= c) {
			freeze(a, nodes, guns, a->heap[0], f);
		} else if (s <= c) {
			int32_t i = a->starts[start++].gun;

			if (a->life[i] == BELOW) {
				a->life[i] = RISING;
				change_slope(a, nodes, &guns[i], s, 1);
			}
		} else {
			int32_t i = a->caps[cap++].gun;

			if (a->life[i] == RISING) {
				guns[i].grant_w = guns[i].want_w;
				a->life[i] = DONE;
				change_slope(a, nodes, &guns[i], c, -1);
			}
		}
	}
}

static int check(const struct alloc *a, const struct alloc_node *nodes, size_t node_count,
	const struct alloc_gun *guns, size_t gun_count)
{
	if (node_count > a->node_cap || gun_count > a->gun_cap) {
		return ERR_FULL;
	}
	return inputs_good(nodes, node_count, guns, gun_count) ? 0 : ERR_INVAL;
}

int alloc_share(struct alloc *a, const struct alloc_node *nodes, size_t node_count,
	struct alloc_gun *guns, size_t gun_count)
{
	int rc = check(a, nodes, node_count, guns, gun_count);

	if (rc != 0) {
		return rc;
	}
	begin(a, nodes, node_count, guns, gun_count);
	serve_minimums(a, nodes, guns, gun_count);
	find_bounds(a, nodes, node_count, guns, gun_count);
	fill(a, nodes, guns, gun_count);
	return 0;
}

/* The most that the gun may rise above its grant, and the limit that says so. */
static int64_t headroom_w(
	const struct alloc *a, const struct alloc_node *nodes, struct alloc_gun *g)
{
	int64_t least = g->want_w - g->grant_w;

	for (int n = g->node; n >= 0; n = nodes[n].parent) {
		for (int l = 0; l < ALLOC_LIMITS; l++) {
			int64_t s = share(g, l);
			int64_t w = s > 0 ? a->bounds[n * ALLOC_LIMITS + l].room / load_of(g, s)
					  : INT64_MAX;

			if (w < least) {
				least = w;
				g->by_node = n;
				g->by_limit = l;
			}
		}
	}
	return least;
}

/* The least that gun `o` would have to give for the limits that lack room for the minimum of `g`,
 * and which of them says so. */
static int64_t missing_w(const struct alloc *a, const struct alloc_node *nodes,
	const struct alloc_gun *g, const struct alloc_gun *o, struct binding *by)
{
	int64_t most = 0, load = load_of(g, g->min_w);

	for (int n = g->node; n >= 0; n = nodes[n].parent) {
		int up = o->node;

		while (up > n) {
			up = nodes[up].parent;
		}
		for (int l = 0; up == n && l < ALLOC_LIMITS; l++) {
			int64_t lack = load * share(g, l) - a->bounds[n * ALLOC_LIMITS + l].room;

			if (share(g, l) > 0 && share(o, l) > 0 && lack > 0) {
				int64_t per_w = load_of(o, share(o, l));
				int64_t w = (lack + per_w - 1) / per_w;

				if (w > most) {
					most = w;
					*by = (struct binding){n, l};
				}
			}
		}
	}
	return most;
}

/* The minimum of the gun at this place of the order does not fit: those before it, the last first,
 * give what they have above theirs, if that is enough and a tenth of the minimum is free anyhow.
 * Better than room that nobody can use. */
static bool make_room(
	struct alloc *a, const struct alloc_node *nodes, struct alloc_gun *guns, size_t at)
{
	struct alloc_gun *g = &guns[a->starts[at].gun];
	struct binding by = {g->by_node, g->by_limit};
	size_t first = at;
	bool served = false;

	if (missing_w(a, nodes, g, g, &by) > g->min_w * 9 / 10) {
		return false;
	}
	/* `caps` keeps what each gave, to give it back where all is not enough; `bindings` for
	 * which limit. */
	while (first > 0 && !served) {
		struct alloc_gun *o = &guns[a->starts[--first].gun];
		int64_t spare = o->grant_w - o->min_w;
		int64_t w = spare > 0 ? missing_w(a, nodes, g, o, &a->bindings[first]) : 0;

		w = w < spare ? w : spare;
		a->caps[first].level = w > 0 ? w : 0;
		if (w > 0) {
			take(a, nodes, o, -load_of(o, w));
			o->grant_w -= w;
			served = serve_minimum(a, nodes, g);
		}
	}
	for (size_t k = first; k < at; k++) {
		struct alloc_gun *o = &guns[a->starts[k].gun];
		int64_t w = a->caps[k].level;

		if (w > 0 && served) {
			o->by_node = a->bindings[k].node;
			o->by_limit = a->bindings[k].limit;
		} else if (w > 0) {
			take(a, nodes, o, load_of(o, w));
			o->grant_w += w;
		}
	}
	return served;
}

int alloc_in_order(struct alloc *a, const struct alloc_node *nodes, size_t node_count,
	struct alloc_gun *guns, size_t gun_count)
{
	int rc = check(a, nodes, node_count, guns, gun_count);

	if (rc != 0) {
		return rc;
	}
	int tries = MAKE_ROOM_TRIES;

	begin(a, nodes, node_count, guns, gun_count);
	in_order(a, guns, gun_count);
	for (size_t i = 0; i < gun_count; i++) {
		struct alloc_gun *g = &guns[a->starts[i].gun];
		int64_t rise;

		if (!serve_minimum(a, nodes, g) &&
			(g->want_w == 0 || g->want_w < g->min_w || tries-- <= 0 ||
				!make_room(a, nodes, guns, i))) {
			continue;
		}
		rise = headroom_w(a, nodes, g);
		if (rise > 0) {
			take(a, nodes, g, load_of(g, rise));
			g->grant_w += rise;
		}
	}
	return 0;
}
