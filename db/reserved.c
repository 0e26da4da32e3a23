#include "reserved.h"

#include <stdio.h>
#include <string.h>

#include "orderwords.h"

void reserved_ref(const char *id, char *dst, size_t size)
{
	snprintf(dst, size, "reserve:%s", id);
}

int reserved_settle(struct ledger *l, const struct view_reservation *r, int64_t now_ms)
{
	struct money_op op = {.kind = MONEY_RELEASE, .at_ms = now_ms};
	struct money_result result;

	if (r->ended == VALUE_NONE || r->fee_fen == VALUE_NONE || r->fee_fen <= 0) {
		return 0;
	}
	if (strcmp(r->state, order_token(RESERVE_WORDS_STATE, RESERVE_LAPSED)) == 0) {
		op.kind = MONEY_NOSHOW;
	}
	reserved_ref(r->id, op.ref, sizeof op.ref);
	view_set_text(op.by, sizeof op.by, r->ended_by[0] != '\0' ? r->ended_by : "piled");
	snprintf(op.reason, sizeof op.reason, "%s %s", r->gun,
		r->cause[0] != '\0' ? r->cause : r->state);
	/* What is not held any more, or cannot go back, is left as it is. */
	return ledger_do(l, &op, &result);
}
