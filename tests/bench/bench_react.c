/*
 * From the meter's reply that is over the limit to the last reduced grant written: 24 guns that all
 * charge, buses and core as the agent has them, against pilesim, over TCP and over 9600 lines (two
 * lines of six piles, the other six and twelve guns on TCP). The building jumps; every gun comes
 * down. Told apart: the agent's own share, until the last write is with its bus, and what the line
 * needs for the writes themselves, one transaction a gun.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../tempdir.h"
#include "bus/thread.h"
#include "config/config.h"
#include "field.h"

#define ROUNDS    2
#define BUSES_MAX 8
#define GUNS      24
#define MANY      (GUNS / 2) /* so many writes at once are the reaction */
#define SETTLE_S  120        /* up again: the dwell, and cars that follow */
#define WAIT_S    30
#define AGENT_US  (5 * US_PER_MS)

struct bench {
	char dir[64];
	pid_t sim;
	int event;
	struct config *config;
	struct site *site;
	struct field_map *field;
	struct bus_queue *queue;
	struct bus *buses[BUSES_MAX];
	struct actions actions;
	/* the reaction */
	bool armed;
	uint32_t token[GUNS * 2];
	uint16_t bus[GUNS * 2];
	bool done[GUNS * 2];
	size_t count, open;
	struct mono reply, handed, last;
	int64_t line_us[BUSES_MAX];
};

struct reaction {
	int64_t total_us, agent_us, line_us;
	size_t writes;
};

static void wake(void *arg)
{
	eventfd_write(*(int *)arg, 1);
}

/* ---- The agent's wiring ---- */

static bool over(const struct event *e, const struct actions *actions)
{
	size_t writes = 0;

	for (size_t i = 0; i < actions->count; i++) {
		writes += actions->v[i].kind == ACT_WRITE;
	}
	return e->kind == EV_READINGS && e->readings.count > 0 &&
	       e->readings.samples[0].target.kind == TGT_METER && writes >= MANY;
}

static void answered(struct bench *b, const struct event *e)
{
	for (size_t i = 0; i < b->count; i++) {
		if (!b->done[i] && b->token[i] == e->written.token) {
			b->done[i] = true;
			b->open--;
			b->last = mono_before(b->last, e->written.at) ? e->written.at : b->last;
		}
	}
}

static void carry(struct bench *b, const struct action *a, bool reaction)
{
	struct plan_write write;
	uint16_t bus, unit;

	if (a->kind == ACT_POLL && field_find(b->field, a->poll.target, &bus, &unit) == 0) {
		bus_poll_now(b->buses[bus], unit, a->poll.all);
	}
	if (a->kind != ACT_WRITE || field_write(b->field, a, &bus, &write) != 0 ||
		bus_write(b->buses[bus], &write) != 0 || !reaction || b->count == GUNS * 2) {
		return;
	}
	b->token[b->count] = a->write.token;
	b->bus[b->count] = bus;
	b->done[b->count++] = false;
	b->open++;
}

static void emit(void *arg, const struct event *e)
{
	struct bench *b = arg;
	bool reaction;

	if (e->kind == EV_WRITTEN) {
		answered(b, e);
	}
	b->actions.count = 0;
	b->actions.overflow = false;
	site_apply(b->site, e, &b->actions);
	reaction = b->armed && b->count == 0 && over(e, &b->actions);
	for (size_t i = 0; i < b->actions.count; i++) {
		carry(b, &b->actions.v[i], reaction);
	}
	if (reaction) {
		b->handed = mono_now();
		b->reply = e->readings.at;
	}
}

/* The time that the line spent on writes, from the reaction on. */
static void count_line(struct bench *b, const struct bus_result *r)
{
	if (b->open > 0 && r->step.what == PLAN_WRITE && r->step.token != 0) {
		b->line_us[r->bus] += r->reply.took_us;
	}
}

static void take(struct bench *b)
{
	struct moment now = moment_now();
	struct bus_result result;

	while (bus_queue_take(b->queue, &result)) {
		count_line(b, &result);
		field_result(b->field, &result, now, emit, b);
	}
}

