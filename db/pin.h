#ifndef PILED_PIN_H
#define PILED_PIN_H
/*
 * PINs: kept as a slow, salted hash (scrypt of libcrypto: 16 MiB, some 50 ms). Never on the loop.
 */
#include <stddef.h>

#include "err.h"

#define PIN_MIN 4
#define PIN_MAX 12
/* "scrypt$14$8$1$SALT$HASH" in hexadecimal. */
#define PIN_HASH_MAX 160

/* A hash that is no PIN's; to look at it takes as long as at any. */
#define PIN_NONE                                                            \
	"scrypt$14$8$1$"                                                    \
	"0000000000000000000000000000000000000000000000000000000000000000$" \
	"0000000000000000000000000000000000000000000000000000000000000000"

/* ERR_INVAL: not PIN_MIN to PIN_MAX digits; ERR_NOMEM. */
int pin_hash(const char *pin, char dst[PIN_HASH_MAX]);

/* 0: it is the one; ERR_DENIED: it is not; ERR_CORRUPT: that is no hash. */
int pin_check(const char *pin, const char *hash);

#endif
