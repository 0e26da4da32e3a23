/* The life of commands, and tags. */
#include "rig.h"

#define WITH(test) cmocka_unit_test_setup_teardown(test, rig_setup, rig_teardown)

static void ask(struct rig *r, enum verb verb, enum target_kind kind, int index, int64_t value,
	const char *id)
{
	struct event e = {.kind = EV_COMMAND};

	e.command.verb = verb;
	e.command.target = (struct target){(uint16_t)kind, (uint16_t)index};
	e.command.value = value;
	e.command.id = id;
	e.command.by = "li";
	e.command.origin = "local";
	e.command.reason = "test";
	rig_event(r, &e);
}

/* The newest write; NULL if there is none. */
static const struct action *last_write(const struct rig *r)
{
	for (size_t i = r->count; i-- > 0;) {
		if (r->kept[i].kind == ACT_WRITE) {
			return &r->kept[i];
		}
	}
	return NULL;
}

static void answer(struct rig *r, int err, bool has_back, int64_t back)
{
	struct event e = {.kind = EV_WRITTEN};

	assert_non_null(last_write(r));
	e.written.token = last_write(r)->write.token;
	e.written.err = err;
	e.written.at = r->now.mono;
	e.written.has_read_back = has_back;
	e.written.read_back = back;
	rig_event(r, &e);
}

/* The last record of a command. */
static const struct view_command *record(const struct rig *r, const char *id)
{
	for (size_t i = r->count; i-- > 0;) {
		if (r->kept[i].kind == ACT_COMMAND && strcmp(r->kept[i].command.id, id) == 0) {
			return &r->kept[i].command;
		}
	}
	return NULL;
}

static void assert_command(
	const struct rig *r, const char *id, const char *state, const char *error)
{
	assert_non_null(record(r, id));
	assert_string_equal(record(r, id)->state, state);
	assert_string_equal(record(r, id)->error, error);
}

static void read_at(struct rig *r, int gun, enum gun_state s, int64_t w, int64_t wh)
{
	rig_wait(r, 1000);
	rig_read(r, gun, s, w, wh);
}

static void start_is_verified_by_its_effect(void **state)
{
	struct rig *r = *state;

	read_at(r, A12, GUN_PLUGGED, 0, 100);
	ask(r, VERB_START, TGT_GUN, A12, 0, "c1");
	assert_command(r, "c1", "sent", "");
	assert_int_equal(last_write(r)->write.point, PT_START);
	answer(r, 0, false, 0);
	assert_string_equal(record(r, "c1")->state, "read_back");
	read_at(r, A12, GUN_PLUGGED, 0, 100);
	assert_string_equal(record(r, "c1")->state, "read_back");
	read_at(r, A12, GUN_CHARGING, 30000, 101);
	assert_command(r, "c1", "verified", "");
	assert_int_equal(record(r, "c1")->took_ms, 2000);
	assert_string_equal(rig_session(r, A12, "open", 0)->started_by, "li");
	assert_false(rig_flag(rig_session(r, A12, "open", 0), "unasked"));
}

static void the_same_id_again_is_the_same_command(void **state)
{
	struct rig *r = *state;

	read_at(r, A12, GUN_PLUGGED, 0, 100);
	ask(r, VERB_START, TGT_GUN, A12, 0, "c1");
	ask(r, VERB_START, TGT_GUN, A12, 0, "c1");
	ask(r, VERB_START, TGT_GUN, A12, 0, "c1");
	assert_int_equal(rig_count(r, ACT_WRITE), 1);
	assert_int_equal(rig_count(r, ACT_COMMAND), 3); /* told each time */
	answer(r, 0, false, 0);
	read_at(r, A12, GUN_CHARGING, 30000, 101);
	ask(r, VERB_START, TGT_GUN, A12, 0, "c1");
	assert_command(r, "c1", "verified", "");
	assert_int_equal(rig_count(r, ACT_WRITE), 1);
}

