/*
 * The plan on a virtual line, with random units, ranges, faults and writes: what must hold for
 * each of them. BUS_SEED=N repeats a run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bus/virtual.h"
#include "err.h"

#define UNITS   6
#define RANGES  10
#define SPACE   240 /* addresses in use */
#define RUNS    40
#define MS(n)   ((int64_t)(n)*US_PER_MS)
#define S(n)    ((int64_t)(n)*US_PER_S)
#define TIMEOUT MS(300)
#define NEVER   INT64_MIN

struct range_log {
	int64_t last_us, worst_us;
	long reads;
};

struct unit_model {
	bool dead;
	bool refuses[SPACE];
	bool mute; /* refuses by silence */
	long asked_refused;
	bool missed; /* did not answer its last request, or never was asked */
	struct range_log logs[RANGES];
	uint16_t stored[SPACE];
	uint32_t written; /* token of the last write, in order */
	long fast_since;  /* bits: fast ranges read since the last time-out */
};

struct line {
	struct bus_port port;
	struct mono now;
	uint64_t random;
	int64_t least_us, spread_us; /* of a transaction */
	int bad_pm;                  /* corrupt replies */
	struct plan_unit_cfg cfg[UNITS];
	struct plan_range ranges[UNITS][RANGES];
	struct unit_model units[UNITS];
	size_t unit_count;
	struct plan *plan;
	struct vbus *vbus;
	long timeouts, spoiled; /* time-outs, and those that came too early in a cycle */
	long transactions;
	int64_t watch_us; /* gaps count from here on */
};

static uint64_t draw(struct line *line, uint64_t below)
{
	uint64_t z = (line->random += UINT64_C(0x9E3779B97F4A7C15));

	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return (z ^ (z >> 31)) % below;
}

static size_t index_of(const struct line *line, uint8_t address)
{
	for (size_t i = 0; i < line->unit_count; i++) {
		if (line->cfg[i].unit == address) {
			return i;
		}
	}
	fail_msg("unit %u was never configured", address);
	return 0;
}

static bool inside(const struct plan_range *r, const struct bus_request *q)
{
	return r->function == q->function && r->address >= q->address &&
	       r->address + r->count <= q->address + q->count;
}

/* A read holds whole ranges of one group; what is between them is a declared gap. */
static void check_shape(const struct line *line, size_t u, const struct bus_request *q)
{
	const struct plan_unit_cfg *cfg = &line->cfg[u];
	size_t limit = cfg->max_read ? cfg->max_read : BUS_MAX_READ;

	assert_true(q->count <= limit);
	for (int group = POLL_FAST; group <= POLL_ONCE; group++) {
		unsigned covered = q->address;

		for (unsigned at = q->address; at < (unsigned)q->address + q->count; at++) {
			unsigned gap = covered > q->address ? cfg->max_gap : 0;

			for (size_t i = 0; i < cfg->range_count && at <= covered + gap; i++) {
				const struct plan_range *r = &cfg->ranges[i];
				unsigned end = (unsigned)r->address + r->count;

				if ((int)r->group == group && inside(r, q) && r->address == at) {
					covered = covered > end ? covered : end;
				}
			}
		}
		if (covered == (unsigned)q->address + q->count) {
			return;
		}
	}
	fail_msg("unit %zu: a read of %u at %u is no set of ranges", u, q->count, q->address);
}

static void note_read(struct line *line, size_t u, const struct bus_request *q)
{
	struct unit_model *unit = &line->units[u];

	for (size_t i = 0; i < line->cfg[u].range_count; i++) {
		struct range_log *log = &unit->logs[i];
		int64_t since = log->last_us > line->watch_us ? log->last_us : line->watch_us;

		if (!inside(&line->ranges[u][i], q)) {
			continue;
		}
		if (line->watch_us != NEVER && line->now.us - since > log->worst_us) {
			log->worst_us = line->now.us - since;
		}
		log->last_us = line->now.us;
		log->reads++;
		unit->fast_since |= 1L << i;
	}
}

static bool refuses(struct line *line, size_t u, const struct bus_request *q)
{
	for (unsigned at = q->address; at < (unsigned)q->address + q->count; at++) {
		if (line->units[u].refuses[at % SPACE]) {
			line->units[u].asked_refused++;
			return true; /* the caller says how */
		}
	}
	return false;
}

