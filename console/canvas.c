#include "canvas.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 1024

static const struct cell blank = {.ch = " ", .columns = 1};

static int clamp(int v, int max)
{
	return v < 1 ? 1 : v > max ? max : v;
}

int canvas_init(struct canvas *c, int rows, int cols)
{
	rows = clamp(rows, CANVAS_ROWS_MAX);
	cols = clamp(cols, CANVAS_COLS_MAX);
	*c = (struct canvas){.rows = rows, .cols = cols};
	c->cells = malloc((size_t)rows * (size_t)cols * sizeof *c->cells);
	if (c->cells == NULL) {
		return ERR_NOMEM;
	}
	canvas_clear(c);
	return 0;
}

void canvas_free(struct canvas *c)
{
	free(c->cells);
	*c = (struct canvas){0};
}

void canvas_clear(struct canvas *c)
{
	for (int i = 0; i < c->rows * c->cols; i++) {
		c->cells[i] = blank;
	}
	c->faded = false;
}

static struct cell *cell_at(const struct canvas *c, int y, int x)
{
	if (y < 0 || y >= c->rows || x < 0 || x >= c->cols) {
		return NULL;
	}
	return &c->cells[y * c->cols + x];
}

const struct cell *canvas_at(const struct canvas *c, int y, int x)
{
	return cell_at(c, y, x);
}

static uint8_t shade(const struct canvas *c, enum ink ink)
{
	return (uint8_t)(c->faded && ink != INK_HEAD && ink != INK_TITLE && ink != INK_BANNER
				 ? INK_DIM
				 : ink);
}

/* Half of a wide character may not stay behind. */
static void break_wide(struct canvas *c, int y, int x)
{
	struct cell *at = cell_at(c, y, x);
	struct cell *left = cell_at(c, y, x - 1);
	struct cell *right = cell_at(c, y, x + 1);

	if (at->columns == 0 && left != NULL) {
		memcpy(left->ch, " ", 2);
		left->columns = 1;
	}
	if (at->columns == 2 && right != NULL) {
		memcpy(right->ch, " ", 2);
		right->columns = 1;
	}
}

static void set_cell(struct canvas *c, int y, int x, enum ink ink, const char *ch, size_t n, int w)
{
	struct cell *at = cell_at(c, y, x);

	break_wide(c, y, x);
	*at = (struct cell){.ink = shade(c, ink), .columns = (uint8_t)w};
	memcpy(at->ch, ch, n);
	if (w == 2) {
		break_wide(c, y, x + 1);
		*cell_at(c, y, x + 1) = (struct cell){.ink = at->ink};
	}
}

static void combine(struct canvas *c, int y, int x, const char *ch, size_t n)
{
	struct cell *at = cell_at(c, y, x);
	size_t have;

	if (at != NULL && at->columns == 0) {
		at = cell_at(c, y, x - 1);
	}
	have = at == NULL ? 0 : strlen(at->ch);
	if (have > 0 && have + n < sizeof at->ch) {
		memcpy(at->ch + have, ch, n);
	}
}

/* Draws the first `bytes` of clean text. */
static int draw(struct canvas *c, int y, int x, enum ink ink, const char *text, size_t bytes)
{
	const char *end = text + bytes;
	int start = x;
	size_t n;

	for (; text < end; text += n) {
		int w = text_columns_of(text_decode(text, &n));

		if (n == 0) {
			break;
		}
		if (w == 0) {
			if (x > start) {
				combine(c, y, x - 1, text, n);
			}
			continue;
		}
		if (cell_at(c, y, x) != NULL && cell_at(c, y, x + w - 1) != NULL) {
			set_cell(c, y, x, ink, text, n, w);
		}
		x += w;
	}
	return x - start;
}

int canvas_text(struct canvas *c, int y, int x, int w, enum ink ink, const char *text)
{
	char clean[TEXT_MAX];
	int used;
	size_t n;

	if (w <= 0 || y < 0 || y >= c->rows) {
		return 0;
	}
	text_clean(clean, sizeof clean, text);
	if (text_width(clean) <= w) {
		return draw(c, y, x, ink, clean, strlen(clean));
	}
	n = text_fit(clean, w - 1, &used);
	draw(c, y, x, ink, clean, n);
	draw(c, y, x + used, ink, "…", strlen("…"));
	return used + 1;
}

int canvas_printf(struct canvas *c, int y, int x, int w, enum ink ink, const char *format, ...)
{
	char text[TEXT_MAX];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	return canvas_text(c, y, x, w, ink, text);
}

void canvas_field(struct canvas *c, int y, int x, int w, enum text_align align, enum ink ink,
	const char *text)
{
	char clean[TEXT_MAX];
	int width;
	int left;

	if (w <= 0) {
		return;
	}
	text_clean(clean, sizeof clean, text);
	width = text_width(clean);
	left = width >= w             ? 0
	       : align == TEXT_RIGHT  ? w - width
	       : align == TEXT_CENTRE ? (w - width) / 2
				      : 0;
	canvas_repeat(c, y, x, w, ink, " ");
	canvas_text(c, y, x + left, w - left, ink, clean);
}

void canvas_repeat(struct canvas *c, int y, int x, int w, enum ink ink, const char *ch)
{
	size_t n;

	text_decode(ch, &n);
	for (int i = 0; i < w; i++) {
		if (cell_at(c, y, x + i) != NULL) {
			set_cell(c, y, x + i, ink, ch, n, 1);
		}
	}
}

void canvas_ink(struct canvas *c, int y, int x, int w, enum ink ink)
{
	for (int i = 0; i < w; i++) {
		struct cell *at = cell_at(c, y, x + i);

		if (at != NULL) {
			at->ink = shade(c, ink);
		}
	}
}

void canvas_reverse(struct canvas *c, int y, int x, int w)
{
	for (int i = 0; i < w; i++) {
		struct cell *at = cell_at(c, y, x + i);

		if (at != NULL) {
			at->reverse = 1;
		}
	}
}

void canvas_line(const struct canvas *c, int y, char *dst, size_t size)
{
	size_t used = 0, end = 0;

	for (int x = 0; x < c->cols; x++) {
		const struct cell *at = cell_at(c, y, x);
		size_t n = at->columns == 0 ? 0 : strlen(at->ch);

		if (used + n >= size) {
			break;
		}
		memcpy(dst + used, at->ch, n);
		used += n;
		if (n > 0 && strcmp(at->ch, " ") != 0) {
			end = used;
		}
	}
	dst[end] = '\0';
}

int canvas_write(const struct canvas *c, FILE *f)
{
	char line[8 * CANVAS_COLS_MAX + 1];

	for (int y = 0; y < c->rows; y++) {
		canvas_line(c, y, line, sizeof line);
		if (fprintf(f, "%s\n", line) < 0) {
			return ERR_IO;
		}
	}
	return fflush(f) == 0 ? 0 : ERR_IO;
}

bool canvas_contains(const struct canvas *c, const char *text)
{
	char line[8 * CANVAS_COLS_MAX + 1];

	for (int y = 0; y < c->rows; y++) {
		canvas_line(c, y, line, sizeof line);
		if (strstr(line, text) != NULL) {
			return true;
		}
	}
	return false;
}
