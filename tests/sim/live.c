#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "live.h"
#include "simconfig.h"
#include "simfault.h"
#include "timex.h"

#define NS_PER_S     INT64_C(1000000000)
#define IDLE_WAIT_NS NS_PER_S
#define GONE_WAIT_NS (NS_PER_S / 10)
#define FDS_MAX      (LIVE_CLIENTS + LIVE_CONTROLS + 1 + 2 * 1000)

int64_t live_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
}

void live_sync(struct live *live)
{
	int64_t us = (live_now_ns() - live->start_ns) / 1000 * live->cfg.speed;

	sim_advance(live->sim, (struct mono){us});
}

static struct stream_wire wire_of(const struct live *live, unsigned bus)
{
	const struct sim_bus_spec *spec = &sim_site_of(live->sim)->buses[bus];
	struct stream_wire wire = {.framing = FRAMING_TCP, .delivery = DELIVER_FRAME};

	if (spec->link != SIM_TCP) {
		wire.framing = FRAMING_RTU;
		wire.char_ns = line_char_ns(spec->baud, spec->parity, spec->stop_bits);
		wire.silence_ns = line_silence_ns(spec->baud, wire.char_ns);
		wire.delivery = spec->link == SIM_SERIAL ? live->cfg.delivery : DELIVER_FRAME;
	}
	return wire;
}

static int open_bus(struct live *live, unsigned i)
{
	struct live_bus *bus = &live->buses[i];
	int fd;

	if (sim_site_of(live->sim)->buses[i].link == SIM_SERIAL) {
		int err = serial_open(bus->path, &fd, &bus->keep);

		if (!err) {
			stream_open(&bus->line, fd, i, wire_of(live, i));
		}
		return err;
	}
	fd = tcp_listen(live->cfg.address, bus->port, &bus->port);
	if (fd < 0) {
		return fd;
	}
	bus->listener = fd;
	return 0;
}

static void close_bus(struct live *live, unsigned i)
{
	struct live_bus *bus = &live->buses[i];

	serial_close(bus->path, &bus->keep);
	stream_close(&bus->line);
	if (bus->listener >= 0) {
		close(bus->listener);
		bus->listener = -1;
	}
	for (int c = 0; c < LIVE_CLIENTS; c++) {
		if (live->clients[c].fd >= 0 && live->clients[c].bus == i) {
			stream_close(&live->clients[c]);
		}
	}
}

static bool bus_open(const struct live *live, unsigned i)
{
	return live->buses[i].listener >= 0 || live->buses[i].keep >= 0;
}

/* Writes a file of the folder. */
static int write_file(
	const struct live *live, const char *name, void (*print)(const struct live *live, FILE *to))
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof path, "%.230s/%s", live->cfg.dir, name);
	file = fopen(path, "we");
	if (!file) {
		return ERR_IO;
	}
	print(live, file);
	return fclose(file) == 0 ? 0 : ERR_IO;
}

static void print_config(const struct live *live, FILE *to)
{
	const struct sim_site *site = sim_site_of(live->sim);
	struct simconfig_bus *buses = calloc(site->bus_count + 1u, sizeof *buses);

	for (unsigned i = 0; buses && i < site->bus_count; i++) {
		/* Paths in a configuration are relative to its folder. */
		buses[i].path = site->buses[i].id;
		buses[i].port = live->buses[i].port;
	}
	if (buses) {
		simconfig_print(site, live->cfg.address, buses, to);
	}
	free(buses);
}

/* The file `ready` says that all is open, and where each bus is to be found, for scripts:
 * "ID tcp ADDRESS PORT" or "ID serial PATH". */
static void print_ready(const struct live *live, FILE *to)
{
	static const char *const LINKS[] = {"tcp", "serial", "rtu-tcp"};
	const struct sim_site *site = sim_site_of(live->sim);

	for (unsigned i = 0; i < site->bus_count; i++) {
		fprintf(to, "%s %s ", site->buses[i].id, LINKS[site->buses[i].link]);
		if (site->buses[i].link == SIM_SERIAL) {
			fprintf(to, "%s\n", live->buses[i].path);
		} else {
			fprintf(to, "%s %d\n", live->cfg.address, live->buses[i].port);
		}
	}
}

