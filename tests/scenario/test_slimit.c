/* Limits from outside: begun and ended by the clock, obeyed by the whole site. */
#include "loadsite.h"

static struct view_slimit slimit(
	const struct run *r, const char *node, int64_t w, int64_t from_s, int64_t to_s)
{
	struct view_slimit s;

	view_clear(VIEW_slimit, &s);
	VIEW_SET(&s, id, "L1");
	VIEW_SET(&s, node, node);
	VIEW_SET(&s, source, "grid");
	s.limit_w = w;
	s.from = vsite_now(r->v).wall.ms + from_s * MS_PER_S;
	s.to = vsite_now(r->v).wall.ms + to_s * MS_PER_S;
	return s;
}

static void give(struct run *r, const struct view_slimit *s, bool cancel)
{
	struct event e = {.kind = EV_SLIMIT};

	e.slimit.view = s;
	e.slimit.cancel = cancel;
	vsite_apply(r->v, &e);
}

/* It is obeyed from its first second to its last, and no longer. */
static void a_limit_from_outside_begins_and_ends(void **state)
{
	struct view_slimit s;
	struct view_node root;
	struct run r;

	(void)state;
	begin(&r, "200 kVA", 200000, "[admission, fair]");
	live(&r, 1800);
	s = slimit(&r, "demo", 130000, 600, 2400);
	give(&r, &s, false);
	give(&r, &s, false); /* the same id once more: nothing */
	live(&r, 500);
	assert_true(r.peak_w > 130000);
	live(&r, 100);
	r.limit_w = 130000;
	live(&r, 900);
	assert_int_equal(r.over_s, 0);
	assert_true(site_view_node(vsite_site(r.v), 0, &root));
	assert_int_equal(root.outside_va, 130000);
	live(&r, 900);
	assert_int_equal(r.over_s, 0);
	live(&r, 1200);
	assert_true(r.peak_w > 130000);
	assert_true(site_view_node(vsite_site(r.v), 0, &root));
	assert_int_equal(root.outside_va, VALUE_NONE);
	assert_string_equal(r.states, "planned active ended ");
	assert_false(site_view_slimit(vsite_site(r.v), 0, &s));
	end(&r);
}

/* What is kept of it makes the next agent obey it too. */
static void a_limit_from_outside_outlives_a_restart(void **state)
{
	struct event e = {.kind = EV_RESUME};
	struct view_slimit s, kept;
	struct run r;

	(void)state;
	begin(&r, "200 kVA", 200000, "[fair]");
	live(&r, 1800);
	s = slimit(&r, "demo", 130000, 300, 3000);
	give(&r, &s, false);
	live(&r, 600);
	assert_true(site_view_slimit(vsite_site(r.v), 0, &kept));
	assert_string_equal(kept.state, "active");
	vsite_free(r.v);
	assert_int_equal(vsite_new(&(struct vsite_cfg){.sim = r.sim,
					   .config = r.config,
					   .on_action = on_action,
					   .arg = &r},
				 &r.v),
		0);
	e.resume.kind = VIEW_slimit;
	e.resume.view = &kept;
	vsite_apply(r.v, &e);
	live(&r, 60);
	r.limit_w = 130000;
	live(&r, 2000);
	assert_int_equal(r.over_s, 0);
	end(&r);
}

static void a_gun_is_limited_from_outside(void **state)
{
	struct view_slimit s;
	struct view_gun g;
	struct run r;
	char why[WHY_MAX];

	(void)state;
	begin(&r, "500 kVA", 500000, "[fair]");
	live(&r, 60);
	sim_plug(r.sim, "A1.1", NULL);
	live(&r, 300);
	s = slimit(&r, "A1.1", 20000, 0, 3600);
	give(&r, &s, false);
	live(&r, 120);
	site_view_gun(vsite_site(r.v), 0, vsite_now(r.v), &g);
	assert_string_equal(g.rule, "outside");
	assert_string_equal(g.by_source, "grid");
	assert_int_equal(g.grant_w, 20000);
	why_gun(why, sizeof why, &g, vsite_now(r.v).wall);
	assert_non_null(strstr(why, "limited from outside by grid until"));
	give(&r, &s, true);
	live(&r, 300);
	site_view_gun(vsite_site(r.v), 0, vsite_now(r.v), &g);
	assert_string_not_equal(g.rule, "outside");
	assert_true(g.grant_w > 20000);
	assert_string_equal(r.states, "planned active cancelled ");
	end(&r);
}

/* It holds at once, although there is room for more and nobody waits for it. */
static void a_gun_comes_down_although_nobody_goes_short(void **state)
{
	struct view_slimit s;
	struct view_gun g;
	uint16_t gun = 0;
	struct run r;

	(void)state;
	begin(&r, "630 kVA", 630000, "[fair]");
	do {
		live(&r, 1);
		assert_true(r.second < 3600);
		gun = (uint16_t)(r.second % 24);
		site_view_gun(vsite_site(r.v), gun, vsite_now(r.v), &g);
	} while (strcmp(g.rule, "want") != 0 || g.power_w < 30000);
	s = slimit(&r, g.id, 20000, 0, 3600);
	give(&r, &s, false);
	live(&r, 2);
	site_view_gun(vsite_site(r.v), gun, vsite_now(r.v), &g);
	assert_int_equal(g.grant_w, 20000);
	end(&r);
}

