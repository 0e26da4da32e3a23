#include <stdio.h>
#include <string.h>

#include "err.h"
#include "simpile.h"
#include "supply.h"
#include "timex.h"

#define RAMP_W      20000 /* a DC pile raises its power by so much a second */
#define AMBIENT_MC  24000
#define TEMP_HALF_S 240
#define SLOTS       64 /* of sim_gun.offers */

int64_t simpile_limit_max(const struct sim_pile *pile, unsigned gun)
{
	const struct gun_spec *spec = &pile->guns[gun].spec;

	return pile->dc ? spec->max_w : spec->max_ma;
}

void simpile_init(struct sim_pile *pile, uint64_t seed, struct book *book)
{
	pile->seed = seed;
	pile->rng = rng_stream(seed, noise_id(N_PIECES, pile->index, 0xff));
	pile->book = book;
	pile->at = 0;
	pile->boot_until = SIM_NEVER;
	pile->booted_at = -rng_range(&pile->rng, 3600, 40 * 86400);
	pile->failsafe = pile->dc ? 10000 : 6000;
	for (unsigned g = 0; g < pile->gun_count; g++) {
		struct sim_gun *gun = &pile->guns[g];

		gun->limit = simpile_limit_max(pile, g);
		gun->plug_at = gun->prepare_until = gun->unplug_at = SIM_NEVER;
		gun->record = -1;
		gun->temp_mc = gun->temp_to_mc = AMBIENT_MC;
		gun->energy_ws = 3600 * rng_range(&pile->rng, 400000, 30000000);
		gun->session_no = (uint16_t)rng_range(&pile->rng, 50, 3000);
		gun->plug_no = (uint16_t)(gun->session_no + rng_range(&pile->rng, 0, 200));
	}
}

int64_t simgun_temp_mc(const struct sim_gun *gun, int64_t second)
{
	int64_t gap = gun->temp_mc - gun->temp_to_mc;

	for (int64_t age = second - gun->temp_at; age > 0 && gap != 0; age -= TEMP_HALF_S) {
		/* exponential by halves, straight within a half-life */
		int64_t part = age < TEMP_HALF_S ? age : TEMP_HALF_S;

		gap -= gap * part / (2 * TEMP_HALF_S);
		if (gap < 50 && gap > -50) {
			gap = 0;
		}
	}
	return gun->temp_to_mc + gap;
}

static void heat(struct sim_pile *pile, struct sim_gun *gun)
{
	int64_t load = pile->dc ? gun->draw.ma / 1000 : gun->draw.ma / 200;
	int64_t to = AMBIENT_MC + load * load * 3 / 5;

	gun->temp_mc = (int32_t)simgun_temp_mc(gun, pile->at);
	gun->temp_at = pile->at;
	gun->temp_to_mc = (int32_t)(to > 95000 ? 95000 : to);
}

bool simgun_running(const struct sim_gun *gun)
{
	return gun->state == PS_CHARGING || gun->state == PS_SUSPENDED_PILE ||
	       gun->state == PS_SUSPENDED_CAR;
}

static void enter(struct sim_pile *pile, struct sim_gun *gun, enum pile_state state)
{
	if (gun->state == state) {
		return;
	}
	gun->state = state;
	gun->since = pile->at;
	if (!simgun_running(gun)) {
		gun->draw = (struct draw){.mv = 0};
	}
	heat(pile, gun);
}

int64_t simgun_register_wh(const struct sim_pile *pile, unsigned gun)
{
	int64_t wrap = pile->dc ? DC_ENERGY_WRAP_WH : AC_ENERGY_WRAP_WH;
	const struct sim_gun *g = &pile->guns[gun];
	int64_t wh = (g->energy_ws / 3600 + g->register_wh) % wrap;

	return wh < 0 ? wh + wrap : wh;
}

bool simgun_free(const struct sim_gun *gun)
{
	return gun->state == PS_IDLE && !gun->plugged && gun->plug_at == SIM_NEVER;
}

static int64_t limit_of(const struct sim_pile *pile, const struct sim_gun *gun)
{
	int64_t silent_us = pile->at * US_PER_S - pile->last_request_us;
	bool lost = pile->watchdog_s > 0 && silent_us > pile->watchdog_s * US_PER_S;

	int64_t limit = gun->deaf ? gun->held : gun->limit;

	return lost && pile->failsafe < limit ? pile->failsafe : limit;
}

int64_t simpile_limit(const struct sim_pile *pile, unsigned gun)
{
	return limit_of(pile, &pile->guns[gun]);
}

