#ifndef PILETOP_QUOTE_H
#define PILETOP_QUOTE_H
/*
 * What the agent says before a charge or a reservation: prices, the balance, what is held and what
 * that buys. It belongs to the state of a form that asked; that of an earlier one means nothing.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cJSON;

struct quote_price {
	char period[12]; /* token; "" = none */
	int64_t e5, from;
};

struct quote {
	uint32_t form;     /* the form's number; 0 = none has asked */
	char error[24];    /* wire token, "" = it is known */
	char message[128]; /* the agent's words of an error */
	struct quote_price now, next;
	char account[20], status[12]; /* "" = nobody was named */
	/* VALUE_NONE where they were not asked for. */
	int64_t balance_fen, held_fen, debt_fen;
	int64_t hold_fen, hold_wh, hold_s; /* of a limit */
	int64_t fee_fen, grace_s, max_s;   /* of a reservation */
};

/* `about` is the form's number. One of `result` and `error` is NULL. */
void quote_take(struct quote *out, const char *about, const struct cJSON *result,
	const struct cJSON *error);

#endif
