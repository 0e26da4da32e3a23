/* The store: records in and out, locks, versions, corruption. */
#include "store_fixture.h"

#include "decision.h"
#include "migrate.h"

#include <sqlite3.h>

static struct store *open_store(struct fixture *f)
{
	struct store *store = NULL;

	assert_int_equal(store_open(&f->cfg, &store), 0);
	return store;
}

static struct store_reader *open_reader(struct fixture *f)
{
	struct store_reader *reader = NULL;

	assert_int_equal(store_reader_open(f->folder, &reader), 0);
	return reader;
}

static void a_record_is_inserted_then_updated(void **state)
{
	struct fixture *f = *state;
	struct store *store = open_store(f);
	struct store_reader *reader = open_reader(f);
	struct view_session s = a_session("s1", "A1.2", 1000);
	struct store_filter all = {.limit = 10};
	struct rows rows = {0};

	assert_int_equal(store_put(store, VIEW_session, &s), 0);
	s.end = 5000;
	s.energy_wh = 7300;
	VIEW_SET(&s, flags, "gap 充电");
	assert_int_equal(store_put(store, VIEW_session, &s), 0);
	assert_int_equal(store_flush(store), 0);
	assert_int_equal(store_list(reader, VIEW_session, &all, take_session, &rows), 0);
	assert_int_equal(rows.count, 1);
	assert_false(view_differs(VIEW_session, &s, &rows.session[0]));
	store_reader_close(reader);
	store_close(store);
}

static void every_kind_comes_back_as_it_was(void **state)
{
	static const enum view_kind kinds[] = {VIEW_session, VIEW_visit, VIEW_fault, VIEW_command,
		VIEW_tag, VIEW_slimit, VIEW_decision};
	struct fixture *f = *state;
	struct store *store = open_store(f);
	struct store_reader *reader;

	for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
		const struct view_info *info = view_info(kinds[k]);
		struct store_filter all = {.limit = 10};
		size_t count = 0;
		char view[2048];

		assert_true(info->size <= sizeof view);
		view_clear(kinds[k], view);
		for (size_t i = 0; i < info->count; i++) {
			const struct field *field = &info->fields[i];
			int64_t value = (int64_t)i - 3;

			if (field->unit == UNIT_TEXT) {
				view_set_text(view + field->offset, field->size, field->key);
			} else {
				memcpy(view + field->offset, &value, sizeof value);
			}
		}
		assert_int_equal(store_put(store, kinds[k], view), 0);
		assert_int_equal(store_flush(store), 0);
		reader = open_reader(f);
		assert_int_equal(store_list(reader, kinds[k], &all, count_row, &count), 0);
		assert_int_equal(count, 1);
		store_reader_close(reader);
	}
	store_close(store);
}

struct decisions {
	size_t count;
	int64_t first_at, last_at; /* newest, oldest */
};

static int take_decision(void *arg, const void *view)
{
	struct decisions *d = arg;
	const struct view_decision *row = view;

	d->first_at = d->count == 0 ? row->at : d->first_at;
	d->last_at = row->at;
	d->count++;
	return 0;
}

static void put_decisions(struct store *store, int64_t from, int64_t to, int64_t each_ms)
{
	for (int64_t i = from; i < to; i++) {
		struct view_decision d;

		view_clear(VIEW_decision, &d);
		snprintf(d.id, sizeof d.id, "A1.1-%lld", (long long)i);
		VIEW_SET(&d, gun, "A1.1");
		d.at = i * each_ms;
		assert_int_equal(store_put(store, VIEW_decision, &d), 0);
	}
	assert_int_equal(store_flush(store), 0);
}

/* Housekeeping goes in steps: what is asked for here are its bounds, not its moment. */
static void old_decisions_go(void **state)
{
	struct fixture *f = *state;
	struct store_filter all = {.limit = SIZE_MAX}, moment = {.limit = 1, .to = {3000}};
	struct decisions d = {0};
	struct store_reader *reader;
	struct store *store;
	sqlite3 *db = NULL;

	f->cfg.retention_days = 1;
	store = open_store(f);
	put_decisions(store, 1, 101, 1000);
	reader = open_reader(f);
	assert_int_equal(store_list(reader, VIEW_decision, &moment, take_decision, &d), 0);
	assert_int_equal(d.count, 1);
	assert_int_equal(d.first_at, 2000); /* the one in force just before 3000 */
	/* two days later those go, a step behind so many new ones */
	put_decisions(store, 200000, 200000 + 2 * DECISION_TIDY_EACH, 1000);
	d = (struct decisions){0};
	assert_int_equal(store_list(reader, VIEW_decision, &all, take_decision, &d), 0);
	assert_int_equal(d.count, 2 * DECISION_TIDY_EACH);
	assert_int_equal(d.last_at, 200000000);
	store_reader_close(reader);
	store_close(store);
	/* and never more than so many, however young */
	assert_int_equal(sql_open(fixture_path(f, STORE_SITE_FILE), SQL_FULL, &db), 0);
	assert_int_equal(decision_tidy(db, (struct wall){200000000}, 400, 100), 0);
	sql_close(db);
	reader = open_reader(f);
	d = (struct decisions){0};
	assert_int_equal(store_list(reader, VIEW_decision, &all, take_decision, &d), 0);
	assert_int_equal(d.count, 100);
	store_reader_close(reader);
}

