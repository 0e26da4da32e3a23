#ifndef PILED_REPORT_PART_H
#define PILED_REPORT_PART_H
/*
 * What the reports of money share: their sums of the roll-ups, their rows, the sections that more
 * than one of them has.
 */
#include "calendar.h"
#include "money_report.h"
#include "rating.h"
#include "reader.h"

struct sums {
	int64_t n, wh, s, elec, service, parking, flat;
	int64_t rated[RATING_MAX + 1]; /* how many with so many stars; 0 where nobody asks */
};

/* The columns of sale_day that make a struct sums; part_sums_at() reads them from a row. */
#define PART_SUMS                                                                   \
	"sum(n), sum(energy_wh), sum(duration_s), sum(elec_fen), sum(service_fen)," \
	" sum(parking_fen), sum(flat_fen)"
struct sums part_sums_at(sqlite3_stmt *stmt, int first);

/* The newest rating of each bill that was sealed in [:first, :last), as a table expression with the
 * columns gun and stars. Bills are numbered as they are sealed: ratings of others are not read. */
#define PART_RATED                                                                   \
	"(SELECT b.gun AS gun, n.stars AS stars FROM rating n CROSS JOIN bill b"     \
	" ON b.id = n.bill WHERE n.bill BETWEEN"                                     \
	" (SELECT min(+id) FROM bill WHERE sealed >= :first AND sealed < :last) AND" \
	" (SELECT max(+id) FROM bill WHERE sealed >= :first AND sealed < :last)"     \
	" AND b.sealed >= :first AND b.sealed < :last"                               \
	" AND n.id = (SELECT max(id) FROM rating WHERE bill = n.bill))"

/* A number of a row; 0 for NULL, which is the sum of nothing. */
static inline int64_t part_int(int64_t value)
{
	return value == VALUE_NONE ? 0 : value;
}

/* The first row of a query over [:from, :to), so many columns, as part_int() takes them. */
int part_ints(sqlite3 *db, const char *query, int64_t from, int64_t to, int columns, int64_t *out);

/* Begins to read; ERR_CORRUPT where the roll-ups lack something. reader_end() ends. */
int part_whole(struct store_reader *reader);

/* A report under way. */
struct part {
	struct store_reader *reader;
	struct zone_rules zone;
	struct report_span span;
	struct wall from, to; /* instants of the span */
	int (*each)(void *arg, const struct view_report *row);
	void *arg;
};

/* Binds the span's instants to PART_RATED. */
void part_bind_rated(sqlite3_stmt *stmt, const struct part *r);

/* How many ratings and their mean, where there are any. */
void part_stars(struct view_report *row, const struct sums *s);

/* Begins a report; reader_end() ends it. */
int part_begin(struct part *r, struct store_reader *reader, const struct report_span *span);

/* A row of a section, otherwise empty; give it with r->each. */
void part_row(const struct part *r, const char *section, const char *item, struct view_report *row);
/* Gives a row of sums; of an amount with a count or VALUE_NONE. */
int part_sums(struct part *r, const char *section, const char *item, const struct sums *s);
int part_fen(struct part *r, const char *section, const char *item, int64_t count, int64_t fen);

/* Sections: revenue by component; the slots of the span. */
int part_revenue(struct part *r);
int part_slots(struct part *r);

#endif
