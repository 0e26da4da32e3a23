#ifndef PILETOP_KEYS_H
#define PILETOP_KEYS_H
/*
 * Keys as numbers: a code point for what types a character, KEYS_* beyond Unicode for the others.
 * Names ("Up", "Enter", "C-l", "q") are those of the help page, the man page and of scripts.
 */
#include <stddef.h>
#include <stdint.h>

#include "err.h"

enum keys {
	KEYS_NONE = 0,
	KEYS_FIRST_ = 0x110000,
#define KEY(sym, name) KEYS_##sym,
#include "keys.def"
#undef KEY
	KEYS_END_
};

/* Code of a name; ERR_NOTFOUND. One character is its own name, "C-x" is control and x. */
int keys_find(const char *name, uint32_t *key);

#endif
