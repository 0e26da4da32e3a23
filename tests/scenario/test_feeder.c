/* A feeder with a meter of its own: what it feeds besides its piles is kept free. */
#include "rig.h"

enum { T1, M1, METERS };

static const struct meter_cfg meters[METERS] = {
	{.id = "T1", .role = METER_TRANSFORMER, .feeder = -1, .poll_us = 1000000},
	{.id = "M1", .role = METER_FEEDER, .feeder = 0, .poll_us = 1000000},
};

/* 50 A a phase: 11.5 kVA each, 34.5 kVA in all. */
static const struct feeder_cfg feeders[] = {{.id = "F1", .limit_ma = 50000, .worst_va = 30000}};

static void setup(struct rig *r, bool metered)
{
	struct pile_cfg pile = rig_piles[0];
	struct gun_cfg gun = rig_guns[0];
	struct site_cfg cfg = rig_cfg;

	pile.gun_count = 1;
	pile.rated_w = 30000;
	gun.max_w = 30000;
	cfg.load = (struct load_cfg){.managed = true, .fair = true, .target_pm = 1000};
	cfg.load.worst_va = 50000;
	cfg.piles = &pile;
	cfg.guns = &gun;
	cfg.meters = meters;
	cfg.feeders = feeders;
	cfg.pile_count = cfg.gun_count = 1;
	cfg.meter_count = metered ? METERS : 1;
	r->now = (struct moment){{RIG_START_US}, {RIG_START_MS}};
	r->count = 0;
	r->sample_count = 0;
	assert_int_equal(site_new(&cfg, &r->site), 0);
}

static void read_phases(struct rig *r, int meter, int64_t va)
{
	rig_add(r, TGT_METER, meter, PT_APPARENT_L1, va);
	rig_add(r, TGT_METER, meter, PT_APPARENT_L2, va);
	rig_add(r, TGT_METER, meter, PT_APPARENT_L3, va);
	rig_send(r);
}

/* A car that takes what it may; `other` a phase at the feeder; -1: its meter is silent. */
static void live(struct rig *r, int64_t seconds, int64_t other_va)
{
	for (int64_t k = 0; k < seconds; k++) {
		struct view_gun g;
		int64_t w;

		rig_wait(r, 1000);
		site_view_gun(r->site, 0, r->now, &g);
		w = g.grant_w < 30000 ? g.grant_w : 30000;
		rig_add(r, TGT_GUN, 0, PT_LIMIT_W, g.grant_w);
		rig_gun(r, 0, PT_STATE, GUN_CHARGING);
		rig_gun(r, 0, PT_POWER, w);
		rig_send(r);
		if (other_va >= 0) {
			read_phases(r, M1, other_va + w * VA_PM_DC / 3000);
		}
		read_phases(r, T1, (other_va > 0 ? other_va : 0) + w * VA_PM_DC / 3000 + 1000);
		r->count = 0;
	}
}

static struct view_node feeder(const struct rig *r)
{
	struct view_node n;

	assert_true(site_view_node(r->site, 1, &n));
	assert_string_equal(n.id, "F1");
	return n;
}

static int64_t grant_w(const struct rig *r)
{
	struct view_gun g;

	site_view_gun(r->site, 0, r->now, &g);
	return g.grant_w;
}

static void other_load_of_a_feeder_is_kept_free(void **state)
{
	struct rig r;

	(void)state;
	setup(&r, true);
	live(&r, 60, 3000);
	assert_in_range(feeder(&r).other_l1_va, 2900, 3100);
	/* 11.5 - 3.0 kVA a phase */
	assert_in_range(grant_w(&r) * VA_PM_DC / 3000, 8300, 8600);
	live(&r, 5, 6000); /* it jumps: down at once */
	assert_in_range(grant_w(&r) * VA_PM_DC / 3000, 5300, 5600);
	live(&r, 120, 1000);
	assert_true(grant_w(&r) * VA_PM_DC / 3000 > 9000);
	site_free(r.site);
}

