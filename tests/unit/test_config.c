/* piled.yaml: read as a whole, every error with its line, printed so that it loads again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "config/config.h"
#include "notice.h"
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
	config_site_cfg(c, &site);
	assert_int_equal(site.pile_count, 18);
	assert_int_equal(site.gun_count, 24);
	assert_int_equal(site.rated_va, 630000);
	assert_int_equal(site.limit_va, 504000);
	assert_int_equal(zone_offset_s(&site.zone, wall_now()), 28800);
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
				   "  9A: {profile: sim-ac, bus: b}\n"
				   "  A10: {profile: nope, bus: b, commissioned: 2025-02-29}\n"
				   "  A11: {profile: sim-ac, bus: no, unit: 301}\n";
	static const char *const expected[] = {":1: unknown key 'color'", ":1: 'timezone': read",
		":2: 'rated': read '630'", ":3: 'log': read 'loud', allowed are: error",
		":5: 'baud': read 9601", ":6: bus 'b': /dev/ttyS0 is already used by bus 'a'",
		":7: 'tcp': read 'host:99999'", ":9: profile sim-ac is of a pile",
		":11: 'unit': read '300', allowed is 1 to 247", ":12: profile 'sim-ax' is not",
		":13: 'bus': there is no bus 'aa', did you mean 'a'?",
		":14: 'unit': read '1..4', allowed is",
		":16: A9: unit 12 on bus b is already that of A8",
		":16: 'commissioned': read 'May'", ":17: id '9A'",
		":18: 'commissioned': read '2025-02-29'", ":19: 'unit': read '301'"};
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

/* A managed site: what is told of the transformer, and of its piles. */
static struct config *load_managed(
	const char *transformer, const char *piles, struct yaml_errors *errors)
{
	char text[1200];

	snprintf(text, sizeof text,
		"site: {id: x}\n"
		"transformer: %s\n"
		"load: {other_load: 60 kVA}\n"
		"buses: {a: {tcp: host}}\n"
		"feeders: {F1: {limit: 40 A}}\n"
		"meters: {T1: {profile: acrel-dtsd1352, bus: a, role: transformer, unit: 99}}\n"
		"piles:\n%s",
		transformer, piles);
	return load_text(text, errors);
}

