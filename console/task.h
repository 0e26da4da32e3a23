#ifndef PILETOP_TASK_H
#define PILETOP_TASK_H
/*
 * Tasks with money: what a cashier asks of the agent, as a form of some fields, then a question
 * that names object and effect. Each has an id of its own, so that it is never done twice.
 */
#include <stdint.h>

#include "canvas.h"
#include "timex.h"
#include "wire.h"

struct app;
struct station;

enum task_kind {
	TASK_TOPUP,
	TASK_WITHDRAW,
	TASK_FREEZE,
	TASK_UNFREEZE,
	TASK_OPEN,
	TASK_CARD,
	TASK_CHARGE,
	TASK_RESERVE,
	TASK_UNRESERVE,
	TASK_REFUND,
	TASK_POST,
	TASK_VOID,
	TASK_GIVE_BACK, /* an odd charge's bill */
	TASK_NOTE,
	TASK_RATE,         /* a bill */
	TASK_RATE_SESSION, /* the bill of a session */
	TASK_COUNT_
};

#define TASK_FIELDS 3
#define TASK_TEXT   200

/* A form under way; part of the dialog. */
struct task {
	enum task_kind kind;
	char subject[40]; /* account, gun, reservation, or the number of a bill or entry */
	char about[96];   /* what people call it, translated where it has words */
	char gun[20];     /* that a quote is asked for; "" = none is */
	char id[40];      /* makes a retry harmless */
	int field;        /* that is typed; past the last one: the question */
	char text[TASK_FIELDS][TASK_TEXT];
	int64_t from_ms, until_ms; /* of a reservation, as typed; VALUE_NONE = not yet, or now */
	char terms[2 * TASK_TEXT]; /* what a quote depends on; task_quote.c */
	uint32_t form;             /* another number with other terms: a quote is for one of them */
	struct mono changed;       /* since when they are */
};

/* Opens the form. Refused with a notice where commands are forbidden, or the role does not do. */
void task_open(struct app *app, enum task_kind kind, const char *subject, const char *about);

/* Holds the gun for an account, or (`cancel`) gives its reservation up. */
struct view_gun;
void task_reserve(struct app *app, const struct view_gun *gun, bool cancel);

void task_key(struct app *app, uint32_t key);
void task_draw(struct app *app);

/* Follows what was asked of a site: a notice says what became of it. */
void task_run(struct app *app, struct station *s);

/* ---- Among the files of the tasks ---- */

/* The limit and account as typed so far, for a quote or the charge itself. */
struct cJSON;
void task_add_limit(const struct task *t, struct cJSON *params);

/* task_quote.c: asks for a quote of the form as it stands, when due; draws it into QUOTE_ROWS. */
#define QUOTE_ROWS 5
void task_quote_changed(struct app *app); /* a field was typed or left */
void task_quote_run(struct app *app);
void task_quote_draw(struct app *app, struct area a);

#endif
