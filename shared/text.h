#ifndef PILED_TEXT_H
#define PILED_TEXT_H
/*
 * UTF-8 text for terminals: display width (wide characters counted right), cutting and padding to
 * columns, cleaning what comes from outside, strict numbers. Needs i18n_init() for the widths.
 */
#include <stddef.h>
#include <stdint.h>

#include "err.h"

/* Decodes the character at `s` (NUL-terminated): its code point and length in bytes. An invalid
 * byte gives U+FFFD and length 1; the end gives 0 and length 0. */
uint32_t text_decode(const char *s, size_t *length);

/* Columns that a code point takes: 0 (combining), 1 or 2; never negative. */
int text_columns_of(uint32_t code_point);

/* Columns that a string takes on a terminal. */
int text_width(const char *s);

/* Bytes of the longest prefix of whole characters that fits into `columns`; their width in
 * *used (may be NULL). */
size_t text_fit(const char *s, int columns, int *used);

enum text_align { TEXT_LEFT, TEXT_RIGHT, TEXT_CENTRE };

/* Writes `s` into exactly `columns` columns: padded with blanks, or cut with "…" at its end.
 * `dst` is NUL-terminated; a size of 4 * columns + 4 always suffices, with less it is cut short
 * at a whole character. Returns the bytes written. */
size_t text_cell(char *dst, size_t size, const char *s, int columns, enum text_align align);

/* Whether a terminal may have this character from outside: none that controls it or turns the
 * direction of writing, none that stands for an invalid byte. */
int text_safe(uint32_t code_point);

/* Copies text from outside so that a terminal may have it: control characters (C0, C1, DEL),
 * bidirectional overrides and invalid bytes become "?". Cut at a whole character. */
void text_clean(char *dst, size_t size, const char *src);

/* Hides what tells who somebody is: all but the first `head` and last `tail` characters become
 * stars; of a text that is no longer than both only the first stays. In place. */
void text_mask(char *text, size_t size, size_t head, size_t tail);

/* "****B2C3": the last four characters of a number that somebody carries; fewer of a short one. */
void text_mask_end(char *dst, size_t size, const char *text);

/* Reads a decimal integer and nothing else: ERR_SYNTAX, ERR_RANGE; *out untouched then. */
int text_int(const char *s, int64_t min, int64_t max, int64_t *out);

/* The word of a NULL-terminated list that is nearest to `word` by edit distance, NULL when none is
 * near enough to be meant. */
const char *text_nearest(const char *word, const char *const *list);

/* snprintf that appends at *used, never past `size`; ERR_TOOLONG when it was cut. */
int text_append(char *dst, size_t size, size_t *used, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

#endif