static void what_remains_after_the_agent_fits_the_limit(void **state)
{
	static const struct {
		const char *transformer, *piles, *error;
	} cases[] = {
		/* 12 guns at their minimum of 5 kW */
		{"{rated: 200 kVA}", "  A1..A6: {profile: sim-dc, bus: a, unit: 1..6}\n", NULL},
		{"{rated: 200 kVA, limit: 125 kVA}",
			"  A1..A6: {profile: sim-dc, bus: a, unit: 1..6}\n",
			":2: the transformer: when the agent is lost the piles may go on to take "
			"65100 VA; with 60000 VA of 'other_load' that is 125100 VA, the limit is "
			"125000 VA"},
		{"{rated: 200 kVA, limit: 100 kVA}",
			"  A1..A6: {profile: sim-dc, bus: a, unit: 1..6, on_agent_loss: stop}\n",
			NULL},
		/* the rated power is all that two guns can take that keep their grants */
		{"{rated: 180 kVA}",
			"  A1: {profile: sim-dc, bus: a, unit: 1, on_agent_loss: hold}\n",
			"take 130200 VA; with"},
		{"{rated: 200 kVA}", "  A1: {profile: sim-dc, bus: a, unit: 1, failsafe: 121 kW}\n",
			":8: 'failsafe': read"},
		/* one phase: the sum looks fine */
		{"{rated: 120 kVA}",
			"  B1..B15: {profile: sim-ac, bus: a, unit: 1..15, phases: L2}\n",
			"take 21330 VA on L2; with 20000 VA of"},
		{"{rated: 120 kVA}",
			"  B1..B15: {profile: sim-ac, bus: a, unit: 1..15, phases: [L1, L2, L3]}\n",
			NULL},
		/* a feeder */
		{"{rated: 120 kVA}",
			"  B1..B7: {profile: sim-ac, bus: a, unit: 1..7, phases: L1, feeder: F1}\n",
			":5: F1: when the agent is lost the piles may go on to take 9954 VA on L1"},
		/* without registers for it */
		{"{rated: 630 kVA}", "  C1: {profile: foxess-evc, rated: 22 kW, bus: a, unit: 1}\n",
			":8: C1: profile foxess-evc has no watchdog"},
		{"{rated: 630 kVA}",
			"  C1: {profile: foxess-evc, rated: 22 kW, bus: a, unit: 1, on_agent_loss: "
			"hold}\n",
			NULL},
		{"{rated: 630 kVA}",
			"  C1: {profile: foxess-evc, rated: 22 kW, bus: a, unit: 1, on_agent_loss: "
			"stop}\n",
			":8: 'on_agent_loss': profile foxess-evc has no watchdog"},
		{"{rated: 630 kVA}",
			"  B1: {profile: sim-ac, bus: a, unit: 1, phases: L1, failsafe: 1 kW}\n",
			":8: 'failsafe' of B1: profile sim-ac cannot write 4347 to failsafe_ma"},
		{"{rated: 630 kVA}", "  B1: {profile: sim-ac, bus: a, watchdog: 2 s}\n",
			":8: 'watchdog': 2 s is less than 3 polls of B1"},
		{"{rated: 630 kVA}",
			"  B1: {profile: sim-ac, bus: a, on_agent_loss: hold, failsafe: 2 kW}\n",
			":8: 'failsafe' is for 'on_agent_loss: failsafe'"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct yaml_errors errors = {0};
		struct config *c = load_managed(cases[i].transformer, cases[i].piles, &errors);
		bool found = cases[i].error == NULL && c != NULL && errors.count == 0;

		for (size_t k = 0; k < errors.kept && cases[i].error != NULL; k++) {
			found = found || strstr(errors.lines[k], cases[i].error) != NULL;
		}
		if (!found) {
			for (size_t k = 0; k < errors.kept; k++) {
				print_message("# %s\n", errors.lines[k]);
			}
			fail_msg("case %zu: %s", i,
				cases[i].error != NULL ? cases[i].error : "loads");
		}
		yaml_errors_free(&errors);
		config_free(c);
	}
}

struct remarks {
	size_t count;
	char last[600];
};

static void take_remark(void *arg, const char *line)
{
	struct remarks *m = arg;

	m->count++;
	snprintf(m->last, sizeof m->last, "%s", line);
}

/* Where the transformer has a meter its limit is kept, unless the file says that people do. */
static void load_management_is_on_by_default(void **state)
{
	static const char meter[] =
		"meters: {T1: {profile: acrel-dtsd1352, bus: a, role: transformer, unit: 99}}\n";
	static const struct {
		const char *load, *meters, *pile, *error, *remark;
		bool managed;
	} cases[] = {
		{"load: {other_load: 60 kVA}\n", meter, "sim-ac", NULL, NULL, true},
		{"", meter, "sim-ac", ":2: load management is on where the transformer has a meter",
			NULL, false},
		{"", meter, "foxess-evc", ":5: B1: profile foxess-evc has no watchdog", NULL,
			false},
		{"load: {target: 80 %}\n", meter, "sim-ac", ":3: load management is on", NULL,
			false},
		{"load: {policy: none}\n", meter, "foxess-evc", NULL, NULL, false},
		{"", "", "sim-ac", NULL, "no load management: the transformer has no meter", false},
		{"", "meters: {M1: {profile: acrel-dtsd1352, bus: a, unit: 99}}\n", "sim-ac", NULL,
			"the transformer has no meter", false},
		{"load: {policy: none}\n", "", "sim-ac", NULL, NULL, false},
		{"load: {other_load: 60 kVA}\n", "", "sim-ac", ":3: load management needs a meter",
			NULL, false},
		{"load: {other_load: 60 kVA}\n", meter, "xj-dc-dual, on_agent_loss: hold", NULL,
			"cannot limit its power", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct yaml_errors errors = {0};
		struct remarks remarks = {0};
		struct config *c;
		char text[1200];
		bool found = false;

		snprintf(text, sizeof text,
			"site: {id: x}\ntransformer: {rated: 200 kVA}\n%sbuses: {a: {tcp: "
			"host}}\n%spiles: {B1: {profile: %s, bus: a, rated: 22 kW}}\n",
			cases[i].load, cases[i].meters, cases[i].pile);
		c = load_text(text, &errors);
		for (size_t k = 0; k < errors.kept; k++) {
			found = found || (cases[i].error != NULL &&
						 strstr(errors.lines[k], cases[i].error) != NULL);
		}
		if (found != (cases[i].error != NULL) || (c == NULL) != found) {
			fail_msg("case %zu: %s", i, errors.kept > 0 ? errors.lines[0] : "loads");
		}
		if (c != NULL) {
			char *first = printed(c), *second;
			struct config *again = load_text(first, &errors);

			assert_int_equal(c->load.managed, cases[i].managed);
			if (again == NULL) {
				fail_msg("case %zu: %s\n%s", i, errors.lines[0], first);
			}
			second = printed(again);
			assert_string_equal(first, second);
			config_remarks(c, take_remark, &remarks);
			assert_int_equal(remarks.count, cases[i].remark != NULL);
			assert_non_null(strstr(
				remarks.last, cases[i].remark != NULL ? cases[i].remark : ""));
			free(first);
			free(second);
			config_free(again);
		}
		yaml_errors_free(&errors);
		config_free(c);
	}
}

static void what_a_pile_does_without_the_agent_is_printed(void **state)
{
	struct yaml_errors errors = {0};
	struct config *c = load_managed("{rated: 630 kVA}",
		"  A1: {profile: sim-dc, bus: a, unit: 1, failsafe: 6 kW, watchdog: 45 s}\n"
		"  A2: {profile: sim-dc, bus: a, unit: 2, on_agent_loss: stop}\n"
		"  B1: {profile: sim-ac, bus: a, unit: 3, phases: L3}\n"
		"  C1: {profile: foxess-evc, rated: 22 kW, bus: a, unit: 4, on_agent_loss: hold}\n",
		&errors);
	struct config *again;
	char *first, *second;
	struct site_cfg site;

	(void)state;
	assert_non_null(c);
	config_site_cfg(c, &site);
	assert_int_equal(site.piles[0].on_loss, LOSS_FAILSAFE);
	assert_int_equal(site.piles[0].watchdog_s, 45);
	assert_int_equal(site.piles[0].failsafe_value, 6000);
	assert_int_equal(site.piles[1].on_loss, LOSS_STOP);
	assert_int_equal(site.piles[1].failsafe_value, 0);
	assert_int_equal(site.piles[2].failsafe_value, 6000);
	assert_true(site.piles[2].failsafe_ma);
	assert_int_equal(site.piles[3].on_loss, LOSS_HOLD);
	first = printed(c);
	again = load_text(first, &errors);
	assert_non_null(again);
	second = printed(again);
	assert_string_equal(first, second);
	assert_non_null(strstr(first, "watchdog: 45 s\n    failsafe: 6000 W\n"));
	free(first);
	free(second);
	config_free(c);
	config_free(again);
}

static void inputs_name_a_bit_and_what_it_stops(void **state)
{
	static const char profile[] = "profile: m\nkind: meter\nmodbus: {read: 4}\n"
				      "points: {power_w: {at: 0, unit: W}, input: {at: 9}}\n";
	char path[] = "/tmp/piled-profile-XXXXXX", text[1500];
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, profile, strlen(profile)), (ssize_t)strlen(profile));
	close(fd);
	for (int bad = 0; bad < 2; bad++) {
		struct yaml_errors errors = {0};
		struct config *c;
		struct site_cfg site;

		snprintf(text, sizeof text,
			"site: {id: x}\ntransformer: {rated: 100 kVA}\nbuses: {a: {tcp: host}}\n"
			"feeders: {F1: {limit: 40 A}}\nmeters: {M1: {profile: %s, bus: a}}\n"
			"piles: {B1: {profile: sim-ac, bus: a, unit: 2, feeder: F1}}\n"
			"inputs:\n"
			"  fire: {unit: %s, bit: 3, active: 0, stops: x}\n"
			"  door: {unit: M1, bit: %s, stops: %s}\n"
			"  gun: {unit: M1, bit: 1, stops: B1.1, on_silence: %s}\n",
			path, bad ? "B1" : "M1", bad ? "63" : "0", bad ? "F2" : "F1",
			bad ? "wait" : "alarm");
		c = load_text(text, &errors);
		for (size_t k = 0; !bad && k < errors.kept; k++) {
			print_message("# %s\n", errors.lines[k]);
		}
		if (bad) {
			assert_null(c);
			assert_int_equal(errors.count, 4);
			assert_non_null(strstr(errors.lines[3], ":10: 'on_silence': read 'wait'"));
			assert_non_null(strstr(errors.lines[0], ":8: 'unit': profile sim-ac"));
			assert_non_null(strstr(errors.lines[1], ":9: 'bit'"));
			assert_non_null(strstr(errors.lines[2], ":9: 'stops': there is no"));
		} else {
			char *first;

			assert_non_null(c);
			config_site_cfg(c, &site);
			assert_int_equal(site.stop_count, 3);
			assert_int_equal(site.stops[0].group.kind, TGT_SITE);
			assert_int_equal(site.stops[1].group.kind, TGT_FEEDER);
			assert_int_equal(site.stops[2].group.kind, TGT_GUN);
			assert_int_equal(site.stops[0].active, 0);
			assert_int_equal(site.stops[0].silence, SILENCE_STOP);
			assert_int_equal(site.stops[2].silence, SILENCE_ALARM);
			first = printed(c);
			assert_non_null(strstr(first, "  fire: {unit: M1, bit: 3, active: 0, "
						      "stops: x, on_silence: stop}\n"));
			free(first);
		}
		yaml_errors_free(&errors);
		config_free(c);
	}
	unlink(path);
}

