/*
 * The demo site under load management, whole agent in virtual time: 24 guns and a building under
 * a limit that is far too small for them. The simulator's true load tells whether it holds.
 */
#include "loadsite.h"

static void the_limit_holds(void **state)
{
	struct run r;

	(void)state;
	begin(&r, "200 kVA", 200000, "[admission, fair]");
	live(&r, 60); /* what was there at the start comes down */
	live(&r, 4 * 3600);
	assert_int_equal(r.over_s, 0);
	/* and what there is is used: a limit that is never neared is no management */
	assert_true(r.peak_w > 120000);
	end(&r);
}

/* The meter dies: no rises, then the worst case of the other load, then safe power; and back. */
static void a_dead_meter_costs_power_but_no_limit(void **state)
{
	struct run r;
	int64_t before_w;

	(void)state;
	begin(&r, "200 kVA", 200000, "[admission, fair]");
	live(&r, 1800);
	inject(&r, "meter-dead", "T1", 1200);
	live(&r, 60);
	before_w = r.peak_w;
	live(&r, 240);
	assert_int_equal(r.over_s, 0);
	live(&r, 600); /* safe power by now */
	assert_int_equal(r.over_s, 0);
	assert_true(r.peak_w < before_w);
	live(&r, 1800);
	assert_int_equal(r.over_s, 0);
	assert_true(r.peak_w > 120000);
	end(&r);
}

static void a_meter_that_stands_still_is_not_believed(void **state)
{
	struct run r;

	(void)state;
	begin(&r, "200 kVA", 200000, "[admission, fair]");
	live(&r, 60);
	inject(&r, "frozen", "T1", 0);
	live(&r, 3600);
	assert_int_equal(r.over_s, 0);
	end(&r);
}

/* Piles that do not answer count with their last grant. */
static void silent_piles_keep_their_share(void **state)
{
	struct run r;

	(void)state;
	begin(&r, "200 kVA", 200000, "[admission, fair]");
	live(&r, 1800);
	inject(&r, "silent", "A1", 600);
	inject(&r, "silent", "A3", 600);
	inject(&r, "line-unplugged", "line-1", 600);
	live(&r, 1800);
	assert_int_equal(r.over_s, 0);
	end(&r);
}

static void cars_that_arrive_at_once_share(void **state)
{
	struct run r;
	size_t charging = 0;

	(void)state;
	begin(&r, "200 kVA", 200000, "[fair]");
	live(&r, 600);
	plug_all(&r);
	live(&r, 60);
	assert_int_equal(r.over_s, 0);
	live(&r, 600);
	assert_int_equal(r.over_s, 0);
	for (uint16_t i = 0; i < 24; i++) {
		struct view_gun g;

		site_view_gun(vsite_site(r.v), i, vsite_now(r.v), &g);
		charging += strcmp(g.state, "charging") == 0;
		assert_true(strcmp(g.state, "suspended") != 0 || g.rule[0] != '\0');
	}
	assert_in_range(charging, 15, 24);
	end(&r);
}

/* Each gun's reason agrees with the state that it is told of. */
static void reasons_are_right(void **state)
{
	size_t limited = 0, yields = 0;
	struct run r;

	(void)state;
	begin(&r, "200 kVA", 200000, "[fair]");
	live(&r, 600);
	plug_all(&r);
	live(&r, 300);
	for (uint16_t i = 0; i < 24; i++) {
		char text[WHY_MAX];
		struct view_gun g;

		site_view_gun(vsite_site(r.v), i, vsite_now(r.v), &g);
		why_gun(text, sizeof text, &g, vsite_now(r.v).wall);
		if (getenv("PILED_SHOW") != NULL) {
			print_message("# %s: %s\n", g.id, text);
		}
		assert_true(text[0] != '\0');
		if (strcmp(g.rule, "limit") != 0 && strcmp(g.rule, "turn") != 0) {
			assert_string_equal(g.by_node, "");
			continue;
		}
		limited++;
		assert_true(g.grant_w < g.max_w); /* a full grant is held by nothing */
		assert_true(g.by_node[0] != '\0' && g.by_kind[0] != '\0');
		/* what holds it is full, but for what the others may still rise to */
		assert_true(g.by_load_va * 10 > g.by_limit_va * g.by_pm / 1000 * 8);
		assert_true(g.by_load_va <= g.by_limit_va);
		if (g.yield_gun[0] != '\0') {
			yields++;
			assert_string_not_equal(g.yield_gun, g.id);
			assert_in_range(g.grant_w + g.yield_w, 1, g.max_w);
		}
	}
	assert_true(limited > 0 && yields > 0);
	end(&r);
}

