#include "loop.h"

#include <poll.h>
#include <stdlib.h>

#include "keys.h"
#include "term.h"

#define IDLE_MS 1000

/* Data is drawn once a second, so that a busy site costs few bytes; what the user did, at once. */
#define DATA_US (US_PER_S - 50 * US_PER_MS)

static int wait_ms(const struct app *app, struct mono drawn, bool dirty)
{
	struct mono next = mono_add_us(drawn, dirty ? DATA_US : IDLE_MS * US_PER_MS);
	struct mono feed = app_deadline(app);
	int64_t us;

	if (mono_before(feed, next)) {
		next = feed;
	}
	us = mono_diff_us(next, mono_now());
	return us <= 0 ? 0 : (int)(us / US_PER_MS) + 1;
}

static void fit(struct app *app)
{
	int rows, cols;

	term_size(&rows, &cols);
	if (app_resize(app, rows, cols) == 0) {
		app->redraw = true;
	}
}

/* A change that must not wait for the next second: the first data, the end of the link, a command
 * that goes on. */
static bool urgent(const struct app *app, enum feed_state before)
{
	return app->feed->state != before ||
	       (app->feed->changed && app->order->id[0] != '\0' && app->order->over.us == 0);
}

/* What must be drawn, now or within the second. */
struct due {
	bool now, dirty;
};

/* Takes note of what the stations' turn has changed. */
static void note(struct app *app, enum feed_state before, struct due *due)
{
	due->now = due->now || urgent(app, before);
	for (size_t i = 0; i < app->station_count; i++) {
		due->dirty = due->dirty || app->stations[i].feed.changed;
		app->stations[i].feed.changed = false;
	}
}

static int run(struct app *app, struct pollfd *pfd)
{
	struct mono drawn = {0};
	struct due due = {true, true};

	fit(app);
	while (!app->quit) {
		enum feed_state before = app->feed->state;
		struct term_signals signals;
		uint32_t key;

		pfd[0] = (struct pollfd){term_key_fd(), POLLIN, 0};
		pfd[1] = (struct pollfd){term_signal_fd(), POLLIN, 0};
		app_fds(app, pfd + 2);
		poll(pfd, 2 + app->station_count, due.now ? 0 : wait_ms(app, drawn, due.dirty));
		signals = term_signals();
		if (signals.ended) {
			return 128 + signals.number;
		}
		if (signals.resized) {
			fit(app);
			due.now = true;
		}
		if ((pfd[0].revents & (POLLHUP | POLLERR)) != 0) {
			return EXIT_FAILURE;
		}
		app_run(app, mono_now());
		while ((key = term_key()) != KEYS_NONE) {
			app_key(app, key);
			due.now = true;
		}
		note(app, before, &due);
		if (due.now || mono_diff_us(mono_now(), drawn) >=
				       (due.dirty ? DATA_US : IDLE_MS * US_PER_MS)) {
			app_draw(app);
			term_draw(&app->canvas, app->redraw);
			app->redraw = false;
			drawn = mono_now();
			due = (struct due){false, false};
		}
	}
	return EXIT_SUCCESS;
}

int loop_run(struct app *app)
{
	struct pollfd *pfd = calloc(2 + app->station_count, sizeof *pfd);
	int code = pfd == NULL ? EXIT_FAILURE : run(app, pfd);

	free(pfd);
	return code;
}
