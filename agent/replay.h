#ifndef PILED_REPLAY_H
#define PILED_REPLAY_H
/*
 * Replay: the events of a journal through the core, from a snapshot on. The same input gives the
 * same decisions; each later snapshot of the journal must equal the state that replay has reached.
 */
#include "site.h"

struct replay_cfg {
	struct wall from; /* tells of events from here on; ms 0 = from the first snapshot on */
	struct wall to;   /* ends before this; ms 0 = the end */
	/* Called after each event with the site behind it and its actions; a non-zero return ends
	 * the replay and is returned. */
	int (*step)(void *arg, const struct site *site, const struct event *event,
		const struct actions *actions);
	void *arg;
};

struct replay_result {
	int64_t events, actions, snapshots;
	bool diverged;   /* a snapshot differs from the state that was reached */
	struct wall at;  /* of the last event; where it diverged */
	char error[512]; /* why it ended early, "FILE: offset N: ..."; "" */
};

/* 0 at the end of the file, or an error: ERR_NOTFOUND, ERR_IO, ERR_CORRUPT (a damaged or cut file:
 * what was before has been replayed), ERR_VERSION (of another core), ERR_NOMEM, or what the
 * callback returned. `result` is filled in any case. */
int replay_run(const char *path, const struct replay_cfg *cfg, struct replay_result *result);

/* An action as one line, as `piled replay` prints it; returns false for those that are not
 * decisions (polls). */
bool replay_line(const struct site *site, const struct action *action, char *text, size_t size);

#endif
