#ifndef PILETOP_SSH_ADDRESS_H
#define PILETOP_SSH_ADDRESS_H
/* Where a site's sshd is, as the user writes it. */
#include "err.h"

struct ssh_address {
	char user[64]; /* "" = as ~/.ssh/config says, else the local user */
	char host[128];
	int port; /* 0 = as ~/.ssh/config says, else 22 */
};

/* Reads "[user@]host", "ssh://[user@]host[:port]" or either with an IPv6 address in brackets.
 * ERR_SYNTAX: neither, or something that a program might take for an option. */
int ssh_address_read(const char *text, struct ssh_address *out);

#endif
