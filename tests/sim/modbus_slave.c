#include <string.h>

#include "modbus_slave.h"
#include "regs.h"
#include "sim_int.h"
#include "timex.h"

#define MBAP 7

uint16_t slave_crc(const uint8_t *bytes, size_t size)
{
	uint16_t crc = 0xffff;

	for (size_t i = 0; i < size; i++) {
		crc ^= bytes[i];
		for (int bit = 0; bit < 8; bit++) {
			crc = (uint16_t)(crc & 1 ? crc >> 1 ^ 0xa001 : crc >> 1);
		}
	}
	return crc;
}

static int rtu_length(const uint8_t *bytes, size_t size)
{
	size_t need = 8;

	if (size < 2) {
		return 0;
	}
	if (bytes[1] == 15 || bytes[1] == 16) {
		if (size < 7) {
			return 0;
		}
		need = 9u + bytes[6];
	}
	if (size < need) {
		return 0;
	}
	uint16_t crc = slave_crc(bytes, need - 2);
	bool right = bytes[need - 2] == (crc & 0xff) && bytes[need - 1] == crc >> 8;

	return need <= SLAVE_FRAME_MAX && right ? (int)need : -1;
}

static int tcp_length(const uint8_t *bytes, size_t size)
{
	if (size < 6) {
		return 0;
	}
	unsigned length = byte_get16(bytes + 4);

	if (byte_get16(bytes + 2) != 0 || length < 2 || length > SLAVE_FRAME_MAX - 6) {
		return -1;
	}
	return size < 6 + length ? 0 : (int)(6 + length);
}

int slave_request_length(enum framing framing, const uint8_t *bytes, size_t size)
{
	return framing == FRAMING_RTU ? rtu_length(bytes, size) : tcp_length(bytes, size);
}

/* A piece of the PDU: function 1..4. Returns the exception code or 0. */
static int read_pdu(struct sim *sim, unsigned bus, uint8_t unit, const uint8_t *pdu, size_t size,
	uint8_t *out, size_t *out_size)
{
	uint16_t values[BUS_MAX_READ] = {0};
	bool bits = pdu[0] < 3;
	unsigned count = size == 5 ? byte_get16(pdu + 3) : 0;
	unsigned registers = bits ? (count + 15) / 16 : count;
	int exception;

	if (count < 1 || registers > BUS_MAX_READ) {
		return 3;
	}
	exception = sim_read(sim, bus, unit, byte_get16(pdu + 1), (uint16_t)registers, values);
	if (exception) {
		return exception;
	}
	out[0] = pdu[0];
	out[1] = (uint8_t)(bits ? (count + 7) / 8 : count * 2);
	for (unsigned i = 0; i < out[1]; i++) {
		/* Bits go low byte first, registers high byte first. */
		bool high = bits ? i % 2 == 1 : i % 2 == 0;

		out[2 + i] = (uint8_t)(high ? values[i / 2] >> 8 : values[i / 2]);
	}
	if (bits && count % 8) {
		out[1 + out[1]] &= (uint8_t)((1u << count % 8) - 1);
	}
	*out_size = 2u + out[1];
	return 0;
}

static int write_pdu(struct sim *sim, unsigned bus, uint8_t unit, const uint8_t *pdu, size_t size,
	uint8_t *out, size_t *out_size)
{
	uint16_t values[BUS_MAX_WRITE];
	unsigned count = 1;
	int exception;

	if (pdu[0] == 6) {
		if (size != 5) {
			return 3;
		}
		values[0] = byte_get16(pdu + 3);
	} else {
		count = size >= 6 ? byte_get16(pdu + 3) : 0;
		if (count < 1 || count > BUS_MAX_WRITE || pdu[5] != count * 2 ||
			size != 6 + count * 2) {
			return 3;
		}
		for (unsigned i = 0; i < count; i++) {
			values[i] = byte_get16(pdu + 6 + 2 * i);
		}
	}
	exception = sim_write(sim, bus, unit, byte_get16(pdu + 1), (uint16_t)count, values);
	if (!exception) {
		memcpy(out, pdu, 5);
		*out_size = 5;
	}
	return exception;
}

static void answer_pdu(struct sim *sim, unsigned bus, uint8_t unit, const uint8_t *pdu, size_t size,
	uint8_t *out, size_t *out_size)
{
	int exception = 1;

	if (pdu[0] >= 1 && pdu[0] <= 4) {
		exception = read_pdu(sim, bus, unit, pdu, size, out, out_size);
	} else if (pdu[0] == 6 || pdu[0] == 16) {
		exception = write_pdu(sim, bus, unit, pdu, size, out, out_size);
	}
	if (exception) {
		out[0] = pdu[0] | 0x80;
		out[1] = (uint8_t)exception;
		*out_size = 2;
	}
}

