#ifndef PILED_SETTLE_H
#define PILED_SETTLE_H
/*
 * From a closed session to its bill: computed from the registers, sealed and posted in the
 * transaction that stores the session. What is odd goes to the work list instead (abnormal.h), with
 * its prepayment still held, until a person posts or voids it.
 *
 *   paid         held -> electricity, service; the rest back into the wallet, what is beyond the
 *                hold out of it, then a debt (or a loss, where that is configured)
 *   free, maintenance   given for free -> electricity, service
 *   unknown      unknown payers -> electricity, service
 */
#include "bill.h"
#include "ledger.h"
#include "view.h"

/* A session's record was stored: bills it where it is closed and has an order, once. 0 also where
 * there was nothing to do; an error of the database ends the caller's transaction. */
int settle_session(struct ledger *ledger, const struct view_session *session, int64_t now_ms);

/* A visit's record was stored: bills its parking where it has ended, once. */
int settle_visit(struct ledger *ledger, const struct view_visit *visit, int64_t now_ms);

/* Prepayments that are held for no charge: their orders have ended, or never began within two days.
 * Puts them on the work list. */
int settle_holds(struct ledger *ledger, int64_t now_ms);

/* The tariffs read so far are read again. */
void settle_forget(struct ledger *ledger);

/* ledger_do()'s MONEY_REFUND, MONEY_POST, MONEY_VOID. */
int settle_refund(struct ledger *ledger, const struct money_op *op, const char *key,
	struct money_result *out);
int settle_post(struct ledger *ledger, const struct money_op *op, const char *key,
	struct money_result *out);
int settle_void(struct ledger *ledger, const struct money_op *op, const char *key,
	struct money_result *out);

#endif
