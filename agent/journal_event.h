#ifndef PILED_JOURNAL_EVENT_H
#define PILED_JOURNAL_EVENT_H
/*
 * Events as bytes. Times are coded against the event before; readings by the shape of the reply
 * (which targets, points and qualities, in which order): a shape that was seen before is a number,
 * and only the values that differ from the last reply of that shape follow, as differences in
 * steps of what the device measures in.
 *
 * The same functions write and read (shared/pack.h); both sides keep the same dictionary.
 */
#include "pack.h"
#include "site.h"

#define JE_SAMPLES_MAX 2048  /* of one event */
#define JE_SHAPES_MAX  8192  /* known shapes */
#define JE_POOL_MAX    65536 /* samples of all known shapes */

struct je_codec;

int je_new(struct je_codec **out);
void je_free(struct je_codec *codec);

/* Forgets everything: a new segment begins. */
void je_reset(struct je_codec *codec);

/* Room that an event may need at most, packed. */
size_t je_bound(const struct event *event);

/* Writes an event; there must be je_bound() bytes. ERR_TOOLONG for more samples than can be kept
 * (nothing is written). */
int je_write(struct je_codec *codec, struct pack *p, const struct event *event);

/* Reads one. What it points to is the codec's until the next call. ERR_CORRUPT. */
int je_read(struct je_codec *codec, struct pack *p, struct event *event);

#endif