static void what_is_impossible_is_refused(void **state)
{
	struct rig *r = *state;

	read_at(r, A12, GUN_IDLE, 0, 100);
	ask(r, VERB_START, TGT_GUN, A12, 0, "idle");
	assert_command(r, "idle", "failed", "wrong_state");
	ask(r, VERB_START, TGT_GUN, A11, 0, "unknown");
	assert_command(r, "unknown", "failed", "wrong_state");
	ask(r, VERB_START, TGT_GUN, C11, 0, "cannot");
	assert_command(r, "cannot", "failed", "unsupported");
	ask(r, VERB_LIMIT, TGT_GUN, A12, 120001, "high");
	assert_command(r, "high", "failed", "out_of_range");
	ask(r, VERB_LIMIT, TGT_GUN, A12, 2999, "low");
	assert_command(r, "low", "failed", "out_of_range");
	ask(r, VERB_LIMIT, TGT_GUN, A12, -1, "negative");
	assert_command(r, "negative", "failed", "out_of_range");
	ask(r, VERB_LIMIT, TGT_GUN, C11, 5000, "none");
	assert_command(r, "none", "failed", "unsupported");
	ask(r, VERB_START, TGT_PILE, 0, 0, "which");
	assert_command(r, "which", "failed", "invalid");
	ask(r, VERB_REBOOT, TGT_PILE, 1, 0, "noreboot");
	assert_command(r, "noreboot", "failed", "unsupported");
	rig_gun(r, A12, PT_STATE, GUN_FAULT);
	rig_send(r);
	ask(r, VERB_START, TGT_GUN, A12, 0, "fault");
	assert_command(r, "fault", "failed", "wrong_state");
	assert_int_equal(rig_count(r, ACT_WRITE), 0);
}

static void stop_is_verified_when_power_is_gone(void **state)
{
	struct rig *r = *state;

	read_at(r, A12, GUN_CHARGING, 30000, 100);
	ask(r, VERB_STOP, TGT_GUN, A12, 0, "s");
	assert_command(r, "s", "sent", "");
	answer(r, 0, false, 0);
	read_at(r, A12, GUN_CHARGING, 20000, 108);
	assert_string_equal(record(r, "s")->state, "read_back");
	read_at(r, A12, GUN_PLUGGED, 0, 110); /* this device knows no `finished` */
	assert_command(r, "s", "verified", "");
	assert_string_equal(rig_state(r, A12), "finished");
	assert_int_equal(rig_closed(r, A12), 1);
	assert_int_equal(rig_session(r, A12, "closed", 0)->end_wh, 110);
}

static void a_stop_that_is_not_obeyed_is_a_fault(void **state)
{
	struct rig *r = *state;

	read_at(r, A12, GUN_CHARGING, 30000, 100);
	ask(r, VERB_STOP, TGT_GUN, A12, 0, "s");
	answer(r, 0, false, 0);
	for (int k = 1; k <= 40; k++) {
		read_at(r, A12, GUN_CHARGING, 30000, 100 + 8 * k);
	}
	assert_command(r, "s", "failed", "timeout");
	assert_true(rig_fault(r, "A1.2", FAULT_NOT_OBEYING));
	read_at(r, A12, GUN_IDLE, 0, 430);
	read_at(r, A12, GUN_IDLE, 0, 430);
	assert_false(rig_fault(r, "A1.2", FAULT_NOT_OBEYING));
}

static void a_stop_beats_a_start(void **state)
{
	struct rig *r = *state;

	read_at(r, A12, GUN_PLUGGED, 0, 100);
	ask(r, VERB_START, TGT_GUN, A12, 0, "c1");
	ask(r, VERB_STOP, TGT_GUN, A12, 0, "c2");
	assert_command(r, "c1", "failed", "wrong_state");
	assert_command(r, "c2", "sent", ""); /* the start may have arrived */
	assert_int_equal(last_write(r)->write.point, PT_STOP);
	ask(r, VERB_START, TGT_GUN, A12, 0, "c3");
	assert_command(r, "c3", "queued", ""); /* behind the stop */
	answer(r, 0, false, 0);
	read_at(r, A12, GUN_PLUGGED, 0, 100);
	assert_command(r, "c2", "verified", "");
	rig_wait(r, 1000);
	assert_command(r, "c3", "sent", "");
	ask(r, VERB_STOP, TGT_GUN, B11, 0, "c4"); /* nothing known to stop: asked for anyway */
	assert_command(r, "c4", "sent", "");
}

