#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "i18n.h"
#include "loop.h"
#include "options.h"
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
	struct station_cfg station = {0};
	struct app_cfg cfg = {.stations = &station,
		.station_count = 1,
		.level = options_level(o),
		.write = o->write,
		.fixed_ms = o->fixed_ms};
	static struct app app;
	int rows = o->rows > 0 ? o->rows : ROWS_DEFAULT;
	int cols = o->cols > 0 ? o->cols : COLS_DEFAULT;
	int code;

	snprintf(station.address, sizeof station.address, "%s", options_socket(o));
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
