#ifndef PILESIM_MODBUS_SLAVE_H
#define PILESIM_MODBUS_SLAVE_H
/*
 * The slave's side of Modbus, frames and all: it must be able to answer late, half, wrongly or
 * with nonsense, which no library does. Bytes in, bytes out; no I/O.
 *
 * Functions 3, 4, 6 and 16 reach the registers. 1 and 2 read the state bits of a pile's or meter's
 * register as bits (bit i of the answer is bit i % 16 of register address + i / 16); 5 and 15 are
 * writes that no device here allows: exception 1 as for any other function.
 */
#include <stdbool.h>

#include "sim.h"

#define SLAVE_FRAME_MAX 260

enum framing { FRAMING_RTU, FRAMING_TCP };

struct slave_answer {
	uint8_t bytes[SLAVE_FRAME_MAX];
	size_t size; /* 0 = silence */
	int64_t delay_us;
};

/* Length of the request that `bytes` begin with: > 0 when it is there whole, 0 when more bytes are
 * needed, -1 when it can be no request (RTU: a function of unknown length, a wrong checksum; TCP: a
 * wrong header). */
int slave_request_length(enum framing framing, const uint8_t *bytes, size_t size);

/* Answers one whole request at the model's present time. Faults of the unit are applied. */
void slave_answer(struct sim *sim, unsigned bus, enum framing framing, const uint8_t *request,
	size_t size, struct slave_answer *answer);

/* What faults do to an answer on its way, for ports that carry no bytes. */
enum mishap { MISHAP_NONE, MISHAP_SILENT, MISHAP_CRC, MISHAP_HALF, MISHAP_GARBAGE, MISHAP_FOREIGN };
enum mishap slave_mishap(
	struct sim *sim, unsigned bus, uint8_t unit, int64_t *delay_us, uint8_t *exception);

uint16_t slave_crc(const uint8_t *bytes, size_t size);

#endif
