#include "replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "journal.h"

struct run {
	const struct replay_cfg *cfg;
	struct replay_result *result;
	const char *path;
	struct site *site;
	struct actions actions;
	bool live; /* a snapshot was restored */
};

static int begin(struct run *run, const struct journal_item *item)
{
	char *error = run->result->error;
	size_t size = sizeof run->result->error;
	int rc;

	if (item->core_version != CORE_VERSION) {
		snprintf(error, size, "%s: written by core version %u, this is %u", run->path,
			item->core_version, CORE_VERSION);
		return ERR_VERSION;
	}
	run->actions.cap = ACTIONS_MIN(item->cfg->gun_count);
	run->actions.v = calloc(run->actions.cap, sizeof *run->actions.v);
	rc = run->actions.v == NULL ? ERR_NOMEM : site_new(item->cfg, &run->site);
	if (rc != 0) {
		snprintf(error, size, "%s: %s", run->path, err_text(rc));
	}
	return rc;
}

static int snapshot(struct run *run, const struct journal_item *item)
{
	const void *bytes;
	size_t size;

	run->result->snapshots++;
	if (run->live) {
		site_snapshot(run->site, &bytes, &size);
		if (size != item->size || memcmp(bytes, item->bytes, size) != 0) {
			run->result->diverged = true;
		}
	}
	if (site_restore(run->site, item->bytes, item->size) != 0) {
		snprintf(run->result->error, sizeof run->result->error,
			"%s: its snapshot is of another build or configuration", run->path);
		return ERR_VERSION;
	}
	run->live = true;
	return 0;
}

static int event(struct run *run, const struct event *e)
{
	run->result->at = e->now.wall;
	run->result->events++;
	run->actions.count = 0;
	run->actions.overflow = false;
	site_apply(run->site, e, &run->actions);
	run->result->actions += (int64_t)run->actions.count;
	if (run->cfg->step == NULL || e->now.wall.ms < run->cfg->from.ms) {
		return 0;
	}
	return run->cfg->step(run->cfg->arg, run->site, e, &run->actions);
}

static int item(struct run *run, const struct journal_item *item)
{
	switch (item->kind) {
	case JOURNAL_HEADER:
		return begin(run, item);
	case JOURNAL_SNAPSHOT:
		return snapshot(run, item);
	case JOURNAL_EVENT:
		if (!run->live) {
			return 0;
		}
		return event(run, &item->event);
	}
	return 0;
}

int replay_run(const char *path, const struct replay_cfg *cfg, struct replay_result *result)
{
	struct run run = {.cfg = cfg, .result = result, .path = path};
	struct journal_reader *reader = NULL;
	struct journal_item next;
	int rc;

	memset(result, 0, sizeof *result);
	rc = journal_reader_open(path, &reader);
	if (rc != 0) {
		snprintf(result->error, sizeof result->error, "%s: %s", path,
			rc == ERR_CORRUPT ? "not a journal" : err_text(rc));
		return rc;
	}
	while ((rc = journal_next(reader, &next)) > 0) {
		if (next.kind == JOURNAL_EVENT && cfg->to.ms != 0 &&
			next.event.now.wall.ms >= cfg->to.ms) {
			rc = 0;
			break;
		}
		rc = item(&run, &next);
		if (rc != 0 || result->diverged) {
			break;
		}
	}
	if (rc < 0 && result->error[0] == '\0') {
		snprintf(result->error, sizeof result->error, "%s", journal_reader_error(reader));
	}
	if (result->diverged) {
		snprintf(result->error, sizeof result->error,
			"%s: the state differs from the snapshot behind event %lld", path,
			(long long)result->events);
	}
	site_free(run.site);
	free(run.actions.v);
	journal_reader_close(reader);
	return rc;
}

static const char *target_name(const struct site *site, struct target t, char *text, size_t size)
{
	struct view_gun gun;
	struct view_pile pile;

	if (t.kind == TGT_GUN) {
		site_view_gun(site, t.index, (struct moment){{0}, {0}}, &gun);
		snprintf(text, size, "%s", gun.id);
	} else if (t.kind == TGT_PILE) {
		site_view_pile(site, t.index, (struct moment){{0}, {0}}, &pile);
		snprintf(text, size, "%s", pile.id);
	} else {
		snprintf(text, size, "target %u/%u", t.kind, t.index);
	}
	return text;
}

