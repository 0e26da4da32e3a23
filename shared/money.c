#include "money.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "reading.h"

/* An amount with so many decimals at most, in its smallest part. */
static int read_decimals(const char *text, int decimals, int64_t max, int64_t *out)
{
	static const char *const signs[] = {"¥", "￥"};
	const char *p = text;
	bool negative = *p == '-', any = false;
	int64_t value = 0;
	int after = -1; /* digits behind the point */

	p += negative;
	for (size_t i = 0; i < 2; i++) {
		size_t length = strlen(signs[i]);

		if (strncmp(p, signs[i], length) == 0) {
			p += length;
			break;
		}
	}
	for (; (*p >= '0' && *p <= '9') || (*p == '.' && after < 0 && any); p++) {
		if (*p == '.') {
			after = 0;
			continue;
		}
		any = true;
		after += after >= 0;
		if (after <= decimals && value <= max) {
			value = value * 10 + (*p - '0');
		}
	}
	if (!any || after == 0 || (*p != '\0' && strcmp(p, " yuan") != 0 && strcmp(p, "元") != 0)) {
		return ERR_SYNTAX;
	}
	if (negative) {
		return ERR_NEGATIVE;
	}
	if (after > decimals) {
		return ERR_PRECISION;
	}
	for (after = after < 0 ? 0 : after; after < decimals && value <= max; after++) {
		value *= 10;
	}
	if (value > max) {
		return ERR_RANGE;
	}
	*out = value;
	return 0;
}

int money_parse(const char *text, int64_t *fen)
{
	return read_decimals(text, 2, MONEY_MAX_FEN, fen);
}

int money_price_parse(const char *text, int64_t *e5)
{
	return read_decimals(text, 5, PRICE_MAX_E5, e5);
}

static void write_decimals(char *dst, size_t size, int64_t value, uint64_t one, int decimals)
{
	uint64_t v = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

	if (value == VALUE_NONE) {
		snprintf(dst, size, "-");
	} else {
		snprintf(dst, size, "%s%" PRIu64 ".%0*" PRIu64, value < 0 ? "-" : "", v / one,
			decimals, v % one);
	}
}

void money_format(char *dst, size_t size, int64_t fen)
{
	write_decimals(dst, size, fen, 100, 2);
}

void money_price_format(char *dst, size_t size, int64_t e5)
{
	if (e5 != VALUE_NONE && e5 % 10 == 0) {
		write_decimals(dst, size, e5 / 10, 10000, 4);
	} else {
		write_decimals(dst, size, e5, 100000, 5);
	}
}

int64_t money_of(int64_t wh, int64_t price_e5)
{
	return (wh * price_e5 + 500000) / 1000000;
}
