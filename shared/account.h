#ifndef PILED_ACCOUNT_H
#define PILED_ACCOUNT_H
/* The words of accounts: their tokens on the wire and in the database, and what people call them.
 */

enum account_status {
#define ACCOUNT_STATUS(sym, token, label) ACCOUNT_##sym,
#include "accountstatus.def"
#undef ACCOUNT_STATUS
	ACCOUNT_STATUS_COUNT_
};

const char *account_status_token(enum account_status status);
/* ERR_NOTFOUND. */
int account_status_find(const char *token, enum account_status *out);
/* The message id for a token; the token itself where it is none. */
const char *account_status_label(const char *token);

#endif
