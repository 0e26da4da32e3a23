#ifndef PILETOP_EDIT_H
#define PILETOP_EDIT_H
/* One line of input. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Takes a key into the line, or its last character away; a full line takes no more. False when the
 * key is none of an editor's. */
bool edit_key(char *line, size_t size, uint32_t key);

/* The end of a line that is too long for so many columns: where the typing is. */
const char *edit_tail(const char *line, int columns);

#endif
