/* The fault catalogue: codes unique and ascending, nothing empty, every code of the source there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fault.h"

static void codes_ascend(void **state)
{
	int last = 0;

	(void)state;
	for (size_t i = 0; fault_at(i) != NULL; i++) {
		assert_true(fault_at(i)->code > last);
		last = fault_at(i)->code;
		assert_ptr_equal(fault_info(last), fault_at(i));
	}
	assert_true(last > 1000);
	assert_null(fault_info(0));
	assert_null(fault_info(-1));
	assert_null(fault_info(last + 1));
}

/* A technician acts on these texts: each is a sentence, and Chinese is Chinese. */
static void nothing_is_empty(void **state)
{
	(void)state;
	for (size_t i = 0; fault_at(i) != NULL; i++) {
		const struct fault_info *f = fault_at(i);

		assert_in_range(f->severity, SEVERITY_SAFETY, SEVERITY_NOTICE);
		assert_true(strlen(f->en) > 3);
		assert_true(strlen(f->zh) >= 6);
		assert_true(strlen(f->meaning) > 15);
		assert_true(strlen(f->action) > 15);
		assert_int_equal(f->meaning[strlen(f->meaning) - 1], '.');
		assert_int_equal(f->action[strlen(f->action) - 1], '.');
		assert_true(strlen(f->cause) > 15);
		assert_int_equal(f->cause[strlen(f->cause) - 1], '.');
		assert_true(f->act_s >= 0 && f->on_s >= 0 && f->off_s >= 0);
	}
}

/* What endangers people may not wait, neither for a person nor for a delay. */
static void safety_is_urgent(void **state)
{
	(void)state;
	for (size_t i = 0; fault_at(i) != NULL; i++) {
		const struct fault_info *f = fault_at(i);

		if (f->severity == SEVERITY_SAFETY) {
			assert_true(f->act_s <= 3600);
			assert_true(f->on_s <= 2);
			assert_true(f->act_s > f->on_s || f->on_s == 0);
		}
	}
}

static void found_by_code_and_name(void **state)
{
	static const char *const wrong[] = {
		"", "0", "-1", "9999", "gun", "gun_hott", "18x", "65536"};
	const struct fault_info *f;
	char name[40];

	(void)state;
	for (size_t i = 0; fault_at(i) != NULL; i++) {
		fault_name(name, sizeof name, fault_at(i));
		assert_int_equal(fault_find(name, &f), 0);
		assert_ptr_equal(f, fault_at(i));
	}
	assert_int_equal(fault_find("18", &f), 0);
	assert_int_equal(f->code, FAULT_GUN_HOT);
	assert_int_equal(fault_find("Gun-Hot", &f), 0);
	assert_int_equal(f->code, FAULT_GUN_HOT);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		assert_int_equal(fault_find(wrong[i], &f), ERR_NOTFOUND);
	}
}

/* AlarmCode of the Shenzhen supervision interface. */
static void source_is_complete(void **state)
{
	static const int ranges[][2] = {{1, 31}, {101, 122}, {201, 206}};

	(void)state;
	for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
		for (int code = ranges[i][0]; code <= ranges[i][1]; code++) {
			assert_non_null(fault_info(code));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codes_ascend),
		cmocka_unit_test(nothing_is_empty),
		cmocka_unit_test(source_is_complete),
		cmocka_unit_test(safety_is_urgent),
		cmocka_unit_test(found_by_code_and_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
