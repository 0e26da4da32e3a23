/* Random tariffs and random sessions, against what is computed minute by minute and second by
 * second in another way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "bill.h"
#include "random.h"

#define MINUTE_MS INT64_C(60000)
#define HALF_MS   INT64_C(1800000)
/* 2026-01-01 00:00 UTC */
#define YEAR_MS INT64_C(1767225600000)
#define DAYS    3
#define POINTS  (DAYS * 50 + 3)
#define LINES   (DAYS * 50)
#define ROUNDS  3000

static uint64_t seed;

static int64_t below(int64_t n)
{
	return random_below(&seed, n);
}

static struct tariff random_tariff(int64_t from_ms, uint32_t version)
{
	struct tariff t = {.id = "t", .from_ms = from_ms, .version = version, .schedules = 4};

	t.zone = (struct zone_rules){1, {{0, 28800}}};
	if (below(2)) {
		t.zone = (struct zone_rules){
			3, {{0, 3600}, {1774746000000, 7200}, {1792890000000, 3600}}};
	}
	for (size_t i = 0; i < sizeof t.price / sizeof(struct price); i++) {
		(&t.price[0][0][0])[i] =
			(struct price){(int32_t)below(200000), (int32_t)(below(3) * 20000)};
	}
	for (int s = 0; s < 4 * CAL_SLOTS; s++) {
		/* Some half hours have the period of the one before. */
		t.schedule[s / CAL_SLOTS][s % CAL_SLOTS] =
			s % CAL_SLOTS > 0 && below(3) ? t.schedule[s / CAL_SLOTS][s % CAL_SLOTS - 1]
						      : (uint8_t)below(PERIOD_COUNT_);
	}
	for (int i = 0; i < 12 * DAY_KINDS; i++) {
		t.set_of[i / DAY_KINDS] = (uint8_t)below(TARIFF_SETS);
		t.schedule_of[i / DAY_KINDS][i % DAY_KINDS] = (uint8_t)below(4);
	}
	for (int64_t day = YEAR_MS / 86400000; t.holidays < 30; day += 1 + below(20)) {
		t.holiday[t.holidays++] = (int32_t)day;
	}
	t.free_min = (uint32_t)below(60);
	t.cap_fen = below(2) * below(5000);
	t.windows = (uint32_t)below(4);
	for (uint32_t i = 0; i < t.windows; i++) {
		t.window[i] = (struct parking_window){
			(int32_t)below(1440), (int32_t)below(1440), {(int32_t)below(100000)}};
	}
	return t;
}

/* What holds in a minute, by the C library's calendar. */
static struct price price_of(const struct tariff *t, unsigned class, int64_t ms, unsigned *period)
{
	int64_t offset_s = t->zone.rule[0].offset_s;
	unsigned kind;
	struct tm tm;
	time_t s;

	for (int64_t i = 0; i < t->zone.count; i++) {
		offset_s = t->zone.rule[i].from_ms <= ms ? t->zone.rule[i].offset_s : offset_s;
	}
	s = ms / 1000 + offset_s;
	gmtime_r(&s, &tm);
	kind = tm.tm_wday == 0 || tm.tm_wday == 6 ? DAY_WEEKEND : DAY_WORKDAY;
	for (uint32_t i = 0; i < t->holidays; i++) {
		kind = t->holiday[i] == s / 86400 ? DAY_HOLIDAY : kind;
	}
	*period = t->schedule[t->schedule_of[tm.tm_mon][kind]][tm.tm_hour * 2 + tm.tm_min / 30];
	return t->price[t->set_of[tm.tm_mon]][class][*period];
}

struct session {
	struct tariff tariff[2];
	const struct tariff *versions[2];
	struct bill_point points[POINTS];
	struct bill_input in;
};

