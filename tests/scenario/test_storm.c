/* Random events: bounds, determinism, snapshots, and no watt-hour lost or billed twice. */
#include "storm.h"

#include <time.h>

#include "core.h"

#define EVENTS 30000

static uint64_t seed_of_run(void)
{
	const char *given = getenv("PILED_SEED");
	struct timespec ts;

	if (given != NULL) {
		return strtoull(given, NULL, 0);
	}
	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000007u + (uint64_t)ts.tv_nsec;
}

static struct action room_a[ACTIONS_MIN(RIG_GUNS)], room_b[ACTIONS_MIN(RIG_GUNS)];

static void same_actions(const struct actions *a, const struct actions *b)
{
	assert_int_equal(a->count, b->count);
	for (size_t k = 0; k < a->count; k++) {
		assert_int_equal(a->v[k].kind, b->v[k].kind);
		if (a->v[k].kind == ACT_SESSION) {
			assert_false(
				view_differs(VIEW_session, &a->v[k].session, &b->v[k].session));
		} else if (a->v[k].kind == ACT_COMMAND) {
			assert_false(
				view_differs(VIEW_command, &a->v[k].command, &b->v[k].command));
		} else if (a->v[k].kind == ACT_ALARM) {
			assert_false(view_differs(VIEW_alarm, &a->v[k].alarm, &b->v[k].alarm));
			assert_true(a->v[k].alarm.id[0] != '\0');
		} else if (a->v[k].kind == ACT_LOG) {
			assert_string_equal(a->v[k].log.text, b->v[k].log.text);
		}
	}
}

static void same_bytes(const struct site *a, const struct site *b)
{
	const void *x, *y;
	size_t n, m;

	site_snapshot(a, &x, &n);
	site_snapshot(b, &y, &m);
	assert_int_equal(n, m);
	assert_memory_equal(x, y, n);
}

/* The same events twice give the same actions and the same bytes; a site restored from a snapshot
 * in the middle goes on alike. */
static void deterministic_and_restorable(void **state)
{
	uint64_t seed = seed_of_run();
	struct storm storm;
	struct site *a, *b;
	const void *bytes;
	size_t size;

	(void)state;
	print_message("seed %llu\n", (unsigned long long)seed);
	storm_new(&storm, seed, false);
	assert_int_equal(site_new(&rig_cfg, &a), 0);
	assert_int_equal(site_new(&rig_cfg, &b), 0);
	for (int k = 0; k < EVENTS; k++) {
		struct actions out_a = {.v = room_a, .cap = ACTIONS_MIN(RIG_GUNS)};
		struct actions out_b = {.v = room_b, .cap = ACTIONS_MIN(RIG_GUNS)};
		struct event e;

		storm_next(&storm, &e);
		site_apply(a, &e, &out_a);
		site_apply(b, &e, &out_b);
		storm_saw(&storm, &out_a);
		assert_false(out_a.overflow);
		assert_true(out_a.count <= out_a.cap);
		same_actions(&out_a, &out_b);
		if (k % 1000 == 0) {
			same_bytes(a, b);
			site_free(b);
			assert_int_equal(site_new(&rig_cfg, &b), 0);
			site_snapshot(a, &bytes, &size);
			assert_int_equal(site_restore(b, bytes, size), 0);
		}
	}
	same_bytes(a, b);
	site_free(a);
	site_free(b);
}

struct sum {
	int64_t wh;
	char open[40]; /* session that is open */
	char last[40]; /* that was closed last */
};

static void account(struct sum *sums, const struct actions *out)
{
	for (size_t k = 0; k < out->count; k++) {
		const struct view_session *s = &out->v[k].session;
		struct sum *sum = NULL;

		if (out->v[k].kind != ACT_SESSION) {
			continue;
		}
		for (int i = 0; i < RIG_GUNS; i++) {
			sum = strcmp(rig_guns[i].id, s->gun) == 0 ? &sums[i] : sum;
		}
		assert_non_null(sum);
		if (strcmp(s->state, "closed") != 0) {
			assert_true(sum->open[0] == '\0' || strcmp(sum->open, s->id) == 0);
			memcpy(sum->open, s->id, sizeof sum->open);
			continue;
		}
		assert_string_not_equal(sum->last, s->id);
		memcpy(sum->last, s->id, sizeof sum->last);
		memset(sum->open, 0, sizeof sum->open);
		if (s->energy_wh != VALUE_NONE) {
			assert_true(s->energy_wh >= 0);
			sum->wh += s->energy_wh;
		}
	}
}

/* All that the registers moved is in a session or counted as outside of any; at most one session
 * is open at a gun. */
static void energy_is_conserved(void **state)
{
	uint64_t seed = seed_of_run();
	struct sum sums[RIG_GUNS];
	int64_t first[RIG_GUNS] = {-1, -1, -1, -1};
	struct storm storm;
	struct site *site;

	(void)state;
	print_message("seed %llu\n", (unsigned long long)seed);
	memset(sums, 0, sizeof sums);
	storm_new(&storm, seed, true);
	assert_int_equal(site_new(&rig_cfg, &site), 0);
	for (int k = 0; k < EVENTS; k++) {
		struct actions out = {.v = room_a, .cap = ACTIONS_MIN(RIG_GUNS)};
		struct event e;

		storm_next(&storm, &e);
		site_apply(site, &e, &out);
		storm_saw(&storm, &out);
		account(sums, &out);
		for (int i = 0; i < RIG_GUNS; i++) {
			if (first[i] < 0 && gun_of(site, (size_t)i)->track.now.known) {
				first[i] = gun_of(site, (size_t)i)->track.now.raw_wh;
			}
		}
	}
	for (int i = 0; i < C11; i++) {
		const struct gun *g = gun_of(site, (size_t)i);
		int64_t open = g->session.phase != SESSION_NONE
				       ? g->track.now.acc_wh - g->session.start.acc_wh
				       : g->track.now.acc_wh - g->rest.acc_wh;

		print_message("# gun %s: %lld in sessions, %lld outside, %lld open\n",
			rig_guns[i].id, (long long)sums[i].wh, (long long)g->outside_wh,
			(long long)open);
		assert_int_equal(sums[i].wh + g->outside_wh + open, g->track.now.raw_wh - first[i]);
	}
	site_free(site);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(deterministic_and_restorable),
		cmocka_unit_test(energy_is_conserved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
