/* The ledger, as the RPC server asks for it. */
#include <string.h>

#include "internal.h"
#include "log.h"

int daemon_ask_ledger(void *host, const struct money_op *op, struct money_result *out)
{
	struct daemon *d = host;
	int rc = ERR_CLOSED;

	uv_rwlock_rdlock(&d->store_lock);
	if (d->store != NULL) {
		rc = store_money_wait(d->store, op, out);
	}
	uv_rwlock_rdunlock(&d->store_lock);
	return rc;
}

void daemon_broken(void *host, const char *row)
{
	struct daemon *d = host;
	bool changed;

	uv_mutex_lock(&d->broken_lock);
	changed = strcmp(d->broken, row) != 0;
	VIEW_SET(d, broken, row);
	uv_mutex_unlock(&d->broken_lock);
	if (changed && row[0] != '\0') {
		log_line(
			LOG_ERROR, "ledger: %s is not as it was written; no new paid charges", row);
	} else if (changed) {
		log_line(LOG_NOTICE, "ledger: whole again");
	}
	uv_rwlock_rdlock(&d->store_lock);
	if (changed && d->store != NULL) {
		store_ledger_broken(d->store, row);
	}
	uv_rwlock_rdunlock(&d->store_lock);
}

void daemon_broken_row(struct daemon *d, char row[96])
{
	uv_mutex_lock(&d->broken_lock);
	memcpy(row, d->broken, sizeof d->broken);
	uv_mutex_unlock(&d->broken_lock);
}
