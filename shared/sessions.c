#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calendar.h"
#include "err.h"
#include "fmt.h"
#include "rng.h"
#include "sessions.h"
#include "text.h"

#define ROWS_MAX 1000000

/* Reads `digits` digits at *at and then the character `after` (0: none needed). */
static int number(const char **at, size_t digits, int64_t min, int64_t max, int64_t *out)
{
	char field[8];

	for (size_t i = 0; i < digits; i++) {
		if ((*at)[i] < '0' || (*at)[i] > '9') {
			return ERR_SYNTAX;
		}
		field[i] = (*at)[i];
	}
	field[digits] = '\0';
	*at += digits;
	return text_int(field, min, max, out);
}

static int skip(const char **at, char c)
{
	if (**at != c) {
		return ERR_SYNTAX;
	}
	++*at;
	return 0;
}

int sessions_time(const char *text, int64_t *out)
{
	const char *at = text;
	int64_t year, month, day, hour = 0, minute = 0, second = 0;

	if (number(&at, 4, 1970, 9999, &year) < 0 || skip(&at, '-') < 0 ||
		number(&at, 2, 1, 12, &month) < 0 || skip(&at, '-') < 0 ||
		number(&at, 2, 1, 31, &day) < 0) {
		return ERR_SYNTAX;
	}
	if (*at == 'T' || *at == ' ') {
		at++;
		if (number(&at, 2, 0, 23, &hour) < 0 || skip(&at, ':') < 0 ||
			number(&at, 2, 0, 59, &minute) < 0) {
			return ERR_SYNTAX;
		}
		if (*at == ':') {
			at++;
			if (number(&at, 2, 0, 59, &second) < 0) {
				return ERR_SYNTAX;
			}
		}
	}
	if (*at != '\0') {
		return ERR_SYNTAX;
	}
	*out = cal_day(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
	return 0;
}

/* Cuts a line at its commas; returns the number of fields. */
static size_t cut(char *line, char **fields, size_t room)
{
	size_t count = 0;

	for (char *at = line; at && count < room; count++) {
		fields[count] = at;
		at = strchr(at, ',');
		if (at) {
			*at++ = '\0';
		}
	}
	return count;
}

static const char *parse_row(char *line, struct session_row *row)
{
	char *field[6];
	char quantity[48];
	size_t length;

	if (cut(line, field, 6) != 5) {
		return "five fields are needed: session_id,station_id,plugged_in,unplugged,"
		       "energy_kwh";
	}
	length = strlen(field[1]);
	if (length == 0 || length >= sizeof row->station) {
		return "station_id must have 1 to 15 characters";
	}
	memset(row, 0, sizeof *row);
	memcpy(row->station, field[1], length);
	if (sessions_time(field[2], &row->plug_s) < 0 ||
		sessions_time(field[3], &row->unplug_s) < 0) {
		return "times must be YYYY-MM-DDTHH:MM:SS";
	}
	if (row->unplug_s <= row->plug_s) {
		return "unplugged must be later than plugged_in";
	}
	snprintf(quantity, sizeof quantity, "%.30s kWh", field[4]);
	if (fmt_parse(quantity, UNIT_WH, 1, 1000000, &row->energy_wh) < 0) {
		return "energy_kwh must be 0.001 to 1000";
	}
	return NULL;
}

static int compare(const void *a, const void *b)
{
	const struct session_row *x = a, *y = b;
	int by_station = strcmp(x->station, y->station);

	if (by_station) {
		return by_station;
	}
	if (x->plug_s != y->plug_s) {
		return x->plug_s < y->plug_s ? -1 : 1;
	}
	return (x->unplug_s > y->unplug_s) - (x->unplug_s < y->unplug_s);
}

static void part(struct session_rows *rows, uint64_t seed)
{
	struct rng rng = rng_stream(seed, 0x6a70);

	for (size_t i = 1; i < rows->count; i++) {
		struct session_row *row = &rows->rows[i], *last = row - 1;
		int64_t from = last->unplug_s + GAP_MIN_S;

		if (strcmp(row->station, last->station) == 0 && row->plug_s < from) {
			int64_t shift = last->unplug_s + rng_range(&rng, GAP_MIN_S, GAP_MAX_S) -
					row->plug_s;

			row->plug_s += shift;
			row->unplug_s += shift;
		}
	}
}

void sessions_order(struct session_rows *rows, uint64_t seed)
{
	qsort(rows->rows, rows->count, sizeof *rows->rows, compare);
	part(rows, seed);
}

int sessions_read(const char *path, uint64_t seed, struct session_rows *out, char *why, size_t size)
{
	struct session_rows rows = {0};
	size_t room = 0;
	int line = 0;
	int err = 0;
	char text[512];
	const char *wrong;
	FILE *file = fopen(path, "re");

	if (!file) {
		snprintf(why, size, "%s: cannot be read", path);
		return ERR_IO;
	}
	while (!err && fgets(text, sizeof text, file)) {
		line++;
		text[strcspn(text, "\r\n")] = '\0';
		if (line == 1 || text[0] == '\0') {
			continue;
		}
		if (rows.count == room) {
			room = room ? room * 2 : 1024;
			struct session_row *grown = realloc(rows.rows, room * sizeof *rows.rows);

			if (!grown || room > 2 * ROWS_MAX) {
				rows.rows = grown ? grown : rows.rows;
				err = ERR_NOMEM;
				snprintf(why, size, "%s:%d: too many rows", path, line);
				break;
			}
			rows.rows = grown;
		}
		wrong = parse_row(text, &rows.rows[rows.count]);
		if (wrong) {
			err = ERR_SYNTAX;
			snprintf(why, size, "%s:%d: %s", path, line, wrong);
			break;
		}
		rows.count++;
	}
	fclose(file);
	if (!err && rows.count == 0) {
		err = ERR_SYNTAX;
		snprintf(why, size, "%s: no sessions in it", path);
	}
	if (err) {
		sessions_clear(&rows);
		return err;
	}
	sessions_order(&rows, seed);
	*out = rows;
	return 0;
}

void sessions_clear(struct session_rows *rows)
{
	if (rows) {
		free(rows->rows);
		*rows = (struct session_rows){0};
	}
}

size_t sessions_of(const struct session_rows *rows, const char *station, size_t *end)
{
	size_t first = 0;

	while (first < rows->count && strcmp(rows->rows[first].station, station) != 0) {
		first++;
	}
	*end = first;
	while (*end < rows->count && strcmp(rows->rows[*end].station, station) == 0) {
		++*end;
	}
	return first;
}
