#ifndef PILED_CORE_AUTH_H
#define PILED_CORE_AUTH_H
/*
 * Cards and VINs: what a pile's reader shows and what a car tells, and when it is asked about
 * (ACT_AUTH). See piled(8), "Cards and VINs".
 *
 * Only what changed before our eyes counts: what a register shows when it is first read, or after
 * a silence, may be of the driver before. A card counts each time that it appears. A VIN counts
 * with the plugging that it comes with, while nothing was charged in it: so a charge that was
 * stopped does not begin again by itself.
 */
#include "emit.h"

enum auth_by { AUTH_NONE, AUTH_CARD, AUTH_VIN };

/* A text point of the gun was read: PT_CARD or PT_VIN, others are left alone. "" and zeros are
 * none. */
void auth_text(struct core *c, uint16_t gun, unsigned point, const char *text);

/* Asks, gives up. `ordered`: an order is under way, of which a VIN says nothing new. */
void auth_step(struct core *c, uint16_t gun, bool ordered);

/* The answer came, or it is no longer of use. */
void auth_done(struct site *site, uint16_t gun);

/* Somebody may be about to pay for what charges now. */
bool auth_waits(const struct site *site, uint16_t gun);

/* The card or VIN that what begins now may be laid to; "" = none. */
const char *auth_last(const struct site *site, uint16_t gun, struct mono now);
/* The same as everybody may see it: "card ****B2C3". */
void auth_who(const struct site *site, uint16_t gun, struct mono now, char *dst, size_t size);

#endif
