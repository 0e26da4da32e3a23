/* Commands for a feeder or the whole site, and commands that are undone unless confirmed. */
#include "rig.h"

#define WITH(test) cmocka_unit_test_setup_teardown(test, rig_setup, rig_teardown)

struct wish {
	enum verb verb;
	enum target_kind kind;
	int index;
	int64_t value, confirm_s;
	const char *id, *by, *reason;
};

static void ask(struct rig *r, struct wish w)
{
	struct event e = {.kind = EV_COMMAND};

	e.command.verb = w.verb;
	e.command.target = (struct target){(uint16_t)w.kind, (uint16_t)w.index};
	e.command.value = w.value;
	e.command.id = w.id;
	e.command.by = w.by != NULL ? w.by : "li";
	e.command.origin = "local";
	e.command.reason = w.reason != NULL ? w.reason : "test";
	e.command.confirm_us = w.confirm_s * US_PER_S;
	rig_event(r, &e);
}

static void confirm(struct rig *r, const char *id)
{
	struct event e = {.kind = EV_CONFIRM};

	e.confirm.id = id;
	e.confirm.by = "wang";
	rig_event(r, &e);
}

/* Answers every write that was not answered before, with what a device reads back. */
static void answer_all(struct rig *r, size_t *from, int err)
{
	for (; *from < r->count; (*from)++) {
		struct event e = {.kind = EV_WRITTEN};

		if (r->kept[*from].kind != ACT_WRITE) {
			continue;
		}
		e.written.token = r->kept[*from].write.token;
		e.written.err = err;
		e.written.at = r->now.mono;
		e.written.has_read_back = err == 0;
		e.written.read_back = r->kept[*from].write.value;
		rig_event(r, &e);
	}
}

static const struct view_command *record(const struct rig *r, const char *id)
{
	for (size_t i = r->count; i-- > 0;) {
		if (r->kept[i].kind == ACT_COMMAND && strcmp(r->kept[i].command.id, id) == 0) {
			return &r->kept[i].command;
		}
	}
	return NULL;
}

static const struct view_trial *trial(const struct rig *r, const char *id)
{
	for (size_t i = r->count; i-- > 0;) {
		if (r->kept[i].kind == ACT_TRIAL && strcmp(r->kept[i].trial.id, id) == 0) {
			return &r->kept[i].trial;
		}
	}
	return NULL;
}

/* The newest command of a verb at a target, whatever its id. */
static const struct view_command *newest(const struct rig *r, const char *verb, const char *target)
{
	for (size_t i = r->count; i-- > 0;) {
		const struct view_command *c = &r->kept[i].command;

		if (r->kept[i].kind == ACT_COMMAND && strcmp(c->verb, verb) == 0 &&
			strcmp(c->target, target) == 0) {
			return c;
		}
	}
	return NULL;
}

static void charge(struct rig *r, int gun, int64_t w)
{
	rig_wait(r, 1000);
	rig_read(r, gun, w > 0 ? GUN_CHARGING : GUN_FINISHED, w, 100);
}

static const char *tagged_by(const struct rig *r, int gun)
{
	static struct view_gun v;

	site_view_gun(r->site, (uint16_t)gun, r->now, &v);
	return v.tag_by;
}

/* ---- Wider than a device ---- */

static void stopping_the_site_stops_each_gun(void **state)
{
	struct rig *r = *state;
	size_t answered = 0;

	charge(r, A11, 30000);
	charge(r, A12, 40000);
	charge(r, B11, 3000);
	answered = r->count;
	ask(r, (struct wish){VERB_STOP, TGT_SITE, .id = "s", .reason = "smoke"});
	assert_string_equal(record(r, "s")->state, "read_back");
	assert_string_equal(newest(r, "stop", "B1.1")->reason, "smoke");
	assert_string_equal(newest(r, "stop", "B1.1")->by, "li");
	assert_null(newest(r, "stop", "C1.1")); /* nothing to stop there */
	answer_all(r, &answered, 0);
	charge(r, A11, 0);
	charge(r, A12, 0);
	assert_string_equal(record(r, "s")->state, "read_back");
	charge(r, B11, 0);
	rig_wait(r, 1000);
	assert_string_equal(record(r, "s")->state, "verified");
	assert_non_null(strstr(record(r, "s")->reason, "3 guns"));
	ask(r, (struct wish){VERB_STOP, TGT_FEEDER, .id = "f"});
	assert_string_equal(record(r, "f")->state, "verified");
	assert_non_null(strstr(record(r, "f")->reason, "nothing was charging"));
}

