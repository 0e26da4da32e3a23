#include "grid.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "i18n.h"

#define CELL_TEXT 192
#define COLS_MAX  24

struct sorting {
	const struct grid *grid;
	const struct grid_spec *spec;
};

int grid_compare_names(const char *a, const char *b)
{
	while (*a != '\0' && *b != '\0') {
		if (isdigit((unsigned char)*a) && isdigit((unsigned char)*b)) {
			size_t na, nb;

			a += strspn(a, "0");
			b += strspn(b, "0");
			na = strspn(a, "0123456789");
			nb = strspn(b, "0123456789");
			if (na != nb) {
				return na < nb ? -1 : 1;
			}
			if (strncmp(a, b, na) != 0) {
				return strncmp(a, b, na);
			}
			a += na;
			b += nb;
		} else if (*a != *b) {
			return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
		} else {
			a++;
			b++;
		}
	}
	return *a == *b ? 0 : *a == '\0' ? -1 : 1;
}

static const char *key_of(const struct grid_spec *spec, const void *row, char room[VIEW_KEY_ROOM])
{
	return spec->key != NULL ? spec->key(row) : view_key(spec->kind, row, room);
}

static int compare_field(const struct field *f, const void *a, const void *b)
{
	int64_t x, y;

	if (f->unit == UNIT_TEXT) {
		return grid_compare_names(view_text(f, a), view_text(f, b));
	}
	x = view_int(f, a);
	y = view_int(f, b);
	return x < y ? -1 : x > y;
}

static int compare_rows(const void *pa, const void *pb, void *arg)
{
	char room[2][VIEW_KEY_ROOM];
	const struct sorting *s = arg;
	const void *a = *(const void *const *)pa;
	const void *b = *(const void *const *)pb;
	int order = 0;

	if (s->grid->sort >= 0) {
		const struct grid_column *col = &s->spec->columns[s->grid->sort];

		order = col->compare != NULL
				? col->compare(a, b)
				: compare_field(view_field(s->spec->kind, col->field), a, b);
	} else if (s->spec->order != NULL) {
		order = s->spec->order(a, b);
	}
	if (s->grid->reverse) {
		order = -order;
	}
	return order != 0 ? order
			  : grid_compare_names(
				    key_of(s->spec, a, room[0]), key_of(s->spec, b, room[1]));
}

static bool contains_folded(const char *text, const char *part)
{
	size_t n = strlen(part);

	for (; strlen(text) >= n; text++) {
		if (strncasecmp(text, part, n) == 0) {
			return true;
		}
	}
	return false;
}

static bool passes(const struct app *app, const struct grid *grid, const struct grid_spec *spec,
	const void *row)
{
	char text[CELL_TEXT];
	enum ink ink;

	if (grid->filter[0] == '\0') {
		return true;
	}
	for (size_t i = 0; i < spec->column_count; i++) {
		if (spec->columns[i].text == NULL) {
			continue;
		}
		spec->columns[i].text(app, row, text, sizeof text, &ink);
		if (contains_folded(text, grid->filter)) {
			return true;
		}
	}
	return false;
}

/* The rows in the order of the screen. */
static size_t collect(const struct app *app, const struct grid *grid, const struct grid_spec *spec,
	const void **rows)
{
	size_t n = 0;
	size_t total = spec->count(app);

	for (size_t i = 0; i < total && n < GRID_ROWS_MAX; i++) {
		const void *row = spec->row(app, i);

		if (row != NULL && passes(app, grid, spec, row)) {
			rows[n++] = row;
		}
	}
	if (grid->sort >= 0 || spec->order != NULL) {
		struct sorting s = {grid, spec};

		qsort_r(rows, n, sizeof *rows, compare_rows, &s);
	}
	return n;
}

static size_t position(
	const struct grid *grid, const struct grid_spec *spec, const void *const *rows, size_t n)
{
	char room[VIEW_KEY_ROOM];

	for (size_t i = 0; i < n; i++) {
		if (strcmp(key_of(spec, rows[i], room), grid->selected) == 0) {
			return i;
		}
	}
	return 0;
}

void grid_init(struct grid *grid)
{
	*grid = (struct grid){.sort = -1, .page = 1};
}

/* Decides how wide each column is: 0 for those that do not fit, of which the ones of the highest
 * rank leave first. */
static void fit_columns(const struct grid_spec *spec, int width, int *widths)
{
	int need = -1;
	size_t flex = spec->column_count;

	for (size_t i = 0; i < spec->column_count; i++) {
		widths[i] = spec->columns[i].width;
		need += widths[i] + 1;
		flex = spec->columns[i].flex ? i : flex;
	}
	while (need > width) {
		size_t worst = spec->column_count;

		for (size_t i = 0; i < spec->column_count; i++) {
			if (widths[i] > 0 && spec->columns[i].rank > 0 &&
				(worst == spec->column_count ||
					spec->columns[i].rank >= spec->columns[worst].rank)) {
				worst = i;
			}
		}
		if (worst == spec->column_count) {
			return;
		}
		need -= widths[worst] + 1;
		widths[worst] = 0;
	}
	if (flex == spec->column_count) {
		return;
	}
	widths[flex] += width - need;
	for (size_t i = 0; i < spec->column_count; i++) {
		int spare = widths[flex] - GRID_FLEX_ENOUGH;
		int more = spec->columns[i].grow < spare ? spec->columns[i].grow : spare;

		if (widths[i] > 0 && more > 0) {
			widths[i] += more;
			widths[flex] -= more;
		}
	}
}

