/*
 * Load management over the recorded month of a garage: the production decision against no
 * control, against the rule of the contract, and against the offline optimum (GLPK, day by day,
 * under the same limits). Prints the table as comments and the figures that have a goal.
 */
#include <glpk.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "garage.h"
#include "hourly.h"

#define DAYS    32 /* the last car leaves on the first day of April */
#define STEP_S  10
#define SLOT_S  300
#define GUN_W   6600
#define SLOTS   (2 * 86400 / SLOT_S) /* of a day's problem: cars that stay over night */
#define STEPS   (DAYS * 86400 / STEP_S)
#define MARCH_H (59 * 24)

static struct session_rows rows;
static int32_t hours[HOURLY_MAX];
static int32_t other[STEPS];
static int64_t from_s;

static void figure(const char *name, double value, const char *unit, char sense, double goal)
{
	int ok = sense == '<' ? value <= goal : value >= goal;

	printf("%s %.2f %s %c=%g %s\n", name, value, unit, sense, goal, ok ? "ok" : "short");
}

/* The other load's mean in a slot of the month. */
static double other_mean(int64_t slot)
{
	double sum = 0;
	int n = 0;

	for (int64_t k = slot * SLOT_S / STEP_S; k < (slot + 1) * SLOT_S / STEP_S && k < STEPS;
		k++, n++) {
		sum += other[k];
	}
	return n == 0 ? 0 : sum / n;
}

static void add_session(glp_prob *lp, int row, const struct session_row *s, int day, int station,
	int three_phase, int limits)
{
	int64_t first = s->plug_s - from_s - day * 86400, last = s->unplug_s - from_s - day * 86400;

	for (int slot = (int)(first / SLOT_S); slot <= last / SLOT_S && slot < SLOTS; slot++) {
		int64_t a = (int64_t)slot * SLOT_S, b = a + SLOT_S;
		double part = (double)((b < last ? b : last) - (a > first ? a : first)) / SLOT_S;
		int index[6] = {0}, n = 0;
		double value[6] = {0};
		int col;

		if (part <= 0) {
			continue;
		}
		col = glp_add_cols(lp, 1);
		glp_set_col_bnds(lp, col, GLP_DB, 0, GUN_W * part);
		glp_set_obj_coef(lp, col, SLOT_S / 3600.0);
		index[++n] = row;
		value[n] = SLOT_S / 3600.0;
		index[++n] = limits + slot * 4 + 4;
		value[n] = 1;
		for (int l = 0; l < 3; l++) {
			if (three_phase || station % 3 == l) {
				index[++n] = limits + slot * 4 + l + 1;
				value[n] = three_phase ? 1 / 3.0 : 1;
			}
		}
		glp_set_mat_col(lp, col, n, index, value);
	}
}

/* The most energy that one day's cars could get, Wh. */
static double optimum_of_day(int day, int64_t rated_va, int three_phase, int one_limit)
{
	glp_prob *lp = glp_create_prob();
	glp_smcp parameters;
	size_t count = 0;
	int row = 0, station = -1;
	double wh;

	glp_set_obj_dir(lp, GLP_MAX);
	for (size_t i = 0; i < rows.count; i++) {
		count += (rows.rows[i].plug_s - from_s) / 86400 == day;
	}
	glp_add_rows(lp, (int)count + SLOTS * 4);
	for (int slot = 0; slot < SLOTS; slot++) {
		double load = one_limit ? 0 : other_mean(day * (86400 / SLOT_S) + slot);

		for (int l = 0; l < 4; l++) {
			double part = l == 3 ? 1 : 1 / 3.0;

			if (one_limit && l < 3) {
				glp_set_row_bnds(lp, (int)count + slot * 4 + l + 1, GLP_FR, 0, 0);
			} else {
				glp_set_row_bnds(lp, (int)count + slot * 4 + l + 1, GLP_UP, 0,
					((double)rated_va - load) * part);
			}
		}
	}
	for (size_t i = 0; i < rows.count; i++) {
		const struct session_row *s = &rows.rows[i];

		station += i == 0 || strcmp(s->station, rows.rows[i - 1].station) != 0;
		if ((s->plug_s - from_s) / 86400 == day) {
			glp_set_row_bnds(lp, ++row, GLP_UP, 0, (double)s->energy_wh);
			add_session(lp, row, s, day, station, three_phase, (int)count);
		}
	}
	glp_init_smcp(&parameters);
	parameters.presolve = GLP_ON;
	parameters.msg_lev = GLP_MSG_OFF;
	wh = count > 0 && glp_simplex(lp, &parameters) == 0 ? glp_get_obj_val(lp) : 0;
	glp_delete_prob(lp);
	return wh;
}

