#include <stdio.h>

#include "car.h"
#include "reading.h"

/* Share of the energy at the gun that arrives in the battery, per mille. */
#define DC_STORED_PM 970
#define AC_STORED_PM 900

#define AC_MIN_MA 6000
#define DC_MIN_MA 3000

/* Open-circuit voltage between empty and full, per mille of the span, by per mille of charge. */
static const struct {
	int soc_pm, span_pm;
} OCV[] = {{0, 0}, {50, 230}, {150, 380}, {400, 480}, {600, 580}, {800, 750}, {900, 860},
	{1000, 1000}};

struct car_order car_any(void)
{
	return (struct car_order){VALUE_NONE, VALUE_NONE, VALUE_NONE, VALUE_NONE, VALUE_NONE,
		VALUE_NONE, VALUE_NONE, VALUE_NONE, NULL};
}

static int64_t or_range(int64_t value, struct rng *rng, int64_t lo, int64_t hi)
{
	/* Draws in any case, so that an order changes only what it names. */
	int64_t drawn = rng_range(rng, lo, hi);

	return value == VALUE_NONE ? drawn : value;
}

static void make_dc(struct car *car, const struct car_order *order, struct rng *rng)
{
	bool high = rng_range(rng, 0, 99) < 25; /* 800 V class */
	int64_t cells = high ? rng_range(rng, 180, 198) : rng_range(rng, 92, 110);
	int64_t amp_hours = car->capacity_ws / (cells * 3650 * 36 / 10); /* at 3.65 V a cell */

	car->empty_mv = (int32_t)(cells * 3100);
	car->full_mv = (int32_t)(cells * 4180);
	/* Resistance falls with capacity, so that the knee lies near 80 %. */
	car->inner_uohm = (int32_t)(cells * rng_range(rng, 220000, 320000) / (amp_hours + 1));
	car->max_ma = (int32_t)or_range(order->max_ma, rng, 120, 250);
	if (order->max_ma == VALUE_NONE) {
		car->max_ma *= 1000;
	}
	car->max_w = (int32_t)or_range(order->max_w, rng, 50, 150);
	if (order->max_w == VALUE_NONE) {
		car->max_w *= 1000;
	}
	car->min_ma = DC_MIN_MA;
	car->phases = 3;
	car->lag_s = (uint8_t)rng_range(rng, 1, 4);
}

static void make_ac(struct car *car, const struct car_order *order, struct rng *rng)
{
	bool three = rng_range(rng, 0, 99) < 40;
	bool small = rng_range(rng, 0, 99) < 25;

	car->phases = (uint8_t)(order->phases == VALUE_NONE ? (three ? 3 : 1) : order->phases);
	car->max_ma =
		(int32_t)(order->max_ma == VALUE_NONE ? (small ? 16000 : 32000) : order->max_ma);
	car->max_w = INT32_MAX;
	car->min_ma = AC_MIN_MA;
	car->lag_s = (uint8_t)rng_range(rng, 1, 10);
}

void car_make(struct car *car, bool dc, const struct car_order *order, struct rng *rng)
{
	int64_t capacity_wh = or_range(order->capacity_wh, rng, 40000, 100000);
	int64_t soc_pm = or_range(order->soc_pm, rng, 80, dc ? 550 : 750);
	int64_t asked_wh = order->asked_wh == VALUE_NONE ? 0 : order->asked_wh;

	if (asked_wh > 0 && order->capacity_wh == VALUE_NONE && order->soc_pm == VALUE_NONE) {
		/* What is asked for by name fits below the knee of the battery. */
		capacity_wh += asked_wh;
		soc_pm = 100;
	}
	*car = (struct car){.dc = dc};
	if (order->vin) {
		snprintf(car->vin, sizeof car->vin, "%s", order->vin);
	}
	car->capacity_ws = capacity_wh * 3600;
	car->stored_ws = car->capacity_ws / 1000 * soc_pm;
	car->asked_ws = asked_wh > 0 ? asked_wh * 3600 : INT64_MAX;
	car->stay_s = or_range(order->stay_s, rng, 3600, dc ? 7200 : 10 * 3600);
	car->linger_s = or_range(order->linger_s, rng, 60, 1500);
	if (order->linger_s == VALUE_NONE && !dc) {
		car->linger_s = 0; /* AC drivers come back when their errand is done */
	}
	if (dc) {
		make_dc(car, order, rng);
	} else {
		make_ac(car, order, rng);
	}
}

