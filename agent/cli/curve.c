#include "curve.h"

#include <stdio.h>

#include "fmt.h"
#include "i18n.h"

#define ROWS  10
#define PARTS 8 /* of a row, in blocks */

struct style {
	const char *guns, *other, *limit, *foot;
	const char *part[PARTS]; /* part[n]: n eighths of a row; part[0] is not used */
};

static const struct style blocks = {"█", "░", "┄", "─", {"", "▁", "▂", "▃", "▄", "▅", "▆", "▇"}};
static const struct style plain = {"#", ".", "-", "-", {"", " ", " ", " ", "#", "#", "#", "#"}};

static const char *cell(const struct style *s, int64_t total, int64_t other, int row, int limit)
{
	int64_t part = total - (int64_t)row * PARTS;

	if (other >= (int64_t)row * PARTS + PARTS / 2) {
		return s->other;
	}
	if (part >= PARTS) {
		return s->guns;
	}
	if (part > 0 && total > other) {
		return s->part[part];
	}
	return row == limit ? s->limit : " ";
}

static void put_label(int64_t va)
{
	char text[24];

	fmt_decimal(text, sizeof text, va, 1000, 0);
	printf("%6s ", text);
}

static void put_hours(const struct style *s)
{
	printf("%7s", "");
	for (int i = 0; i < WHATIF_SLOTS; i++) {
		printf("%s", s->foot);
	}
	printf("\n%7s", "");
	for (int h = 0; h < 24; h += 3) {
		printf("%02d%*s", h, WHATIF_SLOTS / 8 - 2, "");
	}
	putchar('\n');
}

void curve_print(const struct whatif_curve *curve, int64_t limit_va, bool ascii)
{
	const struct style *s = ascii ? &plain : &blocks;
	int64_t top = limit_va;
	int limit;

	for (int i = 0; i < WHATIF_SLOTS; i++) {
		top = curve->total_va[i] > top ? curve->total_va[i] : top;
	}
	/* The limit lies in a row of its own where nothing goes above it. */
	limit = (int)(limit_va * (ROWS - 1) / top);
	printf("%6s\n", "kVA");
	for (int row = ROWS - 1; row >= 0; row--) {
		if (row == limit) {
			put_label(limit_va);
		} else if (row % 3 == 0) {
			put_label(top * row / (ROWS - 1));
		} else {
			printf("%7s", "");
		}
		for (int i = 0; i < WHATIF_SLOTS; i++) {
			int64_t total = curve->total_va[i] * (ROWS - 1) * PARTS / top;
			int64_t other = curve->other_va[i] * (ROWS - 1) * PARTS / top;

			printf("%s", cell(s, total, other, row, limit));
		}
		putchar('\n');
	}
	put_hours(s);
	printf(_("%7s%s guns  %s other load  %s transformer\n"), "", s->guns, s->other, s->limit);
}
