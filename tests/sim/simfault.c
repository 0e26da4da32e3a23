#include <stdlib.h>
#include <string.h>

#include "sim_int.h"
#include "timex.h"

static const struct sim_fault_info KINDS[] = {
#define SIMFAULT(sym, name, target, arg, least, most, preset, help) \
	{name, target, arg, least, most, preset, help},
#include "simfault.def"
#undef SIMFAULT
};

const struct sim_fault_info *sim_fault_info(enum sim_fault_kind kind)
{
	return (unsigned)kind < SF_COUNT_ ? &KINDS[kind] : NULL;
}

static const char *target_word(char target)
{
	switch (target) {
	case 'P':
		return "PILE";
	case 'G':
		return "GUN";
	case 'M':
		return "METER";
	case 'B':
		return "BUS";
	default:
		return "DEVICE";
	}
}

void sim_fault_list(FILE *to)
{
	for (int i = 0; i < SF_COUNT_; i++) {
		char head[48];

		snprintf(head, sizeof head, "%s %s %s", KINDS[i].name, target_word(KINDS[i].target),
			KINDS[i].argument ? KINDS[i].argument : "");
		fprintf(to, "%-32s %s", head, KINDS[i].help);
		if (KINDS[i].argument) {
			fprintf(to, " (%lld..%lld, default %lld)", (long long)KINDS[i].least,
				(long long)KINDS[i].most, (long long)KINDS[i].preset);
		}
		fputc('\n', to);
	}
}

static int find_kind(const char *name)
{
	for (int i = 0; i < SF_COUNT_; i++) {
		if (strcmp(KINDS[i].name, name) == 0) {
			return i;
		}
	}
	return -1;
}

static int find_device(const struct sim *sim, const char *id, char target)
{
	for (size_t i = 0; i < sim->device_count; i++) {
		const struct sim_device *device = &sim->devices[i];

		if (strcmp(device->id, id) == 0 &&
			(target == 'D' || device->meter == (target == 'M'))) {
			return (int)i;
		}
	}
	return -1;
}

static int find_bus(const struct sim *sim, const char *id)
{
	for (int i = 0; i < sim->site.bus_count; i++) {
		if (strcmp(sim->site.buses[i].id, id) == 0) {
			return i;
		}
	}
	return -1;
}

static int find_target(
	const struct sim *sim, enum sim_fault_kind kind, const char *id, struct sim_fault *fault)
{
	unsigned pile, gun;
	int found;

	switch (KINDS[kind].target) {
	case 'B':
		found = find_bus(sim, id);
		break;
	case 'G':
		found = sim_find(sim, id, &pile, &gun) == 0 && gun != 0xffff ? (int)pile : -1;
		fault->gun = (uint16_t)(found < 0 ? 0 : gun);
		break;
	default:
		found = find_device(sim, id, KINDS[kind].target);
	}
	if (found < 0) {
		return ERR_NOTFOUND;
	}
	fault->target = (uint16_t)found;
	return 0;
}

static int freeze(struct sim *sim, struct sim_device *device)
{
	size_t size = device->meter ? sizeof *sim->meters : sizeof *sim->piles;

	if (device->frozen) {
		return 0;
	}
	device->frozen = malloc(size);
	if (!device->frozen) {
		return ERR_NOMEM;
	}
	if (device->meter) {
		sim_meter_bring(sim, &sim->meters[device->index]);
		memcpy(device->frozen, &sim->meters[device->index], size);
	} else {
		sim_bring(sim, device->index);
		memcpy(device->frozen, &sim->piles[device->index], size);
	}
	return 0;
}

