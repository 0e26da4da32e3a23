#ifndef PILED_CALENDAR_H
#define PILED_CALENDAR_H
/*
 * Days and half hours of local time, from the rules of a zone. Total: every instant has its local
 * time.
 */
#include "zonerule.h"

#define CAL_SLOTS  48 /* half hours of a day */
#define S_PER_SLOT INT64_C(1800)
#define S_PER_DAY  INT64_C(86400)

struct cal_time {
	int64_t day;               /* since 1970-01-01 */
	int32_t second;            /* of the day, 0..86399 */
	int32_t year, month, mday; /* month 1..12, mday 1..31 */
	int32_t weekday;           /* 0 = Monday */
};

/* Days since 1970-01-01 of a date of the Gregorian calendar, and back. */
int64_t cal_day(int64_t year, int64_t month, int64_t mday);
void cal_date(int64_t day, int32_t *year, int32_t *month, int32_t *mday);
/* 0 = Monday. */
int32_t cal_weekday(int64_t day);
/* Days of a month of a year. */
int32_t cal_month_days(int64_t year, int64_t month);

struct cal_time cal_at(const struct zone_rules *zone, struct wall at);

/* The local half hour that holds `at`, as the instants of its begin and end: slots part time
 * without gap or overlap, also where the offset changes (there a slot may be shorter). */
void cal_slot(const struct zone_rules *zone, struct wall at, struct wall *begin, struct wall *end);

/* The first instant of a local day; a day has 23 or 25 hours where summer time begins or ends. */
struct wall cal_day_begin(const struct zone_rules *zone, int64_t day);

/* "2026-03-01" as a day; ERR_SYNTAX, ERR_RANGE for what is no date. */
int cal_parse_day(const char *text, int64_t *day);

#endif
