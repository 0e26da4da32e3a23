/* Random sessions of a year under Shandong's tariff, against the awk script of the bench, which
 * shares nothing with the product. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../tempdir.h"
#include "bill.h"
#include "random.h"
#include "tariff_file.h"

#define HALF_MS  INT64_C(1800000)
#define YEAR_MS  INT64_C(1767225600000) /* 2026-01-01 00:00 UTC */
#define SESSIONS 2000
#define POINTS   200

struct expected {
	int64_t wh, elec_fen, service_fen, substitutes;
	int lines;
};

static struct tariff tariff;
static struct expected expected[SESSIONS];

static void load_tariff(void)
{
	const struct zone_rules shanghai = {1, {{0, 28800}}};
	static char text[TARIFF_TEXT_MAX];
	FILE *file = fopen("agent/examples/shandong-2026.yaml", "r");
	struct yaml_errors errors = {0};

	assert_non_null(file);
	text[fread(text, 1, sizeof text - 1, file)] = '\0';
	fclose(file);
	assert_int_equal(tariff_parse("t", text, strlen(text), &shanghai, &errors, &tariff), 0);
	tariff.from_ms = 0;
}

/* Borders of price at which no register is known. */
static int64_t missing(
	const struct bill_line *lines, int count, const struct bill_point *points, size_t n)
{
	int64_t sum = 0;

	for (int i = 1; i < count; i++) {
		bool found = false;

		for (size_t k = 0; k < n; k++) {
			found = found || points[k].at.ms == lines[i].from.ms;
		}
		sum += !found;
	}
	return sum;
}

/* One session: written as the book would write it, and billed. */
static void session(FILE *book, FILE *marks, uint64_t *seed, int no)
{
	const struct tariff *versions[] = {&tariff};
	static struct bill_line lines[POINTS];
	struct bill_point points[POINTS];
	int64_t start = YEAR_MS + random_below(seed, 360 * INT64_C(86400000));
	int64_t end = start + random_below(seed, 2 * INT64_C(86400000)) + 1;
	int64_t wh = random_below(seed, 900000000);
	struct expected *e = &expected[no];
	struct bill_sum sum;
	size_t n = 0;
	bool all = random_below(seed, 4) != 0;

	points[n++] = (struct bill_point){{start}, wh, Q_GOOD};
	for (int64_t at = start / HALF_MS * HALF_MS + HALF_MS; at < end; at += HALF_MS) {
		wh += random_below(seed, 60000);
		if (all || random_below(seed, 3) != 0) {
			points[n++] = (struct bill_point){{at}, wh, Q_GOOD};
			fprintf(marks, "A1.1,%d,%lld,%lld,%lld\n", no, (long long)at,
				(long long)at + 500, (long long)wh);
		}
	}
	points[n++] = (struct bill_point){{end}, wh + random_below(seed, 9000), Q_GOOD};
	fprintf(book, "A1.1,%d,%d,%lld,%lld,%lld,,%lld,%lld,0,0,full,\n", no, no,
		(long long)start - 5000, (long long)start, (long long)end, (long long)points[0].wh,
		(long long)points[n - 1].wh);
	e->lines =
		bill_compute(&(struct bill_input){versions, 1, 0, points, n}, lines, POINTS, &sum);
	assert_true(e->lines > 0);
	e->wh = sum.wh;
	e->elec_fen = sum.elec_fen;
	e->service_fen = sum.service_fen;
	e->substitutes = missing(lines, e->lines, points, n);
}

static void run_script(const char *marks, const char *book, const char *out)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		if (freopen(out, "w", stdout) != NULL) {
			execlp("awk", "awk", "-f", "tests/bench/bill_month.awk", marks, book,
				(char *)NULL);
		}
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void the_script_computes_the_same(void **state)
{
	char folder[64], book[80], marks[80], bills[80], line[256];
	uint64_t seed = random_seed();
	FILE *b, *m, *answer;
	int no = 0;

	(void)state;
	load_tariff();
	assert_int_equal(tempdir_make(folder, sizeof folder), 0);
	snprintf(book, sizeof book, "%s/book.csv", folder);
	snprintf(marks, sizeof marks, "%s/marks.csv", folder);
	b = fopen(book, "w");
	m = fopen(marks, "w");
	assert_true(b != NULL && m != NULL);
	fputs("gun,session_no,plug_no,plug_ms,start_ms,end_ms,unplug_ms,start_wh,end_wh,energy_wh,"
	      "asked_wh,reason,seen_ms\n",
		b);
	fputs("gun,session_no,at_ms,read_ms,wh\n", m);
	for (int i = 0; i < SESSIONS; i++) {
		session(b, m, &seed, i);
	}
	fclose(b);
	fclose(m);
	snprintf(bills, sizeof bills, "%s/bills.csv", folder);
	run_script(marks, book, bills);
	answer = fopen(bills, "r");
	assert_non_null(answer);
	for (; fgets(line, sizeof line, answer) != NULL; no++) {
		const struct expected *e = &expected[no];
		char want[256];
		const char *figures = line;

		for (int comma = 0; comma < 3; figures++) {
			comma += *figures == ',';
		}
		snprintf(want, sizeof want, "%lld,%lld,%lld,%d,%lld\n", (long long)e->wh,
			(long long)e->elec_fen, (long long)e->service_fen, e->lines,
			(long long)e->substitutes);
		assert_string_equal(figures, want);
	}
	fclose(answer);
	assert_int_equal(no, SESSIONS);
	tempdir_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_script_computes_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