/* Start, a mark at each half hour (where `all`, else at some), end. */
static void random_session(struct session *s, bool all)
{
	int64_t start = YEAR_MS + below(360 * INT64_C(86400000));
	int64_t end = start + below(DAYS * INT64_C(86400000)), wh = below(1000000);
	int64_t from;
	size_t n = 0;

	s->tariff[0] = random_tariff(0, 1);
	from = start + below(end - start + 1);
	s->tariff[1] = random_tariff(all ? from / HALF_MS * HALF_MS : from, 2);
	s->versions[0] = &s->tariff[0];
	s->versions[1] = &s->tariff[1];
	s->points[n++] = (struct bill_point){{start}, wh, Q_GOOD};
	for (int64_t at = start / HALF_MS * HALF_MS + HALF_MS; at < end; at += HALF_MS) {
		wh += below(5) ? below(60000) : 0;
		if (all || below(2)) {
			s->points[n++] = (struct bill_point){{at}, wh, Q_GOOD};
		}
	}
	s->points[n++] = (struct bill_point){{end}, wh + (end > start ? below(1000) : 0), Q_GOOD};
	s->in = (struct bill_input){s->versions, 2, (uint32_t)below(CLASS_COUNT_), s->points, n};
}

/* Half up, the other way round: the nearest, and of two the larger. */
static void check_rounding(int64_t fen, int64_t wh, int64_t e5)
{
	int64_t rest = wh * e5 - fen * 1000000;

	assert_true(rest >= -500000 && rest < 500000);
}

static void check_lines(const struct session *s, const struct bill_line *lines, int count,
	const struct bill_sum *sum)
{
	const struct bill_point *first = s->in.points, *last = first + s->in.point_count - 1;
	struct bill_sum total = {0};

	assert_int_equal(lines[0].from.ms, first->at.ms);
	assert_int_equal(lines[0].from_wh, first->wh);
	assert_int_equal(lines[count - 1].to.ms, last->at.ms);
	assert_int_equal(lines[count - 1].to_wh, last->wh);
	for (int i = 0; i < count; i++) {
		const struct bill_line *l = &lines[i];

		assert_int_equal(l->wh, l->to_wh - l->from_wh);
		check_rounding(l->elec_fen, l->wh, l->price.elec_e5);
		check_rounding(l->service_fen, l->wh, l->price.service_e5);
		total.wh += l->wh;
		total.elec_fen += l->elec_fen;
		total.service_fen += l->service_fen;
		if (i > 0) {
			assert_int_equal(l->from.ms, l[-1].to.ms);
			assert_int_equal(l->from_wh, l[-1].to_wh);
			/* Nothing that could be one line is two. */
			assert_false(l->version == l[-1].version && l->period == l[-1].period &&
				     memcmp(&l->price, &l[-1].price, sizeof l->price) == 0);
		}
	}
	assert_int_equal(total.wh, last->wh - first->wh);
	assert_memory_equal(&total, sum, sizeof total);
}

/* Each minute of the session lies in one line, and has its period and price. */
static void check_minutes(const struct session *s, const struct bill_line *lines, int count)
{
	int64_t end = s->in.points[s->in.point_count - 1].at.ms;
	int i = 0;

	for (int64_t ms = s->in.points[0].at.ms; ms < end; ms += MINUTE_MS) {
		const struct tariff *t = &s->tariff[ms >= s->tariff[1].from_ms];
		struct price price;
		unsigned period;

		while (i < count && lines[i].to.ms <= ms) {
			i++;
		}
		assert_true(i < count && lines[i].from.ms <= ms);
		price = price_of(t, s->in.class, ms, &period);
		assert_int_equal(lines[i].period, period);
		assert_int_equal(lines[i].version, t->version);
		assert_memory_equal(&lines[i].price, &price, sizeof price);
	}
}

static void lines_part_the_session(void **state)
{
	static struct bill_line lines[LINES], again[LINES];
	struct bill_sum sum, sum2;
	static struct session s;

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		int count;

		random_session(&s, below(2));
		count = bill_compute(&s.in, lines, LINES, &sum);
		assert_true(count > 0);
		check_lines(&s, lines, count, &sum);
		check_minutes(&s, lines, count);
		assert_int_equal(bill_compute(&s.in, again, LINES, &sum2), count);
		assert_memory_equal(lines, again, (size_t)count * sizeof lines[0]);
		assert_memory_equal(&sum, &sum2, sizeof sum);
	}
}

/* With the borders latched, marks elsewhere change nothing; and a session that is cut at a border
 * costs what its two parts cost. */
