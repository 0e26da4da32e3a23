/*
 * Cars that come by the hour of the day, and what stands there at the beginning.
 */
#include "sim_int.h"
#include "timex.h"

/* Arrivals a gun a day, in tenths, and their share by hour of day, per mille. */
#define DC_PER_DAY_TENTHS 70
#define AC_PER_DAY_TENTHS 18
static const uint8_t DC_HOURS[24] = {18, 12, 9, 7, 7, 11, 22, 38, 45, 46, 48, 58, 66, 60, 52, 50,
	54, 66, 74, 72, 64, 52, 40, 29};
static const uint8_t AC_HOURS[24] = {
	6, 4, 3, 3, 4, 12, 38, 92, 128, 96, 58, 44, 46, 44, 38, 36, 42, 66, 84, 68, 44, 24, 13, 7};

static bool take_free(struct sim *sim, bool dc, int64_t at)
{
	unsigned piles = sim->site.pile_count;
	unsigned from = (unsigned)rng_range(&sim->arriving, 0, piles - 1);
	struct car_order order = car_any();

	for (unsigned i = 0; i < piles; i++) {
		struct sim_pile *pile = &sim->piles[(from + i) % piles];

		for (unsigned g = 0; pile->dc == dc && g < pile->gun_count; g++) {
			struct sim_gun *gun = &pile->guns[g];

			if (!simgun_free(gun)) {
				continue;
			}
			car_make(&gun->next_car, dc, &order, &sim->arriving);
			gun->plug_at = at;
			return true;
		}
	}
	return false;
}

void sim_arrive(struct sim *sim, int64_t minute)
{
	int64_t local = sim->start.ms / 1000 + sim->utc_offset_s + minute * 60;
	int64_t hour = local / 3600 % 24;
	int64_t guns[2] = {0, 0};

	for (unsigned i = 0; i < sim->site.pile_count; i++) {
		guns[sim->piles[i].dc] += sim->piles[i].gun_count;
	}
	for (int dc = 0; dc < 2; dc++) {
		/* Expected in this minute, in millionths: tenths * per mille / 10 / 1000 / 60. */
		int64_t expected = guns[dc] *
				   (dc ? DC_PER_DAY_TENTHS * DC_HOURS[hour]
				       : AC_PER_DAY_TENTHS * AC_HOURS[hour]) *
				   100 / 60;
		int64_t count = expected / 1000000;

		count += rng_range(&sim->arriving, 0, 999999) < expected % 1000000;
		while (count-- > 0) {
			/* Where no gun is free, the car drives on. */
			take_free(sim, dc, minute * 60 + rng_range(&sim->arriving, 0, 59));
		}
	}
}

void sim_enliven(struct sim *sim)
{
	struct car_order order = car_any();
	struct car car;

	for (unsigned i = 0; i < sim->site.pile_count; i++) {
		struct sim_pile *pile = &sim->piles[i];

		for (unsigned g = 0; g < pile->gun_count; g++) {
			if (rng_range(&sim->cars, 0, 99) >= (pile->dc ? 45 : 65)) {
				continue;
			}
			order.soc_pm = rng_range(&sim->cars, 150, pile->dc ? 850 : 700);
			car_make(&car, pile->dc, &order, &sim->cars);
			simpile_plug(pile, g, &car);
		}
	}
	/* Something for the fault page: the second gun of the fourth pile, or the last one. */
	unsigned at = sim->site.pile_count > 3 ? 3 : sim->site.pile_count - 1u;

	if (sim->site.pile_count > 0) {
		struct sim_pile *pile = &sim->piles[at];
		char why[80];

		sim_fault(sim, "gun-fault", pile->guns[pile->gun_count - 1].spec.id, 13, 0, why,
			sizeof why);
	}
}
