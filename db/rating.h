#ifndef PILED_RATING_H
#define PILED_RATING_H
/*
 * What drivers say of their charges: stars and a remark, one row each time. Whoever changes his
 * mind adds a row; the newest of a bill counts, and none is ever changed or taken away.
 */
#include "ledger.h"

#define RATING_MAX 5

int rating_open_statements(struct ledger *ledger);

/* MONEY_RATE: the bill of the charge by its number, or by its session in `ref`; stars 1 to
 * RATING_MAX; `text`: the remark, may be NULL. out->bill is its number. ERR_RANGE: stars;
 * ERR_NOTFOUND: no such bill; ERR_STATE: it is no charge's; ERR_EXISTS: the key is another
 * rating's. */
int rating_do(struct ledger *ledger, const struct money_op *op, struct money_result *out);

#endif
