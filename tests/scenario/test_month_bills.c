/*
 * The recorded month (PILED_DATA), its local times taken as Asia/Shanghai in 2026, billed under
 * Shandong's schedule: simulator, plan, profile, field map, core and the store's ledger on one
 * side, tests/bench/bill_month.awk over the simulator's own book on the other. Every bill is equal
 * to the fen, and the month simulated under that tariff to the bills. A session begins, for a bill,
 * with the first reading that shows it. PILED_DAYS: how many days (3).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../tempdir.h"
#include "garageconf.h"
#include "simulate.h"
#include "sql.h"
#include "store.h"
#include "tariff_file.h"
#include "text.h"
#include "zone.h"

#define DAY_US    (86400 * US_PER_S)
#define SETTLE_US (3600 * US_PER_S)
/* From the recorded March of 2019 to that of 2026, where the tariff holds. */
#define SHIFT_S INT64_C(2557 * 86400)

struct month {
	char folder[64];
	struct store *store;
	struct sim *sim;
	struct vsite *site;
	struct tariff tariff;
	char text[TARIFF_TEXT_MAX];
};

static void put(struct month *m, enum view_kind kind, const void *view)
{
	int rc = store_put(m->store, kind, view);

	if (rc == ERR_FULL) {
		assert_int_equal(store_flush(m->store), 0);
		rc = store_put(m->store, kind, view);
	}
	assert_int_equal(rc, 0);
}

static void on_action(void *arg, const struct action *a)
{
	struct month *m = arg;

	if (a->kind == ACT_SESSION) {
		put(m, VIEW_session, &a->session);
	} else if (a->kind == ACT_MARK) {
		put(m, VIEW_mark, &a->mark);
	} else if (a->kind == ACT_ORDER) {
		put(m, VIEW_order, &a->order);
	} else if (a->kind == ACT_VISIT) {
		put(m, VIEW_visit, &a->visit);
	}
}

static void taken_in(void *arg, const struct money_result *result)
{
	*(int *)arg = result->err;
}

static void take_tariff(struct month *m)
{
	struct money_op op = {.kind = MONEY_TARIFF, .ref = "shandong", .by = "test"};
	FILE *file = fopen("agent/examples/shandong-2026.yaml", "r");
	struct yaml_errors errors = {0};
	struct zone_rules zone;
	int err = ERR_INTERNAL;

	assert_non_null(file);
	m->text[fread(m->text, 1, sizeof m->text - 1, file)] = '\0';
	fclose(file);
	assert_int_equal(zone_read("Asia/Shanghai", &zone), 0);
	assert_int_equal(
		tariff_parse("shandong", m->text, strlen(m->text), &zone, &errors, &m->tariff), 0);
	op.at_ms = m->tariff.from_ms - 1000;
	op.text = m->text;
	op.blob = &m->tariff;
	op.blob_size = sizeof m->tariff;
	assert_int_equal(store_money(m->store, &op, taken_in, &err), 0);
	assert_int_equal(store_flush(m->store), 0);
	assert_int_equal(err, 0);
}

