/* The plant: core, field and buses of one configuration. */
#include <stdlib.h>
#include <sys/random.h>

#include "internal.h"
#include "log.h"

static void wake(void *arg)
{
	struct daemon *d = arg;

	uv_async_send(&d->wake);
}

void plant_site_cfg(const struct daemon *d, const struct plant *plant, struct site_cfg *out)
{
	config_site_cfg(plant->config, out);
	view_set_text(out->boot_id, sizeof out->boot_id, d->boot_id);
}

static int make_site(const struct daemon *d, struct plant *plant)
{
	struct site_cfg cfg;
	size_t cap;

	plant_site_cfg(d, plant, &cfg);
	cap = ACTIONS_MIN(cfg.gun_count);
	plant->actions.v = calloc(cap, sizeof *plant->actions.v);
	plant->actions.cap = cap;
	plant->failed = calloc(cap, sizeof *plant->failed);
	plant->failed_cap = cap;
	if (plant->actions.v == NULL || plant->failed == NULL) {
		return ERR_NOMEM;
	}
	return site_new(&cfg, &plant->site);
}

/* All are to be counted at once. */
static int make_totals(struct plant *plant)
{
	plant->totals = calloc(plant->config->pile_count + 1, sizeof *plant->totals);
	if (plant->totals == NULL) {
		return ERR_NOMEM;
	}
	for (size_t i = 0; i < plant->config->pile_count; i++) {
		plant->totals[i].changed = true;
	}
	return 0;
}

/* Closed ports: what is wrong with a line's settings shows before the old plant is stopped. */
static int make_ports(struct plant *plant)
{
	size_t count = plant->config->bus_count;

	plant->buses = calloc(count + 1, sizeof(struct bus *));
	plant->ports = calloc(count + 1, sizeof(struct bus_port *));
	if (plant->buses == NULL || plant->ports == NULL) {
		return ERR_NOMEM;
	}
	for (size_t i = 0; i < count; i++) {
		int rc = config_bus_port(&plant->config->buses[i], &plant->ports[i]);

		if (rc != 0) {
			log_line(LOG_ERROR, "bus %s: %s", plant->config->buses[i].id, err_text(rc));
			return rc;
		}
	}
	return 0;
}

int plant_build(struct daemon *d, struct config *config, struct plant *out)
{
	struct plant plant = {.config = config};
	int rc = make_site(d, &plant);

	if (rc == 0) {
		rc = field_new(config, &plant.field);
	}
	if (rc == 0) {
		rc = plant_series(&plant);
	}
	if (rc == 0) {
		rc = make_totals(&plant);
	}
	if (rc == 0) {
		rc = who_new(config, &plant.who);
	}
	if (rc == 0) {
		rc = make_ports(&plant);
	}
	if (rc == 0) {
		rc = bus_queue_new(RESULTS_MAX, wake, d, &plant.queue);
	}
	if (rc != 0) {
		plant_free(&plant);
		return rc;
	}
	*out = plant;
	return 0;
}

static uint64_t random_seed(void)
{
	uint64_t seed = 1;

	(void)!getrandom(&seed, sizeof seed, 0);
	return seed;
}

static int start_bus(struct plant *plant, size_t i)
{
	const struct config_bus *b = &plant->config->buses[i];
	const struct config_unit *units;
	char address[80];
	struct bus_cfg cfg = {.id = b->id,
		.kind = config_bus_kind(b),
		.address = address,
		.index = (uint16_t)i,
		.port = plant->ports[i],
		.queue = plant->queue};
	int rc;

	config_bus_plan(plant->config, i, &cfg.plan, &units);
	cfg.plan.seed = random_seed();
	config_bus_address(b, address, sizeof address);
	rc = bus_start(&cfg, &plant->buses[i]);
	if (rc != 0) {
		log_line(LOG_ERROR, "bus %s: cannot start: %s", b->id, err_text(rc));
		return rc;
	}
	plant->ports[i] = NULL;
	plant->bus_count++;
	return 0;
}

int plant_start(struct plant *plant)
{
	struct plan_write keepalive;
	uint16_t bus;
	int rc = 0;

	for (size_t i = 0; i < plant->config->bus_count && rc == 0; i++) {
		rc = start_bus(plant, i);
	}
	for (size_t i = 0; rc == 0 && field_keepalive(plant->field, i, &bus, &keepalive) == 0;
		i++) {
		rc = bus_keepalive(plant->buses[bus], &keepalive);
	}
	return rc;
}

void plant_stop(struct plant *plant)
{
	for (size_t i = 0; i < plant->bus_count; i++) {
		bus_stop(plant->buses[i]); /* all at once, then wait for each */
	}
	for (size_t i = 0; i < plant->bus_count; i++) {
		bus_free(plant->buses[i]);
	}
	plant->bus_count = 0;
}

void plant_free(struct plant *plant)
{
	plant_stop(plant);
	for (size_t i = 0; plant->ports != NULL && i < plant->config->bus_count; i++) {
		if (plant->ports[i] != NULL) {
			plant->ports[i]->ops->free(plant->ports[i]);
		}
	}
	free(plant->ports);
	free(plant->buses);
	bus_queue_free(plant->queue);
	field_free(plant->field);
	site_free(plant->site);
	free(plant->actions.v);
	free(plant->failed);
	free(plant->series);
	free(plant->series_ids);
	free(plant->totals);
	who_free(plant->who);
	config_free(plant->config);
	*plant = (struct plant){0};
}

bool plant_take(struct daemon *d)
{
	struct moment now = moment_now();
	struct bus_result result;

	for (int n = 0; n < BATCH_MAX; n++) {
		if (!bus_queue_take(d->plant.queue, &result)) {
			return false;
		}
		if (!daemon_read_done(d, &result)) {
			field_result(d->plant.field, &result, now, daemon_emit, d);
		}
	}
	return true;
}
