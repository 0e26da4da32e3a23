#ifndef PILED_WHO_H
#define PILED_WHO_H
/*
 * Who may do what: the configuration's groups and accounts as the kernel numbers them. Names are
 * resolved once, when the configuration is read (a name service may be slow or gone); afterwards
 * only the local /etc/passwd is looked into, for the name of a person.
 */
#include <sys/types.h>

#include "config/config.h"

struct who;

/* Resolves the names. What the configuration names and this machine does not know is logged, and
 * gives nobody a role. ERR_NOMEM. */
int who_new(const struct config *config, struct who **out);
void who_free(struct who *who);

/* The roles of one with this uid and these groups. Root and the agent's own user: admin. */
role_set who_roles(const struct who *who, uid_t uid, const gid_t *groups, size_t count);

/* The person's name, "uid 1234" where nobody knows it. */
void who_name(const struct who *who, uid_t uid, char *dst, size_t size);

/* Is this an account that people share (attach_as), so that `piled attach --as` may say who it
 * is? An account with a shell is none, whatever the configuration says: its users could claim to be
 * anybody. */
bool who_shared(const struct who *who, uid_t uid);

/* The group that gives a role, for a refusal that says how to get it. */
const char *who_group(const struct who *who, enum role role);

#endif
