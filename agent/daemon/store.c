/* Store and journal: opening them, their state, and what was known when the agent starts. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "internal.h"
#include "log.h"

static const char *const store_states[] = {"ok", "full", "error"};

/* Commands that an agent can have left unfinished: a few a gun. */
#define COMMANDS_MAX 10000
#define STATES       (int)(sizeof store_states / sizeof store_states[0])

static void on_state(void *arg, const char *state)
{
	struct daemon *d = arg;
	int i = 0;

	while (i < STATES - 1 && strcmp(store_states[i], state) != 0) {
		i++;
	}
	d->store_state = i;
	log_line(i == 0 ? LOG_NOTICE : LOG_ERROR, "store: %s", store_states[i]);
}

/* While the store opens: it knows already. */
static void on_broken(void *arg, const char *row)
{
	struct daemon *d = arg;

	log_line(LOG_ERROR, "ledger: %s is not as it was written; no new paid charges", row);
	uv_mutex_lock(&d->broken_lock);
	VIEW_SET(d, broken, row);
	uv_mutex_unlock(&d->broken_lock);
}

const char *daemon_store_state(const struct daemon *d)
{
	return store_states[d->store_state];
}

int daemon_open_store(struct daemon *d)
{
	char why[512] = "";
	struct store_cfg cfg = {.folder = d->data,
		.retention_days = d->plant.config->store.retention_days,
		.tail_us = d->plant.config->store.tail_us,
		.overrun_loss = d->plant.config->billing.overrun_loss,
		.told = d->plant.config->billing.messages.told,
		.low_fen = d->plant.config->billing.messages.low_fen,
		.pin_tries = d->plant.config->billing.pin_tries,
		.pin_lock_ms = d->plant.config->billing.pin_lock_us / US_PER_MS,
		.on_message = daemon_customers_due,
		.series = d->plant.series_ids,
		.series_count = d->plant.series_count,
		.on_state = on_state,
		.on_broken = on_broken,
		.arg = d,
		.why = why,
		.why_size = sizeof why};
	struct site_cfg site;
	int rc;

	config_site_cfg(d->plant.config, &site);
	cfg.utc_offset_s = zone_offset_s(&site.zone, wall_now());
	cfg.zone = site.zone;
	if (mkdir(d->data, 0750) != 0 && errno != EEXIST) {
		log_line(LOG_ERROR, "store: cannot make the folder %s: %s", d->data,
			strerror(errno));
		return ERR_IO;
	}
	rc = store_open(&cfg, &d->store);
	if (rc != 0) {
		log_line(LOG_ERROR, "store: %s", why[0] != '\0' ? why : err_text(rc));
	}
	return rc;
}

/* Beside the data where their folder was given on the command line. */
static int journal_folder(const struct daemon *d, char *dst, size_t size)
{
	int n = d->cfg.data != NULL ? snprintf(dst, size, "%s/journal", d->cfg.data)
				    : snprintf(dst, size, "%s", d->plant.config->journal.folder);

	return n < 0 || (size_t)n >= size ? ERR_TOOLONG : 0;
}

void daemon_open_journal(struct daemon *d)
{
	const struct config_journal *j = &d->plant.config->journal;
	char folder[sizeof d->data + 16] = "";
	struct site_cfg site;
	struct journal_cfg cfg = {.folder = folder,
		.file_bytes = j->file_bytes,
		.total_bytes = j->file_bytes * j->keep,
		.site = &site};
	int rc = journal_folder(d, folder, sizeof folder);

	plant_site_cfg(d, &d->plant, &site);
	journal_close(d->journal);
	d->journal = NULL;
	if (rc == 0 && mkdir(folder, 0750) != 0 && errno != EEXIST) {
		rc = ERR_IO;
	}
	if (rc == 0) {
		rc = journal_open(&cfg, &d->journal);
	}
	if (rc != 0) {
		log_line(LOG_ERROR, "journal: %s: %s; nothing is recorded for replay", folder,
			err_text(rc));
	}
}

static int resume_one(void *arg, enum view_kind kind, const void *view)
{
	struct event event = {.kind = EV_RESUME, .now = moment_now()};

	event.resume.kind = kind;
	event.resume.view = view;
	daemon_apply(arg, &event);
	return 0;
}

/* Commands do not outlive the core that gave them: whoever waits or asks again is told. */
void daemon_end_command(struct daemon *d, const struct view_command *command)
{
	struct view_command ended = *command;

	if (command->ended != VALUE_NONE) {
		return;
	}
	VIEW_SET(&ended, state, "failed");
	VIEW_SET(&ended, error, err_token(ERR_AGAIN));
	ended.ended = wall_now().ms;
	daemon_record(d, VIEW_command, &ended);
}

static int end_stored(void *arg, const void *view)
{
	daemon_end_command(arg, view);
	return 0;
}

/* What was open when the last agent ended, however it did. */
int daemon_resume(struct daemon *d)
{
	struct store_reader *reader;
	int rc = store_reader_open(d->data, &reader);

	if (rc == 0) {
		const struct store_filter open = {.active = true, .limit = COMMANDS_MAX};

		rc = daemon_resume_decisions(d, reader);
		if (rc == 0) {
			rc = store_resume(reader, wall_now(), resume_one, d);
		}
		if (rc == 0) {
			rc = store_list(reader, VIEW_command, &open, end_stored, d);
		}
		if (rc == 0) {
			rc = daemon_resume_messages(d, reader);
		}
		store_reader_close(reader);
	}
	if (rc != 0) {
		log_line(LOG_ERROR, "store: what was open cannot be read: %s", err_text(rc));
	}
	return rc;
}
