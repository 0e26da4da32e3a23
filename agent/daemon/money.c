/*
 * What is asked of the ledger: handed to the store's writer, answered on the loop when it is
 * durable or refused.
 */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

struct asked {
	struct daemon *d;
	daemon_money_fn done; /* NULL: nobody waits any more */
	void *arg;
	struct money_result result;
	bool answered;
	struct asked *next;
};

/* Takes those that are answered off the list, oldest first. */
static struct asked *take_answered(struct daemon *d)
{
	struct asked *list = NULL, **end = &list, **at;

	uv_mutex_lock(&d->money_lock);
	for (at = &d->money; *at != NULL;) {
		struct asked *a = *at;

		if (a->answered) {
			*at = a->next;
			a->next = NULL;
			*end = a;
			end = &a->next;
		} else {
			at = &a->next;
		}
	}
	uv_mutex_unlock(&d->money_lock);
	return list;
}

static void on_wake(uv_async_t *wake)
{
	struct asked *list = take_answered(wake->data), *next;

	for (; list != NULL; list = next) {
		next = list->next;
		if (list->done != NULL) {
			list->done(list->arg, &list->result);
		}
		free(list);
	}
}

/* On the writer's thread. */
static void on_done(void *arg, const struct money_result *result)
{
	struct asked *a = arg;
	struct daemon *d = a->d;

	uv_mutex_lock(&d->money_lock);
	a->result = *result;
	a->answered = true;
	if (!d->money_closed) {
		uv_async_send(&d->money_wake);
	}
	uv_mutex_unlock(&d->money_lock);
}

void daemon_money_open(struct daemon *d)
{
	uv_mutex_init(&d->money_lock);
	uv_async_init(&d->loop, &d->money_wake, on_wake);
	d->money_wake.data = d;
}

int daemon_money(struct daemon *d, const struct money_op *op, daemon_money_fn done, void *arg)
{
	struct asked *a, **end;
	int rc;

	if (d->store == NULL) {
		return ERR_UNSUPPORTED;
	}
	a = calloc(1, sizeof *a);
	if (a == NULL) {
		return ERR_NOMEM;
	}
	*a = (struct asked){.d = d, .done = done, .arg = arg};
	uv_mutex_lock(&d->money_lock);
	for (end = &d->money; *end != NULL;) {
		end = &(*end)->next;
	}
	*end = a;
	uv_mutex_unlock(&d->money_lock);
	rc = store_money(d->store, op, on_done, a);
	if (rc != 0) {
		uv_mutex_lock(&d->money_lock);
		for (end = &d->money; *end != a;) {
			end = &(*end)->next;
		}
		*end = a->next;
		uv_mutex_unlock(&d->money_lock);
		free(a);
	}
	return rc;
}

void daemon_money_end(struct daemon *d)
{
	const struct money_result closed = {.err = ERR_CLOSED};

	uv_mutex_lock(&d->money_lock);
	d->money_closed = true;
	uv_mutex_unlock(&d->money_lock);
	/* Only this thread changes the list. What was asked may still be done. */
	for (struct asked *a = d->money; a != NULL; a = a->next) {
		if (a->done != NULL) {
			a->done(a->arg, &closed);
			a->done = NULL;
		}
	}
}

void daemon_money_free(struct daemon *d)
{
	while (d->money != NULL) {
		struct asked *a = d->money;

		d->money = a->next;
		free(a);
	}
	uv_mutex_destroy(&d->money_lock);
}