/* Lives for so long, or until the reaction is over. */
static void live(struct bench *b, int seconds)
{
	struct mono end = mono_add_us(mono_now(), seconds * US_PER_S), tick = mono_now();

	while (mono_before(mono_now(), end) && !(b->armed && b->count > 0 && b->open == 0)) {
		struct pollfd p = {.fd = b->event, .events = POLLIN};
		eventfd_t value;

		if (poll(&p, 1, 50) > 0) {
			eventfd_read(b->event, &value);
		}
		take(b);
		if (!mono_before(mono_now(), tick)) {
			struct event e = {.kind = EV_TICK, .now = moment_now()};

			emit(b, &e);
			tick = mono_add_us(tick, US_PER_S);
		}
	}
}

/* ---- The site ---- */

static int pilesim(const struct bench *b, const char *words)
{
	const char *build = getenv("PILED_BUILD");
	char command[256];
	int status;
	pid_t child;

	fflush(stdout);
	snprintf(command, sizeof command, "PILESIM_DIR=%s %s/pilesim %s >/dev/null", b->dir,
		build != NULL ? build : "build", words);
	child = fork();
	if (child == 0) {
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	return child < 0 || waitpid(child, &status, 0) != child ? -1 : status;
}

static int start_sim(struct bench *b, const char *link)
{
	const char *build = getenv("PILED_BUILD");
	char program[128], ready[80];

	snprintf(program, sizeof program, "%s/pilesim", build != NULL ? build : "build");
	snprintf(ready, sizeof ready, "%s/ready", b->dir);
	fflush(stdout);
	b->sim = fork();
	if (b->sim == 0) {
		(void)!freopen("/dev/null", "w", stdout);
		execl(program, program, "run", "--dir", b->dir, "--port", "0", "--calm",
			"--no-arrivals", "--building", "0 kW", "--link", link, (char *)NULL);
		_exit(127);
	}
	for (int k = 0; k < 200 && access(ready, R_OK) != 0; k++) {
		poll(NULL, 0, 50);
	}
	return access(ready, R_OK);
}

static int plug_all(const struct bench *b)
{
	char words[80];
	int rc = 0;

	for (int p = 1; p <= 12 && rc == 0; p++) {
		snprintf(words, sizeof words, "plug A%d.%d --soc 15 --capacity 200", (p + 1) / 2,
			1 + p % 2);
		rc = pilesim(b, words);
		snprintf(words, sizeof words, "plug B%d.1 --soc 15 --capacity 90", p);
		rc = rc != 0 ? rc : pilesim(b, words);
	}
	return rc;
}

/* The configuration that pilesim wrote, under load management. */
static int load_config(struct bench *b)
{
	static const char *const folders[] = {"agent/profiles", NULL};
	struct yaml_errors errors = {0};
	char from[80], to[80], line[512];
	FILE *in, *out;
	int rc = -1;

	snprintf(from, sizeof from, "%s/piled.yaml", b->dir);
	snprintf(to, sizeof to, "%s/react.yaml", b->dir);
	in = fopen(from, "r");
	out = in == NULL ? NULL : fopen(to, "w");
	while (out != NULL && fgets(line, sizeof line, in) != NULL) {
		fputs(strncmp(line, "load:", 5) == 0
				? "load: {policy: fair, target: 95 %, other_load: 100 kVA}\n"
				: line,
			out);
	}
	if (in != NULL) {
		fclose(in);
	}
	if (out != NULL) {
		fclose(out);
		rc = config_load(to, folders, &errors, &b->config);
	}
	for (size_t i = 0; i < errors.kept; i++) {
		fprintf(stderr, "%s\n", errors.lines[i]);
	}
	yaml_errors_free(&errors);
	return rc;
}

static int start_agent(struct bench *b)
{
	struct site_cfg cfg;
	int rc = load_config(b);

	if (rc != 0 || b->config->bus_count > BUSES_MAX) {
		return -1;
	}
	config_site_cfg(b->config, &cfg);
	b->actions.cap = ACTIONS_MIN(cfg.gun_count);
	b->actions.v = calloc(b->actions.cap, sizeof *b->actions.v);
	rc = b->actions.v == NULL ? ERR_NOMEM : site_new(&cfg, &b->site);
	rc = rc != 0 ? rc : field_new(b->config, &b->field);
	rc = rc != 0 ? rc : bus_queue_new(2048, wake, &b->event, &b->queue);
	for (size_t i = 0; i < b->config->bus_count && rc == 0; i++) {
		const struct config_unit *units;
		struct bus_cfg bus = {.id = b->config->buses[i].id,
			.kind = config_bus_kind(&b->config->buses[i]),
			.address = "",
			.index = (uint16_t)i,
			.queue = b->queue};

		config_bus_plan(b->config, i, &bus.plan, &units);
		rc = config_bus_port(&b->config->buses[i], &bus.port);
		rc = rc != 0 ? rc : bus_start(&bus, &b->buses[i]);
	}
	return rc;
}

static void end(struct bench *b)
{
	for (size_t i = 0; i < BUSES_MAX; i++) {
		bus_free(b->buses[i]);
	}
	bus_queue_free(b->queue);
	field_free(b->field);
	site_free(b->site);
	free(b->actions.v);
	config_free(b->config);
	if (b->sim > 0) {
		kill(b->sim, SIGTERM);
		waitpid(b->sim, NULL, 0);
	}
	close(b->event);
	tempdir_remove(b->dir);
}

/* ---- Rounds ---- */

static int react(struct bench *b, struct reaction *out)
{
	int rc;

	b->armed = false;
	rc = pilesim(b, "building \"0 kW\"");
	live(b, SETTLE_S);
	b->armed = true;
	b->count = b->open = 0;
	b->last = (struct mono){0};
	memset(b->line_us, 0, sizeof b->line_us);
	rc = rc != 0 ? rc : pilesim(b, "building \"430 kW\"");
	live(b, WAIT_S);
	if (rc != 0 || b->count == 0 || b->open > 0) {
		return -1;
	}
	*out = (struct reaction){.total_us = mono_diff_us(b->last, b->reply),
		.agent_us = mono_diff_us(b->handed, b->reply),
		.writes = b->count};
	for (size_t i = 0; i < BUSES_MAX; i++) {
		out->line_us = b->line_us[i] > out->line_us ? b->line_us[i] : out->line_us;
	}
	return 0;
}

/* `read_us`: what may stand in the way besides the writes, a read that is under way. */
static int measure(const char *link, const char *name, int64_t read_us)
{
	struct bench b = {.event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
	struct reaction worst = {0};
	int64_t rest_us;
	int rc = b.event < 0 ? -1 : tempdir_make(b.dir, sizeof b.dir);

	rc = rc != 0 ? rc : start_sim(&b, link);
	rc = rc != 0 ? rc : plug_all(&b);
	rc = rc != 0 ? rc : start_agent(&b);
	for (int k = 0; k < ROUNDS && rc == 0; k++) {
		struct reaction one;

		rc = react(&b, &one);
		if (rc == 0) {
			printf("# %s: %zu writes, %.1f ms in all, %.2f ms of the agent, %.1f ms of "
			       "writes on the slowest line\n",
				name, one.writes, (double)one.total_us / 1e3,
				(double)one.agent_us / 1e3, (double)one.line_us / 1e3);
			worst = one.total_us > worst.total_us
					? (struct reaction){one.total_us, worst.agent_us,
						  one.line_us, one.writes}
					: worst;
			worst.agent_us =
				one.agent_us > worst.agent_us ? one.agent_us : worst.agent_us;
		}
	}
	if (rc == 0) {
		printf("react_%s_total %.1f ms - ok\n", name, (double)worst.total_us / 1e3);
		printf("react_%s_line %.1f ms - ok\n", name, (double)worst.line_us / 1e3);
		rest_us = worst.total_us - worst.line_us - worst.agent_us;
		printf("react_%s_rest %.1f ms <=%lld %s\n", name, (double)rest_us / 1e3,
			(long long)(read_us / US_PER_MS), rest_us <= read_us ? "ok" : "short");
		printf("react_%s_agent %.2f ms <=5 %s\n", name, (double)worst.agent_us / 1e3,
			worst.agent_us <= AGENT_US ? "ok" : "short");
	}
	end(&b);
	return rc;
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	if (measure("tcp", "tcp", 20 * US_PER_MS) != 0 ||
		measure("serial", "9600", 120 * US_PER_MS) != 0) {
		fprintf(stderr, "no reaction was seen\n");
		return 1;
	}
	return 0;
}
