/* What drivers say of their charges: the newest counts, nothing is taken away, the remark is for
 * cashiers, and low ones are found. */
#include "money_fixture.h"

#include "fate.h"
#include "money_read.h"
#include "reader.h"
#include "rpc/query_money.h"

static struct bank bank;
static struct bank *const b = &bank;
static struct money_result r;
static struct store_reader reader;

#define LI "C000001"

static void charge(
	const char *id, const char *order, const char *account, int64_t start, int64_t from_wh)
{
	struct view_order o = an_order(order, account, 0);
	struct view_session s = a_charge(id, order, start, HOUR_MS / 4, from_wh, 4000);

	VIEW_SET(&s, visit, account[0] != '\0' ? "v1" : "v2");
	bank_put(b, VIEW_order, &o);
	bank_put(b, VIEW_session, &s);
}

/* Bills 1 to 3 of charges, 4 of parking. */
static int make(void **state)
{
	struct view_visit v;

	(void)state;
	bank_open(b, ":memory:");
	reader = (struct store_reader){.site = b->db};
	bank_tariff(b);
	assert_int_equal(bank_do(b, OP(OPEN, .name = "Li"), &r), 0);
	charge("s1", "o1", LI, MORNING_MS + HOUR_MS / 2, 100000);
	charge("s2", "o2", LI, MORNING_MS + 3 * HOUR_MS, 104000);
	charge("s3", "o3", "", MORNING_MS + 4 * HOUR_MS, 108000);
	view_clear(VIEW_visit, &v);
	VIEW_SET(&v, id, "v1");
	VIEW_SET(&v, gun, "A1.1");
	v.plugged = MORNING_MS;
	v.unplugged = MORNING_MS + 6 * HOUR_MS;
	bank_put(b, VIEW_visit, &v);
	return 0;
}

static int release(void **state)
{
	(void)state;
	bank_close(b);
	return 0;
}

static int64_t number(const char *text)
{
	int64_t n = -1;

	assert_int_equal(sql_one_int(b->db, text, &n), 0);
	return n;
}

#define RATINGS "SELECT count(*) FROM rating"

static int take_bill(void *arg, const void *view)
{
	*(struct view_bill *)arg = *(const struct view_bill *)view;
	return 0;
}

static struct view_bill bill(int64_t id)
{
	const struct money_filter f = {.number = id, .limit = 1};
	struct view_bill out;

	view_clear(VIEW_bill, &out);
	assert_int_equal(money_bills(&reader, &f, take_bill, &out), 0);
	assert_int_equal(out.id, id);
	return out;
}

static void the_newest_counts(void **state)
{
	struct view_bill v = bill(1);

	(void)state;
	assert_int_equal(number("SELECT count(*) FROM bill"), 4);
	assert_int_equal(v.stars, VALUE_NONE);
	assert_string_equal(v.remark, "");
	assert_int_equal(bank_do(b, OP(RATE, .bill = 1, .stars = 1, .text = "慢"), &r), 0);
	assert_int_equal(r.bill, 1);
	v = bill(1);
	assert_int_equal(v.stars, 1);
	assert_string_equal(v.remark, "慢");
	assert_string_equal(v.rated_by, "anna");
	assert_int_equal(v.rated, b->now_ms - 1);
	assert_int_equal(bank_do(b, OP(RATE, .ref = "s1", .stars = 4), &r), 0);
	assert_int_equal(r.bill, 1);
	v = bill(1);
	assert_int_equal(v.stars, 4);
	assert_string_equal(v.remark, "");
	assert_int_equal(number(RATINGS), 2);
	assert_int_equal(bill(2).stars, VALUE_NONE);
	/* A charge that nobody is known to have paid for has a driver too. */
	assert_int_equal(bank_do(b, OP(RATE, .bill = 3, .stars = 5), &r), 0);
	assert_int_equal(bill(3).stars, 5);
}

