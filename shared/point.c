#include "point.h"

#include <string.h>

static const struct point_info points[PT_COUNT_] = {
#define POINT(sym, name, unit, scopes, history, label) {name, unit, scopes, history, label},
#include "point.def"
#undef POINT
};

static const char *const qualities[Q_COUNT_] = {
#define QUALITY(sym, token, text) token,
#include "quality.def"
#undef QUALITY
};

const char *quality_token(enum quality q)
{
	return (unsigned)q < Q_COUNT_ ? qualities[q] : "unknown";
}

enum quality quality_of(const char *token)
{
	for (int q = 0; q < Q_COUNT_; q++) {
		if (strcmp(quality_token((enum quality)q), token) == 0) {
			return (enum quality)q;
		}
	}
	return Q_NONE;
}

const struct point_info *point_info(enum point p)
{
	return &points[p];
}

int point_find(const char *name, enum point *p)
{
	for (int i = 0; i < PT_COUNT_; i++) {
		if (strcmp(points[i].name, name) == 0) {
			*p = (enum point)i;
			return 0;
		}
	}
	return ERR_NOTFOUND;
}

const char *unit_suffix(enum unit u)
{
	static const char *const suffix[] = {
		[UNIT_W] = "W",
		[UNIT_WH] = "Wh",
		[UNIT_VA] = "VA",
		[UNIT_VAR] = "var",
		[UNIT_VARH] = "varh",
		[UNIT_MV] = "mV",
		[UNIT_MA] = "mA",
		[UNIT_MC] = "m°C",
		[UNIT_PM] = "‰",
		[UNIT_MHZ] = "mHz",
		[UNIT_S] = "s",
		[UNIT_MS] = "ms",
		[UNIT_US] = "µs",
		[UNIT_BYTES] = "B",
		[UNIT_FEN] = "fen",
		[UNIT_PERCENT] = "%",
		[UNIT_OHM] = "ohm",
		[UNIT_MG] = "mg",
		[UNIT_E5] = "e5",
	};

	if ((size_t)u >= sizeof suffix / sizeof suffix[0] || suffix[u] == NULL) {
		return "";
	}
	return suffix[u];
}
