#ifndef PILED_GUN_H
#define PILED_GUN_H
/*
 * The state of a gun: a pure total function of its state and the evidence, and one place where a
 * new state is entered with all that follows from it.
 */
#include "emit.h"

struct gun_evidence {
	enum gun_state device; /* what the device says; GUN_UNKNOWN: nothing that counts */
	bool silent;           /* the link is down, or its readings are stale */
	bool seen;             /* there was a good reading ever */
	int8_t plugged;        /* 1, 0, -1 not known */
	int8_t flows;          /* power above noise: 1, 0, -1 not known */
	bool faulted;          /* a fault code of severity 1 or 2 is active */
	bool in_session;       /* a session is open and has not ended */
	bool had_session;      /* one ended in this visit */
	bool stop_asked;       /* somebody stopped it */
};

/* The next state. Total: any state, any evidence.
 *  - silent is offline; the device's `fault` is fault; an active fault code is fault unless the
 *    device goes on charging
 *  - `plugged` in a session is suspended (IEC 61851 B after C), finished when it was stopped or
 *    comes out of a fault; after a session of the same visit it is finished
 *  - a plug contact that says "no" beats plugged, suspended and finished
 *  - a device that gives no state is judged by plug and power; without evidence nothing changes */
enum gun_state gun_next(enum gun_state state, const struct gun_evidence *evidence);

/* Looks at a gun after its readings, link or the time changed: register, state, visit, session,
 * faults. Needs core_room(GUN_ROOM). */
void gun_evaluate(struct core *c, uint16_t gun);

/* Marks a gun to be looked at before the present event ends, or when there is room. */
void gun_touch(struct site *site, uint16_t gun);

/* The gun's power as last read: 1 above noise, 0 not, -1 not known or stale. */
int gun_flows(const struct core *c, uint16_t gun);

#endif
