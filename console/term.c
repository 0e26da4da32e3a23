#include "term.h"

#include <curses.h>
#include <stdio.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "keys.h"

#define ESC_DELAY_MS 25
#define RUN_MAX      2048

static struct {
	bool open;
	SCREEN *screen;
	attr_t attr[INK_COUNT_];
	short pair[INK_COUNT_];
	struct termios before;
	bool have_before;
	char leave[256]; /* what takes the terminal out of its state, for crashes */
	size_t leave_len;
	int signal_pipe[2];
} term = {.signal_pipe = {-1, -1}};

static volatile sig_atomic_t saw_resize, saw_end;

static const struct {
	int colour;
	bool bold, dim, reverse, mono_bold, mono_reverse;
} inks[INK_COUNT_] = {
#define INK(sym, colour, bold, dim, reverse, mono_bold, mono_reverse) \
	{colour, bold, dim, reverse, mono_bold, mono_reverse},
#include "ink.def"
#undef INK
};

static void on_signal(int number)
{
	int saved = errno;
	char byte = 0;

	if (number == SIGWINCH) {
		saw_resize = 1;
	} else {
		saw_end = number;
	}
	if (write(term.signal_pipe[1], &byte, 1) < 0) {
		/* Full: then it is readable already. */
		errno = saved;
	}
	errno = saved;
}

/* Only what a signal handler may call. */
static void on_crash(int number)
{
	ssize_t n = write(STDOUT_FILENO, term.leave, term.leave_len);

	(void)n;
	if (term.have_before) {
		tcsetattr(STDIN_FILENO, TCSANOW, &term.before);
	}
	raise(number);
}

static void collect_leave(void)
{
	static const char *const names[] = {"sgr0", "rmkx", "cnorm", "rmcup"};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		const char *s = tigetstr(names[i]);
		size_t n = s == NULL || s == (char *)-1 ? 0 : strlen(s);

		if (n > 0 && term.leave_len + n < sizeof term.leave) {
			memcpy(term.leave + term.leave_len, s, n);
			term.leave_len += n;
		}
	}
}

static void catch_signals(void)
{
	static const int ends[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGWINCH};
	static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS};
	struct sigaction sa = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
	struct sigaction crash = {.sa_handler = on_crash, .sa_flags = (int)SA_RESETHAND};

	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		sigaction(ends[i], &sa, NULL);
	}
	for (size_t i = 0; i < sizeof crashes / sizeof crashes[0]; i++) {
		sigaction(crashes[i], &crash, NULL);
	}
	signal(SIGPIPE, SIG_IGN);
}

static void set_inks(bool mono)
{
	short next = 1;

	for (int i = 0; i < INK_COUNT_; i++) {
		bool bold = mono ? inks[i].mono_bold : inks[i].bold;
		bool reverse = mono ? inks[i].mono_reverse : inks[i].reverse;

		term.attr[i] =
			(bold ? A_BOLD : 0) | (inks[i].dim ? A_DIM : 0) | (reverse ? A_REVERSE : 0);
		term.pair[i] = 0;
		if (!mono && inks[i].colour >= 0) {
			init_pair(next, (short)inks[i].colour, -1);
			term.pair[i] = next++;
		}
	}
}

int term_open(bool mono)
{
	const char *no_color = getenv("NO_COLOR");

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		fprintf(stderr, "piletop: standard input or output is no terminal; use --once\n");
		return ERR_UNSUPPORTED;
	}
	if (pipe2(term.signal_pipe, O_NONBLOCK | O_CLOEXEC) != 0) {
		return ERR_IO;
	}
	term.have_before = tcgetattr(STDIN_FILENO, &term.before) == 0;
	term.screen = newterm(NULL, stdout, stdin);
	if (term.screen == NULL) {
		fprintf(stderr, "piletop: TERM: this terminal is not known; use --once\n");
		return ERR_UNSUPPORTED;
	}
	term.open = true;
	atexit(term_close);
	collect_leave();
	raw();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(ESC_DELAY_MS);
	curs_set(0);
	mono = mono || (no_color != NULL && no_color[0] != '\0') || !has_colors();
	if (!mono) {
		start_color();
		use_default_colors();
	}
	set_inks(mono);
	catch_signals();
	return 0;
}

