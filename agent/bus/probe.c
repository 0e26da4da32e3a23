#include "probe.h"

#include <stdlib.h>

#include "state.h"

struct last {
	enum quality quality;
	int64_t value;
	int64_t before; /* the reading before it; VALUE_NONE */
};

struct probe {
	const struct profile *profile;
	int guns;
	struct last (*point)[PT_COUNT_]; /* of the device, then of each gun */
};

int probe_new(const struct profile *profile, struct probe **out)
{
	struct probe *p = calloc(1, sizeof *p);

	*out = NULL;
	if (p == NULL) {
		return ERR_NOMEM;
	}
	p->profile = profile;
	p->guns = profile_info(profile)->guns;
	p->point = calloc((size_t)p->guns + 1, sizeof *p->point);
	if (p->point == NULL) {
		free(p);
		return ERR_NOMEM;
	}
	for (int gun = 0; gun <= p->guns; gun++) {
		for (int i = 0; i < PT_COUNT_; i++) {
			p->point[gun][i].before = VALUE_NONE;
		}
	}
	*out = p;
	return 0;
}

void probe_free(struct probe *probe)
{
	if (probe != NULL) {
		free(probe->point);
		free(probe);
	}
}

void probe_take(struct probe *probe, const struct decoded *values, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct last *last;

		if (values[i].gun > probe->guns || values[i].point >= PT_COUNT_) {
			continue;
		}
		last = &probe->point[values[i].gun][values[i].point];
		last->before = last->quality == Q_GOOD ? last->value : last->before;
		last->quality = values[i].quality;
		last->value = values[i].value;
	}
}

static bool within(int64_t value, int64_t low, int64_t high)
{
	return value >= low && value <= high;
}

static bool is_phase_voltage(uint16_t point)
{
	return point == PT_VOLTAGE_L1 || point == PT_VOLTAGE_L2 || point == PT_VOLTAGE_L3;
}

static const char *doubt_power(const struct profile_info *info, int64_t w)
{
	int64_t most = info->rated_w > info->max_w ? info->rated_w : info->max_w;

	if (info->kind == DEVICE_METER) {
		return within(w, -INT64_C(100000000), INT64_C(100000000))
			       ? NULL
			       : N_("more than 100 MW: word order or scale?");
	}
	if (most > 0 && w > most + most / 5) {
		return N_("more than the device can: word order or scale?");
	}
	return w < -1000 ? N_("negative: word order, or a sign that is none?") : NULL;
}

static const char *doubt_value(const struct profile_info *info, uint16_t point, int64_t v)
{
	bool meter = info->kind == DEVICE_METER;

	if (is_phase_voltage(point)) {
		return v == 0 || (meter && v > 1000000) || within(v, 180000, 260000)
			       ? NULL
			       : N_("a phase voltage is 180 to 260 V: scale, or the PT ratio?");
	}
	switch (point) {
	case PT_STATE:
		return v == GUN_UNKNOWN ? N_("the profile does not know this state") : NULL;
	case PT_VOLTAGE:
		return within(v, 0, 1100000) ? NULL
					     : N_("a charging voltage is 0 to 1100 V: scale?");
	case PT_CURRENT:
	case PT_CURRENT_L1:
	case PT_CURRENT_L2:
	case PT_CURRENT_L3:
		return within(v, meter ? -10000000 : -1000000, meter ? 10000000 : 1000000)
			       ? NULL
			       : N_("the current is too high: scale, or the CT ratio?");
	case PT_POWER:
	case PT_POWER_L1:
	case PT_POWER_L2:
	case PT_POWER_L3:
		return doubt_power(info, v);
	case PT_SOC:
		return within(v, 0, 1000) ? NULL : N_("a state of charge is 0 to 100 %");
	case PT_FREQUENCY:
		return within(v, 45000, 65000) ? NULL : N_("a frequency is 45 to 65 Hz: scale?");
	case PT_PF:
		return within(v, -1000, 1000) ? NULL : N_("a power factor is -1 to 1: scale?");
	case PT_TEMP:
	case PT_TEMP2:
	case PT_TEMP3:
	case PT_TEMP4:
		return within(v, -50000, 150000)
			       ? NULL
			       : N_("the temperature is impossible: scale, offset, or no probe?");
	case PT_ENERGY:
	case PT_EXPORT:
	case PT_SESSION_WH:
		return v >= 0 ? NULL : N_("an energy register is not negative: type?");
	case PT_CT_RATIO:
	case PT_PT_RATIO:
		return within(v, 1, 10000) ? NULL : N_("the ratio is not set in the meter");
	default:
		return NULL;
	}
}

