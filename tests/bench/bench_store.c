/*
 * The store's figures: telemetry on disk, reports and curves after a year of data, cost of a row.
 * Rows are those of the simulated demo site with its documented noise (tests/sim/supply.h).
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../tempdir.h"
#include "block.h"
#include "registers.h"
#include "rollup.h"
#include "scan.h"
#include "sim.h"
#include "state.h"

#define GUNS   24
#define POINTS 8
#define START  INT64_C(1767225600000) /* 2026-01-01 00:00 UTC */
#define HOURS  96
#define YEAR_H (365 * 24)
#define PATH_N 256

static char folder[64];

static void die(const char *what)
{
	fprintf(stderr, "bench_store: %s\n", what);
	exit(1);
}

static void figure(const char *name, double value, const char *unit, double goal)
{
	printf("%s %.3f %s <=%g %s\n", name, value, unit, goal, value <= goal ? "ok" : "short");
}

static double now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static double cpu_ms(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e3 +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e3;
}

static double file_bytes(const char *name)
{
	char path[PATH_N];
	struct stat st;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	return stat(path, &st) == 0 ? (double)st.st_size : 0;
}

/* ---- Rows of the demo site ---- */

static const enum gun_state states[] = {GUN_IDLE, GUN_PLUGGED, GUN_CHARGING, GUN_SUSPENDED,
	GUN_SUSPENDED, GUN_FINISHED, GUN_FAULT, GUN_RESERVED, GUN_OFFLINE};

struct gun {
	char id[20];
	unsigned bus, number;
	uint8_t unit;
	bool dc;
};
static struct gun guns[GUNS];

static void list_guns(const struct sim_site *site)
{
	size_t n = 0;

	for (unsigned p = 0; p < site->pile_count; p++) {
		for (unsigned g = 0; g < site->piles[p].gun_count && n < GUNS; g++, n++) {
			guns[n] = (struct gun){.bus = site->piles[p].bus,
				.number = g,
				.unit = site->piles[p].unit,
				.dc = site->piles[p].dc};
			snprintf(guns[n].id, sizeof guns[n].id, "%s", site->piles[p].guns[g].id);
		}
	}
	if (n != GUNS) {
		die("the demo site has not 24 guns");
	}
}

static int64_t u32(const uint16_t *at)
{
	return (int64_t)at[0] << 16 | at[1];
}

static struct store_value val(enum point p, int64_t value)
{
	return (struct store_value){(uint16_t)p, Q_GOOD, value};
}

static size_t read_gun(struct sim *sim, const struct gun *g, struct store_value v[POINTS])
{
	uint16_t r[64];

	if (sim_read(sim, g->bus, g->unit, g->dc ? DC_LIVE : 0, g->dc ? 64 : 24, r) != 0) {
		die("the simulator does not answer");
	}
	if (g->dc) {
		const uint16_t *a = r + DC_GUN - DC_LIVE + g->number * DC_STRIDE;

		v[0] = val(PT_STATE, states[a[DCG_STATE] % 9]);
		v[1] = val(PT_POWER, u32(a + DCG_POWER));
		v[2] = val(PT_VOLTAGE, a[DCG_VOLTAGE] * INT64_C(100));
		v[3] = val(PT_CURRENT, a[DCG_CURRENT] * INT64_C(100));
		v[4] = val(PT_SOC, a[DCG_SOC]);
		v[5] = val(PT_ENERGY, u32(a + DCG_ENERGY));
		v[6] = val(PT_TEMP, (int16_t)a[DCG_TEMP] * INT64_C(100));
		v[7] = val(PT_LIMIT_W, u32(a + DCG_LIMIT));
		if (a[DCG_SOC] == REG_NONE) {
			v[4].quality = Q_INVALID;
			v[4].value = VALUE_NONE;
		}
	} else {
		v[0] = val(PT_STATE, states[r[AC_STATE] % 9]);
		v[1] = val(PT_POWER, u32(r + AC_POWER));
		v[2] = val(PT_VOLTAGE_L1, r[AC_VOLTAGE] * INT64_C(100));
		v[3] = val(PT_CURRENT_L1, r[AC_CURRENT] * INT64_C(10));
		v[4] = val(PT_PLUGGED, r[AC_PLUGGED]);
		v[5] = val(PT_ENERGY, u32(r + AC_ENERGY));
		v[6] = val(PT_TEMP, (int16_t)r[AC_TEMP] * INT64_C(100));
		v[7] = val(PT_LIMIT_MA, r[AC_LIMIT] * INT64_C(10));
	}
	return POINTS;
}

