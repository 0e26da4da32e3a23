/* A paid charge, without power: nothing that was not synced is there. */
#include "crash_vfs.h"

#define LOSS  CRASH_LOSES
#define EVERY "PILED_POWER_EVERY"
#include "crash_life.h"
