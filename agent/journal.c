#include "journal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zstd.h>

#include "equip.h"
#include "journal_event.h"
#include "journal_file.h"

#define RETRY_US    (60 * US_PER_S)
#define LEVEL       3
#define WINDOW_LOG  17 /* 128 KiB: keeps the compressor small */
#define OUT_SIZE    (64 * 1024)
#define FILES_MAX   10000
#define NAME_PREFIX "journal-"
#define NAME_SUFFIX ".pj"

struct journal {
	char folder[256];
	char path[320];
	int64_t file_bytes, total_bytes, flush_us, snapshot_us;
	int64_t in_file, written;
	struct mono flushed, snapped, failed;
	bool retry;     /* failed is set */
	bool segmented; /* the present file has a snapshot */
	int fd;
	ZSTD_CCtx *zstd;
	struct je_codec *codec;
	void *equipment;
	size_t equipment_size;
	uint8_t *events; /* the chunk that grows */
	size_t events_len;
	uint8_t *out;
};

static int write_all(struct journal *j, const uint8_t *bytes, size_t n)
{
	while (n > 0) {
		ssize_t done = write(j->fd, bytes, n);

		if (done < 0 && errno == EINTR) {
			continue;
		}
		if (done <= 0) {
			return ERR_IO;
		}
		bytes += done;
		n -= (size_t)done;
		j->in_file += done;
		j->written += done;
	}
	return 0;
}

static int compress(struct journal *j, const void *bytes, size_t n, ZSTD_EndDirective how)
{
	ZSTD_inBuffer in = {bytes, n, 0};
	size_t left;

	do {
		ZSTD_outBuffer out = {j->out, OUT_SIZE, 0};

		left = ZSTD_compressStream2(j->zstd, &out, &in, how);
		if (ZSTD_isError(left)) {
			errno = ENOMEM;
			return ERR_IO;
		}
		if (out.pos > 0 && write_all(j, j->out, out.pos) != 0) {
			return ERR_IO;
		}
	} while (how == ZSTD_e_continue ? in.pos < in.size : left != 0);
	return 0;
}

static int put_chunk(struct journal *j, int kind, const void *bytes, size_t n)
{
	uint8_t head[JOURNAL_HEAD_SIZE];
	uint64_t hash = pack_hash(bytes, n);

	head[0] = (uint8_t)kind;
	for (int k = 0; k < 4; k++) {
		head[1 + k] = (uint8_t)(n >> (8 * k));
	}
	for (int k = 0; k < 8; k++) {
		head[5 + k] = (uint8_t)(hash >> (8 * k));
	}
	if (compress(j, head, sizeof head, ZSTD_e_continue) != 0) {
		return ERR_IO;
	}
	return compress(j, bytes, n, ZSTD_e_continue);
}

static int put_events(struct journal *j)
{
	int rc = 0;

	if (j->events_len > 0) {
		rc = put_chunk(j, JOURNAL_E, j->events, j->events_len);
		j->events_len = 0;
	}
	return rc;
}

static int end_frame(struct journal *j)
{
	int rc = put_events(j);

	return rc != 0 ? rc : compress(j, NULL, 0, ZSTD_e_end);
}

static void drop_file(struct journal *j)
{
	if (j->fd >= 0) {
		close(j->fd);
	}
	j->fd = -1;
	j->path[0] = '\0';
	j->events_len = 0;
	ZSTD_CCtx_reset(j->zstd, ZSTD_reset_session_only);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_journal(const char *name)
{
	size_t n = strlen(name);

	return strncmp(name, NAME_PREFIX, strlen(NAME_PREFIX)) == 0 && n > strlen(NAME_SUFFIX) &&
	       strcmp(name + n - strlen(NAME_SUFFIX), NAME_SUFFIX) == 0;
}

/* Removes the oldest files (names are times) until the others and a new one fit. */
static void make_room(struct journal *j)
{
	char **names = calloc(FILES_MAX, sizeof *names);
	int64_t *sizes = calloc(FILES_MAX, sizeof *sizes);
	DIR *dir = opendir(j->folder);
	struct dirent *entry;
	size_t count = 0;
	int64_t total = j->file_bytes;

	while (names != NULL && sizes != NULL && dir != NULL && count < FILES_MAX &&
		(entry = readdir(dir)) != NULL) {
		if (is_journal(entry->d_name) && (names[count] = strdup(entry->d_name)) != NULL) {
			count++;
		}
	}
	if (count > 0) {
		qsort(names, count, sizeof *names, by_name);
	}
	for (size_t i = count; i-- > 0;) {
		char path[sizeof j->path + 260];
		int fd;

		snprintf(path, sizeof path, "%s/%s", j->folder, names[i]);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd >= 0) {
			total += lseek(fd, 0, SEEK_END);
			close(fd);
		}
		if (total > j->total_bytes) {
			unlink(path);
		}
		free(names[i]);
	}
	if (dir != NULL) {
		closedir(dir);
	}
	free(names);
	free(sizes);
}

static int put_header(struct journal *j)
{
	uint32_t version = CORE_VERSION;
	uint8_t *bytes = malloc(j->equipment_size + 8);
	struct pack p = pack_writer(bytes, 8);
	int rc;

	if (bytes == NULL) {
		return ERR_IO;
	}
	pack_u32(&p, &version);
	memcpy(bytes + p.len, j->equipment, j->equipment_size);
	rc = put_chunk(j, JOURNAL_H, bytes, p.len + j->equipment_size);
	free(bytes);
	return rc;
}

