#include <stdlib.h>
#include <string.h>

#include "sim_int.h"
#include "supply.h"
#include "timex.h"

#define TIMEOUT_US 500000
#define EX_NO_UNIT 0x0B

static int copy_array(void **out, const void *from, size_t count, size_t size)
{
	*out = calloc(count ? count : 1, size);
	if (!*out) {
		return ERR_NOMEM;
	}
	if (count) {
		memcpy(*out, from, count * size);
	}
	return 0;
}

static int copy_site(struct sim_site *to, const struct sim_site *from)
{
	void *buses = NULL, *piles = NULL, *meters = NULL;
	int err = copy_array(&buses, from->buses, from->bus_count, sizeof *from->buses);

	err = err ? err : copy_array(&piles, from->piles, from->pile_count, sizeof *from->piles);
	err = err ? err
		  : copy_array(&meters, from->meters, from->meter_count, sizeof *from->meters);
	*to = *from;
	to->buses = buses;
	to->piles = piles;
	to->meters = meters;
	return err;
}

static int add_device(
	struct sim *sim, const char *id, bool meter, unsigned index, unsigned bus, uint8_t unit)
{
	struct sim_device *device = &sim->devices[sim->device_count];

	if (bus >= sim->site.bus_count || sim->units[bus][unit] >= 0) {
		return ERR_INVAL;
	}
	for (size_t i = 0; i < sim->device_count; i++) {
		if (strcmp(sim->devices[i].id, id) == 0) {
			return ERR_INVAL;
		}
	}
	device->id = id;
	device->meter = meter;
	device->index = (uint16_t)index;
	device->bus = (uint16_t)bus;
	device->unit = unit;
	sim->units[bus][unit] = (int16_t)sim->device_count++;
	return 0;
}

static int set_up_pile(struct sim *sim, unsigned i, const struct sim_cfg *cfg)
{
	const struct sim_pile_spec *spec = &sim->site.piles[i];
	struct sim_pile *pile = &sim->piles[i];

	if (spec->gun_count < 1 || spec->gun_count > (spec->dc ? PILE_GUNS : 1)) {
		return ERR_INVAL;
	}
	memcpy(pile->id, spec->id, sizeof pile->id);
	pile->index = (uint16_t)i;
	pile->dc = spec->dc;
	pile->auth = cfg->auth;
	pile->rated_w = spec->rated_w;
	pile->gun_count = spec->gun_count;
	for (unsigned g = 0; g < spec->gun_count; g++) {
		pile->guns[g].spec = spec->guns[g];
	}
	simpile_init(pile, cfg->seed, sim->book);
	return add_device(sim, spec->id, false, i, spec->bus, spec->unit);
}

static int set_up_meter(struct sim *sim, unsigned i)
{
	struct sim_meter *meter = &sim->meters[i];
	struct rng rng = rng_stream(sim->seed, noise_id(N_PIECES, i, 0xfe));

	meter->spec = sim->site.meters[i];
	if (meter->spec.ct == 0 || meter->spec.pt == 0 || meter->spec.rated_va <= 0) {
		return ERR_INVAL;
	}
	for (int p = 0; p < 3; p++) {
		meter->base_ws[p] = 3600000 * rng_range(&rng, 200000, 400000);
		meter->temp_mc[p] = 42000 + 1500 * p;
	}
	meter->base_varh = rng_range(&rng, 100000000, 200000000);
	meter->second = -1;
	return add_device(sim, sim->site.meters[i].id, true, i, meter->spec.bus, meter->spec.unit);
}

static int set_up_rows(struct sim *sim, int64_t local_s)
{
	bool any = false;

	for (unsigned i = 0; i < sim->site.pile_count; i++) {
		size_t end;
		size_t next = sessions_of(sim->rows, sim->site.piles[i].id, &end);

		/* What began before the model did is left out. */
		while (next < end && sim->rows->rows[next].plug_s < local_s) {
			next++;
		}
		sim->queue[i].next = next;
		sim->queue[i].end = end;
		any = any || next < end;
	}
	return any ? 0 : ERR_INVAL;
}

