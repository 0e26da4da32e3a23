#ifndef CRASH_LIFE_H
#define CRASH_LIFE_H
/*
 * A paid charge's whole life, and the process dies at each call that changes the database or the
 * key's files: account opened, topped up, prepayment held, session, half-hour registers, settled,
 * parking, refund, a reservation to which nobody comes, another that is cancelled, the day's head.
 * Afterwards the ledger is whole, what was promised is there, and
 * the same life asked for again ends as if nothing had happened: no kWh lost, none billed twice.
 *
 * LOSS says how; there is a program for each way, so that they run side by side. Every n-th call
 * dies here, from a random one on; EVERY names the variable that holds n, of which 1 is each one.
 */
#include "store_fixture.h"

#ifndef LOSS
#define LOSS  CRASH_KEEPS
#define EVERY "PILED_CRASH_EVERY"
#endif

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "crash_vfs.h"
#include "ledger_verify.h"
#include "money_read.h"
#include "random.h"
#include "tariff_file.h"

#define EVERY_DEFAULT 23
#define MORNING_MS    INT64_C(1772409600000)
#define HOUR_MS       (INT64_C(3600) * MS_PER_S)

static bool armed;

/* The file system calls of the key's files. */
int rename(const char *from, const char *to)
{
	if (armed) {
		crash_count();
	}
	return (int)syscall(SYS_rename, from, to);
}

int fsync(int fd)
{
	if (armed) {
		crash_count();
	}
	(void)fd;
	return 0;
}

/* The machine itself does not fail: nothing need reach its disk. */
int fdatasync(int fd)
{
	(void)fd;
	return 0;
}

/* What the life has been promised so far; shared with the process that dies. */
enum {
	BEGUN,
	OPENED,
	TOPPED_UP,
	HELD,
	SESSION,
	CLOSED,
	PARKED,
	REFUNDED,
	RESERVED,
	LAPSED,
	CANCELLED,
	SIGNED
};
static _Atomic int *promised;

static const char tariff_text[] = "tariff: day\n"
				  "from: 2026-01-01\n"
				  "prices: {electricity: {flat: 0.7, sharp: 1.2}, service: 0.4}\n"
				  "days: [{periods: {sharp: \"10:00-11:00\", flat: rest}}]\n"
				  "parking: {free: 15 min, per_minute: 0.5, cap: 20.00}\n";

static void decided(void *arg, const struct money_result *result)
{
	*(struct money_result *)arg = *result;
}

/* Flushed, since the store would wait for more to commit together. */
static bool ask(struct store *store, struct money_op *op, struct money_result *r)
{
	op->at_ms = MORNING_MS;
	r->err = ERR_INTERNAL;
	return store_money(store, op, decided, r) == 0 && store_flush(store) == 0 && r->err == 0;
}

#define ASK(kind_, ...) ask(store, &(struct money_op){.kind = MONEY_##kind_, __VA_ARGS__}, &r)

static bool put(struct store *store, enum view_kind kind, const void *view)
{
	return store_put(store, kind, view) == 0;
}

static bool put_order(struct store *store, const char *state)
{
	struct view_order o;

	view_clear(VIEW_order, &o);
	VIEW_SET(&o, id, "o1");
	VIEW_SET(&o, gun, "A1.1");
	VIEW_SET(&o, account, "C000001");
	VIEW_SET(&o, class, "ordinary");
	VIEW_SET(&o, kind, "paid");
	VIEW_SET(&o, state, state);
	VIEW_SET(&o, tariff, "day");
	o.hold_fen = 8000;
	o.asked = MORNING_MS;
	return put(store, VIEW_order, &o);
}

static bool put_visit(struct store *store, int64_t unplugged)
{
	struct view_visit v;

	view_clear(VIEW_visit, &v);
	VIEW_SET(&v, id, "v1");
	VIEW_SET(&v, gun, "A1.1");
	v.plugged = MORNING_MS;
	v.unplugged = unplugged;
	return put(store, VIEW_visit, &v);
}

/* `cause`: "" while it stands. */
static bool put_reservation(
	struct store *store, const char *id, int64_t fee_fen, const char *state, const char *cause)
{
	struct view_reservation r;

	view_clear(VIEW_reservation, &r);
	VIEW_SET(&r, id, id);
	VIEW_SET(&r, gun, "A1.1");
	VIEW_SET(&r, account, "C000001");
	VIEW_SET(&r, state, state);
	VIEW_SET(&r, cause, cause);
	r.asked = MORNING_MS + 6 * HOUR_MS;
	r.from = r.asked + HOUR_MS;
	r.until = r.from + HOUR_MS;
	r.held_until = r.from + HOUR_MS / 4;
	r.fee_fen = fee_fen;
	r.ended = cause[0] != '\0' ? r.held_until : VALUE_NONE;
	return put(store, VIEW_reservation, &r) && store_flush(store) == 0;
}

