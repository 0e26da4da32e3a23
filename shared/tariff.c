#include "tariff.h"

#include <string.h>

#include "money.h"

_Static_assert(sizeof(struct tariff) == TARIFF_ID + 3 * 8 + 2 * 4 + sizeof(struct zone_rules) +
						TARIFF_SETS * CLASS_COUNT_ * PERIOD_COUNT_ * 8 +
						TARIFF_WINDOWS * (2 + CLASS_COUNT_) * 4 +
						(TARIFF_HOLIDAYS + TARIFF_WORKDAYS + 4) * 4 + 12 +
						12 * DAY_KINDS + TARIFF_SCHEDULES * CAL_SLOTS,
	"struct tariff has padding");

static const struct period_info periods[PERIOD_COUNT_] = {
#define PERIOD(sym, token, glyph, label) {token, glyph, label},
#include "period.def"
#undef PERIOD
};

static const struct {
	const char *token, *label;
} classes[CLASS_COUNT_] = {
#define CLASS(sym, token, label) {token, label},
#include "class.def"
#undef CLASS
};

static const struct {
	const char *token, *label;
} states[TARIFF_STATE_COUNT_] = {
#define TARIFF_STATE(sym, token, label) {token, label},
#include "tariffstate.def"
#undef TARIFF_STATE
};

const struct period_info *period_info(unsigned period)
{
	return &periods[period < PERIOD_COUNT_ ? period : PERIOD_FLAT];
}

int period_find(const char *token, enum period *out)
{
	for (int i = 0; i < PERIOD_COUNT_; i++) {
		if (strcmp(periods[i].token, token) == 0) {
			*out = (enum period)i;
			return 0;
		}
	}
	return ERR_NOTFOUND;
}

static unsigned known_class(unsigned class)
{
	return class < CLASS_COUNT_ ? class : CLASS_ORDINARY;
}

const char *class_token(unsigned class)
{
	return classes[known_class(class)].token;
}

const char *class_label(unsigned class)
{
	return classes[known_class(class)].label;
}

int class_find(const char *token, enum account_class *out)
{
	for (int i = 0; i < CLASS_COUNT_; i++) {
		if (strcmp(classes[i].token, token) == 0) {
			*out = (enum account_class)i;
			return 0;
		}
	}
	return ERR_NOTFOUND;
}

const char *tariff_state_token(enum tariff_state state)
{
	return states[state].token;
}

const char *tariff_state_label(const char *token)
{
	for (int i = 0; i < TARIFF_STATE_COUNT_; i++) {
		if (strcmp(states[i].token, token) == 0) {
			return states[i].label;
		}
	}
	return token;
}

const char *day_kind_token(enum day_kind kind)
{
	static const char *const tokens[DAY_KINDS] = {"workday", "weekend", "holiday"};

	return tokens[(unsigned)kind < DAY_KINDS ? kind : DAY_WORKDAY];
}

static bool holds(const int32_t *days, uint32_t count, int64_t day)
{
	for (uint32_t i = 0; i < count; i++) {
		if (days[i] == day) {
			return true;
		}
	}
	return false;
}

enum day_kind tariff_day_kind(const struct tariff *t, int64_t day)
{
	if (holds(t->holiday, t->holidays, day)) {
		return DAY_HOLIDAY;
	}
	if (cal_weekday(day) >= 5 && !holds(t->workday, t->workdays, day)) {
		return DAY_WEEKEND;
	}
	return DAY_WORKDAY;
}

void tariff_at(const struct tariff *t, struct wall at, unsigned class, struct tariff_slot *out)
{
	struct cal_time local = cal_at(&t->zone, at);
	unsigned month = (unsigned)local.month - 1;
	const uint8_t *day = t->schedule[t->schedule_of[month][tariff_day_kind(t, local.day)]];

	cal_slot(&t->zone, at, &out->begin, &out->end);
	out->period = (enum period)day[local.second / S_PER_SLOT];
	out->price = t->price[t->set_of[month]][known_class(class)][out->period];
}

bool tariff_next_change(
	const struct tariff *t, struct wall at, unsigned class, int days, struct tariff_slot *next)
{
	struct tariff_slot now, slot;
	int64_t last = at.ms + days * S_PER_DAY * MS_PER_S;

	tariff_at(t, at, class, &now);
	for (slot = now; slot.end.ms <= last;) {
		tariff_at(t, slot.end, class, &slot);
		if (slot.period != now.period || slot.price.elec_e5 != now.price.elec_e5 ||
			slot.price.service_e5 != now.price.service_e5) {
			*next = slot;
			return true;
		}
	}
	return false;
}

int tariff_in_force(const struct tariff *const *versions, size_t count, struct wall at)
{
	int found = -1;

	for (size_t i = 0; i < count; i++) {
		if (versions[i]->from_ms <= at.ms) {
			found = (int)i;
		}
	}
	return found;
}

static bool good_days(const int32_t *days, uint32_t count, uint32_t room)
{
	for (uint32_t i = 0; i < count && count <= room; i++) {
		if (i > 0 && days[i] <= days[i - 1]) {
			return false;
		}
	}
	return count <= room;
}

static bool good_prices(const struct tariff *t)
{
	const struct price *p = &t->price[0][0][0];

	for (size_t i = 0; i < sizeof t->price / sizeof *p; i++) {
		if (p[i].elec_e5 < 0 || p[i].elec_e5 > PRICE_MAX_E5 || p[i].service_e5 < 0 ||
			p[i].service_e5 > PRICE_MAX_E5) {
			return false;
		}
	}
	return t->cap_fen >= 0 && t->cap_fen <= MONEY_MAX_FEN && t->no_show_fen >= 0 &&
	       t->no_show_fen <= MONEY_MAX_FEN;
}

static bool good_windows(const struct tariff *t)
{
	for (uint32_t i = 0; i < t->windows && t->windows <= TARIFF_WINDOWS; i++) {
		const struct parking_window *w = &t->window[i];

		if (w->from_min < 0 || w->from_min > 1440 || w->to_min < 0 || w->to_min > 1440) {
			return false;
		}
		for (int c = 0; c < CLASS_COUNT_; c++) {
			if (w->per_min_e5[c] < 0 || w->per_min_e5[c] > PRICE_MAX_E5) {
				return false;
			}
		}
	}
	return t->windows <= TARIFF_WINDOWS && t->free_min <= 1440;
}

static bool good_schedules(const struct tariff *t)
{
	for (int m = 0; m < 12; m++) {
		if (t->set_of[m] >= TARIFF_SETS) {
			return false;
		}
		for (int k = 0; k < DAY_KINDS; k++) {
			if (t->schedule_of[m][k] >= t->schedules) {
				return false;
			}
		}
	}
	for (uint32_t i = 0; i < t->schedules && t->schedules <= TARIFF_SCHEDULES; i++) {
		for (int s = 0; s < CAL_SLOTS; s++) {
			if (t->schedule[i][s] >= PERIOD_COUNT_) {
				return false;
			}
		}
	}
	return t->schedules <= TARIFF_SCHEDULES;
}

int tariff_valid(const struct tariff *t)
{
	if (t->id[0] == '\0' || memchr(t->id, '\0', sizeof t->id) == NULL || t->version == 0 ||
		!zone_rules_good(&t->zone) || !good_prices(t) || !good_windows(t) ||
		!good_schedules(t) || !good_days(t->holiday, t->holidays, TARIFF_HOLIDAYS) ||
		!good_days(t->workday, t->workdays, TARIFF_WORKDAYS)) {
		return ERR_CORRUPT;
	}
	return 0;
}
