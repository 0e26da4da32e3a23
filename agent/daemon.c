#include "daemon_int.h"

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

static const char *const store_states[] = {"ok", "full", "error"};

/* ---- The loop's events ---- */

static void on_wake_bus(void *arg)
{
	struct daemon *d = arg;

	uv_async_send(&d->wake);
}

static void on_wake(uv_async_t *handle)
{
	struct daemon *d = handle->data;
	struct bus_result result;
	struct moment now = moment_now();

	for (int n = 0; n < BATCH_MAX; n++) {
		if (!bus_queue_take(d->queue, &result)) {
			return;
		}
		field_result(d->field, &result, now, daemon_emit, d);
	}
	uv_async_send(&d->wake); /* there is more: after the other handles */
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
	daemon_telemetry(d, now);
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
	d->stopping = true;
	uv_stop(&d->loop);
}

/* ---- Store ---- */

static void on_store_state(void *arg, const char *state)
{
	struct daemon *d = arg;
	int i = 0;

	while (i < 2 && strcmp(store_states[i], state) != 0) {
		i++;
	}
	d->store_state = i;
	log_line(i == 0 ? LOG_NOTICE : LOG_ERROR, "store: %s", store_states[i]);
}

const char *daemon_store_state(const struct daemon *d)
{
	return store_states[d->store_state];
}

static int open_store(struct daemon *d)
{
	char why[512] = "";
	struct store_cfg cfg = {.folder = d->data,
		.retention_days = d->config->store.retention_days,
		.tail_us = d->config->store.tail_us,
		.on_state = on_store_state,
		.arg = d,
		.why = why,
		.why_size = sizeof why};
	struct site_cfg site;
	const char *const *ids = NULL;
	int rc = daemon_series(d, &ids);

	if (rc != 0) {
		return rc;
	}
	config_site_cfg(d->config, wall_now(), &site);
	cfg.utc_offset_s = site.utc_offset_s;
	cfg.series = ids;
	cfg.series_count = d->series_count;
	if (mkdir(d->data, 0750) != 0 && errno != EEXIST) {
		log_line(LOG_ERROR, "store: cannot make the folder %s: %s", d->data,
			strerror(errno));
		rc = ERR_IO;
	} else {
		rc = store_open(&cfg, &d->store);
		if (rc != 0) {
			log_line(LOG_ERROR, "store: %s", why[0] != '\0' ? why : err_text(rc));
		}
	}
	free((void *)ids);
	return rc;
}

static int resume_one(void *arg, enum view_kind kind, const void *view)
{
	struct daemon *d = arg;
	struct event event = {.kind = EV_RESUME, .now = moment_now()};

	event.resume.kind = kind;
	event.resume.view = view;
	daemon_apply(d, &event);
	return 0;
}

