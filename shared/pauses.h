#ifndef PILED_PAUSES_H
#define PILED_PAUSES_H
/*
 * Pauses of a visit: times in which the site itself held the car, so that it does not park. As text
 * "FROM-TO FROM-TO FROM-", in ms since 1970, ascending; without a TO it lasts still.
 */
#include "bill.h"

#define PAUSES_MAX  8
#define PAUSES_TEXT 240 /* room for all of them */

/* Writes them; `open_ms` is since when one lasts, 0 = none does. */
void pauses_write(
	const struct parking_pause *pauses, size_t count, int64_t open_ms, char dst[PAUSES_TEXT]);

/* Reads them: how many; `open_ms` as above. ERR_INVAL: the text is no such list. */
int pauses_read(const char *text, struct parking_pause pauses[PAUSES_MAX], int64_t *open_ms);

#endif
