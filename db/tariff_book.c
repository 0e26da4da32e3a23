#include "tariff_book.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reader.h"
#include "tariff_pack.h"

/* Whether the row t will never be in force any more. */
#define REPLACED                                                                         \
	" EXISTS (SELECT 1 FROM tariff AS l WHERE l.id = t.id AND l.version > t.version" \
	" AND l.\"from\" <= t.\"from\")"

struct tariff_book {
	struct tariff *tariffs;
	const struct tariff **list;
	size_t count;
};

static int read_packed(sqlite3_stmt *stmt, int column, struct tariff *out)
{
	int size = sqlite3_column_bytes(stmt, column);
	struct pack p = pack_reader(sqlite3_column_blob(stmt, column), (size_t)size);

	tariff_pack(&p, out);
	return p.bad ? ERR_CORRUPT : 0;
}

int tariff_each(sqlite3 *db, const char *id,
	int (*each)(void *arg, const struct tariff_entry *entry), void *arg)
{
	sqlite3_stmt *stmt = NULL;
	struct tariff_entry e;
	int rc = sql_prepare(db,
		"SELECT compiled, at, text, by, origin, reason," REPLACED
		", id, version FROM tariff AS t"
		" WHERE :id IS NULL OR id = :id ORDER BY id, version",
		&stmt);

	if (rc == 0) {
		sql_bind_text(stmt, ":id", id);
	}
	while (rc == 0 && (rc = sql_step(stmt)) == 1) {
		rc = read_packed(stmt, 0, &e.tariff);
		if (rc == 0 && (strcmp(e.tariff.id, sql_text(stmt, 7)) != 0 ||
				       e.tariff.version != sql_int(stmt, 8))) {
			rc = ERR_CORRUPT;
		}
		e.taken.ms = sql_int(stmt, 1);
		e.text = sql_text(stmt, 2);
		e.by = sql_text(stmt, 3);
		e.origin = sql_text(stmt, 4);
		e.reason = sql_text(stmt, 5);
		e.replaced = sql_int(stmt, 6) != 0;
		e.to_ms = e.replaced ? VALUE_NONE : sql_int(stmt, 9);
		rc = rc != 0 ? rc : each(arg, &e);
	}
	sqlite3_finalize(stmt);
	return rc;
}

int store_tariffs(struct store_reader *reader, const char *id,
	int (*each)(void *arg, const struct tariff_entry *entry), void *arg)
{
	return tariff_each(reader->site, id, each, arg);
}

static enum tariff_state state_at(const struct tariff_entry *e, struct wall now)
{
	if (e->replaced) {
		return TARIFF_REPLACED;
	}
	if (e->tariff.from_ms > now.ms) {
		return TARIFF_PLANNED;
	}
	return e->to_ms != VALUE_NONE && e->to_ms <= now.ms ? TARIFF_PAST : TARIFF_IN_FORCE;
}

void tariff_entry_view(const struct tariff_entry *e, struct wall now, struct view_tariff *out)
{
	const struct tariff *t = &e->tariff;

	view_clear(VIEW_tariff, out);
	snprintf(out->id, sizeof out->id, "%s/%u", t->id, (unsigned)t->version);
	VIEW_SET(out, tariff, t->id);
	out->version = t->version;
	out->from = t->from_ms;
	out->to = e->to_ms;
	VIEW_SET(out, state, tariff_state_token(state_at(e, now)));
	out->taken = e->taken.ms;
	VIEW_SET(out, by, e->by);
	VIEW_SET(out, origin, e->origin);
	VIEW_SET(out, reason, e->reason);
}

static int keep(void *arg, const struct tariff_entry *e)
{
	struct tariff_book *book = arg;
	struct tariff *grown;

	if (e->replaced) {
		return 0;
	}
	grown = realloc(book->tariffs, (book->count + 1) * sizeof *grown);
	if (grown == NULL) {
		return ERR_NOMEM;
	}
	book->tariffs = grown;
	grown[book->count++] = e->tariff;
	return 0;
}

int tariff_book_load(sqlite3 *db, struct tariff_book **out)
{
	struct tariff_book *book = calloc(1, sizeof *book);
	int rc;

	if (book == NULL) {
		return ERR_NOMEM;
	}
	rc = tariff_each(db, NULL, keep, book);
	if (rc == 0) {
		book->list = calloc(book->count + 1, sizeof(*book->list));
		rc = book->list == NULL ? ERR_NOMEM : 0;
	}
	for (size_t i = 0; rc == 0 && i < book->count; i++) {
		book->list[i] = &book->tariffs[i];
	}
	if (rc != 0) {
		tariff_book_free(book);
		return rc;
	}
	*out = book;
	return 0;
}

void tariff_book_free(struct tariff_book *book)
{
	if (book != NULL) {
		free(book->list);
		free(book->tariffs);
		free(book);
	}
}

const struct tariff *const *tariff_book_of(
	const struct tariff_book *book, const char *id, size_t *count)
{
	size_t first = 0;

	while (first < book->count && strcmp(book->list[first]->id, id) != 0) {
		first++;
	}
	for (*count = 0;
		first + *count < book->count && strcmp(book->list[first + *count]->id, id) == 0;) {
		++*count;
	}
	return book->list + first;
}

const struct tariff *const *tariff_book_all(const struct tariff_book *book, size_t *count)
{
	*count = book->count;
	return book->list;
}

/* Rows of this name: the newest number, that of the same text and one of those that begin at
 * the same date or later; both of versions that are not replaced. */
static int look(sqlite3 *db, const struct tariff_asked *asked, const struct tariff *t,
	int64_t *newest, int64_t *same, int64_t *planned)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sql_prepare(db,
		"SELECT coalesce(max(version), 0),"
		" coalesce(max(CASE WHEN text = :text AND NOT" REPLACED " THEN version END), 0),"
		" coalesce(max(CASE WHEN \"from\" >= :from AND NOT" REPLACED
		" THEN version END), 0)"
		" FROM tariff AS t WHERE id = :id",
		&stmt);

	*newest = *same = *planned = 0;
	if (rc == 0) {
		sql_bind_text(stmt, ":text", asked->text);
		sql_bind_text(stmt, ":id", t->id);
		sql_bind_int(stmt, ":from", t->from_ms);
		rc = sql_step(stmt);
	}
	if (rc == 1) {
		*newest = sql_int(stmt, 0);
		*same = sql_int(stmt, 1);
		*planned = sql_int(stmt, 2);
		rc = 0;
	}
	sqlite3_finalize(stmt);
	return rc;
}

int tariff_admit(sqlite3 *db, const struct tariff_asked *asked, struct tariff *t, bool *again,
	const char **message)
{
	int64_t newest, same, planned;
	int rc = look(db, asked, t, &newest, &same, &planned);

	if (rc != 0) {
		return rc;
	}
	*again = same != 0;
	t->version = (uint32_t)(same != 0 ? same : newest + 1);
	if (same != 0 || newest == 0) {
		return 0;
	}
	if (t->from_ms <= asked->now.ms) {
		*message = N_("this tariff is in use: a new version must begin in the future, "
			      "prices of the past are never changed");
		return ERR_RANGE;
	}
	if (planned != 0 && !asked->replace) {
		*message = N_("a version with this date or a later one is planned already; "
			      "--replace takes its place");
		return ERR_RANGE;
	}
	return 0;
}

int store_tariff_admit(struct store_reader *reader, const struct tariff_asked *asked,
	struct tariff *t, bool *again, const char **message)
{
	return tariff_admit(reader->site, asked, t, again, message);
}
