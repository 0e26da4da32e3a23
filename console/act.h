#ifndef PILETOP_ACT_H
#define PILETOP_ACT_H
/* Actions and their keys, from one list: act.def. */
#include <stddef.h>
#include <stdint.h>

#include "err.h"

enum act_group { GROUP_MOVE, GROUP_PAGE, GROUP_TABLE, GROUP_COMMAND, GROUP_PROGRAM, GROUP_COUNT_ };

enum act {
#define ACT(sym, key, other, group, help) ACT_##sym,
#include "act.def"
#undef ACT
	ACT_COUNT_
};

struct act_info {
	const char *key, *other;
	enum act_group group;
	const char *help; /* message id */
};

const struct act_info *act_info(enum act act);

/* The action of a key; ACT_COUNT_ for a key without one. */
enum act act_of_key(uint32_t key);

/* Title of a group, a message id. */
const char *act_group_title(enum act_group group);

#endif
