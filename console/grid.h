#ifndef PILETOP_GRID_H
#define PILETOP_GRID_H
/*
 * The table widget: columns described by a list, rows that somebody else owns. Fits the columns to
 * the width by their rank, sorts, filters, scrolls, keeps the selected row selected.
 */
#include "act.h"
#include "canvas.h"
#include "glyph.h"
#include "model.h"

struct app;

struct grid_column {
	const char *title; /* message id */
	int width;
	int rank; /* columns of a higher rank leave first when the width is short; 0 never does */
	enum text_align align;
	bool flex;         /* takes the width that is left */
	int grow;          /* takes so much more once the flexible one has GRID_FLEX_ENOUGH */
	const char *field; /* sorts by this field of the view; NULL = not */
	/* Sorts by this where the rows are no view. */
	int (*compare)(const void *a, const void *b);
	/* Text of a cell and its ink. */
	void (*text)(const struct app *app, const void *row, char *dst, size_t size, enum ink *ink);
	/* Draws a cell that is not text; `text` is NULL then. */
	void (*draw)(const struct app *app, struct canvas *c, int y, int x, int w, const void *row);
};

struct grid_spec {
	enum view_kind kind;
	/* The key of a row that is no view; NULL = the first field of `kind`. */
	const char *(*key)(const void *row);
	const struct grid_column *columns;
	size_t column_count;
	const char *empty; /* message id: what it means that there is no row */
	/* The order when no column is chosen; NULL = as the rows come. */
	int (*order)(const void *a, const void *b);
	bool (*faded)(const struct app *app, const void *row);
	/* When the flexible column is narrower than `span_below`, its text moves to the empty cells
	 * from column `span_from` on, beside what it explains; 0 = never. */
	size_t span_from;
	int span_below;
	size_t (*count)(const struct app *app);
	const void *(*row)(const struct app *app, size_t i);
};

#define GRID_ROWS_MAX    (2 * MODEL_ROWS_MAX)
#define GRID_FLEX_ENOUGH 36

/* What the user chose; survives leaving the page. */
struct grid {
	int sort; /* column, -1 = spec->order */
	bool reverse;
	char filter[64];
	char selected[64]; /* key of the row */
	size_t top;
	size_t shown, total; /* of the last drawing */
	int page;            /* rows that fit */
};

void grid_init(struct grid *grid);

/* Draws head and rows. */
void grid_draw(const struct app *app, struct canvas *c, struct area a, struct grid *grid,
	const struct grid_spec *spec);

/* Moves, sorts; false when the action is none of a grid's. */
bool grid_act(const struct app *app, struct grid *grid, const struct grid_spec *spec, enum act act);

/* The selected row, NULL when there is none. */
const void *grid_selected(
	const struct app *app, const struct grid *grid, const struct grid_spec *spec);

/* Compares texts so that A2 stands before A10. */
int grid_compare_names(const char *a, const char *b);

#endif
