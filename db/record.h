#ifndef PILED_RECORD_H
#define PILED_RECORD_H
/*
 * Records: the views that are kept as rows of site.db (record_info() knows them). Statements and
 * columns come from the view's table of fields, so that nothing is listed twice.
 */
#include "sql.h"
#include "view.h"

struct record_set;

/* How a kind is found. */
struct record_info {
	const char *time;   /* the column that orders it */
	const char *target; /* the column that says where: gun, pile ... */
	const char *open;   /* the column that is NULL while it lasts; NULL = always */
};
/* NULL for a kind that is not kept. */
const struct record_info *record_info(enum view_kind kind);

/* Prepares the statements on the writer's connection. A field that view.def gained since the
 * tables were made is added as a column. */
int record_open(sqlite3 *db, struct record_set **out);
void record_close(struct record_set *set);

/* Inserts or, but for marks, updates by key. A tag whose `by` is empty is taken away. ERR_INVAL:
 * refused by the schema, trying again would not help. */
int record_put(struct record_set *set, enum view_kind kind, const void *view);

/* Appends the quoted column list of a kind ("\"id\", \"gun\", ..."). */
void record_columns(enum view_kind kind, struct sql_text *t);

/* The row of a statement whose columns are those of record_columns(). */
void record_read(enum view_kind kind, sqlite3_stmt *stmt, void *view);

#endif
