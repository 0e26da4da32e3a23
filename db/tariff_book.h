#ifndef PILED_TARIFF_BOOK_H
#define PILED_TARIFF_BOOK_H
/*
 * The tariffs that were taken in: rows of site.db, append only. The version in force at a time is
 * the one with the highest number of those whose date has come, so that a later version with an
 * earlier date takes the place of a planned one, which is never in force then.
 */
#include "sql.h"
#include "store.h"
#include "tariff.h"

/* One version as it was taken in. Texts are borrowed for the call. */
struct tariff_entry {
	struct tariff tariff;
	struct wall taken;
	const char *text, *by, *origin, *reason;
	bool replaced; /* never was and never will be in force */
	int64_t to_ms; /* until when it is in force; VALUE_NONE = no end is known */
};

/* The version as a row for people, as things stand at `now`. */
void tariff_entry_view(const struct tariff_entry *entry, struct wall now, struct view_tariff *out);

/* Every version of one tariff (NULL: of all), by name and number. A non-zero return ends.
 * ERR_CORRUPT for a row that is no tariff. */
int tariff_each(sqlite3 *db, const char *id,
	int (*each)(void *arg, const struct tariff_entry *entry), void *arg);

/* The same for a reader. */
int store_tariffs(struct store_reader *reader, const char *id,
	int (*each)(void *arg, const struct tariff_entry *entry), void *arg);

/* All that are not replaced, at hand for bills. */
struct tariff_book;
int tariff_book_load(sqlite3 *db, struct tariff_book **out);
/* Accepts NULL. */
void tariff_book_free(struct tariff_book *book);

/* The versions of a tariff as bill_compute() takes them; none: *count is 0. Borrowed. */
const struct tariff *const *tariff_book_of(
	const struct tariff_book *book, const char *id, size_t *count);
/* All, by name and date. */
const struct tariff *const *tariff_book_all(const struct tariff_book *book, size_t *count);

/* May this one be taken in now? Gives it its number. With `again` the same text is there already
 * and the number is that one's. ERR_RANGE with a message id: it would change prices of the past, or
 * take the place of a planned version without `replace`. Inside of the caller's transaction. */
struct tariff_asked {
	const char *text;
	struct wall now;
	bool replace;
};
int tariff_admit(sqlite3 *db, const struct tariff_asked *asked, struct tariff *t, bool *again,
	const char **message);
/* Would it be, as a reader sees things. */
int store_tariff_admit(struct store_reader *reader, const struct tariff_asked *asked,
	struct tariff *t, bool *again, const char **message);

#endif
