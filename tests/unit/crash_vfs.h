#ifndef CRASH_VFS_H
#define CRASH_VFS_H
/*
 * A file system for SQLite in which the process dies at the n-th call that changes something of
 * site.db or its log: a write, sync, truncation or deletion. How much of what was not synced
 * survives is chosen: all (the process was killed), nothing (the power failed), or some of it, with
 * the last write torn.
 */
#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum crash_loss { CRASH_KEEPS, CRASH_LOSES, CRASH_TEARS };

#define CRASH_EXIT 99
#define CRASH_LOG  8192

struct crash_file {
	sqlite3_file base;
	bool counted;
	sqlite3_file *real;
};

/* A change that was not synced, and what was there before it. */
struct crash_change {
	struct crash_file *file;
	sqlite3_int64 at, size_before;
	int length;
	unsigned char *old;
};

static struct {
	sqlite3_vfs vfs, *real;
	pthread_mutex_t mutex;
	int64_t calls, crash_at; /* 0 = never */
	enum crash_loss loss;
	uint64_t random;
	struct crash_change log[CRASH_LOG];
	int count;
} crash = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static int crash_random(int below)
{
	crash.random ^= crash.random << 13;
	crash.random ^= crash.random >> 7;
	crash.random ^= crash.random << 17;
	return (int)(crash.random % (uint64_t)below);
}

static void crash_undo(const struct crash_change *c, int from)
{
	const struct sqlite3_io_methods *m = c->file->real->pMethods;

	if (c->old != NULL && from < c->length) {
		m->xWrite(c->file->real, c->old + from, c->length - from, c->at + from);
	}
	if (from == 0) {
		m->xTruncate(c->file->real, c->size_before);
	}
}

static void crash_die(void)
{
	for (int i = crash.count - 1; crash.loss != CRASH_KEEPS && i >= 0; i--) {
		if (crash.loss == CRASH_LOSES || crash_random(2) == 0) {
			crash_undo(&crash.log[i], 0);
		} else if (i == crash.count - 1 && crash.log[i].length > 512) {
			crash_undo(
				&crash.log[i], 512 * (1 + crash_random(crash.log[i].length / 512)));
		}
	}
	_exit(CRASH_EXIT);
}

/* One more call that changes something. */
static void crash_count(void)
{
	if (++crash.calls == crash.crash_at) {
		crash_die();
	}
}

/* Remembers what a write or truncation will change. */
static void crash_note(struct crash_file *f, int64_t at, int length)
{
	const struct sqlite3_io_methods *m = f->real->pMethods;
	struct crash_change *c = &crash.log[crash.count];

	if (crash.count == CRASH_LOG) {
		abort();
	}
	*c = (struct crash_change){f, at, 0, length, NULL};
	m->xFileSize(f->real, &c->size_before);
	if (length > 0) {
		c->old = calloc(1, (size_t)length);
		m->xRead(f->real, c->old, length, at);
	}
	crash.count++;
}

static void crash_forget(const struct crash_file *f)
{
	int kept = 0;

	for (int i = 0; i < crash.count; i++) {
		if (crash.log[i].file == f) {
			free(crash.log[i].old);
		} else {
			crash.log[kept++] = crash.log[i];
		}
	}
	crash.count = kept;
}

#define CRASH_REAL(file) (((struct crash_file *)(file))->real)

static int crash_close(sqlite3_file *file)
{
	struct crash_file *f = (struct crash_file *)file;

	pthread_mutex_lock(&crash.mutex);
	crash_forget(f);
	pthread_mutex_unlock(&crash.mutex);
	return f->real->pMethods->xClose(f->real);
}

static int crash_read(sqlite3_file *file, void *data, int length, sqlite3_int64 at)
{
	return CRASH_REAL(file)->pMethods->xRead(CRASH_REAL(file), data, length, at);
}

static int crash_write(sqlite3_file *file, const void *data, int length, sqlite3_int64 at)
{
	struct crash_file *f = (struct crash_file *)file;
	int rc;

	if (!f->counted) {
		return f->real->pMethods->xWrite(f->real, data, length, at);
	}
	pthread_mutex_lock(&crash.mutex);
	crash_count();
	crash_note(f, at, length);
	rc = f->real->pMethods->xWrite(f->real, data, length, at);
	pthread_mutex_unlock(&crash.mutex);
	return rc;
}

