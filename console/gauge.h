#ifndef PILETOP_GAUGE_H
#define PILETOP_GAUGE_H
/* Widgets that show quantities: bars and curves. */
#include "canvas.h"
#include "glyph.h"
#include "history.h"

/* A bar of value / max, with a mark at one value (VALUE_NONE = none). */
void gauge_bar(struct canvas *c, const struct glyphs *g, int y, int x, int w, enum ink ink,
	int64_t value, int64_t max, int64_t mark);

struct gauge_mark {
	int64_t value;
	const char *label;
	enum ink ink;
};

/* A curve of the last hour up to `now_ms` in an area, from 0 at its foot to `max` at its top.
 * Marks are lines across it with their labels at the right, in `label_w` columns that belong to
 * the area. */
void gauge_curve(struct canvas *c, const struct glyphs *g, struct area a, const struct history *h,
	int64_t now_ms, int64_t max, const struct gauge_mark *marks, size_t mark_count,
	int label_w);

#endif
