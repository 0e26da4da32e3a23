#ifndef PILETOP_ROSTER_H
#define PILETOP_ROSTER_H
/*
 * Which sites the console shows: the words of the command line, and what sites.conf says of them.
 *
 *	sites:
 *	  east: {address: ops@site-7, group: north, tags: [dc, night], production: yes}
 *	  lab: {address: /run/piled/piled.sock}
 */
#include "station.h"

/* The most that are shown at once. */
#define ROSTER_MAX 400

struct roster {
	struct station_cfg *list; /* owned */
	size_t count;
};

/* Each word is a name, group or tag of sites.conf, "all" for all of them, else an address:
 * "user@host", "ssh://user@host:port", a host that ~/.ssh/config knows, a socket's path with a "/".
 * `conf` NULL: that of the user, which need not exist. Without a word the one site is that at
 * `socket`. On failure each error is a line on stderr. ERR_*. */
int roster_read(
	char *const *words, size_t count, const char *socket, const char *conf, struct roster *out);
void roster_free(struct roster *roster);

/* The keys of sites.conf, for the check of its manual: the i-th map and its name; NULL past the
 * last. */
const char *const *roster_schema(size_t i, const char **name);

#endif
