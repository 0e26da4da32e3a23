#include "orderwords.h"

#include <stdio.h>
#include <string.h>

#include "fmt.h"
#include "i18n.h"
#include "money.h"
#include "text.h"

struct word {
	const char *token, *label;
};

#define WORD(sym, token, label) {token, label},
#define ORDERKIND               WORD
#define ORDERLIMIT              WORD
#define ORDERSTATE              WORD
#define ORDERCAUSE              WORD
#define RESERVESTATE            WORD
#define RESERVECAUSE            WORD

static const struct word kinds[] = {
#include "orderkind.def"
};
static const struct word limits[] = {
#include "orderlimit.def"
};
static const struct word states[] = {
#include "orderstate.def"
};
static const struct word causes[] = {
#include "ordercause.def"
};
static const struct word reserve_states[] = {
#include "reservestate.def"
};
static const struct word reserve_causes[] = {
#include "reservecause.def"
};

static const struct {
	const struct word *words;
	unsigned count;
} lists[] = {
	[ORDER_WORDS_KIND] = {kinds, ORDER_KINDS},
	[ORDER_WORDS_LIMIT] = {limits, OLIMIT_COUNT_},
	[ORDER_WORDS_STATE] = {states, OSTATE_COUNT_},
	[ORDER_WORDS_CAUSE] = {causes, CAUSE_COUNT_},
	[RESERVE_WORDS_STATE] = {reserve_states, RESERVE_STATES},
	[RESERVE_WORDS_CAUSE] = {reserve_causes, RESERVE_CAUSES},
};

const char *order_token(enum order_words list, unsigned n)
{
	return n < lists[list].count ? lists[list].words[n].token : "";
}

int order_find(enum order_words list, const char *token, unsigned *n)
{
	for (unsigned i = 0; i < lists[list].count; i++) {
		if (strcmp(lists[list].words[i].token, token) == 0) {
			*n = i;
			return 0;
		}
	}
	return ERR_NOTFOUND;
}

const char *order_label(enum order_words list, const char *token)
{
	unsigned n;

	return order_find(list, token, &n) == 0 ? lists[list].words[n].label : token;
}

int64_t order_limit_most(enum order_limit limit)
{
	static const int64_t most[] = {[OLIMIT_FULL] = 0,
		[OLIMIT_TIME] = INT64_C(7) * 86400,
		[OLIMIT_ENERGY] = INT64_C(10000000),
		[OLIMIT_AMOUNT] = MONEY_MAX_FEN};

	return most[limit];
}

int order_limit_parse(const char *text, enum order_limit *limit, int64_t *value)
{
	int rc;

	*value = 0;
	*limit = OLIMIT_FULL;
	if (text[0] == '\0') {
		return 0;
	}
	*limit = OLIMIT_AMOUNT;
	rc = money_parse(text, value);
	if (rc == ERR_SYNTAX) {
		*limit = OLIMIT_ENERGY;
		rc = fmt_parse(text, UNIT_WH, 1, order_limit_most(*limit), value);
	}
	if (rc == ERR_SYNTAX) {
		*limit = OLIMIT_TIME;
		rc = fmt_parse(text, UNIT_S, 1, order_limit_most(*limit), value);
	}
	return rc == 0 && *value == 0 ? ERR_RANGE : rc;
}

void order_by_token(char *dst, size_t size, bool vin, const char *token)
{
	char end[24];

	text_mask_end(end, sizeof end, token);
	snprintf(dst, size, "%s %s", vin ? "VIN" : "card", end);
}
