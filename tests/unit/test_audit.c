/* The audit log: whatever is changed, taken out or put in afterwards, the first row that is wrong
 * is named. */
#include <sys/stat.h>

#include "store_fixture.h"

#include "audit.h"
#include "reader.h"

static void write_rows(struct fixture *f, int from, int to)
{
	struct store *store = NULL;

	assert_int_equal(store_open(&f->cfg, &store), 0);
	for (int i = from; i <= to; i++) {
		char params[64];

		snprintf(params, sizeof params, "{\"target\":\"A%d.1\"}", i);
		assert_int_equal(
			store_audit(store, (struct wall){1000 + i}, i % 2 == 0 ? "li" : "wang",
				"socket", "operator", "do", params, "ok"),
			0);
	}
	store_close(store);
}

static struct view_verdict verify(struct fixture *f)
{
	struct view_verdict v;

	assert_int_equal(audit_verify(fixture_path(f, "site.db"), 0, NULL, &v), 0);
	return v;
}

/* What somebody does who may write to the file. */
static void tamper(struct fixture *f, const char *sql)
{
	char *message = NULL;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(fixture_path(f, "site.db"), &db), SQLITE_OK);
	assert_int_equal(
		sqlite3_exec(db, "DROP TRIGGER audit_no_delete; DROP TRIGGER audit_no_update", NULL,
			NULL, NULL),
		SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK) {
		fail_msg("%s: %s", sql, message);
	}
	sqlite3_close(db);
}

static void a_log_that_was_left_alone_is_good(void **state)
{
	struct fixture *f = *state;
	struct view_verdict v, w;

	write_rows(f, 1, 0);
	v = verify(f);
	assert_int_equal(v.rows, 0);
	assert_int_equal(v.wrong, 0);
	write_rows(f, 1, 5);
	v = verify(f);
	assert_int_equal(v.rows, 5);
	assert_int_equal(v.wrong, 0);
	assert_int_equal(v.unchained, 0);
	assert_int_equal(v.head, 5);
	write_rows(f, 6, 9); /* the chain goes on after a restart */
	w = verify(f);
	assert_int_equal(w.rows, 9);
	assert_int_equal(w.wrong, 0);
	assert_string_not_equal(w.hash, v.hash);
	assert_int_equal(audit_verify(fixture_path(f, "site.db"), v.head, v.hash, &w), 0);
	assert_int_equal(w.wrong, 0);
}

static void the_first_wrong_row_is_named(void **state)
{
	static const struct {
		const char *sql;
		int wrong;
	} cases[] = {
		{"UPDATE audit SET person = 'li' WHERE id = 3", 3},
		{"UPDATE audit SET params = NULL WHERE id = 1", 1},
		{"UPDATE audit SET at = at + 1 WHERE id = 5", 5},
		{"UPDATE audit SET result = 'denied' WHERE id = 9", 9},
		{"UPDATE audit SET hash = NULL WHERE id = 4", 4},
		{"UPDATE audit SET hash = NULL WHERE id < 4", 4},
		{"UPDATE audit SET hash = upper(hash) WHERE id = 2", 2},
		/* a letter moved from one field to the next */
		{"UPDATE audit SET person = 'wan', origin = 'gsocket' WHERE id = 7", 7},
		{"DELETE FROM audit WHERE id = 4", 5},
		{"DELETE FROM audit WHERE id > 6", 7},
		{"DELETE FROM audit WHERE id < 3", 3},
		{"DELETE FROM audit", 1},
		{"DELETE FROM audit WHERE id = 4; UPDATE audit SET id = id - 1 WHERE id > 4", 4},
		{"INSERT INTO audit (at, person, method) VALUES (2000, 'x', 'do')", 10},
		{"UPDATE audit SET id = 100 WHERE id = 3; UPDATE audit SET id = 3 WHERE id = 4;"
		 "UPDATE audit SET id = 4 WHERE id = 100",
			3},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct fixture *f = NULL;
		struct view_verdict v;

		(void)state;
		assert_int_equal(fixture_make((void **)&f), 0);
		write_rows(f, 1, 9);
		tamper(f, cases[i].sql);
		v = verify(f);
		if (v.wrong != cases[i].wrong || v.what[0] == '\0') {
			fail_msg("%s: row %lld \"%s\"", cases[i].sql, (long long)v.wrong, v.what);
		}

		fixture_remove((void **)&f);
	}
}

