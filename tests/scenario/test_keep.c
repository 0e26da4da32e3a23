/* Limits by command on a site that nobody manages: they outlive restarts and reboots. */
#include "rig.h"

#define WITH(test) cmocka_unit_test_setup_teardown(test, rig_setup, rig_teardown)

/* Writes of a gun's limit since `from`; the last one. */
static int puts_of(const struct rig *r, size_t from, int gun, const struct action **last)
{
	int n = 0;

	for (size_t i = from; i < r->count; i++) {
		const struct action *a = &r->kept[i];

		if (a->kind == ACT_WRITE && a->write.target.kind == TGT_GUN &&
			a->write.target.index == gun &&
			(a->write.point == PT_LIMIT_W || a->write.point == PT_LIMIT_MA)) {
			*last = a;
			n++;
		}
	}
	return n;
}

static void limited(struct rig *r, const char *target, int64_t w)
{
	struct view_command v;

	view_clear(VIEW_command, &v);
	VIEW_SET(&v, verb, "limit");
	VIEW_SET(&v, target, target);
	VIEW_SET(&v, state, "verified");
	v.value = w;
	rig_resume(r, VIEW_command, &v);
}

static void restart(struct rig *r)
{
	site_free(r->site);
	assert_int_equal(site_new(&rig_cfg, &r->site), 0);
}

/* The device's own limit, and that it answers. */
static void reads(struct rig *r, int gun, int64_t limit_w)
{
	rig_gun(r, gun, PT_LIMIT_W, limit_w);
	rig_read(r, gun, GUN_CHARGING, 5000, 1000);
	rig_wait(r, 1000);
}

static void took(struct rig *r, const struct action *a)
{
	struct event e = {.kind = EV_WRITTEN};

	e.written.token = a->write.token;
	e.written.at = r->now.mono;
	rig_event(r, &e);
}

static int64_t shown(const struct rig *r, int gun)
{
	struct view_gun v;

	site_view_gun(r->site, (uint16_t)gun, r->now, &v);
	return v.grant_w;
}

static void a_limit_outlives_a_restart(void **state)
{
	const struct action *put = NULL;
	struct rig *r = *state;
	struct view_command v;
	size_t from;

	restart(r);
	limited(r, "A1.2", 20000);
	assert_int_equal(shown(r, A12), 20000);
	assert_true(site_view_limit(r->site, 0, &v)); /* for the next reload */
	assert_string_equal(v.target, "A1.2");
	assert_int_equal(v.value, 20000);
	assert_false(site_view_limit(r->site, 1, &v));
	from = r->count;
	reads(r, A12, 20000);
	reads(r, A12, 20000);
	/* it has it still: nothing is written */
	assert_int_equal(puts_of(r, from, A12, &put), 0);
	/* it lost it, as after a power cut */
	reads(r, A12, 120000);
	assert_int_equal(puts_of(r, from, A12, &put), 1);
	assert_int_equal(put->write.value, 20000);
	took(r, put);
	reads(r, A12, 20000);
	rig_wait(r, 120000);
	reads(r, A12, 20000);
	assert_int_equal(puts_of(r, from, A12, &put), 1);
	/* another that was never limited is left alone */
	assert_int_equal(puts_of(r, 0, A11, &put), 0);
}

static void a_register_that_does_not_take_it_is_spared(void **state)
{
	const struct action *put = NULL;
	struct rig *r = *state;
	int puts;

	restart(r);
	limited(r, "A1.2", 20000);
	for (int k = 0; k < 3600; k++) {
		int before = puts_of(r, 0, A12, &put);

		reads(r, A12, 120000);
		if (puts_of(r, 0, A12, &put) > before) {
			took(r, put);
		}
	}
	puts = puts_of(r, 0, A12, &put);
	assert_in_range(puts, 2, 6);
}

/* A device whose limit cannot be read is told when it is back, once. */
static void a_limit_that_cannot_be_read_is_put_when_the_pile_is_back(void **state)
{
	const struct action *put = NULL;
	struct rig *r = *state;

	restart(r);
	limited(r, "B1", 3000); /* a pile with one gun is that gun */
	assert_int_equal(shown(r, B11), 3000);
	for (int k = 0; k < 100; k++) {
		rig_read(r, B11, GUN_CHARGING, 3000, 1000 + k);
		rig_wait(r, 1000);
		if (k == 0) {
			assert_int_equal(puts_of(r, 0, B11, &put), 1);
			assert_int_equal(put->write.point, PT_LIMIT_MA);
			assert_int_equal(put->write.value, 13043);
			took(r, put);
		}
	}
	assert_int_equal(puts_of(r, 0, B11, &put), 1);
}

static void a_lifted_limit_stays_lifted(void **state)
{
	const struct action *put = NULL;
	struct rig *r = *state;

	restart(r);
	limited(r, "B1.1", 3000);
	limited(r, "B1", VALUE_NONE);
	limited(r, "nowhere", 1000);
	limited(r, "A1", 50000); /* it takes one for each gun */
	assert_int_equal(shown(r, B11), VALUE_NONE);
	assert_int_equal(shown(r, A11), VALUE_NONE);
	rig_read(r, B11, GUN_CHARGING, 3000, 1000);
	rig_wait(r, 60000);
	assert_int_equal(puts_of(r, 0, B11, &put), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(a_limit_outlives_a_restart),
		WITH(a_register_that_does_not_take_it_is_spared),
		WITH(a_limit_that_cannot_be_read_is_put_when_the_pile_is_back),
		WITH(a_lifted_limit_stays_lifted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
