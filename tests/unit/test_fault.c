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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
