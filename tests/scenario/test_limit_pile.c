/*
 * Limits by command under load management: of a pile that has one register for all of its guns, and
 * of a gun that was admitted at half of its power.
 */
#include "rig.h"

#include "why.h"

/* Pile A1 takes one limit for both guns; there is room for all. */
static void begin(struct rig *r, bool admission)
{
	struct pile_cfg piles[3];
	struct site_cfg cfg = rig_cfg;

	memcpy(piles, rig_piles, sizeof piles);
	piles[0].limit_per_pile = !admission;
	cfg.piles = piles;
	cfg.load = (struct load_cfg){.managed = true,
		.fair = !admission,
		.admission = admission,
		.target_pm = 1000,
		.half_pm = 10,
		.stop_pm = 900,
		.share_pm = 500,
		.hysteresis_pm = 5};
	site_free(r->site);
	assert_int_equal(site_new(&cfg, &r->site), 0);
	r->count = 0;
}

static struct view_gun gun(const struct rig *r, int i)
{
	struct view_gun v;

	site_view_gun(r->site, (uint16_t)i, r->now, &v);
	return v;
}

/* The last value that was written to the pile's register, or to that of the gun. */
static int64_t written(const struct rig *r, enum target_kind kind)
{
	for (size_t i = r->count; i-- > 0;) {
		const struct action *a = &r->kept[i];

		if (a->kind == ACT_WRITE && a->write.target.kind == kind &&
			a->write.target.index == 0 && a->write.point == PT_LIMIT_W) {
			return a->write.value;
		}
	}
	return VALUE_NONE;
}

/* Each write is answered; cars at both guns take what they may. */
static void live(struct rig *r, int seconds, enum target_kind kind, int64_t first_w)
{
	static size_t seen;

	seen = seen > r->count ? 0 : seen;
	for (int s = 0; s < seconds; s++) {
		int64_t limit_w = written(r, kind), va = 60000;

		rig_wait(r, 1000);
		for (; seen < r->count; seen++) {
			struct event e = {.kind = EV_WRITTEN};

			if (r->kept[seen].kind == ACT_WRITE) {
				e.written.token = r->kept[seen].write.token;
				e.written.at = r->now.mono;
				rig_event(r, &e);
			}
		}
		rig_add(r, kind, 0, PT_LIMIT_W, limit_w == VALUE_NONE ? first_w : limit_w);
		for (int i = A11; i <= A12; i++) {
			int64_t w = gun(r, i).grant_w;

			if (kind == TGT_GUN && i == A12) {
				rig_gun(r, i, PT_LIMIT_W, 0);
				rig_gun(r, i, PT_STATE, GUN_IDLE);
				rig_gun(r, i, PT_POWER, 0);
				continue;
			}
			va += w * VA_PM_DC / 1000;
			rig_gun(r, i, PT_STATE, GUN_CHARGING);
			rig_gun(r, i, PT_POWER, w);
		}
		for (int l = 0; l < 3; l++) {
			rig_add(r, TGT_METER, 0, (enum point)(PT_APPARENT_L1 + l), va / 3 + s % 2);
		}
		rig_send(r);
	}
}

static void limit(struct rig *r, enum target_kind kind, int64_t w)
{
	struct event e = {.kind = EV_COMMAND};

	e.command.verb = VERB_LIMIT;
	e.command.target = (struct target){(uint16_t)kind, 0};
	e.command.value = w;
	e.command.by = "li";
	e.command.reason = "test";
	rig_event(r, &e);
}

static int64_t sum_w(const struct rig *r)
{
	return gun(r, A11).grant_w + gun(r, A12).grant_w;
}

static void one_register_bounds_all_guns(void **state)
{
	struct rig *r = *state;
	char text[WHY_MAX];
	struct view_gun g;

	begin(r, false);
	live(r, 300, TGT_PILE, 120000);
	assert_in_range(sum_w(r), 110000, 120000);
	assert_int_equal(written(r, TGT_PILE), sum_w(r)); /* not that of one gun */
	assert_false(rig_fault(r, "A1.1", FAULT_NOT_OBEYING));
	limit(r, TGT_PILE, 50000);
	live(r, 10, TGT_PILE, 120000);
	assert_in_range(sum_w(r), 40000, 50000);
	assert_in_range(written(r, TGT_PILE), 40000, 50000);
	live(r, 300, TGT_PILE, 120000);
	assert_in_range(sum_w(r), 45000, 50000);
	assert_int_equal(written(r, TGT_PILE), sum_w(r));
	g = gun(r, A11);
	assert_string_equal(g.rule, "limit");
	assert_string_equal(g.by_node, "A1");
	assert_string_equal(g.by_source, "command");
	why_gun(text, sizeof text, &g, r->now.wall);
	assert_non_null(strstr(text, "limited by a command"));
	limit(r, TGT_PILE, VALUE_NONE);
	live(r, 300, TGT_PILE, 120000);
	assert_in_range(sum_w(r), 110000, 120000);
}

/* Half of the rated power, not of what it is limited to. */
static void half_power_is_of_the_rated_power(void **state)
{
	struct rig *r = *state;

	begin(r, true);
	rig_read(r, A11, GUN_PLUGGED, 0, 5000);
	live(r, 3, TGT_GUN, 0);
	live(r, 60, TGT_GUN, 0);
	assert_string_equal(gun(r, A11).admission, "half");
	assert_int_equal(gun(r, A11).grant_w, 60000);
	limit(r, TGT_GUN, 80000);
	live(r, 120, TGT_GUN, 0);
	assert_int_equal(gun(r, A11).grant_w, 60000);
	assert_string_equal(gun(r, A11).rule, "half");
	limit(r, TGT_GUN, 40000);
	live(r, 120, TGT_GUN, 0);
	assert_int_equal(gun(r, A11).grant_w, 40000);
	assert_int_equal(gun(r, A11).cap_w, 60000);
	assert_string_equal(gun(r, A11).rule, "command");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
	const struct CMUnitTest tests[] = {
		T(one_register_bounds_all_guns),
		T(half_power_is_of_the_rated_power),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
