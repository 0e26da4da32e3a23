/* From messages to customers, which the ledger wrote with what they tell of, to the outbox. */
#include <stdatomic.h>
#include <stdlib.h>

#include "internal.h"
#include "herald.h"
#include "i18n.h"
#include "log.h"
#include "money_read.h"

/* Older messages are nobody's any more, whatever they are about. */
#define LOOK_BACK_MS OUTBOX_LIFE_MS
#define BATCH        200

struct batch {
	struct daemon *d;
	struct store_reader *reader;
	struct moment now;
	struct view_message messages[BATCH];
	size_t count;
};

static int take_message(void *arg, const void *view)
{
	struct batch *b = arg;

	b->messages[b->count++] = *(const struct view_message *)view;
	return 0;
}

static int take_account(void *arg, const void *view)
{
	*(struct view_account *)arg = *(const struct view_account *)view;
	return 0;
}

static void tell_one(struct batch *b, const struct view_message *m)
{
	const struct config *c = b->d->plant.config;
	const struct herald_site site = {c->name, zone_offset_s(&c->zone, b->now.wall)};
	const struct money_filter f = {.id = m->account, .limit = 1};
	enum lang own = i18n_lang();
	struct view_account account;
	struct view_outbox out[HERALD_WAYS];
	size_t ways;

	view_clear(VIEW_account, &account);
	if (money_accounts(b->reader, &f, take_account, &account) != 0 || account.id[0] == '\0') {
		return;
	}
	if (account.language[0] == '\0') {
		VIEW_SET(&account, language, c->messages_zh ? "zh" : "en");
	}
	herald_language(account.language);
	ways = herald_customer(&c->billing.messages, m, &account, &site, out);
	if (own != i18n_lang()) {
		i18n_set(own);
	}
	for (size_t i = 0; i < ways; i++) {
		if (out[i].expires > b->now.wall.ms && !outbox_knows(b->d->outbox, out[i].id) &&
			!daemon_told_before(b->d, b->reader, out[i].id)) {
			outbox_put(b->d->outbox, &out[i], b->now);
		}
	}
}

static int tell_batch(struct batch *b)
{
	const struct money_filter f = {.number = b->d->customer_message,
		.from = {b->now.wall.ms - LOOK_BACK_MS},
		.limit = BATCH};
	int rc = money_undelivered(b->reader, &f, take_message, b);

	for (size_t i = 0; rc == 0 && i < b->count; i++) {
		tell_one(b, &b->messages[i]);
		b->d->customer_message = b->messages[i].id;
	}
	return rc;
}

void daemon_customers_step(struct daemon *d, struct moment now)
{
	struct batch *b;
	int rc;

	if (!d->resumed || !atomic_exchange(&d->customers_due, false)) {
		return;
	}
	b = calloc(1, sizeof *b);
	rc = b == NULL ? ERR_NOMEM : store_reader_open(d->data, &b->reader);
	if (rc == 0) {
		b->d = d;
		b->now = now;
		rc = tell_batch(b);
	}
	if (rc != 0) {
		log_line(LOG_WARNING, "messages to customers: %s; tried again", err_text(rc));
	}
	/* The rest, or what could not be read, in the next round. */
	if (rc != 0 || b->count == BATCH) {
		atomic_store(&d->customers_due, true);
	}
	if (b != NULL) {
		store_reader_close(b->reader);
	}
	free(b);
}

void daemon_customers_due(void *arg)
{
	struct daemon *d = arg;

	atomic_store(&d->customers_due, true);
}