static int open_buses(struct live *live, char *why, size_t size)
{
	const struct sim_site *site = sim_site_of(live->sim);
	int port = live->cfg.port;

	for (unsigned i = 0; i < site->bus_count; i++) {
		struct live_bus *bus = &live->buses[i];
		bool serial = site->buses[i].link == SIM_SERIAL;

		snprintf(
			bus->path, sizeof bus->path, "%.230s/%s", live->cfg.dir, site->buses[i].id);
		bus->port = port;
		if (open_bus(live, i) < 0) {
			snprintf(why, size,
				serial ? "%s: no pseudo-terminal for bus %s: %s"
				       : "%s: bus %s cannot listen: %s",
				serial ? bus->path : live->cfg.address, site->buses[i].id,
				strerror(errno));
			return ERR_IO;
		}
		port += !serial && port > 0;
	}
	return 0;
}

int live_open(
	struct live *live, const struct live_cfg *cfg, struct sim *sim, char *why, size_t size)
{
	const struct sim_site *site = sim_site_of(sim);
	int err;

	*live = (struct live){.cfg = *cfg, .sim = sim, .control = -1};
	live->buses = calloc(site->bus_count + 1u, sizeof *live->buses);
	live->clients = calloc(LIVE_CLIENTS, sizeof *live->clients);
	if (!live->buses || !live->clients) {
		snprintf(why, size, "out of memory");
		return ERR_NOMEM;
	}
	for (unsigned i = 0; i < site->bus_count; i++) {
		live->buses[i].listener = live->buses[i].keep = live->buses[i].line.fd = -1;
	}
	for (int i = 0; i < LIVE_CLIENTS; i++) {
		live->clients[i].fd = -1;
	}
	for (int i = 0; i < LIVE_CONTROLS; i++) {
		live->controls[i].fd = -1;
	}
	snprintf(live->control_path, sizeof live->control_path, "%.230s/pilesim.sock", cfg->dir);
	live->control = control_listen(live->control_path);
	if (live->control < 0) {
		snprintf(why, size, "%s: %s", live->control_path,
			live->control == ERR_LOCKED ? "another pilesim runs here"
						    : "cannot listen");
		return live->control;
	}
	err = open_buses(live, why, size);
	if (!err && (write_file(live, "piled.yaml", print_config) < 0 ||
			    write_file(live, "ready", print_ready) < 0)) {
		snprintf(why, size, "%s: cannot be written to", cfg->dir);
		err = ERR_IO;
	}
	live->start_ns = live_now_ns();
	return err;
}

void live_close(struct live *live)
{
	if (!live->buses || !live->clients) {
		goto out;
	}
	for (unsigned i = 0; i < sim_site_of(live->sim)->bus_count; i++) {
		close_bus(live, i);
	}
	for (int i = 0; i < LIVE_CONTROLS; i++) {
		control_close(&live->controls[i]);
	}
	if (live->control >= 0) {
		char path[256];

		close(live->control);
		unlink(live->control_path);
		snprintf(path, sizeof path, "%.230s/ready", live->cfg.dir);
		unlink(path);
	}
out:
	free(live->buses);
	free(live->clients);
	live->buses = NULL;
	live->clients = NULL;
}

/* Buses that a fault has taken away are closed, those that are back are opened. */
static bool follow_faults(struct live *live)
{
	bool any = false;

	for (unsigned i = 0; i < sim_site_of(live->sim)->bus_count; i++) {
		bool gone = sim_bus_gone(live->sim, i);

		any = any || gone;
		if (gone && bus_open(live, i)) {
			close_bus(live, i);
		} else if (!gone && !bus_open(live, i)) {
			open_bus(live, i);
		}
	}
	return any;
}

static void accept_client(struct live *live, unsigned bus)
{
	int fd = tcp_accept(live->buses[bus].listener);

	for (int i = 0; fd >= 0 && i < LIVE_CLIENTS; i++) {
		if (live->clients[i].fd < 0) {
			stream_open(&live->clients[i], fd, bus, wire_of(live, bus));
			return;
		}
	}
	if (fd >= 0) {
		close(fd);
	}
}