static void limit_is_read_back_and_obeyed(void **state)
{
	struct rig *r = *state;

	read_at(r, A12, GUN_CHARGING, 60000, 100);
	ask(r, VERB_LIMIT, TGT_GUN, A12, 20000, "l");
	assert_int_equal(last_write(r)->write.point, PT_LIMIT_W);
	assert_int_equal(last_write(r)->write.value, 20000);
	answer(r, 0, true, 20000);
	assert_command(r, "l", "read_back", "");
	read_at(r, A12, GUN_CHARGING, 40000, 110);
	assert_command(r, "l", "read_back", "");
	read_at(r, A12, GUN_CHARGING, 20900, 116);
	assert_command(r, "l", "verified", "");
}

static void limit_that_reads_otherwise_fails(void **state)
{
	struct rig *r = *state;

	read_at(r, A12, GUN_CHARGING, 60000, 100);
	ask(r, VERB_LIMIT, TGT_GUN, A12, 20000, "l");
	answer(r, 0, true, 60000);
	assert_command(r, "l", "failed", "refused");
	ask(r, VERB_LIMIT, TGT_GUN, A12, 20000, "m");
	answer(r, ERR_TIMEOUT, false, 0);
	assert_command(r, "m", "failed", "timeout");
}

/* Field failure 13: an accepted set-point that is not applied. */
static void limit_that_is_not_obeyed_is_a_fault(void **state)
{
	struct rig *r = *state;

	read_at(r, A12, GUN_CHARGING, 60000, 100);
	ask(r, VERB_LIMIT, TGT_GUN, A12, 20000, "l");
	answer(r, 0, true, 20000);
	for (int k = 1; k <= 60; k++) {
		read_at(r, A12, GUN_CHARGING, 60000, 100 + 16 * k);
	}
	assert_command(r, "l", "failed", "timeout");
	assert_true(rig_fault(r, "A1.2", FAULT_NOT_OBEYING));
	read_at(r, A12, GUN_CHARGING, 20000, 1070);
	assert_false(rig_fault(r, "A1.2", FAULT_NOT_OBEYING));
}

static void limit_in_milliamperes(void **state)
{
	struct rig *r = *state;

	read_at(r, B11, GUN_PLUGGED, 0, 100);
	ask(r, VERB_LIMIT, TGT_GUN, B11, 3000, "l");
	assert_int_equal(last_write(r)->write.point, PT_LIMIT_MA);
	assert_int_equal(last_write(r)->write.value, 13043); /* 3000 W / 230 V, rounded down */
	answer(r, 0, true, 13000);                           /* its step is 0.1 A */
	assert_command(r, "l", "verified", "");
	ask(r, VERB_LIMIT, TGT_GUN, B11, VALUE_NONE, "lift");
	assert_int_equal(last_write(r)->write.value, 31000); /* 7000 W */
}

static void commands_expire(void **state)
{
	struct rig *r = *state;

	read_at(r, A12, GUN_CHARGING, 30000, 100);
	ask(r, VERB_UNLOCK, TGT_GUN, A12, 0, "u");
	ask(r, VERB_STOP, TGT_GUN, A12, 0, "s");
	read_at(r, A12, GUN_FINISHED, 0, 100);
	ask(r, VERB_START, TGT_GUN, A12, 0, "w"); /* waits for the unlock that never answers */
	assert_command(r, "w", "queued", "");
	for (int k = 0; k < 40; k++) {
		read_at(r, A12, GUN_FINISHED, 0, 100);
	}
	assert_command(r, "u", "failed", "timeout");
	assert_true(strcmp(record(r, "w")->state, "queued") != 0);
}

