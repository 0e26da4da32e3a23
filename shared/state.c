#include "state.h"

#include <string.h>

static const struct state_info states[GUN_COUNT_] = {
#define STATE(sym, token, cec, glyph, label) {token, cec, glyph, label},
#include "state.def"
#undef STATE
};

const struct state_info *state_info(enum gun_state s)
{
	return (unsigned)s < GUN_COUNT_ ? &states[s] : &states[GUN_UNKNOWN];
}

int state_find(const char *token, enum gun_state *s)
{
	for (int i = 0; i < GUN_COUNT_; i++) {
		if (strcmp(states[i].token, token) == 0) {
			*s = (enum gun_state)i;
			return 0;
		}
	}
	return ERR_NOTFOUND;
}
