#ifndef PILED_TARIFF_H
#define PILED_TARIFF_H
/*
 * A tariff: what a kilowatt-hour and a minute of parking cost at any time. A plain value without
 * pointers and without padding, so that it travels in events and is hashed as bytes. It comes from
 * a text (tariff_file.h), holds from its date until the next version of the same id, and is never
 * changed afterwards. All here is pure and total.
 */
#include <stdbool.h>
#include <stddef.h>

#include "calendar.h"
#include "err.h"

enum period {
#define PERIOD(sym, token, glyph, label) PERIOD_##sym,
#include "period.def"
#undef PERIOD
	PERIOD_COUNT_
};

struct period_info {
	const char *token; /* wire name and word of the text */
	const char *glyph; /* one ASCII character */
	const char *label; /* message id */
};

/* The row of a period; PERIOD_FLAT's for a number that is none. */
const struct period_info *period_info(unsigned period);
int period_find(const char *token, enum period *out);

/* Classes of accounts. */
enum account_class {
#define CLASS(sym, token, label) CLASS_##sym,
#include "class.def"
#undef CLASS
	CLASS_COUNT_
};

/* Wire name and message id; those of CLASS_ORDINARY for a number that is none. */
const char *class_token(unsigned class);
const char *class_label(unsigned class);
int class_find(const char *token, enum account_class *out);

/* What a version is at a moment. */
enum tariff_state {
#define TARIFF_STATE(sym, token, label) TARIFF_##sym,
#include "tariffstate.def"
#undef TARIFF_STATE
	TARIFF_STATE_COUNT_
};

const char *tariff_state_token(enum tariff_state state);
/* The message id for a token of the wire; the token itself where it is none. */
const char *tariff_state_label(const char *token);

enum day_kind { DAY_WORKDAY, DAY_WEEKEND, DAY_HOLIDAY, DAY_KINDS };

/* Prices in 1e-5 yuan per kWh. */
struct price {
	int32_t elec_e5;
	int32_t service_e5;
};

#define TARIFF_ID        32
#define TARIFF_SCHEDULES 36 /* as many as months x kinds of days */
#define TARIFF_HOLIDAYS  160
#define TARIFF_WORKDAYS  80 /* weekend days that are worked */
#define TARIFF_WINDOWS   8  /* of the parking fee */
#define TARIFF_SETS      4  /* prices that are others for some months */

/* Parking is charged inside a window, minutes of the day from..to; over midnight where from >= to.
 */
struct parking_window {
	int32_t from_min, to_min;         /* 0..1440 */
	int32_t per_min_e5[CLASS_COUNT_]; /* 1e-5 yuan a minute */
};

struct tariff {
	char id[TARIFF_ID];
	int64_t from_ms;        /* in force from here on, a local midnight */
	int64_t cap_fen;        /* of one parking; 0 = none */
	int64_t no_show_fen;    /* of a reservation that nobody came for */
	uint32_t version;       /* counts from 1 within an id */
	uint32_t free_min;      /* of parking, from the end of the charge */
	struct zone_rules zone; /* of the site, as it was known when the version was taken in */
	struct price price[TARIFF_SETS][CLASS_COUNT_][PERIOD_COUNT_];
	struct parking_window window[TARIFF_WINDOWS];
	int32_t holiday[TARIFF_HOLIDAYS]; /* days since 1970, ascending */
	int32_t workday[TARIFF_WORKDAYS];
	uint32_t holidays, workdays, windows, schedules;
	uint8_t set_of[12];                            /* month -> prices */
	uint8_t schedule_of[12][DAY_KINDS];            /* month, kind of day -> schedule */
	uint8_t schedule[TARIFF_SCHEDULES][CAL_SLOTS]; /* enum period */
};

/* A half hour and what holds in it for a class. */
struct tariff_slot {
	struct wall begin, end; /* local half hour, cut where the offset changes */
	enum period period;
	struct price price;
};

enum day_kind tariff_day_kind(const struct tariff *t, int64_t day);
const char *day_kind_token(enum day_kind kind);

/* What holds at `at`, whether or not the version is in force then. A class that is none counts as
 * ordinary. */
void tariff_at(const struct tariff *t, struct wall at, unsigned class, struct tariff_slot *out);

/* The first instant after `at` at which period or price of the class changes within this version,
 * at most `days` days ahead; false where it does not. */
bool tariff_next_change(
	const struct tariff *t, struct wall at, unsigned class, int days, struct tariff_slot *next);

/* Of versions of one id, ascending by from_ms, the index of the one in force at `at`; -1 where none
 * is yet. */
int tariff_in_force(const struct tariff *const *versions, size_t count, struct wall at);

/* Whether a value from outside (journal, database) is a tariff: counts within bounds, periods and
 * references that exist, prices in range, dates ascending. 0 or ERR_CORRUPT. */
int tariff_valid(const struct tariff *t);

/* Electricity and service in one: what a display shows. */
static inline int64_t price_total_e5(struct price p)
{
	return (int64_t)p.elec_e5 + p.service_e5;
}

#endif