static int begin_file(struct journal *j, struct moment now)
{
	int64_t ms = now.wall.ms;

	make_room(j);
	for (int attempt = 0; attempt < 100 && j->fd < 0; attempt++) {
		snprintf(j->path, sizeof j->path, "%s/" NAME_PREFIX "%015lld" NAME_SUFFIX,
			j->folder, (long long)(ms + attempt));
		j->fd = open(j->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
		if (j->fd < 0 && errno != EEXIST) {
			return ERR_IO;
		}
	}
	if (j->fd < 0) {
		return ERR_IO;
	}
	j->in_file = 0;
	j->segmented = false;
	if (write_all(j, (const uint8_t *)JOURNAL_MAGIC, JOURNAL_MAGIC_SIZE) != 0) {
		return ERR_IO;
	}
	return put_header(j);
}

static int put_snapshot(struct journal *j, const struct site *site, struct moment now)
{
	const void *bytes;
	size_t size;
	int rc;

	if (j->segmented && (rc = end_frame(j)) != 0) {
		return rc;
	}
	site_snapshot(site, &bytes, &size);
	rc = put_chunk(j, JOURNAL_S, bytes, size);
	je_reset(j->codec);
	j->segmented = true;
	j->snapped = now.mono;
	return rc;
}

/* Ends the journal for a while. Tells once. */
static int give_up(struct journal *j, struct moment now)
{
	int saved = errno;
	bool first = !j->retry;

	drop_file(j);
	j->failed = now.mono;
	j->retry = true;
	errno = saved;
	return first ? ERR_IO : 0;
}

static int prepare(struct journal *j, const struct site *site, struct moment now)
{
	if (j->fd >= 0 && j->in_file >= j->file_bytes) {
		int rc = end_frame(j);

		drop_file(j);
		if (rc != 0) {
			return rc;
		}
	}
	if (j->fd < 0) {
		int rc = begin_file(j, now);

		j->flushed = now.mono;
		return rc != 0 ? rc : put_snapshot(j, site, now);
	}
	if (mono_diff_us(now.mono, j->snapped) >= j->snapshot_us) {
		return put_snapshot(j, site, now);
	}
	return 0;
}

static int put_event(struct journal *j, const struct event *event)
{
	size_t bound = je_bound(event);
	struct pack p;
	int rc;

	if (j->events_len + bound > JOURNAL_EVENTS_MAX && (rc = put_events(j)) != 0) {
		return rc;
	}
	p = pack_writer(j->events + j->events_len, JOURNAL_EVENTS_MAX - j->events_len);
	rc = je_write(j->codec, &p, event);
	if (rc != 0) {
		errno = EMSGSIZE; /* a hole: begin anew, with a snapshot behind this event */
		return rc;
	}
	j->events_len += p.len;
	return 0;
}

static int flush(struct journal *j, struct moment now)
{
	int rc = put_events(j);

	j->flushed = now.mono;
	return rc != 0 ? rc : compress(j, NULL, 0, ZSTD_e_flush);
}

int journal_event(struct journal *j, const struct site *site, const struct event *event)
{
	int rc;

	if (j->retry && mono_diff_us(event->now.mono, j->failed) < RETRY_US) {
		return 0;
	}
	rc = prepare(j, site, event->now);
	if (rc == 0) {
		rc = put_event(j, event);
	}
	if (rc == 0 && mono_diff_us(event->now.mono, j->flushed) >= j->flush_us) {
		rc = flush(j, event->now);
	}
	if (rc != 0) {
		return give_up(j, event->now);
	}
	j->retry = false;
	return 0;
}

int journal_snapshot(struct journal *j, const struct site *site)
{
	struct moment now = {j->flushed, {0}};

	if (j->fd < 0) {
		return 0;
	}
	if (put_snapshot(j, site, now) != 0 || flush(j, now) != 0) {
		return give_up(j, now);
	}
	return 0;
}

int journal_open(const struct journal_cfg *cfg, struct journal **out)
{
	struct journal *j = calloc(1, sizeof *j);
	int rc = ERR_NOMEM;

	if (j == NULL) {
		return rc;
	}
	j->fd = -1;
	j->file_bytes = cfg->file_bytes > 0 ? cfg->file_bytes : INT64_C(32) << 20;
	j->total_bytes = cfg->total_bytes > 0 ? cfg->total_bytes : INT64_C(512) << 20;
	j->flush_us = cfg->flush_us > 0 ? cfg->flush_us : 3 * US_PER_S;
	j->snapshot_us = cfg->snapshot_us > 0 ? cfg->snapshot_us : 3600 * US_PER_S;
	if (snprintf(j->folder, sizeof j->folder, "%s", cfg->folder) >= (int)sizeof j->folder) {
		rc = ERR_INVAL;
		goto fail;
	}
	j->zstd = ZSTD_createCCtx();
	j->events = malloc(JOURNAL_EVENTS_MAX);
	j->out = malloc(OUT_SIZE);
	if (j->zstd == NULL || j->events == NULL || j->out == NULL) {
		goto fail;
	}
	ZSTD_CCtx_setParameter(j->zstd, ZSTD_c_compressionLevel, LEVEL);
	ZSTD_CCtx_setParameter(j->zstd, ZSTD_c_windowLog, WINDOW_LOG);
	rc = je_new(&j->codec);
	if (rc == 0) {
		rc = equip_bytes(cfg->site, &j->equipment, &j->equipment_size);
	}
	if (rc == 0) {
		*out = j;
		return 0;
	}
fail:
	journal_close(j);
	return rc;
}

void journal_close(struct journal *j)
{
	if (j == NULL) {
		return;
	}
	if (j->fd >= 0) {
		(void)end_frame(j);
		close(j->fd);
	}
	ZSTD_freeCCtx(j->zstd);
	je_free(j->codec);
	free(j->equipment);
	free(j->events);
	free(j->out);
	free(j);
}

const char *journal_path(const struct journal *j)
{
	return j->path;
}

int64_t journal_written(const struct journal *j)
{
	return j->written;
}
