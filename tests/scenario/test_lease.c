/*
 * The agent is lost, or a pile is: what the piles then do by themselves was set before, and is
 * what load management counts with. Whole agent in virtual time.
 */
#include "loadsite.h"

#define DC_PILES 6
#define AC_PILES 12

static const struct sim_pile *pile(struct run *r, const char *id)
{
	const struct sim_pile *p = sim_pile_of(r->sim, id);

	assert_non_null(p);
	return p;
}

static int64_t power_of(struct run *r, const char *gun)
{
	return gun_seen(r, gun).power_w;
}

static int64_t grant_of(struct run *r, const char *gun)
{
	return gun_seen(r, gun).grant_w;
}

static void registers_are_set_at_start_and_after_a_reboot(void **state)
{
	struct run r;
	char id[8];

	(void)state;
	begin(&r, "200 kVA", 200000, "fair");
	live(&r, 60);
	for (int p = 1; p <= AC_PILES; p++) {
		snprintf(id, sizeof id, "B%d", p);
		assert_int_equal(pile(&r, id)->watchdog_s, 30);
		assert_int_equal(pile(&r, id)->failsafe, 6000);
		snprintf(id, sizeof id, "A%d", (p + 1) / 2);
		assert_int_equal(pile(&r, id)->watchdog_s, 30);
		assert_int_equal(pile(&r, id)->failsafe, 5000);
	}
	live(&r, 60);
	/* another master of the device, at any time */
	assert_int_equal(sim_write(r.sim, 0, 2, 200, 1, (const uint16_t[]){0}), 0);
	assert_int_equal(pile(&r, "A2")->watchdog_s, 0);
	live(&r, 60);
	assert_int_equal(pile(&r, "A2")->watchdog_s, 30);
	inject(&r, "reboot", "A1", 0);
	live(&r, 120);
	assert_int_equal(pile(&r, "A1")->watchdog_s, 30);
	assert_int_equal(r.lease_faults, 0);
	end(&r);
}

/* What a pile forgot while it was away is seen as soon as it is back, not with the next slow poll.
 */
static void a_pile_that_is_back_is_looked_at_at_once(void **state)
{
	struct run r;
	int64_t waited = 0;

	(void)state;
	begin(&r, "200 kVA", 200000, "fair");
	live(&r, 100);
	inject(&r, "silent", "A2", 37);
	live(&r, 36);
	assert_int_equal(sim_write(r.sim, 0, 2, 200, 1, (const uint16_t[]){0}), 0);
	while (pile(&r, "A2")->watchdog_s != 30) {
		live(&r, 1);
		waited++;
		assert_true(waited < 60);
	}
	/* back, read, written: in the site's own time, which is not the machine's */
	assert_in_range(waited, 1, 10);
	end(&r);
}

/* The agent ends: within the watchdog every gun falls to its fail-safe power. */
static void without_the_agent_the_site_stays_under_its_limit(void **state)
{
	struct run r;
	int64_t before_w;

	(void)state;
	begin(&r, "200 kVA", 200000, "fair");
	live(&r, 60);
	plug_all(&r);
	live(&r, 600);
	before_w = r.peak_w;
	plug_all(&r); /* those that were left */
	live_alone(&r, 90);
	assert_int_equal(r.over_s, 0);
	for (int p = 1; p <= AC_PILES; p++) {
		char id[8];

		snprintf(id, sizeof id, "B%d", p);
		assert_true(simpile_limit(pile(&r, id), 0) <= 6000);
		snprintf(id, sizeof id, "A%d", (p + 1) / 2);
		assert_true(simpile_limit(pile(&r, id), p % 2) <= 5000);
	}
	plug_all(&r);
	live_alone(&r, 4 * 3600);
	assert_int_equal(r.over_s, 0);
	assert_true(r.peak_w < before_w);
	end(&r);
}

/* A silent pile counts with its last grant until its watchdog must have fired, then with its
 * fail-safe power; when it is back it starts from there. */
static void a_silent_pile_falls_to_its_failsafe(void **state)
{
	struct run r;
	int64_t before_w;

	(void)state;
	begin(&r, "200 kVA", 200000, "fair");
	live(&r, 60);
	plug_all(&r);
	live(&r, 300);
	before_w = grant_of(&r, "A1.1");
	assert_true(before_w > 5000);
	inject(&r, "silent", "A1", 300);
	live(&r, 20);
	assert_int_equal(grant_of(&r, "A1.1"), before_w);
	live(&r, 60);
	assert_int_equal(grant_of(&r, "A1.1"), 5000);
	assert_int_equal(simpile_limit(pile(&r, "A1"), 0), 5000);
	assert_int_equal(r.over_s, 0);
	live(&r, 215);
	assert_int_equal(r.over_s, 0);
	live(&r, 900);
	assert_int_equal(r.over_s, 0);
	assert_true(grant_of(&r, "A1.1") > 5000 || power_of(&r, "A1.1") == 0);
	end(&r);
}

/* A pile that does not take its registers holds its last grant: a fault says so. */
static void a_pile_without_its_registers_counts_as_one_that_holds(void **state)
{
	struct run r;
	int64_t held_w;

	(void)state;
	begin(&r, "200 kVA", 200000, "fair");
	live(&r, 60);
	plug_all(&r);
	live(&r, 300);
	assert_false(has_fault(&r, "A1", FAULT_LEASE));
	/* its watchdog is switched off again and again */
	for (int k = 0; k < 120; k++) {
		assert_int_equal(sim_write(r.sim, 0, 1, 200, 1, (const uint16_t[]){0}), 0);
		live(&r, 1);
	}
	assert_true(has_fault(&r, "A1", FAULT_LEASE));
	held_w = grant_of(&r, "A1.1");
	assert_true(held_w > 5000);
	inject(&r, "silent", "A1", 300);
	live(&r, 200);
	assert_int_equal(grant_of(&r, "A1.1"), held_w);
	assert_int_equal(r.over_s, 0);
	/* it is left alone, and back: set again */
	live(&r, 300);
	assert_false(has_fault(&r, "A1", FAULT_LEASE));
	assert_int_equal(pile(&r, "A1")->watchdog_s, 30);
	end(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(registers_are_set_at_start_and_after_a_reboot),
		cmocka_unit_test(a_pile_that_is_back_is_looked_at_at_once),
		cmocka_unit_test(without_the_agent_the_site_stays_under_its_limit),
		cmocka_unit_test(a_silent_pile_falls_to_its_failsafe),
		cmocka_unit_test(a_pile_without_its_registers_counts_as_one_that_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
