#ifndef PILED_MONEY_H
#define PILED_MONEY_H
/*
 * Money as people write and read it. Amounts are whole fen, prices whole 1e-5 yuan (e5); integers
 * only, nothing is ever rounded while reading.
 */
#include <stddef.h>
#include <stdint.h>

#include "err.h"

/* The most that one amount may be: a hundred million yuan. */
#define MONEY_MAX_FEN INT64_C(10000000000)
/* The most that one price may be: 100 yuan. */
#define PRICE_MAX_E5 INT64_C(10000000)

/* Reads an amount: "12", "12.3", "12.34", "¥12.34", "12.34 yuan", "12.34元"; never negative.
 * ERR_SYNTAX for junk, ERR_NEGATIVE, ERR_PRECISION for more than two decimals, ERR_RANGE above
 * MONEY_MAX_FEN. *fen untouched then. */
int money_parse(const char *text, int64_t *fen);

/* Reads a price, up to five decimals, as money_parse() does; ERR_RANGE above PRICE_MAX_E5. */
int money_price_parse(const char *text, int64_t *e5);

/* "12.34", "-0.05"; VALUE_NONE gives "-". */
void money_format(char *dst, size_t size, int64_t fen);

/* A price with four or five decimals: "0.7124", "0.71245"; VALUE_NONE gives "-". */
void money_price_format(char *dst, size_t size, int64_t e5);

/* What energy costs at a price, rounded half up to a fen, once. 0 <= wh <= 1e11, price within its
 * range: nothing overflows. */
int64_t money_of(int64_t wh, int64_t price_e5);

#endif