static struct sim *demo(void)
{
	static struct sim_site site;
	struct sim *sim = NULL;

	if (sim_site_demo(&site) != 0 || sim_new(&(struct sim_cfg){.site = &site,
							 .seed = 1,
							 .start = {START},
							 .arrivals = true,
							 .lively = true},
						 &sim) != 0) {
		die("no simulator");
	}
	list_guns(&site);
	return sim;
}

static struct store *open_store(const char *name, size_t series_count)
{
	static char ids[1000][20], path[PATH_N];
	static const char *names[1000];
	struct store_cfg cfg = {.folder = path,
		.retention_days = 400,
		.series = names,
		.series_count = series_count};
	struct store *store;

	for (size_t i = 0; i < series_count; i++) {
		snprintf(ids[i], sizeof ids[i], "P%zu.1", i);
		names[i] = i < GUNS && series_count == GUNS ? guns[i].id : ids[i];
	}
	snprintf(path, sizeof path, "%s/%s", folder, name);
	if (store_open(&cfg, &store) != 0) {
		die("no store");
	}
	return store;
}

enum which { DC_CHARGING, AC_CHARGING, NOT_CHARGING, ALL, WHICH };
static const char *const which_names[WHICH] = {"dc", "ac", "idle", "all"};

static bool wanted(enum which which, bool dc, bool charging)
{
	switch (which) {
	case DC_CHARGING:
		return dc && charging;
	case AC_CHARGING:
		return !dc && charging;
	case NOT_CHARGING:
		return !charging;
	default:
		return true;
	}
}

/* ---- Bytes and CPU a row ---- */

static double rows[WHICH];

/* Waits for the writer where it is behind: rows come faster here than any site gives them. */
static void put_row(struct store *store, size_t series, int64_t second,
	const struct store_value *values, size_t count)
{
	struct wall at = {START + second * MS_PER_S};

	while (store_telemetry(store, series, at, values, count) != 0) {
		sched_yield();
	}
}

static void put_second(struct sim *sim, int64_t s, struct store *stores[WHICH])
{
	struct store_value v[POINTS];

	sim_advance(sim, (struct mono){s * US_PER_S});
	for (size_t g = 0; g < GUNS; g++) {
		size_t n = read_gun(sim, &guns[g], v);

		for (int w = 0; w < WHICH; w++) {
			if (wanted((enum which)w, guns[g].dc, v[0].value == GUN_CHARGING)) {
				put_row(stores[w], g, s, v, n);
				rows[w]++;
			}
		}
	}
}

/* Ends the last hour, so that all of it is merged. */
static void end_hour(struct store *store)
{
	struct store_value v = val(PT_STATE, GUN_IDLE);

	for (int64_t g = 0; g < GUNS; g++) {
		put_row(store, (size_t)g, HOURS * 3600 + g, &v, 1);
		if (store_flush(store) != 0) {
			die("flush");
		}
	}
	store_close(store);
}

