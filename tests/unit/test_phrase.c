/* Sentences kept as data. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "phrase.h"

static void arguments_go_where_the_sentence_has_them(void **state)
{
	static const struct {
		const char *kept, *shown;
	} rows[] = {
		{"meter %1 Wh, pile %2 Wh|1000|900", "meter 1000 Wh, pile 900 Wh"},
		{"pile %2 Wh, meter %1 Wh|1000|900", "pile 900 Wh, meter 1000 Wh"},
		{"no argument", "no argument"},
		{"", ""},
		{"|a", ""},
		{"%1 and %1|a", "a and a"},
		{"one is missing: %1, %2|a", "one is missing: a, "},
		{"an empty one: (%1)|", "an empty one: ()"},
		{"more than is asked for: %1|a|b|c", "more than is asked for: a"},
		{"100 % of %1 %x %|%2", "100 % of %2 %x %"},
		{"no format: %s %n %d|a", "no format: %s %n %d"},
	};
	char shown[80];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		phrase_show(shown, sizeof shown, rows[i].kept);
		assert_string_equal(shown, rows[i].shown);
	}
}

static void it_never_writes_past_its_room(void **state)
{
	char room[12] = "..........!";

	(void)state;
	phrase_show(room, 10, "%1%1%1|abcdef");
	assert_string_equal(room, "abcdefabc");
	assert_int_equal(room[10], '!');
	phrase_show(room, 10,
		"longer than any sentence of ours, and so no sentence of ours: it stands as it "
		"came, "
		"cut, whatever it holds, %1 and all; one hundred and sixty bytes are where that "
		"begins"
		"|a");
	assert_string_equal(room, "longer th");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arguments_go_where_the_sentence_has_them),
		cmocka_unit_test(it_never_writes_past_its_room),
	};

	return cmocka_run_group_tests_name("phrase", tests, NULL, NULL);
}
