/*
 * Registers of the piles: what registers.h says.
 */
#include <string.h>

#include "regs.h"
#include "sim_int.h"
#include "supply.h"
#include "timex.h"

#define EX_ADDRESS 2
#define EX_VALUE   3
#define EX_FAILURE 4

static void put_text(uint16_t *at, size_t registers, const char *text)
{
	size_t length = strlen(text);

	for (size_t i = 0; i < registers; i++) {
		unsigned hi = 2 * i < length ? (unsigned char)text[2 * i] : 0;
		unsigned lo = 2 * i + 1 < length ? (unsigned char)text[2 * i + 1] : 0;

		at[i] = (uint16_t)(hi << 8 | lo);
	}
}

static int64_t power_shown(const struct sim_pile *pile, unsigned g)
{
	int64_t w = pile->guns[g].draw.power_w;

	return measured(w, pile->seed, noise_id(N_POWER, pile->index, g), pile->at,
		w * NOISE_POWER_PM / 1000);
}

static int64_t temp_shown(const struct sim_pile *pile, unsigned g, unsigned probe)
{
	int64_t mc = simgun_temp_mc(&pile->guns[g], pile->at) + 700 * probe;

	return (mc + rng_noise(pile->seed, noise_id(N_TEMP, pile->index, g * 2 + probe),
			     (uint64_t)(pile->at / 60), NOISE_TEMP_MC)) /
	       100;
}

static int64_t session_s(const struct sim_pile *pile, const struct sim_gun *gun)
{
	return simgun_running(gun) ? pile->at - gun->session_from : gun->session_s;
}

static void fill_dc_gun(const struct sim_pile *pile, unsigned g, uint16_t *at)
{
	const struct sim_gun *gun = &pile->guns[g];
	int64_t mv = measured(
		gun->draw.mv, pile->seed, noise_id(N_VOLTAGE, pile->index, g), pile->at, NOISE_MV);
	int64_t ma = measured(gun->draw.ma, pile->seed, noise_id(N_CURRENT, pile->index, g),
		pile->at, NOISE_DC_MA);

	at[DCG_STATE] = (uint16_t)gun->state;
	at[DCG_PLUGGED] = gun->plugged;
	at[DCG_FAULT] = gun->fault;
	at[DCG_STOP_REASON] = (uint16_t)gun->stop_reason;
	reg_put32(at + DCG_POWER, power_shown(pile, g));
	at[DCG_VOLTAGE] = (uint16_t)(mv / 100);
	at[DCG_CURRENT] = (uint16_t)(ma / 100);
	at[DCG_SOC] = (uint16_t)(gun->plugged ? car_soc_pm(&gun->car) : REG_NONE);
	at[DCG_TEMP] = (uint16_t)temp_shown(pile, g, 0);
	reg_put32(at + DCG_ENERGY, simgun_register_wh(pile, g));
	reg_put32(at + DCG_SESSION_WH, gun->session_ws / 3600);
	reg_put32(at + DCG_SESSION_S, session_s(pile, gun));
	at[DCG_SESSION_NO] = gun->session_no;
	at[DCG_PLUG_NO] = gun->plug_no;
	reg_put32(at + DCG_LIMIT, gun->limit);
	at[DCG_TEMP2] = (uint16_t)temp_shown(pile, g, 1);
}

static int64_t clock_s(const struct sim *sim, const struct sim_pile *pile)
{
	return sim->start.ms / 1000 + pile->at + pile->clock_error_s;
}