/* Some days of the demo site into a store for each kind of row. Returns the CPU a row of `all`. */
static double record_days(void)
{
	struct sim *sim = demo();
	struct store *stores[WHICH];
	double cpu = 0;

	for (int w = 0; w < WHICH; w++) {
		stores[w] = open_store(which_names[w], GUNS);
	}
	for (int64_t s = 0; s < HOURS * INT64_C(3600); s++) {
		put_second(sim, s, stores);
		for (int w = 0; s % 60 == 59 && w < WHICH; w++) {
			double before = cpu_ms();

			if (store_flush(stores[w]) != 0) {
				die("flush");
			}
			cpu += w == ALL ? cpu_ms() - before : 0;
		}
	}
	for (int w = 0; w < WHICH; w++) {
		end_hour(stores[w]);
	}
	sim_free(sim);
	return cpu * 1e3 / rows[ALL];
}

static double bytes_a_row(enum which which)
{
	char file[PATH_N];

	snprintf(file, sizeof file, "%s/" STORE_HISTORY_FILE, which_names[which]);
	printf("# %s: %.0f rows, %.0f bytes\n", which_names[which], rows[which], file_bytes(file));
	return file_bytes(file) / rows[which];
}

/* ---- A year ---- */

struct sample_hour {
	struct bytes data;
	int64_t rows;
};
/* What each gun did in each recorded hour. */
static struct sample_hour samples[GUNS + 1][HOURS];

static void load_samples(sqlite3 *db)
{
	sqlite3_stmt *stmt;
	int rc = sql_prepare(db, "SELECT id, rows, data FROM block", &stmt);

	while (rc == 0 && (rc = sql_step(stmt)) == 1) {
		int64_t series = sql_int(stmt, 0) % SERIES_STEP;
		int64_t hour = sql_int(stmt, 0) / SERIES_STEP - START / HOUR_MS;

		rc = 0;
		if (series <= GUNS && hour >= 0 && hour < HOURS) {
			struct sample_hour *h = &samples[series][hour];

			h->rows = sql_int(stmt, 1);
			rc = bytes_add(&h->data, sqlite3_column_blob(stmt, 2),
				(size_t)sqlite3_column_bytes(stmt, 2));
		}
	}
	sqlite3_finalize(stmt);
	if (rc != 0) {
		die("no samples");
	}
}

/* The bytes of a block with all times moved: a new column of times before the same values. */
static void shift(
	struct codec *codec, const struct sample_hour *h, int64_t by_ms, struct bytes *out)
{
	static int64_t at[BLOCK_ROWS_MAX];
	struct span in = {h->data.p, h->data.p + h->data.n - 4, 0}, times;
	struct bytes column = {0};
	uint32_t sum = 2166136261u;
	size_t n;

	out->n = 0;
	bytes_add_varint(out, span_varint(&in));
	n = (size_t)span_varint(&in);
	bytes_add_varint(out, n);
	times = span_cut(&in, span_varint(&in));
	if (codec_decode(codec, times, at, n) != 0) {
		die("bad sample");
	}
	for (size_t i = 0; i < n; i++) {
		at[i] += by_ms;
	}
	codec_encode(codec, at, n, &column);
	bytes_add_varint(out, column.n);
	bytes_add(out, column.p, column.n);
	bytes_add(out, in.p, (size_t)(in.end - in.p));
	for (size_t i = 0; i < out->n; i++) {
		sum = (sum ^ out->p[i]) * 16777619u;
	}
	bytes_add(out,
		(unsigned char[]){(unsigned char)sum, (unsigned char)(sum >> 8),
			(unsigned char)(sum >> 16), (unsigned char)(sum >> 24)},
		4);
	bytes_release(&column);
}

static void check(int rc)
{
	if (rc != 0) {
		die(err_text(rc));
	}
}

