/* A paid charge, killed: all that was written is there. */
#include "crash_vfs.h"

#define LOSS CRASH_KEEPS
#include "crash_life.h"
