/* YAML read by a schema: every error with its line, nothing hostile hangs or grows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "fmt.h"
#include "yaml.h"

static struct yaml_errors errors;

static struct yaml_doc *load(const char *text)
{
	struct yaml_doc *doc = NULL;

	yaml_errors_free(&errors);
	yaml_load_text("t.yaml", text, strlen(text), &errors, &doc);
	return doc;
}

static void refused(const char *text, const char *message)
{
	struct yaml_doc *doc = load(text);

	assert_null(doc);
	assert_int_not_equal(errors.count, 0);
	assert_string_equal(errors.lines[0], message);
}

static void what_is_not_allowed_is_refused_with_its_line(void **state)
{
	char deep[64] = "";

	(void)state;
	refused("a: 1\nb: 2\na: 3\n", "t.yaml:3: key 'a' is given twice, first in line 1");
	refused("a: &x 1\n", "t.yaml:1: anchors (&) and tags (!) are not allowed");
	refused("a: 1\nb: *x\n", "t.yaml:2: aliases (*) are not allowed");
	refused("a: !!int 1\n", "t.yaml:1: anchors (&) and tags (!) are not allowed");
	refused("a: 1\n---\nb: 2\n", "t.yaml:2: a second document is not allowed");
	refused("? [a]\n: 1\n", "t.yaml:1: a key must be a plain word");
	refused("a: \"x\\0y\"\n", "t.yaml:1: the text is too long or holds control characters");
	refused("", "t.yaml: is empty");
	memset(deep, '[', 40);
	refused(deep, "t.yaml:1: nested too deeply");
	load("a: [1\nb: 2\n");
	assert_non_null(strstr(errors.lines[0], "t.yaml:2: not YAML"));
	yaml_errors_free(&errors);
}

static void readers_report_what_was_read_and_what_is_allowed(void **state)
{
	static const char *const keys[] = {"power", "address", "name", "mode", "on", "list", NULL};
	static const char *const modes[] = {"fast", "slow", NULL};
	struct yaml_doc *doc = load("power: 120\n"
				    "adress: 0x10\n"
				    "address: 0x1000g\n"
				    "mode: quick\n"
				    "on: true\n"
				    "list: [1]\n");
	const struct yaml_node *root = yaml_root(doc);
	const char *text;
	int64_t v;
	int word;
	bool on;

	(void)state;
	assert_non_null(doc);
	assert_int_equal(yaml_keys(doc, root, keys), ERR_SYNTAX);
	assert_int_equal(yaml_quantity(doc, root, "power", UNIT_W, 0, 500000, 7, &v), ERR_SYNTAX);
	assert_int_equal(v, 7);
	yaml_quantity(doc, root, "address", UNIT_NONE, 0, 65535, 0, &v);
	yaml_word(doc, root, "mode", modes, 0, &word);
	yaml_bool(doc, root, "on", false, &on);
	yaml_string(doc, root, "list", 10, NULL, &text);
	yaml_string(doc, root, "name", 10, NULL, &text);
	assert_int_equal(errors.count, 7);
	assert_string_equal(
		errors.lines[0], "t.yaml:2: unknown key 'adress', did you mean 'address'?");
	assert_string_equal(errors.lines[1],
		"t.yaml:1: 'power': read '120', allowed is a number with a unit of: W, kW, MW");
	assert_string_equal(
		errors.lines[2], "t.yaml:3: 'address': read '0x1000g', allowed is a whole number");
	assert_string_equal(
		errors.lines[3], "t.yaml:4: 'mode': read 'quick', allowed are: fast, slow");
	assert_string_equal(errors.lines[4], "t.yaml:5: 'on': read 'true', allowed are: no, yes");
	assert_string_equal(errors.lines[5], "t.yaml:6: 'list' must be a single value");
	assert_string_equal(errors.lines[6], "t.yaml:1: 'name' is missing");
	yaml_release(doc);
	yaml_errors_free(&errors);
}

static void quantities_are_exact(void **state)
{
	struct yaml_doc *doc = load("a: 630 kVA\nb: 0.1 A\nc: 0x1F\nd: 250 ms\ne: 90 %\n"
				    "f: 0.0001 A\ng: 700 kVA\n");
	const struct yaml_node *root = yaml_root(doc);
	int64_t v, num, den;

	(void)state;
	assert_int_equal(yaml_quantity(doc, root, "a", UNIT_VA, 0, 1000000, 0, &v), 0);
	assert_int_equal(v, 630000);
	assert_int_equal(yaml_quantity(doc, root, "b", UNIT_MA, 0, 1000, 0, &v), 0);
	assert_int_equal(v, 100);
	assert_int_equal(yaml_quantity(doc, root, "c", UNIT_NONE, 0, 100, 0, &v), 0);
	assert_int_equal(v, 31);
	assert_int_equal(yaml_quantity(doc, root, "d", UNIT_US, 0, 1000000, 0, &v), 0);
	assert_int_equal(v, 250000);
	assert_int_equal(yaml_quantity(doc, root, "e", UNIT_PM, 0, 1000, 0, &v), 0);
	assert_int_equal(v, 900);
	assert_int_equal(yaml_quantity(doc, root, "f", UNIT_MA, 0, 1000, 0, &v), ERR_RANGE);
	assert_int_equal(yaml_quantity(doc, root, "g", UNIT_VA, 0, 650000, 0, &v), ERR_RANGE);
	assert_string_equal(errors.lines[1],
		"t.yaml:7: 'g': read '700 kVA', allowed is 0 kVA to 650 kVA in whole VA");
	yaml_release(doc);
	yaml_errors_free(&errors);
	assert_int_equal(fmt_ratio("0.1 kW", UNIT_W, &num, &den), 0);
	assert_int_equal(num, 100);
	assert_int_equal(den, 1);
	assert_int_equal(fmt_ratio("0.0001 kWh", UNIT_WH, &num, &den), 0);
	assert_int_equal(num, 1);
	assert_int_equal(den, 10);
	assert_int_equal(fmt_ratio("0 W", UNIT_W, &num, &den), ERR_RANGE);
	assert_int_equal(fmt_ratio("0.1 kWx", UNIT_W, &num, &den), ERR_SYNTAX);
}

static void a_name_stands_for_a_node_of_another_document(void **state)
{
	struct yaml_doc *site = load("codes: {0: idle}\n"), *doc;
	struct yaml_errors mine = {0};
	const struct yaml_node *node;

	(void)state;
	assert_int_equal(
		yaml_load_text("p.yaml", "map: $codes\nother: $gone\n", 25, &mine, &doc), 0);
	assert_int_equal(yaml_define(doc, "codes", yaml_get(site, yaml_root(site), "codes")), 0);
	assert_int_equal(yaml_define(doc, "gone", NULL), 0);
	node = yaml_get(doc, yaml_root(doc), "map");
	assert_int_equal(yaml_kind_of(node), YAML_MAP);
	assert_null(yaml_get(doc, yaml_root(doc), "other"));
	yaml_error(doc, node, "wrong");
	assert_string_equal(mine.lines[0], "t.yaml:1: wrong");
	yaml_release(doc);
	yaml_release(site);
	yaml_errors_free(&mine);
}

static void errors_are_bounded(void **state)
{
	struct yaml_doc *doc = load("a: 1\n");

	(void)state;
	for (int i = 0; i < YAML_ERRORS_MAX + 50; i++) {
		yaml_error(doc, NULL, "no %d \033[2J", i);
	}
	assert_int_equal(errors.count, YAML_ERRORS_MAX + 50);
	assert_int_equal(errors.kept, YAML_ERRORS_MAX);
	assert_string_equal(errors.lines[3], "t.yaml: no 3 ?[2J");
	yaml_release(doc);
	yaml_errors_free(&errors);
}

/* Any bytes: pieces of YAML put together at random. */
static void any_text_is_taken_or_refused(void **state)
{
	static const char *const piece[] = {"a", ": ", "\n", "- ", "[", "]", "{", "}", ",", "  ",
		"&x ", "*x", "!t ", "\"", "'", "#", "|", ">", "\t", "---\n", "...\n", "?", "é",
		"\xff", "0x", "%", "b: 1\n", "c:\n  d: 2\n", "\x01"};
	unsigned seed = (unsigned)time(NULL);

	(void)state;
	print_message("# seed %u\n", seed);
	srand(seed);
	for (int i = 0; i < 3000; i++) {
		char text[512] = "";
		size_t used = 0;
		struct yaml_doc *doc;

		for (int n = rand() % 60; n > 0; n--) {
			const char *p = piece[(size_t)rand() % (sizeof piece / sizeof piece[0])];

			memcpy(text + used, p, strlen(p));
			used += strlen(p);
		}
		doc = load(text);
		assert_true(doc != NULL || errors.count > 0);
		yaml_release(doc);
	}
	yaml_errors_free(&errors);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_allowed_is_refused_with_its_line),
		cmocka_unit_test(readers_report_what_was_read_and_what_is_allowed),
		cmocka_unit_test(quantities_are_exact),
		cmocka_unit_test(a_name_stands_for_a_node_of_another_document),
		cmocka_unit_test(errors_are_bounded),
		cmocka_unit_test(any_text_is_taken_or_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
