/* The journal: events come back exactly, replay gets the same decisions, damage is told. */
#include "../scenario/storm.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zstd.h>

#include "journal.h"
#include "journal_file.h"
#include "pack.h"
#include "random.h"
#include "replay.h"

#define EVENTS      20000
#define CONTENT_MAX (16 * 1024 * 1024)
#define FORGERIES   40

static char folder[64];

static int make_folder(void **state)
{
	(void)state;
	snprintf(folder, sizeof folder, "/tmp/piled-journal-XXXXXX");
	return mkdtemp(folder) == NULL ? -1 : 0;
}

static int remove_folder(void **state)
{
	char path[400];
	DIR *dir = opendir(folder);
	struct dirent *e;

	(void)state;
	while (dir != NULL && (e = readdir(dir)) != NULL) {
		snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
		if (e->d_name[0] != '.') {
			unlink(path);
		}
	}
	if (dir != NULL) {
		closedir(dir);
	}
	return rmdir(folder);
}

struct lines {
	char *text;
	size_t len, cap;
};

static void keep(struct lines *l, const struct site *site, const struct actions *out)
{
	char line[1024];

	for (size_t k = 0; k < out->count; k++) {
		size_t n;

		if (!replay_line(site, &out->v[k], line, sizeof line)) {
			continue;
		}
		n = strlen(line);
		if (l->len + n + 2 > l->cap) {
			l->cap = (l->len + n + 2) * 2;
			l->text = realloc(l->text, l->cap);
			assert_non_null(l->text);
		}
		memcpy(l->text + l->len, line, n);
		l->text[l->len + n] = '\n';
		l->len += n + 1;
		l->text[l->len] = '\0';
	}
}

static int keep_step(void *arg, const struct site *site, const struct event *event,
	const struct actions *actions)
{
	(void)event;
	keep(arg, site, actions);
	return 0;
}

/* Runs a storm with a journal; gives its path and what was decided. */
static void record(uint64_t seed, int64_t snapshot_us, int64_t file_bytes, char *path,
	struct lines *lines, struct site **site_out)
{
	static struct action room[ACTIONS_MIN(RIG_GUNS)];
	const struct site_cfg site_cfg = storm_cfg();
	struct journal_cfg cfg = {.folder = folder,
		.snapshot_us = snapshot_us,
		.file_bytes = file_bytes,
		.total_bytes = file_bytes * 4,
		.site = &site_cfg};
	struct journal *journal;
	struct site *site;
	struct storm storm;

	storm_new(&storm, seed, false);
	assert_int_equal(site_new(&site_cfg, &site), 0);
	assert_int_equal(journal_open(&cfg, &journal), 0);
	for (int k = 0; k < EVENTS; k++) {
		struct actions out = {.v = room, .cap = ACTIONS_MIN(RIG_GUNS)};
		struct event e;

		storm_next(&storm, &e);
		assert_int_equal(journal_event(journal, site, &e), 0);
		site_apply(site, &e, &out);
		storm_saw(&storm, &out);
		keep(lines, site, &out);
	}
	snprintf(path, 400, "%s", journal_path(journal));
	assert_int_equal(journal_snapshot(journal, site), 0);
	journal_close(journal);
	*site_out = site;
}

static void replay_decides_the_same(void **state)
{
	struct lines a = {0}, b = {0};
	struct replay_cfg cfg = {.step = keep_step, .arg = &b};
	struct replay_result result;
	struct site *site;
	char path[400];
	int rc;

	(void)state;
	record(42, 600 * US_PER_S, 0, path, &a, &site);
	rc = replay_run(path, &cfg, &result);
	assert_string_equal(result.error, "");
	assert_int_equal(rc, 0);
	assert_false(result.diverged); /* the last snapshot is of the end */
	assert_int_equal(result.events, EVENTS);
	assert_true(result.snapshots > 3);
	assert_int_equal(a.len, b.len);
	assert_string_equal(a.text, b.text);
	site_free(site);
	free(a.text);
	free(b.text);
}

static long size_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return (long)st.st_size;
}

static void a_cut_file_is_replayed_to_its_cut(void **state)
{
	struct lines a = {0};
	struct replay_cfg cfg = {0};
	struct replay_result result;
	struct site *site;
	char path[400];
	int64_t last = INT64_MAX;

	(void)state;
	record(7, 3600 * US_PER_S, 0, path, &a, &site);
	for (long cut = size_of(path) - 1; cut > 8; cut -= cut / 7 + 1) {
		int rc;

		assert_int_equal(truncate(path, cut), 0);
		rc = replay_run(path, &cfg, &result);
		assert_true(rc == 0 || rc == ERR_CORRUPT);
		assert_true((rc == 0) == (result.error[0] == '\0'));
		assert_true(rc == 0 || strstr(result.error, "offset") != NULL);
		assert_false(result.diverged);
		assert_true(result.events <= last);
		last = result.events;
	}
	site_free(site);
	free(a.text);
}

static void a_damaged_file_is_told_with_its_offset(void **state)
{
	struct lines a = {0};
	struct replay_cfg cfg = {0};
	struct replay_result result;
	struct site *site;
	char path[400];
	long size;

	(void)state;
	record(9, 3600 * US_PER_S, 0, path, &a, &site);
	size = size_of(path);
	for (long at = 0; at < size; at += size / 23) {
		FILE *f = fopen(path, "r+b");
		int byte, rc;

		assert_non_null(f);
		fseek(f, at, SEEK_SET);
		byte = fgetc(f);
		fseek(f, at, SEEK_SET);
		fputc(byte ^ 0x55, f);
		fclose(f);
		rc = replay_run(path, &cfg, &result);
		assert_true(rc == ERR_CORRUPT || rc == ERR_VERSION || rc == 0);
		assert_false(result.diverged);
		assert_true(rc == 0 || strstr(result.error, path) != NULL);
		f = fopen(path, "r+b");
		assert_non_null(f);
		fseek(f, at, SEEK_SET);
		fputc(byte, f);
		fclose(f);
	}
	assert_int_equal(replay_run(path, &cfg, &result), 0);
	assert_int_equal(replay_run("/nonexistent", &cfg, &result), ERR_NOTFOUND);
	site_free(site);
	free(a.text);
}

