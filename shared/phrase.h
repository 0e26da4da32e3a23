#ifndef PILED_PHRASE_H
#define PILED_PHRASE_H
/*
 * Sentences kept as data: a record that is written once is read in several languages. The sentence
 * says %1, %2 ... where its arguments go. Evidence keeps it apart from them, "message id|argument|
 * argument": phrase_show(). The reason of a command or an order, which a person may have begun,
 * holds it in English, and it is one of phrase.def: phrase_text(), phrase_say().
 */
#include <stddef.h>
#include <stdint.h>

#define PHRASE_SEPARATOR '|'

enum phrase {
#define PHRASE(sym, sentence) PHRASE_##sym,
#include "phrase.def"
#undef PHRASE
	PHRASE_COUNT_
};

/* The sentence in the language in use, cut at `size`. A text that is no phrase shows as it is. */
void phrase_show(char *dst, size_t size, const char *kept);

/* The sentence in English with its arguments, texts that end with NULL; what is left of `dst` is
 * zeroed. */
void phrase_text(char *dst, size_t size, enum phrase phrase, ...) __attribute__((sentinel));
/* A number as an argument; it lives as long as the block. */
#define PHRASE_NUMBER 24
#define PHRASE_INT(n) phrase_number((char[PHRASE_NUMBER]){""}, (n))
const char *phrase_number(char dst[PHRASE_NUMBER], int64_t number);
/* One without arguments: as it stands, for ever. */
const char *phrase_plain(enum phrase phrase);

/* A text in the language in use: of its parts, which "; " divides, those that are a sentence of
 * phrase.def or the text of an error; the others are somebody's own words and stay. */
void phrase_say(char *dst, size_t size, const char *text);

#endif
