#include "account.h"

#include <string.h>

#include "err.h"

static const struct {
	const char *token, *label;
} statuses[ACCOUNT_STATUS_COUNT_] = {
#define ACCOUNT_STATUS(sym, token, label) {token, label},
#include "accountstatus.def"
#undef ACCOUNT_STATUS
};

const char *account_status_token(enum account_status status)
{
	return statuses[status].token;
}

int account_status_find(const char *token, enum account_status *out)
{
	for (int i = 0; i < ACCOUNT_STATUS_COUNT_; i++) {
		if (strcmp(statuses[i].token, token) == 0) {
			*out = (enum account_status)i;
			return 0;
		}
	}
	return ERR_NOTFOUND;
}

const char *account_status_label(const char *token)
{
	enum account_status status;

	return account_status_find(token, &status) == 0 ? statuses[status].label : token;
}
