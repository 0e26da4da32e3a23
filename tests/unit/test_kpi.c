/* The figures of EEMUA 191 over alarms that were counted by hand. */
#include "kpi.h"
#include "store_fixture.h"

#define T0  INT64_C(1772359200000)
#define MIN (60 * MS_PER_S)
#define DAY (24 * 60 * MIN)

static struct store *store;

static void put(const char *target, int64_t code, int64_t at, int64_t acked, int64_t returned,
	int64_t chatter, const char *parent)
{
	struct view_alarm a;

	view_clear(VIEW_alarm, &a);
	snprintf(a.id, sizeof a.id, "%s-%lld-%lld", target, (long long)code, (long long)at);
	VIEW_SET(&a, target, target);
	VIEW_SET(&a, state, returned == VALUE_NONE ? "unack" : "normal");
	VIEW_SET(&a, parent, parent);
	a.code = code;
	a.severity = code == 18 ? 1 : 2;
	a.raised = at;
	a.acked = acked;
	a.returned = returned;
	a.ended = returned;
	a.count = chatter ? 9 : 1;
	a.chatter = chatter;
	assert_int_equal(store_put(store, VIEW_alarm, &a), 0);
}

static struct view_actor actors[8];
static size_t actor_count;

static int take_actor(void *arg, const struct view_actor *actor)
{
	(void)arg;
	assert_true(actor_count < 8);
	actors[actor_count++] = *actor;
	return 0;
}

static void counted_by_hand(void **state)
{
	struct fixture *f = *state;
	struct store_reader *reader;
	struct view_kpi k;

	assert_int_equal(store_open(&f->cfg, &store), 0);
	/* Twelve in the second ten minutes: a flood; acknowledged after 10, 20 ... 120 s. */
	for (int64_t i = 1; i <= 12; i++) {
		put("A1", 1001, T0 + 10 * MIN + i * 1000, T0 + 10 * MIN + i * 11000, T0 + 20 * MIN,
			0, "");
	}
	put("A1.2", 18, T0 + 30 * MIN, VALUE_NONE, VALUE_NONE, 0, "");      /* stands */
	put("B1", 3, T0 - 2 * DAY, T0 - DAY, VALUE_NONE, 0, "");            /* stale, came before */
	put("B2", 14, T0 + 31 * MIN, VALUE_NONE, T0 + 32 * MIN, 1, "");     /* chattered */
	put("C1", 1001, T0 + 32 * MIN, VALUE_NONE, VALUE_NONE, 0, "bus:x"); /* folded */
	put("C2", 1001, T0 + 60 * MIN, VALUE_NONE, VALUE_NONE, 0, "");      /* too late */
	assert_int_equal(store_flush(store), 0);
	assert_int_equal(store_reader_open(f->folder, &reader), 0);
	assert_int_equal(
		store_alarm_kpi(reader, (struct wall){T0}, (struct wall){T0 + 60 * MIN}, &k), 0);
	assert_int_equal(k.alarms, 14);
	assert_int_equal(k.safety, 1);
	assert_int_equal(k.times, 22);
	assert_int_equal(k.slots, 6);
	assert_int_equal(k.mean_pm, 2333);
	assert_int_equal(k.peak, 12);
	assert_int_equal(k.peak_at, T0 + 10 * MIN);
	assert_int_equal(k.flood_pm, 166);
	assert_int_equal(k.chattering, 1);
	assert_int_equal(k.ack_s, 70);
	assert_int_equal(k.standing, 2);
	assert_int_equal(k.stale, 1);
	assert_int_equal(k.unacked, 1);
	assert_int_equal(k.shelved, 0);
	actor_count = 0;
	assert_int_equal(store_alarm_actors(reader, (struct wall){T0}, (struct wall){T0 + 60 * MIN},
				 2, take_actor, NULL),
		0);
	assert_int_equal(actor_count, 2);
	assert_string_equal(actors[0].id, "A1-1001");
	assert_int_equal(actors[0].alarms, 12);
	assert_int_equal(actors[0].share_pm, 857);
	assert_int_equal(actors[0].stood_s, 12 * 600 - 78);
	assert_string_equal(actors[1].target, "A1.2");
	assert_int_equal(actors[1].stood_s, 1800);
	/* A time without alarms, and one that is none. */
	assert_int_equal(
		store_alarm_kpi(reader, (struct wall){T0 - 60 * MIN}, (struct wall){T0}, &k), 0);
	assert_int_equal(k.alarms, 0);
	assert_int_equal(k.peak, 0);
	assert_int_equal(k.ack_s, VALUE_NONE);
	assert_int_equal(k.standing, 1);
	assert_int_equal(
		store_alarm_kpi(reader, (struct wall){T0}, (struct wall){T0}, &k), ERR_RANGE);
	store_reader_close(reader);
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(counted_by_hand, fixture_make, fixture_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
