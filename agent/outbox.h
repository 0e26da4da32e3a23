#ifndef PILED_OUTBOX_H
#define PILED_OUTBOX_H
/*
 * The outbox: messages to people, through a hook program or the mail system, whatever they are
 * about. A message is a record (view outbox) with an id that says which event is told to whom.
 *
 * What holds: an id is delivered once. It is on disk as `sending` before its program starts, and
 * as `sent` when that has ended well; a program that fails is run again, later each time, for a
 * day. Where the agent is killed in between, nobody can know whether it was delivered: it is sent
 * again, with the same id (PILED_ID, Message-ID) and PILED_DOUBT=1, so that a hook can leave it
 * out.
 *
 * Messages to one customer go one after another, in the order in which they were put.
 *
 * Nothing here waits: programs run beside the loop, a few at a time, each ended after its time.
 */
#include <uv.h>

#include "timex.h"
#include "view.h"

#define OUTBOX_RUNNING_MAX 4
#define OUTBOX_TIME_MS     30000
/* Messages that wait; further ones go into summaries. */
#define OUTBOX_MAX 2000
/* After this a message is given up. */
#define OUTBOX_LIFE_MS (24 * 3600 * MS_PER_S)
/* A summary gathers for so long. */
#define OUTBOX_GATHER_MS (300 * MS_PER_S)

struct outbox;

struct outbox_cfg {
	uv_loop_t *loop;
	/* Hands a record to the store. */
	void (*keep)(void *arg, const struct view_outbox *message);
	/* Waits until what was handed over is on disk; from the thread pool. */
	void (*settle)(void *arg);
	void *arg;
};

/* How messages go out; texts are borrowed until the next call. */
struct outbox_ways {
	const char *mail_program, *mail_from, *site;
	int64_t most_an_hour; /* to one recipient, of what endangers nobody */
	int64_t most_to_customer;
};

/* ERR_NOMEM. */
int outbox_open(const struct outbox_cfg *cfg, struct outbox **out);
void outbox_set_ways(struct outbox *outbox, const struct outbox_ways *ways);

/* Takes a message: id, kind, program ("" = mail), recipient, severity, subject, text, and of a
 * customer's account, language and expires, are the caller's. An id that is known changes nothing;
 * what is more than an hour's share goes into a summary to the same recipient. */
void outbox_put(struct outbox *outbox, const struct view_outbox *message, struct moment now);

/* Takes a message that the store has. */
void outbox_resume(struct outbox *outbox, const struct view_outbox *message);

/* Was a message of this id put or taken up since the start? */
bool outbox_knows(const struct outbox *outbox, const char *id);

/* At each tick: starts what is due. */
void outbox_step(struct outbox *outbox, struct moment now);

/* Programs that run; messages that failed several times. */
size_t outbox_running(const struct outbox *outbox);
bool outbox_failing(const struct outbox *outbox);

/* Begins no more; then lets go of what runs, which stays in doubt; and when the loop has ended
 * outbox_free(), which accepts NULL. */
void outbox_quiet(struct outbox *outbox);
void outbox_stop(struct outbox *outbox);
void outbox_free(struct outbox *outbox);

#endif
