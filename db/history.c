#include "history.h"

#include <stdlib.h>

struct history {
	sqlite3 *db;
};

int history_open(sqlite3 *db, const struct store_cfg *cfg, struct history **out)
{
	struct history *h = calloc(1, sizeof *h);

	(void)cfg;
	if (h == NULL) {
		return ERR_NOMEM;
	}
	h->db = db;
	*out = h;
	return 0;
}

void history_close(struct history *h)
{
	free(h);
}

int history_row(struct history *h, size_t series, struct wall at, const struct store_value *values,
	size_t count)
{
	(void)h, (void)series, (void)at, (void)values, (void)count;
	return 0;
}

bool history_dirty(const struct history *h)
{
	(void)h;
	return false;
}

int history_commit(struct history *h)
{
	(void)h;
	return 0;
}

int history_tidy(struct history *h)
{
	(void)h;
	return 0;
}
