#ifndef PILETOP_ERRAND_H
#define PILETOP_ERRAND_H
/*
 * What a cashier asked of an agent last, until it is known what became of it. It is sent once. When
 * the answer is lost with the link or does not come, the agent is asked by the id, and until it has
 * told nothing else with money is sent: whoever sees no answer would pay twice.
 */
#include "canvas.h"
#include "timex.h"
#include "wire.h"

struct cJSON;
struct station;

struct errand {
	char id[40]; /* "" = none */
	enum method method;
	char what[160];       /* "C000001: top up", translated when made */
	char outcome[200];    /* what became of it, translated; "" = not known yet */
	bool good;            /* it was done */
	bool unsure;          /* the answer was lost */
	struct mono next_ask; /* when the agent is asked again */
	struct mono over;     /* when it ended; us 0 = not yet */
};

/* Sends it; `params` is taken over. ERR_BUSY while another one is not over. */
int errand_give(struct station *station, enum method method, const char *id, const char *what,
	struct cJSON *params);

/* Whether the last one waits for its end. */
bool errand_waits(const struct station *station);

/* Takes the agent's answers. True when the errand has just ended. */
bool errand_run(struct station *station, struct mono now);

/* The foot's line of one whose answer was lost; false when there is nothing to show. */
bool errand_line(const struct station *station, char *dst, size_t size, enum ink *ink);

/* What became of it was read: its line goes. */
void errand_seen(struct station *station);

#endif
