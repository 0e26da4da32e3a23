#ifndef PILESIM_VSITE_H
#define PILESIM_VSITE_H
/*
 * A whole site in one process on a virtual clock: the simulator's devices behind the bus
 * interface, and in front of them what the agent runs in production: configuration, plans,
 * profiles, field map and core. No sockets, no threads, no waiting: a month takes minutes.
 */
#include "config/config.h"
#include "sim.h"

struct vsite;

struct vsite_cfg {
	struct sim *sim;             /* borrowed; outlives the site */
	const struct config *config; /* borrowed; its buses are the simulator's, in order */
	/* Each action of the core but writes and polls, which are carried out. May be NULL. */
	void (*on_action)(void *arg, const struct action *action);
	void *arg;
};

/* ERR_NOTFOUND (more buses than the simulator has), ERR_NOMEM, and what the parts say. */
int vsite_new(const struct vsite_cfg *cfg, struct vsite **out);
void vsite_free(struct vsite *vsite);

/* Lives until this model time of the simulator. */
void vsite_run(struct vsite *vsite, struct mono until);

/* The core's site, to look at. Borrowed. */
const struct site *vsite_site(const struct vsite *vsite);
struct moment vsite_now(const struct vsite *vsite);
/* Gives the core an event of the caller's, now. */
void vsite_apply(struct vsite *vsite, struct event *event);

#endif