/* Not fresh: nothing rises; lost: the worst case counts. */
static void a_feeder_meter_that_is_lost_counts_with_its_worst_case(void **state)
{
	int64_t before_w;
	struct rig r;

	(void)state;
	setup(&r, true);
	live(&r, 60, 4000);
	before_w = grant_w(&r);
	live(&r, 20, -1);
	assert_int_equal(grant_w(&r), before_w);
	assert_in_range(feeder(&r).other_l1_va, 3900, 4100);
	live(&r, 30, -1);
	assert_int_equal(feeder(&r).other_l1_va, 10000);
	/* 1.5 kVA a phase */
	assert_true(grant_w(&r) * VA_PM_DC / 3000 <= 1500);
	live(&r, 120, 1000);
	assert_true(grant_w(&r) * VA_PM_DC / 3000 > 9000);
	/* It reads nothing at all though 10 kVA may be there: as if it were lost. */
	for (int k = 0; k < 60; k++) {
		live(&r, 1, -1);
		read_phases(&r, M1, 0);
	}
	assert_int_equal(feeder(&r).other_l1_va, 10000);
	site_free(r.site);
}

/* Without a meter the configured worst case counts always. */
static void without_a_meter_the_worst_case_counts(void **state)
{
	struct rig r;

	(void)state;
	setup(&r, false);
	live(&r, 60, -1);
	assert_int_equal(feeder(&r).other_l1_va, 10000);
	assert_true(grant_w(&r) * VA_PM_DC / 3000 <= 1500);
	site_free(r.site);
}

/* Its meter goes on with the same values while the car's power moves, or reads less than the car
 * takes: it is not believed, and it is told. */
static void a_feeder_meter_that_stands_still_is_told(void **state)
{
	struct rig r;

	(void)state;
	setup(&r, true);
	live(&r, 120, 2000);
	assert_false(rig_fault(&r, "M1", FAULT_FROZEN));
	for (int k = 0; k < 90; k++) {
		rig_wait(&r, 1000);
		rig_gun(&r, 0, PT_STATE, GUN_CHARGING);
		rig_gun(&r, 0, PT_POWER, k < 5 ? 20000 : 4000);
		rig_send(&r);
		read_phases(&r, M1, 9000);
		read_phases(&r, T1, 20000 + k);
		r.count = 0;
	}
	assert_true(rig_fault(&r, "M1", FAULT_FROZEN));
	assert_false(rig_fault(&r, "T1", FAULT_FROZEN));
	assert_int_equal(feeder(&r).other_l1_va, 10000); /* its worst case */
	live(&r, 60, 2000);
	assert_false(rig_fault(&r, "M1", FAULT_FROZEN));
	site_free(r.site);
}

static void a_feeder_meter_that_reads_less_than_its_guns_is_told(void **state)
{
	struct rig r;

	(void)state;
	setup(&r, true);
	live(&r, 120, 2000);
	for (int k = 0; k < 90; k++) {
		int64_t w = grant_w(&r) < 20000 ? grant_w(&r) : 20000;

		rig_wait(&r, 1000);
		rig_add(&r, TGT_GUN, 0, PT_LIMIT_W, grant_w(&r));
		rig_gun(&r, 0, PT_STATE, GUN_CHARGING);
		rig_gun(&r, 0, PT_POWER, w);
		rig_send(&r);
		read_phases(&r, M1, w * VA_PM_DC / 3000 / 4 + k % 3);
		read_phases(&r, T1, 20000 + k);
		r.count = 0;
	}
	assert_true(rig_fault(&r, "M1", FAULT_METER_ODD));
	assert_false(rig_fault(&r, "T1", FAULT_METER_ODD));
	assert_int_equal(feeder(&r).other_l1_va, 10000);
	live(&r, 60, 2000);
	assert_false(rig_fault(&r, "M1", FAULT_METER_ODD));
	site_free(r.site);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(other_load_of_a_feeder_is_kept_free),
		cmocka_unit_test(a_feeder_meter_that_is_lost_counts_with_its_worst_case),
		cmocka_unit_test(without_a_meter_the_worst_case_counts),
		cmocka_unit_test(a_feeder_meter_that_stands_still_is_told),
		cmocka_unit_test(a_feeder_meter_that_reads_less_than_its_guns_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
