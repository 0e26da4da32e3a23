/* The pages of the two languages name every key of the tables that read them, and their examples
 * load. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "config/config.h"
#include "tariff_file.h"

static char page[65536];

static void read_page(const char *path)
{
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	page[fread(page, 1, sizeof page - 1, file)] = '\0';
	fclose(file);
}

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* Is the word on the page, by itself? */
static bool named(const char *word)
{
	size_t length = strlen(word);

	for (const char *p = strstr(page, word); p != NULL; p = strstr(p + 1, word)) {
		if ((p == page || !is_word(p[-1])) && !is_word(p[length])) {
			return true;
		}
	}
	return false;
}

static void check_words(const char *map, const char *const *words)
{
	for (; *words != NULL; words++) {
		if (!named(*words)) {
			fail_msg("the page does not name '%s' of %s", *words, map);
		}
	}
}

static void the_profile_pages_name_every_key_and_point(void **state)
{
	static const char *const pages[] = {"man/piled-profile.5", "man/zh_CN/piled-profile.5"};
	const char *map = NULL;
	const char *const *keys;

	(void)state;
	for (size_t n = 0; n < 2; n++) {
		read_page(pages[n]);
		for (size_t i = 0; (keys = profile_schema(i, &map)) != NULL; i++) {
			check_words(map, keys);
		}
		for (int p = 0; p < PT_COUNT_; p++) {
			const char *const words[] = {point_info((enum point)p)->name, NULL};

			check_words("the points", words);
		}
	}
}

static void the_profile_pages_name_every_fault(void **state)
{
	static const char *const pages[] = {"man/piled-profile.5", "man/zh_CN/piled-profile.5"};
	static const char *const names[] = {
#define FAULT(sym, code, sev, en, zh, meaning, action) code < 1000 ? #sym : "none",
#include "fault.def"
#undef FAULT
	};

	(void)state;
	for (size_t i = 0; i < 2 * sizeof names / sizeof names[0]; i++) {
		const char *symbol = names[i / 2];
		char name[64];
		const char *const words[] = {name, NULL};

		for (size_t k = 0; k <= strlen(symbol) && k < sizeof name; k++) {
			name[k] = (char)tolower((unsigned char)symbol[k]);
		}
		read_page(pages[i % 2]);
		check_words("the faults", words);
	}
}

static void the_configuration_pages_name_every_key(void **state)
{
	static const char *const pages[] = {"man/piled.yaml.5", "man/zh_CN/piled.yaml.5"};
	const char *map = NULL;
	const char *const *keys;

	(void)state;
	for (size_t p = 0; p < 2; p++) {
		read_page(pages[p]);
		for (size_t i = 0; (keys = config_schema(i, &map)) != NULL; i++) {
			check_words(map, keys);
		}
	}
}

/* The n-th literal display of the page, as it reads; false past the last. */
static bool example(size_t n, char *dst, size_t size)
{
	const char *p = page, *end;
	size_t used = 0;

	for (;; n--) {
		p = strstr(p, ".Bd -literal");
		if (p == NULL) {
			return false;
		}
		p = strchr(p, '\n') + 1;
		if (n == 0) {
			break;
		}
	}
	for (end = strstr(p, ".Ed"); p < end && used + 2 < size;) {
		if (strncmp(p, "\\(dq", 4) == 0) {
			dst[used++] = '"';
			p += 4;
		} else {
			dst[used++] = *p++;
		}
	}
	dst[used] = '\0';
	return true;
}