/* What happens at once. Returns 1 where nothing lasts, 0 where the fault stays, or ERR_*. */
static int strike(struct sim *sim, const struct sim_fault *fault, int64_t arg)
{
	struct sim_pile *pile;
	struct sim_gun *gun;
	int64_t wrap;

	if (KINDS[fault->kind].target == 'B') {
		return 0;
	}
	if (fault->kind == SF_FROZEN) {
		return freeze(sim, &sim->devices[fault->target]);
	}
	if (sim->devices[fault->target].meter) {
		if (fault->kind == SF_OTHER_LOAD) {
			sim_other_load(sim, arg);
		}
		return 0;
	}
	sim_bring(sim, fault->target);
	pile = &sim->piles[fault->target];
	gun = &pile->guns[fault->gun];
	switch (fault->kind) {
	case SF_WRAP:
		wrap = pile->dc ? DC_ENERGY_WRAP_WH : AC_ENERGY_WRAP_WH;
		gun->register_wh += wrap - arg - simgun_register_wh(pile, fault->gun);
		return 1;
	case SF_RESET:
		gun->register_wh -= simgun_register_wh(pile, fault->gun);
		return 1;
	case SF_JUMP:
		gun->register_wh += arg;
		return 1;
	case SF_REBOOT:
		simpile_reboot(pile);
		return 1;
	case SF_GUN:
		simpile_gun_fault(pile, fault->gun, (uint16_t)arg);
		return 0;
	case SF_PILE:
		pile->fault = (uint16_t)arg;
		for (unsigned g = 0; g < pile->gun_count; g++) {
			simpile_gun_fault(pile, g, (uint16_t)arg);
		}
		return 0;
	case SF_DEAF:
		gun->held = gun->deaf ? gun->held : gun->limit;
		gun->deaf = true;
		return 0;
	case SF_CAR_PAUSE:
		gun->car_pause = true;
		return 0;
	case SF_SLOW_CAR:
		gun->slow_s = (uint8_t)arg;
		return 0;
	case SF_RESERVED:
		simpile_reserve(pile, fault->gun, true);
		return 0;
	case SF_CLOCK:
		pile->clock_error_s = arg;
		return 0;
	default:
		return 0;
	}
}

static void heal(struct sim *sim, const struct sim_fault *fault)
{
	struct sim_device *device = &sim->devices[fault->target];
	struct sim_pile *pile;
	struct sim_gun *gun;

	if (KINDS[fault->kind].target == 'B') {
		sim->bus_faults[fault->target] &= ~(UINT32_C(1) << fault->kind);
		return;
	}
	device->faults &= ~(UINT32_C(1) << fault->kind);
	if (fault->kind == SF_FROZEN) {
		free(device->frozen);
		device->frozen = NULL;
	}
	if (device->meter) {
		if (fault->kind == SF_OTHER_LOAD) {
			sim_other_load(sim, 0);
		}
		return;
	}
	sim_bring(sim, device->index);
	pile = &sim->piles[device->index];
	gun = &pile->guns[fault->gun];
	if (fault->kind == SF_GUN) {
		simpile_gun_fault(pile, fault->gun, 0);
	} else if (fault->kind == SF_PILE) {
		pile->fault = 0;
		for (unsigned g = 0; g < pile->gun_count; g++) {
			simpile_gun_fault(pile, g, 0);
		}
	} else if (fault->kind == SF_DEAF) {
		gun->deaf = false;
	} else if (fault->kind == SF_CAR_PAUSE) {
		gun->car_pause = false;
	} else if (fault->kind == SF_SLOW_CAR) {
		gun->slow_s = 0;
	} else if (fault->kind == SF_RESERVED) {
		simpile_reserve(pile, fault->gun, false);
	} else if (fault->kind == SF_CLOCK) {
		pile->clock_error_s = 0;
	}
}

static void drop(struct sim *sim, size_t i)
{
	struct sim_fault fault = sim->faults[i];

	sim->faults[i] = sim->faults[--sim->fault_count];
	heal(sim, &fault);
	sim->fault_next = SIM_NEVER;
	for (i = 0; i < sim->fault_count; i++) {
		if (sim->faults[i].until_s < sim->fault_next) {
			sim->fault_next = sim->faults[i].until_s;
		}
	}
}

