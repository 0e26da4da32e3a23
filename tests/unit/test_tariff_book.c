/* Tariffs in the store: which versions there are, which are in force, which may come. */
#include "store_fixture.h"

#include "migrate.h"
#include "random.h"
#include "tariff_book.h"
#include "tariff_file.h"
#include "tariff_pack.h"

#define DAY_MS (S_PER_DAY * MS_PER_S)
/* 2026-01-01 00:00 UTC */
#define YEAR_MS INT64_C(1767225600000)

static sqlite3 *db;

static int open_db(void **state)
{
	(void)state;
	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	return migrate_run(db, "site", "");
}

static int close_db(void **state)
{
	(void)state;
	sqlite3_close(db);
	return 0;
}

/* A tariff whose flat price tells it apart, from a day of the year on. */
static struct tariff parse(const char *id, int day, int price_e5, char text[400])
{
	const struct zone_rules utc = {0};
	struct yaml_errors errors = {0};
	int32_t year, month, mday;
	struct tariff t;

	cal_date(YEAR_MS / DAY_MS + day, &year, &month, &mday);
	snprintf(text, 400,
		"tariff: %s\nfrom: %04d-%02d-%02d\nprices: {electricity: 0.%05d, service: 0.1}\n"
		"days: [{periods: {flat: rest}}]\n",
		id, (int)year, (int)month, (int)mday, price_e5);
	assert_int_equal(tariff_parse("t", text, strlen(text), &utc, &errors, &t), 0);
	return t;
}

static void insert(const struct tariff *t, const char *text)
{
	unsigned char bytes[TARIFF_PACKED_MAX];
	struct pack p = pack_writer(bytes, sizeof bytes);
	struct tariff copy = *t;
	sqlite3_stmt *stmt = NULL;

	tariff_pack(&p, &copy);
	assert_false(p.bad);
	assert_int_equal(sql_prepare(db,
				 "INSERT INTO tariff (id, version, \"from\", text, compiled, hash,"
				 " at) VALUES (:id, :version, :from, :text, :compiled, x'00', 5)",
				 &stmt),
		0);
	sql_bind_text(stmt, ":id", t->id);
	sql_bind_int(stmt, ":version", t->version);
	sql_bind_int(stmt, ":from", t->from_ms);
	sql_bind_text(stmt, ":text", text);
	sql_bind_blob(stmt, ":compiled", bytes, p.len);
	assert_int_equal(sql_run(stmt), 0);
	sqlite3_finalize(stmt);
}

/* Asks on a day of the year; takes it in where that is granted. The version, or an error. */
static int take(const char *id, int from_day, int price, int now_day, bool replace)
{
	const char *message = NULL;
	bool again = false;
	char text[400];
	struct tariff t = parse(id, from_day, price, text);
	struct tariff_asked asked = {text, {YEAR_MS + now_day * DAY_MS}, replace};
	int rc = tariff_admit(db, &asked, &t, &again, &message);

	if (rc == 0 && !again) {
		insert(&t, text);
	}
	assert_true((rc == 0) == (message == NULL));
	return rc != 0 ? rc : (int)t.version;
}

static void only_the_future_changes(void **state)
{
	struct tariff_book *book;
	const struct tariff *const *v;
	size_t count;

	(void)state;
	assert_int_equal(take("a", 0, 70000, 100, false), 1); /* the first: any date */
	assert_int_equal(take("a", 0, 70000, 100, false), 1); /* again */
	assert_int_equal(take("a", 99, 80000, 100, false), ERR_RANGE);
	assert_int_equal(take("a", 100, 80000, 100, false), ERR_RANGE); /* it has begun */
	assert_int_equal(take("a", 101, 80000, 100, false), 2);
	assert_int_equal(take("a", 120, 90000, 100, false), 3);
	assert_int_equal(take("a", 110, 60000, 100, false), ERR_RANGE); /* 3 is planned */
	assert_int_equal(take("a", 110, 60000, 100, true), 4);          /* takes its place */
	assert_int_equal(take("a", 120, 90000, 100, false), 5); /* not the one that was replaced */
	assert_int_equal(take("a", 50, 60000, 100, true), ERR_RANGE); /* not even so */
	assert_int_equal(take("b", 50, 60000, 100, false), 1);
	assert_int_equal(tariff_book_load(db, &book), 0);
	v = tariff_book_of(book, "a", &count);
	assert_int_equal(count, 4);
	assert_int_equal(v[0]->version, 1);
	assert_int_equal(v[1]->version, 2);
	assert_int_equal(v[2]->version, 4);
	assert_int_equal(v[3]->version, 5);
	for (size_t i = 1; i < count; i++) {
		assert_true(v[i]->from_ms > v[i - 1]->from_ms);
	}
	tariff_book_of(book, "b", &count);
	assert_int_equal(count, 1);
	tariff_book_of(book, "c", &count);
	assert_int_equal(count, 0);
	tariff_book_all(book, &count);
	assert_int_equal(count, 5);
	tariff_book_free(book);
}

