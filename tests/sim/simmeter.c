/*
 * The transformer meter: sums guns, standby, cable losses and the building, per phase.
 */
#include <string.h>

#include "regs.h"
#include "sim_int.h"
#include "supply.h"
#include "timex.h"

/* Reactive power as share of active, per mille: chargers (pf 0.99) and building (pf 0.93). */
#define VAR_PILES_PM    142
#define VAR_BUILDING_PM 395

static int64_t other_ws(const struct sim *sim, int64_t second)
{
	return sim->other_ws + sim->other_w * (second - sim->other_from_s);
}

void sim_other_load(struct sim *sim, int64_t w)
{
	int64_t second = sim->now_us / US_PER_S;

	sim->other_ws = other_ws(sim, second);
	sim->other_from_s = second;
	sim->other_w = w;
}

static void sum(struct sim *sim, struct sim_meter *meter, int64_t second)
{
	int64_t pile_ws[3] = {0}, pile_w[3] = {0}, load_ws[3], load_w[3];

	for (unsigned i = 0; i < sim->site.pile_count; i++) {
		const struct sim_pile *pile = &sim->piles[i];
		int64_t standby = pile->dc ? DC_STANDBY_W : AC_STANDBY_W;

		pile_ws[i % 3] += standby * second;
		pile_w[i % 3] += standby;
		for (unsigned g = 0; g < pile->gun_count; g++) {
			int64_t w[3];

			simgun_input_w(pile, g, w);
			for (int p = 0; p < 3; p++) {
				pile_ws[p] += pile->guns[g].input_ws[p];
				pile_w[p] += w[p];
			}
		}
	}
	simload_advance(&sim->load, second);
	simload_energy(&sim->load, second, load_ws);
	simload_power(&sim->load, second, load_w);
	for (unsigned p = 0; p < 3; p++) {
		meter->ws[p] = pile_ws[p] + load_ws[p] + other_ws(sim, second) / 3;
		meter->w[p] = pile_w[p] + load_w[p] + sim->other_w / 3;
		meter->var[p] = (pile_w[p] * VAR_PILES_PM + load_w[p] * VAR_BUILDING_PM) / 1000;
		meter->mv[p] = supply_mv(sim->seed, p, second);
	}
}

void sim_meter_bring(struct sim *sim, struct sim_meter *meter)
{
	int64_t second = sim->now_us / US_PER_S;

	for (unsigned i = 0; i < sim->site.pile_count; i++) {
		sim_bring(sim, i);
	}
	sum(sim, meter, second);
	meter->second = second;
}

void sim_meter_truth(struct sim *sim, int64_t w[3], int64_t ws[3])
{
	struct sim_meter scratch = {0};

	sim_meter_bring(sim, &scratch);
	memcpy(w, scratch.w, sizeof scratch.w);
	memcpy(ws, scratch.ws, sizeof scratch.ws);
}

/* Integer square root, floor. */
static int64_t root(int64_t value)
{
	int64_t low = 0, high = INT64_C(3037000499);

	while (low < high) {
		int64_t middle = (low + high + 1) / 2;

		if (middle * middle <= value) {
			low = middle;
		} else {
			high = middle - 1;
		}
	}
	return low;
}

/* Measured values of one moment, primary, by phase and in total at [3]. */
struct shown {
	int64_t mv[3], ma[3], w[4], var[4], va[4], pf_pm[4];
};

static bool reads_zero(const struct sim *sim, const struct sim_meter *meter)
{
	const struct sim_device *device = &sim->devices[sim->site.pile_count];

	while (!device->meter || strcmp(device->id, meter->spec.id) != 0) {
		device++;
	}
	return (device->faults >> SF_METER_ZERO & 1) != 0;
}

