#ifndef PILETOP_GLYPH_H
#define PILETOP_GLYPH_H
/* The characters that bars, curves and frames are made of, for three kinds of terminal. */
#include <stdbool.h>

enum glyph_level {
	GLYPH_FULL,  /* any modern terminal: box drawing and braille */
	GLYPH_BLOCK, /* the Linux console: the characters of code page 437 */
	GLYPH_ASCII
};

struct glyphs {
	enum glyph_level level;
	const char *line;                  /* horizontal rule */
	const char *side;                  /* vertical rule */
	const char *corner[4];             /* top left, top right, bottom left, bottom right */
	const char *full, *half, *track;   /* of a bar */
	const char *mark;                  /* a limit on a bar */
	const char *dots;                  /* a limit across a curve */
	const char *up, *down;             /* order of a sorted column */
	const char *to;                    /* between the steps of a command */
	const char *level_full, *level_up; /* columns of a curve without braille */
};

const struct glyphs *glyph_set(enum glyph_level level);

#endif
