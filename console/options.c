#include "options.h"

#include <getopt.h>
#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "canvas.h"
#include "i18n.h"
#include "reading.h"
#include "text.h"

#define SOCKET_DEFAULT "/run/piled/piled.sock"
#define CLOCK_MAX_MS   INT64_C(100000000000000)

enum option_id {
#define OPTION(sym, name, value, help) OPTION_##sym,
#include "option.def"
#undef OPTION
	OPTION_COUNT_
};

static const struct {
	const char *name, *value, *help;
} list[OPTION_COUNT_] = {
#define OPTION(sym, name, value, help) {name, value, help},
#include "option.def"
#undef OPTION
};

static int complain(const char *name, const char *value, const char *allowed)
{
	fprintf(stderr, "piletop: --%s %s: %s\n", name, value, allowed);
	return ERR_INVAL;
}

static int read_size(struct options *o, const char *value)
{
	char cols[8];
	const char *by = strchr(value, 'x');
	int64_t w, h;
	size_t n = by == NULL ? 0 : (size_t)(by - value);

	if (n == 0 || n >= sizeof cols) {
		return complain("size", value, _("must be like 80x24"));
	}
	memcpy(cols, value, n);
	cols[n] = '\0';
	if (text_int(cols, 20, CANVAS_COLS_MAX, &w) != 0 ||
		text_int(by + 1, 5, CANVAS_ROWS_MAX, &h) != 0) {
		return complain("size", value, _("must be from 20x5 to 500x200"));
	}
	o->cols = (int)w;
	o->rows = (int)h;
	return 0;
}

static int take(struct options *o, enum option_id id, const char *value)
{
	switch (id) {
	case OPTION_SOCKET:
		o->socket = value;
		return 0;
	case OPTION_SITES:
		o->conf = value;
		return 0;
	case OPTION_SSH_CONFIG:
		o->ssh_config = value;
		return 0;
	case OPTION_WRITE:
		o->write = true;
		return 0;
	case OPTION_LANG:
		if (strcmp(value, "en") != 0 && strcmp(value, "zh") != 0) {
			return complain("lang", value, _("must be en or zh"));
		}
		o->lang = value;
		return 0;
	case OPTION_ASCII:
		o->ascii = true;
		return 0;
	case OPTION_ONCE:
		o->once = true;
		return 0;
	case OPTION_SCRIPT:
		o->script = value;
		return 0;
	case OPTION_SIZE:
		return read_size(o, value);
	case OPTION_CLOCK:
		if (text_int(value, 0, CLOCK_MAX_MS, &o->fixed_ms) != 0) {
			return complain("clock", value, _("must be milliseconds since 1970"));
		}
		return 0;
	case OPTION_HELP:
		o->help = true;
		return 0;
	case OPTION_VERSION:
		o->version = true;
		return 0;
	case OPTION_COUNT_:
		break;
	}
	return ERR_INVAL;
}

int options_read(struct options *o, int argc, char **argv)
{
	struct option longs[OPTION_COUNT_ + 1] = {0};
	int c;

	*o = (struct options){.fixed_ms = VALUE_NONE};
	for (int i = 0; i < OPTION_COUNT_; i++) {
		longs[i].name = list[i].name;
		longs[i].has_arg = list[i].value[0] != '\0' ? required_argument : no_argument;
		longs[i].val = i;
	}
	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (c == '?' || take(o, (enum option_id)c, optarg) != 0) {
			fprintf(stderr, "%s\n", _("Try piletop --help."));
			return ERR_INVAL;
		}
	}
	o->sites = argv + optind;
	o->site_count = argc - optind;
	return 0;
}

void options_help(void)
{
	printf("%s\n\n", _("usage: piletop [options] [SITE]..."));
	for (int i = 0; i < OPTION_COUNT_; i++) {
		char name[32];

		snprintf(name, sizeof name, "--%s %s", list[i].name, list[i].value);
		printf("  %-18s %s\n", name, _(list[i].help));
	}
	printf("\n%s\n", _("Keys: press ? in the console. Manual: man piletop"));
}

const char *options_socket(const struct options *o)
{
	const char *env = getenv("PILED_SOCKET");

	if (o->socket != NULL) {
		return o->socket;
	}
	return env != NULL && env[0] != '\0' ? env : SOCKET_DEFAULT;
}

enum glyph_level options_level(const struct options *o)
{
	const char *term = getenv("TERM");

	if (o->ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0) {
		return GLYPH_ASCII;
	}
	return term != NULL && strcmp(term, "linux") == 0 ? GLYPH_BLOCK : GLYPH_FULL;
}
