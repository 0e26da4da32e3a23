/* The store when the disk is full, when writing fails, and when it is killed. */
#include "store_fixture.h"

#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdatomic.h>

#include "random.h"
#include "state.h"

static const char *const names[] = {"A1.1"};
static uint64_t rng;

/* ---- A disk that refuses to be written: SQLite's own file layer, with a switch ---- */

struct hooked {
	sqlite3_io_methods methods; /* first: a file points to it */
	const sqlite3_io_methods *real;
};
static struct hooked hooks[4];
static sqlite3_vfs vfs, *real_vfs;
static atomic_int refuse; /* SQLite's result of each write; 0 = none */

static int hooked_write(sqlite3_file *file, const void *data, int size, sqlite3_int64 at)
{
	const struct hooked *hook = (const void *)file->pMethods;
	int rc = atomic_load(&refuse);

	return rc != 0 ? rc : hook->real->xWrite(file, data, size, at);
}

static int hooked_open(sqlite3_vfs *v, const char *name, sqlite3_file *file, int flags, int *out)
{
	int rc = real_vfs->xOpen(v, name, file, flags, out);

	for (size_t i = 0; rc == SQLITE_OK && file->pMethods != NULL && i < 4; i++) {
		if (hooks[i].real == NULL) {
			hooks[i].real = file->pMethods;
			hooks[i].methods = *file->pMethods;
			hooks[i].methods.xWrite = hooked_write;
		}
		if (hooks[i].real == file->pMethods) {
			file->pMethods = &hooks[i].methods;
			break;
		}
	}
	return rc;
}

static int set_up(void **state)
{
	(void)state;
	rng = random_seed();
	real_vfs = sqlite3_vfs_find(NULL);
	vfs = *real_vfs;
	vfs.zName = "refusing";
	vfs.xOpen = hooked_open;
	return sqlite3_vfs_register(&vfs, 1);
}

/* ---- States that the writer tells ---- */

static struct {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	char text[16];
} told = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, "ok"};

static void take_state(void *arg, const char *text)
{
	(void)arg;
	pthread_mutex_lock(&told.mutex);
	snprintf(told.text, sizeof told.text, "%s", text);
	pthread_cond_broadcast(&told.changed);
	pthread_mutex_unlock(&told.mutex);
}

static void wait_state(const char *text)
{
	pthread_mutex_lock(&told.mutex);
	while (strcmp(told.text, text) != 0) {
		pthread_cond_wait(&told.changed, &told.mutex);
	}
	pthread_mutex_unlock(&told.mutex);
}

static struct store *open_store(struct fixture *f)
{
	struct store *store = NULL;

	f->cfg.series = names;
	f->cfg.series_count = 1;
	f->cfg.on_state = take_state;
	assert_int_equal(store_open(&f->cfg, &store), 0);
	return store;
}

static int put_session(struct store *store, int i)
{
	char id[16];
	struct view_session s;

	snprintf(id, sizeof id, "s%06d", i);
	s = a_session(id, "A1.1", 1000 + i);
	return store_put(store, VIEW_session, &s);
}

#define START INT64_C(1700000000000)
#define STEP  INT64_C(10000)

static int put_row(struct store *store, int i)
{
	struct store_value v[] = {{PT_STATE, Q_GOOD, GUN_CHARGING}, {PT_ENERGY, Q_GOOD, 3 * i}};

	return store_telemetry(store, 0, (struct wall){START + i * STEP}, v, 2);
}

static size_t count_sessions(struct fixture *f)
{
	struct store_reader *reader = NULL;
	size_t count = 0;

	assert_int_equal(store_reader_open(f->folder, &reader), 0);
	assert_int_equal(store_list(reader, VIEW_session, &(struct store_filter){.limit = SIZE_MAX},
				 count_row, &count),
		0);
	store_reader_close(reader);
	return count;
}

/* Rows are those numbered 0, 1, 2 ... without a hole. */
static int next_row(void *arg, const struct store_row *row)
{
	int *next = arg;

	assert_int_equal(row->at.ms, START + *next * STEP);
	assert_int_equal(row->values[1].value, 3 * *next);
	(*next)++;
	return 0;
}

static int take_energy(void *arg, const struct view_energy *row)
{
	*(int64_t *)arg += row->energy_wh;
	return 0;
}

/* How many rows there are; the roll-ups agree with them. */
static int count_rows(struct fixture *f)
{
	struct store_reader *reader = NULL;
	struct wall none = {0};
	int64_t energy = 0;
	int count = 0;

	assert_int_equal(store_reader_open(f->folder, &reader), 0);
	assert_int_equal(store_rows(reader, names[0], none, none, next_row, &count), 0);
	assert_int_equal(store_energy(reader, none, none, names[0], 900, take_energy, &energy), 0);
	assert_int_equal(energy, count > 0 ? 3 * (count - 1) : 0);
	store_reader_close(reader);
	return count;
}

