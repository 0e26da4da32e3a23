/* Recorded sessions: times, gaps, bad files, and the same energy in the book as was asked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "sim.h"

static const char HEAD[] = "session_id,station_id,plugged_in,unplugged,energy_kwh\n";

static int read_text(const char *text, struct session_rows *rows, char *why, size_t size)
{
	char path[] = "/tmp/sessions-XXXXXX";
	int fd = mkstemp(path);
	int err;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, HEAD, strlen(HEAD)), strlen(HEAD));
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	err = sessions_read(path, 7, rows, why, size);
	unlink(path);
	return err;
}

static void times(void **state)
{
	(void)state;
	int64_t t;

	assert_int_equal(sessions_time("1970-01-01", &t), 0);
	assert_int_equal(t, 0);
	assert_int_equal(sessions_time("2019-03-01T06:20:00", &t), 0);
	assert_int_equal(t, 1551421200);
	assert_int_equal(sessions_time("2024-02-29T23:59", &t), 0);
	assert_int_equal(t, 1709251140);
	assert_int_equal(sessions_time("2019-03-01T06:20:00Z", &t), ERR_SYNTAX);
	assert_int_equal(sessions_time("2019-13-01", &t), ERR_SYNTAX);
	assert_int_equal(sessions_time("", &t), ERR_SYNTAX);
}

/* Touching and overlapping rows of a station are parted by a gap; their stays keep their length. */
static void rows_never_overlap(void **state)
{
	(void)state;
	struct session_rows rows;
	char why[200];
	const char text[] = "c,S2,2019-03-01T10:00:00,2019-03-01T11:00:00,1\n"
			    "b,S1,2019-03-01T09:00:00,2019-03-01T10:00:00,2.5\n"
			    "a,S1,2019-03-01T08:00:00,2019-03-01T09:00:00,1.234\n"
			    "d,S1,2019-03-01T09:30:00,2019-03-01T09:45:00,0.5\n";

	assert_int_equal(read_text(text, &rows, why, sizeof why), 0);
	assert_int_equal(rows.count, 4);
	assert_string_equal(rows.rows[3].station, "S2");
	assert_int_equal(rows.rows[0].energy_wh, 1234);
	for (size_t i = 1; i < 3; i++) {
		int64_t gap = rows.rows[i].plug_s - rows.rows[i - 1].unplug_s;

		assert_in_range(gap, GAP_MIN_S, GAP_MAX_S);
	}
	assert_int_equal(rows.rows[1].unplug_s - rows.rows[1].plug_s, 3600);
	assert_int_equal(rows.rows[2].unplug_s - rows.rows[2].plug_s, 900);
	sessions_clear(&rows);
}

static void bad_files_are_refused_with_their_line(void **state)
{
	(void)state;
	static const char *const BAD[] = {
		"a,S1,2019-03-01T08:00:00,2019-03-01T09:00:00\n",
		"a,,2019-03-01T08:00:00,2019-03-01T09:00:00,1\n",
		"a,S1,2019-03-01T08:00:00,2019-03-01T07:00:00,1\n",
		"a,S1,2019-03-01T08:00:00,yesterday,1\n",
		"a,S1,2019-03-01T08:00:00,2019-03-01T09:00:00,1e3\n",
		"a,S1,2019-03-01T08:00:00,2019-03-01T09:00:00,-1\n",
		"a,a-station-of-more-than-15,2019-03-01T08:00:00,2019-03-01T09:00:00,1\n",
	};
	struct session_rows rows;
	char why[200];

	for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
		assert_int_equal(read_text(BAD[i], &rows, why, sizeof why), ERR_SYNTAX);
		assert_non_null(strstr(why, ":2: "));
	}
	assert_int_equal(read_text("", &rows, why, sizeof why), ERR_SYNTAX);
	assert_int_equal(sessions_read("/nonexistent", 1, &rows, why, sizeof why), ERR_IO);
}

