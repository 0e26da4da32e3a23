#include <inttypes.h>
#include <stdlib.h>

#include "book.h"
#include "err.h"

struct book {
	struct book_record *records; /* ring of `room` once it has grown to BOOK_MAX */
	size_t room;
	int64_t end;
};

int book_new(struct book **out)
{
	struct book *book = calloc(1, sizeof *book);

	if (!book) {
		return ERR_NOMEM;
	}
	*out = book;
	return 0;
}

void book_free(struct book *book)
{
	if (book) {
		free(book->records);
		free(book);
	}
}

int64_t book_open(struct book *book, const struct book_record *record)
{
	if ((uint64_t)book->end >= book->room && book->room < BOOK_MAX) {
		size_t room = book->room ? book->room * 2 : 256;

		room = room > BOOK_MAX ? BOOK_MAX : room;
		struct book_record *grown = realloc(book->records, room * sizeof *grown);

		if (!grown) {
			return -1;
		}
		book->records = grown;
		book->room = room;
	}
	book->records[(uint64_t)book->end % book->room] = *record;
	return book->end++;
}

struct book_record *book_at(const struct book *book, int64_t number)
{
	if (number < book_first(book) || number >= book->end) {
		return NULL;
	}
	return &book->records[(uint64_t)number % book->room];
}

int64_t book_first(const struct book *book)
{
	return book->end > BOOK_MAX ? book->end - BOOK_MAX : 0;
}

int64_t book_end(const struct book *book)
{
	return book->end;
}

const char *stop_reason_token(enum stop_reason reason)
{
	static const char *const TOKENS[] = {
		"none", "remote", "full", "energy", "unplugged", "fault", "reboot", "local"};

	return (unsigned)reason < sizeof TOKENS / sizeof *TOKENS ? TOKENS[reason] : "none";
}

static void print_time(FILE *to, int json, int64_t start_ms, int64_t second)
{
	if (second == BOOK_NEVER) {
		fputs(json ? "null" : "", to);
	} else {
		fprintf(to, "%" PRId64, start_ms + second * 1000);
	}
}

static void print_record(FILE *to, int json, int64_t start_ms, const struct book_record *r)
{
	const char *const names[] = {"plug_ms", "start_ms", "end_ms", "unplug_ms"};
	const int64_t times[] = {r->plug_s, r->start_s, r->end_s, r->unplug_s};

	fprintf(to, json ? "{\"gun\":\"%s\",\"session_no\":%d,\"plug_no\":%d" : "%s,%d,%d", r->gun,
		r->session_no, r->plug_no);
	for (int i = 0; i < 4; i++) {
		if (json) {
			fprintf(to, ",\"%s\":", names[i]);
		} else {
			fputc(',', to);
		}
		print_time(to, json, start_ms, times[i]);
	}
	fprintf(to,
		json ? ",\"start_wh\":%" PRId64 ",\"end_wh\":%" PRId64 ",\"energy_wh\":%" PRId64
		       ",\"asked_wh\":%" PRId64 ",\"reason\":\"%s\"}"
		     : ",%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64 ",%s\n",
		r->start_wh, r->end_wh, r->energy_wh, r->asked_wh, stop_reason_token(r->reason));
}

void book_print(const struct book *book, int64_t start_ms, int json, FILE *to)
{
	fputs(json ? "["
		   : "gun,session_no,plug_no,plug_ms,start_ms,end_ms,unplug_ms,start_wh,end_wh,"
		     "energy_wh,asked_wh,reason\n",
		to);
	for (int64_t i = book_first(book); i < book_end(book); i++) {
		if (json && i > book_first(book)) {
			fputs(",\n", to);
		}
		print_record(to, json, start_ms, book_at(book, i));
	}
	if (json) {
		fputs("]\n", to);
	}
}
