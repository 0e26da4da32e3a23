#ifndef PILED_REASON_H
#define PILED_REASON_H
/*
 * Why a gun gets what it gets: its grant, the rule, and the numbers behind it, as view fields. The
 * sentence of them is made by shared/why.h. For agent/core only.
 */
#include "core.h"

/* Fills grant_w, rule, by_* and yield_* of the view; nothing where the site is not managed. */
void reason_show_gun(
	const struct site *site, uint16_t gun, struct moment now, struct view_gun *out);

/* Fills what admission goes by; nothing where the site is not managed by it. */
void reason_show_site(const struct site *site, struct view_site *out);

/* The rule that is told for a gun: where a command or a limit from outside took its maximum down,
 * that is what people ask for. */
enum limit_rule reason_rule(const struct site *site, uint16_t gun, const struct limit_gun *g);

/* The id of a node of the tree as configured, and what it is: "site", "feeder", "pile". */
const char *reason_node_id(const struct site *site, int node);
const char *reason_node_kind(const struct site *site, int node);

#endif
