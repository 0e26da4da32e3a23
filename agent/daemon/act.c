/* Carries out what the core decides: records to the store, writes to the buses, news to the
 * clients. */
#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

/* ---- Records ---- */

static size_t record_size(enum view_kind kind)
{
	return view_info(kind)->size;
}

static int keep_back(struct daemon *d, enum view_kind kind, const void *view)
{
	struct backlog *b;

	if (d->backlog_count == d->backlog_cap) {
		size_t cap = d->backlog_cap == 0 ? 16 : d->backlog_cap * 2;

		if (cap > BACKLOG_MAX) {
			return ERR_FULL;
		}
		b = realloc(d->backlog, cap * sizeof *b);
		if (b == NULL) {
			return ERR_NOMEM;
		}
		d->backlog = b;
		d->backlog_cap = cap;
	}
	b = &d->backlog[d->backlog_count++];
	b->kind = kind;
	memcpy(&b->view, view, record_size(kind));
	return 0;
}

/* Records go to the store in the order in which the core gave them, or wait in that order. */
void daemon_record(struct daemon *d, enum view_kind kind, const void *view)
{
	int rc = d->backlog_count > 0 ? ERR_FULL : store_put(d->store, kind, view);

	if (rc == ERR_FULL) {
		rc = keep_back(d, kind, view);
	}
	if (rc != 0 && !d->backlog_lost) {
		d->backlog_lost = true;
		log_line(LOG_ERROR, "store: %s; records are being lost until it takes them again",
			err_text(rc));
	}
}

void daemon_backlog(struct daemon *d)
{
	size_t done = 0;

	while (done < d->backlog_count &&
		store_put(d->store, d->backlog[done].kind, &d->backlog[done].view) == 0) {
		done++;
	}
	if (done == 0) {
		return;
	}
	d->backlog_count -= done;
	memmove(d->backlog, d->backlog + done, d->backlog_count * sizeof *d->backlog);
	if (d->backlog_count == 0 && d->backlog_lost) {
		d->backlog_lost = false;
		log_line(LOG_NOTICE, "store: takes records again");
	}
}

/* ---- Writes ---- */

static void write_failed(struct daemon *d, uint32_t token, int err)
{
	if (d->plant.failed_count < d->plant.failed_cap) {
		d->plant.failed[d->plant.failed_count++] = (struct failed_write){token, err};
	}
}

static void carry_write(struct daemon *d, const struct action *a)
{
	struct plan_write write;
	uint16_t bus;
	int rc = field_write(d->plant.field, a, &bus, &write);

	if (rc == 0) {
		rc = bus < d->plant.bus_count ? bus_write(d->plant.buses[bus], &write) : ERR_CLOSED;
	}
	if (rc != 0) {
		write_failed(d, a->write.token, rc);
	}
}

static void carry_poll(struct daemon *d, const struct action *a)
{
	uint16_t bus, unit;

	if (field_find(d->plant.field, a->poll.target, &bus, &unit) == 0 &&
		bus < d->plant.bus_count) {
		bus_poll_now(d->plant.buses[bus], unit, a->poll.all);
	}
}

static void carry_command(struct daemon *d, const struct view_command *command)
{
	daemon_record(d, VIEW_command, command);
	if (d->answer != NULL && strcmp(d->answer->id, command->id) == 0) {
		*d->answer = *command;
	}
	rpc_touch(d->rpc);
}

static void carry_alarm(struct daemon *d, const struct view_alarm *alarm)
{
	daemon_record(d, VIEW_alarm, alarm);
	daemon_tell(d, alarm);
	if (d->alarm_answer != NULL && strcmp(d->alarm_answer->id, alarm->id) == 0) {
		*d->alarm_answer = *alarm;
	}
	rpc_touch(d->rpc);
}

static void carry_slimit(struct daemon *d, const struct view_slimit *slimit)
{
	daemon_record(d, VIEW_slimit, slimit);
	if (d->slimit_answer != NULL && d->slimit_answer->id[0] == '\0') {
		*d->slimit_answer = *slimit;
	}
	rpc_touch(d->rpc);
}

static void carry_trial(struct daemon *d, const struct view_trial *trial)
{
	daemon_record(d, VIEW_trial, trial);
	if (d->trial_answer != NULL && strcmp(d->trial_answer->id, trial->id) == 0) {
		*d->trial_answer = *trial;
	}
	rpc_touch(d->rpc);
}

static void carry_out(struct daemon *d, const struct action *a)
{
	switch (a->kind) {
	case ACT_WRITE:
		carry_write(d, a);
		break;
	case ACT_SESSION:
		daemon_record(d, VIEW_session, &a->session);
		daemon_totals_changed(d, a->session.gun);
		rpc_touch(d->rpc);
		break;
	case ACT_MARK:
		daemon_record(d, VIEW_mark, &a->mark);
		break;
	case ACT_VISIT:
		daemon_record(d, VIEW_visit, &a->visit);
		rpc_touch(d->rpc);
		break;
	case ACT_FAULT:
		daemon_record(d, VIEW_fault, &a->fault);
		break;
	case ACT_ALARM:
		carry_alarm(d, &a->alarm);
		break;
	case ACT_COMMAND:
		carry_command(d, &a->command);
		break;
	case ACT_TAG:
		daemon_record(d, VIEW_tag, &a->tag);
		break;
	case ACT_STANDING:
		daemon_record(d, VIEW_standing, &a->standing);
		break;
	case ACT_TRIAL:
		carry_trial(d, &a->trial);
		break;
	case ACT_SLIMIT:
		carry_slimit(d, &a->slimit);
		break;
	case ACT_DECISION:
		daemon_decision(d, &a->decision);
		break;
	case ACT_ORDER:
		daemon_order_changed(d, &a->order);
		break;
	case ACT_RESERVE:
		daemon_reserve_changed(d, &a->reserve);
		break;
	case ACT_AUTH:
		daemon_auth(d, a->auth.gun, a->auth.token, a->auth.vin);
		break;
	case ACT_LOG:
		log_line(a->log.level, "%s", a->log.text);
		break;
	case ACT_POLL:
		carry_poll(d, a);
		break;
	case ACT_COUNT_:
		break;
	}
}

static void apply_one(struct daemon *d, const struct event *event)
{
	if (d->journal != NULL && journal_event(d->journal, d->plant.site, event) != 0) {
		log_line(LOG_ERROR, "journal: %s; recording goes on in a new file in a minute",
			strerror(errno));
	}
	d->plant.actions.count = 0;
	d->plant.actions.overflow = false;
	site_apply(d->plant.site, event, &d->plant.actions);
	for (size_t i = 0; i < d->plant.actions.count; i++) {
		carry_out(d, &d->plant.actions.v[i]);
	}
}

static void apply_failed(void *arg, const struct event *event)
{
	apply_one(arg, event);
}

void daemon_apply(struct daemon *d, const struct event *event)
{
	apply_one(d, event);
	/* A failed write may lead to another that fails: what comes while this runs is taken by the
	 * next event, so that no event can go round for ever. */
	for (size_t n = d->plant.failed_count; n > 0; n--) {
		struct failed_write f = d->plant.failed[0];

		d->plant.failed_count--;
		memmove(d->plant.failed, d->plant.failed + 1,
			d->plant.failed_count * sizeof *d->plant.failed);
		field_write_failed(d->plant.field, f.token, f.err, event->now, apply_failed, d);
	}
}

void daemon_emit(void *arg, const struct event *event)
{
	daemon_apply(arg, event);
}
