#ifndef PILED_LIFE_H
#define PILED_LIFE_H
/*
 * The life of an alarm after ISA-18.2, as a pure total function: any event is taken in any state,
 * and one that means nothing there changes nothing.
 *
 *   NORMAL    nothing
 *   UNACK     the condition is there, nobody has said that they know
 *   ACKED     it is there, somebody knows
 *   RETURNED  it is gone before anybody acknowledged it
 *   LATCHED   the same of a latching alarm: to be acknowledged, then reset
 *   HELD      a latching alarm that is gone and acknowledged: to be reset
 *   SHELVED   put aside by a person for a time; the condition is there
 *   SHELVED_IDLE  the same, gone
 *   FOLDED    under the alarm of what it hangs on, which says all there is to say
 *   OUT       suppressed: a person took what it is of out of service
 */
#include <stdbool.h>

enum alarm_state {
#define ALARMSTATE(sym, token, raised, label) ALARM_##sym,
#include "alarmstate.def"
#undef ALARMSTATE
	ALARM_STATES_
};

enum life_event {
	LIFE_RAISE, /* the condition has lasted for its delay */
	LIFE_CLEAR, /* it has been gone for its delay */
	LIFE_ACK,
	LIFE_RESET,
	LIFE_SHELVE,
	LIFE_UNSHELVE, /* by a person, or the time is over */
	LIFE_FOLD,
	LIFE_UNFOLD,
	LIFE_OUT, /* what it is of is out of service */
	LIFE_IN,
	LIFE_EVENTS_
};

enum alarm_state life_next(enum alarm_state state, enum life_event event, bool latching);

/* The condition counts as present. */
bool life_raised(enum alarm_state state);

const char *life_token(enum alarm_state state);
/* ERR_NOTFOUND. */
int life_find(const char *token, enum alarm_state *out);

#endif