static bool put_session(struct store *store, int64_t wh, bool closed)
{
	struct view_session s;

	view_clear(VIEW_session, &s);
	VIEW_SET(&s, id, "s1");
	VIEW_SET(&s, visit, "v1");
	VIEW_SET(&s, gun, "A1.1");
	VIEW_SET(&s, state, closed ? "closed" : "open");
	VIEW_SET(&s, order, "o1");
	VIEW_SET(&s, start_quality, "good");
	VIEW_SET(&s, end_quality, "good");
	s.start = s.start_at = MORNING_MS + HOUR_MS * 3 / 2;
	s.start_wh = 100000;
	s.end_wh = 100000 + wh;
	s.energy_wh = wh;
	if (closed) {
		s.end = s.end_at = s.start + 2 * HOUR_MS;
		s.duration_s = 7200;
	}
	return put(store, VIEW_session, &s);
}

static bool put_mark(struct store *store, int n)
{
	struct view_mark m;

	view_clear(VIEW_mark, &m);
	VIEW_SET(&m, session, "s1");
	VIEW_SET(&m, quality, "good");
	m.at = MORNING_MS + HOUR_MS * 3 / 2 + n * HOUR_MS / 2;
	m.read_at = m.at + 500;
	m.wh = 100000 + n * 10000;
	return put(store, VIEW_mark, &m);
}

static bool import(struct store *store)
{
	const struct zone_rules shanghai = {1, {{0, 28800}}};
	struct yaml_errors errors = {0};
	struct money_result r;
	struct tariff t;

	return tariff_parse("day", tariff_text, strlen(tariff_text), &shanghai, &errors, &t) == 0 &&
	       ASK(TARIFF, .ref = "day", .text = tariff_text, .blob = &t, .blob_size = sizeof t);
}

/* Two reservations: to one nobody comes, the other is cancelled in time. */
static bool reserve(struct store *store)
{
	struct money_result r;
	bool ok = ASK(HOLD, .account = "C000001", .fen = 300, .ref = "reserve:r1") &&
		  put_reservation(store, "r1", 300, "planned", "");

	*promised = ok ? RESERVED : *promised;
	ok = ok && put_reservation(store, "r1", 300, "active", "") &&
	     put_reservation(store, "r1", 300, "lapsed", "no_show");
	*promised = ok ? LAPSED : *promised;
	ok = ok && ASK(HOLD, .account = "C000001", .fen = 200, .ref = "reserve:r2") &&
	     put_reservation(store, "r2", 200, "planned", "") &&
	     put_reservation(store, "r2", 200, "cancelled", "cancelled");
	*promised = ok ? CANCELLED : *promised;
	return ok;
}

/* All of it, with the same ids whenever it is lived. False where something was refused. */
static bool live(struct store *store)
{
	struct money_result r;
	bool ok = import(store) && ASK(OPEN, .name = "Li", .key = "li");

	*promised = ok ? OPENED : BEGUN;
	ok = ok && ASK(TOPUP, .account = "C000001", .fen = 10000, .key = "t");
	*promised = ok ? TOPPED_UP : *promised;
	ok = ok && ASK(HOLD, .account = "C000001", .fen = 8000, .ref = "o1");
	*promised = ok ? HELD : *promised;
	ok = ok && put_order(store, "held") && put_visit(store, VALUE_NONE) &&
	     put_session(store, 0, false) && store_flush(store) == 0;
	*promised = ok ? SESSION : *promised;
	for (int i = 1; ok && i < 4; i++) {
		ok = put_mark(store, i) && put_session(store, i * 10000, false) &&
		     store_flush(store) == 0;
	}
	ok = ok && put_session(store, 40000, true) && put_order(store, "ended") &&
	     store_flush(store) == 0;
	*promised = ok ? CLOSED : *promised;
	ok = ok && put_visit(store, MORNING_MS + HOUR_MS * 7 / 2 + HOUR_MS * 2 / 3) &&
	     store_flush(store) == 0;
	*promised = ok ? PARKED : *promised;
	ok = ok && ASK(REFUND, .bill = 1, .fen = 200, .key = "r", .reason = "x");
	*promised = ok ? REFUNDED : *promised;
	return ok && reserve(store);
}

/* Lives, and lets the next start sign the day before. */
static bool live_and_sign(const struct store_cfg *cfg)
{
	struct store *store = NULL;
	bool ok = store_open(cfg, &store) == 0 && live(store);

	store_close(store);
	store = NULL;
	ok = ok && store_open(cfg, &store) == 0 && store_flush(store) == 0;
	store_close(store);
	*promised = ok ? SIGNED : *promised;
	return ok;
}

