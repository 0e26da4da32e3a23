/* Messages to people: the outbox of this agent, and what alarms put into it. */
#include <string.h>

#include "internal.h"
#include "herald.h"
#include "i18n.h"

#define DRAIN_MS 3000

static void keep(void *arg, const struct view_outbox *message)
{
	daemon_record(arg, VIEW_outbox, message);
}

static void settle(void *arg)
{
	daemon_host.flush(arg, 0);
}

void daemon_ways(struct daemon *d)
{
	const struct config *c = d->plant.config;
	const struct outbox_ways ways = {.mail_program = c->mail_program,
		.mail_from = c->mail_from,
		.site = c->id,
		.most_an_hour = c->most_an_hour,
		.most_to_customer = c->billing.messages.most_an_hour};

	outbox_set_ways(d->outbox, &ways);
	i18n_set(c->messages_zh ? LANG_ZH : LANG_EN);
}

int daemon_open_outbox(struct daemon *d)
{
	const struct outbox_cfg cfg = {.loop = &d->loop, .keep = keep, .settle = settle, .arg = d};
	int rc = outbox_open(&cfg, &d->outbox);

	if (rc == 0) {
		daemon_ways(d);
	}
	return rc;
}

static struct herald_site site_of(const struct config *c, struct moment now)
{
	return (struct herald_site){c->name, zone_offset_s(&c->zone, now.wall)};
}

static int take_message(void *arg, const void *view)
{
	outbox_resume(arg, view);
	return 0;
}

static int found(void *arg, const void *view)
{
	(void)view;
	*(bool *)arg = true;
	return 1;
}

bool daemon_told_before(struct daemon *d, struct store_reader *reader, const char *id)
{
	struct store_filter filter = {.id = id, .limit = 1};
	struct store_reader *own = NULL;
	bool known = false;

	if (reader == NULL && store_reader_open(d->data, &own) == 0) {
		reader = own;
	}
	if (reader != NULL) {
		store_list(reader, VIEW_outbox, &filter, found, &known);
	}
	store_reader_close(own);
	return known;
}

static void tell(struct daemon *d, const struct view_alarm *alarm, struct moment now,
	struct store_reader *reader)
{
	const struct config *c = d->plant.config;
	struct herald_site site = site_of(c, now);
	enum herald_event event = herald_event(alarm);
	int64_t since = event == HERALD_RAISED ? alarm->raised : alarm->returned;

	for (size_t i = 0; event != HERALD_NOTHING && i < c->notify_count; i++) {
		struct view_outbox m;

		if (!herald_tells(&c->notify[i], alarm, event)) {
			continue;
		}
		herald_compose(&c->notify[i], alarm, event, &site, &m);
		/* What has just come cannot have been told by another agent. */
		if (!outbox_knows(d->outbox, m.id) &&
			((reader == NULL && now.wall.ms - since < MS_PER_S) ||
				!daemon_told_before(d, reader, m.id))) {
			outbox_put(d->outbox, &m, now);
		}
	}
}

void daemon_tell(struct daemon *d, const struct view_alarm *alarm)
{
	if (d->outbox != NULL && d->resumed) {
		tell(d, alarm, moment_now(), NULL);
	}
}

/* What was on its way, and alarms that were raised just before the end and are told of by nobody
 * yet. */
int daemon_resume_messages(struct daemon *d, struct store_reader *reader)
{
	const struct store_filter open = {.active = true, .limit = OUTBOX_MAX};
	struct view_alarm alarm;
	int rc = store_list(reader, VIEW_outbox, &open, take_message, d->outbox);

	for (size_t i = 0; rc == 0 && site_view_alarm(d->plant.site, i, &alarm); i++) {
		tell(d, &alarm, moment_now(), reader);
	}
	d->resumed = true;
	daemon_customers_due(d);
	return rc;
}

int daemon_test_messages(void *host, struct moment now)
{
	struct daemon *d = host;
	const struct config *c = d->plant.config;
	struct herald_site site = site_of(c, now);

	for (size_t i = 0; i < c->notify_count; i++) {
		struct view_outbox m;

		herald_test(&c->notify[i], &site, now.wall, &m);
		outbox_put(d->outbox, &m, now);
	}
	outbox_step(d->outbox, now);
	return c->notify_count == 0 ? ERR_NOTFOUND : 0;
}

static void on_drained(uv_timer_t *timer)
{
	(void)timer; /* ends uv_run() below */
}

/* Programs that run may come to their end, so that nothing is left in doubt; not for long. */
void daemon_drain_messages(struct daemon *d)
{
	if (d->outbox == NULL) {
		return;
	}
	outbox_quiet(d->outbox);
	uv_timer_start(&d->drain, on_drained, DRAIN_MS, 0);
	while (uv_is_active((uv_handle_t *)&d->drain) && outbox_running(d->outbox) > 0) {
		uv_run(&d->loop, UV_RUN_ONCE);
	}
	outbox_stop(d->outbox);
}
