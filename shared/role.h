#ifndef PILED_ROLE_H
#define PILED_ROLE_H
/*
 * Roles: who may call what. A person has a set of roles, one for each group of theirs; a method
 * needs one role (method.def). Which role includes which is in role.def.
 */
#include <stdbool.h>
#include <stddef.h>

#include "err.h"

enum role {
	ROLE_NOBODY, /* everybody: no role is needed */
#define ROLE(sym, name, may, help) ROLE_##sym,
#include "role.def"
#undef ROLE
	ROLE_COUNT_
};

/* Several roles: ROLE_BIT of each; 0 is nobody. */
typedef unsigned role_set;
#define ROLE_BIT(role) (1U << (role))

/* "operator+cashier", the longest text of a set, fits. */
#define ROLE_TEXT 40

const char *role_name(enum role role);
const char *role_help(enum role role); /* message id */

/* May one with these roles do what needs `need`? The only place where roles are compared. */
bool role_may(role_set have, enum role need);

/* The set as people read it: "admin", "operator+cashier"; what another role of the set includes is
 * left out; "nobody" of none. */
void role_text(role_set have, char *dst, size_t size);

/* Reads what role_text() wrote; an unknown word gives no role. */
role_set role_read(const char *text);

#endif
