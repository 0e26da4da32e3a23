/* piled.yaml: read as a whole, every error with its line, printed so that it loads again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "config.h"
#include "zone.h"

static const char *const folders[] = {"agent/profiles", NULL};

static struct config *load(const char *path, struct yaml_errors *errors)
{
	struct config *c = NULL;

	config_load(path, folders, errors, &c);
	return c;
}

/* Loads a text through a file of its own. */
static struct config *load_text(const char *text, struct yaml_errors *errors)
{
	char path[] = "/tmp/piled-config-XXXXXX";
	int fd = mkstemp(path);
	struct config *c;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	c = load(path, errors);
	unlink(path);
	return c;
}

static char *printed(const struct config *c)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	config_print(c, out);
	fclose(out);
	return text;
}

static void the_demo_site_is_what_it_says(void **state)
{
	struct yaml_errors errors = {0};
	struct config *c = load("agent/examples/demo.yaml", &errors);
	const struct config_unit *units;
	struct site_cfg site;
	struct plan_cfg plan;
	struct target t;
	uint16_t bus, unit;
	int gun;

	(void)state;
	for (size_t i = 0; i < errors.kept; i++) {
		print_message("# %s\n", errors.lines[i]);
	}
	assert_non_null(c);
	config_site_cfg(c, (struct wall){INT64_C(1772000000000)}, &site);
	assert_int_equal(site.pile_count, 18);
	assert_int_equal(site.gun_count, 24);
	assert_int_equal(site.rated_va, 630000);
	assert_int_equal(site.limit_va, 504000);
	assert_int_equal(site.utc_offset_s, 28800);
	assert_string_equal(site.guns[1].id, "A1.2");
	assert_string_equal(site.guns[12].id, "B1.1");
	assert_true(site.piles[0].limit_w);
	assert_false(site.piles[0].limit_per_pile);
	assert_true(site.piles[17].limit_ma);
	assert_true(site.guns[0].has_plug_no);
	assert_int_equal(config_bus_plan(c, 0, &plan, &units), 6);
	assert_int_equal(plan.units[5].unit, 6);
	assert_int_equal(config_bus_plan(c, 2, &plan, &units), 6);
	t = config_target(c, &units[0], 1);
	assert_int_equal(t.kind, TGT_GUN);
	assert_string_equal(site.guns[t.index].id, "B7.1");
	assert_int_equal(config_route(c, t, PT_LIMIT_MA, &bus, &unit, &gun), 0);
	assert_int_equal(bus, 2);
	assert_int_equal(unit, 0);
	assert_int_equal(gun, 1);
	t = (struct target){TGT_GUN, 1};
	assert_int_equal(config_route(c, t, PT_REBOOT, &bus, &unit, &gun), 0);
	assert_int_equal(gun, 0);
	assert_int_equal(config_route(c, t, PT_KEEPALIVE, &bus, &unit, &gun), ERR_UNSUPPORTED);
	t.index = 999;
	assert_int_equal(config_route(c, t, PT_STOP, &bus, &unit, &gun), ERR_NOTFOUND);
	config_free(c);
}

static void what_is_printed_loads_to_the_same(void **state)
{
	static const char *const files[] = {"agent/examples/demo.yaml",
		"agent/examples/one-pile.yaml", "agent/examples/piled.yaml"};

	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		struct yaml_errors errors = {0};
		struct config *c = load(files[i], &errors), *again;
		char *first, *second;

		for (size_t k = 0; k < errors.kept; k++) {
			print_message("# %s\n", errors.lines[k]);
		}
		assert_non_null(c);
		first = printed(c);
		again = load_text(first, &errors);
		for (size_t k = 0; k < errors.kept; k++) {
			print_message("# %s\n", errors.lines[k]);
		}
		assert_non_null(again);
		second = printed(again);
		assert_string_equal(first, second);
		assert_int_equal(c->gun_count, again->gun_count);
		free(first);
		free(second);
		config_free(c);
		config_free(again);
	}
}

