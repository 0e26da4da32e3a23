#ifndef PILED_HISTORY_H
#define PILED_HISTORY_H
/*
 * The writing side of history.db: rows gather in RAM (the tail), are committed as chunks with
 * their roll-ups, merged into one block a series and hour, and deleted when they are too old.
 * Used by the writer thread only.
 */
#include "sql.h"
#include "store.h"

struct history;

/* Borrows `db` (history.db, migrated) until history_close(). Registers the series. */
int history_open(sqlite3 *db, const struct store_cfg *cfg, struct history **out);
/* Does not commit. Accepts NULL. */
void history_close(struct history *history);

/* Takes a row into the tail. ERR_FULL: commit first. */
int history_row(struct history *history, size_t series, struct wall at,
	const struct store_value *values, size_t count);

/* True when rows wait for a commit. */
bool history_dirty(const struct history *history);

/* Commits the tail and the roll-ups, in one transaction, on the disk when it returns. On failure
 * the tail stays. */
int history_commit(struct history *history);

/* One small step of housekeeping: merges some ended hours, deletes some blocks that are older
 * than the retention. 1 = there is more to do, 0 = done for now, or ERR_*. */
int history_tidy(struct history *history);

#endif
