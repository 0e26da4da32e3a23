/* Marks: the register of a session at half hours of local time. */
#include "rig.h"

#include "rng.h"
#include "zonerule.h"

#define FIRST_MS INT64_C(1700001000000) /* the first half hour after the rig's start */
#define HALF_MS  INT64_C(1800000)
#define STEP_WH  2 /* a second at full power of B1.1 */

static const struct view_mark *mark(const struct rig *r, int n)
{
	for (size_t i = 0; i < r->count; i++) {
		if (r->kept[i].kind == ACT_MARK && n-- == 0) {
			return &r->kept[i].mark;
		}
	}
	return NULL;
}

static int64_t half_hour_after(int64_t ms)
{
	return zone_half_hour(&rig_cfg.zone, (struct wall){ms}).ms;
}

/* A car charges at B1.1 for so many seconds, read once a second. */
static int64_t charge(struct rig *r, int64_t wh, int64_t seconds)
{
	for (int64_t k = 0; k < seconds; k++) {
		rig_wait(r, 1000);
		wh += STEP_WH;
		rig_read(r, B11, GUN_CHARGING, 7000, wh);
	}
	return wh;
}

static void begin(struct rig *r, int64_t wh)
{
	rig_read(r, B11, GUN_IDLE, 0, wh);
	rig_wait(r, 1000);
	rig_read(r, B11, GUN_PLUGGED, 0, wh);
}

static void each_half_hour_has_its_register(void **state)
{
	struct rig *r = *state;
	int64_t wh = 5000;

	begin(r, wh);
	wh = charge(r, wh, 4000);
	assert_int_equal(rig_count(r, ACT_MARK), 2);
	for (int n = 0; n < 2; n++) {
		const struct view_mark *m = mark(r, n);
		int64_t at = FIRST_MS + n * HALF_MS;

		assert_int_equal(m->at, at);
		assert_int_equal(m->read_at, at); /* the rig reads at whole seconds */
		assert_int_equal(m->wh, 5000 + ((at - RIG_START_MS) / 1000 - 1) * STEP_WH);
		assert_string_equal(m->quality, "good");
		assert_string_equal(m->session, rig_session(r, B11, "open", 0)->id);
	}
	rig_wait(r, 1000);
	rig_read(r, B11, GUN_FINISHED, 0, wh);
	assert_string_equal(rig_session(r, B11, "closed", 0)->flags, "unasked");
	assert_int_equal(rig_count(r, ACT_MARK), 2);
}

/* The reading that ends the session comes at the half hour itself. */
static void a_session_that_ends_at_a_half_hour_has_no_mark_there(void **state)
{
	struct rig *r = *state;
	int64_t wh = 5000;

	begin(r, wh);
	wh = charge(r, wh, 998);
	rig_wait(r, 1000);
	assert_int_equal(r->now.wall.ms, FIRST_MS);
	rig_read(r, B11, GUN_FINISHED, 0, wh);
	assert_int_equal(rig_session(r, B11, "closed", 0)->end, FIRST_MS);
	assert_int_equal(rig_count(r, ACT_MARK), 0);
}

static void a_reading_is_asked_for_and_may_come_late(void **state)
{
	struct rig *r = *state;
	int64_t wh = 5000;
	int polls;

	begin(r, wh);
	wh = charge(r, wh, 998);
	polls = r->polls;
	rig_wait(r, 1000);
	assert_int_equal(r->now.wall.ms, FIRST_MS);
	assert_int_equal(r->polls, polls + 1);
	rig_wait(r, 9000);
	assert_int_equal(r->polls, polls + 1); /* once */
	assert_int_equal(rig_count(r, ACT_MARK), 0);
	rig_read(r, B11, GUN_CHARGING, 7000, wh + 20);
	assert_int_equal(mark(r, 0)->wh, wh + 20);
	assert_int_equal(mark(r, 0)->read_at, FIRST_MS + 9000);
	assert_string_equal(mark(r, 0)->quality, "good");
}