static void measure(const struct sim *sim, const struct sim_meter *meter, struct shown *s)
{
	bool zero = reads_zero(sim, meter);
	unsigned index = sim->site.pile_count + meter->spec.bus;

	*s = (struct shown){0};
	for (unsigned p = 0; p < 3; p++) {
		s->mv[p] = measured(meter->mv[p], sim->seed, noise_id(N_VOLTAGE, index, p),
			meter->second, NOISE_MV);
		s->w[p] = measured(meter->w[p], sim->seed, noise_id(N_POWER, index, p),
			meter->second, meter->w[p] * NOISE_POWER_PM / 1000);
		s->var[p] = measured(meter->var[p], sim->seed, noise_id(N_POWER, index, p + 4),
			meter->second, meter->var[p] * NOISE_POWER_PM / 1000);
		if (zero) {
			s->w[p] = s->var[p] = 0;
		}
		s->va[p] = root(s->w[p] * s->w[p] + s->var[p] * s->var[p]);
		s->ma[p] = s->va[p] * 1000000 / s->mv[p];
		s->w[3] += s->w[p];
		s->var[3] += s->var[p];
	}
	s->va[3] = root(s->w[3] * s->w[3] + s->var[3] * s->var[3]);
	for (int p = 0; p < 4; p++) {
		s->pf_pm[p] = s->va[p] ? s->w[p] * 1000 / s->va[p] : 1000;
	}
}

static void fill_energy(const struct sim_meter *meter, int64_t ratio, uint16_t *at)
{
	int64_t total = 0, varh;

	for (int p = 0; p < 3; p++) {
		int64_t ws = meter->base_ws[p] + meter->ws[p];

		total += ws;
		reg_put32(at + MTR_ENERGY_PHASE + 2 * p, ws / 36000 / ratio);
	}
	/* Reactive energy of the mix: a third of the active one. */
	varh = meter->base_varh + (meter->ws[0] + meter->ws[1] + meter->ws[2]) / 3600 / 3;
	reg_put32(at + MTR_ACTIVE, total / 36000 / ratio);
	reg_put32(at + MTR_FORWARD, total / 36000 / ratio);
	reg_put32(at + MTR_REACTIVE, varh / 10 / ratio);
	reg_put32(at + MTR_REACTIVE_FWD, varh / 10 / ratio);
}

static void fill_main(const struct sim *sim, const struct sim_meter *meter, uint16_t *at)
{
	int64_t ct = meter->spec.ct, pt = meter->spec.pt;
	struct shown s;

	measure(sim, meter, &s);
	fill_energy(meter, ct * pt, at);
	for (int p = 0; p < 3; p++) {
		reg_put(at + MTR_U + p, s.mv[p] / 100 / pt);
		reg_put(at + MTR_I + p, s.ma[p] / 10 / ct);
	}
	for (int p = 0; p < 4; p++) {
		reg_put(at + MTR_P + p, s.w[p] / ct / pt);
		reg_put(at + MTR_Q + p, s.var[p] / ct / pt);
		reg_put(at + MTR_S + p, s.va[p] / ct / pt);
		reg_put(at + MTR_PF + p, s.pf_pm[p]);
	}
	reg_put(at + MTR_HZ, (50000 + rng_noise(sim->seed, noise_id(N_HZ, 0, 0),
					      (uint64_t)meter->second, NOISE_MHZ)) /
				     10);
	reg_put(at + MTR_PT, pt);
	reg_put(at + MTR_CT, ct);
}

static void fill_long(const struct sim *sim, const struct sim_meter *meter, uint16_t *at)
{
	int64_t ratio = (int64_t)meter->spec.ct * meter->spec.pt;
	struct shown s;

	measure(sim, meter, &s);
	for (int p = 0; p < 4; p++) {
		reg_put32(at + MTR_P32 - MTR_P32 + 2 * p, s.w[p] / ratio);
		reg_put32(at + MTR_Q32 - MTR_P32 + 2 * p, s.var[p] / ratio);
		reg_put32(at + MTR_S32 - MTR_P32 + 2 * p, s.va[p] / ratio);
		reg_put(at + MTR_PF32 - MTR_P32 + p, s.pf_pm[p]);
	}
}

int map_meter_read(const struct sim *sim, const struct sim_meter *meter, uint16_t address,
	uint16_t count, uint16_t *values)
{
	uint16_t image[MTR_END] = {0};
	unsigned end = (unsigned)address + count, from;

	if (end <= MTR_END) {
		from = 0;
		fill_main(sim, meter, image);
	} else if (address >= MTR_P32 && end <= MTR_32_END) {
		from = MTR_P32;
		fill_long(sim, meter, image);
	} else if (address >= MTR_TEMP && end <= MTR_TEMP_END) {
		from = MTR_TEMP;
		for (int p = 0; p < 3; p++) {
			reg_put(image + p, meter->temp_mc[p] / 100);
		}
	} else {
		return 2;
	}
	memcpy(values, image + (address - from), count * sizeof *values);
	return 0;
}
