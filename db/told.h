#ifndef PILED_TOLD_H
#define PILED_TOLD_H
/*
 * What customers are told, written by the transaction that makes it true: a message exists where
 * and only where its fact does, once. Who delivers it comes later; see store_messages().
 */
#include "ledger.h"
#include "notice.h"

int told_open_statements(struct ledger *ledger);

/* After a posting: a top-up, a refund, a debt that arose, a balance that fell below its
 * threshold. */
int told_posted(struct ledger *ledger, const struct posting *p, int64_t tx);
/* A charge was billed, by the bill in hand. */
int told_billed(struct ledger *ledger, int64_t bill, int64_t at_ms);
/* An order's record was stored: its charge may have begun. */
int told_order(struct ledger *ledger, const struct view_order *order, int64_t now_ms);

/* Too many wrong PINs: it is refused until then. */
int told_pin(struct ledger *ledger, const char *account, int64_t until_ms, int64_t at_ms);

/* Whether messages were written since the last call; their transaction may not have ended. */
bool told_written(struct ledger *ledger);

/* How an account is reached: what the operation gives of language, mail, messages and threshold. */
int told_contact(struct ledger *ledger, const struct money_op *op, struct money_result *out);

#endif