/* Have the answering units had their round since the last time-out? */
static bool round_done(const struct line *line)
{
	for (size_t u = 0; u < line->unit_count; u++) {
		const struct unit_model *unit = &line->units[u];

		for (size_t i = 0; !unit->missed && i < line->cfg[u].range_count; i++) {
			bool refused = false;

			for (unsigned at = 0; at < line->ranges[u][i].count; at++) {
				refused |= unit->refuses[line->ranges[u][i].address + at];
			}
			if (line->ranges[u][i].group == POLL_FAST && !refused &&
				!(unit->fast_since & 1L << i)) {
				return false;
			}
		}
	}
	return true;
}

static void time_out(struct line *line, size_t u, struct bus_reply *reply)
{
	struct unit_model *unit = &line->units[u];

	reply->err = ERR_TIMEOUT;
	reply->took_us = TIMEOUT;
	/* Only a unit that was known to be silent must wait for the round. */
	if (unit->missed && line->timeouts > 0 && !round_done(line)) {
		line->spoiled++;
	}
	line->timeouts++;
	unit->missed = true;
	for (size_t i = 0; i < line->unit_count; i++) {
		line->units[i].fast_since = 0;
	}
}

static void transact(struct bus_port *port, const struct bus_request *q, struct bus_reply *reply)
{
	struct line *line = (struct line *)port;
	size_t u = index_of(line, q->unit);
	struct unit_model *unit = &line->units[u];

	memset(reply, 0, sizeof *reply);
	line->transactions++;
	reply->took_us = line->least_us + (int64_t)draw(line, (uint64_t)line->spread_us);
	if (q->function <= 4 && q->address < 1000) {
		check_shape(line, u, q);
	}
	if (unit->dead) {
		time_out(line, u, reply);
	} else if (line->bad_pm > 0 && draw(line, 1000) < (uint64_t)line->bad_pm) {
		reply->err = ERR_CRC;
		unit->missed = true;
	} else if (q->function <= 4 && q->address < 1000 && refuses(line, u, q)) {
		if (unit->mute) {
			reply->err = ERR_TIMEOUT;
			reply->took_us = TIMEOUT;
		} else {
			reply->err = ERR_EXCEPTION;
			reply->exception = 2;
			unit->missed = false;
		}
	} else {
		unit->missed = false;
		if (q->function <= 4) {
			note_read(line, u, q);
		}
	}
	reply->at = mono_add_us(line->now, reply->took_us);
}

static int open_line(struct bus_port *port)
{
	(void)port;
	return 0;
}

static void nothing(struct bus_port *port)
{
	(void)port;
}

static void make_unit(struct line *line, size_t u)
{
	struct plan_unit_cfg *cfg = &line->cfg[u];

	cfg->unit = (uint8_t)(10 + u);
	cfg->ranges = line->ranges[u];
	cfg->range_count = 1 + draw(line, RANGES);
	cfg->max_gap = (uint16_t)draw(line, 8);
	cfg->max_read = draw(line, 2) ? (uint16_t)(8 + draw(line, 60)) : 0;
	cfg->single = draw(line, 6) == 0;
	cfg->pause_us = draw(line, 4) == 0 ? MS(50) : 0;
	cfg->fast_us = S(1);
	cfg->slow_us = S(10);
	for (size_t i = 0; i < cfg->range_count; i++) {
		struct plan_range *r = &line->ranges[u][i];

		r->function = draw(line, 4) == 0 ? 4 : 3;
		r->count = (uint16_t)(1 + draw(line, 8));
		r->address = (uint16_t)draw(line, SPACE - r->count);
		r->group = (enum poll_group)(i == 0 ? 0 : draw(line, 3));
		line->units[u].logs[i].last_us = NEVER;
	}
	line->units[u].missed = true;
}

static struct line *line_new(uint64_t seed, size_t units)
{
	static const struct bus_port_ops ops = {open_line, transact, nothing, nothing};
	struct line *line = calloc(1, sizeof *line);
	struct plan_cfg cfg = {.timeout_us = TIMEOUT, .backoff_max_us = S(20), .seed = seed};

	assert_non_null(line);
	line->port.ops = &ops;
	line->random = seed;
	line->now.us = S(1000);
	line->least_us = MS(2);
	line->spread_us = MS(4);
	line->unit_count = units;
	line->watch_us = NEVER;
	for (size_t u = 0; u < units; u++) {
		make_unit(line, u);
	}
	cfg.units = line->cfg;
	cfg.unit_count = units;
	assert_int_equal(plan_new(&cfg, &line->plan), 0);
	assert_int_equal(vbus_new(0, line->plan, &line->port, &line->now, &line->vbus), 0);
	return line;
}

static void line_free(struct line *line)
{
	vbus_free(line->vbus);
	plan_free(line->plan);
	free(line);
}