/* ---- What must be ---- */

static void fail_at(int64_t n, int loss, const char *what)
{
	fail_msg("call %lld, loss %d, promised %d: %s", (long long)n, loss, *promised, what);
}

static void verify(struct fixture *f, int64_t n, int loss, const char *when)
{
	struct view_proof proof;
	char text[400];
	int rc = ledger_verify(fixture_path(f, STORE_SITE_FILE), NULL, &proof);

	if (rc != 0 || proof.wrong[0] != '\0') {
		snprintf(text, sizeof text, "%s: %s %s: %s", when, err_token(rc), proof.wrong,
			proof.what);
		fail_at(n, loss, text);
	}
}

static void must(sqlite3 *db, int64_t n, int loss, const char *query, int64_t wanted)
{
	char text[300];
	int64_t is = VALUE_NONE;

	if (sql_one_int(db, query, &is) != 0 || is != wanted) {
		snprintf(text, sizeof text, "%s: %lld, wanted %lld", query, (long long)is,
			(long long)wanted);
		fail_at(n, loss, text);
	}
}

#define WALLET                                                                           \
	"SELECT coalesce(-sum(b.fen), 0) FROM ledger_account a JOIN ledger_balance b ON" \
	" b.account = a.id WHERE a.kind = "

/* What somebody was told to be done is done. */
static void check_promises(sqlite3 *db, int64_t n, int loss, int told)
{
	if (told >= OPENED) {
		must(db, n, loss, "SELECT count(*) FROM account", 1);
	}
	if (told >= TOPPED_UP) {
		must(db, n, loss, "SELECT count(*) FROM ledger_tx WHERE kind = 'topup'", 1);
	}
	if (told >= HELD) {
		must(db, n, loss,
			"SELECT count(*) FROM ledger_tx WHERE kind = 'hold' AND ref = 'o1'", 1);
	}
	if (told >= SESSION) {
		must(db, n, loss, "SELECT count(*) FROM session WHERE \"order\" = 'o1'", 1);
	}
	if (told >= CLOSED) {
		must(db, n, loss, "SELECT energy_wh FROM bill WHERE id = 1", 40000);
	}
	if (told >= PARKED) {
		must(db, n, loss, "SELECT parking_fen FROM bill WHERE id = 2", 1250);
	}
	if (told >= REFUNDED) {
		must(db, n, loss, "SELECT count(*) FROM ledger_tx WHERE kind = 'refund'", 1);
	}
	if (told >= RESERVED) {
		must(db, n, loss, "SELECT count(*) FROM reservation WHERE id = 'r1'", 1);
	}
	if (told >= LAPSED) {
		must(db, n, loss, "SELECT fen FROM ledger_tx WHERE kind = 'noshow'", 300);
	}
	if (told >= CANCELLED) {
		must(db, n, loss, "SELECT fen FROM ledger_tx WHERE kind = 'release'", 200);
	}
	/* a reservation stands and its fee is held, or it ended and that was decided */
	must(db, n, loss,
		"SELECT count(*) FROM reservation r LEFT JOIN ledger_tx h"
		" ON h.kind = 'hold' AND h.ref = 'reserve:' || r.id WHERE h.id IS NULL OR"
		" (r.ended IS NULL) = EXISTS (SELECT 1 FROM ledger_tx c WHERE c.closes = h.id)",
		0);
	/* money and energy never part: a closed session is billed, an open one is held */
	must(db, n, loss,
		"SELECT count(*) FROM session WHERE state = 'closed'"
		" AND id NOT IN (SELECT session FROM bill WHERE kind = 'session')",
		0);
}

static void check_end(sqlite3 *db, int64_t n, int loss)
{
	must(db, n, loss, "SELECT count(*) FROM account", 1);
	must(db, n, loss, "SELECT count(*) FROM tariff", 1);
	must(db, n, loss, "SELECT count(*) FROM session", 1);
	must(db, n, loss, "SELECT count(*) FROM mark", 3);
	must(db, n, loss, "SELECT count(*) FROM bill", 2);
	must(db, n, loss, "SELECT sum(energy_wh) FROM bill", 40000);
	must(db, n, loss, "SELECT count(*) FROM ledger_tx", 9);
	must(db, n, loss, "SELECT count(*) FROM reservation WHERE ended IS NOT NULL", 2);
	must(db, n, loss, "SELECT count(*) FROM abnormal", 0);
	must(db, n, loss, "SELECT count(*) FROM ledger_head", 1);
	must(db, n, loss, WALLET "'held'", 0);
	must(db, n, loss, WALLET "'revenue_noshow'", 300);
	must(db, n, loss, WALLET "'wallet'", 10000 - 5400 - 1250 + 200 - 300);
}

