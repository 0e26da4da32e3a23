#include "fmt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "i18n.h"

/* How a unit is shown: value / divisor with so many decimals. */
static const struct shown {
	int64_t divisor;
	int decimals;
	const char *suffix;
} shown[] = {
	[UNIT_W] = {1000, 1, "kW"},
	[UNIT_WH] = {1000, 3, "kWh"},
	[UNIT_VA] = {1000, 1, "kVA"},
	[UNIT_VAR] = {1000, 1, "kvar"},
	[UNIT_VARH] = {1000, 3, "kvarh"},
	[UNIT_MV] = {1000, 1, "V"},
	[UNIT_MA] = {1000, 1, "A"},
	[UNIT_MC] = {1000, 0, "°C"},
	[UNIT_PM] = {10, 1, "%"},
	[UNIT_MHZ] = {1000, 2, "Hz"},
	[UNIT_MS] = {1, 0, "ms"},
	[UNIT_US] = {1000, 1, "ms"},
	[UNIT_BYTES] = {1, 0, "B"},
	[UNIT_FEN] = {100, 2, N_("yuan")},
	[UNIT_PERCENT] = {1, 0, "%"},
	[UNIT_OHM] = {1000, 1, "kohm"},
	[UNIT_MG] = {1000000, 1, "kg"},
	[UNIT_E5] = {100000, 5, N_("yuan/kWh")},
	[UNIT_STARS] = {10, 1, N_("of 5")},
};

