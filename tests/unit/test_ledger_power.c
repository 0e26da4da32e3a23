/* A paid charge, without power: nothing that was not synced is there. */
#include "crash_vfs.h"

#define LOSS CRASH_LOSES
#include "crash_life.h"
