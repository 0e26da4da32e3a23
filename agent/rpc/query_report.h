#ifndef PILED_QUERY_REPORT_H
#define PILED_QUERY_REPORT_H
/* Reports of money and operation, as the answers of their methods: the part of query.c that knows
 * them. */
#include "internal.h"

/* What of the site a report needs, taken on the loop when the question comes. */
struct query_plant;

/* NULL where there is no memory. query_plant_free() accepts NULL. */
struct query_plant *query_plant(struct rpc_server *server, struct moment now);
void query_plant_free(struct query_plant *plant);

/* In the thread pool: gives the rows, by `each` as JSON objects (taken over). *message is set where
 * an error has more to say. */
int query_report(enum method method, const cJSON *params, const struct query_plant *plant,
	struct store_reader *reader, int (*each)(void *arg, cJSON *row), void *arg,
	const char **message);

#endif
