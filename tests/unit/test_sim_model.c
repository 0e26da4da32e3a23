/* The simulator's model: what flows is what is counted, limits are obeyed, seeds repeat. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "registers.h"
#include "sim.h"

#define DAY_S 86400

static struct sim *demo(uint64_t seed, bool lively, bool arrivals)
{
	struct sim_site site;
	struct sim *sim = NULL;
	struct sim_cfg cfg = {.site = &site,
		.seed = seed,
		.start = {INT64_C(1772323200000)},
		.arrivals = arrivals,
		.lively = lively,
		.building_w = 200000};

	assert_int_equal(sim_site_demo(&site), 0);
	assert_int_equal(sim_new(&cfg, &sim), 0);
	sim_site_clear(&site);
	return sim;
}

static void to_second(struct sim *sim, int64_t second)
{
	sim_advance(sim, (struct mono){second * US_PER_S});
}

static int64_t u32(const uint16_t *at)
{
	return (int64_t)at[0] << 16 | at[1];
}

static void limit_dc(struct sim *sim, uint8_t unit, unsigned gun, int64_t w)
{
	uint16_t words[2] = {(uint16_t)(w >> 16), (uint16_t)w};
	uint16_t address = (uint16_t)(DC_GUN + DC_STRIDE * gun + DCG_LIMIT);

	assert_int_equal(sim_write(sim, 0, unit, address, 2, words), 0);
}

/* Each session's energy in the book is what the registers of its pile moved by. */
static void book_agrees_with_registers(void **state)
{
	(void)state;
	struct sim *sim = demo(7, false, true);
	struct sim_pile before[18];
	const struct sim_site *site = sim_site_of(sim);

	for (unsigned i = 0; i < site->pile_count; i++) {
		before[i] = *sim_pile_of(sim, site->piles[i].id);
	}
	to_second(sim, 2 * DAY_S);
	int64_t sessions = 0;
	for (unsigned i = 0; i < site->pile_count; i++) {
		for (unsigned g = 0; g < site->piles[i].gun_count; g++) {
			const struct sim_gun *gun = sim_gun_of(sim, site->piles[i].guns[g].id);
			int64_t ws = gun->energy_ws - before[i].guns[g].energy_ws;
			int64_t wh = 0, count = 0;

			for (int64_t n = 0; n < book_end(sim_book(sim)); n++) {
				const struct book_record *r = book_at(sim_book(sim), n);

				if (strcmp(r->gun, gun->spec.id) != 0) {
					continue;
				}
				count++;
				if (r->end_s == BOOK_NEVER) {
					wh += gun->energy_ws / 3600 -
					      (gun->energy_ws - gun->session_ws) / 3600;
				} else {
					assert_int_equal(r->end_wh - r->start_wh, r->energy_wh);
					wh += r->energy_wh;
				}
			}
			sessions += count;
			assert_int_equal(gun->session_no - before[i].guns[g].session_no, count);
			assert_in_range(ws / 3600 - wh + count, 0, 2 * count);
		}
	}
	assert_in_range(sessions, 50, 400);
	sim_free(sim);
}

/* What the meter counts is what the guns took, their losses, standby and the building. */
static void meter_sums_the_site(void **state)
{
	(void)state;
	struct sim *sim = demo(3, true, true);
	int64_t w[3], ws[3], guns_ws = 0, guns_w = 0,
			     standby = 6 * DC_STANDBY_W + 12 * AC_STANDBY_W;
	struct sim *bare = demo(3, false, false);
	int64_t bare_w[3], bare_ws[3];
	const struct sim_site *site = sim_site_of(sim);

	to_second(sim, 7205);
	to_second(bare, 7205);
	sim_meter_truth(sim, w, ws);
	sim_meter_truth(bare, bare_w, bare_ws);
	for (unsigned i = 0; i < site->pile_count; i++) {
		for (unsigned g = 0; g < site->piles[i].gun_count; g++) {
			const struct sim_gun *gun = sim_gun_of(sim, site->piles[i].guns[g].id);

			guns_ws += gun->input_ws[0] + gun->input_ws[1] + gun->input_ws[2];
			guns_w += (int64_t)gun->draw.power_w * 1008 / (gun->car.dc ? 950 : 1000);
		}
	}
	assert_int_equal(ws[0] + ws[1] + ws[2] - bare_ws[0] - bare_ws[1] - bare_ws[2], guns_ws);
	assert_int_equal(w[0] + w[1] + w[2] - bare_w[0] - bare_w[1] - bare_w[2], guns_w);
	assert_true(bare_ws[0] + bare_ws[1] + bare_ws[2] > standby * 7205);
	assert_true(guns_w > 0);
	sim_free(sim);
	sim_free(bare);
}