static void fill_dc(const struct sim *sim, const struct sim_pile *pile, unsigned from, uint16_t *at)
{
	int64_t power = 0;
	char serial[32];

	switch (from) {
	case DC_LIVE:
		for (unsigned g = 0; g < pile->gun_count; g++) {
			power += pile->guns[g].draw.power_w;
			fill_dc_gun(pile, g, at + DC_GUN - DC_LIVE + g * DC_STRIDE);
		}
		reg_put32(at + DC_UPTIME - DC_LIVE, pile->at - pile->booted_at);
		reg_put32(at + DC_POWER - DC_LIVE, power);
		at[DC_FAULT - DC_LIVE] = pile->fault;
		at[DC_TEMP - DC_LIVE] =
			(uint16_t)(260 + power * 140 / pile->rated_w +
				   rng_noise(pile->seed, noise_id(N_TEMP, pile->index, 99),
					   (uint64_t)(pile->at / 60), NOISE_TEMP_MC / 100));
		break;
	case DC_SETTINGS:
		at[DC_WATCHDOG - DC_SETTINGS] = pile->watchdog_s;
		reg_put32(at + DC_FAILSAFE - DC_SETTINGS, pile->failsafe);
		reg_put32(at + DC_CLOCK - DC_SETTINGS, clock_s(sim, pile));
		break;
	case DC_READER:
		for (unsigned g = 0; g < pile->gun_count; g++) {
			const struct sim_gun *gun = &pile->guns[g];
			uint16_t *reader = at + g * DC_STRIDE;

			put_text(reader + DCR_CARD, 8, simgun_card(gun, pile->at));
			put_text(reader + DCR_VIN, 9, gun->plugged ? gun->car.vin : "");
		}
		break;
	default:
		snprintf(serial, sizeof serial, "DC120-%06u", 240100 + pile->index);
		put_text(at + DC_SERIAL, 8, serial);
		put_text(at + DC_MODEL, 8, "SIM-DC120");
		put_text(at + DC_FIRMWARE, 4, "V2.14.3");
		at[DC_GUNS] = pile->gun_count;
		reg_put32(at + DC_RATED, pile->rated_w);
		at[DC_MAX_A] = (uint16_t)(pile->guns[0].spec.max_ma / 1000);
	}
}

static void fill_ac_live(const struct sim_pile *pile, uint16_t *at)
{
	const struct sim_gun *gun = &pile->guns[0];

	at[AC_STATE] = (uint16_t)gun->state;
	at[AC_PLUGGED] = gun->plugged;
	at[AC_FAULT] = gun->fault;
	at[AC_STOP_REASON] = (uint16_t)gun->stop_reason;
	reg_put32(at + AC_POWER, power_shown(pile, 0));
	for (unsigned i = 0; i < 3; i++) {
		bool wired = i < gun->spec.phases;
		int64_t ma = i < gun->draw.phases ? gun->draw.ma : 0;
		int64_t mv = supply_mv(pile->seed, (gun->spec.first_phase + i) % 3, pile->at);

		mv = measured(gun->draw.ma ? mv : 0, pile->seed,
			noise_id(N_VOLTAGE, pile->index, i), pile->at, NOISE_MV);
		ma = measured(
			ma, pile->seed, noise_id(N_CURRENT, pile->index, i), pile->at, NOISE_AC_MA);
		at[AC_VOLTAGE + i] = wired ? (uint16_t)(mv / 100) : REG_NONE;
		at[AC_CURRENT + i] = wired ? (uint16_t)(ma / 10) : REG_NONE;
	}
	at[AC_TEMP] = (uint16_t)temp_shown(pile, 0, 0);
	reg_put32(at + AC_ENERGY, simgun_register_wh(pile, 0));
	reg_put32(at + AC_SESSION_WH, gun->session_ws / 3600);
	reg_put32(at + AC_SESSION_S, session_s(pile, gun));
	at[AC_SESSION_NO] = gun->session_no;
	at[AC_PLUG_NO] = gun->plug_no;
	at[AC_LIMIT] = (uint16_t)(gun->limit / 10);
	reg_put32(at + AC_UPTIME, pile->at - pile->booted_at);
	put_text(at + AC_CARD, 8, simgun_card(gun, pile->at));
}

