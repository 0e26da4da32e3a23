/* Keys, help and manual come from one list; options too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "act.h"
#include "keys.h"
#include "roster.h"

static char page[65536];

static void read_page(const char *path)
{
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	page[fread(page, 1, sizeof page - 1, file)] = '\0';
	fclose(file);
}

static void every_key_has_a_code_and_only_one_action(void **state)
{
	(void)state;
	for (int i = 0; i < ACT_COUNT_; i++) {
		const struct act_info *info = act_info((enum act)i);
		uint32_t code;

		assert_int_equal(keys_find(info->key, &code), 0);
		assert_int_equal(act_of_key(code), i);
		if (info->other[0] != '\0') {
			assert_int_equal(keys_find(info->other, &code), 0);
			assert_int_equal(act_of_key(code), i);
		}
	}
	assert_int_equal(act_of_key('~'), ACT_COUNT_);
}

/* ".It Ic Up k" and on the next line the help. */
static void the_manual_has_every_key_with_its_help(void **state)
{
	(void)state;
	read_page("man/piletop.1");
	for (int i = 0; i < ACT_COUNT_; i++) {
		const struct act_info *info = act_info((enum act)i);
		char entry[128];

		snprintf(entry, sizeof entry, ".It Ic %s%s%s%s\n%s\n",
			strcmp(info->key, "?") == 0 ? "\\&" : "", info->key,
			info->other[0] != '\0' ? " " : "", info->other, info->help);
		if (strstr(page, entry) == NULL) {
			fail_msg("man/piletop.1 lacks:\n%s", entry);
		}
	}
}

static void the_manual_has_every_option(void **state)
{
	static const char *const names[] = {
#define OPTION(sym, name, value, help) name,
#include "option.def"
#undef OPTION
	};

	(void)state;
	read_page("man/piletop.1");
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		char entry[64];

		snprintf(entry, sizeof entry, ".It Fl -%s", names[i]);
		if (strstr(page, entry) == NULL) {
			fail_msg("man/piletop.1 lacks --%s", names[i]);
		}
	}
}

/* The keys of sites.conf, and its example, which loads. */
static void the_manual_has_the_list_of_sites(void **state)
{
	char path[] = "/tmp/piletop-sites-XXXXXX", name[] = "all";
	char *words[] = {name};
	const char *map = NULL;
	const char *const *keys;
	const char *begin, *end;
	struct roster roster;
	int fd;

	(void)state;
	read_page("man/piletop.1");
	for (size_t i = 0; (keys = roster_schema(i, &map)) != NULL; i++) {
		for (; *keys != NULL; keys++) {
			if (strstr(page, *keys) == NULL) {
				fail_msg("man/piletop.1 lacks '%s' of %s", *keys, map);
			}
		}
	}
	begin = strstr(page, "\nsites:\n");
	assert_non_null(begin);
	end = strstr(begin, "\n.Ed");
	assert_non_null(end);
	fd = mkstemp(path);
	assert_int_equal(write(fd, begin, (size_t)(end - begin)), end - begin);
	close(fd);
	assert_int_equal(roster_read(words, 1, "none", path, &roster), 0);
	unlink(path);
	assert_int_equal(roster.count, 3);
	assert_true(roster.list[0].production && roster.list[1].ssh && !roster.list[2].ssh);
	roster_free(&roster);
}

static void names_of_keys(void **state)
{
	uint32_t code;

	(void)state;
	assert_int_equal(keys_find("C-l", &code), 0);
	assert_int_equal(code, 12);
	assert_int_equal(keys_find("桩", &code), 0);
	assert_int_equal(code, 0x6869);
	assert_int_equal(keys_find("", &code), ERR_NOTFOUND);
	assert_int_equal(keys_find("Upp", &code), ERR_NOTFOUND);
	assert_int_equal(keys_find("\xff", &code), ERR_NOTFOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_key_has_a_code_and_only_one_action),
		cmocka_unit_test(the_manual_has_every_key_with_its_help),
		cmocka_unit_test(the_manual_has_every_option),
		cmocka_unit_test(the_manual_has_the_list_of_sites),
		cmocka_unit_test(names_of_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
