#include "chain.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "crypto.h"
#include "reading.h"

/* Fields are gathered here, so that a row is mostly one call of the library. */
#define GATHER 1024
/* The length of a value that is none. */
#define LENGTH_NONE UINT32_MAX

struct chain {
	EVP_MD *sha256;
	EVP_MD_CTX *context;
	unsigned char bytes[GATHER];
	size_t used;
	bool failed;
};

int chain_new(struct chain **out)
{
	struct chain *c = calloc(1, sizeof *c);

	if (c == NULL) {
		return ERR_NOMEM;
	}
	c->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	c->context = EVP_MD_CTX_new();
	if (c->sha256 == NULL || c->context == NULL) {
		chain_free(c);
		return ERR_NOMEM;
	}
	*out = c;
	return 0;
}

void chain_free(struct chain *c)
{
	if (c == NULL) {
		return;
	}
	EVP_MD_CTX_free(c->context);
	EVP_MD_free(c->sha256);
	free(c);
}

static void flush(struct chain *c)
{
	if (c->used > 0 && EVP_DigestUpdate(c->context, c->bytes, c->used) != 1) {
		c->failed = true;
	}
	c->used = 0;
}

static void add(struct chain *c, const void *data, size_t size)
{
	const unsigned char *p = data;

	while (size > 0) {
		size_t n = GATHER - c->used < size ? GATHER - c->used : size;

		memcpy(c->bytes + c->used, p, n);
		c->used += n;
		p += n;
		size -= n;
		if (c->used == GATHER) {
			flush(c);
		}
	}
}

static void put_length(unsigned char b[4], uint32_t length)
{
	b[0] = (unsigned char)(length >> 24);
	b[1] = (unsigned char)(length >> 16);
	b[2] = (unsigned char)(length >> 8);
	b[3] = (unsigned char)length;
}

void chain_begin(struct chain *c, const unsigned char *previous)
{
	static const unsigned char first[CHAIN_SIZE];

	c->used = 0;
	c->failed = EVP_DigestInit_ex2(c->context, c->sha256, NULL) != 1;
	chain_bytes(c, previous != NULL ? previous : first, CHAIN_SIZE);
}

void chain_int(struct chain *c, int64_t value)
{
	unsigned char b[8];

	if (value == VALUE_NONE) {
		put_length(b, LENGTH_NONE);
		add(c, b, 4);
		return;
	}
	for (size_t i = 0; i < sizeof b; i++) {
		b[i] = (unsigned char)((uint64_t)value >> (56 - 8 * i));
	}
	chain_bytes(c, b, sizeof b);
}

void chain_text(struct chain *c, const char *text)
{
	chain_bytes(c, text, text == NULL ? 0 : strlen(text));
}

void chain_bytes(struct chain *c, const void *data, size_t size)
{
	unsigned char length[4];

	if (size >= LENGTH_NONE) {
		c->failed = true;
		return;
	}
	put_length(length, (uint32_t)size);
	if (GATHER - c->used <= sizeof length + size) {
		add(c, length, sizeof length);
		add(c, data, size);
		return;
	}
	/* it fits, as nearly all do */
	memcpy(c->bytes + c->used, length, sizeof length);
	c->used += sizeof length;
	if (size > 0) {
		memcpy(c->bytes + c->used, data, size);
		c->used += size;
	}
}

int chain_end(struct chain *c, unsigned char out[CHAIN_SIZE])
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned int size = 0;

	flush(c);
	if (c->failed || EVP_DigestFinal_ex(c->context, hash, &size) != 1 || size != CHAIN_SIZE) {
		return ERR_NOMEM;
	}
	memcpy(out, hash, CHAIN_SIZE);
	return 0;
}

int chain_plain(struct chain *c, const void *data, size_t size, unsigned char out[CHAIN_SIZE])
{
	c->used = 0;
	c->failed = EVP_DigestInit_ex2(c->context, c->sha256, NULL) != 1;
	add(c, data, size);
	return chain_end(c, out);
}

void chain_hex(const unsigned char hash[CHAIN_SIZE], char out[CHAIN_HEX])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < CHAIN_SIZE; i++) {
		out[2 * i] = digits[hash[i] >> 4];
		out[2 * i + 1] = digits[hash[i] & 15];
	}
	out[2 * CHAIN_SIZE] = '\0';
}

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int chain_from_hex(const char *text, unsigned char out[CHAIN_SIZE])
{
	unsigned char hash[CHAIN_SIZE];

	if (strlen(text) != 2 * CHAIN_SIZE) {
		return ERR_SYNTAX;
	}
	for (size_t i = 0; i < CHAIN_SIZE; i++) {
		int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);

		if (high < 0 || low < 0) {
			return ERR_SYNTAX;
		}
		hash[i] = (unsigned char)(high << 4 | low);
	}
	memcpy(out, hash, CHAIN_SIZE);
	return 0;
}