static void one_gun_that_goes_on_fails_the_whole_and_is_counted(void **state)
{
	struct rig *r = *state;
	size_t answered = r->count;

	charge(r, A11, 30000);
	charge(r, A12, 40000);
	ask(r, (struct wish){VERB_STOP, TGT_PILE, 0, .id = "p"});
	answer_all(r, &answered, 0);
	charge(r, A12, 0);
	for (int k = 0; k < 40; k++) {
		charge(r, A11, 30000);
	}
	assert_string_equal(record(r, "p")->state, "failed");
	assert_string_equal(record(r, "p")->error, "timeout");
	assert_non_null(strstr(record(r, "p")->reason, "1 of 2 without effect"));
	assert_string_equal(newest(r, "stop", "A1.2")->state, "verified");
}

static void rebooting_a_feeder_reboots_its_piles(void **state)
{
	struct rig *r = *state;
	size_t answered = r->count;

	rig_read(r, A11, GUN_IDLE, 0, 1);
	ask(r, (struct wish){VERB_REBOOT, TGT_FEEDER, .id = "b"});
	assert_string_equal(newest(r, "reboot", "A1")->state, "sent");
	assert_null(newest(r, "reboot", "B1"));
	answer_all(r, &answered, 0);
	rig_wait(r, 1000);
	assert_string_equal(record(r, "b")->state, "verified");
	ask(r, (struct wish){VERB_LIMIT, TGT_SITE, .value = 100000, .id = "l"});
	assert_string_equal(record(r, "l")->error, "unsupported"); /* not managed */
	ask(r, (struct wish){VERB_UNLOCK, TGT_SITE, .id = "u"});
	assert_string_equal(record(r, "u")->error, "invalid");
}

static void a_preview_says_what_is_concerned(void **state)
{
	struct rig *r = *state;
	struct view_preview p;

	charge(r, A11, 30000);
	charge(r, B11, 3000);
	rig_wait(r, 1000);
	rig_read(r, A11, GUN_CHARGING, 30000, 116);
	site_preview(r->site, VERB_STOP, (struct target){TGT_SITE, 0}, VALUE_NONE, &p);
	assert_string_equal(p.verb, "stop");
	assert_string_equal(p.target, "rig");
	assert_int_equal(p.piles, 3);
	assert_int_equal(p.guns, 4);
	assert_int_equal(p.charging, 2);
	assert_int_equal(p.sessions, 2);
	assert_int_equal(p.power_w, 33000);
	assert_int_equal(p.energy_wh, 16);
	assert_int_equal(p.offline, 2); /* never heard of */
	assert_int_equal(p.wide, 1);
	assert_int_equal(p.undoable, 0);
	site_preview(r->site, VERB_TAG, (struct target){TGT_FEEDER, 0}, VALUE_NONE, &p);
	assert_int_equal(p.guns, 2);
	assert_int_equal(p.charging, 1);
	assert_int_equal(p.undoable, 1);
	site_preview(r->site, VERB_STOP, (struct target){TGT_GUN, B11}, VALUE_NONE, &p);
	assert_int_equal(p.guns, 1);
	assert_int_equal(p.wide, 0);
}

/* ---- Undone unless confirmed ---- */

/* A limit that took effect. */
static void limit(struct rig *r, int64_t w, int64_t confirm_s, const char *id)
{
	size_t answered = r->count;

	ask(r, (struct wish){VERB_LIMIT, TGT_GUN, A12, w, confirm_s, .id = id});
	answer_all(r, &answered, 0);
	charge(r, A12, w < 20000 ? w : 20000);
	assert_string_equal(record(r, id)->state, "verified");
}

