#ifndef PILED_CHAIN_H
#define PILED_CHAIN_H
/*
 * Hash chains: SHA-256 over the fields of a row, each with its length in front, and the hash of the
 * row before it, so that no row can be changed, moved, taken out or put in unseen.
 */
#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define CHAIN_SIZE 32
/* Room for a hash in hexadecimal with its NUL. */
#define CHAIN_HEX (2 * CHAIN_SIZE + 1)

/* A hash under way; used for one row after the other. */
struct chain;

/* ERR_NOMEM. chain_free() accepts NULL. */
int chain_new(struct chain **out);
void chain_free(struct chain *chain);

/* Begins a row. `previous`: the hash of the row before it; NULL for the first. */
void chain_begin(struct chain *chain, const unsigned char *previous);

/* The row's fields, in the order that the table's owner has written down. NULL and "" are the
 * same, as they are in the store; VALUE_NONE is a value of its own. */
void chain_int(struct chain *chain, int64_t value);
void chain_text(struct chain *chain, const char *text);
void chain_bytes(struct chain *chain, const void *data, size_t size);

/* Ends it. ERR_NOMEM: some field could not be taken, and there is no hash. */
int chain_end(struct chain *chain, unsigned char out[CHAIN_SIZE]);

/* SHA-256 of bytes as they are, as sha256sum has it. */
int chain_plain(struct chain *chain, const void *data, size_t size, unsigned char out[CHAIN_SIZE]);

/* A hash as text, and back: ERR_SYNTAX. */
void chain_hex(const unsigned char hash[CHAIN_SIZE], char out[CHAIN_HEX]);
int chain_from_hex(const char *text, unsigned char out[CHAIN_SIZE]);

#endif
