#ifndef PILED_READING_H
#define PILED_READING_H
/*
 * A reading: value, quality, and the moment at which the bus reply came.
 * "No reading" is a quality, never 0. Staleness is the reader's judgement of `at`.
 */
#include "err.h"
#include "timex.h"

enum quality {
#define QUALITY(sym, token, text) Q_##sym,
#include "quality.def"
#undef QUALITY
	Q_COUNT_
};

struct reading {
	int64_t value;
	enum quality quality;
	struct mono at;
};

/* A value that is absent on the wire and in views. */
#define VALUE_NONE INT64_MIN

const char *quality_token(enum quality q);
/* The quality of a token; Q_NONE for any other text. */
enum quality quality_of(const char *token);

static inline bool reading_good(const struct reading *r)
{
	return r->quality == Q_GOOD || r->quality == Q_SUBSTITUTE;
}

/* Age at `now` in microseconds; INT64_MAX when never read. */
static inline int64_t reading_age_us(const struct reading *r, struct mono now)
{
	return r->quality == Q_NONE ? INT64_MAX : mono_diff_us(now, r->at);
}

#endif