/* Repeats the recorded hours over a year behind them, with roll-ups of the same size. */
static void make_year(sqlite3 *db)
{
	struct rollup r = {900, 0, 0, GUN_IDLE, 20000000, 20001000, 1000, 0, 900, 54000000, 100,
		70000, 900000};
	struct rollup_table *table;
	struct bytes out = {0};
	struct codec *codec;
	sqlite3_stmt *put;

	check(codec_new(&codec));
	check(rollup_open(db, &table));
	check(sql_prepare(
		db, "INSERT INTO block (id, rows, data) VALUES (:id, :rows, :data)", &put));
	check(sql_exec(db, "PRAGMA cache_size=-20000; PRAGMA synchronous=OFF; BEGIN"));
	for (int64_t h = HOURS; h < YEAR_H; h++) {
		int64_t hour = START / HOUR_MS + h;

		for (int64_t g = 1; g <= GUNS; g++) {
			const struct sample_hour *sample = &samples[g][h % HOURS];

			shift(codec, sample, (h - h % HOURS) * HOUR_MS, &out);
			sql_bind_int(put, ":id", hour * SERIES_STEP + g);
			sql_bind_int(put, ":rows", sample->rows);
			sql_bind_blob(put, ":data", out.p, out.n);
			check(sql_run(put));
		}
		r.first_at = hour * HOUR_MS;
		r.last_at = r.first_at + QUARTER_MS;
		for (int64_t q = 0; q < 4 * GUNS; q++) {
			check(rollup_save(table, ROLLUP_QUARTER,
				ROLLUP_KEY(hour * 4 + q / GUNS, 1 + q % GUNS), &r));
		}
		for (int64_t g = 1; h % 24 == 0 && g <= GUNS; g++) {
			check(rollup_save(table, ROLLUP_DAY, ROLLUP_KEY(hour / 24, g), &r));
		}
	}
	check(sql_exec(db, "COMMIT"));
	sqlite3_finalize(put);
	rollup_close(table);
	codec_free(codec);
	bytes_release(&out);
}

/* Sessions of a year: six a day and gun. */
static void make_sessions(sqlite3 *db)
{
	char sql[640];

	snprintf(sql, sizeof sql,
		"WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
		" INSERT INTO session (id, gun, state, start, \"end\", duration_s, energy_wh)"
		" SELECT 's' || i, 'A' || (1 + i %% 6) || '.' || (1 + i / 6 %% 2), 'closed',"
		" %lld + i * %lld, %lld + i * %lld + 1800000, 1800, 20000 FROM n",
		YEAR_H / 24 * GUNS * 6, (long long)START, (long long)(DAY_MS / (GUNS * 6)),
		(long long)START, (long long)(DAY_MS / (GUNS * 6)));
	check(sql_exec(db, sql));
}

static int add_energy(void *arg, const struct view_energy *row)
{
	*(int64_t *)arg += row->energy_wh;
	return 0;
}

static int add_sample(void *arg, const struct store_sample *sample)
{
	*(int64_t *)arg += sample->value >= 0;
	return 0;
}

static int compare_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

#define TRIES 31

enum query { DAY_REPORT, MONTH_BY_DAY, MONTH_TOTALS, HOUR_CURVE, DAY_CURVE };

static int ask(struct store_reader *reader, enum query query, int64_t day, int64_t *sum)
{
	struct wall from = {START + day * DAY_MS}, hour = {from.ms + 11 * HOUR_MS};
	struct wall month = {from.ms + 30 * DAY_MS};

	switch (query) {
	case DAY_REPORT:
		return store_energy(
			reader, from, (struct wall){from.ms + DAY_MS}, NULL, 900, add_energy, sum);
	case MONTH_BY_DAY:
		return store_energy(reader, from, month, NULL, 86400, add_energy, sum);
	case MONTH_TOTALS:
		return store_totals(reader, from, month, NULL, add_energy, sum);
	case HOUR_CURVE:
		return store_curve(reader, guns[day % GUNS].id, PT_POWER, hour,
			(struct wall){hour.ms + HOUR_MS}, 0, add_sample, sum);
	default:
		return store_curve(reader, guns[day % GUNS].id, PT_POWER, from,
			(struct wall){from.ms + DAY_MS}, 400, add_sample, sum);
	}
}

