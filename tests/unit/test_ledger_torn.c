/* A paid charge, without power: of what was not synced some is there, the last write torn. */
#include "crash_vfs.h"

#define LOSS  CRASH_TEARS
#define EVERY "PILED_POWER_EVERY"
#include "crash_life.h"
