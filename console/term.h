#ifndef PILETOP_TERM_H
#define PILETOP_TERM_H
/*
 * The terminal: the only file that knows curses. Puts a canvas on the screen with as few bytes as
 * curses finds necessary, reads keys, and gives the terminal back as it was on every way out:
 * normal, signal or crash.
 */
#include "canvas.h"

/* Takes the terminal. ERR_UNSUPPORTED when standard input or output is none or $TERM is unknown
 * (one line on stderr). `mono`: attributes only, no colour (also with $NO_COLOR). */
int term_open(bool mono);

/* Gives it back; idempotent. */
void term_close(void);

/* Size in cells; untouched where it cannot be known. */
void term_size(int *rows, int *cols);

/* Shows a canvas. `anew` draws every cell. */
void term_draw(const struct canvas *c, bool anew);

/* The next key that is there, KEYS_NONE when none is. */
uint32_t term_key(void);

/* Descriptors for poll(): keys, and one that becomes readable when a signal came. */
int term_key_fd(void);
int term_signal_fd(void);

/* What signals asked for since the last call. */
struct term_signals {
	bool resized;
	bool ended; /* TERM, HUP, INT, QUIT */
	int number; /* which */
};
struct term_signals term_signals(void);

#endif