/* Median of asking for different days, each time by a reader that was just opened. */
static double time_query(const char *path, enum query query)
{
	double took[TRIES];

	for (int i = 0; i < TRIES; i++) {
		double before = now_ms();
		struct store_reader *reader;
		int64_t sum = 0;

		check(store_reader_open(path, &reader));
		check(ask(reader, query, (i * 37) % 330, &sum));
		store_reader_close(reader);
		took[i] = now_ms() - before;
		if (sum == 0) {
			die("nothing was found");
		}
	}
	qsort(took, TRIES, sizeof took[0], compare_double);
	return took[TRIES / 2];
}

static void year(void)
{
	char path[PATH_N], file[PATH_N + 16];
	double before = now_ms();
	sqlite3 *db;

	snprintf(path, sizeof path, "%s/all", folder);
	snprintf(file, sizeof file, "%s/" STORE_HISTORY_FILE, path);
	check(sql_open(file, SQL_NORMAL, &db));
	load_samples(db);
	make_year(db);
	sql_close(db);
	printf("# a year of 24 guns at 1 Hz: %.0f MB, made in %.0f s\n",
		file_bytes("all/" STORE_HISTORY_FILE) / 1e6, (now_ms() - before) / 1e3);
	snprintf(file, sizeof file, "%s/" STORE_SITE_FILE, path);
	check(sql_open(file, SQL_NORMAL, &db));
	make_sessions(db);
	sql_close(db);
	figure("store_day_report_after_a_year", time_query(path, DAY_REPORT), "ms", 10);
	figure("store_month_by_day_after_a_year", time_query(path, MONTH_BY_DAY), "ms", 10);
	figure("store_month_of_sessions_after_a_year", time_query(path, MONTH_TOTALS), "ms", 10);
	figure("store_hour_curve_after_a_year", time_query(path, HOUR_CURVE), "ms", 5);
	figure("store_day_curve_after_a_year", time_query(path, DAY_CURVE), "ms", 100);
}

/* ---- A large site ---- */

static double resident_kb(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	char line[128], *pages = NULL;

	if (f != NULL && fgets(line, sizeof line, f) != NULL) {
		pages = strchr(line, ' ');
	}
	if (f != NULL) {
		fclose(f);
	}
	return pages != NULL ? strtod(pages, NULL) * (double)sysconf(_SC_PAGESIZE) / 1024 : 0;
}

/* Two hours of 1000 series: the greatest growth of memory, and the CPU of it all. */
static void large_site(void)
{
	double before = resident_kb(), cpu = cpu_ms(), most = 0;
	struct store *store = open_store("large", 1000);
	struct store_value v[POINTS];

	for (int64_t s = 0; s < 7200; s++) {
		for (size_t g = 0; g < 1000; g++) {
			int64_t w = 60000 + (s * 7919 + (int64_t)g * 104729) % 121;

			for (uint16_t p = 0; p < POINTS; p++) {
				v[p] = (struct store_value){
					p, Q_GOOD, p < 3 ? w * (p + 1) : p * 1000 + s / 600};
			}
			v[6] = val(PT_ENERGY, s * 17 + (int64_t)g);
			put_row(store, g, s, v, POINTS);
		}
		if (s % 60 == 59) {
			store_flush(store);
		}
		most = resident_kb() > most ? resident_kb() : most;
	}
	store_close(store);
	figure("store_memory_of_1000_series", (most - before) / 1024, "MB", 8);
	figure("store_cpu_of_1000_rows_a_second", (cpu_ms() - cpu) / 7200 / 10, "%", 1);
}

int main(void)
{
	double cpu_us;

	if (tempdir_make(folder, sizeof folder) != 0) {
		die("no folder in /tmp");
	}
	large_site();
	cpu_us = record_days();
	figure("store_bytes_a_row_dc_charging", bytes_a_row(DC_CHARGING), "B", 3);
	figure("store_bytes_a_row_ac_charging", bytes_a_row(AC_CHARGING), "B", 3);
	figure("store_bytes_a_row_idle", bytes_a_row(NOT_CHARGING), "B", 0.2);
	figure("store_cpu_of_demo_site", cpu_us * GUNS / 1e4, "%", 0.1);
	year();
	tempdir_remove(folder);
	return 0;
}