static void filters_select(void **state)
{
	static const char *const guns[] = {"A1.1", "A1.2", "A11.1", "A2.1"};
	struct fixture *f = *state;
	struct store *store = open_store(f);
	struct store_reader *reader;
	struct rows rows = {0};

	for (int i = 0; i < 40; i++) {
		char id[8];
		struct view_session s;

		snprintf(id, sizeof id, "s%02d", i);
		s = a_session(id, guns[i % 4], 1000 * (i + 1));
		s.end = i < 38 ? 1000 * (i + 2) : VALUE_NONE;
		assert_int_equal(store_put(store, VIEW_session, &s), 0);
	}
	assert_int_equal(store_flush(store), 0);
	reader = open_reader(f);
	assert_int_equal(store_list(reader, VIEW_session, &(struct store_filter){.target = "A1"},
				 take_session, &rows),
		0);
	assert_int_equal(rows.count, 20);
	assert_string_equal(rows.session[0].id, "s37"); /* newest first */
	rows.count = 0;
	store_list(reader, VIEW_session, &(struct store_filter){.target = "A11.1"}, take_session,
		&rows);
	assert_int_equal(rows.count, 10);
	rows.count = 0;
	store_list(
		reader, VIEW_session, &(struct store_filter){.active = true}, take_session, &rows);
	assert_int_equal(rows.count, 2);
	rows.count = 0;
	store_list(reader, VIEW_session, &(struct store_filter){.from = {3000}, .to = {6000}},
		take_session, &rows);
	assert_int_equal(rows.count, 3);
	rows.count = 0;
	store_list(reader, VIEW_session, &(struct store_filter){.id = "s07"}, take_session, &rows);
	assert_int_equal(rows.count, 1);
	rows.count = 0;
	store_list(reader, VIEW_session, &(struct store_filter){.limit = 7}, take_session, &rows);
	assert_int_equal(rows.count, 7);
	store_reader_close(reader);
	store_close(store);
}

static void a_second_agent_is_refused(void **state)
{
	struct fixture *f = *state;
	struct store *store = open_store(f), *second = NULL;

	assert_int_equal(store_open(&f->cfg, &second), ERR_LOCKED);
	assert_null(second);
	assert_non_null(strstr(f->why, "another agent"));
	store_close(store);
	store = open_store(f);
	store_close(store);
}

