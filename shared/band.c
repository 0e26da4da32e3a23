#include "band.h"

#include <stdio.h>
#include <string.h>

#include "fmt.h"
#include "i18n.h"
#include "text.h"

#define HALF_MS (S_PER_SLOT * MS_PER_S)

void band_of(const struct view_price *rows, size_t count, struct band *out)
{
	memset(out, 0, sizeof *out);
	for (size_t i = 0; i < count; i++) {
		enum period period = PERIOD_FLAT;

		period_find(rows[i].period, &period);
		for (int64_t at = rows[i].from; at < rows[i].to && out->count < BAND_SLOTS;
			at += HALF_MS) {
			out->period[out->count] = (uint8_t)period;
			out->at_ms[out->count++] = at;
			out->end_ms = rows[i].to < at + HALF_MS ? rows[i].to : at + HALF_MS;
		}
	}
}

/* The first character of a text, as a string. */
static void first_of(const char *text, char dst[8])
{
	size_t length;

	text_decode(text, &length);
	snprintf(dst, 8, "%.*s", (int)(length < 7 ? length : 7), text);
}

void band_names(const struct band *band, int width, char *dst, size_t size)
{
	size_t used = 0;
	int column = 0;

	dst[0] = '\0';
	for (int i = 0; i < band->count; i++) {
		bool begins = i == 0 || band->period[i] != band->period[i - 1];
		char name[8];
		int run = 1;

		if (!begins) {
			continue;
		}
		while (i + run < band->count && band->period[i + run] == band->period[i]) {
			run++;
		}
		first_of(_(period_info(band->period[i])->label), name);
		if (text_width(name) <= run * width) {
			text_append(dst, size, &used, "%*s%s", i * width - column, "", name);
			column = i * width + text_width(name);
		}
	}
}

void band_levels(const struct band *band, int width, bool ascii, char *dst, size_t size)
{
	static const char *const blocks[PERIOD_COUNT_] = {"█", "▆", "▄", "▂", "▁"};
	size_t used = 0;

	dst[0] = '\0';
	for (int i = 0; i < band->count * width; i++) {
		unsigned period = band->period[i / width];

		text_append(dst, size, &used, "%s",
			ascii ? period_info(period)->glyph : blocks[period]);
	}
}

void band_hours(const struct band *band, int width, char *dst, size_t size)
{
	size_t used = 0;
	int column = 0;

	dst[0] = '\0';
	for (int i = 0; i < band->count; i++) {
		char when[32];
		int hour;

		/* "2026-03-01 18:00:00" */
		fmt_wall(when, sizeof when, (struct wall){band->at_ms[i]});
		hour = (when[11] - '0') * 10 + when[12] - '0';
		if (strncmp(when + 13, ":00", 3) != 0 || hour % 3 != 0 || i * width < column) {
			continue;
		}
		text_append(dst, size, &used, "%*s%d", i * width - column, "", hour);
		column = i * width + (hour < 10 ? 1 : 2);
	}
}

int band_column(const struct band *band, int width, struct wall at)
{
	for (int i = band->count - 1; i >= 0 && at.ms < band->end_ms; i--) {
		if (band->at_ms[i] <= at.ms) {
			return i * width + (int)((at.ms - band->at_ms[i]) * width / HALF_MS);
		}
	}
	return -1;
}