/* The tree as people see it: what the guns count with adds up. */
static void the_tree_adds_up(void **state)
{
	int64_t piles_va = 0, granted_w = 0;
	struct view_node root, n;
	size_t nodes = 1;
	struct run r;

	(void)state;
	begin(&r, "200 kVA", 200000, "[admission, fair]");
	live(&r, 1800);
	assert_true(site_view_node(vsite_site(r.v), 0, &root));
	assert_string_equal(root.kind, "site");
	assert_string_equal(root.parent, "");
	assert_int_equal(root.limit_va, 200000);
	assert_int_equal(root.usable_va, 190000);
	for (; site_view_node(vsite_site(r.v), nodes, &n); nodes++) {
		assert_string_equal(n.kind, "pile");
		assert_string_equal(n.parent, root.id);
		piles_va += n.counted_va;
		granted_w += n.granted_w;
		assert_int_equal(n.outside_va, VALUE_NONE);
	}
	assert_int_equal(nodes, 1 + 18);
	assert_int_equal(granted_w, root.granted_w);
	assert_in_range(root.counted_va, piles_va - 18, piles_va + 18);
	assert_true(root.load_pm > 0 && root.load_pm <= 1000);
	end(&r);
}

/* A gun that takes its limit and does not act on it: a fault, and its power is taken from others.
 */
static void a_deaf_gun_is_counted_with_what_it_takes(void **state)
{
	struct run r;
	struct view_gun g;

	(void)state;
	begin(&r, "200 kVA", 200000, "[fair]");
	live(&r, 300);
	sim_plug(r.sim, "A6.1", NULL);
	live(&r, 120);
	inject(&r, "deaf", "A6.1", 0);
	inject(&r, "deaf", "A3.1", 0);
	for (int pile = 1; pile <= 12; pile++) {
		char gun[8];

		snprintf(gun, sizeof gun, "B%d.1", pile);
		sim_plug(r.sim, gun, NULL);
	}
	live(&r, 900);
	site_view_gun(vsite_site(r.v), 10, vsite_now(r.v), &g);
	assert_string_equal(g.id, "A6.1");
	live(&r, 900);
	assert_int_equal(r.over_s, 0);
	end(&r);
}

/* The rule of the contract alone: above 80 % nothing starts, above 50 % at half power. */
static void admission_by_the_contract(void **state)
{
	struct run r;
	struct view_gun g;

	(void)state;
	begin(&r, "200 kVA", 200000, "[admission]");
	live(&r, 3600);
	for (uint16_t i = 0; i < 24; i++) {
		site_view_gun(vsite_site(r.v), i, vsite_now(r.v), &g);
		if (strcmp(g.rule, "wait") == 0) {
			assert_true(g.place >= 1);
			assert_true(g.grant_w == 0);
		}
		if (strcmp(g.rule, "half") == 0) {
			assert_true(g.grant_w <= g.max_w / 2);
		}
	}
	end(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_limit_holds),
		cmocka_unit_test(a_dead_meter_costs_power_but_no_limit),
		cmocka_unit_test(a_meter_that_stands_still_is_not_believed),
		cmocka_unit_test(silent_piles_keep_their_share),
		cmocka_unit_test(cars_that_arrive_at_once_share),
		cmocka_unit_test(reasons_are_right),
		cmocka_unit_test(the_tree_adds_up),
		cmocka_unit_test(a_deaf_gun_is_counted_with_what_it_takes),
		cmocka_unit_test(admission_by_the_contract),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