static void fill_ac(const struct sim *sim, const struct sim_pile *pile, unsigned from, uint16_t *at)
{
	char serial[32];

	switch (from) {
	case 0:
		fill_ac_live(pile, at);
		break;
	case AC_COMMANDS:
		at[AC_WATCHDOG - AC_COMMANDS] = pile->watchdog_s;
		at[AC_FAILSAFE - AC_COMMANDS] = (uint16_t)(pile->failsafe / 10);
		reg_put32(at + AC_CLOCK - AC_COMMANDS, clock_s(sim, pile));
		break;
	default:
		snprintf(serial, sizeof serial, "AC7-%06u", 310500 + pile->index);
		put_text(at + AC_SERIAL - AC_IDENTITY, 8, serial);
		put_text(at + AC_MODEL - AC_IDENTITY, 8, "SIM-AC7");
		put_text(at + AC_FIRMWARE - AC_IDENTITY, 4, "1.9.0");
		at[AC_PHASES - AC_IDENTITY] = pile->guns[0].spec.phases;
		reg_put32(at + AC_RATED - AC_IDENTITY, pile->rated_w);
		at[AC_MAX_CA - AC_IDENTITY] = (uint16_t)(pile->guns[0].spec.max_ma / 10);
	}
}

static const struct block {
	uint16_t from, end;
} DC_BLOCKS[] = {{DC_LIVE, DC_LIVE_END}, {DC_SETTINGS, DC_SETTINGS_END}, {0, DC_IDENTITY_END},
	{DC_READER, DC_READER_END}},
  AC_BLOCKS[] = {{0, AC_LIVE_END}, {AC_COMMANDS, AC_COMMANDS_END}, {AC_IDENTITY, AC_IDENTITY_END}};

int map_pile_read(const struct sim *sim, const struct sim_pile *pile, uint16_t address,
	uint16_t count, uint16_t *values)
{
	const struct block *blocks = pile->dc ? DC_BLOCKS : AC_BLOCKS;
	size_t block_count = pile->dc ? sizeof DC_BLOCKS / sizeof *DC_BLOCKS
				      : sizeof AC_BLOCKS / sizeof *AC_BLOCKS;
	unsigned end = (unsigned)address + count;

	for (size_t i = 0; i < block_count; i++) {
		uint16_t image[DC_LIVE_END - DC_LIVE] = {0};

		if (address < blocks[i].from || end > blocks[i].end) {
			continue;
		}
		if (pile->dc) {
			fill_dc(sim, pile, blocks[i].from, image);
		} else {
			fill_ac(sim, pile, blocks[i].from, image);
		}
		memcpy(values, image + (address - blocks[i].from), count * sizeof *values);
		return 0;
	}
	return EX_ADDRESS;
}

/* What can be written. */
enum what { W_LIMIT, W_START, W_STOP, W_UNLOCK, W_REBOOT, W_WATCHDOG, W_FAILSAFE, W_CLOCK };

struct field {
	uint16_t address;
	uint8_t width; /* registers */
	enum what what;
};

static const struct field DC_GUN_FIELDS[] = {{DCG_LIMIT, 2, W_LIMIT}, {DCG_START, 1, W_START},
	{DCG_STOP, 1, W_STOP}, {DCG_UNLOCK, 1, W_UNLOCK}};
static const struct field DC_FIELDS[] = {{DC_WATCHDOG, 1, W_WATCHDOG}, {DC_FAILSAFE, 2, W_FAILSAFE},
	{DC_REBOOT, 1, W_REBOOT}, {DC_CLOCK, 2, W_CLOCK}};
static const struct field AC_FIELDS[] = {{AC_LIMIT, 1, W_LIMIT}, {AC_START, 1, W_START},
	{AC_STOP, 1, W_STOP}, {AC_UNLOCK, 1, W_UNLOCK}, {AC_REBOOT, 1, W_REBOOT},
	{AC_WATCHDOG, 1, W_WATCHDOG}, {AC_FAILSAFE, 1, W_FAILSAFE}, {AC_CLOCK, 2, W_CLOCK}};

