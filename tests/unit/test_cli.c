/* The command line's table against its manual, times as people write them, and the methods. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "cli/cli.h"
#include "cli/guard.h"
#include "when.h"
#include "rpc/internal.h"
#include "view.h"

static char *read_manual(const char *path)
{
	static char text[128 * 1024];
	FILE *f = fopen(path, "r");
	size_t n;

	assert_non_null(f);
	n = fread(text, 1, sizeof text - 1, f);
	fclose(f);
	text[n] = '\0';
	return text;
}

/* Does the manual have a line that begins with this item and ends or goes on with a blank? */
static bool has_item(const char *manual, const char *item)
{
	size_t n = strlen(item);

	for (const char *p = strstr(manual, item); p != NULL; p = strstr(p + 1, item)) {
		if ((p == manual || p[-1] == '\n') && (p[n] == '\n' || p[n] == ' ')) {
			return true;
		}
	}
	return false;
}

/* The part of the manual about one command. */
static char *part_of(const char *page, const char *manual, const char *name)
{
	char item[64], *part;
	const char *begin, *end;
	int depth = 0;

	snprintf(item, sizeof item, "\n.It Cm %s", name);
	begin = strstr(manual, item);
	while (begin != NULL && begin[strlen(item)] != '\n' &&
		(begin[strlen(item)] != ' ' || strncmp(begin + strlen(item), " Ar", 3) != 0) &&
		strncmp(begin + strlen(item), " Op", 3) != 0) {
		begin = strstr(begin + 1, item);
	}
	if (begin == NULL) {
		fail_msg("%s does not name the command %s", page, name);
		return NULL;
	}
	for (end = begin + 1; *end != '\0'; end++) {
		depth += strncmp(end, "\n.Bl", 4) == 0;
		depth -= strncmp(end, "\n.El", 4) == 0;
		if (depth < 0 || (depth == 0 && strncmp(end, "\n.It", 4) == 0)) {
			break;
		}
	}
	part = strndup(begin, (size_t)(end - begin));
	assert_non_null(part);
	return part;
}

static void check_option(
	const char *page, const char *text, const char *where, const struct cli_option *o)
{
	char flag[64];

	snprintf(flag, sizeof flag, "Fl -%s", o->name);
	if (strstr(text, flag) == NULL) {
		fail_msg("%s does not name --%s of %s", page, o->name, where);
	}
}

static void check_command_page(const char *page)
{
	const char *manual = read_manual(page);

	for (const struct cli_option *o = cli_globals; o->name != NULL; o++) {
		check_option(page, manual, "all commands", o);
	}
	for (const struct cli_command *c = cli_commands; c->name != NULL; c++) {
		char *part = part_of(page, manual, c->name);

		for (const struct cli_option *o = c->options; o != NULL && o->name != NULL; o++) {
			check_option(page, part, c->name, o);
		}
		free(part);
	}
	for (const struct cli_exit_text *e = cli_exits; e->text != NULL; e++) {
		char item[16];

		snprintf(item, sizeof item, ".It %d", e->code);
		assert_true(has_item(manual, item));
	}
}

static void the_manuals_name_every_command_and_option(void **state)
{
	(void)state;
	check_command_page("man/piled.8");
	check_command_page("man/zh_CN/piled.8");
}

static void no_option_is_named_twice(void **state)
{
	(void)state;
	for (const struct cli_command *c = cli_commands; c->name != NULL; c++) {
		for (const struct cli_option *o = c->options; o != NULL && o->name != NULL; o++) {
			for (const struct cli_option *g = cli_globals; g->name != NULL; g++) {
				assert_string_not_equal(o->name, g->name);
				assert_false(o->letter != 0 && o->letter == g->letter);
			}
			for (const struct cli_option *p = c->options; p != o; p++) {
				assert_string_not_equal(o->name, p->name);
				assert_false(o->letter != 0 && o->letter == p->letter);
			}
		}
	}
}