static void a_missed_half_hour_is_computed(void **state)
{
	struct rig *r = *state;
	int64_t wh = 5000, before;

	begin(r, wh);
	wh = charge(r, wh, 899); /* 100 s before it */
	before = wh;
	rig_wait(r, 400000); /* silent */
	assert_int_equal(rig_count(r, ACT_MARK), 0);
	wh += 778;
	rig_read(r, B11, GUN_CHARGING, 7000, wh);
	assert_int_equal(rig_count(r, ACT_MARK), 1);
	assert_int_equal(mark(r, 0)->at, FIRST_MS);
	assert_int_equal(mark(r, 0)->wh, before + 778 / 4);
	assert_int_equal(mark(r, 0)->read_at, FIRST_MS + 300000);
	assert_string_equal(mark(r, 0)->quality, "substitute");
	rig_wait(r, 1000);
	rig_read(r, B11, GUN_FINISHED, 0, wh);
	assert_true(rig_flag(rig_session(r, B11, "closed", 0), "substitute"));
}

/* Nobody looked for 20 hours: the session is over, its half hours are all given. */
static void a_long_gap_is_marked_to_its_end(void **state)
{
	struct rig *r = *state;
	int64_t wh = 5000, last_ms = 0, last_wh = 0;
	const struct view_session *s;

	begin(r, wh);
	wh = charge(r, wh, 899);
	rig_wait(r, 20 * 3600 * 1000);
	rig_read(r, B11, GUN_FINISHED, 0, wh + 40000);
	assert_null(rig_session(r, B11, "closed", 0));
	for (int k = 0; k < 20; k++) {
		rig_wait(r, 1000);
		rig_read(r, B11, GUN_FINISHED, 0, wh + 40000);
	}
	s = rig_session(r, B11, "closed", 0);
	assert_non_null(s);
	assert_int_equal(rig_count(r, ACT_MARK), 40);
	for (int n = 0; n < 40; n++) {
		assert_int_equal(mark(r, n)->at, FIRST_MS + n * HALF_MS);
		assert_true(mark(r, n)->at > last_ms && mark(r, n)->wh > last_wh);
		assert_true(mark(r, n)->wh < 5000 + s->energy_wh);
		last_ms = mark(r, n)->at;
		last_wh = mark(r, n)->wh;
	}
	assert_int_equal(s->energy_wh, wh + 40000 - 5000);
}

static void a_register_wraps_over_a_half_hour(void **state)
{
	struct rig *r = *state;
	int64_t wh = 9999000;

	rig_read(r, A12, GUN_IDLE, 0, wh);
	rig_read(r, A12, GUN_PLUGGED, 0, wh);
	for (int k = 0; k < 3000; k++) {
		rig_wait(r, 1000);
		wh += 30;
		if (k < 900 || k > 1300) { /* the wrap itself is not seen */
			rig_read(r, A12, GUN_CHARGING, 110000, wh % 10000000);
		}
	}
	assert_int_equal(rig_count(r, ACT_MARK), 2);
	assert_string_equal(mark(r, 0)->quality, "substitute");
	assert_int_equal(mark(r, 0)->wh, 9999000 + 1000 * 30); /* runs on */
	assert_string_equal(mark(r, 1)->quality, "good");
	assert_int_equal(mark(r, 1)->wh, 9999000 + 2800 * 30);
}

static void a_reset_adds_nothing_to_marks(void **state)
{
	struct rig *r = *state;
	int64_t wh = 500000, before;

	begin(r, wh);
	wh = charge(r, wh, 990);
	before = wh;
	wh = charge(r, 40, 20); /* the register began anew: the second reading is believed */
	assert_int_equal(rig_count(r, ACT_MARK), 1);
	assert_true(mark(r, 0)->wh >= before && mark(r, 0)->wh <= before + 40);
	wh = charge(r, wh, 1800);
	assert_int_equal(rig_count(r, ACT_MARK), 2);
	assert_int_equal(mark(r, 1)->wh - mark(r, 0)->wh, 1800 * STEP_WH);
	rig_wait(r, 1000);
	rig_read(r, B11, GUN_FINISHED, 0, wh);
	assert_true(rig_flag(rig_session(r, B11, "closed", 0), "reset"));
}

