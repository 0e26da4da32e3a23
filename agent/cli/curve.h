#ifndef PILED_CURVE_H
#define PILED_CURVE_H
/* A day's load as columns on a terminal: the guns upon the other load, and the limit. */
#include <stdbool.h>

#include "whatif.h"

/* Prints the curve, 80 columns wide. */
void curve_print(const struct whatif_curve *curve, int64_t limit_va, bool ascii);

#endif
