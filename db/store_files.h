#ifndef PILED_STORE_FILES_H
#define PILED_STORE_FILES_H
/*
 * The store's folder: its lock and its two files, checked, mended where a writer died, migrated.
 */
#include "sql.h"
#include "store.h"

struct store_files {
	int lock_fd; /* -1 = none */
	sqlite3 *site, *history;
};

/* Makes the folder, takes its lock and opens both files; nothing of a file is changed before both
 * were looked at. The results of store_open(). What is open after a failure is for files_close().
 */
int files_open(const struct store_cfg *cfg, struct store_files *f);
void files_close(struct store_files *f);

/* The one line of store_cfg.why: `path`, then what is wrong and what to do. */
void files_why(const struct store_cfg *cfg, const char *path, const char *text);

#endif
