#include "zone.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"

#define FOLDER    "/usr/share/zoneinfo"
#define SIZE_MAX_ 65536
#define HEADER    44
/* Rules begin at 2010-01-01: before any record of a site. */
#define RULES_FROM_MS INT64_C(1262304000000)

/* "+08:00", "-03:30" */
static int read_fixed(const char *zone, int64_t *offset_s)
{
	int hours, minutes;

	if (strlen(zone) != 6 || zone[3] != ':' || !isdigit((unsigned char)zone[1]) ||
		!isdigit((unsigned char)zone[2]) || !isdigit((unsigned char)zone[4]) ||
		!isdigit((unsigned char)zone[5])) {
		return ERR_SYNTAX;
	}
	hours = (zone[1] - '0') * 10 + zone[2] - '0';
	minutes = (zone[4] - '0') * 10 + zone[5] - '0';
	if (hours > 14 || minutes > 59) {
		return ERR_SYNTAX;
	}
	*offset_s = (zone[0] == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
	return 0;
}

/* A name of tzdata: letters, digits, + - _ and single slashes inside. */
static bool good_name(const char *zone)
{
	if (!isalpha((unsigned char)zone[0]) || strlen(zone) > 60) {
		return false;
	}
	for (const char *p = zone; *p != '\0'; p++) {
		if (!isalnum((unsigned char)*p) && strchr("+-_", *p) == NULL &&
			!(*p == '/' && isalpha((unsigned char)p[1]))) {
			return false;
		}
	}
	return true;
}

static int64_t big_endian(const unsigned char *p, int bytes)
{
	uint64_t v = p[0] & 0x80 ? UINT64_MAX : 0;

	for (int i = 0; i < bytes; i++) {
		v = v << 8 | p[i];
	}
	return (int64_t)v;
}

/* One list of transitions of a file: times of `width` bytes, each with the number of its type. */
static int read_times(
	const unsigned char *p, size_t times, size_t types, int width, struct zone_rules *out)
{
	const unsigned char *number = p + times * (size_t)width;
	const unsigned char *type = number + times;
	unsigned first = 0;

	for (size_t i = 0; i < times; i++) {
		int64_t ms = big_endian(p + i * (size_t)width, width) * MS_PER_S;

		if (number[i] >= types) {
			return ERR_SYNTAX;
		}
		if (ms <= RULES_FROM_MS) {
			first = number[i];
		}
	}
	out->count = 1;
	out->rule[0] = (struct zone_rule){RULES_FROM_MS, big_endian(type + first * 6, 4)};
	for (size_t i = 0; i < times && out->count < ZONE_RULES_MAX; i++) {
		int64_t ms = big_endian(p + i * (size_t)width, width) * MS_PER_S;
		int64_t offset_s = big_endian(type + number[i] * 6, 4);

		if (ms > RULES_FROM_MS && offset_s != out->rule[out->count - 1].offset_s) {
			out->rule[out->count++] = (struct zone_rule){ms, offset_s};
		}
	}
	return zone_rules_good(out) ? 0 : ERR_SYNTAX;
}

/* RFC 8536: version 1 data, then the same with 64-bit times. */
static int read_tzif(const unsigned char *data, size_t size, struct zone_rules *out)
{
	const unsigned char *p = data;
	size_t times, types, chars, leaps, isstd, isut, body;

	for (int version = 1;; version++) {
		int width = version == 1 ? 4 : 8;

		if (size < HEADER || memcmp(p, "TZif", 4) != 0) {
			return ERR_SYNTAX;
		}
		isut = (size_t)big_endian(p + 20, 4) & 0xFFFF;
		isstd = (size_t)big_endian(p + 24, 4) & 0xFFFF;
		leaps = (size_t)big_endian(p + 28, 4) & 0xFFFF;
		times = (size_t)big_endian(p + 32, 4) & 0xFFFF;
		types = (size_t)big_endian(p + 36, 4) & 0xFFFF;
		chars = (size_t)big_endian(p + 40, 4) & 0xFFFF;
		body = times * ((size_t)width + 1) + types * 6 + chars +
		       leaps * ((size_t)width + 4) + isstd + isut;
		if (types == 0 || size - HEADER < body) {
			return ERR_SYNTAX;
		}
		if (version == 2 || p[4] < '2') {
			return read_times(p + HEADER, times, types, width, out);
		}
		p += HEADER + body;
		size -= HEADER + body;
	}
}

int zone_read(const char *zone, struct zone_rules *out)
{
	unsigned char *data;
	char path[128];
	FILE *file;
	int err;

	memset(out, 0, sizeof *out);
	out->count = 1;
	out->rule[0].from_ms = RULES_FROM_MS;
	if (zone[0] == '+' || zone[0] == '-') {
		return read_fixed(zone, &out->rule[0].offset_s);
	}
	if (!good_name(zone)) {
		return ERR_SYNTAX;
	}
	if (strcmp(zone, "UTC") == 0) {
		return 0;
	}
	snprintf(path, sizeof path, FOLDER "/%s", zone);
	file = fopen(path, "rbe");
	if (file == NULL) {
		return ERR_NOTFOUND;
	}
	data = malloc(SIZE_MAX_);
	err = ERR_NOMEM;
	if (data != NULL) {
		size_t size = fread(data, 1, SIZE_MAX_, file);

		err = read_tzif(data, size, out);
	}
	free(data);
	fclose(file);
	return err;
}
