#ifndef PILED_EQUIP_H
#define PILED_EQUIP_H
/*
 * The equipment description (struct site_cfg) as bytes and back: a site keeps its own copy, and a
 * journal carries one so that it can be replayed without anything else.
 */
#include "pack.h"
#include "site.h"

/* Bounds of a site. */
#define SITE_PILES_MAX      4096
#define SITE_GUNS_MAX       8192
#define SITE_METERS_MAX     1024
#define SITE_FEEDERS_MAX    256
#define SITE_STOPS_MAX      64
#define SITE_BUSES_MAX      1024
#define SITE_RULES_MAX      256
#define SITE_POWER_MAX_W    100000000
#define SITE_WATCHDOG_MAX_S 86400

/* Appends, or reads into arrays that the caller provides (`cfg` points to them and its counts say
 * how much room they have; the counts are set to what was read). Sets p->bad where there is too
 * little room. */
void equip_pack(struct pack *p, struct site_cfg *cfg);

/* Checks that indices and counts fit together. 0 or ERR_INVAL. */
int equip_check(const struct site_cfg *cfg);

/* The description as allocated bytes; the caller frees them. ERR_NOMEM. */
int equip_bytes(const struct site_cfg *cfg, void **bytes, size_t *size);

/* A description from bytes: one allocation that holds the arrays too; free() it. ERR_CORRUPT,
 * ERR_NOMEM. */
int equip_from_bytes(const void *bytes, size_t size, struct site_cfg **out);

#endif
