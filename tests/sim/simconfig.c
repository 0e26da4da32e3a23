#include "simconfig.h"

static void print_bus(const struct sim_bus_spec *spec, const char *address,
	const struct simconfig_bus *bus, FILE *to)
{
	switch (spec->link) {
	case SIM_SERIAL:
		fprintf(to, "  %s: {serial: %s, baud: %d}\n", spec->id, bus->path, spec->baud);
		break;
	case SIM_RTU_TCP:
		fprintf(to, "  %s: {rtu_over_tcp: %s:%d, baud: %d}\n", spec->id, address, bus->port,
			spec->baud);
		break;
	case SIM_TCP:
		fprintf(to, "  %s: {tcp: %s:%d}\n", spec->id, address, bus->port);
		break;
	}
}

static void print_pile(const struct sim_site *site, const struct sim_pile_spec *pile, FILE *to)
{
	static const char *const THREE[] = {"L1L2L3", "L2L3L1", "L3L1L2"};
	static const char *const ONE[] = {"L1", "L2", "L3"};
	const struct gun_spec *gun = &pile->guns[0];

	fprintf(to, "  %s: {profile: %s, bus: %s, unit: %d", pile->id,
		pile->dc ? "sim-dc" : "sim-ac", site->buses[pile->bus].id, pile->unit);
	if (!pile->dc) {
		/* Rated power: 32 A of the nominal voltage and what it may be above it. */
		fprintf(to, ", phases: %s, rated: %d W, gun: {max: %d W}",
			(gun->phases == 3 ? THREE : ONE)[gun->first_phase % 3], (int)pile->rated_w,
			gun->max_ma / 1000 * 230 * gun->phases);
	}
	fputs("}\n", to);
}

void simconfig_print(const struct sim_site *site, const char *address,
	const struct simconfig_bus *buses, FILE *to)
{
	fprintf(to, "# A simulated site, written by pilesim.\nsite: {id: %s}\n", site->id);
	fprintf(to, "transformer: {rated: %d kVA}\n",
		site->meter_count ? (int)(site->meters[0].rated_va / 1000) : 10000);
	/* Cars as they were recorded: nobody holds them back. */
	fputs("load: {policy: none}\nbuses:\n", to);
	for (unsigned i = 0; i < site->bus_count; i++) {
		print_bus(&site->buses[i], address, &buses[i], to);
	}
	if (site->meter_count) {
		fputs("meters:\n", to);
	}
	for (unsigned i = 0; i < site->meter_count; i++) {
		fprintf(to,
			"  %s: {profile: acrel-dtsd1352, bus: %s, unit: %d, role: transformer}\n",
			site->meters[i].id, site->buses[site->meters[i].bus].id,
			site->meters[i].unit);
	}
	fputs("piles:\n", to);
	for (unsigned i = 0; i < site->pile_count; i++) {
		print_pile(site, &site->piles[i], to);
	}
}
