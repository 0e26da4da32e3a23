#ifndef PILED_NOTICE_H
#define PILED_NOTICE_H
/* Messages to customers: what they are about, and their words. Pure. */
#include <stdbool.h>
#include <stddef.h>

#include "view.h"

enum notice {
#define NOTICE(sym, token, label, hours, optional) NOTICE_##sym,
#include "notice.def"
#undef NOTICE
	NOTICE_COUNT_
};

struct notice_info {
	const char *token; /* wire name */
	const char *label; /* message id */
	int64_t life_ms;   /* later than this nobody is told any more */
	bool optional;     /* a customer may do without */
};

const struct notice_info *notice_info(enum notice kind);
/* By its wire name; NOTICE_WORDS' where it is none. */
const struct notice_info *notice_find(const char *token);

/* One line in the language in use: what an operator wrote, or what the kind and the figures of the
 * message say. */
void notice_text(char *dst, size_t size, const struct view_message *message);

#endif