static void ignore(void *arg, const struct bus_result *result)
{
	(void)arg;
	(void)result;
}

static void run(struct line *line, int64_t us)
{
	vbus_run(line->vbus, mono_add_us(line->now, us), ignore, NULL);
}

/* From now on gaps count. */
static void watch(struct line *line)
{
	line->watch_us = line->now.us;
	for (size_t u = 0; u < line->unit_count; u++) {
		for (size_t i = 0; i < RANGES; i++) {
			line->units[u].logs[i].worst_us = 0;
			line->units[u].logs[i].reads = 0;
		}
	}
}

static bool range_refused(const struct line *line, size_t u, size_t i)
{
	for (unsigned at = 0; at < line->ranges[u][i].count; at++) {
		if (line->units[u].refuses[line->ranges[u][i].address + at]) {
			return true;
		}
	}
	return false;
}

/* Each range that can be read was read, with no gap longer than that. */
static void check_gaps(const struct line *line, int64_t fast_us, int64_t slow_us)
{
	for (size_t u = 0; u < line->unit_count; u++) {
		for (size_t i = 0; i < line->cfg[u].range_count; i++) {
			const struct range_log *log = &line->units[u].logs[i];
			int64_t most = line->ranges[u][i].group == POLL_FAST ? fast_us : slow_us;
			int64_t open =
				line->now.us -
				(log->last_us > line->watch_us ? log->last_us : line->watch_us);

			if (line->ranges[u][i].group == POLL_ONCE || line->units[u].dead ||
				range_refused(line, u, i)) {
				continue;
			}
			if (log->worst_us > most || open > most) {
				fail_msg("unit %zu range %zu: %lld us without a reading", u, i,
					(long long)(log->worst_us > open ? log->worst_us : open));
			}
		}
	}
}

static uint64_t first_seed(void)
{
	const char *text = getenv("BUS_SEED");
	uint64_t seed = text ? strtoull(text, NULL, 10) : 1;

	return seed;
}

#define EACH_RUN(seed) for (uint64_t seed = first_seed(); seed < first_seed() + RUNS; seed++)

static void periods_are_kept_where_the_line_allows(void **state)
{
	(void)state;
	EACH_RUN(seed)
	{
		struct line *line = line_new(seed, UNITS / 2);

		print_message("seed %llu\n", (unsigned long long)seed);
		run(line, S(30));
		watch(line);
		run(line, S(120));
		check_gaps(line, S(1) + MS(700), S(10) + MS(700));
		line_free(line);
	}
}

static void nothing_starves_on_a_slow_line(void **state)
{
	(void)state;
	EACH_RUN(seed)
	{
		struct line *line = line_new(seed, UNITS);

		print_message("seed %llu\n", (unsigned long long)seed);
		line->least_us = MS(100);
		line->spread_us = MS(100);
		run(line, S(60));
		watch(line);
		run(line, S(300));
		/* 60 ranges at most, 200 ms each. */
		check_gaps(line, S(14), S(24));
		line_free(line);
	}
}

static void refused_registers_cost_nobody_else(void **state)
{
	(void)state;
	EACH_RUN(seed)
	{
		struct line *line = line_new(seed, UNITS / 2);

		print_message("seed %llu\n", (unsigned long long)seed);
		for (size_t u = 0; u < line->unit_count; u++) {
			for (int n = 0; n < 5; n++) {
				line->units[u].refuses[draw(line, SPACE)] = true;
			}
		}
		run(line, S(60));
		watch(line);
		run(line, S(3600));
		check_gaps(line, S(1) + MS(900), S(10) + MS(900));
		for (size_t u = 0; u < line->unit_count; u++) {
			/* Surveys, then a doubling back-off: not once a minute for each range. */
			assert_in_range(line->units[u].asked_refused, 0, 20 * RANGES);
		}
		line_free(line);
	}
}

/* Devices that do not answer at all where they have no register. */
static void registers_that_are_not_answered_cost_little(void **state)
{
	(void)state;
	EACH_RUN(seed)
	{
		struct line *line = line_new(seed, UNITS / 2);
		size_t last = line->cfg[0].range_count - 1;
		bool answers = false;

		print_message("seed %llu\n", (unsigned long long)seed);
		line->units[0].mute = true;
		if (last > 0) {
			line->units[0].refuses[line->ranges[0][last].address] = true;
		}
		run(line, S(120));
		watch(line);
		line->units[0].asked_refused = 0;
		run(line, S(3600));
		for (size_t i = 0; i <= last; i++) {
			answers |= line->units[0].logs[i].reads > 0;
		}
		/* Where it answers nothing else, nobody can tell it from a dead unit. */
		line->units[0].dead = !answers;
		check_gaps(line, S(1) + 4 * TIMEOUT + MS(900), S(10) + 4 * TIMEOUT + MS(900));
		assert_in_range(line->units[0].asked_refused, 0, 20 * RANGES);
		line_free(line);
	}
}