/* What people may write: factor to the house's unit. */
static const struct suffix {
	enum unit unit;
	const char *text;
	int64_t factor;
} suffixes[] = {
	{UNIT_W, "W", 1},
	{UNIT_W, "kW", 1000},
	{UNIT_W, "MW", 1000000},
	{UNIT_WH, "Wh", 1},
	{UNIT_WH, "kWh", 1000},
	{UNIT_WH, "MWh", 1000000},
	{UNIT_VA, "VA", 1},
	{UNIT_VA, "kVA", 1000},
	{UNIT_VA, "MVA", 1000000},
	{UNIT_VAR, "var", 1},
	{UNIT_VAR, "kvar", 1000},
	{UNIT_VARH, "varh", 1},
	{UNIT_VARH, "kvarh", 1000},
	{UNIT_MV, "V", 1000},
	{UNIT_MV, "mV", 1},
	{UNIT_MV, "kV", 1000000},
	{UNIT_MA, "A", 1000},
	{UNIT_MA, "mA", 1},
	{UNIT_MC, "°C", 1000},
	{UNIT_MC, "C", 1000},
	{UNIT_PM, "%", 10},
	{UNIT_PM, "‰", 1},
	{UNIT_PERCENT, "%", 1},
	{UNIT_OHM, "ohm", 1},
	{UNIT_OHM, "kohm", 1000},
	{UNIT_OHM, "Mohm", 1000000},
	{UNIT_MHZ, "Hz", 1000},
	{UNIT_MHZ, "mHz", 1},
	{UNIT_S, "s", 1},
	{UNIT_S, "min", 60},
	{UNIT_S, "h", 3600},
	{UNIT_S, "d", 86400},
	{UNIT_MS, "ms", 1},
	{UNIT_MS, "s", 1000},
	{UNIT_MS, "min", 60000},
	{UNIT_MS, "m", 60000},
	{UNIT_MS, "h", 3600000},
	{UNIT_MS, "d", 86400000},
	{UNIT_US, "us", 1},
	{UNIT_US, "ms", 1000},
	{UNIT_US, "s", 1000000},
	{UNIT_US, "min", 60000000},
	{UNIT_BYTES, "B", 1},
	{UNIT_BYTES, "kB", 1000},
	{UNIT_BYTES, "MB", 1000000},
	{UNIT_BYTES, "GB", 1000000000},
	{UNIT_FEN, "yuan", 100},
	{UNIT_FEN, "fen", 1},
	{UNIT_MG, "mg", 1},
	{UNIT_MG, "g", 1000},
	{UNIT_MG, "kg", 1000000},
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

const char *fmt_unit(enum unit unit)
{
	const char *s = (size_t)unit < COUNT(shown) ? shown[unit].suffix : NULL;

	return s == NULL ? "" : _(s);
}

void fmt_decimal(char *dst, size_t size, int64_t value, int64_t divisor, int decimals)
{
	static const int64_t pow10[] = {1, 10, 100, 1000, 10000, 100000};
	uint64_t v = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	uint64_t step = (uint64_t)(divisor / pow10[decimals]);
	uint64_t scaled = step <= 1 ? v : v / step + (v % step >= step - step / 2);
	const char *sign = value < 0 && scaled > 0 ? "-" : "";
	uint64_t one = (uint64_t)pow10[decimals];

	if (value == VALUE_NONE) {
		snprintf(dst, size, "-");
	} else if (decimals == 0) {
		snprintf(dst, size, "%s%llu", sign, (unsigned long long)scaled);
	} else {
		snprintf(dst, size, "%s%llu.%0*llu", sign, (unsigned long long)(scaled / one),
			decimals, (unsigned long long)(scaled % one));
	}
}

static void seconds(char *dst, size_t size, int64_t s)
{
	const char *sign = s < 0 ? "-" : "";

	s = s < 0 ? -s : s;
	snprintf(dst, size, "%s%lld:%02d:%02d", sign, (long long)(s / 3600), (int)(s / 60 % 60),
		(int)(s % 60));
}

void fmt_value(char *dst, size_t size, enum unit unit, int64_t value, bool suffix)
{
	const struct shown *how = (size_t)unit < COUNT(shown) ? &shown[unit] : NULL;
	char number[32];

	if (value == VALUE_NONE) {
		snprintf(dst, size, "-");
	} else if (unit == UNIT_S) {
		seconds(dst, size, value);
	} else if (unit == UNIT_WALL) {
		fmt_wall(dst, size, (struct wall){value});
	} else if (how == NULL || how->suffix == NULL) {
		snprintf(dst, size, "%lld", (long long)value);
	} else {
		fmt_decimal(number, sizeof number, value, how->divisor, how->decimals);
		snprintf(dst, size, "%s%s%s", number, suffix ? " " : "",
			suffix ? _(how->suffix) : "");
	}
}

int fmt_zone(const char *zone)
{
	char text[64], path[96];
	size_t n =
		strspn(zone, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-_/:");

	if (n == 0 || zone[n] != '\0' || n > 40 || zone[0] == '/' || zone[0] == ':') {
		return ERR_NOTFOUND;
	}
	if (zone[0] == '+' || zone[0] == '-') {
		/* POSIX counts west of Greenwich as positive. */
		snprintf(text, sizeof text, "<%.3s>%c%s", zone, zone[0] == '+' ? '-' : '+',
			zone + 1);
	} else {
		snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", zone);
		if (access(path, R_OK) != 0 && strcmp(zone, "UTC") != 0) {
			return ERR_NOTFOUND;
		}
		snprintf(text, sizeof text, "%s", zone);
	}
	setenv("TZ", text, 1);
	tzset();
	return 0;
}

static bool local(struct wall t, struct tm *out)
{
	time_t s = (time_t)(t.ms / MS_PER_S);

	return localtime_r(&s, out) != NULL;
}

void fmt_wall(char *dst, size_t size, struct wall t)
{
	struct tm tm;

	if (t.ms == VALUE_NONE || !local(t, &tm) ||
		strftime(dst, size, "%Y-%m-%d %H:%M:%S", &tm) == 0) {
		snprintf(dst, size, "-");
	}
}

void fmt_wall_brief(char *dst, size_t size, struct wall t, struct wall now)
{
	struct tm tm, today;
	size_t n;

	if (t.ms == VALUE_NONE || !local(t, &tm) || !local(now, &today)) {
		snprintf(dst, size, "-");
		return;
	}
	if (tm.tm_year != today.tm_year) {
		n = strftime(dst, size, "%Y-%m-%d", &tm);
	} else if (tm.tm_yday != today.tm_yday) {
		n = strftime(dst, size, "%m-%d %H:%M", &tm);
	} else {
		n = strftime(dst, size, "%H:%M", &tm);
	}
	if (n == 0) {
		snprintf(dst, size, "-");
	}
}

void fmt_age(char *dst, size_t size, int64_t ms)
{
	int64_t s = ms / MS_PER_S;

	if (ms == VALUE_NONE) {
		snprintf(dst, size, "-");
	} else if (s < 60) {
		snprintf(dst, size, "%lld s", (long long)(s < 0 ? 0 : s));
	} else if (s < 3600) {
		snprintf(dst, size, "%lld min", (long long)(s / 60));
	} else if (s < 86400) {
		snprintf(dst, size, "%lld h %02lld min", (long long)(s / 3600),
			(long long)(s / 60 % 60));
	} else {
		snprintf(dst, size, "%lld d %lld h", (long long)(s / 86400),
			(long long)(s / 3600 % 24));
	}
}

const char *fmt_suffixes(enum unit unit)
{
	switch (unit) {
	case UNIT_W:
		return "W, kW, MW";
	case UNIT_WH:
		return "Wh, kWh, MWh";
	case UNIT_VA:
		return "VA, kVA, MVA";
	case UNIT_VAR:
		return "var, kvar";
	case UNIT_VARH:
		return "varh, kvarh";
	case UNIT_MV:
		return "mV, V, kV";
	case UNIT_MA:
		return "mA, A";
	case UNIT_MC:
		return "C, °C";
	case UNIT_PM:
		return "%, ‰";
	case UNIT_PERCENT:
		return "%";
	case UNIT_OHM:
		return "ohm, kohm, Mohm";
	case UNIT_MHZ:
		return "mHz, Hz";
	case UNIT_S:
		return "s, min, h, d";
	case UNIT_MS:
		return "ms, s, min, h, d";
	case UNIT_US:
		return "us, ms, s, min";
	case UNIT_BYTES:
		return "B, kB, MB, GB";
	case UNIT_FEN:
		return "yuan, fen";
	case UNIT_MG:
		return "mg, g, kg";
	default:
		return "";
	}
}

static int find_factor(const char *text, enum unit unit, int64_t *factor)
{
	if (*fmt_suffixes(unit) == '\0' && *text == '\0') {
		*factor = 1;
		return 0;
	}
	for (size_t i = 0; i < COUNT(suffixes); i++) {
		if (suffixes[i].unit == unit && strcmp(suffixes[i].text, text) == 0) {
			*factor = suffixes[i].factor;
			return 0;
		}
	}
	return ERR_SYNTAX;
}

/* An unsigned decimal as digits / scale, and where it ends; trailing zeros of a fraction dropped.
 */
static int read_decimal(const char **text, int64_t *digits, int64_t *scale)
{
	const char *p = *text;
	bool point = false, any = false;

	*digits = 0;
	*scale = 1;
	for (;; p++) {
		if (*p >= '0' && *p <= '9') {
			if (*digits > (INT64_MAX - 9) / 10 || *scale > INT64_MAX / 10) {
				return ERR_RANGE;
			}
			*digits = *digits * 10 + (*p - '0');
			*scale *= point ? 10 : 1;
			any = true;
		} else if (*p == '.' && !point && any) {
			point = true;
		} else {
			break;
		}
	}
	if (!any || p[-1] == '.') {
		return ERR_SYNTAX;
	}
	while (*scale > 1 && *digits % 10 == 0) {
		*digits /= 10;
		*scale /= 10;
	}
	while (*p == ' ') {
		p++;
	}
	*text = p;
	return 0;
}

int fmt_parse(const char *text, enum unit unit, int64_t min, int64_t max, int64_t *out)
{
	bool negative = *text == '-';
	const char *p = text + negative;
	int64_t digits, scale, factor, value;
	int err = read_decimal(&p, &digits, &scale);

	if (err != 0) {
		return err;
	}
	if (find_factor(p, unit, &factor) != 0) {
		return ERR_SYNTAX;
	}
	if (factor % scale != 0 || (digits != 0 && factor / scale > INT64_MAX / digits)) {
		return ERR_RANGE;
	}
	value = digits * (factor / scale) * (negative ? -1 : 1);
	if (value < min || value > max) {
		return ERR_RANGE;
	}
	*out = value;
	return 0;
}

int fmt_ratio(const char *text, enum unit unit, int64_t *num, int64_t *den)
{
	int64_t digits = 1, scale = 1, factor, a, b;

	if (*text >= '0' && *text <= '9') {
		int err = read_decimal(&text, &digits, &scale);

		if (err != 0) {
			return err;
		}
	}
	if (find_factor(text, unit, &factor) != 0) {
		return ERR_SYNTAX;
	}
	if (digits == 0 || digits > INT64_MAX / factor) {
		return ERR_RANGE;
	}
	for (a = digits * factor, b = scale; b != 0;) {
		int64_t rest = a % b;

		a = b;
		b = rest;
	}
	*num = digits * factor / a;
	*den = scale / a;
	return 0;
}