static const struct field *find_field(const struct sim_pile *pile, uint16_t address, unsigned *gun)
{
	const struct field *fields = pile->dc ? DC_FIELDS : AC_FIELDS;
	size_t count = pile->dc ? sizeof DC_FIELDS / sizeof *DC_FIELDS
				: sizeof AC_FIELDS / sizeof *AC_FIELDS;

	*gun = 0;
	if (pile->dc && address >= DC_GUN && address < DC_GUN + DC_STRIDE * pile->gun_count) {
		fields = DC_GUN_FIELDS;
		count = sizeof DC_GUN_FIELDS / sizeof *DC_GUN_FIELDS;
		*gun = (address - DC_GUN) / DC_STRIDE;
		address = (uint16_t)((address - DC_GUN) % DC_STRIDE);
	}
	for (size_t i = 0; i < count; i++) {
		if (fields[i].address == address) {
			return &fields[i];
		}
	}
	return NULL;
}

static int64_t raw_of(const struct field *field, const uint16_t *values)
{
	return field->width == 2 ? (int64_t)values[0] << 16 | values[1] : values[0];
}

/* Is the value allowed? Returns 0 or an exception code. */
static int check(const struct sim_pile *pile, const struct field *field, unsigned g, int64_t raw)
{
	int64_t most = simpile_limit_max(pile, g) / (pile->dc ? 1 : 10);
	const struct sim_gun *gun = &pile->guns[g];

	switch (field->what) {
	case W_LIMIT:
	case W_FAILSAFE:
		return raw <= most ? 0 : EX_VALUE;
	case W_WATCHDOG:
		return raw <= 3600 ? 0 : EX_VALUE;
	case W_CLOCK:
		return 0;
	case W_START:
		if (raw == 1 && !simgun_running(gun) && gun->state != PS_PLUGGED &&
			gun->state != PS_FINISHED) {
			return EX_FAILURE;
		}
		return raw == 1 ? 0 : EX_VALUE;
	case W_UNLOCK:
		return raw != 1 ? EX_VALUE : (simgun_running(gun) ? EX_FAILURE : 0);
	case W_STOP:
	case W_REBOOT:
		break;
	}
	return raw == 1 ? 0 : EX_VALUE;
}

static void apply(
	struct sim *sim, struct sim_pile *pile, const struct field *field, unsigned g, int64_t raw)
{
	int64_t limit = pile->dc ? raw : (raw < 600 ? 0 : raw * 10);

	switch (field->what) {
	case W_LIMIT:
		pile->guns[g].limit = limit;
		break;
	case W_FAILSAFE:
		pile->failsafe = limit;
		break;
	case W_WATCHDOG:
		pile->watchdog_s = (uint16_t)raw;
		break;
	case W_CLOCK:
		pile->clock_error_s = 0;
		pile->clock_error_s = raw - clock_s(sim, pile);
		break;
	case W_START:
		simpile_start(pile, g);
		break;
	case W_STOP:
		simpile_stop(pile, g, STOP_REMOTE);
		break;
	case W_REBOOT:
		simpile_reboot(pile);
		break;
	case W_UNLOCK: /* the cable can be taken out of a socket; nothing else is seen of it */
		break;
	}
}

int map_pile_write(struct sim *sim, struct sim_pile *pile, uint16_t address, uint16_t count,
	const uint16_t *values)
{
	for (int pass = 0; pass < 2; pass++) {
		for (unsigned i = 0; i < count;) {
			unsigned gun;
			const struct field *field = find_field(pile, (uint16_t)(address + i), &gun);

			if (!field || i + field->width > count) {
				return EX_ADDRESS;
			}
			int64_t raw = raw_of(field, values + i);
			int exception = check(pile, field, gun, raw);

			if (pass == 0 && exception) {
				return exception;
			}
			if (pass == 1) {
				apply(sim, pile, field, gun, raw);
			}
			i += field->width;
		}
	}
	return 0;
}
