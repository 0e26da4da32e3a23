#ifndef PILETOP_TASK_H
#define PILETOP_TASK_H
/*
 * Tasks with money: what a cashier asks of the agent, as a form of some fields, then a question
 * that names object and effect. Each has an id of its own, so that it is never done twice.
 */
#include <stdint.h>

#include "wire.h"

struct app;

enum task_kind {
	TASK_TOPUP,
	TASK_WITHDRAW,
	TASK_FREEZE,
	TASK_UNFREEZE,
	TASK_OPEN,
	TASK_CARD,
	TASK_CHARGE,
	TASK_REFUND,
	TASK_POST,
	TASK_VOID,
	TASK_GIVE_BACK, /* an odd charge's bill */
	TASK_NOTE,
	TASK_COUNT_
};

#define TASK_FIELDS 3
#define TASK_TEXT   200

/* A form under way; part of the dialog. */
struct task {
	enum task_kind kind;
	char subject[40]; /* account, gun, or the number of a bill or entry */
	char about[96];   /* what people call it, translated where it has words */
	char id[40];      /* makes a retry harmless */
	int field;        /* that is typed; past the last one: the question */
	char text[TASK_FIELDS][TASK_TEXT];
};

/* Opens the form. Refused with a notice where commands are forbidden. */
void task_open(struct app *app, enum task_kind kind, const char *subject, const char *about);

void task_key(struct app *app, uint32_t key);
void task_draw(struct app *app);

/* Takes the agent's answer, when it came: a notice says what became of it. */
void task_run(struct app *app);

#endif