struct versions {
	int count, replaced;
};

static int count_version(void *arg, const struct tariff_entry *e)
{
	struct versions *rows = arg;

	rows->count++;
	rows->replaced += e->replaced;
	assert_non_null(strstr(e->text, "tariff: a\n"));
	assert_int_equal(e->taken.ms, 5);
	return 0;
}

static void rows_are_listed_and_never_changed(void **state)
{
	struct versions rows = {0};
	struct tariff_book *book;

	(void)state;
	take("a", 0, 70000, 0, false);
	take("a", 20, 80000, 0, false);
	take("a", 10, 90000, 0, true);
	take("b", 10, 90000, 0, true);
	assert_int_equal(tariff_each(db, "a", count_version, &rows), 0);
	assert_int_equal(rows.count, 3);
	assert_int_equal(rows.replaced, 1);
	assert_true(sql_exec(db, "UPDATE tariff SET version = 9") < 0);
	assert_true(sql_exec(db, "DELETE FROM tariff") < 0);
	sql_exec(db, "DROP TRIGGER tariff_no_update");
	assert_int_equal(sql_exec(db, "UPDATE tariff SET compiled = x'0101' WHERE id = 'b'"), 0);
	assert_int_equal(tariff_book_load(db, &book), ERR_CORRUPT);
	assert_int_equal(sql_exec(db, "UPDATE tariff SET compiled = (SELECT compiled FROM tariff"
				      " WHERE id = 'a' AND version = 1) WHERE id = 'b'"),
		0);
	assert_int_equal(tariff_book_load(db, &book), ERR_CORRUPT);
}

/* Packed and unpacked it is the same, byte for byte; any other bytes are refused or a tariff. */
static void packing(void **state)
{
	static const char text[] =
		"tariff: full\nfrom: 2026-01-01\n"
		"prices:\n  - {months: 1-6, electricity: {flat: 0.7, peak: 1}, service: 0.4}\n"
		"  - {months: 7-12, electricity: {flat: 0.8, peak: 2}, service: 0.4}\n"
		"days: [{kinds: workday, periods: {peak: 08:00-12:00, flat: rest}},\n"
		"  {kinds: [weekend, holiday], periods: {flat: rest}}]\n"
		"holidays: [2026-05-01 to 2026-05-05]\nworkdays: [2026-05-09]\n"
		"parking: {free: 15 min, cap: 30, windows: [{time: 22:00-07:00, per_minute: "
		"0.1}]}\n"
		"reservation: {no_show: 2}\nclasses: {staff: {service: 0 %, parking: 0 %}}\n";
	const struct zone_rules zone = {2, {{0, 28800}, {YEAR_MS, 32400}}};
	unsigned char bytes[TARIFF_PACKED_MAX], broken[TARIFF_PACKED_MAX];
	struct pack w = pack_writer(bytes, sizeof bytes), r;
	struct yaml_errors errors = {0};
	uint64_t seed = random_seed();
	struct tariff t, back;

	(void)state;
	assert_int_equal(tariff_parse("t", text, strlen(text), &zone, &errors, &t), 0);
	tariff_pack(&w, &t);
	assert_false(w.bad);
	r = pack_reader(bytes, w.len);
	tariff_pack(&r, &back);
	assert_false(r.bad);
	assert_memory_equal(&t, &back, sizeof t);
	for (size_t n = 0; n < w.len; n++) {
		r = pack_reader(bytes, n);
		tariff_pack(&r, &back);
		assert_true(r.bad);
	}
	for (int i = 0; i < 20000; i++) {
		memcpy(broken, bytes, w.len);
		for (int64_t k = random_below(&seed, 4); k >= 0; k--) {
			broken[random_below(&seed, (int64_t)w.len)] =
				(unsigned char)random_below(&seed, 256);
		}
		r = pack_reader(broken, w.len);
		tariff_pack(&r, &back);
		assert_true(r.bad || tariff_valid(&back) == 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(only_the_future_changes, open_db, close_db),
		cmocka_unit_test_setup_teardown(
			rows_are_listed_and_never_changed, open_db, close_db),
		cmocka_unit_test(packing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
