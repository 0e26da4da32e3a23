#ifndef PILED_COST_H
#define PILED_COST_H
/*
 * What a session costs while it runs, and prices at a gun. The same lines as bill.h makes, one
 * after the other as the marks come, so that the last running cost is the bill's sum, but for
 * registers that are computed later.
 *
 * Tariffs are kept by version: TARIFFS_MAX of them, the ones in force and the next ones. A version
 * that another of the same id has replaced gives way first.
 */
#include "emit.h"

#define TARIFFS_MAX 16

/* Takes EV_TARIFF. */
void cost_tariff_take(struct core *c, const struct event *e);

/* The tariff of a gun by the configuration; "" = none. */
const char *cost_tariff_of(const struct site *site, uint16_t gun);
/* The version of a tariff in force at a time; NULL = none is known. */
const struct tariff *cost_tariff(const struct site *site, const char *id, struct wall at);

/* The gun's session begins to be counted, for a tariff and class of accounts. */
void cost_begin(struct core *c, uint16_t gun, const char *tariff, unsigned class);
/* The same where an account takes over what nobody paid for: what flowed before is its own too. */
void cost_take_over(struct core *c, uint16_t gun, const char *tariff, unsigned class);
/* The register of the session at a half hour; `wh` since its start. */
void cost_mark(struct core *c, uint16_t gun, int64_t at_ms, int64_t wh);
/* So far, fen; VALUE_NONE where there is no session or no tariff. */
int64_t cost_fen(const struct site *site, uint16_t gun);
/* What may still come until a stop that is given now has its effect: power x (age of the reading +
 * stop lag + time-out) at the dearer of the prices now and next. Rounded up. */
int64_t cost_margin_fen(const struct core *c, uint16_t gun);
/* The same as energy, without the time-out. */
int64_t cost_margin_wh(const struct core *c, uint16_t gun);

/* Renews the price that the gun shows, at each half hour. */
void cost_step(struct core *c, uint16_t gun);
void cost_show(const struct site *site, uint16_t gun, struct view_gun *out);

#endif
