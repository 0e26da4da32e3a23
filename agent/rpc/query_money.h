#ifndef PILED_QUERY_MONEY_H
#define PILED_QUERY_MONEY_H
/* Questions about money, for the thread pool. */
#include "internal.h"

struct money_asked {
	enum method method;
	const cJSON *params;
	struct store_reader *reader;
	const char *folder; /* of the store */
	bool masked;        /* whoever asks does not need to know who a customer is */
	const struct host_ops *ops;
	void *host;
};

/* 0 with *result, or ERR_* (and *message). */
int query_money(const struct money_asked *asked, cJSON **result, const char **message);

#endif
