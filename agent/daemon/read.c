/* Raw registers for a technician: read on the unit's own bus, in its turn. */
#include <cjson/cJSON.h>

#include "internal.h"

/* Tokens of the core count up from 1; these never meet them. */
#define READ_TOKEN UINT32_C(0x80000000)

static struct raw_read *find_read(struct daemon *d, uint32_t token)
{
	for (size_t i = 0; i < READS_MAX; i++) {
		if (d->reads[i].token == token) {
			return &d->reads[i];
		}
	}
	return NULL;
}

int daemon_read(struct daemon *d, size_t bus, uint16_t unit, int function, int address, int count,
	struct rpc_later *later)
{
	struct raw_read *read = find_read(d, 0);
	struct plan_write ask = {.unit = unit,
		.back_function = (uint8_t)function,
		.back_address = (uint16_t)address,
		.back_count = (uint16_t)count};
	int rc;

	if (read == NULL) {
		return ERR_BUSY;
	}
	ask.token = READ_TOKEN | (++d->read_serial & (READ_TOKEN - 1));
	rc = bus_write(d->plant.buses[bus], &ask);
	if (rc == 0) {
		*read = (struct raw_read){ask.token, later};
	}
	return rc;
}

static void finish(struct raw_read *read, int err, const char *message, cJSON *result)
{
	struct rpc_later *later = read->later;

	*read = (struct raw_read){0};
	rpc_finish(later, err, message, result);
}

static cJSON *registers(const struct bus_result *result)
{
	cJSON *object = cJSON_CreateObject();
	cJSON *values = cJSON_AddArrayToObject(object, "values");

	for (uint16_t i = 0; i < result->step.count; i++) {
		cJSON_AddItemToArray(values, cJSON_CreateNumber(result->reply.values[i]));
	}
	wire_add_int(object, "took_us", result->reply.took_us);
	return object;
}

bool daemon_read_done(struct daemon *d, const struct bus_result *result)
{
	bool ours = result->step.what == PLAN_READ_BACK && (result->step.token & READ_TOKEN) != 0;
	struct raw_read *read = ours ? find_read(d, result->step.token) : NULL;

	if (read != NULL && result->reply.err == 0) {
		finish(read, 0, NULL, registers(result));
	} else if (read != NULL) {
		finish(read, result->reply.err, NULL, NULL);
	}
	/* News of the link that came with it are the field's. */
	return ours && !result->changed;
}

void daemon_reads_end(struct daemon *d)
{
	for (size_t i = 0; i < READS_MAX; i++) {
		if (d->reads[i].token != 0) {
			finish(&d->reads[i], ERR_CLOSED, NULL, NULL);
		}
	}
}
