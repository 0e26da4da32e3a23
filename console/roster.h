#ifndef PILETOP_ROSTER_H
#define PILETOP_ROSTER_H
/* Which sites the console shows: from the words of the command line. */
#include "station.h"

/* Each word is an address ("user@host", "ssh://user@host:port", a host that ~/.ssh/config knows, a
 * socket's path with a "/"). Without a word the one site is that at `socket`. The list is the
 * caller's (free). On failure one line on stderr, and ERR_*. */
int roster_read(char *const *words, size_t count, const char *socket, struct station_cfg **out,
	size_t *out_count);

#endif
