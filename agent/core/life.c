#include "life.h"

#include <stdint.h>
#include <string.h>

#include "err.h"

static const struct {
	const char *token;
	bool raised;
} states[ALARM_STATES_] = {
#define ALARMSTATE(sym, token, raised, label) {token, raised},
#include "alarmstate.def"
#undef ALARMSTATE
};

/* What the state becomes, + 1; 0 where the event means nothing in it. */
#define ON(event, next) [LIFE_##event] = ALARM_##next + 1
static const uint8_t table[ALARM_STATES_][LIFE_EVENTS_] = {
	[ALARM_NORMAL] = {ON(RAISE, UNACK)},
	[ALARM_UNACK] = {ON(CLEAR, RETURNED), ON(ACK, ACKED), ON(SHELVE, SHELVED), ON(FOLD, FOLDED),
		ON(OUT, OUT)},
	[ALARM_ACKED] = {ON(CLEAR, NORMAL), ON(SHELVE, SHELVED), ON(FOLD, FOLDED), ON(OUT, OUT)},
	[ALARM_OUT] = {ON(CLEAR, NORMAL), ON(IN, UNACK)},
	[ALARM_RETURNED] = {ON(RAISE, UNACK), ON(ACK, NORMAL), ON(SHELVE, SHELVED_IDLE)},
	[ALARM_LATCHED] = {ON(RAISE, UNACK), ON(ACK, HELD)},
	[ALARM_HELD] = {ON(RAISE, UNACK), ON(RESET, NORMAL)},
	[ALARM_SHELVED] = {ON(CLEAR, SHELVED_IDLE), ON(UNSHELVE, UNACK)},
	[ALARM_SHELVED_IDLE] = {ON(RAISE, SHELVED), ON(UNSHELVE, NORMAL)},
	[ALARM_FOLDED] = {ON(CLEAR, NORMAL), ON(SHELVE, SHELVED), ON(UNFOLD, UNACK)},
};
#undef ON

/* A latching alarm never goes by itself: what it would become instead. */
static enum alarm_state latch(enum alarm_state state, enum alarm_state next)
{
	if (next == ALARM_RETURNED) {
		return ALARM_LATCHED;
	}
	if (next == ALARM_NORMAL && state == ALARM_ACKED) {
		return ALARM_HELD;
	}
	if (next == ALARM_NORMAL &&
		(state == ALARM_FOLDED || state == ALARM_SHELVED_IDLE || state == ALARM_OUT)) {
		return ALARM_LATCHED;
	}
	return next;
}

enum alarm_state life_next(enum alarm_state state, enum life_event event, bool latching)
{
	enum alarm_state next =
		table[state][event] == 0 ? state : (enum alarm_state)(table[state][event] - 1);

	return latching ? latch(state, next) : next;
}

bool life_raised(enum alarm_state state)
{
	return states[state].raised;
}

const char *life_token(enum alarm_state state)
{
	return states[state].token;
}

int life_find(const char *token, enum alarm_state *out)
{
	for (int i = 0; i < ALARM_STATES_; i++) {
		if (strcmp(states[i].token, token) == 0) {
			*out = (enum alarm_state)i;
			return 0;
		}
	}
	return ERR_NOTFOUND;
}
