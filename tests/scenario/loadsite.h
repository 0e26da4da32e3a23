#ifndef PILED_LOADSITE_H
#define PILED_LOADSITE_H
/*
 * The demo site under load management, whole agent in virtual time, beside the simulator's truth.
 * For scenario tests.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "fault.h"
#include "vsite.h"
#include "why.h"

#define STEP_US US_PER_S

struct run {
	struct sim_site site;
	struct sim *sim;
	struct config *config;
	struct vsite *v;
	int64_t second;
	/* what was seen since the last look */
	int64_t peak_w, over_s, limit_w;
	int64_t phase_over_s;     /* any phase above a third of the limit */
	size_t lease_faults;      /* FAULT_LEASE, raised or cleared */
	char states[64];          /* that a limit from outside went through */
	size_t standings;         /* records of what is learnt, all guns */
	struct view_standing a11; /* the last one of A1.1 */
	void (*on_decision)(void *arg, const struct view_decision *decision); /* NULL = not */
	void *arg;
};

static inline void on_action(void *arg, const struct action *a)
{
	struct run *r = arg;

	r->lease_faults += a->kind == ACT_FAULT && a->fault.code == FAULT_LEASE;
	if (a->kind == ACT_SLIMIT) {
		size_t used = strlen(r->states);

		snprintf(r->states + used, sizeof r->states - used, "%s ", a->slimit.state);
	}
	if (a->kind == ACT_STANDING) {
		r->standings++;
		r->a11 = strcmp(a->standing.gun, "A1.1") == 0 ? a->standing : r->a11;
	}
	if (a->kind == ACT_DECISION && r->on_decision != NULL) {
		r->on_decision(r->arg, &a->decision);
	}
	if (a->kind == ACT_LOG && getenv("PILED_SHOW") != NULL) {
		print_message("# %s\n", a->log.text);
	}
}

static inline void new_agent(struct run *r)
{
	struct vsite_cfg cfg = {
		.sim = r->sim, .config = r->config, .on_action = on_action, .arg = r};

	assert_int_equal(vsite_new(&cfg, &r->v), 0);
}

/* `policy` may be followed by more keys of `load`; `a6`: more keys of that pile. */
static inline struct config *load_config(const char *limit, const char *policy, const char *a6)
{
	static const char *const folders[] = {"agent/profiles", NULL};
	struct yaml_errors errors = {0};
	char path[] = "/tmp/piled-load-XXXXXX";
	struct config *config = NULL;
	int fd = mkstemp(path);
	FILE *f;

	assert_true(fd >= 0);
	f = fdopen(fd, "w");
	fprintf(f,
		"site: {id: demo}\ntransformer: {rated: 630 kVA, limit: %s}\n"
		"load: {policy: %s, target: 95 %%, other_load: 60 kVA}\nbuses:\n"
		"  gw: {tcp: 127.0.0.1:1}\n  line-1: {serial: l1}\n  line-2: {serial: l2}\n"
		"  line-3: {serial: l3}\n"
		"meters:\n  T1: {profile: acrel-dtsd1352, bus: line-3, unit: 1, role: "
		"transformer}\n"
		"piles:\n  A1..A5: {profile: sim-dc, bus: gw, unit: 1..5}\n"
		"  A6: {profile: sim-dc, bus: gw, unit: 6%s}\n"
		"  B1..B6: {profile: sim-ac, bus: line-1, unit: 1..6, phases: [L1, L2, L3]}\n"
		"  B7..B12: {profile: sim-ac, bus: line-2, unit: 1..6, phases: [L1, L2, L3]}\n",
		limit, policy, a6);
	fclose(f);
	if (config_load(path, folders, &errors, &config) != 0) {
		for (size_t i = 0; i < errors.kept; i++) {
			print_message("# %s\n", errors.lines[i]);
		}
	}
	unlink(path);
	assert_non_null(config);
	return config;
}