static void keep(struct sim *sim, const struct sim_fault *fault, int64_t arg)
{
	uint32_t bit = UINT32_C(1) << fault->kind;

	sim->faults[sim->fault_count++] = *fault;
	if (fault->until_s < sim->fault_next) {
		sim->fault_next = fault->until_s;
	}
	if (KINDS[fault->kind].target == 'B') {
		sim->bus_faults[fault->target] |= bit;
	} else {
		sim->devices[fault->target].faults |= bit;
		sim->devices[fault->target].args[fault->kind] = arg;
	}
}

int sim_fault(struct sim *sim, const char *kind, const char *target, int64_t arg, int64_t for_s,
	char *why, size_t size)
{
	int64_t second = sim->now_us / US_PER_S;
	struct sim_fault fault = {.until_s = for_s > 0 ? second + for_s : SIM_NEVER};
	int found = find_kind(kind);
	int err;

	if (found < 0) {
		snprintf(why, size, "no kind of fault \"%s\"; pilesim fault --list shows them",
			kind);
		return ERR_NOTFOUND;
	}
	fault.kind = (enum sim_fault_kind)found;
	if (arg == VALUE_NONE) {
		arg = KINDS[found].preset;
	} else if (!KINDS[found].argument || arg < KINDS[found].least || arg > KINDS[found].most) {
		snprintf(why, size, "%s: %s is %lld..%lld", kind,
			KINDS[found].argument ? KINDS[found].argument : "the argument",
			(long long)KINDS[found].least, (long long)KINDS[found].most);
		return ERR_RANGE;
	}
	if (find_target(sim, fault.kind, target, &fault) < 0) {
		snprintf(why, size, "%s: no %s \"%s\"", kind, target_word(KINDS[found].target),
			target);
		return ERR_NOTFOUND;
	}
	for (size_t i = 0; i < sim->fault_count; i++) {
		if (sim->faults[i].kind == fault.kind && sim->faults[i].target == fault.target &&
			sim->faults[i].gun == fault.gun) {
			drop(sim, i);
			break;
		}
	}
	if (sim->fault_count == SIM_FAULTS_MAX) {
		snprintf(why, size, "%d faults are active; clear some", SIM_FAULTS_MAX);
		return ERR_FULL;
	}
	if (fault.kind == SF_DISCONNECT && for_s <= 0) {
		fault.until_s = second + 1;
	}
	err = strike(sim, &fault, arg);
	if (err < 0) {
		snprintf(why, size, "%s: %s", kind, err_text(err));
		return err;
	}
	if (err == 0) {
		keep(sim, &fault, arg);
	}
	return 0;
}

static bool concerns(const struct sim *sim, const struct sim_fault *fault, const char *target)
{
	const char *id = KINDS[fault->kind].target == 'B' ? sim->site.buses[fault->target].id
							  : sim->devices[fault->target].id;

	if (KINDS[fault->kind].target == 'G' &&
		strcmp(sim->piles[fault->target].guns[fault->gun].spec.id, target) == 0) {
		return true;
	}
	return strcmp(id, target) == 0;
}

int sim_clear(struct sim *sim, const char *target)
{
	int count = 0;

	for (size_t i = sim->fault_count; i-- > 0;) {
		if (!target || concerns(sim, &sim->faults[i], target)) {
			drop(sim, i);
			count++;
		}
	}
	return count;
}

void sim_faults_expire(struct sim *sim, int64_t second)
{
	if (second < sim->fault_next) {
		return;
	}
	for (size_t i = sim->fault_count; i-- > 0;) {
		if (sim->faults[i].until_s <= second) {
			drop(sim, i);
		}
	}
}

bool sim_bus_gone(const struct sim *sim, unsigned bus)
{
	const uint32_t away = UINT32_C(1) << SF_DISCONNECT | UINT32_C(1) << SF_GONE;

	return sim->bus_faults[bus] & away;
}
