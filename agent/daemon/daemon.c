#include "internal.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/link.h"
#include "log.h"
#include "notify.h"
#include "version.h"

#define TICK_MS 1000

/* ---- The loop's events ---- */

static void on_wake(uv_async_t *handle)
{
	if (plant_take(handle->data)) {
		uv_async_send(handle); /* there is more: after the other handles */
	}
}

static void look_at_clock(struct daemon *d, struct moment now)
{
	struct event event = {.kind = EV_CLOCK, .now = now};

	if (clockwatch_look(&d->clock, now, clockwatch_synced(), &event.clock.step_ms)) {
		event.clock.synced = d->clock.synced;
		daemon_apply(d, &event);
	}
}

static void on_tick(uv_timer_t *timer)
{
	struct daemon *d = timer->data;
	struct moment now = moment_now();
	struct event event = {.kind = EV_TICK, .now = now};

	look_at_clock(d, now);
	daemon_apply(d, &event);
	daemon_conditions(d, now);
	daemon_customers_step(d, now);
	outbox_step(d->outbox, now);
	daemon_telemetry(d, now);
	daemon_totals(d, now);
	daemon_backlog(d);
	/* Once in each second of the wall clock, so that rows fall on its grid. */
	uv_timer_start(timer, on_tick, (uint64_t)(TICK_MS - now.wall.ms % TICK_MS + 1), 0);
}

static void on_watchdog(uv_timer_t *timer)
{
	(void)timer;
	notify_send("WATCHDOG=1");
}

static void log_error_line(void *arg, const char *line)
{
	(void)arg;
	log_line(LOG_ERROR, "%s", line);
}

static void on_hup(uv_signal_t *signal, int number)
{
	(void)number;
	daemon_reload(signal->data, log_error_line, NULL);
}

static void on_end(uv_signal_t *signal, int number)
{
	struct daemon *d = signal->data;

	log_line(LOG_NOTICE, "piled: %s, stopping", number == SIGTERM ? "SIGTERM" : "SIGINT");
	uv_stop(&d->loop);
}

/* ---- Core ---- */

static void read_boot_id(char *dst, size_t size)
{
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");

	dst[0] = '\0';
	if (f != NULL) {
		if (fgets(dst, (int)size, f) != NULL) {
			dst[strcspn(dst, "\n")] = '\0';
		}
		fclose(f);
	}
}

/* ---- Paths ---- */

static int choose_paths(struct daemon *d, const struct config *config)
{
	const char *data = d->cfg.data != NULL ? d->cfg.data : config->store.folder;
	const char *given = d->cfg.socket != NULL ? d->cfg.socket : getenv("PILED_SOCKET");
	int rc;

	if (given == NULL || *given == '\0') {
		given = config->socket[0] != '\0' ? config->socket : PILED_SOCKET_DEFAULT;
	}
	rc = view_set_text(d->data, sizeof d->data, data);
	return rc != 0 ? rc : view_set_text(d->socket, sizeof d->socket, given);
}

/* ---- Start and stop, in order ---- */

static int open_rpc(struct daemon *d)
{
	struct rpc_cfg cfg = {.loop = &d->loop,
		.path = d->socket,
		.folder = d->data,
		.ops = &daemon_host,
		.host = d};
	int rc = rpc_open(&cfg, &d->rpc);

	if (rc == ERR_LOCKED) {
		log_line(LOG_ERROR, "socket %s: another agent listens there", d->socket);
	} else if (rc != 0) {
		log_line(LOG_ERROR, "socket %s: %s", d->socket, err_text(rc));
	}
	return rc;
}

static int start_loop(struct daemon *d)
{
	int64_t watchdog_us = notify_watchdog_us();

	if (uv_loop_init(&d->loop) != 0) {
		return ERR_IO;
	}
	uv_async_init(&d->loop, &d->wake, on_wake);
	daemon_money_open(d);
	uv_timer_init(&d->loop, &d->tick);
	uv_timer_init(&d->loop, &d->watchdog);
	uv_timer_init(&d->loop, &d->drain);
	uv_signal_init(&d->loop, &d->hup);
	uv_signal_init(&d->loop, &d->term);
	uv_signal_init(&d->loop, &d->interrupt);
	d->wake.data = d->tick.data = d->watchdog.data = d;
	d->hup.data = d->term.data = d->interrupt.data = d;
	uv_signal_start(&d->hup, on_hup, SIGHUP);
	uv_signal_start(&d->term, on_end, SIGTERM);
	uv_signal_start(&d->interrupt, on_end, SIGINT);
	uv_timer_start(&d->tick, on_tick, 0, 0);
	if (watchdog_us > 0) {
		uint64_t ms = (uint64_t)(watchdog_us / US_PER_MS) + 1;

		uv_timer_start(&d->watchdog, on_watchdog, 0, ms);
	}
	return 0;
}

