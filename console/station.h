#ifndef PILETOP_STATION_H
#define PILETOP_STATION_H
/*
 * One site as the console has it: where its agent is, the link, what is known of it, and the
 * command and the task that were given there last. The console has one or many; they share nothing.
 */
#include "errand.h"
#include "feed.h"
#include "order.h"

struct station_cfg {
	char name[64];     /* how the user calls it; "" = the site of this machine */
	char address[192]; /* a socket's path; with `ssh` "user@host" or "ssh://user@host:port" */
	bool ssh;
	char group[32], tags[96]; /* of sites.conf; tags end with a blank each */
	bool production;          /* each command asks for the name */
};

struct station {
	struct station_cfg cfg;
	struct model model;
	struct feed feed;
	struct order order;
	struct errand errand;
	struct mono quiet; /* since when no car charges there; us 0 = one does */
	bool chosen;       /* for the same command at several sites */
	struct mono next_ask[ASK_COUNT_];
};

/* The station must not move afterwards. ERR_NOMEM. */
int station_init(struct station *s, const struct station_cfg *cfg);
void station_free(struct station *s);

/* The name that its agent gives, else the user's; never empty. */
const char *station_name(const struct station *s);

/* The worst alarm that nobody has put aside; NULL = none. */
const struct view_alarm *station_alarm(const struct station *s);

/* Whether an alarm counts: neither over nor shelved. */
bool station_alarm_counts(const struct view_alarm *alarm);

/* Asks for what is to be shown and no more: of a site that is not on the screen a summary; over SSH
 * no figures of the buses but for their page, and changes each few seconds while no car charges.
 * What begins or ends, the agent tells at once in any case. */
void station_want(struct station *s, struct mono now, bool shown, bool buses);

/* Asks for the money of today, when due: it comes of its own question, so that a site that nobody
 * looks at sends none of it. */
void station_ask_money(struct station *s, struct mono now);

/* What was charged today, fen; VALUE_NONE = not known. */
int64_t station_money(const struct station *s);

/* Lets the feed work and follows the command. */
void station_run(struct station *s, struct mono now);

#endif