static double optimum(int64_t rated_va, int three_phase, int one_limit)
{
	double wh = 0;

	for (int day = 0; day < 31; day++) {
		wh += optimum_of_day(day, rated_va, three_phase, one_limit);
	}
	return wh;
}

static struct garage_result run(const struct garage_cfg *cfg)
{
	struct garage_result r;

	if (garage_run(cfg, &r) != 0) {
		fprintf(stderr, "bench_limit: the run failed\n");
		exit(1);
	}
	return r;
}

static struct garage_cfg site(int64_t kva, int three_phase, enum garage_policy policy)
{
	return (struct garage_cfg){.rows = &rows,
		.from_s = from_s,
		.days = DAYS,
		.step_s = STEP_S,
		.rated_va = kva * 1000,
		.three_phase = three_phase,
		.gun_w = GUN_W,
		.min_w = three_phase ? 4140 : 1380, /* 6 A a phase at 230 V */
		.other_w = other,
		.worst_va = kva * 1000 / 3 * 11 / 10,
		.policy = policy,
		.seed = 1};
}

static void goals(int64_t kva, int three_phase, enum garage_policy policy,
	const struct garage_result *r, double share, const struct garage_result *dead)
{
	static const struct {
		int64_t kva;
		double share;
	} fair[] = {{30, 92.5}, {45, 94.5}, {60, 97.5}, {90, 99.5}};
	char name[80];
	const char *phases = three_phase ? "3ph" : "1ph";
	double writes = (double)r->writes / 31 / (double)r->guns;

	if (policy == GARAGE_FAIR) {
		snprintf(name, sizeof name, "limit_over_%s_%lldkva", phases, (long long)kva);
		figure(name, (double)(r->over_s + r->over_phase_s) / 60, "min/month", '<', 0);
		for (size_t i = 0; i < sizeof fair / sizeof fair[0]; i++) {
			if (fair[i].kva == kva) {
				snprintf(name, sizeof name, "limit_fair_energy_%s_%lldkva", phases,
					(long long)kva);
				figure(name, share, "%", '>', fair[i].share);
			}
		}
		snprintf(name, sizeof name, "limit_writes_%s_%lldkva", phases, (long long)kva);
		figure(name, writes, "/gun/day", '<', 60);
		snprintf(name, sizeof name, "limit_dead_meter_over_%s_%lldkva", phases,
			(long long)kva);
		figure(name, (double)dead->over_dead_s / 60, "min/month", '<', 0);
		snprintf(name, sizeof name, "limit_dead_meter_loss_%s_%lldkva", phases,
			(long long)kva);
		figure(name, 100.0 * (double)(r->energy_wh - dead->energy_wh) / (double)r->asked_wh,
			"points", '<', 0.5);
	}
	if (policy == GARAGE_LAXITY) {
		snprintf(name, sizeof name, "limit_laxity_energy_%s_%lldkva", phases,
			(long long)kva);
		figure(name, share, "%", '>', 99.8);
	}
	if (policy == GARAGE_FAIR_ADMISSION && kva == 60) {
		snprintf(name, sizeof name, "limit_admission_never_%s", phases);
		figure(name, (double)r->never, "cars", '<', 1);
		snprintf(name, sizeof name, "limit_admission_wait_p95_%s", phases);
		figure(name, (double)r->wait_p95_s / 3600, "h", '<', 0.3);
	}
}

