#include "emit.h"

#include <stdarg.h>
#include <stdio.h>

bool core_room(struct core *c, size_t n)
{
	if (c->out->cap - c->out->count >= n) {
		return true;
	}
	c->out->overflow = true;
	return false;
}

struct action *core_emit(struct core *c, enum action_kind kind)
{
	struct action *a;

	if (c->out->count >= c->out->cap) {
		/* Callers ask for room first; this only keeps a mistake inside the list. */
		c->out->overflow = true;
		c->out->count--;
	}
	a = &c->out->v[c->out->count++];
	a->kind = kind;
	return a;
}

void core_log(struct core *c, enum log_level level, const char *format, ...)
{
	struct action *a;
	va_list args;

	if (c->out->cap - c->out->count < GUN_ROOM / 2) {
		c->site->h.lost_logs++;
		return;
	}
	a = core_emit(c, ACT_LOG);
	a->log.level = level;
	va_start(args, format);
	vsnprintf(a->log.text, sizeof a->log.text, format, args);
	va_end(args);
}

void core_text(char *dst, size_t size, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(dst, size, format, args);
	va_end(args);
	if (n >= 0 && (size_t)n < size) {
		memset(dst + n, 0, size - (size_t)n);
	}
}

static void poll(struct core *c, enum target_kind kind, uint16_t index, bool all)
{
	struct action *a;

	if (c->out->cap - c->out->count < GUN_ROOM / 2) {
		return;
	}
	a = core_emit(c, ACT_POLL);
	a->poll.target = (struct target){(uint16_t)kind, index};
	a->poll.all = all;
}

void core_poll(struct core *c, enum target_kind kind, uint16_t index)
{
	poll(c, kind, index, false);
}

void core_poll_all(struct core *c, enum target_kind kind, uint16_t index)
{
	poll(c, kind, index, true);
}
