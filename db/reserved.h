#ifndef PILED_RESERVED_H
#define PILED_RESERVED_H
/*
 * What becomes of a reservation's fee: decided by the record of its end, in the transaction that
 * stores it. Lapsed: the fee is earned; ended otherwise: it goes back.
 */
#include <stddef.h>

#include "ledger.h"
#include "view.h"

/* What the ledger calls it: orders and reservations have ids of their own. */
void reserved_ref(const char *id, char *dst, size_t size);

/* A reservation's record was stored: takes or releases its fee where it has ended, once. 0 also
 * where there was nothing to do; an error of the database ends the caller's transaction. */
int reserved_settle(
	struct ledger *ledger, const struct view_reservation *reservation, int64_t now_ms);

#endif
