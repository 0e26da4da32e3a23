#ifndef PILED_STATE_H
#define PILED_STATE_H
/* Gun states: the house's names and their T/CEC 102 codes. See state.def. */
#include "err.h"

enum gun_state {
#define STATE(sym, token, cec, glyph, label) GUN_##sym,
#include "state.def"
#undef STATE
	GUN_COUNT_
};

struct state_info {
	const char *token; /* wire name */
	int cec;           /* T/CEC 102 ConnectorStatusInfo.Status */
	const char *glyph; /* one ASCII character */
	const char *label; /* message id */
};

/* The row of a state; GUN_UNKNOWN's for a number that is none. */
const struct state_info *state_info(enum gun_state s);

/* Finds a state by its wire name; ERR_NOTFOUND. */
int state_find(const char *token, enum gun_state *s);

#endif