/* Half hours of local time from `t` on, as minutes of the day at which each begins. */
static void half_hours(const struct zone_rules *rules, int64_t t_s, const int *minutes, int count)
{
	struct wall t = {t_s * MS_PER_S};

	for (int i = 0; i < count; i++) {
		int64_t local_s;

		t = zone_half_hour(rules, t);
		local_s = t.ms / MS_PER_S + zone_offset_s(rules, t);
		assert_int_equal(local_s % 60, 0);
		assert_int_equal(local_s / 60 % 1440, minutes[i]);
	}
}

static void billing_names_a_tariff_and_its_rules(void **state)
{
	static const char head[] = "site: {id: x}\ntransformer: {rated: 50 kVA}\n"
				   "load: {policy: none}\n"
				   "buses:\n  a: {tcp: 127.0.0.1:1502, timeout: 700 ms}\n"
				   "piles:\n  P: {profile: sim-ac, bus: a, unit: 1, tariff: own}\n";
	static const struct {
		const char *billing, *error;
	} bad[] = {
		{"billing: {unpaid: free}", "'tariff' is missing"},
		{"billing: {tariff: t, unpaid: never}", "free, refuse, unknown"},
		{"billing: {tariff: t, overrun: gift}", "debt, loss"},
		{"billing: {tariff: t, hold: -3 yuan}", "'hold'"},
		{"billing: {tariff: t, holds: 3 yuan}", "'holds'"},
		{"billing: {tariff: t, pin: {tries: 0}}", "'tries'"},
		{"billing: {tariff: t, pin: {lock: 3 s}}", "'lock'"},
		{"billing: {tariff: t, messages: {low: 5 yuan}}", "'hook', a program, or 'mail"},
		{"billing: {tariff: t, messages: {mail: yes, events: [start]}}", "'start'"},
	};
	struct yaml_errors errors = {0};
	char text[512];
	struct config *c;
	struct site_cfg site;

	(void)state;
	snprintf(text, sizeof text,
		"%sbilling: {tariff: t, unpaid: unknown, overrun: loss,"
		" messages: {hook: /bin/sms, events: [low]}}",
		head);
	c = load_text(text, &errors);
	assert_non_null(c);
	assert_true(c->billing.overrun_loss);
	assert_string_equal(c->billing.messages.hook, "/bin/sms");
	assert_false(c->billing.messages.mail);
	assert_int_equal(c->billing.messages.told, 1U << NOTICE_WORDS | 1U << NOTICE_LOW);
	assert_int_equal(c->billing.messages.low_fen, 2000);
	assert_int_equal(c->billing.messages.most_an_hour, 10);
	assert_int_equal(c->billing.hold_fen, 10000);
	assert_int_equal(c->billing.pin_tries, 5);
	assert_int_equal(c->billing.pin_lock_us, 900 * US_PER_S);
	config_site_cfg(c, &site);
	assert_true(site.billing.on);
	assert_string_equal(site.billing.tariff, "t");
	assert_int_equal(site.billing.unpaid, UNPAID_UNKNOWN);
	assert_int_equal(site.billing.stop_lag_us, 3 * US_PER_S);
	assert_int_equal(site.billing.timeout_us, 700 * US_PER_MS);
	assert_string_equal(site.piles[0].tariff, "own");
	config_free(c);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		snprintf(text, sizeof text, "%s%s", head, bad[i].billing);
		yaml_errors_free(&errors);
		c = load_text(text, &errors);
		assert_null(c);
		assert_true(errors.kept > 0);
		assert_non_null(strstr(errors.lines[0], bad[i].error));
	}
	yaml_errors_free(&errors);
}

