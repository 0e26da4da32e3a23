#ifndef PILED_HOURLY_H
#define PILED_HOURLY_H
/*
 * A year's load by the hour: a CSV file of `hour_ending,load_kw` rows below a head line, one row an
 * hour from January 1st.
 */
#include <stddef.h>
#include <stdint.h>

#define HOURLY_MAX 8784 /* a leap year */

/* Reads watts. Returns the number of hours, or ERR_IO, ERR_SYNTAX with *line the number of the bad
 * one. */
int hourly_read(const char *path, int32_t *hour_w, size_t room, int *line);

/* The hour of its year, from 0, that a local time (seconds since 1970) falls into. */
int64_t hourly_index(int64_t local_s);

#endif
