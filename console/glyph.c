#include "glyph.h"

static const struct glyphs sets[] = {
	[GLYPH_FULL] = {GLYPH_FULL, "─", "│", {"┌", "┐", "└", "┘"}, "━", "╸", "─", "┃", "┈", "▴",
		"▾", "→", "█", "▄"},
	[GLYPH_BLOCK] = {GLYPH_BLOCK, "─", "│", {"┌", "┐", "└", "┘"}, "█", "▌", "░", "│", "·", "^",
		"v", ">", "█", "▄"},
	[GLYPH_ASCII] = {GLYPH_ASCII, "-", "|", {"+", "+", "+", "+"}, "#", "=", ".", "|", ".", "^",
		"v", ">", "#", "_"},
};

const struct glyphs *glyph_set(enum glyph_level level)
{
	return &sets[level];
}