static void draw_head(const struct app *app, struct canvas *c, struct area a,
	const struct grid *grid, const struct grid_spec *spec, const int *widths)
{
	int x = a.x;

	canvas_repeat(c, a.y, a.x, a.w, INK_HEAD, " ");
	for (size_t i = 0; i < spec->column_count; i++) {
		const struct grid_column *col = &spec->columns[i];
		int w = widths[i];
		char title[64];

		if (w == 0) {
			continue;
		}
		view_set_text(title, sizeof title, _(col->title));
		if (grid->sort == (int)i) {
			const char *arrow = grid->reverse ? app->glyphs->down : app->glyphs->up;
			size_t used = text_fit(title, w - 1, NULL);

			view_set_text(title + used, sizeof title - used, arrow);
		}
		canvas_field(c, a.y, x, w, col->align, INK_HEAD, title);
		x += w + 1;
	}
}

/* Width of the cells from span_from on that are empty in this row. */
static int span_width(const struct grid_spec *spec, const int *widths, const bool *empty)
{
	int w = -1;

	for (size_t i = spec->span_from; !spec->columns[i].flex && empty[i]; i++) {
		w += widths[i] > 0 ? widths[i] + 1 : 0;
	}
	return w;
}

static void draw_row(const struct app *app, struct canvas *c, struct area a,
	const struct grid_spec *spec, const int *widths, const void *row)
{
	bool faded = c->faded;
	bool empty[COLS_MAX];
	int x = a.x, span_x = a.x;

	c->faded = faded || (spec->faded != NULL && spec->faded(app, row));
	for (size_t i = 0; i < spec->column_count; i++) {
		const struct grid_column *col = &spec->columns[i];
		int w = widths[i];
		char text[CELL_TEXT] = "";
		enum ink ink = INK_NORMAL;

		if (i == spec->span_from) {
			span_x = x;
		}
		empty[i] = true;
		if (w == 0) {
			continue;
		}
		if (col->text != NULL) {
			col->text(app, row, text, sizeof text, &ink);
			empty[i] = text[0] == '\0';
		} else {
			col->draw(app, c, a.y, x, w, row);
		}
		if (col->flex && w < spec->span_below && span_width(spec, widths, empty) > w) {
			canvas_text(c, a.y, span_x, span_width(spec, widths, empty), ink, text);
		} else if (col->text != NULL) {
			canvas_field(c, a.y, x, w, col->align, ink, text);
		}
		x += w + 1;
	}
	c->faded = faded;
}

void grid_draw(const struct app *app, struct canvas *c, struct area a, struct grid *grid,
	const struct grid_spec *spec)
{
	const void *rows[GRID_ROWS_MAX];
	int widths[COLS_MAX];
	size_t n = collect(app, grid, spec, rows);
	size_t at = position(grid, spec, rows, n);
	size_t fit = a.h > 1 ? (size_t)a.h - 1 : 1;

	fit_columns(spec, a.w, widths);
	grid->shown = n;
	grid->total = spec->count(app);
	grid->page = (int)fit;
	if (at < grid->top) {
		grid->top = at;
	}
	if (at >= grid->top + fit) {
		grid->top = at - fit + 1;
	}
	if (grid->top + fit > n) {
		grid->top = n > fit ? n - fit : 0;
	}
	draw_head(app, c, (struct area){a.y, a.x, 1, a.w}, grid, spec, widths);
	for (size_t i = 0; i < fit && grid->top + i < n; i++) {
		struct area line = {a.y + 1 + (int)i, a.x, 1, a.w};

		draw_row(app, c, line, spec, widths, rows[grid->top + i]);
		if (grid->top + i == at) {
			canvas_reverse(c, line.y, line.x, line.w);
		}
	}
	if (n == 0) {
		canvas_text(c, a.y + 2, a.x + 2, a.w - 4, INK_DIM,
			grid->filter[0] != '\0' ? _("No line holds this text.") : _(spec->empty));
	}
}

static void sort_next(struct grid *grid, const struct grid_spec *spec)
{
	do {
		grid->sort++;
		if (grid->sort >= (int)spec->column_count) {
			grid->sort = -1;
			break;
		}
	} while (spec->columns[grid->sort].field == NULL &&
		 spec->columns[grid->sort].compare == NULL);
	grid->reverse = false;
}

bool grid_act(const struct app *app, struct grid *grid, const struct grid_spec *spec, enum act act)
{
	char room[VIEW_KEY_ROOM];
	const void *rows[GRID_ROWS_MAX];
	size_t n = collect(app, grid, spec, rows);
	size_t at = position(grid, spec, rows, n);
	size_t page = (size_t)grid->page;

	switch (act) {
	case ACT_UP:
		at = at > 0 ? at - 1 : 0;
		break;
	case ACT_DOWN:
		at++;
		break;
	case ACT_PAGE_UP:
		at = at > page ? at - page : 0;
		break;
	case ACT_PAGE_DOWN:
		at += page;
		break;
	case ACT_FIRST:
		at = 0;
		break;
	case ACT_LAST:
		at = n;
		break;
	case ACT_SORT:
		sort_next(grid, spec);
		return true;
	case ACT_REVERSE:
		grid->reverse = !grid->reverse;
		return true;
	case ACT_ABNORMAL:
		grid->sort = -1;
		grid->reverse = false;
		grid->selected[0] = '\0';
		grid->top = 0;
		return true;
	default:
		return false;
	}
	if (n > 0) {
		at = at < n ? at : n - 1;
		view_set_text(grid->selected, sizeof grid->selected, key_of(spec, rows[at], room));
	}
	return true;
}

const void *grid_selected(
	const struct app *app, const struct grid *grid, const struct grid_spec *spec)
{
	const void *rows[GRID_ROWS_MAX];
	size_t n = collect(app, grid, spec, rows);

	return n == 0 ? NULL : rows[position(grid, spec, rows, n)];
}
