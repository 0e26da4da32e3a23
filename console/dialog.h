#ifndef PILETOP_DIALOG_H
#define PILETOP_DIALOG_H
/*
 * Dialogs as states of the console, not loops: a line of input, then where a command is meant, a
 * question that names the object and the effect. The site goes on living behind it.
 */
#include "canvas.h"
#include "glyph.h"

struct app;

enum dialog_kind {
	DIALOG_NONE,
	DIALOG_FILTER, /* input at the foot, applied while typed */
	DIALOG_INPUT,  /* the value or the reason of a command */
	DIALOG_CONFIRM /* y or not */
};

struct dialog {
	enum dialog_kind kind;
	const char *verb; /* of verb.def */
	char gun[24];
	char input[64];
	char complaint[96]; /* what is wrong with the input, translated */
	int64_t value;      /* VALUE_NONE = the verb takes none */
	char reason[64];
};

void dialog_filter(struct app *app);
/* Asks for what the verb needs, then for confirmation. */
void dialog_command(struct app *app, const char *verb, const char *gun);

void dialog_key(struct app *app, uint32_t key);
void dialog_draw(struct app *app);

#endif