/* The chunks of a journal, out of their frames. */
static uint8_t *content_of(const char *path, size_t *size)
{
	long packed = size_of(path);
	uint8_t *in = malloc((size_t)packed), *out = malloc(CONTENT_MAX);
	FILE *f = fopen(path, "rb");
	ZSTD_inBuffer from = {in, (size_t)packed, JOURNAL_MAGIC_SIZE};
	ZSTD_outBuffer to = {out, CONTENT_MAX, 0};
	ZSTD_DCtx *zstd = ZSTD_createDCtx();

	assert_true(f != NULL && in != NULL && out != NULL && zstd != NULL);
	assert_int_equal(fread(in, 1, (size_t)packed, f), packed);
	fclose(f);
	while (from.pos < from.size) {
		assert_false(ZSTD_isError(ZSTD_decompressStream(zstd, &to, &from)));
		assert_true(to.pos < CONTENT_MAX);
	}
	ZSTD_freeDCtx(zstd);
	free(in);
	*size = to.pos;
	return out;
}

static void write_content(const char *path, const uint8_t *content, size_t size)
{
	size_t cap = ZSTD_compressBound(size);
	uint8_t *out = malloc(cap);
	FILE *f = fopen(path, "wb");
	size_t n;

	assert_true(f != NULL && out != NULL);
	n = ZSTD_compress(out, cap, content, size, 1);
	assert_false(ZSTD_isError(n));
	fwrite(JOURNAL_MAGIC, 1, JOURNAL_MAGIC_SIZE, f);
	fwrite(out, 1, n, f);
	fclose(f);
	free(out);
}

/* Flips bytes of one chunk and makes its check sum right again. */
static void forge(uint8_t *content, size_t size, uint64_t *random)
{
	size_t at = 0, n = 0, chunk = 0;
	uint64_t hash;

	/* A snapshot is an image of the state, nothing that is parsed: it is left alone. */
	for (int64_t skip = random_below(random, 12);
		at < size && (skip >= 0 || content[chunk] == JOURNAL_S); skip--) {
		chunk = at;
		n = 0;
		for (int k = 0; k < 4; k++) {
			n |= (size_t)content[at + 1 + (size_t)k] << (8 * k);
		}
		at += JOURNAL_HEAD_SIZE + n;
	}
	if (content[chunk] == JOURNAL_S) {
		return;
	}
	for (int64_t flips = random_below(random, 4); flips >= 0 && n > 0; flips--) {
		content[chunk + JOURNAL_HEAD_SIZE + (size_t)random_below(random, (int64_t)n)] ^=
			(uint8_t)(1 + random_below(random, 255));
	}
	hash = pack_hash(content + chunk + JOURNAL_HEAD_SIZE, n);
	for (int k = 0; k < 8; k++) {
		content[chunk + 5 + (size_t)k] = (uint8_t)(hash >> (8 * k));
	}
}

/* Somebody's file: check sums that are right say nothing of what they cover. */
static void a_forged_file_does_no_harm(void **state)
{
	uint64_t random = random_seed();
	struct lines a = {0};
	struct replay_cfg cfg = {0};
	struct replay_result result;
	struct site *site;
	char path[400];
	uint8_t *content, *forged;
	size_t size;

	(void)state;
	record(5, 3600 * US_PER_S, 0, path, &a, &site);
	content = content_of(path, &size);
	forged = malloc(size + 1);
	assert_non_null(forged);
	for (int run = 0; run < FORGERIES; run++) {
		int rc;

		memcpy(forged, content, size);
		forge(forged, size, &random);
		write_content(path, forged, size);
		rc = replay_run(path, &cfg, &result);
		assert_true(rc <= 0);
		assert_true(rc == 0 || result.error[0] != '\0');
	}
	write_content(path, content, size);
	assert_int_equal(replay_run(path, &cfg, &result), 0);
	assert_false(result.diverged);
	free(forged);
	free(content);
	site_free(site);
	free(a.text);
}

static void files_rotate_within_their_bound(void **state)
{
	struct lines a = {0};
	struct replay_cfg cfg = {0};
	struct replay_result result;
	struct site *site;
	char path[400];
	DIR *dir;
	struct dirent *e;
	long total = 0;
	int count = 0;

	(void)state;
	record(11, 3600 * US_PER_S, 40000, path, &a, &site);
	dir = opendir(folder);
	assert_non_null(dir);
	while ((e = readdir(dir)) != NULL) {
		if (e->d_name[0] == '.') {
			continue;
		}
		snprintf(path, sizeof path, "%.80s/%.255s", folder, e->d_name);
		total += size_of(path);
		count++;
		/* Each file stands alone. */
		assert_int_equal(replay_run(path, &cfg, &result), 0);
		assert_false(result.diverged);
		assert_true(result.events > 0);
	}
	closedir(dir);
	assert_true(count >= 2 && count <= 6);
	assert_true(total <= 4 * 40000 + 40000);
	site_free(site);
	free(a.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			replay_decides_the_same, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(
			a_cut_file_is_replayed_to_its_cut, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(
			a_damaged_file_is_told_with_its_offset, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(
			a_forged_file_does_no_harm, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(
			files_rotate_within_their_bound, make_folder, remove_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