static void begin_session(struct sim_pile *pile, unsigned g)
{
	struct sim_gun *gun = &pile->guns[g];
	int64_t limit = limit_of(pile, gun);
	struct book_record record = {.plug_no = gun->plug_no,
		.plug_s = gun->plugged_at,
		.start_s = pile->at,
		.end_s = BOOK_NEVER,
		.unplug_s = BOOK_NEVER,
		.seen_ms = BOOK_NEVER};

	gun->prepare_until = SIM_NEVER;
	if (car_wants_ws(&gun->car) <= 0 || gun->car.stored_ws >= gun->car.capacity_ws) {
		gun->stop_reason = STOP_FULL;
		enter(pile, gun, PS_FINISHED);
		return;
	}
	for (int i = 0; i < SLOTS; i++) {
		gun->offers[i] = limit;
	}
	gun->session_no++;
	gun->session_ws = 0;
	gun->session_from = pile->at;
	gun->session_s = 0;
	gun->stop_reason = STOP_NONE;
	for (size_t i = 0; i < sizeof record.gun; i++) {
		record.gun[i] = gun->spec.id[i];
	}
	record.session_no = gun->session_no;
	record.start_wh = record.end_wh = simgun_register_wh(pile, g);
	record.asked_wh = gun->car.asked_ws == INT64_MAX ? 0 : gun->car.asked_ws / 3600;
	gun->record = pile->book ? book_open(pile->book, &record) : -1;
	enter(pile, gun, PS_CHARGING);
}

static struct book_record *record_of(const struct sim_pile *pile, const struct sim_gun *gun)
{
	return pile->book && gun->record >= 0 ? book_at(pile->book, gun->record) : NULL;
}

static void end_session(
	struct sim_pile *pile, unsigned g, enum stop_reason reason, enum pile_state state)
{
	struct sim_gun *gun = &pile->guns[g];
	struct book_record *record = record_of(pile, gun);

	gun->prepare_until = SIM_NEVER;
	if (simgun_running(gun)) {
		gun->session_s = pile->at - gun->session_from;
		gun->stop_reason = reason;
		if (record) {
			record->end_s = pile->at;
			record->end_wh = simgun_register_wh(pile, g);
			record->energy_wh =
				gun->energy_ws / 3600 - (gun->energy_ws - gun->session_ws) / 3600;
			record->reason = reason;
		}
		if (gun->car.linger_s > 0 && gun->unplug_at > pile->at + gun->car.linger_s) {
			gun->unplug_at = pile->at + gun->car.linger_s;
		}
	}
	enter(pile, gun, state);
}

static void prepare(struct sim_pile *pile, struct sim_gun *gun)
{
	int64_t s = pile->dc ? rng_range(&pile->rng, 4, 9) : rng_range(&pile->rng, 1, 4);

	gun->prepare_until = pile->at + s;
	enter(pile, gun, PS_PLUGGED);
}

/* What a gun without a session goes back to. */
static void rest(struct sim_pile *pile, struct sim_gun *gun)
{
	if (pile->boot_until != SIM_NEVER) {
		enter(pile, gun, PS_BOOTING);
	} else if (gun->fault) {
		enter(pile, gun, PS_FAULT);
	} else if (!gun->plugged) {
		enter(pile, gun, gun->reserved ? PS_RESERVED : PS_IDLE);
	} else if (pile->auth == AUTH_AUTO) {
		prepare(pile, gun);
	} else {
		enter(pile, gun, PS_PLUGGED);
	}
}

int simpile_plug(struct sim_pile *pile, unsigned g, const struct car *car)
{
	struct sim_gun *gun = &pile->guns[g];

	gun->plug_at = SIM_NEVER;
	if (gun->plugged) {
		return ERR_STATE;
	}
	gun->plugged = true;
	gun->plug_no++;
	gun->plugged_at = pile->at;
	gun->car = *car;
	gun->unplug_at = car->stay_s > 0 ? pile->at + car->stay_s : SIM_NEVER;
	rest(pile, gun);
	return 0;
}

