/*
 * The recorded sessions of a real garage (PILED_DATA) through simulator, plan, profile, field map
 * and core on a virtual clock: the agent's session energies are those of the simulator's own
 * book, session by session, and so are the registers at half hours. PILED_DAYS says how many days
 * of the month (3).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "garageconf.h"
#include "text.h"

#define DAY_US    (86400 * US_PER_S)
#define SETTLE_US (3600 * US_PER_S)
#define ROOM      4096

struct seen {
	struct view_session v[ROOM];
	size_t count;
	struct view_mark mark[2 * ROOM];
	size_t marks;
};

static void on_action(void *arg, const struct action *a)
{
	struct seen *seen = arg;

	if (a->kind == ACT_MARK) {
		assert_true(seen->marks < 2 * ROOM);
		seen->mark[seen->marks++] = a->mark;
	}
	if (a->kind != ACT_SESSION || strcmp(a->session.state, "closed") != 0) {
		return;
	}
	/* A record may be given again: the last one of an id counts. */
	for (size_t i = 0; i < seen->count; i++) {
		if (strcmp(seen->v[i].id, a->session.id) == 0) {
			seen->v[i] = a->session;
			return;
		}
	}
	assert_true(seen->count < ROOM);
	seen->v[seen->count++] = a->session;
}

static const struct view_session *find(const struct seen *seen, const char *gun, int64_t number)
{
	for (size_t i = 0; i < seen->count; i++) {
		if (strcmp(seen->v[i].gun, gun) == 0 && seen->v[i].device_no == number) {
			return &seen->v[i];
		}
	}
	return NULL;
}

static const struct view_mark *find_mark(
	const struct seen *seen, const char *session, int64_t at_ms)
{
	for (size_t i = 0; i < seen->marks; i++) {
		if (seen->mark[i].at == at_ms && strcmp(seen->mark[i].session, session) == 0) {
			return &seen->mark[i];
		}
	}
	return NULL;
}

/* Each mark of the book is the agent's, where the agent has closed the session. */
static void compare_marks(const struct book *book, const struct seen *seen)
{
	size_t marks = 0, wrong = 0;

	for (int64_t n = book_mark_first(book); n < book_mark_end(book); n++) {
		const struct book_mark *b = book_mark_at(book, n);
		const struct book_record *r = book_at(book, b->number);
		const struct view_session *s = find(seen, r->gun, r->session_no);
		const struct view_mark *m = s == NULL ? NULL : find_mark(seen, s->id, b->at_ms);

		if (s == NULL || s->end <= b->at_ms) {
			continue;
		}
		marks++;
		if (m == NULL || m->wh != b->wh || m->read_at != b->read_ms ||
			strcmp(m->quality, "good") != 0) {
			wrong++;
			print_message("# %s session %d: register %lld Wh at %lld, read at %lld\n",
				r->gun, r->session_no, (long long)b->wh, (long long)b->at_ms,
				(long long)b->read_ms);
		}
	}
	print_message("# %zu marks, %zu wrong, %zu seen\n", marks, wrong, seen->marks);
	assert_true(marks > 0);
	assert_int_equal(wrong, 0);
}

static void compare(struct sim *sim, const struct seen *seen, int64_t end_s)
{
	const struct book *book = sim_book(sim);
	size_t sessions = 0, wrong = 0;
	int64_t energy_wh = 0;

	for (int64_t n = book_first(book); n < book_end(book); n++) {
		const struct book_record *b = book_at(book, n);
		const struct view_session *s;

		if (b->end_s == BOOK_NEVER || b->end_s > end_s) {
			continue;
		}
		s = find(seen, b->gun, b->session_no);
		sessions++;
		energy_wh += b->energy_wh;
		if (s == NULL || s->energy_wh != b->energy_wh) {
			wrong++;
			print_message(
				"# %s session %d: the book says %lld Wh, the agent %lld (%s)\n",
				b->gun, b->session_no, (long long)b->energy_wh,
				s == NULL ? -1LL : (long long)s->energy_wh,
				s == NULL ? "not seen" : s->flags);
		}
	}
	print_message("# %zu sessions, %lld Wh, %zu wrong, %zu seen\n", sessions,
		(long long)energy_wh, wrong, seen->count);
	assert_true(sessions > 0);
	assert_int_equal(wrong, 0);
	assert_true(seen->count >= sessions);
}

static void sessions_equal_the_book(void **state)
{
	const char *data = getenv("PILED_DATA"), *want = getenv("PILED_DAYS");
	char path[512], why[256];
	struct session_rows rows;
	struct sim_site site;
	struct sim_cfg cfg = {.seed = 20190301};
	struct sim *sim;
	struct vsite *v;
	struct seen *seen = calloc(1, sizeof *seen);
	struct vsite_cfg vcfg = {.on_action = on_action, .arg = seen};
	int64_t days = 3, local_s;

	(void)state;
	assert_non_null(seen);
	assert_true(want == NULL || text_int(want, 1, 31, &days) == 0);
	snprintf(path, sizeof path, "%s/caltech-2019-03.csv",
		data != NULL ? data : "../shared/data");
	if (access(path, R_OK) != 0) {
		print_message("# %s is not there\n", path);
		free(seen);
		skip();
		return;
	}
	assert_int_equal(sessions_read(path, 1, &rows, why, sizeof why), 0);
	assert_int_equal(sim_site_garage(&site, &rows, SIM_TCP, GUNS_PER_BUS, false), 0);
	assert_int_equal(sessions_time("2019-03-01", &local_s), 0);
	cfg.site = &site;
	cfg.rows = &rows;
	cfg.start.ms = local_s * MS_PER_S;
	assert_int_equal(sim_new(&cfg, &sim), 0);
	vcfg.sim = sim;
	vcfg.config = garage_config(&site, "UTC", "");
	assert_int_equal(vsite_new(&vcfg, &v), 0);
	/* An hour more: a session that ended is closed by later evidence. */
	vsite_run(v, (struct mono){days * DAY_US + SETTLE_US});
	compare(sim, seen, days * 86400);
	compare_marks(sim_book(sim), seen);
	vsite_free(v);
	sim_free(sim);
	config_free((struct config *)vcfg.config);
	sim_site_clear(&site);
	sessions_clear(&rows);
	free(seen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sessions_equal_the_book),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
