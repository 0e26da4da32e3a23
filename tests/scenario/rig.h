#ifndef PILED_RIG_H
#define PILED_RIG_H
/*
 * A small site in virtual time for scenario tests: pile A1 (DC, guns A1.1 and A1.2, with all
 * counters), pile B1 (AC, one gun, register only, limit in mA), pile C1 (AC, session counter
 * only), transformer meter T1. Every record and log line that the core gives is kept.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fault.h"
#include "site.h"
#include "state.h"
#include "tariff.h"

#define RIG_ACTIONS  4096
#define RIG_START_MS INT64_C(1700000000000)
#define RIG_START_US INT64_C(1000000000)

enum { A11, A12, B11, C11, RIG_GUNS };

struct rig {
	struct site *site;
	struct moment now;
	struct action room[ACTIONS_MIN(RIG_GUNS)];
	struct action kept[RIG_ACTIONS];
	size_t count;
	int polls;
	struct sample samples[32];
	size_t sample_count;
};

static const struct pile_cfg rig_piles[] = {
	{.id = "A1",
		.dc = true,
		.rated_w = 120000,
		.first_gun = 0,
		.gun_count = 2,
		.feeder = 0,
		.writable = 0x1f,
		.limit_w = true},
	{.id = "B1",
		.rated_w = 7000,
		.first_gun = 2,
		.gun_count = 1,
		.feeder = -1,
		.writable = 3,
		.limit_ma = true},
	{.id = "C1", .rated_w = 7000, .first_gun = 3, .gun_count = 1, .feeder = -1},
};

static const struct gun_cfg rig_guns[] = {
	{.id = "A1.1",
		.pile = 0,
		.number = 1,
		.max_w = 120000,
		.min_w = 3000,
		.wrap_wh = 10000000,
		.resolution_wh = 1,
		.poll_us = 1000000,
		.has_session_no = true,
		.has_plug_no = true,
		.has_session_wh = true,
		.has_plugged = true},
	{.id = "A1.2",
		.pile = 0,
		.number = 2,
		.max_w = 120000,
		.min_w = 3000,
		.wrap_wh = 10000000,
		.resolution_wh = 1,
		.poll_us = 1000000},
	{.id = "B1.1",
		.pile = 1,
		.number = 1,
		.max_w = 7000,
		.min_w = 1380,
		.phases = 1,
		.resolution_wh = 1,
		.poll_us = 1000000},
	{.id = "C1.1",
		.pile = 2,
		.number = 1,
		.max_w = 7000,
		.phases = 1,
		.resolution_wh = 1,
		.poll_us = 1000000,
		.source = ESRC_SESSION,
		.has_session_wh = true},
};

static const struct meter_cfg rig_meters[] = {
	{.id = "T1", .role = METER_TRANSFORMER, .feeder = -1, .poll_us = 1000000},
};

static const struct feeder_cfg rig_feeders[] = {{.id = "F1", .limit_ma = 400000}};

static const struct site_cfg rig_cfg = {
	.id = "rig",
	.name = "Rig",
	.rated_va = 630000,
	.limit_va = 600000,
	.zone = {.count = 1, .rule = {{.offset_s = 28800}}},
	.command_timeout_us = 30 * US_PER_S,
	.stale_us = 10 * US_PER_S,
	.piles = rig_piles,
	.guns = rig_guns,
	.meters = rig_meters,
	.feeders = rig_feeders,
	.pile_count = 3,
	.gun_count = RIG_GUNS,
	.meter_count = 1,
	.feeder_count = 1,
	.boot_id = "boot-1",
};

/* Tariff "t": 1 yuan per kWh, 2 from 06:30 on. */
static inline void rig_tariff(struct tariff *t)
{
	memset(t, 0, sizeof *t);
	memcpy(t->id, "t", 2);
	t->version = 1;
	t->schedules = 1;
	t->zone = rig_cfg.zone;
	for (int s = 0; s < CAL_SLOTS; s++) {
		t->schedule[0][s] = s < 13 ? PERIOD_VALLEY : PERIOD_PEAK;
	}
	for (int c = 0; c < CLASS_COUNT_; c++) {
		t->price[0][c][PERIOD_VALLEY] = (struct price){70000, 30000};
		t->price[0][c][PERIOD_PEAK] = (struct price){150000, 50000};
	}
}

static inline void rig_event(struct rig *r, struct event *e)
{
	struct actions out = {.v = r->room, .cap = sizeof r->room / sizeof r->room[0]};

	e->now = r->now;
	site_apply(r->site, e, &out);
	assert_true(out.count <= out.cap);
	for (size_t i = 0; i < out.count; i++) {
		if (getenv("RIG_VERBOSE") != NULL && out.v[i].kind == ACT_LOG) {
			fprintf(stderr, "%lld %s\n",
				(long long)((r->now.mono.us - RIG_START_US) / US_PER_MS),
				out.v[i].log.text);
		}
		if (out.v[i].kind == ACT_POLL) {
			r->polls++;
			continue;
		}
		assert_true(r->count < RIG_ACTIONS);
		r->kept[r->count++] = out.v[i];
	}
}