const char *profile_doubt(const struct profile *profile, const struct decoded *value)
{
	switch (value->quality) {
	case Q_GOOD:
	case Q_SUBSTITUTE:
		return point_info((enum point)value->point)->unit == UNIT_TEXT
			       ? NULL
			       : doubt_value(profile_info(profile), value->point, value->value);
	case Q_INVALID:
		return N_("the device marks the value as invalid");
	case Q_IMPOSSIBLE:
		return N_("outside the range that the profile allows");
	case Q_UNSUPPORTED:
		return N_("the device refuses to give this point");
	default:
		return N_("never read");
	}
}

/* A value to reckon with. */
static bool good(const struct probe *probe, int gun, int point, int64_t *value)
{
	const struct last *last = &probe->point[gun][point];

	*value = last->value;
	return (last->quality == Q_GOOD || last->quality == Q_SUBSTITUTE) &&
	       within(last->value, -INT64_C(1000000000000), INT64_C(1000000000000));
}

/* |a - b| above `percent` of the greater, and above `slack`. */
static bool apart(int64_t a, int64_t b, int percent, int64_t slack)
{
	int64_t difference = a > b ? a - b : b - a;
	int64_t size = llabs(a) > llabs(b) ? llabs(a) : llabs(b);

	return difference > slack && difference > size / 100 * percent;
}

static const char *doubt_total(const struct probe *probe, int gun)
{
	int64_t total, l1, l2, l3;

	if (!good(probe, gun, PT_POWER, &total) || !good(probe, gun, PT_POWER_L1, &l1) ||
		!good(probe, gun, PT_POWER_L2, &l2) || !good(probe, gun, PT_POWER_L3, &l3)) {
		return NULL;
	}
	return apart(l1 + l2 + l3, total, 5, 500)
		       ? N_("the total is not the sum of its phases: word order or scale?")
		       : NULL;
}

/* Active power is at most voltage times current; at a DC gun it is just that. */
static const char *doubt_product(
	const struct probe *probe, int gun, int power, int voltage, int current, bool dc)
{
	int64_t w, mv, ma, va;

	if (!good(probe, gun, power, &w) || !good(probe, gun, voltage, &mv) ||
		!good(probe, gun, current, &ma) || llabs(mv) > INT64_C(100000000) ||
		llabs(ma) > INT64_C(100000000)) {
		return NULL;
	}
	va = llabs(mv) * llabs(ma) / 1000000;
	if (dc ? apart(w, va, 10, 1000) : llabs(w) > va + va / 10 + 200) {
		return N_("power does not fit voltage times current: scale or ratio?");
	}
	return NULL;
}

static const char *doubt_together(const struct probe *probe, int gun, enum point p)
{
	const struct last *last = &probe->point[gun][p];
	bool dc = profile_info(probe->profile)->kind == DEVICE_DC_PILE;

	switch (p) {
	case PT_POWER: {
		const char *doubt = doubt_total(probe, gun);

		return doubt != NULL || !dc
			       ? doubt
			       : doubt_product(probe, gun, PT_POWER, PT_VOLTAGE, PT_CURRENT, true);
	}
	case PT_POWER_L1:
		return doubt_product(probe, gun, p, PT_VOLTAGE_L1, PT_CURRENT_L1, false);
	case PT_POWER_L2:
		return doubt_product(probe, gun, p, PT_VOLTAGE_L2, PT_CURRENT_L2, false);
	case PT_POWER_L3:
		return doubt_product(probe, gun, p, PT_VOLTAGE_L3, PT_CURRENT_L3, false);
	case PT_ENERGY:
	case PT_EXPORT:
		return last->before != VALUE_NONE && last->value < last->before
			       ? N_("the energy register fell: word order, or not a register?")
			       : NULL;
	default:
		return NULL;
	}
}

const char *probe_doubt(const struct probe *probe, int gun, enum point p)
{
	const struct last *last;
	struct decoded value;
	const char *doubt;

	if (gun < 0 || gun > probe->guns || (unsigned)p >= PT_COUNT_) {
		return N_("never read");
	}
	last = &probe->point[gun][p];
	value = (struct decoded){.point = (uint16_t)p,
		.gun = (uint16_t)gun,
		.quality = last->quality,
		.value = last->value};
	doubt = profile_doubt(probe->profile, &value);
	return doubt != NULL ? doubt : doubt_together(probe, gun, p);
}
