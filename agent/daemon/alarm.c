/* Alarms, as the RPC server asks for them, and the faults of the agent itself. */
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "fault.h"

/* Is this the alarm, one of the target, or one of all? `which` may be its id without the time. */
static bool meant(const struct view_alarm *alarm, const char *which)
{
	const char *time = strrchr(alarm->id, '-');
	size_t n = time == NULL ? 0 : (size_t)(time - alarm->id);

	return strcmp(which, "all") == 0 || strcmp(alarm->id, which) == 0 ||
	       strcmp(alarm->target, which) == 0 ||
	       (n > 0 && strlen(which) == n && memcmp(alarm->id, which, n) == 0);
}

/* The ids first: alarms come and go while they are handled. */
static size_t collect(const struct daemon *d, const char *which, char (**out)[64])
{
	struct view_alarm alarm;
	size_t n = 0, cap = 0;

	*out = NULL;
	for (size_t i = 0; site_view_alarm(d->plant.site, i, &alarm); i++) {
		if (!meant(&alarm, which)) {
			continue;
		}
		if (n == cap) {
			char(*more)[64];

			cap = cap == 0 ? 16 : 2 * cap;
			more = realloc(*out, cap * sizeof *more);
			if (more == NULL) {
				return n;
			}
			*out = more;
		}
		memcpy((*out)[n++], alarm.id, sizeof alarm.id);
	}
	return n;
}

int daemon_alarm(void *host, const struct host_alarm *wanted, struct moment now,
	int (*each)(void *arg, const void *view), void *arg)
{
	struct daemon *d = host;
	struct event event = {.kind = EV_ALARM, .now = now};
	struct view_alarm answer;
	char(*ids)[64];
	size_t count = collect(d, wanted->which, &ids), changed = 0;
	int rc = 0;

	if (wanted->op == ALARMOP_SHELVE && count > 1) {
		free(ids);
		return ERR_EXISTS;
	}
	event.alarm.op = wanted->op;
	event.alarm.by = wanted->by;
	event.alarm.reason = wanted->reason != NULL ? wanted->reason : "";
	event.alarm.until_ms = wanted->until_ms;
	for (size_t i = 0; i < count && rc == 0; i++) {
		view_clear(VIEW_alarm, &answer);
		VIEW_SET(&answer, id, ids[i]);
		event.alarm.id = ids[i];
		d->alarm_answer = &answer;
		daemon_apply(d, &event);
		d->alarm_answer = NULL;
		if (answer.state[0] != '\0') {
			changed++;
			rc = each(arg, &answer);
		}
	}
	free(ids);
	return rc != 0 ? rc : count == 0 ? ERR_NOTFOUND : changed == 0 ? ERR_STATE : 0;
}

static void tell(
	struct daemon *d, struct moment now, int64_t code, bool up, const char *detail, int *told)
{
	enum { NEVER, DOWN, UP };
	int is = up ? UP : DOWN;
	struct event event = {.kind = EV_AGENT, .now = now};

	if (is != *told) {
		event.agent.code = code;
		event.agent.up = up;
		event.agent.detail = detail;
		*told = is;
		daemon_apply(d, &event);
	}
}

void daemon_conditions(struct daemon *d, struct moment now)
{
	const char *store = daemon_store_state(d);
	char row[sizeof d->broken];

	tell(d, now, FAULT_STORE, strcmp(store, "ok") != 0, store, &d->store_told);
	tell(d, now, FAULT_JOURNAL, d->journal == NULL || journal_path(d->journal)[0] == '\0', "",
		&d->journal_told);
	tell(d, now, FAULT_DELIVERY, outbox_failing(d->outbox), "", &d->delivery_told);
	daemon_broken_row(d, row);
	tell(d, now, FAULT_LEDGER, row[0] != '\0', row, &d->ledger_told);
}