static int crash_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	struct crash_file *f = (struct crash_file *)file;
	sqlite3_int64 now = 0;
	int rc;

	if (!f->counted) {
		return f->real->pMethods->xTruncate(f->real, size);
	}
	pthread_mutex_lock(&crash.mutex);
	crash_count();
	f->real->pMethods->xFileSize(f->real, &now);
	crash_note(f, size, now > size ? (int)(now - size) : 0);
	rc = f->real->pMethods->xTruncate(f->real, size);
	pthread_mutex_unlock(&crash.mutex);
	return rc;
}

static int crash_sync(sqlite3_file *file, int flags)
{
	struct crash_file *f = (struct crash_file *)file;
	int rc;

	if (!f->counted) {
		return SQLITE_OK; /* telemetry is not looked at */
	}
	pthread_mutex_lock(&crash.mutex);
	crash_count();
	crash_forget(f);
	rc = SQLITE_OK; /* the machine does not fail: nothing need reach its disk */
	(void)flags;
	pthread_mutex_unlock(&crash.mutex);
	return rc;
}

static int crash_size(sqlite3_file *file, sqlite3_int64 *size)
{
	return CRASH_REAL(file)->pMethods->xFileSize(CRASH_REAL(file), size);
}

static int crash_lock(sqlite3_file *file, int level)
{
	return CRASH_REAL(file)->pMethods->xLock(CRASH_REAL(file), level);
}

static int crash_unlock(sqlite3_file *file, int level)
{
	return CRASH_REAL(file)->pMethods->xUnlock(CRASH_REAL(file), level);
}

static int crash_check(sqlite3_file *file, int *out)
{
	return CRASH_REAL(file)->pMethods->xCheckReservedLock(CRASH_REAL(file), out);
}

static int crash_control(sqlite3_file *file, int op, void *arg)
{
	return CRASH_REAL(file)->pMethods->xFileControl(CRASH_REAL(file), op, arg);
}

static int crash_sector(sqlite3_file *file)
{
	(void)file;
	return 4096;
}

static int crash_traits(sqlite3_file *file)
{
	(void)file;
	return 0;
}

static int crash_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **out)
{
	return CRASH_REAL(file)->pMethods->xShmMap(CRASH_REAL(file), page, size, extend, out);
}

static int crash_shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
	return CRASH_REAL(file)->pMethods->xShmLock(CRASH_REAL(file), offset, n, flags);
}

static void crash_shm_barrier(sqlite3_file *file)
{
	CRASH_REAL(file)->pMethods->xShmBarrier(CRASH_REAL(file));
}

static int crash_shm_unmap(sqlite3_file *file, int delete)
{
	return CRASH_REAL(file)->pMethods->xShmUnmap(CRASH_REAL(file), delete);
}

static const struct sqlite3_io_methods crash_methods = {2, crash_close, crash_read, crash_write,
	crash_truncate, crash_sync, crash_size, crash_lock, crash_unlock, crash_check,
	crash_control, crash_sector, crash_traits, crash_shm_map, crash_shm_lock, crash_shm_barrier,
	crash_shm_unmap, NULL, NULL};

static bool crash_counts(const char *name)
{
	return name != NULL && strstr(name, "site.db") != NULL;
}

static int crash_open(
	sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file, int flags, int *out)
{
	struct crash_file *f = (struct crash_file *)file;
	int rc;

	(void)vfs;
	f->real = (sqlite3_file *)(void *)(f + 1);
	f->counted = crash_counts(name);
	rc = crash.real->xOpen(crash.real, name, f->real, flags, out);
	f->base.pMethods = rc == SQLITE_OK || f->real->pMethods != NULL ? &crash_methods : NULL;
	return rc;
}

static int crash_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
	(void)vfs;
	if (crash_counts(name)) {
		pthread_mutex_lock(&crash.mutex);
		crash_count();
		pthread_mutex_unlock(&crash.mutex);
	}
	return crash.real->xDelete(crash.real, name, sync);
}

/* From now on all of SQLite goes through it; once a process. */
static inline void crash_install(int64_t crash_at, enum crash_loss loss)
{
	crash.real = sqlite3_vfs_find(NULL);
	crash.vfs = *crash.real;
	crash.vfs.zName = "crash";
	crash.vfs.szOsFile = (int)sizeof(struct crash_file) + crash.real->szOsFile;
	crash.vfs.xOpen = crash_open;
	crash.vfs.xDelete = crash_delete;
	crash.calls = 0;
	crash.crash_at = crash_at;
	crash.loss = loss;
	crash.random = (uint64_t)crash_at * 2654435761U + 88172645463325252U;
	sqlite3_vfs_register(&crash.vfs, 1);
}

#endif
