#ifndef PILESIM_REGS_H
#define PILESIM_REGS_H
/*
 * Values into registers, and registers into bytes: high word and high byte first.
 */
#include <stdint.h>

static inline void reg_put(uint16_t *at, int64_t value)
{
	*at = (uint16_t)value;
}

static inline void reg_put32(uint16_t *at, int64_t value)
{
	at[0] = (uint16_t)((uint64_t)value >> 16);
	at[1] = (uint16_t)value;
}

static inline uint16_t byte_get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static inline void byte_put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

#endif