int simpile_unplug(struct sim_pile *pile, unsigned g)
{
	struct sim_gun *gun = &pile->guns[g];
	struct book_record *record = record_of(pile, gun);

	gun->unplug_at = SIM_NEVER;
	if (!gun->plugged) {
		return ERR_STATE;
	}
	end_session(pile, g, STOP_UNPLUGGED, gun->state);
	gun->plugged = false;
	gun->unplug_at = SIM_NEVER;
	if (record) {
		record->unplug_s = pile->at;
	}
	/* Earlier sessions of the same visit end with it too. */
	for (int64_t i = gun->record - 1; record && i >= book_first(pile->book); i--) {
		struct book_record *earlier = book_at(pile->book, i);

		if (earlier->start_s < gun->plugged_at) {
			break;
		}
		if (earlier->unplug_s == BOOK_NEVER && earlier->plug_s == gun->plugged_at &&
			earlier->plug_no == gun->plug_no &&
			strcmp(earlier->gun, gun->spec.id) == 0) {
			earlier->unplug_s = pile->at;
		}
	}
	gun->record = -1;
	gun->car_pause = false;
	rest(pile, gun);
	return 0;
}

int simpile_start(struct sim_pile *pile, unsigned g)
{
	struct sim_gun *gun = &pile->guns[g];

	if (simgun_running(gun)) {
		return 0;
	}
	if (!gun->plugged || (gun->state != PS_PLUGGED && gun->state != PS_FINISHED)) {
		return ERR_STATE;
	}
	if (gun->prepare_until == SIM_NEVER) {
		prepare(pile, gun);
	}
	return 0;
}

int simpile_stop(struct sim_pile *pile, unsigned g, enum stop_reason reason)
{
	struct sim_gun *gun = &pile->guns[g];

	if (gun->deaf && reason == STOP_REMOTE) {
		return 0;
	}
	if (simgun_running(gun) || gun->state == PS_PLUGGED) {
		gun->stop_reason = reason;
		end_session(pile, g, reason, PS_FINISHED);
	}
	return 0;
}

void simpile_reboot(struct sim_pile *pile)
{
	pile->boot_until = pile->at + BOOT_S;
	for (unsigned g = 0; g < pile->gun_count; g++) {
		end_session(pile, g, STOP_REBOOT, PS_BOOTING);
		pile->guns[g].limit = simpile_limit_max(pile, g);
	}
}

void simpile_gun_fault(struct sim_pile *pile, unsigned g, uint16_t code)
{
	struct sim_gun *gun = &pile->guns[g];

	if (gun->fault == code) {
		return;
	}
	gun->fault = code;
	if (code) {
		end_session(pile, g, STOP_FAULT, PS_FAULT);
	}
	rest(pile, gun);
}

void simpile_reserve(struct sim_pile *pile, unsigned g, bool reserved)
{
	struct sim_gun *gun = &pile->guns[g];

	gun->reserved = reserved;
	if (gun->state == PS_IDLE || gun->state == PS_RESERVED) {
		rest(pile, gun);
	}
}

void simpile_card(struct sim_pile *pile, unsigned g, const char *token)
{
	struct sim_gun *gun = &pile->guns[g];

	snprintf(gun->card, sizeof gun->card, "%s", token);
	gun->card_until = pile->at + CARD_SHOWN_S;
}

const char *simgun_card(const struct sim_gun *gun, int64_t second)
{
	return second < gun->card_until ? gun->card : "";
}

static void finish_boot(struct sim_pile *pile)
{
	pile->boot_until = SIM_NEVER;
	pile->booted_at = pile->at;
	for (unsigned g = 0; g < pile->gun_count; g++) {
		rest(pile, &pile->guns[g]);
	}
}

void simgun_input_w(const struct sim_pile *pile, unsigned g, int64_t w[3])
{
	const struct sim_gun *gun = &pile->guns[g];
	int phases = pile->dc ? 3 : gun->draw.phases;
	int64_t in = (int64_t)gun->draw.power_w * (1000 + CABLE_LOSS_PM) /
		     (pile->dc ? DC_EFFICIENCY_PM : 1000);

	w[0] = w[1] = w[2] = 0;
	for (int i = 0; in > 0 && i < phases; i++) {
		w[(gun->spec.first_phase + i) % 3] = in / phases + (i == 0 ? in % phases : 0);
	}
}

/* What flows through a gun in this second, given what it may have. */
static void flow(struct sim_pile *pile, unsigned g, const struct offer *offer)
{
	struct sim_gun *gun = &pile->guns[g];
	struct draw draw;

	car_draw(&gun->car, offer, &draw);
	if (draw.full) {
		end_session(pile, g, car_wants_ws(&gun->car) <= 0 ? STOP_ENERGY : STOP_FULL,
			PS_FINISHED);
		return;
	}
	if (gun->car_pause) {
		draw = (struct draw){.mv = draw.mv, .phases = draw.phases};
	} else if (draw.power_w > car_wants_ws(&gun->car)) {
		draw.power_w = (int32_t)car_wants_ws(&gun->car); /* the last second */
	}
	bool warmer = draw.ma / 4096 != gun->draw.ma / 4096;
	gun->draw = draw;
	if (warmer) {
		heat(pile, gun);
	}
	car_absorb(&gun->car, draw.power_w);
	gun->energy_ws += draw.power_w;
	gun->session_ws += draw.power_w;
	enter(pile, gun,
		gun->car_pause ? PS_SUSPENDED_CAR
			       : (draw.paused ? PS_SUSPENDED_PILE : PS_CHARGING));

	int64_t in[3];
	simgun_input_w(pile, g, in);
	for (int p = 0; p < 3; p++) {
		gun->input_ws[p] += in[p];
	}
}