static void what_makes_no_sense_is_refused(void **state)
{
	(void)state;
	for (int64_t stars = -1; stars < 10; stars++) {
		int rc = bank_do(b, OP(RATE, .bill = 2, .stars = stars), &r);

		assert_int_equal(rc, stars >= 1 && stars <= 5 ? 0 : ERR_RANGE);
		assert_true(rc == 0 || r.message != NULL);
	}
	assert_int_equal(bank_do(b, OP(RATE, .bill = 2, .stars = INT64_MAX), &r), ERR_RANGE);
	assert_int_equal(number(RATINGS), 5);
	assert_int_equal(bank_do(b, OP(RATE, .bill = 9, .stars = 3), &r), ERR_NOTFOUND);
	assert_string_equal(r.message, "no such bill");
	assert_int_equal(bank_do(b, OP(RATE, .bill = -1, .stars = 3), &r), ERR_NOTFOUND);
	assert_int_equal(bank_do(b, OP(RATE, .ref = "s9", .stars = 3), &r), ERR_NOTFOUND);
	assert_string_equal(r.message, "the session has no bill");
	assert_int_equal(bank_do(b, OP(RATE, .stars = 3), &r), ERR_NOTFOUND);
	assert_int_equal(bank_do(b, OP(RATE, .bill = 4, .stars = 3), &r), ERR_STATE);
	assert_non_null(strstr(r.message, "parking"));
	assert_int_equal(number(RATINGS), 5);
}

static void an_id_is_used_once(void **state)
{
	char error[24] = "x";

	(void)state;
	assert_int_equal(store_fate(&reader, FATE_RATING, "k", error), ERR_NOTFOUND);
	assert_int_equal(
		bank_do(b, OP(RATE, .bill = 1, .stars = 2, .text = "x", .key = "k"), &r), 0);
	assert_false(r.again);
	assert_int_equal(store_fate(&reader, FATE_RATING, "k", error), 0);
	assert_string_equal(error, "");
	assert_int_equal(
		bank_do(b, OP(RATE, .ref = "s1", .stars = 2, .text = "x", .key = "k"), &r), 0);
	assert_true(r.again);
	assert_int_equal(r.bill, 1);
	assert_int_equal(bank_do(b, OP(RATE, .bill = 1, .stars = 3, .text = "x", .key = "k"), &r),
		ERR_EXISTS);
	assert_int_equal(bank_do(b, OP(RATE, .bill = 1, .stars = 2, .key = "k"), &r), ERR_EXISTS);
	assert_int_equal(bank_do(b, OP(RATE, .bill = 2, .stars = 2, .text = "x", .key = "k"), &r),
		ERR_EXISTS);
	assert_int_equal(number(RATINGS), 1);
	/* The same again without an id is said again. */
	assert_int_equal(bank_do(b, OP(RATE, .bill = 1, .stars = 2), &r), 0);
	assert_int_equal(bank_do(b, OP(RATE, .bill = 1, .stars = 2), &r), 0);
	assert_int_equal(number(RATINGS), 3);
}

static void none_is_changed_or_taken_away(void **state)
{
	static const char *const tampering[] = {"DELETE FROM rating", "UPDATE rating SET stars = 5",
		"INSERT INTO rating (at, bill, stars) VALUES (1, 1, 6)",
		"INSERT INTO rating (at, bill, stars) VALUES (1, 1, 0)",
		"INSERT INTO rating (at, bill, stars) VALUES (1, 99, 5)"};

	(void)state;
	assert_int_equal(bank_do(b, OP(RATE, .bill = 1, .stars = 2), &r), 0);
	for (size_t i = 0; i < sizeof tampering / sizeof tampering[0]; i++) {
		if (sql_exec(b->db, tampering[i]) == 0) {
			fail_msg("not refused: %s", tampering[i]);
		}
	}
	assert_int_equal(number(RATINGS " WHERE stars = 2"), 1);
	assert_int_equal(number("SELECT count(*) FROM ledger_log WHERE subject = 'rating'"
				" AND target = '1' AND by = 'anna'"),
		1);
}

/* The answer to a question, as a cashier or somebody else gets it. */
static cJSON *ask(enum method method, const char *params, bool masked)
{
	cJSON *p = cJSON_Parse(params), *result = NULL;
	const struct money_asked asked = {method, p, &reader, "", masked, NULL, NULL};
	const char *message = NULL;

	assert_int_equal(query_money(&asked, &result, &message), 0);
	cJSON_Delete(p);
	return result;
}