/* How far the policy itself could come: any power is enough, and cars follow at once. What of the
 * goal lies above this is not lost by the controller. */
static void ideal(int64_t kva, int three_phase, enum garage_policy policy, double best)
{
	struct garage_cfg cfg = site(kva, three_phase, policy);
	struct garage_result r;

	cfg.ideal = true;
	cfg.min_w = three_phase ? 69 : 23;
	r = run(&cfg);
	printf("# %s %2lld kVA %-14s without minimum and lag: %6.2f %% of the optimum\n",
		three_phase ? "3ph" : "1ph", (long long)kva,
		policy == GARAGE_FAIR ? "fair" : "laxity", 100.0 * (double)r.energy_wh / best);
}

static void table(void)
{
	static const int64_t sizes[] = {30, 45, 60, 90};
	static const char *const names[] = {
		"none", "admission", "fair", "fair+admission", "laxity"};

	for (int three = 0; three < 2; three++) {
		for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
			double best;

			garage_other(hours + MARCH_H, 31 * 24, sizes[k] * 1000 / 3, STEP_S, 42,
				other, STEPS);
			best = optimum(sizes[k] * 1000, three, 0);
			for (int p = GARAGE_NONE; p <= GARAGE_LAXITY; p++) {
				struct garage_cfg cfg =
					site(sizes[k], three, (enum garage_policy)p);
				struct garage_result r = run(&cfg), dead;
				double share = 100.0 * (double)r.energy_wh / best;

				cfg.dead_minutes = 1100;
				dead = run(&cfg);
				printf("# %s %2lld kVA %-14s energy %5.1f %% (%6.2f %% of the "
				       "optimum) starved %3zu never %2zu wait p95 %4.1f h over "
				       "%5.0f "
				       "min, a phase %5.0f min, peak %3lld %%, %4.1f "
				       "writes/gun/day; "
				       "meter dead: energy %5.1f %%, over %lld min\n",
					three ? "3ph" : "1ph", (long long)sizes[k], names[p],
					100.0 * (double)r.energy_wh / (double)r.asked_wh, share,
					r.starved, r.never, (double)r.wait_p95_s / 3600,
					(double)r.over_s / 60, (double)r.over_phase_s / 60,
					(long long)(r.peak_va / (sizes[k] * 10)),
					(double)r.writes / 31 / (double)r.guns,
					100.0 * (double)dead.energy_wh / (double)dead.asked_wh,
					(long long)dead.over_dead_s / 60);
				goals(sizes[k], three, (enum garage_policy)p, &r, share, &dead);
				if (p == GARAGE_FAIR || p == GARAGE_LAXITY) {
					ideal(sizes[k], three, (enum garage_policy)p, best);
				}
			}
		}
	}
}

/* One limit, no other load, no lag, no minimum: the table of the literature. */
static void one_limit(void)
{
	static const struct {
		int64_t kw;
		double equal_share, served; /* served: earliest departure's */
	} known[] = {
		{10, 55.3, 51}, {20, 81.2, 85}, {30, 93.3, 97}, {40, 97.8, 99}, {60, 99.6, 99}};
	char name[80];

	for (size_t k = 0; k < sizeof known / sizeof known[0]; k++) {
		struct garage_cfg cfg = site(known[k].kw, 0, GARAGE_FAIR);
		struct garage_result fair, lax;
		double best = optimum(known[k].kw * 1000, 0, 1);

		cfg.one_limit = true;
		cfg.other_w = NULL;
		cfg.min_w = 0;
		fair = run(&cfg);
		cfg.policy = GARAGE_LAXITY;
		lax = run(&cfg);
		snprintf(name, sizeof name, "limit_one_fair_%lldkw", (long long)known[k].kw);
		figure(name, 100.0 * (double)fair.energy_wh / (double)fair.asked_wh, "%", '>',
			known[k].equal_share);
		snprintf(name, sizeof name, "limit_one_laxity_%lldkw", (long long)known[k].kw);
		figure(name, 100.0 * (double)lax.energy_wh / best, "%", '>', 99.5);
		snprintf(name, sizeof name, "limit_one_laxity_served_%lldkw",
			(long long)known[k].kw);
		figure(name, 100.0 * (double)lax.served / (double)lax.sessions, "%", '>',
			known[k].served - 1);
	}
}