static int allocate(struct sim *sim)
{
	size_t buses = sim->site.bus_count, piles = sim->site.pile_count;
	size_t meters = sim->site.meter_count;

	sim->piles = calloc(piles + 1, sizeof *sim->piles);
	sim->meters = calloc(meters + 1, sizeof *sim->meters);
	sim->queue = calloc(piles + 1, sizeof *sim->queue);
	sim->devices = calloc(piles + meters + 1, sizeof *sim->devices);
	sim->units = malloc((buses + 1) * sizeof *sim->units);
	sim->bus_faults = calloc(buses + 1, sizeof *sim->bus_faults);
	if (!sim->piles || !sim->meters || !sim->queue || !sim->devices || !sim->units ||
		!sim->bus_faults) {
		return ERR_NOMEM;
	}
	memset(sim->units, 0xff, (buses + 1) * sizeof *sim->units);
	return book_new(&sim->book);
}

int sim_new(const struct sim_cfg *cfg, struct sim **out)
{
	struct sim *sim = calloc(1, sizeof *sim);
	int64_t local_s = cfg->start.ms / 1000 + cfg->utc_offset_s;
	int err;

	if (!sim) {
		return ERR_NOMEM;
	}
	sim->seed = cfg->seed;
	sim->start = cfg->start;
	sim->utc_offset_s = cfg->utc_offset_s;
	sim->arrivals = cfg->arrivals && !cfg->rows;
	sim->rows = cfg->rows;
	sim->timeout_us = cfg->timeout_us > 0 ? cfg->timeout_us : TIMEOUT_US;
	sim->cars = rng_stream(cfg->seed, 1);
	sim->arriving = rng_stream(cfg->seed, 2);
	sim->wire = rng_stream(cfg->seed, 3);
	sim->fault_next = SIM_NEVER;
	sim->load = (struct simload){.seed = cfg->seed,
		.peak_w = cfg->building_w,
		.hour_w = cfg->hour_w,
		.hours = cfg->hours,
		.local_s = local_s};
	err = copy_site(&sim->site, cfg->site);
	err = err ? err : allocate(sim);
	for (unsigned i = 0; !err && i < sim->site.pile_count; i++) {
		err = set_up_pile(sim, i, cfg);
	}
	for (unsigned i = 0; !err && i < sim->site.meter_count; i++) {
		err = set_up_meter(sim, i);
	}
	if (!err && sim->rows) {
		err = set_up_rows(sim, local_s);
	}
	if (err) {
		sim_free(sim);
		return err;
	}
	if (cfg->lively) {
		sim_enliven(sim);
	}
	*out = sim;
	return 0;
}

void sim_free(struct sim *sim)
{
	if (!sim) {
		return;
	}
	for (size_t i = 0; i < sim->device_count; i++) {
		free(sim->devices[i].frozen);
	}
	sim_site_clear(&sim->site);
	book_free(sim->book);
	free(sim->piles);
	free(sim->meters);
	free(sim->queue);
	free(sim->devices);
	free(sim->units);
	free(sim->bus_faults);
	free(sim);
}

struct mono sim_now(const struct sim *sim)
{
	return (struct mono){sim->now_us};
}

struct wall sim_wall(const struct sim *sim, struct mono at)
{
	return (struct wall){sim->start.ms + at.us / US_PER_MS};
}

/* Plans the next recorded car of a pile, when the one before has come. Each row has a stream of its
 * own, so that the order in which piles are looked at changes nothing. */
