#include "hourly.h"

#include <stdio.h>
#include <string.h>

#include "err.h"
#include "fmt.h"

static int64_t days_before_year(int64_t year)
{
	return (year - 1970) * 365 + (year - 1969) / 4 - (year - 1901) / 100 + (year - 1601) / 400;
}

int64_t hourly_index(int64_t local_s)
{
	int64_t days = local_s / 86400;
	int64_t year = 1970 + days / 366;

	while (days_before_year(year + 1) <= days) {
		year++;
	}
	return (local_s - days_before_year(year) * 86400) / 3600;
}

int hourly_read(const char *path, int32_t *hour_w, size_t room, int *line)
{
	char text[128];
	size_t count = 0;
	int err = 0;
	FILE *file = fopen(path, "re");

	*line = 0;
	if (!file) {
		return ERR_IO;
	}
	while (!err && fgets(text, sizeof text, file)) {
		char *comma = strchr(text, ',');
		char quantity[48];
		int64_t w;

		++*line;
		text[strcspn(text, "\r\n")] = '\0';
		if (*line == 1) {
			continue;
		}
		if (!comma || count >= room ||
			snprintf(quantity, sizeof quantity, "%s kW", comma + 1) >=
				(int)sizeof quantity ||
			fmt_parse(quantity, UNIT_W, 0, 100000000, &w) < 0) {
			err = ERR_SYNTAX;
			break;
		}
		hour_w[count++] = (int32_t)w;
	}
	if (ferror(file)) {
		err = ERR_IO;
	}
	fclose(file);
	return err < 0 ? err : (int)count;
}