static void every_error_is_reported_in_one_run(void **state)
{
	static const char text[] = "site: {id: x, timezone: Asia/Shangai, color: red}\n"
				   "transformer: {rated: 630}\n"
				   "log: loud\n"
				   "buses:\n"
				   "  a: {serial: /dev/ttyS0, baud: 9601}\n"
				   "  b: {serial: /dev/ttyS0}\n"
				   "  c: {tcp: host:99999}\n"
				   "meters:\n"
				   "  T1: {profile: sim-ac, bus: a}\n"
				   "piles:\n"
				   "  A1: {profile: sim-ac, bus: a, unit: 300}\n"
				   "  A2: {profile: sim-ax, bus: a}\n"
				   "  A3: {profile: sim-ac, bus: aa}\n"
				   "  A4..A6: {profile: sim-ac, bus: b, unit: 1..4}\n"
				   "  A7..A8: {profile: sim-ac, bus: b, unit: 11..12}\n"
				   "  A9: {profile: sim-ac, bus: b, unit: 12, commissioned: May}\n"
				   "  9A: {profile: sim-ac, bus: b}\n";
	static const char *const expected[] = {":1: unknown key 'color'", ":1: 'timezone': read",
		":2: 'rated': read '630'", ":3: 'log': read 'loud', allowed are: error",
		":5: 'baud': read 9601", ":6: bus 'b': /dev/ttyS0 is already used by bus 'a'",
		":7: 'tcp': read 'host:99999'", ":9: profile sim-ac is of a pile",
		":11: 'unit': read '300', allowed is 1 to 247", ":12: profile 'sim-ax' is not",
		":13: 'bus': there is no bus 'aa', did you mean 'a'?",
		":14: 'unit': read '1..4', allowed is",
		":16: A9: unit 12 on bus b is already that of A8",
		":16: 'commissioned': read 'May'", ":17: id '9A'"};
	struct yaml_errors errors = {0};

	(void)state;
	assert_null(load_text(text, &errors));
	for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
		bool found = false;

		for (size_t k = 0; k < errors.kept && !found; k++) {
			found = strstr(errors.lines[k], expected[i]) != NULL;
		}
		if (!found) {
			for (size_t k = 0; k < errors.kept; k++) {
				print_message("# %s\n", errors.lines[k]);
			}
			fail_msg("not reported: %s", expected[i]);
		}
	}
	yaml_errors_free(&errors);
}

static void zones_have_the_offset_of_the_instant(void **state)
{
	int64_t offset;

	(void)state;
	assert_int_equal(zone_offset("+08:00", (struct wall){0}, &offset), 0);
	assert_int_equal(offset, 28800);
	assert_int_equal(zone_offset("-03:30", (struct wall){0}, &offset), 0);
	assert_int_equal(offset, -12600);
	assert_int_equal(zone_offset("../etc/passwd", (struct wall){0}, &offset), ERR_SYNTAX);
	assert_int_equal(zone_offset("+8", (struct wall){0}, &offset), ERR_SYNTAX);
	assert_int_equal(zone_offset("Nowhere/City", (struct wall){0}, &offset), ERR_NOTFOUND);
	if (access("/usr/share/zoneinfo/Europe/Berlin", R_OK) == 0) {
		/* 2026-01-15 and 2026-07-15 */
		assert_int_equal(zone_offset("Europe/Berlin", (struct wall){INT64_C(1768435200000)},
					 &offset),
			0);
		assert_int_equal(offset, 3600);
		assert_int_equal(zone_offset("Europe/Berlin", (struct wall){INT64_C(1784073600000)},
					 &offset),
			0);
		assert_int_equal(offset, 7200);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_demo_site_is_what_it_says),
		cmocka_unit_test(what_is_printed_loads_to_the_same),
		cmocka_unit_test(every_error_is_reported_in_one_run),
		cmocka_unit_test(zones_have_the_offset_of_the_instant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
