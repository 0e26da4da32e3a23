#ifndef PILED_TREND_H
#define PILED_TREND_H
/*
 * Where a value is going: a straight line through its readings of the last minutes, and when it
 * meets a limit. Pure; whole numbers in the value's own unit.
 */
#include <stdbool.h>
#include <stdint.h>

/* So many readings, at least so far apart, make the line: six minutes. */
#define TREND_POINTS 12
#define TREND_STEP_S 30
/* With fewer nothing is said. */
#define TREND_LEAST 5

struct trend {
	int32_t at_s[TREND_POINTS]; /* of boot time */
	int32_t value[TREND_POINTS];
	uint32_t count, next;
};

/* Takes a reading; one beyond a milliard or too soon after the last is left out. A gap of more than
 * TREND_POINTS steps, or a time before the last, begins anew. */
void trend_take(struct trend *t, int64_t at_s, int64_t value);

/* The line: where it stands now and how far it moves in an hour. False where too little is known
 * or the newest reading is old. */
bool trend_line(const struct trend *t, int64_t now_s, int64_t *level, int64_t *per_hour);

/* Seconds until the line meets the limit: 0 where it has, INT64_MAX where it does not go there. */
int64_t trend_left_s(int64_t level, int64_t per_hour, int64_t limit, bool rising);

#endif
