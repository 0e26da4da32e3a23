#include "pack.h"

#include <string.h>

struct pack pack_writer(void *bytes, size_t cap)
{
	return (struct pack){.bytes = bytes, .cap = cap};
}

struct pack pack_reader(const void *bytes, size_t size)
{
	return (struct pack){.bytes = (uint8_t *)(uintptr_t)bytes, .cap = size, .reading = true};
}

static void put(struct pack *p, uint64_t v)
{
	do {
		if (p->len >= p->cap) {
			p->bad = true;
			return;
		}
		p->bytes[p->len++] = (uint8_t)((v & 0x7F) | (v > 0x7F ? 0x80 : 0));
		v >>= 7;
	} while (v != 0);
}

static uint64_t get(struct pack *p)
{
	uint64_t v = 0;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		uint8_t b;

		if (p->bad || p->len >= p->cap) {
			break;
		}
		b = p->bytes[p->len++];
		if (shift == 63 && b > 1) {
			break;
		}
		v |= (uint64_t)(b & 0x7F) << shift;
		if ((b & 0x80) == 0) {
			return v;
		}
	}
	p->bad = true;
	return 0;
}

void pack_u64(struct pack *p, uint64_t *value)
{
	if (p->reading) {
		*value = get(p);
	} else {
		put(p, *value);
	}
}

void pack_int(struct pack *p, int64_t *value)
{
	if (p->reading) {
		uint64_t v = get(p);

		*value = (int64_t)((v >> 1) ^ (0 - (v & 1)));
	} else {
		uint64_t v = (uint64_t)*value;

		put(p, (v << 1) ^ (0 - (v >> 63)));
	}
}

/* An unsigned number of at most `max`. */
static uint64_t bounded(struct pack *p, uint64_t value, uint64_t max)
{
	pack_u64(p, &value);
	if (value > max) {
		p->bad = true;
		return 0;
	}
	return value;
}

void pack_u8(struct pack *p, uint8_t *value)
{
	*value = (uint8_t)bounded(p, *value, UINT8_MAX);
}

void pack_u16(struct pack *p, uint16_t *value)
{
	*value = (uint16_t)bounded(p, *value, UINT16_MAX);
}

void pack_u32(struct pack *p, uint32_t *value)
{
	*value = (uint32_t)bounded(p, *value, UINT32_MAX);
}

void pack_i16(struct pack *p, int16_t *value)
{
	int64_t v = *value;

	pack_int(p, &v);
	if (v < INT16_MIN || v > INT16_MAX) {
		p->bad = true;
		v = 0;
	}
	*value = (int16_t)v;
}

void pack_bool(struct pack *p, bool *value)
{
	*value = bounded(p, *value ? 1 : 0, 1) != 0;
}

void pack_text(struct pack *p, char *text, size_t size)
{
	uint64_t n = p->reading ? 0 : strnlen(text, size - 1);

	n = bounded(p, n, size - 1);
	if (p->bad || n > p->cap - p->len) {
		p->bad = true;
		n = 0;
	}
	if (p->reading) {
		memcpy(text, p->bytes + p->len, n);
		memset(text + n, 0, size - n);
	} else {
		memcpy(p->bytes + p->len, text, n);
	}
	p->len += n;
}

uint64_t pack_hash(const void *bytes, size_t size)
{
	const uint8_t *b = bytes;
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < size; i++) {
		h = (h ^ b[i]) * UINT64_C(0x100000001b3);
	}
	return h;
}
