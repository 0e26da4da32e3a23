/* Telemetry through the store: lossless, in order, with roll-ups that agree with the rows. */
#include "store_fixture.h"

#include <sqlite3.h>

#include "random.h"
#include "state.h"

#define SERIES  4
#define RAW_MAX 20000
#define DAY     INT64_C(86400000)
#define QUARTER INT64_C(900000)

static int64_t offset_s = 28800; /* UTC+8 */
#define OFFSET offset_s

static const char *const names[SERIES] = {"A1.1", "A1.2", "A2.1", "T1"};
static uint64_t rng;

struct raw {
	int64_t at_ms, state, power, energy;
	bool energy_good;
};
static struct raw raw[SERIES][RAW_MAX];
static size_t raw_count[SERIES];

static int seed(void **state)
{
	(void)state;
	rng = random_seed();
	return 0;
}

static struct store *open_store(struct fixture *f)
{
	struct store *store = NULL;

	f->cfg.series = names;
	f->cfg.series_count = SERIES;
	f->cfg.utc_offset_s = OFFSET;
	assert_int_equal(store_open(&f->cfg, &store), 0);
	return store;
}

static struct store_reader *open_reader(struct fixture *f)
{
	struct store_reader *reader = NULL;

	assert_int_equal(store_reader_open(f->folder, &reader), 0);
	return reader;
}

static void put_row(struct store *store, size_t series, const struct raw *r)
{
	struct store_value v[3] = {{PT_STATE, Q_GOOD, r->state}, {PT_POWER, Q_GOOD, r->power},
		{PT_ENERGY, r->energy_good ? Q_GOOD : Q_INVALID, r->energy}};

	if (store_telemetry(store, series, (struct wall){r->at_ms}, v, 3) == ERR_FULL) {
		assert_int_equal(store_flush(store), 0);
		assert_int_equal(store_telemetry(store, series, (struct wall){r->at_ms}, v, 3), 0);
	}
}

/* Rows with silences, bad registers and resets; the store is flushed and reopened in between. */
static struct store *put_rows(struct fixture *f, struct store *store, int rows)
{
	int64_t at[SERIES], energy[SERIES];

	memset(raw_count, 0, sizeof raw_count);
	for (size_t s = 0; s < SERIES; s++) {
		at[s] = 1700000000000 + random_below(&rng, 100000);
		energy[s] = random_below(&rng, 1000000);
	}
	for (int i = 0; i < rows; i++) {
		size_t s = (size_t)random_below(&rng, SERIES);
		struct raw *r = &raw[s][raw_count[s]++];

		at[s] += random_below(&rng, 50) != 0 ? 1000 + random_below(&rng, 30000)
						     : random_below(&rng, 5 * 3600000);
		energy[s] += random_below(&rng, 90);
		if (random_below(&rng, 700) == 0) {
			energy[s] = random_below(&rng, 50);
		}
		*r = (struct raw){at[s], random_below(&rng, 3) != 0 ? GUN_CHARGING : GUN_IDLE,
			random_below(&rng, 120000), energy[s], random_below(&rng, 12) != 0};
		put_row(store, s, r);
		if (random_below(&rng, 150) == 0) {
			assert_int_equal(store_flush(store), 0);
		}
		if (random_below(&rng, 1500) == 0) {
			store_close(store);
			store = open_store(f);
		}
	}
	assert_int_equal(store_flush(store), 0);
	return store;
}

struct compare {
	size_t series, next;
	int64_t from_ms, to_ms;
};

static int same_row(void *arg, const struct store_row *row)
{
	struct compare *c = arg;
	const struct raw *r = &raw[c->series][c->next++];

	assert_int_equal(row->at.ms, r->at_ms);
	assert_int_equal(row->count, 3);
	for (size_t i = 0; i < row->count; i++) {
		const struct store_value *v = &row->values[i];

		switch (v->point) {
		case PT_STATE:
			assert_int_equal(v->value, r->state);
			break;
		case PT_POWER:
			assert_int_equal(v->value, r->power);
			break;
		default:
			assert_int_equal(v->value, r->energy);
			assert_int_equal(v->quality, r->energy_good ? Q_GOOD : Q_INVALID);
			break;
		}
	}
	return 0;
}

