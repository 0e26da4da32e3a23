#ifndef PILED_CRYPTO_H
#define PILED_CRYPTO_H
/* libcrypto's <openssl/evp.h>, whose type ERR_STATE has the name of an error of ours. */
#define ERR_STATE openssl_err_state
#include <openssl/crypto.h> /* IWYU pragma: export */
#include <openssl/evp.h>    /* IWYU pragma: export */
#undef ERR_STATE

#include "err.h"

#endif