/* The delayed limit as the car sees it, W or mA. */
static int64_t offered(const struct sim_pile *pile, struct sim_gun *gun)
{
	int64_t lag_s = gun->slow_s > 0 ? gun->slow_s : gun->car.lag_s;

	gun->offers[pile->at % SLOTS] = limit_of(pile, gun);
	return gun->offers[(pile->at - lag_s + SLOTS) % SLOTS];
}

static void flow_ac(struct sim_pile *pile)
{
	for (unsigned g = 0; g < pile->gun_count; g++) {
		struct sim_gun *gun = &pile->guns[g];

		if (!simgun_running(gun)) {
			continue;
		}
		struct offer offer = {
			.phases = gun->spec.phases, .ma = (int32_t)offered(pile, gun)};
		for (unsigned i = 0; i < gun->spec.phases; i++) {
			offer.u_mv[i] =
				supply_mv(pile->seed, (gun->spec.first_phase + i) % 3, pile->at);
		}
		flow(pile, g, &offer);
	}
}

/* Each gun gets what it wants while the rated power suffices; else no less than an even share, and
 * what one leaves goes to the other. */
static void flow_dc(struct sim_pile *pile)
{
	int64_t want[PILE_GUNS] = {0};
	int64_t total = 0;
	unsigned wanting = 0;

	for (unsigned g = 0; g < pile->gun_count; g++) {
		struct sim_gun *gun = &pile->guns[g];
		struct draw draw;

		if (!simgun_running(gun)) {
			continue;
		}
		int64_t ramp = gun->draw.power_w + RAMP_W;
		int64_t limit = offered(pile, gun);

		car_draw(&gun->car, &(struct offer){.w = limit < ramp ? limit : ramp}, &draw);
		want[g] = draw.power_w;
		total += want[g];
		wanting++;
	}
	int64_t left = pile->rated_w;
	int64_t share = wanting ? pile->rated_w / wanting : 0;
	for (unsigned g = 0; g < pile->gun_count; g++) {
		left -= want[g] < share ? want[g] : share;
	}
	for (unsigned g = 0; g < pile->gun_count; g++) {
		if (!simgun_running(&pile->guns[g])) {
			continue;
		}
		if (total > pile->rated_w && want[g] > share) {
			want[g] = want[g] < share + left ? want[g] : share + left;
		}
		flow(pile, g, &(struct offer){.w = want[g]});
	}
}

static void step(struct sim_pile *pile)
{
	if (pile->boot_until <= pile->at) {
		finish_boot(pile);
	}
	for (unsigned g = 0; g < pile->gun_count; g++) {
		struct sim_gun *gun = &pile->guns[g];

		if (gun->unplug_at <= pile->at) {
			simpile_unplug(pile, g);
		}
		if (gun->plug_at <= pile->at) {
			struct car car = gun->next_car;

			simpile_plug(pile, g, &car);
		}
		if (gun->state == PS_PLUGGED && gun->prepare_until <= pile->at) {
			begin_session(pile, g);
		}
	}
	if (pile->dc) {
		flow_dc(pile);
	} else {
		flow_ac(pile);
	}
}

int64_t simpile_next(const struct sim_pile *pile)
{
	int64_t next = pile->boot_until;

	for (unsigned g = 0; g < pile->gun_count; g++) {
		const struct sim_gun *gun = &pile->guns[g];

		if (simgun_running(gun)) {
			return pile->at;
		}
		next = gun->plug_at < next ? gun->plug_at : next;
		next = gun->unplug_at < next ? gun->unplug_at : next;
		next = gun->prepare_until < next ? gun->prepare_until : next;
	}
	return next < pile->at ? pile->at : next;
}

void simpile_advance(struct sim_pile *pile, int64_t second)
{
	while (pile->at < second) {
		int64_t next = simpile_next(pile);

		if (next >= second) {
			pile->at = second;
			return;
		}
		pile->at = next;
		step(pile);
		pile->at++;
	}
}
