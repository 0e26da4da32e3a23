/* Requests to bytes and replies back. */
#include <string.h>

#include "err.h"
#include "frame.h"

enum { READ_COILS = 1, READ_INPUTS, READ_HOLDING, READ_REGISTERS, WRITE_COIL, WRITE_REGISTER };
enum { WRITE_COILS = 15, WRITE_REGISTERS = 16 };

static void put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static uint16_t get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static bool is_read(uint8_t function)
{
	return function >= READ_COILS && function <= READ_REGISTERS;
}

static size_t data_bytes(const struct bus_request *request)
{
	bool bits = request->function == READ_COILS || request->function == READ_INPUTS ||
		    request->function == WRITE_COILS;

	return bits ? ((size_t)request->count + 7) / 8 : (size_t)request->count * 2;
}

static bool valid(const struct bus_request *request)
{
	if (request->count == 0 || request->address + request->count > 0x10000) {
		return false;
	}
	switch (request->function) {
	case READ_COILS:
	case READ_INPUTS:
	case READ_HOLDING:
	case READ_REGISTERS:
		return request->count <= BUS_MAX_READ;
	case WRITE_COIL:
	case WRITE_REGISTER:
		return request->count == 1;
	case WRITE_COILS:
	case WRITE_REGISTERS:
		return request->count <= BUS_MAX_WRITE;
	default:
		return false;
	}
}

int frame_request(const struct bus_request *request, uint8_t out[FRAME_MAX])
{
	size_t bytes = data_bytes(request);

	if (!valid(request)) {
		return ERR_RANGE;
	}
	out[0] = request->unit;
	out[1] = request->function;
	put16(out + 2, request->address);
	put16(out + 4, request->count);
	switch (request->function) {
	case WRITE_COIL:
		put16(out + 4, request->values[0] ? 0xFF00 : 0);
		return 6;
	case WRITE_REGISTER:
		put16(out + 4, request->values[0]);
		return 6;
	case WRITE_COILS:
		out[6] = (uint8_t)bytes;
		memset(out + 7, 0, bytes);
		for (size_t i = 0; i < request->count; i++) {
			out[7 + i / 8] |= (uint8_t)((request->values[i] ? 1 : 0) << (i % 8));
		}
		return (int)(7 + bytes);
	case WRITE_REGISTERS:
		out[6] = (uint8_t)bytes;
		for (size_t i = 0; i < request->count; i++) {
			put16(out + 7 + 2 * i, request->values[i]);
		}
		return (int)(7 + bytes);
	default:
		return 6;
	}
}

size_t frame_reply_length(const struct bus_request *request)
{
	return is_read(request->function) ? 3 + data_bytes(request) : 6;
}

static int check_read(const struct bus_request *request, const uint8_t *frame, size_t length,
	struct bus_reply *reply)
{
	if (frame[2] != data_bytes(request)) {
		return ERR_FOREIGN;
	}
	if (length < frame_reply_length(request)) {
		return ERR_FRAME;
	}
	for (size_t i = 0; i < request->count; i++) {
		reply->values[i] = request->function <= READ_INPUTS
					   ? frame[3 + i / 8] >> (i % 8) & 1
					   : get16(frame + 3 + 2 * i);
	}
	return 0;
}

/* A write is echoed: the place, and the value or the count. */
static int check_write(const struct bus_request *request, const uint8_t *frame, size_t length)
{
	uint8_t sent[FRAME_MAX];

	if (length < 6) {
		return ERR_FRAME;
	}
	return frame_request(request, sent) > 0 && memcmp(sent + 2, frame + 2, 4) == 0
		       ? 0
		       : ERR_FOREIGN;
}

int frame_check(const struct bus_request *request, const uint8_t *frame, size_t length,
	struct bus_reply *reply)
{
	if (length < 3) {
		return ERR_FRAME;
	}
	if (frame[0] != request->unit) {
		return ERR_FOREIGN;
	}
	if (frame[1] == (request->function | 0x80)) {
		reply->exception = frame[2];
		return ERR_EXCEPTION;
	}
	if (frame[1] != request->function) {
		return ERR_FOREIGN;
	}
	return is_read(request->function) ? check_read(request, frame, length, reply)
					  : check_write(request, frame, length);
}

/* CRC-16 of the serial line guide 1.02, 6.2.2; low byte first on the wire. */
static uint16_t crc16(const uint8_t *bytes, size_t length)
{
	uint16_t crc = 0xFFFF;

	for (size_t i = 0; i < length; i++) {
		crc ^= bytes[i];
		for (int bit = 0; bit < 8; bit++) {
			crc = crc & 1 ? (uint16_t)(crc >> 1 ^ 0xA001) : (uint16_t)(crc >> 1);
		}
	}
	return crc;
}

bool frame_sound(const uint8_t *frame, size_t length)
{
	return length >= 4 &&
	       crc16(frame, length - 2) == (frame[length - 2] | frame[length - 1] << 8);
}

int frame_find(const struct bus_request *request, const uint8_t *bytes, size_t length,
	struct bus_reply *reply)
{
	size_t whole = frame_reply_length(request) + 2;

	for (size_t at = 1; at <= FRAME_NOISE_MAX && at + 5 <= length; at++) {
		bool refused = bytes[at + 1] == (request->function | 0x80);
		size_t wanted = refused ? 5 : whole;

		if (bytes[at] == request->unit && at + wanted <= length &&
			frame_sound(bytes + at, wanted)) {
			return frame_check(request, bytes + at, wanted - 2, reply);
		}
	}
	return ERR_CRC;
}