static void tags_stop_and_refuse(void **state)
{
	struct rig *r = *state;
	struct view_tag tag;
	struct view_gun gun;

	read_at(r, A12, GUN_CHARGING, 30000, 100);
	ask(r, VERB_TAG, TGT_PILE, 0, 0, "t");
	assert_int_equal(last_write(r)->write.point, PT_STOP);
	assert_int_equal(last_write(r)->write.target.index, A12);
	assert_command(r, "t", "read_back", "");
	answer(r, 0, false, 0);
	read_at(r, A12, GUN_FINISHED, 0, 101);
	assert_command(r, "t", "verified", "");
	assert_true(site_view_tag(r->site, 0, &tag));
	assert_string_equal(tag.target, "A1");
	assert_string_equal(tag.by, "li");
	assert_false(site_view_tag(r->site, 1, &tag));
	site_view_gun(r->site, A12, r->now, &gun);
	assert_string_equal(gun.tag_by, "li");
	ask(r, VERB_START, TGT_GUN, A12, 0, "no");
	assert_command(r, "no", "failed", "wrong_state");
	assert_non_null(strstr(record(r, "no")->reason, "out of service by li: test"));
	ask(r, VERB_UNTAG, TGT_PILE, 0, 0, "back");
	assert_command(r, "back", "verified", "");
	ask(r, VERB_START, TGT_GUN, A12, 0, "yes");
	assert_command(r, "yes", "sent", "");
	ask(r, VERB_TAG, TGT_FEEDER, 0, 0, "f");
	ask(r, VERB_START, TGT_GUN, A12, 0, "nof");
	assert_command(r, "nof", "failed", "wrong_state");
}

static void reboot_and_clock(void **state)
{
	struct rig *r = *state;

	rig_add(r, TGT_PILE, 0, PT_UPTIME, 5000);
	rig_add(r, TGT_PILE, 0, PT_CLOCK, 1000);
	rig_send(r);
	ask(r, VERB_CLOCK, TGT_PILE, 0, 0, "clock");
	assert_int_equal(last_write(r)->write.point, PT_CLOCK_SET);
	assert_int_equal(last_write(r)->write.value, RIG_START_MS / 1000);
	answer(r, 0, false, 0);
	assert_command(r, "clock", "read_back", "");
	rig_wait(r, 1000);
	rig_add(r, TGT_PILE, 0, PT_CLOCK, RIG_START_MS / 1000 + 1);
	rig_send(r);
	assert_command(r, "clock", "verified", "");
	ask(r, VERB_REBOOT, TGT_GUN, A11, 0, "other"); /* A1.2 would go down with it */
	assert_command(r, "other", "failed", "invalid");
	ask(r, VERB_REBOOT, TGT_PILE, 0, 0, "boot");
	assert_int_equal(last_write(r)->write.target.kind, TGT_PILE);
	answer(r, 0, false, 0);
	rig_wait(r, 1000);
	assert_command(r, "boot", "read_back", "");
	rig_add(r, TGT_PILE, 0, PT_UPTIME, 2);
	rig_send(r);
	assert_command(r, "boot", "verified", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(start_is_verified_by_its_effect),
		WITH(the_same_id_again_is_the_same_command),
		WITH(what_is_impossible_is_refused),
		WITH(stop_is_verified_when_power_is_gone),
		WITH(a_stop_that_is_not_obeyed_is_a_fault),
		WITH(a_stop_beats_a_start),
		WITH(limit_is_read_back_and_obeyed),
		WITH(limit_that_reads_otherwise_fails),
		WITH(limit_that_is_not_obeyed_is_a_fault),
		WITH(limit_in_milliamperes),
		WITH(commands_expire),
		WITH(tags_stop_and_refuse),
		WITH(reboot_and_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
