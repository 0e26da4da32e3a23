#ifndef PILED_MAIL_H
#define PILED_MAIL_H
/* A message as mail: headers and body, as a program of sendmail's interface takes it. Pure. */
#include <stddef.h>

#include "view.h"

/* Room that a mail may need: each byte of the subject takes up to four. */
#define MAIL_MAX 4096

/* Writes the mail; `from` "" leaves the sender to the mail system; `site` makes ids its own. The
 * Message-ID is made of the message's id: it stays the same however often it is sent. Returns the
 * bytes written. */
size_t mail_compose(const struct view_outbox *message, const char *from, const char *site,
	char *dst, size_t size);

#endif