static int same_sample(void *arg, const struct store_sample *sample)
{
	struct compare *c = arg;
	const struct raw *r = &raw[c->series][c->next++];

	assert_int_equal(sample->at.ms, r->at_ms);
	assert_int_equal(sample->value, r->power);
	return 0;
}

static void rows_come_back_as_they_were(void **state)
{
	struct fixture *f = *state;
	struct store *store = put_rows(f, open_store(f), 12000);
	struct store_reader *reader = open_reader(f);
	struct wall none = {0};

	for (size_t s = 0; s < SERIES; s++) {
		struct compare c = {.series = s};

		assert_int_equal(store_rows(reader, names[s], none, none, same_row, &c), 0);
		assert_int_equal(c.next, raw_count[s]);
		c.next = 0;
		assert_int_equal(
			store_curve(reader, names[s], PT_POWER, none, none, 0, same_sample, &c), 0);
		assert_int_equal(c.next, raw_count[s]);
		/* a part of it */
		c.next = raw_count[s] / 3;
		assert_int_equal(
			store_rows(reader, names[s], (struct wall){raw[s][c.next].at_ms},
				(struct wall){raw[s][raw_count[s] / 2].at_ms}, same_row, &c),
			0);
		assert_int_equal(c.next, raw_count[s] / 2);
	}
	assert_int_equal(store_rows(reader, "nobody", none, none, same_row, NULL), ERR_NOTFOUND);
	store_reader_close(reader);
	store_close(store);
}

/* What the rows of [from, to) say, step by step: the meaning of the roll-ups. */
struct naive {
	int64_t energy_wh, charging_ms, peak_w, rows;
};

static struct naive naive_sum(size_t s, int64_t from_ms, int64_t to_ms)
{
	struct naive n = {0, 0, VALUE_NONE, 0};
	int64_t last_wh = VALUE_NONE;

	for (size_t i = 0; i < raw_count[s]; i++) {
		const struct raw *r = &raw[s][i];
		bool in = r->at_ms >= from_ms && r->at_ms < to_ms;

		if (in) {
			n.rows++;
			n.peak_w = r->power > n.peak_w ? r->power : n.peak_w;
			if (i > 0 && r[-1].state == GUN_CHARGING &&
				r->at_ms - r[-1].at_ms <= 60000) {
				n.charging_ms += r->at_ms - r[-1].at_ms;
			}
			if (r->energy_good && last_wh != VALUE_NONE && r->energy > last_wh) {
				n.energy_wh += r->energy - last_wh;
			}
		}
		last_wh = r->energy_good ? r->energy : last_wh;
	}
	return n;
}

static size_t series_of(const char *name)
{
	for (size_t s = 0; s < SERIES; s++) {
		if (strcmp(names[s], name) == 0) {
			return s;
		}
	}
	fail();
	return 0;
}

struct seen {
	int64_t rows, energy_wh;
	int64_t slot_ms;
};

static int check_energy(void *arg, const struct view_energy *row)
{
	struct seen *seen = arg;
	struct naive n = naive_sum(series_of(row->target), row->from, row->to);

	assert_int_equal(row->energy_wh, n.energy_wh);
	assert_int_equal(row->charging_s, n.charging_ms / 1000);
	assert_int_equal(row->peak_w, n.peak_w);
	assert_true(n.rows > 0);
	if (seen->slot_ms != 0) {
		assert_int_equal(row->to - row->from, seen->slot_ms);
		assert_int_equal((row->from + OFFSET * 1000) % seen->slot_ms, 0);
	}
	seen->rows++;
	seen->energy_wh += row->energy_wh;
	return 0;
}

static int sum_energy(void *arg, const struct view_energy *row)
{
	*(int64_t *)arg += row->energy_wh;
	return 0;
}

