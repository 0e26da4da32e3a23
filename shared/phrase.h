#ifndef PILED_PHRASE_H
#define PILED_PHRASE_H
/*
 * Sentences kept as data: a record that is written once is read in several languages. What is kept
 * is "message id|argument|argument"; the id says %1, %2 ... where the arguments go.
 */
#include <stddef.h>

#define PHRASE_SEPARATOR '|'

/* The sentence in the language in use, cut at `size`. A text that is no phrase shows as it is. */
void phrase_show(char *dst, size_t size, const char *kept);

#endif
