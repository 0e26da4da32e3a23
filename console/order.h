#ifndef PILETOP_ORDER_H
#define PILETOP_ORDER_H
/*
 * The command that was given last, and its life as the agent tells it: queued, sent, read back,
 * done or why not. Its id is made here: when the link is lost before the answer, the agent is asked
 * what became of that id. It is never given a second time.
 */
#include "canvas.h"
#include "timex.h"

struct app;
struct station;

struct order {
	char id[40]; /* "" = none */
	char verb[16];
	char target[24];
	char refusal[160]; /* why the agent did not take it, translated */
	bool unsure; /* the link was lost before the answer came: the agent is asked when it is back
		      */
	bool limit;  /* a limit of the site for a time: the agent's answer is its end */
	bool done;   /* that answer came */
	struct mono given;
	struct mono over; /* when it ended; us 0 = not yet */
};

/* A new id for what is asked of an agent: giving it twice does it once. 40 bytes suffice. */
void order_make_id(char *dst, size_t size);

/* Gives a command; `reason` may be "". What goes wrong is shown at the foot. */
void order_give(struct station *station, struct mono now, const char *verb, const char *target,
	int64_t value, const char *reason);

/* Limits a whole site for a time from now on. */
void order_limit_site(
	struct station *station, struct mono now, int64_t limit_w, int64_t ms, const char *reason);

struct cJSON;

/* The same with parameters of the caller's, which are taken over. */
void order_send(struct station *station, struct mono now, const char *verb, const char *target,
	struct cJSON *params);

/* Takes the agent's verdict and watches the command's row. */
void order_run(struct station *station, struct mono now);

/* Where it stands, as briefly as a table needs it; false when there is nothing to show. */
bool order_brief(const struct station *station, char *dst, size_t size, enum ink *ink);

/* The life in one line; false when there is nothing to show. */
bool order_line(const struct app *app, const struct station *station, char *dst, size_t size,
	enum ink *ink);

#endif