/* ---- Deaths ---- */

/* Where it may die: while the database is made, then in the charge's life on a copy of one that is
 * made, since to make it anew for each death is most of the time. */
struct act {
	bool (*run)(const struct store_cfg *cfg);
	const char *folder; /* that it begins with; NULL = an empty one */
	int64_t calls_min;  /* it has that many at least */
};

static bool make(const struct store_cfg *cfg)
{
	struct store *store = NULL;
	bool ok = store_open(cfg, &store) == 0 && store_flush(store) == 0;

	store_close(store);
	return ok;
}

static void copy_file(const char *from, const char *to)
{
	char data[65536];
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	ssize_t n;

	assert_true(in >= 0 && out >= 0);
	while ((n = read(in, data, sizeof data)) > 0) {
		assert_int_equal(write(out, data, (size_t)n), n);
	}
	assert_int_equal(n, 0);
	close(in);
	close(out);
}

/* The files of a folder in which no store is open. */
static void copy_folder(const char *from, const char *to)
{
	DIR *dir = opendir(from);
	struct dirent *entry;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		char old[TEMPDIR_PATH], new[TEMPDIR_PATH];

		if (entry->d_name[0] != '.') {
			snprintf(old, sizeof old, "%s/%s", from, entry->d_name);
			snprintf(new, sizeof new, "%s/%s", to, entry->d_name);
			copy_file(old, new);
		}
	}
	closedir(dir);
}

/* Acts in a process that dies at the n-th call. False: it did not come so far. */
static bool die_at(struct fixture *f, const struct act *act, int64_t n, int loss)
{
	int status = 0;
	pid_t pid;

	*promised = BEGUN;
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		crash_install(n, (enum crash_loss)loss);
		armed = true;
		_exit(act->run(&f->cfg) ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFEXITED(status) || (WEXITSTATUS(status) != 0 && WEXITSTATUS(status) != CRASH_EXIT)) {
		fail_at(n, loss, "it ended in another way");
	}
	return WEXITSTATUS(status) == CRASH_EXIT;
}

/* What a check sees: the database as it stands in the file. */
static sqlite3 *look(struct fixture *f)
{
	sqlite3 *db = NULL;

	assert_int_equal(sql_open(fixture_path(f, STORE_SITE_FILE), SQL_READ, &db), 0);
	return db;
}

static bool crash_and_recover(const struct act *act, int64_t n, int loss)
{
	void *state = NULL;
	struct fixture *f;
	struct store *store = NULL;
	sqlite3 *db;
	int told;
	bool died;

	assert_int_equal(fixture_make(&state), 0);
	f = state;
	if (act->folder != NULL) {
		copy_folder(act->folder, f->folder);
	}
	died = die_at(f, act, n, loss);
	told = *promised;
	if (store_open(&f->cfg, &store) != 0) {
		fail_at(n, loss, f->why);
	}
	assert_int_equal(store_flush(store), 0);
	store_close(store);
	verify(f, n, loss, "after the restart");
	db = look(f);
	check_promises(db, n, loss, told);
	sql_close(db);
	if (!live_and_sign(&f->cfg)) {
		fail_at(n, loss, "the same again was refused");
	}
	verify(f, n, loss, "at the end");
	db = look(f);
	check_end(db, n, loss);
	sql_close(db);
	fixture_remove(&state);
	return died;
}

static void die_everywhere(const struct act *act)
{
	const char *text = getenv(EVERY);
	int64_t every = text != NULL ? strtoll(text, NULL, 10) : EVERY_DEFAULT, n, deaths = 0;
	uint64_t seed = random_seed();

	every = every < 1 ? 1 : every;
	for (n = 1 + random_below(&seed, every); crash_and_recover(act, n, LOSS); n += every) {
		deaths++;
	}
	assert_true(n > act->calls_min);
	print_message("%lld deaths\n", (long long)deaths);
}

static void whenever_it_dies_a_database_is_made_whole(void **state)
{
	(void)state;
	die_everywhere(&(struct act){make, NULL, 50});
}

static void whenever_it_dies_nothing_is_lost_or_done_twice(void **state)
{
	struct fixture *f = *state;

	assert_true(make(&f->cfg));
	die_everywhere(&(struct act){live_and_sign, f->folder, 200});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whenever_it_dies_a_database_is_made_whole),
		cmocka_unit_test_setup_teardown(whenever_it_dies_nothing_is_lost_or_done_twice,
			fixture_make, fixture_remove),
	};

	promised = mmap(
		NULL, sizeof *promised, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return promised == MAP_FAILED ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
