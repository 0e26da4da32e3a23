/* The sentence that tells why a gun gets what it gets, rule by rule. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "i18n.h"
#include "why.h"

/* 2025-07-01 18:02 and two hours later, UTC. */
#define SINCE_MS INT64_C(1751392920000)
#define NOW_MS   (SINCE_MS + 7200 * MS_PER_S)

static struct view_gun gun(const char *rule)
{
	struct view_gun g;

	view_clear(VIEW_gun, &g);
	VIEW_SET(&g, id, "A1.2");
	VIEW_SET(&g, rule, rule);
	g.rule_since = SINCE_MS;
	g.max_w = 22000;
	g.grant_w = 11000;
	return g;
}

static struct view_gun held(const char *rule, const char *kind, const char *node, const char *phase)
{
	struct view_gun g = gun(rule);

	VIEW_SET(&g, by_kind, kind);
	VIEW_SET(&g, by_node, node);
	VIEW_SET(&g, by_phase, phase);
	g.by_load_va = 180 * 230;
	g.by_limit_va = 182 * 230;
	return g;
}

static void check(const struct view_gun *g, const char *want)
{
	char text[WHY_MAX];

	why_gun(text, sizeof text, g, (struct wall){NOW_MS});
	assert_string_equal(text, want);
}

static void a_limit_is_named_with_its_load(void **state)
{
	struct view_gun g = held("limit", "feeder", "F1", "L2");

	(void)state;
	check(&g, "11.0 of 22.0 kW: phase L2 of feeder F1 at 180 of 182 A, since 18:02");
	VIEW_SET(&g, yield_gun, "A3.1");
	g.yield_w = 4300;
	check(&g, "11.0 of 22.0 kW: phase L2 of feeder F1 at 180 of 182 A, since 18:02; +4.3 kW "
		  "if A3.1 yields");
	g.yield_soc_pm = 870;
	g.by_pm = 955;
	check(&g, "11.0 of 22.0 kW: phase L2 of feeder F1 at 180 of 182 A, of which 95.5 % may be "
		  "used, since 18:02; +4.3 kW if A3.1 (87 % SoC) yields");
	g = held("limit", "pile", "A1", "");
	check(&g, "11.0 of 22.0 kW: pile A1 at 41.4 of 41.9 kVA, since 18:02");
	g = held("limit", "site", "demo", "L1");
	check(&g, "11.0 of 22.0 kW: phase L1 of the transformer at 180 of 182 A, since 18:02");
	VIEW_SET(&g, by_source, "grid");
	g.by_until = NOW_MS;
	check(&g, "11.0 of 22.0 kW: phase L1 of the transformer at 180 of 182 A, limited from "
		  "outside by grid until 20:02, since 18:02");
	g = held("turn", "site", "demo", "");
	check(&g, "waits for its turn, since 18:02: the transformer at 41.4 of 41.9 kVA");
}

static void the_line_has_places(void **state)
{
	static const struct {
		int64_t place;
		const char *word;
	} rows[] = {{1, "1st"}, {2, "2nd"}, {3, "3rd"}, {4, "4th"}, {11, "11th"}, {12, "12th"},
		{13, "13th"}, {21, "21st"}, {111, "111th"}, {122, "122nd"}};
	struct view_gun g = gun("wait");
	char want[160];

	(void)state;
	g.by_load_va = 529200;
	g.by_limit_va = 630000;
	g.by_pm = 800;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		g.place = rows[i].place;
		snprintf(want, sizeof want,
			"%s in line to start, since 18:02: the transformer is at 84 %%, above 80 "
			"%%",
			rows[i].word);
		check(&g, want);
	}
	g.place = 1;
	g.by_load_va = 505260;
	check(&g, "1st in line to start, since 18:02: the transformer is at 80.2 %, above 80 %");
	g.by_load_va = 400000;
	check(&g, "1st in line to start, since 18:02: others start first");
}

