#ifndef PILED_PAYER_H
#define PILED_PAYER_H
/*
 * What the agent must know of who pays before a charge begins. Reading only: what is posted is the
 * writer's to decide, who asks again.
 */
#include "store.h"

struct payer {
	char account[20], class[12], status[12];
	int64_t balance_fen, held_fen, debt_fen;
};

/* By the account's id, or by a card's token. ERR_NOTFOUND. */
int store_payer(struct store_reader *reader, const char *account, struct payer *out);
int store_payer_of_card(struct store_reader *reader, const char *token, struct payer *out);

/* Prepayments that are held for orders that never came to be or ended without a session: what is
 * left by an end of the agent in between. Calls back with each order's id. */
int store_stray_holds(
	struct store_reader *reader, int (*each)(void *arg, const char *order), void *arg);

#endif
