#ifndef PILED_PACK_H
#define PILED_PACK_H
/*
 * Numbers and texts as compact bytes: zigzag varints, least significant group first. One function
 * a type goes both ways, so that what writes a structure also reads it: pack_int(p, &x) appends x,
 * or takes it, as the cursor says.
 *
 * Bounds are kept: past the end `bad` is set, nothing more is written, and reads give 0 and "".
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pack {
	uint8_t *bytes; /* of the caller */
	size_t len;     /* written, or read so far */
	size_t cap;
	bool reading;
	bool bad;
};

/* A cursor that writes into `bytes`; one that reads them (they are not changed). */
struct pack pack_writer(void *bytes, size_t cap);
struct pack pack_reader(const void *bytes, size_t size);

void pack_int(struct pack *p, int64_t *value);
void pack_u8(struct pack *p, uint8_t *value);
void pack_u16(struct pack *p, uint16_t *value);
void pack_i16(struct pack *p, int16_t *value);
void pack_u32(struct pack *p, uint32_t *value);
void pack_u64(struct pack *p, uint64_t *value);
void pack_bool(struct pack *p, bool *value);
/* A char array with its zero; what follows the zero is cleared on reading. */
void pack_text(struct pack *p, char *text, size_t size);

/* FNV-1a over bytes, to tell configurations apart. Not against forgery. */
uint64_t pack_hash(const void *bytes, size_t size);

#endif