/* Who rewrites the whole log has a good chain, but not the head that was noted. */
static void a_log_written_anew_does_not_have_the_noted_head(void **state)
{
	struct fixture *f = *state;
	struct view_verdict noted, v;

	write_rows(f, 1, 5);
	noted = verify(f);
	tamper(f, "DELETE FROM audit; DELETE FROM sqlite_sequence WHERE name = 'audit'");
	write_rows(f, 11, 18);
	v = verify(f);
	assert_int_equal(v.wrong, 0);
	assert_int_equal(audit_verify(fixture_path(f, "site.db"), noted.head, noted.hash, &v), 0);
	assert_int_equal(v.wrong, noted.head);
	assert_int_equal(audit_verify(fixture_path(f, "site.db"), 99, noted.hash, &v), 0);
	assert_int_equal(v.wrong, 9);
}

static void rows_older_than_the_chain_are_counted_apart(void **state)
{
	struct fixture *f = *state;
	struct view_verdict v;

	write_rows(f, 1, 0);
	tamper(f, "INSERT INTO audit (at, method) VALUES (1, 'do'), (2, 'do'), (3, 'reload')");
	write_rows(f, 4, 6);
	v = verify(f);
	assert_int_equal(v.wrong, 0);
	assert_int_equal(v.unchained, 3);
	assert_int_equal(v.rows, 6);
}

static int take_row(void *arg, const void *view)
{
	struct view_audit *rows = arg;
	const struct view_audit *row = view;
	size_t i = 0;

	while (rows[i].id[0] != '\0') {
		i++;
	}
	rows[i] = *row;
	return 0;
}

static void rows_are_listed_newest_first_by_time_and_person(void **state)
{
	struct fixture *f = *state;
	struct audit_filter filter = {.limit = 3};
	struct view_audit rows[12];
	struct store_reader *reader = NULL;

	write_rows(f, 1, 9);
	assert_int_equal(store_reader_open(f->folder, &reader), 0);
	memset(rows, 0, sizeof rows);
	assert_int_equal(store_audit_list(reader, &filter, take_row, rows), 0);
	assert_string_equal(rows[0].id, "9");
	assert_string_equal(rows[0].params, "{\"target\":\"A9.1\"}");
	assert_string_equal(rows[2].id, "7");
	assert_string_equal(rows[3].id, "");
	filter = (struct audit_filter){.by = "li", .from = {1004}, .to = {1008}};
	memset(rows, 0, sizeof rows);
	assert_int_equal(store_audit_list(reader, &filter, take_row, rows), 0);
	assert_string_equal(rows[0].id, "6");
	assert_string_equal(rows[1].id, "4");
	assert_string_equal(rows[2].id, "");
	store_reader_close(reader);
}

/* While an agent writes, and by somebody who may only read. */
static void anybody_who_may_read_can_verify(void **state)
{
	struct fixture *f = *state;
	struct store *store = NULL;
	struct view_verdict v;
	int status;
	pid_t pid;

	write_rows(f, 1, 4);
	assert_int_equal(store_open(&f->cfg, &store), 0);
	assert_int_equal(
		store_audit(store, (struct wall){9000}, "li", "", "admin", "reload", "", "ok"), 0);
	assert_int_equal(store_flush(store), 0);
	assert_int_equal(verify(f).rows, 5);
	store_close(store);
	chmod(f->folder, 0755);
	chmod(fixture_path(f, "site.db"), 0644);
	if (getuid() != 0) {
		chmod(f->folder, 0555);
	}
	pid = fork();
	if (pid == 0) {
		bool other = getuid() != 0 || (setgid(65534) == 0 && setuid(65534) == 0);
		int rc = audit_verify(fixture_path(f, "site.db"), 0, NULL, &v);

		_exit(other && rc == 0 && v.rows == 5 && v.wrong == 0 ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	chmod(f->folder, 0755);
	assert_int_equal(status, 0);
	assert_int_equal(audit_verify(fixture_path(f, "none.db"), 0, NULL, &v), ERR_NOTFOUND);
	assert_int_not_equal(audit_verify(fixture_path(f, "history.db"), 0, NULL, &v), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_remove)
	const struct CMUnitTest tests[] = {
		TEST(a_log_that_was_left_alone_is_good),
		TEST(the_first_wrong_row_is_named),
		TEST(a_log_written_anew_does_not_have_the_noted_head),
		TEST(rows_older_than_the_chain_are_counted_apart),
		TEST(rows_are_listed_newest_first_by_time_and_person),
		TEST(anybody_who_may_read_can_verify),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
