#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>

#include "book.h"
#include "err.h"

#define HALF_HOUR_MS INT64_C(1800000)

struct book {
	struct book_record *records; /* ring of `room` once it has grown to BOOK_MAX */
	size_t room;
	int64_t end;
	struct book_mark *marks; /* the same */
	size_t mark_room;
	int64_t mark_end;
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
		free(book->marks);
		free(book);
	}
}

/* Makes room for number `end` of a ring. */
static bool grow(void **ring, size_t *room, int64_t end, size_t each)
{
	size_t more = *room ? *room * 2 : 256;
	void *grown;

	if ((uint64_t)end < *room || *room == BOOK_MAX) {
		return true;
	}
	more = more > BOOK_MAX ? BOOK_MAX : more;
	grown = realloc(*ring, more * each);
	if (!grown) {
		return false;
	}
	*ring = grown;
	*room = more;
	return true;
}

int64_t book_open(struct book *book, const struct book_record *record)
{
	void *ring = book->records;

	if (!grow(&ring, &book->room, book->end, sizeof *record)) {
		return -1;
	}
	book->records = ring;
	book->records[(uint64_t)book->end % book->room] = *record;
	return book->end++;
}

static int64_t first_of(int64_t end)
{
	return end > BOOK_MAX ? end - BOOK_MAX : 0;
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
	return first_of(book->end);
}

int64_t book_mark_first(const struct book *book)
{
	return first_of(book->mark_end);
}

int64_t book_mark_end(const struct book *book)
{
	return book->mark_end;
}

const struct book_mark *book_mark_at(const struct book *book, int64_t number)
{
	if (number < book_mark_first(book) || number >= book->mark_end) {
		return NULL;
	}
	return &book->marks[(uint64_t)number % book->mark_room];
}

void book_answered(struct book *book, int64_t number, int64_t wh, int64_t at_ms)
{
	struct book_record *r = book_at(book, number);
	int64_t half_ms = at_ms - at_ms % HALF_HOUR_MS;
	void *ring = book->marks;

	if (!r || r->end_s != BOOK_NEVER) {
		return;
	}
	if (r->seen_ms == BOOK_NEVER) {
		r->seen_ms = at_ms;
		r->mark_ms = half_ms;
	}
	if (half_ms <= r->mark_ms ||
		!grow(&ring, &book->mark_room, book->mark_end, sizeof *book->marks)) {
		return;
	}
	book->marks = ring;
	r->mark_ms = half_ms;
	book->marks[(uint64_t)book->mark_end++ % book->mark_room] =
		(struct book_mark){number, half_ms, at_ms, wh};
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
		       ",\"asked_wh\":%" PRId64 ",\"reason\":\"%s\",\"seen_ms\":"
		     : ",%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64 ",%s,",
		r->start_wh, r->end_wh, r->energy_wh, r->asked_wh, stop_reason_token(r->reason));
	if (r->seen_ms != BOOK_NEVER) {
		fprintf(to, "%" PRId64, r->seen_ms);
	} else if (json) {
		fputs("null", to);
	}
	fputs(json ? "}" : "\n", to);
}

void book_print(const struct book *book, int64_t start_ms, int json, FILE *to)
{
	fputs(json ? "["
		   : "gun,session_no,plug_no,plug_ms,start_ms,end_ms,unplug_ms,start_wh,end_wh,"
		     "energy_wh,asked_wh,reason,seen_ms\n",
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

void book_print_marks(const struct book *book, int json, FILE *to)
{
	const char *before = "";

	fputs(json ? "[" : "gun,session_no,at_ms,read_ms,wh\n", to);
	for (int64_t i = book_mark_first(book); i < book->mark_end; i++) {
		const struct book_mark *m = book_mark_at(book, i);
		const struct book_record *r = book_at(book, m->number);

		if (!r) {
			continue;
		}
		fprintf(to,
			json ? "%s{\"gun\":\"%s\",\"session_no\":%d,\"at_ms\":%" PRId64
			       ",\"read_ms\":%" PRId64 ",\"wh\":%" PRId64 "}"
			     : "%s%s,%d,%" PRId64 ",%" PRId64 ",%" PRId64 "\n",
			before, r->gun, r->session_no, m->at_ms, m->read_ms, m->wh);
		before = json ? ",\n" : "";
	}
	if (json) {
		fputs("]\n", to);
	}
}
