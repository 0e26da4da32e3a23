#ifndef PILED_MASK_H
#define PILED_MASK_H
/* What tells who a customer is: hidden from those whose work is not money. */
#include "view.h"

/* Masks such fields of a view of any kind: "138****1234", card "****B2C3". */
void mask_view(enum view_kind kind, void *view);

#endif