static bool has(const struct sim_device *device, enum sim_fault_kind kind)
{
	return device->faults >> kind & 1;
}

static bool hits(struct sim *sim, const struct sim_device *device, enum sim_fault_kind kind)
{
	return has(device, kind) && rng_range(&sim->wire, 0, 99) < device->args[kind];
}

static bool booting_silent(const struct sim *sim, const struct sim_device *device)
{
	const struct sim_pile *pile = &sim->piles[device->index];

	return !device->meter && pile->boot_until != SIM_NEVER &&
	       sim->now_us / US_PER_S < pile->boot_until - BOOT_S + BOOT_SILENT_S;
}

enum mishap slave_mishap(
	struct sim *sim, unsigned bus, uint8_t unit, int64_t *delay_us, uint8_t *exception)
{
	struct sim_device *device = sim_device_at(sim, bus, unit);

	*delay_us = 0;
	*exception = 0;
	if (!device || sim->bus_faults[bus] || booting_silent(sim, device)) {
		return MISHAP_SILENT;
	}
	if (device->faults == 0) {
		return MISHAP_NONE;
	}
	if (has(device, SF_SILENT) || has(device, SF_METER_DEAD)) {
		return MISHAP_SILENT;
	}
	if (has(device, SF_SLOW)) {
		*delay_us = device->args[SF_SLOW] * US_PER_MS;
	}
	if (has(device, SF_EXCEPTION)) {
		*exception = (uint8_t)device->args[SF_EXCEPTION];
	}
	if (hits(sim, device, SF_CRC)) {
		return MISHAP_CRC;
	}
	if (hits(sim, device, SF_HALF)) {
		return MISHAP_HALF;
	}
	if (hits(sim, device, SF_GARBAGE)) {
		return MISHAP_GARBAGE;
	}
	return hits(sim, device, SF_FOREIGN) ? MISHAP_FOREIGN : MISHAP_NONE;
}

static void spoil(struct sim *sim, enum mishap mishap, struct slave_answer *answer)
{
	switch (mishap) {
	case MISHAP_HALF:
		answer->size = answer->size / 2;
		break;
	case MISHAP_GARBAGE:
		answer->size = (size_t)rng_range(&sim->wire, 1, 40);
		for (size_t i = 0; i < answer->size; i++) {
			answer->bytes[i] = (uint8_t)rng_next(&sim->wire);
		}
		break;
	default:
		break;
	}
}

void slave_answer(struct sim *sim, unsigned bus, enum framing framing, const uint8_t *request,
	size_t size, struct slave_answer *answer)
{
	bool rtu = framing == FRAMING_RTU;
	uint8_t unit = rtu ? request[0] : request[6];
	const uint8_t *pdu = request + (rtu ? 1 : MBAP);
	size_t pdu_size = size - (rtu ? 3 : MBAP);
	uint8_t *out = answer->bytes + (rtu ? 1 : MBAP);
	size_t out_size = 0;
	uint8_t exception;
	enum mishap mishap;

	answer->size = 0;
	mishap = slave_mishap(sim, bus, unit, &answer->delay_us, &exception);
	if (mishap == MISHAP_SILENT || pdu_size < 1) {
		return;
	}
	if (exception) {
		out[0] = pdu[0] | 0x80;
		out[1] = exception;
		out_size = 2;
	} else {
		answer_pdu(sim, bus, unit, pdu, pdu_size, out, &out_size);
	}
	if (mishap == MISHAP_NONE && (out[0] == 3 || out[0] == 4)) {
		sim_answered(sim, bus, unit, byte_get16(pdu + 1), byte_get16(pdu + 3),
			mono_add_us(sim_now(sim), answer->delay_us));
	}
	if (mishap == MISHAP_FOREIGN) {
		unit = (uint8_t)(unit % 247 + 1);
	}
	if (rtu) {
		answer->bytes[0] = unit;
		uint16_t crc = slave_crc(answer->bytes, 1 + out_size);

		crc ^= mishap == MISHAP_CRC ? 0x5a5a : 0;
		out[out_size] = (uint8_t)crc;
		out[out_size + 1] = (uint8_t)(crc >> 8);
		answer->size = out_size + 3;
	} else {
		memcpy(answer->bytes, request, 4);
		answer->bytes[2] ^= mishap == MISHAP_CRC ? 0x5a : 0;
		byte_put16(answer->bytes + 4, (unsigned)out_size + 1);
		answer->bytes[6] = unit;
		answer->size = out_size + MBAP;
	}
	spoil(sim, mishap, answer);
}
