#ifndef PILETOP_CANVAS_H
#define PILETOP_CANVAS_H
/*
 * The picture of a screen in memory: rows of cells, each a character with a role (ink). All pages
 * draw here; term puts it on the terminal, canvas_write() makes it text. Nothing that is drawn can
 * hold a control character: every text passes text_clean().
 */
#include <stdbool.h>
#include <stdio.h>

#include "text.h"

enum ink {
#define INK(sym, colour, bold, dim, reverse, mono_bold, mono_reverse) INK_##sym,
#include "ink.def"
#undef INK
	INK_COUNT_
};

#define CANVAS_ROWS_MAX 200
#define CANVAS_COLS_MAX 500

struct cell {
	char ch[8];       /* UTF-8, base and one combining mark; "" behind a wide character */
	uint8_t ink;      /* enum ink */
	uint8_t reverse;  /* the selected line */
	uint8_t columns;  /* 1 or 2; 0 = second half of a wide character */
	uint8_t reserved; /* 0 */
};

struct canvas {
	int rows, cols;
	struct cell *cells; /* owned */
	bool faded;         /* what is drawn now is stale: inks become DIM */
};

struct area {
	int y, x, h, w;
};

/* Sizes are clamped to 1..CANVAS_*_MAX. ERR_NOMEM. */
int canvas_init(struct canvas *c, int rows, int cols);
void canvas_free(struct canvas *c);
void canvas_clear(struct canvas *c);

/* Draws text from a column on, in at most `w` columns; longer text ends in "…". What lies outside
 * of the canvas is not drawn. Returns the columns used. */
int canvas_text(struct canvas *c, int y, int x, int w, enum ink ink, const char *text);
int canvas_printf(struct canvas *c, int y, int x, int w, enum ink ink, const char *format, ...)
	__attribute__((format(printf, 6, 7)));

/* Draws text in exactly `w` columns, aligned. */
void canvas_field(struct canvas *c, int y, int x, int w, enum text_align align, enum ink ink,
	const char *text);

/* Repeats one single-width character. */
void canvas_repeat(struct canvas *c, int y, int x, int w, enum ink ink, const char *ch);

/* Gives a stretch one ink or turns it over, whatever is drawn there. */
void canvas_ink(struct canvas *c, int y, int x, int w, enum ink ink);
void canvas_reverse(struct canvas *c, int y, int x, int w);

const struct cell *canvas_at(const struct canvas *c, int y, int x);

/* A row as text without the blanks at its end; `size` of 8 * cols + 1 always suffices. */
void canvas_line(const struct canvas *c, int y, char *dst, size_t size);

/* All rows as lines of text. ERR_IO. */
int canvas_write(const struct canvas *c, FILE *f);

/* True when the text is on the canvas, within one row. */
bool canvas_contains(const struct canvas *c, const char *text);

#endif
