#include "fate.h"

#include <stdio.h>

#include "reader.h"
#include "sql.h"

/* Decisions are few: one that is asked for is among the newest rows of the audit log. */
#define AUDIT_ROWS "20000"

static const char *const texts[FATE_COUNT_] = {
	[FATE_ORDER] = "SELECT error FROM \"order\" WHERE id = :id",
	[FATE_RESERVATION] = "SELECT '' FROM reservation WHERE id = :id",
	[FATE_UNRESERVED] = "SELECT '' FROM reservation WHERE id = :id AND ended IS NOT NULL",
	[FATE_NOTE] = "SELECT '' FROM note WHERE id = :id",
	[FATE_TX] = "SELECT '' FROM ledger_tx WHERE key IN ('topup:' || :id, 'withdraw:' || :id,"
		    " 'fee:' || :id, 'writeoff:' || :id, 'reverse:' || :id, 'refund:' || :id)",
	[FATE_LOG] = "SELECT '' FROM ledger_log WHERE key = :id",
	[FATE_MESSAGE] = "SELECT '' FROM message WHERE key = :id",
	[FATE_RATING] = "SELECT '' FROM rating WHERE key = :id",
	[FATE_DECISION] =
		"SELECT '' FROM audit WHERE id > (SELECT max(id) FROM audit) - " AUDIT_ROWS
		" AND method = 'abnormal_do' AND result = 'ok'"
		" AND instr(params, '\"id\":\"' || :id || '\"') > 0",
};

int store_fate(struct store_reader *reader, enum fate_of of, const char *id, char error[24])
{
	sqlite3_stmt *stmt = NULL;
	int rc = sql_prepare(reader->site, texts[of], &stmt);

	if (rc == 0) {
		sql_bind_text(stmt, ":id", id);
		rc = sql_step(stmt);
		rc = rc == 0 ? ERR_NOTFOUND : rc;
	}
	if (rc == 1) {
		rc = 0;
		view_set_text(error, 24, sql_text(stmt, 0));
	}
	sqlite3_finalize(stmt);
	return rc;
}