/* The book as the script reads it. Only what ended within the days. */
static void write_book(const struct month *m, const char *path, int64_t end_s)
{
	const struct book *book = sim_book(m->sim);
	int64_t zero_ms = sim_wall(m->sim, (struct mono){0}).ms;
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs("gun,session_no,start_ms,end_ms,start_wh,end_wh\n", f);
	for (int64_t n = book_first(book); n < book_end(book); n++) {
		const struct book_record *r = book_at(book, n);

		if (r->end_s != BOOK_NEVER && r->end_s <= end_s && r->seen_ms != BOOK_NEVER) {
			fprintf(f, "%s,%d,%lld,%lld,%lld,%lld\n", r->gun, r->session_no,
				(long long)r->seen_ms, (long long)(zero_ms + r->end_s * 1000),
				(long long)r->start_wh, (long long)r->end_wh);
		}
	}
	fclose(f);
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

/* The sealed bill of a session, as "energy,elec,service". */
static void bill_of(sqlite3_stmt *stmt, const char *gun, int64_t number, char *dst, size_t size)
{
	sqlite3_reset(stmt);
	sql_bind_text(stmt, ":gun", gun);
	sql_bind_int(stmt, ":no", number);
	if (sql_step(stmt) == 1) {
		snprintf(dst, size, "%lld,%lld,%lld", (long long)sql_int(stmt, 0),
			(long long)sql_int(stmt, 1), (long long)sql_int(stmt, 2));
	} else {
		snprintf(dst, size, "no bill");
	}
}

static void compare(struct month *m, int64_t end_s)
{
	char book[80], marks[80], bills[80], site[80], line[256];
	sqlite3_stmt *stmt = NULL;
	size_t count = 0, wrong = 0;
	sqlite3 *db = NULL;
	int64_t fen = 0;
	FILE *f;

	snprintf(book, sizeof book, "%s/book.csv", m->folder);
	snprintf(marks, sizeof marks, "%s/marks.csv", m->folder);
	snprintf(bills, sizeof bills, "%s/bills.csv", m->folder);
	snprintf(site, sizeof site, "%s/" STORE_SITE_FILE, m->folder);
	write_book(m, book, end_s);
	f = fopen(marks, "w");
	assert_non_null(f);
	book_print_marks(sim_book(m->sim), 0, f);
	fclose(f);
	run_script(marks, book, bills);
	assert_int_equal(sqlite3_open_v2(site, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(sql_prepare(db,
				 "SELECT b.energy_wh, b.elec_fen, b.service_fen FROM bill AS b"
				 " JOIN session AS s ON s.id = b.session"
				 " WHERE s.gun = :gun AND s.device_no = :no",
				 &stmt),
		0);
	f = fopen(bills, "r");
	assert_non_null(f);
	while (fgets(line, sizeof line, f) != NULL) {
		char *field[8], *at = line, have[80], want[80];
		int64_t number, part[2];

		for (int k = 0; k < 8; k++) {
			field[k] = at;
			at = strpbrk(at, ",\n");
			assert_non_null(at);
			*at++ = '\0';
		}
		assert_int_equal(text_int(field[1], 0, 65535, &number), 0);
		snprintf(want, sizeof want, "%s,%s,%s", field[3], field[4], field[5]);
		bill_of(stmt, field[0], number, have, sizeof have);
		count++;
		if (strcmp(have, want) != 0) {
			wrong++;
			print_message("# %s session %s: the book makes %s, the agent %s\n",
				field[0], field[1], want, have);
		}
		for (int k = 0; k < 2; k++) {
			assert_int_equal(text_int(field[4 + k], 0, 10000000, &part[k]), 0);
			fen += part[k];
		}
	}
	fclose(f);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	print_message("# %zu bills, %lld fen, %zu wrong\n", count, (long long)fen, wrong);
	assert_true(count > 0);
	assert_int_equal(wrong, 0);
}

/* Under the tariff that it was billed for, the month simulated costs what its bills say. */
static void compare_simulated(struct month *m)
{
	struct store_reader *reader = NULL;
	struct simulated s;
	int64_t wh = 0;

	assert_int_equal(store_reader_open(m->folder, &reader), 0);
	assert_int_equal(
		store_simulate(reader, &m->tariff, (struct wall){0}, (struct wall){INT64_MAX}, &s),
		0);
	store_reader_close(reader);
	for (int i = 0; i < PERIOD_COUNT_; i++) {
		assert_int_equal(s.period[i].wh, s.period[i].billed_wh);
		assert_int_equal(s.period[i].elec_fen, s.period[i].billed_elec_fen);
		assert_int_equal(s.period[i].service_fen, s.period[i].billed_service_fen);
		wh += s.period[i].wh;
	}
	assert_true(s.sessions > 0 && wh > 0);
	assert_int_equal(s.unbilled, 0);
	assert_int_equal(s.skipped, 0);
}

static void bills_equal_the_book(void **state)
{
	const char *data = getenv("PILED_DATA"), *want = getenv("PILED_DAYS");
	char path[512], why[256];
	struct month *m = calloc(1, sizeof *m);
	struct event event = {.kind = EV_TARIFF};
	struct session_rows rows;
	struct sim_site garage;
	struct sim_cfg cfg = {.seed = 20190301};
	struct vsite_cfg vcfg = {.on_action = on_action, .arg = m};
	struct store_cfg store = {.why = why, .why_size = sizeof why};
	int64_t days = 3, local_s;

	(void)state;
	assert_non_null(m);
	assert_true(want == NULL || text_int(want, 1, 31, &days) == 0);
	snprintf(path, sizeof path, "%s/caltech-2019-03.csv",
		data != NULL ? data : "../shared/data");
	if (access(path, R_OK) != 0) {
		print_message("# %s is not there\n", path);
		free(m);
		skip();
		return;
	}
	assert_int_equal(sessions_read(path, 1, &rows, why, sizeof why), 0);
	for (size_t i = 0; i < rows.count; i++) {
		rows.rows[i].plug_s += SHIFT_S;
		rows.rows[i].unplug_s += SHIFT_S;
	}
	assert_int_equal(sim_site_garage(&garage, &rows, SIM_TCP, GUNS_PER_BUS, false), 0);
	assert_int_equal(sessions_time("2026-03-01", &local_s), 0);
	cfg.site = &garage;
	cfg.rows = &rows;
	cfg.utc_offset_s = 8 * 3600;
	cfg.start.ms = (local_s - cfg.utc_offset_s) * MS_PER_S;
	assert_int_equal(sim_new(&cfg, &m->sim), 0);
	assert_int_equal(tempdir_make(m->folder, sizeof m->folder), 0);
	store.folder = m->folder;
	assert_int_equal(store_open(&store, &m->store), 0);
	take_tariff(m);
	vcfg.sim = m->sim;
	vcfg.config = garage_config(
		&garage, "Asia/Shanghai", "billing: {tariff: shandong, unpaid: unknown}\n");
	assert_int_equal(vsite_new(&vcfg, &m->site), 0);
	event.tariff = &m->tariff;
	vsite_apply(m->site, &event);
	/* An hour more: a session that ended is closed by later evidence. */
	vsite_run(m->site, (struct mono){days * DAY_US + SETTLE_US});
	store_close(m->store);
	compare(m, days * 86400);
	compare_simulated(m);
	vsite_free(m->site);
	sim_free(m->sim);
	config_free((struct config *)vcfg.config);
	sim_site_clear(&garage);
	sessions_clear(&rows);
	tempdir_remove(m->folder);
	free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bills_equal_the_book),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
