#ifndef PILED_BUS_THREAD_H
#define PILED_BUS_THREAD_H
/*
 * One thread a bus: asks the plan, carries out the step on the port, hands the result to the
 * loop. Loop and threads share nothing but the mailbox of writes and the queue of results, both
 * bounded.
 */
#include "plan.h"
#include "view.h"

/* What one step gave. A failed write that the plan will repeat gives no result; its last try
 * does. step.what == PLAN_WAIT tells that the line of the unit was lost or could not be opened
 * (reply.err says why). */
struct bus_result {
	uint16_t bus; /* bus_cfg.index */
	bool up;      /* the unit's link after this step */
	bool changed; /* ... and it is news */
	struct plan_step step;
	struct bus_reply reply;
};

/* The queue from all buses to the loop. */
struct bus_queue;

/* `wake` is called from bus threads when there is something to take, at most once until
 * bus_queue_take() has returned false (uv_async_send behind it). When `reads` results wait, the
 * oldest read result is dropped and counted; results of writes are never dropped. */
int bus_queue_new(size_t reads, void (*wake)(void *arg), void *arg, struct bus_queue **out);
/* After all its buses. */
void bus_queue_free(struct bus_queue *queue);
/* Takes the oldest result; false when there is none. */
bool bus_queue_take(struct bus_queue *queue, struct bus_result *out);
uint64_t bus_queue_dropped(struct bus_queue *queue);

struct bus_cfg {
	const char *id;      /* "rs485-1" */
	const char *kind;    /* "rtu", "tcp", "rtu-tcp" */
	const char *address; /* for people: "/dev/ttyS1 9600 8N1" */
	uint16_t index;
	struct plan_cfg plan;  /* copied */
	struct bus_port *port; /* owned by the bus from a successful bus_start() on */
	struct bus_queue *queue;
};

struct bus;

int bus_start(const struct bus_cfg *cfg, struct bus **out);
/* Tells the thread to end after the transaction in hand; does not wait. */
void bus_stop(struct bus *bus);
/* bus_stop(), waits for the thread, frees. Writes that were not carried out give results with
 * ERR_CLOSED. */
void bus_free(struct bus *bus);

/* From the loop, at any time. They wake a waiting bus at once.
 * ERR_FULL when PLAN_WRITES_MAX writes of the unit are under way or the mailbox is full, ERR_CLOSED
 * when the line is lost (nothing was sent), ERR_RANGE. */
#define BUS_MAIL_MAX 64
int bus_write(struct bus *bus, const struct plan_write *write);
int bus_keepalive(struct bus *bus, const struct plan_write *write);
int bus_poll_now(struct bus *bus, uint16_t unit, bool all);

/* Fills what the bus knows: of `units` the first `cap`; names (id, device, profile) of a unit are
 * the caller's and left alone. Returns the number of units. */
size_t bus_snapshot(struct bus *bus, struct moment now, struct view_bus *view,
	struct view_unit *units, size_t cap);

#endif
