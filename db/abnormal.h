#ifndef PILED_ABNORMAL_H
#define PILED_ABNORMAL_H
/*
 * Charges that are odd: found with their evidence when a session is billed, kept as a work list
 * with one proposed action each. Nothing is ever changed in the records themselves.
 */
#include "ledger.h"
#include "view.h"

enum abnormal_kind {
#define ABNORMAL(sym, token, review, proposal, label) ABNORMAL_##sym,
#include "abnormal.def"
#undef ABNORMAL
	ABNORMAL_COUNT_
};

const char *abnormal_token(enum abnormal_kind kind);
/* Whether a person decides before it is billed. */
bool abnormal_review(enum abnormal_kind kind);

#define ABNORMAL_EVIDENCE 160

struct abnormal {
	enum abnormal_kind kind;
	char evidence[ABNORMAL_EVIDENCE];
};

int abnormal_open_statements(struct ledger *ledger);

/* What is odd about a closed session. At most `room` are written; *count is how many. */
int abnormal_look(struct ledger *ledger, const struct view_session *session, struct abnormal *found,
	size_t room, size_t *count);

/* Puts one on the list, once for a session (or, without one, an order) and kind. `bill`:
 * VALUE_NONE = not billed. */
int abnormal_add(struct ledger *ledger, const struct abnormal *what,
	const struct view_session *session, const struct view_order *order, int64_t bill,
	int64_t at_ms);

/* Puts a charge into the entry that gathers those of its kind, which is begun where none is open
 * that began within the last 24 hours. Each charge once. */
int abnormal_gather(struct ledger *ledger, const struct abnormal *what,
	const struct view_session *session, int64_t at_ms);

/* An entry of the list, by its number or, where that is 0, the first open one of a session.
 * ERR_NOTFOUND. */
struct abnormal_row {
	int64_t id, bill;   /* bill: VALUE_NONE = none */
	bool open, gathers; /* gathers: it has no session, order or bill of its own */
	char kind[16], session[40], order[40];
};
int abnormal_find(struct ledger *ledger, int64_t id, const char *session, struct abnormal_row *out);

/* 0 where a person has voided this session; ERR_NOTFOUND. */
int abnormal_voided(struct ledger *ledger, const char *session);

/* Ends those that are open of a session, or of an order where there is none. */
int abnormal_end(struct ledger *ledger, const struct abnormal_row *row, const char *state,
	const struct money_op *op, int64_t bill);

#endif
