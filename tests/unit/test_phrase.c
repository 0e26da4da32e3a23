/* Sentences kept as data. */
#include <libintl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "i18n.h"
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

/* The catalogues are those of the build that this test is of; false where only it was built. */
static bool in_chinese(void)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);

	assert_true(n > 0);
	path[n] = '\0';
	for (int up = 0; up < 3; up++) {
		*strrchr(path, '/') = '\0';
	}
	snprintf(path + strlen(path), sizeof path - strlen(path), "/locale");
	i18n_init("zh");
	return access(path, R_OK) == 0 && bindtextdomain("piled", path) != NULL;
}

/* What the core says, between what people say, in the language of who reads it. */
static void a_sentence_is_found_again(void **state)
{
	static const char *const values[] = {"A1", "li", "fire: 2", "x", NULL};
	char text[200], said[200];

	(void)state;
	if (!in_chinese()) {
		skip();
	}
	for (int i = 0; i < PHRASE_COUNT_; i++) {
		const char *sentence = phrase_plain((enum phrase)i);

		phrase_text(
			text, sizeof text, (enum phrase)i, values[0], values[1], values[2], NULL);
		assert_null(strstr(text, "%1"));
		i18n_set(LANG_EN);
		phrase_say(said, sizeof said, text);
		assert_string_equal(said, text);
		i18n_set(LANG_ZH);
		phrase_say(said, sizeof said, text);
		if (strcmp(said, text) == 0) {
			fail_msg("not said in Chinese: %s (%s)", text, sentence);
		}
	}
	i18n_set(LANG_EN);
}

static void what_people_write_stays(void **state)
{
	static const struct {
		const char *text, *said;
	} rows[] = {
		{"", ""},
		{"repair", "repair"},
		{"no car is plugged in", "未插枪"},
		{"no car is plugged in!", "no car is plugged in!"},
		{"lost key; no car is plugged in", "lost key; 未插枪"},
		{"no car is plugged in; so it was", "未插枪; so it was"},
		{"a; b; out of service by li: x; y", "a; b; 已由 li 停用：x; y"},
		{"out of service by : x", "out of service by : x"},
		{"A1 was stopped by li: drill", "A1 被 li 停止：drill"},
		{"A1 was stopped by li", "A1 被 li 停止"},
		{"; ", "; "},
		{"a|b; 3 of 5 without effect", "a|b; 5 个中有 3 个没有效果"},
		{"1;2; 3 ; 4;  ; 5; 6; 7; 8; 9; 10; 11; 12",
			"1;2; 3 ; 4;  ; 5; 6; 7; 8; 9; 10; 11; 12"},
	};
	char said[200];

	(void)state;
	if (!in_chinese()) {
		skip();
	}
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		phrase_say(said, sizeof said, rows[i].text);
		assert_string_equal(said, rows[i].said);
	}
	phrase_say(said, 10, "no car is plugged in");
	assert_string_equal(said, "未插枪");
	i18n_set(LANG_EN);
}

static void a_number_is_an_argument(void **state)
{
	char text[80];

	(void)state;
	memset(text, 'x', sizeof text);
	phrase_text(text, sizeof text, PHRASE_LIMIT_RANGE, PHRASE_INT(INT64_MIN), PHRASE_INT(0),
		PHRASE_INT(60000), NULL);
	assert_string_equal(text, "-9223372036854775808 W is not 0 or 0..60000 W");
	assert_int_equal(text[sizeof text - 1], '\0');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arguments_go_where_the_sentence_has_them),
		cmocka_unit_test(it_never_writes_past_its_room),
		cmocka_unit_test(a_sentence_is_found_again),
		cmocka_unit_test(what_people_write_stays),
		cmocka_unit_test(a_number_is_an_argument),
	};

	return cmocka_run_group_tests_name("phrase", tests, NULL, NULL);
}