static void jump(struct rig *r, int64_t ms)
{
	struct event e = {.kind = EV_CLOCK};

	r->now.wall.ms += ms;
	e.clock.step_ms = ms;
	e.clock.synced = true;
	rig_event(r, &e);
}

static void a_clock_that_jumps_leaves_marks_in_order(void **state)
{
	struct rig *r = *state;
	int64_t wh = 5000;

	begin(r, wh);
	wh = charge(r, wh, 1100);
	assert_int_equal(rig_count(r, ACT_MARK), 1);
	jump(r, 4 * HALF_MS);
	wh = charge(r, wh, 1800);
	assert_int_equal(rig_count(r, ACT_MARK), 2);
	assert_int_equal(mark(r, 1)->at, FIRST_MS + 5 * HALF_MS);
	assert_int_equal(mark(r, 1)->wh - mark(r, 0)->wh, 1800 * STEP_WH);
	jump(r, -3 * HALF_MS);
	wh = charge(r, wh, 3 * 1800);
	assert_int_equal(rig_count(r, ACT_MARK), 2);
	wh = charge(r, wh, 1800);
	assert_int_equal(rig_count(r, ACT_MARK), 3);
	assert_int_equal(mark(r, 2)->at, FIRST_MS + 6 * HALF_MS);
	jump(r, 600);
	rig_wait(r, 1000);
	rig_read(r, B11, GUN_FINISHED, 0, wh);
	assert_true(rig_flag(rig_session(r, B11, "closed", 0), "clock"));
}

static void a_jump_of_less_is_no_remark(void **state)
{
	struct rig *r = *state;
	int64_t wh = 5000;

	begin(r, wh);
	wh = charge(r, wh, 10);
	jump(r, 500);
	wh = charge(r, wh, 10);
	rig_read(r, B11, GUN_FINISHED, 0, wh);
	assert_false(rig_flag(rig_session(r, B11, "closed", 0), "clock"));
}

/* The agent ends; a new one knows what the store kept. */
static void restart(struct rig *r, const struct view_session *session, const struct view_mark *last)
{
	struct view_session s = *session;
	struct view_mark m;

	if (last != NULL) {
		m = *last;
	}
	site_free(r->site);
	assert_int_equal(site_new(&rig_cfg, &r->site), 0);
	r->count = 0;
	rig_resume(r, VIEW_session, &s);
	if (last != NULL) {
		rig_resume(r, VIEW_mark, &m);
	}
}

static void a_restart_over_a_half_hour(void **state)
{
	struct rig *r = *state;
	int64_t wh = 5000, kept_wh, kept_ms;
	const struct view_session *s;

	begin(r, wh);
	charge(r, wh, 2700);
	assert_int_equal(rig_count(r, ACT_MARK), 1);
	s = rig_session(r, B11, "open", 0);
	kept_wh = s->end_wh;
	kept_ms = s->end_at;
	assert_true(kept_ms < FIRST_MS + HALF_MS);
	r->now.mono.us += 400 * US_PER_S;
	r->now.wall.ms += 400 * MS_PER_S;
	restart(r, s, mark(r, 0));
	wh = kept_wh + 1000;
	rig_read(r, B11, GUN_CHARGING, 7000, wh);
	rig_wait(r, 1000);
	rig_read(r, B11, GUN_CHARGING, 7000, wh);
	assert_int_equal(rig_count(r, ACT_MARK), 1);
	assert_int_equal(mark(r, 0)->at, FIRST_MS + HALF_MS);
	assert_string_equal(mark(r, 0)->quality, "substitute");
	assert_int_equal(mark(r, 0)->wh,
		kept_wh + 1000 * (FIRST_MS + HALF_MS - kept_ms) / (mark(r, 0)->read_at - kept_ms));
}

/* The mark itself was not kept: the same one comes again. */
static void a_mark_that_was_lost_comes_again(void **state)
{
	struct rig *r = *state;
	int64_t wh = 5000;
	struct view_mark lost;

	begin(r, wh);
	wh = charge(r, wh, 1061); /* the session's record is kept each minute */
	lost = *mark(r, 0);
	restart(r, rig_session(r, B11, "open", 0), NULL);
	charge(r, wh, 1);
	assert_int_equal(rig_count(r, ACT_MARK), 1);
	assert_string_equal(mark(r, 0)->session, lost.session);
	assert_int_equal(mark(r, 0)->at, lost.at);
	assert_true(labs(mark(r, 0)->wh - lost.wh) <= STEP_WH);
}

