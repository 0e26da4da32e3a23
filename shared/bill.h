#ifndef PILED_BILL_H
#define PILED_BILL_H
/*
 * From registers and a tariff to money. Pure, integers only, deterministic: the same input gives
 * the same lines, whoever computes them: the agent for the running cost, the store to settle,
 * `piled bill verify` and the simulation of another tariff.
 *
 * A session's time is parted at local half hours. Neighbouring half hours of the same version,
 * period and price are one line; a period that comes back makes a line of its own. A line's energy
 * is the difference of the registers at its borders; electricity and service are each rounded half
 * up to a fen, once. A register that nobody latched at a border is interpolated in time between its
 * neighbours and the lines beside it are marked substitute.
 */
#include "reading.h"
#include "tariff.h"

#define BILL_LINES_MAX 512 /* a session of weeks */

/* The billing register at a moment: of the start, of the end, or latched for a half-hour border. */
struct bill_point {
	struct wall at;       /* the moment it stands for */
	int64_t wh;           /* the register, wraps added up */
	enum quality quality; /* Q_GOOD or Q_SUBSTITUTE */
};

struct bill_line {
	struct wall from, to;
	int64_t from_wh, to_wh; /* the register at both */
	int64_t wh;
	int64_t elec_fen, service_fen;
	struct price price;
	uint32_t version;
	uint32_t period;     /* enum period */
	uint32_t substitute; /* a border's register is computed, not read */
	uint32_t zero;
};

struct bill_sum {
	int64_t wh, elec_fen, service_fen;
};

struct bill_input {
	const struct tariff *const *versions; /* of one id, ascending by from_ms */
	size_t version_count;
	uint32_t class;                  /* enum account_class */
	const struct bill_point *points; /* start, marks, end; at least two */
	size_t point_count;
};

/* Writes the lines and their sum. Marks that are no price border are used only to interpolate.
 * A session without duration has one line. Returns the number of lines, or
 *   ERR_NOTFOUND  a part lies before the first version
 *   ERR_INVAL     fewer than two points, times that do not ascend (two points at one time are taken
 *                 where both registers are equal), a register that falls or is beyond 1e11 Wh
 *   ERR_FULL      more than `room` lines
 * *sum and lines are undefined then. */
int bill_compute(
	const struct bill_input *in, struct bill_line *lines, size_t room, struct bill_sum *sum);

/* The register at `at` between two points, interpolated in time and rounded half up; the nearer
 * point's outside of them. */
int64_t bill_interpolate(const struct bill_point *a, const struct bill_point *b, struct wall at);

/* Parking: from the end of the charge to the unplugging, less the pauses (the site itself held the
 * plug or the power at 0). Free minutes run first, in or outside of windows; then each whole minute
 * in a window costs its price; one rounding half up a window, then the cap. */
struct parking_pause {
	struct wall from, to;
};

struct parking_line {
	uint32_t window; /* of the tariff */
	uint32_t minutes;
	int64_t per_min_e5;
	int64_t fen;
};

/* Returns the number of lines, at most TARIFF_WINDOWS, with *fen the amount due (capped). The
 * version in force at `from` holds for the whole parking. ERR_INVAL where it ends before it begins
 * or lasts more than a year, or pauses are not ascending or overlap. */
int parking_compute(const struct tariff *t, uint32_t class, struct wall from, struct wall to,
	const struct parking_pause *pauses, size_t pause_count,
	struct parking_line lines[TARIFF_WINDOWS], int64_t *fen);

/* A sealed bill, as it is stored, printed and hashed. */
struct bill {
	char id[40];
	char kind[12];    /* "session" or "parking" */
	char session[40]; /* of kind session */
	char visit[40];
	char gun[20];
	char order[40];
	char account[32]; /* "" = nobody known */
	char class[12];   /* token */
	char tariff[TARIFF_ID];
	struct bill_point start, end;
	struct bill_sum sum;
	int64_t parking_fen;
	int64_t total_fen;
	int64_t sealed_ms;
};

/* Bytes that always suffice for bill_text(). */
#define BILL_TEXT_MAX(lines) (2048 + (size_t)(lines)*256)

/* The canonical text of a bill, one "key value" a line, whose SHA-256 is the bill's hash: numbers
 * in base units, times in ms, lines in order. Returns its length or ERR_TOOLONG. */
int bill_text(const struct bill *bill, const struct bill_line *lines, size_t line_count,
	const struct parking_line *parking, size_t parking_count, char *dst, size_t size);

#endif
