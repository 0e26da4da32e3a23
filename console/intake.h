#ifndef PILETOP_INTAKE_H
#define PILETOP_INTAKE_H
/* What the agent says of a tariff that is taken in, or would be: the reply to `tariff_import`. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cJSON;

#define INTAKE_ERRORS   12
#define INTAKE_REPLACES 4

struct intake {
	char id[56];            /* "shandong/2"; "" = refused */
	char in_force_id[56];   /* "shandong/1"; "" = none is in force */
	int64_t from;           /* ms */
	int64_t guns, sessions; /* that it is for, that are in progress there */
	bool again;             /* it is this text already */
	int64_t replaces[INTAKE_REPLACES];
	size_t replace_count;
	char errors[INTAKE_ERRORS][160]; /* "file:line: what" */
	size_t error_count;
};

/* One of `result` and `error` is NULL. */
void intake_take(struct intake *out, const struct cJSON *result, const struct cJSON *error);

#endif
