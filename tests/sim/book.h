#ifndef PILESIM_BOOK_H
#define PILESIM_BOOK_H
/*
 * The simulator's own record of every session: what really flowed, whatever faults the registers
 * and the wire had. A session is from the closing of the contactor to the end of energy flow.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "registers.h"

#define BOOK_NEVER INT64_MIN /* has not happened yet */

struct book_record {
	char gun[20];
	uint16_t session_no, plug_no;             /* the pile's counters */
	int64_t plug_s, start_s, end_s, unplug_s; /* model seconds since the start of the model */
	int64_t start_wh, end_wh; /* the energy register as shown, faults of it included */
	int64_t energy_wh;        /* what flowed, by the register's steps, faults of it left out */
	int64_t asked_wh;         /* 0 = until full */
	enum stop_reason reason;
	int64_t seen_ms; /* wall clock at which its register was first answered */
	int64_t mark_ms; /* of its newest mark */
};

/* The register as it was first answered at or after a half hour of the wall clock. */
struct book_mark {
	int64_t number; /* of the record */
	int64_t at_ms, read_ms;
	int64_t wh;
};

/* Keeps the last BOOK_MAX sessions, and as many marks. */
#define BOOK_MAX 200000
struct book;

int book_new(struct book **out);
void book_free(struct book *book);
/* Opens a record and returns its number, counted from 0 since the beginning; -1 without memory. */
int64_t book_open(struct book *book, const struct book_record *record);
/* A record by number; NULL when it is gone or never was. Borrowed until the next book_open(). */
struct book_record *book_at(const struct book *book, int64_t number);
/* Numbers first..end-1 are there. */
int64_t book_first(const struct book *book);
int64_t book_end(const struct book *book);

/* The register of an open session was answered, `wh` as shown, at a time of the wall clock. */
void book_answered(struct book *book, int64_t number, int64_t wh, int64_t at_ms);
/* Marks by number, as records. */
const struct book_mark *book_mark_at(const struct book *book, int64_t number);
int64_t book_mark_first(const struct book *book);
int64_t book_mark_end(const struct book *book);

const char *stop_reason_token(enum stop_reason reason);

/* Prints all records: CSV with a head line, or a JSON array. Times are milliseconds since 1970;
 * what has not happened is empty (CSV) or null. `start_ms`: wall clock at model second 0. */
void book_print(const struct book *book, int64_t start_ms, int json, FILE *to);
/* The same for its marks. */
void book_print_marks(const struct book *book, int json, FILE *to);

#endif