/* Random lives with gaps and restarts: each half hour of a session has one mark, in order, none
 * falls, none is beyond the session's energy. */
static void marks_of_any_life_are_whole(void **state)
{
	struct rig *r = *state;
	const char *given = getenv("SEED");
	uint64_t seed = given != NULL ? strtoull(given, NULL, 10) : (uint64_t)wall_now().ms;
	struct rng rng = rng_stream(seed, 1);
	int64_t wh = 5000;
	int sessions = 0, marks = 0;
	enum gun_state now = GUN_IDLE;
	struct view_session kept = {.start = 0};
	struct view_mark last = {.at = 0};
	bool open = false, some = false;

	print_message("# seed %llu\n", (unsigned long long)seed);
	for (int k = 0; k < 40000; k++) {
		int64_t gap_s = rng_range(&rng, 0, 9) == 0 ? rng_range(&rng, 1, 9000)
							   : rng_range(&rng, 1, 240);

		r->count = 0;
		if (gap_s > 1000) {
			/* nobody looks, not even the clock */
			r->now.mono.us += gap_s * US_PER_S;
			r->now.wall.ms += gap_s * MS_PER_S;
		} else {
			rig_wait(r, gap_s * 1000);
		}
		if (now == GUN_CHARGING) {
			wh += rng_range(&rng, 0, gap_s * 19 / 10);
		}
		if (rng_range(&rng, 0, 15) == 0) {
			now = now == GUN_CHARGING ? GUN_FINISHED
			      : now == GUN_IDLE   ? GUN_CHARGING
						  : GUN_IDLE;
		}
		if (open && rng_range(&rng, 0, 60) == 0) {
			site_free(r->site);
			assert_int_equal(site_new(&rig_cfg, &r->site), 0);
			rig_resume(r, VIEW_session, &kept);
			if (some) {
				rig_resume(r, VIEW_mark, &last);
			}
		}
		for (int n = 0; n < 3; n++) {
			rig_read(r, B11, now, now == GUN_CHARGING ? 7000 : 0, wh);
			rig_wait(r, 1000);
		}
		for (size_t i = 0; i < r->count; i++) {
			const struct action *a = &r->kept[i];

			if (a->kind == ACT_MARK) {
				int64_t from = some ? last.at : kept.start;

				assert_true(open);
				assert_string_equal(a->mark.session, kept.id);
				assert_int_equal(a->mark.at, half_hour_after(from));
				assert_true(a->mark.wh >= (some ? last.wh : kept.start_wh));
				last = a->mark;
				some = true;
				marks++;
			} else if (a->kind == ACT_SESSION) {
				if (!open || strcmp(kept.id, a->session.id) != 0) {
					some = false;
				}
				kept = a->session;
				open = strcmp(kept.state, "closed") != 0;
				if (!open) {
					int64_t from = some ? last.at : kept.start;

					sessions++;
					assert_true(half_hour_after(from) >= kept.end);
					assert_true(
						!some ||
						(last.at < kept.end &&
							last.wh <= kept.start_wh + kept.energy_wh));
				}
			}
		}
	}
	print_message("# %d sessions, %d marks\n", sessions, marks);
	assert_true(sessions > 100 && marks > 100);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
	const struct CMUnitTest tests[] = {
		T(each_half_hour_has_its_register),
		T(a_session_that_ends_at_a_half_hour_has_no_mark_there),
		T(a_reading_is_asked_for_and_may_come_late),
		T(a_missed_half_hour_is_computed),
		T(a_long_gap_is_marked_to_its_end),
		T(a_register_wraps_over_a_half_hour),
		T(a_reset_adds_nothing_to_marks),
		T(a_clock_that_jumps_leaves_marks_in_order),
		T(a_jump_of_less_is_no_remark),
		T(a_restart_over_a_half_hour),
		T(a_mark_that_was_lost_comes_again),
		T(marks_of_any_life_are_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
