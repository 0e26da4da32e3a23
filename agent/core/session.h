#ifndef PILED_SESSION_H
#define PILED_SESSION_H
/*
 * Sessions: opened and closed by evidence.
 *
 * A session opens when the gun is charging, or when its register moved by more than the slack of
 * energy.h without any session (what flowed while nobody looked). Its start register is the last
 * good reading from before energy flowed: a register stands still while a gun does not charge, so
 * that value is exact, whenever it was read.
 *
 * It ends when the gun is finished or idle, when the device counts another session (session_no,
 * plug_no, or session_wh that fell for another reason than a reboot), or when a fault lasts longer
 * than FAULT_END_US. Suspended and offline do not end it. Its end register is the first good
 * reading at or after the end of energy flow; the session stays `ending` until that has come. No
 * new session opens before, so that a session never starts below the end of the one before.
 *
 * A car that was changed between two polls: told apart at any gap where the device counts plugs or
 * sessions or gives session_wh; else only when one poll of its state (gun_cfg.poll_us) fell into
 * the gap. Both sessions get the same boundary register: register - session_wh where the device
 * gives it, else the first reading after the change. Both are flagged.
 *
 * After silence of the device or a restart of ours the next evidence decides whether the same
 * session goes on: session_no, plug_no, and register - session_wh against the start register.
 */
#include "emit.h"

#define FAULT_END_US (60 * US_PER_S)
/* A session that was opened by its register alone ends when it stood still for so long. */
#define REST_US (60 * US_PER_S)

/* Takes the device's counters: tells that the car or the session was changed. */
void session_counters(struct core *c, uint16_t gun, uint16_t fresh);

/* The gun's state changed. */
void session_state(struct core *c, uint16_t gun, enum gun_state old, enum gun_state new);

/* Opens, ends and closes sessions and visits by all that is known now. */
void session_step(struct core *c, uint16_t gun, uint16_t fresh);

/* Gives out the records that changed. */
void session_flush(struct core *c, uint16_t gun);

/* The wall clock jumped or lost its source: what is open says so. */
void session_clock(struct core *c, uint16_t gun, bool jumped);

void session_view(
	const struct site *site, uint16_t gun, struct moment now, struct view_session *out);
bool session_resume(struct core *c, const struct view_session *view);

#endif
