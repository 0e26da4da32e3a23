#ifndef PILED_PURSE_H
#define PILED_PURSE_H
/*
 * The writer's side of money; for db/store.c alone: operations out of the queue, bills with the
 * records they come from, the heads of the days. All of it inside of the writer's transactions;
 * whoever asked is told when they have ended.
 */
#include "ring.h"
#include "store.h"

struct purse;

struct purse_cfg {
	const char *folder;
	int64_t utc_offset_s;
	bool overrun_loss;
	uint32_t told;
	int64_t low_fen;
	int64_t pin_tries, pin_lock_ms;
	void (*on_message)(void *arg);
	void *arg;
	char *broken; /* gets the row of the ledger's end that is wrong, "" = none */
	size_t broken_size;
};

/* ERR_IO where the key of the heads cannot be read or made. purse_close() accepts NULL. */
int purse_open(sqlite3 *db, const struct purse_cfg *cfg, struct purse **out);
void purse_close(struct purse *purse);

/* An operation as parts for the queue; `room` keeps what they point to. */
#define PURSE_PARTS 11
struct purse_room {
	struct money_op op;
	store_money_fn done;
	void *arg;
	size_t sizes[10];
};
size_t purse_pack(struct purse_room *room, const struct money_op *op, store_money_fn done,
	void *arg, struct ring_part parts[PURSE_PARTS]);

/* Does an operation of the queue. 0, or an error with which the transaction must end. */
int purse_do(struct purse *purse, const void *data);

/* A session, visit or reservation was stored: bills it; orders and reservations are logged, their
 * customers are told. As purse_do(). */
int purse_settle(struct purse *purse, enum view_kind kind, const void *view);

/* Whether the end of a day is due, or prepayments are to be looked at. */
bool purse_due(const struct purse *purse, int64_t now_ms);
/* Does it, in the transaction that is open. */
int purse_tend(struct purse *purse, int64_t now_ms);

/* The transaction ended: whoever asked is told the results, or, where it failed, will be told by
 * purse_refuse(). */
void purse_end(struct purse *purse, bool committed);

/* Tells who asked for this operation of the queue that nothing was posted, for this error. */
void purse_refuse(const void *data, int err);

#endif
