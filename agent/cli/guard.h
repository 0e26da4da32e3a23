#ifndef PILED_CLI_GUARD_H
#define PILED_CLI_GUARD_H
/*
 * What the program prints may hold words of a site, a device or a file. Behind this no byte of them
 * reaches the terminal as a command to it: control characters other than the line's end and the
 * tabulator, bidirectional overrides and invalid bytes come out as "?".
 */
#include <stddef.h>

/* Puts standard output and standard error behind the guard, once, before anything is printed. Where
 * there is no memory for it they stay as they are. */
void guard_open(void);

/* Cleans the beginning of `n` bytes into `dst`, which has room for as many. *taken: how many were
 * used; up to 3 at the end are left where a character or a line's end may not be whole (`last`:
 * nothing follows). Returns the bytes written. */
size_t guard_clean(char *dst, const char *src, size_t n, int last, size_t *taken);

#endif
