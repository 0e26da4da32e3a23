#include "text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define ELLIPSIS    "…"
#define NEAREST_MAX 32

uint32_t text_decode(const char *s, size_t *length)
{
	const unsigned char *p = (const unsigned char *)s;
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	uint32_t cp;
	size_t n;

	if (p[0] < 0x80) {
		*length = p[0] != 0;
		return p[0];
	}
	n = p[0] >= 0xF0 && p[0] < 0xF5 ? 4 : p[0] >= 0xE0 ? 3 : p[0] >= 0xC2 ? 2 : 0;
	*length = 1;
	if (n == 0 || p[0] >= 0xF5) {
		return 0xFFFD;
	}
	cp = p[0] & (0xFFU >> (n + 1));
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xC0) != 0x80) {
			return 0xFFFD;
		}
		cp = cp << 6 | (p[i] & 0x3F);
	}
	if (cp < least[n] || cp > 0x10FFFF || (cp >= 0xD800 && cp < 0xE000)) {
		return 0xFFFD;
	}
	*length = n;
	return cp;
}

int text_columns_of(uint32_t code_point)
{
	int w = code_point == 0xFFFD ? 1 : wcwidth((wchar_t)code_point);

	return w < 0 ? (code_point < 0x20 ? 0 : 1) : w;
}

int text_width(const char *s)
{
	int width = 0;
	size_t n;

	for (; *s != '\0'; s += n) {
		width += text_columns_of(text_decode(s, &n));
	}
	return width;
}

size_t text_fit(const char *s, int columns, int *used)
{
	const char *p = s;
	int width = 0;
	size_t n;

	while (*p != '\0') {
		int w = text_columns_of(text_decode(p, &n));

		if (width + w > columns) {
			break;
		}
		width += w;
		p += n;
	}
	if (used != NULL) {
		*used = width;
	}
	return (size_t)(p - s);
}

struct out {
	char *dst;
	size_t size, used;
};

static void put(struct out *o, const char *s, size_t n)
{
	size_t length;

	while (n > 0) {
		text_decode(s, &length);
		if (length == 0 || o->used + length >= o->size) {
			return;
		}
		memcpy(o->dst + o->used, s, length);
		o->used += length;
		s += length;
		n -= length;
	}
}

static void blanks(struct out *o, int n)
{
	while (n-- > 0) {
		put(o, " ", 1);
	}
}

size_t text_cell(char *dst, size_t size, const char *s, int columns, enum text_align align)
{
	struct out o = {dst, size, 0};
	int width = text_width(s);

	if (size == 0) {
		return 0;
	}
	if (width > columns) {
		size_t n = text_fit(s, columns - 1, &width);

		put(&o, s, n);
		if (columns > 0) {
			put(&o, ELLIPSIS, sizeof ELLIPSIS - 1);
			blanks(&o, columns - 1 - width);
		}
	} else {
		int room = columns - width;
		int left = align == TEXT_RIGHT ? room : align == TEXT_CENTRE ? room / 2 : 0;

		blanks(&o, left);
		put(&o, s, strlen(s));
		blanks(&o, room - left);
	}
	dst[o.used] = '\0';
	return o.used;
}

int text_safe(uint32_t cp)
{
	return !(cp < 0x20 || (cp >= 0x7F && cp < 0xA0) || cp == 0xFFFD ||
		 (cp >= 0x200E && cp <= 0x200F) || (cp >= 0x2028 && cp <= 0x202E) ||
		 (cp >= 0x2066 && cp <= 0x2069) || cp == 0xFEFF);
}

void text_clean(char *dst, size_t size, const char *src)
{
	struct out o = {dst, size, 0};
	size_t n;

	if (size == 0) {
		return;
	}
	for (; *src != '\0'; src += n) {
		if (!text_safe(text_decode(src, &n))) {
			put(&o, "?", 1);
		} else {
			size_t before = o.used;

			put(&o, src, n);
			if (o.used == before) {
				break;
			}
		}
	}
	dst[o.used] = '\0';
}

int text_int(const char *s, int64_t min, int64_t max, int64_t *out)
{
	char *end;
	long long v;

	if (*s != '-' && (*s < '0' || *s > '9')) {
		return ERR_SYNTAX;
	}
	errno = 0;
	v = strtoll(s, &end, 10);
	if (end == s || *end != '\0') {
		return ERR_SYNTAX;
	}
	if (errno == ERANGE || v < min || v > max) {
		return ERR_RANGE;
	}
	*out = v;
	return 0;
}

/* Levenshtein distance of two short words. */
static size_t distance(const char *a, const char *b)
{
	size_t row[NEAREST_MAX + 1];
	size_t la = strlen(a), lb = strlen(b);

	if (la > NEAREST_MAX || lb > NEAREST_MAX) {
		return NEAREST_MAX;
	}
	for (size_t j = 0; j <= lb; j++) {
		row[j] = j;
	}
	for (size_t i = 1; i <= la; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			size_t best = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			best = row[j] + 1 < best ? row[j] + 1 : best;
			best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
			row[j] = best;
		}
	}
	return row[lb];
}

const char *text_nearest(const char *word, const char *const *list)
{
	const char *best = NULL;
	size_t least = strlen(word) / 3 + 1;

	for (; *list != NULL; list++) {
		size_t d = distance(word, *list);

		if (d < least || (d == least && best == NULL)) {
			least = d;
			best = *list;
		}
	}
	return best;
}

int text_append(char *dst, size_t size, size_t *used, const char *format, ...)
{
	va_list ap;
	int n;

	if (*used >= size) {
		return ERR_TOOLONG;
	}
	va_start(ap, format);
	n = vsnprintf(dst + *used, size - *used, format, ap);
	va_end(ap);
	if (n < 0) {
		return ERR_INTERNAL;
	}
	if ((size_t)n >= size - *used) {
		*used = size - 1;
		return ERR_TOOLONG;
	}
	*used += (size_t)n;
	return 0;
}

void text_mask(char *text, size_t size, size_t head, size_t tail)
{
	char out[256];
	size_t length = 0, used = 0, i = 0, n;

	for (const char *p = text; *p != '\0'; p += n, length++) {
		text_decode(p, &n);
	}
	if (length <= head + tail) {
		head = length > 1 ? 1 : 0;
		tail = 0;
	}
	for (const char *p = text; *p != '\0' && used + 8 < sizeof out; p += n, i++) {
		text_decode(p, &n);
		if (i < head || i >= length - tail) {
			memcpy(out + used, p, n);
			used += n;
		} else {
			out[used++] = '*';
		}
	}
	out[used] = '\0';
	memcpy(text, out, used < size ? used + 1 : size);
	text[size - 1] = '\0';
}

void text_mask_end(char *dst, size_t size, const char *text)
{
	static const char stars[] = "****";
	char masked[256];
	const char *p = masked;

	snprintf(masked, sizeof masked, "%s", text);
	text_mask(masked, sizeof masked, 0, sizeof stars - 1);
	while (strncmp(p, stars, sizeof stars - 1) == 0 && p[sizeof stars - 1] == '*') {
		p++;
	}
	snprintf(dst, size, "%s", p);
}