void term_close(void)
{
	if (!term.open) {
		return;
	}
	term.open = false;
	endwin();
	delscreen(term.screen);
	term.screen = NULL;
	if (term.have_before) {
		tcsetattr(STDIN_FILENO, TCSADRAIN, &term.before);
	}
}

void term_size(int *rows, int *cols)
{
	struct winsize ws;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0 && ws.ws_row > 0 && ws.ws_col > 0) {
		*rows = ws.ws_row;
		*cols = ws.ws_col;
	} else if (LINES > 0 && COLS > 0) {
		*rows = LINES;
		*cols = COLS;
	}
}

static void set_attr(const struct cell *cell)
{
	attr_t attr = term.attr[cell->ink];

	attr_set(cell->reverse ? attr ^ A_REVERSE : attr, term.pair[cell->ink], NULL);
}

/* Writes a stretch of cells of one look. */
static int put_run(const struct canvas *c, int y, int x)
{
	const struct cell *first = canvas_at(c, y, x);
	char text[RUN_MAX];
	size_t n = 0;
	int end = x;

	for (; end < c->cols; end++) {
		const struct cell *cell = canvas_at(c, y, end);
		size_t len = cell->columns == 0 ? 0 : strlen(cell->ch);

		if (cell->ink != first->ink || cell->reverse != first->reverse ||
			n + len >= sizeof text) {
			break;
		}
		memcpy(text + n, cell->ch, len);
		n += len;
	}
	set_attr(first);
	mvaddnstr(y, x, text, (int)n);
	return end > x ? end : x + 1;
}

void term_draw(const struct canvas *c, bool anew)
{
	if (c->rows != LINES || c->cols != COLS) {
		resizeterm(c->rows, c->cols);
		anew = true;
	}
	if (anew) {
		clearok(curscr, TRUE);
	}
	for (int y = 0; y < c->rows; y++) {
		for (int x = 0; x < c->cols;) {
			x = put_run(c, y, x);
		}
	}
	refresh();
}

static uint32_t of_curses(wint_t key)
{
	switch (key) {
	case KEY_UP:
		return KEYS_UP;
	case KEY_DOWN:
		return KEYS_DOWN;
	case KEY_LEFT:
		return KEYS_LEFT;
	case KEY_RIGHT:
		return KEYS_RIGHT;
	case KEY_PPAGE:
		return KEYS_PAGE_UP;
	case KEY_NPAGE:
		return KEYS_PAGE_DOWN;
	case KEY_HOME:
		return KEYS_HOME;
	case KEY_END:
		return KEYS_END;
	case KEY_ENTER:
		return KEYS_ENTER;
	case KEY_BTAB:
		return KEYS_BACKTAB;
	case KEY_BACKSPACE:
		return KEYS_BACKSPACE;
	case KEY_DC:
		return KEYS_DELETE;
	case KEY_F(1):
		return KEYS_F1;
	default:
		return KEYS_NONE;
	}
}

static uint32_t of_character(wint_t key)
{
	switch (key) {
	case '\r':
	case '\n':
		return KEYS_ENTER;
	case 27:
		return KEYS_ESC;
	case '\t':
		return KEYS_TAB;
	case 8:
	case 127:
		return KEYS_BACKSPACE;
	default:
		return (uint32_t)key;
	}
}

uint32_t term_key(void)
{
	for (;;) {
		wint_t key;
		int kind = get_wch(&key);
		uint32_t code;

		if (kind == ERR) {
			return KEYS_NONE;
		}
		code = kind == KEY_CODE_YES ? of_curses(key) : of_character(key);
		if (code != KEYS_NONE) {
			return code;
		}
	}
}

int term_key_fd(void)
{
	return STDIN_FILENO;
}

int term_signal_fd(void)
{
	return term.signal_pipe[0];
}

struct term_signals term_signals(void)
{
	struct term_signals s = {0};
	char bytes[64];

	while (read(term.signal_pipe[0], bytes, sizeof bytes) > 0) {
	}
	s.resized = saw_resize != 0;
	s.ended = saw_end != 0;
	s.number = saw_end;
	saw_resize = 0;
	return s;
}