static void temporary(char *path, const char *text)
{
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static void check_errors(const struct yaml_errors *errors, const char *but)
{
	for (size_t i = 0; i < errors->kept; i++) {
		if (but == NULL || strstr(errors->lines[i], but) == NULL) {
			fail_msg("%s", errors->lines[i]);
		}
	}
}

static void check_profile_examples(const char *path_of_page)
{
	char text[4096], whole[5000];

	read_page(path_of_page);
	for (size_t i = 0; example(i, text, sizeof text); i++) {
		char path[] = "/tmp/piled-man-XXXXXX";
		struct yaml_errors errors = {0};
		struct profile *p = NULL;

		snprintf(whole, sizeof whole, "%s%s%s",
			strstr(text, "profile:") == NULL ? "profile: x\n" : "",
			strstr(text, "kind:") == NULL ? "kind: ac-pile\n" : "", text);
		temporary(path, whole);
		profile_load(path, NULL, &errors, &p);
		unlink(path);
		check_errors(&errors, i == 0 ? NULL : "needs the point 'state'");
		yaml_errors_free(&errors);
		profile_free(p);
	}
}

static void the_examples_of_the_profile_pages_load(void **state)
{
	(void)state;
	check_profile_examples("man/piled-profile.5");
	check_profile_examples("man/zh_CN/piled-profile.5");
}

static void check_configuration_examples(const char *path_of_page)
{
	static const char *const folders[] = {"agent/profiles", NULL};
	char text[4096], whole[5000];

	read_page(path_of_page);
	for (size_t i = 0; example(i, text, sizeof text); i++) {
		char path[] = "/tmp/piled-man-XXXXXX";
		struct yaml_errors errors = {0};
		struct config *c = NULL;

		snprintf(whole, sizeof whole, "%s%s%s",
			strstr(text, "site:") == NULL
				? "site: {id: x}\ntransformer: {rated: 1 MVA}\n"
				: "",
			strstr(text, "buses:") == NULL ? "buses: {}\npiles: {}\n" : "", text);
		temporary(path, whole);
		config_load(path, folders, &errors, &c);
		unlink(path);
		check_errors(&errors, NULL);
		assert_non_null(c);
		yaml_errors_free(&errors);
		config_free(c);
	}
}

static void the_examples_of_the_configuration_pages_load(void **state)
{
	(void)state;
	check_configuration_examples("man/piled.yaml.5");
	check_configuration_examples("man/zh_CN/piled.yaml.5");
}

static void the_tariff_pages_name_every_key(void **state)
{
	static const char *const pages[] = {"man/piled-tariff.5", "man/zh_CN/piled-tariff.5"};
	const char *map = NULL;
	const char *const *keys;

	(void)state;
	for (size_t p = 0; p < 2; p++) {
		read_page(pages[p]);
		for (size_t i = 0; (keys = tariff_schema(i, &map)) != NULL; i++) {
			check_words(map, keys);
		}
	}
}

static void the_examples_of_the_tariff_pages_load(void **state)
{
	static const char *const pages[] = {"man/piled-tariff.5", "man/zh_CN/piled-tariff.5"};
	const struct zone_rules utc = {0};
	char text[4096];

	(void)state;
	for (size_t p = 0; p < 2; p++) {
		struct yaml_errors errors = {0};
		struct tariff t;

		read_page(pages[p]);
		assert_true(example(0, text, sizeof text));
		tariff_parse(pages[p], text, strlen(text), &utc, &errors, &t);
		check_errors(&errors, NULL);
		yaml_errors_free(&errors);
		assert_string_equal(t.id, "east-gate");
	}
}

/* The first configuration that an administrator copies. */
static void the_configuration_of_the_readme_loads(void **state)
{
	static const char *const folders[] = {"agent/profiles", NULL};
	char path[] = "/tmp/piled-man-XXXXXX";
	struct yaml_errors errors = {0};
	struct config *c = NULL;
	char *text, *end;

	(void)state;
	read_page("README.md");
	text = strstr(page, "\nsite: {");
	assert_non_null(text);
	end = strstr(text, "```");
	assert_non_null(end);
	*end = '\0';
	temporary(path, text);
	config_load(path, folders, &errors, &c);
	unlink(path);
	check_errors(&errors, NULL);
	assert_non_null(c);
	assert_true(c->load.managed);
	yaml_errors_free(&errors);
	config_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_profile_pages_name_every_key_and_point),
		cmocka_unit_test(the_profile_pages_name_every_fault),
		cmocka_unit_test(the_configuration_pages_name_every_key),
		cmocka_unit_test(the_examples_of_the_profile_pages_load),
		cmocka_unit_test(the_examples_of_the_configuration_pages_load),
		cmocka_unit_test(the_tariff_pages_name_every_key),
		cmocka_unit_test(the_examples_of_the_tariff_pages_load),
		cmocka_unit_test(the_configuration_of_the_readme_loads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
