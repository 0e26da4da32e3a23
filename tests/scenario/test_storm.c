/* Random events: bounds, determinism, snapshots, and no watt-hour lost or billed twice. */
#include "storm.h"

#include <time.h>

#include "core.h"
#include "orderwords.h"

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
		} else if (a->v[k].kind == ACT_ORDER) {
			assert_false(view_differs(VIEW_order, &a->v[k].order, &b->v[k].order));
		} else if (a->v[k].kind == ACT_RESERVE) {
			assert_false(
				view_differs(VIEW_reservation, &a->v[k].reserve, &b->v[k].reserve));
		} else if (a->v[k].kind == ACT_MARK) {
			assert_false(view_differs(VIEW_mark, &a->v[k].mark, &b->v[k].mark));
		} else if (a->v[k].kind == ACT_AUTH) {
			assert_int_equal(a->v[k].auth.gun, b->v[k].auth.gun);
			assert_string_equal(a->v[k].auth.token, b->v[k].auth.token);
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
	const struct site_cfg cfg = storm_cfg();
	uint64_t seed = seed_of_run();
	struct storm storm;
	struct site *a, *b;
	const void *bytes;
	size_t size;

	(void)state;
	print_message("seed %llu\n", (unsigned long long)seed);
	storm_new(&storm, seed, false);
	assert_int_equal(site_new(&cfg, &a), 0);
	assert_int_equal(site_new(&cfg, &b), 0);
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
			assert_int_equal(site_new(&cfg, &b), 0);
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
	const struct site_cfg cfg = storm_cfg();
	uint64_t seed = seed_of_run();
	struct sum sums[RIG_GUNS];
	int64_t first[RIG_GUNS] = {-1, -1, -1, -1};
	struct storm storm;
	struct site *site;

	(void)state;
	print_message("seed %llu\n", (unsigned long long)seed);
	memset(sums, 0, sizeof sums);
	storm_new(&storm, seed, true);
	assert_int_equal(site_new(&cfg, &site), 0);
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

/* Of orders: the last ones that were told of, and the session of each. */
#define KNOWN 4096

struct orders {
	struct view_order last[KNOWN];
	size_t count;
	size_t ended, bound, failed;
};

static struct view_order *known(struct orders *all, const char *id)
{
	for (size_t i = all->count; i-- > 0;) {
		if (strcmp(all->last[i].id, id) == 0) {
			return &all->last[i];
		}
	}
	assert_true(all->count < KNOWN);
	view_clear(VIEW_order, &all->last[all->count]);
	return &all->last[all->count++];
}

static void order_told(struct orders *all, const struct view_order *o)
{
	struct view_order *was = known(all, o->id);
	unsigned state, before = 0;

	assert_true(o->id[0] != '\0');
	assert_int_equal(order_find(ORDER_WORDS_STATE, o->state, &state), 0);
	/* Another one of this id is refused; the first stays what it is. */
	if (was->id[0] != '\0' && strcmp(was->gun, o->gun) != 0) {
		return;
	}
	if (was->id[0] != '\0' && strcmp(o->state, "failed") != 0) {
		assert_int_equal(order_find(ORDER_WORDS_STATE, was->state, &before), 0);
		assert_true(state >= before); /* never back */
	}
	if (was->ended != VALUE_NONE) {
		assert_true(o->ended != VALUE_NONE);
		assert_string_equal(was->session, o->session);
	} else if (was->session[0] != '\0') {
		assert_string_equal(was->session, o->session); /* one session for ever */
	}
	all->ended += was->ended == VALUE_NONE && strcmp(o->state, "ended") == 0;
	all->failed += strcmp(o->state, "failed") == 0;
	*was = *o;
}

static void session_told(struct orders *all, const struct view_session *s)
{
	struct view_order *o;

	if (strcmp(s->state, "closed") != 0) {
		return;
	}
	/* Money comes before energy: who closes has an order, told of and ended, of its own. */
	assert_true(s->order[0] != '\0');
	o = known(all, s->order);
	assert_string_equal(o->state, "ended");
	assert_string_equal(o->session, s->id);
	all->bound++;
}

/* Each closed session has one order, which ended with it and charged for no other. */
static void each_charge_has_one_order(void **state)
{
	const struct site_cfg cfg = storm_cfg();
	uint64_t seed = seed_of_run();
	struct orders *all = calloc(1, sizeof *all);
	struct storm storm;
	struct site *site;

	(void)state;
	print_message("seed %llu\n", (unsigned long long)seed);
	assert_non_null(all);
	storm_new(&storm, seed, false);
	assert_int_equal(site_new(&cfg, &site), 0);
	for (int k = 0; k < EVENTS; k++) {
		struct actions out = {.v = room_a, .cap = ACTIONS_MIN(RIG_GUNS)};
		struct event e;

		storm_next(&storm, &e);
		site_apply(site, &e, &out);
		storm_saw(&storm, &out);
		for (size_t i = 0; i < out.count; i++) {
			if (out.v[i].kind == ACT_ORDER) {
				order_told(all, &out.v[i].order);
			} else if (out.v[i].kind == ACT_SESSION) {
				session_told(all, &out.v[i].session);
			}
		}
	}
	print_message("# %zu orders: %zu ended, %zu failed; %zu sessions\n", all->count, all->ended,
		all->failed, all->bound);
	assert_true(all->bound > 10 && all->failed > 10);
	assert_int_equal(all->ended, all->bound);
	site_free(site);
	free(all);
}

/* Of reservations: how each was told of last. */
struct reservations {
	struct view_reservation last[KNOWN];
	size_t count, ended[RESERVE_STATES];
};

static struct view_reservation *known_reservation(struct reservations *all, const char *id)
{
	for (size_t i = all->count; i-- > 0;) {
		if (strcmp(all->last[i].id, id) == 0) {
			return &all->last[i];
		}
	}
	assert_true(all->count < KNOWN);
	view_clear(VIEW_reservation, &all->last[all->count]);
	return &all->last[all->count++];
}

static void reservation_told(struct reservations *all, const struct view_reservation *r)
{
	struct view_reservation *was = known_reservation(all, r->id);
	unsigned state, before = 0;

	assert_int_equal(order_find(RESERVE_WORDS_STATE, r->state, &state), 0);
	assert_int_equal(r->ended == VALUE_NONE, state <= RESERVE_ACTIVE);
	if (was->id[0] == '\0') {
		all->ended[state] += r->ended != VALUE_NONE;
		*was = *r;
		return;
	}
	if (was->ended != VALUE_NONE) {
		/* An id that is given again after its end begins anew or is refused: the store
		 * holds no fee for it twice. */
		*was = *r;
		return;
	}
	assert_int_equal(order_find(RESERVE_WORDS_STATE, was->state, &before), 0);
	assert_true(state >= before || r->ended != VALUE_NONE); /* never back */
	assert_int_equal(was->fee_fen, r->fee_fen);
	assert_string_equal(was->account, r->account);
	assert_int_equal(state == RESERVE_KEPT, r->order[0] != '\0');
	all->ended[state] += r->ended != VALUE_NONE;
	*was = *r;
}

/* Each reservation ends once, in a way of its own, and what stands at the end is what was told. */
static void each_reservation_ends_once(void **state)
{
	const struct site_cfg cfg = storm_cfg();
	uint64_t seed = seed_of_run();
	struct reservations *all = calloc(1, sizeof *all);
	struct view_reservation open;
	struct storm storm;
	struct site *site;
	size_t standing = 0;

	(void)state;
	print_message("seed %llu\n", (unsigned long long)seed);
	assert_non_null(all);
	storm_new(&storm, seed, false);
	assert_int_equal(site_new(&cfg, &site), 0);
	for (int k = 0; k < EVENTS; k++) {
		struct actions out = {.v = room_a, .cap = ACTIONS_MIN(RIG_GUNS)};
		struct event e;

		storm_next(&storm, &e);
		site_apply(site, &e, &out);
		storm_saw(&storm, &out);
		for (size_t i = 0; i < out.count; i++) {
			if (out.v[i].kind == ACT_RESERVE) {
				reservation_told(all, &out.v[i].reserve);
			}
		}
	}
	for (; site_view_reservation(site, standing, &open); standing++) {
		assert_false(
			view_differs(VIEW_reservation, known_reservation(all, open.id), &open));
	}
	for (size_t i = 0; i < all->count; i++) {
		standing -= all->last[i].ended == VALUE_NONE;
	}
	assert_int_equal(standing, 0);
	print_message("# %zu reservations: %zu kept, %zu cancelled, %zu lapsed, %zu blocked\n",
		all->count, all->ended[RESERVE_KEPT], all->ended[RESERVE_CANCELLED],
		all->ended[RESERVE_LAPSED], all->ended[RESERVE_BLOCKED]);
	assert_true(all->ended[RESERVE_CANCELLED] > 5 && all->ended[RESERVE_BLOCKED] > 5);
	site_free(site);
	free(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(deterministic_and_restorable),
		cmocka_unit_test(energy_is_conserved),
		cmocka_unit_test(each_charge_has_one_order),
		cmocka_unit_test(each_reservation_ends_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
