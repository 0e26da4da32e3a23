#ifndef PILED_ROOM_H
#define PILED_ROOM_H
/*
 * How much room there is: what the guns count with, the other load, what of each limit may be
 * used. The first half of a decision of limit.h; pure.
 */
#include "limit.h"

/* Sets what each gun and each node counts with. */
void room_count(struct limit *limit, struct mono now);

/* The meters: the stage of the ladder, the other load of the root and of nodes below it. */
void room_judge_meter(struct limit *limit, struct mono now);

/* Room for all guns of the node; INT64_MAX = no limit. */
int64_t room_va(const struct limit *limit, size_t node, int which);

/* By so much more than the room may be used before grants come down: else each flicker of the
 * other load would be followed. A part of what the target keeps free of the limit. */
int64_t room_flicker_va(const struct limit *limit, size_t node, int which);

#endif
