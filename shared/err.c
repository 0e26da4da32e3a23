#include "err.h"

#include <stddef.h>

static const struct {
	const char *token;
	const char *text;
} table[] = {
#define ERR(sym, token, text) {token, text},
#include "err.def"
#undef ERR
};

static int index_of(int err)
{
	int i = err - ERR_FIRST_ - 1;

	if (i < 0 || i >= (int)(sizeof table / sizeof table[0])) {
		return -1;
	}
	return i;
}

const char *err_token(int err)
{
	int i = index_of(err);

	if (err == 0) {
		return "ok";
	}
	return i < 0 ? "unknown" : table[i].token;
}

const char *err_text(int err)
{
	int i = index_of(err);

	if (err == 0) {
		return "no error";
	}
	return i < 0 ? "unknown error" : table[i].text;
}