/* Constant current, then constant voltage: current never rises, voltage never falls. */
static void dc_curve_is_monotone(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct sim *sim = demo(seed, false, false);
		struct car_order order = car_any();
		int64_t ma = INT32_MAX, mv = 0;
		int soc = 0;
		bool knee = false;

		order.soc_pm = 100;
		order.stay_s = order.linger_s = 0;
		assert_int_equal(sim_plug(sim, "A1.1", &order), 0);
		to_second(sim, 60); /* ramp is over */
		for (int64_t s = 60;; s += 10) {
			to_second(sim, s);
			const struct sim_gun *gun = sim_gun_of(sim, "A1.1");

			if (gun->state != PS_CHARGING) {
				assert_int_equal(gun->state, PS_FINISHED);
				assert_int_equal(gun->stop_reason, STOP_FULL);
				assert_true(soc > 950);
				break;
			}
			assert_true(gun->draw.ma <= ma + 2); /* mA: integer steps */
			assert_true(gun->draw.mv >= mv - 2);
			assert_true(gun->draw.power_w <= 120000);
			knee = knee || (gun->draw.ma < ma && mv > 0 && gun->draw.mv - mv < 200);
			ma = gun->draw.ma;
			mv = gun->draw.mv;
			soc = car_soc_pm(&gun->car);
			assert_true(s < 6 * 3600);
		}
		assert_true(knee);
		sim_free(sim);
	}
}

static void limit_is_obeyed_within_its_lag(void **state)
{
	(void)state;
	struct sim *sim = demo(11, false, false);
	struct car_order order = car_any();

	order.max_w = 100000;
	order.max_ma = 300000;
	order.soc_pm = 300;
	assert_int_equal(sim_plug(sim, "A2.1", &order), 0);
	to_second(sim, 60);
	assert_true(sim_gun_of(sim, "A2.1")->draw.power_w > 60000);
	limit_dc(sim, 2, 0, 30000);
	to_second(sim, 71);
	assert_in_range(sim_gun_of(sim, "A2.1")->draw.power_w, 28000, 30000);
	limit_dc(sim, 2, 0, 500); /* below what a car accepts */
	to_second(sim, 82);
	assert_int_equal(sim_gun_of(sim, "A2.1")->draw.power_w, 0);
	assert_int_equal(sim_gun_of(sim, "A2.1")->state, PS_SUSPENDED_PILE);
	limit_dc(sim, 2, 0, 120000);
	to_second(sim, 100);
	assert_int_equal(sim_gun_of(sim, "A2.1")->state, PS_CHARGING);

	uint16_t ampere = 1000;

	order = car_any();
	order.max_ma = 32000;
	order.phases = 1;
	assert_int_equal(sim_plug(sim, "B1.1", &order), 0);
	to_second(sim, 130);
	assert_int_equal(sim_gun_of(sim, "B1.1")->draw.ma, 32000);
	assert_int_equal(sim_write(sim, 1, 1, AC_LIMIT, 1, &ampere), 0);
	to_second(sim, 141);
	assert_int_equal(sim_gun_of(sim, "B1.1")->draw.ma, 10000);
	sim_free(sim);
}

static void guns_share_the_rated_power(void **state)
{
	(void)state;
	struct sim *sim = demo(5, false, false);
	struct car_order order = car_any();

	order.max_w = 100000;
	order.max_ma = 300000;
	order.soc_pm = 300;
	order.capacity_wh = 100000;
	sim_plug(sim, "A3.1", &order);
	order.max_w = 40000;
	sim_plug(sim, "A3.2", &order);
	to_second(sim, 60);
	int64_t one = sim_gun_of(sim, "A3.1")->draw.power_w;
	int64_t two = sim_gun_of(sim, "A3.2")->draw.power_w;

	assert_in_range(two, 39000, 40000);
	assert_in_range(one, 79000, 81000);
	assert_true(one + two <= 120000);
	sim_free(sim);
}

static void watchdog_falls_to_failsafe(void **state)
{
	(void)state;
	struct sim *sim = demo(5, false, false);
	struct car_order order = car_any();
	uint16_t words[3] = {30, 0, 20000};

	order.soc_pm = 300;
	order.max_w = 100000;
	order.max_ma = 300000;
	sim_plug(sim, "A1.1", &order);
	assert_int_equal(sim_write(sim, 0, 1, DC_WATCHDOG, 3, words), 0);
	to_second(sim, 29);
	assert_true(sim_gun_of(sim, "A1.1")->draw.power_w > 50000);
	to_second(sim, 45);
	assert_in_range(sim_gun_of(sim, "A1.1")->draw.power_w, 18000, 20000);
	assert_int_equal(sim_read(sim, 0, 1, DC_LIVE, 1, words), 0);
	to_second(sim, 60);
	assert_true(sim_gun_of(sim, "A1.1")->draw.power_w > 50000);
	sim_free(sim);
}

