/*
 * The console in a terminal of 120x40 on a site whose 24 guns all charge, with every value moving
 * each second: time to the first frame, bytes a second to the terminal, memory.
 *
 * The agent is a child that speaks the wire: snapshot, then a delta a second.
 */
#include <cjson/cJSON.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "timex.h"
#include "view.h"
#include "wire.h"

#define GUNS        24
#define FRAME_RUNS  7
#define SETTLE_S    3
#define MEASURE_S   20
#define FRAME_GOAL  30
#define BYTES_GOAL  1.6
#define MEMORY_GOAL 8

static struct view_gun guns[GUNS], before[GUNS];
static struct view_site site, site_before;
static uint64_t noise_state = 88172645463325252ULL;

static int64_t noise(int64_t span)
{
	noise_state ^= noise_state << 13;
	noise_state ^= noise_state >> 7;
	noise_state ^= noise_state << 17;
	return (int64_t)(noise_state % (uint64_t)(2 * span + 1)) - span;
}

static void make_site(void)
{
	int64_t now = wall_now().ms;

	view_clear(VIEW_site, &site);
	VIEW_SET(&site, id, "bench");
	VIEW_SET(&site, name, "Bench");
	VIEW_SET(&site, meter_state, "up");
	VIEW_SET(&site, store_state, "ok");
	site.rated_va = 630000;
	site.limit_va = 567000;
	site.guns_total = site.guns_charging = GUNS;
	site.guns_idle = site.guns_plugged = site.guns_fault = site.guns_offline = 0;
	site.today_wh = 1000000;
	site.today_sessions = GUNS;
	site.today_s = 3600;
	site.faults_active = 0;
	for (int i = 0; i < GUNS; i++) {
		struct view_gun *g = &guns[i];
		bool dc = i < GUNS / 2;
		char id[20];

		view_clear(VIEW_gun, g);
		snprintf(id, sizeof id, "%c%d.%d", dc ? 'A' : 'B', dc ? i / 2 + 1 : i - 11,
			dc ? i % 2 + 1 : 1);
		VIEW_SET(g, id, id);
		VIEW_SET(g, kind, dc ? "dc" : "ac");
		VIEW_SET(g, state, "charging");
		VIEW_SET(g, session, "s");
		g->since = now - 600000 - i * 61000;
		g->max_w = dc ? 120000 : 7000;
		g->grant_w = dc ? 60000 : 7000;
		g->power_w = dc ? 40000 + i * 1000 : 6600;
		g->voltage_mv = dc ? 400000 : 230000;
		g->soc_pm = dc ? 300 + i * 20 : VALUE_NONE;
		g->temp_mc = 40000;
		g->session_wh = 5000 + i * 700;
		g->today_wh = 30000;
		g->today_sessions = 3;
		g->stale = 0;
		g->seen = now;
	}
}

/* One second of the site: noise as meters have it, energy and state of charge as they follow. */
static void step_site(void)
{
	int64_t total = 0;

	for (int i = 0; i < GUNS; i++) {
		struct view_gun *g = &guns[i];
		bool dc = i < GUNS / 2;

		g->power_w += noise(dc ? 150 : 30);
		g->voltage_mv = (dc ? 400000 : 230000) + noise(800);
		g->current_ma = g->power_w * 1000000 / g->voltage_mv;
		g->session_wh += g->power_w / 3600;
		g->today_wh += g->power_w / 3600;
		g->seen = wall_now().ms;
		total += g->power_w;
	}
	site.guns_w = total;
	site.load_w = total + 80000 + noise(2000);
	site.load_va = site.load_w * 103 / 100;
	site.load_pm = site.load_va * 1000 / site.rated_va;
	site.load_l1_pm = site.load_pm + noise(6);
	site.load_l2_pm = site.load_pm + noise(6);
	site.load_l3_pm = site.load_pm + noise(6);
	site.today_wh += total / 3600;
	site.today_s += GUNS;
}

static bool send_json(int fd, const char *method, cJSON *params)
{
	cJSON *object = cJSON_CreateObject();
	char *text;
	bool good;

	cJSON_AddStringToObject(object, "jsonrpc", "2.0");
	cJSON_AddStringToObject(object, "method", method);
	cJSON_AddItemToObject(object, "params", params);
	text = cJSON_PrintUnformatted(object);
	good = text != NULL && dprintf(fd, "%s\n", text) > 0;
	cJSON_free(text);
	cJSON_Delete(object);
	return good;
}

static bool send_rows(int fd, const char *view, cJSON *rows)
{
	cJSON *params = cJSON_CreateObject();

	cJSON_AddStringToObject(params, "view", view);
	cJSON_AddItemToObject(params, "rows", rows);
	return send_json(fd, "snapshot", params);
}

static bool send_snapshot(int fd)
{
	cJSON *rows = cJSON_CreateArray();
	cJSON *sites = cJSON_CreateArray();
	cJSON *synced = cJSON_CreateObject();

	for (int i = 0; i < GUNS; i++) {
		cJSON_AddItemToArray(rows, view_to_json(VIEW_gun, &guns[i], NULL));
	}
	cJSON_AddItemToArray(sites, view_to_json(VIEW_site, &site, NULL));
	cJSON_AddNumberToObject(synced, "seq", 0);
	cJSON_AddNumberToObject(synced, "now", (double)wall_now().ms);
	return send_rows(fd, "site", sites) && send_rows(fd, "gun", rows) &&
	       send_json(fd, "synced", synced);
}