static void every_rule_has_its_words(void **state)
{
	static const struct {
		const char *rule, *want;
	} rows[] = {
		{"idle", "no car asks"},
		{"want", "11.0 of 22.0 kW: gets all that it can take"},
		{"ramp", "11.0 of 22.0 kW: on its way up, since 18:02"},
		{"hold", "11.0 of 22.0 kW: the transformer meter is not fresh: no rise, since "
			 "18:02"},
		{"safe", "11.0 of 22.0 kW: the transformer meter is lost: safe power, since "
			 "18:02"},
		{"command", "11.0 of 22.0 kW: limited by a command, since 18:02"},
		{"outside", "11.0 of 22.0 kW: limited from outside by grid until 20:02"},
		{"silent", "the pile does not answer, since 18:02: its last grant of 11.0 kW "
			   "counts"},
		{"disobeys", "the pile does not obey, since 18:02: what it takes counts, 12.3 kW"},
		{"stopped", "held at zero since 18:02"},
		{"half", "11.0 of 22.0 kW: half power: started at 17:02 with the transformer above "
			 "50 %"},
		{"", "not managed: only commands limit it"},
		{"of-tomorrow", "of-tomorrow"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct view_gun g = gun(rows[i].rule);

		g.power_w = 12345;
		g.by_pm = 500;
		if (strcmp(rows[i].rule, "outside") == 0) {
			VIEW_SET(&g, by_source, "grid");
			g.by_until = NOW_MS;
		}
		g.session_start = SINCE_MS - 3600 * MS_PER_S;
		check(&g, rows[i].want);
	}
}

/* What the contract allows is said beside what else holds the gun, and what a start would get. */
static void the_rule_of_the_contract_is_told(void **state)
{
	static const struct {
		int64_t at_pm;
		const char *want;
	} rows[] = {{310, "new starts get full power: the transformer is at 31 %; above 50 % they "
			  "get 50 %, above 80 % they wait"},
		{501, "new starts get 50 % of their power: the transformer is at 50.1 %, above 50 "
		      "%; above 80 % they wait"},
		{800, "new starts get 50 % of their power: the transformer is at 80 %, above 50 "
		      "%; above 80 % they wait"},
		{801, "new starts wait: the transformer is at 80.1 %, above 80 %"},
		{VALUE_NONE, ""}};
	struct view_gun g = held("limit", "pile", "A1", "");
	struct view_site s;
	char text[WHY_MAX];

	(void)state;
	g.cap_w = 11000;
	check(&g, "11.0 of 22.0 kW: pile A1 at 41.4 of 41.9 kVA, since 18:02; half power: 11.0 kW "
		  "at most");
	view_clear(VIEW_site, &s);
	s.half_above_pm = s.start_share_pm = 500;
	s.stop_above_pm = 800;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		s.admit_pm = rows[i].at_pm;
		why_contract(text, sizeof text, &s);
		assert_string_equal(text, rows[i].want);
	}
}

static void a_tag_is_named(void **state)
{
	struct view_gun g = gun("stopped");

	(void)state;
	VIEW_SET(&g, tag, "plug broken");
	VIEW_SET(&g, tag_by, "li");
	check(&g, "held at zero since 18:02: out of service by li, plug broken");
}

/* A view of which nothing is known, and one without room. */
static void nothing_breaks_it(void **state)
{
	static const char *const rules[] = {"idle", "want", "limit", "turn", "wait", "half", "ramp",
		"hold", "safe", "silent", "disobeys", "stopped", "command", "outside"};

	(void)state;
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
		char text[WHY_MAX];
		struct view_gun g;

		view_clear(VIEW_gun, &g);
		VIEW_SET(&g, rule, rules[i]);
		for (size_t size = 1; size < sizeof text; size++) {
			memset(text, 'x', sizeof text);
			why_gun(text, size, &g, (struct wall){NOW_MS});
			assert_true(strlen(text) < size);
		}
		assert_true(text[0] != '\0');
		assert_string_not_equal(why_rule(rules[i]), rules[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_limit_is_named_with_its_load),
		cmocka_unit_test(the_line_has_places),
		cmocka_unit_test(every_rule_has_its_words),
		cmocka_unit_test(the_rule_of_the_contract_is_told),
		cmocka_unit_test(a_tag_is_named),
		cmocka_unit_test(nothing_breaks_it),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	i18n_init("en");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