static void energy_agrees_with_the_rows(void **state)
{
	static const int64_t slots_s[] = {900, 86400, 0};
	struct fixture *f = *state;
	struct store *store = put_rows(f, open_store(f), 12000);
	struct store_reader *reader = open_reader(f);
	struct wall none = {0}, from, to;
	int64_t expected = 0, site = 0, pile = 0;

	for (size_t s = 0; s < 3; s++) {
		expected += naive_sum(s, 0, INT64_MAX).energy_wh;
	}
	for (size_t i = 0; i < 3; i++) {
		struct seen seen = {.slot_ms = slots_s[i] * 1000};

		assert_int_equal(
			store_energy(reader, none, none, NULL, slots_s[i], check_energy, &seen), 0);
		assert_true(seen.rows >= 3);
		assert_int_equal(seen.energy_wh, expected); /* no step is lost between slots */
	}
	assert_int_equal(store_energy(reader, none, none, "site", 0, sum_energy, &site), 0);
	assert_int_equal(site, expected);
	assert_int_equal(store_energy(reader, none, none, "A1", 86400, sum_energy, &pile), 0);
	assert_int_equal(
		pile, naive_sum(0, 0, INT64_MAX).energy_wh + naive_sum(1, 0, INT64_MAX).energy_wh);
	for (int round = 0; round < 40; round++) {
		struct seen seen = {0};
		int64_t step = round % 2 == 0 ? 900 : 3600;
		size_t s = (size_t)random_below(&rng, SERIES);

		from.ms = raw[s][random_below(&rng, (int64_t)raw_count[s])].at_ms;
		to.ms = from.ms + 1 + random_below(&rng, 2 * DAY);
		assert_int_equal(store_energy(reader, from, to, names[s], round % 3 ? step : 0,
					 check_energy, &seen),
			0);
		assert_true(seen.rows > 0);
	}
	assert_int_equal(
		store_energy(reader, none, none, "B9", 0, check_energy, NULL), ERR_NOTFOUND);
	assert_int_equal(store_energy(reader, none, none, NULL, 77, check_energy, NULL), ERR_INVAL);
	store_reader_close(reader);
	store_close(store);
}

static void spoil(struct fixture *f)
{
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(fixture_path(f, STORE_HISTORY_FILE), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db,
				 "UPDATE quarter SET energy_wh = 1, charging_ms = 5;"
				 "DELETE FROM quarter WHERE id % 3 = 0; DELETE FROM day;",
				 NULL, NULL, NULL),
		SQLITE_OK);
	sqlite3_close(db);
}

/* Opens and closes the store with another offset or a rebuild, then compares with the rows. */
static void check_after_opening(struct fixture *f)
{
	static const int64_t slots_s[] = {900, 86400, 0};
	struct store_reader *reader;
	struct wall none = {0};

	store_close(open_store(f));
	reader = open_reader(f);
	for (size_t i = 0; i < 3; i++) {
		struct seen seen = {.slot_ms = slots_s[i] * 1000};

		assert_int_equal(
			store_energy(reader, none, none, NULL, slots_s[i], check_energy, &seen), 0);
		assert_true(seen.rows >= 3);
	}
	store_reader_close(reader);
}

static void rollups_can_be_made_anew(void **state)
{
	struct fixture *f = *state;

	store_close(put_rows(f, open_store(f), 6000));
	offset_s = -5 * 3600;
	check_after_opening(f); /* days from quarters */
	spoil(f);
	f->cfg.rebuild = true;
	check_after_opening(f); /* all from telemetry */
	offset_s = 28800;
	check_after_opening(f);
}

struct thin {
	size_t series, count;
	int64_t width_ms;
};

static int check_thin(void *arg, const struct store_sample *sample)
{
	struct thin *t = arg;
	int64_t min = INT64_MAX, max = INT64_MIN;

	t->count++;
	for (size_t i = 0; i < raw_count[t->series]; i++) {
		const struct raw *r = &raw[t->series][i];

		if (r->at_ms >= sample->at.ms && r->at_ms < sample->at.ms + t->width_ms) {
			min = r->power < min ? r->power : min;
			max = r->power > max ? r->power : max;
		}
	}
	assert_int_equal(sample->min, min);
	assert_int_equal(sample->max, max);
	assert_in_range(sample->value, min, max);
	return 0;
}