static void a_limit_that_nobody_confirms_is_undone(void **state)
{
	struct rig *r = *state;
	size_t answered;

	charge(r, A12, 20000);
	limit(r, 50000, 0, "before");
	limit(r, 10000, 300, "try");
	assert_string_equal(trial(r, "try")->state, "waiting");
	assert_int_equal(trial(r, "try")->was, 50000);
	for (int k = 0; k < 290; k++) {
		charge(r, A12, 10000);
	}
	assert_string_equal(trial(r, "try")->state, "waiting");
	answered = r->count;
	for (int k = 0; k < 12; k++) {
		charge(r, A12, 10000);
	}
	assert_string_equal(trial(r, "try")->state, "reverting");
	assert_int_equal(newest(r, "limit", "A1.2")->value, 50000);
	assert_string_equal(newest(r, "limit", "A1.2")->by, "piled");
	answer_all(r, &answered, 0);
	charge(r, A12, 20000);
	charge(r, A12, 20000);
	assert_string_equal(trial(r, "try")->state, "reverted");
	assert_int_equal(newest(r, "limit", "A1.2")->value, 50000);
}

static void what_is_confirmed_stays(void **state)
{
	struct rig *r = *state;
	struct view_trial t;

	charge(r, A12, 20000);
	limit(r, 10000, 300, "try");
	confirm(r, "other"); /* counted, nothing else */
	assert_true(site_view_trial(r->site, 0, &t));
	confirm(r, "try");
	assert_string_equal(trial(r, "try")->state, "confirmed");
	assert_string_equal(trial(r, "try")->ended_by, "wang");
	assert_false(site_view_trial(r->site, 0, &t));
	for (int k = 0; k < 310; k++) {
		charge(r, A12, 10000);
	}
	assert_string_equal(newest(r, "limit", "A1.2")->id, "try");
}

static void a_tag_and_its_lifting_are_undone(void **state)
{
	struct rig *r = *state;

	charge(r, A12, 0);
	ask(r, (struct wish){VERB_TAG, TGT_SITE, .confirm_s = 60, .id = "t"});
	assert_string_equal(tagged_by(r, A12), "li");
	rig_wait(r, 62000);
	assert_string_equal(tagged_by(r, A12), "");
	assert_string_equal(trial(r, "t")->state, "reverted");
	ask(r, (struct wish){VERB_TAG, TGT_PILE, 0, .id = "p", .by = "zhao", .reason = "broken"});
	ask(r, (struct wish){VERB_UNTAG, TGT_PILE, 0, .confirm_s = 60, .id = "u"});
	assert_string_equal(tagged_by(r, A12), "");
	rig_wait(r, 62000);
	assert_string_equal(tagged_by(r, A12), "zhao"); /* as it was: whose it was, and why */
	assert_string_equal(newest(r, "tag", "A1")->reason, "broken");
}

static void another_command_at_the_same_place_ends_the_trial(void **state)
{
	struct rig *r = *state;

	charge(r, A12, 20000);
	limit(r, 10000, 60, "try");
	ask(r, (struct wish){VERB_TAG, TGT_GUN, B11, .id = "elsewhere"});
	assert_string_equal(trial(r, "try")->state, "waiting");
	limit(r, 30000, 0, "mine");
	assert_string_equal(trial(r, "try")->state, "superseded");
	rig_wait(r, 90000);
	assert_string_equal(newest(r, "limit", "A1.2")->id, "mine");
	ask(r, (struct wish){VERB_STOP, TGT_GUN, A12, .confirm_s = 60, .id = "stop"});
	assert_string_equal(record(r, "stop")->error, "unsupported");
}