int car_soc_pm(const struct car *car)
{
	return (int)(car->stored_ws / (car->capacity_ws / 1000));
}

int64_t car_wants_ws(const struct car *car)
{
	return car->asked_ws == INT64_MAX ? INT64_MAX : car->asked_ws - car->taken_ws;
}

static int64_t ocv_mv(const struct car *car)
{
	int64_t charge = car->stored_ws / (car->capacity_ws / 100000); /* 1e-5 */
	int64_t span = car->full_mv - car->empty_mv;
	size_t i = 1;

	while (i < sizeof OCV / sizeof *OCV - 1 && charge > OCV[i].soc_pm * 100) {
		i++;
	}
	int64_t from = OCV[i - 1].soc_pm * 100, to = OCV[i].soc_pm * 100;
	int64_t share = OCV[i - 1].span_pm * 100 +
			(OCV[i].span_pm - OCV[i - 1].span_pm) * 100 * (charge - from) / (to - from);

	return car->empty_mv + span * share / 100000;
}

static void draw_dc(const struct car *car, const struct offer *offer, struct draw *draw)
{
	int64_t ocv = ocv_mv(car);
	int64_t cv_ma = (car->full_mv - ocv) * 1000000 / car->inner_uohm;
	int64_t end_ma = car->capacity_ws / 3600 * 1000000 / car->full_mv / 20; /* C/20 */
	int64_t ma = cv_ma < car->max_ma ? cv_ma : car->max_ma;
	int64_t cap_w = offer->w < car->max_w ? offer->w : car->max_w;
	int64_t mv = ocv + ma * car->inner_uohm / 1000000;

	if (end_ma < car->min_ma) {
		end_ma = car->min_ma;
	}
	if (cv_ma < end_ma || car->stored_ws >= car->capacity_ws) {
		draw->full = true;
		draw->mv = (int32_t)ocv;
		return;
	}
	if (mv * ma / 1000000 > cap_w) {
		/* Converges by the ratio of inner to load resistance, a twentieth a round. */
		mv = ocv;
		for (int round = 0; round < 5; round++) {
			ma = cap_w * 1000000 / mv;
			mv = ocv + ma * car->inner_uohm / 1000000;
		}
	}
	if (ma < car->min_ma) {
		draw->paused = true;
		draw->mv = (int32_t)ocv;
		return;
	}
	draw->mv = (int32_t)mv;
	draw->ma = (int32_t)ma;
	draw->power_w = (int32_t)(mv * ma / 1000000);
	if (draw->power_w > cap_w) {
		draw->power_w = (int32_t)cap_w;
	}
}

static void draw_ac(const struct car *car, const struct offer *offer, struct draw *draw)
{
	int64_t ma = offer->ma < car->max_ma ? offer->ma : car->max_ma;
	int soc_pm = car_soc_pm(car);

	draw->phases = car->phases < offer->phases ? car->phases : offer->phases;
	if (car->stored_ws >= car->capacity_ws) {
		draw->full = true;
		return;
	}
	if (ma < car->min_ma) {
		draw->paused = true;
		return;
	}
	if (soc_pm > 970) {
		ma = car->min_ma + (ma - car->min_ma) * (1000 - soc_pm) / 30;
	}
	int64_t uw = 0;
	for (int i = 0; i < draw->phases; i++) {
		uw += offer->u_mv[i] * ma;
	}
	draw->ma = (int32_t)ma;
	draw->mv = offer->u_mv[0];
	draw->power_w = (int32_t)(uw / 1000000 * 995 / 1000); /* power factor 0.995 */
}

void car_draw(const struct car *car, const struct offer *offer, struct draw *draw)
{
	*draw = (struct draw){.phases = car->phases};
	if (car_wants_ws(car) <= 0) {
		draw->full = true;
	} else if (car->dc) {
		draw_dc(car, offer, draw);
	} else {
		draw_ac(car, offer, draw);
	}
}

void car_absorb(struct car *car, int64_t ws)
{
	car->taken_ws += ws;
	car->stored_ws += ws * (car->dc ? DC_STORED_PM : AC_STORED_PM) / 1000;
	if (car->stored_ws > car->capacity_ws) {
		car->stored_ws = car->capacity_ws;
	}
}