static int64_t feed(struct sim *sim, unsigned i)
{
	int64_t local_s = sim->start.ms / 1000 + sim->utc_offset_s;
	struct sim_gun *gun = &sim->piles[i].guns[0];

	if (gun->plug_at == SIM_NEVER && sim->queue[i].next < sim->queue[i].end) {
		struct rng rng = rng_stream(sim->seed, 0x10000 + sim->queue[i].next);
		const struct session_row *row = &sim->rows->rows[sim->queue[i].next++];
		struct car_order order = car_any();

		order.asked_wh = row->energy_wh;
		order.stay_s = row->unplug_s - row->plug_s;
		order.linger_s = 0;
		order.max_ma = gun->spec.max_ma;
		order.phases = gun->spec.phases;
		car_make(&gun->next_car, sim->piles[i].dc, &order, &rng);
		gun->plug_at = row->plug_s - local_s;
	}
	return gun->plug_at;
}

void sim_bring(struct sim *sim, unsigned pile)
{
	int64_t second = sim->now_us / US_PER_S;
	struct sim_pile *p = &sim->piles[pile];

	if (!sim->rows) {
		simpile_advance(p, second);
		return;
	}
	while (p->at < second) {
		int64_t plug_at = feed(sim, pile);

		simpile_advance(p, plug_at < second ? plug_at + 1 : second);
	}
}

static void tick_meters(struct sim *sim)
{
	for (unsigned i = 0; i < sim->site.meter_count; i++) {
		struct sim_meter *meter = &sim->meters[i];

		sim_meter_bring(sim, meter);
		for (int p = 0; p < 3; p++) {
			/* Windings: 28 degC at no load, 60 K more at rated load, with a time
			 * constant of an hour. */
			int64_t pm = meter->w[p] * 3000 / meter->spec.rated_va;
			int64_t to = 28000 + 1500 * p + pm * pm * 60 / 1000;

			meter->temp_mc[p] += (int32_t)((to - meter->temp_mc[p]) / 60);
		}
	}
}

void sim_advance(struct sim *sim, struct mono to)
{
	if (to.us <= sim->now_us && to.us > 0) {
		return;
	}
	for (; sim->minute * 60 * US_PER_S <= to.us; sim->minute++) {
		int64_t from_us = sim->minute * 60 * US_PER_S;

		if (from_us > sim->now_us) {
			sim->now_us = from_us;
		}
		sim_faults_expire(sim, sim->now_us / US_PER_S);
		for (unsigned i = 0; i < sim->site.pile_count; i++) {
			sim_bring(sim, i);
		}
		tick_meters(sim);
		if (sim->arrivals) {
			sim_arrive(sim, sim->minute);
		}
	}
	if (to.us > sim->now_us) {
		sim->now_us = to.us;
	}
	sim_faults_expire(sim, sim->now_us / US_PER_S);
}

const struct sim_site *sim_site_of(const struct sim *sim)
{
	return &sim->site;
}

int sim_find(const struct sim *sim, const char *id, unsigned *pile, unsigned *gun)
{
	for (unsigned i = 0; i < sim->site.pile_count; i++) {
		if (strcmp(sim->piles[i].id, id) == 0) {
			*pile = i;
			*gun = 0xffff;
			return 0;
		}
		for (unsigned g = 0; g < sim->piles[i].gun_count; g++) {
			if (strcmp(sim->piles[i].guns[g].spec.id, id) == 0) {
				*pile = i;
				*gun = g;
				return 0;
			}
		}
	}
	return ERR_NOTFOUND;
}

const struct sim_gun *sim_gun_of(struct sim *sim, const char *id)
{
	unsigned pile, gun;

	if (sim_find(sim, id, &pile, &gun) < 0 || gun == 0xffff) {
		return NULL;
	}
	sim_bring(sim, pile);
	return &sim->piles[pile].guns[gun];
}

const struct sim_pile *sim_pile_of(struct sim *sim, const char *id)
{
	unsigned pile, gun;

	if (sim_find(sim, id, &pile, &gun) < 0) {
		return NULL;
	}
	sim_bring(sim, pile);
	return &sim->piles[pile];
}

