#include "gauge.h"

#include <string.h>

#define CURVE_COLS_MAX 512

void gauge_bar(struct canvas *c, const struct glyphs *g, int y, int x, int w, enum ink ink,
	int64_t value, int64_t max, int64_t mark)
{
	int64_t halves;
	int at;

	if (w <= 0) {
		return;
	}
	canvas_repeat(c, y, x, w, INK_DIM, g->track);
	if (max <= 0) {
		return;
	}
	if (value != VALUE_NONE && value > 0) {
		halves = value >= max ? 2 * w : (value * 2 * w + max / 2) / max;
		canvas_repeat(c, y, x, (int)(halves / 2), ink, g->full);
		if (halves % 2 != 0) {
			canvas_repeat(c, y, x + (int)(halves / 2), 1, ink, g->half);
		}
	}
	if (mark != VALUE_NONE && mark >= 0 && mark < max) {
		at = (int)(mark * w / max);
		canvas_repeat(c, y, x + at, 1, INK_STRONG, g->mark);
	}
}

/* Height of a value in steps from the foot, -1 for none. */
static int level_of(int64_t value, int64_t max, int steps)
{
	int64_t level;

	if (value == VALUE_NONE || max <= 0) {
		return -1;
	}
	level = value <= 0 ? 0 : value * steps / max;
	return level >= steps ? steps - 1 : (int)level;
}

static void draw_marks(struct canvas *c, const struct glyphs *g, struct area a, int64_t max,
	const struct gauge_mark *marks, size_t count, int label_w)
{
	for (size_t i = 0; i < count; i++) {
		int row = level_of(marks[i].value, max, a.h);

		if (row < 0) {
			continue;
		}
		canvas_repeat(c, a.y + a.h - 1 - row, a.x, a.w - label_w, INK_DIM, g->dots);
		canvas_field(c, a.y + a.h - 1 - row, a.x + a.w - label_w, label_w, TEXT_RIGHT,
			marks[i].ink, marks[i].label);
	}
}

/* One braille character has two columns of four dots. */
static void draw_braille(struct canvas *c, struct area a, int cols, const struct history *h,
	int64_t now_ms, int64_t max)
{
	static const unsigned char bits[2][4] = {
		{0x40, 0x04, 0x02, 0x01}, {0x80, 0x20, 0x10, 0x08}};
	unsigned char dots[CANVAS_ROWS_MAX] = {0};
	int before = -1;

	for (int col = 0; col < cols * 2; col++) {
		int now = level_of(
			history_column(h, now_ms, (size_t)col, (size_t)cols * 2), max, a.h * 4);
		int from = before < 0     ? now
			   : before < now ? before + 1
			   : before > now ? before - 1
					  : now;
		int low = from < now ? from : now;
		int high = from < now ? now : from;

		if (col % 2 == 0) {
			memset(dots, 0, sizeof dots);
		}
		for (int i = low; low >= 0 && i <= high && i / 4 < CANVAS_ROWS_MAX; i++) {
			dots[i / 4] |= bits[col % 2][i % 4];
		}
		before = now;
		if (col % 2 == 0) {
			continue;
		}
		for (int row = 0; row < a.h; row++) {
			char ch[4] = {(char)0xE2, (char)(0xA0 | dots[row] >> 6),
				(char)(0x80 | (dots[row] & 0x3F)), '\0'};

			if (dots[row] != 0) {
				canvas_text(c, a.y + a.h - 1 - row, a.x + col / 2, 1, INK_BAR, ch);
			}
		}
	}
}

/* Without braille: filled columns in steps of half a row. */
static void draw_columns(struct canvas *c, const struct glyphs *g, struct area a, int cols,
	const struct history *h, int64_t now_ms, int64_t max)
{
	for (int col = 0; col < cols; col++) {
		int level = level_of(
			history_column(h, now_ms, (size_t)col, (size_t)cols), max, a.h * 2);

		for (int row = 0; level >= 0 && row <= level / 2; row++) {
			bool full = row < level / 2 || level % 2 != 0;

			canvas_repeat(c, a.y + a.h - 1 - row, a.x + col, 1, INK_BAR,
				full ? g->level_full : g->level_up);
		}
	}
}

void gauge_curve(struct canvas *c, const struct glyphs *g, struct area a, const struct history *h,
	int64_t now_ms, int64_t max, const struct gauge_mark *marks, size_t mark_count, int label_w)
{
	int cols = a.w - label_w;

	if (cols < 1 || cols > CURVE_COLS_MAX / 2 || a.h < 1 || a.h > CANVAS_ROWS_MAX) {
		return;
	}
	draw_marks(c, g, a, max, marks, mark_count, label_w);
	if (g->level == GLYPH_FULL) {
		draw_braille(c, a, cols, h, now_ms, max);
	} else {
		draw_columns(c, g, a, cols, h, now_ms, max);
	}
}