static bool send_delta(int fd, int64_t seq)
{
	cJSON *params = cJSON_CreateObject();
	cJSON *rows = cJSON_AddArrayToObject(params, "gun");
	cJSON *sites = cJSON_AddArrayToObject(params, "site");

	memcpy(before, guns, sizeof before);
	site_before = site;
	step_site();
	for (int i = 0; i < GUNS; i++) {
		cJSON_AddItemToArray(rows, view_to_json(VIEW_gun, &guns[i], &before[i]));
	}
	cJSON_AddItemToArray(sites, view_to_json(VIEW_site, &site, &site_before));
	cJSON_AddNumberToObject(params, "seq", (double)seq);
	cJSON_AddNumberToObject(params, "now", (double)wall_now().ms);
	return send_json(fd, "delta", params);
}

static void agent(int listener)
{
	signal(SIGPIPE, SIG_IGN);
	make_site();
	step_site();
	for (;;) {
		int fd = accept(listener, NULL, NULL);
		int64_t seq = 0;
		char request[4096];
		bool good =
			fd >= 0 && recv(fd, request, sizeof request, 0) > 0 && send_snapshot(fd);

		while (good) {
			struct pollfd pfd = {fd, POLLIN, 0};

			if (poll(&pfd, 1, 1000) > 0) {
				/* Other requests stay without an answer: the curves are empty. */
				good = recv(fd, request, sizeof request, 0) > 0;
			} else {
				good = send_delta(fd, ++seq);
			}
		}
		close(fd);
	}
}

static int listen_at(const char *path)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(sun.sun_path, path, strlen(path));
	if (fd < 0 || bind(fd, (struct sockaddr *)&sun, sizeof sun) != 0 || listen(fd, 4) != 0) {
		return -1;
	}
	return fd;
}

static pid_t start_console(const char *build, const char *socket_path, int *master)
{
	struct winsize ws = {.ws_row = 40, .ws_col = 120};
	pid_t pid = forkpty(master, NULL, NULL, &ws);

	if (pid == 0) {
		char program[4096];

		snprintf(program, sizeof program, "%s/piletop", build);
		setenv("TERM", "xterm-256color", 1);
		execl(program, program, "--socket", socket_path, "--lang", "en", (char *)NULL);
		_exit(127);
	}
	return pid;
}

/* Reads for a time; returns the bytes, -1 when the console is gone. Ends early once `until` is in
 * the output. */
static long drain(int master, int64_t us, const char *until)
{
	struct mono end = mono_add_us(mono_now(), us);
	char buf[65536];
	size_t kept = 0;
	long total = 0;

	while (mono_before(mono_now(), end)) {
		struct pollfd pfd = {master, POLLIN, 0};
		int ms = (int)(mono_diff_us(end, mono_now()) / US_PER_MS) + 1;
		ssize_t n;

		if (poll(&pfd, 1, ms) <= 0) {
			continue;
		}
		if (until == NULL || kept > sizeof buf / 2) {
			kept = 0;
		}
		n = read(master, buf + kept, sizeof buf - kept);
		if (n <= 0) {
			return -1;
		}
		total += n;
		kept += (size_t)n;
		if (until != NULL && memmem(buf, kept, until, strlen(until)) != NULL) {
			return total;
		}
	}
	return total;
}

static int64_t memory_kb(pid_t pid)
{
	char path[64], line[256];
	int64_t kb = -1;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	f = fopen(path, "r");
	while (f != NULL && fgets(line, sizeof line, f) != NULL) {
		if (strncmp(line, "VmHWM:", 6) == 0) {
			kb = strtoll(line + 6, NULL, 10);
		}
	}
	if (f != NULL) {
		fclose(f);
	}
	return kb;
}

static void stop(pid_t pid, int master)
{
	kill(pid, SIGTERM);
	drain(master, 300 * US_PER_MS, NULL);
	close(master);
	waitpid(pid, NULL, 0);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void print(const char *name, double value, const char *unit, double goal)
{
	printf("%s %.2f %s <=%g %s\n", name, value, unit, goal, value <= goal ? "ok" : "short");
}

static bool measure(const char *build, const char *path)
{
	double frames[FRAME_RUNS];
	int master;
	pid_t pid;
	long bytes;

	for (int i = 0; i < FRAME_RUNS; i++) {
		struct mono start = mono_now();

		pid = start_console(build, path, &master);
		if (pid < 0 || drain(master, 5 * US_PER_S, "B12.1") < 0) {
			return false;
		}
		frames[i] = (double)mono_diff_us(mono_now(), start) / 1000;
		stop(pid, master);
	}
	qsort(frames, FRAME_RUNS, sizeof frames[0], compare);
	print("console_first_frame", frames[FRAME_RUNS / 2], "ms", FRAME_GOAL);
	pid = start_console(build, path, &master);
	if (pid < 0 || drain(master, SETTLE_S * US_PER_S, NULL) <= 0) {
		return false;
	}
	bytes = drain(master, MEASURE_S * US_PER_S, NULL);
	if (bytes <= 0) {
		return false;
	}
	print("console_bytes", (double)bytes / MEASURE_S / 1000, "KB/s", BYTES_GOAL);
	print("console_resident", (double)memory_kb(pid) / 1000, "MB", MEMORY_GOAL);
	stop(pid, master);
	return true;
}

int main(void)
{
	const char *build = getenv("PILED_BUILD");
	char folder[] = "/tmp/bench-console.XXXXXX";
	char path[64];
	int listener;
	pid_t child;
	bool good;

	if (mkdtemp(folder) == NULL) {
		return 1;
	}
	snprintf(path, sizeof path, "%s/s", folder);
	listener = listen_at(path);
	if (listener < 0) {
		return 1;
	}
	child = fork();
	if (child == 0) {
		agent(listener);
	}
	good = child > 0 && measure(build == NULL ? "build" : build, path);
	if (child > 0) {
		kill(child, SIGTERM);
		waitpid(child, NULL, 0);
	}
	unlink(path);
	rmdir(folder);
	return good ? 0 : 1;
}