/* A number that may be absent. */
static const char *number(int64_t v, char *text, size_t size)
{
	if (v == VALUE_NONE) {
		snprintf(text, size, "-");
	} else {
		snprintf(text, size, "%lld", (long long)v);
	}
	return text;
}

bool replay_line(const struct site *site, const struct action *a, char *text, size_t size)
{
	char n1[24], n2[24], n3[24];

	switch (a->kind) {
	case ACT_WRITE:
		snprintf(text, size, "write %s %s = %lld",
			target_name(site, a->write.target, n1, sizeof n1),
			point_info((enum point)a->write.point)->name, (long long)a->write.value);
		return true;
	case ACT_SESSION:
		snprintf(text, size, "session %s %s start %s Wh end %s Wh energy %s Wh %s",
			a->session.id, a->session.state, number(a->session.start_wh, n1, sizeof n1),
			number(a->session.end_wh, n2, sizeof n2),
			number(a->session.energy_wh, n3, sizeof n3), a->session.flags);
		return true;
	case ACT_MARK:
		snprintf(text, size, "mark %s at %lld register %s Wh %s", a->mark.session,
			(long long)a->mark.at, number(a->mark.wh, n1, sizeof n1), a->mark.quality);
		return true;
	case ACT_VISIT:
		snprintf(text, size, "visit %s %s", a->visit.id,
			a->visit.unplugged == VALUE_NONE ? "open" : "closed");
		return true;
	case ACT_FAULT:
		snprintf(text, size, "fault %s %s %lld %s", a->fault.target,
			a->fault.cleared == VALUE_NONE ? "raised" : "cleared",
			(long long)a->fault.code, a->fault.detail);
		return true;
	case ACT_ALARM:
		snprintf(text, size, "alarm %s %s %s %s", a->alarm.id, a->alarm.state,
			a->alarm.ended == VALUE_NONE ? "open" : "over", a->alarm.detail);
		return true;
	case ACT_COMMAND:
		snprintf(text, size, "command %s %s %s %s %s", a->command.id, a->command.verb,
			a->command.target, a->command.state, a->command.error);
		return true;
	case ACT_TAG:
		snprintf(text, size, "tag %s by %s: %s", a->tag.target,
			a->tag.by[0] == '\0' ? "nobody" : a->tag.by, a->tag.reason);
		return true;
	case ACT_TRIAL:
		snprintf(text, size, "trial %s %s %s %s", a->trial.id, a->trial.verb,
			a->trial.target, a->trial.state);
		return true;
	case ACT_STANDING:
		snprintf(text, size, "standing %s held by %s lag %s us ratio %s ppm",
			a->standing.gun,
			a->standing.halt_by[0] == '\0' ? "nobody" : a->standing.halt_by,
			number(a->standing.lag_us, n1, sizeof n1),
			number(a->standing.ratio_ppm, n2, sizeof n2));
		return true;
	case ACT_SLIMIT:
		snprintf(text, size, "limit %s on %s %lld W %s", a->slimit.id, a->slimit.node,
			(long long)a->slimit.limit_w, a->slimit.state);
		return true;
	case ACT_DECISION:
		snprintf(text, size, "grant %s %s -> %lld W %s", a->decision.gun,
			number(a->decision.from_w, n1, sizeof n1), (long long)a->decision.to_w,
			a->decision.rule);
		return true;
	case ACT_ORDER:
		snprintf(text, size, "order %s on %s %s %s %s", a->order.id, a->order.gun,
			a->order.state, a->order.error, a->order.stop_cause);
		return true;
	case ACT_RESERVE:
		snprintf(text, size, "reservation %s on %s %s %s", a->reserve.id, a->reserve.gun,
			a->reserve.state, a->reserve.cause);
		return true;
	case ACT_AUTH:
		snprintf(text, size, "%s %s read at %s", a->auth.vin ? "VIN" : "card",
			a->auth.token,
			target_name(site, (struct target){TGT_GUN, a->auth.gun}, n1, sizeof n1));
		return true;
	case ACT_LOG:
		snprintf(text, size, "log %s", a->log.text);
		return true;
	case ACT_POLL:
	case ACT_COUNT_:
		break;
	}
	return false;
}