static void check_protocol_page(const char *page)
{
	const char *manual = read_manual(page);

	for (int m = 0; m < METHOD_COUNT_; m++) {
		char item[64];

		snprintf(item, sizeof item, ".It Cm %s", method_info((enum method)m)->name);
		if (!has_item(manual, item)) {
			fail_msg("%s does not name %s", page, item);
		}
		assert_non_null(method_handler((enum method)m));
	}
	for (int v = 0; v < VIEW_COUNT_; v++) {
		const struct view_info *info = view_info((enum view_kind)v);

		for (size_t f = 0; f < info->count; f++) {
			char word[64];

			snprintf(word, sizeof word, " %s ", info->fields[f].key);
			if (strstr(manual, word) == NULL) {
				fail_msg("%s does not name %s of %s", page, word, info->name);
			}
		}
	}
}

static void the_manuals_name_every_method_and_field(void **state)
{
	(void)state;
	check_protocol_page("man/piled-rpc.7");
	check_protocol_page("man/zh_CN/piled-rpc.7");
}

/* ---- Parameters ---- */

static int check_params(const char *spec, const char *json)
{
	cJSON *params = json == NULL ? NULL : cJSON_Parse(json);
	char message[160] = "";
	int rc;

	assert_true(json == NULL || params != NULL);
	rc = params_check(spec, params, message, sizeof message);
	assert_true(rc == 0 || message[0] != '\0');
	cJSON_Delete(params);
	return rc;
}

static void parameters_are_checked_by_their_description(void **state)
{
	const char *spec = "id:text from:wall? count:int? active:bool?";

	(void)state;
	assert_int_equal(check_params("", NULL), 0);
	assert_int_equal(check_params("", "{}"), 0);
	assert_int_equal(check_params("", "{\"x\":1}"), ERR_INVAL);
	assert_int_equal(check_params(spec, NULL), ERR_INVAL);
	assert_int_equal(check_params(spec, "[1]"), ERR_INVAL);
	assert_int_equal(check_params(spec, "{\"id\":\"A1\"}"), 0);
	assert_int_equal(check_params(spec, "{\"id\":\"A1\",\"from\":null}"), 0);
	assert_int_equal(check_params(spec, "{\"id\":7}"), ERR_INVAL);
	assert_int_equal(check_params(spec, "{\"id\":null}"), ERR_INVAL);
	assert_int_equal(check_params(spec, "{\"id\":\"a\\u0007\"}"), ERR_INVAL);
	assert_int_equal(check_params(spec, "{\"id\":\"A1\",\"id\":\"A2\"}"), ERR_INVAL);
	assert_int_equal(check_params(spec, "{\"id\":\"A1\",\"from\":-1}"), ERR_INVAL);
	assert_int_equal(check_params(spec, "{\"id\":\"A1\",\"count\":1.5}"), ERR_INVAL);
	assert_int_equal(check_params(spec, "{\"id\":\"A1\",\"count\":1e16}"), ERR_INVAL);
	assert_int_equal(check_params(spec, "{\"id\":\"A1\",\"active\":1}"), ERR_INVAL);
	assert_int_equal(check_params(spec, "{\"id\":\"A1\",\"active\":true,\"count\":-3}"), 0);
}

/* ---- Times ---- */

#define NOW_MS INT64_C(1772331600000) /* 2026-03-01 02:20 UTC, 10:20 in Shanghai */

static int64_t when(const char *text)
{
	struct wall t = {-1};

	return when_parse(text, (struct wall){NOW_MS}, &t) == 0 ? t.ms : -1;
}

