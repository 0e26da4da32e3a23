/*
 * Reading the configuration again. The new plant is built beside the old one; only when all of it
 * is good are the old buses stopped and what the old core knew of open sessions, visits, faults,
 * tags and today's sums is handed to the new one, by the same events as after a restart.
 */
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "log.h"

static void log_remark(void *arg, const char *line)
{
	(void)arg;
	log_line(LOG_WARNING, "%s", line);
}

void daemon_remarks(const struct config *config)
{
	config_remarks(config, log_remark, NULL);
}

int daemon_load(struct daemon *d, void (*report)(void *arg, const char *line), void *arg,
	struct config **out)
{
	struct yaml_errors errors = {0};
	int rc = config_load(d->cfg.config, NULL, &errors, out);

	for (size_t i = 0; i < errors.kept; i++) {
		report(arg, errors.lines[i]);
	}
	if (errors.count > errors.kept) {
		report(arg, "... and more errors");
	}
	yaml_errors_free(&errors);
	return rc;
}

static void hand_over(struct daemon *d, enum view_kind kind, const void *view)
{
	struct event event = {.kind = EV_RESUME, .now = moment_now()};

	event.resume.kind = kind;
	event.resume.view = view;
	daemon_apply(d, &event);
}

static void hand_over_gun(struct daemon *d, const struct site *old, uint16_t gun)
{
	struct view_session session;
	struct view_standing standing;
	struct view_visit visit;
	struct view_order order;
	struct view_gun today;

	site_view_gun(old, gun, moment_now(), &today);
	hand_over(d, VIEW_gun, &today);
	if (site_open_visit(old, gun, &visit)) {
		hand_over(d, VIEW_visit, &visit);
	}
	if (site_open_session(old, gun, &session)) {
		hand_over(d, VIEW_session, &session);
	}
	if (site_view_order(old, gun, &order)) {
		hand_over(d, VIEW_order, &order);
	}
	if (site_view_standing(old, gun, &standing)) {
		hand_over(d, VIEW_standing, &standing);
	}
}

static int hand_over_mark(void *arg, const void *mark)
{
	hand_over(arg, VIEW_mark, mark);
	return 0;
}

/* The store has all of them: the cost so far is made of them. */
static void hand_over_marks(struct daemon *d)
{
	struct store_reader *reader;
	int rc = store_flush(d->store);

	rc = rc != 0 ? rc : store_reader_open(d->data, &reader);
	if (rc == 0) {
		rc = store_open_marks(reader, hand_over_mark, d);
		store_reader_close(reader);
	}
	if (rc != 0) {
		log_line(LOG_ERROR, "store: registers at half hours cannot be read: %s",
			err_text(rc));
	}
}

static void hand_over_all(struct daemon *d, const struct plant *old)
{
	struct view_fault fault;
	struct view_alarm alarm;
	struct view_command command;
	struct view_reservation reservation;
	struct view_slimit slimit;
	struct view_trial trial;
	struct view_tag tag;

	for (size_t i = 0; site_view_tag(old->site, i, &tag); i++) {
		hand_over(d, VIEW_tag, &tag);
	}
	for (size_t i = 0; site_view_slimit(old->site, i, &slimit); i++) {
		hand_over(d, VIEW_slimit, &slimit);
	}
	for (size_t i = 0; site_view_trial(old->site, i, &trial); i++) {
		hand_over(d, VIEW_trial, &trial);
	}
	for (size_t i = 0; i < old->config->gun_count; i++) {
		hand_over_gun(d, old->site, (uint16_t)i);
	}
	for (size_t i = 0; site_view_reservation(old->site, i, &reservation); i++) {
		hand_over(d, VIEW_reservation, &reservation);
	}
	for (size_t i = 0; site_view_limit(old->site, i, &command); i++) {
		hand_over(d, VIEW_command, &command);
	}
	hand_over_marks(d);
	for (size_t i = 0; site_view_alarm(old->site, i, &alarm); i++) {
		hand_over(d, VIEW_alarm, &alarm);
	}
	for (size_t i = 0; site_view_fault(old->site, i, &fault); i++) {
		hand_over(d, VIEW_fault, &fault);
	}
	for (size_t i = 0; site_view_command(old->site, i, &command); i++) {
		daemon_end_command(d, &command);
	}
}

/* The store knows its series from its opening on. */
static bool same_store(const struct plant *a, const struct plant *b)
{
	bool same = a->series_count == b->series_count &&
		    a->config->store.retention_days == b->config->store.retention_days &&
		    a->config->store.tail_us == b->config->store.tail_us &&
		    a->config->billing.overrun_loss == b->config->billing.overrun_loss &&
		    a->config->billing.pin_tries == b->config->billing.pin_tries &&
		    a->config->billing.pin_lock_us == b->config->billing.pin_lock_us &&
		    a->config->billing.messages.told == b->config->billing.messages.told &&
		    a->config->billing.messages.low_fen == b->config->billing.messages.low_fen &&
		    strcmp(a->config->timezone, b->config->timezone) == 0;

	for (size_t i = 0; same && i < a->series_count; i++) {
		same = strcmp(a->series_ids[i], b->series_ids[i]) == 0;
	}
	return same;
}

static int reopen_store(struct daemon *d)
{
	int rc;

	daemon_backlog(d);
	uv_rwlock_wrlock(&d->store_lock);
	store_close(d->store);
	d->store = NULL;
	rc = daemon_open_store(d);
	uv_rwlock_wrunlock(&d->store_lock);
	return rc;
}

int daemon_reload(struct daemon *d, void (*report)(void *arg, const char *line), void *arg)
{
	struct config *config;
	struct plant old = d->plant, new;
	int rc = daemon_load(d, report, arg, &config);

	if (rc == 0) {
		rc = plant_build(d, config, &new);
	}
	if (rc != 0) {
		log_line(LOG_ERROR, "%s: %s; the old configuration stays in force", d->cfg.config,
			err_text(rc));
		return rc;
	}
	plant_stop(&old);
	daemon_reads_end(d);
	d->plant = new;
	daemon_ways(d);
	if (!same_store(&old, &new)) {
		rc = reopen_store(d);
	}
	if (rc == 0) {
		daemon_open_journal(d);
		daemon_tariffs(d);
		hand_over_all(d, &old);
		rc = plant_start(&d->plant);
	}
	plant_free(&old);
	if (rc != 0) {
		/* The store or a thread failed, not the configuration: a fresh start is the cure.
		 */
		log_line(LOG_ERROR, "%s: %s; stopping", d->cfg.config, err_text(rc));
		uv_stop(&d->loop);
		d->error = rc;
		return rc;
	}
	rpc_roles_changed(d->rpc);
	daemon_remarks(d->plant.config);
	log_line(LOG_NOTICE, "%s: read again, %zu guns on %zu buses", d->cfg.config,
		d->plant.config->gun_count, d->plant.bus_count);
	return 0;
}