static void zones_have_the_offset_of_the_instant(void **state)
{
	static const int kathmandu[] = {0, 30}, spring[] = {90, 180, 210};
	static const int autumn[] = {150, 120, 150, 180}, howe[] = {90, 120, 150};
	struct zone_rules rules;

	(void)state;
	assert_int_equal(zone_read("+08:00", &rules), 0);
	assert_int_equal(zone_offset_s(&rules, (struct wall){0}), 28800);
	assert_int_equal(zone_read("-03:30", &rules), 0);
	assert_int_equal(zone_offset_s(&rules, (struct wall){0}), -12600);
	assert_int_equal(zone_read("../etc/passwd", &rules), ERR_SYNTAX);
	assert_int_equal(zone_read("+8", &rules), ERR_SYNTAX);
	assert_int_equal(zone_read("Nowhere/City", &rules), ERR_NOTFOUND);
	assert_int_equal(zone_read("+05:45", &rules), 0);
	half_hours(&rules, 18 * 3600, kathmandu, 2); /* 23:45 there */
	if (access("/usr/share/zoneinfo/Europe/Berlin", R_OK) == 0) {
		assert_int_equal(zone_read("Europe/Berlin", &rules), 0);
		assert_true(zone_rules_good(&rules));
		/* 2026-01-15 and 2026-07-15 */
		assert_int_equal(
			zone_offset_s(&rules, (struct wall){INT64_C(1768435200000)}), 3600);
		assert_int_equal(
			zone_offset_s(&rules, (struct wall){INT64_C(1784073600000)}), 7200);
		/* 2026-03-29 01:10 and 2026-10-25 02:10, summer time: clocks go 2 -> 3, 3 -> 2 */
		half_hours(&rules, 1774743000, spring, 3);
		half_hours(&rules, 1792887000, autumn, 4);
		/* 2026-04-05 01:40 summer time: clocks go 2:00 -> 1:30 */
		assert_int_equal(zone_read("Australia/Lord_Howe", &rules), 0);
		half_hours(&rules, 1775313600, howe, 3);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_demo_site_is_what_it_says),
		cmocka_unit_test(what_is_printed_loads_to_the_same),
		cmocka_unit_test(every_error_is_reported_in_one_run),
		cmocka_unit_test(what_remains_after_the_agent_fits_the_limit),
		cmocka_unit_test(load_management_is_on_by_default),
		cmocka_unit_test(what_a_pile_does_without_the_agent_is_printed),
		cmocka_unit_test(inputs_name_a_bit_and_what_it_stops),
		cmocka_unit_test(billing_names_a_tariff_and_its_rules),
		cmocka_unit_test(zones_have_the_offset_of_the_instant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