static void times_are_read_as_people_write_them(void **state)
{
	struct wall from, to, now = {NOW_MS};

	(void)state;
	assert_int_equal(setenv("TZ", "Asia/Shanghai", 1), 0);
	tzset();
	assert_int_equal(when("now"), NOW_MS);
	assert_int_equal(when("-2h"), NOW_MS - 7200000);
	assert_int_equal(when("+2h"), NOW_MS + 7200000);
	assert_int_equal(when("-30min"), NOW_MS - 1800000);
	assert_int_equal(when("today"), INT64_C(1772294400000));
	assert_int_equal(when("yesterday"), INT64_C(1772294400000) - 86400000);
	assert_int_equal(when("2026-03-01"), INT64_C(1772294400000));
	assert_int_equal(when("2026-03-01T06:20"), INT64_C(1772294400000) + 22800000);
	assert_int_equal(when("2026-03-01 06:20:30"), INT64_C(1772294400000) + 22830000);
	assert_int_equal(when("2026-02-30"), -1);
	assert_int_equal(when("2026-03-01x"), -1);
	assert_int_equal(when("tomorrow"), -1);
	assert_int_equal(when("-2"), -1);
	assert_int_equal(when(""), -1);
	assert_int_equal(when_next("17:30", now, &to), 0);
	assert_int_equal(to.ms, INT64_C(1772294400000) + 63000000);
	assert_int_equal(when_next("10:20", now, &to), 0); /* it is just that: tomorrow's */
	assert_int_equal(to.ms, NOW_MS + 86400000);
	assert_int_equal(when_next("+2h", now, &to), 0);
	assert_int_equal(to.ms, NOW_MS + 7200000);
	assert_int_equal(when_next("25:00", now, &to), ERR_SYNTAX);
	assert_int_equal(when_day("today", now, &from, &to), 0);
	assert_int_equal(to.ms - from.ms, 86400000);
	assert_int_equal(when_month("2026-02", now, &from, &to), 0);
	assert_int_equal(to.ms - from.ms, INT64_C(28) * 86400000);
	assert_int_equal(to.ms, INT64_C(1772294400000));
	assert_int_equal(when_month("last", now, &from, &to), 0);
	assert_int_equal(to.ms, INT64_C(1772294400000));
	assert_int_equal(when_month("2026-13", now, &from, &to), ERR_SYNTAX);
	/* A day of 23 hours. */
	assert_int_equal(setenv("TZ", "Europe/Berlin", 1), 0);
	tzset();
	assert_int_equal(when_day("2026-03-29", now, &from, &to), 0);
	assert_int_equal(to.ms - from.ms, INT64_C(23) * 3600000);
}

static void commands_are_found_by_one_or_two_words(void **state)
{
	int words = 0;

	(void)state;
	assert_string_equal(cli_find("bus", "scan", &words)->name, "bus scan");
	assert_int_equal(words, 2);
	assert_string_equal(cli_find("bus", "--json", &words)->name, "bus");
	assert_int_equal(words, 1);
	assert_null(cli_find("scan", NULL, &words));
}

/* In one piece or cut anywhere, a stream is cleaned alike. */
static void the_guard_lets_no_control_character_through(void **state)
{
	static const char in[] =
		"A1 充电\t\033[2J\302\233\x9b\r\n\rx\177\342\200\256\xF0\x9F\x94\x8C\xE5\x85\0.";
	static const char want[] = "A1 充电\t?[2J??\r\n?x??\xF0\x9F\x94\x8C???.";
	const size_t n = sizeof in - 1;
	char out[sizeof in], part[sizeof in];
	size_t taken;

	(void)state;
	assert_int_equal(guard_clean(out, in, n, 1, &taken), sizeof want - 1);
	assert_memory_equal(out, want, sizeof want - 1);
	assert_int_equal(taken, n);
	for (size_t cut = 0; cut <= n; cut++) {
		size_t used = guard_clean(part, in, cut, 0, &taken);

		assert_in_range(cut - taken, 0, 3);
		used += guard_clean(part + used, in + taken, n - taken, 1, &taken);
		assert_int_equal(used, sizeof want - 1);
		assert_memory_equal(part, want, used);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_manuals_name_every_command_and_option),
		cmocka_unit_test(no_option_is_named_twice),
		cmocka_unit_test(the_guard_lets_no_control_character_through),
		cmocka_unit_test(the_manuals_name_every_method_and_field),
		cmocka_unit_test(parameters_are_checked_by_their_description),
		cmocka_unit_test(times_are_read_as_people_write_them),
		cmocka_unit_test(commands_are_found_by_one_or_two_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
