#include "pauses.h"

#include <inttypes.h>
#include <string.h>

#include "err.h"
#include "text.h"

/* A time has 13 digits until the year 2286; more are none. */
#define TIME_MAX INT64_C(9999999999999)

void pauses_write(
	const struct parking_pause *pauses, size_t count, int64_t open_ms, char dst[PAUSES_TEXT])
{
	size_t used = 0;

	memset(dst, 0, PAUSES_TEXT);
	for (size_t i = 0; i < count && i < PAUSES_MAX; i++) {
		text_append(dst, PAUSES_TEXT, &used, "%s%" PRId64 "-%" PRId64, i > 0 ? " " : "",
			pauses[i].from.ms, pauses[i].to.ms);
	}
	if (open_ms != 0) {
		text_append(
			dst, PAUSES_TEXT, &used, "%s%" PRId64 "-", used > 0 ? " " : "", open_ms);
	}
}

/* The number up to `end`, which is left behind it. */
static int take(const char **at, char end, int64_t *value)
{
	char digits[16];
	size_t n = 0;

	while (**at >= '0' && **at <= '9' && n < sizeof digits - 1) {
		digits[n++] = *(*at)++;
	}
	digits[n] = '\0';
	if (**at != end || text_int(digits, 1, TIME_MAX, value) != 0) {
		return ERR_INVAL;
	}
	*at += end != '\0';
	return 0;
}

int pauses_read(const char *text, struct parking_pause pauses[PAUSES_MAX], int64_t *open_ms)
{
	int count = 0;

	*open_ms = 0;
	while (*text != '\0') {
		const char *blank = strchr(text, ' ');
		int64_t from, to;

		if (take(&text, '-', &from) != 0 || *open_ms != 0) {
			return ERR_INVAL;
		}
		if (*text == '\0') {
			*open_ms = from;
			break;
		}
		if (count == PAUSES_MAX || (blank != NULL && blank[1] == '\0') ||
			take(&text, blank != NULL ? ' ' : '\0', &to) != 0 || to < from ||
			(count > 0 && from < pauses[count - 1].to.ms)) {
			return ERR_INVAL;
		}
		pauses[count++] = (struct parking_pause){{from}, {to}};
	}
	return count;
}
