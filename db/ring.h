#ifndef PILED_RING_H
#define PILED_RING_H
/*
 * A bounded queue of byte records: what callers hand over and the writer takes. A record stays in
 * the queue until it is dropped, so that the queue itself is the memory of what could not be
 * written yet. No locks inside: the owner holds one around each call. A record that was looked at
 * may be read without the lock until it is dropped.
 */
#include <stddef.h>
#include <stdint.h>

struct ring {
	unsigned char *bytes;
	size_t size;
	uint64_t head, tail; /* positions since the beginning; head == tail: empty */
};

/* One part of a record to put. */
struct ring_part {
	const void *data;
	size_t size;
};

/* Allocates room for `size` bytes (rounded up to 8). ERR_NOMEM. */
int ring_init(struct ring *ring, size_t size);
void ring_release(struct ring *ring);

/* Copies the parts, one behind the other, as a record of this kind. ERR_FULL. */
int ring_put(struct ring *ring, uint32_t kind, const struct ring_part *parts, size_t count);

/* The record at *position (start with ring->tail); moves *position behind it. NULL at `end`. */
const void *ring_next(
	const struct ring *ring, uint64_t *position, uint64_t end, uint32_t *kind, size_t *size);

/* Takes out a record that ring_next() gave: it is not given again. */
void ring_void(struct ring *ring, const void *record);

/* Drops every record before `position`. */
void ring_drop(struct ring *ring, uint64_t position);

#endif
