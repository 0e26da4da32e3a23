#include "when.h"

#include <string.h>
#include <time.h>

#include "err.h"
#include "fmt.h"

#define BACK_MAX_MS (INT64_C(100) * 366 * 86400 * 1000)

static int local(struct wall t, struct tm *tm)
{
	time_t s = (time_t)(t.ms / MS_PER_S);

	return localtime_r(&s, tm) == NULL ? ERR_RANGE : 0;
}

static int to_wall(struct tm *tm, struct wall *out)
{
	time_t s;

	tm->tm_isdst = -1;
	s = mktime(tm);
	if (s == (time_t)-1) {
		return ERR_SYNTAX;
	}
	out->ms = (int64_t)s * MS_PER_S;
	return 0;
}

/* Local midnight `days` after the day of `now`. */
static int midnight(struct wall now, int days, struct wall *out)
{
	struct tm tm;

	if (local(now, &tm) != 0) {
		return ERR_RANGE;
	}
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	tm.tm_mday += days;
	return to_wall(&tm, out);
}

/* A calendar date and time by one of strptime's formats, whole and in range: mktime() would take
 * February 31st for March 3rd. */
static int calendar(const char *text, const char *format, struct tm *out)
{
	struct tm tm = {.tm_mday = 1}, same;
	const char *end = strptime(text, format, &tm);
	struct wall t;

	if (end == NULL || *end != '\0') {
		return ERR_SYNTAX;
	}
	same = tm;
	if (to_wall(&same, &t) != 0 || same.tm_mday != tm.tm_mday || same.tm_mon != tm.tm_mon ||
		same.tm_year != tm.tm_year) {
		return ERR_SYNTAX;
	}
	*out = tm;
	return 0;
}

int when_parse(const char *text, struct wall now, struct wall *out)
{
	static const char *const formats[] = {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M",
		"%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"};
	int64_t back_ms;
	struct tm tm;

	if (strcmp(text, "now") == 0) {
		*out = now;
		return 0;
	}
	if (strcmp(text, "today") == 0) {
		return midnight(now, 0, out);
	}
	if (strcmp(text, "yesterday") == 0) {
		return midnight(now, -1, out);
	}
	if (text[0] == '-' || text[0] == '+') {
		if (fmt_parse(text + 1, UNIT_MS, 0, BACK_MAX_MS, &back_ms) != 0) {
			return ERR_SYNTAX;
		}
		out->ms = text[0] == '-' ? now.ms - back_ms : now.ms + back_ms;
		return 0;
	}
	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
		if (calendar(text, formats[i], &tm) == 0) {
			return to_wall(&tm, out);
		}
	}
	return ERR_SYNTAX;
}

int when_next(const char *text, struct wall now, struct wall *out)
{
	struct tm clock = {0}, tm;
	const char *end = strptime(text, "%H:%M", &clock);
	struct wall t;

	if (end == NULL || *end != '\0') {
		return when_parse(text, now, out);
	}
	for (int day = 0; day < 2; day++) {
		if (local(now, &tm) != 0) {
			return ERR_RANGE;
		}
		tm.tm_mday += day;
		tm.tm_hour = clock.tm_hour;
		tm.tm_min = clock.tm_min;
		tm.tm_sec = 0;
		if (to_wall(&tm, &t) != 0) {
			return ERR_SYNTAX;
		}
		if (t.ms > now.ms) {
			break;
		}
	}
	*out = t;
	return 0;
}

int when_day(const char *text, struct wall now, struct wall *from, struct wall *to)
{
	struct wall start;
	struct tm tm;

	if (strcmp(text, "today") == 0 || strcmp(text, "yesterday") == 0) {
		int rc = when_parse(text, now, &start);

		if (rc != 0) {
			return rc;
		}
	} else if (calendar(text, "%Y-%m-%d", &tm) != 0 || to_wall(&tm, &start) != 0) {
		return ERR_SYNTAX;
	}
	*from = start;
	return midnight(start, 1, to);
}

int when_month(const char *text, struct wall now, struct wall *from, struct wall *to)
{
	struct tm tm;

	if (strcmp(text, "this") == 0 || strcmp(text, "last") == 0) {
		if (local(now, &tm) != 0) {
			return ERR_RANGE;
		}
		tm = (struct tm){.tm_year = tm.tm_year,
			.tm_mon = tm.tm_mon - (text[0] == 'l' ? 1 : 0),
			.tm_mday = 1};
	} else if (calendar(text, "%Y-%m", &tm) != 0) {
		return ERR_SYNTAX;
	}
	if (to_wall(&tm, from) != 0) {
		return ERR_SYNTAX;
	}
	tm = (struct tm){.tm_year = tm.tm_year, .tm_mon = tm.tm_mon + 1, .tm_mday = 1};
	return to_wall(&tm, to);
}
