#include "calendar.h"

#include <string.h>

#include "err.h"
#include "text.h"

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* Months counted from March, so that the leap day is a year's last. */
int64_t cal_day(int64_t year, int64_t month, int64_t mday)
{
	int64_t y = month > 2 ? year : year - 1;
	int64_t m = month > 2 ? month - 3 : month + 9;

	return y * 365 + floor_div(y, 4) - floor_div(y, 100) + floor_div(y, 400) +
	       (m * 153 + 2) / 5 + mday - 1 - 719468;
}

void cal_date(int64_t day, int32_t *year, int32_t *month, int32_t *mday)
{
	int64_t z = day + 719468, era = floor_div(z, 146097), of_era = z - era * 146097;
	int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (y * 365 + y / 4 - y / 100), m = (of_year * 5 + 2) / 153;

	*mday = (int32_t)(of_year - (m * 153 + 2) / 5 + 1);
	*month = (int32_t)(m < 10 ? m + 3 : m - 9);
	*year = (int32_t)(y + era * 400 + (*month <= 2));
}

int32_t cal_weekday(int64_t day)
{
	/* 1970-01-01 was a Thursday. */
	return (int32_t)(day + 3 - floor_div(day + 3, 7) * 7);
}

int32_t cal_month_days(int64_t year, int64_t month)
{
	int64_t next = month == 12 ? cal_day(year + 1, 1, 1) : cal_day(year, month + 1, 1);

	return (int32_t)(next - cal_day(year, month, 1));
}

struct cal_time cal_at(const struct zone_rules *zone, struct wall at)
{
	int64_t s = floor_div(at.ms, MS_PER_S) + zone_offset_s(zone, at);
	struct cal_time t = {.day = floor_div(s, S_PER_DAY)};

	t.second = (int32_t)(s - t.day * S_PER_DAY);
	t.weekday = cal_weekday(t.day);
	cal_date(t.day, &t.year, &t.month, &t.mday);
	return t;
}

void cal_slot(const struct zone_rules *zone, struct wall at, struct wall *begin, struct wall *end)
{
	int64_t shift = zone_offset_s(zone, at) * MS_PER_S, slot_ms = S_PER_SLOT * MS_PER_S;

	*end = zone_half_hour(zone, at);
	begin->ms = floor_div(at.ms + shift, slot_ms) * slot_ms - shift;
	for (int64_t i = 1; i < zone->count && zone->rule[i].from_ms <= at.ms; i++) {
		if (zone->rule[i].from_ms > begin->ms) {
			begin->ms = zone->rule[i].from_ms;
		}
	}
}

struct wall cal_day_begin(const struct zone_rules *zone, int64_t day)
{
	struct wall low = {(day * S_PER_DAY - S_PER_DAY) * MS_PER_S};
	struct wall high = {(day * S_PER_DAY + S_PER_DAY) * MS_PER_S};

	/* No offset is as much as a day; local days never go back by more than an hour or two, so
	 * the first instant of this day is where "the day has come" becomes true. */
	while (high.ms - low.ms > 1) {
		struct wall mid = {low.ms + (high.ms - low.ms) / 2};

		if (cal_at(zone, mid).day >= day) {
			high = mid;
		} else {
			low = mid;
		}
	}
	return high;
}

int cal_parse_day(const char *text, int64_t *day)
{
	char field[3][5] = {"", "", ""};
	int64_t year, month, mday;
	int err;

	if (strlen(text) != 10 || text[4] != '-' || text[7] != '-' ||
		strspn(text, "0123456789-") != 10) {
		return ERR_SYNTAX;
	}
	memcpy(field[0], text, 4);
	memcpy(field[1], text + 5, 2);
	memcpy(field[2], text + 8, 2);
	err = text_int(field[0], 1970, 2199, &year);
	err = err == 0 ? text_int(field[1], 1, 12, &month) : err;
	err = err == 0 ? text_int(field[2], 1, cal_month_days(year, month), &mday) : err;
	if (err == 0) {
		*day = cal_day(year, month, mday);
	}
	return err;
}