int sim_plug(struct sim *sim, const char *id, const struct car_order *order)
{
	struct car_order any = car_any();
	struct car car;
	unsigned pile, gun;

	if (sim_find(sim, id, &pile, &gun) < 0 || gun == 0xffff) {
		return ERR_NOTFOUND;
	}
	sim_bring(sim, pile);
	car_make(&car, sim->piles[pile].dc, order ? order : &any, &sim->cars);
	return simpile_plug(&sim->piles[pile], gun, &car);
}

int sim_unplug(struct sim *sim, const char *id)
{
	unsigned pile, gun;

	if (sim_find(sim, id, &pile, &gun) < 0 || gun == 0xffff) {
		return ERR_NOTFOUND;
	}
	sim_bring(sim, pile);
	return simpile_unplug(&sim->piles[pile], gun);
}

int sim_card(struct sim *sim, const char *id, const char *token)
{
	unsigned pile, gun;

	if (sim_find(sim, id, &pile, &gun) < 0 || gun == 0xffff) {
		return ERR_NOTFOUND;
	}
	sim_bring(sim, pile);
	simpile_card(&sim->piles[pile], gun, token);
	return 0;
}

void sim_building(struct sim *sim, int64_t w)
{
	simload_fix(&sim->load, sim->now_us / US_PER_S, w);
}

const struct book *sim_book(const struct sim *sim)
{
	return sim->book;
}

struct sim_device *sim_device_at(struct sim *sim, unsigned bus, uint8_t unit)
{
	if (bus >= sim->site.bus_count || sim->units[bus][unit] < 0) {
		return NULL;
	}
	return &sim->devices[sim->units[bus][unit]];
}

int sim_read(struct sim *sim, unsigned bus, uint8_t unit, uint16_t address, uint16_t count,
	uint16_t *values)
{
	struct sim_device *device = sim_device_at(sim, bus, unit);

	if (!device) {
		return EX_NO_UNIT;
	}
	if (device->meter) {
		sim_meter_bring(sim, &sim->meters[device->index]);
		return map_meter_read(sim,
			device->frozen ? device->frozen : &sim->meters[device->index], address,
			count, values);
	}
	sim_bring(sim, device->index);
	sim->piles[device->index].last_request_us = sim->now_us;
	return map_pile_read(sim, device->frozen ? device->frozen : &sim->piles[device->index],
		address, count, values);
}

void sim_answered(struct sim *sim, unsigned bus, uint8_t unit, uint16_t address, uint16_t count,
	struct mono at)
{
	struct sim_device *device = sim_device_at(sim, bus, unit);
	const struct sim_pile *pile;

	if (!device || device->meter) {
		return;
	}
	pile = device->frozen ? device->frozen : &sim->piles[device->index];
	for (unsigned g = 0; g < pile->gun_count; g++) {
		unsigned energy = pile->dc ? DC_GUN + g * DC_STRIDE + DCG_ENERGY : AC_ENERGY;

		if (address <= energy && energy + 2 <= (unsigned)address + count &&
			pile->guns[g].record >= 0) {
			book_answered(sim->book, pile->guns[g].record, simgun_register_wh(pile, g),
				sim_wall(sim, at).ms);
		}
	}
}

int sim_write(struct sim *sim, unsigned bus, uint8_t unit, uint16_t address, uint16_t count,
	const uint16_t *values)
{
	struct sim_device *device = sim_device_at(sim, bus, unit);

	if (!device) {
		return EX_NO_UNIT;
	}
	if (device->meter) {
		return 2;
	}
	sim_bring(sim, device->index);
	sim->piles[device->index].last_request_us = sim->now_us;
	/* A frozen pile takes a write into its copy, where it does nothing. */
	struct sim_pile *frozen = device->frozen;

	if (frozen) {
		struct sim_pile scratch = *frozen;

		scratch.book = NULL;
		for (unsigned g = 0; g < scratch.gun_count; g++) {
			scratch.guns[g].record = -1;
		}
		return map_pile_write(sim, &scratch, address, count, values);
	}
	return map_pile_write(sim, &sim->piles[device->index], address, count, values);
}
