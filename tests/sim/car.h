#ifndef PILESIM_CAR_H
#define PILESIM_CAR_H
/*
 * A car at a gun: how much power it takes. Pure; all integers.
 *
 * DC: a battery with an open-circuit voltage by state of charge and an inner resistance. The car
 * asks for constant current until its terminal voltage reaches the end-of-charge voltage, then for
 * constant voltage: the current falls. It ends below a twentieth of its capacity an hour (C/20).
 * AC: the on-board charger takes what the pilot signal allows, up to its own maximum, never less
 * than 6 A a phase; from 97 % on the current falls to 6 A.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rng.h"

/* What a car is to be like; VALUE_NONE in a field: drawn from the stream. */
struct car_order {
	int64_t asked_wh; /* leaves off after this much; 0 = until full */
	int64_t capacity_wh;
	int64_t soc_pm;   /* on arrival */
	int64_t phases;   /* AC: 1, 3 */
	int64_t max_ma;   /* of the car; AC: a phase */
	int64_t max_w;    /* DC: of the car */
	int64_t stay_s;   /* unplugs so long after plugging; 0 = never by itself */
	int64_t linger_s; /* unplugs so long after the end of charge; 0 = by stay_s only */
	const char *vin;  /* borrowed for the call; NULL = it gives none */
};

/* An order that leaves everything to the stream. */
struct car_order car_any(void);

struct car {
	bool dc;
	uint8_t phases;
	uint8_t lag_s; /* it follows a new limit after so long: 1..10 */
	int32_t max_w, max_ma, min_ma;
	int32_t empty_mv, full_mv, inner_uohm; /* DC */
	int64_t capacity_ws, stored_ws;
	int64_t asked_ws; /* of energy at the gun; INT64_MAX = until full */
	int64_t taken_ws;
	int64_t stay_s, linger_s; /* 0 = none */
	char vin[18];             /* as it tells a DC pile; "" = it does not */
};

void car_make(struct car *car, bool dc, const struct car_order *order, struct rng *rng);

/* What the pile offers, and what the car takes of it. */
struct offer {
	int64_t w;       /* DC */
	int32_t ma;      /* AC, a phase */
	uint8_t phases;  /* AC: wired */
	int32_t u_mv[3]; /* AC: of the phases wired */
};
struct draw {
	int32_t power_w;
	int32_t mv; /* DC: at the gun */
	int32_t ma; /* AC: a phase */
	uint8_t phases;
	bool paused; /* less is offered than the car accepts */
	bool full;   /* the car wants no more */
};
void car_draw(const struct car *car, const struct offer *offer, struct draw *draw);

/* The car takes this much energy, measured at the gun. */
void car_absorb(struct car *car, int64_t ws);

int car_soc_pm(const struct car *car);
/* Energy that is still asked for. */
int64_t car_wants_ws(const struct car *car);

#endif
