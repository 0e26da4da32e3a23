#ifndef PILED_BAND_H
#define PILED_BAND_H
/*
 * A day of a tariff as rows of text: which half hour is which period, readable without colour. Each
 * half hour takes `width` columns.
 *
 *   平   谷      平 峰  平 谷深      谷平 尖      峰        平      band_names()
 *   ▄▄▄▄▂▂▂▂▂▂▂▂▄▄▆▆▆▆▄▄▂▂▁▁▁▁▁▁▂▂▄▄██████▆▆▆▆▄▄▄▄▄▄        band_levels()
 *   0     3     6     9     12    15    18    21                band_hours()
 */
#include "tariff.h"
#include "view.h"

#define BAND_SLOTS 56 /* a day of 28 hours; longer ones are cut */

struct band {
	int count;
	uint8_t period[BAND_SLOTS];
	int64_t at_ms[BAND_SLOTS]; /* begin of the half hour */
	int64_t end_ms;
};

/* From the stretches of a day. */
void band_of(const struct view_price *rows, size_t count, struct band *out);

/* Bytes that always suffice for a row. */
#define BAND_ROW(width) (BAND_SLOTS * (size_t)(width)*4 + 1)

/* The first character of each period's name in the present language, where a stretch begins; needs
 * i18n_init(). */
void band_names(const struct band *band, int width, char *dst, size_t size);
/* Blocks, the dearer the higher; `ascii`: the glyphs of period.def. */
void band_levels(const struct band *band, int width, bool ascii, char *dst, size_t size);
/* Every third hour, in the zone of the process. */
void band_hours(const struct band *band, int width, char *dst, size_t size);

/* The column of an instant; -1 outside of the day. */
int band_column(const struct band *band, int width, struct wall at);

#endif