static void put_sql(struct fixture *f, const char *file, const char *text)
{
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(fixture_path(f, file), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static size_t read_whole(const char *path, char **out)
{
	FILE *file = fopen(path, "rb");
	long size;

	assert_non_null(file);
	fseek(file, 0, SEEK_END);
	size = ftell(file);
	rewind(file);
	*out = malloc((size_t)size);
	assert_int_equal(fread(*out, 1, (size_t)size, file), size);
	fclose(file);
	return (size_t)size;
}

static void a_newer_schema_is_left_untouched(void **state)
{
	static const char *const files[] = {STORE_SITE_FILE, STORE_HISTORY_FILE};
	static const char *const names[] = {"site", "history"};
	struct fixture *f = *state;

	for (size_t i = 0; i < 2; i++) {
		struct store *store = open_store(f);
		char *before, *after, back[64];
		size_t size;

		store_close(store);
		put_sql(f, files[i], "PRAGMA user_version=9999");
		size = read_whole(fixture_path(f, files[i]), &before);
		assert_int_equal(store_open(&f->cfg, &store), ERR_VERSION);
		assert_non_null(strstr(f->why, "newer"));
		assert_int_equal(read_whole(fixture_path(f, files[i]), &after), size);
		assert_memory_equal(before, after, size);
		free(before);
		free(after);
		snprintf(back, sizeof back, "PRAGMA user_version=%d", migrate_newest(names[i]));
		put_sql(f, files[i], back);
	}
}

static void a_file_that_is_none_is_corrupt(void **state)
{
	struct fixture *f = *state;
	struct store *store = NULL;
	FILE *file = fopen(fixture_path(f, STORE_SITE_FILE), "wb");

	assert_non_null(file);
	for (int i = 0; i < 9000; i++) {
		fputc('x', file);
	}
	fclose(file);
	assert_int_equal(store_open(&f->cfg, &store), ERR_CORRUPT);
	assert_non_null(strstr(f->why, STORE_SITE_FILE));
	assert_non_null(strstr(f->why, "corrupt"));
}

static void audit_rows_stay(void **state)
{
	struct fixture *f = *state;
	struct store *store = open_store(f);
	sqlite3 *db = NULL;

	assert_int_equal(store_audit(store, (struct wall){1000}, "li", "console", "operator",
				 "command.stop", "{\"target\":\"A1.2\"}", "ok"),
		0);
	assert_int_equal(
		store_audit(store, (struct wall){1001}, "", NULL, "", "status", "", ""), 0);
	assert_int_equal(store_flush(store), 0);
	store_close(store);
	assert_int_equal(sqlite3_open(fixture_path(f, STORE_SITE_FILE), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "SELECT id FROM audit", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "UPDATE audit SET person = 'x'", NULL, NULL, NULL),
		SQLITE_CONSTRAINT);
	assert_int_equal(
		sqlite3_exec(db, "DELETE FROM audit", NULL, NULL, NULL), SQLITE_CONSTRAINT);
	sqlite3_close(db);
}

static int count_kind(void *arg, enum view_kind kind, const void *view)
{
	(void)view;
	((int *)arg)[kind]++;
	return 0;
}

static void resume_gives_what_is_open(void **state)
{
	struct fixture *f = *state;
	struct store *store = open_store(f);
	struct store_reader *reader;
	struct view_session open_one = a_session("s1", "A1.1", 1000);
	struct view_session ended = a_session("s2", "A1.2", 1000);
	struct view_standing standing;
	struct view_tag tag;
	int counts[VIEW_COUNT_] = {0};

	ended.end = 2000;
	view_clear(VIEW_tag, &tag);
	VIEW_SET(&tag, target, "A1");
	VIEW_SET(&tag, by, "li");
	store_put(store, VIEW_session, &open_one);
	store_put(store, VIEW_session, &ended);
	store_put(store, VIEW_tag, &tag);
	view_clear(VIEW_standing, &standing);
	VIEW_SET(&standing, gun, "A1.1");
	standing.at = 2000;
	store_put(store, VIEW_standing, &standing);
	store_put(store, VIEW_standing, &standing);
	assert_int_equal(store_flush(store), 0);
	reader = open_reader(f);
	assert_int_equal(store_resume(reader, (struct wall){3000}, count_kind, counts), 0);
	assert_int_equal(counts[VIEW_standing], 1); /* one a gun */
	assert_int_equal(counts[VIEW_session], 1);
	assert_int_equal(counts[VIEW_tag], 1);
	VIEW_SET(&tag, by, "");
	store_put(store, VIEW_tag, &tag);
	assert_int_equal(store_flush(store), 0);
	counts[VIEW_tag] = 0;
	assert_int_equal(store_resume(reader, (struct wall){3000}, count_kind, counts), 0);
	assert_int_equal(counts[VIEW_tag], 0);
	store_reader_close(reader);
	store_close(store);
}

static void what_cannot_be_a_record_is_refused(void **state)
{
	struct fixture *f = *state;
	struct store *store = open_store(f);
	struct view_session s = a_session("", "A1.1", 1000);
	struct view_gun gun;

	assert_int_equal(store_put(store, VIEW_session, &s), ERR_INVAL);
	view_clear(VIEW_gun, &gun);
	VIEW_SET(&gun, id, "A1.1");
	assert_int_equal(store_put(store, VIEW_gun, &gun), ERR_INVAL);
	store_close(store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_record_is_inserted_then_updated),
		TEST(every_kind_comes_back_as_it_was),
		TEST(old_decisions_go),
		TEST(filters_select),
		TEST(a_second_agent_is_refused),
		TEST(a_newer_schema_is_left_untouched),
		TEST(a_file_that_is_none_is_corrupt),
		TEST(audit_rows_stay),
		TEST(resume_gives_what_is_open),
		TEST(what_cannot_be_a_record_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
