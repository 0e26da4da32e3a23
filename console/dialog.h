#ifndef PILETOP_DIALOG_H
#define PILETOP_DIALOG_H
/*
 * Dialogs as states of the console, not loops: a line of input, then where a command is meant, a
 * question that names the object and the effect. The site goes on living behind it.
 */
#include "act.h"
#include "canvas.h"
#include "glyph.h"
#include "task.h"

struct app;
struct station;
struct view_trial;
struct view_alarm;

enum dialog_kind {
	DIALOG_NONE,
	DIALOG_FILTER,  /* input at the foot, applied while typed */
	DIALOG_INPUT,   /* the value or the reason of a command */
	DIALOG_CONFIRM, /* y or not */
	DIALOG_TASK,    /* something with money: task.h */
	DIALOG_LINK,    /* what a link wants to know */
	DIALOG_MANY,    /* the same for several sites: what, why, y or not */
	DIALOG_NAME,    /* the name of a production site, typed */
	DIALOG_SITE,    /* a command for the whole site */
	DIALOG_TARIFF,  /* prices: a file, or another price from a date on */
	DIALOG_CLOSING, /* of a day, month or year of money */
	DIALOG_SHELVE   /* how long an alarm is put aside, and why */
};

/* The steps of DIALOG_SITE. */
enum site_step { SITE_CHOICE, SITE_VALUE, SITE_REASON, SITE_TRIAL, SITE_NAME };

struct dialog {
	enum dialog_kind kind;
	const char *verb; /* of verb.def */
	char gun[24];
	char alarm[64];
	char input[64];
	char complaint[96]; /* what is wrong with the input, translated */
	int64_t value;      /* VALUE_NONE = the verb takes none */
	char reason[64];
	int step;                /* of DIALOG_MANY */
	int64_t for_ms;          /* how long its limit holds */
	bool many;               /* the names are those of the chosen sites */
	struct station *station; /* whose link asks, or what is meant; not with `many` */
	const char *what;        /* that is to be done, translated, while names are typed */
	void (*then)(struct app *app, struct station *s); /* does it, for each station */
	uint32_t serial;                                  /* of its question */
	char secret[256];                                 /* the answer, wiped behind it */
	struct {
		enum site_step step;
		size_t choice;
		int64_t within_ms; /* undone after this unless confirmed; 0 = never */
	} site;
	struct {
		char span[12], path[160];
	} closing;
	struct task task;
};

void dialog_filter(struct app *app);
/* Asks for what the verb needs, then for confirmation. */
void dialog_command(struct app *app, const char *verb, const char *gun);

/* Asks for what a command at several sites needs: "stop" or "limit". */
void dialog_many(struct app *app, const char *verb);

/* ACT_ACK acknowledges or resets an alarm, ACT_SHELVE asks for how long it is put aside and why, or
 * takes it back. */
void dialog_alarm(struct app *app, struct station *s, const struct view_alarm *alarm, enum act act);
/* Takes the agent's answer, when it came. */
void dialog_alarm_verdict(struct app *app, struct station *s);

/* Asks what the links want to know, one after another; ends a question that is no more. */
void dialog_links(struct app *app);

/* Asks for a command for the whole site. */
void dialog_site(struct app *app);

/* Asks for a tariff file, or (`edit`) for a price of the version in force that is another from a
 * date on; shows what it would do, and takes it in. */
void dialog_tariff(struct app *app, bool edit);
/* Takes the agent's answers, when they came. */
void dialog_tariff_run(struct app *app);

/* Shows what customers' money did in a day, month or year, and writes it to a file. */
void dialog_closing(struct app *app, const char *span);

/* What waits to be confirmed next, NULL = nothing; in a line, false = nothing. */
const struct view_trial *dialog_trial(const struct app *app);
bool dialog_trial_text(const struct app *app, char *dst, size_t size);
/* Confirms it. */
void dialog_confirm_trial(struct app *app);

void dialog_key(struct app *app, uint32_t key);
void dialog_draw(struct app *app);

/* ---- Among the files of the dialogs ---- */

/* An empty box in the middle of the screen. */
struct area dialog_box(struct app *app, int height, const char *title);

/* The user has said yes: where dialog.station, or one of `many`, is a production site, its name is
 * asked for; then `then` is called for each, and the dialog ends. `what` names it meanwhile. */
void dialog_named(
	struct app *app, const char *what, void (*then)(struct app *app, struct station *s));
/* The same for the command of the dialog. */
void dialog_confirmed(struct app *app);

void dialog_name_key(struct app *app, uint32_t key);
void dialog_name_draw(struct app *app);
void dialog_many_key(struct app *app, uint32_t key);
void dialog_many_draw(struct app *app);
void dialog_site_key(struct app *app, uint32_t key);
void dialog_site_draw(struct app *app);
void dialog_closing_key(struct app *app, uint32_t key);
void dialog_closing_draw(struct app *app);
void dialog_tariff_key(struct app *app, uint32_t key);
void dialog_tariff_draw(struct app *app);
void dialog_shelve_key(struct app *app, uint32_t key);
void dialog_shelve_draw(struct app *app);
void dialog_link_key(struct app *app, uint32_t key);
void dialog_link_draw(struct app *app);

#endif
