#ifndef PILED_READER_H
#define PILED_READER_H
/*
 * What the reading files of db/ share: the connections of a reader.
 */
#include "sql.h"
#include "store.h"

struct store_reader {
	sqlite3 *site, *history;
	int64_t utc_offset_s; /* of the site's days, as the writer noted it */
};

/* The bounds that select "A1" (a pile: its own rows and those of its guns) or "A1.2" by range:
 * target = exact, or after <= target < before. */
struct reader_range {
	const char *exact;
	char after[32], before[32];
};
void reader_target(const char *target, struct reader_range *out);

/* Begins and ends a read transaction on a connection: what lies between sees one state. */
int reader_begin(sqlite3 *db);
void reader_end(sqlite3 *db);

#endif
