#ifndef PILED_FMT_H
#define PILED_FMT_H
/*
 * Values as people read them, and quantities as people write them. Integers of the house's units
 * in, text out, and back; nothing else converts.
 */
#include <stddef.h>

#include "point.h"

/* Writes a value in the unit that people use: W -> "11.0 kW", Wh -> "12.345 kWh", mV -> "230.1 V",
 * mA -> "16.0 A", per mille -> "80.5 %", m°C -> "41 °C", UNIT_S -> "1:23:45", UNIT_WALL -> local
 * "18:02:07" today or "03-01 18:02" (see fmt_wall), fen -> "12.34 yuan". VALUE_NONE -> "-".
 * `suffix` false leaves the unit away (for columns that name it in their head). */
void fmt_value(char *dst, size_t size, enum unit unit, int64_t value, bool suffix);

/* Writes value / divisor with 0 to 5 decimals, rounded half away from zero, so that -0.05 and 0.05
 * look alike; the divisor is a power of ten. VALUE_NONE -> "-". For columns narrower than
 * fmt_value's. */
void fmt_decimal(char *dst, size_t size, int64_t value, int64_t divisor, int decimals);

/* Unit that fmt_value writes ("kW" for UNIT_W); "" for none. */
const char *fmt_unit(enum unit unit);

/* "2026-03-01 18:02:07" in the zone of the process; `brief`: "18:02" when on the day of `now`,
 * "03-01 18:02" in its year, else the date. */
void fmt_wall(char *dst, size_t size, struct wall t);
void fmt_wall_brief(char *dst, size_t size, struct wall t, struct wall now);

/* From now on times are shown and read in this zone: "Asia/Shanghai", "UTC" or "+08:00". What is no
 * zone of this machine is left alone (ERR_NOTFOUND); the name may come from outside. */
int fmt_zone(const char *zone);

/* Age or duration in words of two units at most: "4 s", "12 min", "3 h 05 min", "2 d 4 h". */
void fmt_age(char *dst, size_t size, int64_t ms);

/* Reads a quantity, number and unit: "11 kW", "60kW", "6.6 kW", "16 A", "250 ms", "90 %".
 * Exact decimal arithmetic, no rounding: what is finer than the house's unit is ERR_RANGE.
 * A bare number is ERR_SYNTAX where the unit has suffixes to choose from. ERR_RANGE outside
 * min..max. *out untouched on failure. */
int fmt_parse(const char *text, enum unit unit, int64_t min, int64_t max, int64_t *out);

/* Reads a unit with an optional factor before it, "0.1 kW" or "W", as the exact fraction num/den
 * of the house's unit, in lowest terms. */
int fmt_ratio(const char *text, enum unit unit, int64_t *num, int64_t *den);

/* The suffixes that fmt_parse takes for a unit, comma separated, for error messages. */
const char *fmt_suffixes(enum unit unit);

#endif
