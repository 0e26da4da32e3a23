#include "ring.h"

#include <stdlib.h>
#include <string.h>

#include "err.h"

/* In front of each record; records begin at multiples of 8. */
struct head {
	uint32_t size;
	uint32_t kind;
};
/* Fills the end of the buffer where a record does not fit, or was taken out. */
#define KIND_PAD UINT32_MAX

static size_t round8(size_t n)
{
	return (n + 7) & ~(size_t)7;
}

int ring_init(struct ring *ring, size_t size)
{
	memset(ring, 0, sizeof *ring);
	ring->size = round8(size);
	ring->bytes = malloc(ring->size);
	return ring->bytes != NULL ? 0 : ERR_NOMEM;
}

void ring_release(struct ring *ring)
{
	free(ring->bytes);
	memset(ring, 0, sizeof *ring);
}

int ring_put(struct ring *ring, uint32_t kind, const struct ring_part *parts, size_t count)
{
	struct head head = {0, kind};
	size_t at = ring->head % ring->size, room = ring->size - (size_t)(ring->head - ring->tail);
	size_t need, to_end = ring->size - at;

	for (size_t i = 0; i < count; i++) {
		head.size += (uint32_t)parts[i].size;
	}
	need = sizeof head + round8(head.size);
	if (need > to_end) {
		if (to_end + need > room) {
			return ERR_FULL;
		}
		memcpy(ring->bytes + at, &(struct head){(uint32_t)(to_end - sizeof head), KIND_PAD},
			sizeof head);
		ring->head += to_end;
		at = 0;
	} else if (need > room) {
		return ERR_FULL;
	}
	memcpy(ring->bytes + at, &head, sizeof head);
	at += sizeof head;
	for (size_t i = 0; i < count; i++) {
		memcpy(ring->bytes + at, parts[i].data, parts[i].size);
		at += parts[i].size;
	}
	ring->head += need;
	return 0;
}

const void *ring_next(
	const struct ring *ring, uint64_t *position, uint64_t end, uint32_t *kind, size_t *size)
{
	while (*position < end) {
		const unsigned char *p = ring->bytes + *position % ring->size;
		struct head head;

		memcpy(&head, p, sizeof head);
		*position += sizeof head + round8(head.size);
		if (head.kind != KIND_PAD) {
			*kind = head.kind;
			*size = head.size;
			return p + sizeof head;
		}
	}
	return NULL;
}

void ring_void(struct ring *ring, const void *record)
{
	struct head head;
	unsigned char *p =
		ring->bytes + ((const unsigned char *)record - ring->bytes) - sizeof head;

	memcpy(&head, p, sizeof head);
	head.kind = KIND_PAD;
	memcpy(p, &head, sizeof head);
}

void ring_drop(struct ring *ring, uint64_t position)
{
	ring->tail = position;
}
