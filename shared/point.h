#ifndef PILED_POINT_H
#define PILED_POINT_H
/*
 * The vocabulary of points: what a profile can map and the core understands.
 * See point.def for the list; values are integers in the unit that the list names,
 * text points (UNIT_TEXT) travel as strings beside the samples.
 */
#include "reading.h"

enum unit {
	UNIT_NONE,
	UNIT_BOOL,
	UNIT_STATE, /* enum gun_state */
	UNIT_CODE,  /* fault code of fault.def, 0 = none */
	UNIT_BITS,
	UNIT_TEXT,
	UNIT_W,
	UNIT_WH,
	UNIT_VA,
	UNIT_VAR,
	UNIT_VARH,
	UNIT_MV,
	UNIT_MA,
	UNIT_MC,  /* thousandth of a degree Celsius */
	UNIT_PM,  /* per mille */
	UNIT_MHZ, /* thousandth of a hertz */
	UNIT_S,
	UNIT_MS,
	UNIT_US,
	UNIT_WALL, /* struct wall, ms */
	UNIT_BYTES,
	UNIT_FEN,
	UNIT_PERCENT,
	UNIT_OHM,
	UNIT_MG,
	UNIT_E5,   /* 1e-5 yuan per kWh */
	UNIT_STARS /* tenth of a star */
};

enum scope { SCOPE_P = 1, SCOPE_G = 2, SCOPE_M = 4 };

enum point {
#define POINT(sym, name, unit, scopes, history, label) PT_##sym,
#include "point.def"
#undef POINT
	PT_COUNT_
};

struct point_info {
	const char *name;
	enum unit unit;
	unsigned scopes;
	int32_t history; /* see point.def */
	const char *label;
};

/* The row of a point; `p` must be a valid point. */
const struct point_info *point_info(enum point p);

/* Finds a point by name; ERR_NOTFOUND. */
int point_find(const char *name, enum point *p);

/* Short name of a unit as it stands behind a number ("W"); "" where there is none. */
const char *unit_suffix(enum unit u);

#endif