/* What was open when the last agent ended, however it did. */
static int resume(struct daemon *d)
{
	struct store_reader *reader;
	int rc = store_reader_open(d->data, &reader);

	if (rc == 0) {
		rc = store_resume(reader, wall_now(), resume_one, d);
		store_reader_close(reader);
	}
	if (rc != 0) {
		log_line(LOG_ERROR, "store: what was open cannot be read: %s", err_text(rc));
	}
	return rc;
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

static int make_site(struct daemon *d)
{
	struct site_cfg cfg;
	size_t cap;
	int rc;

	config_site_cfg(d->config, wall_now(), &cfg);
	view_set_text(cfg.boot_id, sizeof cfg.boot_id, d->boot_id);
	cap = ACTIONS_MIN(cfg.gun_count);
	rc = site_new(&cfg, &d->site);
	if (rc != 0) {
		return rc;
	}
	d->actions.v = calloc(cap, sizeof *d->actions.v);
	d->actions.cap = cap;
	d->failed = calloc(cap, sizeof *d->failed);
	d->failed_cap = cap;
	return d->actions.v == NULL || d->failed == NULL ? ERR_NOMEM : 0;
}

/* ---- Buses ---- */

static uint64_t random_seed(void)
{
	uint64_t seed = 1;

	(void)!getrandom(&seed, sizeof seed, 0);
	return seed;
}

static int start_bus(struct daemon *d, size_t i)
{
	const struct config_bus *b = &d->config->buses[i];
	const struct config_unit *units;
	char address[80];
	struct bus_cfg cfg = {.id = b->id,
		.kind = config_bus_kind(b),
		.address = address,
		.index = (uint16_t)i,
		.queue = d->queue};
	int rc;

	config_bus_plan(d->config, i, &cfg.plan, &units);
	cfg.plan.seed = random_seed();
	config_bus_address(b, address, sizeof address);
	rc = config_bus_port(b, &cfg.port);
	if (rc != 0) {
		log_line(LOG_ERROR, "bus %s: %s: %s", b->id, address, err_text(rc));
		return rc;
	}
	rc = bus_start(&cfg, &d->buses[i]);
	if (rc != 0) {
		cfg.port->ops->free(cfg.port);
		log_line(LOG_ERROR, "bus %s: cannot start: %s", b->id, err_text(rc));
		return rc;
	}
	d->bus_count++;
	return 0;
}

static int start_buses(struct daemon *d)
{
	struct plan_write keepalive;
	uint16_t bus;
	int rc = bus_queue_new(RESULTS_MAX, on_wake_bus, d, &d->queue);

	if (rc != 0) {
		return rc;
	}
	d->buses = calloc(d->config->bus_count + 1, sizeof(struct bus *));
	if (d->buses == NULL) {
		return ERR_NOMEM;
	}
	for (size_t i = 0; i < d->config->bus_count && rc == 0; i++) {
		rc = start_bus(d, i);
	}
	for (size_t i = 0; rc == 0 && field_keepalive(d->field, i, &bus, &keepalive) == 0; i++) {
		rc = bus_keepalive(d->buses[bus], &keepalive);
	}
	return rc;
}

static void stop_buses(struct daemon *d)
{
	for (size_t i = 0; i < d->bus_count; i++) {
		bus_stop(d->buses[i]); /* all at once, then wait for each */
	}
	for (size_t i = 0; i < d->bus_count; i++) {
		bus_free(d->buses[i]);
	}
	free(d->buses);
	bus_queue_free(d->queue);
	d->buses = NULL;
	d->queue = NULL;
	d->bus_count = 0;
}

/* ---- Configuration ---- */

static int load_config(struct daemon *d, void (*report)(void *arg, const char *line), void *arg,
	struct config **out)
{
	struct yaml_errors errors = {0};
	int rc = config_load(d->cfg.config, NULL, &errors, out);

	for (size_t i = 0; i < errors.kept; i++) {
		report(arg, errors.lines[i]);
	}
	yaml_errors_free(&errors);
	return rc;
}

static int choose_paths(struct daemon *d)
{
	const char *data = d->cfg.data != NULL ? d->cfg.data : d->config->store.folder;
	const char *given = d->cfg.socket != NULL ? d->cfg.socket : getenv("PILED_SOCKET");
	int rc;

	if (given == NULL || *given == '\0') {
		given = d->config->socket[0] != '\0' ? d->config->socket : PILED_SOCKET_DEFAULT;
	}
	rc = view_set_text(d->data, sizeof d->data, data);
	return rc != 0 ? rc : view_set_text(d->socket, sizeof d->socket, given);
}

int daemon_reload(struct daemon *d, void (*report)(void *arg, const char *line), void *arg)
{
	struct config *config;
	int rc = load_config(d, report, arg, &config);

	if (rc != 0) {
		log_line(LOG_ERROR, "%s: has errors; the old configuration stays in force",
			d->cfg.config);
		return rc;
	}
	config_free(config);
	log_line(LOG_NOTICE, "%s: read again", d->cfg.config);
	return 0;
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
	uv_timer_init(&d->loop, &d->tick);
	uv_timer_init(&d->loop, &d->watchdog);
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
	stop_buses(d);
	if (loop) {
		rpc_close(d->rpc);
		uv_run(&d->loop, UV_RUN_NOWAIT);
		uv_walk(&d->loop, close_handle, NULL);
		uv_run(&d->loop, UV_RUN_DEFAULT);
		uv_loop_close(&d->loop);
	}
	if (d->store != NULL) {
		daemon_backlog(d);
		store_close(d->store);
	}
	field_free(d->field);
	site_free(d->site);
	config_free(d->config);
	free(d->actions.v);
	free(d->failed);
	free(d->backlog);
	free(d->series);
}

static int start(struct daemon *d)
{
	int rc = open_rpc(d);

	if (rc == 0) {
		rc = open_store(d);
	}
	if (rc == 0) {
		rc = make_site(d);
	}
	if (rc == 0) {
		rc = field_new(d->config, &d->field);
	}
	if (rc == 0) {
		rc = resume(d);
	}
	if (rc == 0) {
		rc = start_buses(d);
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

int daemon_run(const struct daemon_cfg *cfg)
{
	struct daemon *d = calloc(1, sizeof *d);
	bool loop;
	int rc;

	if (d == NULL) {
		return ERR_NOMEM;
	}
	bound_memory();
	signal(SIGPIPE, SIG_IGN);
	log_init(cfg->verbose ? LOG_DETAIL : LOG_NOTICE);
	d->cfg = *cfg;
	d->started = wall_now();
	read_boot_id(d->boot_id, sizeof d->boot_id);
	rc = load_config(d, print_error_line, NULL, &d->config);
	if (rc != 0) {
		free(d);
		return rc;
	}
	rc = choose_paths(d);
	if (rc == 0) {
		rc = start_loop(d);
	}
	loop = rc == 0;
	if (rc == 0) {
		rc = start(d);
	}
	if (rc == 0) {
		log_line(LOG_NOTICE, "piled %s: site %s, %zu guns on %zu buses, socket %s",
			PILED_VERSION, d->config->id, d->config->gun_count, d->bus_count,
			d->socket);
		notify_send("READY=1");
		uv_run(&d->loop, UV_RUN_DEFAULT);
	}
	stop(d, loop);
	if (rc == 0) {
		log_line(LOG_NOTICE, "piled: stopped");
	}
	free(d);
	return rc;
}
