#ifndef PILED_LOG_H
#define PILED_LOG_H
/*
 * The agent's log: one line an event, subject first ("gun A1.2: charging -> fault, ..."), to
 * standard error and to a ring that `piled log` shows. Under systemd (JOURNAL_STREAM) lines carry
 * the journal's priority prefix, elsewhere the time. Safe from any thread; never blocks for long:
 * a line is at most LOG_LINE_MAX bytes, the ring LOG_RING lines.
 */
#include <stddef.h>

#include "action.h"

#define LOG_LINE_MAX 256
#define LOG_RING     500

/* Lines above `level` are dropped. Call once, before threads start. */
void log_init(enum log_level level);

/* Writes one line; line ends and control characters inside it become blanks. */
void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Calls back with the last `lines` lines, oldest first; a non-zero return ends and is returned.
 * The text is only valid for the call. */
int log_last(size_t lines,
	int (*each)(void *arg, struct wall at, enum log_level level, const char *text), void *arg);

/* "error", "warning", "notice", "detail". */
const char *log_level_name(enum log_level level);

#endif
