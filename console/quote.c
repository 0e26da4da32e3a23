#include "quote.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

#include "err.h"
#include "text.h"
#include "view.h"

static int64_t number_at(const cJSON *object, const char *key)
{
	const cJSON *n = cJSON_GetObjectItemCaseSensitive(object, key);

	return cJSON_IsNumber(n) && n->valuedouble > -1e14 && n->valuedouble < 1e14
		       ? (int64_t)n->valuedouble
		       : VALUE_NONE;
}

static void text_at(char *dst, size_t size, const cJSON *object, const char *key)
{
	const cJSON *s = cJSON_GetObjectItemCaseSensitive(object, key);

	text_clean(dst, size, cJSON_IsString(s) ? s->valuestring : "");
}

static void price_at(struct quote_price *p, const cJSON *result, const char *key)
{
	const cJSON *price = cJSON_GetObjectItemCaseSensitive(result, key);
	int64_t elec = number_at(price, "elec_e5"), service = number_at(price, "service_e5");

	text_at(p->period, sizeof p->period, price, "period");
	p->from = number_at(price, "from");
	p->e5 = elec == VALUE_NONE || service == VALUE_NONE ? VALUE_NONE : elec + service;
}

void quote_take(struct quote *q, const char *about, const cJSON *result, const cJSON *error)
{
	const cJSON *data = cJSON_GetObjectItemCaseSensitive(error, "data");
	const cJSON *reservation = cJSON_GetObjectItemCaseSensitive(result, "reservation");

	*q = (struct quote){.form = (uint32_t)strtoul(about, NULL, 10)};
	if (error != NULL) {
		text_at(q->message, sizeof q->message, error, "message");
		text_at(q->error, sizeof q->error, data, "error");
		if (q->error[0] == '\0') {
			view_set_text(q->error, sizeof q->error, err_token(ERR_INVAL));
		}
	}
	price_at(&q->now, result, "now");
	price_at(&q->next, result, "next");
	text_at(q->account, sizeof q->account, result, "account");
	text_at(q->status, sizeof q->status, result, "status");
	q->balance_fen = number_at(result, "balance_fen");
	q->held_fen = number_at(result, "held_fen");
	q->debt_fen = number_at(result, "debt_fen");
	q->hold_fen = number_at(result, "hold_fen");
	q->hold_wh = number_at(result, "hold_wh");
	q->hold_s = number_at(result, "hold_s");
	q->fee_fen = number_at(reservation, "fee_fen");
	q->grace_s = number_at(reservation, "grace_s");
	q->max_s = number_at(reservation, "max_s");
}
