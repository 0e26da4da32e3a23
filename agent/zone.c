#include "zone.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"

#define FOLDER    "/usr/share/zoneinfo"
#define SIZE_MAX_ 65536
#define HEADER    44

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

/* RFC 8536: version 1 data, then the same with 64-bit times. */
static int read_tzif(const unsigned char *data, size_t size, int64_t t, int64_t *offset_s)
{
	const unsigned char *p = data;
	size_t times, types, chars, leaps, isstd, isut, body;
	unsigned type = 0;

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
			for (size_t i = 0; i < times; i++) {
				if (big_endian(p + HEADER + i * (size_t)width, width) <= t) {
					type = p[HEADER + times * (size_t)width + i];
				}
			}
			if (type >= types) {
				return ERR_SYNTAX;
			}
			*offset_s =
				big_endian(p + HEADER + times * ((size_t)width + 1) + type * 6, 4);
			return 0;
		}
		p += HEADER + body;
		size -= HEADER + body;
	}
}

int zone_offset(const char *zone, struct wall t, int64_t *offset_s)
{
	unsigned char *data;
	char path[128];
	FILE *file;
	int err;

	if (zone[0] == '+' || zone[0] == '-') {
		return read_fixed(zone, offset_s);
	}
	if (!good_name(zone)) {
		return ERR_SYNTAX;
	}
	if (strcmp(zone, "UTC") == 0) {
		*offset_s = 0;
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

		err = read_tzif(data, size, t.ms / MS_PER_S, offset_s);
	}
	free(data);
	fclose(file);
	return err;
}
