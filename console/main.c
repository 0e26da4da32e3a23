#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app.h"
#include "i18n.h"
#include "loop.h"
#include "options.h"
#include "roster.h"
#include "script.h"
#include "term.h"
#include "version.h"

#define ROWS_DEFAULT 24
#define COLS_DEFAULT 80

static int run_terminal(struct app *app)
{
	int code;

	if (term_open(false) != 0) {
		return EXIT_FAILURE;
	}
	code = loop_run(app);
	term_close();
	return code;
}

static int run(const struct options *o)
{
	struct app_cfg cfg = {
		.level = options_level(o), .write = o->write, .fixed_ms = o->fixed_ms};
	struct roster roster;
	static struct app app;
	int rows = o->rows > 0 ? o->rows : ROWS_DEFAULT;
	int cols = o->cols > 0 ? o->cols : COLS_DEFAULT;
	int code;

	if (roster_read(o->sites, (size_t)o->site_count, options_socket(o), o->conf, &roster) !=
		0) {
		return 2;
	}
	cfg.stations = roster.list;
	cfg.station_count = roster.count;
	link_ssh_config(o->ssh_config);
	if (o->once && o->rows == 0) {
		term_size(&rows, &cols);
	}
	if (app_init(&app, &cfg, rows, cols) != 0) {
		fprintf(stderr, "piletop: %s\n", _(err_text(ERR_NOMEM)));
		return EXIT_FAILURE;
	}
	if (o->once) {
		code = script_once(&app);
	} else if (o->script != NULL) {
		code = script_play(&app, o->script);
	} else {
		code = run_terminal(&app);
	}
	app_free(&app);
	roster_free(&roster);
	if (!link_ssh_finish()) {
		fflush(NULL);
		_exit(code);
	}
	return code;
}

/* The language must be known before the first message: it is looked for ahead of the parser. */
static const char *early_lang(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strncmp(argv[i], "--lang=", 7) == 0) {
			return argv[i] + 7;
		}
		if (strcmp(argv[i], "--lang") == 0 && i + 1 < argc) {
			return argv[i + 1];
		}
	}
	return NULL;
}

int main(int argc, char **argv)
{
	struct options o;

	/* Threads read the environment while the zone changes: a value may be replaced, but none
	 * may come new. */
	setenv("TZ", ":/etc/localtime", 0);
	signal(SIGPIPE, SIG_IGN);
	i18n_init(early_lang(argc, argv));
	if (options_read(&o, argc, argv) != 0) {
		return 2;
	}
	if (o.help) {
		options_help();
		return EXIT_SUCCESS;
	}
	if (o.version) {
		printf("piletop %s\n", PILED_VERSION);
		return EXIT_SUCCESS;
	}
	return run(&o);
}
