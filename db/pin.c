#include "pin.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "chain.h"
#include "crypto.h"

/* What openssl's own manual gives for interactive logins. */
#define LOG_N 14
#define R     8
#define P     1
#define MEM   (UINT64_C(64) * 1024 * 1024)
#define MARK  "scrypt$14$8$1$"

static int derive(
	const char *pin, const unsigned char salt[CHAIN_SIZE], unsigned char out[CHAIN_SIZE])
{
	return EVP_PBE_scrypt(pin, strlen(pin), salt, CHAIN_SIZE, UINT64_C(1) << LOG_N, R, P, MEM,
		       out, CHAIN_SIZE) == 1
		       ? 0
		       : ERR_NOMEM;
}

int pin_hash(const char *pin, char dst[PIN_HASH_MAX])
{
	unsigned char salt[CHAIN_SIZE], hash[CHAIN_SIZE];
	char salt_hex[CHAIN_HEX], hash_hex[CHAIN_HEX];
	size_t length = strlen(pin);
	int rc;

	if (length < PIN_MIN || length > PIN_MAX || strspn(pin, "0123456789") != length) {
		return ERR_INVAL;
	}
	if (getrandom(salt, sizeof salt, 0) != (ssize_t)sizeof salt) {
		return ERR_IO;
	}
	rc = derive(pin, salt, hash);
	if (rc == 0) {
		chain_hex(salt, salt_hex);
		chain_hex(hash, hash_hex);
		snprintf(dst, PIN_HASH_MAX, MARK "%s$%s", salt_hex, hash_hex);
	}
	return rc;
}

int pin_check(const char *pin, const char *hash)
{
	unsigned char salt[CHAIN_SIZE], stored[CHAIN_SIZE], tried[CHAIN_SIZE];
	char salt_hex[CHAIN_HEX];
	const char *p = hash + strlen(MARK);
	int rc;

	if (strncmp(hash, MARK, strlen(MARK)) != 0 || strlen(p) != 4 * CHAIN_SIZE + 1) {
		return ERR_CORRUPT;
	}
	memcpy(salt_hex, p, CHAIN_HEX - 1);
	salt_hex[CHAIN_HEX - 1] = '\0';
	if (chain_from_hex(salt_hex, salt) != 0 || chain_from_hex(p + CHAIN_HEX, stored) != 0) {
		return ERR_CORRUPT;
	}
	rc = derive(pin, salt, tried);
	if (rc != 0) {
		return rc;
	}
	return CRYPTO_memcmp(tried, stored, CHAIN_SIZE) == 0 ? 0 : ERR_DENIED;
}