static const char *text_of(const cJSON *object, const char *key)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(object, key);

	return cJSON_IsString(v) ? v->valuestring : "";
}

static void a_remark_is_for_cashiers(void **state)
{
	(void)state;
	assert_int_equal(bank_do(b, OP(RATE, .bill = 1, .stars = 1, .text = "my red car"), &r), 0);
	assert_int_equal(bank_do(b, OP(RATE, .bill = 1, .stars = 2), &r), 0);
	assert_int_equal(bank_do(b, OP(RATE, .bill = 1, .stars = 2, .text = "my dog"), &r), 0);
	for (int masked = 0; masked < 2; masked++) {
		const char *dog = masked == 1 ? "***" : "my dog";
		cJSON *one = ask(METHOD_BILL, "{\"bill\":1}", masked == 1);
		cJSON *all = ask(METHOD_BILLS, "{}", masked == 1);
		const cJSON *ratings = cJSON_GetObjectItemCaseSensitive(one, "ratings");
		const cJSON *rows = cJSON_GetObjectItemCaseSensitive(all, "rows");
		char *text = cJSON_PrintUnformatted(one);

		assert_int_equal(cJSON_GetArraySize(ratings), 3);
		assert_string_equal(text_of(cJSON_GetArrayItem(ratings, 0), "remark"), dog);
		assert_string_equal(text_of(cJSON_GetArrayItem(ratings, 1), "remark"), "");
		assert_string_equal(
			text_of(cJSON_GetObjectItemCaseSensitive(one, "bill"), "remark"), dog);
		assert_string_equal(text_of(cJSON_GetArrayItem(rows, 3), "remark"), dog);
		assert_int_equal(strstr(text, "red car") == NULL, masked == 1);
		free(text);
		cJSON_Delete(one);
		cJSON_Delete(all);
	}
}

static int found(const char *params)
{
	cJSON *result = ask(METHOD_BILLS, params, false);
	int n = cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(result, "rows"));

	cJSON_Delete(result);
	return n;
}

static void low_ratings_are_found(void **state)
{
	const struct money_asked wrong = {METHOD_BILLS, NULL, &reader, "", false, NULL, NULL};
	struct money_asked asked = wrong;
	const char *message = NULL;
	cJSON *result = NULL, *params = cJSON_Parse("{\"stars_max\":6}");

	(void)state;
	assert_int_equal(bank_do(b, OP(RATE, .bill = 1, .stars = 1), &r), 0);
	assert_int_equal(bank_do(b, OP(RATE, .bill = 1, .stars = 5), &r), 0);
	assert_int_equal(bank_do(b, OP(RATE, .bill = 2, .stars = 5), &r), 0);
	assert_int_equal(bank_do(b, OP(RATE, .bill = 2, .stars = 2), &r), 0);
	assert_int_equal(bank_do(b, OP(RATE, .bill = 3, .stars = 3), &r), 0);
	assert_int_equal(found("{\"stars_max\":1}"), 0);
	assert_int_equal(found("{\"stars_max\":2}"), 1);
	assert_int_equal(found("{\"stars_max\":3}"), 2);
	assert_int_equal(found("{\"stars_max\":5}"), 3);
	assert_int_equal(found("{\"stars_max\":5,\"account\":\"C000001\"}"), 2);
	assert_int_equal(found("{\"stars_max\":3,\"target\":\"B\"}"), 0);
	assert_int_equal(found("{}"), 4);
	asked.params = params;
	assert_int_equal(query_money(&asked, &result, &message), ERR_RANGE);
	assert_string_equal(message, "stars_max: 1 to 5");
	cJSON_Delete(params);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, release)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_newest_counts),
		TEST(what_makes_no_sense_is_refused),
		TEST(an_id_is_used_once),
		TEST(none_is_changed_or_taken_away),
		TEST(a_remark_is_for_cashiers),
		TEST(low_ratings_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