static void read_stream(struct stream *stream, bool client)
{
	uint8_t bytes[512];
	ssize_t got = read(stream->fd, bytes, sizeof bytes);

	if (got > 0) {
		if (!stream_push(stream, bytes, (size_t)got, live_now_ns())) {
			stream_close(stream);
		}
	} else if (client && (got == 0 || (errno != EAGAIN && errno != EINTR))) {
		stream_close(stream);
	}
}

/* What a polled descriptor is. */
enum role { ROLE_CONTROL, ROLE_CTL, ROLE_LISTENER, ROLE_LINE, ROLE_CLIENT };
struct watch {
	enum role role;
	unsigned index;
};

struct watches {
	struct pollfd fds[FDS_MAX];
	struct watch what[FDS_MAX];
	nfds_t count;
	int64_t due_ns;
};

static void watch(struct watches *w, int fd, short events, enum role role, unsigned index)
{
	if (fd >= 0 && w->count < FDS_MAX) {
		w->fds[w->count] = (struct pollfd){.fd = fd, .events = events};
		w->what[w->count++] = (struct watch){role, index};
	}
}

static void watch_stream(struct watches *w, struct stream *stream, enum role role, unsigned index)
{
	int64_t due = stream->fd >= 0 ? stream_due(stream) : INT64_MAX;

	watch(w, stream->fd, POLLIN, role, index);
	w->due_ns = due < w->due_ns ? due : w->due_ns;
}

static void watch_all(struct live *live, struct watches *w, int64_t latest_ns)
{
	w->count = 0;
	w->due_ns = latest_ns;
	watch(w, live->control, POLLIN, ROLE_CONTROL, 0);
	for (unsigned i = 0; i < LIVE_CONTROLS; i++) {
		watch(w, live->controls[i].fd, live->controls[i].out ? POLLOUT : POLLIN, ROLE_CTL,
			i);
	}
	for (unsigned i = 0; i < sim_site_of(live->sim)->bus_count; i++) {
		watch(w, live->buses[i].listener, POLLIN, ROLE_LISTENER, i);
		watch_stream(w, &live->buses[i].line, ROLE_LINE, i);
	}
	for (unsigned i = 0; i < LIVE_CLIENTS; i++) {
		watch_stream(w, &live->clients[i], ROLE_CLIENT, i);
	}
}

static void serve(struct live *live, const struct watch *what)
{
	struct live_control *control;

	switch (what->role) {
	case ROLE_CONTROL:
		control_accept(live);
		break;
	case ROLE_CTL:
		control = &live->controls[what->index];
		if (control->out) {
			control_write(control);
		} else {
			control_read(live, control);
		}
		break;
	case ROLE_LISTENER:
		accept_client(live, what->index);
		break;
	case ROLE_LINE:
		read_stream(&live->buses[what->index].line, false);
		break;
	case ROLE_CLIENT:
		read_stream(&live->clients[what->index], true);
		break;
	}
}

static void run_due(struct live *live)
{
	int64_t now_ns = live_now_ns();

	live_sync(live);
	for (unsigned i = 0; i < sim_site_of(live->sim)->bus_count; i++) {
		if (live->buses[i].line.fd >= 0) {
			stream_run(&live->buses[i].line, live->sim, now_ns);
		}
	}
	for (int i = 0; i < LIVE_CLIENTS; i++) {
		if (live->clients[i].fd >= 0) {
			stream_run(&live->clients[i], live->sim, now_ns);
		}
	}
}

void live_run(struct live *live, const volatile int *stop)
{
	struct watches *w = calloc(1, sizeof *w);
	bool gone = false;

	while (w && !*stop && !live->stop) {
		int64_t now_ns = live_now_ns();
		struct timespec wait;

		if (live->cfg.for_s > 0 && now_ns - live->start_ns >= live->cfg.for_s * NS_PER_S) {
			break;
		}
		watch_all(live, w, now_ns + (gone ? GONE_WAIT_NS : IDLE_WAIT_NS));
		int64_t left = w->due_ns > now_ns ? w->due_ns - now_ns : 0;

		wait = (struct timespec){left / NS_PER_S, left % NS_PER_S};
		int ready = ppoll(w->fds, w->count, &wait, NULL);

		for (nfds_t i = 0; ready > 0 && i < w->count; i++) {
			if (w->fds[i].revents) {
				serve(live, &w->what[i]);
			}
		}
		run_due(live);
		gone = follow_faults(live);
	}
	free(w);
}
