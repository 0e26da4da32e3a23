#ifndef PILED_TIMEX_H
#define PILED_TIMEX_H
/*
 * Time as two types that do not mix: `mono` for control, ages and durations,
 * `wall` for records. Time is an argument; only edges read a clock.
 */
#include <stdbool.h>
#include <stdint.h>

#define US_PER_S  INT64_C(1000000)
#define US_PER_MS INT64_C(1000)
#define MS_PER_S  INT64_C(1000)

/* Microseconds since boot (CLOCK_BOOTTIME). */
struct mono {
	int64_t us;
};

/* Milliseconds since 1970-01-01 UTC (CLOCK_REALTIME). */
struct wall {
	int64_t ms;
};

/* One instant on both clocks. */
struct moment {
	struct mono mono;
	struct wall wall;
};

static inline struct mono mono_add_us(struct mono t, int64_t us)
{
	return (struct mono){t.us + us};
}

/* a - b in microseconds. */
static inline int64_t mono_diff_us(struct mono a, struct mono b)
{
	return a.us - b.us;
}

static inline bool mono_before(struct mono a, struct mono b)
{
	return a.us < b.us;
}

/* a - b in milliseconds. */
static inline int64_t wall_diff_ms(struct wall a, struct wall b)
{
	return a.ms - b.ms;
}

/* The clocks of this machine. Edges only: never called from agent/core. */
struct mono mono_now(void);
struct wall wall_now(void);
struct moment moment_now(void);

#endif
