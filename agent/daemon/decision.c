/* The newest decisions of load management, as subscribers see them; the store has the older ones.
 */
#include <stdlib.h>

#include "internal.h"

static void keep(struct daemon *d, const struct view_decision *decision)
{
	size_t at = (d->decision_first + d->decision_count) % DECISIONS_SHOWN;

	d->decisions[at] = *decision;
	if (d->decision_count < DECISIONS_SHOWN) {
		d->decision_count++;
	} else {
		d->decision_first = (d->decision_first + 1) % DECISIONS_SHOWN;
	}
}

void daemon_decision(struct daemon *d, const struct view_decision *decision)
{
	daemon_record(d, VIEW_decision, decision);
	keep(d, decision);
}

int daemon_decisions(const struct daemon *d, int (*each)(void *arg, const void *view), void *arg)
{
	int rc = 0;

	for (size_t i = 0; i < d->decision_count && rc == 0; i++) {
		rc = each(arg, &d->decisions[(d->decision_first + i) % DECISIONS_SHOWN]);
	}
	return rc;
}

struct stored {
	size_t count;
	struct view_decision row[DECISIONS_SHOWN];
};

static int take(void *arg, const void *view)
{
	struct stored *s = arg;

	s->row[s->count++] = *(const struct view_decision *)view;
	return s->count == DECISIONS_SHOWN;
}

int daemon_resume_decisions(struct daemon *d, struct store_reader *reader)
{
	const struct store_filter newest = {.limit = DECISIONS_SHOWN};
	struct stored *s = calloc(1, sizeof *s);
	int rc = s == NULL ? ERR_NOMEM : store_list(reader, VIEW_decision, &newest, take, s);

	while (rc >= 0 && s->count > 0) {
		keep(d, &s->row[--s->count]);
	}
	free(s);
	return rc < 0 ? rc : 0;
}
