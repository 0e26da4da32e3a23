/*
 * A flood: 10,000 alarms on 200 guns in a minute of the site's time, each of them raised, kept and
 * none of them lost; how long the core takes for an event meanwhile and in calm.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../tempdir.h"
#include "fault.h"
#include "i18n.h"
#include "site.h"
#include "state.h"
#include "store.h"

#define GUNS     200
#define CODES    50
#define ALARMS   (GUNS * CODES)
#define EVENT_US (60 * US_PER_S / ALARMS)
#define START_MS INT64_C(1772359200000)

static struct pile_cfg piles[GUNS];
static struct gun_cfg guns[GUNS];
static struct alarm_rule rules[128];
static struct action room[ACTIONS_MIN(GUNS)];
static struct store *store;
static long raised, kept_back;

static double cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static struct site *make_site(void)
{
	struct site_cfg cfg = {.id = "bench",
		.stale_us = 3600 * US_PER_S,
		.piles = piles,
		.guns = guns,
		.rules = rules,
		.pile_count = GUNS,
		.gun_count = GUNS};
	struct site *site = NULL;

	for (size_t i = 0; fault_at(i) != NULL && cfg.rule_count < 128; i++) {
		rules[cfg.rule_count++] = (struct alarm_rule){.code = (uint16_t)fault_at(i)->code};
	}
	for (uint16_t i = 0; i < GUNS; i++) {
		piles[i] = (struct pile_cfg){
			.rated_w = 60000, .first_gun = i, .gun_count = 1, .feeder = -1};
		snprintf(piles[i].id, sizeof piles[i].id, "P%u", i % 1000u);
		guns[i] = (struct gun_cfg){.pile = i,
			.number = 1,
			.max_w = 60000,
			.resolution_wh = 1,
			.poll_us = US_PER_S};
		snprintf(guns[i].id, sizeof guns[i].id, "P%u.1", i % 1000u);
	}
	return site_new(&cfg, &site) == 0 ? site : NULL;
}

/* To the store as the agent hands it over: what it has no room for waits, in order. */
static void keep(const struct action *a)
{
	const void *view = a->kind == ACT_ALARM ? (const void *)&a->alarm : &a->fault;
	enum view_kind kind = a->kind == ACT_ALARM ? VIEW_alarm : VIEW_fault;

	if (a->kind != ACT_ALARM && a->kind != ACT_FAULT) {
		return;
	}
	raised += a->kind == ACT_ALARM && strcmp(a->alarm.state, "unack") == 0;
	while (store_put(store, kind, view) == ERR_FULL) {
		kept_back++;
		store_flush(store);
	}
}

/* Microseconds that the core took. */
static double apply(struct site *site, struct event *e, const struct moment *now)
{
	struct actions actions = {.v = room, .cap = ACTIONS_MIN(GUNS)};
	double begin = cpu_us(), us;

	e->now = *now;
	site_apply(site, e, &actions);
	us = cpu_us() - begin;
	for (size_t i = 0; i < actions.count; i++) {
		keep(&actions.v[i]);
	}
	return us;
}

/* A minute of replies, one gun after another, with a tick each second. */
static void minute(struct site *site, struct moment *now, const int64_t *codes, double *out)
{
	for (int k = 0; k < ALARMS; k++) {
		struct event e = {.kind = EV_READINGS}, tick = {.kind = EV_TICK};
		uint16_t gun = (uint16_t)(k % GUNS);
		struct sample samples[2] = {{{TGT_GUN, gun}, PT_STATE, Q_GOOD, GUN_IDLE},
			{{TGT_GUN, gun}, PT_FAULT, Q_GOOD, codes[k / GUNS]}};

		now->mono.us += EVENT_US;
		now->wall.ms = START_MS + now->mono.us / US_PER_MS;
		if (k % (ALARMS / 60) == 0) {
			apply(site, &tick, now);
		}
		e.readings.at = now->mono;
		e.readings.samples = samples;
		e.readings.count = 2;
		out[k] = apply(site, &e, now);
	}
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double quantile(double *v, int pm)
{
	qsort(v, ALARMS, sizeof *v, compare);
	return v[(long)(ALARMS - 1) * pm / 1000];
}

static int count_row(void *arg, const void *view)
{
	const struct view_alarm *a = view;

	*(long *)arg += a->code != FAULT_FLOOD;
	return 0;
}

static long stored(const char *folder)
{
	struct store_filter all = {.limit = 10 * ALARMS};
	struct store_reader *reader;
	long n = 0;

	if (store_reader_open(folder, &reader) != 0) {
		return -1;
	}
	store_list(reader, VIEW_alarm, &all, count_row, &n);
	store_reader_close(reader);
	return n;
}

static void figure(const char *name, double value, const char *unit, double most)
{
	printf("%s %.1f %s <=%.0f %s\n", name, value, unit, most, value <= most ? "ok" : "short");
}

int main(void)
{
	static double calm[ALARMS], flood[ALARMS];
	int64_t none[CODES] = {0}, codes[CODES];
	struct moment now = {{US_PER_S}, {START_MS}};
	struct store_cfg cfg = {.retention_days = 1};
	char folder[64];
	struct site *site = make_site();
	double p999, worst;
	long rows;

	i18n_init("en");
	if (site == NULL || tempdir_make(folder, sizeof folder) != 0) {
		return 1;
	}
	cfg.folder = folder;
	if (store_open(&cfg, &store) != 0) {
		return 1;
	}
	for (size_t i = 0; i < CODES; i++) {
		codes[i] = fault_at(i)->code;
	}
	minute(site, &now, none, calm);
	minute(site, &now, codes, flood);
	store_flush(store);
	rows = stored(folder);
	store_close(store);
	tempdir_remove(folder);
	site_free(site);
	printf("# the store was full %ld times, nothing was given up\n", kept_back);
	printf("alarms_lost %ld - <=0 %s\n", ALARMS - (rows < raised ? rows : raised),
		rows >= ALARMS && raised >= ALARMS ? "ok" : "short");
	p999 = quantile(calm, 999);
	worst = quantile(calm, 1000);
	printf("alarm_calm_event_p99.9 %.1f us - ok\nalarm_calm_event_worst %.1f us - ok\n", p999,
		worst);
	p999 = quantile(flood, 999);
	worst = quantile(flood, 1000);
	figure("alarm_flood_event_p99.9", p999, "us", 1000);
	figure("alarm_flood_event_worst", worst, "us", 5000);
	return 0;
}
