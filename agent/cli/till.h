#ifndef PILED_CLI_TILL_H
#define PILED_CLI_TILL_H
/* What the commands about money share. */
#include "commands.h"

struct cJSON;

/* Adds the command's text options of these names that were given. */
void till_texts(
	const struct cli *cli, struct cJSON *params, const char *const *names, size_t count);

/* Adds --id, or one made for this call, so that the agent never does it twice. */
void till_id(const struct cli *cli, struct cJSON *params);

/* Adds --reason. `must`: CLI_USAGE where it is missing. */
int till_reason(const struct cli *cli, struct cJSON *params, bool must);

/* Reads an amount and adds it as `fen`. 0 or CLI_USAGE; what is wrong has been printed. */
int till_amount(const struct cli *cli, struct cJSON *params, const char *text);

/* Calls (params are taken over) and prints what came of it. */
int till_do(struct cli *cli, const char *method, struct cJSON *params);

/* Reads a number that names something, 1 to TILL_NUMBER_MAX. 0 or CLI_USAGE. */
#define TILL_NUMBER_MAX INT64_C(1000000000000)
int till_number(const struct cli *cli, const char *text, int64_t *out);

/* Cells. */
void cell_txkind(char *dst, size_t size, const void *posting);

#endif
