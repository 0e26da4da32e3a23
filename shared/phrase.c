#include "phrase.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "i18n.h"
#include "text.h"
#include "view.h"

#define ID_MAX       160
#define SENTENCE_MAX 512
#define ARGS_MAX     9
#define PART_SIGN    "; "
#define PARTS_MAX    8

static const char *const sentences[PHRASE_COUNT_] = {
#define PHRASE(sym, sentence) sentence,
#include "phrase.def"
#undef PHRASE
};

/* What goes where %1 ... %9 stand; a length of 0: nothing does. */
struct args {
	const char *text[ARGS_MAX];
	size_t length[ARGS_MAX];
};

static bool is_place(const char *p)
{
	return p[0] == '%' && p[1] >= '1' && p[1] <= '9';
}

static void fill(char *dst, size_t size, const char *sentence, const struct args *args)
{
	char text[SENTENCE_MAX] = "";
	size_t used = 0;

	for (const char *p = sentence; *p != '\0';) {
		size_t n = strcspn(p, "%");

		text_append(text, sizeof text, &used, "%.*s", (int)n, p);
		p += n;
		if (is_place(p)) {
			int i = p[1] - '1';

			text_append(text, sizeof text, &used, "%.*s", (int)args->length[i],
				args->length[i] > 0 ? args->text[i] : "");
			p += 2;
		} else if (*p == '%') {
			text_append(text, sizeof text, &used, "%%");
			p++;
		}
	}
	view_set_text(dst, size, text); /* cut at a whole character */
}

void phrase_show(char *dst, size_t size, const char *kept)
{
	const char separator[] = {PHRASE_SEPARATOR, '\0'};
	size_t length = strcspn(kept, separator);
	struct args args = {.text = {NULL}};
	char id[ID_MAX];

	if (length >= sizeof id) {
		view_set_text(dst, size, kept);
		return;
	}
	memcpy(id, kept, length);
	id[length] = '\0';
	kept += length;
	for (int i = 0; i < ARGS_MAX && *kept != '\0'; i++) {
		args.text[i] = ++kept;
		args.length[i] = strcspn(kept, separator);
		kept += args.length[i];
	}
	fill(dst, size, _(id), &args);
}

/* ---- Sentences of the list ---- */

void phrase_text(char *dst, size_t size, enum phrase phrase, ...)
{
	struct args args = {.text = {NULL}};
	const char *text;
	va_list list;
	int n = 0;

	va_start(list, phrase);
	while ((text = va_arg(list, const char *)) != NULL && n < ARGS_MAX) {
		args.text[n] = text;
		args.length[n++] = strlen(text);
	}
	va_end(list);
	fill(dst, size, sentences[phrase], &args);
}

const char *phrase_number(char dst[PHRASE_NUMBER], int64_t number)
{
	snprintf(dst, PHRASE_NUMBER, "%" PRId64, number);
	return dst;
}

const char *phrase_plain(enum phrase phrase)
{
	return sentences[phrase];
}

/* The first `length` bytes of `text` as a sentence: what stands at its places. An argument ends
 * where the words behind it begin for the first time; the last one may hold anything. */
static bool reads_as(const char *sentence, const char *text, size_t length, struct args *out)
{
	const char *end = text + length;

	while (*sentence != '\0') {
		size_t words = 1;
		const char *next;
		int i;

		if (!is_place(sentence)) {
			words += strcspn(sentence + 1, "%");
			if ((size_t)(end - text) < words || memcmp(text, sentence, words) != 0) {
				return false;
			}
			text += words;
			sentence += words;
			continue;
		}
		i = sentence[1] - '1';
		sentence += 2;
		words = strcspn(sentence, "%");
		next = *sentence == '\0' ? end
					 : memmem(text, (size_t)(end - text), sentence, words);
		if (next == NULL || next == text ||
			(next != end && memmem(text, (size_t)(next - text), PART_SIGN,
						strlen(PART_SIGN)) != NULL)) {
			return false;
		}
		out->text[i] = text;
		out->length[i] = (size_t)(next - text);
		text = next;
	}
	return text == end;
}

/* In the language in use, where it is a sentence of ours. */
static bool say_part(char *dst, size_t size, const char *text, size_t length)
{
	struct args args = {.text = {NULL}};

	for (int i = 0; i < PHRASE_COUNT_; i++) {
		if (reads_as(sentences[i], text, length, &args)) {
			fill(dst, size, _(sentences[i]), &args);
			return true;
		}
	}
	for (int err = ERR_FIRST_ + 1; err < ERR_END_; err++) {
		if (reads_as(err_text(err), text, length, &args)) {
			view_set_text(dst, size, _(err_text(err)));
			return true;
		}
	}
	return false;
}

/* Puts what begins `text` into `dst`, the longest sentence of ours or else its first part, and
 * returns its end. */
static const char *say_next(char *dst, size_t size, const char *text)
{
	const char *ends[PARTS_MAX + 1];
	size_t n = 0, length;

	for (const char *p = text; n < PARTS_MAX && (p = strstr(p, PART_SIGN)) != NULL; p++) {
		ends[n++] = p;
	}
	ends[n] = text + strlen(text);
	for (size_t i = n + 1; i-- > 0;) {
		if (say_part(dst, size, text, (size_t)(ends[i] - text))) {
			return ends[i];
		}
	}
	length = (size_t)(ends[0] - text) < size ? (size_t)(ends[0] - text) : size - 1;
	memcpy(dst, text, length);
	dst[length] = '\0';
	return ends[0];
}

void phrase_say(char *dst, size_t size, const char *text)
{
	char all[SENTENCE_MAX] = "", part[SENTENCE_MAX];
	size_t used = 0;

	while (*text != '\0') {
		text = say_next(part, sizeof part, text);
		text_append(all, sizeof all, &used, "%s", part);
		if (strncmp(text, PART_SIGN, strlen(PART_SIGN)) == 0) {
			text_append(all, sizeof all, &used, PART_SIGN);
			text += strlen(PART_SIGN);
		}
	}
	view_set_text(dst, size, all);
}
