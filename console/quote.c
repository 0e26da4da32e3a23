#include "quote.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

#include "err.h"
#include "text.h"
#include "view.h"
#include "wire.h"

static void text_at(char *dst, size_t size, const cJSON *object, const char *key)
{
	const cJSON *s = cJSON_GetObjectItemCaseSensitive(object, key);

	text_clean(dst, size, cJSON_IsString(s) ? s->valuestring : "");
}

static void price_at(struct quote_price *p, const cJSON *result, const char *key)
{
	const cJSON *price = cJSON_GetObjectItemCaseSensitive(result, key);
	int64_t elec = wire_int(price, "elec_e5", VALUE_NONE),
		service = wire_int(price, "service_e5", VALUE_NONE);

	text_at(p->period, sizeof p->period, price, "period");
	p->from = wire_int(price, "from", VALUE_NONE);
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
	q->balance_fen = wire_int(result, "balance_fen", VALUE_NONE);
	q->held_fen = wire_int(result, "held_fen", VALUE_NONE);
	q->debt_fen = wire_int(result, "debt_fen", VALUE_NONE);
	q->hold_fen = wire_int(result, "hold_fen", VALUE_NONE);
	q->hold_wh = wire_int(result, "hold_wh", VALUE_NONE);
	q->hold_s = wire_int(result, "hold_s", VALUE_NONE);
	q->fee_fen = wire_int(reservation, "fee_fen", VALUE_NONE);
	q->grace_s = wire_int(reservation, "grace_s", VALUE_NONE);
	q->max_s = wire_int(reservation, "max_s", VALUE_NONE);
}
