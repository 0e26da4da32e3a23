#ifndef PILED_ERR_H
#define PILED_ERR_H
/*
 * Errors: one negative enum, one table of wire tokens and texts.
 * Functions return 0 (or a count) on success and a negative ERR_* on failure.
 */

#define N_(s) s

enum err {
	ERR_NONE = 0,
	ERR_FIRST_ = -1000,
#define ERR(sym, token, text) ERR_##sym,
#include "err.def"
#undef ERR
	ERR_END_
};

/* Wire token of an error ("timeout"); "ok" for 0, "unknown" for a number that is none. */
const char *err_token(int err);

/* English message of an error, a gettext message id; never NULL. */
const char *err_text(int err);

#endif
