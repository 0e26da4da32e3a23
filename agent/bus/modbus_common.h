#ifndef PILED_MODBUS_COMMON_H
#define PILED_MODBUS_COMMON_H
/*
 * What the ports over libmodbus have in common.
 */
#include <stdbool.h>
#include <stdint.h>

#include <modbus/modbus.h>

/* No recovery of the library's own: it sleeps and reconnects inside a transaction. */
void common_setup(modbus_t *ctx);

/* The whole reply must have come within this time. */
void common_set_timeout(modbus_t *ctx, int64_t us);

/* 0 (for the default) to 60 s. */
bool common_timeout_ok(int64_t us);

/* errno after a failure of the library as one of ours. */
int common_error(int error);

#endif
