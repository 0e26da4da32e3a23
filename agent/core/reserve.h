#ifndef PILED_CORE_RESERVE_H
#define PILED_CORE_RESERVE_H
/*
 * Reservations: a gun is held for an account from a time on. See piled(8), "RESERVATIONS".
 *
 *   planned -> active -> kept       (the account gave an order for the gun)
 *         |       |----> lapsed     (nobody came, or it was cancelled late: the fee is due)
 *         |       |----> blocked    (the site failed: nothing is due)
 *         |       \----> cancelled  (the fee was waived)
 *         \-> kept, blocked, cancelled
 *
 * The core decides when and how a reservation ends; the store takes or releases the fee in the
 * transaction that stores the record of the end. Whoever else wants to charge is refused from
 * `lead` before it on; a charge that runs is never cut.
 */
#include "emit.h"
#include "orderwords.h"

struct reserve_facts {
	int64_t now_ms, from_ms;
	int64_t guard_ms; /* from here on others are refused */
	int64_t held_ms;  /* so long the gun is held */
	bool own;         /* the account has an order at the gun */
	bool taken;       /* another charge runs there, or has an order */
	uint8_t hurt;     /* enum reserve_cause: what stood in the way so far */
};

/* Where a reservation goes from here; total. An evaluation later than this after the end of the
 * hold says that the agent was not there. */
#define RESERVE_LATE_MS (60 * MS_PER_S)
enum reserve_state reserve_next(
	enum reserve_state state, const struct reserve_facts *f, enum reserve_cause *why);

/* Takes EV_RESERVE: a new reservation, or its end (cancel). Of a known id the record comes again
 * and nothing happens. */
void reserve_take(struct core *c, const struct event *e);
bool reserve_resume(struct core *c, const struct view_reservation *view);

/* Looks at the reservations of a gun. After order_step(). */
void reserve_step(struct core *c, uint16_t gun);

/* The id of the reservation that keeps this account from charging at the gun at that time ("" =
 * nobody's account); NULL where nothing does. */
const char *reserve_keeps_out(
	const struct site *site, uint16_t gun, const char *account, int64_t at_ms);

void reserve_show(const struct site *site, uint16_t gun, struct view_gun *out);

#endif