static void stop_start_and_counters(void **state)
{
	(void)state;
	struct sim *sim = demo(9, false, false);
	uint16_t one = 1, before[DC_LIVE_END - DC_LIVE], after[DC_LIVE_END - DC_LIVE];
	const uint16_t *gun = after + (DC_GUN - DC_LIVE);
	struct car_order order = car_any();

	order.soc_pm = 200;
	assert_int_equal(sim_read(sim, 0, 1, DC_LIVE, 64, before), 0);
	assert_int_equal(sim_write(sim, 0, 1, DC_GUN + DCG_START, 1, &one), 4);
	sim_plug(sim, "A1.1", &order);
	to_second(sim, 100);
	assert_int_equal(sim_write(sim, 0, 1, DC_GUN + DCG_UNLOCK, 1, &one), 4);
	assert_int_equal(sim_write(sim, 0, 1, DC_GUN + DCG_STOP, 1, &one), 0);
	sim_read(sim, 0, 1, DC_LIVE, 64, after);
	assert_int_equal(gun[DCG_STATE], PS_FINISHED);
	assert_int_equal(gun[DCG_STOP_REASON], STOP_REMOTE);
	assert_int_equal(u32(gun + DCG_POWER), 0);
	int64_t stopped = u32(gun + DCG_ENERGY);
	to_second(sim, 200);
	sim_read(sim, 0, 1, DC_LIVE, 64, after);
	assert_int_equal(u32(gun + DCG_ENERGY), stopped);
	assert_int_equal(sim_write(sim, 0, 1, DC_GUN + DCG_START, 1, &one), 0);
	to_second(sim, 300);
	sim_read(sim, 0, 1, DC_LIVE, 64, after);
	assert_int_equal(gun[DCG_STATE], PS_CHARGING);
	assert_int_equal(gun[DCG_SESSION_NO] - before[DC_GUN - DC_LIVE + DCG_SESSION_NO], 2);
	assert_int_equal(gun[DCG_PLUG_NO] - before[DC_GUN - DC_LIVE + DCG_PLUG_NO], 1);
	sim_unplug(sim, "A1.1");
	assert_int_equal(book_end(sim_book(sim)), 2);
	assert_int_equal(book_at(sim_book(sim), 0)->unplug_s, 300);
	assert_int_equal(book_at(sim_book(sim), 1)->reason, STOP_UNPLUGGED);
	sim_free(sim);
}

/* The same seed gives the same site, however often it is looked at; another seed another one. */
static void seeds_repeat(void **state)
{
	(void)state;
	struct sim *a = demo(42, true, true), *b = demo(42, true, true), *c = demo(43, true, true);
	uint16_t x[64], y[64], z[64];
	int differences = 0;

	for (int64_t s = 0; s <= DAY_S / 2; s += 7) {
		to_second(a, s);
		sim_read(a, 0, (uint8_t)(1 + s % 6), DC_LIVE, 64, x);
	}
	to_second(a, DAY_S / 2);
	to_second(b, DAY_S / 2);
	to_second(c, DAY_S / 2);
	for (uint8_t unit = 1; unit <= 6; unit++) {
		assert_int_equal(sim_read(a, 0, unit, DC_LIVE, 64, x), 0);
		assert_int_equal(sim_read(b, 0, unit, DC_LIVE, 64, y), 0);
		assert_int_equal(sim_read(c, 0, unit, DC_LIVE, 64, z), 0);
		assert_memory_equal(x, y, sizeof x);
		differences += memcmp(x, z, sizeof x) != 0;
	}
	assert_int_equal(differences, 6);
	assert_int_equal(book_end(sim_book(a)), book_end(sim_book(b)));
	sim_free(a);
	sim_free(b);
	sim_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(book_agrees_with_registers),
		cmocka_unit_test(meter_sums_the_site),
		cmocka_unit_test(dc_curve_is_monotone),
		cmocka_unit_test(limit_is_obeyed_within_its_lag),
		cmocka_unit_test(guns_share_the_rated_power),
		cmocka_unit_test(watchdog_falls_to_failsafe),
		cmocka_unit_test(stop_start_and_counters),
		cmocka_unit_test(seeds_repeat),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
