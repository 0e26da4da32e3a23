#ifndef PILED_CORE_ORDER_H
#define PILED_CORE_ORDER_H
/*
 * Orders: the contract of one charge at a gun. See piled(8), "PAID CHARGES".
 *
 *   held -> starting -> charging -> ended
 *                 \-> failed      (the pile did not start: what is held is released)
 *                 \-> cancelled   (before a charge began)
 *
 * An order comes when its prepayment is held. It starts the gun, or takes a session that runs
 * without an order, or over one of an unknown payer: from its start on. It is bound to one session:
 * another car never charges on it. It stops the charge in time, so that what is delivered until the
 * stop has its effect stays within the prepayment (cost_margin_fen()), and at its limit of time or
 * energy; a stop without effect is given again. A start that is not answered in time fails, but not
 * while load management makes the gun wait: then it is given again when there is room, and the gun
 * keeps its place in the line.
 *
 * With billing, a session that nobody gave an order for gets one by itself: free, unknown, or
 * refused (stopped at once), as configured. A card or VIN that is read at the pile is asked about
 * first: auth.h.
 */
#include "emit.h"
#include "orderwords.h"

/* Takes EV_ORDER: a new order, its end (cancel: it only needs gun and id), or one that was refused
 * already (state failed): its record is given out. Of a known id the record comes again and nothing
 * happens. */
void order_take(struct core *c, const struct event *e);
bool order_resume(struct core *c, const struct view_order *view);

/* The gun's session begins or was resumed; it ends: before its record is given out. */
void order_session_opened(struct core *c, uint16_t gun);
void order_session_closed(struct core *c, uint16_t gun);

/* A stop of more than the gun holds it: an order that waits there is cancelled, `why` is added to
 * its reason. */
void order_halted(struct core *c, uint16_t gun, const char *why);

/* Starts, watches the limits, gives up. After session_step(). */
void order_step(struct core *c, uint16_t gun);
/* Gives out the record that changed. */
void order_flush(struct core *c, uint16_t gun);

/* An order at this gun has not ended. */
bool order_open(const struct site *site, uint16_t gun);

/* May a start be given: there is an order, or none is needed. */
bool order_allows_start(const struct site *site, uint16_t gun);

/* An order wants this gun to charge and it does not yet: it keeps its place in the line. */
bool order_starts(const struct site *site, uint16_t gun);

/* Since when it does: by the wall clock where that was before a restart. */
struct mono order_asked(const struct site *site, uint16_t gun, struct moment now);

void order_show(const struct site *site, uint16_t gun, struct view_gun *out);

#endif