static void marks_elsewhere_and_cuts_change_nothing(void **state)
{
	static struct bill_line lines[LINES], other[LINES];
	static struct bill_point few[POINTS];
	struct bill_sum sum, sum2;
	static struct session s;

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		struct bill_input part;
		size_t n = 0, cut = 0;
		int count, a, b;

		random_session(&s, true);
		part = s.in;
		part.points = few;
		count = bill_compute(&s.in, lines, LINES, &sum);
		for (size_t i = 0; i < s.in.point_count; i++) {
			bool border = i == 0 || i + 1 == s.in.point_count;

			for (int k = 0; k < count; k++) {
				border = border || lines[k].from.ms == s.points[i].at.ms;
			}
			if (border || below(4) == 0) {
				few[n++] = s.points[i];
			}
			if (count > 1 && s.points[i].at.ms == lines[count / 2].from.ms) {
				cut = i;
			}
		}
		part.point_count = n;
		assert_int_equal(bill_compute(&part, other, LINES, &sum2), count);
		assert_memory_equal(lines, other, (size_t)count * sizeof lines[0]);
		if (count < 2) {
			continue;
		}
		part = s.in;
		part.point_count = cut + 1;
		a = bill_compute(&part, other, LINES, &sum2);
		part.points += cut;
		part.point_count = s.in.point_count - cut;
		b = bill_compute(&part, other + a, LINES - (size_t)a, &sum2);
		assert_int_equal(a + b, count);
		assert_memory_equal(lines, other, (size_t)count * sizeof lines[0]);
	}
}

static bool paused(const struct parking_pause *pauses, size_t count, int64_t ms)
{
	for (size_t i = 0; i < count; i++) {
		if (ms >= pauses[i].from.ms && ms < pauses[i].to.ms) {
			return true;
		}
	}
	return false;
}

/* What parking costs, second by second. */
static int64_t parking_by_seconds(const struct tariff *t, int64_t from, int64_t to,
	const struct parking_pause *pauses, size_t count)
{
	int64_t seconds[TARIFF_WINDOWS] = {0}, free_s = t->free_min * 60, fen = 0;

	for (int64_t ms = from; ms < to; ms += 1000) {
		int64_t minute = cal_at(&t->zone, (struct wall){ms}).second / 60;

		if (paused(pauses, count, ms)) {
			continue;
		}
		if (free_s > 0) {
			free_s--;
			continue;
		}
		for (uint32_t i = 0; i < t->windows; i++) {
			int64_t a = t->window[i].from_min, b = t->window[i].to_min;
			bool over = a >= b; /* midnight */

			if (over ? minute >= a || minute < b : minute >= a && minute < b) {
				seconds[i]++;
				break;
			}
		}
	}
	for (uint32_t i = 0; i < t->windows; i++) {
		fen += (seconds[i] / 60 * t->window[i].per_min_e5[0] + 500) / 1000;
	}
	return t->cap_fen > 0 && fen > t->cap_fen ? t->cap_fen : fen;
}

static void parking_is_what_its_seconds_say(void **state)
{
	(void)state;
	for (int round = 0; round < 150; round++) {
		struct tariff t = random_tariff(0, 1);
		struct wall from = {YEAR_MS + below(31536000) * 1000};
		struct wall to = {from.ms + below(below(2) ? 7200 : 100000) * 1000};
		struct parking_line lines[TARIFF_WINDOWS];
		struct parking_pause pauses[3];
		int64_t at = from.ms - 1000000, fen, sum = 0;
		int n;

		for (int i = 0; i < 3; i++) {
			pauses[i].from.ms = at + below(2000) * 1000;
			pauses[i].to.ms = pauses[i].from.ms + below(3000) * 1000;
			at = pauses[i].to.ms;
		}
		n = parking_compute(&t, 0, from, to, pauses, 3, lines, &fen);
		assert_true(n >= 0);
		assert_int_equal(fen, parking_by_seconds(&t, from.ms, to.ms, pauses, 3));
		for (int i = 0; i < n; i++) {
			sum += lines[i].fen;
		}
		assert_true(sum == fen || (t.cap_fen == fen && sum > fen));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_part_the_session),
		cmocka_unit_test(marks_elsewhere_and_cuts_change_nothing),
		cmocka_unit_test(parking_is_what_its_seconds_say),
	};

	seed = random_seed();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
