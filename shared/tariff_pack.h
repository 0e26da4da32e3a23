#ifndef PILED_TARIFF_PACK_H
#define PILED_TARIFF_PACK_H
/*
 * A tariff as bytes that do not depend on machine or build: what the store keeps beside the text,
 * so that a bill of years ago is recomputed by what was in force, whatever the text would mean to a
 * later program.
 */
#include "pack.h"
#include "tariff.h"

/* Bytes that always suffice. */
#define TARIFF_PACKED_MAX 8192

/* Writes or reads, as the cursor says. What is read is checked (tariff_valid()); `bad` is set for
 * what is no tariff or of a later format. */
void tariff_pack(struct pack *p, struct tariff *t);

#endif
