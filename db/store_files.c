#include "store_files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "migrate.h"

void files_why(const struct store_cfg *cfg, const char *path, const char *text)
{
	if (cfg->why != NULL && cfg->why_size > 0) {
		snprintf(cfg->why, cfg->why_size, "%s: %s", path, text);
	}
}

static int path_in(const struct store_cfg *cfg, const char *name, char *out, size_t size)
{
	return snprintf(out, size, "%s/%s", cfg->folder, name) < (int)size ? 0 : ERR_TOOLONG;
}

/* Makes the folder with its parents. */
static int make_folder(const char *folder)
{
	char path[PATH_MAX];
	size_t n = strlen(folder);

	if (n == 0 || n >= sizeof path) {
		return ERR_TOOLONG;
	}
	memcpy(path, folder, n + 1);
	for (size_t i = 1; i <= n; i++) {
		if (path[i] != '/' && path[i] != '\0') {
			continue;
		}
		path[i] = '\0';
		if (mkdir(path, 0750) != 0 && errno != EEXIST) {
			return ERR_IO;
		}
		path[i] = i < n ? '/' : '\0';
	}
	return 0;
}

static int take_lock(const struct store_cfg *cfg, struct store_files *f)
{
	char path[PATH_MAX], pid[32];
	int n, rc = path_in(cfg, "lock", path, sizeof path);

	if (rc != 0) {
		return rc;
	}
	f->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	if (f->lock_fd < 0) {
		files_why(cfg, path, "cannot be written; check the folder's owner and rights");
		return ERR_IO;
	}
	if (flock(f->lock_fd, LOCK_EX | LOCK_NB) != 0) {
		files_why(
			cfg, path, "another agent uses this store; its process id is in that file");
		return ERR_LOCKED;
	}
	n = snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
	if (ftruncate(f->lock_fd, 0) != 0 || write(f->lock_fd, pid, (size_t)n) != n) {
		files_why(cfg, path, "cannot be written; is the disk full?");
		return ERR_IO;
	}
	return 0;
}

static void explain(const struct store_cfg *cfg, int rc, const char *path)
{
	switch (rc) {
	case ERR_VERSION:
		files_why(cfg, path,
			"written by a newer piled and left untouched; install that version");
		break;
	case ERR_CORRUPT:
		files_why(cfg, path,
			"corrupt; move it away and put a copy back (PATH.schemaN or your "
			"backup),"
			" or save what is readable with: sqlite3 PATH .recover");
		break;
	default:
		files_why(cfg, path,
			"cannot be opened or written; check owner, rights and free room");
		break;
	}
}

static int check_file(const struct store_cfg *cfg, const char *name, const char *file)
{
	char path[PATH_MAX];
	int version, rc = path_in(cfg, file, path, sizeof path);

	if (rc == 0) {
		rc = sql_recover(path);
	}
	if (rc == 0) {
		rc = migrate_check(name, path, &version);
	}
	if (rc != 0) {
		explain(cfg, rc, path);
	}
	return rc;
}

/* A log that is left over says that the last writer did not come to its end. */
static bool was_interrupted(const char *path)
{
	char wal[PATH_MAX];
	struct stat st;

	return snprintf(wal, sizeof wal, "%s-wal", path) < (int)sizeof wal && stat(wal, &st) == 0 &&
	       st.st_size > 0;
}

static int open_file(const struct store_cfg *cfg, const char *name, const char *file,
	enum sql_mode mode, sqlite3 **out)
{
	char path[PATH_MAX];
	bool suspect = false;
	int rc = path_in(cfg, file, path, sizeof path);

	if (rc == 0) {
		/* only the small file: telemetry has checksums of its own */
		suspect = mode == SQL_FULL && was_interrupted(path);
		rc = sql_open(path, mode, out);
	}
	if (rc == 0 && suspect) {
		rc = migrate_quick_check(*out);
	}
	if (rc == 0) {
		rc = migrate_run(*out, name, path);
	}
	if (rc != 0) {
		explain(cfg, rc, path);
	}
	return rc;
}

int files_open(const struct store_cfg *cfg, struct store_files *f)
{
	int rc = make_folder(cfg->folder);

	if (rc != 0) {
		files_why(cfg, cfg->folder, "cannot be made; check owner and rights");
	}
	rc = rc != 0 ? rc : take_lock(cfg, f);
	rc = rc != 0 ? rc : check_file(cfg, "site", STORE_SITE_FILE);
	rc = rc != 0 ? rc : check_file(cfg, "history", STORE_HISTORY_FILE);
	rc = rc != 0 ? rc : open_file(cfg, "site", STORE_SITE_FILE, SQL_FULL, &f->site);
	return rc != 0 ? rc
		       : open_file(cfg, "history", STORE_HISTORY_FILE, SQL_NORMAL, &f->history);
}

void files_close(struct store_files *f)
{
	sql_close(f->site);
	sql_close(f->history);
	if (f->lock_fd >= 0) {
		close(f->lock_fd);
	}
}