static inline void begin_with(
	struct run *r, const char *limit, int64_t limit_w, const char *policy, const char *a6)
{
	struct sim_cfg cfg = {.seed = 7, .lively = true, .building_w = 50000};

	memset(r, 0, sizeof *r);
	assert_int_equal(sim_site_demo(&r->site), 0);
	cfg.site = &r->site;
	cfg.start.ms = INT64_C(1751338800000);
	cfg.arrivals = true;
	assert_int_equal(sim_new(&cfg, &r->sim), 0);
	r->config = load_config(limit, policy, a6);
	r->limit_w = limit_w;
	new_agent(r);
}

static inline void begin(struct run *r, const char *limit, int64_t limit_w, const char *policy)
{
	begin_with(r, limit, limit_w, policy, "");
}

static inline void end(struct run *r)
{
	vsite_free(r->v);
	sim_free(r->sim);
	config_free(r->config);
	sim_site_clear(&r->site);
}

/* Adds the true load to what was seen. */
static inline void look(struct run *r)
{
	int64_t w[3], ws[3], sum;

	sim_meter_truth(r->sim, w, ws);
	sum = w[0] + w[1] + w[2];
	r->peak_w = sum > r->peak_w ? sum : r->peak_w;
	r->over_s += sum > r->limit_w;
	r->phase_over_s += 3 * w[0] > r->limit_w || 3 * w[1] > r->limit_w || 3 * w[2] > r->limit_w;
}

static inline void look_anew(struct run *r)
{
	r->peak_w = 0;
	r->over_s = 0;
	r->phase_over_s = 0;
}

/* The agent is gone: the site lives on alone. */
static inline void live_alone(struct run *r, int64_t seconds)
{
	look_anew(r);
	for (int64_t k = 0; k < seconds; k++) {
		sim_advance(r->sim, (struct mono){++r->second * STEP_US});
		look(r);
	}
}

/* Lives for so many seconds and looks at the true load at each. */
static inline void live(struct run *r, int64_t seconds)
{
	look_anew(r);
	for (int64_t k = 0; k < seconds; k++) {
		vsite_run(r->v, (struct mono){++r->second * STEP_US});
		look(r);
	}
	if (getenv("PILED_SHOW") != NULL) {
		print_message("# until %lld s: peak %lld W, over for %lld s\n",
			(long long)r->second, (long long)r->peak_w, (long long)r->over_s);
	}
}

static inline void inject_arg(
	struct run *r, const char *kind, const char *target, int64_t arg, int64_t for_s)
{
	char why[128];

	assert_int_equal(sim_fault(r->sim, kind, target, arg, for_s, why, sizeof why), 0);
}

static inline void inject(struct run *r, const char *kind, const char *target, int64_t for_s)
{
	inject_arg(r, kind, target, VALUE_NONE, for_s);
}

/* Cars at every gun. */
static inline void plug_all(struct run *r)
{
	char gun[16];

	for (int p = 1; p <= 12; p++) {
		snprintf(gun, sizeof gun, "B%d.1", p);
		sim_plug(r->sim, gun, NULL);
		snprintf(gun, sizeof gun, "A%d.%d", (p + 1) / 2, 1 + p % 2);
		sim_plug(r->sim, gun, NULL);
	}
}

static inline struct view_gun gun_seen(struct run *r, const char *id)
{
	struct view_gun g;
	struct target t;

	assert_int_equal(site_find(vsite_site(r->v), id, &t), 0);
	site_view_gun(vsite_site(r->v), t.index, vsite_now(r->v), &g);
	return g;
}

static inline bool has_fault(struct run *r, const char *target, int64_t code)
{
	struct view_fault f;

	for (size_t i = 0; site_view_fault(vsite_site(r->v), i, &f); i++) {
		if (strcmp(f.target, target) == 0 && f.code == code) {
			return true;
		}
	}
	return false;
}

#endif
