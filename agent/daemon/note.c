/* Notes of people. They are kept and change nothing: the core does not know them. */
#include <stdio.h>
#include <string.h>

#include "internal.h"

static int take_note(void *arg, const void *view)
{
	*(struct view_note *)arg = *(const struct view_note *)view;
	return 1;
}

static int found_one(void *arg, const void *view)
{
	(void)view;
	*(bool *)arg = true;
	return 1;
}

/* Is it an id that a session had? */
static bool is_session(struct store_reader *reader, const char *id)
{
	struct store_filter filter = {.id = id, .limit = 1};
	bool found = false;

	store_list(reader, VIEW_session, &filter, found_one, &found);
	return found;
}

static bool is_target(const struct daemon *d, struct store_reader *reader, const char *id)
{
	struct target target;

	return strcmp(id, "shift") == 0 || daemon_find(d, id, &target) == 0 ||
	       is_session(reader, id);
}

static int known_note(struct store_reader *reader, const char *id, struct view_note *out)
{
	struct store_filter filter = {.id = id, .limit = 1};

	view_clear(VIEW_note, out);
	if (id[0] != '\0') {
		store_list(reader, VIEW_note, &filter, take_note, out);
	}
	return out->id[0] != '\0' ? 0 : ERR_NOTFOUND;
}

int daemon_note(
	void *host, const struct view_note *wanted, struct moment now, struct view_note *out)
{
	struct daemon *d = host;
	struct store_reader *reader;
	int rc = store_reader_open(d->data, &reader);

	if (rc != 0) {
		return rc;
	}
	if (known_note(reader, wanted->id, out) == 0) {
		rc = strcmp(out->text, wanted->text) == 0 &&
				     strcmp(out->target, wanted->target) == 0
			     ? 0
			     : ERR_EXISTS;
		store_reader_close(reader);
		return rc;
	}
	rc = is_target(d, reader, wanted->target) ? 0 : ERR_NOTFOUND;
	store_reader_close(reader);
	if (rc == 0) {
		*out = *wanted;
		out->at = now.wall.ms;
		if (out->id[0] == '\0') {
			daemon_make_id(out->id, sizeof out->id, 'n', now.wall);
		}
		if (strcmp(out->target, "site") == 0) {
			VIEW_SET(out, target, d->plant.config->id);
		}
		daemon_record(d, VIEW_note, out);
	}
	return rc;
}