static void a_thinned_curve_keeps_minimum_and_maximum(void **state)
{
	struct fixture *f = *state;
	struct store *store = put_rows(f, open_store(f), 4000);
	struct store_reader *reader = open_reader(f);

	for (size_t s = 0; s < SERIES; s++) {
		struct wall from = {raw[s][0].at_ms};
		struct wall to = {raw[s][raw_count[s] - 1].at_ms + 1};
		struct thin t = {.series = s, .width_ms = (to.ms - from.ms + 99) / 100};

		assert_int_equal(
			store_curve(reader, names[s], PT_POWER, from, to, 100, check_thin, &t), 0);
		assert_in_range(t.count, 10, 100);
	}
	store_reader_close(reader);
	store_close(store);
}

static int take_gun(void *arg, enum view_kind kind, const void *view)
{
	const struct view_gun *gun = view;

	if (kind == VIEW_gun && gun->today_wh != VALUE_NONE) {
		size_t s = series_of(gun->id);
		int64_t now = ((const struct wall *)arg)->ms;
		int64_t begin = (now + OFFSET * 1000) / DAY * DAY - OFFSET * 1000;

		assert_int_equal(gun->today_wh, naive_sum(s, begin, begin + DAY).energy_wh);
		assert_int_equal(gun->today_sessions, s == 0 ? 1 : 0);
	}
	return 0;
}

static void resume_knows_today(void **state)
{
	struct fixture *f = *state;
	struct store *store = put_rows(f, open_store(f), 2000);
	struct wall last = {raw[0][raw_count[0] - 1].at_ms};
	struct view_session session = a_session("s1", names[0], last.ms);
	struct store_reader *reader;

	assert_int_equal(store_put(store, VIEW_session, &session), 0);
	assert_int_equal(store_flush(store), 0);
	reader = open_reader(f);
	assert_int_equal(store_resume(reader, last, take_gun, &last), 0);
	store_reader_close(reader);
	store_close(store);
}

static void rows_past_the_retention_go(void **state)
{
	struct fixture *f = *state;
	struct store *store;
	struct store_reader *reader;
	struct compare c = {0};
	struct wall none = {0};
	int64_t energy = 0, start = 1700000000000;

	f->cfg.retention_days = 1;
	store = open_store(f);
	raw_count[0] = 0;
	for (int hour = 0; hour < 72; hour++) {
		struct raw *r = &raw[0][raw_count[0]++];

		*r = (struct raw){start + hour * 3600000, GUN_IDLE, 0, 100 * hour, true};
		put_row(store, 0, r);
		assert_int_equal(store_flush(store), 0);
	}
	reader = open_reader(f);
	c.next = 72 - 25; /* the last hour and a day before */
	assert_int_equal(store_rows(reader, names[0], none, none, same_row, &c), 0);
	assert_int_equal(c.next, 72);
	assert_int_equal(store_energy(reader, none, none, names[0], 0, sum_energy, &energy), 0);
	assert_int_equal(energy, 7100);
	store_reader_close(reader);
	store_close(store);
}

static void rows_of_a_clock_that_went_back_are_kept(void **state)
{
	static const int64_t at[] = {7200000, 7201000, 3000000, 3001000, 7202000, 10900000};
	struct fixture *f = *state;
	struct store *store = open_store(f);
	struct store_reader *reader;
	struct compare c = {0};
	struct wall none = {0};

	raw_count[0] = 6;
	for (size_t i = 0; i < 6; i++) {
		struct raw r = {1700000000000 + at[i], GUN_IDLE, at[i] / 1000, 5, true};

		put_row(store, 0, &r);
		raw[0][i < 2 ? i + 2 : i < 4 ? i - 2 : i] = r;
		assert_int_equal(store_flush(store), 0);
	}
	reader = open_reader(f);
	assert_int_equal(store_rows(reader, names[0], none, none, same_row, &c), 0);
	assert_int_equal(c.next, 6);
	store_reader_close(reader);
	store_close(store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(rows_come_back_as_they_were),
		TEST(energy_agrees_with_the_rows),
		TEST(a_thinned_curve_keeps_minimum_and_maximum),
		TEST(rollups_can_be_made_anew),
		TEST(resume_knows_today),
		TEST(rows_past_the_retention_go),
		TEST(rows_of_a_clock_that_went_back_are_kept),
	};

	return cmocka_run_group_tests(tests, seed, NULL);
}