static struct sim *garage(const struct session_rows *rows, const char *start, bool three)
{
	struct sim_site site;
	struct sim *sim = NULL;
	int64_t start_s;

	assert_int_equal(sessions_time(start, &start_s), 0);
	assert_int_equal(sim_site_garage(&site, rows, SIM_TCP, 8, three), 0);
	struct sim_cfg cfg = {.site = &site, .seed = 3, .rows = rows, .start = {start_s * 1000}};
	assert_int_equal(sim_new(&cfg, &sim), 0);
	sim_site_clear(&site);
	return sim;
}

static void cars_come_as_recorded(void **state)
{
	(void)state;
	struct session_rows rows;
	struct sim *sim;
	char why[200];
	const char text[] = "a,S1,2019-03-01T08:00:00,2019-03-01T12:00:00,10\n"
			    "b,S1,2019-03-01T12:00:00,2019-03-01T12:10:00,20\n"
			    "c,S2,2019-02-28T08:00:00,2019-02-28T12:00:00,5\n";

	assert_int_equal(read_text(text, &rows, why, sizeof why), 0);
	sim = garage(&rows, "2019-03-01", false);
	/* In one leap: recorded cars must not be missed by it. */
	sim_advance(sim, (struct mono){20 * 3600 * US_PER_S});
	assert_false(sim_gun_of(sim, "S1.1")->plugged);
	assert_int_equal(book_end(sim_book(sim)), 2);
	const struct book_record *r = book_at(sim_book(sim), 0);

	assert_int_equal(r->plug_s, 8 * 3600);
	assert_int_equal(r->unplug_s, 12 * 3600);
	assert_int_equal(r->reason, STOP_ENERGY);
	assert_in_range(r->energy_wh, 9999, 10001);
	r = book_at(sim_book(sim), 1);
	assert_in_range(r->plug_s, 12 * 3600 + GAP_MIN_S, 12 * 3600 + GAP_MAX_S);
	assert_int_equal(r->reason, STOP_UNPLUGGED);
	assert_in_range(r->energy_wh, 1000, 1250); /* ten minutes of 32 A */
	sim_free(sim);
	sessions_clear(&rows);
}

/* The recorded month, where it is at hand. */
static void caltech_month(void **state)
{
	(void)state;
	const char *folder = getenv("PILED_DATA");
	struct session_rows rows;
	struct sim *sim;
	char path[512], why[300];
	int64_t asked = 0, got = 0;

	snprintf(path, sizeof path, "%s/caltech-2019-03.csv", folder ? folder : "../shared/data");
	if (access(path, R_OK) != 0) {
		skip();
	}
	assert_int_equal(sessions_read(path, 1, &rows, why, sizeof why), 0);
	sim = garage(&rows, "2019-03-01", true);
	assert_int_equal(sim_site_of(sim)->pile_count, 47);
	sim_advance(sim, (struct mono){40 * 86400 * US_PER_S});
	assert_int_equal(book_end(sim_book(sim)), rows.count);
	for (int64_t i = 0; i < book_end(sim_book(sim)); i++) {
		const struct book_record *r = book_at(sim_book(sim), i);

		assert_true(r->unplug_s != BOOK_NEVER);
		assert_true(r->end_wh - r->start_wh == r->energy_wh);
		assert_true(r->energy_wh > 0 && r->energy_wh <= r->asked_wh + 1);
		asked += r->asked_wh;
		got += r->energy_wh;
	}
	assert_true(got <= asked + book_end(sim_book(sim)));
	assert_true(got > asked * 99 / 100);
	sim_free(sim);
	sessions_clear(&rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times),
		cmocka_unit_test(rows_never_overlap),
		cmocka_unit_test(bad_files_are_refused_with_their_line),
		cmocka_unit_test(cars_come_as_recorded),
		cmocka_unit_test(caltech_month),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
