/* A paid charge, killed: all that was written is there. */
#include "crash_vfs.h"

#define LOSS  CRASH_KEEPS
#define EVERY "PILED_CRASH_EVERY"
#include "crash_life.h"
