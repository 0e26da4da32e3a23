/*
 * The core: time to take a reply of 20 values, memory of 1,000 guns. The journal of the demo site's
 * equipment (24 guns at 1 Hz, 16 points each, half of them charging with measuring noise): time an
 * event and bytes a day, from two hours.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "journal.h"
#include "site.h"
#include "state.h"

#define GUNS    24
#define POINTS  16
#define SECONDS 7200
#define BIG     1000

static struct pile_cfg piles[BIG];
static struct gun_cfg guns[BIG];
static struct action room[ACTIONS_MIN(BIG)];
static uint64_t seed = 1;

static int64_t noise(int64_t amplitude)
{
	uint64_t z = seed += UINT64_C(0x9E3779B97F4A7C15);

	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return (int64_t)((z ^ z >> 31) % (uint64_t)(2 * amplitude + 1)) - amplitude;
}

static double cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static struct site_cfg equipment(uint16_t count)
{
	struct site_cfg cfg = {.id = "bench",
		.stale_us = 10 * US_PER_S,
		.piles = piles,
		.guns = guns,
		.pile_count = count,
		.gun_count = count};

	for (uint16_t i = 0; i < count; i++) {
		piles[i] = (struct pile_cfg){
			.rated_w = 60000, .first_gun = i, .gun_count = 1, .feeder = -1};
		snprintf(piles[i].id, sizeof piles[i].id, "P%u", i % 10000u);
		guns[i] = (struct gun_cfg){.pile = i,
			.number = 1,
			.max_w = 60000,
			.resolution_wh = 1,
			.poll_us = US_PER_S};
		snprintf(guns[i].id, sizeof guns[i].id, "P%u.1", i % 10000u);
	}
	return cfg;
}

/* One reply of a gun: a charge of 40 minutes in each hour and 20. */
static size_t reply(struct sample *s, uint16_t gun, int second, int64_t *wh)
{
	static const uint16_t points[POINTS] = {PT_STATE, PT_POWER, PT_VOLTAGE, PT_CURRENT, PT_SOC,
		PT_ENERGY, PT_TEMP, PT_LIMIT_W, PT_SESSION_WH, PT_SESSION_S, PT_FAULT, PT_PLUGGED,
		PT_VOLTAGE_L1, PT_VOLTAGE_L2, PT_VOLTAGE_L3, PT_CURRENT_L1};
	int phase = (second + gun * 200) % 4800;
	bool on = phase < 2400;

	*wh += on ? 14 + noise(1) : 0;
	for (size_t k = 0; k < POINTS; k++) {
		s[k] = (struct sample){{TGT_GUN, gun}, points[k], Q_GOOD, 0};
	}
	s[0].value = on ? GUN_CHARGING : GUN_IDLE;
	s[1].value = on ? 50000 + noise(100) : 0;
	s[2].value = on ? 400000 + noise(5) * 100 : 0;
	s[3].value = on ? 125000 + noise(3) * 100 : 0;
	s[4].value = on ? 200 + phase / 24 * 10 / 10 : 0;
	s[5].value = *wh;
	s[6].value = 30000 + phase / 60 * 100;
	s[7].value = 60000;
	s[8].value = on ? phase * 14 : 0;
	s[9].value = on ? phase : 0;
	s[11].value = on;
	for (int k = 12; k < 15; k++) {
		s[k].value = 230000 + noise(3) * 100;
	}
	s[15].value = on ? 125000 + noise(3) * 100 : 0;
	return POINTS;
}

static void remove_folder(const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *e;
	char path[600];

	while (dir != NULL && (e = readdir(dir)) != NULL) {
		snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
		unlink(path);
	}
	if (dir != NULL) {
		closedir(dir);
	}
	rmdir(folder);
}

/* Two hours of the site, with a journal or without; microseconds an event. */
static double run_site(struct site *site, struct journal *journal)
{
	static int64_t wh[GUNS];
	struct sample samples[POINTS];
	struct moment now = {{1000000000}, {1700000000000}};
	double start = cpu_us();
	long events = 0;

	for (int second = 0; second < SECONDS; second++) {
		for (uint16_t g = 0; g < GUNS; g++) {
			struct actions out = {.v = room, .cap = ACTIONS_MIN(GUNS)};
			struct event e = {.kind = EV_READINGS};

			now.mono.us += 1000000 / GUNS + noise(300);
			now.wall.ms = 1700000000000 + (now.mono.us - 1000000000) / 1000;
			e.now = now;
			e.readings.at.us = now.mono.us - 300 - noise(200);
			e.readings.samples = samples;
			e.readings.count = reply(samples, g, second, &wh[g]);
			if (journal != NULL && journal_event(journal, site, &e) != 0) {
				return -1;
			}
			site_apply(site, &e, &out);
			events++;
		}
	}
	return (cpu_us() - start) / (double)events;
}

/* A reply of 20 values that changes nothing but values. */
static double apply_us(struct site *site)
{
	struct sample samples[20];
	double start;
	int count = 1000000;

	for (uint16_t k = 0; k < 20; k++) {
		samples[k] = (struct sample){{TGT_GUN, 0}, (uint16_t)(PT_STATE + k), Q_GOOD, 0};
	}
	samples[0].value = GUN_IDLE;
	start = cpu_us();
	for (int i = 0; i < count; i++) {
		struct actions out = {.v = room, .cap = ACTIONS_MIN(GUNS)};
		struct event e = {.kind = EV_READINGS, .now = {{2000000000 + i}, {1700000000000}}};

		e.readings.at = e.now.mono;
		e.readings.samples = samples;
		e.readings.count = 20;
		samples[2].value = i & 1;
		site_apply(site, &e, &out);
	}
	return (cpu_us() - start) / count;
}

int main(void)
{
	struct site_cfg cfg = equipment(BIG);
	char folder[] = "/tmp/piled-bench-XXXXXX";
	struct journal_cfg jc = {.folder = folder, .site = &cfg};
	struct journal *journal = NULL;
	struct site *site = NULL;
	const void *bytes;
	double plain, with, one, mb;
	size_t size;

	if (mkdtemp(folder) == NULL || site_new(&cfg, &site) != 0) {
		return 1;
	}
	site_snapshot(site, &bytes, &size);
	printf("core_bytes_1000_guns %zu B <=4194304 %s\n", size, size <= 4194304 ? "ok" : "short");
	site_free(site);
	cfg = equipment(GUNS);
	if (site_new(&cfg, &site) != 0) {
		return 1;
	}
	one = apply_us(site);
	printf("core_apply_20_values %.2f us <=2 %s\n", one, one <= 2 ? "ok" : "short");
	site_free(site);
	if (site_new(&cfg, &site) != 0) {
		return 1;
	}
	plain = run_site(site, NULL);
	site_free(site);
	if (site_new(&cfg, &site) != 0 || journal_open(&jc, &journal) != 0) {
		return 1;
	}
	with = run_site(site, journal);
	mb = (double)journal_written(journal) * 86400 / SECONDS / 1e6;
	journal_close(journal);
	printf("journal_event %.2f us - ok\n", with - plain);
	printf("journal_day_24_guns %.1f MB <=60 %s\n", mb, mb <= 60 ? "ok" : "short");
	site_free(site);
	remove_folder(folder);
	return with < 0;
}
