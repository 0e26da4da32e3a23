#ifndef PILED_FRAME_H
#define PILED_FRAME_H
/*
 * Requests to bytes and replies back, without transport: the unit's address and the PDU, which
 * serial and TCP frames have in common. Pure. Modbus application protocol 1.1b3.
 */
#include <stddef.h>

#include "port.h"

#define FRAME_MAX 256 /* address and PDU: 1 + 253, and room */

/* Writes address and PDU; returns the length, ERR_RANGE for a request that is none. */
int frame_request(const struct bus_request *request, uint8_t out[FRAME_MAX]);

/* Length of address and PDU of the good reply. */
size_t frame_reply_length(const struct bus_request *request);

/* Takes the reply apart: 0 with reply->values, ERR_EXCEPTION with reply->exception, ERR_FOREIGN
 * (another unit, function, place or count than asked for), ERR_FRAME (too short). */
int frame_check(const struct bus_request *request, const uint8_t *frame, size_t length,
	struct bus_reply *reply);

/* Looks for the serial reply, checksum included, behind up to FRAME_NOISE_MAX bytes of noise: a
 * line without bias gives a zero byte when a transceiver is switched. Result as of frame_check(),
 * ERR_CRC when there is none. */
#define FRAME_NOISE_MAX 4
int frame_find(const struct bus_request *request, const uint8_t *bytes, size_t length,
	struct bus_reply *reply);

/* Is it a serial frame with a good checksum? */
bool frame_sound(const uint8_t *frame, size_t length);

#endif
