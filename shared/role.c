#include "role.h"

#include <string.h>

#include "text.h"

#define R(sym) ROLE_BIT(ROLE_##sym)
static const struct {
	const char *name;
	role_set may;
	const char *help;
} roles[ROLE_COUNT_] = {
	{"nobody", 0, N_("may ask for the version, nothing else")},
#define ROLE(sym, name, may, help) {name, R(sym) | (may), help},
#include "role.def"
#undef ROLE
};
#undef R

const char *role_name(enum role role)
{
	return (unsigned)role < ROLE_COUNT_ ? roles[role].name : roles[ROLE_NOBODY].name;
}

const char *role_help(enum role role)
{
	return (unsigned)role < ROLE_COUNT_ ? roles[role].help : "";
}

bool role_may(role_set have, enum role need)
{
	if (need == ROLE_NOBODY) {
		return true;
	}
	for (int i = ROLE_VIEWER; i < ROLE_COUNT_; i++) {
		if ((have & ROLE_BIT(i)) != 0 && (roles[i].may & ROLE_BIT(need)) != 0) {
			return true;
		}
	}
	return false;
}

/* Does another role of the set include this one? */
static bool included(role_set have, int role)
{
	return role_may(have & ~ROLE_BIT(role), (enum role)role);
}

void role_text(role_set have, char *dst, size_t size)
{
	size_t used = 0;

	dst[0] = '\0';
	for (int i = ROLE_VIEWER; i < ROLE_COUNT_; i++) {
		if ((have & ROLE_BIT(i)) != 0 && !included(have, i)) {
			text_append(dst, size, &used, "%s%s", used > 0 ? "+" : "", roles[i].name);
		}
	}
	if (used == 0) {
		text_append(dst, size, &used, "%s", roles[ROLE_NOBODY].name);
	}
}

role_set role_read(const char *text)
{
	role_set set = 0;

	while (*text != '\0') {
		size_t length = strcspn(text, "+");

		for (int i = ROLE_VIEWER; i < ROLE_COUNT_; i++) {
			if (strlen(roles[i].name) == length &&
				strncmp(text, roles[i].name, length) == 0) {
				set |= ROLE_BIT(i);
			}
		}
		text += length + (text[length] == '+');
	}
	return set;
}