/* One decision for 1,000 guns in 500 piles under 10 feeders. */
static void decision(void)
{
	enum { FEEDERS = 10, PILES = 500, GUNS = 1000, ROUNDS = 200 };
	static struct limit_node nodes[1 + FEEDERS + PILES];
	static struct limit_gun guns[GUNS];
	struct limit l = {.nodes = nodes, .guns = guns, .rated_va = 5000000, .gun_count = GUNS};
	struct limit_work *work;
	struct timespec a, b;
	size_t n = 0, g = 0;
	double ms;

	limit_defaults(&l.policy);
	memset(nodes, 0, sizeof nodes);
	for (size_t i = 0; i < sizeof nodes / sizeof nodes[0]; i++) {
		for (int k = 0; k < ALLOC_LIMITS; k++) {
			nodes[i].limit_va[k] = INT64_MAX;
			nodes[i].outside_va[k] = INT64_MAX;
		}
	}
	nodes[n].parent = -1;
	nodes[n++].limit_va[ALLOC_SUM] = 5000000;
	for (int f = 0; f < FEEDERS; f++) {
		size_t feeder = n;

		nodes[n].parent = 0;
		nodes[n++].limit_va[0] = 200000;
		for (int p = 0; p < PILES / FEEDERS; p++) {
			nodes[n].parent = (int16_t)feeder;
			nodes[n].limit_va[ALLOC_SUM] = 120000;
			for (int k = 0; k < 2; k++, g++) {
				guns[g] = (struct limit_gun){.node = (int16_t)n,
					.phases = 7,
					.va_pm = 1085,
					.weight = 100,
					.min_w = 5000,
					.max_w = 120000,
					.step_w = 100,
					.asks = 1,
					.measured = 1,
					.confirmed = 1,
					.asked = {(int64_t)g + 1}};
			}
			n++;
		}
	}
	l.node_count = n;
	l.meter.known = 1;
	l.meter.believed = 1;
	if (limit_work_new(n, GUNS, &work) != 0) {
		exit(1);
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
	for (int i = 0; i < ROUNDS; i++) {
		l.meter.at.us = (i + 1) * 10 * US_PER_S;
		l.meter.va[ALLOC_SUM] = 3000000 + i * 1000;
		if (limit_decide(&l, work, l.meter.at) != 0) {
			exit(1);
		}
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
	ms = ((double)(b.tv_sec - a.tv_sec) * 1e3 + (double)(b.tv_nsec - a.tv_nsec) / 1e6) / ROUNDS;
	figure("limit_decision_1000_guns", ms, "ms", '<', 1);
	limit_work_free(work);
}

int main(void)
{
	const char *data = getenv("PILED_DATA");
	char path[512], load[512], why[256];
	int line, n;

	decision();
	data = data != NULL ? data : "../shared/data";
	snprintf(path, sizeof path, "%s/caltech-2019-03.csv", data);
	snprintf(load, sizeof load, "%s/office-load-la.csv", data);
	if (access(path, R_OK) != 0 || access(load, R_OK) != 0) {
		printf("limit_month - %% - skipped\n");
		return 0;
	}
	n = hourly_read(load, hours, HOURLY_MAX, &line);
	if (sessions_read(path, 1, &rows, why, sizeof why) != 0 || n < MARCH_H + 31 * 24 ||
		sessions_time("2019-03-01", &from_s) != 0) {
		fprintf(stderr, "bench_limit: the recorded data cannot be read\n");
		return 1;
	}
	glp_term_out(GLP_OFF);
	one_limit();
	table();
	sessions_clear(&rows);
	return 0;
}
