#ifndef PILED_WATCH_H
#define PILED_WATCH_H
/*
 * What is watched at each gun, pile and meter besides its state: silence, values that stand still
 * while power flows, a limit that is not obeyed, incidents of the register that are over.
 */
#include "emit.h"

/* A limit must be obeyed within this time (cars follow within 30 s); and by this margin. */
#define OBEY_US         (45 * US_PER_S)
#define OBEY_SLACK_W(w) ((w) / 20 + 200)
/* A register that stands still while power flows is frozen after at least this time. */
#define FROZEN_US (60 * US_PER_S)
/* The transformer's meter, or a feeder's, is frozen when it has stood still so long while its guns
 * moved. */
#define STILL_US (30 * US_PER_S)
/* A reset or jump of the register is shown so long after the last one. */
#define INCIDENT_US (3600 * US_PER_S)

void watch_gun(struct core *c, uint16_t gun, uint16_t fresh);

/* A device began or ceased to answer. */
void watch_link(struct core *c, struct target target, bool up);

/* A gun's reply came: whatever was said before, it answers. */
void watch_answer(struct core *c, uint16_t gun, int64_t at_us);

/* Difference between a transformer's meter and its guns that says nothing. */
static inline int64_t watch_slack_va(const struct site *site)
{
	return site->cfg.rated_va / 50 + 500;
}

/* Piles and meters, at each tick. */
void watch_pile(struct core *c, uint16_t pile);
void watch_meter(struct core *c, uint16_t meter);

/* Each bus, after its devices: one that none of several devices answers on is down. */
void watch_bus(struct core *c, uint16_t bus);

#endif
