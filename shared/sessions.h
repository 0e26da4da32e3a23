#ifndef PILED_SESSIONS_H
#define PILED_SESSIONS_H
/*
 * Recorded sessions: a CSV file with the head line
 *   session_id,station_id,plugged_in,unplugged,energy_kwh
 * plugged_in and unplugged are local times YYYY-MM-DDTHH:MM:SS; energy_kwh is what the driver asks.
 *
 * Rows are sorted by station and time. Where a car would arrive in the instant at which (or
 * before) the last one leaves, it comes GAP_MIN_S..GAP_MAX_S later (seeded) and its stay is shifted
 * whole, so that rows of one station never overlap.
 */
#include <stddef.h>
#include <stdint.h>

#define GAP_MIN_S 20
#define GAP_MAX_S 60

struct session_row {
	char station[16];
	int64_t plug_s, unplug_s; /* seconds since 1970, local time */
	int64_t energy_wh;
	int64_t max_w; /* the most that the car takes; 0 = all it may. Not in the file */
};

struct session_rows {
	struct session_row *rows; /* by station, then time */
	size_t count;
};

/* 0, ERR_IO, ERR_NOMEM, ERR_SYNTAX; `why` says file, line and what is wrong. */
int sessions_read(
	const char *path, uint64_t seed, struct session_rows *out, char *why, size_t size);
/* Sorts rows that came from elsewhere, and parts those that overlap, as sessions_read() does. */
void sessions_order(struct session_rows *rows, uint64_t seed);
void sessions_clear(struct session_rows *rows);

/* "2019-03-01", "2019-03-01T06:20" or "...:00" as seconds since 1970 without any zone. */
int sessions_time(const char *text, int64_t *out);

/* First row of a station and, in *end, the one after its last. */
size_t sessions_of(const struct session_rows *rows, const char *station, size_t *end);

#endif