/* The mean of every quarter of an hour stays within the contract, though the power at once need
 * not. */
static void a_contract_demand_limits_the_mean(void **state)
{
	int64_t sum_ws = 0, begin_ms, above = 0;
	struct view_slimit s;
	struct run r;
	int windows = 0;

	(void)state;
	begin(&r, "200 kVA", 200000, "[fair]");
	live(&r, 900);
	s = slimit(&r, "demo", 130000, 0, 7200);
	s.window_s = 900;
	give(&r, &s, false);
	/* up to the first whole window */
	while (vsite_now(r.v).wall.ms / 900000 == s.from / 900000) {
		live(&r, 1);
	}
	begin_ms = vsite_now(r.v).wall.ms / 900000;
	while (windows < 6) {
		live(&r, 1);
		sum_ws += r.peak_w;
		above += r.peak_w > 130000;
		if (vsite_now(r.v).wall.ms / 900000 != begin_ms) {
			assert_in_range(sum_ws / 900, 1, 130000);
			sum_ws = 0;
			begin_ms++;
			windows++;
		}
	}
	if (getenv("PILED_SHOW") != NULL) {
		print_message("# above the contract for %lld s\n", (long long)above);
	}
	assert_true(above > 0);
	end(&r);
}

/* Whatever comes, nothing breaks, and there are never more than there is room for. */
static void nonsense_is_no_limit(void **state)
{
	struct view_slimit s;
	struct run r;
	size_t n = 0;

	(void)state;
	begin(&r, "200 kVA", 200000, "[fair]");
	live(&r, 10);
	s = slimit(&r, "nowhere", 1000, 0, 60);
	give(&r, &s, false);
	s = slimit(&r, "T1", 1000, 0, 60);
	give(&r, &s, false);
	s = slimit(&r, "demo", -1, 0, 60);
	give(&r, &s, false);
	s = slimit(&r, "demo", 1000, 60, 60);
	give(&r, &s, false);
	s.id[0] = '\0';
	give(&r, &s, false);
	give(&r, &s, true);
	assert_false(site_view_slimit(vsite_site(r.v), 0, &s));
	for (int i = 0; i < 200; i++) {
		s = slimit(&r, "A1", 1000000, 0, 60);
		snprintf(s.id, sizeof s.id, "L%d", i);
		give(&r, &s, false);
	}
	while (site_view_slimit(vsite_site(r.v), n, &s)) {
		n++;
	}
	assert_int_equal(n, 64);
	live(&r, 120);
	assert_false(site_view_slimit(vsite_site(r.v), 0, &s));
	end(&r);
}

static void command(struct run *r, const char *id, int64_t w, int64_t confirm_s)
{
	struct event e = {.kind = EV_COMMAND};

	e.command.verb = VERB_LIMIT;
	e.command.value = w;
	e.command.id = id;
	e.command.by = "li";
	e.command.reason = "test";
	e.command.confirm_us = confirm_s * US_PER_S;
	vsite_apply(r->v, &e);
}

static int64_t outside_w(const struct run *r)
{
	struct view_node root;

	assert_true(site_view_node(vsite_site(r->v), 0, &root));
	return root.outside_va;
}

/* The power of the site by command: obeyed, replaced, undone where nobody confirms it, lifted. */
static void the_sites_power_is_limited_by_command(void **state)
{
	struct view_command c = {0};
	struct view_slimit s;
	struct run r;

	(void)state;
	begin(&r, "200 kVA", 200000, "[admission, fair]");
	live(&r, 1800);
	command(&r, "c1", 150000, 0);
	live(&r, 60);
	assert_int_equal(outside_w(&r), 150000);
	for (size_t i = 0; site_view_command(vsite_site(r.v), i, &c); i++) {
		if (strcmp(c.id, "c1") == 0) {
			break;
		}
	}
	assert_string_equal(c.state, "verified");
	r.limit_w = 150000;
	live(&r, 300);
	assert_int_equal(r.over_s, 0);
	command(&r, "c2", 120000, 600);
	live(&r, 60);
	assert_int_equal(outside_w(&r), 120000);
	assert_true(site_view_slimit(vsite_site(r.v), 0, &s));
	assert_string_equal(s.source, "command");
	assert_false(site_view_slimit(vsite_site(r.v), 1, &s)); /* the first gave way */
	live(&r, 600);
	assert_int_equal(outside_w(&r), 150000); /* nobody confirmed */
	command(&r, "off", VALUE_NONE, 0);
	live(&r, 60);
	assert_int_equal(outside_w(&r), VALUE_NONE);
	end(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_limit_from_outside_begins_and_ends),
		cmocka_unit_test(a_limit_from_outside_outlives_a_restart),
		cmocka_unit_test(a_gun_is_limited_from_outside),
		cmocka_unit_test(a_gun_comes_down_although_nobody_goes_short),
		cmocka_unit_test(a_contract_demand_limits_the_mean),
		cmocka_unit_test(nonsense_is_no_limit),
		cmocka_unit_test(the_sites_power_is_limited_by_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
