#include "script.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "i18n.h"
#include "keys.h"

#define WAIT_US (20 * US_PER_S)
#define TICK_MS 20

/* One turn of poll() and everything that follows from it. */
static void turn(struct app *app)
{
	struct pollfd *pfd = calloc(app->station_count, sizeof *pfd);

	if (pfd != NULL) {
		app_fds(app, pfd);
		poll(pfd, app->station_count, TICK_MS);
	}
	free(pfd);
	app_run(app, mono_now());
}

int script_once(struct app *app)
{
	struct mono began = mono_now();

	app_run(app, began);
	/* An agent that is there may take its time. */
	while (!app_complete(app) && app->feed->link.question.ask == LINK_ASK_NONE &&
		mono_diff_us(mono_now(), began) <
			(app->feed->state != FEED_DOWN ? WAIT_US : WAIT_US / 4)) {
		turn(app);
	}
	if (!app->model->ever) {
		fprintf(stderr, "piletop: %s: %s", app->feed->address,
			_(app->feed->trouble[0] != '\0' ? app->feed->trouble
							: N_("no agent answers")));
		if (app->feed->detail[0] != '\0') {
			fprintf(stderr, " (%s)", app->feed->detail);
		}
		fprintf(stderr, "\n");
		return EXIT_FAILURE;
	}
	app_draw(app);
	return canvas_write(&app->canvas, stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

struct step {
	const char *path;
	int line;
	const char *word, *rest;
};

static int fault(const struct step *s, const char *what)
{
	fprintf(stderr, "piletop: %s:%d: %s %s: %s\n", s->path, s->line, s->word, s->rest, what);
	return 2;
}

static int await(struct app *app, const struct step *s, bool wanted)
{
	struct mono limit = mono_add_us(mono_now(), WAIT_US);

	for (;;) {
		app_draw(app);
		if (canvas_contains(&app->canvas, s->rest) == wanted) {
			return 0;
		}
		if (!mono_before(mono_now(), limit)) {
			break;
		}
		turn(app);
	}
	fault(s, _("waited in vain; this is the screen"));
	canvas_write(&app->canvas, stderr);
	return EXIT_FAILURE;
}

/* Until the agent has answered everything that was asked. */
static int settle(struct app *app, const struct step *s)
{
	struct mono limit = mono_add_us(mono_now(), WAIT_US);

	do {
		turn(app);
		if (app_complete(app)) {
			return 0;
		}
	} while (mono_before(mono_now(), limit));
	fault(s, _(err_text(ERR_TIMEOUT)));
	return EXIT_FAILURE;
}

static int snap(struct app *app, const struct step *s)
{
	FILE *f = strcmp(s->rest, "-") == 0 ? stdout : fopen(s->rest, "w");
	int rc;

	if (f == NULL) {
		return fault(s, _("cannot be written"));
	}
	app_draw(app);
	rc = canvas_write(&app->canvas, f);
	if (f != stdout && fclose(f) != 0) {
		rc = ERR_IO;
	}
	return rc == 0 ? 0 : fault(s, _("cannot be written"));
}

static int resize(struct app *app, const struct step *s)
{
	char cols[8] = "";
	size_t n = strcspn(s->rest, "x");
	int64_t w, h;

	if (n < sizeof cols) {
		memcpy(cols, s->rest, n);
	}
	if (s->rest[n] != 'x' || text_int(cols, 1, CANVAS_COLS_MAX, &w) != 0 ||
		text_int(s->rest + n + 1, 1, CANVAS_ROWS_MAX, &h) != 0) {
		return fault(s, _("must be like 80x24"));
	}
	return app_resize(app, (int)h, (int)w) == 0 ? 0 : fault(s, _(err_text(ERR_NOMEM)));
}

static void type(struct app *app, const char *text)
{
	size_t n;

	for (; *text != '\0'; text += n) {
		uint32_t cp = text_decode(text, &n);

		app_key(app, cp);
	}
}

static int play_step(struct app *app, const struct step *s)
{
	uint32_t key;

	if (strcmp(s->word, "wait") == 0) {
		return await(app, s, true);
	}
	if (strcmp(s->word, "gone") == 0) {
		return await(app, s, false);
	}
	if (strcmp(s->word, "settle") == 0) {
		return settle(app, s);
	}
	if (strcmp(s->word, "snap") == 0) {
		return snap(app, s);
	}
	if (strcmp(s->word, "size") == 0) {
		return resize(app, s);
	}
	if (strcmp(s->word, "type") == 0) {
		type(app, s->rest);
		return 0;
	}
	if (keys_find(s->word, &key) != 0) {
		return fault(s, _("neither a step nor a key"));
	}
	app_key(app, key);
	turn(app);
	return 0;
}

int script_play(struct app *app, const char *path)
{
	FILE *f = fopen(path, "r");
	char line[512];
	struct step s = {.path = path};
	int rc = 0;

	if (f == NULL) {
		fprintf(stderr, "piletop: %s: %s\n", path, _("cannot be read"));
		return 2;
	}
	app_run(app, mono_now());
	while (rc == 0 && !app->quit && fgets(line, sizeof line, f) != NULL) {
		size_t n = strcspn(line, "\n");
		char *rest;

		s.line++;
		line[n] = '\0';
		if (line[0] == '\0' || line[0] == '#') {
			continue;
		}
		rest = line + strcspn(line, " ");
		if (*rest != '\0') {
			*rest++ = '\0';
		}
		s.word = line;
		s.rest = rest;
		rc = play_step(app, &s);
	}
	fclose(f);
	return rc;
}
