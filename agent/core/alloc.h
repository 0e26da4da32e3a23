#ifndef PILED_ALLOC_H
#define PILED_ALLOC_H
/*
 * Weighted max-min fair sharing of power over a tree of limits, per phase. Pure: arrays in, grants
 * out, no state, integers only.
 *
 * First the minimum, in order of rank, to as many guns as fit; a gun whose minimum does not fit
 * gets 0 (and what is left of the room can be kept for it, so that those behind it do not take
 * that for ever). Then progressive filling: all admitted guns rise together, grant = level x weight
 * (never below their minimum nor above what they want), until a limit is full; the guns under that
 * limit stay, the others rise on. The result is the max-min fair one (Bertsekas and Gallager, Data
 * Networks, 6.5.2), and each gun knows the limit that holds it.
 */
#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define ALLOC_PHASES 3
#define ALLOC_SUM    3 /* index of the limit on the sum of the phases */
#define ALLOC_LIMITS 4 /* L1, L2, L3, sum */

/* What holds a gun at its grant. */
#define ALLOC_BY_WANT (-1) /* it gets all that it wants */

/* A node of the tree. Nodes stand in depth-first order, the root first, so that the guns of a node
 * and of all below it are one range of the guns. */
struct alloc_node {
	int16_t parent;                /* -1 for the root; else a smaller index */
	int64_t room_va[ALLOC_LIMITS]; /* limit less all other load; negative = overloaded;
					  INT64_MAX = no limit */
};

/* A gun; guns stand in the order of their nodes. */
struct alloc_gun {
	/* in */
	int16_t node;   /* the node that it hangs under */
	uint8_t phases; /* bit 0..2: the site's phases that it loads, evenly; at least one */
	uint8_t keep;   /* alloc_share: no minimum of a later rank takes what its own lacks, if it
			   fits alone; for the first such gun */
	int32_t va_pm;  /* apparent power it takes from the supply per watt granted, per mille */
	int32_t weight; /* 1..10000 */
	int32_t rank;   /* order in which minimums are served; equal: by index */
	int64_t min_w, want_w;
	/* out */
	int64_t grant_w;
	int32_t by_node;  /* the node whose limit holds it, or ALLOC_BY_WANT */
	int32_t by_limit; /* which limit of that node: 0..2 phase, ALLOC_SUM */
};

struct alloc;

/* Working memory for up to so many nodes and guns; none is allocated later. */
int alloc_new(size_t nodes, size_t guns, struct alloc **out);
void alloc_free(struct alloc *alloc);

/* Shares. ERR_INVAL where the arrays are not as described above (then no grant is touched);
 * ERR_FULL for more than alloc_new() was told. Cost: O(n log n) for n guns. */
int alloc_share(struct alloc *alloc, const struct alloc_node *nodes, size_t node_count,
	struct alloc_gun *guns, size_t gun_count);

/* The same, but one after the other in order of rank: each gets all that it wants as far as there
 * is room, not less than its minimum. Where a minimum does not fit though there is room, those
 * before it give it what it lacks, the last first. */
int alloc_in_order(struct alloc *alloc, const struct alloc_node *nodes, size_t node_count,
	struct alloc_gun *guns, size_t gun_count);

#endif