static void close_handle(uv_handle_t *handle, void *arg)
{
	(void)arg;
	if (!uv_is_closing(handle)) {
		uv_close(handle, NULL);
	}
}

static void stop(struct daemon *d, bool loop)
{
	notify_send("STOPPING=1");
	if (loop) {
		daemon_drain_messages(d);
	}
	plant_stop(&d->plant);
	if (loop) {
		daemon_reads_end(d);
		daemon_money_end(d);
		rpc_close(d->rpc);
		uv_walk(&d->loop, close_handle, NULL);
		uv_run(&d->loop, UV_RUN_DEFAULT);
		uv_loop_close(&d->loop);
	}
	if (d->store != NULL) {
		daemon_backlog(d);
		store_close(d->store);
	}
	if (loop) {
		daemon_money_free(d);
	}
	journal_close(d->journal);
	plant_free(&d->plant);
	outbox_free(d->outbox);
	free(d->backlog);
}

/* The socket first: a second agent is refused before it touches anything. */
static int start(struct daemon *d, struct config *config)
{
	int rc = open_rpc(d);

	if (rc != 0) {
		config_free(config);
		return rc;
	}
	rc = plant_build(d, config, &d->plant);
	if (rc == 0) {
		rc = daemon_open_outbox(d);
	}
	if (rc == 0) {
		rc = daemon_open_store(d);
	}
	if (rc == 0) {
		daemon_open_journal(d);
		rc = daemon_tariffs(d);
	}
	if (rc == 0) {
		rc = daemon_resume(d);
	}
	if (rc == 0) {
		daemon_stray_holds(d);
		rc = plant_start(&d->plant);
	}
	return rc;
}

/* Memory stays bounded: few arenas for many threads, and large blocks go back at once. */
static void bound_memory(void)
{
	mallopt(M_ARENA_MAX, 2);
	mallopt(M_TRIM_THRESHOLD, 256 * 1024);
	mallopt(M_MMAP_THRESHOLD, 256 * 1024);
	setenv("UV_THREADPOOL_SIZE", "2", 0);
}

static void print_error_line(void *arg, const char *line)
{
	(void)arg;
	fprintf(stderr, "%s\n", line);
}

static void serve(struct daemon *d)
{
	log_line(LOG_NOTICE, "piled %s: site %s, %zu guns on %zu buses, socket %s", PILED_VERSION,
		d->plant.config->id, d->plant.config->gun_count, d->plant.bus_count, d->socket);
	notify_send("READY=1");
	uv_run(&d->loop, UV_RUN_DEFAULT);
}

int daemon_run(const struct daemon_cfg *cfg)
{
	struct daemon *d = calloc(1, sizeof *d);
	struct config *config;
	bool loop;
	int rc;

	if (d == NULL) {
		return ERR_NOMEM;
	}
	bound_memory();
	uv_rwlock_init(&d->store_lock);
	uv_mutex_init(&d->broken_lock);
	signal(SIGPIPE, SIG_IGN);
	d->cfg = *cfg;
	d->started = wall_now();
	read_boot_id(d->boot_id, sizeof d->boot_id);
	rc = daemon_load(d, print_error_line, NULL, &config);
	if (rc != 0) {
		free(d);
		return rc;
	}
	log_init(cfg->verbose ? LOG_DETAIL : config->log);
	daemon_remarks(config);
	rc = choose_paths(d, config);
	if (rc == 0) {
		rc = start_loop(d);
	}
	loop = rc == 0;
	if (rc == 0) {
		rc = start(d, config);
	} else {
		config_free(config);
	}
	if (rc == 0) {
		serve(d);
		rc = d->error;
	}
	stop(d, loop);
	if (rc == 0) {
		log_line(LOG_NOTICE, "piled: stopped");
	}
	uv_rwlock_destroy(&d->store_lock);
	uv_mutex_destroy(&d->broken_lock);
	free(d);
	return rc;
}
