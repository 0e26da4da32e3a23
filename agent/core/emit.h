#ifndef PILED_EMIT_H
#define PILED_EMIT_H
/* The list of actions: room, log lines, polls and records. */
#include "core.h"

/* True when at least `n` more actions fit; else the list is marked as overflowed. */
bool core_room(struct core *c, size_t n);

/* Appends an action and returns it to be filled. There must be room. */
struct action *core_emit(struct core *c, enum action_kind kind);

/* One line for the log, "subject: what". Left out and counted when the list is nearly full. */
void core_log(struct core *c, enum log_level level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Formats into an array, cut at its end; what follows the text is cleared, so that equal states
 * have equal bytes. */
void core_text(char *dst, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Asks for a reading of a device soon. */
void core_poll(struct core *c, enum target_kind kind, uint16_t index);
/* The same for all of it, also what is read slowly. */
void core_poll_all(struct core *c, enum target_kind kind, uint16_t index);

#endif