static void dead_units_cost_one_timeout_a_cycle(void **state)
{
	(void)state;
	EACH_RUN(seed)
	{
		struct line *line = line_new(seed, UNITS);

		print_message("seed %llu\n", (unsigned long long)seed);
		for (size_t u = 0; u < UNITS / 2; u++) {
			line->units[u].dead = true;
		}
		run(line, S(30));
		watch(line);
		run(line, S(300));
		assert_int_equal(line->spoiled, 0);
		check_gaps(line, S(1) + TIMEOUT + MS(700), S(10) + TIMEOUT + MS(700));
		/* Three units, back-off of 20 s give or take a quarter. */
		assert_in_range(line->timeouts, 30, 90);
		for (size_t u = 0; u < UNITS / 2; u++) {
			line->units[u].dead = false;
		}
		run(line, S(30));
		watch(line);
		run(line, S(30));
		check_gaps(line, S(1) + MS(700), S(10) + MS(700));
		line_free(line);
	}
}

static void all_dead_is_no_busy_loop(void **state)
{
	(void)state;
	EACH_RUN(seed)
	{
		struct line *line = line_new(seed, UNITS);

		for (size_t u = 0; u < UNITS; u++) {
			line->units[u].dead = true;
		}
		run(line, S(600));
		assert_in_range(line->transactions, UNITS * 25, UNITS * 60);
		line_free(line);
	}
}

static void a_noisy_line_still_polls(void **state)
{
	(void)state;
	EACH_RUN(seed)
	{
		struct line *line = line_new(seed, UNITS / 2);

		print_message("seed %llu\n", (unsigned long long)seed);
		line->bad_pm = 50;
		run(line, S(30));
		watch(line);
		run(line, S(120));
		check_gaps(line, S(20), S(40)); /* four losses in a row do come */
		line_free(line);
	}
}

struct write_log {
	struct line *line;
	uint32_t last[UNITS];
	long ended;
};

static void note_write(void *arg, const struct bus_result *result)
{
	struct write_log *log = arg;

	if (result->step.token == 0) {
		return;
	}
	if (result->step.what == PLAN_WRITE) {
		assert_true(result->step.token > log->last[result->step.unit]);
		log->last[result->step.unit] = result->step.token;
		log->ended += result->reply.err != 0;
	} else {
		assert_int_equal(result->step.token, log->last[result->step.unit]);
		log->ended++;
	}
}

/* Each write ends once, in the order of its unit, and polls go on under any number of them. */
static void writes_end_in_order_and_starve_nobody(void **state)
{
	(void)state;
	EACH_RUN(seed)
	{
		struct line *line = line_new(seed, UNITS / 2);
		struct write_log log = {.line = line};
		struct plan_write write = {.function = 6,
			.address = 2000,
			.count = 1,
			.back_function = 3,
			.back_address = 2000,
			.back_count = 1};
		long queued = 0;

		print_message("seed %llu\n", (unsigned long long)seed);
		line->least_us = MS(10);
		line->bad_pm = 10;
		run(line, S(10));
		watch(line);
		for (int round = 0; round < 6000; round++) {
			write.token++;
			write.unit = (uint16_t)draw(line, line->unit_count);
			write.back_delay_us = (int64_t)draw(line, (uint64_t)MS(30));
			queued += plan_write(line->plan, &write) == 0;
			vbus_run(line->vbus, mono_add_us(line->now, MS(10)), note_write, &log);
		}
		vbus_run(line->vbus, mono_add_us(line->now, S(10)), note_write, &log);
		assert_int_equal(log.ended, queued);
		check_gaps(line, S(10), S(25));
		line_free(line);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(periods_are_kept_where_the_line_allows),
		cmocka_unit_test(nothing_starves_on_a_slow_line),
		cmocka_unit_test(refused_registers_cost_nobody_else),
		cmocka_unit_test(registers_that_are_not_answered_cost_little),
		cmocka_unit_test(dead_units_cost_one_timeout_a_cycle),
		cmocka_unit_test(all_dead_is_no_busy_loop),
		cmocka_unit_test(a_noisy_line_still_polls),
		cmocka_unit_test(writes_end_in_order_and_starve_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
