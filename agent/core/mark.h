#ifndef PILED_MARK_H
#define PILED_MARK_H
/*
 * Marks: the register of a session at each local half hour, whatever the tariff, so that a past
 * session can be billed and checked under any.
 *
 * The register at a boundary is the first believed reading at or after it. Where that came within
 * max(10 s, 3 polls) it has the reading's own quality; later, it is computed: linear in time
 * between the last believed reading before the boundary and the first after it, and marked
 * `substitute`. At the boundary a reading is asked for at once.
 *
 * Marks of a session are strictly increasing in time and never fall. They wait while it is not
 * known whether the session goes on (silence, a restart, a counter that fell): if it does not,
 * they are computed up to its end register. A boundary at which the session ends has no mark.
 * A clock that jumps sets no marks for the time that it left out; the session is flagged `clock`.
 */
#include "emit.h"

/* The session's start register is set, or was set anew before any mark was. */
void mark_begin(struct core *c, uint16_t gun);

/* Takes the newest believed reading while the session is open; asks for one at a boundary. */
void mark_step(struct core *c, uint16_t gun);

/* Gives the marks up to the session's end register, a few at a time: true when all are given. */
bool mark_finish(struct core *c, uint16_t gun);

/* The wall clock jumped while the session was open. */
void mark_clock(struct core *c, uint16_t gun);

/* A session was resumed, with the register as it was kept last. */
void mark_session_resumed(struct core *c, uint16_t gun);

/* Takes a mark of a session that was resumed before, and its order; in order of time. */
bool mark_resume(struct core *c, const struct view_mark *view);

#endif
