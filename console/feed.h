#ifndef PILETOP_FEED_H
#define PILETOP_FEED_H
/*
 * The conversation with one agent: connects, subscribes, feeds the model, asks and takes the
 * answers, and when the agent goes away tries again with a growing pause. Never blocks and never
 * gives up; all that it holds is bounded.
 */
#include "intake.h"
#include "link.h"
#include "model.h"
#include "quote.h"
#include "wire.h"

struct cJSON;

enum feed_state {
	FEED_DOWN,
	FEED_CONNECTING, /* the link is not ready yet */
	FEED_GREETING,
	FEED_UP
};

/* What a reply is for; one of each may be under way. */
enum ask {
	ASK_SUBSCRIBE,
	ASK_GUN,
	ASK_LOAD,  /* curve of the transformer */
	ASK_POWER, /* curves of one gun */
	ASK_SOC,
	ASK_ALARMS,
	ASK_SESSIONS,
	ASK_COMMANDS,
	ASK_DECISIONS, /* of one gun */
	ASK_NOTES,     /* on one gun */
	ASK_ORDERS,    /* of charges at one gun */
	ASK_ACCOUNTS,
	ASK_STATEMENT, /* of one account */
	ASK_BILLS,
	ASK_BILL, /* one with its lines */
	ASK_ABNORMAL,
	ASK_TASK,  /* what a cashier does */
	ASK_FATE,  /* what became of that, where its answer was lost */
	ASK_QUOTE, /* what that would cost */
	ASK_HOME,
	ASK_REPORT,
	ASK_FINANCE,
	ASK_HEAD,   /* the signed end of a day */
	ASK_TARIFF, /* in force, with the prices of today */
	ASK_TARIFFS,
	ASK_TARIFF_TEXT, /* of one version */
	ASK_INTAKE,      /* of a tariff, or what it would do */
	ASK_AUDIT,
	ASK_PREVIEW,
	ASK_CONFIRM,
	ASK_DO,
	ASK_LIMIT,   /* of a whole site */
	ASK_ALARM,   /* what a person does with one */
	ASK_COMMAND, /* what became of a command whose answer was lost */
	ASK_COUNT_
};

/* The answer to the last `do` or `limit_add`. */
struct verdict {
	bool fresh;        /* set when it came; the reader clears it */
	char id[40];       /* of the command, "" when refused */
	char error[24];    /* wire token, "" = taken */
	char message[128]; /* the agent's words */
	char role[16];     /* the role it needs, when denied */
};

/* What became of a task whose answer was lost. */
struct fate_answer {
	bool fresh;     /* set when it came; the reader clears it */
	char state[12]; /* "" = the agent cannot say */
	char error[24], message[128];
};

struct feed {
	struct link link;
	const char *address; /* borrowed */
	struct model *model; /* borrowed */
	enum feed_state state;
	char trouble[96]; /* why it is down, message id */
	char detail[200]; /* what system or host say of it, "" = nothing */
	bool stopped;     /* no use in trying again until feed_retry() */
	bool lost;        /* the reply to ASK_COMMAND: the agent never heard of it */
	bool found;       /* the same: it has it */
	char stage[48];   /* while connecting: what is being done, message id */
	struct mono next_try, opened, heard; /* opened: since when connecting or greeting */
	int64_t pause_us;
	const char *views; /* subscribed to, borrowed; NULL = all */
	int64_t period_ms;
	struct framer framer;
	char *out; /* FEED_OUT_MAX bytes; owned */
	size_t out_len;
	int64_t serial;
	struct {
		int64_t id; /* 0 = none under way */
		struct mono at;
		char about[24];
	} asked[ASK_COUNT_];
	struct verdict verdict, alarm_verdict, task_verdict, intake_verdict, finance_verdict;
	struct intake intake; /* what the agent said of a tariff */
	struct quote quote;   /* of a charge or reservation */
	struct fate_answer fate;
	struct mono quote_at; /* when that came */
	struct mono now;      /* of the call in course */
	bool changed;         /* something to draw; the reader clears it */
	bool synced;          /* a snapshot was completed; the reader clears it */
};

int feed_init(struct feed *f, const struct link_ops *ops, const char *address, struct model *model);

/* Subscribes to these views (NULL = all) from now on. `views` is borrowed. */
void feed_want(struct feed *f, const char *views, int64_t period_ms);

/* Tries again at once. */
void feed_retry(struct feed *f);

/* Whether the agent has said nothing for longer than it ever should: what is known is old. */
bool feed_silent(const struct feed *f, struct mono now);
void feed_free(struct feed *f);

/* For poll(): the descriptor (-1 while down) and the events to wait for. */
int feed_fd(const struct feed *f);
short feed_events(const struct feed *f);

/* Reads and writes what there is, keeps the deadlines; call after every poll(). */
void feed_run(struct feed *f, struct mono now);

/* When feed_run() wants to be called at the latest. */
struct mono feed_deadline(const struct feed *f);

/* Sends a request. `params` is taken over in any case. `about` says what the reply is for (a gun's
 * id) and may be NULL. ERR_CLOSED while down, ERR_BUSY while one of this kind is under way,
 * ERR_FULL. */
int feed_ask(
	struct feed *f, enum ask ask, enum method method, struct cJSON *params, const char *about);

#endif
