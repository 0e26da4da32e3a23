/*
 * The sites that come with the simulator.
 */
#include <stdlib.h>
#include <string.h>

#include "sim.h"

#define AC_MA 32000
#define AC_W  7000
#define DC_W  120000
#define DC_MA 250000

static int allocate(
	struct sim_site *site, const char *id, size_t buses, size_t piles, size_t meters)
{
	*site = (struct sim_site){0};
	if (buses > 1000 || piles > 20000 || meters > 1000) {
		return ERR_INVAL;
	}
	snprintf(site->id, sizeof site->id, "%s", id);
	site->buses = calloc(buses + 1, sizeof *site->buses);
	site->piles = calloc(piles + 1, sizeof *site->piles);
	site->meters = calloc(meters + 1, sizeof *site->meters);
	if (!site->buses || !site->piles || !site->meters) {
		sim_site_clear(site);
		return ERR_NOMEM;
	}
	site->bus_count = (uint16_t)buses;
	return 0;
}

void sim_site_clear(struct sim_site *site)
{
	if (site) {
		free(site->buses);
		free(site->piles);
		free(site->meters);
		*site = (struct sim_site){0};
	}
}

static void set_bus(struct sim_site *site, unsigned bus, const char *id, enum sim_link link)
{
	struct sim_bus_spec *spec = &site->buses[bus];

	*spec = (struct sim_bus_spec){.link = link, .baud = 9600, .parity = 'N', .stop_bits = 1};
	snprintf(spec->id, sizeof spec->id, "%s", id);
}

static struct sim_pile_spec *add_pile(
	struct sim_site *site, const char *id, bool dc, unsigned bus, unsigned unit)
{
	struct sim_pile_spec *pile = &site->piles[site->pile_count++];

	pile->dc = dc;
	pile->bus = (uint16_t)bus;
	pile->unit = (uint8_t)unit;
	pile->rated_w = dc ? DC_W : AC_W;
	pile->gun_count = dc ? 2 : 1;
	snprintf(pile->id, sizeof pile->id, "%s", id);
	for (unsigned g = 0; g < pile->gun_count; g++) {
		struct gun_spec *gun = &pile->guns[g];

		gun->max_w = pile->rated_w;
		gun->max_ma = dc ? DC_MA : AC_MA;
		gun->phases = dc ? 3 : 1;
		snprintf(gun->id, sizeof gun->id, "%.15s.%c", id, (int)(unsigned char)('1' + g));
	}
	return pile;
}

static void add_meter(struct sim_site *site, const char *id, unsigned bus, int64_t rated_va)
{
	struct sim_meter_spec *meter = &site->meters[site->meter_count++];

	*meter = (struct sim_meter_spec){
		.bus = (uint16_t)bus, .unit = 1, .ct = 200, .pt = 1, .rated_va = rated_va};
	snprintf(meter->id, sizeof meter->id, "%s", id);
}

int sim_site_demo(struct sim_site *site)
{
	char id[16];
	int err = allocate(site, "demo", 4, 18, 1);

	if (err) {
		return err;
	}
	set_bus(site, 0, "dc", SIM_TCP);
	set_bus(site, 1, "line-1", SIM_SERIAL);
	set_bus(site, 2, "line-2", SIM_SERIAL);
	set_bus(site, 3, "line-3", SIM_SERIAL);
	for (unsigned i = 1; i <= 6; i++) {
		snprintf(id, sizeof id, "A%u", i);
		add_pile(site, id, true, 0, i);
	}
	for (unsigned i = 1; i <= 12; i++) {
		snprintf(id, sizeof id, "B%u", i);
		add_pile(site, id, false, i <= 6 ? 1 : 2, (i - 1) % 6 + 1)->guns[0].first_phase =
			(uint8_t)((i - 1) % 3);
	}
	add_meter(site, "T1", 3, 630000);
	return 0;
}

int sim_site_garage(struct sim_site *site, const struct session_rows *rows, enum sim_link link,
	unsigned guns_per_bus, bool three_phase)
{
	unsigned stations = 0;
	char id[16];
	int err;

	if (guns_per_bus < 1 || guns_per_bus > 247) {
		return ERR_INVAL;
	}
	for (size_t i = 0; i < rows->count; i++) {
		stations += i == 0 || strcmp(rows->rows[i].station, rows->rows[i - 1].station) != 0;
	}
	unsigned buses = (stations + guns_per_bus - 1) / guns_per_bus;

	err = allocate(site, "garage", buses + 1, stations, 1);
	if (err) {
		return err;
	}
	for (unsigned i = 0; i <= buses; i++) {
		snprintf(id, sizeof id, "line-%u", i + 1);
		set_bus(site, i, id, link);
	}
	for (size_t i = 0; i < rows->count; i++) {
		if (i > 0 && strcmp(rows->rows[i].station, rows->rows[i - 1].station) == 0) {
			continue;
		}
		unsigned n = site->pile_count;
		struct sim_pile_spec *pile = add_pile(
			site, rows->rows[i].station, false, n / guns_per_bus, n % guns_per_bus + 1);

		pile->guns[0].first_phase = (uint8_t)(n % 3);
		pile->guns[0].phases = three_phase ? 3 : 1;
		pile->rated_w = three_phase ? 3 * AC_W : AC_W;
	}
	add_meter(site, "T1", buses, 630000);
	return 0;
}

int sim_site_field(struct sim_site *site, unsigned buses, unsigned piles, bool dc)
{
	char id[16];
	int err;

	if (buses < 1 || buses > 1000 || piles < 1 || piles > 247) {
		return ERR_INVAL;
	}
	err = allocate(site, "field", buses, (size_t)buses * piles, 0);
	if (err) {
		return err;
	}
	for (unsigned b = 0; b < buses; b++) {
		snprintf(id, sizeof id, "bus-%u", b + 1);
		set_bus(site, b, id, SIM_TCP);
		for (unsigned p = 0; p < piles; p++) {
			snprintf(id, sizeof id, "P%u-%u", b + 1, p + 1);
			add_pile(site, id, dc, b, p + 1)->guns[0].first_phase = (uint8_t)(p % 3);
		}
	}
	return 0;
}
