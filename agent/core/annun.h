#ifndef PILED_ANNUN_H
#define PILED_ANNUN_H
/*
 * The annunciator: what becomes of faults as alarms. A fault is raised and cleared as its condition
 * comes and goes; its alarm waits for its delays, is acknowledged, shelved, latched or folded
 * (life.h), and each raising of it is one record. One alarm a code and target at most. Those of a
 * pile or gun that a person took out of service are suppressed until it is back; what an input
 * stopped, and the input's own alarms, are not.
 *
 * The table is bounded: two for each gun, one for each other device, and some. Where more wait, one
 * that is gone but not acknowledged is closed: its record says that nobody did. A condition for
 * which there is no room even so is raised when there is.
 */
#include "emit.h"
#include "life.h"

/* Slots of a site's table. */
uint32_t annun_slots(const struct site_cfg *cfg);

/* A condition came or went. Takes effect with annun_step(). */
void annun_edge(struct core *c, struct target target, int64_t code, bool on, const char *detail);

/* Carries the lives on: at the end of every event. */
void annun_step(struct core *c, bool tick);

/* EV_ALARM: what a person does; what makes no sense is counted and ignored. */
void annun_take(struct core *c, const struct event *e);

/* Takes an alarm that the store knew as not over. */
bool annun_resume(struct core *c, const struct view_alarm *view);

/* Counts for the site at a glance. */
void annun_count(const struct site *site, struct view_site *out);

#endif