/* The pile does not answer when the time has come: it is tried until it does. */
static void undoing_is_tried_until_it_works(void **state)
{
	struct rig *r = *state;
	size_t answered;

	charge(r, A12, 20000);
	limit(r, 10000, 60, "try");
	answered = r->count;
	for (int k = 0; k < 70; k++) {
		charge(r, A12, 10000);
	}
	assert_string_equal(trial(r, "try")->state, "reverting");
	answer_all(r, &answered, ERR_TIMEOUT);
	for (int k = 0; k < 70; k++) {
		charge(r, A12, 10000);
	}
	assert_string_equal(trial(r, "try")->state, "reverting");
	answer_all(r, &answered, 0);
	charge(r, A12, 10000);
	charge(r, A12, 10000);
	assert_string_equal(trial(r, "try")->state, "reverted");
}

/* ---- Over a restart ---- */

static struct view_trial a_trial(struct rig *r, int64_t asked_s, int64_t until_s)
{
	struct view_trial t;

	view_clear(VIEW_trial, &t);
	VIEW_SET(&t, id, "kept");
	VIEW_SET(&t, verb, "tag");
	VIEW_SET(&t, target, "A1");
	VIEW_SET(&t, state, "waiting");
	VIEW_SET(&t, by, "li");
	t.asked = r->now.wall.ms + asked_s * MS_PER_S;
	t.until = r->now.wall.ms + until_s * MS_PER_S;
	return t;
}

static void resume_tagged(struct rig *r, const struct view_trial *t)
{
	struct view_tag tag;

	view_clear(VIEW_tag, &tag);
	VIEW_SET(&tag, target, "A1");
	VIEW_SET(&tag, by, "li");
	VIEW_SET(&tag, reason, "test");
	tag.since = t->asked;
	rig_resume(r, VIEW_tag, &tag);
	rig_resume(r, VIEW_trial, t);
}

static void a_restart_does_not_forget(void **state)
{
	struct rig *r = *state;
	struct view_trial t = a_trial(r, -100, 200);

	resume_tagged(r, &t);
	rig_wait(r, 190000);
	assert_string_equal(tagged_by(r, A12), "li");
	rig_wait(r, 20000);
	assert_string_equal(tagged_by(r, A12), "");
	assert_string_equal(trial(r, "kept")->state, "reverted");
}

static void what_came_due_while_the_agent_was_down_is_undone_at_once(void **state)
{
	struct rig *r = *state;
	struct view_trial t = a_trial(r, -1000, -700);

	resume_tagged(r, &t);
	rig_wait(r, 2000);
	assert_string_equal(tagged_by(r, A12), "");
}

static void a_clock_that_was_set_back_does_not_prolong_it(void **state)
{
	struct rig *r = *state;
	struct view_trial t = a_trial(r, 86400, 86400 + 60);

	resume_tagged(r, &t);
	rig_wait(r, 62000);
	assert_string_equal(tagged_by(r, A12), "");
}

static void what_is_no_trial_is_not_resumed(void **state)
{
	struct rig *r = *state;
	struct view_trial t = a_trial(r, -10, 100), out;

	VIEW_SET(&t, verb, "stop");
	rig_resume(r, VIEW_trial, &t);
	VIEW_SET(&t, verb, "tag");
	VIEW_SET(&t, target, "Z9");
	rig_resume(r, VIEW_trial, &t);
	VIEW_SET(&t, target, "A1");
	t.ended = t.until;
	rig_resume(r, VIEW_trial, &t);
	assert_false(site_view_trial(r->site, 0, &out));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(stopping_the_site_stops_each_gun),
		WITH(one_gun_that_goes_on_fails_the_whole_and_is_counted),
		WITH(rebooting_a_feeder_reboots_its_piles),
		WITH(a_preview_says_what_is_concerned),
		WITH(a_limit_that_nobody_confirms_is_undone),
		WITH(what_is_confirmed_stays),
		WITH(a_tag_and_its_lifting_are_undone),
		WITH(another_command_at_the_same_place_ends_the_trial),
		WITH(undoing_is_tried_until_it_works),
		WITH(a_restart_does_not_forget),
		WITH(what_came_due_while_the_agent_was_down_is_undone_at_once),
		WITH(a_clock_that_was_set_back_does_not_prolong_it),
		WITH(what_is_no_trial_is_not_resumed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
