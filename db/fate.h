#ifndef PILED_FATE_H
#define PILED_FATE_H
/*
 * What the store has of a call, by the id that the caller gave it. Whoever lost the answer asks,
 * instead of doing it twice.
 */
#include "store.h"

/* Where the call leaves its id. */
enum fate_of {
	FATE_ORDER,
	FATE_RESERVATION,
	FATE_UNRESERVED, /* the id is the reservation's: it has ended */
	FATE_NOTE,
	FATE_TX,       /* money that moved */
	FATE_LOG,      /* a change of an account */
	FATE_MESSAGE,  /* to a customer */
	FATE_RATING,   /* of a charge */
	FATE_DECISION, /* of an entry of the work list; the audit log has its id */
	FATE_COUNT_
};

/* 0: it is there; `error` is why it failed nevertheless, a wire token, or "". ERR_NOTFOUND. */
int store_fate(struct store_reader *reader, enum fate_of of, const char *id, char error[24]);

#endif
