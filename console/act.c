#include "act.h"

#include "keys.h"

static const struct act_info acts[ACT_COUNT_] = {
#define ACT(sym, key, other, group, help) {key, other, GROUP_##group, help},
#include "act.def"
#undef ACT
};

const struct act_info *act_info(enum act act)
{
	return &acts[act];
}

enum act act_of_key(uint32_t key)
{
	for (int i = 0; i < ACT_COUNT_; i++) {
		uint32_t code;

		if ((keys_find(acts[i].key, &code) == 0 && code == key) ||
			(keys_find(acts[i].other, &code) == 0 && code == key)) {
			return (enum act)i;
		}
	}
	return ACT_COUNT_;
}

const char *act_group_title(enum act_group group)
{
	static const char *const titles[GROUP_COUNT_] = {[GROUP_MOVE] = N_("Moving"),
		[GROUP_PAGE] = N_("Pages"),
		[GROUP_TABLE] = N_("Tables"),
		[GROUP_COMMAND] = N_("Commands"),
		[GROUP_PROGRAM] = N_("Program")};

	return titles[group];
}
