#ifndef PILED_ORDERWORDS_H
#define PILED_ORDERWORDS_H
/* The words of orders and reservations: their tokens on the wire and in records, and what people
 * call them. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

enum order_kind {
#define ORDERKIND(sym, token, label) ORDER_##sym,
#include "orderkind.def"
#undef ORDERKIND
	ORDER_KINDS
};

enum order_limit {
#define ORDERLIMIT(sym, token, label) OLIMIT_##sym,
#include "orderlimit.def"
#undef ORDERLIMIT
	OLIMIT_COUNT_
};

enum order_state {
#define ORDERSTATE(sym, token, label) OSTATE_##sym,
#include "orderstate.def"
#undef ORDERSTATE
	OSTATE_COUNT_
};

enum order_cause {
#define ORDERCAUSE(sym, token, label) CAUSE_##sym,
#include "ordercause.def"
#undef ORDERCAUSE
	CAUSE_COUNT_
};

enum reserve_state {
#define RESERVESTATE(sym, token, label) RESERVE_##sym,
#include "reservestate.def"
#undef RESERVESTATE
	RESERVE_STATES
};

enum reserve_cause {
#define RESERVECAUSE(sym, token, label) RESERVE_BY_##sym,
#include "reservecause.def"
#undef RESERVECAUSE
	RESERVE_CAUSES
};

/* One list of words. */
enum order_words {
	ORDER_WORDS_KIND,
	ORDER_WORDS_LIMIT,
	ORDER_WORDS_STATE,
	ORDER_WORDS_CAUSE,
	RESERVE_WORDS_STATE,
	RESERVE_WORDS_CAUSE
};

/* "" for a number that is none. */
const char *order_token(enum order_words list, unsigned n);
/* ERR_NOTFOUND. */
int order_find(enum order_words list, const char *token, unsigned *n);
/* The message id of a token; the token itself where it is none of the list. */
const char *order_label(enum order_words list, const char *token);

/* The most that a limit may be, in its unit: s, Wh or fen; 0 for one without a value. */
int64_t order_limit_most(enum order_limit limit);
/* A limit as people type it: "20" or "20 yuan" is an amount, "10 kWh" energy, "45 min" a time, ""
 * until full. The value is in s, Wh or fen, 0 for the last. ERR_SYNTAX; ERR_NEGATIVE,
 * ERR_PRECISION: of an amount; ERR_RANGE: 0, above the most, or finer than the unit. */
int order_limit_parse(const char *text, enum order_limit *limit, int64_t *value);

/* Who asks at the pile, as everybody may see it: "card ****B2C3", "VIN ****0017". */
void order_by_token(char *dst, size_t size, bool vin, const char *token);

#endif
