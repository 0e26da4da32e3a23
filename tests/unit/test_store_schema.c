/* Migrations: db/schema.sql shows what they make, a copy is kept, a failing step changes nothing.
 * With --write it writes db/schema.sql. */
#include "store_fixture.h"

#include "migrate.h"

#define SCHEMA "db/schema.sql"

static void add_schema(FILE *out, sqlite3 *db, const char *name)
{
	sqlite3_stmt *stmt = NULL;

	fprintf(out, "\n-- %s.db, schema %d\n", name, migrate_newest(name));
	assert_int_equal(sql_prepare(db,
				 "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND"
				 " name NOT LIKE 'sqlite_%' ORDER BY tbl_name, type = 'trigger',"
				 " type = 'index', name",
				 &stmt),
		0);
	while (sql_step(stmt) == 1) {
		fprintf(out, "\n%s;\n", sql_text(stmt, 0));
	}
	sqlite3_finalize(stmt);
}

/* What the migrations make of empty files. The caller frees it. */
static char *present_schema(void)
{
	static const char *const files[] = {"site", "history"};
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	fprintf(out, "-- The present schema, made of db/migrations: do not edit; to renew it run\n"
		     "-- build/tests/unit/test_store_schema --write\n");
	for (size_t i = 0; i < 2; i++) {
		sqlite3 *db = NULL;

		assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
		assert_int_equal(migrate_run(db, files[i], ""), 0);
		add_schema(out, db, files[i]);
		sqlite3_close(db);
	}
	fclose(out);
	return text;
}

static int write_schema(void)
{
	char *text = present_schema();
	FILE *file = fopen(SCHEMA, "w");
	bool done = file != NULL && fputs(text, file) >= 0;

	if (file != NULL) {
		done = fclose(file) == 0 && done;
	}
	free(text);
	return done ? 0 : 1;
}

static void schema_sql_is_what_the_migrations_make(void **state)
{
	char *text = present_schema(), *shown;
	size_t size = strlen(text);
	FILE *file = fopen(SCHEMA, "r");

	(void)state;
	assert_non_null(file);
	shown = calloc(1, size + 2);
	assert_non_null(shown);
	assert_int_equal(fread(shown, 1, size + 1, file), size);
	fclose(file);
	assert_string_equal(shown, text);
	free(shown);
	free(text);
}

static const struct migration steps[] = {
	{"site", 1, "CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (7);"},
	{"other", 9, "CREATE TABLE never (x INTEGER);"},
	{"site", 2, "ALTER TABLE a ADD COLUMN y TEXT; UPDATE a SET y = 'seven';"},
	{"site", 3, "CREATE TABLE b (x INTEGER); SELECT nonsense FROM nowhere;"},
};

static int64_t ask(sqlite3 *db, const char *query)
{
	int64_t value = VALUE_NONE;

	return sql_one_int(db, query, &value) == 0 ? value : VALUE_NONE;
}

static void a_copy_is_kept_of_what_was_before(void **state)
{
	struct fixture *f = *state;
	char path[FIXTURE_PATH];
	sqlite3 *db = NULL;

	snprintf(path, sizeof path, "%s", fixture_path(f, "x.db"));
	assert_int_equal(sql_open(path, SQL_FULL, &db), 0);
	assert_int_equal(migrate_steps(db, path, steps, 1, "site"), 0);
	assert_int_equal(access(fixture_path(f, "x.db.schema0"), F_OK), -1);
	assert_int_equal(migrate_steps(db, path, steps, 3, "site"), 0);
	assert_int_equal(ask(db, "PRAGMA user_version"), 2);
	assert_int_equal(ask(db, "SELECT x FROM a WHERE y = 'seven'"), 7);
	assert_int_equal(ask(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'never'"), 0);
	sql_close(db);
	assert_int_equal(sql_open(fixture_path(f, "x.db.schema1"), SQL_READ, &db), 0);
	assert_int_equal(ask(db, "PRAGMA user_version"), 1);
	assert_int_equal(ask(db, "SELECT x FROM a"), 7);
	sql_close(db);
}

static void a_step_that_fails_changes_nothing(void **state)
{
	struct fixture *f = *state;
	char path[FIXTURE_PATH];
	sqlite3 *db = NULL;

	snprintf(path, sizeof path, "%s", fixture_path(f, "x.db"));
	assert_int_equal(sql_open(path, SQL_FULL, &db), 0);
	assert_int_not_equal(migrate_steps(db, path, steps, 4, "site"), 0);
	assert_int_equal(ask(db, "PRAGMA user_version"), 2);
	assert_int_equal(ask(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'b'"), 0);
	sql_close(db);
}

static void a_corrupt_page_stops_a_migration(void **state)
{
	struct fixture *f = *state;
	char path[FIXTURE_PATH];
	sqlite3 *db = NULL;
	FILE *file;

	snprintf(path, sizeof path, "%s", fixture_path(f, "x.db"));
	assert_int_equal(sql_open(path, SQL_FULL, &db), 0);
	assert_int_equal(migrate_steps(db, path, steps, 1, "site"), 0);
	sql_close(db);
	file = fopen(path, "r+b");
	assert_non_null(file);
	fseek(file, 4096, SEEK_SET); /* the table's only page */
	for (int i = 0; i < 64; i++) {
		fputc(0xa5, file);
	}
	fclose(file);
	assert_int_equal(sql_open(path, SQL_FULL, &db), 0);
	assert_int_equal(migrate_steps(db, path, steps, 3, "site"), ERR_CORRUPT);
	assert_int_equal(ask(db, "PRAGMA user_version"), 1);
	sql_close(db);
}

static void a_field_that_a_view_gained_becomes_a_column(void **state)
{
	struct fixture *f = *state;
	struct store *store = NULL;
	struct view_session s = a_session("s1", "A1.1", 1000);
	struct store_reader *reader = NULL;
	struct rows rows = {0};
	sqlite3 *db = NULL;

	assert_int_equal(store_open(&f->cfg, &store), 0);
	store_close(store);
	assert_int_equal(sql_open(fixture_path(f, STORE_SITE_FILE), SQL_FULL, &db), 0);
	assert_int_equal(sql_exec(db, "ALTER TABLE session DROP COLUMN boot_us;"
				      "INSERT INTO session (id, start) VALUES ('s0', 1)"),
		0);
	sql_close(db);
	assert_int_equal(store_open(&f->cfg, &store), 0);
	s.boot_us = 77;
	assert_int_equal(store_put(store, VIEW_session, &s), 0);
	store_close(store);
	assert_int_equal(store_reader_open(f->folder, &reader), 0);
	assert_int_equal(store_list(reader, VIEW_session, &(struct store_filter){.limit = 9},
				 take_session, &rows),
		0);
	assert_int_equal(rows.count, 2);
	assert_int_equal(rows.session[0].boot_us, 77);
	assert_true(rows.session[1].boot_us == VALUE_NONE);
	store_reader_close(reader);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_remove)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(schema_sql_is_what_the_migrations_make),
		TEST(a_copy_is_kept_of_what_was_before),
		TEST(a_step_that_fails_changes_nothing),
		TEST(a_corrupt_page_stops_a_migration),
		TEST(a_field_that_a_view_gained_becomes_a_column),
	};

	if (argc == 2 && strcmp(argv[1], "--write") == 0) {
		return write_schema();
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
