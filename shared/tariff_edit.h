#ifndef PILED_TARIFF_EDIT_H
#define PILED_TARIFF_EDIT_H
/*
 * Another price in the text of a tariff, everything else as it was: for a quick change without an
 * editor. What comes out is a text like any other and is checked like one.
 */
#include <stddef.h>

#define TARIFF_SPOTS 26

/* A price that stands in the text. */
struct tariff_spot {
	const char *part; /* "electricity" or "service", also a message id */
	char period[12];  /* as the text has it; "" = all */
	size_t map;       /* which of the maps for months, from 1 on; 0 = there is one for all */
	char value[32];   /* as it is written: "0.7000", "+70 %" */
	size_t offset;    /* of the value */
};

/* The prices of a text that is a tariff, in its order, at most `room`; their number. */
size_t tariff_spots(const char *text, struct tariff_spot *spots, size_t room);

/* The text with another price at a spot (NULL: at none) and another date. ERR_SYNTAX where the text
 * has no date, ERR_TOOLONG. */
int tariff_edit(const char *text, const struct tariff_spot *spot, const char *value,
	const char *from, char *dst, size_t size);

#endif
