#ifndef PILED_MANAGE_H
#define PILED_MANAGE_H
/*
 * The site under load management: fills limit.h's inputs from what was read, has it decide at each
 * reply of the transformer meter and at each tick, and writes the grants. For agent/core only.
 *
 * The tree: the transformer (node 0), its feeders, the piles (a limit where several guns share the
 * rated power), the guns. A site that is not managed (site_cfg.load.managed) has none of it: its
 * limits are those that people command.
 */
#include "core.h"

/* Sizes of its arrays in the site: nodes, guns. */
size_t manage_nodes(const struct site_cfg *cfg);

/* Sets up nodes and guns of a new site. ERR_NOMEM. */
int manage_begin(struct site *site);
void manage_end(struct site *site);

/* A reading came in for the gun, or for the transformer's meter. */
void manage_power_read(struct core *c, uint16_t gun);

/* Decides and writes. Call with room for MANAGE_ROOM actions; what does not fit waits. */
void manage_decide(struct core *c);

/* Takes the answer of one of its writes; false when the token is another's. */
bool manage_written(struct core *c, const struct event *e);

/* What the gun may take now by load management; INT64_MAX where the site is not managed. */
int64_t manage_grant_w(const struct site *site, uint16_t gun);

/* The limit by command on the gun or on its pile, whichever is less; INT64_MAX = none. */
int64_t manage_commanded_w(const struct site *site, uint16_t gun);

/* What is written where the device has one limit for all guns of the pile: their grants together;
 * INT64_MAX where the site is not managed. */
int64_t manage_pile_w(const struct site *site, uint16_t pile);

/* The class of the gun's weight; "" where the site is not managed. */
const char *manage_priority(const struct site *site, uint16_t gun);

/* What it must obey by now: its grant, once that was read back and the lag is over; else
 * INT64_MAX. */
int64_t manage_bound_w(const struct site *site, uint16_t gun, struct mono now);

/* The equipment that a node stands for. */
struct target manage_target(const struct limit_node *node);

/* All that limit.h decides with, as it stands: a view into the site, for looking at it. */
struct limit manage_limit(const struct site *site);

#endif
