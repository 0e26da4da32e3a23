/* What a command would affect, and its confirmation, as the RPC server asks for them. */
#include <string.h>

#include "internal.h"

int daemon_find(const struct daemon *d, const char *id, struct target *out)
{
	int rc = site_find(d->plant.site, id, out);

	if (rc != 0 && strcmp(id, "site") == 0) {
		*out = (struct target){TGT_SITE, 0};
		return 0;
	}
	return rc;
}

int daemon_preview(
	void *host, enum verb verb, const char *target, int64_t value, struct view_preview *out)
{
	struct daemon *d = host;
	struct target found;
	int rc = daemon_find(d, target, &found);

	if (rc == 0) {
		site_preview(d->plant.site, verb, found, value, out);
	}
	return rc;
}

static int take_record(void *arg, const void *view)
{
	*(struct view_trial *)arg = *(const struct view_trial *)view;
	return 1;
}

/* One that has ended, perhaps before a restart: the store remembers it. */
static int stored(const struct daemon *d, const char *id, struct view_trial *out)
{
	struct store_filter filter = {.id = id, .limit = 1};
	struct store_reader *reader;

	view_clear(VIEW_trial, out);
	if (store_reader_open(d->data, &reader) == 0) {
		store_list(reader, VIEW_trial, &filter, take_record, out);
		store_reader_close(reader);
	}
	return out->id[0] == '\0' ? ERR_NOTFOUND : 0;
}

int daemon_confirm(
	void *host, const char *id, const char *by, struct moment now, struct view_trial *out)
{
	struct daemon *d = host;
	struct event event = {.kind = EV_CONFIRM, .now = now};

	for (size_t i = 0; site_view_trial(d->plant.site, i, out); i++) {
		if (strcmp(out->id, id) == 0) {
			event.confirm.id = id;
			event.confirm.by = by;
			d->trial_answer = out;
			daemon_apply(d, &event);
			d->trial_answer = NULL;
			return strcmp(out->state, "confirmed") == 0 ? 0 : ERR_STATE;
		}
	}
	/* Confirmed twice is confirmed. */
	if (stored(d, id, out) != 0) {
		return ERR_NOTFOUND;
	}
	return strcmp(out->state, "confirmed") == 0 ? 0 : ERR_STATE;
}
