#ifndef PILED_BUS_QUEUE_H
#define PILED_BUS_QUEUE_H
/*
 * The bus threads' side of the queue of results; the loop's side is in thread.h.
 */
#include "thread.h"

/* Results of writes that somebody waits for (token != 0) are kept whatever happens; bus_write()
 * refuses when this many wait, so that the loop bounds them itself. */
#define QUEUE_WRITES_MAX 1024

/* Puts a copy; does not wake the loop. */
void bus_queue_put(struct bus_queue *queue, const struct bus_result *result);
/* Wakes the loop, unless it has been and has not yet taken everything. */
void bus_queue_wake(struct bus_queue *queue);
/* Too many results of writes wait? */
bool bus_queue_crowded(struct bus_queue *queue);

#endif
