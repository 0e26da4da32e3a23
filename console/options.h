#ifndef PILETOP_OPTIONS_H
#define PILETOP_OPTIONS_H
/* The command line of piletop, from one list: option.def. */
#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "glyph.h"

struct options {
	bool once, help, version, write, ascii;
	const char *script; /* borrowed from argv, like all texts here */
	const char *lang;
	const char *conf;       /* sites.conf; NULL = the user's */
	const char *ssh_config; /* NULL = the user's */
	const char *socket;     /* NULL = from the environment */
	int rows, cols;         /* 0 = the terminal's, else 24x80 */
	int64_t fixed_ms;       /* VALUE_NONE = the clock runs */
	char **sites;           /* addresses and names, site_count of them */
	int site_count;
};

/* Reads argv. On failure writes one line to stderr and returns ERR_INVAL. */
int options_read(struct options *o, int argc, char **argv);

/* The text of --help on stdout. */
void options_help(void);

/* The socket to use: --socket, $PILED_SOCKET, the default of the installation. */
const char *options_socket(const struct options *o);

/* The characters that the terminal can be trusted to show. */
enum glyph_level options_level(const struct options *o);

#endif