static inline void rig_new(struct rig *r)
{
	r->now = (struct moment){{RIG_START_US}, {RIG_START_MS}};
	r->count = 0;
	r->sample_count = 0;
	assert_int_equal(site_new(&rig_cfg, &r->site), 0);
}

static inline int rig_setup(void **state)
{
	struct rig *r = calloc(1, sizeof *r);

	if (r == NULL) {
		return -1;
	}
	rig_new(r);
	*state = r;
	return 0;
}

static inline int rig_teardown(void **state)
{
	struct rig *r = *state;

	site_free(r->site);
	free(r);
	return 0;
}

/* Time passes; a tick each second. */
static inline void rig_wait(struct rig *r, int64_t ms)
{
	while (ms > 0) {
		int64_t step = ms < 1000 ? ms : 1000;
		struct event e = {.kind = EV_TICK};

		r->now.mono.us += step * US_PER_MS;
		r->now.wall.ms += step;
		ms -= step;
		rig_event(r, &e);
	}
}

static inline void rig_add(struct rig *r, enum target_kind kind, int index, enum point p, int64_t v)
{
	r->samples[r->sample_count++] =
		(struct sample){{(uint16_t)kind, (uint16_t)index}, (uint16_t)p, Q_GOOD, v};
}

static inline void rig_gun(struct rig *r, int gun, enum point p, int64_t v)
{
	rig_add(r, TGT_GUN, gun, p, v);
}

/* Sends what was added, as one reply that came now. */
static inline void rig_send(struct rig *r)
{
	struct event e = {.kind = EV_READINGS};

	e.readings.at = r->now.mono;
	e.readings.samples = r->samples;
	e.readings.count = r->sample_count;
	rig_event(r, &e);
	r->sample_count = 0;
}

/* State, power and register in one reply. */
static inline void rig_read(struct rig *r, int gun, enum gun_state s, int64_t w, int64_t wh)
{
	rig_gun(r, gun, PT_STATE, s);
	rig_gun(r, gun, PT_POWER, w);
	rig_gun(r, gun, PT_ENERGY, wh);
	rig_send(r);
}

static inline void rig_link(struct rig *r, enum target_kind kind, int index, bool up)
{
	struct event e = {.kind = EV_LINK};

	e.link.target = (struct target){(uint16_t)kind, (uint16_t)index};
	e.link.up = up;
	e.link.err = up ? 0 : ERR_TIMEOUT;
	rig_event(r, &e);
}

static inline void rig_resume(struct rig *r, enum view_kind kind, const void *view)
{
	struct event e = {.kind = EV_RESUME};

	e.resume.kind = kind;
	e.resume.view = view;
	rig_event(r, &e);
}

/* The n-th newest session record of a gun that is closed (or any); NULL if there is none. */
static inline const struct view_session *rig_session(
	const struct rig *r, int gun, const char *state, int newest)
{
	for (size_t i = r->count; i-- > 0;) {
		const struct view_session *s = &r->kept[i].session;

		if (r->kept[i].kind == ACT_SESSION && strcmp(s->gun, rig_guns[gun].id) == 0 &&
			strcmp(s->state, state) == 0 && newest-- == 0) {
			return s;
		}
	}
	return NULL;
}

static inline int rig_count(const struct rig *r, enum action_kind kind)
{
	int n = 0;

	for (size_t i = 0; i < r->count; i++) {
		n += r->kept[i].kind == kind;
	}
	return n;
}

static inline int rig_closed(const struct rig *r, int gun)
{
	int n = 0;

	while (rig_session(r, gun, "closed", n) != NULL) {
		n++;
	}
	return n;
}

static inline const char *rig_state(const struct rig *r, int gun)
{
	static char token[16];
	struct view_gun v;

	site_view_gun(r->site, (uint16_t)gun, r->now, &v);
	memcpy(token, v.state, sizeof v.state);
	return token;
}

static inline bool rig_flag(const struct view_session *s, const char *word)
{
	const char *at = strstr(s->flags, word);
	size_t n = strlen(word);

	return at != NULL && (at == s->flags || at[-1] == ' ') && (at[n] == '\0' || at[n] == ' ');
}

static inline bool rig_fault(const struct rig *r, const char *target, int64_t code)
{
	struct view_fault f;

	for (size_t i = 0; site_view_fault(r->site, i, &f); i++) {
		if (f.code == code && strcmp(f.target, target) == 0) {
			return true;
		}
	}
	return false;
}

#endif
