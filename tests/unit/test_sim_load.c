/* The building under the transformer: hours of the year, energy as the integral of power. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "err.h"
#include "sessions.h"
#include "hourly.h"
#include "simload.h"

static int64_t total(const struct simload *load, int64_t second)
{
	int64_t w[3];

	simload_power(load, second, w);
	return w[0] + w[1] + w[2];
}

static void energy_is_the_integral_of_power(void **state)
{
	(void)state;
	struct simload load = {.seed = 5, .peak_w = 200000, .local_s = 1551421200};
	int64_t sum[3] = {0}, w[3], ws[3];

	for (int64_t s = 0; s < 7300; s++) {
		simload_power(&load, s, w);
		for (int p = 0; p < 3; p++) {
			sum[p] += w[p];
		}
	}
	simload_advance(&load, 3601); /* in two steps, as it comes */
	simload_advance(&load, 7300);
	simload_energy(&load, 7300, ws);
	for (int p = 0; p < 3; p++) {
		assert_int_equal(ws[p], sum[p]);
	}
}

/* A step in the middle of a minute takes nothing of what was counted, and adds nothing. */
static void a_fixed_load_begins_and_ends_at_once(void **state)
{
	struct simload load = {.seed = 5, .peak_w = 200000, .local_s = 1551421200};
	int64_t sum[3] = {0}, w[3], ws[3];

	(void)state;
	for (int64_t s = 0; s < 400; s++) {
		if (s == 90 || s == 215) {
			simload_fix(&load, s, s == 90 ? 500000 : -1);
		}
		simload_power(&load, s, w);
		if (s >= 90 && s < 215) {
			assert_int_equal(w[0] + w[1] + w[2], 500000);
		}
		for (int p = 0; p < 3; p++) {
			sum[p] += w[p];
		}
		simload_advance(&load, s + 1);
		simload_energy(&load, s + 1, ws);
		for (int p = 0; p < 3; p++) {
			assert_int_equal(ws[p], sum[p]);
		}
	}
}

/* Entry h of the table is hour h of the year, leap years too. */
static void a_table_is_read_by_the_hour_of_the_year(void **state)
{
	(void)state;
	static const struct {
		const char *when;
		int32_t hour;
	} CASES[] = {{"2019-01-01T00:00", 0}, {"2019-01-01T05:00", 5}, {"2019-03-01T00:00", 1416},
		{"2020-03-01T00:00", 1440}, {"2019-12-31T23:00", 8759}, {"2024-12-31T23:00", 8783},
		{"2100-03-01T00:00", 1416}};
	static int32_t hours[HOURLY_MAX];

	for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
		struct simload load = {.seed = 1, .hour_w = hours, .hours = HOURLY_MAX};

		memset(hours, 0, sizeof hours);
		hours[CASES[i].hour] = 100000;
		assert_int_equal(sessions_time(CASES[i].when, &load.local_s), 0);
		assert_in_range(total(&load, 0), 97000, 103000);
		assert_true(total(&load, 3599) < 10000);
	}
}

static int read_text(const char *text, int32_t *hours, int *line)
{
	char path[] = "/tmp/load-XXXXXX";
	int fd = mkstemp(path);
	int got;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	got = hourly_read(path, hours, HOURLY_MAX, line);
	unlink(path);
	return got;
}

static void files_are_read_strictly(void **state)
{
	(void)state;
	static int32_t hours[HOURLY_MAX];
	int line;

	assert_int_equal(
		read_text("hour_ending,load_kw\n01/01  01:00:00,33.58\n01/01  02:00:00,40\n", hours,
			&line),
		2);
	assert_int_equal(hours[0], 33580);
	assert_int_equal(hours[1], 40000);
	assert_int_equal(read_text("h,l\na,1\nb,x\n", hours, &line), ERR_SYNTAX);
	assert_int_equal(line, 3);
	assert_int_equal(read_text("h,l\na\n", hours, &line), ERR_SYNTAX);
	assert_int_equal(hourly_read("/nonexistent", hours, HOURLY_MAX, &line), ERR_IO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(energy_is_the_integral_of_power),
		cmocka_unit_test(a_fixed_load_begins_and_ends_at_once),
		cmocka_unit_test(a_table_is_read_by_the_hour_of_the_year),
		cmocka_unit_test(files_are_read_strictly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
