#ifndef PILED_WHEN_H
#define PILED_WHEN_H
/*
 * Times as people write them, in the zone of the process: "now", "today", "yesterday" (their
 * beginnings), "2026-03-01", "2026-03-01T06:20", "2026-03-01 06:20:30", "-2h", "-30min", "-7d",
 * "+2h".
 */
#include "timex.h"

/* ERR_SYNTAX; *out untouched then. */
int when_parse(const char *text, struct wall now, struct wall *out);

/* A time ahead: "17:30" is the next time that the clock shows it; else as above. */
int when_next(const char *text, struct wall now, struct wall *out);

/* The day or month that holds a date: "today", "yesterday", "2026-03-01"; "2026-03", "this",
 * "last". Days are the calendar's, 23 or 25 hours where the clocks change. */
int when_day(const char *text, struct wall now, struct wall *from, struct wall *to);
int when_month(const char *text, struct wall now, struct wall *from, struct wall *to);

#endif
