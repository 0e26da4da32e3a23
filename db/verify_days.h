#ifndef PILED_VERIFY_DAYS_H
#define PILED_VERIFY_DAYS_H
/*
 * Whether sums by day are those of what they were made of, without keeping a sum: each value is
 * multiplied by a secret number of its own, made anew at each start, and what the rows of the sums
 * give must take away what the parts gave. Some bytes a day, however many guns and kinds there are.
 */
#include "sql.h"
#include "zonerule.h"

struct day_sums;

/* ERR_NOMEM, ERR_IO. day_sums_free() accepts NULL. */
int day_sums_new(const struct zone_rules *zone, struct day_sums **out);
/* An empty one that `sums` can take later. */
int day_sums_like(const struct day_sums *sums, struct day_sums **out);
void day_sums_free(struct day_sums *sums);

/* The site's day of an instant. */
int64_t day_sums_day(struct day_sums *sums, int64_t ms);

/* The name of a row, but for its day; it costs a little, and may be kept. */
uint64_t day_sums_name(const struct day_sums *sums, const char *a, const char *b);

/* Adds (sign 1) or takes away (-1) a row's values, all in the order of its columns. ERR_NOMEM. */
int day_sums_add(struct day_sums *sums, int64_t day, uint64_t name, const int64_t *values,
	size_t count, int sign);
/* What others, made to be like it, have added. */
int day_sums_take(struct day_sums *sums, const struct day_sums *others);

/* The first day on which something is left: 1 and its number, or 0. */
int day_sums_wrong(const struct day_sums *sums, int64_t *day);

#endif