static void a_disk_that_refuses(struct fixture *f, int sqlite_rc, int err, const char *name)
{
	struct store *store = open_store(f);
	struct store_stats stats;
	int kept = 0, rows = 0;

	assert_int_equal(put_session(store, kept++), 0);
	assert_int_equal(store_flush(store), 0);
	atomic_store(&refuse, sqlite_rc);
	assert_int_equal(put_session(store, kept++), 0);
	assert_int_equal(store_flush(store), err);
	wait_state(name);
	/* what comes is kept until the queue is full, rows are dropped and counted */
	while (put_session(store, kept) == 0) {
		kept++;
	}
	assert_true(kept > 500);
	assert_int_equal(put_session(store, kept), ERR_FULL);
	for (rows = 0; rows < 5000; rows++) {
		put_row(store, rows);
	}
	assert_int_equal(store_flush(store), err);
	store_get_stats(store, &stats);
	assert_true(stats.rows_lost >= 4900);
	assert_int_equal(count_sessions(f), 1);
	/* room again: it recovers by itself */
	atomic_store(&refuse, 0);
	wait_state("ok");
	assert_int_equal(store_flush(store), 0);
	assert_int_equal(count_sessions(f), kept);
	assert_true(count_rows(f) > 0);
	assert_int_equal(put_session(store, kept++), 0);
	assert_int_equal(store_flush(store), 0);
	store_close(store);
	assert_int_equal(count_sessions(f), kept);
}

static void a_full_disk_loses_no_record(void **state)
{
	a_disk_that_refuses(*state, SQLITE_FULL, ERR_FULL, "full");
}

static void an_error_of_the_disk_loses_no_record(void **state)
{
	a_disk_that_refuses(*state, SQLITE_IOERR_WRITE, ERR_IO, "error");
}

/* ---- Killed ---- */

static void write_number(int fd, int number)
{
	if (write(fd, &number, sizeof number) != sizeof number) {
		_exit(2);
	}
}

/* Puts records and rows from `first` on, and says after each flush how far it came. */
static void run_until_killed(struct fixture *f, int first, uint64_t seed, int fd)
{
	struct store *store = NULL;

	f->cfg.series = names;
	f->cfg.series_count = 1;
	if (store_open(&f->cfg, &store) != 0) {
		_exit(1);
	}
	for (int i = first;; i++) {
		while (put_session(store, i) != 0 || put_row(store, i) != 0) {
			if (store_flush(store) != 0) {
				_exit(3);
			}
		}
		if (random_below(&seed, 20) == 0) {
			if (store_flush(store) != 0) {
				_exit(3);
			}
			write_number(fd, i + 1);
		}
	}
}

static void assert_whole(struct fixture *f, const char *file)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *stmt = NULL;

	assert_int_equal(sqlite3_open(fixture_path(f, file), &db), SQLITE_OK);
	assert_int_equal(
		sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	assert_string_equal((const char *)sqlite3_column_text(stmt, 0), "ok");
	sqlite3_finalize(stmt);
	sqlite3_close(db);
}

static void what_was_flushed_outlives_a_kill(void **state)
{
	struct fixture *f = *state;
	int sessions = 0;

	for (int round = 0; round < 12; round++) {
		int64_t reports = 1 + random_below(&rng, 25);
		int pipes[2], flushed = 0, status, rows;
		uint64_t seed = random_next(&rng);
		pid_t pid;

		assert_int_equal(pipe(pipes), 0);
		pid = fork();
		assert_true(pid >= 0);
		if (pid == 0) {
			close(pipes[0]);
			run_until_killed(f, sessions, seed, pipes[1]);
		}
		close(pipes[1]);
		for (int64_t i = 0; i < reports; i++) {
			assert_int_equal(read(pipes[0], &flushed, sizeof flushed), sizeof flushed);
		}
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
		close(pipes[0]);

		store_close(open_store(f));
		assert_whole(f, STORE_SITE_FILE);
		assert_whole(f, STORE_HISTORY_FILE);
		sessions = (int)count_sessions(f);
		rows = count_rows(f);
		assert_true(sessions >= flushed);
		assert_true(rows >= flushed);
		/* the next round goes on behind the rows that are there */
		sessions = rows > sessions ? rows : sessions;
		if (rows < sessions) {
			struct store *store = open_store(f);

			for (int i = rows; i < sessions; i++) {
				assert_int_equal(put_row(store, i), 0);
			}
			store_close(store);
		}
		assert_int_equal(count_rows(f), sessions);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_full_disk_loses_no_record),
		TEST(an_error_of_the_disk_loses_no_record),
		TEST(what_was_flushed_outlives_a_kill),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
