/* The queue of results from all buses to the loop: two rings, merged by number. */
#include <pthread.h>
#include <stdlib.h>

#include "err.h"
#include "queue.h"

struct entry {
	uint64_t number;
	struct bus_result result;
};

struct ring {
	struct entry *entries;
	size_t size, head, count;
};

struct bus_queue {
	pthread_mutex_t lock;
	struct ring reads;  /* of fixed size */
	struct ring writes; /* grows; QUEUE_WRITES_MAX and what is under way then bound it */
	uint64_t number, dropped;
	bool woken;
	void (*wake)(void *arg);
	void *arg;
};

int bus_queue_new(size_t reads, void (*wake)(void *arg), void *arg, struct bus_queue **out)
{
	struct bus_queue *queue = calloc(1, sizeof *queue);

	if (!queue || reads == 0) {
		free(queue);
		return queue ? ERR_RANGE : ERR_NOMEM;
	}
	queue->reads.entries = calloc(reads, sizeof *queue->reads.entries);
	if (!queue->reads.entries) {
		free(queue);
		return ERR_NOMEM;
	}
	queue->reads.size = reads;
	queue->wake = wake;
	queue->arg = arg;
	pthread_mutex_init(&queue->lock, NULL);
	*out = queue;
	return 0;
}

void bus_queue_free(struct bus_queue *queue)
{
	if (!queue) {
		return;
	}
	pthread_mutex_destroy(&queue->lock);
	free(queue->reads.entries);
	free(queue->writes.entries);
	free(queue);
}

static bool grow(struct ring *ring)
{
	size_t size = ring->size ? ring->size * 2 : 16;
	struct entry *entries = calloc(size, sizeof *entries);

	if (!entries) {
		return false;
	}
	for (size_t i = 0; i < ring->count; i++) {
		entries[i] = ring->entries[(ring->head + i) % ring->size];
	}
	free(ring->entries);
	ring->entries = entries;
	ring->size = size;
	ring->head = 0;
	return true;
}

void bus_queue_put(struct bus_queue *queue, const struct bus_result *result)
{
	struct ring *ring = result->step.token != 0 ? &queue->writes : &queue->reads;
	struct entry *entry;

	pthread_mutex_lock(&queue->lock);
	if (ring->count == ring->size && (ring == &queue->reads || !grow(ring))) {
		ring->head = (ring->head + 1) % ring->size;
		ring->count--;
		queue->dropped++;
	}
	entry = &ring->entries[(ring->head + ring->count) % ring->size];
	entry->number = ++queue->number;
	entry->result = *result;
	ring->count++;
	pthread_mutex_unlock(&queue->lock);
}

void bus_queue_wake(struct bus_queue *queue)
{
	bool wake;

	pthread_mutex_lock(&queue->lock);
	wake = !queue->woken;
	queue->woken = true;
	pthread_mutex_unlock(&queue->lock);
	if (wake && queue->wake) {
		queue->wake(queue->arg);
	}
}

bool bus_queue_crowded(struct bus_queue *queue)
{
	bool crowded;

	pthread_mutex_lock(&queue->lock);
	crowded = queue->writes.count >= QUEUE_WRITES_MAX;
	pthread_mutex_unlock(&queue->lock);
	return crowded;
}

static const struct entry *oldest(const struct ring *ring)
{
	return ring->count > 0 ? &ring->entries[ring->head] : NULL;
}

bool bus_queue_take(struct bus_queue *queue, struct bus_result *out)
{
	const struct entry *read, *write;
	bool any;

	if (queue == NULL) {
		return false; /* a wake-up that came after the end */
	}
	pthread_mutex_lock(&queue->lock);
	read = oldest(&queue->reads);
	write = oldest(&queue->writes);
	any = read || write;
	if (any) {
		struct ring *ring = !read || (write && write->number < read->number)
					    ? &queue->writes
					    : &queue->reads;

		*out = ring->entries[ring->head].result;
		ring->head = (ring->head + 1) % ring->size;
		ring->count--;
	} else {
		queue->woken = false;
	}
	pthread_mutex_unlock(&queue->lock);
	return any;
}

uint64_t bus_queue_dropped(struct bus_queue *queue)
{
	uint64_t dropped;

	pthread_mutex_lock(&queue->lock);
	dropped = queue->dropped;
	pthread_mutex_unlock(&queue->lock);
	return dropped;
}
